package knowledge

import (
	"fmt"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
)

// TestCheck compares the problems of the knowledge files in testdata/check.
func TestCheck(t *testing.T) {
	t.Parallel()
	golden(t, "check", "problems", func(input string) string {
		_, problems := Parse([]Input{{"file.yaml", []byte(input)}})
		var b strings.Builder
		for _, p := range problems {
			kind := "error"
			if p.Warning {
				kind = "warning"
			}
			fmt.Fprintf(&b, "%s: %s: %s\n", kind, p.Pos, p.Message)
		}
		return b.String()
	})
}

// TestShippedFileIsClean checks that the shipped file has no problems and enough keywords.
func TestShippedFileIsClean(t *testing.T) {
	t.Parallel()
	inputs, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	base, problems := Load(inputs)
	for _, p := range append(problems, base.Confusions()...) {
		t.Error(p)
	}
	for i, d := range base.File.Divisions {
		for _, h := range d.Handles {
			if n := len(h.Keywords); n < 15 || n > 40 {
				t.Errorf("%s: %q has %d keywords, not 15 to 40", d.ID, h.Topic, n)
			}
		}
		if i >= 10 {
			t.Errorf("an eleventh division: %s", d.ID)
		}
	}
}

// TestBrokenInputs reads files that are too large or too strange for testdata.
func TestBrokenInputs(t *testing.T) {
	t.Parallel()
	var bomb strings.Builder
	bomb.WriteString("version: 1\ndivisions:\n  - {id: first, name: First, questions: &q [" +
		strings.Repeat("a question, ", 2000) + "end]}\n")
	for i := range 1000 {
		fmt.Fprintf(&bomb, "  - {id: d%d, name: D%d, questions: *q}\n", i, i)
	}
	for name, c := range map[string]struct{ data, want string }{
		"empty":    {"", "file.yaml: the file is empty"},
		"blank":    {" \n\n", "file.yaml: the file is empty"},
		"comments": {"# nothing\n", "file.yaml: the file has only comments"},
		"not UTF-8": {
			"version: 1\ndivisions:\n  - {id: a, name: \xff}\n",
			"file.yaml:3:19: the byte 0xff is not UTF-8",
		},
		"UTF-16":      {"\xff\xfev\x00e\x00", "file.yaml:1:1: the byte 0xff is not UTF-8"},
		"control":     {"version: 1\nx: \x07\n", "file.yaml:2:4: the file cannot contain the control character U+0007"},
		"deep":        {strings.Repeat("[", 100_000), "file.yaml:1:65: the file is nested"},
		"deep dashes": {strings.Repeat("- ", 100_000) + "x", "file.yaml:1:129: the file is nested"},
		"headers":     {strings.Repeat("---\na\n", 100_000), "file.yaml:4:1: a second document"},
		"anchors":     {strings.Repeat("&a\n", 100_000) + "x", "cannot be read as YAML"},
		"keys": {
			"version: 1\n" + strings.Repeat("key: x\n", 100_000),
			"file.yaml:1001:1: this block has more than 1000 keys",
		},
		"long key": {"version: 1\n" + strings.Repeat("k", 1000) + ": x\n", "file.yaml:2:1: a key cannot be longer"},
		"no values": {
			"divisions:\n" + strings.Repeat("-\n", 100_000),
			"file.yaml:75003:1: up to this line the file has more lines",
		},
		"empty lines": {"a: |\n  x\n" + strings.Repeat("\n", 100_000), "neither version: 1 nor divisions"},
		"tabs":        {"a: \"" + strings.Repeat("\t", 100_000) + "x\"\n", "neither version: 1 nor divisions"},
		"angles":      {strings.Repeat("<", 100_000), "must be keys with values, not text"},
		"brackets": {
			"version: 1\ndivisions:\n- id: a\n  name: A\n  questions:\n" + strings.Repeat("  - \"what is a[i\"\n", 100),
			"",
		},
		"no division": {"version: 1\ndivisions:\n- {id: a, name: A}\n-\n", "file.yaml:4:3: a division is empty"},
		"too large":   {strings.Repeat("#", maxFileSize+1), "file.yaml: the file has 64 MiB"},
		"bomb":        {bomb.String(), "expand"},
		"no word": {
			"version: 1\ndivisions: [{id: a, name: A}]\nsynonyms: [[\"!!\", labor]]\n",
			"file.yaml:3:13: the synonym",
		},
		"BOM":  {"\uFEFFversion: 1\ndivisions: [{id: a, name: A}]\n", ""},
		"CRLF": {"version: 1\r\ndivisions:\r\n  - id: a\r\n    name: A\r\n", ""},
		"loop": {"version: 1\ndivisions: &d [*d]\n", "not a list"},
	} {
		_, problems := Parse([]Input{{"file.yaml", []byte(c.data)}})
		err := problems.Err()
		switch {
		case c.want == "" && err != nil:
			t.Errorf("%s: %v", name, err)
		case c.want != "" && err == nil:
			t.Errorf("%s: no error, not %q", name, c.want)
		case c.want != "" && !strings.Contains(err.Error(), c.want):
			t.Errorf("%s: %v, not %q", name, err, c.want)
		}
	}
}

