package knowledge

import (
	"fmt"
	"hash/fnv"
	"math"
	"slices"
)

// mostPieceRows bounds the memory for what the pieces of each word add up to, in
// numbers of four bytes: without it a question costs some microseconds more.
const mostPieceRows = 2 << 20

// learn learns from the examples, layer by layer. The trainer it returns can learn
// again with some of them left out.
func (m *model) learn(l *material, ls *layers, classes []class, workers int) *trainer {
	t := &trainer{classes: m.classes, divisions: m.divisions, features: len(m.unit), workers: workers}
	t.seeds = seeds(classes)
	t.samples = m.samples(l, workers)
	m.prepare(t, l, ls, classes, workers)
	m.bias = make([][]float32, len(ls.keys))
	for _, l := range ls.upward() {
		t.train(l)
		m.bias[l] = make([]float32, m.classes)
		for class, parts := range t.lessons[l].weights {
			if n := len(parts); n > 0 && int(parts[n-1].feature) == t.features {
				m.bias[l][class] = parts[n-1].value
			}
		}
	}
	m.learned = learnedRows(t.lessons[public].weights, m.unit, l.places)
	m.more = m.layeredRows(t.lessons, l.places)
	m.sumPieces(l.piecesOf, workers)
	return t
}

// seeds begin the random numbers with which the classes are learned. Those of what
// everyone sees are numbered; those of the others do not depend on how many there
// are.
func seeds(classes []class) (all []uint64) {
	numbered := uint64(0)
	for _, c := range classes {
		if c.layer == public {
			all = append(all, numbered)
			numbered++
			continue
		}
		h := fnv.New64a()
		_, _ = fmt.Fprintf(h, "%d %s", c.kind, c.id) // a hash takes all
		all = append(all, h.Sum64())
	}
	return all
}

// samples are the examples as vectors.
func (m *model) samples(l *material, workers int) []sample {
	samples := make([]sample, len(l.examples))
	inParallel(workers, len(samples), func(from, to int) {
		scratch := make([]float32, len(m.unit))
		size := 0
		for i := from; i < to; i++ {
			size += len(l.all[i].words) + len(l.all[i].pairs)
			for _, w := range l.all[i].words {
				size += len(l.piecesOf[w])
			}
		}
		room := make([]part, 0, size)
		for i := from; i < to; i++ {
			var s sample
			s, room = m.sample(l.all[i], l.piecesOf, l.places, scratch, room)
			e := &l.examples[i]
			s.class, s.layer, s.weight, s.fold = int32(e.class), e.layer, costOf[e.field], e.fold
			samples[i] = s
		}
	})
	return samples
}

// prepare decides which samples each class learns from in each layer: its own, and
// those of others whose words it shares most. A class that begins in a layer also
// learns from samples of the layers below.
func (m *model) prepare(t *trainer, l *material, ls *layers, classes []class, workers int) {
	ours := m.classes - 1
	for k := range ls.keys {
		lesson := &lesson{below: ls.below[k], members: make([][]int32, m.classes)}
		t.lessons = append(t.lessons, lesson)
		sc := m.scope(ls.from(layer(k)), classes)
		begins := make([]bool, m.classes)
		some := false
		for c := range classes {
			begins[c] = classes[c].layer == layer(k)
			some = some || begins[c] && k != int(public)
		}
		var look []int // samples to look at
		var inside, outside float64
		for i := range t.samples {
			s := &t.samples[i]
			if !sc.sees[s.layer] {
				continue
			}
			if int(s.class) < m.divisions {
				inside += float64(s.weight)
			} else {
				outside += float64(s.weight)
			}
			if s.layer == layer(k) || some && !slices.Contains(l.examples[i].claimed, layer(k)) {
				look = append(look, i)
			}
		}
		// Far more is said of the divisions than of what is declined; the root
		// keeps the larger side the heavier one, but not by so much.
		lesson.balance = float32(math.Sqrt(outside / (inside + 1)))
		near := m.nearest(l, sc, look, rivals, workers)
		for n, i := range look {
			s := &t.samples[i]
			own := s.layer == layer(k)
			if own {
				lesson.members[s.class] = append(lesson.members[s.class], int32(i))
				lesson.members[ours] = append(lesson.members[ours], int32(i))
			}
			for _, c := range near[n] {
				if c != s.class && int(c) != ours && (own || begins[c]) {
					lesson.members[c] = append(lesson.members[c], int32(i))
				}
			}
		}
	}
}

