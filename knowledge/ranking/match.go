package ranking

import (
	"sync"

	"frontdesk/knowledge/words"
)

// Verdict says how far a match may be trusted.
type Verdict uint8

// The verdicts.
const (
	Unknown  Verdict = iota // no division: say so
	Possible                // one of the first candidates, perhaps
	Sure                    // the first candidate
)

// Match is what is known of a question. A [View] numbers divisions and declined
// topics by their classes, and items and near misses as the source has them of a
// division.
type Match struct {
	Verdict Verdict
	Facet   Facet
	// Only says that the question has no words but a name and what asks for
	// its facet.
	Only bool
	// Candidates are the best divisions, best first; at most three.
	Candidates []Candidate
	// Chance is the probability that the first candidate is right, Ours that
	// the question is for one of the divisions at all.
	Chance, Ours float64
	// Named are the divisions that the question names; Program says that it names
	// a program of the first candidate.
	Named   []int
	Program bool
	// Empty says that the question has no words at all.
	Empty bool
	// Decline is the declined topic that the question is nearest to, or -1.
	Decline int
	// Near is the near miss that the question is about, its Division -1 if it
	// is about none.
	Near Near
	// Danger is the index of the group of urgent phrases that the question
	// has one of, or -1.
	Danger int
	// Doubt says why the verdict is lower than Chance and Ours would have it, or is empty.
	Doubt string
}

// Candidate is a division that may be the right one.
type Candidate struct {
	Division int
	Score    float64
	// Item is the responsibility the question is about, or, counted on from
	// there, the program; -1 if it is none in particular.
	Item int
}

// Near names an item of a division's near misses.
type Near struct{ Division, Item int }

var readings = sync.Pool{New: func() any { return new(reading) }}

// Match finds the divisions a question is for. The same question always gets
// the same match.
func (v *View) Match(question string) Match {
	r := readings.Get().(*reading)
	defer readings.Put(r)
	ix, sc, m := v.index, v.scope, v.index.model
	alone := v.read(r, question)
	m.weigh(r)
	match := Match{Empty: len(r.words) == 0, Decline: -1, Near: Near{Division: -1}, Danger: -1}
	for _, mn := range r.mentions {
		if mn.Kind == DangerSign {
			match.Danger = int(mn.Division)
			break
		}
	}
	for _, d := range r.named {
		match.Named = append(match.Named, int(d))
	}
	match.Facet, match.Only = r.facet, r.only
	rk := &r.ranking
	for _, d := range rk.top[:rk.n] {
		match.Candidates = append(match.Candidates, Candidate{int(d), float64(r.scores[d]), int(ix.items.best(r, d))})
	}
	for _, mn := range r.mentions {
		match.Program = match.Program || mn.Kind == ProgramName && rk.n > 0 && mn.Division == rk.top[0]
	}
	match.Chance = sc.confidence.right.chance(&r.signals)
	match.Ours = sc.confidence.ours.chance(&r.signals)
	if alone {
		match.Verdict = Sure
	} else {
		match.Verdict = sc.confidence.verdict(match.Chance, match.Ours)
		if most, why := r.most(question, m.divisions); most < match.Verdict {
			match.Verdict, match.Doubt = most, why
		}
	}
	if match.Verdict != Sure && rk.other >= 0 {
		if ix.classes[rk.other].Kind == Declined && r.signals[sigDecline] > 0 {
			match.Decline = int(rk.other)
		}
	}
	if match.Verdict != Sure {
		match.Near = ix.near.find(r)
	}
	return match
}

// read reads and ranks a question. It reports whether a division's name is the whole subject;
// that division comes first then.
func (v *View) read(r *reading, question string) (alone bool) {
	m := v.index.model
	m.read(r, v.scope, question, nil)
	v.index.names(r)
	m.score(r)
	r.ranking = m.rank(v.scope, r.scores)
	// A name that is an ordinary word must come out first on its own.
	alone = r.only && len(r.named) == 1 && r.ranking.n > 0 && (r.proper || r.ranking.top[0] == r.named[0])
	if alone {
		r.ranking.first(r.named[0])
	}
	return alone
}

