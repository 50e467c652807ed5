package words

import (
	"maps"
	"slices"
	"strconv"
	"strings"
	"testing"
)

// TestEnglishFile checks english.txt, because frequencies ignores its errors.
func TestEnglishFile(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	band, last := 0.0, 99.0
	n := 0
	for line := range strings.Lines(englishText) {
		n++
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "= "):
			var err error
			if band, err = strconv.ParseFloat(line[2:], 32); err != nil || band >= last || band <= 0 {
				t.Errorf("line %d: heading %q after %v: %v", n, line, last, err)
			}
			last = band
		case line == "" || band == 0:
			t.Errorf("line %d: %q under no heading", n, line)
		default:
			for w := range strings.SplitSeq(line, " ") {
				if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
					t.Errorf("line %d: word %q", n, w)
				}
				if seen[w] != 0 {
					t.Errorf("line %d: %q stands in line %d too", n, w, seen[w])
				}
				seen[w] = n
			}
		}
	}
	if got := len(frequencies()); got != len(seen) || got < 10_000 {
		t.Errorf("%d words read of %d", got, len(seen))
	}
}

// TestRarity compares the rarity of frequent and rare words.
func TestRarity(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"the", "who", "you", "handles", "division", "please"} {
		if got := Rarity(w); got != 0 {
			t.Errorf("Rarity(%q) = %v, want 0", w, got)
		}
	}
	for _, w := range []string{"smuggling", "e2c2", "counterfeit", "qzxv", ""} {
		if got := Rarity(w); got != 1 {
			t.Errorf("Rarity(%q) = %v, want 1", w, got)
		}
	}
	rising := []string{"the", "money", "child", "passport", "counterfeit"}
	for i, w := range rising[1:] {
		if before := rising[i]; Rarity(w) <= Rarity(before) {
			t.Errorf("Rarity(%q) = %v, not above %q with %v", w, Rarity(w), before, Rarity(before))
		}
	}
	for _, w := range slices.Sorted(maps.Keys(frequencies())) {
		if r := Rarity(w); r < 0 || r > 1 {
			t.Errorf("Rarity(%q) = %v", w, r)
		}
	}
	if !IsEnglish("passport") || IsEnglish("pasport") {
		t.Error("IsEnglish is wrong about passport or pasport")
	}
}
