package knowledge

import (
	"cmp"
	_ "embed"
	"math/bits"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/kljensen/snowball/english"
	"golang.org/x/text/unicode/norm"
)

// Bounds of what is read of one text. A person's story has a few hundred
// words; what is beyond can only be meant to tire the desk.
const (
	maxWords    = 800 // words of one text that are looked at
	maxWordRune = 40  // runes of one word that are looked at
)

// word is one word of a text as the matcher sees it.
type word struct {
	text    string // lower case, composed, without marks that only decorate
	start   int    // byte offsets in the text as given
	end     int
	capital bool // begins with a capital letter
	upper   bool // two or more letters or digits, no small letter: an acronym, or shouting
	joined  bool // nothing but a space, a hyphen or an apostrophe since the word before
}

// split takes a text apart into words: runs of letters and digits, with the
// apostrophe and the hyphen as borders, but "E2C2", "F-1" and "don't" kept
// together. It looks at no more than maxWords words.
func split(text string) []word {
	return splitInto(make([]word, 0, min(len(text)/5+1, maxWords)), text)
}

// splitInto does so in the memory of words.
func splitInto(words []word, text string) []word {
	words = words[:0]
	joined := true
	for i := 0; i < len(text) && len(words) < maxWords; {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if n := chatMark(text[i:]); n > 0 {
			i, joined = i+n, false
			continue
		}
		if !wordRune(r) {
			if r != ' ' && r != '-' && r != '\'' && r != '’' {
				joined = false
			}
			i += size
			continue
		}
		w := word{start: i, joined: joined && len(words) > 0, capital: unicode.IsUpper(r)}
		ascii, lower, letters, hyphens := true, false, 0, 0
		for i < len(text) {
			r, size = rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
				ascii = false
			}
			if !wordRune(r) {
				// don't, but not 'quoted'; F-1 and I-20, but not well-known or 9-11
				if n, next := apostrophe(text[i:]); n > 0 && next {
					i += n
					continue
				}
				if r == '-' && letters == 1 && hyphens == 0 && !isDigit(text[w.start]) && i+1 < len(text) && isDigit(text[i+1]) {
					hyphens++
					i++
					continue
				}
				break
			}
			if unicode.IsLower(r) {
				lower = true
			}
			letters++
			i += size
		}
		w.end = i
		w.upper = !lower && letters > 1
		w.text = fold(text[w.start:w.end], ascii)
		if w.text != "" { // not the invisible half of an emoji
			words = append(words, w)
			joined = true
		}
	}
	return words
}

// chatMark is the length of a chat platform's mark at the start of a text, such
// as <!channel>, <@U123> or <#C42|general>: it stands for no word.
func chatMark(text string) int {
	const longest = 100
	if len(text) < 4 || text[0] != '<' || text[1] != '!' && text[1] != '@' && text[1] != '#' {
		return 0
	}
	end := strings.IndexByte(text[:min(len(text), longest)], '>')
	return end + 1
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '\u200d' || r == '\u00ad'
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// apostrophe reports how many bytes an apostrophe at the start of text takes,
// and whether a letter follows it.
func apostrophe(text string) (int, bool) {
	n := 0
	switch {
	case text[0] == '\'':
		n = 1
	case strings.HasPrefix(text, "’"):
		n = len("’")
	default:
		return 0, false
	}
	r, _ := utf8.DecodeRuneInString(text[n:])
	return n, unicode.IsLetter(r)
}

// fold makes words comparable: lower case, compatibility forms composed, no
// combining marks (é is e; stacked marks vanish), no apostrophes or hyphens.
func fold(s string, ascii bool) string {
	if ascii {
		plain := true
		for i := 0; i < len(s) && plain; i++ {
			c := s[i]
			plain = 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		}
		if plain && len(s) <= maxWordRune {
			return s
		}
	}
	var b strings.Builder
	n := 0
	if len(s) > 16*maxWordRune {
		s = s[:16*maxWordRune] // a border inside a rune only damages a word that is cut anyway
	}
	if !ascii {
		s = norm.NFKD.String(s)
	}
	for _, r := range s {
		if !wordRune(r) || unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) { // compatibility forms can have spaces
			continue
		}
		if n == maxWordRune {
			break
		}
		b.WriteRune(unicode.ToLower(r))
		n++
	}
	return b.String()
}

