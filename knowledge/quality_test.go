package knowledge

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// go test ./knowledge -run TestPrior -refit fits prior.go again.
var refit = flag.Bool("refit", false, "fit prior.go again")

// testQuestion is a labelled question; none stands for declining it.
type testQuestion struct {
	Question string   `json:"question"`
	Expect   []string `json:"expect"`
}

func (q testQuestion) outside() bool { return len(q.Expect) == 1 && q.Expect[0] == "none" }

// organizations are the test beds: the shipped file and three made-up
// organizations of other fields, each with questions that were written from a
// description of the organization before there was a knowledge file.
var organizations = []string{"headquarters", "university", "cityhall", "osf"}

type testBed struct {
	base      *Base
	questions []testQuestion
}

var testBeds = sync.OnceValue(func() map[string]testBed {
	beds := map[string]testBed{}
	for _, name := range organizations {
		path := ""
		if name != "headquarters" {
			path = filepath.Join("testdata", "fields", name, "knowledge.yaml")
		}
		inputs, err := Open(path)
		if err != nil {
			panic(err)
		}
		base, problems := Load(inputs)
		if err := problems.Err(); err != nil {
			panic(err)
		}
		beds[name] = testBed{base, readTestQuestions(filepath.Join("testdata", "fields", name, "questions.jsonl"))}
	}
	return beds
})

func readTestQuestions(path string) []testQuestion {
	f, err := os.Open(path)
	if err != nil {
		panic(err)
	}
	defer f.Close()
	var questions []testQuestion
	for lines := bufio.NewScanner(f); lines.Scan(); {
		var q testQuestion
		if err := json.Unmarshal(lines.Bytes(), &q); err != nil {
			panic(err)
		}
		questions = append(questions, q)
	}
	return questions
}

// TestRanking holds which division comes first for every test question, and
// what the verdict is. A change of scoring shows as a change of the golden
// file: + is right, - is wrong.
func TestRanking(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	for _, name := range organizations {
		bed := testBeds()[name]
		var right, wrong, asked, answered, others int
		var lines strings.Builder
		for _, q := range bed.questions {
			m := bed.base.Match(q.Question)
			first := bed.base.entries[m.Candidates[0].Division].ID.Text
			good := slices.Contains(q.Expect, first)
			mark := "-"
			switch {
			case q.outside():
				others++
				if m.Verdict == Sure {
					answered++
				} else {
					mark = "+"
				}
			default:
				asked++
				if good {
					mark = "+"
				}
				if m.Verdict == Sure && good {
					right++
				} else if m.Verdict == Sure {
					wrong++
				}
			}
			fmt.Fprintf(&lines, "%s %-8s %-42s %s\n", mark, [...]string{"unknown", "possible", "sure"}[m.Verdict], first, q.Question)
		}
		fmt.Fprintf(&b, "== %s: of %d in scope %d right, %d wrong; of %d out of scope %d answered\n%s", name, asked, right, wrong, others, answered, lines.String())
	}
	path := filepath.Join("testdata", "ranking.golden")
	if *update {
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(b.String(), "\n")); diff != "" {
		t.Errorf("the ranking changed (-want +got; -update rewrites it):\n%s", diff)
	}
}

// TestPrior fits the general confidence to the test beds again and holds
// prior.go to it.
func TestPrior(t *testing.T) {
	t.Parallel()
	var cases []outcome
	for _, name := range organizations {
		bed := testBeds()[name]
		var bedCases []outcome
		var inside, outside float64
		r := new(reading)
		for _, q := range bed.questions {
			b := bed.base
			b.model.read(r, b.scope, q.Question, nil)
			b.names(r)
			b.model.score(r)
			r.ranking = b.model.rank(b.scope, r.scores)
			b.model.weigh(r)
			sig := r.signals
			o := outcome{signals: &sig, ours: !q.outside(), right: slices.Contains(q.Expect, b.entries[r.ranking.top[0]].ID.Text)}
			if o.ours {
				inside++
			} else {
				outside++
			}
			bedCases = append(bedCases, o)
		}
		const each = 300 // cases that an organization counts for, however many questions it has
		for i := range bedCases {
			if bedCases[i].ours {
				bedCases[i].weight = each * (1 - outsiders) / inside
			} else {
				bedCases[i].weight = each * outsiders / outside
			}
		}
		cases = append(cases, bedCases...)
	}
	var gotSpread signals
	for j := range gotSpread {
		var sum, square float64
		for i := range cases {
			sum += cases[i].signals[j]
			square += cases[i].signals[j] * cases[i].signals[j]
		}
		n := float64(len(cases))
		gotSpread[j] = math.Sqrt(square/n - sum/n*sum/n)
	}
	const pullToZero = 3
	gotRight := fit(cases, func(c *outcome) bool { return c.right }, logistic{}, &gotSpread, pullToZero)
	gotOurs := fit(cases, func(c *outcome) bool { return c.ours }, logistic{}, &gotSpread, pullToZero)
	if *refit {
		writePrior(t, gotRight, gotOurs, gotSpread)
		return
	}
	compare := func(name string, got, want []float64) {
		for j := range got {
			if math.Abs(got[j]-want[j]) > 0.02+0.02*math.Abs(want[j]) {
				t.Errorf("%s[%d] is %.3f in prior.go, but the test questions give %.3f; -refit fits it again", name, j, want[j], got[j])
			}
		}
	}
	compare("priorRight", gotRight[:], priorRight[:])
	compare("priorOurs", gotOurs[:], priorOurs[:])
	compare("spread", gotSpread[:], spread[:])
}

func writePrior(t *testing.T, right, ours logistic, spread signals) {
	names := strings.Fields(`sigScore sigLead sigSmallLead sigOther sigSmallOther sigOurs sigCover sigKnown sigCoverKnown sigUnknown
		sigAnyUnknown sigStrongest sigEvidence sigMass sigNamed sigForeign sigPhrase sigDecline sigDeclineLead sigTheirs
		sigStrongestTheirs signalCount`)
	var b strings.Builder
	b.WriteString(`package knowledge

// What the signals say of an answer in general, before a file's own examples
// are looked at: logistic models fitted to the labelled questions in
// testdata/fields, of four organizations that have nothing in common, each
// counted the same. TestPrior fits them again.
var (
`)
	table := func(name, kind string, values []float64) {
		fmt.Fprintf(&b, "\t%s = %s{\n", name, kind)
		for j, v := range values {
			fmt.Fprintf(&b, "\t\t%-19s %.3f,\n", names[j]+":", v)
		}
		b.WriteString("\t}\n")
	}
	table("priorRight", "logistic", right[:])
	table("priorOurs", "logistic", ours[:])
	b.WriteString("\t// spread is the standard deviation of each signal there.\n")
	table("spread", "signals", spread[:])
	b.WriteString(")\n")
	if err := os.WriteFile("prior.go", []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
}
