package words

import (
	_ "embed"
	"strings"
	"sync"
)

//go:embed people.txt
var peopleText string

// people are the stems of the words in people.txt.
var people = sync.OnceValue(func() map[string]bool {
	stems := map[string]bool{}
	for line := range strings.Lines(peopleText) {
		if strings.HasPrefix(line, "#") {
			continue
		}
		for w := range strings.FieldsSeq(line) {
			stems[Stem(w)] = true
		}
	}
	return stems
})

// IsPeople reports whether a word stands for a group of people, see people.txt.
func IsPeople(word string) bool { return people()[Stem(word)] }
