package ranking_test

import (
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"unicode/utf8"

	"frontdesk/knowledge"
	"frontdesk/knowledge/ranking"
)

// hostile are texts that try to break the desk.
var hostile = []string{
	"", " ", "🤷", "\x00\x01\x02", "\xff\xfe\xfd", "\u202egnippihs fo egrahc ni si ohw", "z̷̢̛a̸͜l̵g̶o̸ t̵e̴x̶t̸",
	"@everyone", "<!channel>", "<@U123>",
	"'; DROP TABLE divisions; --", "{{7*7}} ${jndi:ldap://x}", "<script>alert(1)</script>", "*_~`|>#",
	"who handles", "WHO WHO WHO WHO",
	"a" + strings.Repeat("́", 1000), strings.Repeat("\u200d", 500), "ﷺ ﷽", "\u2028\u2029\ufeff",
	"123456789 9-1-1", "F-1 I-20 E2C2", "漢字かな交じり文",
}

func TestScoresAgainstReference(t *testing.T) {
	t.Parallel()
	for _, bed := range testBeds() {
		for _, q := range bed.questions {
			ranking.CheckScores(t, bed.base.View, q.Question)
		}
		for _, q := range hostile {
			ranking.CheckScores(t, bed.base.View, q)
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
		ranking.CheckScores(t, bed.base.View, question)
		m := bed.base.Match(question)
		if math.IsNaN(m.Chance) || m.Chance < 0 || m.Chance > 1 {
			t.Errorf("chance %g", m.Chance)
		}
		if !reflect.DeepEqual(m, bed.base.Match(question)) {
			t.Error("the same question got two answers")
		}
		why := bed.base.Explain(question)
		if why.First.Score != m.Candidates[0].Score {
			t.Errorf("the explained score is %g, the score is %g", why.First.Score, m.Candidates[0].Score)
		}
		for _, s := range []ranking.Sum{why.First, why.Declined} {
			sum := s.Bias
			for _, w := range s.Words {
				sum += w.Weight
				if !utf8.ValidString(w.Term) {
					t.Errorf("term %q", w.Term)
				}
			}
			if math.Abs(sum-s.Score) > 1e-2 {
				t.Errorf("the words add up to %g, the score is %g", sum, s.Score)
			}
		}
	})
}

// TestSameEverywhere holds that the number of processors changes nothing.
func TestSameEverywhere(t *testing.T) {
	inputs, err := knowledge.Open("testdata/fields/osf/knowledge.yaml")
	if err != nil {
		t.Fatal(err)
	}
	before := runtime.GOMAXPROCS(1)
	one, _ := knowledge.Load(inputs)
	runtime.GOMAXPROCS(max(2, before))
	many, _ := knowledge.Load(inputs)
	runtime.GOMAXPROCS(before)
	ranking.CheckSame(t, one.View, many.View)
}

func TestNothingToGoBy(t *testing.T) {
	t.Parallel()
	for name, bed := range testBeds() {
		questions := []string{"who handles", "which division is responsible for it?",
			"who do I contact about that", "thank you so much", "lol"}
		if name == "headquarters" {
			questions = append(questions, hostile...)
		}
		for _, q := range questions {
			if strings.HasPrefix(q, "F-1") {
				continue // names things that the file does handle
			}
			if m := bed.base.Match(q); m.Verdict == ranking.Sure {
				t.Errorf("%s: %q gets %s", name, q, bed.base.Entries()[m.Candidates[0].Division].ID)
			}
		}
	}
}

func TestFullNamesAreSure(t *testing.T) {
	t.Parallel()
	for name, bed := range testBeds() {
		for i, e := range bed.base.Entries() {
			for _, q := range []string{e.Name.Text, "what is " + e.Name.Text, "who leads " + e.Name.Text + "?",
				"tell me about " + e.Name.Text + " please"} {
				if m := bed.base.Match(q); m.Verdict != ranking.Sure || m.Candidates[0].Division != i {
					t.Errorf("%s: %q gets verdict %d and %s", name, q, m.Verdict, bed.base.Entries()[m.Candidates[0].Division].ID)
				}
			}
		}
	}
}

func TestForeignNames(t *testing.T) {
	t.Parallel()
	b := testBeds()["headquarters"].base
	for _, q := range []string{"Samsung headquarters address", "National Security Council members",
		"Global Trade Alliance newsletter signup"} {
		if m := b.Match(q); len(m.Named) > 0 {
			t.Errorf("%q is taken to name %s", q, b.Entries()[m.Named[0]].ID)
		}
	}
}

func TestFacets(t *testing.T) {
	t.Parallel()
	b := testBeds()["headquarters"].base
	for q, want := range map[string]ranking.Facet{
		"who handles forced labor cases?":       ranking.FacetHandles,
		"who leads Global Trade":                ranking.FacetLead,
		"who's the boss of CTOC?":               ranking.FacetLead,
		"who does Global Trade report to?":      ranking.FacetReportsTo,
		"where is HQ":                           ranking.FacetLocation,
		"how do I reach National Security":      ranking.FacetReach,
		"what does E2C2 stand for":              ranking.FacetStandsFor,
		"how many divisions are there?":         ranking.FacetCount,
		"how many divsions are there":           ranking.FacetCount,
		"list all divisions":                    ranking.FacetList,
		"what is RAVEN":                         ranking.FacetAbout,
		"what are the divisions?":               ranking.FacetList,
		"which offices exist":                   ranking.FacetList,
		"thank you so much":                     ranking.FacetThanks,
		"ok thx":                                ranking.FacetThanks,
		"thanks for your help":                  ranking.FacetThanks,
		"great, how do I reach them":            ranking.FacetReach,
		"ok so where is it":                     ranking.FacetLocation,
		"is that ok with customs":               ranking.FacetHandles,
		"hello":                                 ranking.FacetGreeting,
		"good morning everyone":                 ranking.FacetGreeting,
		"help":                                  ranking.FacetHelp,
		"what can you do?":                      ranking.FacetHelp,
		"when is the Global Trade office open?": ranking.FacetHours,
	} {
		if m := b.Match(q); m.Facet != want {
			t.Errorf("%q asks for %s, not %s", q, m.Facet, want)
		}
	}
}

