package ranking

import (
	"math"
	"slices"
	"sync"
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
		counts := 1 - float64(sc.damping)*(1-tells)
		if c.word < 0 {
			text = r.words[i].Text
		}
		words.NGrams(text, func(g string) {
			if p, ok := m.pieces[g]; ok && m.pieceIn.seen(sc.sees, p) {
				f := m.pieceFeature(p)
				pieces[f] += counts
				pieceSquare += float64(sc.unit[f]) * counts * float64(sc.unit[f]) * counts
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
	for k, near := range slowMeaning(v, r) {
		scores[k] += near
	}
	for _, d := range r.named {
		scores[d] += naming
	}
	return scores
}

// slowMeaning is what the third view adds to the score of each class.
func slowMeaning(v *View, r *reading) []float64 {
	ix := v.index
	var question [words.Dimensions]float64
	add := func(sum *[words.Dimensions]float64, v words.Vector, times float64) {
		for i, x := range v {
			sum[i] += float64(x) * times
		}
	}
	length := func(v *[words.Dimensions]float64) float64 {
		square := 0.0
		for _, x := range v {
			square += x * x
		}
		return math.Sqrt(square)
	}
	all, have := 0.0, 0.0
	seen := map[string]bool{}
	for i, c := range r.clues {
		if seen[r.words[i].Text] || c.aside {
			continue
		}
		seen[r.words[i].Text] = true
		weight := float64(words.PhraseWeight(r.said(i)))
		all += weight
		if row := words.VectorOf(r.said(i)); row != words.NoVector {
			have += weight
			var v words.Vector
			v.AddRow(row, 1)
			add(&question, v, weight)
		}
	}
	near := make([]float64, ix.model.classes)
	if length(&question) < 1e-6 {
		return near
	}
	for k, class := range slowDirections(v)[:len(near)-1] {
		if length(&class) < 1e-3 {
			continue
		}
		product := 0.0
		for i := range class {
			product += class[i] * question[i]
		}
		cosine := product / length(&class) / length(&question)
		near[k] = meaningScale * math.Pow(have/all, meaningPower) * cosine
	}
	return near
}

// directionsOf has what slowDirections has added up, by view.
var directionsOf sync.Map

// slowDirections are the sums of the directions of each class's examples.
func slowDirections(v *View) [][words.Dimensions]float64 {
	if known, ok := directionsOf.Load(v); ok {
		return known.([][words.Dimensions]float64)
	}
	sums := make([][words.Dimensions]float64, v.index.model.classes)
	for i := range v.index.examples {
		if e := &v.index.examples[i]; v.scope.sees[e.Layer] {
			for d, x := range slowDirection(e.Text) {
				sums[e.Class][d] += float64(x) * float64(costOf[e.Field])
			}
		}
	}
	directionsOf.Store(v, sums)
	return sums
}

// slowDirection is the direction of an example, in which each word counts once.
func slowDirection(text string) (v words.Vector) {
	seen := map[string]bool{}
	for _, w := range words.Split(text) {
		if row := words.VectorOf(w.Text); row != words.NoVector && !seen[w.Text] {
			seen[w.Text] = true
			v.AddRow(row, words.PhraseWeight(w.Text))
		}
	}
	v.Unit()
	return v
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
