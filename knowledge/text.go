package knowledge

import (
	"bytes"
	"html"
	"net/url"
	"strconv"
	"strings"
	"sync"
	"unicode"
	"unicode/utf8"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	htmlwriter "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
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

// maxMarkdown is how many bytes goldmark is given to read, and maxMarkup how many
// characters of them may be markup. It needs time in the product of the two, up to
// 10 ms for so much; a file may have hundreds of such texts, and no platform shows
// half of one in a message.
const (
	maxMarkdown = 16 << 10
	maxMarkup   = 1000
)

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

// PlainText makes a Text of words that are not Markdown. Blank lines part
// paragraphs, other line ends are kept.
func PlainText(s string) Text {
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

// ParseText reads Markdown as CommonMark describes it. HTML in it is not
// understood but shown as written, images become their descriptions, and
// links to anywhere but the web and mail boxes become their words. A text
// too long to be an answer, or that is all markup, is taken as plain.
func ParseText(markdown string) Text {
	s := clean(markdown)
	if isPlain(s) {
		return Text(nil).withParagraph(Paragraph{{Text: strings.TrimRight(s, " ")}})
	}
	if isHard(s) {
		return PlainText(s)
	}
	return parseText(s)
}

// isHard reports whether s is longer, or has more markup, than any answer.
func isHard(s string) bool {
	if len(s) <= maxMarkup {
		return false
	}
	markup := 0
	for i := range len(s) {
		if strings.IndexByte("\\`*_[<>&-+.)#~=|!\n", s[i]) >= 0 {
			markup++
		}
	}
	return len(s) > maxMarkdown || markup > maxMarkup
}

// isPlain reports whether s is sure to be one line without markup. Nearly all
// texts of a file are, and a file has hundreds; a fuzz test holds this to
// what goldmark says.
func isPlain(s string) bool {
	if s == "" {
		return true
	}
	switch c := s[0]; {
	case c == ' ', c == '#', c == '>', c == '-', c == '+', c == '~', '0' <= c && c <= '9':
		return false
	}
	return !strings.ContainsAny(s, "\\`*_[<&\n\t")
}

// markdownParser is goldmark's CommonMark parser. It is safe for concurrent
// use because nothing adds options to it after it was built.
var markdownParser = sync.OnceValue(func() parser.Parser { return goldmark.DefaultParser() })

func parseText(s string) Text {
	source := markdown(s)
	return source.blocks(markdownParser().Parse(text.NewReader(source)), 0)
}

// markdown is a source text; goldmark's nodes point into it.
type markdown []byte

// blocks turns the children of a node that holds blocks into a Text, depth
// lists and quotes deep.
func (src markdown) blocks(parent ast.Node, depth int) Text {
	var t Text
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Paragraph, *ast.TextBlock:
			t = t.withParagraph(src.spans(nil, n, 0))
		case *ast.Heading:
			t = t.withParagraph(src.spans(nil, n, Strong))
		case *ast.CodeBlock, *ast.FencedCodeBlock:
			if code := strings.TrimRight(src.lines(n), "\n"); code != "" {
				t = append(t, CodeBlock(strings.ReplaceAll(code, "\t", "    ")))
			}
		case *ast.HTMLBlock:
			raw := src.lines(n)
			if n.HasClosure() {
				raw += string(n.ClosureLine.Value(src))
			}
			t = append(t, PlainText(raw)...)
		case *ast.Blockquote:
			inner := src.blocks(n, depth+1)
			if depth < maxNesting && !inner.IsZero() {
				inner = Text{Quote(inner)}
			}
			t = append(t, inner...)
		case *ast.List:
			list := List{Ordered: n.IsOrdered(), First: n.Start}
			for item := n.FirstChild(); item != nil; item = item.NextSibling() {
				inner := src.blocks(item, depth+1)
				if depth >= maxNesting {
					t = append(t, inner...)
				} else if !inner.IsZero() {
					list.Items = append(list.Items, inner)
				}
			}
			if list.Items != nil {
				t = append(t, list)
			}
		}
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

// lines are the lines of a block that is not made of spans.
func (src markdown) lines(n ast.Node) string {
	return string(n.Lines().Value(src))
}

// spans appends the children of a node that holds text.
func (src markdown) spans(p Paragraph, parent ast.Node, style Style) Paragraph {
	for n := parent.FirstChild(); n != nil; n = n.NextSibling() {
		switch n := n.(type) {
		case *ast.Text:
			s := string(n.Value(src))
			if !n.IsRaw() {
				s = unescape(s)
			}
			if n.SoftLineBreak() {
				s += " "
			}
			p = p.with(Span{Text: inline(s), Style: style})
			if n.HardLineBreak() {
				p = append(p, Span{Text: "\n"})
			}
		case *ast.CodeSpan:
			p = src.spans(p, n, style|Code)
		case *ast.Emphasis:
			if n.Level == 2 {
				p = src.spans(p, n, style|Strong)
			} else {
				p = src.spans(p, n, style|Emphasis)
			}
		case *ast.Link:
			address := safeURL(n.Destination)
			if address == "" {
				p = src.spans(p, n, style)
				continue
			}
			label := strings.TrimSpace(inline(src.spans(nil, n, 0).plain()))
			if label == "" {
				label = address
			}
			p = p.with(Span{Text: label, Style: style, URL: address})
		case *ast.AutoLink:
			address := n.URL(src)
			if n.AutoLinkType == ast.AutoLinkEmail && !bytes.HasPrefix(bytes.ToLower(address), []byte("mailto:")) {
				address = append([]byte("mailto:"), address...)
			}
			p = p.with(Span{Text: inline(string(n.Label(src))), Style: style, URL: safeURL(address)})
		case *ast.RawHTML:
			p = p.with(Span{Text: inline(string(n.Segments.Value(src))), Style: style})
		default: // an image
			p = src.spans(p, n, style)
		}
	}
	return p
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

// unescape resolves backslashes and entities. Goldmark does so only while it
// writes HTML, so this lets it, and undoes the HTML.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	w := bufWriter{&b}
	htmlwriter.DefaultWriter.Write(w, []byte(s))
	return clean(html.UnescapeString(b.String()))
}

// bufWriter makes of a Builder what goldmark writes to.
type bufWriter struct{ *strings.Builder }

func (bufWriter) Available() int { return 0 }
func (bufWriter) Buffered() int  { return 0 }
func (bufWriter) Flush() error   { return nil }

// safeURL is the address of a link, with every character escaped that could
// end a link in some platform's syntax, or "" if people should not be sent there.
func safeURL(destination []byte) string {
	u, err := url.Parse(clean(string(util.URLEscape(destination, true))))
	if err != nil {
		return ""
	}
	switch {
	case (u.Scheme == "http" || u.Scheme == "https") && u.Host != "":
	case u.Scheme == "mailto" && u.Opaque != "":
	default:
		return ""
	}
	return u.String()
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

// Sentences takes prose apart: after a full stop, question or exclamation
// mark with a space behind, and at line ends. "e.g.", "Washington, D.C. office"
// and "No. 5" stay together.
func Sentences(s string) []string {
	var sentences []string
	for line := range strings.SplitSeq(strings.ReplaceAll(s, "\r", "\n"), "\n") {
		start := 0
		spelled, seen := false, 0 // the sentence has a letter before seen
		for i := 0; i < len(line); i++ {
			if !strings.ContainsRune(".?!", rune(line[i])) {
				continue
			}
			stop := i
			for i+1 < len(line) && strings.ContainsRune(".?!", rune(line[i+1])) {
				i++
			}
			end := i + 1
			for _, r := range line[end:] { // a closing quote or bracket still belongs to the sentence
				if !strings.ContainsRune(`"')]’”`, r) {
					break
				}
				end += utf8.RuneLen(r)
			}
			for !spelled && seen < stop {
				r, n := utf8.DecodeRuneInString(line[seen:])
				spelled, seen = unicode.IsLetter(r), seen+n
			}
			if end < len(line) && (line[end] == ' ' || line[end] == '\t') && !abbreviated(line[start:stop+1], line[end:], spelled) {
				sentences = append(sentences, strings.TrimSpace(line[start:end]))
				start, spelled, seen = end, false, end
			}
			i = end - 1
		}
		if last := strings.TrimSpace(line[start:]); last != "" {
			sentences = append(sentences, last)
		}
	}
	return sentences
}

// abbreviated reports whether the stop at the end of before only shortens a
// word or numbers an item, given what comes after it and whether before has a
// letter.
func abbreviated(before, after string, spelled bool) bool {
	if before[len(before)-1] != '.' {
		return false
	}
	w := before[:len(before)-1]
	if !spelled {
		return true // "1. First", "... and"
	}
	w = w[strings.LastIndexAny(w, " \t")+1:]
	w = strings.TrimLeft(w, `"'([‘“`)
	if w == "I" || !shortened[strings.ToLower(w)] && !initials(w) {
		return false
	}
	// "in the U.S. It has": with such a word the stop is both.
	next, _, _ := strings.Cut(strings.TrimLeft(after, " \t"), " ")
	return !openers[next]
}

// initials reports whether w is like the e.g of "e.g.", Ph.D or the J of "J. Smith".
func initials(w string) bool {
	for part := range strings.SplitSeq(w, ".") {
		if n := utf8.RuneCountInString(part); n < 1 || n > 2 {
			return false
		}
	}
	return len(w) == 1 || strings.Contains(w, ".")
}

// shortened are words that are written with a full stop and have none inside.
var shortened = set(`
	no nos dr mr mrs ms prof st vs etc inc ltd co corp jr sr dept gov gen sen rep col lt sgt capt hon rev
	approx est ext fig sec art vol pp ed al tel ave blvd rd bldg rm ste
	jan feb mar apr jun jul aug sep sept oct nov dec
`)

// openers are words that begin sentences and hardly ever names.
var openers = set(`The It Its They Their This These That Those There We You Your He She If When Where Who What How For In`)