// TestSpaces checks that a word counts the same with a space in it and without.
func TestSpaces(t *testing.T) {
	t.Parallel()
	b, problems := knowledge.Load([]knowledge.Input{{Name: "file.yaml", Data: []byte(`
version: 1
divisions:
  - {id: homes, name: Homes, handles: [{topic: Pests, keywords: [bed bugs, cockroaches, vermin]}]}
  - {id: roads, name: Roads, handles: [{topic: Lights, keywords: [streetlight, lamp, lantern]}]}
  - {id: money, name: Money, handles: [{topic: Taxes, keywords: [tax, levy, duty]}]}
`)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	for q, same := range map[string]string{
		"I have bedbugs at home": "I have bed bugs at home", "the street lights are dark": "the streetlights are dark",
	} {
		got, want := b.Match(q), b.Match(same)
		if len(got.Candidates) == 0 || got.Candidates[0] != want.Candidates[0] || got.Chance != want.Chance {
			t.Errorf("%q is %v with %.3f, but %q is %v with %.3f",
				q, got.Candidates, got.Chance, same, want.Candidates, want.Chance)
		}
	}
}

func TestUrgent(t *testing.T) {
	t.Parallel()
	b := testBeds()["headquarters"].base
	for _, q := range []string{"he has a gun please help", "I'm locked in and they won't let me leave",
		"i want to kill myself"} {
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

// FuzzLoad holds that every file without an error can be asked, however little
// it says, and that no question to it breaks anything.
func FuzzLoad(f *testing.F) {
	f.Add("Trade", "forced labor", "labour", "goods made by force", "who handles forced labor?", uint8(3))
	f.Add("!", "", "", "", "", uint8(0))
	f.Add("國", "the", "a b", "**\x00**", "國 the", uint8(255))
	f.Add("none", "who", "none", "-", "who", uint8(2))
	const file = `version: 1
organization: {name: %[1]s, aliases: [%[2]s]}
synonyms: [[%[2]s, %[3]s], [%[3]s]]
urgent: [{phrases: [%[4]s], say: %[4]s}]
divisions:
- {id: a, name: %[1]s, aliases: [%[2]s], summary: %[4]s, questions: [%[5]s, %[4]s],
  not_for: [{text: %[4]s, see: b}, {text: %[3]s}]}
- {id: b, name: %[2]s, facts: {%[3]s: %[4]s, lead: %[1]s},
  handles: [{topic: %[2]s, text: %[4]s, keywords: [%[3]s, %[5]s]}], programs: [{name: %[3]s, acronym: %[1]s}]}
- {id: c, name: %[1]s}
declines: [{id: d, topic: %[5]s, questions: [%[3]s]}]
`
	lines := strings.SplitAfter(file, "\n")
	f.Fuzz(func(t *testing.T, a, b, c, d, question string, leave uint8) {
		var words []any
		for _, s := range []string{a, b, c, d, question} {
			word, err := json.Marshal(s)
			if err != nil {
				t.Fatal(err)
			}
			words = append(words, string(word))
		}
		var text strings.Builder
		for i, line := range lines {
			if i == 0 || i >= 4 && i <= 6 || i < 8 && leave>>i&1 == 0 ||
				i >= 8 && leave&1 == 0 { // the version and two divisions stay
				text.WriteString(line)
			}
		}
		base, problems := knowledge.Load([]knowledge.Input{{Name: "file.yaml",
			Data: fmt.Appendf(nil, text.String(), words...)}})
		if base == nil {
			if problems.Err() == nil {
				t.Error("there is neither a base nor an error")
			}
			return
		}
		for _, q := range []string{question, a, b + " " + c, d} {
			ranking.CheckScores(t, base.View, q)
			m := base.Match(q)
			if math.IsNaN(m.Chance) || m.Chance < 0 || m.Chance > 1 || math.IsNaN(m.Ours) || m.Ours < 0 ||
				m.Ours > 1 || len(m.Candidates) == 0 && m.Verdict != ranking.Unknown {
				t.Errorf("%q is matched with %+v", q, m)
			}
			for _, candidate := range m.Candidates {
				if candidate.Division < 0 || candidate.Division >= len(base.Entries()) {
					t.Errorf("%q is for the division %d", q, candidate.Division)
				}
			}
			for _, choice := range base.Complete(q, 25) {
				if _, _, ok := base.Choose(choice.ID); !ok {
					t.Errorf("%q completes to %v", q, choice)
				}
			}
		}
		if trial := base.Trial(); math.IsNaN(trial.Right + trial.Wrong + trial.FalseAnswers + trial.Threshold) {
			t.Errorf("%+v", trial)
		}
		_ = base.Confusions()
	})
}
