package inbox

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

const (
	// mostExamples is how many wordings of a group become examples: the matcher learns little
	// from more that are about the same.
	mostExamples = 5
	// gapsRead is how many of the newest gaps are read: those of a month, at 1,600 a day.
	gapsRead = 50_000
)

// Examples are the wordings of a group that become example questions: the most frequent of
// each subject, without those in which something was replaced.
func (g Group) Examples() []string {
	var lines []string
	seen := map[string]bool{}
	for _, w := range g.Words {
		key, stems := subject(w)
		if seen[key] || len(stems) == 0 || replaced(w) || len(lines) == mostExamples {
			continue
		}
		seen[key] = true
		lines = append(lines, strings.Join(strings.Fields(w), " "))
	}
	return lines
}

// replaced reports whether a part of a question was replaced before it was kept.
func replaced(words string) bool {
	return slices.ContainsFunc([]string{"[link]", "[e-mail]", "[number]", "…"}, func(mark string) bool {
		return strings.Contains(words, mark)
	})
}

// ErrNoExample is the error of a group of which no wording can be an example.
var ErrNoExample = errors.New("these words hold links, addresses or numbers, so they can't be examples as they are; " +
	"write an example of your own into the file")

// Decision is what an admin decides about a group.
type Decision struct {
	Kind     knowledge.ChangeKind // AddQuestions, AddResponsibility or AddDecline
	Division string               // the id, unless it is declined
	Topic    string               // of the new responsibility, or what is declined
	Text     string               // what the division does about it, or where to go instead
}

// Changes are what a decision about a group changes in a file.
func (d Decision) Changes(g Group, base *knowledge.Base) ([]knowledge.Change, error) {
	lines := g.Examples()
	if len(lines) == 0 {
		return nil, ErrNoExample
	}
	c := knowledge.Change{Kind: d.Kind, Division: d.Division, Topic: d.Topic, Text: d.Text, Lines: lines}
	if d.Kind == knowledge.AddQuestions && d.Topic == "" {
		c.Topic = itemOf(g, d.Division, base)
	}
	return []knowledge.Change{c}, nil
}

// itemOf is the responsibility or program of a division that the words of a group match, or
// "" if they match none in particular.
func itemOf(g Group, division string, base *knowledge.Base) string {
	for _, c := range base.Match(g.Title()).Candidates {
		e := base.Entries()[c.Division]
		if e.ID.Text != division || c.Item < 0 {
			continue
		}
		if c.Item < len(e.Division.Handles) {
			return e.Division.Handles[c.Item].Topic.Text
		}
		return e.Division.Programs[c.Item-len(e.Division.Handles)].Name.Text
	}
	return ""
}

// Proposal is a change of the knowledge file that was examined and not made yet.
type Proposal struct {
	Patch    knowledge.Patch
	Problems []string     // what check newly says of the file
	Changes  []bot.Change // example questions of the file that are answered differently
	Asked    int          // how many there are
}

// Propose makes the patch of changes to a knowledge file, and examines what it does. Used is a
// snapshot of the file, if there is one; it may be of another version. An error says that the
// changes cannot be made, or that the file would have errors.
func Propose(
	ctx context.Context, path string, changes []knowledge.Change, used *knowledge.Snapshot,
) (Proposal, error) {
	inputs, err := knowledge.Open(path)
	if err != nil {
		return Proposal{}, err
	}
	patch, err := knowledge.Edit(inputs, changes)
	if err != nil {
		return Proposal{}, err
	}
	p := Proposal{Patch: patch}
	if patch.Empty() {
		return p, nil
	}
	edited, err := patch.Apply(inputs)
	if err != nil {
		return Proposal{}, err
	}
	before := used
	if used == nil || used.Version != knowledge.Version(inputs) {
		var problems knowledge.Problems
		before, problems = knowledge.NewSnapshot(inputs, knowledge.Beside)
		if err := problems.Err(); err != nil {
			return Proposal{}, fmt.Errorf("the knowledge file has errors:\n%w", err)
		}
	}
	after, problems := knowledge.NewSnapshot(edited, knowledge.Beside)
	if err := problems.Err(); err != nil {
		return Proposal{}, fmt.Errorf("the changed file would have errors:\n%w", err)
	}
	known := map[string]bool{}
	for _, q := range before.Problems {
		known[q.Message] = true
	}
	for _, q := range problems {
		if !known[q.Message] {
			p.Problems = append(p.Problems, q.String())
		}
	}
	was, is := before.For(before.File.Everything()), after.For(after.File.Everything())
	questions := bot.ComparedQuestions(was)
	p.Asked = len(questions)
	p.Changes = bot.Compare(ctx, was, is, questions)
	return p, nil
}

// Harm are the example questions that a proposal takes away from a division, or from a
// signpost.
func (p Proposal) Harm() []bot.Change {
	return slices.DeleteFunc(slices.Clone(p.Changes), func(c bot.Change) bool {
		return c.Kind != bot.Moved && c.Kind != bot.Lost && c.Kind != bot.Redirected
	})
}

// newID is a short random name for an edit.
func newID() string { return strings.ToLower(rand.Text()[:10]) }

// Make writes a proposal into the file, and remembers it so that it can be undone.
func Make(ctx context.Context, s Store, p Proposal, by string) (Edit, error) {
	e := Edit{ID: newID(), Time: time.Now(), State: Made, By: by, Patch: p.Patch}
	if err := p.Patch.Write(); err != nil {
		return e, err
	}
	if s == nil {
		return e, nil
	}
	return e, s.KeepEdit(ctx, e)
}

// Undo takes an edit back. It fails if the file has changed since.
func Undo(ctx context.Context, s Store, id, by string) (Edit, error) {
	e, ok, err := s.Edit(ctx, id)
	switch {
	case err != nil:
		return e, err
	case !ok:
		return e, fmt.Errorf("there is no edit %s; it may be too old", text.PrintableLine(id))
	case e.State == Proposed:
		return e, errors.New("this edit was not made")
	case e.State == Undone:
		return e, errors.New("this edit is undone already")
	}
	if err := e.Patch.Reverse().Write(); err != nil {
		return e, err
	}
	e.State = Undone
	return e, s.MarkEdit(ctx, id, Undone, by)
}

// Read reads the gaps of a store since a time and groups them; see [Groups].
func Read(ctx context.Context, s Store, since time.Time, base *knowledge.Base, people int) ([]Group, error) {
	ignored, err := s.Ignored(ctx)
	if err != nil {
		return nil, err
	}
	var gaps []Gap
	err = s.Gaps(ctx, since, gapsRead, func(g Gap) error {
		gaps = append(gaps, g)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return Groups(ctx, gaps, base, people, ignored), nil
}

// Ignore takes a group out of the inbox for good.
func (g Group) Ignore(ctx context.Context, s Store) error { return s.Ignore(ctx, g.subjects) }
