package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"time"

	"frontdesk/adapters/console"
	"frontdesk/bot"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func evalCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "eval",
		Short: "Measure how many questions the desk answers right",
		Long: "Measure how many questions the desk answers right: with --questions, those of the\n" +
			"file; without, the knowledge file's own examples in five-fold cross-validation.",
		Example: `  frontdesk eval --questions questions.jsonl --misses misses.jsonl`,
		Args:    cobra.NoArgs,
	}
	path := knowledgeFlag(cmd)
	questions := cmd.Flags().StringP("questions", "q", "",
		"`file` of labelled questions, one JSON object per line: {\"question\": \"…\", \"expect\": [\"id\"]}")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	misses := cmd.Flags().String("misses", "",
		"write the questions without the right answer to this `file`; - prints all of them")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		if *asJSON && *misses == stdout {
			return errors.New("--json prints one object alone; name a file for --misses")
		}
		var asked []labelled
		if *questions != "" {
			var err error
			if asked, err = readQuestions(*questions); err != nil {
				return err
			}
		}
		base, err := load(path())
		if err != nil {
			return err
		}
		var e evaluation
		if *questions != "" {
			e.ask(cmd.Context(), base, asked, progress(cmd.ErrOrStderr()))
		} else {
			e.hold(base)
		}
		report := e.report(base)
		if *misses != "" && *misses != stdout {
			if err := writeMisses(*misses, e.misses); err != nil {
				return fmt.Errorf("write the misses: %w", err)
			}
		}
		if *asJSON {
			return writeJSON(cmd.OutOrStdout(), report)
		}
		shown := maxMisses
		if *misses == stdout {
			shown = len(e.misses)
		}
		return e.write(cmd.OutOrStdout(), base, report, shown)
	}
	return cmd
}

// stdout is the name of a file that stands for the terminal.
const stdout = "-"

// progress returns a function that draws a progress bar on a terminal.
func progress(w io.Writer) func(done, all int) {
	if !console.Colors(w) {
		return func(int, int) {}
	}
	const width = 40
	last := -1
	return func(done, all int) {
		if filled := width * done / all; filled != last {
			last = filled
			bar := strings.Repeat("=", filled) + strings.Repeat(" ", width-filled)
			fmt.Fprintf(w, "\r[%s] %d %%", bar, 100*done/all)
			if done == all {
				fmt.Fprint(w, "\r\x1b[K")
			}
		}
	}
}

// evaluation collects the results.
type evaluation struct {
	in       inScope
	out      outOfScope
	took     []time.Duration
	confused map[[2]string]int
	misses   []missed
	by       map[string]*tally // by division
}

// tally is how the questions of a division were answered, and how many others with it.
type tally struct{ n, right, found, wrongly int }

// missed is a question without the right answer.
type missed struct {
	labelled
	Outcome string   `json:"outcome"`
	Top     []string `json:"top"`
	given   string   // the division that it was answered with
	offers  []string // … or those that were suggested
}

func writeMisses(path string, misses []missed) error {
	var b bytes.Buffer
	lines := json.NewEncoder(&b)
	lines.SetEscapeHTML(false)
	for _, m := range misses {
		if err := lines.Encode(m); err != nil {
			return err
		}
	}
	return os.WriteFile(path, b.Bytes(), 0o600)
}

func (e *evaluation) of(division string) *tally {
	if e.by == nil {
		e.by = map[string]*tally{}
	}
	if e.by[division] == nil {
		e.by[division] = new(tally)
	}
	return e.by[division]
}

// ask asks every question and then all of them again, to measure the latency of a warm
// desk.
func (e *evaluation) ask(ctx context.Context, base *knowledge.Base, questions []labelled, step func(done, all int)) {
	d := desk(base)
	for i, q := range questions {
		a := d.Answer(ctx, bot.Question{Text: q.Question})
		e.count(q, result{a.Outcome, a.Division, ranked(base, a), offered(a)})
		step(i+1, 2*len(questions))
	}
	for i, q := range questions {
		start := time.Now()
		d.Answer(ctx, bot.Question{Text: q.Question})
		e.took = append(e.took, time.Since(start))
		step(len(questions)+i+1, 2*len(questions))
	}
}

// hold counts the results of cross-validation on the file's own examples.
func (e *evaluation) hold(base *knowledge.Base) {
	for _, h := range base.Held() {
		q := labelled{h.Question, []string{h.Expect}}
		if h.Expect == "" {
			q.Expect[0] = none
		}
		r := result{outcome: bot.Declined, top: h.Top}
		switch h.Verdict {
		case knowledge.Sure:
			r.outcome, r.division = bot.Answered, h.Top[0]
		case knowledge.Possible:
			r.outcome, r.offers = bot.Suggested, h.Top
		}
		e.count(q, r)
	}
}

// result is what an evaluation looks at in an answer.
type result struct {
	outcome  bot.Outcome
	division string
	top      []string // best divisions, best first
	offers   []string
}

func offered(a bot.Answer) []string {
	var ids []string
	for _, o := range a.Offers {
		ids = append(ids, o.Division)
	}
	return ids
}

// ranked lists up to three divisions, best first. A division that was answered without
// being the best match comes first.
func ranked(base *knowledge.Base, a bot.Answer) []string {
	var ids []string
	if a.Division != "" {
		ids = append(ids, a.Division)
	}
	entries := base.Entries()
	for _, c := range a.Match.Candidates {
		if id := entries[c.Division].ID.Text; id != a.Division {
			ids = append(ids, id)
		}
	}
	return ids[:min(3, len(ids))]
}

func (e *evaluation) count(q labelled, r result) {
	divisions := slices.DeleteFunc(slices.Clone(q.Expect), func(id string) bool { return id == none })
	how := q.grade(r.outcome.String(), r.division, r.offers)
	if how == wrong {
		e.of(r.division).wrongly++
	}
	if how != right {
		e.misses = append(e.misses, missed{q, r.outcome.String(), r.top, r.division, r.offers})
	}
	if len(divisions) == 0 {
		e.countOutside(r.outcome)
		return
	}
	e.in.N++
	own := e.of(divisions[0])
	own.n++
	if len(r.top) > 0 && q.accepts(r.top[0]) {
		e.in.Top1++
	}
	if slices.ContainsFunc(r.top, q.accepts) {
		e.in.Top3++
	}
	switch {
	case how == right:
		e.in.Right++
		own.right, own.found = own.right+1, own.found+1
	case how == wrong:
		e.in.Wrong++
		if e.confused == nil {
			e.confused = map[[2]string]int{}
		}
		e.confused[[2]string{divisions[0], r.division}]++
	case r.outcome == bot.Suggested:
		e.in.Suggested++
		if how == found {
			e.in.SuggestedRight++
			own.found++
		}
	default:
		e.in.Declined++
	}
}

func (e *evaluation) countOutside(outcome bot.Outcome) {
	e.out.N++
	switch outcome {
	case bot.Answered:
		e.out.Answered++
	case bot.Suggested:
		e.out.Suggested++
	default:
		e.out.Declined++
	}
}
