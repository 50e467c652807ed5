package knowledge

// clue is what the model knows of one word of a question.
type clue struct {
	word     int32 // its number in the vocabulary, that of the word it is taken for, or -1
	stem     int32 // or -1
	tells    float32
	asks     asks   // how it asks, if it does
	speech          // what its stem speaks for
	repeated bool   // stood in the question before
	aside    bool   // part of a name that only says where to look
	said     string // the word it is taken for, if it is misspelled
}

// reading is the working memory of one question. What it holds is valid until
// the next question.
type reading struct {
	scope    *scope // of who asks
	words    []word
	room     []entry // for speeches
	clues    []clue
	pairs    []int32
	mentions []mention
	named    []int32 // divisions named outright
	proper   bool    // one of them by a proper name
	facet    Facet
	only     bool // no words but names and those that ask
	scores   []float32
	evidence []float32
	stemHalf []float32
	partHalf []float32
	items    []float32
	ranking  ranking
	signals  signals

	// How the halves were scaled, to say what each word added.
	stemScale, partScale, evidenceScale float32
}

// said is a word of the question, spelled right.
func (r *reading) said(i int) string {
	if s := r.clues[i].said; s != "" {
		return s
	}
	return r.words[i].text
}

// read finds out what readers of a scope know of each word; of the words' evidence,
// as it is or as it would be without one example.
func (m *model) read(r *reading, sc *scope, text string, without *example) {
	r.scope = sc
	r.words = split(text)
	r.clues, r.pairs, r.room = r.clues[:0], r.pairs[:0], r.room[:0]
	last := edge
	for i, w := range r.words {
		c := m.clue(sc, w.text)
		if c.stem >= 0 {
			c.speech, r.room = m.evidence.speak(sc, c.stem, without, r.room)
		}
		for j := range i {
			if r.words[j].text == w.text {
				c.repeated = true
				break
			}
		}
		r.addPair(m, last, c.stem)
		if last = c.stem; last < 0 {
			last = strange
		}
		r.clues = append(r.clues, c)
	}
	r.addPair(m, last, edge)
}

func (r *reading) addPair(m *model, a, b int32) {
	p, ok := m.pairs[pairKey(a, b)]
	if !ok || a == edge && b == edge || !m.pairIn.seen(r.scope.sees, p) {
		return
	}
	for _, q := range r.pairs {
		if p == q {
			return
		}
	}
	r.pairs = append(r.pairs, p)
}

// clue looks a word up: as it is; without its inflection; or, if it is no
// English word, as a misspelling of a word of the file or of a frame.
func (m *model) clue(sc *scope, w string) clue {
	c := clue{word: -1, stem: -1}
	if id, ok := m.vocabulary[w]; ok && m.wordIn.seen(sc.sees, id) {
		c.word, c.stem, c.tells, c.asks = id, m.stemOf[id], m.rarity[id], m.asks[id]
		return c
	}
	c.tells, c.asks = rarity(w), askedBy()[w]
	english := isEnglish(w)
	if !english && m.respell(sc, w, 1, &c) {
		return c
	}
	if s, ok := m.stemNumber(sc.sees, w); ok {
		c.stem = s
	} else if !english {
		m.respell(sc, w, 2, &c)
	}
	return c
}

func (m *model) respell(sc *scope, w string, limit int, c *clue) bool {
	meant := m.speller.repair(sc.sees, w, limit)
	if meant == "" {
		return false
	}
	id, ok := m.vocabulary[meant]
	c.said = meant
	if !ok || !m.wordIn.seen(sc.sees, id) { // a word of asking that the file does not use
		c.tells, c.asks = 0, askedBy()[meant]
		return true
	}
	c.word, c.stem, c.tells, c.asks = id, m.stemOf[id], m.rarity[id], m.asks[id]
	return true
}

func zeroed(s []float32, n int) []float32 {
	if cap(s) < n {
		return make([]float32, n)
	}
	s = s[:n]
	clear(s)
	return s
}

