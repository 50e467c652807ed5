package knowledge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/text"
)

// Held is a held-out example question, with the answer of a ranking that was learned
// without its fold.
type Held struct {
	Question string
	Expect   string   // the id of its division, or "" if it should be declined
	Top      []string // the ids of the best divisions, best first
	Verdict  Verdict
}

// Held lists the public example questions of divisions and declined topics, in the order
// of the file. In a Base made by [Load], all questions are public.
func (b *Base) Held() []Held {
	var list []Held
	for _, t := range b.View.Held() {
		held := Held{Question: t.Question, Verdict: t.Verdict}
		if b.classes[t.Class].Kind == ranking.Division {
			held.Expect = b.index.ids[t.Class]
		}
		for _, d := range t.Top {
			held.Top = append(held.Top, b.index.ids[d])
		}
		list = append(list, held)
	}
	return list
}

// Trial is how well a file answers its own held-out examples.
type Trial struct {
	Examples     int     `json:"examples"`      // example questions of divisions
	Right        float64 `json:"right"`         // the share of them answered with their division
	Wrong        float64 `json:"wrong"`         // the share of them answered with another one
	Outsiders    int     `json:"outsiders"`     // questions of declined topics
	FalseAnswers float64 `json:"false_answers"` // the share of them that are answered
	Threshold    float64 `json:"threshold"`     // the lowest confidence that is answered
}

// Trial answers the held-out examples of the file.
func (b *Base) Trial() Trial {
	t := Trial{Threshold: b.Threshold()}
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

// Two divisions are reported if more than confusedShare of the example questions of one,
// and at least minConfused, are answered with the other.
const (
	confusedShare = 0.15
	minConfused   = 3
)

// Confusions warns of divisions whose example questions are often answered with another
// one, unless the file has a tell_apart entry for the two.
func (b *Base) Confusions() Problems {
	asked := map[string]int{}
	confused := map[string]map[string][]string{} // questions by their division and that of the answer
	for _, h := range b.Held() {
		if h.Expect == "" {
			continue
		}
		asked[h.Expect]++
		if h.Verdict == Sure && h.Top[0] != h.Expect {
			if confused[h.Expect] == nil {
				confused[h.Expect] = map[string][]string{}
			}
			confused[h.Expect][h.Top[0]] = append(confused[h.Expect][h.Top[0]], h.Question)
		}
	}
	var problems Problems
	for _, e := range b.entries {
		owner := e.ID.Text
		inOrder := func(x, y string) int { return cmp.Compare(b.byID[x], b.byID[y]) }
		for _, other := range slices.SortedFunc(maps.Keys(confused[owner]), inOrder) {
			questions := confused[owner][other]
			if len(questions) < minConfused || float64(len(questions)) <= confusedShare*float64(asked[owner]) ||
				!b.TellApart(owner, other).IsZero() {
				continue
			}
			problems = append(problems, Problem{Pos: e.ID.Pos, Warning: true, Message: fmt.Sprintf(
				"%d of %d example questions of %s are answered with %s, such as %q; "+
					"give one of them words of its own, or add a tell_apart entry for the two",
				len(questions), asked[owner], owner, other, text.Clip(questions[0], maxQuoted))})
		}
	}
	return problems
}
