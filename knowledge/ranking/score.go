package ranking

import (
	"slices"
	"strings"

	"frontdesk/knowledge/words"
)

// clue is what the model knows of one word of a question.
type clue struct {
	word     int32 // its number in the vocabulary, that of the word it is taken for, or -1
	stem     int32 // or -1
	tells    float32
	asks     words.Asking // how it asks, if it does
	speech                // what its stem speaks for
	repeated bool         // stood in the question before
	aside    bool         // part of a name that only says where to look
	said     string       // the word it is taken for, if it is misspelled
}

// reading is the working memory of one question. What it holds is valid until
// the next question.
type reading struct {
	scope    *scope // of who asks
	words    []words.Word
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
	near     []float32 // by class: the cosine of the directions
	stemHalf []float32
	partHalf []float32
	pieces   []float32
	items    []float32
	ranking  order
	signals  signals

	direction words.Vector

	// How the views were scaled, to say what each word added.
	stemScale, partScale, evidenceScale, meaningScale float32
}

// said is a word of the question, spelled right.
func (r *reading) said(i int) string {
	if s := r.clues[i].said; s != "" {
		return s
	}
	return r.words[i].Text
}

// read finds out what readers of a scope know of each word; of the words' evidence,
// as it is or as it would be without one example.
func (m *model) read(r *reading, sc *scope, text string, without *Example) {
	r.scope = sc
	r.words = m.respace(sc, m.heard(sc, words.Split(text)))
	r.clues, r.pairs, r.room = r.clues[:0], r.pairs[:0], r.room[:0]
	last := edge
	for i, w := range r.words {
		c := m.clue(sc, w.Text)
		if c.stem >= 0 {
			c.speech, r.room = m.evidence.speak(sc, c.stem, without, r.room)
		}
		for j := range i {
			if r.words[j].Text == w.Text {
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

// heard drops the words for groups of people (see words.IsPeople) that the file does not
// have, so that the question is answered as it is without them.
func (m *model) heard(sc *scope, list []words.Word) []words.Word {
	return slices.DeleteFunc(list, func(w words.Word) bool {
		if id, ok := m.vocabulary[w.Text]; ok && !m.people[id] {
			return false
		}
		return words.IsPeople(w.Text) && !m.says(sc, w.Text)
	})
}

// respace writes words as the file does where that differs by a space: "bed bugs" and
// "bedbugs".
func (m *model) respace(sc *scope, list []words.Word) []words.Word {
	for i := 0; i < len(list); i++ {
		w := &list[i]
		if i+1 < len(list) && list[i+1].Joined && m.oneWord(sc, w.Text, list[i+1].Text) {
			w.Text, w.End, w.Upper = w.Text+list[i+1].Text, list[i+1].End, false
			list = slices.Delete(list, i+1, i+2)
			continue
		}
		if at := m.twoWords(sc, w.Text); at > 0 && w.End-w.Start == len(w.Text) {
			second := words.Word{Text: w.Text[at:], Start: w.Start + at, End: w.End, Joined: true}
			w.Text, w.End, w.Upper = w.Text[:at], w.Start+at, false
			list = slices.Insert(list, i+1, second)
			i++
		}
	}
	return list
}

const leastPart = 3 // letters of a word that is part of another

// oneWord reports whether the file writes two words as one, and not as two.
func (m *model) oneWord(sc *scope, a, b string) bool {
	if len(a) < leastPart || len(b) < leastPart || words.IsStopWord(a) || words.IsStopWord(b) {
		return false
	}
	has := func(w string) bool {
		id, ok := m.vocabulary[w]
		return ok && m.wordIn.seen(sc.sees, id) && m.says(sc, w)
	}
	w := a + b
	if !has(w) && !has(w+"s") && !(strings.HasSuffix(w, "s") && has(w[:len(w)-1])) {
		return false
	}
	return !m.inARow(sc, a, b)
}

// twoWords is where the file splits a word that it does not have, or 0.
func (m *model) twoWords(sc *scope, w string) int {
	if len(w) < 2*leastPart || len(w) > words.LongestWord || m.says(sc, w) {
		return 0
	}
	for at := leastPart; at+leastPart <= len(w); at++ {
		if m.inARow(sc, w[:at], w[at:]) {
			return at
		}
	}
	return 0
}

// inARow reports whether two words stand beside each other in what readers see of the file.
func (m *model) inARow(sc *scope, a, b string) bool {
	first, ok := m.vocabulary[a] // as it is written there, since most are not
	if !ok || !m.wordIn.seen(sc.sees, first) || words.IsStopWord(a) || words.IsStopWord(b) {
		return false
	}
	second, ok := m.stemNumber(sc.sees, b)
	if !ok {
		return false
	}
	p, ok := m.pairs[pairKey(m.stemOf[first], second)]
	return ok && m.pairIn.seen(sc.sees, p)
}

// says reports whether a division or a declined topic that readers of a scope see has a
// word or its stem.
func (m *model) says(sc *scope, w string) bool {
	s, ok := m.stemNumber(sc.sees, w)
	return ok && slices.ContainsFunc(m.evidence.of(s), func(c count) bool {
		return int(c.class) < m.classes-2 && sc.sees[c.layer] // the background is the last but one
	})
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
	c.tells, c.asks = words.Rarity(w), words.AskedBy(w)
	english := words.IsEnglish(w)
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
	meant := m.speller.Repair(sc.sees, w, limit)
	if meant == "" {
		return false
	}
	id, ok := m.vocabulary[meant]
	c.said = meant
	if !ok || !m.wordIn.seen(sc.sees, id) { // a word of asking that the file does not use
		c.tells, c.asks = 0, words.AskedBy(meant)
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

// addTimesTo adds a multiple of what was learned of a feature to a sum by class.
func (m *model) addTimesTo(sum []float32, sc *scope, feature int32, times float32) {
	m.lessons[Public].rows.addTimesTo(sum, feature, times)
	for _, ls := range sc.lessons {
		ls.changes.addTimesTo(sum, feature, times)
	}
}

// learned is what was learned of a feature for a class.
func (m *model) learned(sc *scope, feature, class int32) float64 {
	sum := m.lessons[Public].at(feature, class)
	for _, ls := range sc.lessons {
		sum += ls.at(feature, class)
	}
	return sum
}

// score sums up the rows of the question's words.
func (m *model) score(r *reading) {
	sc := r.scope
	r.scores = zeroed(r.scores, m.classes)
	r.evidence = zeroed(r.evidence, m.classes)
	r.stemHalf = zeroed(r.stemHalf, m.classes)
	r.partHalf = zeroed(r.partHalf, m.classes)
	var stemSquare, partSquare, worth float32
	for i := range r.clues {
		c := &r.clues[i]
		if c.repeated || c.aside {
			continue
		}
		if c.stem >= 0 {
			u := sc.unit[c.stem]
			stemSquare += u * u
			m.addTimesTo(r.stemHalf, sc, c.stem, 1)
			for _, e := range c.shares {
				r.evidence[e.class] += e.value * c.worth
			}
			worth += c.worth
		} else {
			worth += unknownShare * sc.rare
		}
		v := sc.weightOf(c.tells)
		if c.word >= 0 {
			partSquare += sc.pieceSize[c.word]
			m.addPieces(r, c.word, v)
			continue
		}
		m.piecesOf(sc.sees, r.words[i].Text, func(f int32) {
			u := sc.unit[f] * v
			partSquare += u * u
			m.addTimesTo(r.partHalf, sc, f, v)
		})
	}
	for _, p := range r.pairs {
		f := m.pairFeature(p)
		u := sc.unit[f]
		stemSquare += u * u
		m.addTimesTo(r.stemHalf, sc, f, 1)
	}
	r.stemScale, r.partScale, r.evidenceScale = scale(stemSquare), scale(partSquare), 0
	if worth > 0 {
		r.evidenceScale = evidenceScale / worth
	}
	for c := range r.scores {
		r.scores[c] = sc.bias[c] + r.stemScale*r.stemHalf[c] + r.partScale*r.partHalf[c] + r.evidenceScale*r.evidence[c]
	}
	m.addMeaning(r, nil)
	for _, d := range r.named {
		r.scores[d] += naming
	}
}

// addPieces adds what is learned of the pieces of a word of the file, which counts
// v.
func (m *model) addPieces(r *reading, word int32, v float32) {
	if m.pieceRows != nil {
		for c, said := range m.row(m.pieceRows, word) {
			r.partHalf[c] += said * v
		}
		if len(r.scope.lessons) == 0 {
			return
		}
	}
	if m.pieceRows == nil { // added up in the same order, for the same numbers
		r.pieces = zeroed(r.pieces, m.classes)
		for _, p := range m.pieceIDs[word] {
			m.lessons[Public].rows.addTo(r.pieces, m.pieceFeature(p))
		}
		for c, said := range r.pieces {
			r.partHalf[c] += said * v
		}
		if len(r.scope.lessons) == 0 {
			return
		}
	}
	for _, p := range m.pieceIDs[word] {
		f := m.pieceFeature(p)
		for _, ls := range r.scope.lessons {
			ls.changes.addTimesTo(r.partHalf, f, v)
		}
	}
}

// piecesSaid is what the pieces of a word of the file say for a class, before it is
// known what the word counts.
func (m *model) piecesSaid(sc *scope, word, class int32) (sum float64) {
	if m.pieceRows != nil {
		if sum = float64(m.row(m.pieceRows, word)[class]); len(sc.lessons) == 0 {
			return sum
		}
	}
	for _, p := range m.pieceIDs[word] {
		f := m.pieceFeature(p)
		if m.pieceRows == nil {
			sum += m.lessons[Public].at(f, class)
		}
		for _, ls := range sc.lessons {
			sum += ls.at(f, class)
		}
	}
	return sum
}

// piecesOf calls f with the feature of each piece of a word that is known to
// readers of these layers.
func (m *model) piecesOf(sees []bool, w string, f func(feature int32)) {
	words.NGrams(w, func(g string) {
		if p, ok := m.pieces[g]; ok && m.pieceIn.seen(sees, p) {
			f(m.pieceFeature(p))
		}
	})
}
