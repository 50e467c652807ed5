package knowledge

import (
	"cmp"
	"fmt"
	"iter"
	"slices"
	"strings"
	"unicode"

	"frontdesk/knowledge/parallel"
	"frontdesk/knowledge/words"
)

// Suggestion is a change of a knowledge file that would help, with the reason.
type Suggestion struct {
	Change Change `json:"change"`
	Why    string `json:"why"`
	// Choose are the ids of the divisions of which somebody has to choose one. The change is
	// for the first one.
	Choose []string `json:"choose,omitempty"`
}

const (
	// kindred is the cosine from which a word is suggested that means about the same as one of
	// a division, and ownBy how much nearer it must be than to any word of another division.
	kindred = 0.6
	ownBy   = 0.1
	// aimed is how near it must be to all that the division is about: "purple" is near to the
	// green of a park, but not to the rest of what is said of it.
	aimed = 0.35
	// mostKindred is how many such words are suggested for a division: a list that somebody
	// reads.
	mostKindred = 5
	// saidOften is the frequency, on the Zipf scale, from which people use a word: once in a
	// million words.
	saidOften = 3.0
	// tooOften is the frequency from which a word says little, such as "good".
	tooOften = 5.3
	// mostOwn is how many words of a division are compared, those that say most.
	mostOwn = 400
	// mostShared is how many words are listed that several divisions have.
	mostShared = 10
)

// Suggest lists what would help the matcher with the division with this id, or with every one
// if it is "": words that mean about the same as a division's own and that no other division
// claims, spellings that are not found, and words that several divisions have and none is
// found by.
func (b *Base) Suggest(id string) []Suggestion {
	v := b.vocabulary()
	var all []Suggestion
	for i := range b.entries {
		if e := &b.entries[i]; id == "" || e.ID.Text == id {
			all = append(all, b.spellings(i)...)
			all = append(all, b.related(v, i)...)
		}
	}
	return append(all, b.undecided(v, id)...)
}

// vocabulary is which words each division has.
type vocabulary struct {
	of    []map[string]ownWord // by division, by word
	stems map[string][]int     // the divisions that have a stem, in order
}

// ownWord is a word of a division.
type ownWord struct {
	item  int // the responsibility or program that has it first, or -1
	times int
}

func (b *Base) vocabulary() *vocabulary {
	v := &vocabulary{stems: map[string][]int{}}
	for i := range b.entries {
		d := b.entries[i].Division
		own := map[string]ownWord{}
		add := func(item int, lines ...Line) {
			for _, l := range lines {
				for _, w := range words.Split(l.Text) {
					if !subjectWord(w.Text) {
						continue
					}
					o, ok := own[w.Text]
					if !ok || o.item < 0 {
						o.item = item
					}
					o.times++
					own[w.Text] = o
				}
			}
		}
		for n, h := range d.Handles {
			add(n, h.Topic, h.Text)
			add(n, h.Keywords...)
			add(n, h.Questions...)
		}
		for n, p := range d.Programs {
			add(len(d.Handles)+n, p.Name, p.Text)
			add(len(d.Handles)+n, p.Keywords...)
			add(len(d.Handles)+n, p.Questions...)
		}
		add(-1, d.Name, d.Summary)
		add(-1, d.Aliases...)
		add(-1, d.Questions...)
		v.of = append(v.of, own)
		for w := range own {
			s := words.Stem(w)
			if has := v.stems[s]; len(has) == 0 || has[len(has)-1] != i {
				v.stems[s] = append(has, i)
			}
		}
	}
	return v
}

// subjectWord reports whether a word says what a text is about.
func subjectWord(w string) bool {
	return len(w) > 2 && words.AskedBy(w)&asksOnly == 0 && strings.IndexFunc(w, unicode.IsDigit) < 0 &&
		words.Frequency(w) < tooOften
}

// aims are the directions of whole divisions: the sums of those of their words, each of which
// counts what it says.
func aims(all [][]direction) []words.Vector {
	sums := make([]words.Vector, len(all))
	for i, own := range all {
		for n := range own {
			sums[i].Add(&own[n].vector, words.PhraseWeight(own[n].word))
		}
		sums[i].Unit()
	}
	return sums
}

// direction is a word and the direction of its vector.
type direction struct {
	word   string
	item   int
	vector words.Vector
}

