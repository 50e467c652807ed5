package draft

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"

	"frontdesk/knowledge"

	"github.com/google/go-cmp/cmp"
)

// nasty are texts that tables, YAML or spreadsheets could change.
var nasty = []string{"People", "=1+1", "'=1+1", "''x", "-", "- item", "+1 555 0100", "@home", "a, b; c", `say "hi"`,
	`back\slash`,
	`\n`, `\\n`, "null", "~", "yes", "NO", "911", "0x1f", "2026-11-26", "a: b", "#trade", "a #b", "[x]", "{y}", "<<",
	"Bürgerbüro", "日本", "👩‍🚀", "« quoted »", "“typographic”", "two  spaces", "tail:", "'s-Hertogenbosch", "%", "&anchor",
	"*alias", "!tag", "|", ">", "kind", "\u00a0x\u00a0y", "who pays me?", "‘a’", "e5", "1_000", ".inf", "=", "''=",
	"\ufffd",
	"a\u0301", "---", "...", "sep=;", "x\ty", strings.Repeat("word ", 60) + "end", strings.Repeat("lead: id: name: ", 15)}

// proseOnly are texts with several lines.
var proseOnly = []string{"one\ntwo", "one\n\n- a\n- b", "one\n  indented\nend", "a\n=b", "x\n\n\ny", "tab\n\tin",
	"lead: a\nid: b",
	"“quoted\nlines”", "trailing \nspace", "a\\\nb"}

type source struct{ r *rand.Rand }

func (s source) text(is string) string {
	_, lines := knowledge.TextLimit(is)
	if lines && s.r.IntN(3) == 0 {
		return proseOnly[s.r.IntN(len(proseOnly))]
	}
	t := nasty[s.r.IntN(len(nasty))]
	if strings.Contains(t, "\t") && !lines {
		return "x"
	}
	return strings.TrimSpace(t)
}

// fill puts random texts into a value of a File.
func (s source) fill(v reflect.Value, key, is string) {
	switch {
	case v.Type() == lineType:
		if s.r.IntN(3) > 0 {
			v.Set(reflect.ValueOf(line(s.text(is))))
		}
	case v.Kind() == reflect.Bool:
		v.SetBool(s.r.IntN(2) == 0)
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			f := v.Type().Field(i)
			s.fill(v.Field(i), f.Tag.Get("yaml"), f.Tag.Get("is"))
		}
		s.mend(v)
	case v.Kind() == reflect.Slice:
		n := s.r.IntN(4)
		if key == "divisions" {
			n++
		}
		if key == "between" || key == "synonyms" {
			n = 2
		}
		list := reflect.MakeSlice(v.Type(), n, n)
		for i := range n {
			s.fill(list.Index(i), "", is)
			if l, ok := list.Index(i).Addr().Interface().(*knowledge.Line); ok {
				l.Text = fmt.Sprint(s.text(is), i) // all different
				if key == "audience" {
					l.Text = fmt.Sprint("group-", s.r.IntN(4))
				}
			}
		}
		v.Set(list)
	}
}

// mend makes what is required valid.
func (s source) mend(v reflect.Value) {
	id := func() knowledge.Line { return line(fmt.Sprintf("d-%d", s.r.Uint32())) }
	switch e := v.Addr().Interface().(type) {
	case *knowledge.Division:
		e.ID, e.SeeAlso = id(), nil
		e.Name = line("N" + e.Name.Text)
	case *knowledge.Decline:
		e.ID = id()
	case *knowledge.Program:
		e.Name = line("P" + e.Name.Text)
	case *knowledge.NotFor:
		e.Text, e.See = line("T"+e.Text.Text), knowledge.Line{}
	case *knowledge.Link:
		e.URL = line("https://x.example/" + fmt.Sprint(s.r.IntN(9)))
	case *knowledge.Urgent:
		e.Phrases, e.Say = append(e.Phrases, line("gas leak")), line("Leave.")
	case *knowledge.TellApart:
		e.Say = line("S" + e.Say.Text)
	case *knowledge.Fact:
		text := s.text("")
		e.Label = line(fmt.Sprint(text[:min(len(text), 4)], s.r.IntN(3)))
		e.Label.Text = strings.ToValidUTF8(e.Label.Text, "")
		if s.r.IntN(2) == 0 {
			e.Label = line(append(factColumns, "id", "Budget", "Kind")[s.r.IntN(7)])
		}
	case *knowledge.FactText:
		e.Text = line("x" + e.Text.Text)
	case *knowledge.File:
		s.mendFile(e)
	}
}

