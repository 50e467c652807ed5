package knowledge

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"
)

// randomPatches is how many random patches the test makes in all.
const randomPatches = 1000

// TestRandomPatches makes random changes to forms of the shipped file, written in many ways, and
// checks that nothing but the lines of the change differs: all bytes of the file are still
// there in their order, it is read as the old file with the change, there are no new
// problems that are errors, and the patch can be undone.
func TestRandomPatches(t *testing.T) {
	t.Parallel()
	inputs, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	var tree yaml.Node
	if err := yaml.Unmarshal(inputs[0].Data, &tree); err != nil {
		t.Fatal(err)
	}
	const seed, parts = 15, 20
	for part := range parts {
		t.Run(fmt.Sprint(part), func(t *testing.T) {
			t.Parallel()
			r := rand.New(rand.NewPCG(seed, uint64(part)))
			for i := range randomPatches / parts {
				data := randomForm(t, r, inputs[0].Data, tree.Content[0])
				checkRandomPatch(t, r, data)
				if t.Failed() {
					t.Fatalf("seed %d, part %d, patch %d", seed, part, i)
				}
			}
		})
	}
}

// TestRandomPatchesShipped makes some changes to the whole shipped file, with each kind of line
// end.
func TestRandomPatchesShipped(t *testing.T) {
	t.Parallel()
	inputs, err := Open("")
	if err != nil {
		t.Fatal(err)
	}
	r := rand.New(rand.NewPCG(15, 15))
	for range 3 {
		checkRandomPatch(t, r, inputs[0].Data)
		checkRandomPatch(t, r, bytes.ReplaceAll(inputs[0].Data, []byte("\n"), []byte("\r\n")))
	}
}

// TestRandomPatchesFields makes some changes to the files of several organizations.
func TestRandomPatchesFields(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("ranking", "testdata", "*", "*", "knowledge.yaml"))
	if err != nil || len(files) < 3 {
		t.Fatalf("%d files: %v", len(files), err)
	}
	r := rand.New(rand.NewPCG(15, 16))
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for range 3 {
			checkRandomPatch(t, r, data)
		}
	}
}

// checkRandomPatch makes some random changes to a file.
func checkRandomPatch(t *testing.T, r *rand.Rand, data []byte) {
	t.Helper()
	inputs := []Input{{"file.yaml", data}}
	wanted, problems := Parse(inputs)
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, data)
	}
	var changes []Change
	for range 1 + r.IntN(4) {
		changes = append(changes, randomChange(r, wanted))
	}
	patch, err := Edit(inputs, changes)
	if err != nil {
		t.Fatalf("%+v: %v\n%s", changes, err, data)
	}
	after, err := patch.Apply(inputs)
	if err != nil {
		t.Fatal(err)
	}
	got, problems := Parse(after)
	if err := problems.Err(); err != nil {
		t.Fatalf("%+v: %v\n%s", changes, err, patch.Diff())
	}
	if a, b := fmt.Sprintf("%+v", *wanted), fmt.Sprintf("%+v", *got); a != b {
		t.Fatalf("%+v:\n%s\n%s", changes, patch.Diff(), cmp.Diff(strings.Fields(a), strings.Fields(b)))
	}
	checkHunks(t, patch, data, after[0].Data)
	before, err := patch.Reverse().Apply(after)
	if err != nil || !bytes.Equal(before[0].Data, data) {
		t.Fatalf("%+v: not undone: %v", changes, err)
	}
	if a, b := strings.Count(string(data), "\r\n"), strings.Count(string(data), "\n"); a == b {
		if a, b := bytes.Count(after[0].Data, []byte("\r\n")), bytes.Count(after[0].Data, []byte("\n")); a != b {
			t.Fatalf("%+v: %d of %d lines end with CRLF", changes, a, b)
		}
	} else if a == 0 && bytes.Contains(after[0].Data, []byte("\r")) {
		t.Fatalf("%+v: a line ends with CRLF", changes)
	}
	if bytes.HasSuffix(data, []byte("\n")) != bytes.HasSuffix(after[0].Data, []byte("\n")) {
		t.Fatalf("%+v: the end of the last line is not as it was", changes)
	}
}

