package knowledge

import (
	"fmt"
	"math"
	"runtime/debug"
	"slices"
	"sync"
)

// field says what part of the file an example was taken from.
type field uint8

const (
	fieldName field = iota // names, aliases, acronyms, topics, programs, summaries
	fieldAsk               // keywords and example questions
	fieldText              // sentences
	fields
)

// What an example counts, by field. Sentences are made of words of which few
// tell the division.
var (
	costOf     = [fields]float32{fieldName: 1, fieldAsk: 1, fieldText: 0.1}
	evidenceOf = [fields]float64{fieldName: 4, fieldAsk: 1, fieldText: 1}
)

// example is one piece of the file that belongs to one class: a name, a
// keyword, a sentence, a question.
type example struct {
	text  string
	class int
	field field
	fold  int8 // which fold holds it back for calibration, or -1
}

// model scores a question for each class: first the divisions, then the topics
// that are declined, then the background of what no desk answers, and last all
// divisions together. A score is the sum of two views. One is learned from the
// examples as a whole, over stems, pairs of stems in a row and pieces of words.
// The other is the classic evidence of each stem, BM25F, which needs few
// examples. Either is a sum over the words of the question, so it can say why;
// and what a known word adds is summed up while the file loads, so a question
// costs the addition of a few rows.
type model struct {
	classes   int
	divisions int

	vocabulary map[string]int32 // words of the file to their number
	stems      map[string]int32
	pairs      map[uint64]int32
	pieces     map[string]int32
	synonyms   map[string]string // stem to the stem that stands for its group
	speller    speller

	// By word.
	words     []string
	stemOf    []int32
	rarity    []float32
	asks      []asks
	pieceSize []float32 // squared length of its pieces' part of a vector
	pieceRows []float32 // learned, summed over its pieces

	// By feature: stems, then pairs, then pieces.
	unit    []float32 // what the feature weighs in a vector
	learned rows

	evidence evidence
	bias     []float32
	hush     float32
}

// The two views, in the same measure: learned scores run from about -1.3 to 1,
// evidence from 0 to 1. The scale was chosen on validation questions and on
// files of other fields; from 1.5 to 3 little changes.
const evidenceScale = 2.3

// edge is the border of a text, strange a word without a known stem, in pairs.
const (
	edge    int32 = -1
	strange int32 = -2
)

func pairKey(a, b int32) uint64 { return uint64(uint32(a))<<32 | uint64(uint32(b)) }

// canonical is the stem of a word, or the one that stands for its synonyms.
func (m *model) canonical(w string) string {
	s := stem(w)
	if c, ok := m.synonyms[s]; ok {
		return c
	}
	return s
}

// stemNumber is the number of a word's stem.
func (m *model) stemNumber(w string) (int32, bool) {
	if id, ok := m.vocabulary[w]; ok {
		return m.stemOf[id], true
	}
	s, ok := m.stems[m.canonical(w)]
	return s, ok
}

func (m *model) row(rows []float32, i int32) []float32 {
	return rows[int(i)*m.classes : (int(i)+1)*m.classes]
}

func (m *model) pairFeature(p int32) int32  { return int32(len(m.stems)) + p }
func (m *model) pieceFeature(p int32) int32 { return int32(len(m.stems)+len(m.pairs)) + p }

// number gives each new name the next number.
func number[K comparable](numbers map[K]int32, name K) int32 {
	id, ok := numbers[name]
	if !ok {
		id = int32(len(numbers))
		numbers[name] = id
	}
	return id
}

// indexed is an example in numbers.
type indexed struct {
	words []int32 // each once
	pairs []int32 // each once
}

// lesson is what a model has found in the examples when it begins to learn.
type lesson struct {
	examples []example
	all      []indexed
	piecesOf [][]int32 // by word
	places   []int32   // by feature: see weighFeatures
}