// scope is what readers of these layers see.
func (m *model) scope(sees []bool, classes []class) *scope {
	sc := &scope{sees: sees, visible: make([]bool, len(classes)), bias: make([]float32, len(classes))}
	for c, class := range classes {
		if sc.visible[c] = sees[class.layer]; sc.visible[c] {
			sc.classes++
		}
	}
	for l, bias := range m.bias {
		if sees[l] {
			add(sc.bias, bias)
		}
	}
	sc.rare = sc.idf(0)
	m.evidence.lengths(sc)
	return sc
}

// score sums up the rows of the question's words.
func (m *model) score(r *reading) {
	sees := r.scope.sees
	r.scores = zeroed(r.scores, m.classes)
	r.evidence = zeroed(r.evidence, m.classes)
	r.stemHalf = zeroed(r.stemHalf, m.classes)
	r.partHalf = zeroed(r.partHalf, m.classes)
	var stemSquare, partSquare, worth float32
	for i, c := range r.clues {
		if c.repeated || c.aside {
			continue
		}
		if c.stem >= 0 {
			u := m.unit[c.stem]
			stemSquare += u * u
			m.learned.addTo(r.stemHalf, c.stem)
			m.more.addTimesTo(r.stemHalf, sees, c.stem, 1)
			for _, e := range c.shares {
				r.evidence[e.class] += e.value * c.worth
			}
			worth += c.worth
		} else {
			worth += unknownShare * r.scope.rare
		}
		v := m.voice(c.tells)
		if c.word >= 0 {
			partSquare += m.pieceSize[c.word]
			if m.pieceRows != nil {
				add(r.partHalf, m.row(m.pieceRows, c.word))
			}
			if m.pieceIDs != nil {
				m.addPieces(r, c.word, v)
			}
			continue
		}
		m.piecesOf(sees, r.words[i].text, func(f int32) {
			u := m.unit[f] * v
			partSquare += u * u
			m.learned.addTimesTo(r.partHalf, f, v)
			m.more.addTimesTo(r.partHalf, sees, f, v)
		})
	}
	for _, p := range r.pairs {
		f := m.pairFeature(p)
		u := m.unit[f]
		stemSquare += u * u
		m.learned.addTo(r.stemHalf, f)
		m.more.addTimesTo(r.stemHalf, sees, f, 1)
	}
	r.stemScale, r.partScale, r.evidenceScale = scale(stemSquare), scale(partSquare), 0
	if worth > 0 {
		r.evidenceScale = evidenceScale / worth
	}
	for c := range r.scores {
		r.scores[c] = r.scope.bias[c] + r.stemScale*r.stemHalf[c] + r.partScale*r.partHalf[c] + r.evidenceScale*r.evidence[c]
	}
	for _, d := range r.named {
		r.scores[d] += naming
	}
}

// addPieces adds what is learned of the pieces of a word of the file, as far as it
// was not added up before.
func (m *model) addPieces(r *reading, word int32, v float32) {
	for _, p := range m.pieceIDs[word] {
		f := m.pieceFeature(p)
		if m.pieceRows == nil {
			m.learned.addTimesTo(r.partHalf, f, v)
		}
		m.more.addTimesTo(r.partHalf, r.scope.sees, f, v)
	}
}

// piecesSaid is what the pieces of a word of the file say for a class to everyone,
// piecesSaidMore what the layers above add to that, before a word's own weight.
func (m *model) piecesSaid(word, class int32) (sum float64) {
	if m.pieceRows != nil {
		return float64(m.row(m.pieceRows, word)[class])
	}
	for _, p := range m.pieceIDs[word] {
		sum += float64(m.learned.at(m.pieceFeature(p), class))
	}
	return sum * float64(m.voice(m.rarity[word]))
}

func (m *model) piecesSaidMore(sees []bool, word, class int32) (sum float64) {
	if m.more.starts == nil {
		return 0
	}
	for _, p := range m.pieceIDs[word] {
		sum += float64(m.more.at(sees, m.pieceFeature(p), class))
	}
	return sum
}

// piecesOf calls f with the feature of each piece of a word that is known to
// readers of these layers.
func (m *model) piecesOf(sees []bool, w string, f func(feature int32)) {
	grams(w, func(g string) {
		if p, ok := m.pieces[g]; ok && m.pieceIn.seen(sees, p) {
			f(m.pieceFeature(p))
		}
	})
}
