package ranking

import (
	"cmp"
	"math"
	"slices"
)

// Explanation splits two scores of a question into what each word adds to them.
type Explanation struct {
	First    Sum // of the best division
	Declined Sum // of the best of what is declined; without words if nothing is
	// Topic is the declined topic that Declined is of, or -1 for what nobody answers.
	Topic int
}

// Sum is a score and what it is made of.
type Sum struct {
	Score float64
	Bias  float64 // what the score is without any word
	Words []Term  // strongest first
}

// Term is a word of a question and what it adds to a score.
type Term struct {
	Term   string  `json:"term"`
	Weight float64 `json:"weight"`
	Meant  string  `json:"meant,omitempty"` // what it is taken to be a misspelling of
}

// Explain says why the first candidate of [View.Match] comes first, and what speaks for
// declining the question. There must be a division that the readers see.
func (v *View) Explain(question string) Explanation {
	r := readings.Get().(*reading)
	defer readings.Put(r)
	v.read(r, question)
	e := Explanation{First: v.sum(r, r.ranking.top[0]), Topic: -1}
	if other := r.ranking.other; other >= 0 {
		e.Declined = v.sum(r, other)
		if v.index.classes[other].Kind == Declined {
			e.Topic = int(other)
		}
	}
	return e
}

// sum splits the score of a class.
func (v *View) sum(r *reading, class int32) Sum {
	m, sc := v.index.model, v.scope
	at := func(f int32) float64 { return m.learned(sc, f, class) }
	s := Sum{Score: float64(r.scores[class]), Bias: float64(sc.bias[class]), Words: make([]Term, 0, len(r.clues))}
	if slices.Contains(r.named, class) {
		s.Bias += naming
	}
	pairs := 0.0
	for _, p := range r.pairs {
		pairs += float64(r.stemScale) * at(m.pairFeature(p))
	}
	for i, c := range r.clues {
		if c.repeated || c.aside {
			continue
		}
		t := Term{Term: r.words[i].Text, Meant: c.said}
		if c.stem >= 0 {
			t.Weight += float64(r.stemScale)*at(c.stem) + float64(r.evidenceScale*c.worth)*c.of(class)
		}
		if v := float64(r.partScale * sc.weightOf(c.tells)); c.word < 0 {
			m.piecesOf(sc.sees, t.Term, func(f int32) { t.Weight += v * at(f) })
		} else {
			t.Weight += v * m.piecesSaid(sc, c.word, class)
		}
		t.Weight += m.meaningOf(r, i, class)
		s.Words = append(s.Words, t)
	}
	if pairs != 0 {
		s.Words = append(s.Words, Term{Term: "(words in a row)", Weight: pairs})
	}
	slices.SortStableFunc(s.Words, func(a, b Term) int { return cmp.Compare(math.Abs(b.Weight), math.Abs(a.Weight)) })
	return s
}
