package knowledge

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// guarded has hidden parts of each kind.
const guarded = `
version: 1
organization: {name: Acme}
divisions:
  - id: people
    name: People
    summary: Looks after everyone who works here. Write to the front desk on Monday.
    facts:
      lead: Ann Example
      hours: {text: midnight, audience: [security]}
      code: {text: swordfish, audience: [employees]}
    contact: {email: hidden@acme.example, phone: +1 555 010 4711, audience: [employees]}
    handles:
      - topic: Parental leave
        keywords: [maternity, paternity, newborn]
      - topic: Layoffs
        text: |
          Severance is **paid** within thirty days of the last working day. Ask the
          works council first. The budget is 1,250,000 dollars.
        keywords: [severance, redundancy, notice period, letter]
        questions: [who tells people that they must go]
        audience: [employees]
    programs:
      - {name: Project Bluebird, text: We merge with a rival., audience: [security, employees]}
    not_for:
      - {text: gold in the cellar, see: vault}
  - id: vault
    name: Vault
    audience: [employees]
    private: true
    handles: [{topic: Gold bars, keywords: [bullion, ingots]}]
declines:
  - {id: payroll, topic: Payroll, questions: [where is my payslip], audience: [employees]}
`

func parsed(t *testing.T, text string) *File {
	t.Helper()
	f, problems := Parse([]Input{{"acme.yaml", []byte(text)}})
	if err := problems.Err(); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return f
}

// TestOpened checks what is reported as shown to more people, and the reverse change.
func TestOpened(t *testing.T) {
	t.Parallel()
	read := func(text string) *File {
		f, problems := Parse([]Input{{"acme.yaml", []byte(text)}})
		if problems.Err() != nil {
			t.Fatal(problems)
		}
		return f
	}
	before := read(secretFile)
	loosened := strings.NewReplacer(
		"contact: {email: people@acme.example, audience: [employees]}", "contact: {email: people@acme.example}",
		"{text: midnight, audience: [security]}", "{text: midnight, audience: [employees]}",
		"    private: true\n", "",
	).Replace(secretFile)
	want := []string{
		"people, contact is now shown to public", "people, hours is now shown to employees",
		"vault is no longer private",
	}
	if diff := cmp.Diff(want, Opened(before, read(loosened))); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := Opened(read(loosened), before); len(got) != 1 || got[0] != "people, hours is now shown to security" {
		t.Errorf("the reverse change: %q", got)
	}
}

