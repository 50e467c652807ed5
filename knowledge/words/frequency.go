package words

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed english.txt
var englishText string

// frequencies is the word frequency in everyday English on the Zipf scale: the base-10
// logarithm of the occurrences per billion words. Words that occur less than once in
// about two million words are not listed.
var frequencies = sync.OnceValue(func() map[string]float32 {
	table := make(map[string]float32, 22_000)
	var band float32
	for line := range strings.Lines(englishText) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '=':
			z, _ := strconv.ParseFloat(strings.TrimSpace(line[1:]), 32) // a test checks the file
			band = float32(z)
		default:
			for w := range strings.FieldsSeq(line) {
				table[w] = band
			}
		}
	}
	return table
})

// Frequency is the frequency of a word on the Zipf scale, or 0 if it is not listed.
func Frequency(w string) float32 { return frequencies()[w] }

// Bounds on the Zipf scale.
const (
	Ordinary = 4.0 // ten times in a million words; an acronym that is also such a word must be in capitals
	common   = 6.0 // once in a thousand words; from here on the rarity is 0
	rare     = 3.6 // four times in a million words; up to here the rarity is 1
)

// Rarity is how much a word says about the subject of a text: from 0 for stop words and
// the most frequent words of English to 1 for rare and unknown ones.
func Rarity(w string) float32 {
	if IsStopWord(w) {
		return 0
	}
	z, listed := frequencies()[w]
	switch {
	case !listed || z <= rare:
		return 1
	case z >= common:
		return 0
	}
	return (common - z) / (common - rare)
}

// IsEnglish reports whether w is listed as an English word, and so is probably not a
// misspelling.
func IsEnglish(w string) bool {
	_, ok := frequencies()[w]
	return ok
}
