package knowledge

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"

	"frontdesk/knowledge/text"

	"go.yaml.in/yaml/v3"
)

// hostileFile is one line of testdata/hostile.txt: a file that is built to take much time
// and memory.
type hostileFile struct {
	name                    string
	begin, repeated, finish string
}

// file makes the file with at most about size bytes.
func (h hostileFile) file(size int) []byte {
	var b bytes.Buffer
	b.WriteString(h.begin)
	numbered := strings.Contains(h.repeated, "{i}")
	for i := 0; b.Len()+len(h.repeated)+len(h.finish) <= size; i++ {
		text := h.repeated
		if numbered {
			text = strings.ReplaceAll(text, "{i}", strconv.Itoa(i))
		}
		b.WriteString(text)
	}
	b.WriteString(h.finish)
	return b.Bytes()
}

func hostileFiles(t testing.TB) (all []hostileFile) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", "hostile.txt"))
	if err != nil {
		t.Fatal(err)
	}
	for line := range strings.Lines(string(data)) {
		if line[0] == '#' {
			continue
		}
		h := hostileFile{}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		h.name = fields[0]
		for i, into := range []*string{&h.begin, &h.repeated, &h.finish} {
			if *into, err = strconv.Unquote(fields[i+1]); err != nil {
				t.Fatalf("%s: %v", line, err)
			}
		}
		all = append(all, h)
	}
	return all
}

// TestHostile reads each hostile file and checks the number of its values in memory, the
// length of its problems, and its number of divisions.
func TestHostile(t *testing.T) {
	t.Parallel()
	const size = 32 << 10
	for _, h := range hostileFiles(t) {
		t.Run(h.name, func(t *testing.T) {
			t.Parallel()
			data := h.file(size)
			checkMarks(t, data)
			file, problems := Parse([]Input{{"file.yaml", data}})
			checkProblems(t, problems)
			if n := len(file.Divisions); n > maxDivisions {
				t.Errorf("%d divisions", n)
			}
			if problems.Err() == nil {
				checkFile(t, file, bytes.Count(data, []byte{'\n'})+1)
			}
		})
	}
}

// checkMarks checks that a file has no more values in memory than it has marks, because the
// bound on marks is what bounds the memory.
func checkMarks(t testing.TB, data []byte) {
	t.Helper()
	const many = 1 << 40
	d := &decoder{left: budget{marks: many}}
	if !d.checkBytes(data) {
		return
	}
	first, next, err := documents(bytes.NewReader(prepared(data)))
	if err != nil {
		return
	}
	values := 0
	var count func(n *yaml.Node)
	count = func(n *yaml.Node) {
		values++
		for _, c := range n.Content {
			count(c)
		}
	}
	for _, n := range []*yaml.Node{first, next} {
		if n != nil {
			count(n)
		}
	}
	const top = 2 // the document and its content
	if marks := many - d.left.marks; values > marks+top {
		t.Errorf("%d values of %d marks", values, marks)
	}
}

// checkProblems checks that problems are bounded and can be printed anywhere.
func checkProblems(t testing.TB, problems Problems) {
	t.Helper()
	const most = 350 // bytes: two quotations and the keys of a division
	if n := len(problems.And(nil)); n > maxProblems+1 {
		t.Errorf("%d problems", n)
	}
	for _, p := range problems {
		s := p.String()
		if len(s) > most || s != text.PrintableLine(s) || strings.IndexFunc(s, unicode.IsControl) >= 0 {
			t.Fatalf("a problem is printed as %q", s)
		}
	}
}