// TestFolder reads the files of a folder as one.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml":  "version: 1\norganization: {name: Acme}\ndivisions: [{id: a, name: Apples}]\n",
		"b.yml":   "version: 1\ndivisions: [{id: b, name: Bananas, see_also: [a]}]\n",
		"c.txt":   "not read",
		".d.yaml": "not: read",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	base, problems := Load(inputs)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(base.Entries()) != 2 || base.File.Organization.Name.Text != "Acme" {
		t.Errorf("read %d divisions of %q", len(base.Entries()), base.File.Organization.Name)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no .yaml") {
		t.Errorf("an empty folder gives %v", err)
	}
	_, err = Open(filepath.Join(dir, "nothing.yaml"))
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file gives %v", err)
	}
}

// addCheckFiles adds the files in testdata/check as seeds.
func addCheckFiles(f *testing.F) {
	f.Helper()
	files, _ := filepath.Glob(filepath.Join("testdata", "check", "*.txt"))
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		input, _, _ := strings.Cut(string(data), "-- problems --\n")
		f.Add([]byte(input))
	}
}

// FuzzRead checks that no file makes the reader panic, that every problem has a message and
// a place, that reading is deterministic, and that in a file without errors all references
// are valid and no view has a hidden text.
func FuzzRead(f *testing.F) {
	addCheckFiles(f)
	f.Add([]byte(secretFile))
	for _, h := range hostileFiles(f) {
		f.Add(h.file(len(h.begin) + len(h.repeated)*3 + len(h.finish)))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		file, problems := Parse([]Input{{"file.yaml", data}})
		checkMarks(t, data)
		checkProblems(t, problems)
		lines := strings.Count(string(data), "\n") + strings.Count(string(data), "\r") + 1 // either ends a line
		for _, p := range problems {
			if p.Message == "" || p.Pos.Line > lines+1 || p.Pos.Line < 0 {
				t.Errorf("problem %q at line %d of %d", p.Message, p.Pos.Line, lines)
			}
		}
		again, same := Parse([]Input{{"file.yaml", data}})
		if !slices.Equal(problems, same) || !reflect.DeepEqual(file, again) {
			t.Errorf("the same file has the problems %v and %v", problems, same)
		}
		if problems.Err() == nil {
			checkFile(t, file, lines)
			if opened := Opened(file, file); len(opened) > 0 {
				t.Errorf("an unchanged file shows more: %q", opened)
			}
		}
	})
}

// checkFile checks a file without errors and its views.
func checkFile(t *testing.T, file *File, lines int) {
	t.Helper()
	if file.Version != 1 || len(file.Divisions) == 0 {
		t.Errorf("version %d with %d divisions has no error", file.Version, len(file.Divisions))
	}
	checkReferences(t, file)
	eachLine(reflect.ValueOf(file), nil, func(l Line) {
		if l.Pos.Line < 0 || l.Pos.Line > lines+1 || !utf8.ValidString(l.Text) || forbidden(l.Text) >= 0 ||
			strings.Contains(l.Text, placeholder) {
			t.Errorf("the text %q is in line %d of %d", l.Text, l.Pos.Line, lines)
		}
	})
	groups := file.Audiences()
	for _, a := range append([]Audience{"", AudienceOf(groups...)}, AudienceOf("a", "b", "employees")) {
		allowed := map[Line]bool{{}: true}
		eachLine(reflect.ValueOf(file), &a, func(l Line) { allowed[l] = true })
		view := file.For(a)
		eachLine(reflect.ValueOf(view), nil, func(l Line) {
			if !allowed[l] {
				t.Errorf("%s sees %q of line %d", a, l.Text, l.Pos.Line)
			}
		})
		checkReferences(t, view)
	}
	if len(groups) == 0 && !reflect.DeepEqual(file.For(""), file) {
		t.Error("nothing has an audience, but the public does not see everything")
	}
}

// checkReferences checks that the ids of the divisions differ, and that each reference is to
// one of them.
func checkReferences(t *testing.T, file *File) {
	t.Helper()
	ids := map[string]bool{"": true} // a missing reference
	for _, d := range file.Divisions {
		if id := d.ID.Text; ids[id] || !idForm.MatchString(id) || d.Name.Text == "" {
			t.Errorf("a division with the id %q and the name %q has no error", id, d.Name.Text)
		}
		ids[d.ID.Text] = true
	}
	var named []Line
	for _, d := range file.Divisions {
		named = append(named, d.SeeAlso...)
		for _, n := range d.NotFor {
			named = append(named, n.See)
		}
	}
	for _, a := range file.TellApart {
		named = append(named, a.Between...)
		if len(a.Between) != 2 || a.Between[0].Text == a.Between[1].Text {
			t.Errorf("%v are told apart", a.Between)
		}
	}
	for _, l := range named {
		if !ids[l.Text] {
			t.Errorf("%q in line %d is not the id of a division", l.Text, l.Pos.Line)
		}
	}
}

// eachLine calls do with every text in v that the readers may see.
func eachLine(v reflect.Value, readers *Audience, do func(Line)) {
	if l, ok := v.Interface().(Line); ok {
		do(l)
		return
	}
	switch v.Kind() {
	case reflect.Pointer:
		eachLine(v.Elem(), readers, do)
	case reflect.Struct:
		audience := v.FieldByName("Audience")
		if audience.IsValid() && readers != nil && !readers.sees(audience.Interface().([]Line)) {
			return
		}
		for i := range v.NumField() {
			eachLine(v.Field(i), readers, do)
		}
	case reflect.Slice:
		for i := range v.Len() {
			eachLine(v.Index(i), readers, do)
		}
	}
}
