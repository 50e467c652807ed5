package text

import (
	"strings"
	"testing"
	"unicode/utf8"
)

func TestClip(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, markdown string
		limit          int
		want           string
	}{
		{"fits", "One. Two.", 9, "One. Two."},
		{"sentence", "The first one. The second one. The third one.", 35, "The first one. The second one."},
		{"no sentence fits", "A sentence that goes on and on without an end.", 25, "A sentence that goes on…"},
		{"block boundary", "First.\n\nA second one that is too long.", 20, "First."},
		{"styles", "Plain **strong.** More *of it* than fits here.", 20, "Plain strong."},
		{"items", "- one\n- two\n- three", 13, "- one\n- two"},
		{"long item", "- a single item that is much too long for this", 40, "- a single item that is much…"},
		{"code", "```\nline one\nline two\n```", 12, "line one"},
		{"quote", "> Quoted. And quoted once more.", 12, "Quoted."},
		{"abbreviation", "Ask the U.S. office. Or ask another one.", 22, "Ask the U.S. office."},
		{"emoji count twice", "👍👍👍 and more", 7, "👍👍👍…"},
	} {
		got, cut := Parse(c.markdown).Clip(c.limit)
		if got.Plain() != c.want || cut == (c.name == "fits") {
			t.Errorf("%s: clipped to %q (%v), want %q", c.name, got.Plain(), cut, c.want)
		}
	}
}

// FuzzClip checks that a clipped text is within its limit and has only words of the whole
// text.
func FuzzClip(f *testing.F) {
	f.Add("One. **Two** three.\n\n- a\n- b\n\n> c", 10)
	f.Add("1000000000. x\n\n   y", 14)
	f.Add("👍👍👍👍", 3)
	f.Fuzz(func(t *testing.T, markdown string, limit int) {
		limit %= 1000
		whole := Parse(markdown)
		short, cut := whole.Clip(limit)
		plain := short.Plain()
		if limit >= 0 && Length(plain) > limit {
			t.Fatalf("%q is longer than %d", plain, limit)
		}
		if !cut && plain != whole.Plain() {
			t.Fatalf("%q became %q without being cut", whole.Plain(), plain)
		}
		for word := range strings.FieldsSeq(strings.ReplaceAll(plain, "…", " ")) {
			if !strings.Contains(whole.Plain(), word) {
				t.Fatalf("%q is not in %q", word, whole.Plain())
			}
		}
		if !utf8.ValidString(plain) {
			t.Fatalf("%q is not UTF-8", plain)
		}
	})
}
