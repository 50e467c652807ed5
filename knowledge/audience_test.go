package knowledge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

const secretFile = `
version: 1
organization: {name: Acme}
divisions:
  - id: people
    name: People
    summary: Looks after everyone who works here.
    facts:
      lead: Ann Example
      hours: {text: midnight, audience: [security]}
    contact: {email: people@acme.example, audience: [employees]}
    handles:
      - topic: Parental leave
        keywords: [maternity, paternity, newborn]
      - topic: Layoffs
        keywords: [severance, redundancy]
        audience: [employees]
    programs:
      - name: Project Bluebird
        audience: [security, employees]
    see_also: [vault]
    not_for:
      - {text: opening the vault, see: vault}
      - {text: vault door noise, see: vault, say: Ask the porter.}
  - id: vault
    name: Vault
    audience: [employees]
    private: true
    handles: [{topic: Gold bars, keywords: [bullion, ingots]}]
tell_apart:
  - {between: [people, vault], say: One has gold.}
declines:
  - {id: payroll, topic: Payroll, questions: [where is my payslip], audience: [employees]}
`

// TestFor compares views with files that have only what these readers may see.
func TestFor(t *testing.T) {
	t.Parallel()
	e, problems := NewSnapshot([]Input{{"acme.yaml", []byte(secretFile)}}, Fast)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	const plain = `
version: 1
organization: {name: Acme}
divisions:
  - id: people
    name: People
    summary: Looks after everyone who works here.
    facts:
      lead: Ann Example
    handles:
      - topic: Parental leave
        keywords: [maternity, paternity, newborn]
    not_for:
      - {text: vault door noise, say: Ask the porter.}
`
	want, problems := Load([]Input{{"acme.yaml", []byte(plain)}})
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	for _, a := range []Audience{"", AudienceOf("strangers"), AudienceOf(Public)} {
		b := e.For(a)
		if b != e.For("") {
			t.Errorf("%s has its own view, but the file does not mention it", a)
		}
		for _, q := range []string{
			"who opens the vault", "vault door noise", "severance", "bluebird", "bullion", "maternity",
			"where is my payslip", "how many divisions are there", "people", "gold",
		} {
			if diff := cmp.Diff(want.Match(q), b.Match(q)); diff != "" {
				t.Errorf("%q differs from the file without the hidden parts (-want +got):\n%s", q, diff)
			}
			if diff := cmp.Diff(want.Complete(q, 10), b.Complete(q, 10)); diff != "" {
				t.Errorf("completing %q differs from the file without the hidden parts (-want +got):\n%s", q, diff)
			}
		}
		if n := b.Entries()[0].NotFor; len(n) != 1 || n[0].See != "" {
			t.Errorf("the near misses are %v", n)
		}
	}
	for a, want := range map[Audience]string{
		"":                                    "people[lead] contact:false handles:1 programs:0 see:0",
		"employees":                           "people[lead] contact:true handles:2 programs:1 see:1|vault",
		"security":                            "people[lead hours] contact:false handles:1 programs:1 see:0",
		AudienceOf("security", "employees"):   "people[lead hours] contact:true handles:2 programs:1 see:1|vault",
		AudienceOf("employees").With("other"): "people[lead] contact:true handles:2 programs:1 see:1|vault",
	} {
		if got := outline(e.For(a)); got != want {
			t.Errorf("%s sees %s, not %s", a, got, want)
		}
	}
	if got := e.File.Audiences(); !cmp.Equal(got, []string{"employees", "security"}) {
		t.Errorf("the file mentions %v", got)
	}
}

// outline summarizes the parts of secretFile in a Base.
func outline(b *Base) string {
	p := b.Entries()[0]
	var labels []string
	for _, f := range p.Facts {
		labels = append(labels, f.Label.Text)
	}
	s := fmt.Sprintf("people[%s] contact:%t handles:%d programs:%d see:%d", strings.Join(labels, " "),
		p.Contact.Email.Text != "", len(p.Handles), len(p.Programs), len(p.SeeAlso))
	if len(b.Entries()) > 1 {
		s += "|" + b.Entries()[1].ID.Text
	}
	return s
}

// TestNoVisibleDivision asks questions for an audience that may see no division.
func TestNoVisibleDivision(t *testing.T) {
	t.Parallel()
	const file = `version: 1
divisions:
  - {id: vault, name: Vault, audience: [staff], handles: [{topic: Gold bars}]}
`
	e, problems := NewSnapshot([]Input{{"acme.yaml", []byte(file)}}, Fast)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	b := e.For("")
	for _, q := range []string{"", "vault", "who has gold bars", "how many divisions are there", "hello", "\xff"} {
		if m := b.Match(q); len(m.Candidates) > 0 || m.Verdict == Sure {
			t.Errorf("%q finds %+v", q, m)
		}
		if c := b.Complete(q, 5); len(c) > 0 {
			t.Errorf("%q completes to %v", q, c)
		}
	}
	if n := len(b.Examples(3)); n > 0 {
		t.Errorf("there are %d examples", n)
	}
}

// TestWrongAudience checks that an empty or wrong audience is an error, because it would show
// the part to everyone.
func TestWrongAudience(t *testing.T) {
	t.Parallel()
	for line, want := range map[string]string{
		"audience: []":          "audience is empty; fill it in, or delete it if this is for everyone",
		"audience:":             "audience is empty",
		"audience: [\"\"]":      "may contain only lower-case letters",
		"audience: [Employees]": "may contain only lower-case letters",
		"audience: employees":   "audience must be a list",
		"private:":              "private is empty",
		"private: maybe":        "private must be true or false",
	} {
		data := []byte("version: 1\ndivisions:\n  - id: a\n    name: A\n    " + line + "\n")
		_, problems := Load([]Input{{"a.yaml", data}})
		err := problems.Err()
		if err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), "a.yaml:5:") {
			t.Errorf("%s gives %v", line, err)
		}
	}
}

// TestHiddenSynonyms asks for synonyms of a public word that occur only in hidden parts.
func TestHiddenSynonyms(t *testing.T) {
	t.Parallel()
	const file = `
version: 1
divisions:
  - id: people
    name: People
    handles:
      - {topic: Parental leave, keywords: [maternity, newborn]}
      - {topic: Project Nightfall, text: Cuts half of the jobs., audience: [employees]}
    facts: {plan: {text: Sunset follows., audience: [employees]}}
  - id: buildings
    name: Buildings
    handles: [{topic: Heating, keywords: [radiator, boiler]}]
synonyms:
  - [maternity, nightfall, sunset, parenthood]
`
	e, problems := NewSnapshot([]Input{{"acme.yaml", []byte(file)}}, Fast)
	if problems.Err() != nil {
		t.Fatal(problems)
	}
	if len(problems) != 2 || !strings.Contains(problems[1].Message, `"sunset"`) ||
		!strings.Contains(problems[0].Message, `"nightfall" is only in parts with an audience`) {
		t.Errorf("the problems are %v", problems)
	}
	for _, c := range []struct {
		word              string
		public, employees bool // whether they find it
	}{
		{"maternity", true, true}, {"parenthood", true, true}, {"nightfall", false, true}, {"sunset", false, true},
	} {
		for audience, want := range map[Audience]bool{"": c.public, "employees": c.employees} {
			m := e.For(audience).Match("who handles " + c.word + "?")
			if got := m.Verdict == Sure; got != want {
				t.Errorf("%s, %s: sure: %t (chance %.2f)", audience, c.word, got, m.Chance)
			}
		}
	}
}
