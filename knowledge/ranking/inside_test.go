package ranking

import (
	"math"
	"slices"
	"testing"

	"frontdesk/knowledge/words"
)

// What the tests in package ranking_test, which load knowledge files, look at inside
// a view.

// slowScores computes a question's scores the obvious way: it makes the
// question's vector feature by feature and multiplies it with what was learned,
// then adds up BM25F from the counts.
func slowScores(v *View, question string) []float64 {
	m, sc := v.index.model, v.scope
	r := new(reading)
	m.read(r, sc, question, nil)
	v.index.names(r)
	stems, pieces := map[int32]float64{}, map[int32]float64{}
	var stemSquare, pieceSquare, worth float64
	evidence := make([]float64, m.classes)
	seen := map[string]bool{}
	for i, c := range r.clues {
		if seen[r.words[i].Text] || c.aside {
			continue
		}
		seen[r.words[i].Text] = true
		if c.stem < 0 {
			worth += unknownShare * math.Log(1+(float64(sc.classes)+0.5)/0.5)
		} else {
			u := float64(sc.unit[c.stem])
			stems[c.stem]++
			stemSquare += u * u
			sums, df := make([]float64, m.classes), 0.0
			for _, n := range m.evidence.of(c.stem) {
				if !sc.sees[n.layer] {
					continue
				}
				if sums[n.class] == 0 {
					df++
				}
				sums[n.class] += evidenceOf[n.field] * float64(n.n) / (1 - bm25B + bm25B*sc.length[n.field][n.class])
			}
			idf := math.Log(1 + (float64(sc.classes)-df+0.5)/(df+0.5))
			worth += idf
			for k, sum := range sums {
				evidence[k] += idf * sum / (sum + bm25K)
			}
		}
		text, tells := r.said(i), float64(c.tells)
		voice := 1 - float64(sc.hush)*(1-tells)
		if c.word < 0 {
			text = r.words[i].Text
		}
		words.NGrams(text, func(g string) {
			if p, ok := m.pieces[g]; ok && m.pieceIn.seen(sc.sees, p) {
				f := m.pieceFeature(p)
				pieces[f] += voice
				pieceSquare += float64(sc.unit[f]) * voice * float64(sc.unit[f]) * voice
			}
		})
	}
	last, pairs := edge, map[int32]bool{}
	for i := 0; i <= len(r.clues); i++ {
		next := edge
		if i < len(r.clues) {
			next = r.clues[i].stem
		}
		if p, ok := m.pairs[pairKey(last, next)]; ok && !(last == edge && next == edge) && m.pairIn.seen(sc.sees, p) {
			pairs[p] = true
		}
		if last = next; last < 0 {
			last = strange
		}
	}
	for p := range pairs {
		f := m.pairFeature(p)
		stems[f]++
		stemSquare += float64(sc.unit[f]) * float64(sc.unit[f])
	}
	scores := make([]float64, m.classes)
	weight := func(f int32, k int) float64 {
		w := 0.0
		for l, ls := range m.lessons {
			if ls != nil && sc.sees[l] {
				w += ls.at(f, int32(k))
			}
		}
		return w
	}
	for k := range scores {
		for l, ls := range m.lessons {
			if ls != nil && sc.sees[l] {
				scores[k] += float64(ls.bias[k])
			}
		}
		for f, n := range stems {
			scores[k] += n * weight(f, k) * math.Sqrt(0.5/stemSquare)
		}
		for f, n := range pieces {
			scores[k] += n * weight(f, k) * math.Sqrt(0.5/pieceSquare)
		}
		if worth > 0 {
			scores[k] += evidenceScale * evidence[k] / worth
		}
	}
	for _, d := range r.named {
		scores[d] += naming
	}
	return scores
}

// CheckScores holds the scores of a question to those of slowScores.
func CheckScores(t *testing.T, v *View, question string) {
	t.Helper()
	r := new(reading)
	v.index.model.read(r, v.scope, question, nil)
	v.index.names(r)
	v.index.model.score(r)
	for k, want := range slowScores(v, question) {
		if got := float64(r.scores[k]); math.IsNaN(got) || math.Abs(got-want) > 2e-3 {
			t.Fatalf("%q: score of class %d is %g, the slow reference says %g", question, k, got, want)
		}
	}
}

// CheckSame holds that two views were learned and calibrated alike.
func CheckSame(t *testing.T, one, other *View) {
	t.Helper()
	if !slices.Equal(one.scope.rows.entries, other.scope.rows.entries) ||
		!slices.Equal(one.scope.bias, other.scope.bias) {
		t.Error("what was learned differs")
	}
	if one.scope.confidence != other.scope.confidence {
		t.Errorf("the confidence is %v and %v", one.scope.confidence, other.scope.confidence)
	}
}
