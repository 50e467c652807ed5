package knowledge

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// TestCharacters checks which characters a file may contain, raw and escaped, in keys and in
// texts, and that the messages about the others can be printed.
func TestCharacters(t *testing.T) {
	t.Parallel()
	file := func(key, value string) string {
		return "version: 1\ndivisions:\n- id: a\n  name: A\n  facts:\n    " + key + ": " + value + "\n"
	}
	in := map[string]func(s string) string{ // a file with a text of JSON escapes, by its place
		"a key":      func(s string) string { return file(`"k`+s+`k"`, "v") },
		"a fact":     func(s string) string { return file("k", `"v`+s+`v"`) },
		"a name":     func(s string) string { return strings.Replace(file("k", "v"), "name: A", `name: "A`+s+`B"`, 1) },
		"an id":      func(s string) string { return strings.Replace(file("k", "v"), "id: a", `id: "a`+s+`b"`, 1) },
		"a keyword":  func(s string) string { return file("k", "v") + `  handles: [{keywords: ["w` + s + `w"]}]` },
		"a question": func(s string) string { return file("k", "v") + `  questions: ["w` + s + `w"]` },
		"an address": func(s string) string {
			return file("k", "v") + `  contact: {url: "https://a.example/` + s + `w"}`
		},
		"an alias":   func(s string) string { return file("k", `&x "v`+s+`v"`) + "    l: *x\n" },
		"a tag":      func(s string) string { return file("k", `!!str "v`+s+`v"`) },
		"an unknown": func(s string) string { return file("k", "v") + `  "u` + s + `u": w` },
		"a top key":  func(s string) string { return file("k", "v") + `"u` + s + `u": w` },
		"see":        func(s string) string { return file("k", "v") + `  see_also: ["w` + s + `w"]` },
	}
	severalLines := map[string]bool{"a fact": true, "a question": true, "an alias": true, "a tag": true}
	for escape, r := range map[string]rune{
		`\e`: 0x1b, `\0`: 0, `\a`: 7, `\b`: 8, `\r`: '\r', `\x7f`: 0x7f, `\N`: 0x85, `\x9b`: 0x9b, `\L`: 0x2028,
		`\P`:     0x2029,
		`\u202e`: 0x202e, `\u2066`: 0x2066, `\u200e`: 0x200e, `\u061c`: 0x61c, `\u200b`: 0x200b, `\u200d`: 0x200d,
		`\u2060`: 0x2060, `\u00ad`: 0xad, `\ufeff`: 0xfeff,
		`\ufff9`: 0xfff9, `\ufdd1`: 0xfdd1, `\uffff`: 0xffff, `\U000e0041`: 0xe0041, `\U000e0001`: 0xe0001,
		`\u3164`: 0x3164, `\ufe0f\ufe0f`: 0xfe0f, `\u034f`: 0x34f,
		`\n`: '\n', `\n::error::`: '\n', `\t`: '\t',
	} {
		for where, text := range in {
			data := text(escape)
			_, problems := Parse([]Input{{"file.yaml", []byte(data)}})
			checkProblems(t, problems)
			err := problems.Err()
			if severalLines[where] && (r == '\n' || r == '\t') {
				if err != nil {
					t.Errorf("%s with %s: %v", where, escape, err)
				}
				continue
			}
			if err == nil || !strings.Contains(err.Error(), "file.yaml:") {
				t.Errorf("%s with %s gives %v", where, escape, err)
			}
		}
		if r == '\n' || r == '\t' || r == 0xfe0f {
			continue
		}
		for where, data := range map[string]string{ // not escaped
			"a plain text": file("k", "v"+string(r)+"v"), "a block text": file("k", "|\n      v"+string(r)+"v"),
			"a folded text": file("k", ">\n      v"+string(r)+"v"),
			"a comment":     file("k", "v # "+string(r)+"v"), "an anchor": file("k", "&x"+string(r)+" v"),
			"an alias": file("k", "*x"+string(r)), "a tag": file("k", "!x"+string(r)+" v"),
			"a key": file("k"+string(r)+"k", "v"), "a quoted text": file("k", "'v"+string(r)+"v'"),
		} {
			_, problems := Parse([]Input{{"file.yaml", []byte(data)}})
			checkProblems(t, problems)
			line := 1 + strings.Count(data[:strings.IndexRune(data, r)], "\n")
			err := problems.Err()
			if err == nil || !strings.Contains(err.Error(), fmt.Sprintf("file.yaml:%d:", line)) {
				t.Errorf("%s with %U gives %v", where, r, err)
			}
		}
	}
	for _, s := range []string{ // real texts
		"naïve", "e\u0301", "國", "👩\u200d🚒", "❤\ufe0f\u200d🔥", "می\u200cخواهم", "क्\u200dष", "葛\U000e0100",
		"\u00a0", "½ — “x” …", "\u0600\u0661", "\ue000", "\ufffd", "שלום", `\ud83d\ude00`, `\/`, `\\`,
	} {
		for where, text := range in {
			if where == "an id" || where == "an unknown" || where == "a top key" || where == "see" {
				continue
			}
			if _, problems := Parse([]Input{{"file.yaml", []byte(text(s))}}); problems.Err() != nil {
				t.Errorf("%s with %q: %v", where, s, problems.Err())
			}
		}
	}
}

