package ranking

import (
	"slices"

	"frontdesk/knowledge/parallel"
	"frontdesk/knowledge/words"
)

// What an example counts, by field. Sentences are made of words of which few
// tell the division.
var (
	costOf     = [fields]float32{FieldName: 1, FieldAsk: 1, FieldText: 0.1}
	evidenceOf = [fields]float64{FieldName: 4, FieldAsk: 1, FieldText: 1}
)

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
	synonyms   Synonyms
	speller    words.Speller

	// Which of these stand where everyone sees them, and in which layers the others.
	wordIn, stemIn, pairIn, pieceIn presence

	// By word.
	words     []string
	stemOf    []int32
	rarity    []float32
	asks      []words.Asking
	people    []bool    // see words.IsPeople
	pieceRows []float32 // what everyone's lesson says of its pieces
	pieceIDs  [][]int32 // its pieces, where they are needed

	evidence evidence
	meaning  meaning
	lessons  []*lesson // by layer; nil where a layer has no examples of its own
}

// presence says where things stand that are numbered: those that stand in the
// public layer come first.
type presence struct {
	public int32     // how many do
	layers [][]Layer // of each of the others
}

// note notes that something stands in a layer. Whatever stands in the public
// layer is noted there first.
func (p *presence) note(id int32, l Layer) {
	if l == Public {
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
func (p *presence) in(id int32) []Layer {
	if id < p.public {
		return []Layer{Public}
	}
	return p.layers[id-p.public]
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
	s := words.Stem(w)
	if c, ok := m.synonyms[s]; ok {
		return c.Group
	}
	return s
}

// canonical is the stem of a word, or the group of its synonyms, for a reader of
// these layers.
func (m *model) canonical(sees []bool, w string) string {
	s := words.Stem(w)
	if c, ok := m.synonyms[s]; ok && c.known(sees) {
		return c.Group
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

// features is how many there are: stems, then pairs, then pieces.
func (m *model) features() int { return len(m.stems) + len(m.pairs) + len(m.pieces) }

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
	examples []Example
	all      []indexed
	piecesOf [][]int32 // by word
}

// Features are the different words, pairs of words and pieces of words of a file. It
// may have maxFeatures and one more for every bytesOfFeatures bytes. The shipped file
// has 35,000, 1,500 divisions in a megabyte 97,000, 150,000 example questions 154,000;
// random words 360,000 and more in a megabyte.
const (
	maxFeatures     = 250_000
	bytesOfFeatures = 16
	wordsOfFeatures = 4 // at most every fourth feature may be a word; in real files at most every seventh is
)

// mostFeatures is how many features the examples may have; no more than one in
// wordsOfFeatures may be a word.
func (l *material) mostFeatures() int {
	n := 0
	for i := range l.examples {
		n += len(l.examples[i].Text)
	}
	return maxFeatures + n/bytesOfFeatures
}

// newModel makes a model that knows the words of the examples and has the
// evidence, but has learned nothing yet. It is of no use with more features than
// they may have. The examples are in the order of their
// layers, and within one in that of their classes.
func newModel(examples []Example, classes, divisions int, known Synonyms, workers int) (*model, *material) {
	m := &model{
		classes: classes, divisions: divisions, synonyms: known,
		vocabulary: make(map[string]int32, 1<<12), stems: make(map[string]int32, 1<<12),
		pairs: make(map[uint64]int32, 1<<14), pieces: make(map[string]int32, 1<<13),
	}
	l := &material{examples: examples}
	if l.all, l.piecesOf = m.index(examples, workers); len(m.words) > l.mostFeatures()/wordsOfFeatures {
		return m, l
	}
	parallel.Do(workers,
		func() { m.spell(examples, l.all) },
		func() { m.newMeaning(examples, l.all, workers) },
		func() { m.evidence = m.newEvidence(examples, l.all) },
	)
	return m, l
}

// index numbers every word, stem, pair and piece of the examples.
func (m *model) index(examples []Example, workers int) (all []indexed, piecesOf [][]int32) {
	texts := make([][]string, len(examples)) // the words of each
	parallel.Ranges(workers, len(examples), func(from, to int) {
		const usual = 8 // words in an example
		room := make([]string, 0, usual*(to-from))
		var list []words.Word
		for i := from; i < to; i++ {
			begin := len(room)
			list = words.SplitInto(list, examples[i].Text)
			for _, w := range list {
				room = append(room, w.Text)
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
			m.wordIn.note(id, examples[i].Layer)
		}
	}
	if len(m.words) > (&material{examples: examples}).mostFeatures()/wordsOfFeatures {
		return nil, nil // what would be found out of them is of no use
	}
	// What is costly to find out of a word does not depend on the others.
	n := len(m.words)
	stems, pieces := make([]string, n), make([][]string, n)
	m.rarity, m.asks, m.people = make([]float32, n), make([]words.Asking, n), make([]bool, n)
	parallel.Ranges(workers, n, func(from, to int) {
		for w := from; w < to; w++ {
			text := m.words[w]
			stems[w], m.rarity[w], m.asks[w] = m.standing(text), words.Rarity(text), words.AskedBy(text)
			m.people[w] = words.IsPeople(text)
			pieces[w] = make([]string, 0, (len(text)+1)*(words.LongestNGram-words.ShortestNGram+1))
			words.NGrams(text, func(g string) { pieces[w] = append(pieces[w], g) })
		}
	})
	m.stemOf, piecesOf = make([]int32, n), make([][]int32, n)
	parallel.Do(workers, func() {
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
func (m *model) indexTexts(examples []Example, texts [][]string) []indexed {
	all := make([]indexed, len(texts))
	lastIn := make([]int32, len(m.words)) // by word: the last example that has it, counted from 1
	for i, words := range texts {
		x := indexed{words: make([]int32, 0, len(words)), pairs: make([]int32, 0, len(words)+1)}
		last := edge
		pair := func(a, b int32) {
			p := number(m.pairs, pairKey(a, b))
			m.pairIn.note(p, examples[i].Layer)
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
func (m *model) spell(examples []Example, all []indexed) {
	told := make([]Layer, len(m.words)) // the last layer of which each word was told, counted from 1
	for i, e := range examples {
		for _, w := range all[i].words {
			if told[w] == e.Layer+1 || told[w] > 0 && w < m.wordIn.public {
				continue
			}
			told[w] = e.Layer + 1
			value := m.rarity[w]
			if e.Class < m.divisions {
				value++ // sooner a word of a division than one of what is declined
			}
			m.speller.Add(m.words[w], value, int32(e.Layer))
		}
	}
	for w := range words.AskingWords() {
		if id, ok := m.vocabulary[w]; !ok || id >= m.wordIn.public {
			m.speller.Add(w, 0, int32(Public))
		}
	}
	m.speller.Ready()
}

func (x *indexed) addPair(p int32) {
	for _, q := range x.pairs {
		if p == q {
			return
		}
	}
	x.pairs = append(x.pairs, p)
}
