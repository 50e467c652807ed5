package words

// EditDistance is the Damerau-Levenshtein distance (optimal string alignment) of two
// words in bytes, or limit+1 if it is larger than limit.
func EditDistance(a, b string, limit int) int {
	var rows [3][LongestWord*4 + 1]int
	if more := len(a) - len(b); max(more, -more) > limit || len(a) > LongestWord*4 || len(b) > LongestWord*4 {
		return limit + 1
	}
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
