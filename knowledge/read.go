package knowledge

import (
	"bytes"
	"fmt"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"
	"frontdesk/knowledge/words"

	"go.yaml.in/yaml/v3"
)

// decoder reads the syntax trees of the files into the types of file.go and collects
// problems.
type decoder struct {
	findings
	file    string // the name of the file that is read
	ours    bool   // it is a knowledge file, so messages may quote it
	left    budget
	aliased bool // it has an alias
	objects map[reflect.Type]*object
	source  source
	anchors []*yaml.Node        // of texts
	used    map[*yaml.Node]bool // those that an alias refers to
}

// readAll reads the inputs into file and appends to its lists. It returns the mistakes
// with their places, up to the number that is reported.
func readAll(inputs []Input, file *File) Problems {
	size := 0
	for _, in := range inputs {
		size += len(in.Data)
	}
	d := &decoder{left: newBudget(size), objects: map[reflect.Type]*object{}}
	d.whole = wholeOf(inputs)
	if size > maxFileSize {
		d.errorf(d.whole, "the file has %d MiB, and at most %d MiB are allowed", size>>20, maxFileSize>>20)
		return d.list()
	}
	for _, in := range inputs {
		if d.read(in, file); d.full() || d.left.spent() {
			break
		}
	}
	tries := file.tries()
	if tries > maxTries {
		d.errorf(d.whole, "the number of example questions times that of divisions and declined topics is %s, "+
			"and at most %s is allowed; keep the questions that differ most",
			verbatim(grouped(tries)), verbatim(grouped(maxTries)))
	}
	if tries > maxTries || d.left.spent() {
		*file = File{} // a part of a file is of no use
	}
	return d.list()
}

// checkAll checks a file and lists the problems that reading did not find.
func checkAll(inputs []Input, file *File, reading Problems) Problems {
	errors, _ := reading.Count()
	if errors > 0 && len(file.Divisions) == 0 || errors >= maxProblems {
		return nil // there is nothing to check, or no room for more problems
	}
	return file.check(wholeOf(inputs), errors)
}

// wholeOf is the place of problems that belong to no line.
func wholeOf(inputs []Input) Pos { return Pos{File: text.PrintableLine(inputs[0].Name)} }

// read reads one input.
func (d *decoder) read(in Input, f *File) {
	d.file = text.PrintableLine(in.Name)
	whole := Pos{File: d.file}
	data := bytes.TrimPrefix(in.Data, []byte("\uFEFF"))
	if len(bytes.TrimSpace(data)) == 0 {
		d.errorf(whole, "the file is empty; it needs at least the keys version and divisions")
		return
	}
	if !d.checkBytes(data) {
		return
	}
	d.ours = isOurs(data)
	if at := conflict(data); at >= 0 {
		d.errorf(d.place(data, at), "%s", verbatim(unresolved))
		return
	}
	tree := d.parse(data)
	if tree == nil {
		return
	}
	if top := follow(tree); top.Kind == yaml.MappingNode && !d.ours && !hasOurKey(top) {
		d.errorf(whole, "this is not a knowledge file: it has neither version: 1 nor divisions")
		return
	}
	d.ours = true
	d.source = source{data: data}
	d.anchors, d.used = nil, map[*yaml.Node]bool{}
	d.value(tree, reflect.ValueOf(f).Elem(), "the file", "", 0)
	d.unusedAnchors()
}

// isOurKey reports whether a key with this value is typical of the top of a knowledge
// file.
func isOurKey(key, value *yaml.Node) bool {
	return key.Value == "divisions" || key.Value == "version" && follow(value).Value == "1"
}

// hasOurKey reports whether a mapping has such a key.
func hasOurKey(n *yaml.Node) bool {
	for i := 1; i < len(n.Content); i += 2 {
		if isOurKey(n.Content[i-1], n.Content[i]) {
			return true
		}
	}
	return false
}

// follow returns the node that an alias refers to, or n itself. No alias refers to an
// alias.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull reports whether a value is missing, or null.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&yaml.TaggedStyle == 0
}

