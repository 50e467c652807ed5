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
	"go.yaml.in/yaml/v3"

	"frontdesk/knowledge"
	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/words"
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
var organizations = []string{
	"headquarters", "university", "cityhall", "osf", "hospital", "housing", "airline", "support",
	"bank", "relief", "ministry", "library",
}

type testBed struct {
	path      string // of the file; "" is the shipped one
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
		beds[name] = testBed{path, base, readTestQuestions(filepath.Join("testdata", "fields", name, "questions.jsonl"))}
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

// sizes are how much of a file an admin may have written: names and sentences, topics,
// five keywords a topic, all keywords, and all with three or all of the example questions.
var sizes = []struct {
	name                string
	topics              bool
	keywords, questions int
	declines            bool
}{
	{"names", false, 0, 0, false},
	{"topics", true, 0, 0, false},
	{"five keywords", true, 5, 0, false},
	{"keywords", true, 1000, 0, false},
	{"declines", true, 1000, 0, true},
	{"three questions", true, 1000, 3, true},
	{"all", true, 1000, 1000, true},
}

// cut is a file with as much as a size has.
func cut(t *testing.T, file []byte, size int) []byte {
	t.Helper()
	var f map[string]any
	if err := yaml.Unmarshal(file, &f); err != nil {
		t.Fatal(err)
	}
	s := sizes[size]
	first := func(m map[string]any, key string, n int) {
		if list, ok := m[key].([]any); ok && n < len(list) {
			if m[key] = list[:n]; n == 0 {
				delete(m, key)
			}
		}
	}
	if !s.declines {
		delete(f, "declines")
	}
	for _, d := range f["divisions"].([]any) {
		d := d.(map[string]any)
		first(d, "questions", s.questions)
		for _, key := range []string{"handles", "programs"} {
			items, _ := d[key].([]any)
			for _, item := range items {
				item := item.(map[string]any)
				first(item, "keywords", s.keywords)
				first(item, "questions", s.questions)
				if s.keywords == 0 {
					delete(item, "text")
				}
			}
		}
		if !s.topics {
			for _, key := range []string{"handles", "programs", "not_for", "aliases"} {
				delete(d, key)
			}
		}
	}
	data, err := yaml.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// TestPrior fits the general confidence to the test beds again, each in several sizes.
func TestPrior(t *testing.T) {
	t.Parallel()
	var beds []ranking.Bed
	for _, name := range organizations {
		bed := testBeds()[name]
		inputs, err := knowledge.Open(bed.path)
		if err != nil {
			t.Fatal(err)
		}
		for size := range sizes {
			inputs[0].Data = cut(t, inputs[0].Data, len(sizes)-1-size) // from the largest down
			base, problems := knowledge.Load(inputs)
			if err := problems.Err(); err != nil {
				t.Fatal(err)
			}
			labelled := ranking.Bed{View: base.View, Name: name + ", " + sizes[len(sizes)-1-size].name}
			for _, q := range bed.questions {
				l := ranking.Labelled{Question: q.Question}
				for i, e := range base.Entries() {
					if slices.Contains(q.Expect, e.ID.Text) {
						l.Right = append(l.Right, i)
					}
				}
				labelled.Questions = append(labelled.Questions, l)
			}
			beds = append(beds, labelled)
		}
	}
	ranking.CheckPrior(t, beds, *refit)
}

// TestPeople checks that words for groups of people, swapped or added, change neither what
// becomes of a question nor its division, unless the file has the word itself.
func TestPeople(t *testing.T) {
	t.Parallel()
	groups := []string{
		"muslim", "christian", "jewish", "hindu", "atheist", "hispanic", "mexican", "nigerian", "chinese", "white",
		"black", "arab", "gay", "lesbian", "transgender", "woman", "man", "blind", "autistic", "refugee",
	}
	templates := []string{"%s, for a %s", "I am %[2]s. %[1]s", "my %[2]s neighbor asks: %[1]s", "%s (%s people)"}
	n := 0
	for _, name := range organizations {
		bed := testBeds()[name]
		for i, q := range bed.questions {
			if i%4 != 0 {
				continue
			}
			for k, template := range templates {
				var first ranking.Match
				said := ""
				for g := range 3 {
					group := groups[(i+k+7*g)%len(groups)]
					if bed.has(group) {
						continue
					}
					n++
					asked := fmt.Sprintf(template, q.Question, group)
					m := bed.base.View.Match(asked)
					if said == "" {
						first, said = m, asked
					}
					if m.Verdict != first.Verdict || m.Candidates[0] != first.Candidates[0] {
						t.Errorf("%s: %q and %q are not answered alike", name, said, asked)
					}
				}
			}
			plain := bed.base.View.Match(q.Question)
			group := groups[i%len(groups)]
			if m := bed.base.View.Match(q.Question + " " + group); !bed.has(group) &&
				(m.Verdict != plain.Verdict || m.Candidates[0] != plain.Candidates[0]) {
				t.Errorf("%s: %q is answered another way with the word %q", name, q.Question, group)
			}
		}
	}
	if n < 1000 {
		t.Errorf("only %d questions were asked", n)
	}
}

// has reports whether a bed's file has a word or another with the same stem.
func (b *testBed) has(word string) bool {
	stems, ok := stemsOf.Load(b.path)
	if !ok {
		inputs, err := knowledge.Open(b.path)
		if err != nil {
			panic(err)
		}
		all := map[string]bool{}
		for line := range strings.Lines(string(inputs[0].Data)) {
			for _, w := range words.Split(line) {
				all[words.Stem(w.Text)] = true
			}
		}
		stems = all
		stemsOf.Store(b.path, all)
	}
	return stems.(map[string]bool)[words.Stem(word)]
}

// stemsOf has the stems of each bed's file, by its path.
var stemsOf sync.Map