// newModel makes a model that knows the words of the examples, which are in the
// order of their classes, and has the evidence, but has learned nothing yet.
func newModel(examples []example, classes, divisions int, synonyms map[string]string, workers int) (*model, *lesson) {
	m := &model{
		classes: classes, divisions: divisions, synonyms: synonyms,
		vocabulary: make(map[string]int32, 1<<12), stems: make(map[string]int32, 1<<12),
		pairs: make(map[uint64]int32, 1<<14), pieces: make(map[string]int32, 1<<13),
	}
	m.hush = hush(examples, divisions)
	l := &lesson{examples: examples}
	l.all, l.piecesOf = m.index(examples, workers)
	together(workers,
		func() { m.spell(examples, l.all) },
		func() { l.places = m.weighFeatures(examples, l.all, l.piecesOf) },
		func() { m.evidence = m.newEvidence(examples, l.all) },
	)
	return m, l
}

// learn learns from the examples. The trainer it returns can learn again with
// some of them left out.
func (m *model) learn(l *lesson, workers int) *trainer {
	examples, all, piecesOf, places, classes := l.examples, l.all, l.piecesOf, l.places, m.classes
	samples := make([]sample, len(examples))
	near := make([][]int32, len(examples))
	inParallel(workers, len(examples), func(from, to int) {
		scratch := make([]float32, len(m.unit))
		scores := make([]float32, classes)
		size := 0
		for i := from; i < to; i++ {
			size += len(all[i].words) + len(all[i].pairs)
			for _, w := range all[i].words {
				size += len(piecesOf[w])
			}
		}
		room := make([]part, 0, size)
		var s sample
		for i := from; i < to; i++ {
			s, room = m.sample(all[i], piecesOf, places, scratch, room)
			s.class, s.weight, s.fold = int32(examples[i].class), costOf[examples[i].field], examples[i].fold
			samples[i] = s
			clear(scores)
			for _, w := range all[i].words {
				m.evidence.rows.addTo(scores, m.stemOf[w])
			}
			near[i] = highest(scores, rivals)
		}
	})
	t := newTrainer(samples, near, classes, m.divisions, len(m.unit))
	t.workers = workers

	m.bias = make([]float32, classes)
	weights := make([][]part, classes)
	t.train(func(class int, w []float32) {
		w, m.bias[class] = w[:len(m.unit)], w[len(m.unit)]
		said := 0
		for _, v := range w {
			if v != 0 {
				said++
			}
		}
		weights[class] = make([]part, 0, said)
		for place, v := range w {
			if v != 0 {
				weights[class] = append(weights[class], part{int32(place), v})
			}
		}
	})
	m.learned = learnedRows(weights, m.unit, places)
	m.pieceRows = make([]float32, len(m.vocabulary)*classes)
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
	return t
}

// learnedRows turns weights, by class, into rows by feature. It goes
// through the classes one after the other, as they lie in memory.
func learnedRows(weights [][]part, unit []float32, places []int32) rows {
	r := rows{starts: make([]int32, len(unit)+1)}
	at := make([]int32, len(unit)) // by place: how many entries; then where the next one goes
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
			r.entries[at[p.feature]] = entry{int32(c), p.value * units[p.feature]}
			at[p.feature]++
		}
	}
	return r
}

// inParallel divides the numbers from 0 to n among so many workers.
func inParallel(workers, n int, work func(from, to int)) {
	parts := max(1, min(workers, n/256))
	var all crew
	for i := range parts {
		all.work(func() { work(i*n/parts, (i+1)*n/parts) })
	}
	all.wait()
}

// crew does work in goroutines of its own. If one of them breaks, wait breaks in
// the same way, so that whoever ordered the work can be rescued.
type crew struct {
	group sync.WaitGroup
	mu    sync.Mutex
	cause any
}

func (c *crew) work(f func()) {
	c.group.Go(func() {
		defer func() {
			if cause := recover(); cause != nil {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.cause = fmt.Sprintf("%v\n%s", cause, debug.Stack())
			}
		}()
		f()
	})
}

func (c *crew) wait() {
	c.group.Wait()
	if c.cause != nil {
		panic(c.cause)
	}
}

// together does what does not depend on each other, at once if there is more
// than one worker.
func together(workers int, parts ...func()) {
	if workers == 1 {
		for _, part := range parts {
			part()
		}
		return
	}
	var all crew
	for _, part := range parts {
		all.work(part)
	}
	all.wait()
}

