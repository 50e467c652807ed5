package knowledge

import (
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/knowledge/words"
)

// slowScores computes a question's scores the obvious way: it makes the
// question's vector feature by feature and multiplies it with what was learned,
// then adds up BM25F from the counts.
func slowScores(b *Base, question string) []float64 {
	m, sc := b.model, b.scope
	r := new(reading)
	m.read(r, sc, question, nil)
	b.names(r)
	stems, pieces := map[int32]float64{}, map[int32]float64{}
	var stemSquare, pieceSquare, worth float64
	evidence := make([]float64, m.classes)
	seen := map[string]bool{}
	for i, c := range r.clues {
		if seen[r.words[i].Text] || c.aside {
			continue
		}
		seen[r.words[i].Text] = true
		if c.stem < 0 {
			worth += unknownShare * math.Log(1+(float64(sc.classes)+0.5)/0.5)
		} else {
			u := float64(sc.unit[c.stem])
			stems[c.stem]++
			stemSquare += u * u
			sums, df := make([]float64, m.classes), 0.0
			for _, n := range m.evidence.of(c.stem) {
				if !sc.sees[n.layer] {
					continue
				}
				if sums[n.class] == 0 {
					df++
				}
				sums[n.class] += evidenceOf[n.field] * float64(n.n) / (1 - bm25B + bm25B*sc.length[n.field][n.class])
			}
			idf := math.Log(1 + (float64(sc.classes)-df+0.5)/(df+0.5))
			worth += idf
			for k, sum := range sums {
				evidence[k] += idf * sum / (sum + bm25K)
			}
		}
		text, tells := r.said(i), float64(c.tells)
		voice := 1 - float64(sc.hush)*(1-tells)
		if c.word < 0 {
			text = r.words[i].Text
		}
		words.NGrams(text, func(g string) {
			if p, ok := m.pieces[g]; ok && m.pieceIn.seen(sc.sees, p) {
				f := m.pieceFeature(p)
				pieces[f] += voice
				pieceSquare += float64(sc.unit[f]) * voice * float64(sc.unit[f]) * voice
			}
		})
	}
	last, pairs := edge, map[int32]bool{}
	for i := 0; i <= len(r.clues); i++ {
		next := edge
		if i < len(r.clues) {
			next = r.clues[i].stem
		}
		if p, ok := m.pairs[pairKey(last, next)]; ok && !(last == edge && next == edge) && m.pairIn.seen(sc.sees, p) {
			pairs[p] = true
		}
		if last = next; last < 0 {
			last = strange
		}
	}
	for p := range pairs {
		f := m.pairFeature(p)
		stems[f]++
		stemSquare += float64(sc.unit[f]) * float64(sc.unit[f])
	}
	scores := make([]float64, m.classes)
	weight := func(f int32, k int) float64 {
		w := 0.0
		for l, ls := range m.lessons {
			if ls != nil && sc.sees[l] {
				w += ls.at(f, int32(k))
			}
		}
		return w
	}
	for k := range scores {
		for l, ls := range m.lessons {
			if ls != nil && sc.sees[l] {
				scores[k] += float64(ls.bias[k])
			}
		}
		for f, n := range stems {
			scores[k] += n * weight(f, k) * math.Sqrt(0.5/stemSquare)
		}
		for f, n := range pieces {
			scores[k] += n * weight(f, k) * math.Sqrt(0.5/pieceSquare)
		}
		if worth > 0 {
			scores[k] += evidenceScale * evidence[k] / worth
		}
	}
	for _, d := range r.named {
		scores[d] += naming
	}
	return scores
}

func checkScores(t *testing.T, b *Base, question string) {
	t.Helper()
	r := new(reading)
	b.model.read(r, b.scope, question, nil)
	b.names(r)
	b.model.score(r)
	for k, want := range slowScores(b, question) {
		if got := float64(r.scores[k]); math.IsNaN(got) || math.Abs(got-want) > 2e-3 {
			t.Fatalf("%q: score of class %d is %g, the slow reference says %g", question, k, got, want)
		}
	}
}

