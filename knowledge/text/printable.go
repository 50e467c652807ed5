package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable is s as it can be printed anywhere: what would do something instead of
// being read is written as an escape such as \u202e. Line ends and tabs stay. A
// machine that runs a check and reads its output takes no line of it for a command.
func Printable(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	before, begins := rune(0), true // what stands before, and whether that is nothing or blanks
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i-1])
			r = 'x' // stands before what comes next, as its last digit does
		case r == '\n', r == '\t':
			b.WriteRune(r)
		case Unprintable(before, r):
			escape(&b, r)
			r = 'x'
		case begins && r == ':' && strings.HasPrefix(s[i:], ":"), before == '#' && r == '#':
			b.WriteString(`\` + string(r)) // GitHub's ::error:: and ##[error], Azure's ##vso[…]
		default:
			b.WriteRune(r)
		}
		begins = r == '\n' || begins && unicode.IsSpace(r)
		before = r
	}
	return b.String()
}

// plain reports whether s has nothing for Printable to do, as most texts.
func plain(s string) bool {
	for i := range len(s) {
		c := s[i]
		if c >= 0x7f || c < ' ' && c != '\n' && c != '\t' {
			return false
		}
		if (c == ':' || c == '#') && i+1 < len(s) && s[i+1] == c {
			return false
		}
	}
	return true
}

func escape(b *strings.Builder, r rune) {
	switch {
	case r < 0x100:
		fmt.Fprintf(b, `\x%02x`, r)
	case r < 0x10000:
		fmt.Fprintf(b, `\u%04x`, r)
	default:
		fmt.Fprintf(b, `\U%08x`, r)
	}
}

// PrintableLine is Printable in one line.
func PrintableLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Printable(s))
}

// Unprintable reports whether a character, which stands behind another one, does
// something where it stands instead of being read, or cannot be seen: a control
// character, one that turns the direction of the text, that has no width, or that
// ends a line. Real text needs none of them, not even a soft hyphen: nothing that
// shows a text here breaks its words, and a word that has one looks like another one
// but is not. Left are the joiners, where emoji and the scripts of Persian or Hindi
// need them, and numbers' signs in Arabic.
func Unprintable(before, r rune) bool {
	switch {
	case ' ' <= r && r < 0x7f:
		return false
	case r == joiner, r == nonJoiner:
		return before < firstJoined || before == joiner || before == nonJoiner
	case isSelector(r):
		return isSelector(before)
	case r&0xfffe == 0xfffe, '\ufdd0' <= r && r <= '\ufdef': // no characters, and never will be
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

const (
	joiner    = '\u200d'
	nonJoiner = '\u200c'
	// firstJoined is where the scripts begin whose letters join, and beyond them
	// emoji; Latin, Greek and Cyrillic stand before.
	firstJoined = '\u0590'
)

// isSelector reports whether r chooses the form of the character before it, such as
// that of an emoji. Several in a row can only hide something.
func isSelector(r rune) bool {
	return '\ufe00' <= r && r <= '\ufe0f' || '\U000e0100' <= r && r <= '\U000e01ef'
}
