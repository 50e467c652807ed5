package draft

import (
	"bytes"
	"fmt"
	"strings"
	"testing"
	"unicode/utf16"

	"frontdesk/knowledge"
)

// read makes a draft of a table or page.
func read(t *testing.T, name, source string) *Draft {
	t.Helper()
	d, err := Read(name, []byte(source), Options{Seen: "2026-11-26"})
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// TestEncodings reads one table in the encodings and with the delimiters of spreadsheets.
func TestEncodings(t *testing.T) {
	t.Parallel()
	const table = "Abteilung;Aufgaben;Telefon\r\nBürgerbüro;\"Pässe\r\nAusweise\";0711 2160\r\n"
	want := YAML(&read(t, "a.csv", table).File)
	if !bytes.Contains(want, []byte("name: Bürgerbüro")) || !bytes.Contains(want, []byte("topic: Ausweise")) {
		t.Fatalf("%s", want)
	}
	latin := strings.NewReplacer("ü", "\xfc", "ä", "\xe4").Replace(table)
	words := utf16.Encode([]rune(table))
	var little, big []byte
	for _, w := range words {
		little = append(little, byte(w), byte(w>>8))
		big = append(big, byte(w>>8), byte(w))
	}
	comma := strings.ReplaceAll(table, ";", ",")
	for name, source := range map[string]string{
		"UTF-8 with a mark":         "\ufeff" + table,
		"Windows-1252":              latin,
		"UTF-16, little end first":  "\xff\xfe" + string(little),
		"UTF-16, big end first":     "\xfe\xff" + string(big),
		"UTF-16 without a mark":     string(little),
		"big end without a mark":    string(big),
		"commas":                    comma,
		"tabs":                      strings.ReplaceAll(table, ";", "\t"),
		"a line sep=":               "sep=;\n" + table,
		"line ends of an old Mac":   strings.ReplaceAll(table, "\r\n", "\r"),
		"soft hyphens, wide spaces": strings.NewReplacer("büro", "bü\u00adro", "0711 ", "0711\u00a0").Replace(table),
	} {
		if got := YAML(&read(t, "a.csv", source).File); !bytes.Equal(got, want) {
			t.Errorf("%s:\n%s", name, got)
		}
	}
}

// TestDelimiters reads tables whose cells have more of another delimiter than rows have cells.
func TestDelimiters(t *testing.T) {
	t.Parallel()
	for _, source := range []string{
		"name,handles\nA,\"a;b;c;d;e\"\nB,\"a;b;c;d;e\"\nC,\"a;b;c;d;e\"\n",
		"name;handles\nA;a, b, c, d, e\nB;a, b, c, d, e\nC;a, b, c, d, e\n",
		"name\thandles\nA\ta; b, c; d, e\nB\ta; b, c; d, e\nC\ta; b, c; d, e\n",
		"name|handles\nA|a,b,c,d,e\nB|a,b,c,d,e\nC|a,b,c,d,e\n",
	} {
		d := read(t, "a.csv", source)
		if n := len(d.File.Divisions); n != 3 || len(d.File.Divisions[2].Handles) < 3 {
			t.Errorf("%q: %s", source, YAML(&d.File))
		}
	}
}

// TestRefused checks that what is no table or page leads to a sentence.
func TestRefused(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat("<div>", 600) + "<h2>A</h2><p>b"
	for _, c := range []struct{ name, source, want string }{
		{"a.csv", "", "the file is empty"},
		{"a.csv", " \n\t\n", "the file is empty"},
		{"a.xlsx", "PK\x03\x04…", "save it as CSV"},
		{"a.pdf", "%PDF-1.7", "this is a PDF"},
		{"a.csv", "a\x00b,c", "not a text file"},
		{"a.yaml", "version: 1", "a knowledge file already"},
		{"a.csv", "a@x.example,+1 555 0100\nb@x.example,+1 555 0101\n", "no row with the names of its columns"},
		{"a.csv", "just one text", "no table was found"},
		{"a.csv", "name,email\n", "no division was found"},
		{"a.csv", "Notes,Phone\na,1\n", "no column has the names"},
		{"a.csv", "sep=\"\nname\n", "names no delimiter"},
		{"a.csv", "name,x\n" + strings.Repeat("a,b\n", maxCells/2), "more than 500000 cells"},
		{"a.csv", "name" + strings.Repeat(",x", maxColumns) + "\n", "more than 300 columns"},
		{"a.html", deep, "exceeds 512 nodes"},
		{"a.html", strings.Repeat("<p>", maxTags+1), "tags; save only the part"},
		{"a.html", "<p>" + strings.Repeat(" ", maxPage), "more than 16 MiB"},
		{"a.md", "# A\n" + strings.Repeat("x", maxMarkdown), "more than 256 KiB"},
		{"a.md", "# A\n" + strings.Repeat("[a](", 30_000), "more than 8000 characters of markup"},
		{"a.csv", "kind,id,name\ndivision,A,A\n", "row 2: the id A may contain only"},
		{"a.csv", "kind,id,name\ndivision,a,A\ndivision,a,B\n", "row 3: the id a is already"},
		{"a.csv", "kind,id,name\nresponsibility,,A\n", "row 2: there is no division above"},
		{"a.csv", "kind,id,name\ndivision,a,A\nduty,a,B\n", `row 3: there is no kind "duty"; the kinds are division`},
		{"a.csv", "kind,id,name\ndivision,a,\n", "row 2: this division has no name"},
		{"level.csv", "name,email\na,a@x.example\n", "--level is for the headings of a page"},
		{"column.md", "# A\n## B\nc\n## D\ne\n", "--column is for tables"},
		{"column.csv", "kind,id,name\ndivision,a,A\n", "--column is for tables"},
	} {
		var o Options
		switch {
		case strings.HasPrefix(c.name, "level"):
			o.Level = 2
		case strings.HasPrefix(c.name, "column"):
			o.Columns = map[string]string{"A": "lead"}
		}
		_, err := Read(c.name, []byte(c.source), o)
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s %.40q: %v, want %q", c.name, c.source, err, c.want)
		}
	}
}