// hostile are texts that try to break the desk.
var hostile = []string{
	"", " ", "🤷", "\x00\x01\x02", "\xff\xfe\xfd", "\u202egnippihs fo egrahc ni si ohw", "z̷̢̛a̸͜l̵g̶o̸ t̵e̴x̶t̸", "@everyone", "<!channel>", "<@U123>",
	"'; DROP TABLE divisions; --", "{{7*7}} ${jndi:ldap://x}", "<script>alert(1)</script>", "*_~`|>#", "who handles", "WHO WHO WHO WHO",
	"a" + strings.Repeat("́", 1000), strings.Repeat("\u200d", 500), "ﷺ ﷽", "\u2028\u2029\ufeff", "123456789 9-1-1", "F-1 I-20 E2C2", "漢字かな交じり文",
}

func TestScoresAgainstReference(t *testing.T) {
	t.Parallel()
	for _, bed := range testBeds() {
		for _, q := range bed.questions {
			checkScores(t, bed.base, q.Question)
		}
		for _, q := range hostile {
			checkScores(t, bed.base, q)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, q := range hostile {
		f.Add(q)
	}
	f.Add("who handles forced labor cases?")
	f.Add("tell me about the financail and fruad division at HQ")
	bed := testBeds()["headquarters"]
	f.Fuzz(func(t *testing.T, question string) {
		checkScores(t, bed.base, question)
		m := bed.base.Match(question)
		if math.IsNaN(m.Chance) || m.Chance < 0 || m.Chance > 1 {
			t.Errorf("chance %g", m.Chance)
		}
		if !reflect.DeepEqual(m, bed.base.Match(question)) {
			t.Error("the same question got two answers")
		}
		sum := m.Bias
		for _, w := range m.Why {
			sum += w.Weight
			if !utf8.ValidString(w.Term) {
				t.Errorf("term %q", w.Term)
			}
		}
		if math.Abs(sum-m.Candidates[0].Score) > 1e-2 {
			t.Errorf("the words add up to %g, the score is %g", sum, m.Candidates[0].Score)
		}
	})
}

// TestSameEverywhere holds that the number of processors changes nothing.
func TestSameEverywhere(t *testing.T) {
	inputs, err := Open("testdata/fields/osf/knowledge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.GOMAXPROCS(1)
	one, _ := Load(inputs)
	runtime.GOMAXPROCS(max(2, before))
	many, _ := Load(inputs)
	runtime.GOMAXPROCS(before)
	if !slices.Equal(one.scope.rows.entries, many.scope.rows.entries) || !slices.Equal(one.scope.bias, many.scope.bias) {
		t.Error("what was learned depends on the number of processors")
	}
	if one.scope.confidence != many.scope.confidence {
		t.Errorf("confidence %v on one processor, %v on several", one.scope.confidence, many.scope.confidence)
	}
}

func TestNothingToGoBy(t *testing.T) {
	t.Parallel()
	for name, bed := range testBeds() {
		questions := []string{"who handles", "which division is responsible for it?", "who do I contact about that", "thank you so much", "lol"}
		if name == "headquarters" {
			questions = append(questions, hostile...)
		}
		for _, q := range questions {
			if strings.HasPrefix(q, "F-1") {
				continue // names things that the file does handle
			}
			if m := bed.base.Match(q); m.Verdict == Sure {
				t.Errorf("%s: %q gets %s", name, q, bed.base.entries[m.Candidates[0].Division].ID)
			}
		}
	}
}

func TestFullNamesAreSure(t *testing.T) {
	t.Parallel()
	for name, bed := range testBeds() {
		for i, e := range bed.base.entries {
			for _, q := range []string{e.Name.Text, "what is " + e.Name.Text, "who leads " + e.Name.Text + "?", "tell me about " + e.Name.Text + " please"} {
				if m := bed.base.Match(q); m.Verdict != Sure || m.Candidates[0].Division != i {
					t.Errorf("%s: %q gets verdict %d and %s", name, q, m.Verdict, bed.base.entries[m.Candidates[0].Division].ID)
				}
			}
		}
	}
}

func TestForeignNames(t *testing.T) {
	t.Parallel()
	b := testBeds()["headquarters"].base
	for _, q := range []string{"Samsung headquarters address", "National Security Council members", "Global Trade Alliance newsletter signup"} {
		if m := b.Match(q); len(m.Named) > 0 {
			t.Errorf("%q is taken to name %s", q, b.entries[m.Named[0]].ID)
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	b := testBeds()["headquarters"].base
	for q, want := range map[string]Facet{
		"who handles forced labor cases?":       FacetHandles,
		"who leads Global Trade":                FacetLead,
		"who's the boss of CTOC?":               FacetLead,
		"who does Global Trade report to?":      FacetReportsTo,
		"where is HQ":                           FacetLocation,
		"how do I reach National Security":      FacetReach,
		"what does E2C2 stand for":              FacetStandsFor,
		"how many divisions are there?":         FacetCount,
		"how many divsions are there":           FacetCount,
		"list all divisions":                    FacetList,
		"what is RAVEN":                         FacetAbout,
		"hello":                                 FacetGreeting,
		"good morning everyone":                 FacetGreeting,
		"help":                                  FacetHelp,
		"what can you do?":                      FacetHelp,
		"when is the Global Trade office open?": FacetHours,
	} {
		if m := b.Match(q); m.Facet != want {
			t.Errorf("%q asks for %s, not %s", q, m.Facet, want)
		}
	}
}

func TestUrgent(t *testing.T) {
	t.Parallel()
	b := testBeds()["headquarters"].base
	for _, q := range []string{"he has a gun please help", "I'm locked in and they won't let me leave", "i want to kill myself"} {
		if b.Match(q).Danger < 0 {
			t.Errorf("%q is not taken for danger", q)
		}
	}
	for _, bed := range testBeds() {
		for _, q := range bed.questions {
			if m := bed.base.Match(q.Question); m.Danger >= 0 {
				t.Logf("danger: %q", q.Question)
			}
		}
	}
}

// manyExamples is a knowledge file of 100 divisions with n example questions.
func manyExamples(n int) []Input {
	rnd := rand.New(rand.NewPCG(1, 2))
	var words []string
	for range 4000 {
		w := make([]byte, 4+rnd.IntN(7))
		for i := range w {
			w[i] = "aeioubcdfghklmnprst"[rnd.IntN(19)]
		}
		words = append(words, string(w))
	}
	var b strings.Builder
	b.WriteString("version: 1\ndivisions:\n")
	for d := range 100 {
		fmt.Fprintf(&b, "  - id: d%d\n    name: Division %s\n    questions:\n", d, words[d])
		for range max(1, n/100) {
			b.WriteString("      - who can")
			for range 6 {
				// a third of the words are the division's own
				if w := rnd.IntN(len(words)); rnd.IntN(3) == 0 {
					b.WriteString(" " + words[(d*40+w%40)%len(words)])
				} else {
					b.WriteString(" " + words[w])
				}
			}
			b.WriteString("\n")
		}
	}
	return []Input{{"many.yaml", []byte(b.String())}}
}

func BenchmarkLoad(b *testing.B) {
	b.Run("shipped", func(b *testing.B) {
		inputs, err := Open("")
		if err != nil {
			b.Fatal(err)
		}
		benchmarkLoad(b, inputs)
	})
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) { benchmarkLoad(b, manyExamples(n)) })
	}
}

func benchmarkLoad(b *testing.B, inputs []Input) {
	b.ReportAllocs()
	for b.Loop() {
		if _, problems := Load(inputs); problems.Err() != nil {
			b.Fatal(problems.Err())
		}
	}
}

func BenchmarkMatch(b *testing.B) {
	b.Run("shipped", func(b *testing.B) {
		benchmarkMatch(b, testBeds()["headquarters"].base, "who handles forced labor in textile imports?")
	})
	for _, n := range []int{100, 1_000, 10_000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			base, problems := Load(manyExamples(n))
			if problems.Err() != nil {
				b.Fatal(problems.Err())
			}
			benchmarkMatch(b, base, base.File.Divisions[7].Questions[0].Text)
		})
	}
	b.Run("100KB", func(b *testing.B) {
		benchmarkMatch(b, testBeds()["headquarters"].base, strings.Repeat("qzvwx jkpqr forced labour ", 4000))
	})
}

func benchmarkMatch(b *testing.B, base *Base, question string) {
	b.ReportAllocs()
	for b.Loop() {
		base.Match(question)
	}
}
