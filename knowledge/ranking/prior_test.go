package ranking

import (
	"fmt"
	"math"
	"os"
	"slices"
	"strings"
	"testing"
)

// Labelled is a question of which the right divisions are known; there are none if
// it is to be declined.
type Labelled struct {
	Question string
	Right    []int
}

// Bed is a view with labelled questions.
type Bed struct {
	Name      string
	View      *View
	Questions []Labelled
}

// CheckPrior fits the general confidence to labelled questions again and holds
// prior.go to it, or with refit writes it.
func CheckPrior(t *testing.T, beds []Bed, refit bool) {
	t.Helper()
	var cases []outcome
	for _, bed := range beds {
		var bedCases []outcome
		var inside, outside float64
		r := new(reading)
		for _, q := range bed.Questions {
			ix, sc := bed.View.index, bed.View.scope
			ix.model.read(r, sc, q.Question, nil)
			ix.names(r)
			ix.model.score(r)
			r.ranking = ix.model.rank(sc, r.scores)
			ix.model.weigh(r)
			sig := r.signals
			o := outcome{signals: &sig, ours: len(q.Right) > 0, right: slices.Contains(q.Right, int(r.ranking.top[0]))}
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
	if refit {
		writePrior(t, gotRight, gotOurs, gotSpread)
		return
	}
	compare := func(name string, got, want []float64) {
		for j := range got {
			if math.Abs(got[j]-want[j]) > 0.02+0.02*math.Abs(want[j]) {
				t.Errorf("%s[%d] is %.3f in prior.go, but the questions give %.3f; -refit fits it again",
					name, j, want[j], got[j])
			}
		}
	}
	compare("priorRight", gotRight[:], priorRight[:])
	compare("priorOurs", gotOurs[:], priorOurs[:])
	compare("spread", gotSpread[:], spread[:])
}

func writePrior(t *testing.T, right, ours logistic, spread signals) {
	names := strings.Fields(`sigScore sigLead sigSmallLead sigOther sigSmallOther sigOurs sigCover sigKnown
		sigCoverKnown sigUnknown sigAnyUnknown sigStrongest sigEvidence sigMass sigNamed sigForeign sigPhrase
		sigDecline sigDeclineLead sigTheirs sigStrongestTheirs sigAgree sigNear sigNearLead sigNearOther sigOwn
		sigQuestions sigKeywords sigDivisions sigDeclined signalCount`)
	var b strings.Builder
	b.WriteString(`package ranking

// What the signals say of an answer in general, before a file's own examples are looked
// at: logistic models fitted to the labelled questions in testdata/fields, of twelve
// organizations that have nothing in common, each in seven sizes of its file, from names
// and a sentence to everything, and each counted the same. To fit them again:
//
//	go test ./knowledge/ranking -run TestPrior -refit
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
