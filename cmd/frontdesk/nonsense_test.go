package main

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
	"time"
	"unicode"
)

// megabyte is the size of the test files.
const megabyte = 1 << 20

// nonsense makes files of about size bytes that are designed to cost time and memory (see
// knowledge/testdata/hostile.txt) or are random, and calls each with one after the other.
func nonsense(tb testing.TB, size int, each func(name string, data []byte)) {
	tb.Helper()
	table, err := os.ReadFile(filepath.Join("..", "..", "knowledge", "testdata", "hostile.txt"))
	if err != nil {
		tb.Fatal(err)
	}
	for line := range strings.Lines(string(table)) {
		if line[0] == '#' {
			continue
		}
		fields := strings.Split(strings.TrimSuffix(line, "\n"), "\t")
		var parts [3]string // the beginning, the repeated part, and the end
		for i := range parts {
			if parts[i], err = strconv.Unquote(fields[i+1]); err != nil {
				tb.Fatalf("%s: %v", line, err)
			}
		}
		var b bytes.Buffer
		b.WriteString(parts[0])
		for i := 0; b.Len()+len(parts[1])+len(parts[2]) <= size; i++ {
			b.WriteString(strings.ReplaceAll(parts[1], "{i}", strconv.Itoa(i)))
		}
		b.WriteString(parts[2])
		each(fields[0], b.Bytes())
	}
	rnd := rand.New(rand.NewPCG(1, 2))
	for name, from := range map[string]string{
		"any printable characters": "",
		"any of YAML's":            "ab:- \n[]{},&*!|>?#'\"",
		"any of YAML's words":      "- |a: b|\n|  |[|]|, |\"|x y z|key: |# c\n|    ",
	} {
		var b bytes.Buffer
		words := strings.Split(from, "|")
		for b.Len() < size {
			switch {
			case from == "":
				b.WriteByte(byte(' ' + rnd.IntN('~'-' ')))
			case len(words) < 5:
				b.WriteByte(from[rnd.IntN(len(from))])
			default:
				b.WriteString(words[rnd.IntN(len(words))])
			}
		}
		each(name, b.Bytes())
	}
	data := make([]byte, size)
	for i := range data {
		data[i] = byte(rnd.IntN(256))
	}
	each("any bytes", data)
}

// BenchmarkNonsense checks a megabyte of each kind of nonsense in a new process, and
// prints which took most time and memory:
//
//	go test -run '^$' -bench Nonsense -benchtime 1x -timeout 60m ./cmd/frontdesk
func BenchmarkNonsense(b *testing.B) {
	program := built(b)
	file := filepath.Join(b.TempDir(), "file.yaml")
	type figures struct {
		name      string
		took, cpu time.Duration
		megabytes int64
		printed   int
	}
	var all []figures
	for range b.N {
		nonsense(b, megabyte, func(name string, data []byte) {
			if err := os.WriteFile(file, data, 0o600); err != nil {
				b.Fatal(err)
			}
			var out bytes.Buffer
			check := exec.Command(program, "check", file)
			check.Stdout, check.Stderr = &out, &out
			start := time.Now()
			err := check.Run()
			ended := check.ProcessState
			f := figures{name: name, took: time.Since(start), cpu: ended.UserTime() + ended.SystemTime(),
				printed: out.Len()}
			if code := ended.ExitCode(); code != 0 && code != exitProblems {
				b.Errorf("%s: %v: %.200s", name, err, out.String())
			}
			f.megabytes = ended.SysUsage().(*syscall.Rusage).Maxrss >> 10 // Linux counts in KiB
			if lines := bytes.Count(out.Bytes(), []byte{'\n'}); lines > maxLines {
				b.Errorf("%s: %d lines are printed", name, lines)
			}
			all = append(all, f)
		})
	}
	const told = 8
	for _, order := range []func(x, y figures) int{
		func(x, y figures) int { return cmp.Compare(y.cpu, x.cpu) },
		func(x, y figures) int { return cmp.Compare(y.megabytes, x.megabytes) },
	} {
		slices.SortStableFunc(all, order)
		for _, f := range all[:told] {
			fmt.Printf("%6.2f s, %6.2f s of processors, %4d MB, %7d bytes printed: %s\n", f.took.Seconds(),
				f.cpu.Seconds(), f.megabytes, f.printed, f.name)
		}
	}
	fmt.Printf("%d files\n", len(all))
}

// maxLines is the limit on check's output: a thousand problems, a line that says that
// there are more, and the summary.
const maxLines = 1005