// TestTextForms reads unusual ways to write a text in YAML.
func TestTextForms(t *testing.T) {
	t.Parallel()
	for written, want := range map[string]string{
		`x`: "x", `'it''s'`: "it's", `"a\"b"`: `a"b`, `"\u0041\x42\U00000043"`: "ABC",
		`"\ud83d\ude00 \\ud83d\\ude00"`: `😀 \ud83d\ude00`,
		`"https:\/\/a.example\/"`:       "https://a.example/", `"a\\/b"`: `a\/b`, `911`: "911", `1.50`: "1.50",
		`true`: "true", `No`: "No", `2026-11-23`: "2026-11-23",
		`0x1F`: "0x1F", `1_000`: "1_000", `.inf`: ".inf", `~`: "", `null`: "", `""`: "", `!!str 1`: "1",
		`!x y`: "y", `&a y`: "y", `"\r\nx\r\ny"`: "x\ny",
		"|\n      a\n       b\n\n      c\n": "a\n b\n\nc", ">\n      a\n      b\n\n      c\n": "a b\nc",
		"|+\n      a\n\n\n": "a", "x\n      y\n      z": "x y z",
		"\"x\n      y\\\n      z\"": "x yz", `who pays me?`: "who pays me?", `? x`: "? x", `a?b`: "a?b",
		`https://a.example/?q=1&b`: "https://a.example/?q=1&b", `a#b`: "a#b", `a:b`: "a:b", `-1`: "-1", `- x`: "",
	} {
		data := "version: 1\ndivisions:\n- id: a\n  name: A\n  facts:\n    k: " + written + "\n"
		f, problems := Parse([]Input{{"file.yaml", []byte(data)}})
		if written == `- x` {
			if problems.Err() == nil {
				t.Errorf("%q has no error", written)
			}
			continue
		}
		if err := problems.Err(); err != nil {
			t.Errorf("%q: %v", written, err)
			continue
		}
		if got := f.Divisions[0].Facts[0].Text.Text; got != want {
			t.Errorf("%q is read as %q, not %q", written, got, want)
		}
	}
	flow := `{"version":1,"divisions":[{"id":"a","name":"A","questions":[who pays me?, "why?", is it a? b,what?]}]}`
	f, problems := Parse([]Input{{"file.yaml", []byte(flow)}})
	err := problems.Err()
	if err != nil || fmt.Sprint(f.Divisions[0].Questions) != "[who pays me? why? is it a? b what?]" {
		t.Errorf("%v: %+v", err, f.Divisions)
	}
}

