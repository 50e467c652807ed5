package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"slices"
	"strings"

	"frontdesk/bot"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func compareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "List the questions that two versions of the knowledge file answer differently",
		Long: "List the questions that two versions of the knowledge file answer differently.\n" +
			"By default it asks the example questions of both files. OLD or NEW may be \"\",\n" +
			"which stands for the shipped file.",
		Example: "  frontdesk compare main/acme.yaml acme.yaml --max-changes 5",
		Args:    cobra.ExactArgs(2),
	}
	questions := cmd.Flags().String("questions", "",
		"ask the questions in this `file` instead: one per line, or JSON lines as for eval, whose labels say "+
			"what is better or worse")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	most := cmd.Flags().Int("max-changes", -1,
		"exit with 1 if more than `n` questions are answered differently; -1 for no limit")
	audience := cmd.Flags().StringSlice("audience", nil, "compare only the answers for readers who belong to these "+
		"`groups` (default: readers who may see everything, the public, and each group)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		before, err := snapshot(args[0])
		if err != nil {
			return err
		}
		after, err := snapshot(args[1])
		if err != nil {
			return err
		}
		var asked []string
		var labels labels
		if *questions != "" {
			if asked, labels, err = plainQuestions(*questions); err != nil {
				return err
			}
		}
		var c comparison
		if cmd.Flags().Changed("audience") {
			c = compareFor(cmd.Context(), before, after, bot.AudienceOf(*audience...), asked)
		} else {
			c = compareForAll(cmd.Context(), before, after, asked)
		}
		c.judge(labels)
		for i := range c.Others {
			c.Others[i].judge(labels)
		}
		out := cmd.OutOrStdout()
		if *asJSON {
			err = writeJSON(out, c)
		} else {
			err = say(out, c.text())
		}
		if n := c.counted(); err == nil && *most >= 0 && n > *most {
			fmt.Fprintf(cmd.ErrOrStderr(), "frontdesk: %s, but --max-changes allows %d\n",
				plural(n, "change", "changes"), *most)
			err = errProblems
		}
		return err
	}
	return cmd
}

// compareFor lists what changes for one audience, and shows nothing that this audience
// may not see. If asked is nil, it asks the examples that the audience sees.
func compareFor(
	ctx context.Context, before, after *knowledge.Snapshot, readers bot.Audience, asked []string,
) comparison {
	if asked == nil {
		asked = bot.ComparedQuestions(before.For(readers), after.For(readers))
	}
	v := view{Audience: readers.String(), Changes: bot.Compare(ctx, before.For(readers), after.For(readers), asked)}
	v.count()
	return comparison{Questions: len(asked), view: v}
}

// compareForAll lists what changes for readers who may see everything, and for the public
// and each group if it differs from that.
func compareForAll(ctx context.Context, before, after *knowledge.Snapshot, asked []string) comparison {
	whole := bot.AudienceOf(append(before.File.Audiences(), after.File.Audiences()...)...)
	if asked == nil {
		asked = bot.ComparedQuestions(before.For(whole), after.For(whole))
	}
	c := compareFor(ctx, before, after, whole, asked)
	c.Opened = knowledge.Opened(before.File, after.File)
	if whole == "" {
		return c
	}
	for _, name := range append([]string{""}, whole.Names()...) {
		a := bot.AudienceOf(name)
		if a == whole {
			continue
		}
		v := compareFor(ctx, before, after, a, asked).view
		same := func(a, b bot.Change) bool { return a.Question == b.Question && a.Kind == b.Kind }
		if !slices.EqualFunc(v.Changes, c.Changes, same) {
			c.Others = append(c.Others, v)
		}
	}
	return c
}

// labels are the labelled questions by their text.
type labels map[string]labelled

// plainQuestions reads questions: one per line, or JSON lines as for eval, which may have
// labels.
func plainQuestions(path string) ([]string, labels, error) {
	data, err := os.ReadFile(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, nil, err
	}
	var questions []string
	labels := labels{}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case line[0] == '{':
			var q labelled
			if err := json.Unmarshal(line, &q); err != nil || q.Question == "" {
				return nil, nil, fmt.Errorf("%s:%d: not a JSON object with a question", path, n)
			}
			questions = append(questions, q.Question)
			if len(q.Expect) > 0 {
				labels[q.Question] = q
			}
		default:
			questions = append(questions, string(line))
		}
	}
	if len(questions) == 0 {
		return nil, nil, fmt.Errorf("%s: the file has no questions", path)
	}
	return questions, labels, nil
}

// comparison is the output of compare: what changes for readers who may see everything,
// and for others if it differs from that.
type comparison struct {
	Questions int      `json:"questions"`
	Opened    []string `json:"opened,omitempty"`
	view
	Others []view `json:"others,omitempty"`
}

// view is what changes for one audience.
type view struct {
	Audience string       `json:"audience"`
	Moved    int          `json:"moved"`
	Lost     int          `json:"lost"`
	Gained   int          `json:"gained"`
	Redirect int          `json:"redirected"`
	Reworded int          `json:"reworded"`
	Unsure   int          `json:"unsure"`
	Better   int          `json:"better"`
	Worse    int          `json:"worse"`
	Changes  []bot.Change `json:"changes"`

	verdicts map[string]string // by question with a label: better or worse
}

