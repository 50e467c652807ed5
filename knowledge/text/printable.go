package text

import (
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"
)

// Printable replaces characters that are not safe to print by escapes such as \u202e (see
// [Unprintable]); line ends and tabs stay. It also escapes the commands that GitHub and
// Azure execute when a check prints them.
func Printable(s string) string {
	if plain(s) {
		return s
	}
	var b strings.Builder
	before, lineStart := rune(0), true // the previous character, and whether the line is blank so far
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		i += n
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i-1])
			r = 'x' // the next character follows an escape
		case r == '\n', r == '\t':
			b.WriteRune(r)
		case Unprintable(before, r):
			escape(&b, r)
			r = 'x'
		case lineStart && r == ':' && strings.HasPrefix(s[i:], ":"), before == '#' && r == '#':
			b.WriteString(`\` + string(r)) // GitHub's ::error:: and ##[error], Azure's ##vso[…]
		default:
			b.WriteRune(r)
		}
		lineStart = r == '\n' || lineStart && unicode.IsSpace(r)
		before = r
	}
	return b.String()
}

// plain reports whether Printable certainly does not change s, which is so for most texts.
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

// PrintableLine is Printable in one line: it escapes line ends and tabs as well.
func PrintableLine(s string) string {
	return strings.NewReplacer("\n", `\n`, "\t", `\t`).Replace(Printable(s))
}

// Unprintable reports whether the character r after another one is a control character,
// ends a line, changes the direction of the text, or is invisible. Real text needs none
// of them. A soft hyphen, for example, makes two words look equal that are not. Allowed
// are joiners where emoji and scripts such as Persian and Hindi need them, and Arabic
// number signs.
func Unprintable(before, r rune) bool {
	switch {
	case ' ' <= r && r < 0x7f:
		return false
	case r == joiner, r == nonJoiner:
		return before < firstJoined || before == joiner || before == nonJoiner
	case isSelector(r):
		return isSelector(before)
	case r&0xfffe == 0xfffe, '\ufdd0' <= r && r <= '\ufdef': // noncharacters
		return true
	}
	return unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp, unicode.Other_Default_Ignorable_Code_Point) &&
		!unicode.Is(unicode.Prepended_Concatenation_Mark, r)
}

const (
	joiner    = '\u200d'
	nonJoiner = '\u200c'
	// firstJoined is the first code point of the scripts with joined letters; emoji come
	// after them. Latin, Greek and Cyrillic come before.
	firstJoined = '\u0590'
)

// isSelector reports whether r is a variation selector, which changes the form of the
// character before it. Several in a row serve no purpose but to hide data.
func isSelector(r rune) bool {
	return '\ufe00' <= r && r <= '\ufe0f' || '\U000e0100' <= r && r <= '\U000e01ef'
}