// TestOpenedByContent changes guarded in one place each, and checks who sees more.
func TestOpenedByContent(t *testing.T) {
	t.Parallel()
	before := parsed(t, guarded)
	summary := func(text string) []string { return []string{"Write to the front desk on Monday.", text} }
	told := []string{"people, summary tells public what was hidden from them"}
	for _, c := range []struct {
		name string
		edit []string // old and new, in turn
		want []string
	}{
		{"nothing", nil, nil},
		// A part is renamed and opened in one edit.
		{"a fact renamed", []string{"hours: {text: midnight, audience: [security]}", "closing: midnight"},
			[]string{"people, closing tells public what was hidden from them"}},
		{"a fact renamed for others",
			[]string{"code: {text: swordfish, audience: [employees]}", "word: {text: Swordfish, audience: [security]}"},
			[]string{"people, word tells security what was hidden from them"}},
		{"a responsibility renamed",
			[]string{"- topic: Layoffs\n", "- topic: Farewells\n",
				"        questions: [who tells people that they must go]\n        audience: [employees]\n", ""},
			[]string{"people, Farewells tells public what was hidden from them"}},
		{"a program renamed",
			[]string{"{name: Project Bluebird, text: We merge with a rival., audience: [security, employees]}",
				"{name: Another, text: We merge with a rival.}"},
			[]string{"people, Another tells public what was hidden from them"}},
		{"a division renamed",
			[]string{"  - id: vault\n    name: Vault\n    audience: [employees]\n    private: true\n",
				"  - id: cellar\n    name: The cellar\n", "see: vault", "see: cellar"},
			[]string{"cellar, Gold bars tells public what was hidden from them",
				"people, not for gold in the cellar is now shown to public"}},
		{"a declined topic renamed",
			[]string{"{id: payroll, topic: Payroll, questions: [where is my payslip], audience: [employees]}",
				"{id: pay, topic: Pay, questions: [Where is my payslip?]}"},
			[]string{"declined: pay tells public what was hidden from them"}},
		// A part is opened.
		{"a contact opened", []string{", audience: [employees]}\n    handles", "}\n    handles"},
			[]string{"people, contact is now shown to public"}},
		{"not private", []string{"    private: true\n", ""}, []string{"vault is no longer private"}},
		{"renamed and not private",
			[]string{"id: vault", "id: cellar", "    private: true\n", "", "see: vault", "see: cellar"},
			[]string{"cellar tells in public what was only answered in private",
				"cellar, Gold bars tells in public what was only answered in private"}},
		// A hidden text is moved into a visible part.
		{"a sentence moved", summary("ask the\n      WORKS council, first!"), told},
		{"part of a sentence", summary("Money is paid within thirty days of the last meeting."), told},
		{"with markup", summary("Sever**ance** _is_ paid within thirty days."), told},
		{"a keyword", summary("We do severance."), told},
		{"two words", summary("The notice period is long."), told},
		{"a question", summary("Who tells people that they must go?"), told},
		{"a name", summary("Bluebird flies."), told},
		{"an address", summary("Write to Hidden@ACME.example."), told},
		{"a number", summary("Call 555-0104711."), told},
		{"a sum", summary("There are 1250000 dollars."), told},
		{"a fact in a sentence", summary("Open until midnight."), told},
		{"into a question",
			[]string{"keywords: [maternity,", "questions: [what is swordfish for]\n        keywords: [maternity,"},
			[]string{"people, Parental leave tells public what was hidden from them"}},
		{"into a link",
			[]string{"    not_for:",
				"    links: [{title: Call +1 (555) 010-4711, url: \"https://acme.example\"}]\n    not_for:"},
			[]string{"people, links tells public what was hidden from them"}},
		{"into a synonym", []string{"declines:", "synonyms: [[bullion, gold]]\ndeclines:"},
			[]string{"synonyms tells public what was hidden from them"}},
		// Ordinary edits.
		{"a common word", summary("Ask for a letter."), nil},
		{"common words", summary("Who tells people where they can go? Within days. The last working letter."), nil},
		{"a new division", []string{"  - id: vault\n", `  - id: buildings
    name: Buildings
    summary: Heating and cooling of 12 floors since 2026, paid by the day.
    contact: {email: heat@acme.example, phone: +1 555 010 9999}
  - id: vault
`}, nil},
		{"visible before",
			[]string{"lead: Ann Example", "lead: Ann Example\n      also: Looks after everyone who works here."}, nil},
		{"hidden again",
			[]string{"lead: Ann Example",
				"lead: Ann Example\n      also: {text: swordfish, audience: [employees]}"}, nil},
		{"less for all", []string{"lead: Ann Example", "lead: {text: Ann Example, audience: [security]}"}, nil},
	} {
		text := guarded
		for i := 0; i < len(c.edit); i += 2 {
			if !strings.Contains(text, c.edit[i]) {
				t.Fatalf("%s: there is no %q", c.name, c.edit[i])
			}
			text = strings.Replace(text, c.edit[i], c.edit[i+1], 1)
		}
		got := Opened(before, parsed(t, text))
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s (-want +got)\n%s", c.name, diff)
		}
		for _, sentence := range got {
			for _, word := range []string{"wordfish", "4711", "hidden@", "everance", "1250000", "ullion"} {
				if strings.Contains(sentence, word) {
					t.Errorf("%s: %q quotes %q", c.name, sentence, word)
				}
			}
		}
	}
}

