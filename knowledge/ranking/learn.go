package ranking

import (
	"cmp"
	"math"
	"slices"

	"frontdesk/knowledge/parallel"
)

// mostPieceRows bounds the memory for what the pieces of each word add up to, in
// numbers of four bytes: without it a question costs some microseconds more.
const mostPieceRows = 2 << 20

// lesson is what was learned for those who see one layer, of that layer and of all
// below it.
type lesson struct {
	examples   int       // that it was learned from
	damping    float32   // see damping
	unit       []float32 // by feature: what it weighs in a vector
	pieceSize  []float32 // by word: squared length of its pieces' part of a vector
	bias       []float32 // by class; above the public layer: what it adds to those below
	rows       rows      // by feature, in the public layer
	changes    changes   // … and above it: what it adds to those below
	confidence confidence
	shape      shape
	own        []float32 // by class: the logarithm of its examples against the mean of the divisions
}

// shape is what kind of file a lesson was learned from, in logarithms.
type shape struct {
	questions, keywords float64 // a division
	divisions           float64
	declined            float64 // example questions of what is declined
}

// course is the making of a lesson.
type course struct {
	*material
	model   *model
	lesson  *lesson
	scope   *scope
	visible []int32 // examples
	workers int
}

// learn makes the lesson of a layer; those of the layers below come first. The
// trainer it returns can learn again with some of the examples left out; its
// samples are those of the examples whose numbers are returned.
func (m *model) learn(l *material, sc *scope, below []*lesson, workers int) (*lesson, *trainer, []int32) {
	c := &course{material: l, model: m, lesson: new(lesson), scope: sc, workers: workers}
	for i := range l.examples {
		e := &l.examples[i]
		if sc.sees[e.Layer] && !slices.ContainsFunc(e.Claimed, func(l Layer) bool { return sc.sees[l] }) {
			c.visible = append(c.visible, int32(i))
		}
	}
	slices.SortFunc(c.visible, func(a, b int32) int { return cmp.Compare(l.examples[a].place, l.examples[b].place) })
	ls := c.lesson
	ls.examples = len(c.visible)
	ls.damping = c.damping()
	c.measure()
	places := c.weighFeatures()
	near := m.nearest(l, sc, c.visible, rivals, workers)
	t := newTrainer(c.samples(places), near, c.seeds(), m.divisions, m.features(), workers)
	t.places = places
	weights := t.train()
	ls.bias = make([]float32, m.classes)
	for class, parts := range weights {
		if n := len(parts); n > 0 && int(parts[n-1].feature) == t.features {
			ls.bias[class] = parts[n-1].value
		}
	}
	if rows := learnedRows(weights, ls.unit, places); len(below) == 0 {
		ls.rows = rows
	} else {
		ls.differ(&rows, below)
	}
	return ls, t, c.visible
}

// measure finds out what kind of file it is.
func (c *course) measure() {
	var questions, keywords, divisions, declined float64
	own := make([]float64, c.model.classes)
	for _, i := range c.visible {
		e := &c.examples[i]
		own[e.Class]++
		switch {
		case e.Class >= c.model.divisions:
			if e.Fold >= 0 && e.Class < c.model.classes-2 {
				declined++
			}
		case e.Fold >= 0:
			questions++
		default:
			keywords++
		}
	}
	for d := range c.model.divisions {
		if c.scope.visible[d] {
			divisions++
		}
	}
	divisions = max(1, divisions)
	mean := (questions + keywords) / divisions
	c.lesson.shape = shape{
		math.Log1p(questions / divisions), math.Log1p(keywords / divisions), math.Log(divisions), math.Log1p(declined),
	}
	c.lesson.own = make([]float32, c.model.classes)
	for k, n := range own {
		c.lesson.own[k] = float32(math.Log((1 + n) / (1 + mean)))
	}
}

// differ keeps how what was learned differs from what the lessons below say.
func (ls *lesson) differ(learned *rows, below []*lesson) {
	said := make([]float32, len(ls.bias))
	ls.changes.starts = make([]int32, 1, len(learned.starts))
	for f := range int32(len(ls.unit)) {
		clear(said)
		for _, b := range below {
			b.addTimesTo(said, f, 1)
		}
		for _, e := range learned.row(f) {
			ls.changes.put(e.class, e.value-said[e.class])
			said[e.class] = 0
		}
		for class, v := range said {
			ls.changes.put(int32(class), -v) // it is not said any more
		}
		ls.changes.end()
	}
	ls.changes.entries = slices.Clip(ls.changes.entries)
	for _, b := range below {
		for class, v := range b.bias {
			ls.bias[class] -= v
		}
	}
}

// addTimesTo adds a multiple of what a lesson says of a feature to a sum by class.
func (ls *lesson) addTimesTo(sum []float32, feature int32, times float32) {
	if ls.changes.starts != nil {
		ls.changes.addTimesTo(sum, feature, times)
	} else {
		ls.rows.addTimesTo(sum, feature, times)
	}
}

// at is what a lesson says of a feature for a class.
func (ls *lesson) at(feature, class int32) float64 {
	if ls.changes.starts != nil {
		return float64(ls.changes.at(feature, class))
	}
	return float64(ls.rows.at(feature, class))
}

// seeds begin the random numbers with which the classes are learned: their numbers
// among those that are visible, so that the others do not matter.
func (c *course) seeds() []uint64 {
	seeds := make([]uint64, len(c.scope.visible))
	n := uint64(0)
	for class, visible := range c.scope.visible {
		if visible {
			seeds[class] = n
			n++
		}
	}
	return seeds
}