// TestHostile reads sources that would take hours, or all memory, where time grows with the
// square of their size. Each is as large as is allowed.
func TestHostile(t *testing.T) {
	t.Parallel()
	rows := func(n int, row func(i int) string) string {
		var b strings.Builder
		b.WriteString("name,handles,notes,keywords\n")
		for i := range n {
			b.WriteString(row(i))
		}
		return b.String()
	}
	for name, c := range map[string]struct{ file, source string }{
		"rows about one division": {"a.csv", rows(10_000, func(i int) string {
			return fmt.Sprintf("a,topic %d,note %d,word %d\n", i, i, i)
		})},
		"rows with one topic": {"a.csv", rows(10_000, func(i int) string { return fmt.Sprintf("a,b,%d,%d\n", i, i) })},
		"a cell with a list":  {"a.csv", "name,handles\na,\"" + strings.Repeat("x;", 100_000) + "\"\n"},
		"a cell with lines":   {"a.csv", "name,faq\na,\"" + strings.Repeat("Why? Who\n", 10_000) + "\"\n"},
		"an open quote":       {"a.csv", "name,handles\na,\"" + strings.Repeat("1 a@b.example 555-010-0100, ", 50_000)},
		"nested lists":        {"a.html", strings.Repeat("<ul><li>a", 200) + strings.Repeat("<li>b", 10_000)},
		"nested menus":        {"a.html", strings.Repeat("<div class=menu>", 400) + strings.Repeat("<p>b", 10_000)},
		"nested forms":        {"a.html", strings.Repeat("<table><tr><td>", 120) + strings.Repeat("<p>b", 10_000)},
		"bold that overlaps":  {"a.html", strings.Repeat("<b><p>x</b>", 5_000)},
		"headings":            {"a.html", strings.Repeat("<h2>A</h2><h3>Contact</h3><p>x", 10_000)},
		"a heading each":      {"a.html", strings.Repeat("<h6>A</h6>", 10_000)},
		"terms":               {"a.html", "<h1>A</h1><dl>" + strings.Repeat("<dt>Phone<dd>1", 10_000)},
		"spans of rows": {"a.html", "<table><tr><th>Team<th>Handles" +
			strings.Repeat("<tr><td rowspan=65000 colspan=1000>a<td rowspan=65000>b", 10_000)},
		"brackets":   {"a.md", "# A\n" + strings.Repeat(strings.Repeat("_a*", maxMarkup/2)+"\n\n", 4)},
		"quotations": {"a.md", "# A\n" + strings.Repeat("> ", 400) + strings.Repeat("- x\n\n", 10_000)},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := Read(c.file, []byte(c.source), Options{})
			if err != nil {
				return
			}
			_, problems := knowledge.Parse([]knowledge.Input{{Name: "a.yaml", Data: YAML(&d.File)}})
			if err := problems.Err(); err != nil {
				t.Errorf("%.300s", err)
			}
			if len(d.Unused) > mostUnused+1 {
				t.Errorf("%d texts are listed as unused", len(d.Unused))
			}
		})
	}
}

