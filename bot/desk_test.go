package bot

import (
	"context"
	"strings"
	"testing"

	"frontdesk/knowledge"
)

const acme = `
version: 1
organization: {name: Acme}
source: {title: Offices, url: "https://acme.example/offices", seen: 2026-11-23}
urgent:
  - {phrases: [there is a fire], say: Leave the building and call 112.}
divisions:
  - id: people
    name: People and Culture
    aliases: [PAC]
    summary: Looks after *everyone*.
    facts: {lead: Ann Example, Floor: two}
    contact: {email: people@acme.example, phone: "555-1234"}
    handles:
      - topic: Parental leave
        text: Plans leave for new parents.
        keywords: [maternity, paternity, baby, newborn, pregnant, adoption]
      - {topic: Wellbeing, keywords: [burnout, stress, counselor, exhausted]}
    programs:
      - {name: Acme Learning Program, acronym: ALP, text: Courses for everyone.}
    questions: ["I am having a baby, whom do I tell?"]
    see_also: [buildings]
  - id: buildings
    name: Facility Services
    source: {title: Houses, url: "https://acme.example/houses"}
    handles:
      - {topic: Heating, keywords: [radiator, boiler, thermostat, chilly]}
      - {topic: Locks, keywords: [key, door, badge reader]}
    not_for:
      - {text: laptop charger repair, say: Ask the shop.}
      - {text: desk plants watering, see: people}
    links: [{title: Floor plans, url: "https://acme.example/plans"}]
declines:
  - id: payroll
    topic: Payroll
    questions: [where is my payslip, when do I get paid, my salary is late]
    answer: "Example Pay does that: pay.example."
`

