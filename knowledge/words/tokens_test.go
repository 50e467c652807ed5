package words

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

// show writes words with "+" before a joined word, "^" after one with a capital, and "!"
// after one in capitals.
func show(words []Word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		if w.Joined {
			b.WriteByte('+')
		}
		b.WriteString(w.Text)
		if w.Capital {
			b.WriteByte('^')
		}
		if w.Upper {
			b.WriteByte('!')
		}
	}
	return b.String()
}

func TestSplit(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{" \n\t.,;!?", ""},
		{"Who handles forced labor?", "who^ +handles +forced +labor"},
		{"two  spaces, a comma", "two +spaces a +comma"},
		{"line\nend", "line end"},

		{"What does E2C2 do", "what^ +does +e2c2^! +do"},
		{"HSI", "hsi^!"},
		{"I am", "i^ +am"},
		{"U.S. and D.C.", "u^ s^ and +d^ c^"},
		{"F-1 or J-1 visa, form I-20, I-9", "f1^! +or +j1^! +visa form +i20^! i9^!"},
		{"an H-1B visa", "an +h1b^! +visa"},
		{"f-1", "f1"},
		{"well-known T-shirt COVID-19", "well +known +t^ +shirt +covid^! +19!"},
		{"I-20-1", "i20^! +1"},
		{"9-11 or 2-3", "9 +11! +or +2 +3"},
		{"- -1 a- -", "1 +a"},

		{"don't don’t DON'T", "dont +dont +dont^!"},
		{"'quoted' ‘quoted’ \"quoted\"", "quoted quoted quoted"},
		{"victims' rights, victims’ rights", "victims +rights victims +rights"},
		{"the child's toy", "the +childs +toy"},
		{"rock'n'roll '90s", "rocknroll +90s"},
		{"''''a''''", "a"},

		{"see https://www.ice.gov/about-ice?x=1", "see +https www ice gov about +ice x 1"},
		{"mail a.b@example.gov", "mail +a b example gov"},
		{"<!channel> @everyone <@U123>", "everyone"},

		{"hi :wave::skin-tone-2: all :+1: :100:", "hi all"},
		{"at 9:30:15 or a:b:c", "at +9 30! 15! +or +a b c"},
		{"why does `x := f(y)` fail", "why +does fail"},
		{"why ```\nfunc f() {}\n``` fails", "why fails"},
		{"a ` alone", "a alone"},
		{"'; DROP TABLE x; -- {{.Exec}} ${HOME}", "drop^! +table^! +x exec^ home^!"},
		{"snake_case", "snake case"},

		{"😀", ""},
		{"I ❤️ customs", "i^ customs"},
		{"👨\u200d👩\u200d👧 family", "family"},
		{"key 1️⃣ in", "key +1! +in"},
		{"Z̸͎̈́a̴̝͝l̵̘̓g̶̣̈́o̷̢̚ text", "zalgo^ +text"},
		{"\u0301\u0302\u0303", ""},
		{"\u200fright\u200e to \u202eleft", "right to left"},
		{"soft\u00adhyphen zero\u200bwidth", "softhyphen +zero width"},
		{"Café CAFÉ cafe\u0301", "cafe^ +cafe^! +cafe"},
		{"ﬁne ｆｕｌｌ", "fine +full"},
		{"straße Straße", "straße +straße^"},
		{"\ufdfa", "صلىاللهعليهوسلم"}, // a letter whose compatibility form has spaces
		{"bad\xff\xc3(bytes\x00end", "bad bytes end"},
		{"強制労働 について", "強制労働! +について!"},
		{"Отдел ПО визам", "отдел^ +по^! +визам"},
		{"naïve١٢", "naive١٢"},
	}
	for _, tt := range tests {
		if got := show(Split(tt.in)); got != tt.want {
			t.Errorf("Split(%q)\n got %s\nwant %s", tt.in, got, tt.want)
		}
		checkSplit(t, tt.in)
	}
}

