package knowledge

import (
	"math"
	"slices"
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
	layer layer
	field field
	fold  int8 // which fold holds it back for calibration, or -1
	topic int  // of a question to decline: the number of its topic in the layer
	// claimed are the layers that have the same question, of a background example.
	claimed []layer
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
	synonyms   synonyms
	speller    speller

	// Which of these stand where everyone sees them, and in which layers the others.
	wordIn, stemIn, pairIn, pieceIn presence

	// By word.
	words     []string
	stemOf    []int32
	rarity    []float32
	asks      []asks
	pieceSize []float32 // squared length of its pieces' part of a vector
	pieceRows []float32 // learned of everyone, summed over its pieces
	pieceIDs  [][]int32 // its pieces, if there are layers

	// By feature: stems, then pairs, then pieces.
	unit    []float32   // what the feature weighs in a vector
	learned rows        // of what everyone sees
	more    layeredRows // of the other layers

	evidence evidence
	bias     [][]float32 // by layer and class
	hush     float32
}

// presence says where things stand that are numbered: those that stand in the
// public layer come first.
type presence struct {
	public int32     // how many do
	layers [][]layer // of each of the others
}

// note notes that something stands in a layer. Whatever stands in the public
// layer is noted there first.
func (p *presence) note(id int32, l layer) {
	if l == public {
		p.public = max(p.public, id+1)
		return
	}
	if id < p.public {
		return
	}
	for int(id-p.public) >= len(p.layers) {
		p.layers = append(p.layers, nil)
	}
	if in := &p.layers[id-p.public]; !slices.Contains(*in, l) {
		*in = append(*in, l)
	}
}

// seen reports whether something stands where a reader of these layers sees it.
func (p *presence) seen(sees []bool, id int32) bool {
	if id < p.public {
		return true
	}
	for _, l := range p.layers[id-p.public] {
		if sees[l] {
			return true
		}
	}
	return false
}

// in lists the layers in which something stands.
func (p *presence) in(id int32) []layer {
	if id < p.public {
		return []layer{public}
	}
	return p.layers[id-p.public]
}

// synonyms are stems with the name of their group, which takes their place. One
// that stands only in some layers is known only to their readers.
type synonyms map[string]synonym

type synonym struct {
	group string
	in    []layer // nil: everyone knows it
}

