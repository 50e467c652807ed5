package knowledge

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// This file writes what is added to a document, in the style of what is around it.

// textLists are the keys of lists of texts.
var textLists = []string{"keywords", "questions", "aliases"}

// insertLines adds lines below the line of an offset, and below the comments that follow it and
// are indented by more than so many spaces, because these belong to what is above.
func (d *document) insertLines(at, indent int, lines []string) {
	br, next := d.lineBreak(at), d.nextLine(at)
	for next < len(d.data) && d.indent(next) > indent {
		if !bytes.HasPrefix(d.data[next+d.indent(next):], []byte("#")) {
			break
		}
		next = d.nextLine(next)
	}
	if next == len(d.data) && !bytes.HasSuffix(d.data, []byte("\n")) {
		d.replace(next, next, br+strings.Join(lines, br))
		return
	}
	d.replace(next, next, strings.Join(lines, br)+br)
}

func (d *document) replace(at, end int, text string) {
	d.splices = append(d.splices, splice{at, end, text})
}

// addItems adds items to the list under a key, which is there.
func (d *document) addItems(s spot, key string, k, list *yaml.Node, items []fragment) error {
	colon := d.colon(k) + 1
	switch {
	case isNull(list) && (list.Anchor != "" || list.Style&yaml.TaggedStyle != 0):
		return errForm
	case isNull(list):
		end := colon
		if list.Value != "" {
			end = d.begin(list) + len(list.Value)
		}
		return d.fillKey(s, key, k, colon, end, items)
	case list.Kind != yaml.SequenceNode:
		return errForm
	case len(list.Content) > 0:
		return d.extend(list, items, d.inOneLine(s.node))
	case items[0].text == "" && !isFlow(s.node): // easier to read and to continue than [{…}]
		begin := d.begin(list)
		end := d.bracketEnd(begin)
		for begin > colon && d.data[begin-1] <= ' ' {
			begin--
		}
		return d.fillKey(s, key, k, begin, end, items)
	}
	begin := d.begin(list)
	chunks := d.chunks(s, key, items, isJSON(s.node))
	inner := d.indent(begin) + 2
	if !isFlow(s.node) {
		inner = s.node.Content[0].Column + 1
	}
	begin++
	end, width := begin, d.width()
	if rest := d.bracketEnd(begin-1) - 1; len(bytes.Trim(d.data[begin:rest], " ")) == 0 {
		end = rest // the spaces in [ ]
	}
	if d.inOneLine(s.node) {
		width = unbroken
	}
	tail := utf8.RuneCount(d.data[end:d.lineEnd(end)])
	d.replace(begin, end, fill(d.columnOf(begin), true, chunks, inner, width, tail, false, d.lineBreak(begin)))
	return nil
}

// fillKey writes the list of a key that has none. What is between its colon and an end is
// removed.
func (d *document) fillKey(s spot, key string, k *yaml.Node, colon, end int, items []fragment) error {
	if isFlow(s.node) {
		d.replace(colon, end, " "+"["+strings.Join(d.chunks(s, key, items, isJSON(s.node)), ", ")+"]")
		return nil
	}
	lines := d.keyLines(s.node, s.node.Content[0].Column-1, key, items, k.Line)
	_, first, _ := strings.Cut(lines[0], ":")
	if first != "" && len(bytes.TrimSpace(d.data[end:d.lineEnd(end)])) > 0 { // the comment cannot be between the lines
		for _, l := range lines[1:] {
			first += " " + strings.TrimSpace(l)
		}
		lines = lines[:1]
	}
	if first != "" || colon != end {
		d.replace(colon, end, first)
	}
	if len(lines) == 1 {
		return nil
	}
	d.insertLines(end, unbroken, lines[1:])
	return nil
}

