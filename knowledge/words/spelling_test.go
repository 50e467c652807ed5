package words

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
)

// everyone sees the only layer.
var everyone = []bool{true}

// newSpeller makes a Speller of words, with their rarity as their value.
func newSpeller(words ...string) *Speller {
	var s Speller
	for _, w := range words {
		s.Add(w, Rarity(w), 0)
	}
	s.Ready()
	return &s
}

func TestRepair(t *testing.T) {
	t.Parallel()
	words := strings.Fields(`passport counterfeit trafficking smuggling forced labor immigration intelligence
		cyber border export import visa fentanyl money laundering gang victim cargo fraud abc bandage`)
	s := newSpeller(words...)
	tests := []struct{ in, want string }{
		{"passport", "passport"},
		{"pasport", "passport"},
		{"passprot", "passport"},
		{"conterfeit", "counterfeit"},
		{"counterfiet", "counterfeit"},
		{"traficking", "trafficking"},
		{"traffiking", "trafficking"},
		{"traficing", "trafficking"},
		{"smugling", "smuggling"},
		{"labour", "labor"},
		{"lbaor", "labor"},
		{"imigration", "immigration"},
		{"inteligense", "intelligence"},
		{"fentanil", "fentanyl"},
		{"fentynal", "fentanyl"},
		{"launderng", "laundering"},
		{"ciber", "cyber"},
		{"mport", "import"}, // export is at distance 2
		{"xvisa", "visa"},

		{"", ""},
		{"vis", ""},     // too short to correct
		{"ab", ""},      // too short to correct
		{"abcd", ""},    // abc is too short for the vocabulary
		{"labxyr", ""},  // distance 2 in a short word
		{"unicorn", ""}, // nothing near
		{"pasxxprt", ""},
		{strings.Repeat("a", 5000), ""},
		{"労働労働", ""},
	}
	for _, tt := range tests {
		if got := s.Repair(everyone, tt.in, 2); got != tt.want {
			t.Errorf("Repair(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := s.Repair(everyone, "traficing", 1); got != "" {
		t.Errorf("Repair(traficing) within one edit = %q", got)
	}
	// Equally near words: the same first letter, then the higher value, then the alphabet.
	for _, tt := range []struct{ vocabulary, in, want string }{
		{"bandy handy", "hxndy", "handy"},
		{"money boney", "xoney", "boney"},
		{"qzxva qzxvb", "qzxvc", "qzxva"},
	} {
		words := strings.Fields(tt.vocabulary)
		if got := newSpeller(words...).Repair(everyone, tt.in, 2); got != tt.want {
			t.Errorf("Repair(%q) among %s = %q, want %q", tt.in, tt.vocabulary, got, tt.want)
		}
		slices.Reverse(words)
		if got := newSpeller(words...).Repair(everyone, tt.in, 2); got != tt.want {
			t.Errorf("Repair(%q) among %v = %q, want %q", tt.in, words, got, tt.want)
		}
	}
}

// TestRepairAgainstAll compares Repair, which skips most words by their length and
// letters, with the edit distances to all words.
func TestRepairAgainstAll(t *testing.T) {
	t.Parallel()
	vocabulary := slices.DeleteFunc(slices.Sorted(maps.Keys(frequencies())), func(w string) bool { return len(w) < 4 })
	rnd := rand.New(rand.NewPCG(3, 4))
	rnd.Shuffle(len(vocabulary), func(i, j int) { vocabulary[i], vocabulary[j] = vocabulary[j], vocabulary[i] })
	vocabulary, asked := vocabulary[:200], vocabulary[200:350]
	s := newSpeller(vocabulary...)
	for i, w := range vocabulary[:150] {
		at := rnd.IntN(len(w))
		asked = append(asked, w[:at]+w[at+1:], w[:at]+string(rune('a'+i%26))+w[at:])
	}
	for _, w := range asked {
		limit, nearest := 2, 99
		if len(w) < 8 {
			limit = 1
		}
		for _, v := range vocabulary {
			nearest = min(nearest, slowDistance(w, v))
		}
		got := s.Repair(everyone, w, 2)
		if (got != "") != (nearest <= limit && len(w) >= 4) {
			t.Errorf("Repair(%q) = %q, but the nearest word is %d edits away", w, got, nearest)
		}
		if got != "" && slowDistance(w, got) > limit {
			t.Errorf("Repair(%q) = %q is too far", w, got)
		}
	}
}

func BenchmarkRepair(b *testing.B) {
	words := slices.Sorted(maps.Keys(frequencies()))
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newSpeller(words[:n]...)
			for b.Loop() {
				s.Repair(everyone, "inteligense", 2)
			}
		})
	}
}