func (s source) mendFile(f *knowledge.File) {
	f.Version, f.FalseAnswers = 1, knowledge.Line{}
	some := func() knowledge.Line { return f.Divisions[s.r.IntN(len(f.Divisions))].ID }
	for i := range f.Divisions {
		seen := map[string]bool{}
		var facts knowledge.Facts
		for _, fact := range f.Divisions[i].Facts {
			if !seen[fact.Label.Text] {
				facts = append(facts, fact)
			}
			seen[fact.Label.Text] = true
		}
		f.Divisions[i].Facts = facts
		f.Divisions[i].SeeAlso = []knowledge.Line{some()}
	}
	other := line("other")
	f.Divisions = append(f.Divisions, knowledge.Division{ID: other, Name: other})
	for i := range f.TellApart {
		f.TellApart[i].Between = []knowledge.Line{f.Divisions[0].ID, other}
	}
	f.Synonyms = nil
	if s.r.IntN(2) == 0 {
		f.Synonyms = [][]knowledge.Line{{line("labor"), line("labour")}}
	}
}

// TestRoundTrip writes random files as YAML and as a table, and reads them back.
func TestRoundTrip(t *testing.T) {
	t.Parallel()
	for seed := range uint64(100) {
		s := source{rand.New(rand.NewPCG(seed, 1))}
		var f knowledge.File
		s.fill(reflect.ValueOf(&f).Elem(), "", "")
		data := YAML(&f)
		read, problems := knowledge.Parse([]knowledge.Input{{Name: "random.yaml", Data: data}})
		if err := problems.Err(); err != nil {
			t.Fatalf("seed %d: %v\n%s", seed, err, data)
		}
		for _, p := range problems {
			if strings.HasPrefix(p.Message, "the text that begins") || strings.HasPrefix(p.Message, "the typographic") {
				t.Fatalf("seed %d: %v\n%s", seed, p, data)
			}
		}
		if again := YAML(read); string(again) != string(data) {
			t.Fatalf("seed %d: written again it is another file:\n%s", seed, cmp.Diff(string(data), string(again)))
		}
		roundTrip(t, read)
		if t.Failed() {
			t.Fatalf("seed %d", seed)
		}
	}
}

// TestShipped checks that the shipped file is the same after it was a table.
func TestShipped(t *testing.T) {
	t.Parallel()
	inputs, err := knowledge.Open("")
	if err != nil {
		t.Fatal(err)
	}
	f, problems := knowledge.Parse(inputs)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	roundTrip(t, f)
}

// TestLongLists checks that lists that are too long for a cell of a spreadsheet are in several.
func TestLongLists(t *testing.T) {
	t.Parallel()
	f := knowledge.File{Version: 1, Divisions: []knowledge.Division{{ID: line("a"), Name: line("A")}}}
	for i := range 1000 {
		f.Divisions[0].Questions = append(f.Divisions[0].Questions, line(fmt.Sprint(strings.Repeat("word ", 30), i)))
	}
	table := Table(&f)
	rows, err := parseCSV(string(table))
	if err != nil {
		t.Fatal(err)
	}
	const limit = 32_767 // characters of a cell in Excel
	for _, row := range rows {
		for _, cell := range row {
			if len(cell) > limit {
				t.Errorf("a cell has %d bytes", len(cell))
			}
		}
	}
	roundTrip(t, &f)
}

// FuzzTable checks that any table leads to a file without errors, or to a sentence, and that
// the file is the same after it was written as a table.
func FuzzTable(f *testing.F) {
	for _, row := range []string{"name,what it does,e-mail\nA,b,a@x.example\n",
		"kind,id,name,text\ndivision,a,A,=x\nmore,,,\n",
		"Unit;Handles;Phone\nA;b, c;+1 555 0100\n;d;\n", "sep=;\nTeam;FAQ\nA;How? Why?\n", "\"name\n,x", "name\n\x00"} {
		f.Add([]byte(row))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read("table.csv", data, Options{Seen: "2026-11-26"})
		if err != nil {
			return
		}
		checkDraft(t, d)
	})
}

// FuzzPage does the same with pages.
func FuzzPage(f *testing.F) {
	for _, page := range []string{
		"<h1>T</h1><h2>A</h2><p>b</p><ul><li>c: d</ul><h2>B</h2><a href=mailto:b@x.example>w</a>",
		"<table><tr><th>Team<th>Handles<tr><td rowspan=9>A<td>b<tr><td>c</table>",
		"<dl><dt>A<dd>b<dt>Phone<dd>555-010-0100</dl>",
		"<details><summary>A</summary><p>b</details>", "<p><b>A</b></p><p>b</p><p><b>C</b></p><p>Phone: 555-010-0100"} {
		f.Add([]byte(page))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d, err := Read("page.html", data, Options{Seen: "2026-11-26"})
		if err != nil {
			return
		}
		checkDraft(t, d)
	})
}

func checkDraft(t *testing.T, d *Draft) {
	data := YAML(&d.File)
	read, problems := knowledge.Parse([]knowledge.Input{{Name: "draft.yaml", Data: data}})
	if err := problems.Err(); err != nil {
		if d.whole {
			return // what people wrote into it is kept, and reported
		}
		t.Fatalf("%v\n%s", err, data)
	}
	roundTrip(t, read)
}