// index numbers every word, stem, pair and piece of the examples.
func (m *model) index(examples []example, workers int) (all []indexed, piecesOf [][]int32) {
	texts := make([][]string, len(examples)) // the words of each
	inParallel(workers, len(examples), func(from, to int) {
		const usual = 8 // words in an example
		room := make([]string, 0, usual*(to-from))
		var words []word
		for i := from; i < to; i++ {
			begin := len(room)
			words = splitInto(words, examples[i].text)
			for _, w := range words {
				room = append(room, w.text)
			}
			texts[i] = room[begin:len(room):len(room)]
		}
	})
	for _, words := range texts {
		for _, w := range words {
			if number(m.vocabulary, w) == int32(len(m.words)) {
				m.words = append(m.words, w)
			}
		}
	}
	// What is costly to find out of a word does not depend on the others.
	n := len(m.words)
	stems, pieces := make([]string, n), make([][]string, n)
	m.rarity, m.asks = make([]float32, n), make([]asks, n)
	inParallel(workers, n, func(from, to int) {
		for w := from; w < to; w++ {
			text := m.words[w]
			stems[w], m.rarity[w], m.asks[w] = m.canonical(text), rarity(text), askedBy()[text]
			pieces[w] = make([]string, 0, (len(text)+1)*(maxGram-minGram+1))
			grams(text, func(g string) { pieces[w] = append(pieces[w], g) })
		}
	})
	m.stemOf, piecesOf = make([]int32, n), make([][]int32, n)
	together(workers, func() {
		for w := range m.words {
			m.stemOf[w] = number(m.stems, stems[w])
		}
		all = m.indexTexts(texts)
	}, func() {
		for w := range m.words {
			piecesOf[w] = make([]int32, len(pieces[w]))
			for i, g := range pieces[w] {
				piecesOf[w][i] = number(m.pieces, g)
			}
		}
	})
	return all, piecesOf
}

// indexTexts numbers the words of each example and the pairs of their stems.
func (m *model) indexTexts(texts [][]string) []indexed {
	all := make([]indexed, len(texts))
	lastIn := make([]int32, len(m.words)) // by word: the last example that has it, counted from 1
	for i, words := range texts {
		x := indexed{words: make([]int32, 0, len(words)), pairs: make([]int32, 0, len(words)+1)}
		last := edge
		for _, w := range words {
			id := m.vocabulary[w]
			if lastIn[id] != int32(i+1) {
				lastIn[id] = int32(i + 1)
				x.words = append(x.words, id)
			}
			x.addPair(number(m.pairs, pairKey(last, m.stemOf[id])))
			last = m.stemOf[id]
		}
		if last != edge {
			x.addPair(number(m.pairs, pairKey(last, edge)))
		}
		all[i] = x
	}
	return all
}

// spell makes the speller of the words of the examples and of those that ask.
func (m *model) spell(examples []example, all []indexed) {
	told := 0 // words are numbered in the order in which they first come
	for i, e := range examples {
		for _, w := range all[i].words {
			if int(w) < told {
				continue
			}
			told++
			value := m.rarity[w]
			if e.class < m.divisions {
				value++ // sooner a word of a division than one of what is declined
			}
			m.speller.add(m.words[w], value)
		}
	}
	for w := range askedBy() {
		if _, ok := m.vocabulary[w]; !ok {
			m.speller.add(w, 0)
		}
	}
	m.speller.ready()
}

func (x *indexed) addPair(p int32) {
	for _, q := range x.pairs {
		if p == q {
			return
		}
	}
	x.pairs = append(x.pairs, p)
}

// rareness is how fast a feature gains weight as fewer examples and classes
// have it: at 0 all weigh the same, at 1 by inverse frequency. Where divisions
// are told by keywords a rare word is a sign; among example questions it is
// often chance.
func (m *model) rareness() float64 { return 0.5 + 0.5*float64(m.hush)/hushing }

