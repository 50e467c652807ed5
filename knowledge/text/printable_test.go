package text

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestPrintable(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ in, want string }{
		{"", ""},
		{"plain: words, 10 % — naïve 國 😀", "plain: words, 10 % — naïve 國 😀"},
		{"two\n\tlines", "two\n\tlines"},
		{"\x1b]0;title\x07", `\x1b]0;title\x07`},
		{"a\rb\x00\x7f", `a\x0db\x00\x7f`},
		{"\u0085\u009b31m", `\x85\x9b31m`},
		{"\u202eabc\u2066\u200f", `\u202eabc\u2066\u200f`},
		{"\u2028\u2029\ufeff\u00ad\u200b", `\u2028\u2029\ufeff\xad\u200b`},
		{"\U000e0041\ufdd0\U0010ffff", `\U000e0041\ufdd0\U0010ffff`},
		{"pay\u200droll", `pay\u200droll`},
		{"👩\u200d🚒 ❤\ufe0f\u200d🔥", "👩\u200d🚒 ❤\ufe0f\u200d🔥"},
		{"می\u200cخواهم क्\u200dष", "می\u200cخواهم क्\u200dष"},
		{"👩\u200d\u200d🚒", `👩` + "\u200d" + `\u200d🚒`},
		{"x\ufe00\ufe01\U000e0100", "x\ufe00" + `\ufe01` + "\U000e0100"},
		{"葛\U000e0100", "葛\U000e0100"},
		{"\u0600\u0661", "\u0600\u0661"}, // a visible sign before numbers
		{"\xff\xc3", `\xff\xc3`},
		{"::error::x\n  ::set-output::\nstd::string", `\::error::x` + "\n  " + `\::set-output::` + "\nstd::string"},
		{"a ##[error]b ### ##vso[x]", `a #\#[error]b #\#\# #\#vso[x]`},
	} {
		got := Printable(c.in)
		if got != c.want {
			t.Errorf("%q is printed as %q, not %q", c.in, got, c.want)
		}
		if again := Printable(got); again != got {
			t.Errorf("%q becomes %q the second time", got, again)
		}
	}
	if got := PrintableLine("a\n::error::b\tc"); got != `a\n\::error::b\tc` {
		t.Errorf("one line is %q", got)
	}
}

func FuzzPrintable(f *testing.F) {
	for _, seed := range []string{"plain", "a\n::b", "##[x]", "\u202e\u200d\ufe0f\xff", "👩\u200d🚒"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, s string) {
		got := Printable(s)
		if !utf8.ValidString(got) || strings.Contains(got, "##") {
			t.Errorf("%q is printed as %q", s, got)
		}
		for line := range strings.SplitSeq(got, "\n") {
			if strings.HasPrefix(strings.TrimSpace(line), "::") {
				t.Errorf("%q has the command %q", s, line)
			}
		}
		for _, r := range got {
			if unicode.IsControl(r) && r != '\n' && r != '\t' || unicode.Is(unicode.Bidi_Control, r) {
				t.Errorf("%q writes %U", s, r)
			}
		}
		if again := Printable(got); again != got {
			t.Errorf("%q becomes %q, then %q", s, got, again)
		}
	})
}