// TestSplitBounded checks that Split reads no more than its bounds of long texts.
func TestSplitBounded(t *testing.T) {
	t.Parallel()
	const size = 100 << 10
	tests := []struct {
		unit  string
		words int
	}{
		{"a", 1},
		{"a ", MostWords},
		{"word ", MostWords},
		{"é", 1},
		{"\u0301", 0},
		{"a\u0301", 1},
		{"\u200d ", 0},
		{"\ufdfa", 1},
		{"'", 0},
		{"a'", 1},
		{"a-1 ", MostWords},
		{"\xff", 0},
		{"😀", 0},
		{"字", 1},
	}
	for _, tt := range tests {
		in := strings.Repeat(tt.unit, size/len(tt.unit))
		words := Split(in)
		if len(words) != tt.words {
			t.Errorf("100 KB of %q: %d words, want %d", tt.unit, len(words), tt.words)
		}
		checkSplit(t, in)
	}
}

// checkSplit checks what the comments of Word promise.
func checkSplit(t *testing.T, s string) {
	t.Helper()
	words := Split(s)
	if len(words) > MostWords {
		t.Fatalf("%d words", len(words))
	}
	end := 0
	for i, w := range words {
		if w.Start < end || w.End <= w.Start || w.End > len(s) {
			t.Fatalf("word %d of %.99q is at %d:%d, after %d", i, s, w.Start, w.End, end)
		}
		end = w.End
		if n := utf8.RuneCountInString(w.Text); n == 0 || n > LongestWord || !utf8.ValidString(w.Text) {
			t.Errorf("word %d of %.99q is %q", i, s, w.Text)
		}
		for _, r := range w.Text {
			if r != unicode.ToLower(r) || !wordRune(r) {
				t.Errorf("%q in word %q of %.99q", r, w.Text, s)
			}
		}
		if i == 0 && w.Joined {
			t.Errorf("the first word of %.99q is joined", s)
		}
	}
}

func FuzzSplit(f *testing.F) {
	for _, s := range []string{
		"Who handles E2C2?", "F-1 don’t I-20", "Z̸͎̈́a̴̝͝ ❤️ \u200d", "\xff\xc3( 強制労働", "\ufdfa İ ǅ ϒ", "https://x.y/z",
	} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		checkSplit(t, s)
		for _, w := range Split(s) {
			if Stem(w.Text) == "" {
				t.Errorf("the stem of %q is empty", w.Text)
			}
		}
	})
}

func TestFold(t *testing.T) {
	t.Parallel()
	tests := []struct{ in, want string }{
		{"", ""},
		{"plain", "plain"},
		{"Plain", "plain"},
		{"don't", "dont"},
		{"don’t", "dont"},
		{"F-1", "f1"},
		{"É", "e"},
		{"e\u0301\u0302\u0303", "e"},
		{"Ⓐ", "a"},
		{"ǆ", "dz"},
		{"İ", "i"},
		{"x\u200dy\u00adz", "xyz"},
		{"a\xffb", "ab"},
		{strings.Repeat("a", 41), strings.Repeat("a", 40)},
		{strings.Repeat("Ä", 5000), strings.Repeat("a", 40)},
	}
	for _, tt := range tests {
		if got := Fold(tt.in); got != tt.want {
			t.Errorf("Fold(%.60q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func BenchmarkSplit(b *testing.B) {
	for _, bm := range []struct{ name, text string }{
		{"question", "Who handles forced labor cases at HSI, and what's the F-1 visa team?"},
		{"accents", "Où est l’équipe qui s’occupe du travail forcé à l’étranger ?"},
		{"100KB", strings.Repeat("word ", 20<<10)},
		{"100KB one word", strings.Repeat("é", 50<<10)},
	} {
		b.Run(bm.name, func(b *testing.B) {
			for b.Loop() {
				Split(bm.text)
			}
		})
	}
}
