package knowledge

import (
	"slices"

	"frontdesk/knowledge/words"
)

// asksOnly are the roles of words that say nothing about what a question is about.
const asksOnly = words.StopWord | words.Filler | words.Greets | words.Thanks

// Subject is what a question is about: the stems of its words, each once and in order of the
// alphabet, without those that any question may have. Two questions with the same subject
// differ in their wording only.
func Subject(question string) []string {
	var stems []string
	for _, w := range words.Split(question) {
		if words.AskedBy(w.Text)&asksOnly == 0 {
			stems = append(stems, words.Stem(w.Text))
		}
	}
	slices.Sort(stems)
	return slices.Compact(stems)
}
