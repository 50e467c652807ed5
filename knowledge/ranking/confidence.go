package ranking

import (
	"cmp"
	"math"
	"slices"
)

// Signals tell a right answer from a wrong one. Each alone is weak; a logistic
// model of all of them says how likely the best division is right.
const (
	sigScore           = iota // score of the best division
	sigLead                   // its lead over the second
	sigSmallLead              // the same, up to a point
	sigOther                  // its lead over the best of what is declined
	sigSmallOther             // the same, up to a point
	sigOurs                   // score of all divisions together against all that is declined
	sigCover                  // share of the question's telling words that speak for the division
	sigKnown                  // share of its telling words that one of the best divisions knows
	sigCoverKnown             // both
	sigUnknown                // telling words that nothing in the file knows
	sigAnyUnknown             // the same, up to one
	sigStrongest              // the strongest word for the division
	sigEvidence               // all that speaks for it
	sigMass                   // how much the question tells at all
	sigNamed                  // the division is named
	sigForeign                // its name stands inside another name, and nowhere else
	sigPhrase                 // how telling the best of its phrases is that the question has whole
	sigDecline                // share of the telling words that speak for the best declined topic
	sigDeclineLead            // the same beyond what speaks for the division
	sigTheirs                 // share of the telling words that only what is declined knows
	sigStrongestTheirs        // the strongest of them
	sigAgree                  // the classifier and the evidence put the same division first
	sigNear                   // the cosine of the division's vector and the question's
	sigNearLead               // how much more that is than with any other division
	sigNearOther              // … than with any topic that is declined, or the background
	sigOwn                    // how many examples the division has, against the mean
	// The shape of the file: what the others mean depends on it.
	sigQuestions // example questions a division
	sigKeywords  // other examples a division
	sigDivisions // how many there are
	sigDeclined  // example questions of what is declined
	signalCount
)

type signals [signalCount]float64

const (
	smallLead  = 0.3
	fullPhrase = 3.0 // words
	fullShare  = 0.4 // of what a stem is worth counts as speaking for a class
)

// order is that of a question's classes by their scores.
type order struct {
	top   [3]int32 // best divisions first
	n     int
	other int32 // the best of what is declined, or -1
}

func (m *model) rank(sc *scope, scores []float32) order {
	var rk order
	for c := range int32(m.divisions) {
		if !sc.visible[c] {
			continue
		}
		k := rk.n
		for k > 0 && scores[c] > scores[rk.top[k-1]] {
			k--
		}
		if k == len(rk.top) {
			continue
		}
		rk.n = min(rk.n+1, len(rk.top))
		copy(rk.top[k+1:rk.n], rk.top[k:])
		rk.top[k] = c
	}
	rk.other = -1
	for c := int32(m.divisions); c < int32(m.classes-1); c++ {
		if sc.visible[c] && (rk.other < 0 || scores[c] > scores[rk.other]) {
			rk.other = c
		}
	}
	if rk.n == 0 {
		rk.top[0] = rk.other // something to look at
	}
	return rk
}

// first puts a division before all others.
func (rk *order) first(division int32) {
	at := rk.n - 1
	for i, d := range rk.top[:rk.n] {
		if d == division {
			at = i
		}
	}
	copy(rk.top[1:at+1], rk.top[:at])
	rk.top[0] = division
}

