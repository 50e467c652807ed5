package ranking

import (
	"math"
	"slices"

	"frontdesk/knowledge/parallel"
	"frontdesk/knowledge/words"
)

// The third view. A question and a class have a direction among word vectors, so that
// "freezing" speaks for a division that has "cold". It says less than words that both have:
// those outvote it, since the other views add up to more.
const (
	// meaningScale is what the cosine of 1 adds to a score. Between 0.7 and 3 it puts a city's
	// divisions right more often by 5 to 15 points where they have a sentence or five
	// keywords each, and 150 intents by one where each has ten examples; above 1.5 questions
	// with misspelled and foreign words lose.
	meaningScale = 1.2
	// meaningPower is how fast that falls with the share of a question's words that have a
	// vector.
	meaningPower = 2
)

// meaning has the directions of the classes.
type meaning struct {
	rows    []int32       // by word: of its vector
	weights []float32     // by word: what it counts
	parts   []meaningPart // by class and layer
}

// meaningPart is what the examples of a class in a layer add up to.
type meaningPart struct {
	class int32
	layer Layer
	sum   words.Vector
}

// newMeaning adds up the directions of the examples, which are in the order of their
// layers, and within one in that of their classes.
func (m *model) newMeaning(examples []Example, all []indexed, workers int) {
	mn := &m.meaning
	mn.rows, mn.weights = make([]int32, len(m.words)), make([]float32, len(m.words))
	parallel.Ranges(workers, len(m.words), func(from, to int) {
		for w := from; w < to; w++ {
			mn.rows[w], mn.weights[w] = words.VectorOf(m.words[w]), words.PhraseWeight(m.words[w])
		}
	})
	for i := range examples {
		e := &examples[i]
		last := len(mn.parts) - 1
		if last < 0 || mn.parts[last].class != int32(e.Class) || mn.parts[last].layer != e.Layer {
			mn.parts = append(mn.parts, meaningPart{class: int32(e.Class), layer: e.Layer})
			last++
		}
		direction := mn.direction(&all[i])
		mn.parts[last].sum.Add(&direction, costOf[e.Field])
	}
}

// direction is that of an example, of length 1, or zero if no word of it has a vector.
func (mn *meaning) direction(x *indexed) (v words.Vector) {
	for _, w := range x.words {
		if row := mn.rows[w]; row != words.NoVector {
			v.AddRow(row, mn.weights[w])
		}
	}
	v.Unit()
	return v
}

// directions are the sums of what some readers see of each class.
func (mn *meaning) directions(sees []bool, classes int) []words.Vector {
	sums := make([]words.Vector, classes)
	for i := range mn.parts {
		if p := &mn.parts[i]; sees[p.layer] {
			sums[p.class].Add(&p.sum, 1)
		}
	}
	return sums
}

// left is an example that is left out.
type left struct {
	*Example
	in *indexed
}

// addMeaning adds to each score how near the question is to the class, as it is or as it
// would be without an example.
func (m *model) addMeaning(r *reading, without *left) {
	r.near = zeroed(r.near, m.classes)
	r.direction, r.meaningScale = words.Vector{}, 0
	var all, have float32
	for i := range r.clues {
		c := &r.clues[i]
		if c.repeated || c.aside {
			continue
		}
		row, weight := m.vector(r, i)
		if all += weight; row != words.NoVector {
			have += weight
			r.direction.AddRow(row, weight)
		}
	}
	length := float32(math.Sqrt(float64(r.direction.Dot(&r.direction))))
	if length < 1e-6 {
		return
	}
	r.meaningScale = meaningScale * float32(math.Pow(float64(have/all), meaningPower)) / length
	for c := range m.classes - 1 { // the last one stands for all divisions together
		sum, square := &r.scope.directions[c], r.scope.squares[c]
		if without != nil && without.Class == c {
			less, own := *sum, m.meaning.direction(without.in)
			less.Add(&own, -costOf[without.Field])
			sum, square = &less, less.Dot(&less)
		}
		if square < 1e-6 {
			continue
		}
		r.near[c] = r.direction.Dot(sum) / (length * float32(math.Sqrt(float64(square))))
		r.scores[c] += r.meaningScale * length * r.near[c]
	}
}

// vector is the row of the vector of a question's word, and what the word counts.
func (m *model) vector(r *reading, i int) (row int32, weight float32) {
	if w := r.clues[i].word; w >= 0 {
		return m.meaning.rows[w], m.meaning.weights[w]
	}
	said := r.said(i)
	return words.VectorOf(said), words.PhraseWeight(said)
}

// meaningOf is what a question's word adds to the score of a class by its meaning.
func (m *model) meaningOf(r *reading, i int, class int32) float64 {
	row, weight := m.vector(r, i)
	square := r.scope.squares[class]
	if row == words.NoVector || r.meaningScale == 0 || square < 1e-6 {
		return 0
	}
	var v words.Vector
	v.AddRow(row, weight)
	return float64(r.meaningScale * v.Dot(&r.scope.directions[class]) / float32(math.Sqrt(float64(square))))
}

// kindred is the cosine from which two words are related: "freezing" and "cold" have 0.7.
const kindred = 0.5

// Like is the word of a division that is nearest in meaning to a word of a question that the
// division does not have, or "" if none is near. It looks at every word that the readers of
// the view see.
func (v *View) Like(word string, division int) string {
	m, sc := v.index.model, v.scope
	word = words.Fold(word)
	row := words.VectorOf(word)
	has := func(stem int32) bool {
		return slices.ContainsFunc(m.evidence.of(stem), func(c count) bool {
			return int(c.class) == division && sc.sees[c.layer]
		})
	}
	if s, ok := m.stemNumber(sc.sees, word); row == words.NoVector || words.IsStopWord(word) || ok && has(s) {
		return ""
	}
	direction := func(row int32) (u words.Vector) {
		u.AddRow(row, 1)
		u.Unit()
		return u
	}
	own := direction(row)
	best, nearest := "", float32(kindred)
	for id, w := range m.words {
		r := m.meaning.rows[id]
		if r == words.NoVector || words.IsStopWord(w) || !m.wordIn.seen(sc.sees, int32(id)) || !has(m.stemOf[id]) {
			continue
		}
		other := direction(r)
		if cosine := own.Dot(&other); cosine > nearest || cosine == nearest && w < best {
			best, nearest = w, cosine
		}
	}
	return best
}