// TestSyntax checks the place and the message of YAML errors.
func TestSyntax(t *testing.T) {
	t.Parallel()
	begin := "version: 1\ndivisions:\n"
	many := strings.Repeat("- {id: a, name: A}\n", 50)
	for _, c := range []struct{ text, want string }{
		{begin + "  - id: a\n    name: \"A\n    x: y\n",
			"4:11: the text that begins here with \" has no closing quote"},
		{begin + "  - id: a\n    name: 'A\n", "4:11: the text that begins here with ' has no closing quote"},
		{begin + "  - id: a\n    name: \"A\n    x: \"b\"\n    y: c\n",
			"4:11: the text that begins here with \" has no closing quote"},
		{begin + "  - id: a\n\tname: A\n", "4:1: a line cannot be indented with a tab"},
		{begin + "  - id: a\n    name: A\n  \tsummary: x\n", "5:3: a line cannot be indented with a tab"},
		{begin + "  - id: a\n    name: @A\n", "4:11: a text cannot begin with @ without quotes"},
		{begin + "  - id: a\n    aliases: [b, `A]\n", "4:18: a text cannot begin with ` without quotes"},
		{begin + "  - id: a\n    name: A: B\n    summary: r\n",
			"4:12: text without quotes cannot contain a colon followed by a space"},
		{begin + many + "- id: a\n  name: A\n   summary: x\n", "55:4: this key is indented by 3 spaces"},
		{begin + many + "- id: a\n  name: A\n summary: x\n- id: b\n", "55:2: this line is indented by 1 space"},
		{begin + many + "- id: a\n  questions:\n    - a\n   - b\n", "56:4: this line is indented by 3 spaces"},
		{begin + many + "- id: a\n  questions: [a, b\n- id: c\n" + many,
			"54:14: the list that opens here with [ is not closed"},
		{begin + many + "- id: a\n  questions: [a, b]]\n- id: c\n" + many, "54:20: text follows the closing bracket"},
		{begin + many + "- id: a\n  just text\n  name: A\n", "54:3: a key with a colon is expected here"},
		{begin + many + "- {id: a, name: A\n- {id: b, name: B}\n" + many,
			"53:3: the block of keys that opens here with { is not closed"},
		{begin + many + "- id: a\n  name: 'A'b\n  summary: r\n", "54:12: text follows the closing quote"},
		{begin + "- id: a\n  name: \"A \\q\"\n",
			"4:12: between double quotes a backslash cannot precede this character"},
		{begin + "- id: a\n  name: \"\\ud800\"\n", "4:10: this escape names no character"},
		{begin + "- id: a\n  summary: |x\n    y\n", "4:12: a text cannot begin with | without quotes"},
		{begin + "- id: a\n  name: *nobody\n", "4:9: YAML reads *nobody as a reference to an anchor &nobody"},
		{begin + "- id: a\n  name: A\n  <<: {x: y}\n", "5:3: the merge key << is not part of the format"},
		{begin + "- id: a\n  name: A\n  [x]: y\n", "5:3: a key must be a text, not a list"},
		{begin + "- {id:a, name: A}\n", "3:4: a division has no key id:a; write a space after the colon"},
		{strings.Repeat("[", 20_000), "1:65: the file is nested too deeply here"},
		{begin + strings.Repeat("- ", 20_000), "3:129: the file is nested too deeply here"},
	} {
		_, problems := Parse([]Input{{"file.yaml", []byte(c.text)}})
		if err := problems.Err(); err == nil || !strings.HasPrefix(err.Error(), "file.yaml:"+c.want) {
			t.Errorf("…%q gives %v, not %s", c.text[max(0, len(c.text)-60):], err, c.want)
		}
	}
}

