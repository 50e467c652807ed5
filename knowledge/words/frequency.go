package words

import (
	_ "embed"
	"strconv"
	"strings"
	"sync"
)

//go:embed english.txt
var englishText string

// spoken gives a word's frequency in everyday English on the Zipf scale: the
// logarithm to base 10 of its occurrences in a billion words. Words said less
// than once in about two million are not listed.
var spoken = sync.OnceValue(func() map[string]float32 {
	table := make(map[string]float32, 22_000)
	var band float32
	for line := range strings.Lines(englishText) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '=':
			z, _ := strconv.ParseFloat(strings.TrimSpace(line[1:]), 32) // the file is ours, and a test reads it
			band = float32(z)
		default:
			for w := range strings.FieldsSeq(line) {
				table[w] = band
			}
		}
	}
	return table
})

// Frequency is a word's frequency on the Zipf scale; 0 if it is not listed.
func Frequency(w string) float32 { return spoken()[w] }

// Bounds on the Zipf scale.
const (
	Ordinary = 4.0 // said ten times in a million words: an acronym spelled like it needs its capitals
	common   = 6.0 // said once in a thousand words or more: tells nothing about the subject
	rare     = 3.6 // said four times in a million words or less: tells as much as a word can
)

// Rarity is how much a word can tell about the subject of a text, from 0 for
// the commonest words of English to 1 for rare and unknown ones.
func Rarity(w string) float32 {
	if IsStopWord(w) {
		return 0
	}
	z, listed := spoken()[w]
	switch {
	case !listed || z <= rare:
		return 1
	case z >= common:
		return 0
	}
	return (common - z) / (common - rare)
}

// IsEnglish reports whether w is an ordinary English word, and so hardly a
// misspelling of another one.
func IsEnglish(w string) bool {
	_, ok := spoken()[w]
	return ok
}
