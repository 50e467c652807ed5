package knowledge

import (
	"fmt"
	"strings"
	"testing"
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
