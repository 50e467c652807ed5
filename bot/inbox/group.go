package inbox

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"maps"
	"math"
	"runtime"
	"slices"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge"
	"frontdesk/knowledge/parallel"
)

const (
	// alike is from when on two subjects are in one group: twice the weight of the stems that
	// both have, divided by the weight of all (the coefficient of Dice and Sørensen). The
	// weight of a stem falls with how many subjects have it.
	alike = 0.4
	// mostWordings is how many wordings of a group are kept: enough examples for the matcher.
	mostWordings = 20
	// mostCompared is with how many groups a subject is compared for each of its stems.
	mostCompared = 50
)

// Group is several gaps that are about the same.
type Group struct {
	ID      string         `json:"id"`      // of eight hexadecimal digits; any of its subjects gives it
	Words   []string       `json:"words"`   // the wordings, the most frequent first; at most 20
	People  int            `json:"people"`  // how many different people asked
	Times   int            `json:"times"`   // how many times
	Reasons map[string]int `json:"reasons"` // how many times for each reason
	Last    time.Time      `json:"last"`
	// Divisions are the ids of the divisions, the most likely first. Likely is how many of
	// them the matcher or a person who asked has named.
	Divisions []string `json:"divisions"`
	Likely    int      `json:"likely"`

	subjects []string
}

// Title is the wording that stands for the group.
func (g Group) Title() string { return g.Words[0] }

// topic is all gaps with the same subject.
type topic struct {
	key      string
	stems    []string
	wordings map[string]int // by text
	askers   map[string]bool
	times    int
	reasons  [reasons]int
	last     time.Time
	answered string         // the division that answered last
	chosen   map[string]int // by division

	ranked  []string // the divisions that it may be about, the most likely first
	certain int      // how many of them are likely
}

// Groups groups gaps by what they are about, the group that most people asked about first.
// It leaves out groups of fewer people, ignored subjects, and what the base answers now.
func Groups(ctx context.Context, gaps []Gap, base *knowledge.Base, people int, ignored map[string]bool) []Group {
	desk := &bot.Desk{Base: func(bot.Audience) *knowledge.Base { return base }}
	topics := topicsOf(gaps, ignored)
	workers := runtime.GOMAXPROCS(0)
	parallel.Ranges(workers, len(topics), func(from, to int) {
		for _, t := range topics[from:to] {
			t.rank(base)
		}
	})
	gathered := gather(topics)
	groups := make([]Group, len(gathered))
	parallel.Ranges(workers, len(gathered), func(from, to int) {
		for i, members := range gathered[from:to] {
			if countAskers(members) < people { // what is solved would be left out of it, and is slow to find
				continue
			}
			members = slices.DeleteFunc(members, func(t *topic) bool { return t.solved(ctx, desk) })
			if len(members) > 0 && countAskers(members) >= people {
				groups[from+i] = groupOf(members, base)
			}
		}
	})
	groups = slices.DeleteFunc(groups, func(g Group) bool { return g.ID == "" })
	slices.SortStableFunc(groups, func(a, b Group) int {
		return cmp.Or(cmp.Compare(b.People, a.People), cmp.Compare(b.Times, a.Times), b.Last.Compare(a.Last),
			cmp.Compare(a.ID, b.ID))
	})
	return groups
}

// topicsOf sorts gaps by their subjects, those that most people asked about first.
func topicsOf(gaps []Gap, ignored map[string]bool) []*topic {
	byWords, byKey := map[string]*topic{}, map[string]*topic{}
	for i := range gaps {
		g := &gaps[i]
		t, known := byWords[g.Words]
		if !known { // many ask in the same words
			key, stems := subject(g.Words)
			if t = byKey[key]; t == nil && key != "" && !ignored[idOf(key)] {
				t = &topic{key: key, stems: stems, wordings: map[string]int{}, askers: map[string]bool{}}
				byKey[key] = t
			}
			byWords[g.Words] = t
		}
		if t != nil {
			t.add(g)
		}
	}
	topics := slices.Collect(maps.Values(byKey))
	topics = slices.DeleteFunc(topics, func(t *topic) bool { return t.times == 0 }) // only choices
	slices.SortFunc(topics, func(a, b *topic) int {
		return cmp.Or(cmp.Compare(len(b.askers), len(a.askers)), cmp.Compare(b.times, a.times), cmp.Compare(a.key, b.key))
	})
	return topics
}

func (t *topic) add(g *Gap) {
	if g.Reason == Chosen {
		if t.chosen == nil {
			t.chosen = map[string]int{}
		}
		t.chosen[g.Division]++
		return
	}
	t.wordings[g.Words]++
	t.askers[g.Asker] = true
	t.times++
	t.reasons[g.Reason]++
	if !g.Time.Before(t.last) {
		t.last, t.answered = g.Time, g.Division
	}
}

// wording is the text of a topic that was used most.
func (t *topic) wording() string { return byCount(t.wordings)[0] }

// byCount sorts the keys of counts, the highest count first.
func byCount(counts map[string]int) []string {
	return slices.SortedFunc(maps.Keys(counts), func(a, b string) int {
		return cmp.Or(cmp.Compare(counts[b], counts[a]), cmp.Compare(len(a), len(b)), cmp.Compare(a, b))
	})
}