// nearest lists for each of some samples the n classes it might be taken for.
func (m *model) nearest(l *material, sc *scope, samples []int, n, workers int) [][]int32 {
	spoken := make([][]entry, len(m.stems)) // by stem, once it is asked for
	var room []entry
	for _, i := range samples {
		for _, w := range l.all[i].words {
			stem := m.stemOf[w]
			if spoken[stem] != nil {
				continue
			}
			if cap(room)-len(room) < m.classes {
				room = make([]entry, 0, 64*m.classes)
			}
			var sp speech
			sp, room = m.evidence.speak(sc, stem, nil, room)
			for k := range sp.shares {
				sp.shares[k].value *= sp.worth
			}
			spoken[stem] = sp.shares
		}
	}
	near := make([][]int32, len(samples))
	inParallel(workers, len(samples), func(from, to int) {
		scores := make([]float32, m.classes)
		for i := from; i < to; i++ {
			clear(scores)
			for _, w := range l.all[samples[i]].words {
				for _, e := range spoken[m.stemOf[w]] {
					scores[e.class] += e.value
				}
			}
			near[i] = highest(scores, n)
		}
	})
	return near
}

// sample is the vector of an example, its parts appended to room. scratch has
// a zero for every feature.
func (m *model) sample(x indexed, piecesOf [][]int32, places []int32, scratch []float32, room []part) (sample, []part) {
	var stemSquare, pieceSquare float32
	for _, w := range x.words {
		u := m.unit[m.stemOf[w]]
		stemSquare += u * u
		pieceSquare += m.pieceSize[w]
	}
	for _, p := range x.pairs {
		u := m.unit[m.pairFeature(p)]
		stemSquare += u * u
	}
	begin := len(room)
	put := func(f int32, scale float32) {
		v := m.unit[f] * scale
		room = append(room, part{places[f], v})
		scratch[places[f]] += v
	}
	stemScale, pieceScale := scale(stemSquare), scale(pieceSquare)
	for _, w := range x.words {
		put(m.stemOf[w], stemScale)
		v := m.voice(m.rarity[w])
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

// layeredRows does the same for the layers above the public one.
func (m *model) layeredRows(lessons []*lesson, places []int32) layeredRows {
	var r layeredRows
	if len(lessons) == 1 {
		return r
	}
	feature := make([]int32, len(places)) // by place
	for f, place := range places {
		feature[place] = int32(f)
	}
	r.starts = make([]int32, len(places)+1)
	each := func(f func(feature int32, e layeredEntry)) {
		for l, lesson := range lessons {
			if layer(l) == public {
				continue
			}
			for c, w := range lesson.weights {
				for _, p := range w {
					if int(p.feature) < len(places) {
						i := feature[p.feature]
						f(i, layeredEntry{entry{int32(c), p.value * m.unit[i]}, layer(l)})
					}
				}
			}
		}
	}
	each(func(f int32, _ layeredEntry) { r.starts[f+1]++ })
	for f := range places {
		r.starts[f+1] += r.starts[f]
	}
	r.entries = make([]layeredEntry, r.starts[len(places)])
	at := slices.Clone(r.starts)
	each(func(f int32, e layeredEntry) {
		r.entries[at[f]] = e
		at[f]++
	})
	return r
}

// sumPieces adds up what is learned of the pieces of each word, so that a question
// need not.
func (m *model) sumPieces(piecesOf [][]int32, workers int) {
	m.pieceIDs = piecesOf
	if len(m.words)*m.classes > mostPieceRows {
		return
	}
	m.pieceRows = make([]float32, len(m.words)*m.classes)
	inParallel(workers, len(piecesOf), func(from, to int) {
		for w := from; w < to; w++ {
			row := m.row(m.pieceRows, int32(w))
			for _, p := range piecesOf[w] {
				m.learned.addTo(row, m.pieceFeature(p))
			}
			v := m.voice(m.rarity[w])
			for c := range row {
				row[c] *= v
			}
		}
	})
	if m.more.starts == nil {
		m.pieceIDs = nil
	}
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
