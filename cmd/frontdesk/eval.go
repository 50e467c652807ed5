package main

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"frontdesk/adapters/console"
	"frontdesk/bot"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"

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

// labelled is a question with the ids of the right divisions; "none" stands for declining
// it.
type labelled struct {
	Question string   `json:"question"`
	Expect   []string `json:"expect"`
}

const none = "none"

// maxQuestion is the length limit of a line of labelled questions, in bytes.
const maxQuestion = 16 << 20

func readQuestions(path string) ([]labelled, error) {
	f, err := os.Open(path) // #nosec G304 -- the operator names it
	if err != nil {
		if errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s: this file of questions does not exist", path)
		}
		return nil, err
	}
	defer f.Close()
	var list []labelled
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, maxQuestion)
	for n := 1; lines.Scan(); n++ {
		if strings.TrimSpace(lines.Text()) == "" {
			continue
		}
		var q labelled
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			return nil, fmt.Errorf("%s:%d: not a JSON object with question and expect: %w", path, n, err)
		}
		if len(q.Expect) == 0 {
			return nil, fmt.Errorf("%s:%d: expect is empty; write \"none\" for a question to be declined", path, n)
		}
		list = append(list, q)
	}
	if err := lines.Err(); err != nil {
		return nil, fmt.Errorf("read the questions: %w", err) // names the file
	}
	if len(list) == 0 {
		return nil, fmt.Errorf("%s: the file has no questions", path)
	}
	return list, nil
}

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

// evalJSON is what eval --json prints.
type evalJSON struct {
	Questions   int         `json:"questions"`
	InScope     inScope     `json:"in_scope"`
	OutOfScope  outOfScope  `json:"out_of_scope"`
	BuildMS     float64     `json:"build_ms"`
	CalibrateMS float64     `json:"calibrate_ms"`
	Latency     *latency    `json:"latency_us,omitempty"`
	Confusions  []confusion `json:"confusions"`
}

type inScope struct {
	N              int `json:"n"`
	Right          int `json:"right"`
	Wrong          int `json:"wrong"`
	Suggested      int `json:"suggested"`
	SuggestedRight int `json:"suggested_right"`
	Declined       int `json:"declined"`
	Top1           int `json:"top1"`
	Top3           int `json:"top3"`
}

type outOfScope struct {
	N         int `json:"n"`
	Answered  int `json:"answered"`
	Suggested int `json:"suggested"`
	Declined  int `json:"declined"`
}

type latency struct {
	P50 float64 `json:"p50"`
	P99 float64 `json:"p99"`
}

// confusion counts questions of one division that were answered with another.
type confusion struct {
	Owner string `json:"owner"`
	Given string `json:"given"`
	N     int    `json:"n"`
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
	accepted := func(id string) bool { return slices.Contains(q.Expect, id) }
	divisions := slices.DeleteFunc(slices.Clone(q.Expect), func(id string) bool { return id == none })
	miss := false
	if r.outcome == bot.Answered && !accepted(r.division) {
		e.of(r.division).wrongly++
	}
	if len(divisions) == 0 {
		e.out.N++
		switch r.outcome {
		case bot.Answered:
			e.out.Answered++
			miss = true
		case bot.Suggested:
			e.out.Suggested++
			miss = true
		default:
			e.out.Declined++
		}
	} else {
		e.in.N++
		own := e.of(divisions[0])
		own.n++
		if len(r.top) > 0 && accepted(r.top[0]) {
			e.in.Top1++
		}
		if slices.ContainsFunc(r.top, accepted) {
			e.in.Top3++
		}
		switch {
		case r.outcome == bot.Answered && accepted(r.division), r.outcome == bot.Declined && accepted(none):
			e.in.Right++
			own.right, own.found = own.right+1, own.found+1
		case r.outcome == bot.Answered:
			e.in.Wrong++
			miss = true
			if e.confused == nil {
				e.confused = map[[2]string]int{}
			}
			e.confused[[2]string{divisions[0], r.division}]++
		case r.outcome == bot.Suggested:
			e.in.Suggested++
			miss = true
			if slices.ContainsFunc(r.offers[:min(len(r.offers), countedOffers)], accepted) {
				e.in.SuggestedRight++
				own.found++
			}
		default:
			e.in.Declined++
			miss = true
		}
	}
	if miss {
		e.misses = append(e.misses, missed{q, r.outcome.String(), r.top, r.division})
	}
}

// countedOffers is how many suggestions count as found: a third one is seldom read.
const countedOffers = 2

func (e *evaluation) report(base *knowledge.Base) evalJSON {
	ms := func(d time.Duration) float64 { return round(d.Seconds() * 1e3) }
	j := evalJSON{
		Questions: e.in.N + e.out.N, InScope: e.in, OutOfScope: e.out,
		BuildMS: ms(base.Took.Build), CalibrateMS: ms(base.Took.Calibrate), Confusions: []confusion{},
	}
	if n := len(e.took); n > 0 {
		slices.Sort(e.took)
		us := func(q float64) float64 { return round(e.took[min(n-1, int(q*float64(n)))].Seconds() * 1e6) }
		j.Latency = &latency{us(0.5), us(0.99)}
	}
	for pair, n := range e.confused {
		j.Confusions = append(j.Confusions, confusion{pair[0], pair[1], n})
	}
	slices.SortFunc(j.Confusions, func(a, b confusion) int {
		if a.N != b.N {
			return b.N - a.N
		}
		return strings.Compare(a.Owner+"\x00"+a.Given, b.Owner+"\x00"+b.Given)
	})
	return j
}