// emptyForm matches what stands for an empty list.
var emptyForm = regexp.MustCompile(` *\[ *\]| ~| null`)

// checkHunks checks that the lines outside the hunks are the same before and after, and that the
// lines inside keep all of their text, apart from what stands for an empty list.
func checkHunks(t *testing.T, patch Patch, before, after []byte) {
	t.Helper()
	old, now := splitLines(before), splitLines(after)
	at, moved := 0, 0
	for _, h := range patch[0].Hunks {
		first := h.Line - 1
		for ; at < first; at++ {
			if old[at] != now[at+moved] {
				t.Fatalf("line %d is %q, not %q\n%s", at+1, now[at+moved], old[at], patch.Diff())
			}
		}
		removed, added := strings.Join(h.Removed, ""), strings.Join(h.Added, "")
		kept := emptyForm.ReplaceAllString(removed, "")
		if !isSubsequence(removed, added) && !isSubsequence(kept, added) {
			t.Fatalf("text is lost\n%s", patch.Diff())
		}
		at += len(h.Removed)
		moved += len(h.Added) - len(h.Removed)
	}
	for ; at < len(old); at++ {
		if old[at] != now[at+moved] {
			t.Fatalf("line %d is %q, not %q\n%s", at+1, now[at+moved], old[at], patch.Diff())
		}
	}
}

// isSubsequence reports whether a text is another one without some of its bytes.
func isSubsequence(text, of string) bool {
	for ; len(text) > 0; text = text[1:] {
		i := strings.IndexByte(of, text[0])
		if i < 0 {
			return false
		}
		of = of[i+1:]
	}
	return true
}

// randomTexts are texts that YAML reads in another way without quotes, and others.
var randomTexts = []string{
	"who pays me", "who?", "a: b", "it's", `say "hi"`, "[x]", "#5", "C# or", "naïve — “no”", "x, y", "- z", "null",
	"50%", `a\b`, "@you", "key:", "{}", "it is 5", "O'Hara's \"place\"", "*star", "&and", "!no", "? why", "日本",
}

// randomChange makes a change to the file in memory, and describes it.
func randomChange(r *rand.Rand, f *File) Change {
	var lines []string
	var added []Line
	for range 1 + r.IntN(4) {
		s := fmt.Sprintf("%s %d", randomTexts[r.IntN(len(randomTexts))], r.Uint32())
		lines, added = append(lines, s), append(added, Line{Text: s})
	}
	d := &f.Divisions[r.IntN(len(f.Divisions))]
	c := Change{Kind: ChangeKind(r.IntN(len(changeKinds))), Division: d.ID.Text, Lines: lines}
	switch c.Kind {
	case AddQuestions, AddKeywords:
		names := []string{""}
		for _, h := range d.Handles {
			names = append(names, h.Topic.Text)
		}
		for _, p := range d.Programs {
			names = append(names, p.Name.Text)
		}
		n := r.IntN(len(names))
		c.Topic = names[n]
		n = slices.Index(names, c.Topic) - 1 // of several with a name, the first one
		questions, keywords := &d.Questions, &d.Aliases
		if n >= len(d.Handles) {
			questions, keywords = &d.Programs[n-len(d.Handles)].Questions, &d.Programs[n-len(d.Handles)].Keywords
		} else if n >= 0 {
			questions, keywords = &d.Handles[n].Questions, &d.Handles[n].Keywords
		}
		if c.Kind == AddQuestions {
			*questions = append(*questions, added...)
		} else {
			*keywords = append(*keywords, added...)
		}
	case AddAliases:
		d.Aliases = append(d.Aliases, added...)
	case AddResponsibility:
		c.Topic, c.Text = fmt.Sprintf("New %d", r.Uint32()), "Does it: \"all\"."
		if r.IntN(3) == 0 {
			c.Text = "Does it:\n\n- all\n- #1"
		}
		d.Handles = append(d.Handles, Responsibility{
			Topic: Line{Text: c.Topic}, Text: Line{Text: c.Text}, Questions: added})
	case AddDecline:
		n := r.Uint32()
		c.Division, c.Topic, c.Text = "", fmt.Sprintf("Topic %d", n), "See #5: *there*"
		f.Declines = append(f.Declines, Decline{ID: Line{Text: fmt.Sprintf("topic-%d", n)},
			Topic: Line{Text: c.Topic}, Questions: added, Answer: Line{Text: c.Text}})
	case AddSynonyms:
		c.Division = ""
		if len(lines) < 2 {
			return randomChange(r, f)
		}
		if len(f.Synonyms) > 0 && r.IntN(2) == 0 {
			i := r.IntN(len(f.Synonyms))
			c.Lines = append(c.Lines, f.Synonyms[i][0].Text)
			f.Synonyms[i] = append(f.Synonyms[i], singleWords(added, c.Lines)...)
			return c
		}
		f.Synonyms = append(f.Synonyms, singleWords(added, c.Lines))
	}
	return c
}

