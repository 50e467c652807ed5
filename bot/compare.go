package bot

import (
	"cmp"
	"context"
	"slices"

	"frontdesk/knowledge"
)

// ChangeKind is how a new knowledge file changes the answer to a question.
type ChangeKind uint8

// The kinds of change.
const (
	Same       ChangeKind = iota
	Moved                 // another division is the answer
	Lost                  // it was answered and no longer is
	Gained                // it was not answered and now is
	Redirected            // it is declined before and after, with a different signpost
	Unsure                // it is not answered before or after, but the suggestions differ
)

func (k ChangeKind) String() string {
	return [...]string{"same", "moved", "lost", "gained", "redirected", "unsure"}[k]
}

// MarshalText implements [encoding.TextMarshaler].
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Change is a question that two versions of a knowledge file answer differently.
type Change struct {
	Question string     `json:"question"`
	Kind     ChangeKind `json:"change"`
	Before   Said       `json:"before"`
	After    Said       `json:"after"`
}

// Said is a summary of the answer to a question.
type Said struct {
	Outcome  string   `json:"outcome"`
	Division string   `json:"division"`
	Name     string   `json:"name"`
	Suggests []string `json:"suggests,omitempty"` // ids of what is offered instead
}

// Counts reports whether a change is one that people notice: [Unsure] is not.
func (c Change) Counts() bool { return c.Kind != Unsure }

// Compare asks two versions the questions and lists those that they answer differently,
// sorted by the division that answers before, or else after.
func Compare(ctx context.Context, before, after *knowledge.Base, questions []string) []Change {
	was, is := fixed(before), fixed(after)
	var changes []Change
	for _, q := range questions {
		c := Change{
			Question: q,
			Before:   said(was.Answer(ctx, Question{Text: q})), After: said(is.Answer(ctx, Question{Text: q})),
		}
		if c.Kind = kindOf(c.Before, c.After); c.Kind != Same {
			changes = append(changes, c)
		}
	}
	slices.SortStableFunc(changes, func(a, b Change) int {
		return cmp.Or(
			cmp.Compare(cmp.Or(a.Before.Division, a.After.Division), cmp.Or(b.Before.Division, b.After.Division)),
			cmp.Compare(a.Kind, b.Kind),
		)
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

func kindOf(before, after Said) ChangeKind {
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

// ExampleQuestions lists the example questions of all bases, of divisions and of
// declined topics, each once.
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