// TestGuard checks that guarded cells are no formulas, and that their guard is taken away.
func TestGuard(t *testing.T) {
	t.Parallel()
	for _, cell := range append(nasty, "", "'", "''", "'=", "=cmd|' /C calc'!A0") {
		guarded := Guard(cell)
		if guarded != "" && strings.Contains(formulaStarts, guarded[:1]) {
			t.Errorf("%q is a formula", guarded)
		}
		if got := unguard(guarded); got != cell {
			t.Errorf("%q became %q", cell, got)
		}
	}
}

// TestAsk answers the questions, all, some and none of them.
func TestAsk(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		answers []string
		want    string // a division, or the error
	}{
		{nil, "Buildings"},
		{[]string{""}, "Buildings"},
		{[]string{"Acme", "Water", "", "Pipes", "", "", ""}, "Water"},
		{[]string{"Acme", "", "", "Water"}, "Water"},
		{[]string{"Acme", "Roads", "", "", "", "Water", "x"}, "Water"},
		{[]string{"Acme"}, "no division was named"},
	} {
		rest := c.answers
		d, err := Ask(func(string) (string, bool) {
			if len(rest) == 0 {
				return "", false
			}
			answer := rest[0]
			rest = rest[1:]
			return answer, true
		})
		if err != nil {
			if err.Error() != c.want {
				t.Errorf("%q: %v", c.answers, err)
			}
			continue
		}
		if got := d.File.Divisions[len(d.File.Divisions)-1].Name.Text; got != c.want {
			t.Errorf("%q: %s, want %s", c.answers, got, c.want)
		}
		checkDraft(t, d)
	}
}

// TestIDs makes ids of names in several languages.
func TestIDs(t *testing.T) {
	t.Parallel()
	taken := map[string]bool{}
	for _, c := range [][2]string{{"Parks & Recreation", "parks-recreation"}, {"Parks, Recreation", "parks-recreation-2"},
		{"Clerk's Office", "clerks-office"}, {"Straßenbauamt", "strassenbauamt"}, {"Éducation", "education"},
		{"Łódź", "lodz"}, {"財務部", "division"}, {"人事部", "division-2"}, {"None", "division-none"}, {"911", "911"},
		{strings.Repeat("Department of the ", 9), "department-of-the-department-of-the-department-of-the"}} {
		if got := newID(taken, c[0], "division"); got != c[1] || !idForm.MatchString(got) {
			t.Errorf("%s: %s, want %s", c[0], got, c[1])
		}
	}
}
