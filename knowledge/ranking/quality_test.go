package ranking_test

import (
	"bufio"
	"encoding/json"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"frontdesk/knowledge"
	"frontdesk/knowledge/ranking"
)

// go test ./knowledge/ranking -run TestPrior -refit fits prior.go again, and with
// -run TestRanking -update the golden file is written; read the difference before it
// is committed.
var (
	refit  = flag.Bool("refit", false, "fit prior.go again")
	update = flag.Bool("update", false, "rewrite golden files")
)

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
	base      *knowledge.Base
	questions []testQuestion
}

var testBeds = sync.OnceValue(func() map[string]testBed {
	beds := map[string]testBed{}
	for _, name := range organizations {
		path := ""
		if name != "headquarters" {
			path = filepath.Join("testdata", "fields", name, "knowledge.yaml")
		}
		inputs, err := knowledge.Open(path)
		if err != nil {
			panic(err)
		}
		base, problems := knowledge.Load(inputs)
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
			first := bed.base.Entries()[m.Candidates[0].Division].ID.Text
			good := slices.Contains(q.Expect, first)
			mark := "-"
			switch {
			case q.outside():
				others++
				if m.Verdict == ranking.Sure {
					answered++
				} else {
					mark = "+"
				}
			default:
				asked++
				if good {
					mark = "+"
				}
				if m.Verdict == ranking.Sure && good {
					right++
				} else if m.Verdict == ranking.Sure {
					wrong++
				}
			}
			fmt.Fprintf(&lines, "%s %-8s %-42s %s\n", mark, [...]string{"unknown", "possible", "sure"}[m.Verdict],
				first, q.Question)
		}
		fmt.Fprintf(&b, "== %s: of %d in scope %d right, %d wrong; of %d out of scope %d answered\n%s", name, asked,
			right, wrong, others, answered, lines.String())
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

// TestPrior fits the general confidence to the test beds again.
func TestPrior(t *testing.T) {
	t.Parallel()
	var beds []ranking.Bed
	for _, name := range organizations {
		bed := testBeds()[name]
		labelled := ranking.Bed{View: bed.base.View}
		for _, q := range bed.questions {
			l := ranking.Labelled{Question: q.Question}
			for i, e := range bed.base.Entries() {
				if slices.Contains(q.Expect, e.ID.Text) {
					l.Right = append(l.Right, i)
				}
			}
			labelled.Questions = append(labelled.Questions, l)
		}
		beds = append(beds, labelled)
	}
	ranking.CheckPrior(t, beds, *refit)
}
