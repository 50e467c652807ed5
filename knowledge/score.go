package knowledge

// clue is what the model knows of one word of a question.
type clue struct {
	word     int32 // its number in the vocabulary, that of the word it is taken for, or -1
	stem     int32 // or -1
	tells    float32
	asks     asks   // how it asks, if it does
	repeated bool   // stood in the question before
	aside    bool   // part of a name that only says where to look
	said     string // the word it is taken for, if it is misspelled
}

// reading is the working memory of one question. What it holds is valid until
// the next question.
type reading struct {
	words    []word
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

// read finds out what the model knows of each word.
func (m *model) read(r *reading, text string) {
	r.words = split(text)
	r.clues, r.pairs = r.clues[:0], r.pairs[:0]
	last := edge
	for i, w := range r.words {
		c := m.clue(w.text)
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
	if !ok || a == edge && b == edge {
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
func (m *model) clue(w string) clue {
	c := clue{word: -1, stem: -1}
	if id, ok := m.vocabulary[w]; ok {
		c.word, c.stem, c.tells, c.asks = id, m.stemOf[id], m.rarity[id], m.asks[id]
		return c
	}
	c.tells, c.asks = rarity(w), askedBy()[w]
	english := isEnglish(w)
	if !english && m.respell(w, 1, &c) {
		return c
	}
	if s, ok := m.stems[m.canonical(w)]; ok {
		c.stem = s
	} else if !english {
		m.respell(w, 2, &c)
	}
	return c
}

func (m *model) respell(w string, limit int, c *clue) bool {
	meant := m.speller.repair(w, limit)
	if meant == "" {
		return false
	}
	id, ok := m.vocabulary[meant]
	c.said = meant
	if !ok { // a word of asking that the file does not use
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

// score sums up the rows of the question's words.
func (m *model) score(r *reading) {
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
			m.evidence.rows.addTo(r.evidence, c.stem)
			worth += m.evidence.worth[c.stem]
		} else {
			worth += unknownShare * m.evidence.rare
		}
		if c.word >= 0 {
			partSquare += m.pieceSize[c.word]
			add(r.partHalf, m.row(m.pieceRows, c.word))
			continue
		}
		v := m.voice(c.tells)
		m.piecesOf(r.words[i].text, func(f int32) {
			u := m.unit[f] * v
			partSquare += u * u
			m.learned.addTimesTo(r.partHalf, f, v)
		})
	}
	for _, p := range r.pairs {
		f := m.pairFeature(p)
		u := m.unit[f]
		stemSquare += u * u
		m.learned.addTo(r.stemHalf, f)
	}
	r.stemScale, r.partScale, r.evidenceScale = scale(stemSquare), scale(partSquare), 0
	if worth > 0 {
		r.evidenceScale = evidenceScale / worth
	}
	for c := range r.scores {
		r.scores[c] = m.bias[c] + r.stemScale*r.stemHalf[c] + r.partScale*r.partHalf[c] + r.evidenceScale*r.evidence[c]
	}
	for _, d := range r.named {
		r.scores[d] += naming
	}
}

// piecesOf calls f with the feature of each known piece of a word.
func (m *model) piecesOf(w string, f func(feature int32)) {
	grams(w, func(g string) {
		if p, ok := m.pieces[g]; ok {
			f(m.pieceFeature(p))
		}
	})
}
