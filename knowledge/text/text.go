// Package text is what is said, as a small tree without markup that each adapter
// writes in its platform's own way. Package knowledge makes it of the file's
// Markdown and package bot of its own sentences. It knows neither, and no platform.
//
//	text.go       the tree: [Text], its blocks and spans; its plain form
//	markdown.go   Markdown → Text (the only use of goldmark)
//	sentences.go  prose → sentences
//	clip.go       how long a text is, and how it is shortened
//	printable.go  a string as it can be printed anywhere
package text

import (
	"strconv"
	"strings"
	"unicode"
)

// Text is what an admin wrote in Markdown, as a small tree that each adapter
// writes its own way without ever seeing Markdown. It holds no markup, no
// control characters and no links but to the web and to mail boxes. Once made
// it is never changed. The zero Text says nothing.
type Text []Block

// Block is a [Paragraph], a [List], a [CodeBlock] or a [Quote].
type Block interface{ block() }

// Paragraph is a run of spans. A heading is a paragraph that is all strong.
type Paragraph []Span

// List is a list of texts. An ordered one counts from First.
type List struct {
	Ordered bool
	First   int
	Items   []Text
}

// CodeBlock is lines to be shown exactly as they are.
type CodeBlock string

// Quote is a text that is set off as someone else's.
type Quote Text

func (Paragraph) block() {}
func (List) block()      {}
func (CodeBlock) block() {}
func (Quote) block()     {}

// Span is a piece of a paragraph in one style. A link is one span, its URL
// absolute and of the scheme http, https or mailto. A line break is the span
// whose Text is "\n"; no other span has one in it.
type Span struct {
	Text  string
	Style Style
	URL   string
}

// IsBreak reports whether s is a line break.
func (s Span) IsBreak() bool { return s.Text == "\n" }

// Style is how a span is set off; styles add up.
type Style uint8

// The styles of a span.
const (
	Strong Style = 1 << iota
	Emphasis
	Code
)

// maxNesting is how many lists and quotes may stand in one another. Nobody
// can follow that many, and adapters may rely on it when they recurse; what
// is deeper joins the level above.
const maxNesting = 20

// IsZero reports whether t says nothing.
func (t Text) IsZero() bool { return len(t) == 0 }

// Plain is the text without styles and addresses: blank lines between blocks,
// "- " or a number before list items, which have no blank lines within.
func (t Text) Plain() string {
	return strings.Join(t.plain(), "\n\n")
}

// plain is the plain text of each block.
func (t Text) plain() []string {
	blocks := make([]string, len(t))
	for i, b := range t {
		switch b := b.(type) {
		case Paragraph:
			blocks[i] = b.plain()
		case CodeBlock:
			blocks[i] = string(b)
		case Quote:
			blocks[i] = Text(b).Plain()
		case List:
			items := make([]string, len(b.Items))
			for j, item := range b.Items {
				mark := "- "
				if b.Ordered {
					mark = strconv.Itoa(b.First+j) + ". "
				}
				indent := "\n" + strings.Repeat(" ", len(mark))
				items[j] = mark + strings.ReplaceAll(strings.Join(item.plain(), "\n"), "\n", indent)
			}
			blocks[i] = strings.Join(items, "\n")
		}
	}
	return blocks
}

func (p Paragraph) plain() string {
	if len(p) == 1 {
		return p[0].Text
	}
	var b strings.Builder
	for _, s := range p {
		b.WriteString(s.Text)
	}
	return b.String()
}

// FromPlain makes a Text of words that are not Markdown. Blank lines part
// paragraphs, other line ends are kept.
func FromPlain(s string) Text {
	var t Text
	var p Paragraph
	for line := range strings.Lines(clean(s)) {
		line = inline(strings.TrimSpace(line))
		switch {
		case line == "" && p != nil:
			t, p = append(t, p), nil
		case line == "":
		case p != nil:
			p = append(p, Span{Text: "\n"}, Span{Text: line})
		default:
			p = Paragraph{{Text: line}}
		}
	}
	if p != nil {
		t = append(t, p)
	}
	return t
}

// withParagraph appends a paragraph unless nothing of it can be seen.
func (t Text) withParagraph(p Paragraph) Text {
	if strings.TrimSpace(p.plain()) == "" {
		return t
	}
	return append(t, p)
}

// with appends a span, or adds it to the last one where nothing sets them apart.
func (p Paragraph) with(s Span) Paragraph {
	if s.Text == "" {
		return p
	}
	if last := len(p) - 1; last >= 0 && !p[last].IsBreak() &&
		p[last].URL == "" && s.URL == "" && p[last].Style == s.Style {
		p[last].Text += s.Text
		return p
	}
	return append(p, s)
}

// clean drops what would do something instead of being read: control
// characters, byte order marks, and the marks that turn the direction of all
// text after them. Line ends become "\n"; invalid UTF-8 becomes U+FFFD.
func clean(s string) string {
	i := 0
	for i < len(s) && (' ' <= s[i] && s[i] < 0x7f || s[i] == '\n' || s[i] == '\t') {
		i++
	}
	if i == len(s) {
		return s
	}
	s = strings.ReplaceAll(s, "\r\n", "\n")
	return strings.Map(func(r rune) rune {
		switch {
		case r == '\n', r == '\t':
			return r
		case r == '\r', r == '\u0085', r == '\u2028', r == '\u2029':
			return '\n'
		case unicode.IsControl(r), r == '\ufeff', '\u202a' <= r && r <= '\u202e', '\u2066' <= r && r <= '\u2069':
			return -1
		}
		return r
	}, s)
}

// inline makes s one line.
func inline(s string) string {
	if !strings.ContainsAny(s, "\n\t") {
		return s
	}
	return strings.Map(func(r rune) rune {
		if r == '\n' || r == '\t' {
			return ' '
		}
		return r
	}, s)
}

// Bold is the text with every paragraph strong.
func (t Text) Bold() Text {
	bold := make(Text, len(t))
	for i, b := range t {
		if p, ok := b.(Paragraph); ok {
			spans := make(Paragraph, len(p))
			for j, s := range p {
				s.Style |= Strong
				spans[j] = s
			}
			b = spans
		}
		bold[i] = b
	}
	return bold
}

// Addresses lists where the links of a text lead.
func (t Text) Addresses() (all []string) {
	for _, b := range t {
		switch b := b.(type) {
		case Paragraph:
			for _, s := range b {
				if s.URL != "" {
					all = append(all, s.URL)
				}
			}
		case List:
			for _, item := range b.Items {
				all = append(all, item.Addresses()...)
			}
		case Quote:
			all = append(all, Text(b).Addresses()...)
		}
	}
	return all
}
