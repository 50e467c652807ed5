package words

import (
	"cmp"
	"math/bits"
	"slices"
	"strings"
)

// Speller finds the word of a vocabulary that was probably meant.
type Speller struct {
	words []spelling // shorter ones first
	first []int      // by length: where the words of that length begin
}

type spelling struct {
	word    string
	letters uint32  // which letters it has, to pass over most words at once
	value   float32 // of equally near words the one of more value is meant
	layer   int32   // only those who see it are told of the word
}

// Add adds a word that those know who see a layer. Short words are left out, since
// too many others are near them.
func (s *Speller) Add(w string, value float32, layer int32) {
	if len(w) >= 4 {
		s.words = append(s.words, spelling{w, letters(w), value, layer})
	}
}

// Ready is called once all words are added. It puts them in order, so that
// the order of adding does not matter.
func (s *Speller) Ready() {
	slices.SortFunc(s.words, func(a, b spelling) int {
		return cmp.Or(cmp.Compare(len(a.word), len(b.word)), strings.Compare(a.word, b.word),
			cmp.Compare(a.layer, b.layer))
	})
	for i, w := range s.words {
		for len(s.first) <= len(w.word) {
			s.first = append(s.first, i)
		}
	}
}

// from returns where the words of the given length begin.
func (s *Speller) from(length int) int {
	if length >= len(s.first) {
		return len(s.words)
	}
	return s.first[length]
}

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

// Repair returns the word nearest to w, or "": one edit (a letter more, less,
// other, or two swapped) in words of four to seven letters, up to limit in
// longer ones. Of equally near words, one with the same first letter wins, then
// the one of more value. Only words of these layers count.
func (s *Speller) Repair(sees []bool, w string, limit int) string {
	if len(w) < 4 || len(w) > LongestWord || strings.ContainsAny(w, "0123456789") {
		return ""
	}
	if len(w) < 8 {
		limit = min(limit, 1)
	}
	mask := letters(w)
	best, bestCost := "", float32(limit)+1
	for i := s.from(len(w) - limit); i < s.from(len(w)+limit+1); i++ {
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