// most is the highest verdict that a question may get, however likely its best division is
// right, and why.
func (r *reading) most(question string, divisions int) (verdict Verdict, why string) {
	switch {
	case r.ranking.n == 0:
		return Unknown, "there is no division that these readers may see"
	case r.signals[sigMass] == 0 && len(r.named) == 0 && r.onlyStopWords():
		return Unknown, "there are only words that ask"
	case words.LooksLikeCode(question):
		return Unknown, "it looks like code"
	case r.strangers(divisions) && r.signals[sigNear] < kin:
		return Unknown, "no division has one of its telling words, or one like it"
	case r.strangers(divisions):
		return Possible, "no division has one of its telling words, only words like it"
	case r.behind() >= farBehind:
		return Unknown, "it comes far closer to a declined topic"
	case r.behind() >= wellBehind:
		return Possible, "it comes closer to a declined topic"
	case r.contested():
		return Possible, "the words speak as much for another, or more"
	case words.IsErrand(r.words):
		return Possible, "it is an order to the bot"
	}
	return Sure, ""
}

// How far a division's score may be behind that of a declined topic, however likely the
// division is. With these, questions of the shipped file's field that are next to its topics
// are answered half as often (1 of 45 instead of 2), and no fewer are answered right or found.
const (
	wellBehind = 0.5 // more, and the division is not answered
	farBehind  = 1.0 // … nor suggested
)

// behind is how much more a declined topic scores than the first division, if one does and
// it is the best of what is declined.
func (r *reading) behind() float64 {
	if !r.declined() || len(r.named) > 0 {
		return 0
	}
	return float64(r.scores[r.ranking.other] - r.scores[r.ranking.top[0]])
}

// declined reports whether the best of what is declined is a topic of the file, and not the
// background, which comes near to most questions where a file says little.
func (r *reading) declined() bool {
	return r.ranking.other >= 0 && int(r.ranking.other) < len(r.scores)-2 // see [Kind]
}

// contested reports whether the evidence does not set the first apart from the runner-up, or
// contradicts it, or speaks for a declined topic. Of the questions of which the evidence contradicts an answer that the
// model trusts, most are near misses: without this, a bank's file asserted answers to 69 %
// of what is next to its topics, instead of 62 %, for one point of right answers.
func (r *reading) contested() bool {
	rk := &r.ranking
	first := r.evidence[rk.top[0]]
	switch {
	case len(r.named) > 0:
		return false
	case r.declined() && first > 0 && r.evidence[rk.other] >= contradicts*first:
		return true
	case rk.n < 2:
		return false
	}
	second := r.evidence[rk.top[1]]
	return first > 0 && (second >= contradicts*first || min(first, second) >= even*max(first, second))
}

const (
	// contradicts is how many times the first one's evidence another must have. At 1.1
	// two more points of the near misses, and another of the right answers, are not asserted.
	contradicts = 1.25
	// even is the share of one's evidence from which another has as much.
	even = 0.99
)

// strangers reports whether no telling word of a question is one of a division's, nor means
// about the same as one.
func (r *reading) strangers(divisions int) bool {
	telling := false
	for i := range r.clues {
		c := &r.clues[i]
		if c.tells == 0 || c.aside {
			continue
		}
		telling = true
		for _, e := range c.shares {
			if int(e.class) < divisions && r.scope.visible[e.class] {
				return false
			}
		}
	}
	return telling && r.signals[sigNear] < alike
}

// A question may be about a division though they share no telling word if the cosine is at
// least alike, and is worth a suggestion if it is at least kin: "my office is freezing" where
// the file has "chilly".
const (
	alike = 0.5
	kin   = 0.35
)

// onlyStopWords reports whether a question has nothing but the words that ask.
func (r *reading) onlyStopWords() bool {
	for _, c := range r.clues {
		if c.asks&words.StopWord == 0 {
			return false
		}
	}
	return true
}
