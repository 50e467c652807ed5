package knowledge

import (
	"cmp"
	"hash/fnv"
	"slices"
	"strconv"
	"strings"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/words"
)

// Completion is a division, responsibility or program whose name somebody may be typing.
type Completion struct {
	ID    string // see [Base.Choose]
	Title string // for an item with the name of its division
}

// target is a possible completion.
type target struct {
	Completion
	division, item int32 // the item is -1 for the division itself
	layer          ranking.Layer
}

// completions finds targets by prefixes of their words.
type completions struct {
	targets []target
	words   []completionWord // sorted by text
	byID    map[string]int32
}

type completionWord struct {
	text   string
	target int32
	weight float32
}

// The weight of a typed word for a target, by where the target has it.
const (
	completeStart      = 4   // first word of its name
	completeName       = 3   // another word of its name
	completeKeyword    = 1   // in a keyword
	completeWhole      = 0.5 // is added if the word is typed completely
	completeMisspelled = 0.5 // is a factor if the word is misspelled
)

func newCompletions(ix *index) completions {
	c := completions{byID: map[string]int32{}}
	add := func(d, item int, title string) int32 {
		e := &ix.divisions[d]
		t := target{division: int32(d), item: int32(item), layer: ix.classes[d].Layer}
		t.ID, t.Title = e.ID.Text, title
		if item >= 0 {
			t.layer = ix.itemLayers[d][item]
			t.Title += " – " + e.Name.Text
			named := title
			if t.layer != ranking.Public { // a hidden item must not change the id of a visible one
				named += "\x00" + ix.layers.keys[t.layer]
			}
			for salt := 0; ; salt++ { // items with the same title get different ids
				t.ID = e.ID.Text + "#" + hashOf(named, salt)
				if _, taken := c.byID[t.ID]; !taken {
					break
				}
			}
		}
		c.byID[t.ID] = int32(len(c.targets))
		c.targets = append(c.targets, t)
		return int32(len(c.targets) - 1)
	}
	put := func(target int32, text string, first, other float32) {
		for i, w := range words.Split(text) {
			weight := other
			if i == 0 {
				weight = first
			}
			c.words = append(c.words, completionWord{w.Text, target, weight})
		}
	}
	for d := range ix.divisions { // divisions before items with the same score
		e := &ix.divisions[d]
		t := add(d, -1, e.Name.Text)
		put(t, e.Name.Text, completeStart, completeName)
		for _, a := range e.Aliases {
			put(t, a.Text, completeStart, completeName)
		}
	}
	for d := range ix.divisions {
		e := &ix.divisions[d]
		for i, h := range e.Division.Handles {
			t := add(d, i, h.Topic.Text)
			put(t, h.Topic.Text, completeStart, completeName)
			for _, k := range h.Keywords {
				put(t, k.Text, completeKeyword, completeKeyword)
			}
		}
		for i, p := range e.Division.Programs {
			t := add(d, len(e.Division.Handles)+i, e.Programs[i].Title)
			put(t, p.Name.Text, completeStart, completeName)
			put(t, p.Acronym.Text, completeStart, completeName)
			for _, k := range p.Keywords {
				put(t, k.Text, completeKeyword, completeKeyword)
			}
		}
	}
	slices.SortStableFunc(c.words, func(a, b completionWord) int { return strings.Compare(a.text, b.text) })
	return c
}

// hashOf identifies a title independently of its place in the file.
func hashOf(title string, salt int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(title + strings.Repeat("\x00", salt))) // a hash returns no error
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// Choose finds the division or item with an id, which is that of a division or of a
// [Completion]. The item is -1 for a division.
func (b *Base) Choose(id string) (division, item int, ok bool) {
	i, ok := b.completions.byID[id]
	if !ok || !b.sees[b.completions.targets[i].layer] {
		return 0, 0, false
	}
	t := &b.completions.targets[i]
	return int(b.local[t.division]), b.localItem(int(t.division), int(t.item)), true
}

// ChoiceOf is the id with which [Base.Choose] finds an item of a division, or, with the item
// -1, the division.
func (b *Base) ChoiceOf(division, item int) string {
	if item >= 0 {
		for t := range b.completions.targets {
			target := &b.completions.targets[t]
			if int(b.local[target.division]) == division && target.item >= 0 && b.sees[target.layer] &&
				b.localItem(int(target.division), int(target.item)) == item {
				return target.ID
			}
		}
	}
	return b.entries[division].ID.Text
}

