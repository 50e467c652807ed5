package ranking

import (
	"slices"

	"frontdesk/knowledge/parallel"
)

// trial is an example question as it is answered with its fold left out, by those
// who are sure to see it.
type trial struct {
	example int
	kind    Kind
	top     [3]int32 // classes
	n       int
	signals signals
	right   bool // the best division is the right one
	most    Verdict
	absent  bool // its division was left out, so that it is for none
}

const (
	// outsiders is the share of messages that are none of the desk's business
	// which the calibration reckons with, however many examples of either the
	// file has.
	outsiders = 0.15
	// declinedShare, backgroundShare and absentShare are the shares of these that the
	// file's own declined topics stand for, the built-in background, and questions whose
	// division is left out. The first come nearest to what people ask of this desk.
	declinedShare   = 0.5
	backgroundShare = 0.2
	absentShare     = 0.3
	// leastChance and mostChance bound the chance from which an answer is given, however
	// large or small the budget.
	leastChance = 0.25
	mostChance  = 0.98
	// strictness turns the budget into that chance for a file with too few examples to try
	// it on: with 6 % it is 0.7, at which 80 to 97 % of the answers were right on files
	// of organizations that the model of prior.go was not fitted to.
	strictness = 5
	// loosest and strictest bound in the same way the chance that a file's own examples give:
	// with 6 % it is from 0.52 to 0.82. Examples are not what people ask, so the chance they
	// give is too low for a file that is told apart easily, and too high for one that is not:
	// without these bounds, files of 77 intents and of 50 ministries answered 5 to 13 points
	// fewer questions right, for one to three points of precision, and files of 10 intents
	// asserted an answer to twenty points more of what is next to their topics.
	loosest, strictest = 8, 3
	// worthMention is the part of that chance from which a division is worth suggesting,
	// and leastOurs the chance the question must have of being for one of the divisions.
	worthMention = 0.25
	leastOurs    = 0.3
	// pull is how many held-out examples it takes to move the confidence away
	// from what was found on files of other fields.
	pull = 100
	// fewest is how many example questions, and as many of what is declined, a
	// file must have to be calibrated on its own.
	fewest = 20
)

// calibrate learns from trials how far to trust an answer.
func (ix *Index) calibrate(trials []trial) confidence {
	c := confidence{right: priorRight, ours: priorOurs}
	bounded := func(chance float64) float64 { return max(leastChance, min(mostChance, chance)) }
	c.sure = bounded(1 - strictness*ix.falseAnswers)
	cases := outcomes(trials)
	inside, outside := 0, 0
	for i := range cases {
		if cases[i].ours {
			inside++
		} else {
			outside++
		}
	}
	if inside >= fewest && outside >= fewest {
		c.right = fit(cases, func(c *outcome) bool { return c.right }, priorRight, &spread, pull)
		c.ours = fit(cases, func(c *outcome) bool { return c.ours }, priorOurs, &spread, pull)
		own := c.threshold(cases, ix.falseAnswers)
		c.sure = bounded(max(1-loosest*ix.falseAnswers, min(1-strictest*ix.falseAnswers, own)))
	}
	c.maybe = c.sure * worthMention
	return c
}

// Calibration is what [New] finds out about confidence, to be kept for the next time.
type Calibration struct {
	Right [signalCount + 1]float64 `json:"right"` // of the logistic model for the best division
	Ours  [signalCount + 1]float64 `json:"ours"`  // … for the question being for one of them
	Sure  float64                  `json:"sure"`  // the chance from which an answer is given
}

// Calibration is that of the readers of a view.
func (v *View) Calibration() Calibration {
	c := &v.scope.confidence
	return Calibration{c.right, c.ours, c.sure}
}

func (k *Calibration) confidence() confidence {
	return confidence{right: k.Right, ours: k.Ours, sure: k.Sure, maybe: k.Sure * worthMention}
}

// outcomes are trials, weighed as they are expected to come.
func outcomes(trials []trial) []outcome {
	const (
		inside = iota
		declined
		background
		absent
	)
	part := func(t *trial) int {
		switch {
		case t.absent:
			return absent
		case t.kind == Division:
			return inside
		case t.kind == Declined:
			return declined
		}
		return background
	}
	var n [4]float64
	for i := range trials {
		n[part(&trials[i])]++
	}
	share := [4]float64{1 - outsiders, outsiders * declinedShare, outsiders * backgroundShare, outsiders * absentShare}
	if n[declined] < fewest { // too few to stand for what is out of scope
		share[declined] = 0
	}
	sum := 0.0
	for k := declined; k <= absent; k++ {
		if n[k] == 0 {
			share[k] = 0
		}
		sum += share[k]
	}
	total := n[inside] + n[declined] + n[background] + n[absent]
	cases := make([]outcome, len(trials))
	for i := range trials {
		t := &trials[i]
		k := part(t)
		cases[i] = outcome{signals: &t.signals, right: t.right, ours: k == inside, weight: 1}
		if n[inside] == 0 || sum == 0 {
			continue
		}
		w := share[k]
		if k != inside {
			w *= outsiders / sum
		}
		cases[i].weight = w * total / n[k]
	}
	return cases
}