// weigh fills r.signals for the ranking r has.
func (m *model) weigh(r *reading) {
	rk, sig := &r.ranking, &r.signals
	*sig = signals{}
	top := rk.top[0]
	score := r.scores[top]
	lead, other := 1.0, 1.0 // with nothing to compare, as if far ahead
	if rk.n > 1 {
		lead = float64(score - r.scores[rk.top[1]])
	}
	if rk.other >= 0 {
		other = float64(score - r.scores[rk.other])
	}
	sig[sigScore] = float64(score)
	sig[sigLead], sig[sigSmallLead] = lead, math.Min(lead, smallLead)
	sig[sigOther], sig[sigSmallOther] = other, math.Min(other, smallLead)
	sig[sigOurs] = float64(r.scores[m.classes-1])
	if r.agrees(top, m.divisions) {
		sig[sigAgree] = 1
	}
	if len(r.near) > 0 {
		n, second, declined := r.near[top], float32(0), float32(0)
		for c, v := range r.near[:m.classes-1] {
			switch {
			case c == int(top) || !r.scope.visible[c]:
			case c < m.divisions:
				second = max(second, v)
			default:
				declined = max(declined, v)
			}
		}
		sig[sigNear], sig[sigNearLead], sig[sigNearOther] = float64(n), float64(n-second), float64(n-declined)
	}
	sh := &r.scope.shape
	sig[sigOwn] = float64(r.scope.own[top])
	sig[sigQuestions], sig[sigKeywords] = sh.questions, sh.keywords
	sig[sigDivisions], sig[sigDeclined] = sh.divisions, sh.declined

	var mass, cover, known, unknown, decline, theirs float64
	for i := range r.clues {
		c := &r.clues[i]
		tells, worth := float64(c.tells), float64(c.worth)
		if tells == 0 || c.repeated || c.aside {
			continue
		}
		mass += tells
		if !c.known {
			unknown += tells
			continue
		}
		share := c.of(top)
		spoken := tells * share * worth
		cover += tells * math.Min(1, share/fullShare)
		sig[sigEvidence] += spoken
		sig[sigStrongest] = math.Max(sig[sigStrongest], spoken)
		for _, d := range rk.top[:rk.n] {
			if c.of(d) > 0 {
				known += tells
				break
			}
		}
		if rk.other < 0 {
			continue
		}
		decline += tells * math.Min(1, c.of(rk.other)/fullShare)
		if share == 0 {
			strongest := 0.0
			for _, e := range c.shares {
				if int(e.class) >= m.divisions {
					strongest = math.Max(strongest, float64(e.value))
				}
			}
			if strongest > 0 {
				theirs += tells
				sig[sigStrongestTheirs] = math.Max(sig[sigStrongestTheirs], tells*strongest*worth)
			}
		}
	}
	if mass > 0 {
		sig[sigCover], sig[sigKnown], sig[sigDecline] = cover/mass, known/mass, decline/mass
		sig[sigTheirs] = theirs / mass
	}
	sig[sigCoverKnown] = sig[sigCover] * sig[sigKnown]
	sig[sigDeclineLead] = math.Max(0, sig[sigDecline]-sig[sigCover])
	sig[sigUnknown], sig[sigAnyUnknown] = math.Min(unknown, 5), math.Min(unknown, 1)
	sig[sigEvidence] = math.Log1p(sig[sigEvidence])
	sig[sigMass] = math.Log1p(mass)

	for _, mn := range r.mentions {
		switch mn.Kind {
		case DivisionName, ProgramName:
			switch {
			case mn.Division != top:
			case !foreign(r, mn):
				sig[sigNamed], sig[sigForeign] = 1, 0
			case sig[sigNamed] == 0:
				sig[sigForeign] = 1
			}
		case TopicName, Keyword:
			if mn.Division == top {
				words := 0.0
				for i := mn.start; i < mn.end; i++ {
					words += float64(r.clues[i].tells)
				}
				sig[sigPhrase] = math.Max(sig[sigPhrase], math.Min(words, fullPhrase))
			}
		}
	}
}

// confidence says how far the desk may trust a ranking.
type confidence struct {
	right logistic // the best division is right
	ours  logistic // the question is for one of the divisions
	sure  float64  // from this chance of being right, an answer is given
	maybe float64  // from this one, suggestions are, if it is likely ours
}

// verdict is how far a match may be trusted, given the chance that its best division
// is right and that the question is for one of the divisions.
func (k *confidence) verdict(right, ours float64) Verdict {
	switch {
	case right >= k.sure:
		return Sure
	case right >= k.maybe && ours >= leastOurs:
		return Possible
	}
	return Unknown
}

// threshold is the least chance at which, of the answers to held-out examples,
// no larger share is false than the budget allows.
func (k *confidence) threshold(cases []outcome, budget float64) float64 {
	order, chances := make([]int, len(cases)), make([]float64, len(cases))
	for i := range order {
		order[i], chances[i] = i, k.right.chance(cases[i].signals)
	}
	slices.SortFunc(order, func(i, j int) int {
		return cmp.Or(cmp.Compare(chances[j], chances[i]), cmp.Compare(i, j))
	})
	least, given, wrong := 1.0, 0.0, 0.0
	for _, i := range order {
		given += cases[i].weight
		wrong += cases[i].weight * (1 - chances[i])
		if wrong <= budget*given {
			least = chances[i]
		}
	}
	return least
}