func acmeDesk(t *testing.T) *Desk {
	t.Helper()
	base, problems := knowledge.Load([]knowledge.Input{{Name: "acme.yaml", Data: []byte(acme)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	return &Desk{Base: func(Audience) *knowledge.Base { return base }}
}

// TestAnswers checks the outcome of a question, its division, and lines of its text.
func TestAnswers(t *testing.T) {
	t.Parallel()
	desk := acmeDesk(t)
	for _, c := range []struct {
		question string
		outcome  Outcome
		division string
		lines    string // separated by bars; one that begins with ! must be absent
	}{
		{"the boiler is broken and the radiator cold", Answered, "buildings", "Facility Services|Heating|" +
			"Floor plans: https://acme.example/plans|Source: Houses, https://acme.example/houses"},
		{"who leads People and Culture?", Answered, "people", "Led by: Ann Example|!Parental leave|" +
			"Source: Offices, https://acme.example/offices (seen 2026-11-23)"},
		{"who leads Facility Services?", Answered, "buildings", "I don't know who leads Facility Services."},
		{"where is Facility Services", Answered, "buildings", "I don't know where Facility Services is."},
		{"how do I reach PAC?", Answered, "people", "E-mail: people@acme.example|Phone: 555-1234"},
		{"how do I contact Facility Services", Answered, "buildings", "I don't know how to reach Facility Services."},
		{"what does ALP stand for?", Answered, "people", "ALP stands for Acme Learning Program."},
		{"what does PAC stand for?", Answered, "people", "PAC stands for People and Culture."},
		{"what is PAC", Answered, "people", "Looks after everyone."},
		{"how many divisions are there?", Answered, "", "There are 2 entries in this directory.|- People and Culture|" +
			"- Facility Services"},
		{"list all divisions", Answered, "", "- Facility Services"},
		{"what divisions are there?", Answered, "", "- Facility Services"},
		{"which teams exist", Answered, "", "- Facility Services"},
		{"thanks, that was great :tada:", Declined, "", "Glad to help."},
		{"ok, got it", Declined, "", "Glad to help."},
		{":wave:", Declined, "", "I could not find a question in that."},
		{"the thermo stat is off", Answered, "buildings", "Heating"},
		{"the badgereader is off", Answered, "buildings", "Locks"},
		{"write a poem about the broken radiator and the boiler", Suggested, "", "- Facility Services"},
		{"hello", Declined, "", "Ask me who handles something at Acme|I am having a baby, whom do I tell?|" +
			"!can't answer"},
		{"help", Declined, "", "Ask me who handles something at Acme|!can't answer"},
		{"", Declined, "", "I could not find a question in that."},
		{"where is my payslip", Declined, "", "Payroll|Example Pay does that: pay.example."},
		{"laptop charger repair", Declined, "", "laptop charger repair|Ask the shop."},
		{"who waters plants", Declined, "", "That is handled elsewhere.|- People and Culture"},
		{"who painted the starry night", Declined, "", "I can't answer that."},
		{"there is a fire and the boiler is burning", Answered, "buildings", "Leave the building and call 112."},
		{"there is a fire", Declined, "", "Leave the building and call 112."},
	} {
		a := desk.Answer(t.Context(), Question{Text: c.question})
		text := a.Plain()
		if a.Outcome != c.outcome || a.Division != c.division {
			t.Errorf("%q is %s with %q, not %s with %q:\n%s", c.question, a.Outcome, a.Division, c.outcome,
				c.division, text)
		}
		for line := range strings.SplitSeq(c.lines, "|") {
			if line, without := strings.CutPrefix(line, "!"); strings.Contains(text, line) == without {
				t.Errorf("%q: %q is there: %v, in\n%s", c.question, line, !without, text)
			}
		}
	}
}

func TestChoice(t *testing.T) {
	t.Parallel()
	desk := acmeDesk(t)
	if a := desk.Answer(t.Context(), Question{Choice: "people"}); a.Outcome != Answered || a.Division != "people" ||
		a.Evidence != nil {
		t.Errorf("choosing people gives %s with %q", a.Outcome, a.Division)
	}
	choices := desk.Complete(t.Context(), "", "parental", 5)
	if len(choices) != 1 || choices[0].Title != "Parental leave – People and Culture" {
		t.Fatalf("parental completes to %v", choices)
	}
	if a := desk.Answer(t.Context(), Question{Choice: choices[0].ID}); a.Division != "people" || a.Evidence == nil ||
		a.Evidence.Title != "Parental leave" {
		t.Errorf("choosing %s gives %s with %v", choices[0].ID, a.Division, a.Evidence)
	}
	if a := desk.Answer(t.Context(), Question{Choice: "gone"}); a.Outcome != Declined || len(a.Offers) != 2 {
		t.Errorf("choosing a missing entry gives %s with %d offers", a.Outcome, len(a.Offers))
	}
}

// TestCompleteAsking checks that examples are offered until a text says what it is about.
func TestCompleteAsking(t *testing.T) {
	t.Parallel()
	desk := acmeDesk(t)
	for _, typed := range []string{"", "whom do I ask "} {
		choices := desk.Complete(t.Context(), "", typed, 5)
		if len(choices) != 2 || choices[0] != (Choice{"", "I am having a baby, whom do I tell?"}) ||
			choices[1] != (Choice{"buildings", "Facility Services"}) {
			t.Errorf("%q completes to %v", typed, choices)
		}
	}
}

// TestSuggest checks that two divisions that share a word are both offered, with
// what tells them apart.
func TestSuggest(t *testing.T) {
	t.Parallel()
	base, problems := knowledge.Load([]knowledge.Input{{Name: "two.yaml", Data: []byte(`
version: 1
divisions:
  - id: a
    name: Alpha
    handles: [{topic: Permits, text: Alpha signs permits for the harbor and the pier., keywords: [harbor]}]
  - id: b
    name: Beta
    handles: [{topic: Permits, text: Beta signs permits for the airport and the tower., keywords: [airport]}]
tell_apart: [{between: [a, b], say: Alpha is for water. Beta is for air.}]
`)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	desk := &Desk{Base: func(Audience) *knowledge.Base { return base }}
	for _, q := range []string{"who signs permits", "who signs a permit for a kite", "permit to paint the garage"} {
		a := desk.Answer(t.Context(), Question{Text: q})
		if a.Outcome != Suggested || len(a.Offers) != 2 ||
			!strings.Contains(a.Plain(), "Alpha is for water. Beta is for air.") {
			t.Errorf("%q is %s\n%s", q, a.Outcome, a.Plain())
		}
	}
}

// TestOne checks the sentence for a directory of one entry.
func TestOne(t *testing.T) {
	t.Parallel()
	const file = "version: 1\ndivisions: [{id: a, name: Alpha}]\n"
	base, problems := knowledge.Load([]knowledge.Input{{Name: "one.yaml", Data: []byte(file)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	desk := &Desk{Base: func(Audience) *knowledge.Base { return base }}
	text := desk.Answer(t.Context(), Question{Text: "how many divisions are there?"}).Plain()
	if !strings.Contains(text, "There is one entry in this directory.") {
		t.Error(text)
	}
}

// TestApology checks that a person gets an apology when the desk panics.
func TestApology(t *testing.T) {
	t.Parallel()
	ctx, desk := context.Background(), Guard(&Desk{Base: func(Audience) *knowledge.Base { panic("no file") }})
	for _, a := range []Answer{desk.Answer(ctx, Question{Text: "who handles this?"}), desk.Directory(ctx, "")} {
		sorry := strings.Contains(a.Plain(), "Something went wrong")
		if a.Outcome != Declined || !sorry || strings.Contains(a.Plain(), "no file") {
			t.Errorf("got %s: %s", a.Outcome, a.Plain())
		}
	}
	if choices := desk.Complete(ctx, "", "who", 10); choices != nil {
		t.Errorf("got %v", choices)
	}
}

// TestPrivate checks that an answer about a private entry is private, and that a list
// shows only the entry's name.
func TestPrivate(t *testing.T) {
	t.Parallel()
	base, problems := knowledge.Load([]knowledge.Input{{Name: "acme.yaml", Data: []byte(`
version: 1
divisions:
  - id: ombuds
    name: Ombuds
    summary: Listens in confidence.
    private: true
    handles: [{topic: Harassment, keywords: [bully, harass, threaten]}]
    not_for: [{text: broken radiator valves, say: Nurse Ann has the valve.}]
    questions: [my boss harasses me]
  - id: people
    name: People
    handles: [{topic: Leave, keywords: [newborn, maternity]}]
    questions: [who plans leave]
`)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	desk := &Desk{Base: func(Audience) *knowledge.Base { return base }}
	for q, private := range map[string]bool{
		"my boss harasses me": true, "broken radiator valves": true, "who plans leave": false,
		"tell me a joke": false, "what does the Ombuds do?": true,
	} {
		a := desk.Answer(t.Context(), Question{Text: q})
		if a.Private != private || !private && strings.Contains(a.Plain(), "harasses") {
			t.Errorf("%q: private is %v:\n%s", q, a.Private, a.Plain())
		}
	}
	directory := desk.Directory(t.Context(), "")
	text := directory.Plain()
	for _, o := range directory.Offers {
		text += o.Title + o.Text.Plain()
	}
	if strings.Contains(text, "confidence") || strings.Contains(text, "harasses") || !strings.Contains(text, "Ombuds") {
		t.Errorf("the directory is %s", text)
	}
}

func BenchmarkAnswer(b *testing.B) {
	inputs, err := knowledge.Open("")
	if err != nil {
		b.Fatal(err)
	}
	base, problems := knowledge.Load(inputs)
	if problems.Err() != nil {
		b.Fatal(problems.Err())
	}
	desk := &Desk{Base: func(Audience) *knowledge.Base { return base }}
	for name, question := range map[string]string{
		"answered": "who handles forced labor in textile imports?",
		"facet":    "who leads Global Trade?",
		"declined": "where do I renew my passport",
		"unknown":  "my sourdough starter smells of nail polish",
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				desk.Answer(b.Context(), Question{Text: question})
			}
		})
	}
}