// write prints a report for people.
func (e *evaluation) write(w io.Writer, base *knowledge.Base, j evalJSON, shown int) error {
	var b strings.Builder
	percent := func(n, of int) string {
		if of == 0 {
			return "     –"
		}
		return fmt.Sprintf("%5.1f%%", 100*float64(n)/float64(of))
	}
	row := func(label string, n, of int) { fmt.Fprintf(&b, "  %-22s %6d  %s\n", label, n, percent(n, of)) }
	if in := j.InScope; in.N > 0 {
		fmt.Fprintf(&b, "In scope: %s\n", plural(in.N, "question", "questions"))
		row("answered right", in.Right, in.N)
		row("answered wrong", in.Wrong, in.N)
		row("suggested", in.Suggested, in.N)
		row("  with the right one", in.SuggestedRight, in.N)
		row("declined", in.Declined, in.N)
		row("found", in.Right+in.SuggestedRight, in.N)
		row("ranked first", in.Top1, in.N)
		row("ranked in top three", in.Top3, in.N)
	}
	if out := j.OutOfScope; out.N > 0 {
		fmt.Fprintf(&b, "Out of scope: %s\n", plural(out.N, "question", "questions"))
		row("answered", out.Answered, out.N)
		row("suggested", out.Suggested, out.N)
		row("declined", out.Declined, out.N)
	}
	if p, ok := precision(j.InScope, j.OutOfScope); ok {
		fmt.Fprintf(&b, "Precision, if %d of 100 messages are out of scope: %.1f %%\n", outsiders, 100*p)
	}
	if j.Questions == 0 {
		b.WriteString("The file has no example questions that could be left out and asked. Confidence rests on files\n" +
			"of other organizations alone. Write some under questions, or measure with --questions FILE.\n")
	}
	e.writeDivisions(&b, base)
	if len(j.Confusions) > 0 {
		fmt.Fprintf(&b, "Confusions\n")
		for _, c := range j.Confusions[:min(len(j.Confusions), maxConfusions)] {
			fmt.Fprintf(&b, "  %6d  questions of %s answered with %s\n", c.N, c.Owner, c.Given)
		}
	}
	e.writeMissed(&b, shown)
	fmt.Fprintf(&b, "Loaded in %.0f ms, calibrated in %.0f ms", j.BuildMS, j.CalibrateMS)
	if j.Latency != nil {
		fmt.Fprintf(&b, "; a question takes %.1f µs (median), %.1f µs (99th percentile)",
			j.Latency.P50, j.Latency.P99)
	}
	b.WriteByte('\n')
	return say(w, b.String())
}

// writeDivisions prints a line for each division, in the order of the file.
func (e *evaluation) writeDivisions(b *strings.Builder, base *knowledge.Base) {
	if e.in.N == 0 {
		return
	}
	wide := len("Divisions")
	for _, d := range base.Entries() {
		wide = max(wide, len(d.ID.Text))
	}
	fmt.Fprintf(b, "%-*s  questions   right   found  wrongly given\n", wide+2, "Divisions")
	for _, d := range base.Entries() {
		t := e.by[d.ID.Text]
		if t == nil {
			continue
		}
		share := func(n int) string {
			if t.n == 0 {
				return "–"
			}
			return fmt.Sprintf("%.0f%%", 100*float64(n)/float64(t.n))
		}
		fmt.Fprintf(b, "  %-*s %10d %7s %7s %14d\n", wide, d.ID.Text, t.n, share(t.right), share(t.found), t.wrongly)
	}
}

// writeMissed prints the questions without the right answer, those first that were answered.
func (e *evaluation) writeMissed(b *strings.Builder, shown int) {
	if len(e.misses) == 0 {
		return
	}
	slices.SortStableFunc(e.misses, func(x, y missed) int {
		rank := func(m missed) int {
			if m.given != "" {
				return 0
			}
			return 1
		}
		return rank(x) - rank(y)
	})
	fmt.Fprintf(b, "Without the right answer\n")
	for _, m := range e.misses[:min(shown, len(e.misses))] {
		got := m.given
		if got == "" {
			got = m.Outcome
			if m.Outcome == bot.Suggested.String() && len(m.Top) > 0 {
				got += " " + strings.Join(m.Top[:min(countedOffers, len(m.Top))], ", ")
			}
		}
		fmt.Fprintf(b, "  %s\n    expected %s, got %s\n",
			text.Clip(text.PrintableLine(m.Question), 200), strings.Join(m.Expect, " or "), got)
	}
	if more := len(e.misses) - shown; more > 0 {
		fmt.Fprintf(b, "  … and %d more; --misses - prints all\n", more)
	}
}

// maxMisses is how many questions without the right answer are printed.
const maxMisses = 20

// outsiders is how many of 100 messages are reckoned to be out of scope.
const outsiders = 15

// precision is the share of the answers that are right. It is not known where the
// questions have none out of scope, or nothing is answered.
func precision(in inScope, out outOfScope) (share float64, ok bool) {
	if in.N == 0 || out.N == 0 {
		return 0, false
	}
	ours := float64(100-outsiders) / float64(in.N)
	right := ours * float64(in.Right)
	given := right + ours*float64(in.Wrong) + outsiders*float64(out.Answered)/float64(out.N)
	return right / given, given > 0
}

// maxConfusions is how many confusions are printed; --json lists all.
const maxConfusions = 15
