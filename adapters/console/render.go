package console

import (
	"fmt"
	"strconv"
	"strings"
	"unicode"

	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"golang.org/x/text/width"
)

// Style says how an answer is written on a terminal.
type Style struct {
	Color   bool
	Width   int  // columns; 0 stands for 80
	Numbers bool // offers are numbered, to be chosen by number
	Full    bool // everything, instead of [bot.Answer.Short]
}

const (
	bold   = "1"
	dim    = "2"
	red    = "1;31"
	cyan   = "36"
	yellow = "33"
)

// Render writes an answer as lines for a terminal. It is a pure function, and
// nothing in the answer can move the cursor or change a color.
func Render(a bot.Answer, s Style) string {
	if s.Width <= 0 {
		s.Width = 80
	}
	if !s.Full {
		a = a.Short()
	}
	w := writer{Style: s}
	w.block(red, "", a.Urgent.Plain())
	w.block(bold, "", a.Title)
	if e := a.Evidence; e != nil {
		text := e.Title
		if t := e.Text.Plain(); t != "" {
			text += ": " + t
		}
		w.block(cyan, "› ", text)
	}
	w.text(a.Body)
	w.examples(a.Examples)
	w.facts(a.Facts)
	w.offers(a.Offers)
	if len(a.SeeAlso) > 0 {
		var names []string
		for _, o := range a.SeeAlso {
			names = append(names, o.Title)
		}
		w.block("", "", bot.LabelSeeAlso+": "+strings.Join(names, ", "))
	}
	var links []string
	for _, l := range a.Links {
		links = append(links, l.Title+": "+l.URL)
	}
	if source := a.Source.String(); source != "" {
		links = append(links, source)
	}
	w.block(dim, "", strings.Join(links, "\n"))
	return w.String()
}

// writer collects paragraphs with an empty line between them.
type writer struct {
	Style
	strings.Builder
}

// paragraph separates the next paragraph from the one before.
func (w *writer) paragraph() {
	if w.Len() > 0 {
		_ = w.WriteByte('\n') // never fails
	}
}

func (w *writer) paint(color, text string) string {
	if !w.Color || color == "" || text == "" {
		return text
	}
	return "\x1b[" + color + "m" + text + "\x1b[0m"
}

// block writes a paragraph in one color, with mark before its first line and the
// further lines indented by the width of mark.
func (w *writer) block(color, mark, text string) {
	if text = clean(text); strings.TrimSpace(text) == "" {
		return
	}
	w.paragraph()
	w.lines(color, mark, text)
}

func (w *writer) lines(color, mark, text string) {
	indent := strings.Repeat(" ", columns(mark))
	for line := range strings.SplitSeq(text, "\n") {
		for _, part := range Wrap(line, w.Width-len(indent)) {
			fmt.Fprintf(w, "%s%s\n", w.paint(color, mark), w.paint(color, part))
			mark = indent
		}
	}
}

// text writes a text tree.
func (w *writer) text(t text.Text) {
	for _, b := range t {
		switch b := b.(type) {
		case text.List:
			w.paragraph()
			for i, item := range b.Items {
				mark := "  • "
				if b.Ordered {
					mark = "  " + strconv.Itoa(b.First+i) + ". "
				}
				w.lines("", mark, clean(flat(item)))
			}
		case text.CodeBlock:
			w.paragraph()
			for line := range strings.SplitSeq(clean(string(b)), "\n") {
				fmt.Fprintf(w, "    %s\n", w.paint(yellow, line))
			}
		case text.Quote:
			w.block(dim, "│ ", flat(text.Text(b)))
		default:
			w.block("", "", flat(text.Text{b}))
		}
	}
}

// examples writes questions to try.
func (w *writer) examples(questions []string) {
	if len(questions) > 0 {
		w.paragraph()
	}
	for _, q := range questions {
		w.lines("", "  • ", clean(q))
	}
}

// flat returns a text as plain text, with the addresses of its links.
func flat(t text.Text) string {
	with := make(text.Text, len(t))
	for i, b := range t {
		if p, ok := b.(text.Paragraph); ok {
			spans := make(text.Paragraph, len(p))
			for j, s := range p {
				if s.URL != "" && s.URL != s.Text && s.URL != "mailto:"+s.Text {
					s.Text += " (" + s.URL + ")"
				}
				spans[j] = s
			}
			b = spans
		}
		with[i] = b
	}
	return with.Plain()
}

// facts writes a table of two columns.
func (w *writer) facts(facts []bot.Fact) {
	if len(facts) == 0 {
		return
	}
	w.paragraph()
	wide := 0
	for _, f := range facts {
		wide = max(wide, min(columns(f.Label), maxLabel))
	}
	for _, f := range facts {
		label := clean(f.Label)
		label += strings.Repeat(" ", max(0, wide-columns(label))) + "  "
		for i, part := range Wrap(clean(f.Text), w.Width-columns(label)) {
			if i > 0 {
				label = strings.Repeat(" ", columns(label))
			}
			fmt.Fprintf(w, "%s%s\n", w.paint(dim, label), part)
		}
	}
}

// maxLabel is the largest width of the column of labels, in columns.
const maxLabel = 24

func (w *writer) offers(offers []bot.Offer) {
	if len(offers) == 0 {
		return
	}
	w.paragraph()
	for i, o := range offers {
		mark := "  • "
		if w.Numbers {
			mark = fmt.Sprintf("%3d ", i+1)
		}
		text := clean(o.Title)
		if t := o.Text.Plain(); t != "" {
			text += ": " + clean(t)
		}
		w.lines("", mark, text)
	}
}

// clean drops control characters.
func clean(s string) string {
	return strings.Map(func(r rune) rune {
		if r != '\n' && (unicode.IsControl(r) || unicode.Is(unicode.Cf, r)) {
			return -1
		}
		return r
	}, s)
}

// columns returns the width of a text on a terminal.
func columns(s string) int {
	n := 0
	for _, r := range s {
		switch {
		case unicode.Is(unicode.M, r):
		case width.LookupRune(r).Kind() == width.EastAsianWide, width.LookupRune(r).Kind() == width.EastAsianFullwidth:
			n += 2
		default:
			n++
		}
	}
	return n
}

// Wrap breaks a line at spaces so that each part fits into so many columns. A
// word that is wider, such as an address, keeps a line of its own.
func Wrap(line string, wide int) []string {
	var parts []string
	part, filled := "", 0
	for word := range strings.FieldsSeq(line) {
		n := columns(word)
		if part != "" && filled+1+n > wide {
			parts = append(parts, part)
			part, filled = "", 0
		}
		if part != "" {
			part += " "
			filled++
		}
		part += word
		filled += n
	}
	return append(parts, part)
}
