package words

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Speller finds the word of a vocabulary that is nearest to a misspelled one.
type Speller struct {
	words []entry // sorted by length
	first []int   // by length: the index of the first word with it
}

// entry is one word of the vocabulary.
type entry struct {
	word    string
	letters uint32  // a bit for each letter of the word, to skip most words quickly
	value   float32 // of equally near words, the one with the higher value is returned
	layer   int32   // the word is returned only to readers of this layer
}

// Add adds a word of a layer. It leaves out words of less than four letters, because too
// many others are near them.
func (s *Speller) Add(w string, value float32, layer int32) {
	if len(w) >= 4 {
		s.words = append(s.words, entry{w, letters(w), value, layer})
	}
}

// Ready sorts the words. It must be called after the last Add and before Repair.
func (s *Speller) Ready() {
	slices.SortFunc(s.words, func(a, b entry) int {
		return cmp.Or(cmp.Compare(len(a.word), len(b.word)), strings.Compare(a.word, b.word),
			cmp.Compare(a.layer, b.layer))
	})
	for i, w := range s.words {
		for len(s.first) <= len(w.word) {
			s.first = append(s.first, i)
		}
	}
}

// firstOf is the index of the first word with at least this length.
func (s *Speller) firstOf(length int) int {
	if length >= len(s.first) {
		return len(s.words)
	}
	return s.first[length]
}

// letters has a bit for each letter in w, and one for all other characters.
func letters(w string) uint32 {
	var m uint32
	for i := 0; i < len(w); i++ {
		if c := w[i]; 'a' <= c && c <= 'z' {
			m |= 1 << (c - 'a')
		} else {
			m |= 1 << 31
		}
	}
	return m
}

// Repair returns the word nearest to w, or "" if none is near. The edit distance may be 1
// for words of four to seven letters, and limit for longer ones. Of equally near words it
// prefers one with the same first letter, then the one with the higher value. It returns
// only words of the layers that sees marks.
func (s *Speller) Repair(sees []bool, w string, limit int) string {
	if len(w) < 4 || len(w) > LongestWord || strings.ContainsAny(w, "0123456789") {
		return ""
	}
	if len(w) < 8 {
		limit = min(limit, 1)
	}
	mask := letters(w)
	best, bestCost := "", float32(limit)+1
	for i := s.firstOf(len(w) - limit); i < s.firstOf(len(w)+limit+1); i++ {
		v := &s.words[i]
		if !sees[v.layer] || bits.OnesCount32(mask&^v.letters) > limit || bits.OnesCount32(v.letters&^mask) > limit {
			continue
		}
		d := EditDistance(w, v.word, limit)
		if d > limit {
			continue
		}
		cost := float32(d) - v.value/10
		if v.word[0] != w[0] {
			cost += 0.5
		}
		if cost < bestCost {
			best, bestCost = v.word, cost
		}
	}
	return best
}