// directions are those of the words of a division, those that only it has and that it has
// most first.
func (v *vocabulary) directions(division int) (all []direction) {
	own := v.of[division]
	for w, o := range own {
		row := words.VectorOf(w)
		if row == words.NoVector || len(v.stems[words.Stem(w)]) > 1 {
			continue
		}
		d := direction{word: w, item: o.item}
		d.vector.AddRow(row, 1)
		if d.vector.Unit() {
			all = append(all, d)
		}
	}
	slices.SortFunc(all, func(a, b direction) int {
		return cmp.Or(cmp.Compare(own[b.word].times, own[a.word].times), cmp.Compare(a.word, b.word))
	})
	return all[:min(len(all), mostOwn)]
}

// like is a word that a division lacks and one that it has, which mean about the same.
type like struct {
	word   string
	own    *direction
	cosine float32 // of the two words
	aim    float32 // of the word and all that the division is about
}

// related suggests words that mean about the same as a division's own.
func (b *Base) related(v *vocabulary, division int) []Suggestion {
	var all [][]direction
	for i := range b.entries {
		all = append(all, v.directions(i))
	}
	sums, table := aims(all), words.VectorWords()
	found := make([]like, len(table))
	parallel.Ranges(Fast.workers(), len(table), func(from, to int) {
		for row := from; row < to; row++ {
			found[row] = b.nearest(v, all, sums, division, int32(row), table[row])
		}
	})
	handles := len(b.entries[division].Handles)
	found = slices.DeleteFunc(found, func(l like) bool { // or it would need a responsibility of its own beside others
		return l.own == nil || l.own.item < 0 && handles > 1
	})
	slices.SortFunc(found, func(a, b like) int {
		return cmp.Or(cmp.Compare(b.cosine+b.aim, a.cosine+a.aim), cmp.Compare(a.word, b.word))
	})
	var suggestions []Suggestion
	seen := map[string]bool{}
	for _, l := range found {
		if s := words.Stem(l.word); !seen[s] && len(suggestions) < mostKindred && !b.finds(l.word, division) {
			seen[s] = true
			suggestions = append(suggestions, Suggestion{
				Change: Change{
					Kind: AddKeywords, Division: b.entries[division].ID.Text, Topic: b.topicFor(division, l.own),
					Lines: []string{l.word},
				},
				Why: fmt.Sprintf("people may say it for “%s”", l.own.word),
			})
		}
	}
	return suggestions
}

// finds reports whether a question with a word alone is answered with a division.
func (b *Base) finds(word string, division int) bool {
	m := b.Match(word)
	return m.Verdict == Sure && m.Candidates[0].Division == division
}

// nearest compares a word of the table with those of all divisions. It has no own word if the
// word is not to be suggested.
func (b *Base) nearest(
	v *vocabulary, all [][]direction, sums []words.Vector, division int, row int32, word string,
) like {
	none := like{}
	if !subjectWord(word) || len(word) < 4 || words.Frequency(word) < saidOften || len(v.stems[words.Stem(word)]) > 0 {
		return none
	}
	var own words.Vector
	own.AddRow(row, 1)
	if !own.Unit() {
		return none
	}
	aim := own.Dot(&sums[division])
	for other := range sums {
		if aim < aimed || other != division && own.Dot(&sums[other]) >= aim {
			return none
		}
	}
	best := like{word: word, cosine: kindred, aim: aim}
	for i := range all[division] {
		if cosine := own.Dot(&all[division][i].vector); cosine > best.cosine {
			best.own, best.cosine = &all[division][i], cosine
		}
	}
	if best.own == nil {
		return none
	}
	for other := range all {
		for i := range all[other] {
			if other != division && own.Dot(&all[other][i].vector) > best.cosine-ownBy {
				return none
			}
		}
	}
	return best
}

// topicFor is the responsibility or program that a word of a division belongs to, or one to
// be made if it belongs to none.
func (b *Base) topicFor(division int, d *direction) string {
	e := b.entries[division].Division
	switch {
	case d.item < 0 && len(e.Handles) == 1:
		return e.Handles[0].Topic.Text
	case d.item < 0:
		return strings.ToUpper(d.word[:1]) + d.word[1:]
	case d.item < len(e.Handles):
		return e.Handles[d.item].Topic.Text
	}
	return e.Programs[d.item-len(e.Handles)].Name.Text
}

