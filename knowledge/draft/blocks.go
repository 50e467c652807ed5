package draft

import (
	"slices"
	"strconv"
	"strings"

	"golang.org/x/net/html"
	"golang.org/x/net/html/atom"
)

// maxDepth is how deep elements are followed; the parser allows 512.
const maxDepth = 600

// children reads the contents of an element.
func (p *page) children(parent *html.Node, depth int) {
	if depth > maxDepth {
		return
	}
	for n := parent.FirstChild; n != nil; n = n.NextSibling {
		switch {
		case n.Type == html.TextNode:
			p.write(n.Data)
		case n.Type == html.ElementNode && !isSkipped(n):
			p.element(n, depth)
		}
	}
}

// write adds text to the paragraph. Only elements end lines.
func (p *page) write(s string) {
	s = strings.NewReplacer("\n", " ", "\t", " ").Replace(s)
	p.text.WriteString(s)
	if p.strong > 0 {
		p.bold.WriteString(s)
	}
}

func (p *page) element(n *html.Node, depth int) {
	if level := slices.Index(headings, n.DataAtom) + 1; level > 0 {
		p.heading(n, level, depth)
		return
	}
	switch n.DataAtom {
	case atom.Br:
		p.text.WriteByte('\n')
	case atom.A:
		p.link(n, depth)
	case atom.Strong, atom.B:
		p.strong++
		p.children(n, depth+1)
		p.strong--
	case atom.Span, atom.Em, atom.I, atom.U, atom.Small, atom.Code, atom.Font, atom.Abbr, atom.Time, atom.Mark, atom.Q,
		atom.Cite, atom.S, atom.Wbr, atom.Img, atom.Sub, atom.Kbd, atom.Tt, atom.Big, atom.Ins, atom.Del:
		p.children(n, depth+1)
	case atom.Ul, atom.Ol:
		p.flush()
		p.lists++
		before := p.item
		p.item = p.lists
		p.children(n, depth+1)
		p.flush()
		p.item = before
	case atom.Li:
		p.listItem(n, depth)
	case atom.Dl:
		p.flush()
		p.children(n, depth+1)
		p.flush()
	case atom.Dt:
		p.term(n, depth)
	case atom.Summary:
		if contains(n, headings...) {
			p.children(n, depth+1)
		} else {
			p.heading(n, levelSummary, depth)
		}
	case atom.Table:
		p.flush()
		p.table(n, depth)
	default:
		p.flush()
		p.children(n, depth+1)
		p.flush()
	}
}

// link adds a link. An address is shown in place of words such as "Write to us".
func (p *page) link(n *html.Node, depth int) {
	l := link{strings.Join(strings.Fields(textOf(n)), " "), attr(n, "href")}
	for _, scheme := range []string{"mailto:", "tel:"} {
		address, ok := cutScheme(l.address, scheme)
		if r := reached(l.label); ok && address != "" && len(r.emails)+len(r.phones) == 0 {
			p.write(" " + address + " ")
			return
		}
	}
	p.links = append(p.links, l)
	p.children(n, depth+1)
}

// heading adds a heading with its links.
func (p *page) heading(n *html.Node, level, depth int) {
	p.flush()
	p.children(n, depth+1)
	b, ok := p.taken()
	if b.text = strings.Join(strings.Fields(b.text), " "); ok && b.text != "" {
		b.kind, b.level = heading, level
		p.blocks = append(p.blocks, b)
	}
}

// listItem adds an item. A card, which has a heading, is no item.
func (p *page) listItem(n *html.Node, depth int) {
	p.flush()
	before := p.item
	if contains(n, headings...) || contains(n, atom.Summary) {
		p.item = 0
	}
	start := len(p.blocks)
	p.children(n, depth+1)
	p.flush()
	p.join(start, p.item)
	p.item = before
}

// join makes one item of several paragraphs of an item.
func (p *page) join(start, list int) {
	added := p.blocks[min(start, len(p.blocks)):]
	if list == 0 || len(added) < 2 || slices.ContainsFunc(added, func(b block) bool { return b.list != list }) {
		return
	}
	first := &added[0]
	for _, b := range added[1:] {
		mark := " "
		if first.text == first.bold || isTopic(first.text) && first.bold == "" {
			first.bold = first.text
			mark = ": "
		}
		first.text += mark + b.text
		first.links = append(first.links, b.links...)
	}
	p.blocks = p.blocks[:start+1]
}

// term adds a term of a definition list and what stands below it, as a label if it is known as
// one.
func (p *page) term(n *html.Node, depth int) {
	p.flush()
	label := strings.Trim(strings.Join(strings.Fields(textOf(n)), " "), " :")
	is, _ := roleOf(label)
	if is == "" || is == Name || is == generic || is == person {
		p.heading(n, levelTerm, depth)
		return
	}
	for dd := n.NextSibling; dd != nil && dd.DataAtom != atom.Dt; dd = dd.NextSibling {
		if dd.DataAtom != atom.Dd || isSkipped(dd) {
			continue
		}
		start := len(p.blocks)
		before := p.item
		p.item = 0
		p.children(dd, depth+1)
		p.flush()
		p.item = before
		for i := start; i < len(p.blocks); i++ {
			if p.blocks[i].kind == paragraph || p.blocks[i].kind == item {
				p.blocks[i].kind, p.blocks[i].label = labelled, label
			}
		}
		for dd.FirstChild != nil { // it is read
			dd.RemoveChild(dd.FirstChild)
		}
	}
}

