package words

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// slowNGrams is a simple implementation of NGrams.
func slowNGrams(w string) []string {
	var ngrams []string
	runes := []rune(" " + w + " ")
	for n := ShortestNGram; n <= LongestNGram; n++ {
		for i := 0; i+n <= len(runes); i++ {
			ngrams = append(ngrams, string(runes[i:i+n]))
		}
	}
	return ngrams
}

func TestNGrams(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"us", "a", "labor", "e2c2", "über", "強制労働", "aé", "é", "smuggling"} {
		var got []string
		NGrams(w, func(s string) { got = append(got, s) })
		if diff := cmp.Diff(slowNGrams(w), got); diff != "" {
			t.Errorf("NGrams(%q) (-want +got):\n%s", w, diff)
		}
	}
	var got []string
	NGrams("us", func(s string) { got = append(got, s) })
	if diff := cmp.Diff([]string{" u", "us", "s ", " us", "us ", " us "}, got); diff != "" {
		t.Errorf("NGrams(us) (-want +got):\n%s", diff)
	}
}
