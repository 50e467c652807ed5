package text

import (
	"flag"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// go test ./knowledge/text -update rewrites the golden files. Review the difference before
// you commit it.
var update = flag.Bool("update", false, "rewrite golden files")

// TestParse compares the tree and the plain form of each Markdown text with a golden file
// testdata/*.txt, which has the Markdown, a line "-- tree --", and the two.
func TestParse(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob(filepath.Join("testdata", "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files: %v", err)
	}
	const mark = "-- tree --\n"
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, _ := strings.Cut(string(data), mark)
			text := Parse(input)
			var b strings.Builder
			dump(&b, text, "")
			b.WriteString("\n" + text.Plain() + "\n")
			if *update {
				if err := os.WriteFile(file, []byte(input+mark+b.String()), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, b.String()); diff != "" {
				t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
			}
		})
	}
}

// dump writes a text as an outline.
func dump(b *strings.Builder, text Text, indent string) {
	for _, block := range text {
		switch block := block.(type) {
		case Paragraph:
			fmt.Fprintf(b, "%sparagraph\n", indent)
			for _, s := range block {
				fmt.Fprintf(b, "%s  %s\n", indent, dumpSpan(s))
			}
		case CodeBlock:
			fmt.Fprintf(b, "%scode\n", indent)
			for line := range strings.SplitSeq(string(block), "\n") {
				fmt.Fprintf(b, "%s  %q\n", indent, line)
			}
		case Quote:
			fmt.Fprintf(b, "%squote\n", indent)
			dump(b, Text(block), indent+"  ")
		case List:
			if block.Ordered {
				fmt.Fprintf(b, "%slist from %d\n", indent, block.First)
			} else {
				fmt.Fprintf(b, "%slist\n", indent)
			}
			for _, item := range block.Items {
				fmt.Fprintf(b, "%s  item\n", indent)
				dump(b, item, indent+"    ")
			}
		}
	}
}

func dumpSpan(s Span) string {
	if s.IsBreak() {
		return "break"
	}
	var words []string
	for i, name := range []string{"strong", "emphasis", "code"} {
		if s.Style&(1<<i) != 0 {
			words = append(words, name)
		}
	}
	if s.URL != "" {
		words = append(words, "link", s.URL)
	}
	return strings.Join(append(words, fmt.Sprintf("%q", s.Text)), " ")
}

// TestParseSpecialCharacters parses texts that are invisible or cannot be in a golden file.
func TestParseSpecialCharacters(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{" \n\t\n ", ""},
		{"\x00\x1b[31mred\x1b[0m\u009b1m", "[31mred[0m1m"},
		{"tab\tand\vvertical", "tab andvertical"},
		{"one\r\ntwo\rthree", "one two three"},
		{"one\u2028two\u0085three", "one two three"},
		{"\ufeffmark", "mark"},
		{"a\u202eb\u2066c", "abc"},
		{"right\u200f to left", "right\u200f to left"},
		{"family 👨\u200d👩\u200d👧", "family 👨\u200d👩\u200d👧"},
		{"bad \xff\xc3( bytes", "bad \ufffd\ufffd( bytes"},
		{"bad \xff *bytes*", "bad \ufffd bytes"},
		{"entities &#27;[31m &#0; &#x202e; &#10; &#xd800; &amp;lt;", "entities [31m \ufffd    \ufffd &lt;"},
		{"`code\x07\ttab`", "code tab"},
		{"    x\ty", "x    y"},
		{"plain   inside and after  ", "plain   inside and after"},
		{"&#32;", ""},
		{"# \x01", ""},
		{"\u00a0", ""},
		{"- \n-\n", ""},
		{">\n>\n", ""},
		{"[](https://example.com)", "https://example.com"},
		{"![seal](https://example.com/seal.png)", "seal"},
		{"[a](javascript:alert(1)) [b](JAVA\x00SCRIPT:x) [c](data:text/html,x) [d](//host) [e](/page) [f](#x)",
			"a b c d e f"},
	}
	for _, tt := range tests {
		text := Parse(tt.in)
		if got := text.Plain(); got != tt.want {
			t.Errorf("Parse(%q).Plain() = %q, want %q", tt.in, got, tt.want)
		}
		if text.IsZero() != (tt.want == "") {
			t.Errorf("Parse(%q).IsZero() = %v", tt.in, text.IsZero())
		}
		checkText(t, text, 0)
	}
}

