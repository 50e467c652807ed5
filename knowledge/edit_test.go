package knowledge

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"testing"
)

// TestEdit compares the patches for the files in testdata/edit. Each has changes as JSON, one a
// line, then the knowledge files below lines such as "-- file.yaml --", and the diff.
// Below a line "-- file.yaml crlf --" the lines of the file end with CRLF, and below
// "-- file.yaml cut --" the last one has no end.
func TestEdit(t *testing.T) {
	t.Parallel()
	golden(t, "edit", "diff", func(input string) string {
		inputs, changes := editCase(t, input)
		patch, err := Edit(inputs, changes)
		if err != nil {
			return "error: " + err.Error() + "\n"
		}
		after, err := patch.Apply(inputs)
		if err != nil {
			t.Fatal(err)
		}
		before, err := patch.Reverse().Apply(after)
		if err != nil || fmt.Sprint(before) != fmt.Sprint(inputs) {
			t.Fatalf("undone: %v", err)
		}
		return strings.ReplaceAll(patch.Diff(), "\r\n", "<CR>\n")
	})
}

// editCase reads a file of testdata/edit.
func editCase(t testing.TB, input string) (inputs []Input, changes []Change) {
	t.Helper()
	head, rest, _ := strings.Cut(input, "-- ")
	for line := range strings.Lines(head) {
		if line = strings.TrimSpace(line); line == "" || line[0] == '#' {
			continue
		}
		var c Change
		decoder := json.NewDecoder(strings.NewReader(line))
		decoder.DisallowUnknownFields()
		if err := decoder.Decode(&c); err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		changes = append(changes, c)
	}
	for part := range strings.SplitSeq("\n"+"-- "+rest, "\n-- ") {
		if part == "" {
			continue
		}
		name, data, _ := strings.Cut(part, " --\n")
		if !strings.HasSuffix(data, "\n") {
			data += "\n"
		}
		name, form, _ := strings.Cut(name, " ")
		if strings.Contains(form, "crlf") {
			data = strings.ReplaceAll(data, "\n", "\r\n")
		}
		if strings.Contains(form, "cut") {
			data = strings.TrimRight(data, "\r\n")
		}
		if strings.Contains(form, "bom") {
			data = "\uFEFF" + data
		}
		inputs = append(inputs, Input{name, []byte(data)})
	}
	return inputs, changes
}

// TestVerify checks that a patch is refused that changes more or less than is wanted, or adds an
// error.
func TestVerify(t *testing.T) {
	t.Parallel()
	inputs := []Input{{"file.yaml", []byte("version: 1\ndivisions:\n  - {id: a, name: A}\n")}}
	for name, c := range map[string]struct{ from, to, want string }{
		"a wanted error":      {"A}", "A, aliases: [x], see_also: [c]}", "no division has that id"},
		"what is wanted":      {"A}", "A, aliases: [x]}", ""},
		"something else":      {"A}", "A, aliases: [y]}", "read in another way"},
		"more":                {"A}", "A, aliases: [x], questions: [y]}", "read in another way"},
		"an unknown key":      {"A}", "A, alias: [x]}", "no key alias"},
		"an error of a check": {"A}", "A, aliases: [x], see_also: [b]}", "read in another way"},
		"no YAML":             {"A}", "A, aliases: [x}", "3:"},
	} {
		old, _ := Parse(inputs)
		wanted, _ := Parse(inputs)
		wanted.Divisions[0].Aliases = []Line{{Text: "x"}}
		if name == "a wanted error" {
			wanted.Divisions[0].SeeAlso = []Line{{Text: "c"}}
		}
		at := bytes.Index(inputs[0].Data, []byte(c.from))
		patch := Patch{*newFilePatch("file.yaml", inputs[0].Data, []splice{{at, at + len(c.from), c.to}})}
		err := verify(inputs, patch, old, wanted, nil)
		if c.want == "" && err != nil || c.want != "" && (err == nil || !strings.Contains(err.Error(), c.want)) {
			t.Errorf("%s: %v, not %q", name, err, c.want)
		}
	}
}

// TestEditShipped edits the shipped file.
func TestEditShipped(t *testing.T) {
	t.Parallel()
	inputs, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	patch, err := Edit(inputs, []Change{
		{Kind: AddKeywords, Division: "administrative-operations", Topic: "fleet", Lines: []string{"bicycle", "Truck"}},
		{Kind: AddQuestions, Division: "administrative-operations", Lines: []string{"who pays for my bus pass"}},
		{Kind: AddDecline, Topic: "Parking in the city", Lines: []string{"where do I park downtown?"},
			Text: "Ask the city."},
		{Kind: AddSynonyms, Lines: []string{"cop", "bobby"}},
		{Kind: AddSynonyms, Lines: []string{"lift", "elevator"}},
		{Kind: AddResponsibility, Division: "administrative-operations", Topic: "Bicycles",
			Text: "Lends bicycles.", Lines: []string{"can I borrow a bike?"}},
		{Kind: AddKeywords, Division: "administrative-operations", Topic: "Bicycles", Lines: []string{"bike", "cycle"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	kept, err := json.Marshal(patch)
	if err != nil {
		t.Fatal(err)
	}
	after, err := patch.Apply(inputs)
	if err != nil {
		t.Fatal(err)
	}
	if again, err := Edit(after, []Change{{Kind: AddSynonyms, Lines: []string{"lift", "elevator"}}}); err != nil ||
		!again.Empty() {
		t.Errorf("the same once more: %v, %v", again.Diff(), err)
	}
	if _, err := patch.Apply(after); !errors.Is(err, ErrFileChanged) {
		t.Errorf("applied twice: %v", err)
	}
	var again Patch
	if err := json.Unmarshal(kept, &again); err != nil {
		t.Fatal(err)
	}
	before, err := again.Reverse().Apply(after)
	if err != nil || !bytes.Equal(before[0].Data, inputs[0].Data) {
		t.Errorf("not undone: %v", err)
	}
	if diff := patch.Diff(); strings.Count(diff, "\n@@ ") != 6 || strings.Count(diff, "\n-") != 2 {
		t.Errorf("the diff is\n%s", diff)
	}
}
