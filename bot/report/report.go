// Package report sums up what was asked: how many questions a day, how they were answered,
// what people think of the answers, and what was asked most.
//
//	report.go   [Builder]: questions, one after the other → [Report]
//	text.go     a Report as text
//	page.go     a Report as a web page without scripts; page.css: its style
//
// It names nobody: a question has no asker here.
package report

import (
	"cmp"
	"maps"
	"math"
	"slices"
	"time"
)

// Question is a question as the journal keeps it.
type Question struct {
	Time     time.Time
	Outcome  string // answered, suggested, declined, or chosen: what somebody chose from suggestions
	Division string // the id of the one that answered; "" if none did, or it is nobody's business
	Topic    string
	Up, Down int // votes on the answer
}

// Chosen is the outcome of what is no question: a choice from suggestions.
const Chosen = "chosen"

// Gap is what several people asked and was not answered well.
type Gap struct {
	Words    string `json:"words"`
	People   int    `json:"people"`
	Times    int    `json:"times"`
	Division string `json:"division,omitempty"` // the likely one, by name
}

// Report is the sum of the questions of some days.
type Report struct {
	Since     time.Time `json:"since"`
	Until     time.Time `json:"until"`
	Questions int       `json:"questions"`
	Answered  int       `json:"answered"`
	Suggested int       `json:"suggested"`
	Declined  int       `json:"declined"`
	Choices   int       `json:"choices"` // from suggestions; they are no questions
	// Rated are the answers with a vote, and Helped those with more votes up than down. The
	// share of helpful ones lies between Least and Most with a probability of 95 %.
	Rated     int     `json:"rated"`
	Helped    int     `json:"helped"`
	Least     float64 `json:"precision_least"`
	Most      float64 `json:"precision_most"`
	Days      []Day   `json:"days"`
	Divisions []Count `json:"divisions"` // those that answered most, at most 20
	Topics    []Count `json:"topics"`    // those that were asked about most, at most 20
	Gaps      []Gap   `json:"gaps"`
}

// Day is one day in the location of the report. The first and the last may be parts of one.
type Day struct {
	Date      string `json:"date"` // such as 2026-11-26
	Answered  int    `json:"answered"`
	Suggested int    `json:"suggested"`
	Declined  int    `json:"declined"`
}

// Questions is how many questions there were on a day.
func (d Day) Questions() int { return d.Answered + d.Suggested + d.Declined }

// Count is how often a division answered, or a topic was asked about.
type Count struct {
	Name string `json:"name"`
	N    int    `json:"n"`
	Up   int    `json:"up"`
	Down int    `json:"down"`
}

const (
	// mostNames is how many divisions or topics are counted. A file has at most some thousand;
	// with several versions of it in the journal there may be more, and then rare ones are left
	// out.
	mostNames  = 20_000
	namesShown = 20
	longest    = 3660 // days of a report
)

// Builder makes a [Report] of questions, which may come in any order. Its memory does not grow
// with their number.
type Builder struct {
	since, until time.Time
	report       Report
	days         map[string]*Day
	divisions    map[string]*Count
	topics       map[string]*Count
}

// NewBuilder returns a builder for the questions since a time and before another one, which has
// the location of the days.
func NewBuilder(since, until time.Time) *Builder {
	return &Builder{
		since: since, until: until, days: map[string]*Day{}, divisions: map[string]*Count{}, topics: map[string]*Count{},
	}
}

// Add adds a question. One outside of the time of the report is left out.
func (b *Builder) Add(q Question) {
	if q.Time.Before(b.since) || !q.Time.Before(b.until) {
		return
	}
	r := &b.report
	date := q.Time.In(b.until.Location()).Format(time.DateOnly)
	day := b.days[date]
	if day == nil {
		day = &Day{Date: date}
		b.days[date] = day
	}
	switch q.Outcome {
	case Chosen:
		r.Choices++
		return
	case "answered":
		r.Answered++
		day.Answered++
	case "suggested":
		r.Suggested++
		day.Suggested++
	default:
		r.Declined++
		day.Declined++
	}
	r.Questions++
	if q.Up+q.Down > 0 {
		r.Rated++
		if q.Up > q.Down {
			r.Helped++
		}
	}
	if q.Division == "" {
		return
	}
	count(b.divisions, q.Division, q)
	if q.Topic != "" {
		count(b.topics, q.Topic, q)
	}
}

func count(counts map[string]*Count, name string, q Question) {
	c := counts[name]
	if c == nil {
		if len(counts) == mostNames {
			return
		}
		c = &Count{Name: name}
		counts[name] = c
	}
	c.N++
	c.Up += q.Up
	c.Down += q.Down
}

// Report returns the sum. Name gives the name of a division by its id.
func (b *Builder) Report(name func(id string) string, gaps []Gap) Report {
	r := b.report
	r.Since, r.Until, r.Gaps = b.since, b.until, append([]Gap{}, gaps...)
	r.Least, r.Most = wilson(r.Helped, r.Rated)
	first := b.since.In(b.until.Location())
	if len(b.days) > 0 { // nothing was kept before the first one
		earliest := slices.Min(slices.Collect(maps.Keys(b.days)))
		first, _ = time.ParseInLocation(time.DateOnly, earliest, first.Location()) // it was written so
	}
	y, m, d := first.Date()
	for n := range longest {
		date := time.Date(y, m, d+n, 0, 0, 0, 0, first.Location())
		if !date.Before(b.until) {
			break
		}
		day := Day{Date: date.Format(time.DateOnly)}
		if known := b.days[day.Date]; known != nil {
			day = *known
		}
		r.Days = append(r.Days, day)
	}
	r.Divisions, r.Topics = most(b.divisions), most(b.topics)
	for i := range r.Divisions {
		r.Divisions[i].Name = name(r.Divisions[i].Name)
	}
	return r
}

// most sorts counts, the highest first, and keeps those that are shown.
func most(counts map[string]*Count) []Count {
	all := []Count{}
	for _, c := range slices.SortedFunc(maps.Values(counts), func(a, b *Count) int {
		return cmp.Or(cmp.Compare(b.N, a.N), cmp.Compare(a.Name, b.Name))
	}) {
		if len(all) < namesShown {
			all = append(all, *c)
		}
	}
	return all
}

// wilson is the interval in which a share lies with a probability of 95 %, given that many of n
// (Wilson 1927, "Probable Inference, the Law of Succession, and Statistical Inference").
func wilson(of, n int) (least, most float64) {
	if n == 0 {
		return 0, 1
	}
	const z = 1.96
	share, size := float64(of)/float64(n), float64(n)
	middle := share + z*z/(2*size)
	half := z * math.Sqrt(share*(1-share)/size+z*z/(4*size*size))
	scale := 1 + z*z/size
	return max(0, (middle-half)/scale), min(1, (middle+half)/scale)
}
