package knowledge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"frontdesk/knowledge/text"
)

// Held is an example question as it is answered by what was learned without
// the fifth of the examples that it belongs to.
type Held struct {
	Question string
	Expect   string   // the division's id, or "" if it should be declined
	Top      []string // ids of the best divisions, best first
	Verdict  Verdict
}

// Held lists every example question of the divisions and the declined topics that
// everyone sees, in the order of the file. Of what [Load] made, these are all.
func (b *Base) Held() []Held {
	var list []Held
	for i := range b.trials {
		t := &b.trials[i]
		if t.kind == classBackground {
			continue
		}
		e := &b.examples[t.example]
		held := Held{Question: e.text, Verdict: b.verdict(b.scope.confidence.right.chance(&t.signals), b.scope.confidence.ours.chance(&t.signals))}
		if t.kind == classDivision {
			held.Expect = b.classes[e.class].id
		}
		for _, d := range t.top[:t.n] {
			held.Top = append(held.Top, b.classes[d].id)
		}
		list = append(list, held)
	}
	return list
}

func (b *Base) verdict(right, ours float64) Verdict {
	switch {
	case right >= b.scope.confidence.sure:
		return Sure
	case right >= b.scope.confidence.maybe && ours >= leastOurs:
		return Possible
	}
	return Unknown
}

// Trial is how well a file answers its own example questions, each left out
// with its fold. Right, Wrong and FalseAnswers are shares.
type Trial struct {
	Examples     int     `json:"examples"`
	Right        float64 `json:"right"`
	Wrong        float64 `json:"wrong"`
	Outsiders    int     `json:"outsiders"`
	FalseAnswers float64 `json:"false_answers"`
	Threshold    float64 `json:"threshold"`
}

// Trial measures the file against itself.
func (b *Base) Trial() Trial {
	t := Trial{Threshold: b.scope.confidence.sure}
	for _, h := range b.Held() {
		sure := h.Verdict == Sure
		switch {
		case h.Expect == "":
			t.Outsiders++
			if sure {
				t.FalseAnswers++
			}
			continue
		case sure && h.Top[0] == h.Expect:
			t.Right++
		case sure:
			t.Wrong++
		}
		t.Examples++
	}
	if t.Examples > 0 {
		t.Right /= float64(t.Examples)
		t.Wrong /= float64(t.Examples)
	}
	if t.Outsiders > 0 {
		t.FalseAnswers /= float64(t.Outsiders)
	}
	return t
}

// A pair of divisions is reported once one of them is given more than thieving
// of the other's examples, and at least minThefts.
const (
	thieving  = 0.15
	minThefts = 3
)

// Thefts warns of pairs of divisions of which one is given the other's
// examples, unless the file tells them apart.
func (b *Base) Thefts() Problems {
	asked := map[string]int{}
	stolen := map[string]map[string][]string{} // by owner and thief: questions
	for _, h := range b.Held() {
		if h.Expect == "" {
			continue
		}
		asked[h.Expect]++
		if h.Verdict == Sure && h.Top[0] != h.Expect {
			if stolen[h.Expect] == nil {
				stolen[h.Expect] = map[string][]string{}
			}
			stolen[h.Expect][h.Top[0]] = append(stolen[h.Expect][h.Top[0]], h.Question)
		}
	}
	var problems Problems
	for _, e := range b.entries {
		owner := e.ID.Text
		inOrder := func(x, y string) int { return cmp.Compare(b.ids[x], b.ids[y]) }
		for _, thief := range slices.SortedFunc(maps.Keys(stolen[owner]), inOrder) {
			questions := stolen[owner][thief]
			if len(questions) < minThefts || float64(len(questions)) <= thieving*float64(asked[owner]) || !b.TellApart(owner, thief).IsZero() {
				continue
			}
			problems = append(problems, Problem{Pos: e.ID.Pos, Warning: true, Message: fmt.Sprintf(
				"%d of %d examples of %s are taken for %s, such as %q; give either words of its own, or a tell_apart line for the two",
				len(questions), asked[owner], owner, thief, text.Clip(questions[0], maxQuoted))})
		}
	}
	return problems
}
