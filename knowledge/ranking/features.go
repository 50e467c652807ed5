package ranking

import (
	"math"
	"slices"
)

// rareness is how fast a feature gains weight as fewer examples and classes
// have it: at 0 all weigh the same, at 1 by inverse frequency. Where divisions
// are told by keywords a rare word is a sign; among example questions it is
// often chance.
func (ls *lesson) rareness() float64 { return 0.5 + 0.5*float64(ls.damping)/mostDamping }

// weighFeatures sets what each feature weighs: the geometric mean of its
// inverse frequencies among examples and among classes. It returns each
// feature's place in the memory of a learner: those that most examples have
// stand together, so that the processor keeps them at hand.
func (c *course) weighFeatures() (places []int32) {
	m, ls, all, piecesOf := c.model, c.lesson, c.all, c.piecesOf
	n := m.features()
	inExamples, inClasses := make([]int32, n), make([]int32, n)
	lastExample, lastClass := make([]int32, n), make([]int32, n)
	for _, i := range c.visible {
		class := int32(c.examples[i].Class + 1)
		count := func(f int32) {
			if lastExample[f] != i+1 {
				lastExample[f] = i + 1
				inExamples[f]++
			}
			if lastClass[f] != class {
				lastClass[f] = class
				inClasses[f]++
			}
		}
		for _, w := range all[i].words {
			count(m.stemOf[w])
			for _, p := range piecesOf[w] {
				count(m.pieceFeature(p))
			}
		}
		for _, p := range all[i].pairs {
			count(m.pairFeature(p))
		}
	}
	inverse := func(all, some int) float64 { return math.Log(float64(1+all)/float64(1+some)) + 1 }
	ls.unit = make([]float32, n)
	rareness := ls.rareness()
	for f := range ls.unit {
		mean := inverse(len(c.visible), int(inExamples[f])) * inverse(c.scope.classes, int(inClasses[f]))
		ls.unit[f] = float32(math.Pow(mean, rareness/2))
	}
	// Of the words of a stem, the one that tells most stands for it.
	tells := make([]float32, len(m.stems))
	for w, s := range m.stemOf {
		if m.wordIn.seen(c.scope.sees, int32(w)) {
			tells[s] = max(tells[s], m.rarity[w])
		}
	}
	for s, t := range tells {
		ls.unit[s] *= ls.weightOf(t)
	}
	for key, p := range m.pairs {
		t := float32(0)
		if a := int32(key >> 32); a >= 0 {
			t = max(t, tells[a])
		}
		if b := int32(uint32(key)); b >= 0 {
			t = max(t, tells[b])
		}
		ls.unit[m.pairFeature(p)] *= ls.weightOf(t)
	}
	ls.pieceSize = make([]float32, len(piecesOf))
	for w, pieces := range piecesOf {
		v := ls.weightOf(m.rarity[w])
		for _, p := range pieces {
			u := ls.unit[m.pieceFeature(p)] * v
			ls.pieceSize[w] += u * u
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

// mostDamping is how much less a common word of English counts than a rare one, in
// a file that describes its divisions by keywords alone.
const mostDamping = 0.85

// damping says by how much common words count less. Keywords have none, so
// where divisions are told by keywords, the common words of the few example
// questions there are would be mistaken for signs of the division. Where
// examples are all there is, their common words do tell.
func (c *course) damping() float32 {
	var keywords, questions float32
	for _, i := range c.visible {
		switch e := &c.examples[i]; {
		case e.Class >= c.model.divisions || e.Field != FieldAsk:
		case e.Fold < 0:
			keywords++
		default:
			questions++
		}
	}
	return mostDamping * keywords / (keywords + questions + 1)
}

// weightOf is how much a word counts that tells so much.
func (ls *lesson) weightOf(tells float32) float32 { return 1 - ls.damping*(1-tells) }

// scale brings one half of a vector, stems with pairs or pieces, to the length
// √½ given its squared length, so that the whole has about length 1.
func scale(square float32) float32 {
	if square <= 0 {
		return 0
	}
	return float32(math.Sqrt(0.5 / float64(square)))
}
