package bot

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/knowledge"
)

// Fate is what a new knowledge file does to a question.
type Fate uint8

// The fates.
const (
	Same       Fate = iota
	Moved           // another division is the answer
	Lost            // it was answered, and is not any more
	Gained          // it was not answered, and now is
	Redirected      // it is not answered, and people are sent elsewhere than before
	Unsure          // it is still not answered, but other divisions are suggested
)

func (f Fate) String() string {
	return [...]string{"same", "moved", "lost", "gained", "redirected", "unsure"}[f]
}

// MarshalText implements [encoding.TextMarshaler].
func (f Fate) MarshalText() ([]byte, error) { return []byte(f.String()), nil }

// Change is a question that two versions of a knowledge file answer differently.
type Change struct {
	Question string `json:"question"`
	Fate     Fate   `json:"change"`
	Before   Said   `json:"before"`
	After    Said   `json:"after"`
}

// Said is what the desk says to a question, in short.
type Said struct {
	Outcome  string   `json:"outcome"`
	Division string   `json:"division"`
	Name     string   `json:"name"`
	Suggests []string `json:"suggests,omitempty"` // ids of what is offered instead
}

// Counts reports whether a change is one that people notice: [Unsure] is not.
func (c Change) Counts() bool { return c.Fate != Unsure }

// Compare asks the questions of two versions and lists what they answer
// differently, by the division before and then after.
func Compare(ctx context.Context, before, after *knowledge.Base, questions []string) []Change {
	was, is := fixed(before), fixed(after)
	var changes []Change
	for _, q := range questions {
		c := Change{Question: q, Before: said(was.Answer(ctx, Question{Text: q})), After: said(is.Answer(ctx, Question{Text: q}))}
		if c.Fate = fate(c.Before, c.After); c.Fate != Same {
			changes = append(changes, c)
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(cmp.Compare(cmp.Or(a.Before.Division, a.After.Division), cmp.Or(b.Before.Division, b.After.Division)), cmp.Compare(a.Fate, b.Fate))
	})
	return changes
}

// fixed is a desk that answers from one Base.
func fixed(b *knowledge.Base) *Desk {
	return &Desk{Base: func(Audience) *knowledge.Base { return b }}
}

func said(a Answer) Said {
	s := Said{Outcome: a.Outcome.String(), Division: a.Division, Name: a.Title}
	if a.Outcome != Answered {
		for _, o := range a.Offers {
			s.Suggests = append(s.Suggests, o.Division)
		}
	}
	return s
}

func fate(before, after Said) Fate {
	switch {
	case before.Outcome == after.Outcome && before.Outcome == Declined.String():
		if before.Name == after.Name && slices.Equal(before.Suggests, after.Suggests) {
			return Same
		}
		return Redirected
	case before.Division == after.Division && before.Outcome == after.Outcome:
		if slices.Equal(before.Suggests, after.Suggests) {
			return Same
		}
		return Unsure
	case before.Outcome == Answered.String() && after.Outcome == Answered.String():
		return Moved
	case before.Outcome == Answered.String():
		return Lost
	case after.Outcome == Answered.String():
		return Gained
	}
	return Unsure
}

// ExampleQuestions are those of both versions, each once: of divisions and of
// what is declined.
func ExampleQuestions(bases ...*knowledge.Base) []string {
	var questions []string
	seen := map[string]bool{}
	for _, b := range bases {
		for _, q := range b.Questions() {
			if !seen[q] {
				seen[q] = true
				questions = append(questions, q)
			}
		}
	}
	return questions
}
