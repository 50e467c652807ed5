package words

import "testing"

func TestStem(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"handle", "handles", "handled", "handling"},
		{"investigate", "investigates", "investigating", "investigation", "investigations"},
		{"division", "divisions"},
		{"victim", "victims"},
		{"agency", "agencies"},
	}
	for _, words := range same {
		for _, w := range words {
			if got, want := Stem(w), Stem(words[0]); got != want {
				t.Errorf("Stem(%q) = %q, want %q", w, got, want)
			}
		}
	}
	for _, w := range []string{"", "a", "us", "it", "e2c2", "f1", "i20", "強制労働"} {
		if got := Stem(w); got != w {
			t.Errorf("Stem(%q) = %q, want it unchanged", w, got)
		}
	}
}
