package knowledge

import (
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// A word is shown as its text with a "+" before it if it is joined to the one
// before, and behind it "^" for a capital and "!" for all capitals.
func show(words []word) string {
	var b strings.Builder
	for i, w := range words {
		if i > 0 {
			b.WriteByte(' ')
		}
		if w.joined {
			b.WriteByte('+')
		}
		b.WriteString(w.text)
		if w.capital {
			b.WriteByte('^')
		}
		if w.upper {
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
		if got := show(split(tt.in)); got != tt.want {
			t.Errorf("split(%q)\n got %s\nwant %s", tt.in, got, tt.want)
		}
		checkSplit(t, tt.in)
	}
}

// What is long is cut, and what is far behind is not read.
func TestSplitBounded(t *testing.T) {
	t.Parallel()
	const size = 100 << 10
	tests := []struct {
		unit  string
		words int
	}{
		{"a", 1},
		{"a ", maxWords},
		{"word ", maxWords},
		{"é", 1},
		{"\u0301", 0},
		{"a\u0301", 1},
		{"\u200d ", 0},
		{"\ufdfa", 1},
		{"'", 0},
		{"a'", 1},
		{"a-1 ", maxWords},
		{"\xff", 0},
		{"😀", 0},
		{"字", 1},
	}
	for _, tt := range tests {
		in := strings.Repeat(tt.unit, size/len(tt.unit))
		words := split(in)
		if len(words) != tt.words {
			t.Errorf("100 KB of %q: %d words, want %d", tt.unit, len(words), tt.words)
		}
		checkSplit(t, in)
	}
}

// checkSplit fails if words break what the type promises.
func checkSplit(t *testing.T, s string) {
	t.Helper()
	words := split(s)
	if len(words) > maxWords {
		t.Fatalf("%d words", len(words))
	}
	end := 0
	for i, w := range words {
		if w.start < end || w.end <= w.start || w.end > len(s) {
			t.Fatalf("word %d of %.99q is at %d:%d, after %d", i, s, w.start, w.end, end)
		}
		end = w.end
		if n := utf8.RuneCountInString(w.text); n == 0 || n > maxWordRune || !utf8.ValidString(w.text) {
			t.Errorf("word %d of %.99q is %q", i, s, w.text)
		}
		for _, r := range w.text {
			if r != unicode.ToLower(r) || !wordRune(r) {
				t.Errorf("%q in word %q of %.99q", r, w.text, s)
			}
		}
		if i == 0 && w.joined {
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
		for _, w := range split(s) {
			if stem(w.text) == "" {
				t.Errorf("the stem of %q is empty", w.text)
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
		ascii := strings.IndexFunc(tt.in, func(r rune) bool { return r >= utf8.RuneSelf }) < 0
		if got := fold(tt.in, ascii); got != tt.want {
			t.Errorf("fold(%.60q) = %q, want %q", tt.in, got, tt.want)
		}
	}
}

func TestStem(t *testing.T) {
	t.Parallel()
	same := [][]string{
		{"handle", "handles", "handled", "handling"},
		{"investigate", "investigates", "investigating", "investigation", "investigations"},
		{"division", "divisions"},
		{"victim", "victims"},
		{"agency", "agencies"},
	}
	for _, words := range same {
		for _, w := range words {
			if got, want := stem(w), stem(words[0]); got != want {
				t.Errorf("stem(%q) = %q, want %q", w, got, want)
			}
		}
	}
	for _, w := range []string{"", "a", "us", "it", "e2c2", "f1", "i20", "強制労働"} {
		if got := stem(w); got != w {
			t.Errorf("stem(%q) = %q, want it unchanged", w, got)
		}
	}
}

// english.txt is read without a look at errors, so it must have none.
func TestEnglishFile(t *testing.T) {
	t.Parallel()
	seen := map[string]int{}
	band, last := 0.0, 99.0
	n := 0
	for line := range strings.Lines(englishText) {
		n++
		line = strings.TrimSuffix(line, "\n")
		switch {
		case strings.HasPrefix(line, "# "):
		case strings.HasPrefix(line, "= "):
			var err error
			if band, err = strconv.ParseFloat(line[2:], 32); err != nil || band >= last || band <= 0 {
				t.Errorf("line %d: heading %q after %v: %v", n, line, last, err)
			}
			last = band
		case line == "" || band == 0:
			t.Errorf("line %d: %q under no heading", n, line)
		default:
			for w := range strings.SplitSeq(line, " ") {
				if w == "" || strings.Trim(w, "abcdefghijklmnopqrstuvwxyz") != "" {
					t.Errorf("line %d: word %q", n, w)
				}
				if seen[w] != 0 {
					t.Errorf("line %d: %q stands in line %d too", n, w, seen[w])
				}
				seen[w] = n
			}
		}
	}
	if got := len(spoken()); got != len(seen) || got < 10_000 {
		t.Errorf("%d words read of %d", got, len(seen))
	}
}

func TestRarity(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"the", "who", "you", "handles", "division", "please"} {
		if got := rarity(w); got != 0 {
			t.Errorf("rarity(%q) = %v, want 0", w, got)
		}
	}
	for _, w := range []string{"smuggling", "e2c2", "counterfeit", "qzxv", ""} {
		if got := rarity(w); got != 1 {
			t.Errorf("rarity(%q) = %v, want 1", w, got)
		}
	}
	rising := []string{"the", "money", "child", "passport", "counterfeit"}
	for i, w := range rising[1:] {
		if before := rising[i]; rarity(w) <= rarity(before) {
			t.Errorf("rarity(%q) = %v, not above %q with %v", w, rarity(w), before, rarity(before))
		}
	}
	for _, w := range slices.Sorted(maps.Keys(spoken())) {
		if r := rarity(w); r < 0 || r > 1 {
			t.Errorf("rarity(%q) = %v", w, r)
		}
	}
	if !isEnglish("passport") || isEnglish("pasport") {
		t.Error("isEnglish is wrong about passport or pasport")
	}
}

// slowGrams is what the comment of grams says, for any word.
func slowGrams(w string) []string {
	var pieces []string
	runes := []rune(" " + w + " ")
	for n := minGram; n <= maxGram; n++ {
		for i := 0; i+n <= len(runes); i++ {
			pieces = append(pieces, string(runes[i:i+n]))
		}
	}
	return pieces
}

func TestGrams(t *testing.T) {
	t.Parallel()
	for _, w := range []string{"us", "a", "labor", "e2c2", "über", "強制労働", "aé", "é", "smuggling"} {
		var got []string
		grams(w, func(s string) { got = append(got, s) })
		if diff := cmp.Diff(slowGrams(w), got); diff != "" {
			t.Errorf("grams(%q) (-want +got):\n%s", w, diff)
		}
	}
	var got []string
	grams("us", func(s string) { got = append(got, s) })
	if diff := cmp.Diff([]string{" u", "us", "s ", " us", "us ", " us "}, got); diff != "" {
		t.Errorf("grams(us) (-want +got):\n%s", diff)
	}
}

// slowSlips is the optimal string alignment distance with the whole matrix.
func slowSlips(a, b string) int {
	d := make([][]int, len(a)+1)
	for i := range d {
		d[i] = make([]int, len(b)+1)
		d[i][0] = i
	}
	for j := range d[0] {
		d[0][j] = j
	}
	for i := 1; i <= len(a); i++ {
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d[i][j] = min(d[i-1][j]+1, d[i][j-1]+1, d[i-1][j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d[i][j] = min(d[i][j], d[i-2][j-2]+1)
			}
		}
	}
	return d[len(a)][len(b)]
}

func checkSlips(t *testing.T, a, b string, limit int) {
	t.Helper()
	want := min(slowSlips(a, b), limit+1)
	if got := min(slips(a, b, limit), limit+1); got != want {
		t.Errorf("slips(%q, %q, %d) = %d, want %d", a, b, limit, got, want)
	}
}

func TestSlips(t *testing.T) {
	t.Parallel()
	tests := []struct {
		a, b string
		want int
	}{
		{"", "", 0},
		{"", "abc", 3},
		{"labor", "labor", 0},
		{"labor", "labour", 1},
		{"passport", "pasport", 1},
		{"border", "broder", 1},
		{"visa", "vise", 1},
		{"ca", "abc", 3}, // the full distance has 2; alignment never edits a swapped pair again
		{"smuggling", "smugling", 1},
		{"trafficking", "trafickign", 2},
	}
	for _, tt := range tests {
		if got := slips(tt.a, tt.b, 9); got != tt.want {
			t.Errorf("slips(%q, %q) = %d, want %d", tt.a, tt.b, got, tt.want)
		}
		if got := slips(tt.b, tt.a, 9); got != tt.want {
			t.Errorf("slips(%q, %q) = %d, want %d", tt.b, tt.a, got, tt.want)
		}
	}
	// Few letters make many near pairs.
	rnd := rand.New(rand.NewPCG(1, 2))
	draw := func() string {
		b := make([]byte, rnd.IntN(9))
		for i := range b {
			b[i] = "abc"[rnd.IntN(3)]
		}
		return string(b)
	}
	for range 20_000 {
		checkSlips(t, draw(), draw(), rnd.IntN(4))
	}
	long := strings.Repeat("a", maxWordRune*4)
	checkSlips(t, long, long[1:], 2)
	if got := slips(long+"a", long, 2); got <= 2 {
		t.Errorf("slips of words beyond all bounds = %d, want more than the limit", got)
	}
}

func FuzzSlips(f *testing.F) {
	f.Add("labor", "labour", 1)
	f.Add("ca", "abc", 3)
	f.Add("", "x", 0)
	f.Fuzz(func(t *testing.T, a, b string, limit int) {
		if len(a) > maxWordRune*4 || len(b) > maxWordRune*4 || limit < 0 || limit > maxWordRune {
			return
		}
		checkSlips(t, a, b, limit)
	})
}

// newSpeller knows words; each tells as much as it is rare.
// everyone sees the public layer.
var everyone = []bool{true}

func newSpeller(words ...string) *speller {
	var s speller
	for _, w := range words {
		s.add(w, rarity(w), public)
	}
	s.ready()
	return &s
}

func TestRepair(t *testing.T) {
	t.Parallel()
	words := strings.Fields(`passport counterfeit trafficking smuggling forced labor immigration intelligence
		cyber border export import visa fentanyl money laundering gang victim cargo fraud abc bandage`)
	s := newSpeller(words...)
	tests := []struct{ in, want string }{
		{"passport", "passport"},
		{"pasport", "passport"},
		{"passprot", "passport"},
		{"conterfeit", "counterfeit"},
		{"counterfiet", "counterfeit"},
		{"traficking", "trafficking"},
		{"traffiking", "trafficking"},
		{"traficing", "trafficking"},
		{"smugling", "smuggling"},
		{"labour", "labor"},
		{"lbaor", "labor"},
		{"imigration", "immigration"},
		{"inteligense", "intelligence"},
		{"fentanil", "fentanyl"},
		{"fentynal", "fentanyl"},
		{"launderng", "laundering"},
		{"ciber", "cyber"},
		{"mport", "import"}, // export is two slips away
		{"xvisa", "visa"},

		{"", ""},
		{"vis", ""},     // shorter words are near to too many
		{"ab", ""},      // and so are not in the vocabulary
		{"abcd", ""},    // abc was too short to add
		{"labxyr", ""},  // two slips in a short word
		{"unicorn", ""}, // nothing near
		{"pasxxprt", ""},
		{strings.Repeat("a", 5000), ""},
		{"労働労働", ""},
	}
	for _, tt := range tests {
		if got := s.repair(everyone, tt.in, 2); got != tt.want {
			t.Errorf("repair(%q) = %q, want %q", tt.in, got, tt.want)
		}
	}
	if got := s.repair(everyone, "traficing", 1); got != "" {
		t.Errorf("repair(traficing) with one slip = %q", got)
	}
	// Of equally near words: the first letter, then what tells more, then the alphabet.
	for _, tt := range []struct{ vocabulary, in, want string }{
		{"bandy handy", "hxndy", "handy"},
		{"money boney", "xoney", "boney"},
		{"qzxva qzxvb", "qzxvc", "qzxva"},
	} {
		words := strings.Fields(tt.vocabulary)
		if got := newSpeller(words...).repair(everyone, tt.in, 2); got != tt.want {
			t.Errorf("repair(%q) among %s = %q, want %q", tt.in, tt.vocabulary, got, tt.want)
		}
		slices.Reverse(words)
		if got := newSpeller(words...).repair(everyone, tt.in, 2); got != tt.want {
			t.Errorf("repair(%q) among %v = %q, want %q", tt.in, words, got, tt.want)
		}
	}
}

// The speller passes over most words by their length and letters; it must
// find a word exactly when one is near enough.
func TestRepairAgainstAll(t *testing.T) {
	t.Parallel()
	vocabulary := slices.DeleteFunc(slices.Sorted(maps.Keys(spoken())), func(w string) bool { return len(w) < 4 })
	rnd := rand.New(rand.NewPCG(3, 4))
	rnd.Shuffle(len(vocabulary), func(i, j int) { vocabulary[i], vocabulary[j] = vocabulary[j], vocabulary[i] })
	vocabulary, asked := vocabulary[:200], vocabulary[200:350]
	s := newSpeller(vocabulary...)
	for i, w := range vocabulary[:150] {
		at := rnd.IntN(len(w))
		asked = append(asked, w[:at]+w[at+1:], w[:at]+string(rune('a'+i%26))+w[at:])
	}
	for _, w := range asked {
		limit, nearest := 2, 99
		if len(w) < 8 {
			limit = 1
		}
		for _, v := range vocabulary {
			nearest = min(nearest, slowSlips(w, v))
		}
		got := s.repair(everyone, w, 2)
		if (got != "") != (nearest <= limit && len(w) >= 4) {
			t.Errorf("repair(%q) = %q, but the nearest word is %d slips away", w, got, nearest)
		}
		if got != "" && slowSlips(w, got) > limit {
			t.Errorf("repair(%q) = %q is too far", w, got)
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
				split(bm.text)
			}
		})
	}
}

func BenchmarkRepair(b *testing.B) {
	words := slices.Sorted(maps.Keys(spoken()))
	for _, n := range []int{1000, 10_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			s := newSpeller(words[:n]...)
			for b.Loop() {
				s.repair(everyone, "inteligense", 2)
			}
		})
	}
}