// agrees reports whether no division has more evidence than the one that comes first.
func (r *reading) agrees(top int32, divisions int) bool {
	most := r.evidence[top]
	for c, v := range r.evidence[:divisions] {
		if v > most && r.scope.visible[c] {
			return false
		}
	}
	return true
}

// logistic is a logistic model over the signals; the last weight is the bias.
type logistic [signalCount + 1]float64

func (l *logistic) sum(sig *signals) float64 {
	z := l[signalCount]
	for i, s := range sig {
		z += l[i] * s
	}
	return z
}

func (l *logistic) chance(sig *signals) float64 { return 1 / (1 + math.Exp(-l.sum(sig))) }

// outcome is one case to fit a logistic model to.
type outcome struct {
	signals *signals
	right   bool // the best division is the right one
	ours    bool // one of the divisions is
	weight  float64
}

// fit finds the weights under which the outcomes are likeliest, by Newton's
// method, held near prior by a pull of the given strength: as many cases must
// speak for a change by one standard deviation. spread is the standard
// deviation of each signal.
func fit(cases []outcome, yes func(*outcome) bool, prior logistic, spread *signals, pull float64) logistic {
	const n = signalCount + 1
	strength := func(j int) float64 {
		if j == signalCount {
			return 1e-6 // the bias is free
		}
		return pull*spread[j]*spread[j] + 1e-6
	}
	loss := func(w *logistic) float64 {
		sum := 0.0
		for i := range cases {
			c := &cases[i]
			z := w.sum(c.signals)
			if yes(c) {
				z = -z
			}
			sum += c.weight * softplus(z)
		}
		for j := range n {
			sum += strength(j) * (w[j] - prior[j]) * (w[j] - prior[j]) / 2
		}
		return sum
	}
	w, now := prior, loss(&prior)
	for range 30 {
		var gradient [n]float64
		var hessian [n][n]float64
		for j := range n {
			gradient[j] = strength(j) * (w[j] - prior[j])
			hessian[j][j] = strength(j)
		}
		for i := range cases {
			c := &cases[i]
			p := w.chance(c.signals)
			d := c.weight * p
			if yes(c) {
				d -= c.weight
			}
			h := c.weight * p * (1 - p)
			for j := range n {
				s := 1.0
				if j < signalCount {
					s = c.signals[j]
				}
				if s == 0 {
					continue
				}
				gradient[j] += d * s
				row := &hessian[j]
				for k := range j {
					row[k] += h * s * c.signals[k]
				}
				row[j] += h * s * s
			}
		}
		step := solve(&hessian, &gradient)
		for size := 1.0; size > 1e-3; size /= 2 { // a full step may overshoot
			next := w
			for j := range n {
				next[j] -= size * step[j]
			}
			if l := loss(&next); l < now {
				gain := now - l
				w, now = next, l
				if gain < 1e-4*now {
					return w
				}
				break
			} else if size < 2e-3 {
				return w
			}
		}
	}
	return w
}

// softplus is log(1 + e^z), without overflow.
func softplus(z float64) float64 {
	if z > 30 {
		return z
	}
	return math.Log1p(math.Exp(z))
}

// solve solves a symmetric positive definite system by Cholesky
// decomposition. Only the lower half of a is read.
func solve(a *[signalCount + 1][signalCount + 1]float64, b *[signalCount + 1]float64) [signalCount + 1]float64 {
	const n = signalCount + 1
	x := *b
	for j := range n {
		for k := range j {
			a[j][j] -= a[j][k] * a[j][k]
		}
		a[j][j] = math.Sqrt(math.Max(a[j][j], 1e-9))
		for i := j + 1; i < n; i++ {
			for k := range j {
				a[i][j] -= a[i][k] * a[j][k]
			}
			a[i][j] /= a[j][j]
		}
	}
	for i := range n {
		for k := range i {
			x[i] -= a[i][k] * x[k]
		}
		x[i] /= a[i][i]
	}
	for i := n - 1; i >= 0; i-- {
		for k := i + 1; k < n; k++ {
			x[i] -= a[k][i] * x[k]
		}
		x[i] /= a[i][i]
	}
	return x
}
