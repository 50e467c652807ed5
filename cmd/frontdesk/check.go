package main

import (
	"fmt"
	"io"
	"strings"

	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func checkCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "check [FILE]",
		Short: "Report everything that is wrong with a knowledge file",
		Args:  cobra.MaximumNArgs(1),
	}
	path := knowledgeFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		file := path()
		if len(args) > 0 {
			file = args[0]
		}
		inputs, err := knowledge.Open(file)
		if err != nil {
			return err
		}
		base, problems := knowledge.Load(inputs)
		var confusions knowledge.Problems
		if base != nil {
			confusions = base.Confusions()
		}
		problems = problems.And(confusions)
		out := cmd.OutOrStdout()
		if *asJSON {
			err = writeJSON(out, reportJSON(base, problems))
		} else {
			err = writeReport(out, base, problems)
		}
		if err == nil && problems.Err() != nil {
			err = errProblems
		}
		return err
	}
	return cmd
}

// checkJSON is what check --json prints.
type checkJSON struct {
	Problems []problemJSON    `json:"problems"`
	Quality  *knowledge.Trial `json:"quality,omitempty"`
}

type problemJSON struct {
	File     string `json:"file"`
	Line     int    `json:"line"`
	Column   int    `json:"column"`
	Severity string `json:"severity"`
	Message  string `json:"message"`
}

func severity(p knowledge.Problem) string {
	if p.Warning {
		return "warning"
	}
	return "error"
}

func reportJSON(base *knowledge.Base, problems knowledge.Problems) checkJSON {
	j := checkJSON{Problems: []problemJSON{}}
	for _, p := range problems {
		j.Problems = append(j.Problems, problemJSON{p.Pos.File, p.Pos.Line, p.Pos.Column, severity(p), p.Message})
	}
	if base != nil {
		trial := base.Trial()
		j.Quality = &trial
	}
	return j
}

func writeReport(w io.Writer, base *knowledge.Base, problems knowledge.Problems) error {
	var out strings.Builder
	for _, p := range problems {
		label := ""
		if p.Warning {
			label = "warning: "
		}
		fmt.Fprintf(&out, "%s: %s%s\n", p.Pos, label, p.Message)
	}
	errors, warnings := problems.Count()
	if base == nil {
		fmt.Fprintf(&out, "%s.\n", plural(errors, "error", "errors"))
		return say(w, out.String())
	}
	t := base.Trial()
	fmt.Fprintf(&out, "%s, %s. %s, %s.\n",
		plural(errors, "error", "errors"), plural(warnings, "warning", "warnings"),
		plural(len(base.Entries()), "division", "divisions"),
		plural(t.Examples, "example question", "example questions"))
	if t.Examples >= fewExamples {
		fmt.Fprintf(&out, "In five-fold cross-validation, %.0f %% of the examples get the right division, "+
			"%.0f %% a wrong one and %.0f %% none.\n", 100*t.Right, 100*t.Wrong, 100*(1-t.Right-t.Wrong))
		if t.Outsiders >= fewExamples {
			fmt.Fprintf(&out, "Without their topics in the file, %.0f %% of the questions under declines would be "+
				"answered.\n", 100*t.FalseAnswers)
		}
	}
	writeThin(&out, base)
	return say(w, out.String())
}

const (
	// enoughQuestions of a division, or enoughKeywords for each of its responsibilities, make
	// answers about it reliable: a city's file with them had the right division first for 88
	// of 100 questions, with five keywords a topic for 83, with names and a sentence for 35.
	enoughQuestions = 3
	enoughKeywords  = 10
	thinShown       = 5 // divisions
)

// thinDivision is a division of which the file says little.
type thinDivision struct {
	id                         string
	questions, keywords, items int
}

// thinDivisions lists the divisions of which the file says little, in the order of the file.
func thinDivisions(base *knowledge.Base) (thin []thinDivision) {
	for _, e := range base.Entries() {
		t := thinDivision{e.ID.Text, len(e.Questions), 0, len(e.Division.Handles) + len(e.Division.Programs)}
		for _, h := range e.Division.Handles {
			t.questions, t.keywords = t.questions+len(h.Questions), t.keywords+len(h.Keywords)
		}
		for _, p := range e.Division.Programs {
			t.questions, t.keywords = t.questions+len(p.Questions), t.keywords+len(p.Keywords)
		}
		if t.questions < enoughQuestions && t.keywords < enoughKeywords*max(1, t.items) {
			thin = append(thin, t)
		}
	}
	return thin
}

// writeThin advises where the file says little of a division.
func writeThin(out *strings.Builder, base *knowledge.Base) {
	var thin []string
	for _, t := range thinDivisions(base) {
		has := plural(t.questions, "example question", "example questions") + " and nothing it handles"
		if t.items > 0 {
			has = fmt.Sprintf("%s, %s for %s", plural(t.questions, "example question", "example questions"),
				plural(t.keywords, "keyword", "keywords"), plural(t.items, "responsibility", "responsibilities"))
		}
		thin = append(thin, fmt.Sprintf("  %s: %s\n", t.id, has))
	}
	if len(thin) == 0 {
		return
	}
	fmt.Fprintf(out, "The file says little about %s. Three example questions, or ten keywords for each\n"+
		"responsibility, make answers about one reliable:\n", plural(len(thin), "division", "divisions"))
	out.WriteString(strings.Join(thin[:min(len(thin), thinShown)], ""))
	if more := len(thin) - thinShown; more > 0 {
		fmt.Fprintf(out, "  … and %d more\n", more)
	}
}

// fewExamples is the number of questions below which percentages mean little.
const fewExamples = 20

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
