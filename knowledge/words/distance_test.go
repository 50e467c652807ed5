package words

import (
	"math/rand/v2"
	"strings"
	"testing"
)

// slowDistance is the optimal string alignment distance with the whole matrix.
func slowDistance(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func checkDistance(t *testing.T, a, b string, limit int) {
	t.Helper()
	want := min(slowDistance(a, b), limit+1)
	if got := min(EditDistance(a, b, limit), limit+1); got != want {
		t.Errorf("EditDistance(%q, %q, %d) = %d, want %d", a, b, limit, got, want)
	}
}

func TestEditDistance(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"labor", "labor", 0},
		{"labor", "labour", 1},
		{"passport", "pasport", 1},
		{"border", "broder", 1},
		{"visa", "vise", 1},
		{"ca", "abc", 3}, // the full distance has 2; alignment never edits a swapped pair again
		{"smuggling", "smugling", 1},
		{"trafficking", "trafickign", 2},
	}
	for _, tt := range tests {
		if got := EditDistance(tt.a, tt.b, 9); got != tt.want {
			t.Errorf("EditDistance(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := EditDistance(tt.b, tt.a, 9); got != tt.want {
			t.Errorf("EditDistance(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
	// Few letters make many near pairs.
	rnd := rand.New(rand.NewPCG(1, 2))
	draw := func() string {
		b := make([]byte, rnd.IntN(9))
		for i := range b {
			b[i] = "abc"[rnd.IntN(3)]
		}
		return string(b)
	}
	for range 20_000 {
		checkDistance(t, draw(), draw(), rnd.IntN(4))
	}
	long := strings.Repeat("a", LongestWord*4)
	checkDistance(t, long, long[1:], 2)
	if got := EditDistance(long+"a", long, 2); got <= 2 {
		t.Errorf("distance of words beyond all bounds = %d, want more than the limit", got)
	}
}

func FuzzEditDistance(f *testing.F) {
	f.Add("labor", "labour", 1)
	f.Add("ca", "abc", 3)
	f.Add("", "x", 0)
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		if len(a) > LongestWord*4 || len(b) > LongestWord*4 || limit < 0 || limit > LongestWord {
			return
		}
		checkDistance(t, a, b, limit)
	})
}
