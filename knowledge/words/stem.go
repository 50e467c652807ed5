package words

import "github.com/kljensen/snowball/english"

// Stem is the word without its inflection: handles, handled and handling have the stem
// handl.
func Stem(w string) string {
	if len(w) < 3 || isDigit(w[len(w)-1]) {
		return w
	}
	return english.Stem(w, true)
}