// TestNonsenseReload replaces the knowledge file of a running program with nonsense, a
// link to a secret, and too many files. It checks that the last good file stays in use,
// and that reports are short and printable.
func TestNonsenseReload(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	dir := t.TempDir()
	file := filepath.Join(dir, "knowledge", "acme.yaml")
	if err := os.Mkdir(filepath.Dir(file), 0o700); err != nil {
		t.Fatal(err)
	}
	put(t, file, fileOfBoth)
	secret := filepath.Join(dir, "shadow")
	put(t, secret, "root:$6$hush:19000:0:99999:7:::\nhush: hush\n")
	p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+filepath.Dir(file),
		"FRONTDESK_ADMIN_SLACK_CHANNEL=C0ADMIN"), "run")
	p.await(`adapter=slack state=ready`)
	address := p.private()
	version := func() string { r, _ := ready(t, address); return r.Knowledge.Version }
	good, told := version(), 0
	refused := func(name, want string) {
		t.Helper()
		told++
		fake.Await(t, "a notice to admins about "+name,
			func() bool { return len(fake.Messages("C0ADMIN")) >= 2*told-1 })
		blocks := fake.Messages("C0ADMIN")[2*told-2].Blocks
		r, status := ready(t, address)
		why := r.part(partKnowledge).Why
		if status != http.StatusOK || r.Knowledge.Version != good || !strings.Contains(why, want) ||
			!strings.Contains(blocks, want) {
			t.Errorf("%s: readyz says %d %+v, and the admins read %.500s", name, status, r, blocks)
		}
		if n := strings.Count(why, "\n"); n > problemsTold ||
			strings.Contains(why, "check lists") != (n == problemsTold) || strings.Contains(why+blocks, "hush") {
			t.Errorf("%s: %d lines: %s", name, n, why)
		}
		for _, r := range strings.ReplaceAll(why, "\n", " ") + p.output() {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("%s: %U is reported", name, r)
				break
			}
		}
		ts := fmt.Sprintf("%d.000001", told)
		fake.Emit(t, fmt.Sprintf(`{"envelope_id":"e%s","type":"events_api","payload":%s}`, ts,
			slackMention("Ev"+ts, "C"+ts, ts, "the radiator is cold")))
		fake.Await(t, "an answer", func() bool { return len(fake.Messages("C"+ts)) > 0 })
		if got := fake.Messages("C" + ts)[0].Text; !strings.Contains(got, "Buildings") {
			t.Errorf("%s: answers %s", name, got)
		}
	}
	fix := func() {
		t.Helper()
		put(t, file, fileOfBoth)
		fake.Await(t, "a notice that the file is in use",
			func() bool { return len(fake.Messages("C0ADMIN")) >= 2*told })
	}
	wanted := map[string]string{
		"divisions": "at most 2,000", "rep [": "brackets than a knowledge file of its size can need", "any bytes": "",
		"one division again": "at most 2,000", "see_also of itself": "see_also has",
	}
	nonsense(t, megabyte, func(name string, data []byte) {
		if want, ok := wanted[name]; ok {
			delete(wanted, name)
			put(t, file, string(data))
			refused(name, want)
			fix()
		}
	})
	for name := range wanted {
		t.Errorf("there is no file %s", name)
	}
	controls := "- {id: c, name: \"\\e]0;x\", \"a\\n::error::b\": x, facts: {k: \"\\u202e\"}}\n"
	aliases := "- {id: c, name: C, summary: &s \"" + strings.Repeat("x ", 200) + "\", " +
		"questions: [" + strings.Repeat("*s, ", 1500) + "]}\n"
	for text, want := range map[string]string{
		controls: "name cannot contain the control character U+001B",
		aliases:  "expand this file",
		strings.Repeat("- {id: c, name: C, see_also: [d, e, f]}\n", 1000): "no division has that id",
	} {
		put(t, file, fileOfBoth+strings.ReplaceAll("  "+text, "\n- ", "\n  - "))
		refused(text[:40], want)
		fix()
	}
	link := filepath.Join(filepath.Dir(file), "other\n::error::.yaml")
	if err := os.Symlink(secret, link); err != nil {
		t.Fatal(err)
	}
	refused("a link", "this is not a knowledge file")
	if err := os.Remove(link); err != nil {
		t.Fatal(err)
	}
	fix()
	for i := range 2100 {
		if err := os.Link(secret, filepath.Join(filepath.Dir(file), fmt.Sprint(i, ".yaml"))); err != nil {
			t.Fatal(err)
		}
	}
	refused("many files", "more than 2,000 .yaml and .yml files")
	if err := p.terminate(); err != nil {
		t.Errorf("%v\n%s", err, p.output())
	}
}