// judge says which of the changes are better or worse by the labels.
func (c *view) judge(l labels) {
	c.verdicts = map[string]string{}
	for _, change := range c.Changes {
		q, ok := l[change.Question]
		if !ok {
			continue
		}
		of := func(s bot.Said) grade { return q.grade(s.Outcome, s.Division, s.Suggests) }
		switch before, after := of(change.Before), of(change.After); {
		case after > before:
			c.Better++
			c.verdicts[change.Question] = " (better)"
		case after < before:
			c.Worse++
			c.verdicts[change.Question] = " (worse)"
		}
	}
}

func (c *view) count() {
	if c.Changes == nil {
		c.Changes = []bot.Change{}
	}
	for _, change := range c.Changes {
		switch change.Kind {
		case bot.Moved:
			c.Moved++
		case bot.Lost:
			c.Lost++
		case bot.Gained:
			c.Gained++
		case bot.Redirected:
			c.Redirect++
		case bot.Reworded:
			c.Reworded++
		case bot.Unsure:
			c.Unsure++
		}
	}
}

// counted is the number of changes for --max-changes: those of the audience with the most,
// and the parts that are shown to more people.
func (c *comparison) counted() (n int) {
	for _, v := range append([]view{c.view}, c.Others...) {
		n = max(n, bot.Counted(v.Changes))
	}
	return n + len(c.Opened)
}

func (c *comparison) text() string {
	var b strings.Builder
	for _, o := range c.Opened {
		fmt.Fprintf(&b, "%s.\n", o)
	}
	asked := fmt.Sprintf("Of %s, ", plural(c.Questions, "question", "questions"))
	if c.Questions == 0 {
		b.WriteString("The files have no example questions; name a file of questions with --questions.\n")
		return b.String()
	}
	b.WriteString(c.view.text(asked))
	for _, v := range c.Others {
		b.WriteString("\n" + v.text("For "+v.Audience+", of these "))
	}
	return b.String()
}

func (c *view) text(asked string) string {
	var b strings.Builder
	if len(c.Changes) == 0 {
		return asked + "none is answered differently.\n"
	}
	fmt.Fprintf(&b, "%s%s owner, %s no longer answered, %s.\n", asked,
		plural(c.Moved, "changes", "change"), plural(c.Lost, "is", "are"), plural(c.Gained, "now is", "now are"))
	if c.Redirect > 0 {
		fmt.Fprintf(&b, "%s still declined, with a different signpost.\n", plural(c.Redirect, "is", "are"))
	}
	if c.Reworded > 0 {
		fmt.Fprintf(&b, "%s the same owner, with another name, text, contact or fact.\n", plural(c.Reworded, "has", "have"))
	}
	if c.Unsure > 0 {
		fmt.Fprintf(&b, "%s still not answered, with different suggestions.\n", plural(c.Unsure, "is", "are"))
	}
	if c.Better+c.Worse > 0 {
		fmt.Fprintf(&b, "By the labels, %s better and %s worse.\n",
			plural(c.Better, "is", "are"), plural(c.Worse, "is", "are"))
	}
	division := "\x00"
	shown := map[string]bool{} // the reworded lines, which many answers of a division share
	for _, change := range c.Changes {
		about := change.Before
		if about.Division == "" {
			about = change.After
		}
		if about.Division != division {
			division = about.Division
			name := about.Name
			if division == "" {
				name = "Not answered"
			}
			fmt.Fprintf(&b, "\n%s\n", name)
		}
		lines := inLines(change)
		if change.Kind == bot.Reworded {
			if key := change.After.Division + lines; !shown[key] {
				shown[key] = true
				fmt.Fprintf(&b, "  %s\n%s", change.Question, lines)
			}
			continue
		}
		fmt.Fprintf(&b, "  %s\n      %s → %s%s\n%s", change.Question, inShort(change.Before), inShort(change.After),
			c.verdicts[change.Question], lines)
	}
	return b.String()
}

// inLines is what a change takes from the text of an answer and adds to it.
func inLines(c bot.Change) string {
	var b strings.Builder
	for _, line := range c.Gone {
		fmt.Fprintf(&b, "      - %s\n", line)
	}
	for _, line := range c.New {
		fmt.Fprintf(&b, "      + %s\n", line)
	}
	return b.String()
}

// inShort is an answer in a few words.
func inShort(s bot.Said) string {
	switch {
	case s.Division != "":
		return s.Name
	case len(s.Suggests) > 0:
		return "suggests " + strings.Join(s.Suggests, ", ")
	case s.Name != "":
		return s.Outcome + " (" + s.Name + ")"
	}
	return s.Outcome
}

// snapshot reads a knowledge file, with its views for audiences.
func snapshot(path string) (*knowledge.Snapshot, error) {
	inputs, err := knowledge.Open(path)
	if err != nil {
		return nil, err
	}
	s, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the knowledge file has errors:\n%w", err)
	}
	return s, nil
}