// addKey adds a key that a block does not have, in the order of the format.
func (d *document) addKey(s spot, key string, items []fragment) error {
	before := d.keyBefore(s, key)
	if before < 0 {
		return errForm
	}
	k, v := s.node.Content[before], s.node.Content[before+1]
	if !isFlow(s.node) {
		indent := s.node.Content[0].Column - 1
		d.insertLines(d.valueEnd(k, v, indent, false), indent, d.keyLines(s.node, indent, key, items, k.Line))
		return nil
	}
	named := key
	if isJSON(s.node) {
		named = `"` + key + `"`
	}
	chunk := named + ": [" + strings.Join(d.chunks(s, key, items, isJSON(s.node)), ", ") + "]"
	var keys []*yaml.Node
	for i := 0; i < len(s.node.Content); i += 2 {
		keys = append(keys, s.node.Content[i])
	}
	return d.insertChunks(d.valueEnd(k, v, 0, true), []string{chunk}, keys, d.inOneLine(s.node))
}

// keyBefore is the index of the key below which a new one belongs: the last of those that come
// before it in the format, or else the first one.
func (d *document) keyBefore(s spot, key string) int {
	order := map[string]int{}
	for i := range s.is.NumField() {
		order[s.is.Field(i).Tag.Get("yaml")] = i
	}
	best, at := -1, min(0, len(s.node.Content)-1)
	for i := 0; i < len(s.node.Content); i += 2 {
		if n := order[s.node.Content[i].Value]; n < order[key] && n > best {
			best, at = n, i
		}
	}
	return at
}

// isJSON reports whether the keys of a mapping are in double quotes.
func isJSON(n *yaml.Node) bool {
	return n.Kind == yaml.MappingNode && len(n.Content) > 0 && n.Content[0].Style&yaml.DoubleQuotedStyle != 0
}

// inOneLine reports whether a mapping is in braces that end in the same line.
func (d *document) inOneLine(n *yaml.Node) bool {
	if !isFlow(n) {
		return false
	}
	begin := d.begin(n)
	return d.lineIndex(begin) == d.lineIndex(d.bracketEnd(begin))
}

// extend adds items to a list that has some. With whole, no line is broken.
func (d *document) extend(list *yaml.Node, items []fragment, whole bool) error {
	last := list.Content[len(list.Content)-1]
	if isFlow(list) {
		var chunks []string
		style, json := quotesOf(list), isJSON(last)
		for _, f := range items {
			if f.texts != nil { // a list in the list
				chunks = append(chunks, inBrackets(f, quotesOf(follow(last)), json))
			} else if f.keys != nil {
				chunks = append(chunks, d.mappingChunk(f, last, json))
			} else {
				chunks = append(chunks, inBrackets(f, style, json))
			}
		}
		return d.insertChunks(d.end(last, 0, true), chunks, list.Content, whole)
	}
	dash := d.dash(list, last)
	prefix := d.prefix(dash, last)
	end := dash + 1
	if !isNull(last) || last.Value != "" {
		end = d.end(last, d.columnOf(dash), false)
	}
	var lines []string
	spaced := d.spaced(list)
	for _, f := range items {
		if spaced {
			lines = append(lines, "")
		}
		lines = append(lines, d.itemLines(prefix, f, list)...)
	}
	d.insertLines(end, d.columnOf(dash), lines)
	return nil
}

// prefix is what is before a new item below the last one: spaces, the hyphen, and spaces.
func (d *document) prefix(dash int, last *yaml.Node) string {
	begin := d.offset(last.Line, last.Column)
	space := 1
	if d.lineIndex(begin) == d.lineIndex(dash) {
		space = max(1, begin-dash-1)
	}
	return strings.Repeat(" ", d.columnOf(dash)) + "-" + strings.Repeat(" ", space)
}

// spaced reports whether the last two items of a list of blocks have an empty line between
// them.
func (d *document) spaced(list *yaml.Node) bool {
	n := len(list.Content)
	if n < 2 || follow(list.Content[n-1]).Kind != yaml.MappingNode {
		return false
	}
	next := d.nextLine(d.end(list.Content[n-2], d.columnOf(d.begin(list)), false))
	return len(bytes.TrimSpace(d.data[next:d.lineEnd(next)])) == 0
}

// itemLines are the lines of a new item in a list that is not in brackets.
func (d *document) itemLines(prefix string, f fragment, list *yaml.Node) []string {
	last := follow(list.Content[len(list.Content)-1])
	switch {
	case f.keys != nil && isFlow(last):
		return []string{prefix + d.mappingChunk(f, last, isJSON(last))}
	case f.keys != nil:
		return d.blockLines(last, prefix, f, last.Line+1)
	case f.texts != nil:
		return []string{prefix + inBrackets(f, quotesOf(last), false)}
	}
	return []string{prefix + scalar(f.text, quotesOf(list), false)}
}

