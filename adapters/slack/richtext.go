package slack

import (
	"strconv"

	"frontdesk/knowledge/text"

	"github.com/slack-go/slack"
)

// richText writes a text tree as the elements of a rich text block, in which Slack
// parses no names, emoji or links: each link is an element of its own
// (docs.slack.dev/reference/block-kit/blocks/rich-text-block).
type richText struct {
	elements []slack.RichTextElement
	open     []slack.RichTextSectionElement // joined paragraphs, not written yet
	inQuote  bool                           // they are quoted
}

// text writes a text that is nested in depth lists.
func (r *richText) text(t text.Text, depth int, quoted bool) {
	for _, b := range t {
		switch b := b.(type) {
		case text.Paragraph:
			r.paragraph(b, quoted)
		case text.List:
			r.end()
			r.list(b, depth, quoted)
		case text.CodeBlock:
			r.end()
			if b != "" { // Slack refuses an empty text
				r.elements = append(r.elements, &slack.RichTextPreformatted{
					Type: slack.RTEPreformatted, Elements: []slack.RichTextSectionElement{words(string(b), 0)},
				})
			}
		case text.Quote:
			r.end()
			r.text(text.Text(b), depth, true)
			r.end()
		}
	}
}

// paragraph joins a paragraph to those before, with an empty line between.
func (r *richText) paragraph(p text.Paragraph, quoted bool) {
	spans := sectionElements(p)
	if len(spans) == 0 {
		return
	}
	if len(r.open) > 0 && r.inQuote != quoted {
		r.end()
	}
	if len(r.open) > 0 {
		r.open = append(r.open, words("\n\n", 0))
	}
	r.open, r.inQuote = append(r.open, spans...), quoted
}

// end writes the joined paragraphs.
func (r *richText) end() {
	switch {
	case len(r.open) == 0:
	case r.inQuote:
		r.elements = append(r.elements, &slack.RichTextQuote{Type: slack.RTEQuote, Elements: r.open})
	default:
		r.elements = append(r.elements, slack.NewRichTextSection(r.open...))
	}
	r.open = nil
}

// richList is a list with the keys that Slack's own type definitions have. slack-go's type
// has one more, which says where to count from.
type richList struct {
	Type     slack.RichTextElementType     `json:"type"`
	Style    slack.RichTextListElementType `json:"style"`
	Indent   int                           `json:"indent,omitempty"`
	Border   int                           `json:"border,omitempty"`
	Elements []slack.RichTextElement       `json:"elements"`
}

// RichTextElementType implements [slack.RichTextElement].
func (l *richList) RichTextElementType() slack.RichTextElementType { return l.Type }

// list writes a list. Slack's lists do not nest: an inner list is a separate one with a
// larger indent, and a further list continues the outer one. Slack counts from one; other
// numbers are written as text.
func (r *richText) list(l text.List, depth int, quoted bool) {
	piece := &richList{Type: slack.RTEList, Style: slack.RTEListBullet, Indent: min(depth, maxIndent)}
	if l.Ordered {
		piece.Style = slack.RTEListOrdered
	}
	if quoted {
		piece.Border = 1
	}
	next := 1 // the number that Slack would show
	flush := func() {
		if len(piece.Elements) > 0 {
			r.elements = append(r.elements, piece)
			rest := *piece
			rest.Elements = nil
			piece, next = &rest, 1
		}
	}
	for i, item := range l.Items {
		var section []slack.RichTextSectionElement
		number := l.First + i
		counted := l.Ordered && number == next
		if l.Ordered && !counted {
			section = append(section, words(strconv.Itoa(number)+". ", 0))
		}
		rest, some := item, false
		for len(rest) > 0 {
			p, ok := rest[0].(text.Paragraph)
			if !ok {
				break
			}
			if some {
				section = append(section, words("\n", 0))
			}
			section, some, rest = append(section, sectionElements(p)...), true, rest[1:]
		}
		if len(section) == 0 {
			section = append(section, words(" ", 0))
		}
		if !l.Ordered || counted {
			piece.Elements = append(piece.Elements, slack.NewRichTextSection(section...))
			next++
		} else {
			flush()
			r.elements = append(r.elements, slack.NewRichTextSection(section...))
		}
		if len(rest) > 0 {
			flush()
			r.text(rest, depth+1, quoted)
			r.end()
		}
	}
	flush()
}

func sectionElements(p text.Paragraph) []slack.RichTextSectionElement {
	var elements []slack.RichTextSectionElement
	for _, s := range p {
		switch {
		case s.Text == "":
		case s.URL != "":
			link := slack.NewRichTextSectionLinkElement(s.URL, s.Text, style(s.Style))
			elements = append(elements, link)
		default:
			elements = append(elements, words(s.Text, s.Style))
		}
	}
	return elements
}

func words(s string, st text.Style) *slack.RichTextSectionTextElement {
	return slack.NewRichTextSectionTextElement(s, style(st))
}

func style(s text.Style) *slack.RichTextSectionTextStyle {
	if s == 0 {
		return nil
	}
	return &slack.RichTextSectionTextStyle{
		Bold: s&text.Strong != 0, Italic: s&text.Emphasis != 0, Code: s&text.Code != 0,
	}
}
