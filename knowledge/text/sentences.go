package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences splits prose into sentences: at line ends, and after a full stop, question
// mark or exclamation mark before a space. It does not split after an abbreviation, as in
// "e.g.", "Washington, D.C. office" and "No. 5".
func Sentences(s string) []string {
	var sentences []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		start := 0
		hasLetter, scanned := false, 0 // whether the sentence has a letter before scanned
		for i := 0; i < len(line); i++ {
			if !strings.ContainsRune(".?!", rune(line[i])) {
				continue
			}
			stop := i
			for i+1 < len(line) && strings.ContainsRune(".?!", rune(line[i+1])) {
				i++
			}
			end := i + 1
			for _, r := range line[end:] { // a closing quote or bracket belongs to the sentence
				if !strings.ContainsRune(`"')]’”`, r) {
					break
				}
				end += utf8.RuneLen(r)
			}
			for !hasLetter && scanned < stop {
				r, n := utf8.DecodeRuneInString(line[scanned:])
				hasLetter, scanned = unicode.IsLetter(r), scanned+n
			}
			if end < len(line) && (line[end] == ' ' || line[end] == '\t') &&
				!isAbbreviation(line[start:stop+1], line[end:], hasLetter) {
				sentences = append(sentences, strings.TrimSpace(line[start:end]))
				start, hasLetter, scanned = end, false, end
			}
			i = end - 1
		}
		if last := strings.TrimSpace(line[start:]); last != "" {
			sentences = append(sentences, last)
		}
	}
	return sentences
}

// isAbbreviation reports whether the full stop at the end of before belongs to an
// abbreviation or to the number of an item, and does not end a sentence. hasLetter says
// whether before has a letter.
func isAbbreviation(before, after string, hasLetter bool) bool {
	if before[len(before)-1] != '.' {
		return false
	}
	w := before[:len(before)-1]
	if !hasLetter {
		return true // "1. First", "... and"
	}
	w = w[strings.LastIndexAny(w, " \t")+1:]
	w = strings.TrimLeft(w, `"'([‘“`)
	if w == "I" || !abbreviations[strings.ToLower(w)] && !isInitials(w) {
		return false
	}
	// In "in the U.S. It has" the stop does both.
	next, _, _ := strings.Cut(strings.TrimLeft(after, " \t"), " ")
	return !sentenceStarters[next]
}

// isInitials reports whether w has the form of e.g, Ph.D or the J of "J. Smith".
func isInitials(w string) bool {
	for part := range strings.SplitSeq(w, ".") {
		if n := utf8.RuneCountInString(part); n < 1 || n > 2 {
			return false
		}
	}
	return len(w) == 1 || strings.Contains(w, ".")
}

// abbreviations are those that end with a full stop and have none inside.
var abbreviations = wordSet(`
	no nos dr mr mrs ms prof st vs etc inc ltd co corp jr sr dept gov gen sen rep col lt sgt capt hon rev
	approx est ext fig sec art vol pp ed al tel ave blvd rd bldg rm ste
	jan feb mar apr jun jul aug sep sept oct nov dec
`)

// sentenceStarters are words that often begin a sentence and rarely a name.
var sentenceStarters = wordSet(`
	The It Its They Their This These That Those There We You Your He She If When Where Who What How For In
`)

func wordSet(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
