package main

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// frontdesk runs the program in this process.
func frontdesk(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, err bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &err)
	return code, out.String(), err.String()
}

func writeFile(t *testing.T, name, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), name)
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestExitCodes checks the exit codes (0 done, 1 problems found, 2 cannot run), and that
// standard error has one line with code 2 and none otherwise.
func TestExitCodes(t *testing.T) {
	t.Parallel()
	good := writeFile(t, "good.yaml", "version: 1\ndivisions: [{id: pay, name: Pay, handles: [{topic: Wages}]}]\n")
	warned := writeFile(t, "warned.yaml", "version: 1\n"+
		"divisions: [{id: pay, name: Pay, summary: '', links: [{url: nowhere}]}]\n")
	broken := writeFile(t, "broken.yaml", "version: 1\ndivisions: [{id: pay, nam: Pay}]\n")
	for _, c := range []struct {
		code int
		args []string
	}{
		{0, []string{"ask", "-k", good, "wages"}},
		{0, []string{"check", good}},
		{0, []string{"check", warned}},
		{0, []string{"eval", "-k", good}},
		{0, []string{"schema"}},
		{0, []string{"version"}},
		{0, []string{"help"}},
		{1, []string{"check", broken}},
		{1, []string{"check", "--json", broken}},
		{2, []string{"check", good + ".missing"}},
		{2, []string{"check", good, broken}},
		{2, []string{"check", t.TempDir()}},
		{2, []string{"ask", "-k", good + ".missing", "wages"}},
		{2, []string{"ask"}},
		{2, []string{"ask", "--loud", "wages"}},
		{2, []string{"answer"}},
		{2, []string{"version", "now"}},
		{2, []string{"chat", "-k", good + ".missing"}},
		{2, []string{"eval", "-q", good + ".missing"}},
		{2, []string{"eval", "-q", t.TempDir()}},
		{2, []string{"eval", "-k", good, "--misses", filepath.Join(good, "misses")}},
	} {
		code, _, stderr := frontdesk(t, c.args...)
		if code != c.code {
			t.Errorf("frontdesk %q exits with %d, not %d: %s", c.args, code, c.code, stderr)
		}
		if lines := strings.Count(stderr, "\n"); lines != code/2 ||
			code == 2 && !strings.HasPrefix(stderr, "frontdesk: ") {
			t.Errorf("frontdesk %q prints %q on standard error", c.args, stderr)
		}
	}
}

// TestUnwritten checks that a command fails if it cannot write its output.
func TestUnwritten(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "pay.yaml", "version: 1\ndivisions: [{id: pay, name: Pay, handles: [{topic: Wages}]}]\n")
	for _, args := range [][]string{
		{"ask", "-k", file, "hello"}, {"ask", "-k", file, "--json", "hello"}, {"ask", "-k", file, "--explain", "wages"},
		{"check", file}, {"eval", "-k", file}, {"schema"}, {"version"},
	} {
		code := run(context.Background(), args, strings.NewReader(""), full{}, new(bytes.Buffer))
		if code != exitCannotRun {
			t.Errorf("frontdesk %q exits with %d though it cannot write", args, code)
		}
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no room") }

// TestUnusual checks that the answer to any question is clean text: without control or
// direction characters, mentions, or an echo of the question.
func TestUnusual(t *testing.T) {
	t.Parallel()
	file := writeFile(t, "pay.yaml", "version: 1\ndivisions: [{id: pay, name: Pay, handles: [{topic: Wages}]}]\n")
	for _, question := range []string{
		"", " ", "\t\n", "🤷", "\xff\xfe\x80", "wages \xc3\x28", "@everyone", "<!channel> <@U123>",
		"\x1b[31mred\x07", "\x00",
		"\u202eabc\u2066", "z\u0310\u0311\u0312a\u0310\u0311\u0312lgo", "'; DROP TABLE divisions;--",
		"{{.Env}} ${HOME} %s%n", strings.Repeat("wages ", 20_000), strings.Repeat("x", 100_000),
	} {
		for _, form := range []string{"--explain", "--json"} {
			code, stdout, stderr := frontdesk(t, "ask", "-k", file, form, "--", question)
			short := question[:min(20, len(question))]
			if code != 0 || stderr != "" || strings.TrimSpace(stdout) == "" || !utf8.ValidString(stdout) {
				t.Errorf("ask %s %q exits with %d: %s", form, short, code, stderr)
			}
			for _, r := range stdout {
				if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
					t.Errorf("ask %s %q writes %U", form, short, r)
					break
				}
			}
			for _, mark := range []string{"@everyone", "<!channel>", "<@U123>", "DROP TABLE", "{{"} {
				if strings.Contains(stdout, mark) {
					t.Errorf("ask %s %q writes %s", form, short, mark)
				}
			}
		}
	}
}