func (d *decoder) pos(n *yaml.Node) Pos {
	p := Pos{d.file, n.Line, n.Column}
	if isNull(n) && n.Value == "" {
		p.Column++ // behind the space
	}
	return p
}

// kindOf names a node's type in words that an admin knows.
func kindOf(n *yaml.Node) verbatim {
	switch {
	case n.Kind == yaml.MappingNode:
		return "keys with values"
	case n.Kind == yaml.SequenceNode:
		return "a list"
	case isNull(n):
		return "empty"
	case n.Tag == "!!int", n.Tag == "!!float":
		return "a number"
	case n.Tag == "!!bool":
		return verbatim(strings.ToLower(n.Value))
	}
	return "text"
}

var (
	lineType  = reflect.TypeFor[Line]()
	factsType = reflect.TypeFor[Facts]()
)

// value reads a node into v. what is the name of the key or list item, and is
// the kind of its texts (see [kinds]).
func (d *decoder) value(at *yaml.Node, v reflect.Value, what, is string, depth int) {
	n := follow(at)
	if n != at {
		d.aliased, d.used[n] = true, true
	}
	if d.left.values--; d.left.values == -1 {
		d.errorf(d.pos(at), "aliases expand this file to many more values than it has; use fewer aliases")
	}
	if d.full() || d.left.spent() {
		return
	}
	if isNull(n) && v.Type() != lineType {
		return // a key without a value counts as left out
	}
	switch {
	case v.Type() == lineType:
		d.line(n, at, v.Addr().Interface().(*Line), what, is)
	case v.Type() == factsType:
		d.facts(n, v.Addr().Interface().(*Facts), what)
	case v.Kind() == reflect.Struct:
		d.object(n, v, what, depth)
	case v.Kind() == reflect.Slice:
		d.sequence(n, v, what, is, depth)
	case v.Kind() == reflect.Bool:
		if n.Kind != yaml.ScalarNode || n.Tag != "!!bool" {
			d.errorf(d.pos(n), "%s must be true or false, not %s", what, kindOf(n))
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case v.Kind() == reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil {
			d.errorf(d.pos(n), "%s must be a whole number, not %s", what, kindOf(n))
			return
		}
		v.SetInt(int64(i))
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, what, is string, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.notList(n, v.Type().Elem(), what)
		return
	}
	entries := n.Content
	if most, all := mostOf(what), v.Len()+len(entries); all > most {
		room := max(0, most-v.Len())
		d.errorf(d.pos(entries[room]), "%s has %s entries, and at most %s are allowed; %s",
			what, verbatim(grouped(all)), verbatim(grouped(most)), remedyOf(what))
		if entries = entries[:room]; what == "divisions" {
			return // reading the others would take long
		}
	}
	item := itemOf(what)
	seen := map[string]Pos{}
	v.Grow(len(entries))
	for _, entry := range entries {
		e := reflect.New(v.Type().Elem()).Elem()
		if isNull(entry) && e.Type() != lineType {
			d.errorf(d.pos(entry), "%s is empty; fill it in or delete it", item)
			continue
		}
		errors := len(d.errors)
		if e.Type() == lineType && d.isComment(entry) {
			d.commented(entry, item)
			continue
		}
		if d.value(entry, e, item, is, depth+1); e.Type() == lineType && len(d.errors) > errors {
			continue // one mistake, one message
		}
		if l, ok := e.Addr().Interface().(*Line); ok && distinct[what] && l.Text != "" {
			if first, ok := seen[l.Text]; ok {
				d.warnf(l.Pos, "%q is already in %s; one of them is enough", l.Text, first.from(l.Pos))
				continue
			}
			seen[l.Text] = l.Pos
		}
		v.Set(reflect.Append(v, e))
	}
}

// line reads a text. Numbers, dates, true and false are read as they are written, so
// that a keyword may be 911 and an acronym NO.
func (d *decoder) line(n, at *yaml.Node, l *Line, what, is string) {
	pos, errors := d.pos(at), len(d.errors)
	switch {
	case n.Kind != yaml.ScalarNode:
		d.notText(n, what)
	case isNull(n):
	default:
		l.Text = d.text(restored(n.Value), pos, what, kinds[is])
	}
	if len(d.errors) > errors {
		return // the text counts as left out: one mistake, one message
	}
	if l.Pos = pos; at == n {
		d.lost(n, l)
	}
}

// text returns a text of the file without the space around it, or reports why it cannot
// be used and returns "".
func (d *decoder) text(s string, at Pos, what string, k kind) string {
	if d.left.bytes -= len(s); d.left.bytes < 0 {
		d.errorf(at, "aliases expand this file to many more words than it has; use fewer aliases")
		return ""
	}
	if d.left.steps -= k.stepsOf(s); d.left.steps < 0 {
		remedy := verbatim("keep the keywords and questions that differ most")
		if d.aliased {
			remedy = "aliases expand the file; use fewer of them"
		}
		d.errorf(at, "up to here the file has more texts than a knowledge file of its size can need; %s", remedy)
		return ""
	}
	if r := forbidden(s); r >= 0 {
		d.errorf(at, "%s cannot contain %s; delete it", what, nameOf(r))
		return ""
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if length := utf8.RuneCountInString(s); length > k.length {
		d.errorf(at, "%s has %s characters, and at most %s are allowed; shorten it",
			what, verbatim(grouped(length)), verbatim(grouped(k.length)))
		return ""
	}
	if i := strings.IndexAny(s, "\n\t"); i >= 0 && !k.lines {
		d.errorf(at, "%s contains %s; it must be a single line of words and spaces", what, nameOf(rune(s[i])))
		return ""
	}
	return s
}

// forbidden is the first character of s that no file may contain, or -1.
func forbidden(s string) rune {
	last := rune(0)
	for i, r := range s {
		if r != '\n' && r != '\t' && (r != '\r' || !strings.HasPrefix(s[i:], "\r\n")) && text.Unprintable(last, r) {
			return r
		}
		last = r
	}
	return -1
}

// nameOf names a character that cannot be printed.
func nameOf(r rune) verbatim {
	switch {
	case r == '\n':
		return "a line break"
	case r == '\t':
		return "a tab"
	case r < ' ' || 0x7f <= r && r < 0xa0:
		return verbatim(fmt.Sprintf("the control character U+%04X", r))
	}
	return verbatim(fmt.Sprintf("the invisible character U+%04X", r))
}

// keyValue is a key and its value.
type keyValue struct {
	key   string
	at    Pos
	value *yaml.Node
}

// entries lists the keys of a mapping that can be used. It reports the others, and a node
// that is no mapping.
func (d *decoder) entries(n *yaml.Node, what, example string) []keyValue {
	if n.Kind != yaml.MappingNode {
		d.notKeys(n, what, example)
		return nil
	}
	if len(n.Content) > 2*maxItems {
		d.errorf(d.pos(n.Content[2*maxItems]), "this block has more than %d keys", maxItems)
		return nil
	}
	seen := make(map[string]Pos, len(n.Content)/2)
	kept := make([]keyValue, 0, len(n.Content)/2)
	for i := 1; i < len(n.Content); i += 2 {
		k := follow(n.Content[i-1])
		at, key := d.pos(n.Content[i-1]), restored(k.Value)
		switch r := forbidden(key); {
		case k.Kind != yaml.ScalarNode:
			d.errorf(at, "a key must be a text, not %s", kindOf(k))
		case k.Tag == "!!merge":
			d.errorf(at, "the merge key << is not part of the format; write the keys out")
		case len(key) > maxKey:
			d.errorf(at, "a key cannot be longer than %d bytes; "+
				"if this is a text that contains a colon, put it in quotes", maxKey)
		case r >= 0:
			d.errorf(at, "a key cannot contain %s; delete it", nameOf(r))
		case strings.ContainsAny(key, "\n\t"):
			d.errorf(at, "a key must be a single line of words and spaces; put a text that contains a colon in quotes")
		case seen[key].Line > 0:
			d.errorf(at, "the key %s is already in %s; keep one of them", key, seen[key].from(at))
		default:
			seen[key] = at
			kept = append(kept, keyValue{key, at, n.Content[i]})
		}
	}
	return kept
}

func (d *decoder) facts(n *yaml.Node, facts *Facts, what string) {
	for _, p := range d.entries(n, what, "lead: Ann Example") {
		if d.isComment(p.value) {
			d.commented(p.value, p.key)
			continue
		}
		if where, _ := belongs(factsType, p.key); where != "" && follow(p.value).Kind == yaml.SequenceNode {
			d.errorf(p.at, "%s is a list here, and a fact must be a text; the list %s belongs %s",
				p.key, p.key, verbatim(where))
			continue
		}
		f := Fact{Label: Line{p.key, p.at}}
		if follow(p.value).Kind == yaml.MappingNode {
			d.value(p.value, reflect.ValueOf(&f.FactText).Elem(), f.Label.Text, "", 1)
		} else {
			d.value(p.value, reflect.ValueOf(&f.Text).Elem(), f.Label.Text, "prose", 1)
		}
		*facts = append(*facts, f)
	}
}

// object lists the keys of a type.
type object struct {
	fields map[string]int
	keys   []string // in the order of the alphabet
}

func (d *decoder) objectOf(t reflect.Type) *object {
	o, ok := d.objects[t]
	if !ok {
		o = &object{fields: map[string]int{}}
		for i := range t.NumField() {
			key := t.Field(i).Tag.Get("yaml")
			o.fields[key] = i
			o.keys = append(o.keys, key)
		}
		slices.Sort(o.keys)
		d.objects[t] = o
	}
	return o
}

func (d *decoder) object(n *yaml.Node, v reflect.Value, what string, depth int) {
	o := d.objectOf(v.Type())
	before := len(d.errors)
	given := map[string]bool{}
	for _, p := range d.entries(n, what, firstKey(v.Type())) {
		i, ok := o.fields[p.key]
		if !ok {
			near, remedy := d.unknown(p, v.Type(), o.keys)
			d.errorf(p.at, "%s has no key %s; %s", what, p.key, remedy)
			given[near] = true // one mistake, one message: it is not missing as well
			continue
		}
		given[p.key] = true
		if restricts[p.key] && isEmpty(follow(p.value)) {
			d.errorf(p.at, "%s is empty; fill it in, or delete it if this is for everyone", p.key)
			continue
		}
		if f := v.Type().Field(i); isNull(p.value) && p.value.Value == "" && d.empty(p, f) {
			continue
		}
		d.value(p.value, v.Field(i), p.key, v.Type().Field(i).Tag.Get("is"), depth+1)
	}
	if len(d.errors) > before && len(given) == 0 {
		return
	}
	for i := range v.NumField() {
		f := v.Type().Field(i)
		if key := f.Tag.Get("yaml"); f.Tag.Get("need") != "" && !given[key] {
			// divisions may be in another file of the folder
			if depth == 0 && key == "divisions" {
				continue
			}
			d.errorf(d.pos(n), "%s has no %s", what, key)
		}
	}
	if depth == 0 && given["version"] && v.Interface().(File).Version != 1 && len(d.errors) == before {
		d.errorf(d.pos(n), "this program reads version 1 of the format, but the file has version %d",
			v.Interface().(File).Version)
	}
}

// restricts are the keys that hide something from people: an empty one must not count
// as left out.
var restricts = map[string]bool{"audience": true, "private": true}

func isEmpty(n *yaml.Node) bool {
	return isNull(n) || n.Kind == yaml.SequenceNode && len(n.Content) == 0
}

// nearest returns the known key that is probably meant, or "".
func nearest(key string, known []string) string {
	best, bestDistance := "", 3
	key = strings.ToLower(key)
	for _, k := range known {
		if s := words.EditDistance(key, k, 2); s < bestDistance && s < len(key) {
			best, bestDistance = k, s
		}
	}
	return best
}

// itemOf names one item of the list under a key: "a division", or "an item of keywords"
// where there is no better word.
func itemOf(list string) string {
	switch list {
	case "divisions":
		return "a division"
	case "handles":
		return "a responsibility"
	case "programs":
		return "a program"
	case "declines":
		return "a declined topic"
	}
	return "an item of " + list
}