// stem is the word without its inflection: handles, handled and handling are
// all handl. This is the only call of snowball.
func stem(w string) string {
	if len(w) < 3 || isDigit(w[len(w)-1]) {
		return w
	}
	return english.Stem(w, true)
}

//go:embed english.txt
var englishText string

// spoken gives a word's frequency in everyday English on the Zipf scale: the
// logarithm to base 10 of its occurrences in a billion words. Words said less
// than once in about two million are not listed.
var spoken = sync.OnceValue(func() map[string]float32 {
	table := make(map[string]float32, 22_000)
	var band float32
	for line := range strings.Lines(englishText) {
		switch line = strings.TrimSpace(line); {
		case line == "" || line[0] == '#':
		case line[0] == '=':
			z, _ := strconv.ParseFloat(strings.TrimSpace(line[1:]), 32) // the file is ours, and a test reads it
			band = float32(z)
		default:
			for w := range strings.FieldsSeq(line) {
				table[w] = band
			}
		}
	}
	return table
})

const (
	zipfOrdinary = 4.0 // said ten times in a million words: an acronym spelled like it needs its capitals
	zipfCommon   = 6.0 // said once in a thousand words or more: tells nothing about the subject
	zipfRare     = 3.6 // said four times in a million words or less: tells as much as a word can
)

// rarity is how much a word can tell about the subject of a text, from 0 for
// the commonest words of English to 1 for rare and unknown ones.
func rarity(w string) float32 {
	if frames[w] {
		return 0
	}
	z, listed := spoken()[w]
	switch {
	case !listed || z <= zipfRare:
		return 1
	case z >= zipfCommon:
		return 0
	}
	return (zipfCommon - z) / (zipfCommon - zipfRare)
}

// isEnglish reports whether w is an ordinary English word, and so hardly a
// misspelling of another one.
func isEnglish(w string) bool {
	_, ok := spoken()[w]
	return ok
}

// Code is told from talk by its marks: at least so many, and one in so many
// characters. People's own marks, such as quotes and dashes, do not count.
const (
	codeMarks = 4
	codeShare = 8
)

// looksLikeCode reports whether a text is markup, a query or a command rather
// than something a person says.
func looksLikeCode(text string) bool {
	marks, characters := 0, 0
	for i := 0; i < len(text); i++ {
		switch c := text[i]; c {
		case ' ', '\t', '\n', '\r':
			continue
		case '<', '>', '{', '}', '[', ']', '(', ')', ';', '=', '$', '`', '\\', '|', '/', '_', '%', '#', '^', '~', '*', '+':
			marks++
		case '-':
			if i > 0 && text[i-1] == '-' {
				marks += 2
			}
		}
		characters++
	}
	return marks >= codeMarks && marks*codeShare >= characters
}

// frames are the words with which people ask any desk anything. They say that
// something is asked, never what; alone they cannot point to a division.
var frames = set(`
	who whom whose which what where when why how is are was were be been do does did can could will would shall
	should may might must i me my we us our you your it its they them their he she his her this that these those
	there here a an the and or but if of to in on at for from with by about into over as not no so any some
	handle handles handled handling deal deals dealing charge responsible responsibility responsibilities
	manage manages managing oversee oversees overseeing cover covers run runs
	division divisions department departments office offices team teams unit group section branch desk
	contact contacts reach ask tell talk speak know find need want help please thanks thank hi hello hey
	someone somebody anyone anybody person people guy folks one thing things stuff something anything
	go goes get got take takes works work working question questions report refer send call
`)

func set(words string) map[string]bool {
	m := map[string]bool{}
	for w := range strings.FieldsSeq(words) {
		m[w] = true
	}
	return m
}