// TestSafeURL checks which addresses are allowed, and how they are escaped.
func TestSafeURL(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"https://www.ice.gov/tips", "https://www.ice.gov/tips"},
		{"HTTPS://ice.gov", "https://ice.gov"},
		{"https://ice.gov/?a=1&amp;b=2", "https://ice.gov/?a=1&b=2"},
		{"https://ice.gov/a|b?c=<d>|e#\"f`", "https://ice.gov/a%7Cb?c=%3Cd%3E%7Ce#%22f%60"},
		{"mailto:tips@example.gov", "mailto:tips@example.gov"},
		{"mailto:", ""},
		{"https:", ""},
		{"https:///path", ""},
		{"javascript:alert(1)", ""},
		{"javascript&colon;alert(1)", ""},
		{"&#106;avascript:alert(1)", ""},
		{" javascript:alert(1)", ""},
		{"vbscript:x", ""},
		{"data:text/html;base64,AAAA", ""},
		{"file:///etc/passwd", ""},
		{"ftp://example.com", ""},
		{"slack://open", ""},
		{"tel:+1", ""},
		{"page.html", ""},
		{"https://exa mple.com", ""},
		{"https://[::1", ""},
		{"%zz", ""},
	}
	for _, tt := range tests {
		if got := safeURL([]byte(tt.in)); got != tt.want {
			t.Errorf("safeURL(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestFromPlain(t *testing.T) {
	t.Parallel()
	got := FromPlain("*not* [Markdown](x)\nsecond line\r\n\r\n\n# third\x1b\n")
	want := Text{
		Paragraph{{Text: "*not* [Markdown](x)"}, {Text: "\n"}, {Text: "second line"}},
		Paragraph{{Text: "# third"}},
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("FromPlain (-want +got):\n%s", diff)
	}
	if !FromPlain(" \n\x00\n").IsZero() {
		t.Error("a blank text is not zero")
	}
}

// TestParseBounded parses texts that are built to take long: deeply nested ones, and ones
// with thousands of opening marks.
func TestParseBounded(t *testing.T) {
	t.Parallel()
	const size = maxMarkdown / 4
	nested := &strings.Builder{}
	for i := range 200 {
		fmt.Fprintf(nested, "%s- item %d\n", strings.Repeat("  ", i), i)
	}
	tests := map[string]string{
		"quotes":    strings.Repeat(">", size) + " x",
		"lists":     nested.String(),
		"markers":   strings.Repeat("- ", size/2) + "x",
		"brackets":  strings.Repeat("[", size),
		"links":     strings.Repeat("[a](", size/4),
		"stars":     strings.Repeat("*a **a ", size/7),
		"closers":   strings.Repeat("a** b* ", size/7),
		"backticks": strings.Repeat("`a``", size/4),
		"angles":    strings.Repeat("<a ", size/3),
		"entities":  strings.Repeat("&amp", size/4),
		"escapes":   strings.Repeat("\\", size),
		"beyond":    strings.Repeat(">", 1<<20), // goldmark would take hours
		"one line":  strings.Repeat("word ", size/5),
	}
	for name, in := range tests {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			text := Parse(in)
			checkText(t, text, 0)
			if text.IsZero() {
				t.Error("the text is empty")
			}
		})
	}
}

func TestParseConcurrently(t *testing.T) {
	t.Parallel()
	const in = "Ask [the *desk*](https://example.com) & **wait**\n\n1. one\n2. two"
	want := Parse(in)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				if diff := cmp.Diff(want, Parse(in)); diff != "" {
					t.Errorf("differs (-want +got):\n%s", diff)
				}
			}
		})
	}
	wg.Wait()
}

// checkText checks what the comments of the types promise.
func checkText(t *testing.T, text Text, depth int) {
	t.Helper()
	if depth > maxNesting {
		t.Fatalf("nested %d deep", depth)
	}
	for _, block := range text {
		switch block := block.(type) {
		case Paragraph:
			for _, s := range block {
				if s.Text == "" || !s.IsBreak() && strings.Contains(s.Text, "\n") ||
					s.IsBreak() && s != (Span{Text: "\n"}) {
					t.Errorf("span %q", s)
				}
				if s.URL != "" {
					checkURL(t, s.URL)
				}
			}
		case Quote:
			if len(block) == 0 {
				t.Error("empty quote")
			}
			checkText(t, Text(block), depth+1)
		case List:
			if len(block.Items) == 0 {
				t.Error("empty list")
			}
			for _, item := range block.Items {
				if item.IsZero() {
					t.Error("empty item")
				}
				checkText(t, item, depth+1)
			}
		case CodeBlock:
			if block == "" {
				t.Error("empty code")
			}
		default:
			t.Errorf("block %T", block)
		}
	}
	if depth > 0 {
		return // the plain form of the outermost text includes that of the inner ones
	}
	plain := text.Plain()
	if !utf8.ValidString(plain) {
		t.Errorf("invalid UTF-8: %q", plain)
	}
	if i := strings.IndexFunc(plain, func(r rune) bool { return r != '\n' && unicode.IsControl(r) }); i >= 0 {
		t.Errorf("control character at %d of %q", i, plain)
	}
}

func checkURL(t *testing.T, address string) {
	t.Helper()
	u, err := url.Parse(address)
	if err != nil || !slices.Contains([]string{"http", "https", "mailto"}, u.Scheme) ||
		strings.ContainsAny(address, " <>|\"`\\\n") {
		t.Errorf("link to %q: %v", address, err)
	}
}

func FuzzParse(f *testing.F) {
	for _, seed := range []string{
		"plain words", "**bold** *em* `code` [a](https://b.c) <d@e.f>",
		"# head\n\n- a\n  - b\n\n1. c\n\n> d\n\n```\ne\n```",
		"[a](javascript:b)", "<!channel> <b>&lt;</b> &#27;", "a  \nb\\\nc", "![x](y)",
		"[a]: https://b.c\n\n[a]", "\x00\xff\t\r", "2. x", "=", "a\n=",
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		text := Parse(s)
		checkText(t, text, 0)
		checkText(t, FromPlain(s), 0)
		// isPlain must not change the result.
		if exceedsBounds(clean(s)) {
			return
		}
		if slow := parseText(clean(s)); !reflect.DeepEqual(slow, text) { // cmp takes 2ⁿ steps for n levels
			t.Errorf("Parse(%q) = %q, but goldmark gives %q", s, text, slow)
		}
	})
}

func BenchmarkParse(b *testing.B) {
	b.Run("plain", func(b *testing.B) {
		for b.Loop() {
			Parse("Looks into goods made with forced labor, and keeps them out of the country.")
		}
	})
	b.Run("markup", func(b *testing.B) {
		for b.Loop() {
			Parse("Looks into goods made with **forced labor**, see [the page](https://www.ice.gov/).")
		}
	})
}
