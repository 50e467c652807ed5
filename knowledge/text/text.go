// Package text is a formatted text as a small tree, which each adapter writes in the
// syntax of its platform. Package knowledge parses the file's Markdown into it, and
// package bot builds its own sentences with it. It knows no knowledge file and no chat
// platform.
//
//	text.go       the tree: [Text], its blocks and spans, and its plain form
//	markdown.go   Markdown → Text
//	html.go       Markdown → HTML, to be read by others
//	sentences.go  prose → sentences
//	clip.go       the length of a text, and shortening it
//	printable.go  escapes for characters that are not safe to print
package text

import (
	"slices"
	"strconv"
	"strings"
	"unicode"
)

// Text is a formatted text: a list of blocks. It contains no markup, no control
// characters, and only links to web pages and e-mail addresses. It is immutable. The
// zero Text is empty.
type Text []Block

// Block is a [Paragraph], [List], [CodeBlock] or [Quote].
type Block interface{ block() }

// Paragraph is a sequence of spans. A heading becomes a paragraph that is all strong.
type Paragraph []Span

// List is a list of texts. If it is ordered, First is the number of its first item.
type List struct {
	Ordered bool
	First   int
	Items   []Text
}

// CodeBlock is preformatted lines.
type CodeBlock string

// Quote is a block quotation.
type Quote Text

func (Paragraph) block() {}
func (List) block()      {}
func (CodeBlock) block() {}
func (Quote) block()     {}

// Span is a part of a paragraph in one style. A line break is a span of its own with
// the text "\n"; no other span contains one.
type Span struct {
	Text  string
	Style Style
	URL   string // of a link: absolute, with the scheme http, https or mailto
}

// IsBreak reports whether s is a line break.
func (s Span) IsBreak() bool { return s.Text == "\n" }

// Style is a set of text styles.
type Style uint8

// The styles of a span.
const (
	Strong Style = 1 << iota
	Emphasis
	Code
)

// maxNesting is how deeply lists and quotes are nested at most, so that adapters can
// recurse. Deeper blocks join the level above. No reader can follow so many levels.
const maxNesting = 20

// IsZero reports whether t is empty.
func (t Text) IsZero() bool { return len(t) == 0 }

// Plain is the text without styles and addresses. It has blank lines between blocks,
// none inside a list, and "- " or a number before each list item.
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

// FromPlain makes a Text of a string without markup. Blank lines separate paragraphs;
// other line ends become line breaks.
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

// withParagraph appends a paragraph unless it is blank.
func (t Text) withParagraph(p Paragraph) Text {
	if strings.TrimSpace(p.plain()) == "" {
		return t
	}
	return append(t, p)
}

// with appends a span, or merges it with the last one if they differ only in their words.
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

// clean removes control characters, byte order marks, and characters that change the
// direction of the text after them. Line ends become "\n", and invalid UTF-8 becomes
// U+FFFD.
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

// inline replaces line ends and tabs by spaces.
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

// FirstParagraph is the paragraph that a text begins with, if it does.
func (t Text) FirstParagraph() (p Paragraph, ok bool) {
	if len(t) == 0 {
		return nil, false
	}
	p, ok = t[0].(Paragraph)
	return p, ok && len(p) > 0
}

// Join appends another text. Where two paragraphs meet, a line break separates them instead
// of a blank line.
func (t Text) Join(other Text) Text {
	if len(t) == 0 || len(other) == 0 {
		return slices.Concat(t, other)
	}
	last, ok := t[len(t)-1].(Paragraph)
	first, also := other[0].(Paragraph)
	if !ok || !also {
		return slices.Concat(t, other)
	}
	line := slices.Concat(last, Paragraph{{Text: "\n"}}, first)
	return slices.Concat(t[:len(t)-1], Text{line}, other[1:])
}

// Bold is the text with its top-level paragraphs strong.
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

// Addresses lists the addresses of the links in a text.
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