// tryOut answers each example question that a lesson was learned from with its
// fold left out.
func (ix *Index) tryOut(t trained) []trial {
	var list []int32
	for k := range t.samples {
		if t.samples[k].fold >= 0 {
			list = append(list, int32(k))
		}
	}
	w := without{parts: Folds, of: func(e *Example) int { return int(e.Fold) }}
	return ix.answer(t, list, w, func(r *reading, i int) trial {
		ix.readTrial(r, t.scope, i)
		return ix.finish(r, t.scope, i)
	})
}

const (
	absences     = 5    // groups of divisions, each left out together
	leastAbsent  = 6    // divisions that there must be
	mostAbsentOf = 400  // divisions, since all of them are learned once more
	mostAbsent   = 1000 // questions that are tried
)

// tryAbsent answers example questions while their division, with a fifth of all, is left out.
// From these answers the confidence learns what a question looks like that is near to a
// division and for none. Declined topics show it too, where a file has many.
func (ix *Index) tryAbsent(t trained) []trial {
	m := ix.model
	group := make([]int, m.classes)
	n := 0
	for c := range group {
		group[c] = never
		if c < m.divisions && t.scope.visible[c] {
			group[c] = n % absences
			n++
		}
	}
	if n < leastAbsent || n > mostAbsentOf {
		return nil
	}
	var all, list []int32
	for k := range t.samples {
		if s := &t.samples[k]; s.fold >= 0 && int(s.class) < m.divisions {
			all = append(all, int32(k))
		}
	}
	for i := range min(len(all), mostAbsent) { // spread over all
		list = append(list, all[i*len(all)/min(len(all), mostAbsent)])
	}
	w := without{parts: absences, of: func(e *Example) int { return group[e.Class] }}
	return ix.answer(t, list, w, func(r *reading, i int) trial {
		gone := group[ix.examples[i].Class]
		less := t.scope.without(func(class int32) bool { return group[class] == gone })
		ix.readTrial(r, t.scope, i)
		r.narrow(less)
		out := ix.finish(r, less, i)
		out.right, out.absent = false, true
		return out
	})
}

// without says which examples are left out together: those of the same part, which for some
// is never.
type without struct {
	parts int
	of    func(*Example) int
}

const never = -1

// answer answers example questions, given as samples, by what is learned without their part.
// Try makes a trial of one, for which r has the scores that are learned.
func (ix *Index) answer(t trained, list []int32, w without, try func(r *reading, example int) trial) []trial {
	partOf := make([]int8, len(t.samples)) // by sample
	for k, i := range t.example {
		partOf[k] = int8(w.of(&ix.examples[i]))
	}
	tries, heard := ix.tries(t, list), ix.unheard(t, list, partOf)
	t.holdOut(w.parts, partOf, func(class, part int, weights []float32) {
		for _, at := range tries.by[class] {
			if int(partOf[list[at.example]]) == part {
				tries.scores[at.example][at.place] = heard[at.example].dot(weights)
			}
		}
	})
	trials := make([]trial, len(list))
	parallel.Ranges(ix.Workers, len(list), func(from, to int) {
		r := new(reading)
		for k := from; k < to; k++ {
			r.scores = append(r.scores[:0], t.bias...)
			for place, class := range tries.classes[k] {
				r.scores[class] = tries.scores[k][place]
			}
			trials[k] = try(r, int(t.example[list[k]]))
		}
	})
	return trials
}

// mostUnheard is the number of questions up to which vectors are made anew, about 2 KB each.
// With more examples than that, few words belong to one question alone.
const mostUnheard = 20_000

// unheard makes the samples of a list as they would be if their part had never been learned
// from: a word, a pair or an n-gram that no other part has does not count.
func (ix *Index) unheard(t trained, list []int32, partOf []int8) []sample {
	samples := make([]sample, len(list))
	for k, i := range list {
		samples[k] = t.samples[i]
	}
	if len(list) > mostUnheard {
		return samples
	}
	bit := func(part int8) uint8 { return 1 << uint8(part+1) } // the first bit is for never
	in := make([]uint8, ix.model.features())                   // by place: the parts that have the feature
	for k := range t.samples {
		for _, p := range t.samples[k].parts {
			in[p.feature] |= bit(partOf[k])
		}
	}
	isPiece := make([]bool, len(in)) // by place
	for f := int(ix.model.pieceFeature(0)); f < len(in); f++ {
		isPiece[t.places[f]] = true
	}
	parallel.Ranges(ix.Workers, len(list), func(from, to int) {
		for k := from; k < to; k++ {
			out := bit(partOf[list[k]])
			samples[k].parts = slices.DeleteFunc(slices.Clone(samples[k].parts), func(p part) bool {
				return in[p.feature]&^out == 0
			})
			rescale(samples[k].parts, isPiece)
		}
	})
	return samples
}

