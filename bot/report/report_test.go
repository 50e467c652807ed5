package report

import (
	"encoding/json"
	"flag"
	"math"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "rewrite golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got; -update rewrites it):\n%s", name, diff)
	}
}

// until is a Thursday in a place two hours east of Greenwich.
var until = time.Date(2026, 11, 26, 15, 30, 0, 0, time.FixedZone("EET", 7200))

// asked makes up the questions of some days before until.
func asked(days int) (all []Question) {
	r := rand.New(rand.NewPCG(7, 7))
	divisions := []string{"people", "buildings", "pay", "it", "gone"}
	topics := map[string][]string{
		"people": {"Parental leave", "Hiring"}, "buildings": {"Heating", "Keys and badges"}, "pay": {"Wages"},
		"it": {"Passwords", "Laptops", "<b>Mail</b> & \"calendars\""},
	}
	for range days * 9 {
		q := Question{Time: until.Add(-time.Duration(r.IntN(days*24*60)+1) * time.Minute)}
		if q.Time.Weekday() == time.Saturday || q.Time.Weekday() == time.Sunday {
			continue
		}
		switch n := r.IntN(20); {
		case n < 14:
			q.Outcome, q.Division = "answered", divisions[min(r.IntN(8), len(divisions)-1)]
			if all := topics[q.Division]; len(all) > 0 {
				q.Topic = all[r.IntN(len(all))]
			}
			switch r.IntN(8) {
			case 0, 1:
				q.Up = 1 + r.IntN(2)
			case 2:
				q.Down = 1
			}
		case n < 17:
			q.Outcome = "suggested"
		case n < 18:
			q.Outcome, q.Division = Chosen, "people"
		default:
			q.Outcome = "declined"
		}
		all = append(all, q)
	}
	return all
}

func reportOf(questions []Question, days int) Report {
	b := NewBuilder(until.Add(-time.Duration(days)*24*time.Hour), until)
	for _, q := range questions {
		b.Add(q)
	}
	names := map[string]string{
		"people": "People", "buildings": "Buildings", "pay": "Pay Office", "it": "Information Technology",
	}
	return b.Report(func(id string) string {
		if name, ok := names[id]; ok {
			return name
		}
		return id
	}, []Gap{
		{"who waters the plants on the third floor?", 4, 6, "Buildings"},
		{"is there <script>alert(1)</script> soup for lunch", 2, 2, ""},
	})
}

// TestReport checks reports of a month and of a quarter in each form.
func TestReport(t *testing.T) {
	t.Parallel()
	for name, days := range map[string]int{"month": 30, "quarter": 90} {
		r := reportOf(asked(days), days)
		golden(t, name+".txt", r.Text())
		data, err := json.MarshalIndent(r, "", "  ")
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".json", string(data)+"\n")
		page := r.HTML()
		golden(t, name+".html", page)
		if strings.Contains(page, "<script") || strings.Contains(page, "<b>Mail") || !strings.Contains(page, Generator) {
			t.Errorf("%s: the page has a script", name)
		}
	}
	empty := NewBuilder(until.Add(-time.Hour), until).Report(func(id string) string { return id }, nil)
	golden(t, "empty.txt", empty.Text())
	if strings.Contains(empty.HTML(), "<svg") {
		t.Error("an empty report has a plot")
	}
}

// TestSums checks that the order of questions does not matter, that days add up to the whole,
// and that questions of another time do not count.
func TestSums(t *testing.T) {
	t.Parallel()
	questions := asked(30)
	want := reportOf(questions, 30)
	days, choices := 0, 0
	for _, d := range want.Days {
		days += d.Questions()
	}
	for _, q := range questions {
		if q.Outcome == Chosen {
			choices++
		}
	}
	if days != want.Questions || want.Questions != len(questions)-choices || want.Choices != choices ||
		want.Answered+want.Suggested+want.Declined != want.Questions {
		t.Errorf("%d in days, %d asked, %d choices: %+v", days, len(questions), choices, want)
	}
	rand.New(rand.NewPCG(1, 1)).Shuffle(len(questions), func(i, j int) {
		questions[i], questions[j] = questions[j], questions[i]
	})
	questions = append(questions, Question{Time: until, Outcome: "answered", Division: "people"},
		Question{Time: until.Add(-31 * 24 * time.Hour), Outcome: "answered", Division: "people"})
	if diff := cmp.Diff(want, reportOf(questions, 30)); diff != "" {
		t.Errorf("in another order (-want +got):\n%s", diff)
	}
}

// TestManyNames checks that memory is bounded also if every question has another topic.
func TestManyNames(t *testing.T) {
	t.Parallel()
	b := NewBuilder(until.Add(-time.Hour), until)
	for i := range mostNames + 100 {
		b.Add(Question{Time: until.Add(-time.Minute), Outcome: "answered", Division: "d", Topic: strings.Repeat("t", i%7) +
			time.Duration(i).String()})
	}
	if len(b.topics) != mostNames {
		t.Errorf("%d topics are counted", len(b.topics))
	}
}

// TestWilson compares the interval with values computed by hand from the formula.
func TestWilson(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		of, n       int
		least, most float64
	}{{0, 0, 0, 1}, {0, 10, 0, 0.2775}, {10, 10, 0.7225, 1}, {5, 10, 0.2366, 0.7634}, {81, 100, 0.7222, 0.8749}} {
		if least, most := wilson(c.of, c.n); math.Abs(least-c.least) > 1e-4 || math.Abs(most-c.most) > 1e-4 {
			t.Errorf("%d of %d: %.4f to %.4f, want %.4f to %.4f", c.of, c.n, least, most, c.least, c.most)
		}
	}
}