// TestAllocations checks that reading a megabyte allocates no more than some hundred bytes
// for each of its values, and stops at the bounds.
func TestAllocations(t *testing.T) {
	const begin = "version: 1\ndivisions:\n"
	for _, c := range []struct {
		name, begin, repeated string
		want                  string
	}{
		{"divisions", begin, "- {id: d{i}, name: A division}\n",
			"file.yaml:2003:3: divisions has 32,111 entries, and at most 2,000 are allowed; join those"},
		{"items", begin, "-\n", "up to this line the file has more lines, list items and brackets"},
		{"brackets", "", "[],", "up to this line the file has more lines, list items and brackets"},
		{"problems", begin + "- id: a\n  name: A\n  see_also: &a\n", "  - b{i}\n", "see_also has"},
		{"texts", begin, "- {id: d{i}, name: D, questions: [" + strings.Repeat("who does this, ", 50) + "]}\n",
			"up to here the file has more texts"},
	} {
		data := hostileFile{begin: c.begin, repeated: c.repeated}.file(1 << 20)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		_, problems := Parse([]Input{{"file.yaml", data}})
		runtime.ReadMemStats(&after)
		err := problems.Err()
		if err == nil || !strings.Contains(err.Error(), c.want) {
			t.Errorf("%s: %v, not %q", c.name, err, c.want)
		}
		const most = 300 << 20 // in total; most of it is freed at once
		if n := after.TotalAlloc - before.TotalAlloc; n > most {
			t.Errorf("%s: %d MiB were allocated", c.name, n>>20)
		}
	}
}

// TestProblems checks that errors take precedence over warnings, and that the last problem
// says whether there are more.
func TestProblems(t *testing.T) {
	t.Parallel()
	begin := "version: 1\ndivisions:\n- id: a\n  name: A\n  questions:\n"
	apart := func(keys string, n int) string { // a file with n errors of the checker
		return "version: 1\ndivisions:\n- {id: a, name: A" + keys + "}\ntell_apart:\n" +
			strings.Repeat("- {between: [b, c], say: d}\n", n/2)
	}
	warnings := strings.Repeat("  - who pays me\n", 2*maxProblems)
	empty := strings.Repeat("  - ''\n", 2*maxProblems)
	const last = "there are more than 1,000 problems; correct these first"
	var f findings
	for range 3 * maxProblems {
		f.errorf(Pos{}, "x")
		f.warnf(Pos{}, "x")
	}
	if !f.full() || len(f.errors) > maxProblems || len(f.warnings) > maxProblems {
		t.Errorf("%d errors and %d warnings are kept", len(f.errors), len(f.warnings))
	}
	for _, c := range []struct {
		name, text       string
		errors, warnings int
		more             bool
	}{
		{"warnings", begin + warnings, 0, maxProblems, true},
		{"warnings of both", begin + warnings + empty, 0, maxProblems, true},
		{"warnings of the checker", begin + empty, 0, maxProblems, true},
		{"warnings, then an error of the reader", begin + warnings + "  facts: x\n", 1, maxProblems - 1, true},
		{"warnings, then an error of the checker", begin + warnings + "  see_also: [b]\n", 1, maxProblems - 1, true},
		{"an error, then warnings", strings.Replace(begin, "id: a", "id: A", 1) + warnings, 1, maxProblems - 1, true},
		{"errors of the reader", begin + strings.Repeat("  - []\n", 2*maxProblems), maxProblems, 0, true},
		{"errors of the checker", apart("", 2*maxProblems), maxProblems, 0, true},
		{"as many as are reported", apart("", maxProblems), maxProblems, 0, false},
		{"errors of both", apart(", facts: x", maxProblems), maxProblems, 0, true},
	} {
		_, problems := Parse([]Input{{"file.yaml", []byte(c.text)}})
		checkProblems(t, problems)
		reported := problems.And(nil)
		if errors, warnings := reported.Count(); errors != c.errors || warnings != c.warnings {
			t.Errorf("%s: %d errors and %d warnings, not %d and %d", c.name, errors, warnings, c.errors, c.warnings)
		}
		end := reported[len(reported)-1]
		if more := end.Message == last; more != c.more || more && end.Warning != (c.errors == 0) {
			t.Errorf("%s: it ends with %v", c.name, end)
		}
		if (reported.Err() != nil) != (c.errors > 0) || (problems.Err() != nil) != (c.errors > 0) {
			t.Errorf("%s: %v", c.name, reported.Err())
		}
		if again := reported.And(Problems{{Warning: true, Message: "x"}}); c.more && !slices.Equal(again, reported) {
			t.Errorf("%s: one more makes it %v", c.name, fmt.Sprint(again[len(again)-1]))
		}
	}
}