// Complete lists up to n completions of a typed text, the most likely first. The last word
// may be unfinished, and words may be misspelled. A text that only begins to ask, or none,
// has no completions.
func (b *Base) Complete(typed string, n int) []Completion {
	c := &b.completions
	scores, whole := c.score(b.sees, typed)
	order := make([]int32, 0, len(scores))
	for t := range scores {
		order = append(order, t)
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	if len(scores) > 0 && !whole || len(scores) == 0 && len(telling(words.Split(typed))) > 0 {
		order = b.completeSentence(typed, order)
	}
	found := make([]Completion, 0, min(n, len(order)))
	for _, t := range order[:min(n, len(order))] {
		found = append(found, c.targets[t].Completion)
	}
	return found
}

// completeSentence adds what a typed question is about: before the targets that have only
// some of its words if the match is sure, or else after them.
func (b *Base) completeSentence(typed string, order []int32) []int32 {
	m := b.Match(typed)
	if m.Empty || m.Verdict == Unknown {
		return order
	}
	var likely []int32
	for _, cand := range m.Candidates {
		if cand.Item >= 0 {
			likely = append(likely, b.completions.byID[b.ChoiceOf(cand.Division, cand.Item)])
		}
		likely = append(likely, b.completions.byID[b.ChoiceOf(cand.Division, -1)])
		if m.Verdict == Sure {
			break
		}
	}
	rest := slices.DeleteFunc(order, func(t int32) bool { return slices.Contains(likely, t) })
	if m.Verdict == Sure {
		return append(likely, rest...)
	}
	return append(rest, likely...)
}

// OnlyAsks reports whether a typed text does not say yet what it is about, such as "whom do
// I ask".
func (b *Base) OnlyAsks(typed string) bool { return len(telling(words.Split(typed))) == 0 }

// telling are the words of a typed text that are looked for. A word such as "office" counts
// only where no other does.
func telling(all []words.Word) []words.Word {
	content := slices.DeleteFunc(slices.Clone(all), func(w words.Word) bool { return words.IsStopWord(w.Text) })
	if len(content) == 0 {
		content = slices.DeleteFunc(slices.Clone(all), func(w words.Word) bool {
			return words.AskedBy(w.Text)&words.AsksDivision == 0
		})
	}
	return content
}

// score adds up the weights of the telling words for the targets that have the most of them.
// Whole reports whether these targets have all of the words.
func (c *completions) score(sees []bool, typed string) (sums map[int32]float32, whole bool) {
	all := words.Split(typed)
	content := telling(all)
	unfinished := len(all) > 0 && all[len(all)-1].End == len(typed)
	sums = map[int32]float32{}
	hits := map[int32]int{}
	most := 0
	for i, w := range content {
		prefix := unfinished && i == len(content)-1 && w.End == all[len(all)-1].End
		best := map[int32]float32{}
		c.addMatches(sees, w.Text, prefix, 1, best)
		if len(best) == 0 {
			c.addMisspelled(sees, w.Text, prefix, best)
		}
		for t, s := range best {
			sums[t] += s
			hits[t]++
			most = max(most, hits[t])
		}
	}
	for t, n := range hits {
		if n < most {
			delete(sums, t)
		}
	}
	return sums, most == len(content)
}

// addMatches adds to best the targets that have the word w or, with prefix, a word that
// begins with it.
func (c *completions) addMatches(sees []bool, w string, prefix bool, times float32, best map[int32]float32) {
	byText := func(cw completionWord, w string) int { return strings.Compare(cw.text, w) }
	at, _ := slices.BinarySearchFunc(c.words, w, byText)
	for _, cw := range c.words[at:] {
		whole := cw.text == w
		if !whole && !(prefix && strings.HasPrefix(cw.text, w)) {
			break
		}
		if !sees[c.targets[cw.target].layer] {
			continue
		}
		s := cw.weight
		if whole {
			s += completeWhole
		}
		best[cw.target] = max(best[cw.target], s*times)
	}
}

// addMisspelled adds to best the targets that have a word within one edit of w or, with
// prefix, a word that begins with such a word.
func (c *completions) addMisspelled(sees []bool, w string, prefix bool, best map[int32]float32) {
	const shortest = 4 // shorter words are within one edit of too many others
	if len(w) < shortest || len(w) > words.LongestWord {
		return
	}
	last := ""
	for _, cw := range c.words {
		if cw.text == last || len(cw.text) < len(w)-1 || !prefix && len(cw.text) > len(w)+1 {
			continue
		}
		if last = cw.text; prefix && beginsLike(last, w) || !prefix && words.EditDistance(w, last, 1) <= 1 {
			c.addMatches(sees, last, false, completeMisspelled, best)
		}
	}
}

// beginsLike reports whether a word begins with a string within one edit of w, with the
// same first letter.
func beginsLike(word, w string) bool {
	i := 0
	for i < len(w) && i < len(word) && w[i] == word[i] {
		i++
	}
	has := func(s, beginning string) bool { return strings.HasPrefix(s, beginning) }
	switch {
	case i == 0:
		return false // the first letter is rarely wrong
	case i == len(w):
		return true
	case i == len(word):
		return len(w) == len(word)+1
	}
	return has(word[i+1:], w[i+1:]) || has(word[i+1:], w[i:]) || has(word[i:], w[i+1:]) ||
		i+1 < len(w) && i+1 < len(word) && w[i] == word[i+1] && w[i+1] == word[i] && has(word[i+2:], w[i+2:])
}
