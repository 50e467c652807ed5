package text

import (
	"strings"
	"unicode"
	"unicode/utf8"
)

// Sentences takes prose apart: after a full stop, question or exclamation
// mark with a space behind, and at line ends. "e.g.", "Washington, D.C. office"
// and "No. 5" stay together.
func Sentences(s string) []string {
	var sentences []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		start := 0
		spelled, seen := false, 0 // the sentence has a letter before seen
		for i := 0; i < len(line); i++ {
			if !strings.ContainsRune(".?!", rune(line[i])) {
				continue
			}
			stop := i
			for i+1 < len(line) && strings.ContainsRune(".?!", rune(line[i+1])) {
				i++
			}
			end := i + 1
			for _, r := range line[end:] { // a closing quote or bracket still belongs to the sentence
				if !strings.ContainsRune(`"')]’”`, r) {
					break
				}
				end += utf8.RuneLen(r)
			}
			for !spelled && seen < stop {
				r, n := utf8.DecodeRuneInString(line[seen:])
				spelled, seen = unicode.IsLetter(r), seen+n
			}
			if end < len(line) && (line[end] == ' ' || line[end] == '\t') &&
				!abbreviated(line[start:stop+1], line[end:], spelled) {
				sentences = append(sentences, strings.TrimSpace(line[start:end]))
				start, spelled, seen = end, false, end
			}
			i = end - 1
		}
		if last := strings.TrimSpace(line[start:]); last != "" {
			sentences = append(sentences, last)
		}
	}
	return sentences
}

// abbreviated reports whether the stop at the end of before only shortens a
// word or numbers an item, given what comes after it and whether before has a
// letter.
func abbreviated(before, after string, spelled bool) bool {
	if before[len(before)-1] != '.' {
		return false
	}
	w := before[:len(before)-1]
	if !spelled {
		return true // "1. First", "... and"
	}
	w = w[strings.LastIndexAny(w, " \t")+1:]
	w = strings.TrimLeft(w, `"'([‘“`)
	if w == "I" || !shortened[strings.ToLower(w)] && !initials(w) {
		return false
	}
	// "in the U.S. It has": with such a word the stop is both.
	next, _, _ := strings.Cut(strings.TrimLeft(after, " \t"), " ")
	return !openers[next]
}

// initials reports whether w is like the e.g of "e.g.", Ph.D or the J of "J. Smith".
func initials(w string) bool {
	for part := range strings.SplitSeq(w, ".") {
		if n := utf8.RuneCountInString(part); n < 1 || n > 2 {
			return false
		}
	}
	return len(w) == 1 || strings.Contains(w, ".")
}

// shortened are words that are written with a full stop and have none inside.
var shortened = listed(`
	no nos dr mr mrs ms prof st vs etc inc ltd co corp jr sr dept gov gen sen rep col lt sgt capt hon rev
	approx est ext fig sec art vol pp ed al tel ave blvd rd bldg rm ste
	jan feb mar apr jun jul aug sep sept oct nov dec
`)

// openers are words that begin sentences and hardly ever names.
var openers = listed(`
	The It Its They Their This These That Those There We You Your He She If When Where Who What How For In
`)

func listed(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}
