package words

import (
	"github.com/kljensen/snowball/english"
)

// Stem is the word without its inflection: handles, handled and handling are
// all handl. This is the only use of snowball.
func Stem(w string) string {
	if len(w) < 3 || isDigit(w[len(w)-1]) {
		return w
	}
	return english.Stem(w, true)
}