// rescale brings both halves of a sample, which has lost some of its parts, to the length
// that they have in a whole one.
func rescale(parts []part, isPiece []bool) {
	var stems, pieces float32
	for _, p := range parts {
		if isPiece[p.feature] {
			pieces += p.value * p.value
		} else {
			stems += p.value * p.value
		}
	}
	stemScale, pieceScale := scale(stems), scale(pieces)
	for i := range parts {
		if isPiece[parts[i].feature] {
			parts[i].value *= pieceScale
		} else {
			parts[i].value *= stemScale
		}
	}
}

// triedAgainst is with how many classes an example question is tried when it is held
// out: those whose words it shares most. With 1,500 divisions, trying it with all
// takes three times as long as learning does.
const triedAgainst = 160

// tries are with which classes held-back examples are tried, and with what scores.
// The scores with the others are what they are without a word.
type tries struct {
	classes [][]int32   // by held-back example
	scores  [][]float32 // by held-back example and place among its classes
	by      [][]try     // by class
}

type try struct{ example, place int32 }

func (ix *Index) tries(t trained, heldBack []int32) tries {
	m := ix.model
	tr := tries{classes: make([][]int32, len(heldBack)), scores: make([][]float32, len(heldBack)),
		by: make([][]try, m.classes)}
	if t.scope.classes <= triedAgainst { // what is not visible must not count
		var every []int32
		for c, visible := range t.scope.visible {
			if visible {
				every = append(every, int32(c))
			}
		}
		for k := range tr.classes {
			tr.classes[k] = every
		}
	} else {
		examples := make([]int32, len(heldBack))
		for k, sample := range heldBack {
			examples[k] = t.example[sample]
		}
		for k, near := range m.nearest(ix.material, t.scope, examples, triedAgainst, ix.Workers) {
			near = append(near, int32(ix.examples[examples[k]].Class), int32(m.classes-1))
			for c := m.divisions; c < m.classes-1; c++ { // what is declined is tried as a whole
				if t.scope.visible[c] {
					near = append(near, int32(c))
				}
			}
			slices.Sort(near)
			tr.classes[k] = slices.Compact(near)
		}
	}
	for k, classes := range tr.classes {
		tr.scores[k] = make([]float32, len(classes))
		for place, c := range classes {
			tr.by[c] = append(tr.by[c], try{int32(k), int32(place)})
		}
	}
	return tr
}

// readTrial reads an example question as readers of a scope would without the example.
func (ix *Index) readTrial(r *reading, sc *scope, i int) {
	ix.model.read(r, sc, ix.examples[i].Text, &ix.examples[i])
	ix.names(r)
}

// finish answers an example question. r has read it, and has the scores of what was learned.
func (ix *Index) finish(r *reading, sc *scope, i int) trial {
	m, e := ix.model, &ix.examples[i]
	m.addEvidence(r)
	m.addMeaning(r, &left{e, &ix.material.all[i]})
	for _, d := range r.named {
		r.scores[d] += naming
	}
	r.ranking = m.rank(sc, r.scores)
	m.weigh(r)
	rk := r.ranking
	most, _ := r.most(e.Text, m.divisions)
	return trial{
		most:    most,
		example: i, kind: ix.classes[e.Class].Kind, top: rk.top, n: rk.n, signals: r.signals,
		right: rk.n > 0 && int(rk.top[0]) == e.Class,
	}
}

// narrow takes from what was read the classes that a smaller scope does not have.
func (r *reading) narrow(less *scope) {
	r.scope = less
	gone := func(class int32) bool { return !less.visible[class] }
	r.named = slices.DeleteFunc(r.named, gone)
	r.mentions = slices.DeleteFunc(r.mentions, func(mn mention) bool {
		return mn.Kind <= Keyword && mn.Division >= 0 && gone(mn.Division)
	})
	var room []entry
	for i := range r.clues {
		c := &r.clues[i]
		begin := len(room)
		for _, s := range c.shares {
			if !gone(s.class) {
				room = append(room, s)
			}
		}
		c.shares = room[begin:len(room):len(room)]
		c.known = len(c.shares) > 0
	}
}

// addEvidence adds the evidence to r.scores.
func (m *model) addEvidence(r *reading) {
	r.evidence = zeroed(r.evidence, m.classes)
	var worth float32
	for i := range r.clues {
		c := &r.clues[i]
		if c.repeated || c.aside {
			continue
		}
		if !c.known {
			worth += unknownShare * r.scope.rare
			continue
		}
		worth += c.worth
		for _, e := range c.shares {
			r.evidence[e.class] += e.value * c.worth
		}
	}
	if worth == 0 {
		return
	}
	for c := range r.scores {
		r.scores[c] += evidenceScale / worth * r.evidence[c]
	}
}