// blockLines are the lines of an item with keys.
func (d *document) blockLines(beside *yaml.Node, prefix string, f fragment, line int) (lines []string) {
	indent := utf8.RuneCountInString(prefix)
	for i, k := range f.keys {
		var own []string
		switch {
		case k.texts != nil:
			var items []fragment
			for _, t := range k.texts {
				items = append(items, fragment{text: t})
			}
			own = d.keyLines(beside, indent, k.key, items, line)
		case strings.Contains(k.text, "\n"):
			own = literal(indent, quotedKey(k.key, beside), k.text)
		default:
			own = []string{strings.Repeat(" ", indent) + quotedKey(k.key, beside) + ": " +
				scalar(k.text, d.quotesFor(k.key, line), false)}
		}
		if i == 0 {
			own[0] = prefix + own[0][indent:]
		}
		lines = append(lines, own...)
	}
	return lines
}

// quotedKey is a key in quotes if the first key of a mapping beside it is.
func quotedKey(key string, beside *yaml.Node) string {
	if beside.Kind == yaml.MappingNode && len(beside.Content) > 0 {
		return scalar(key, quotesOf(beside.Content[0]), false)
	}
	return key
}

// literal are the lines of a text of several lines.
func literal(indent int, key, text string) []string {
	lines := []string{strings.Repeat(" ", indent) + key + ": |"}
	for l := range strings.SplitSeq(text, "\n") {
		if l != "" {
			l = strings.Repeat(" ", indent+2) + l
		}
		lines = append(lines, l)
	}
	return lines
}

// keyLines are the lines of a key with a list, in the style of similar lists of the file.
func (d *document) keyLines(beside *yaml.Node, indent int, key string, items []fragment, line int) []string {
	head := strings.Repeat(" ", indent) + quotedKey(key, beside) + ":"
	keys := []string{key}
	if items[0].keys == nil && items[0].texts == nil {
		keys = append(keys, textLists...)
	}
	like, ok := d.sampleOf(line, func(s sample) bool {
		return s.value.Kind == yaml.SequenceNode && len(s.value.Content) > 0 && !isFlow(s.in)
	}, keys...)
	if ok && isFlow(like.value) && items[0].keys == nil {
		return d.bracketLines(head, indent, d.texts(items, quotesOf(like.value)), like)
	}
	if !ok || isFlow(like.value) { // any list of blocks shows how hyphens are indented
		like, ok = d.sampleOf(line, func(s sample) bool {
			return s.value.Kind == yaml.SequenceNode && len(s.value.Content) > 0 && !isFlow(s.value)
		}, append(slices.Clone(textLists), "handles", "divisions", "programs")...)
	}
	deeper, space, quotes := 2, 1, d.quotesFor(key, line)
	if ok {
		first := like.value.Content[0]
		dash := d.dash(like.value, first)
		deeper = max(0, d.columnOf(dash)-(like.key.Column-1))
		space = len(d.prefix(dash, first)) - d.columnOf(dash) - 1
	}
	lines := []string{head}
	prefix := strings.Repeat(" ", indent+deeper) + "-" + strings.Repeat(" ", space)
	for _, f := range items {
		switch {
		case f.keys != nil:
			lines = append(lines, d.blockLines(beside, prefix, f, line)...)
		case f.texts != nil:
			lines = append(lines, prefix+inBrackets(f, quotes, false))
		default:
			lines = append(lines, prefix+scalar(f.text, quotes, false))
		}
	}
	return lines
}