// spellings suggests other spellings of a division's names and keywords by which it is not
// found: initials, plurals, and two words written as one.
func (b *Base) spellings(division int) (all []Suggestion) {
	e := &b.entries[division]
	found := func(line string) bool {
		m := b.Match("who handles " + line)
		return m.Verdict != Unknown && m.Candidates[0].Division == division
	}
	suggest := func(kind ChangeKind, topic, line, why string) {
		if !found(line) {
			all = append(all, Suggestion{
				Change: Change{Kind: kind, Division: e.ID.Text, Topic: topic, Lines: []string{line}}, Why: why,
			})
		}
	}
	if short := initials(e.Name.Text); short != "" && b.ownInitials(short) {
		suggest(AddAliases, "", short, fmt.Sprintf("the initials of “%s” are not found", e.Name.Text))
	}
	seen := map[string]bool{}
	for _, h := range e.Division.Handles {
		for _, k := range h.Keywords {
			for spelling, what := range spellingsOf(k.Text) {
				if !seen[spelling] && found(k.Text) {
					seen[spelling] = true
					suggest(AddKeywords, h.Topic.Text, spelling, fmt.Sprintf("“%s” %s is not found", k.Text, what))
				}
			}
		}
	}
	return all
}

// initials are those of a name of three words or more, without small words; "" if it has less.
func initials(name string) string {
	var b strings.Builder
	for w := range strings.FieldsSeq(name) {
		r := []rune(w)
		if !unicode.IsLetter(r[0]) || unicode.IsLower(r[0]) {
			continue
		}
		b.WriteRune(r[0])
	}
	if len([]rune(b.String())) < 3 {
		return ""
	}
	return b.String()
}

// ownInitials reports whether only one division has these initials.
func (b *Base) ownInitials(short string) bool {
	n := 0
	for i := range b.entries {
		if initials(b.entries[i].Name.Text) == short {
			n++
		}
	}
	return n == 1
}

// spellingsOf are other spellings of a keyword, each with what it is: two words in one, if people
// write it so, and the plural of one word.
func spellingsOf(keyword string) iter.Seq2[string, string] {
	return func(yield func(string, string) bool) {
		switch parts := words.Split(keyword); len(parts) {
		case 1:
			if words.Frequency(parts[0].Text+"s") > 0 {
				yield(keyword+"s", "in the plural")
			}
		case 2:
			if joined := parts[0].Text + parts[1].Text; words.Frequency(joined) > 0 {
				yield(joined, "in one word")
			}
		}
	}
}

// undecided lists words that several divisions have and by which none is found.
func (b *Base) undecided(v *vocabulary, id string) (all []Suggestion) {
	type shared struct {
		word      string
		divisions []int
		times     int
	}
	var list []shared
	for _, own := range v.of {
		for w := range own {
			has := v.stems[words.Stem(w)]
			if len(has) < 2 || len(has) > 3 || slices.ContainsFunc(list, func(s shared) bool {
				return words.Stem(s.word) == words.Stem(w)
			}) {
				continue
			}
			s := shared{word: w, divisions: has}
			for _, d := range has {
				s.times += v.of[d][w].times
			}
			list = append(list, s)
		}
	}
	slices.SortFunc(list, func(a, b shared) int {
		return cmp.Or(cmp.Compare(b.times, a.times), cmp.Compare(a.word, b.word))
	})
	for _, s := range list {
		if len(all) == mostShared {
			break
		}
		if b.Match(s.word).Verdict == Sure {
			continue
		}
		var ids, names []string
		for _, d := range s.divisions {
			ids, names = append(ids, b.entries[d].ID.Text), append(names, b.entries[d].Name.Text)
		}
		if id != "" && !slices.Contains(ids, id) {
			continue
		}
		all = append(all, Suggestion{
			Change: Change{Kind: AddQuestions, Division: ids[0], Lines: []string{s.word}}, Choose: ids,
			Why: fmt.Sprintf("%s have it, and none is found by it", strings.Join(names, " and ")),
		})
	}
	return all
}

// Changes are those of suggestions, ready for [Edit]: those of one list are joined, and a
// responsibility that is not there yet is made first.
func (b *Base) Changes(suggestions []Suggestion) (all []Change) {
	at := map[string]int{}
	for _, s := range suggestions {
		c := s.Change
		key := fmt.Sprintf("%d\x00%s\x00%s", c.Kind, c.Division, c.Topic)
		if i, ok := at[key]; ok {
			all[i].Lines = append(all[i].Lines, c.Lines...)
			continue
		}
		if c.Kind == AddKeywords && c.Topic != "" && !b.hasTopic(c.Division, c.Topic) {
			all = append(all, Change{Kind: AddResponsibility, Division: c.Division, Topic: c.Topic})
		}
		at[key] = len(all)
		c.Lines = slices.Clone(c.Lines)
		all = append(all, c)
	}
	return all
}

func (b *Base) hasTopic(division, topic string) bool {
	e, _ := b.Entry(division)
	return slices.ContainsFunc(e.Handles, func(h Item) bool { return strings.EqualFold(h.Title, topic) }) ||
		slices.ContainsFunc(e.Programs, func(p Item) bool { return strings.EqualFold(p.Title, topic) })
}