// samples are the visible examples as vectors.
func (c *course) samples(places []int32) []sample {
	samples := make([]sample, len(c.visible))
	parallel.Ranges(c.workers, len(samples), func(from, to int) {
		scratch := make([]float32, c.model.features())
		size := 0
		for _, i := range c.visible[from:to] {
			size += len(c.all[i].words) + len(c.all[i].pairs)
			for _, w := range c.all[i].words {
				size += len(c.piecesOf[w])
			}
		}
		room := make([]part, 0, size)
		for k := from; k < to; k++ {
			i := c.visible[k]
			samples[k], room = c.sample(c.all[i], places, scratch, room)
			e := &c.examples[i]
			samples[k].class, samples[k].weight, samples[k].fold = int32(e.Class), costOf[e.Field], e.Fold
		}
	})
	return samples
}

// nearest lists for each of some examples the n classes it might be taken for. The
// scope has its table.
func (m *model) nearest(l *material, sc *scope, examples []int32, n, workers int) [][]int32 {
	near := make([][]int32, len(examples))
	parallel.Ranges(workers, len(examples), func(from, to int) {
		scores := make([]float32, m.classes)
		for i := from; i < to; i++ {
			clear(scores)
			for _, w := range l.all[examples[i]].words {
				spoken := &sc.table[m.stemOf[w]]
				for _, e := range spoken.shares {
					scores[e.class] += e.value * spoken.worth
				}
			}
			near[i] = highest(scores, n)
		}
	})
	return near
}

// sumPieces adds up what is learned of the pieces of each word, so that a question
// need not.
func (m *model) sumPieces(piecesOf [][]int32, workers int) {
	learned := &m.lessons[Public].rows
	if len(m.words)*m.classes > mostPieceRows {
		m.pieceIDs = piecesOf
		return
	}
	m.pieceRows = make([]float32, len(m.words)*m.classes)
	parallel.Ranges(workers, len(piecesOf), func(from, to int) {
		for w := from; w < to; w++ {
			row := m.row(m.pieceRows, int32(w))
			for _, p := range piecesOf[w] {
				learned.addTo(row, m.pieceFeature(p))
			}
		}
	})
}

// sample is the vector of an example, its parts appended to room. scratch has
// a zero for every feature.
func (c *course) sample(x indexed, places []int32, scratch []float32, room []part) (sample, []part) {
	m, ls, piecesOf := c.model, c.lesson, c.piecesOf
	var stemSquare, pieceSquare float32
	for _, w := range x.words {
		u := ls.unit[m.stemOf[w]]
		stemSquare += u * u
		pieceSquare += ls.pieceSize[w]
	}
	for _, p := range x.pairs {
		u := ls.unit[m.pairFeature(p)]
		stemSquare += u * u
	}
	begin := len(room)
	put := func(f int32, scale float32) {
		v := ls.unit[f] * scale
		room = append(room, part{places[f], v})
		scratch[places[f]] += v
	}
	stemScale, pieceScale := scale(stemSquare), scale(pieceSquare)
	for _, w := range x.words {
		put(m.stemOf[w], stemScale)
		v := ls.weightOf(m.rarity[w])
		for _, p := range piecesOf[w] {
			put(m.pieceFeature(p), pieceScale*v)
		}
	}
	for _, p := range x.pairs {
		put(m.pairFeature(p), stemScale)
	}
	s := sample{parts: room[begin:len(room):len(room)], square: 1}
	for _, p := range s.parts {
		s.square += scratch[p.feature] * scratch[p.feature]
		scratch[p.feature] = 0
	}
	return s, room
}

// learnedRows turns weights, by class, into rows by feature. It goes
// through the classes one after the other, as they lie in memory.
func learnedRows(weights [][]part, unit []float32, places []int32) rows {
	r := rows{starts: make([]int32, len(unit)+1)}
	at := make([]int32, len(unit)+1) // by place: how many entries; then where the next one goes
	for _, w := range weights {
		for _, p := range w {
			at[p.feature]++
		}
	}
	for f, place := range places {
		r.starts[f+1] = r.starts[f] + at[place]
		at[place] = r.starts[f]
	}
	r.entries = make([]entry, r.starts[len(unit)])
	units := make([]float32, len(unit)) // by place
	for f, place := range places {
		units[place] = unit[f]
	}
	for c, w := range weights {
		for _, p := range w {
			if int(p.feature) == len(unit) {
				continue // the bias
			}
			r.entries[at[p.feature]] = entry{int32(c), p.value * units[p.feature]}
			at[p.feature]++
		}
	}
	return r
}

func add(sum, row []float32) {
	row = row[:len(sum)]
	for i := range sum {
		sum[i] += row[i]
	}
}

// highest returns the n classes with the highest scores, but for those that are
// far below the best, in no particular order.
func highest(scores []float32, n int) []int32 {
	const far = 0.1
	least := slices.Max(scores) * far
	ids := make([]int32, 0, n)
	low := 0 // of ids, the one with the lowest score
	for c, s := range scores {
		if s <= least || len(ids) == n && s <= scores[ids[low]] {
			continue
		}
		if len(ids) < n {
			ids = append(ids, int32(c))
		} else {
			ids[low] = int32(c)
		}
		if len(ids) == n {
			low = 0
			for i, id := range ids {
				if scores[id] < scores[ids[low]] {
					low = i
				}
			}
		}
	}
	return ids
}