func (s synonym) known(sees []bool) bool {
	return s.in == nil || slices.ContainsFunc(s.in, func(l layer) bool { return sees[l] })
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

// standing is the stem of a word as it stands in the file, or the group of its
// synonyms: whoever sees the word knows it as a synonym.
func (m *model) standing(w string) string {
	s := stem(w)
	if c, ok := m.synonyms[s]; ok {
		return c.group
	}
	return s
}

// canonical is the stem of a word, or the group of its synonyms, for a reader of
// these layers.
func (m *model) canonical(sees []bool, w string) string {
	s := stem(w)
	if c, ok := m.synonyms[s]; ok && c.known(sees) {
		return c.group
	}
	return s
}

// stemNumber is the number of a word's stem, if a reader of these layers sees it.
func (m *model) stemNumber(sees []bool, w string) (int32, bool) {
	if id, ok := m.vocabulary[w]; ok && m.wordIn.seen(sees, id) {
		return m.stemOf[id], true
	}
	s, ok := m.stems[m.canonical(sees, w)]
	return s, ok && m.stemIn.seen(sees, s)
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

// material is what a model has found in the examples when it begins to learn.
type material struct {
	examples []example
	all      []indexed
	piecesOf [][]int32 // by word
	places   []int32   // by feature: see weighFeatures
}

// newModel makes a model that knows the words of the examples and has the
// evidence, but has learned nothing yet. The examples are in the order of their
// layers, and within one in that of their classes.
func newModel(examples []example, classes []class, divisions int, known synonyms, workers int) (*model, *material) {
	m := &model{
		classes: len(classes), divisions: divisions, synonyms: known,
		vocabulary: make(map[string]int32, 1<<12), stems: make(map[string]int32, 1<<12),
		pairs: make(map[uint64]int32, 1<<14), pieces: make(map[string]int32, 1<<13),
	}
	open := 0 // how many examples everyone sees
	for open < len(examples) && examples[open].layer == public {
		open++
	}
	m.hush = hush(examples[:open], divisions)
	l := &material{examples: examples}
	l.all, l.piecesOf = m.index(examples, workers)
	together(workers,
		func() { m.spell(examples, l.all) },
		func() { l.places = m.weighFeatures(examples[:open], l.all[:open], l.piecesOf, publicClasses(classes)) },
		func() { m.evidence = m.newEvidence(examples, l.all) },
	)
	return m, l
}

// publicClasses is how many classes everyone sees.
func publicClasses(classes []class) (n int) {
	for _, c := range classes {
		if c.layer == public {
			n++
		}
	}
	return n
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
	for i, words := range texts {
		for _, w := range words {
			id := number(m.vocabulary, w)
			if id == int32(len(m.words)) {
				m.words = append(m.words, w)
			}
			m.wordIn.note(id, examples[i].layer)
		}
	}
	// What is costly to find out of a word does not depend on the others.
	n := len(m.words)
	stems, pieces := make([]string, n), make([][]string, n)
	m.rarity, m.asks = make([]float32, n), make([]asks, n)
	inParallel(workers, n, func(from, to int) {
		for w := from; w < to; w++ {
			text := m.words[w]
			stems[w], m.rarity[w], m.asks[w] = m.standing(text), rarity(text), askedBy()[text]
			pieces[w] = make([]string, 0, (len(text)+1)*(maxGram-minGram+1))
			grams(text, func(g string) { pieces[w] = append(pieces[w], g) })
		}
	})
	m.stemOf, piecesOf = make([]int32, n), make([][]int32, n)
	together(workers, func() {
		for w := range m.words {
			m.stemOf[w] = number(m.stems, stems[w])
			for _, l := range m.wordIn.in(int32(w)) {
				m.stemIn.note(m.stemOf[w], l)
			}
		}
		all = m.indexTexts(examples, texts)
	}, func() {
		for w := range m.words {
			piecesOf[w] = make([]int32, len(pieces[w]))
			for i, g := range pieces[w] {
				piecesOf[w][i] = number(m.pieces, g)
				for _, l := range m.wordIn.in(int32(w)) {
					m.pieceIn.note(piecesOf[w][i], l)
				}
			}
		}
	})
	return all, piecesOf
}

// indexTexts numbers the words of each example and the pairs of their stems.
func (m *model) indexTexts(examples []example, texts [][]string) []indexed {
	all := make([]indexed, len(texts))
	lastIn := make([]int32, len(m.words)) // by word: the last example that has it, counted from 1
	for i, words := range texts {
		x := indexed{words: make([]int32, 0, len(words)), pairs: make([]int32, 0, len(words)+1)}
		last := edge
		pair := func(a, b int32) {
			p := number(m.pairs, pairKey(a, b))
			m.pairIn.note(p, examples[i].layer)
			x.addPair(p)
		}
		for _, w := range words {
			id := m.vocabulary[w]
			if lastIn[id] != int32(i+1) {
				lastIn[id] = int32(i + 1)
				x.words = append(x.words, id)
			}
			pair(last, m.stemOf[id])
			last = m.stemOf[id]
		}
		if last != edge {
			pair(last, edge)
		}
		all[i] = x
	}
	return all
}

// spell makes the speller of the words of the examples and of those that ask.
func (m *model) spell(examples []example, all []indexed) {
	told := make([]layer, len(m.words)) // the last layer of which each word was told, counted from 1
	for i, e := range examples {
		for _, w := range all[i].words {
			if told[w] == e.layer+1 || told[w] > 0 && w < m.wordIn.public {
				continue
			}
			told[w] = e.layer + 1
			value := m.rarity[w]
			if e.class < m.divisions {
				value++ // sooner a word of a division than one of what is declined
			}
			m.speller.add(m.words[w], value, e.layer)
		}
	}
	for w := range askedBy() {
		if id, ok := m.vocabulary[w]; !ok || id >= m.wordIn.public {
			m.speller.add(w, 0, public)
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
// inverse frequencies among the examples and the classes that everyone sees. One
// that is not among them counts as if it stood there once. It returns each
// feature's place in the memory of a learner: those that most examples have
// stand together, so that the processor keeps them at hand.
func (m *model) weighFeatures(examples []example, all []indexed, piecesOf [][]int32, classes int) (places []int32) {
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
		mean := inverse(len(examples), max(1, int(inExamples[f]))) * inverse(classes, max(1, int(inClasses[f])))
		m.unit[f] = float32(math.Pow(mean, rareness/2))
	}
	// Of the words of a stem, the one that tells most stands for it.
	tells := make([]float32, len(m.stems))
	for w, s := range m.stemOf[:m.wordIn.public] {
		tells[s] = max(tells[s], m.rarity[w])
	}
	for s, t := range tells {
		if int32(s) < m.stemIn.public {
			m.unit[s] *= m.voice(t)
		}
	}
	for key, p := range m.pairs {
		if p >= m.pairIn.public {
			continue
		}
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
