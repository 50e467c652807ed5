package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"frontdesk/bot"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func compareCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "compare OLD NEW",
		Short: "Show which questions a change of the knowledge file answers differently",
		Long: "Show which questions a change of the knowledge file answers differently: by\n" +
			"default the example questions of both files. OLD or NEW may be \"\" for the\nshipped file.",
		Example: "  frontdesk compare main/acme.yaml acme.yaml --max-changes 5",
		Args:    cobra.ExactArgs(2),
	}
	questions := cmd.Flags().String("questions", "", "ask the questions of this `file`: one a line, or JSON lines with \"question\"")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	most := cmd.Flags().Int("max-changes", -1, "exit with 1 if more questions than this are answered differently")
	audience := audienceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		before, err := edition(args[0])
		if err != nil {
			return err
		}
		after, err := edition(args[1])
		if err != nil {
			return err
		}
		old, changed := before.For(before.File.Everything()), after.For(after.File.Everything())
		if cmd.Flags().Changed("audience") {
			old, changed = before.For(audience()), after.For(audience())
		}
		asked := bot.ExampleQuestions(old, changed)
		if *questions != "" {
			if asked, err = plainQuestions(*questions); err != nil {
				return err
			}
		}
		c := comparison{Questions: len(asked), Changes: bot.Compare(cmd.Context(), old, changed, asked)}
		c.count()
		out := cmd.OutOrStdout()
		if *asJSON {
			err = writeJSON(out, c)
		} else {
			_, err = io.WriteString(out, c.text())
		}
		if err == nil && *most >= 0 && c.counted() > *most {
			err = errProblems
		}
		return err
	}
	return cmd
}

// plainQuestions reads questions, one a line, or as they are for eval.
func plainQuestions(path string) ([]string, error) {
	data, err := os.ReadFile(path) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, err
	}
	var questions []string
	n := 0
	for line := range bytes.Lines(data) {
		n++
		line = bytes.TrimSpace(line)
		switch {
		case len(line) == 0:
		case line[0] == '{':
			var q struct {
				Question string `json:"question"`
			}
			if err := json.Unmarshal(line, &q); err != nil || q.Question == "" {
				return nil, fmt.Errorf("%s:%d: not a JSON object with a question", path, n)
			}
			questions = append(questions, q.Question)
		default:
			questions = append(questions, string(line))
		}
	}
	if len(questions) == 0 {
		return nil, fmt.Errorf("%s: there are no questions in it", path)
	}
	return questions, nil
}

// comparison is what compare prints.
type comparison struct {
	Questions int          `json:"questions"`
	Moved     int          `json:"moved"`
	Lost      int          `json:"lost"`
	Gained    int          `json:"gained"`
	Redirect  int          `json:"redirected"`
	Unsure    int          `json:"unsure"`
	Changes   []bot.Change `json:"changes"`
}

func (c *comparison) count() {
	if c.Changes == nil {
		c.Changes = []bot.Change{}
	}
	for _, change := range c.Changes {
		switch change.Fate {
		case bot.Moved:
			c.Moved++
		case bot.Lost:
			c.Lost++
		case bot.Gained:
			c.Gained++
		case bot.Redirected:
			c.Redirect++
		case bot.Unsure:
			c.Unsure++
		}
	}
}

// counted is how many changes people notice.
func (c *comparison) counted() (n int) {
	for _, change := range c.Changes {
		if change.Counts() {
			n++
		}
	}
	return n
}

func (c *comparison) text() string {
	var b strings.Builder
	asked := fmt.Sprintf("Of %s, ", plural(c.Questions, "question", "questions"))
	if len(c.Changes) == 0 {
		return asked + "none is answered differently.\n"
	}
	fmt.Fprintf(&b, "%s%s owner, %s no longer answered, %s.\n", asked, plural(c.Moved, "changes", "change"), plural(c.Lost, "is", "are"), plural(c.Gained, "now is", "now are"))
	if c.Redirect > 0 {
		fmt.Fprintf(&b, "%s sent elsewhere than before.\n", plural(c.Redirect, "is", "are"))
	}
	if c.Unsure > 0 {
		fmt.Fprintf(&b, "%s still not answered for sure, with other suggestions.\n", plural(c.Unsure, "is", "are"))
	}
	division := "\x00"
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
		fmt.Fprintf(&b, "  %s\n      %s → %s\n", change.Question, inShort(change.Before), inShort(change.After))
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

// edition reads a knowledge file for whoever may see what of it.
func edition(path string) (*knowledge.Edition, error) {
	inputs, err := knowledge.Open(path)
	if err != nil {
		return nil, err
	}
	e, problems := knowledge.NewEdition(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the knowledge file has errors:\n%w", err)
	}
	return e, nil
}
