package knowledge

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
)

// confidence says how far the desk may trust a ranking.
type confidence struct {
	right logistic // the best division is right
	ours  logistic // the question is for one of the divisions
	sure  float64  // from this chance of being right, an answer is given
	maybe float64  // from this one, suggestions are, if it is likely ours
}

// heldOut is an example question as it is answered with its fold left out.
type heldOut struct {
	example int
	top     [3]int32
	n       int
	right   float64
	ours    float64
}

const (
	// outsiders is the share of messages that are none of the desk's business
	// which the calibration reckons with, however many examples of either the
	// file has.
	outsiders = 0.15
	// backgroundShare is the share of those that the built-in background stands
	// for. The file's own declined topics come nearer to its divisions.
	backgroundShare = 0.2
	// defaultFalseAnswers is the share of answers, in percent, that may be false.
	defaultFalseAnswers = 6.5
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

// calibrate answers every example question by what was learned without it,
// and learns from the outcomes how far to trust an answer.
func (b *Base) calibrate(t *trainer) {
	b.confidence = confidence{right: priorRight, ours: priorOurs, sure: untried}
	cases, held := b.holdOut(t)
	b.held = held
	inside, outside := 0, 0
	for i := range cases {
		if cases[i].ours {
			inside++
		} else {
			outside++
		}
	}
	calibrated := inside >= fewest && outside >= fewest
	if calibrated {
		b.confidence.right = fit(cases, func(c *outcome) bool { return c.right }, priorRight, &spread, pull)
		b.confidence.ours = fit(cases, func(c *outcome) bool { return c.ours }, priorOurs, &spread, pull)
	}
	for i := range cases {
		held[i].right = b.confidence.right.chance(&cases[i].signals)
		held[i].ours = b.confidence.ours.chance(&cases[i].signals)
	}
	if calibrated {
		b.confidence.sure = b.threshold(cases, held)
	}
	b.confidence.maybe = b.confidence.sure * worthMention
}

// budget is the share of answers that may be false.
func (b *Base) budget() float64 {
	if n, err := strconv.ParseFloat(strings.TrimSuffix(b.File.FalseAnswers.Text, "%"), 64); err == nil && n > 0 {
		return n / 100
	}
	return defaultFalseAnswers / 100.0
}

// threshold is the least chance at which, of the answers to held-out examples,
// no larger share is false than the budget allows.
func (b *Base) threshold(cases []outcome, held []heldOut) float64 {
	order := make([]int, len(cases))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(held[j].right, held[i].right), cmp.Compare(i, j))
	})
	least, given, wrong := 1.0, 0.0, 0.0
	for _, i := range order {
		given += cases[i].weight
		if !cases[i].right {
			wrong += cases[i].weight
		}
		if wrong <= b.budget()*given {
			least = held[i].right
		}
	}
	return math.Max(leastChance, math.Min(least, 0.98))
}

// holdOut answers each example question with its fold left out.
func (b *Base) holdOut(t *trainer) ([]outcome, []heldOut) {
	m := b.model
	var heldBack []int // examples that are
	for i := range b.examples {
		if b.examples[i].fold >= 0 {
			heldBack = append(heldBack, i)
		}
	}
	scores := make([]float32, len(heldBack)*m.classes)
	t.holdOut(folds, func(class, fold int, weights []float32) {
		for k, i := range heldBack {
			if s := &t.samples[i]; int(s.fold) == fold {
				scores[k*m.classes+class] = s.dot(weights)
			}
		}
	})
	cases, held := make([]outcome, len(heldBack)), make([]heldOut, len(heldBack))
	inParallel(b.workers, len(heldBack), func(from, to int) {
		r := new(reading)
		for k := from; k < to; k++ {
			cases[k], held[k] = b.heldOut(r, heldBack[k], scores[k*m.classes:(k+1)*m.classes])
		}
	})
	var inside, declined, background float64
	for _, h := range held {
		switch b.classes[b.examples[h.example].class].kind {
		case classDivision:
			inside++
		case classDecline:
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
		switch kind := b.classes[b.examples[held[i].example].class].kind; {
		case inside == 0 || declined+background == 0:
		case cases[i].ours:
			cases[i].weight = (1 - outsiders) * total / inside
		case kind == classDecline && declined > 0:
			cases[i].weight = outsiders * (1 - share) * total / declined
		default:
			cases[i].weight = outsiders * share * total / background
		}
	}
	return cases, held
}

// heldOut answers an example question, given its scores under what was learned
// without its fold.
func (b *Base) heldOut(r *reading, i int, scores []float32) (outcome, heldOut) {
	m, e := b.model, &b.examples[i]
	m.read(r, e.text)
	v := view{m, e}
	r.scores = append(r.scores[:0], scores...)
	b.names(r)
	b.addEvidence(r, v)
	for _, d := range r.named {
		r.scores[d] += naming
	}
	r.ranking = m.rank(r.scores)
	b.weigh(r, v)
	rk := r.ranking
	o := outcome{signals: r.signals, weight: 1, ours: e.class < m.divisions, right: int(rk.top[0]) == e.class}
	return o, heldOut{example: i, top: rk.top, n: rk.n}
}

// addEvidence adds to r.scores the evidence as it is without one example.
func (b *Base) addEvidence(r *reading, v view) {
	m := b.model
	own := v.without.class
	r.evidence = zeroed(r.evidence, m.classes)
	var worth, ownSum float32
	for _, c := range r.clues {
		if c.repeated || c.aside {
			continue
		}
		if !v.knows(c.stem) {
			worth += unknownShare * m.evidence.rare
			continue
		}
		worth += m.evidence.worth[c.stem]
		m.evidence.rows.addTo(r.evidence, c.stem)
		ownSum += m.evidence.worth[c.stem] * float32(v.speaks(c.stem, int32(own)))
	}
	if worth == 0 {
		return
	}
	r.evidence[own] = ownSum
	for c := range r.scores {
		r.scores[c] += evidenceScale / worth * r.evidence[c]
	}
}
