package report

import (
	_ "embed"
	"fmt"
	"html"
	"strings"
	"time"
)

//go:embed page.css
var style string

// Generator is what the page names as its generator, so that a program that writes one over
// another file knows its own.
const Generator = "frontdesk report"

// Measures of the plot in its own units.
const (
	plotWidth  = 720
	plotHeight = 200
	plotAbove  = 22 // for the highest number
	plotBelow  = 26 // for the labels
	labelsMost = 6
)

// page writes a web page. It is written by hand because html/template would make the program
// larger by a fifth: it calls methods by name, so the linker keeps all of them.
type page struct{ strings.Builder }

// tag writes a line of HTML. Texts among the arguments are escaped.
func (p *page) tag(format string, args ...any) {
	for i, a := range args {
		if s, ok := a.(string); ok {
			args[i] = html.EscapeString(s)
		}
	}
	fmt.Fprintf(p, format+"\n", args...)
}

// HTML is the report as one web page that needs nothing else.
func (r Report) HTML() string {
	p := new(page)
	const title, day = "What people asked", "2 January 2006"
	from, to := r.Since.In(r.Until.Location()).Format(day), r.Until.Format(day)
	p.tag("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">")
	p.tag(`<meta name="viewport" content="width=device-width, initial-scale=1">`)
	p.tag(`<meta name="generator" content="%s">`, Generator)
	p.tag("<title>%s, %s to %s</title>", title, from, to)
	_, _ = p.WriteString("<style>\n" + style + "</style>\n</head>\n<body>\n") // a builder never fails
	p.tag(`<h1>%s</h1><p class="soft">%s to %s</p>`, title, from, to)
	_, unit, _ := strings.Cut(plural(r.Questions, "question", "questions"), " ")
	p.tag(`<ul class="shares"><li><b>%d</b>%s</li>`, r.Questions, unit)
	for _, s := range r.Shares() {
		p.tag(`<li><b>%.1f %%</b><i class="%s"></i>%s (%d)</li>`, 100*s.Share, s.Name, s.Name, s.N)
	}
	p.tag("</ul>\n<p>%s</p>", r.Precision())
	if r.Choices > 0 {
		p.tag("<p>%s from suggestions.</p>", plural(r.Choices, "choice", "choices"))
	}
	if r.Questions > 0 {
		p.plot(r.Steps())
	}
	p.counts("Divisions", r.Divisions)
	p.counts("Topics", r.Topics)
	p.gaps(r.Gaps)
	p.tag("</body>\n</html>")
	return p.String()
}

// plot draws the questions of each step as bars, and writes their numbers below.
func (p *page) plot(steps []Day, what string) {
	highest := 1
	for _, s := range steps {
		highest = max(highest, s.Questions())
	}
	p.tag(`<h2>Questions %s</h2>`, what)
	p.tag(`<svg viewBox="0 %d %d %d" role="img" aria-labelledby="plot-title plot-desc">`,
		-plotAbove, plotWidth, plotAbove+plotHeight+plotBelow)
	p.tag(`<title id="plot-title">Questions %s</title>`, what)
	p.tag(`<desc id="plot-desc">Bars of answered, suggested and declined questions; the highest has %d. `+
		`The table below has the numbers.</desc>`, highest)
	p.tag(`<line x1="0" y1="%d" x2="%d" y2="%d" stroke="var(--line)"/>`, plotHeight, plotWidth, plotHeight)
	p.tag(`<text x="0" y="-5">%d</text>`, highest)
	step := plotWidth / float64(len(steps))
	every := (len(steps) + labelsMost - 1) / labelsMost
	for i, s := range steps {
		left, y := float64(i)*step, float64(plotHeight)
		for _, part := range []struct {
			kind string
			n    int
		}{{"answered", s.Answered}, {"suggested", s.Suggested}, {"declined", s.Declined}} {
			if part.n == 0 {
				continue
			}
			height := float64(part.n) * plotHeight / float64(highest)
			y -= height
			p.tag(`<rect class="%s" x="%.1f" y="%.1f" width="%.1f" height="%.1f"><title>%s: %d %s</title></rect>`,
				part.kind, left+step/10, y, step*8/10, height, s.Date, part.n, part.kind)
		}
		if i%every == 0 {
			month, _ := time.Parse(time.DateOnly, s.Date) // it was written so
			p.tag(`<text x="%.1f" y="%d" text-anchor="middle">%s</text>`, left+step/2, plotHeight+20, month.Format("2 Jan"))
		}
	}
	p.tag(`</svg>
<details><summary>The numbers</summary>
<table><thead><tr><th>from</th><th class="n">answered</th><th class="n">suggested</th>` +
		`<th class="n">declined</th></tr></thead><tbody>`)
	for _, s := range steps {
		p.tag(`<tr><td>%s</td><td class="n">%d</td><td class="n">%d</td><td class="n">%d</td></tr>`,
			s.Date, s.Answered, s.Suggested, s.Declined)
	}
	p.tag("</tbody></table></details>")
}

// counts writes a table of divisions or topics.
func (p *page) counts(title string, counts []Count) {
	if len(counts) == 0 {
		return
	}
	p.tag(`<h2>%s</h2>
<table><thead><tr><th>name</th><th class="bar"></th><th class="n">questions</th>`+
		`<th class="n">👍</th><th class="n">👎</th></tr></thead><tbody>`, title)
	for _, c := range counts {
		p.tag(`<tr><td>%s</td><td class="bar"><div class="answered" style="width:%.1f%%"></div></td><td class="n">%d</td>`+
			`<td class="n">%d</td><td class="n">%d</td></tr>`,
			c.Name, 100*float64(c.N)/float64(counts[0].N), c.N, c.Up, c.Down)
	}
	p.tag("</tbody></table>")
}

// gaps writes a table of what was not answered well.
func (p *page) gaps(gaps []Gap) {
	if len(gaps) == 0 {
		return
	}
	p.tag(`<h2>Not answered well</h2>
<table><thead><tr><th>question</th><th class="n">people</th><th class="n">times</th></tr></thead><tbody>`)
	for _, g := range gaps {
		likely := ""
		if g.Division != "" {
			likely = "likely " + g.Division
		}
		p.tag(`<tr><td>%s<div class="soft">%s</div></td><td class="n">%d</td><td class="n">%d</td></tr>`,
			g.Words, likely, g.People, g.Times)
	}
	p.tag("</tbody></table>")
}
