package knowledge

import (
	"bytes"
	"errors"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// document is one file that is edited: its bytes and its YAML tree. The tree says where a
// value begins, and the document finds where it ends.
type document struct {
	name    string
	data    []byte
	starts  []int // offsets of the lines
	bom     int   // bytes of the byte order mark
	root    *yaml.Node
	aliased map[*yaml.Node]bool // nodes that an alias refers to
	samples map[string][]sample // values by their key, in the order of the file
	most    int                 // characters of a line in a list in brackets; 0 if not yet known
	splices []splice
}

// sample is a value of the file that shows how such values are written.
type sample struct {
	in         *yaml.Node // the mapping that has it
	key, value *yaml.Node
}

// byteOrderMark is what some editors put at the beginning of a file.
var byteOrderMark = []byte("\uFEFF")

// newDocument reads the tree of a file that can be read.
func newDocument(in Input) (*document, error) {
	d := &document{name: in.Name, data: in.Data, starts: []int{0}, samples: map[string][]sample{},
		aliased: map[*yaml.Node]bool{}}
	if bytes.HasPrefix(in.Data, byteOrderMark) {
		d.bom = len(byteOrderMark)
	}
	for i, c := range in.Data {
		if c == '\n' {
			d.starts = append(d.starts, i+1)
		}
	}
	tree, _, err := documents(bytes.NewReader(measured(in.Data[d.bom:])))
	if err != nil {
		return nil, err
	}
	if tree == nil || follow(tree).Kind != yaml.MappingNode {
		return nil, errors.New("the file has no keys")
	}
	d.root = follow(tree)
	d.learn(tree)
	return d, nil
}

// measured is data in a form that the library reads (see [prepared]) in which everything has
// the line and the column that it has in data.
func measured(data []byte) []byte {
	plain := jsonForm.ReplaceAllFunc(data, func(found []byte) []byte {
		slashes := len(found) - len(bytes.TrimLeft(found, `\`))
		if slashes%2 == 0 {
			return found
		}
		return append(bytes.Clone(found[:slashes-1]), bytes.Repeat([]byte{'x'}, len(found)-slashes+1)...)
	})
	return bytes.ReplaceAll(plain, []byte("?"), []byte(placeholder))
}

// learn remembers the values below n as samples, and the nodes that aliases refer to.
func (d *document) learn(n *yaml.Node) {
	if n.Kind == yaml.AliasNode {
		d.aliased[n.Alias] = true
		return
	}
	for i, c := range n.Content {
		if n.Kind == yaml.MappingNode && i%2 == 1 {
			key := n.Content[i-1].Value
			d.samples[key] = append(d.samples[key], sample{n, n.Content[i-1], c})
		}
		d.learn(c)
	}
}

// sampleOf is the value that is nearest to a line, above if possible, and that fits. A second
// key is used where no value of the first one fits.
func (d *document) sampleOf(line int, fits func(s sample) bool, keys ...string) (found sample, ok bool) {
	for _, key := range keys {
		all := d.samples[key]
		i, _ := slices.BinarySearchFunc(all, line, func(s sample, line int) int { return s.key.Line - line })
		for k := i - 1; k >= 0; k-- {
			if fits(all[k]) {
				return all[k], true
			}
		}
		for k := i; k < len(all); k++ {
			if fits(all[k]) {
				return all[k], true
			}
		}
	}
	return sample{}, false
}

// offset is where a line and column are.
func (d *document) offset(line, column int) int {
	if line < 1 || line > len(d.starts) {
		return len(d.data)
	}
	at := d.starts[line-1]
	if line == 1 {
		at += d.bom
	}
	for ; column > 1 && at < len(d.data); column-- {
		_, n := utf8.DecodeRune(d.data[at:])
		at += n
	}
	return at
}

// begin is where a node begins, behind its anchor and tag.
func (d *document) begin(n *yaml.Node) int {
	at := d.offset(n.Line, n.Column)
	for n.Kind != yaml.AliasNode && at < len(d.data) && (d.data[at] == '&' || d.data[at] == '!') {
		at = d.blank(d.word(at))
	}
	return at
}

// word is where the characters that are no space end.
func (d *document) word(at int) int {
	for at < len(d.data) && d.data[at] > ' ' {
		at++
	}
	return at
}

// blank skips spaces, line ends and comments.
func (d *document) blank(at int) int {
	for at < len(d.data) {
		switch c := d.data[at]; {
		case c == '#' && (at == 0 || d.data[at-1] <= ' '):
			at = d.lineEnd(at)
		case c <= ' ':
			at++
		default:
			return at
		}
	}
	return at
}

// lineIndex is the number of the line of an offset, from 0.
func (d *document) lineIndex(at int) int {
	i, found := slices.BinarySearch(d.starts, at)
	if !found {
		i--
	}
	return i
}

// lineStart is where the line of an offset begins.
func (d *document) lineStart(at int) int {
	i := d.lineIndex(at)
	if i == 0 {
		return d.bom
	}
	return d.starts[i]
}

// lineEnd is where the line of an offset ends, before its line end.
func (d *document) lineEnd(at int) int {
	end := d.nextLine(at)
	return at + len(bytes.TrimRight(d.data[at:end], "\r\n"))
}

// nextLine is where the line below an offset begins.
func (d *document) nextLine(at int) int {
	if i := d.lineIndex(at) + 1; i < len(d.starts) {
		return d.starts[i]
	}
	return len(d.data)
}

// lineBreak is how the line of an offset ends, or else the first line of the file.
func (d *document) lineBreak(at int) string {
	for _, start := range []int{d.lineStart(at), d.bom} {
		if end := d.nextLine(start); bytes.HasSuffix(d.data[start:end], []byte("\r\n")) {
			return "\r\n"
		} else if end > start && d.data[end-1] == '\n' {
			break
		}
	}
	return "\n"
}

// indent is the number of spaces at the beginning of the line of an offset.
func (d *document) indent(at int) int {
	start := d.lineStart(at)
	end := start
	for end < len(d.data) && d.data[end] == ' ' {
		end++
	}
	return end - start
}

// columnOf is how many characters are before an offset in its line.
func (d *document) columnOf(at int) int { return utf8.RuneCount(d.data[d.lineStart(at):at]) }

// isFlow reports whether a list or mapping is in brackets.
func isFlow(n *yaml.Node) bool { return n.Style&yaml.FlowStyle != 0 }

// end is where a node ends. In a block it is below something that is indented by so many
// spaces; in brackets, flow is set.
func (d *document) end(n *yaml.Node, indent int, flow bool) int {
	at := d.begin(n)
	switch {
	case n.Kind == yaml.AliasNode:
		for at < len(d.data) && d.data[at] > ' ' && (!flow || strings.IndexByte(",[]{}", d.data[at]) < 0) {
			at++
		}
		return at
	case n.Kind == yaml.ScalarNode:
		return d.scalarEnd(n, at, indent, flow)
	case isFlow(n):
		return d.bracketEnd(at)
	case n.Kind == yaml.MappingNode:
		last := len(n.Content) - 1
		return d.valueEnd(n.Content[last-1], n.Content[last], n.Content[0].Column-1, false)
	}
	last := n.Content[len(n.Content)-1]
	dash := d.dash(n, last)
	if isNull(last) && last.Value == "" {
		return dash + 1
	}
	return d.end(last, d.columnOf(dash), false)
}

// valueEnd is where the value of a key ends, or the colon of the key if it has none.
func (d *document) valueEnd(key, value *yaml.Node, indent int, flow bool) int {
	if isNull(value) && value.Value == "" {
		return d.colon(key) + 1
	}
	return d.end(value, indent, flow)
}

// colon is where the colon behind a key is.
func (d *document) colon(key *yaml.Node) int {
	at := d.begin(key)
	if at < len(d.data) && (d.data[at] == '"' || d.data[at] == '\'') {
		return d.blank(d.quoteEnd(at))
	}
	for at < len(d.data) && !d.isColon(at) {
		at++
	}
	return at
}

// isColon reports whether a colon at an offset ends a key.
func (d *document) isColon(at int) bool {
	return d.data[at] == ':' && (at+1 == len(d.data) || d.data[at+1] <= ' ' ||
		strings.IndexByte(",[]{}", d.data[at+1]) >= 0)
}

// dash is where the hyphen of an item of a list is. All hyphens of the list are in the column
// where it begins. Above the item there may be comments, below its hyphen.
func (d *document) dash(list, item *yaml.Node) int {
	first := d.begin(list)
	column := first - d.lineStart(first) // before a hyphen are only spaces and hyphens
	for at := d.offset(item.Line, item.Column); ; at = d.lineStart(at) - 1 {
		start := d.lineStart(at)
		if dash := start + column; dash < d.lineEnd(start) && d.data[dash] == '-' &&
			len(bytes.Trim(d.data[start:dash], " -")) == 0 {
			return dash
		}
		if start <= first {
			return first
		}
	}
}

func (d *document) scalarEnd(n *yaml.Node, at, indent int, flow bool) int {
	switch {
	case n.Style&(yaml.DoubleQuotedStyle|yaml.SingleQuotedStyle) != 0:
		return d.quoteEnd(at)
	case n.Style&(yaml.LiteralStyle|yaml.FoldedStyle) != 0:
		return d.indentedEnd(at, indent, false)
	case flow:
		return d.flowTextEnd(at)
	}
	return d.indentedEnd(at, indent, true)
}

// quoteEnd is where a text ends that begins with a quote.
func (d *document) quoteEnd(at int) int {
	quote := d.data[at]
	for at++; at < len(d.data); at++ {
		switch {
		case d.data[at] == '\\' && quote == '"':
			at++
		case d.data[at] == quote && quote == '\'' && at+1 < len(d.data) && d.data[at+1] == quote:
			at++
		case d.data[at] == quote:
			return at + 1
		}
	}
	return len(d.data)
}

// indentedEnd is where a text in a block ends, of which further lines are indented by more
// than so many spaces. A comment ends it if it is plain.
func (d *document) indentedEnd(at, indent int, plain bool) int {
	end := at
	for start := at; ; {
		line := d.data[start:d.lineEnd(start)]
		comment := plain && len(bytes.TrimLeft(line, " \t")) > 0 && bytes.TrimLeft(line, " \t")[0] == '#'
		if i := bytes.Index(line, []byte(" #")); plain && i >= 0 {
			comment, line = true, line[:i]
		}
		if i := bytes.Index(line, []byte("\t#")); plain && i >= 0 {
			comment, line = true, line[:i]
		}
		if kept := bytes.TrimRight(line, " \t"); len(kept) > 0 && kept[0] != '#' || !plain && len(kept) > 0 {
			end = start + len(kept)
		}
		next := d.nextLine(start)
		if comment || next == len(d.data) {
			return end
		}
		for rest := d.data[next:d.lineEnd(next)]; len(bytes.TrimSpace(rest)) > 0; rest = nil {
			if len(rest)-len(bytes.TrimLeft(rest, " ")) <= indent {
				return end
			}
		}
		start = next
	}
}

// flowTextEnd is where a text without quotes ends in brackets.
func (d *document) flowTextEnd(at int) int {
	end := at
	for ; at < len(d.data); at++ {
		c := d.data[at]
		switch {
		case strings.IndexByte(",[]{}", c) >= 0, d.isColon(at), c == '#' && d.data[at-1] <= ' ':
			return end
		case c > ' ':
			end = at + 1
		}
	}
	return end
}

// bracketEnd is where a list or mapping ends that begins with a bracket.
func (d *document) bracketEnd(at int) int {
	depth := 0
	for at < len(d.data) {
		switch c := d.data[at]; {
		case c == '[' || c == '{':
			depth++
			at++
		case c == ']' || c == '}':
			at++
			if depth--; depth == 0 {
				return at
			}
		case c == '"' || c == '\'':
			at = d.quoteEnd(at)
		case c == '&' || c == '!':
			at = d.word(at)
		case c <= ' ' || c == ',' || c == ':' || c == '#' && d.data[at-1] <= ' ':
			if at = d.blank(at); at < len(d.data) && (d.data[at] == ',' || d.data[at] == ':') {
				at++
			}
		default:
			if end := d.flowTextEnd(at); end > at {
				at = end
			} else {
				at++
			}
		}
	}
	return at
}