// weighFeatures sets what each feature weighs: the geometric mean of its
// inverse frequencies among examples and among classes. It returns each
// feature's place in the memory of a learner: those that most examples have
// stand together, so that the processor keeps them at hand.
func (m *model) weighFeatures(examples []example, all []indexed, piecesOf [][]int32) (places []int32) {
	n := len(m.stems) + len(m.pairs) + len(m.pieces)
	inExamples, inClasses := make([]int32, n), make([]int32, n)
	lastExample, lastClass := make([]int32, n), make([]int32, n)
	for i, x := range all {
		count := func(f int32) {
			if lastExample[f] != int32(i+1) {
				lastExample[f] = int32(i + 1)
				inExamples[f]++
			}
			if c := int32(examples[i].class + 1); lastClass[f] != c {
				lastClass[f] = c
				inClasses[f]++
			}
		}
		for _, w := range x.words {
			count(m.stemOf[w])
			for _, p := range piecesOf[w] {
				count(m.pieceFeature(p))
			}
		}
		for _, p := range x.pairs {
			count(m.pairFeature(p))
		}
	}
	inverse := func(all, some int) float64 { return math.Log(float64(1+all)/float64(1+some)) + 1 }
	m.unit = make([]float32, n)
	rareness := m.rareness()
	for f := range m.unit {
		mean := inverse(len(examples), int(inExamples[f])) * inverse(m.classes, int(inClasses[f]))
		m.unit[f] = float32(math.Pow(mean, rareness/2))
	}
	// Of the words of a stem, the one that tells most stands for it.
	tells := make([]float32, len(m.stems))
	for w, s := range m.stemOf {
		tells[s] = max(tells[s], m.rarity[w])
	}
	for s, t := range tells {
		m.unit[s] *= m.voice(t)
	}
	for key, p := range m.pairs {
		t := float32(0)
		if a := int32(key >> 32); a >= 0 {
			t = max(t, tells[a])
		}
		if b := int32(uint32(key)); b >= 0 {
			t = max(t, tells[b])
		}
		m.unit[m.pairFeature(p)] *= m.voice(t)
	}
	m.pieceSize = make([]float32, len(piecesOf))
	for w, pieces := range piecesOf {
		v := m.voice(m.rarity[w])
		for _, p := range pieces {
			u := m.unit[m.pieceFeature(p)] * v
			m.pieceSize[w] += u * u
		}
	}
	return placed(inExamples)
}

// placed ranks features by how many examples have them, the most first.
func placed(inExamples []int32) []int32 {
	starts := make([]int32, slices.Max(append(inExamples, 0))+2) // a counting sort
	for _, n := range inExamples {
		starts[len(starts)-2-int(n)+1]++
	}
	for i := 1; i < len(starts); i++ {
		starts[i] += starts[i-1]
	}
	places := make([]int32, len(inExamples))
	for f, n := range inExamples {
		at := &starts[len(starts)-2-int(n)]
		places[f] = *at
		*at++
	}
	return places
}

// hushing is how much less a common word of English counts than a rare one, in
// a file that describes its divisions by keywords alone.
const hushing = 0.85

// hush says how much common words are to be hushed. Keywords have none, so
// where divisions are told by keywords, the common words of the few example
// questions there are would be mistaken for signs of the division. Where
// examples are all there is, their common words do tell.
func hush(examples []example, divisions int) float32 {
	var keywords, questions float32
	for _, e := range examples {
		switch {
		case e.class >= divisions || e.field != fieldAsk:
		case e.fold < 0:
			keywords++
		default:
			questions++
		}
	}
	return hushing * keywords / (keywords + questions + 1)
}

// voice is how much a word counts that tells so much.
func (m *model) voice(tells float32) float32 { return 1 - m.hush*(1-tells) }

// scale brings one half of a vector, stems with pairs or pieces, to the length
// √½ given its squared length, so that the whole has about length 1.
func scale(square float32) float32 {
	if square <= 0 {
		return 0
	}
	return float32(math.Sqrt(0.5 / float64(square)))
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
	for c, s := range scores {
		if s <= least {
			continue
		}
		if len(ids) < n {
			ids = append(ids, int32(c))
			continue
		}
		low := 0
		for i, id := range ids {
			if scores[id] < scores[ids[low]] {
				low = i
			}
		}
		if s > scores[ids[low]] {
			ids[low] = int32(c)
		}
	}
	return ids
}