// bracketLines are the lines of a new list in brackets, which is broken like another one.
func (d *document) bracketLines(head string, indent int, chunks []string, like sample) []string {
	first, begin := like.value.Content[0], d.begin(like.value)
	end := d.bracketEnd(begin)
	inner, column := indent+2, like.in.Content[0].Column-1
	open := d.lineIndex(d.offset(first.Line, first.Column)) > d.lineIndex(begin)
	last := like.value.Content[len(like.value.Content)-1]
	if d.lineIndex(d.offset(last.Line, last.Column)) > d.lineIndex(begin) {
		inner = max(indent+1, indent+d.indent(d.offset(last.Line, last.Column))-column)
	}
	own := open && d.ownLines(like.value.Content)
	list := head + " ["
	if open {
		list += "\n" + strings.Repeat(" ", inner) + fill(inner, true, chunks, inner, d.width(), 0, own, "\n")
	} else {
		list += fill(utf8.RuneCountInString(list), true, chunks, inner, d.width(), 1, own, "\n")
	}
	if closing := end - 1; len(bytes.TrimSpace(d.data[d.lineStart(closing):closing])) == 0 {
		list += "\n" + strings.Repeat(" ", max(0, indent+d.indent(closing)-column))
	}
	return strings.Split(list+"]", "\n")
}

// ownLines reports whether each node begins a line of its own.
func (d *document) ownLines(nodes []*yaml.Node) bool {
	for _, n := range nodes {
		at := d.offset(n.Line, n.Column)
		if len(bytes.TrimSpace(d.data[d.lineStart(at):at])) > 0 {
			return false
		}
	}
	return true
}

// insertChunks adds items of a list, or keys, in brackets behind another one that ends at an
// offset. The nodes are those that are there. With whole, no line is broken.
func (d *document) insertChunks(after int, chunks []string, nodes []*yaml.Node, whole bool) error {
	first := d.offset(nodes[0].Line, nodes[0].Column)
	last := d.offset(nodes[len(nodes)-1].Line, nodes[len(nodes)-1].Column)
	inner := d.indent(after) + 2
	if d.lineIndex(last) > d.lineIndex(first) || len(bytes.TrimSpace(d.data[d.lineStart(first):first])) == 0 {
		inner = d.indent(last)
	}
	own, br := d.ownLines(nodes), d.lineBreak(after)
	comma, comment := d.behind(after)
	if !comment {
		width, end := d.width(), d.lineEnd(after)
		if whole || d.columnOf(end) > width && d.lineIndex(first) == d.lineIndex(last) {
			width = unbroken
		}
		tail := utf8.RuneCount(d.data[after:end])
		text := fill(d.columnOf(after), false, chunks, inner, width, tail, own, br)
		if d.data[after-1] == ':' { // a comma would become part of the key
			text = " " + text
		}
		d.replace(after, after, text)
		return nil
	}
	lines := strings.Repeat(" ", inner) + fill(inner, true, chunks, inner, d.width(), 1, own, br)
	if comma {
		lines += ","
	} else if next := d.blank(after); next < len(d.data) && d.data[next] == ',' {
		return errForm // the comma is below the comment
	} else {
		d.replace(after, after, ",")
	}
	d.insertLines(after, unbroken, strings.Split(lines, br))
	return nil
}

// behind reports whether a comma and a comment follow in the rest of a line in brackets.
func (d *document) behind(at int) (comma, comment bool) {
	rest := bytes.TrimLeft(d.data[at:d.lineEnd(at)], " \t")
	if comma = bytes.HasPrefix(rest, []byte(",")); comma {
		rest = bytes.TrimLeft(rest[1:], " \t")
	}
	return comma, bytes.HasPrefix(rest, []byte("#"))
}

// chunks are items for a list in brackets that has none yet.
func (d *document) chunks(s spot, key string, items []fragment, json bool) (chunks []string) {
	quotes := d.quotesFor(key, s.node.Line)
	if json {
		quotes = yaml.DoubleQuotedStyle
	}
	for _, f := range items {
		if f.keys != nil {
			chunks = append(chunks, d.mappingChunk(f, s.node, json))
		} else {
			chunks = append(chunks, inBrackets(f, quotes, json))
		}
	}
	return chunks
}

// mappingChunk is an item with keys, in brackets. Each value has the quotes of its kind.
func (d *document) mappingChunk(f fragment, like *yaml.Node, json bool) string {
	var parts []string
	for _, k := range f.keys {
		quotes := d.quotesFor(k.key, like.Line+1)
		if json {
			quotes = yaml.DoubleQuotedStyle
		}
		part := inBrackets(fragment{keys: []keyed{k}}, quotes, json)
		parts = append(parts, part[1:len(part)-1])
	}
	return "{" + strings.Join(parts, ", ") + "}"
}