// TestPrinted checks that no output of a command controls a terminal or is a command to a
// CI system, whoever wrote it.
func TestPrinted(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	put(t, filepath.Join(dir, "a\n::error::\x1b]0;x\x07\u202e.yaml"),
		"version: 1\ndivisions:\n- {id: a, name: \"\\e]0;x\\a\", \"\\n::error::\": x, see_also: [\"\\u202e\"], "+
			"##[error]y: x}\n")
	put(t, filepath.Join(dir, "::error::b.yaml"),
		"version: 1\ndivisions:\n- {id: b, ##[error]x: y, keywords: [z], name: [}\n")
	questions := writeFile(t, "questions.txt", "::error:: the radiator is cold\n"+
		" \x1b]0;x\x07##[error]the radiator is cold ##vso[x]\n\u202ethe radiator is cold\n")
	good := writeFile(t, "good.yaml", fileOfBoth)
	other := writeFile(t, "other.yaml", fileOfPeople)
	for _, args := range [][]string{
		{"check", dir}, {"check", "--json", dir}, {"ask", "-k", dir, "who"},
		{"check", dir + "/a\n::error::\x1b]0;x\x07.yaml"}, {"eval", "-k", "\x1b]0;x\n::error::"}, {"chat", "-k", dir},
		{"compare", good, dir}, {"compare", good, other, "--questions", questions},
		{"compare", "--json", good, other, "--questions", questions}, {"compare", good, other},
		{"ask", "-k", good, "--explain", "radiator \x1b]0;x\n::error::"},
		{"ask", "-k", good, "--json", "\u202eradiator"}, {"\n::error::\x1b"}, {"eval", "-q", "\n::error::\x1b"},
	} {
		_, stdout, stderr := frontdesk(t, args...)
		out := stdout + stderr
		if strings.Contains(out, "##[") || strings.Contains(out, "##vso") {
			t.Errorf("frontdesk %q prints a command:\n%s", args, out)
		}
		for line := range strings.Lines(out) {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("frontdesk %q prints the command %q", args, line)
			}
		}
		for _, r := range out {
			if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
				t.Errorf("frontdesk %q prints %U:\n%q", args, r, out)
				break
			}
		}
		if strings.Contains(strings.Join(args, " "), "--json") && !json.Valid([]byte(stdout)) {
			t.Errorf("frontdesk %q prints no JSON: %s", args, stdout)
		}
	}
}

// cold makes examples that differ little.
func cold(from, to int) string {
	var b strings.Builder
	for i := from; i < to; i++ {
		fmt.Fprintf(&b, "  - the radiator is cold in room %d\n", i)
	}
	return b.String()
}

// TestCheckBounded checks that check prints at most a thousand problems, and says that
// there are more.
func TestCheckBounded(t *testing.T) {
	t.Parallel()
	const last = "there are more than 1,000 problems; correct these first"
	broken := writeFile(t, "broken.yaml", "version: 1\ndivisions:\n- id: a\n  name: A\n"+
		"  questions:\n"+strings.Repeat("  - []\n", 1500))
	code, stdout, _ := frontdesk(t, "check", broken)
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); code != exitProblems || len(lines) != 1002 ||
		!strings.HasSuffix(lines[1000], last) || lines[1001] != "1000 errors." {
		t.Errorf("ends with %d: %d lines, the last %q", code, len(lines), lines[len(lines)-2:])
	}
	var report checkJSON
	code, stdout, _ = frontdesk(t, "check", "--json", broken)
	if err := json.Unmarshal([]byte(stdout), &report); err != nil || code != exitProblems ||
		len(report.Problems) != 1001 || report.Problems[1000].Message != last {
		t.Errorf("ends with %d: %v, %d problems", code, err, len(report.Problems))
	}
	warned := writeFile(t, "warned.yaml", "version: 1\ndivisions:\n- id: a\n  name: A\n"+
		"  questions:\n"+strings.Repeat("  - ''\n", 1500)+cold(0, 60)+
		"- id: b\n  name: B\n  questions:\n"+cold(60, 66)) // are confused with a's: one more warning
	code, stdout, _ = frontdesk(t, "check", warned)
	if lines := strings.Split(strings.TrimSpace(stdout), "\n"); code != 0 || len(lines) != 1003 ||
		!strings.HasSuffix(lines[1000], "warning: "+last) ||
		!strings.HasPrefix(lines[1001], "0 errors, 1000 warnings.") {
		t.Errorf("ends with %d: %d lines, the last %q", code, len(lines), lines[len(lines)-2:])
	}
}
