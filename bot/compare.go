package bot

import (
	"cmp"
	"context"
	"slices"
	"strings"

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
	Reworded              // the same division answers, but its name, text, contact or a fact differs
	Unsure                // it is not answered before or after, but the suggestions differ
)

func (k ChangeKind) String() string {
	return [...]string{"same", "moved", "lost", "gained", "redirected", "reworded", "unsure"}[k]
}

// MarshalText implements [encoding.TextMarshaler].
func (k ChangeKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Change is a question that two versions of a knowledge file answer differently.
type Change struct {
	Question string     `json:"question"`
	Kind     ChangeKind `json:"change"`
	Before   Said       `json:"before"`
	After    Said       `json:"after"`
	// Gone and New are the lines of the answer that are in one version only, if it is
	// [Redirected] or [Reworded].
	Gone []string `json:"gone,omitempty"`
	New  []string `json:"new,omitempty"`
}

// Said is a summary of the answer to a question.
type Said struct {
	Outcome  string   `json:"outcome"`
	Division string   `json:"division"`
	Name     string   `json:"name"`
	Suggests []string `json:"suggests,omitempty"` // ids of what is offered instead

	text string // what people read of the answer, but for its source and what else to ask
}

// Counted is how many of the changes people notice. [Unsure] is none, and a division whose
// answers are only [Reworded] counts once, however many questions it answers.
func Counted(changes []Change) (n int) {
	reworded := map[string]bool{}
	for _, c := range changes {
		switch {
		case c.Kind == Unsure || c.Kind == Reworded && reworded[c.After.Division]:
			continue
		case c.Kind == Reworded:
			reworded[c.After.Division] = true
		}
		n++
	}
	return n
}

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
		switch c.Kind = kindOf(c.Before, c.After); c.Kind {
		case Same:
			continue
		case Redirected, Reworded:
			c.Gone, c.New = without(c.Before.text, c.After.text), without(c.After.text, c.Before.text)
		}
		changes = append(changes, c)
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
	if a.Outcome != Suggested {
		a.Source, a.Examples = Source{}, nil
		s.text = a.Plain()
	}
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
		if before.text == after.text && slices.Equal(before.Suggests, after.Suggests) {
			return Same
		}
		return Redirected
	case before.Division == after.Division && before.Outcome == after.Outcome:
		switch {
		case !slices.Equal(before.Suggests, after.Suggests):
			return Unsure
		case before.text != after.text:
			return Reworded
		}
		return Same
	case before.Outcome == Answered.String() && after.Outcome == Answered.String():
		return Moved
	case before.Outcome == Answered.String():
		return Lost
	case after.Outcome == Answered.String():
		return Gained
	}
	return Unsure
}

// without lists the lines of a text that another one does not have.
func without(text, other string) (lines []string) {
	has := strings.Split(other, "\n")
	for line := range strings.SplitSeq(text, "\n") {
		if line != "" && !slices.Contains(has, line) {
			lines = append(lines, line)
		}
	}
	return lines
}

// ComparedQuestions lists the example questions of all bases, of divisions and of
// declined topics, and the names of the divisions that have none, each once.
func ComparedQuestions(bases ...*knowledge.Base) []string {
	var questions []string
	seen := map[string]bool{}
	for _, b := range bases {
		asked := b.Questions()
		for _, e := range b.Entries() {
			if len(e.Questions) == 0 {
				asked = append(asked, e.Name.Text)
			}
		}
		for _, q := range asked {
			if !seen[q] {
				seen[q] = true
				questions = append(questions, q)
			}
		}
	}
	return questions
}
