package report

import (
	"fmt"
	"strings"
	"time"
)

const (
	barLength = 40 // characters of the longest bar
	daysShown = 35 // of a longer report, weeks are shown
	fewRated  = 20 // with fewer votes, precision says little
	gapsShown = 10
)

// Text is the report as text for a terminal.
func (r Report) Text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s from %s to %s\n", plural(r.Questions, "question", "questions"),
		r.Since.In(r.Until.Location()).Format(time.DateOnly), r.Until.Format("2006-01-02 15:04"))
	if r.Questions == 0 {
		return b.String()
	}
	for _, s := range r.Shares() {
		fmt.Fprintf(&b, "  %-10s %7d  %5.1f %%\n", s.Name, s.N, 100*s.Share)
	}
	if r.Choices > 0 {
		fmt.Fprintf(&b, "  %s from suggestions.\n", plural(r.Choices, "choice", "choices"))
	}
	fmt.Fprintf(&b, "%s\n", r.Precision())
	steps, what := r.Steps()
	highest := 1
	for _, s := range steps {
		highest = max(highest, s.Questions())
	}
	fmt.Fprintf(&b, "\nQuestions %s\n", what)
	for _, s := range steps {
		bar := strings.Repeat("█", (s.Questions()*barLength+highest-1)/highest)
		fmt.Fprintf(&b, "  %s %6d  %s\n", s.Date, s.Questions(), bar)
	}
	writeCounts(&b, "Divisions", r.Divisions)
	writeCounts(&b, "Topics", r.Topics)
	if len(r.Gaps) > 0 {
		b.WriteString("\nNot answered well\n")
		for _, g := range r.Gaps[:min(len(r.Gaps), gapsShown)] {
			fmt.Fprintf(&b, "  %s: %s\n", plural(g.People, "person", "people"), g.Words)
		}
	}
	return b.String()
}

func writeCounts(b *strings.Builder, title string, counts []Count) {
	if len(counts) == 0 {
		return
	}
	fmt.Fprintf(b, "\n%s\n", title)
	for _, c := range counts {
		votes := ""
		if c.Up+c.Down > 0 {
			votes = fmt.Sprintf("  (%d up, %d down)", c.Up, c.Down)
		}
		fmt.Fprintf(b, "  %6d  %s%s\n", c.N, c.Name, votes)
	}
}

// Share is how many questions had an outcome.
type Share struct {
	Name  string
	N     int
	Share float64 // of all questions, 0 to 1
}

// Shares are the outcomes with their shares.
func (r Report) Shares() []Share {
	of := func(name string, n int) Share { return Share{name, n, float64(n) / float64(max(1, r.Questions))} }
	return []Share{of("answered", r.Answered), of("suggested", r.Suggested), of("declined", r.Declined)}
}

// Precision says in a sentence how many of the rated answers helped.
func (r Report) Precision() string {
	if r.Rated == 0 {
		return "Nobody has rated an answer."
	}
	s := fmt.Sprintf("Of %s, %d helped", plural(r.Rated, "rated answer", "rated answers"), r.Helped)
	if r.Rated < fewRated {
		return s + "; these are too few to say more."
	}
	return fmt.Sprintf("%s: %.0f %%, between %.0f and %.0f %% with a probability of 95 %%.", s,
		100*float64(r.Helped)/float64(r.Rated), 100*r.Least, 100*r.Most)
}

// Steps are the days of the report or, if it is long, its weeks, each named by its first day.
func (r Report) Steps() (steps []Day, what string) {
	if len(r.Days) <= daysShown {
		return r.Days, "a day"
	}
	const week = 7
	for i, d := range r.Days {
		if i%week == 0 {
			steps = append(steps, Day{Date: d.Date})
		}
		s := &steps[len(steps)-1]
		s.Answered, s.Suggested, s.Declined = s.Answered+d.Answered, s.Suggested+d.Suggested, s.Declined+d.Declined
	}
	return steps, "a week"
}

func plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}
