package knowledge

import (
	"cmp"
	"fmt"
	"maps"
	"slices"

	"frontdesk/knowledge/ranking"
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

// A pair of divisions is reported once one of them is given more than confusedShare
// of the other's examples, and at least minConfused of them.
const (
	confusedShare = 0.15
	minConfused   = 3
)

// Confusions warns of pairs of divisions of which one is given the other's
// examples, unless the file tells them apart.
func (b *Base) Confusions() Problems {
	asked := map[string]int{}
	taken := map[string]map[string][]string{} // by owner and who is given them: questions
	for _, h := range b.Held() {
		if h.Expect == "" {
			continue
		}
		asked[h.Expect]++
		if h.Verdict == Sure && h.Top[0] != h.Expect {
			if taken[h.Expect] == nil {
				taken[h.Expect] = map[string][]string{}
			}
			taken[h.Expect][h.Top[0]] = append(taken[h.Expect][h.Top[0]], h.Question)
		}
	}
	var problems Problems
	for _, e := range b.entries {
		owner := e.ID.Text
		inOrder := func(x, y string) int { return cmp.Compare(b.numbers[x], b.numbers[y]) }
		for _, other := range slices.SortedFunc(maps.Keys(taken[owner]), inOrder) {
			questions := taken[owner][other]
			if len(questions) < minConfused || float64(len(questions)) <= confusedShare*float64(asked[owner]) ||
				!b.TellApart(owner, other).IsZero() {
				continue
			}
			problems = append(problems, Problem{Pos: e.ID.Pos, Warning: true, Message: fmt.Sprintf(
				"%d of %d examples of %s are taken for %s, such as %q; "+
					"give either words of its own, or a tell_apart line for the two",
				len(questions), asked[owner], owner, other, text.Clip(questions[0], maxQuoted))})
		}
	}
	return problems
}