// TestOpenedAddresses moves an address from a hidden part to a visible one, in different
// notations.
func TestOpenedAddresses(t *testing.T) {
	t.Parallel()
	const address = "https://intranet.example.org/quillfeather"
	file := func(hidden, shown string) *File {
		return parsed(t, "version: 1\ndivisions:\n  - id: a\n    name: A\n"+
			"    facts: {file: {text: \""+hidden+"\", audience: [employees]}}\n    "+shown+"\n")
	}
	for _, hidden := range []string{address, "[the file](" + address + ")"} {
		for _, shown := range []string{
			"summary: \"" + address + "\"", "summary: \"See [this page](" + address + ").\"",
			"links: [{title: More, url: \"" + address + "\"}]", "source: {title: Page, seen: \"" + address + "\"}",
		} {
			if got := Opened(file(hidden, "summary: Nothing."), file(hidden, shown)); len(got) != 1 {
				t.Errorf("from %s to %s: %q", hidden, shown, got)
			}
		}
	}
}

// TestOpenedToCombinations checks readers of several groups, who may see more than the
// readers of each.
func TestOpenedToCombinations(t *testing.T) {
	t.Parallel()
	file := func(division, fact string) *File {
		return parsed(t, "version: 1\ndivisions:\n  - {id: a, name: A}\n  - id: b\n    name: B\n"+
			"    audience: ["+division+"]\n    facts: {code: {text: swordfish, audience: ["+fact+"]}}\n")
	}
	for _, c := range []struct {
		before, after *File
		want          string
	}{
		{file("x", "y"), file("x", "y"), "[]"},
		{file("x", "y"), file("y", "x"), "[b is now shown to y]"},
		{file("x", "y"), file("x", "z"), "[b, code is now shown to x,z]"},
		{file("x", "y, z"), file("x", "y"), "[]"},
		{file("x", "y"), file("x", "y, z"), "[b, code is now shown to x,z]"},
		{file("x", "y"), file("x", "x"), "[b, code is now shown to x]"},
		{file("x", "y"), file("x", "public"), "[b, code is now shown to x]"},
		{file("x", "y"), file("x, y", "x, y"), "[b is now shown to y b, code is now shown to x, y]"},
	} {
		if got := fmt.Sprint(Opened(c.before, c.after)); got != c.want {
			t.Errorf("got %s, want %s", got, c.want)
		}
	}
}

// TestOpenedUnchanged checks that an unchanged file opens nothing, although it has the same
// text in more places, for more groups, than are compared.
func TestOpenedUnchanged(t *testing.T) {
	t.Parallel()
	var b strings.Builder
	b.WriteString("version: 1\ndivisions:\n")
	for i := range 2 * mostPlaces {
		fmt.Fprintf(&b, "- {id: d%d, name: Division, audience: [g%d], facts: {code: swordfish}, private: %t}\n",
			i, i, i%2 == 0)
	}
	read := func(text string) *File { // without the bound on audiences
		f := new(File)
		if err := readAll([]Input{{"acme.yaml", []byte(text)}}, f).Err(); err != nil {
			t.Fatal(err)
		}
		return f
	}
	f := read(b.String())
	if got := Opened(f, f); len(got) > 0 {
		t.Errorf("%q", got)
	}
	opened := read(strings.Replace(b.String(), ", audience: [g0]", "", 1))
	if got := Opened(f, opened); fmt.Sprint(got) != "[d0 is now shown to public d0, code is now shown to public]" {
		t.Errorf("%q", got)
	}
}

// TestIdentifiersIn checks which numbers and addresses are found in a text.
func TestIdentifiersIn(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]string{
		"":                                      "[]",
		"+1 (555) 010-4711":                     "[#15550104711 #0104711]",
		"call 5550104711 or 0104711":            "[#5550104711 #0104711 #0104711]",
		"1,250,000 of them, in 2026, 15 people": "[#1250000]",
		"12, 34, 56":                            "[]",
		"<A.B@c.example>, (x@y) or @us":         "[a.b@c.example x@y]",
	} {
		if got := fmt.Sprint(identifiersIn(text)); got != want {
			t.Errorf("%q has %s, not %s", text, got, want)
		}
	}
}