// flush ends the paragraph.
func (p *page) flush() {
	b, ok := p.taken()
	if !ok {
		return
	}
	switch {
	case p.item > 0:
		b.kind, b.list = item, p.item
		if b.bold == "" && len(b.links) > 0 && strings.HasPrefix(b.text, b.links[0].label) {
			b.bold = b.links[0].label
		}
	case b.text != "" && b.bold == b.text && isTopic(b.text) && !strings.HasSuffix(b.text, ":") &&
		!strings.HasSuffix(b.text, ".") && kindOf(b.text) == isOther:
		b.kind, b.level = heading, levelBold
	default:
		b.kind = paragraph
	}
	p.blocks = append(p.blocks, b)
}

// taken is the paragraph that was read, as a block.
func (p *page) taken() (b block, ok bool) {
	b.text = tidy(p.text.String())
	b.bold = strings.Trim(tidy(p.bold.String()), " :")
	if !strings.HasPrefix(b.text, b.bold) {
		b.bold = ""
	}
	b.links = p.links
	p.text.Reset()
	p.bold.Reset()
	p.links = nil
	return b, b.text != "" || len(b.links) > 0
}

// tidy is a text with single spaces, by lines.
func tidy(s string) string {
	var lines []string
	for l := range strings.Lines(s) {
		if l = strings.Join(strings.Fields(l), " "); l != "" {
			lines = append(lines, l)
		}
	}
	return strings.Join(lines, "\n")
}

// table adds a table: as a directory if its first row has the names of columns, as labels if
// it has two columns, or else by its cells.
func (p *page) table(n *html.Node, depth int) {
	if contains(n, atom.Table) || contains(n, headings...) { // it only arranges the page
		p.cells(n, depth)
		return
	}
	rows, header := tableRows(n)
	if len(rows) > 2 && isDirectory(rows) {
		p.blocks = append(p.blocks, block{kind: directory, rows: rows})
		return
	}
	if header {
		rows = rows[1:]
	}
	for _, row := range rows {
		label := ""
		if len(row) == 2 {
			label = strings.Trim(row[0], " :")
		}
		if is, _ := roleOf(label); is != "" && isTopic(label) && row[1] != "" {
			p.blocks = append(p.blocks, block{kind: labelled, label: label, text: row[1]})
		} else if text := strings.Join(trimmed(row), ": "); text != "" {
			p.blocks = append(p.blocks, block{kind: item, text: text, list: -1})
		}
	}
}

// cells reads the cells of a table one after the other.
func (p *page) cells(n *html.Node, depth int) {
	p.flush()
	p.children(n, depth+1)
	p.flush()
}

// isDirectory reports whether the first row of a table has the names of columns, one of them
// that of divisions.
func isDirectory(rows [][]string) bool {
	known, name := 0, false
	for _, cell := range rows[0] {
		is, _ := roleOf(cell)
		if is != "" && kindOf(cell) == isOther && isTopic(cell) {
			known++
		}
		name = name || is == Name || is == generic
	}
	return name && known >= 2
}

// tableRows are the cells of a table as texts, and whether the first row is a header. A cell
// that reaches over several rows is in each of them.
func tableRows(n *html.Node) (rows [][]string, header bool) {
	type reaching struct {
		text string
		rows int
	}
	open := map[int]reaching{}
	cells := 0
	for tr := range n.Descendants() {
		if tr.DataAtom != atom.Tr || isSkipped(tr) {
			continue
		}
		var row []string
		names := true // all of its cells are names of columns
		above := func() {
			for {
				o, ok := open[len(row)]
				if !ok {
					return
				}
				if o.rows--; o.rows == 0 {
					delete(open, len(row))
				} else {
					open[len(row)] = o
				}
				row = append(row, o.text)
			}
		}
		for c := tr.FirstChild; c != nil; c = c.NextSibling {
			if c.DataAtom != atom.Td && c.DataAtom != atom.Th {
				continue
			}
			above()
			names = names && c.DataAtom == atom.Th
			text := cellText(c)
			if span, err := strconv.Atoi(attr(c, "rowspan")); err == nil && span > 1 {
				open[len(row)] = reaching{text, min(span, 1000) - 1}
			}
			row = append(row, text)
			span, _ := strconv.Atoi(attr(c, "colspan"))
			for range min(span, 20) - 1 {
				row = append(row, "")
			}
			if len(row) > maxColumns {
				break
			}
		}
		above()
		if cells += len(row); cells > maxCells {
			return rows, header
		}
		if len(trimmed(row)) > 0 {
			header = header || names && len(rows) == 0
			rows = append(rows, row)
		}
	}
	return rows, header
}

// cellText is the text of a cell with the addresses that its links have and its text does not.
func cellText(n *html.Node) string {
	p := page{}
	p.children(n, 0)
	p.flush()
	var lines []string
	for _, b := range p.blocks {
		text := b.text
		for _, l := range b.links {
			if address := absolute(nil, l.address); address != "" && l.label == text {
				text = address // the cell is nothing but a link
			}
		}
		lines = append(lines, text)
	}
	return strings.Join(lines, "\n")
}
