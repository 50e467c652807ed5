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
	t.Log(patch.Diff())
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
	before, err := patch.Reverse().Apply(after)
	if err != nil || !bytes.Equal(before[0].Data, inputs[0].Data) {
		t.Errorf("not undone: %v", err)
	}
}
