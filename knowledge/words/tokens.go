package words

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"golang.org/x/text/unicode/norm"
)

// MostWords and LongestWord bound how much of one text is read. Long questions have a few
// hundred words.
const (
	MostWords   = 800 // words of one text
	LongestWord = 40  // runes of one word
)

// Word is one token of a text.
type Word struct {
	Text    string // folded, see [Fold]
	Start   int    // byte offsets in the original text
	End     int
	Capital bool // begins with a capital letter
	Upper   bool // two or more letters or digits without a small letter, as in an acronym
	Joined  bool // only spaces, hyphens and apostrophes separate it from the previous word
}

// Split splits a text into its first MostWords words: runs of letters and digits. Hyphens
// and apostrophes separate words, except in words such as "F-1" and "don't".
func Split(text string) []Word {
	return SplitInto(make([]Word, 0, min(len(text)/5+1, MostWords)), text)
}

// SplitInto is Split with the memory of words.
func SplitInto(words []Word, text string) []Word {
	words = words[:0]
	joined := true
	for i := 0; i < len(text) && len(words) < MostWords; {
		r, size := rune(text[i]), 1
		if r >= utf8.RuneSelf {
			r, size = utf8.DecodeRuneInString(text[i:])
		}
		if n := chatMark(text, i); n > 0 {
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
		w := Word{Start: i, Joined: joined && len(words) > 0, Capital: unicode.IsUpper(r)}
		ascii, lower, letters, hyphens := true, false, 0, 0
		for i < len(text) {
			r, size = rune(text[i]), 1
			if r >= utf8.RuneSelf {
				r, size = utf8.DecodeRuneInString(text[i:])
				ascii = false
			}
			if !wordRune(r) {
				// one word: don't, F-1, I-20; but not 'quoted', well-known, 9-11
				if n, next := apostrophe(text[i:]); n > 0 && next {
					i += n
					continue
				}
				if r == '-' && letters == 1 && hyphens == 0 && !isDigit(text[w.Start]) && i+1 < len(text) &&
					isDigit(text[i+1]) {
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
		w.End = i
		w.Upper = !lower && letters > 1
		w.Text = foldWord(text[w.Start:w.End], ascii)
		if w.Text != "" { // else it is an invisible part of an emoji
			words = append(words, w)
			joined = true
		}
	}
	return words
}

// chatMark is the length of what stands at a place in a text and is no words: a mention,
// such as <!channel>, <@U123> or <#C42|general>; the name of an emoji, such as :wave:; code
// between backquotes.
func chatMark(text string, at int) int {
	const longest = 100 // bytes of a mention or a name
	rest := text[at:]
	switch {
	case len(rest) < 3:
		return 0
	case rest[0] == '<' && (rest[1] == '!' || rest[1] == '@' || rest[1] == '#'):
		return strings.IndexByte(rest[:min(len(rest), longest)], '>') + 1
	case rest[0] == ':' && (at == 0 || !isLetterOrDigit(text[at-1])): // not the colons of 9:30:15
		n := 1
		for n < min(len(rest), longest) && (isLetterOrDigit(rest[n]) || strings.IndexByte("_+-'", rest[n]) >= 0) {
			n++
		}
		if n > 1 && n < len(rest) && rest[n] == ':' {
			return n + 1
		}
	case strings.HasPrefix(rest, "```"):
		if end := strings.Index(rest[3:], "```"); end >= 0 {
			return 3 + end + 3
		}
		return 3
	case rest[0] == '`':
		return strings.IndexByte(rest[1:], '`') + 2 // 1 without a second one
	}
	return 0
}

func isLetterOrDigit(b byte) bool {
	return 'a' <= b && b <= 'z' || 'A' <= b && b <= 'Z' || '0' <= b && b <= '9' || b >= utf8.RuneSelf
}

func wordRune(r rune) bool {
	if r < utf8.RuneSelf {
		return 'a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9'
	}
	return unicode.IsLetter(r) || unicode.IsDigit(r) || unicode.Is(unicode.M, r) || r == '\u200d' || r == '\u00ad'
}

func isDigit(b byte) bool { return '0' <= b && b <= '9' }

// apostrophe returns the length of an apostrophe at the start of text, and whether a
// letter follows it.
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

// Fold makes words comparable: it changes letters to lower case and compatibility forms
// to ordinary characters, and removes accents, apostrophes and hyphens.
func Fold(s string) string {
	return foldWord(s, strings.IndexFunc(s, func(r rune) bool { return r >= utf8.RuneSelf }) < 0)
}

// foldWord is [Fold] for a text that is known to be ASCII or not.
func foldWord(s string, ascii bool) string {
	if ascii {
		plain := true
		for i := 0; i < len(s) && plain; i++ {
			c := s[i]
			plain = 'a' <= c && c <= 'z' || '0' <= c && c <= '9'
		}
		if plain && len(s) <= LongestWord {
			return s
		}
	}
	var b strings.Builder
	n := 0
	if len(s) > 16*LongestWord {
		s = s[:16*LongestWord] // may split a rune, but that word is cut anyway
	}
	if !ascii {
		s = norm.NFKD.String(s)
	}
	for _, r := range s {
		// normalizing may produce spaces
		if !wordRune(r) || unicode.Is(unicode.M, r) || unicode.Is(unicode.Cf, r) {
			continue
		}
		if n == LongestWord {
			break
		}
		b.WriteRune(unicode.ToLower(r))
		n++
	}
	return b.String()
}

// Normal is the folded words of a text, each followed by a space.
func Normal(text string) string {
	var b strings.Builder
	for _, w := range Split(text) {
		b.WriteString(w.Text)
		b.WriteByte(' ')
	}
	return b.String()
}

// Contractions returns a phrase and, if it has one, its short form: "I am" and "I'm".
func Contractions(text string) []string {
	short := text
	for _, c := range [][2]string{
		{"i am", "im"}, {"he is", "hes"}, {"she is", "shes"}, {"they are", "theyre"}, {"we are", "were"},
		{"is not", "isnt"}, {"do not", "dont"}, {"does not", "doesnt"}, {"will not", "wont"}, {"cannot", "cant"},
		{"can not", "cant"},
	} {
		padded := " " + strings.ToLower(strings.NewReplacer("'", "", "’", "").Replace(short)) + " "
		short = strings.TrimSpace(strings.ReplaceAll(padded, " "+c[0]+" ", " "+c[1]+" "))
	}
	if Normal(short) == Normal(text) {
		return []string{text}
	}
	return []string{text, short}
}
