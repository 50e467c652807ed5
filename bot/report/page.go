package report

import (
	"bytes"
	_ "embed"
	"fmt"
	"html/template"
	"sync"
	"time"
)

//go:embed page.tmpl
var pageSource string

// Generator is what the page names as its generator, so that a program that writes one over
// another file knows its own.
const Generator = "frontdesk report"

// Measures of the plot in its own units.
const (
	plotWidth  = 720
	plotHeight = 200
	plotRest   = 48 // above and below, for the labels
	labelsMost = 6
)

// page is what the template shows.
type page struct {
	Report
	Generator     string
	Title         string
	What          string // a day or a week
	Bars          []bar
	Width, Height int
	Labels        []label
	Highest       int
	Steps         []Day
}

// bar is one part of a day in the plot.
type bar struct {
	X, Y, Width, Height float64
	Kind, Tip           string
}

type label struct {
	X    float64
	Text string
}

var pageTemplate = sync.OnceValue(func() *template.Template {
	return template.Must(template.New("page").Funcs(template.FuncMap{
		"percent": func(share float64) string { return fmt.Sprintf("%.1f", 100*share) },
		"width":   func(n, most int) string { return fmt.Sprintf("%.1f", 100*float64(n)/float64(max(1, most))) },
		"day":     func(t time.Time) string { return t.Format("2 January 2006") },
		"plural":  plural,
	}).Parse(pageSource))
})

// HTML is the report as one web page that needs nothing else.
func (r Report) HTML() ([]byte, error) {
	p := page{Report: r, Generator: Generator, Width: plotWidth, Height: plotHeight + plotRest, Title: "What people asked"}
	p.Steps, p.What = r.Steps()
	for _, s := range p.Steps {
		p.Highest = max(p.Highest, s.Questions())
	}
	step := float64(plotWidth) / float64(max(1, len(p.Steps)))
	for i, s := range p.Steps {
		y := float64(plotHeight)
		for _, part := range []struct {
			kind string
			n    int
		}{{"answered", s.Answered}, {"suggested", s.Suggested}, {"declined", s.Declined}} {
			height := float64(part.n) * plotHeight / float64(max(1, p.Highest))
			y -= height
			if part.n > 0 {
				p.Bars = append(p.Bars, bar{round(float64(i)*step + step/10), round(y), round(step * 8 / 10), round(height),
					part.kind, fmt.Sprintf("%s: %d %s", s.Date, part.n, part.kind)})
			}
		}
		if every := (len(p.Steps) + labelsMost - 1) / labelsMost; i%every == 0 {
			p.Labels = append(p.Labels, label{round(float64(i)*step + step/2), s.Date[len("2006-"):]})
		}
	}
	var b bytes.Buffer
	if err := pageTemplate().Execute(&b, p); err != nil {
		return nil, err
	}
	return b.Bytes(), nil
}

func round(x float64) float64 { return float64(int(x*10+0.5)) / 10 }
