package main

import (
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

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
			if len(m.offers) > 0 && m.Outcome == bot.Suggested.String() {
				got += " " + strings.Join(m.offers, ", ")
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
