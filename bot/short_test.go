package bot

import (
	"strings"
	"testing"

	"frontdesk/knowledge"
)

// TestShort checks the short form of answers. A line that begins with ! must be absent.
func TestShort(t *testing.T) {
	t.Parallel()
	desk := acmeDesk(t)
	for question, lines := range map[string]string{
		"when does parental leave start": "People and Culture handles parental leave.|Plans leave for new parents." +
			"|E-mail: people@acme.example|Phone: 555-1234|!Looks after|!Led by|!Floor|!See also",
		"who leads People and Culture?":              "People and Culture is led by Ann Example.|E-mail|!Led by|!Looks after",
		"how do I reach PAC?":                        "People and Culture|E-mail: people@acme.example|!Looks after|!Led by",
		"who leads Facility Services?":               "I don't know who leads Facility Services.",
		"how do I reach the people for burnout":      "People and Culture handles wellbeing.|E-mail: people@acme.example",
		"where is the radiator of Facility Services": "Facility Services handles heating.",
		"what is PAC":                                "People and Culture|Looks after everyone.|!Led by",
		"what does ALP stand for?":                   "ALP stands for Acme Learning Program.|Courses",
		"is there an Acme Learning Program":          "Acme Learning Program (ALP) belongs to People and Culture.|Courses",
		"the boiler is broken, the radiator too":     "Facility Services handles heating.|!Floor plans",
		"list all divisions":                         "There are 2 entries in this directory.|- Facility Services",
		"who painted the starry night":               "I can't answer that.|such as “I am having a baby,",
	} {
		a := desk.Answer(t.Context(), Question{Text: question})
		text := a.Short().Plain()
		for line := range strings.SplitSeq(lines, "|") {
			if line, without := strings.CutPrefix(line, "!"); strings.Contains(text, line) == without {
				t.Errorf("%q: %q is there: %v, in\n%s", question, line, !without, text)
			}
		}
		if again := desk.Answer(t.Context(), Question{Choice: a.Choice}); a.Choice != "" &&
			(again.Division != a.Division || (again.Evidence == nil) != (a.Evidence == nil)) {
			t.Errorf("%q: the choice %q brings %q", question, a.Choice, again.Title)
		}
	}
}

// TestShared checks that a fact that most divisions have is marked, unless it is asked for.
func TestShared(t *testing.T) {
	t.Parallel()
	base, problems := knowledge.Load([]knowledge.Input{{Name: "acme.yaml", Data: []byte(`
version: 1
divisions:
  - {id: a, name: Alpha, facts: {lead: a director, Floor: one}, questions: [who cleans the floor]}
  - {id: b, name: Beta, facts: {lead: a director, Floor: two}, questions: [who paints the wall]}
  - {id: c, name: Gamma, facts: {lead: Ann Example}, questions: [who mends the roof]}
`)}})
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	desk := &Desk{Base: func(Audience) *knowledge.Base { return base }}
	for question, want := range map[string]FactKind{
		"who cleans the floor": FactShared, "who mends the roof": FactOwn, "who leads Beta?": FactAsked,
	} {
		if a := desk.Answer(t.Context(), Question{Text: question}); len(a.Facts) == 0 || a.Facts[0].Kind != want {
			t.Errorf("%q: %+v", question, a.Facts)
		}
	}
}

func TestInSentence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ title, written, want string }{
		{"Forced labor", "Goods made by forced labor. Uyghur Forced Labor Prevention Act", "forced labor"},
		{"Medicare fraud", "Looks into Medicare fraud, also medicare billing", "Medicare fraud"},
		{"H-1B visas", "h-1b visas", "H-1B visas"},
		{"SEVP", "sevp", "SEVP"},
		{"Heating", "Radiators and boilers. Heating of rooms", "heating"},
		{"Boston parking", "City of Boston", "Boston parking"},
		{"Éclairage", "", "éclairage"},
		{"", "", ""},
		{"1", "1", "1"},
	} {
		if got := inSentence(c.title, []string{c.written}); got != c.want {
			t.Errorf("%q with %q is %q, want %q", c.title, c.written, got, c.want)
		}
	}
}
