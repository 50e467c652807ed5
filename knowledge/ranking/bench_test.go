package ranking_test

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"

	"frontdesk/knowledge"
)

// manyExamples is a knowledge file of 100 divisions with n example questions.
func manyExamples(n int) []knowledge.Input {
	rnd := rand.New(rand.NewPCG(1, 2))
	var words []string
	for range 4000 {
		w := make([]byte, 4+rnd.IntN(7))
		for i := range w {
			w[i] = "aeioubcdfghklmnprst"[rnd.IntN(19)]
		}
		words = append(words, string(w))
	}
	var b strings.Builder
	b.WriteString("version: 1\ndivisions:\n")
	for d := range 100 {
		fmt.Fprintf(&b, "  - id: d%d\n    name: Division %s\n    questions:\n", d, words[d])
		for range max(1, n/100) {
			b.WriteString("      - who can")
			for range 6 {
				// a third of the words are the division's own
				if w := rnd.IntN(len(words)); rnd.IntN(3) == 0 {
					b.WriteString(" " + words[(d*40+w%40)%len(words)])
				} else {
					b.WriteString(" " + words[w])
				}
			}
			b.WriteString("\n")
		}
	}
	return []knowledge.Input{{Name: "many.yaml", Data: []byte(b.String())}}
}

func BenchmarkLoad(b *testing.B) {
	b.Run("shipped", func(b *testing.B) {
		inputs, err := knowledge.Open("")
		if err != nil {
			b.Fatal(err)
		}
		benchmarkLoad(b, inputs)
	})
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkLoad(b, manyExamples(n)) })
	}
}

func benchmarkLoad(b *testing.B, inputs []knowledge.Input) {
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := knowledge.Load(inputs); problems.Err() != nil {
			b.Fatal(problems.Err())
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	b.Run("shipped", func(b *testing.B) {
		benchmarkMatch(b, testBeds()["headquarters"].base, "who handles forced labor in textile imports?")
	})
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			base, problems := knowledge.Load(manyExamples(n))
			if problems.Err() != nil {
				b.Fatal(problems.Err())
			}
			benchmarkMatch(b, base, base.File.Divisions[7].Questions[0].Text)
		})
	}
	b.Run("100KB", func(b *testing.B) {
		benchmarkMatch(b, testBeds()["headquarters"].base, strings.Repeat("qzvwx jkpqr forced labour ", 4000))
	})
}

func benchmarkMatch(b *testing.B, base *knowledge.Base, question string) {
	b.ReportAllocs()
	for b.Loop() {
		base.Match(question)
	}
}