// solved reports whether the desk says now what was missing: it answers, from another
// division if the first one did not help, or says where to go instead.
func (t *topic) solved(ctx context.Context, desk *bot.Desk) bool {
	a := desk.Answer(ctx, bot.Question{Text: t.wording()})
	switch {
	case a.Welcome, a.Outcome == bot.Declined && a.Title != "":
		return true
	case a.Outcome != bot.Answered:
		return false
	}
	return t.reasons[VotedDown]+t.reasons[AskedAgain] == 0 || a.Division != t.answered
}

// rank finds the divisions that a topic may be about: those that people chose, and those that
// the matcher finds.
func (t *topic) rank(base *knowledge.Base) {
	t.ranked = byCount(t.chosen)
	t.certain = len(t.ranked)
	m := base.Match(t.wording())
	for _, c := range m.Candidates {
		if id := base.Entries()[c.Division].ID.Text; !slices.Contains(t.ranked, id) {
			t.ranked = append(t.ranked, id)
		}
	}
	switch m.Verdict {
	case knowledge.Sure:
		t.certain = max(t.certain, 1)
	case knowledge.Possible:
		t.certain = len(t.ranked)
	}
}

// gather puts topics that are about the same, and likely about the same division, together.
// Each goes to the group whose first topic has most in common with it.
func gather(topics []*topic) [][]*topic {
	having := map[string]int{} // how many topics have a stem
	for _, t := range topics {
		for _, s := range t.stems {
			having[s]++
		}
	}
	weight := func(stem string) float64 { return math.Log(1 + float64(len(topics))/float64(having[stem])) }
	total := func(t *topic) (sum float64) {
		for _, s := range t.stems {
			sum += weight(s)
		}
		return sum
	}
	var groups [][]*topic
	led := map[string][]int{} // by stem: the groups whose first topic has it
	for _, t := range topics {
		own, common := total(t), map[int]float64{}
		for _, s := range t.stems {
			for _, g := range led[s] {
				common[g] += weight(s)
			}
		}
		best, most := -1, alike
		for _, g := range slices.Sorted(maps.Keys(common)) {
			first := groups[g][0]
			if share := 2 * common[g] / (own + total(first)); share >= most && agree(t.ranked, first.ranked) {
				best, most = g, share
			}
		}
		if best >= 0 {
			groups[best] = append(groups[best], t)
			continue
		}
		groups = append(groups, []*topic{t})
		for _, s := range t.stems {
			if len(led[s]) < mostCompared {
				led[s] = append(led[s], len(groups)-1)
			}
		}
	}
	return groups
}

// agree reports whether two topics are likely about the same division.
func agree(a, b []string) bool { return len(a) == 0 || len(b) == 0 || a[0] == b[0] }

func countAskers(members []*topic) int {
	if len(members) == 1 {
		return len(members[0].askers)
	}
	all := map[string]bool{}
	for _, t := range members {
		maps.Copy(all, t.askers)
	}
	return len(all)
}

// groupOf is the group of topics that are about the same, the first one first.
func groupOf(members []*topic, base *knowledge.Base) Group {
	g := Group{ID: idOf(members[0].key), People: countAskers(members), Reasons: map[string]int{}}
	wordings, divisions, likely := map[string]int{}, map[string]int{}, map[string]bool{}
	for _, t := range members {
		g.Times += t.times
		g.subjects = append(g.subjects, idOf(t.key))
		if t.last.After(g.Last) {
			g.Last = t.last
		}
		for r, n := range t.reasons {
			if n > 0 {
				g.Reasons[Reason(r).String()] += n
			}
		}
		for w, n := range t.wordings {
			wordings[w] += n
		}
		for rank, id := range t.ranked {
			divisions[id] += t.times * (mostLikely - min(rank, mostLikely-1))
			if rank < t.certain {
				divisions[id] += certainly * t.times
				likely[id] = true
			}
		}
	}
	g.Words = byCount(wordings)
	g.Words = g.Words[:min(len(g.Words), mostWordings)]
	g.Divisions = byCount(divisions)
	g.Likely = len(likely)
	for _, e := range base.Entries() {
		if !slices.Contains(g.Divisions, e.ID.Text) {
			g.Divisions = append(g.Divisions, e.ID.Text)
		}
	}
	return g
}

const (
	// mostLikely is what the first division of a question counts, of which the matcher names at
	// most three.
	mostLikely = 4
	// certainly is what one counts in addition that is likely: more than all that are not.
	certainly = 1000
)

// idOf is a short name of a subject. Among a thousand subjects two have the same one with a
// probability of one in ten thousand; then both are shown or ignored together.
func idOf(key string) string {
	sum := sha256.Sum256([]byte(key))
	return hex.EncodeToString(sum[:4])
}

// Find returns the group with a subject of this id.
func Find(groups []Group, id string) (Group, bool) {
	for _, g := range groups {
		if g.ID == id || slices.Contains(g.subjects, id) {
			return g, true
		}
	}
	return Group{}, false
}