// TestForeignFiles checks that no message quotes a file that is not a knowledge file.
func TestForeignFiles(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		"root:hush:19000:0:99999:7:::\ndaemon:*:19000:0:99999:7:::\n",
		"hush: hush\nother: hush\n", "{hush: hush}", "- hush\n", "hush", "\"hush", "[hush", "*hush", "a: *hush",
		"&hush", "hush: &hush hush: hush",
		"-----BEGIN PRIVATE KEY-----\nhush\n-----END PRIVATE KEY-----\n", "@hush", "hush\n---\nhush\n",
		"a:\n\thush\n", "hush: \"\\q hush\"\n", "!hush hush", "%hush\n---\nhush",
		"version: \"3\"\nservices:\n  hush: {environment: {PASSWORD: hush}}\n", "version: hush\nhush: hush",
		"a: |\n  version: 1\nhush: hush\n", "# hush\n", "hush\x00", "hush\xff", "divisionss: hush\n",
		strings.Repeat("hush: hush\n", 2000), strings.Repeat("[hush,", 20_000), "!!hush {hush: hush}",
		"? hush\n: hush\n",
	} {
		_, problems := Parse([]Input{{"file.yaml", []byte(text)}})
		err := problems.Err()
		if err == nil || strings.Contains(err.Error(), "hush") {
			t.Errorf("%.50q gives %v", text, err)
		}
		if _, _, why := NotYAML([]byte(text)); strings.Contains(why, "hush") {
			t.Errorf("%.50q gives %v", text, why)
		}
	}
}

// TestFolderBounds checks that a folder with too many or too large files is refused.
func TestFolderBounds(t *testing.T) {
	t.Parallel()
	many := t.TempDir()
	for i := range maxFiles + 1 {
		file := filepath.Join(many, fmt.Sprintf("%d.yaml", i))
		if err := os.WriteFile(file, []byte("version: 1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const tooMany = "more than 2,000 .yaml and .yml files; join some of them"
	if _, err := Open(many); err == nil || !strings.Contains(err.Error(), tooMany) {
		t.Errorf("%v", err)
	}
	if names, err := files(many); names != nil || err == nil {
		t.Errorf("%d files are listed", len(names))
	}
	if err := os.Remove(filepath.Join(many, "0.yaml")); err != nil {
		t.Fatal(err)
	}
	if inputs, err := Open(many); len(inputs) != maxFiles || err != nil {
		t.Errorf("%d files, %v", len(inputs), err)
	}

	large := t.TempDir()
	for name, size := range map[string]int64{"a.yaml": maxFileSize - 1, "b.yaml": 2} {
		f, err := os.Create(filepath.Join(large, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(size); err != nil { // a sparse file takes no disk space
			t.Fatal(err)
		}
		_ = f.Close()
	}
	const tooLarge = ": the files of the folder together have more than 64 MiB"
	if _, err := Open(large); err == nil || !strings.Contains(err.Error(), large+tooLarge) {
		t.Errorf("%v", err)
	}
	if _, err := Open(filepath.Join(large, "b.yaml")); err != nil {
		t.Error(err)
	}
}

// TestFileNames checks that file names with control characters or commands are escaped in
// messages.
func TestFileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a\n::error::x.yaml", "b\x1b]0;x\x07.yaml", "c\u202ex.yaml"} {
		data := []byte("version: 1\ndivisions: [{id: a, nam: A}, {id: b}]\n")
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, problems := Parse(inputs)
	checkProblems(t, problems)
	if len(problems) < 3*len(inputs) {
		t.Errorf("%d problems", len(problems))
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "d\n::error::.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}

// TestBroken compares the problems of the broken files in testdata/broken: the line and
// column of the cause, what is there, and what to write instead. A line that begins
// with ## begins a file.
func TestBroken(t *testing.T) {
	t.Parallel()
	golden(t, "broken", "problems", func(input string) string {
		var b strings.Builder
		for _, c := range strings.Split("\n"+input, "\n## ")[1:] {
			name, text, _ := strings.Cut(c, "\n")
			fmt.Fprintf(&b, "## %s\n", name)
			_, problems := Parse([]Input{{"file.yaml", []byte(text)}})
			checkProblems(t, problems)
			crlf := []byte(strings.ReplaceAll(text, "\n", "\r\n"))
			if _, same := Parse([]Input{{"file.yaml", crlf}}); !slices.Equal(same, problems) {
				t.Errorf("%s: with CRLF it has %v", name, same)
			}
			for _, p := range problems {
				kind := "error"
				if p.Warning {
					kind = "warning"
				}
				fmt.Fprintf(&b, "%s: %s: %s\n", kind, p.Pos, p.Message)
			}
		}
		return b.String()
	})
}
