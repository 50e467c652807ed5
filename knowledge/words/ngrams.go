package words

import "unicode/utf8"

// The lengths of n-grams. N-grams match misspellings, inflections and compounds that
// stems do not. Two to four runes ranked as well as two to five at two thirds of the cost.
const (
	ShortestNGram = 2
	LongestNGram  = 4
)

// NGrams calls f with each n-gram of two to four runes of a word, whose two ends count as
// spaces: "us" has " u", "us", "s ", " us", "us ", " us ".
func NGrams(w string, f func(string)) {
	padded := " " + w + " "
	if len(w) == utf8.RuneCountInString(w) {
		for n := ShortestNGram; n <= LongestNGram && n <= len(padded); n++ {
			for i := 0; i+n <= len(padded); i++ {
				f(padded[i : i+n])
			}
		}
		return
	}
	border := make([]int, 0, len(padded)+1)
	for i := range padded {
		border = append(border, i)
	}
	border = append(border, len(padded))
	for n := ShortestNGram; n <= LongestNGram && n < len(border); n++ {
		for i := 0; i+n < len(border); i++ {
			f(padded[border[i]:border[i+n]])
		}
	}
}
