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

// Completion is something of the file that a person may be about to name: a
// division, a responsibility or a program.
type Completion struct {
	ID    string // see [Base.Choose]
	Title string // of an item with the division's name
}

// target is what can be completed.
type target struct {
	Completion
	division, item int32 // item -1: the division itself
	layer          ranking.Layer
}

// completions finds targets by the beginnings of their words.
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

// What a typed word counts for a target, by where the target has it.
const (
	completeStart      = 4 // its name begins with it
	completeName       = 3
	completeKeyword    = 1
	completeWhole      = 0.5 // more, if the word is typed to its end
	completeMisspelled = 0.5 // times, if it is misspelled
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
			if t.layer != ranking.Public { // whether it is there must not change an id that more people see
				named += "\x00" + ix.layers.keys[t.layer]
			}
			for salt := 0; ; salt++ { // two of the same title get different ids
				t.ID = e.ID.Text + "#" + mark(named, salt)
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
	for d := range ix.divisions { // divisions first: they come first where all else is equal
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

// mark is a short name of a title that stays the same when the file is put in
// another order.
func mark(title string, salt int) string {
	h := fnv.New32a()
	_, _ = h.Write([]byte(title + strings.Repeat("\x00", salt))) // a hash takes all
	return strconv.FormatUint(uint64(h.Sum32()), 36)
}

// Choose finds what an id stands for: a division's own id, or that of a
// [Completion]. Item is -1 for a division.
func (b *Base) Choose(id string) (division, item int, ok bool) {
	i, ok := b.completions.byID[id]
	if !ok || !b.sees[b.completions.targets[i].layer] {
		return 0, 0, false
	}
	t := &b.completions.targets[i]
	return int(b.local[t.division]), b.localItem(int(t.division), int(t.item)), true
}

// Complete lists up to n things that a person may mean who has typed so far,
// the most likely first. The last word may be unfinished, and words may be
// misspelled. With nothing typed these are the divisions, then what they do.
func (b *Base) Complete(typed string, n int) []Completion {
	c := &b.completions
	scores, whole := c.score(b.sees, typed)
	order := make([]int32, 0, len(scores))
	for t := range scores {
		order = append(order, t)
	}
	if len(scores) == 0 && len(words.Split(typed)) == 0 {
		for t := range c.targets {
			if b.sees[c.targets[t].layer] {
				if order = append(order, int32(t)); len(order) == n {
					break
				}
			}
		}
	}
	slices.SortFunc(order, func(a, b int32) int {
		return cmp.Or(cmp.Compare(scores[b], scores[a]), cmp.Compare(a, b))
	})
	if !whole {
		order = b.completeSentence(typed, order)
	}
	found := make([]Completion, 0, min(n, len(order)))
	for _, t := range order[:min(n, len(order))] {
		found = append(found, c.targets[t].Completion)
	}
	return found
}

// completeSentence puts what a question is about before what has only some of
// its words, and last what it might be about.
func (b *Base) completeSentence(typed string, order []int32) []int32 {
	m := b.Match(typed)
	if m.Empty || m.Verdict == Unknown {
		return order
	}
	var likely []int32
	for _, cand := range m.Candidates {
		id := b.entries[cand.Division].ID.Text
		if cand.Item >= 0 {
			for t, target := range b.completions.targets {
				if int(b.local[target.division]) == cand.Division && target.item >= 0 && b.sees[target.layer] &&
					b.localItem(int(target.division), int(target.item)) == cand.Item {
					likely = append(likely, int32(t))
				}
			}
		}
		likely = append(likely, b.completions.byID[id])
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

// score is what the typed words say for each target. A target counts only if
// it has as many of them as any other; whole says that it has all that tell.
func (c *completions) score(sees []bool, typed string) (sums map[int32]float32, whole bool) {
	all := words.Split(typed)
	telling := slices.DeleteFunc(slices.Clone(all), func(w words.Word) bool { return words.IsStopWord(w.Text) })
	if len(telling) == 0 {
		telling = all
	}
	unfinished := len(all) > 0 && all[len(all)-1].End == len(typed)
	sums = map[int32]float32{}
	hits := map[int32]int{}
	most := 0
	for i, w := range telling {
		prefix := unfinished && i == len(telling)-1 && w.End == all[len(all)-1].End
		best := map[int32]float32{}
		c.find(sees, w.Text, prefix, 1, best)
		if len(best) == 0 {
			c.misspelled(sees, w.Text, prefix, best)
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
	return sums, most == len(telling)
}

// find adds the targets that have a word, or a word that begins with it.
func (c *completions) find(sees []bool, w string, prefix bool, times float32, best map[int32]float32) {
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

// misspelled looks for what a misspelled word may be meant to be, or to become.
func (c *completions) misspelled(sees []bool, w string, prefix bool, best map[int32]float32) {
	const shortest = 4 // a shorter word is near too many others
	if len(w) < shortest || len(w) > words.LongestWord {
		return
	}
	last := ""
	for _, cw := range c.words {
		if cw.text == last || len(cw.text) < len(w)-1 || !prefix && len(cw.text) > len(w)+1 {
			continue
		}
		if last = cw.text; prefix && begins(last, w) || !prefix && words.EditDistance(w, last, 1) <= 1 {
			c.find(sees, last, false, completeMisspelled, best)
		}
	}
}

// begins reports whether a word begins with w but for one edit: a letter that
// is wrong, missing, one too many, or swapped with the next.
func begins(word, w string) bool {
	i := 0
	for i < len(w) && i < len(word) && w[i] == word[i] {
		i++
	}
	has := func(s, beginning string) bool { return strings.HasPrefix(s, beginning) }
	switch {
	case i == 0:
		return false // the first letter is hardly ever wrong
	case i == len(w):
		return true
	case i == len(word):
		return len(w) == len(word)+1
	}
	return has(word[i+1:], w[i+1:]) || has(word[i+1:], w[i:]) || has(word[i:], w[i+1:]) ||
		i+1 < len(w) && i+1 < len(word) && w[i] == word[i+1] && w[i+1] == word[i] && has(word[i+2:], w[i+2:])
}