// grams calls f with each piece of two to four runes of a word, its two
// borders written as spaces: "us" gives " u", "us", "s ", " us", "us ", " us ".
func grams(w string, f func(string)) {
	padded := " " + w + " "
	if len(w) == utf8.RuneCountInString(w) {
		for n := minGram; n <= maxGram && n <= len(padded); n++ {
			for i := 0; i+n <= len(padded); i++ {
				f(padded[i : i+n])
			}
		}
		return
	}
	border := make([]int, 0, len(padded)+1)
	for i := range padded {
		border = append(border, i)
	}
	border = append(border, len(padded))
	for n := minGram; n <= maxGram && n < len(border); n++ {
		for i := 0; i+n < len(border); i++ {
			f(padded[border[i]:border[i+n]])
		}
	}
}

// Pieces of words carry misspellings, inflections and compounds that stems
// miss. Two to four runes did as well as two to five at two thirds of the cost.
const (
	minGram = 2
	maxGram = 4
)

// speller finds the word of a vocabulary that was probably meant.
type speller struct {
	words []spelling // shorter ones first
	first []int      // by length: where the words of that length begin
}

type spelling struct {
	word    string
	letters uint32  // which letters it has, to pass over most words at once
	value   float32 // of equally near words the one of more value is meant
	layer   layer
}

func (s *speller) add(w string, value float32, l layer) {
	if len(w) >= 4 {
		s.words = append(s.words, spelling{w, letters(w), value, l})
	}
}

// ready is called once all words are added. It puts them in order, so that
// the order of adding does not matter.
func (s *speller) ready() {
	slices.SortFunc(s.words, func(a, b spelling) int {
		return cmp.Or(cmp.Compare(len(a.word), len(b.word)), strings.Compare(a.word, b.word), cmp.Compare(a.layer, b.layer))
	})
	for i, w := range s.words {
		for len(s.first) <= len(w.word) {
			s.first = append(s.first, i)
		}
	}
}

// from returns where the words of the given length begin.
func (s *speller) from(length int) int {
	if length >= len(s.first) {
		return len(s.words)
	}
	return s.first[length]
}

func letters(w string) uint32 {
	var m uint32
	for i := 0; i < len(w); i++ {
		if c := w[i]; 'a' <= c && c <= 'z' {
			m |= 1 << (c - 'a')
		} else {
			m |= 1 << 31
		}
	}
	return m
}

// repair returns the word nearest to w, or "": one slip (a letter more, less,
// other, or two swapped) in words of four to seven letters, up to limit in
// longer ones. Of equally near words, one with the same first letter wins, then
// the one of more value. Only words of these layers count.
func (s *speller) repair(sees []bool, w string, limit int) string {
	if len(w) < 4 || len(w) > maxWordRune || strings.ContainsAny(w, "0123456789") {
		return ""
	}
	if len(w) < 8 {
		limit = min(limit, 1)
	}
	mask := letters(w)
	best, bestCost := "", float32(limit)+1
	for i := s.from(len(w) - limit); i < s.from(len(w)+limit+1); i++ {
		v := &s.words[i]
		if !sees[v.layer] || bits.OnesCount32(mask&^v.letters) > limit || bits.OnesCount32(v.letters&^mask) > limit {
			continue
		}
		d := slips(w, v.word, limit)
		if d > limit {
			continue
		}
		cost := float32(d) - v.value/10
		if v.word[0] != w[0] {
			cost += 0.5
		}
		if cost < bestCost {
			best, bestCost = v.word, cost
		}
	}
	return best
}

// slips is the Damerau-Levenshtein distance (optimal string alignment) of two
// words in bytes, or limit+1 as soon as it is sure to be larger.
func slips(a, b string, limit int) int {
	var rows [3][maxWordRune*4 + 1]int
	if len(a) > maxWordRune*4 || len(b) > maxWordRune*4 {
		return limit + 1
	}
	before, last, row := &rows[0], &rows[1], &rows[2]
	for j := range len(b) + 1 {
		last[j] = j
	}
	for i := 1; i <= len(a); i++ {
		row[0] = i
		least := i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			d := min(last[j]+1, row[j-1]+1, last[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				d = min(d, before[j-2]+1)
			}
			row[j] = d
			least = min(least, d)
		}
		if least > limit {
			return limit + 1
		}
		before, last, row = last, row, before
	}
	return last[len(b)]
}