// singleWords makes the lines single words, because synonyms are.
func singleWords(added []Line, lines []string) []Line {
	for i := range added {
		added[i].Text = added[i].Text[strings.LastIndex(added[i].Text, " ")+1:] + "x"
		lines[i] = added[i].Text
	}
	return added
}

// randomForm is a part of a file, written in a random way.
func randomForm(t *testing.T, r *rand.Rand, data []byte, tree *yaml.Node) []byte {
	t.Helper()
	switch r.IntN(20) {
	case 0:
		data = sprinkled(r, cutLines(r, data))
	case 1:
		var content map[string]any
		if err := reduced(r, tree).Decode(&content); err != nil {
			t.Fatal(err)
		}
		form, err := json.MarshalIndent(content, "", strings.Repeat(" ", 1+r.IntN(4)))
		if err != nil {
			t.Fatal(err)
		}
		data = sprinkled(r, append(form, '\n'))
	default:
		data = newForm(r, reduced(r, tree))
	}
	if r.IntN(4) == 0 {
		data = bytes.ReplaceAll(data, []byte("\n"), []byte("\r\n"))
	}
	if r.IntN(4) == 0 {
		data = bytes.TrimRight(data, "\r\n")
	}
	if r.IntN(8) == 0 {
		data = append([]byte("\uFEFF"), data...)
	}
	return data
}

// cutLines is the head of the shipped file, one of its divisions, and some of the lines below
// the divisions, as they are written.
func cutLines(r *rand.Rand, data []byte) []byte {
	head, rest, _ := strings.Cut(string(data), "  - id: ")
	rest, end, _ := strings.Cut(rest, "\ntell_apart:\n")
	divisions := strings.Split(rest, "\n  - id: ")
	division := divisions[r.IntN(len(divisions))]
	division, _, _ = strings.Cut(division, "\n    see_also:") // it names other divisions, and not_for does as well
	_, synonyms, _ := strings.Cut(end, "\nsynonyms:\n")
	synonyms, end, _ = strings.Cut(synonyms, "\nurgent:\n")
	_, declines, _ := strings.Cut(end, "\ndeclines:\n")
	topics := strings.Split(declines, "\n  - id: ")
	return []byte(head + "  - id: " + division + "\nsynonyms:\n" + strings.Join(strings.Split(synonyms, "\n")[:3], "\n") +
		"\ndeclines:\n" + strings.Join(topics[:1+r.IntN(3)], "\n  - id: ") + "\n")
}

