package text

import (
	"bytes"
	"html"
	"net/url"
	"strings"
	"sync"

	"github.com/yuin/goldmark"
	"github.com/yuin/goldmark/ast"
	"github.com/yuin/goldmark/parser"
	htmlwriter "github.com/yuin/goldmark/renderer/html"
	"github.com/yuin/goldmark/text"
	"github.com/yuin/goldmark/util"
)

// maxMarkdown is how many bytes goldmark parses at most, and maxMarkup how many of them
// may be markup characters. Its time grows with the product of the two, up to 10 ms at
// these bounds, and a file may have hundreds of texts. No platform shows half of such a
// text in one message.
const (
	maxMarkdown = 16 << 10
	maxMarkup   = 1000
)

// Parse parses CommonMark. HTML stays as it is written, an image becomes its
// description, and a link with a scheme other than http, https and mailto becomes its
// label. A text longer than 16 KiB, or with more than 1,000 markup characters, is
// treated as plain.
func Parse(markdown string) Text {
	s := clean(markdown)
	if isPlain(s) {
		return Text(nil).withParagraph(Paragraph{{Text: strings.TrimRight(s, " ")}})
	}
	if exceedsBounds(s) {
		return FromPlain(s)
	}
	return parseText(s)
}

// exceedsBounds reports whether s has more bytes than maxMarkdown or more markup than
// maxMarkup.
func exceedsBounds(s string) bool {
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

// isPlain reports whether s is certainly one line without markup, so that goldmark need
// not parse it. Nearly all texts of a file are. A fuzz test compares this with goldmark.
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

// markdownParser is goldmark's CommonMark parser. It is safe for concurrent use as long
// as no options are added.
var markdownParser = sync.OnceValue(func() parser.Parser { return goldmark.DefaultParser() })

func parseText(s string) Text {
	source := markdown(s)
	return source.blocks(markdownParser().Parse(text.NewReader(source)), 0)
}

// markdown is a source text that goldmark's nodes refer to.
type markdown []byte

// blocks converts the block children of a node. depth counts the lists and quotes around
// them.
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
			t = append(t, FromPlain(raw)...)
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

// lines is the raw text of a block.
func (src markdown) lines(n ast.Node) string {
	return string(n.Lines().Value(src))
}

// spans appends the inline children of a node to p.
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

// unescape resolves backslash escapes and entities. Goldmark does that only when it
// writes HTML, so unescape writes HTML and unescapes that.
func unescape(s string) string {
	if !strings.ContainsAny(s, `\&`) {
		return s
	}
	var b strings.Builder
	w := bufWriter{&b}
	htmlwriter.DefaultWriter.Write(w, []byte(s))
	return clean(html.UnescapeString(b.String()))
}

// bufWriter is a Builder with the methods that goldmark's writer requires.
type bufWriter struct{ *strings.Builder }

func (bufWriter) Available() int { return 0 }
func (bufWriter) Buffered() int  { return 0 }
func (bufWriter) Flush() error   { return nil }

// safeURL is the address of a link, or "" if its scheme is not allowed or it has no
// target. Characters that could end a link in the syntax of a platform are escaped.
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
