package ranking

import (
	"slices"

	"frontdesk/knowledge/words"
)

// phrases finds the phrases of the file in a question by their stems, so that
// inflections, synonyms and repaired misspellings count.
type phrases struct {
	next    map[uint64]int32 // node and stem to node
	ends    [][]int32        // by node: phrases that end there
	all     []Phrase
	stems   map[string]int32 // that phrases have
	byModel []int32          // by stem of the model: its number here, or -1
}

func newPhrases() *phrases {
	return &phrases{next: map[uint64]int32{}, ends: make([][]int32, 1), stems: map[string]int32{}}
}

// ready is called once all phrases are added.
func (p *phrases) ready(m *model) {
	p.byModel = make([]int32, len(m.stems))
	for s, id := range m.stems {
		p.byModel[id] = -1
		if n, ok := p.stems[s]; ok {
			p.byModel[id] = n
		}
	}
}

// stem is the number of the stem of a word of a question, if a phrase has it.
func (p *phrases) stem(m *model, r *reading, word int) (int32, bool) {
	if s := r.clues[word].stem; s >= 0 {
		n := p.byModel[s]
		return n, n >= 0
	}
	n, ok := p.stems[m.canonical(r.scope.sees, r.words[word].Text)]
	return n, ok
}

// add makes ph, whose readers see these layers, one of the phrases.
func (p *phrases) add(m *model, ph Phrase, sees []bool) {
	parts := words.Split(ph.Text)
	if len(parts) == 0 {
		return
	}
	ph.proper = len(parts) > 1 || parts[0].Capital
	if len(parts) == 1 && parts[0].Upper {
		ph.upper = words.Frequency(parts[0].Text) >= words.Ordinary
	}
	node := int32(0)
	for _, w := range parts {
		key := pairKey(node, number(p.stems, m.canonical(sees, w.Text)))
		to, ok := p.next[key]
		if !ok {
			to = int32(len(p.ends))
			p.ends = append(p.ends, nil)
			p.next[key] = to
		}
		node = to
	}
	p.ends[node] = append(p.ends[node], int32(len(p.all)))
	p.all = append(p.all, ph)
}

// mention is a phrase found in a question: its words from start to before end.
type mention struct {
	*Phrase
	start, end int
}

// find appends every mention in the question to found.
func (p *phrases) find(m *model, r *reading, found []mention) []mention {
	quiet := func(w words.Word) bool { return !w.Upper && len(w.Text) > 1 }
	shouting := len(r.words) > 2 && !slices.ContainsFunc(r.words, quiet)
	for i := range r.clues {
		node := int32(0)
		for j := i; j < len(r.clues); j++ {
			id, ok := p.stem(m, r, j)
			if !ok {
				break
			}
			to, ok := p.next[pairKey(node, id)]
			if !ok {
				break
			}
			node = to
			for _, id := range p.ends[node] {
				if ph := &p.all[id]; r.scope.sees[ph.Layer] && (!ph.upper || r.words[i].Upper && !shouting) {
					found = append(found, mention{ph, i, j + 1})
				}
			}
		}
	}
	return found
}

// naming is added to the score of a division that is named; only a little,
// since the name may stand beside the subject.
const naming = 0.4

// names finds the mentions in a question and which divisions it names. A name
// that only says where to look, as in "who at HQ deals with staffing", is set
// aside, together with its words; so is the organization's.
func (ix *Index) names(r *reading) {
	r.mentions = ix.phrases.find(ix.model, r, r.mentions[:0])
	r.named, r.proper = r.named[:0], false
	for _, mn := range r.mentions {
		switch {
		case mn.Kind > ProgramName && mn.Kind != OwnerName || slices.Contains(r.named, mn.Division) ||
			mn.Kind != OwnerName && foreign(r, mn):
		case mn.Kind == DivisionName && r.place(mn), mn.Kind == OwnerName && r.subject(mn):
			for i := mn.start; i < mn.end; i++ {
				r.clues[i].aside = true
			}
		case mn.Kind == OwnerName:
		default:
			r.named = append(r.named, mn.Division)
			r.proper = r.proper || mn.proper
		}
	}
	r.recount()
	r.facet, r.only = facetOf(r)
}

// recount lets a word that was set aside count where it stands again.
func (r *reading) recount() {
	for i, c := range r.clues {
		if !c.repeated {
			continue
		}
		r.clues[i].repeated = false
		for j := range i {
			if !r.clues[j].aside && r.words[j].Text == r.words[i].Text {
				r.clues[i].repeated = true
				break
			}
		}
	}
}

// covered reports whether a word is part of a name.
func (r *reading) covered(word int) bool {
	for _, mn := range r.mentions {
		if mn.start <= word && word < mn.end && (mn.Kind == OwnerName ||
			mn.Kind <= ProgramName && slices.Contains(r.named, mn.Division)) {
			return true
		}
	}
	return false
}

// place reports whether a name only says where to look: it follows a word of
// place or goes before "division", and the question has another subject.
func (r *reading) place(mn mention) bool {
	before := mn.start > 0 && places[r.words[mn.start-1].Text]
	after := mn.end < len(r.words) && mn.end-mn.start == 1 && mn.start > 0 && r.words[mn.start-1].Text == "which" &&
		r.clues[mn.end].asks&words.AsksDivision != 0
	return (before || after) && r.subject(mn)
}

// subject reports whether the question has a subject beside a mention.
func (r *reading) subject(mn mention) bool {
	rest := float32(0)
	for i, c := range r.clues {
		if (i < mn.start || i >= mn.end) && c.asks == 0 {
			rest += c.tells
		}
	}
	return rest >= aSubject
}

// places are the words before a name that make it a place.
var places = map[string]bool{"at": true}

// aSubject is how much the words beside a name must tell to be the subject of
// the question.
const aSubject = 0.5

// unusual is how much a word beside a name must tell to make the name another
// one. "inside" and "good" do not reach it, "council" and "Samsung" do.
const unusual = 0.55

// foreign reports whether a name stands inside a longer name that is not the
// file's: "National Security Council", "Samsung headquarters".
func foreign(r *reading, mn mention) bool {
	outside := func(i int) bool {
		if i < 0 || i >= len(r.words) || r.clues[i].tells < unusual || r.clues[i].asks != 0 {
			return false
		}
		for _, other := range r.mentions {
			if other.start <= i && i < other.end &&
				(other.Kind == OwnerName || other.Kind != DangerSign && other.Division == mn.Division) {
				return false
			}
		}
		return r.clues[i].of(mn.Division) == 0
	}
	return mn.end < len(r.words) && r.words[mn.end].Joined && outside(mn.end) ||
		r.words[mn.start].Joined && outside(mn.start-1)
}