// reduced is a small part of a tree. Some lists are empty or left out.
func reduced(r *rand.Rand, n *yaml.Node) *yaml.Node {
	part := *n
	part.Content = nil
	const most = 3 // items of a list
	if all := n.Content; n.Kind == yaml.MappingNode {
		for i := 0; i < len(all); i += 2 {
			switch all[i].Value {
			case "see_also", "not_for", "tell_apart", "urgent": // they name other divisions
				continue
			}
			if v := reducedValue(r, all[i].Value, all[i+1]); v != nil {
				part.Content = append(part.Content, all[i], v)
			}
		}
	} else if len(all) > 0 {
		from := r.IntN(len(all))
		for _, c := range all[from:min(len(all), from+1+r.IntN(most))] {
			part.Content = append(part.Content, reduced(r, c))
		}
	}
	return &part
}

// reducedValue is a part of the value of a key, or nil.
func reducedValue(r *rand.Rand, key string, v *yaml.Node) *yaml.Node {
	switch key {
	case "keywords", "questions", "aliases", "handles", "declines", "synonyms":
		switch r.IntN(12) {
		case 0:
			return nil
		case 1:
			return &yaml.Node{Kind: yaml.SequenceNode, Tag: "!!seq"}
		case 2:
			return &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
		}
	}
	return reduced(r, v)
}

// sprinkled is a file of which no text has several lines, with comments and empty lines.
func sprinkled(r *rand.Rand, data []byte) []byte {
	often := r.IntN(4)
	var b bytes.Buffer
	for line := range bytes.Lines(data) {
		line = bytes.TrimSuffix(line, []byte("\n"))
		b.Write(line)
		if r.IntN(20) < often && len(bytes.TrimSpace(line)) > 0 {
			b.WriteString([]string{" # a note", "   # it's: \"[", "\t# x", "  "}[r.IntN(4)])
		}
		b.WriteString("\n")
		if r.IntN(20) < often {
			b.WriteString([]string{"", "# a comment", "      # - old", " # x", "   # don't [ {"}[r.IntN(5)] + "\n")
		}
	}
	return b.Bytes()
}

// FuzzEdit edits any file: it never panics, and a patch can be applied and undone.
func FuzzEdit(f *testing.F) {
	files, err := filepath.Glob(filepath.Join("testdata", "edit", "*.txt"))
	if err != nil || len(files) == 0 {
		f.Fatalf("no files: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		input, _, _ := strings.Cut(string(data), "-- diff --\n")
		inputs, _ := editCase(f, input)
		for kind := range changeKinds {
			f.Add(inputs[0].Data, uint8(kind), "a: new", 1)
			f.Add(inputs[0].Data, uint8(kind), "it's,\n#1", 0)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte, kind uint8, line string, topic int) {
		inputs := []Input{{"file.yaml", data}}
		file, problems := Parse(inputs)
		if problems.Err() != nil {
			return // there is no file to edit
		}
		c := Change{Kind: ChangeKind(kind) % AddSynonyms, Lines: []string{line, line + " 2"}, Topic: "new"}
		d := &file.Divisions[max(0, topic)%len(file.Divisions)]
		if c.Division = d.ID.Text; c.Kind == AddQuestions || c.Kind == AddKeywords {
			c.Topic = ""
			if topic > 0 && len(d.Handles) > 0 {
				c.Topic = d.Handles[topic%len(d.Handles)].Topic.Text
			}
		}
		patch, err := Edit(inputs, []Change{c})
		if err != nil {
			if s := err.Error(); s == "" || !utf8.ValidString(s) {
				t.Errorf("error %q", s)
			}
			return
		}
		after, err := patch.Apply(inputs)
		if err != nil {
			t.Fatal(err)
		}
		if before, err := patch.Reverse().Apply(after); err != nil || !bytes.Equal(before[0].Data, data) {
			t.Fatalf("not undone: %v", err)
		}
		_ = patch.Diff()
	})
}
