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
}

const (
	// outsiders is the share of messages that are none of the desk's business
	// which the calibration reckons with, however many examples of either the
	// file has.
	outsiders = 0.15
	// backgroundShare is the share of those that the built-in background stands
	// for. The file's own declined topics come nearer to its divisions.
	backgroundShare = 0.2
	// leastChance is what an answer must have however large the budget.
	leastChance = 0.25
	// untried is the least chance for a file without examples to try it on.
	untried = 0.4
	// worthMention is the part of the least chance from which a division is
	// worth suggesting, and leastOurs the chance the question must have of
	// being for one of the divisions.
	worthMention = 0.5
	leastOurs    = 0.5
	// pull is how many held-out examples it takes to move the confidence away
	// from what was found on files of other fields.
	pull = 100
	// fewest is how many example questions, and as many of what is declined, a
	// file must have to be calibrated on its own.
	fewest = 20
)

// calibrate learns from trials how far to trust an answer.
func (ix *Index) calibrate(trials []trial) confidence {
	c := confidence{right: priorRight, ours: priorOurs, sure: untried}
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
		c.sure = c.threshold(cases, ix.falseAnswers)
	}
	c.maybe = c.sure * worthMention
	return c
}

// outcomes are trials, weighed as they are expected to come.
func outcomes(trials []trial) []outcome {
	cases := make([]outcome, len(trials))
	var inside, declined, background float64
	for i := range trials {
		t := &trials[i]
		cases[i] = outcome{signals: &t.signals, right: t.right, ours: t.kind == Division, weight: 1}
		switch t.kind {
		case Division:
			inside++
		case Declined:
			declined++
		default:
			background++
		}
	}
	if declined < fewest { // too few to stand for what is out of scope
		declined, background = 0, declined+background
	}
	total := inside + declined + background
	share := 1.0
	if declined > 0 {
		share = backgroundShare
	}
	for i := range cases {
		switch {
		case inside == 0 || declined+background == 0:
		case cases[i].ours:
			cases[i].weight = (1 - outsiders) * total / inside
		case trials[i].kind == Declined && declined > 0:
			cases[i].weight = outsiders * (1 - share) * total / declined
		default:
			cases[i].weight = outsiders * share * total / background
		}
	}
	return cases
}

// tryOut answers each example question that a lesson was learned from with its
// fold left out.
func (ix *Index) tryOut(t trained) []trial {
	var heldBack []int32 // samples that are
	for k := range t.samples {
		if t.samples[k].fold >= 0 {
			heldBack = append(heldBack, int32(k))
		}
	}
	trials := make([]trial, len(heldBack))
	tries := ix.tries(t, heldBack)
	t.holdOut(Folds, func(class, fold int, weights []float32) {
		for _, at := range tries.by[class] {
			if s := &t.samples[heldBack[at.example]]; int(s.fold) == fold {
				tries.scores[at.example][at.place] = s.dot(weights)
			}
		}
	})
	parallel.Ranges(ix.Workers, len(heldBack), func(from, to int) {
		r := new(reading)
		for k := from; k < to; k++ {
			r.scores = append(r.scores[:0], t.bias...)
			for place, class := range tries.classes[k] {
				r.scores[class] = tries.scores[k][place]
			}
			trials[k] = ix.trial(r, t.scope, int(t.example[heldBack[k]]))
		}
	})
	return trials
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

// trial answers an example question. r has its scores under what was learned without
// its fold.
func (ix *Index) trial(r *reading, sc *scope, i int) trial {
	m, e := ix.model, &ix.examples[i]
	m.read(r, sc, e.Text, e)
	ix.names(r)
	m.addEvidence(r)
	for _, d := range r.named {
		r.scores[d] += naming
	}
	r.ranking = m.rank(sc, r.scores)
	m.weigh(r)
	rk := r.ranking
	return trial{
		example: i, kind: ix.classes[e.Class].Kind, top: rk.top, n: rk.n, signals: r.signals,
		right: rk.n > 0 && int(rk.top[0]) == e.Class,
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