// TestJSON checks the keys of JSON output, and that the counts add up.
func TestJSON(t *testing.T) {
	t.Parallel()
	decode := func(into any, args ...string) {
		t.Helper()
		_, stdout, stderr := frontdesk(t, args...)
		d := json.NewDecoder(strings.NewReader(stdout))
		d.DisallowUnknownFields()
		if err := d.Decode(into); err != nil || d.More() {
			t.Fatalf("frontdesk %q does not print one JSON object with the documented keys: %v\n%s%s",
				args, err, stdout, stderr)
		}
	}
	type suggestion struct{ Division, Text *string }
	type term struct {
		Term   *string
		Weight *float64
		Meant  string
	}
	file := writeFile(t, "pay.yaml", "version: 1\ndivisions: [{id: pay, name: Pay, handles: [{topic: Wages}]}]\n")
	for _, question := range []string{"wages", "tell me a joke", "list all divisions", ""} {
		var a struct {
			Outcome, Division, Text *string
			Score                   *float64
			Suggestions             []suggestion
			Why                     []term
		}
		decode(&a, "ask", "-k", file, "--json", question)
		if a.Outcome == nil || a.Division == nil || a.Text == nil || a.Score == nil || a.Suggestions == nil ||
			a.Why == nil {
			t.Errorf("ask --json %q leaves out a key", question)
		}
	}
	questions := writeFile(t, "questions.jsonl", `
{"question": "who handles forced labor cases?", "expect": ["global-trade"]}
{"question": "money laundering", "expect": ["global-trade", "none"]}
{"question": "who leads the Office of Intelligence?", "expect": ["global-trade"]}
{"question": "tell me a joke", "expect": ["none"]}
`)
	var e evalJSON
	decode(&e, "eval", "--json", "-q", questions)
	if e.Questions != 4 || e.InScope.N != 3 || e.OutOfScope.N != 1 || e.Latency == nil {
		t.Errorf("4 questions, 3 of them in scope, are counted as %d and %d", e.Questions, e.InScope.N)
	}
	held := evalJSON{}
	decode(&held, "eval", "--json")
	for _, e := range []evalJSON{e, held} {
		in, out := e.InScope, e.OutOfScope
		if in.Right+in.Wrong+in.Suggested+in.Declined != in.N || out.Answered+out.Suggested+out.Declined != out.N ||
			in.N+out.N != e.Questions ||
			in.SuggestedRight > in.Suggested || in.Top1 > in.Top3 || in.Top3 > in.N {
			t.Errorf("the counts do not add up: %+v", e)
		}
	}
}

// TestREADME checks that the README's sample knowledge file works as printed.
func TestREADME(t *testing.T) {
	t.Parallel()
	data, err := os.ReadFile(filepath.Join("..", "..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "    # yaml-language-server:")
	var sample strings.Builder
	for line := range strings.Lines("    #" + rest) {
		line, indented := strings.CutPrefix(line, "    ")
		if !indented {
			break
		}
		sample.WriteString(line)
	}
	file := writeFile(t, "acme.yaml", sample.String())
	if code, stdout, _ := frontdesk(t, "check", file); code != 0 ||
		!strings.HasPrefix(stdout, "0 errors, 0 warnings.") {
		t.Errorf("frontdesk check: %s", stdout)
	}
	_, stdout, _ := frontdesk(t, "ask", "-k", file, "my office is freezing, the boiler is out")
	if !strings.HasPrefix(stdout, "Buildings handles heating.\n") {
		t.Errorf("the README's question is answered with\n%s", stdout)
	}
}
