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

// decoder turns the syntax trees of the files into the types of file.go and
// collects problems on the way.
type decoder struct {
	findings
	file    string // that is read
	ours    bool   // its words may be told
	left    budget
	aliased bool // something of it was repeated
	objects map[reflect.Type]*object
}

// readAll reads the inputs into file, adding to the lists that are there. The
// problems list the mistakes with their places, as far as they are told.
func readAll(inputs []Input, file *File) Problems {
	size := 0
	for _, in := range inputs {
		size += len(in.Data)
	}
	d := &decoder{left: newBudget(size), objects: map[reflect.Type]*object{}}
	d.whole = wholeOf(inputs)
	if size > maxFileSize {
		d.errorf(d.whole, "the file has %d MiB, the most is %d MiB", size>>20, maxFileSize>>20)
		return d.list()
	}
	for _, in := range inputs {
		if d.read(in, file); d.full() || d.left.spent() {
			break
		}
	}
	tries := file.tries()
	if tries > maxTries {
		d.errorf(d.whole, "the example questions times the divisions and declined topics are %s, the most is %s; "+
			"keep the questions that differ most", verbatim(grouped(tries)), verbatim(grouped(maxTries)))
	}
	if tries > maxTries || d.left.spent() {
		*file = File{} // what could be read of it is of no use
	}
	return d.list()
}

// checkAll looks at a file whose reading had these problems, and lists further ones.
func checkAll(inputs []Input, file *File, reading Problems) Problems {
	errors, _ := reading.Count()
	if errors > 0 && len(file.Divisions) == 0 || errors >= maxProblems {
		return nil // there is nothing to look at, or to tell
	}
	return file.check(wholeOf(inputs), errors)
}

// wholeOf is the place of what belongs to no line.
func wholeOf(inputs []Input) Pos { return Pos{File: text.PrintableLine(inputs[0].Name)} }

// read reads one input.
func (d *decoder) read(in Input, f *File) {
	d.file = text.PrintableLine(in.Name)
	whole := Pos{File: d.file}
	data := bytes.TrimPrefix(in.Data, []byte("\uFEFF"))
	if len(bytes.TrimSpace(data)) == 0 {
		d.errorf(whole, "the file is empty; it needs at least version and divisions")
		return
	}
	if !d.look(data) {
		return
	}
	data = plainer(data)
	d.ours = isOurs(data)
	tree := d.parse(data)
	if tree == nil {
		return
	}
	if top := follow(tree); top.Kind == yaml.MappingNode && !d.ours && !hasOurKey(top) {
		d.errorf(whole, "this is no knowledge file: it has neither version: 1 nor divisions")
		return
	}
	d.ours = true
	d.value(tree, reflect.ValueOf(f).Elem(), "the file", "", 0)
}

// isOurKey reports whether a key with this value stands at the top of a knowledge
// file and of few others.
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

// follow is what a node stands for. An alias of an alias does not exist.
func follow(n *yaml.Node) *yaml.Node {
	if n.Kind == yaml.AliasNode {
		return n.Alias
	}
	return n
}

// isNull reports whether a value is left out, or null.
func isNull(n *yaml.Node) bool {
	return n.Kind == yaml.ScalarNode && n.Tag == "!!null" && n.Style&yaml.TaggedStyle == 0
}

func (d *decoder) pos(n *yaml.Node) Pos {
	p := Pos{d.file, n.Line, n.Column}
	if isNull(n) && n.Value == "" {
		p.Column++ // after the blank
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

// value decodes n into v. what names the place in the file's own keys, is the kind
// of its texts.
func (d *decoder) value(at *yaml.Node, v reflect.Value, what, is string, depth int) {
	n := follow(at)
	d.aliased = d.aliased || n != at
	if d.left.values--; d.left.values == -1 {
		d.errorf(d.pos(at), "aliases unfold this file to many more values than are written in it; use fewer of them")
	}
	if d.full() || d.left.spent() {
		return
	}
	if isNull(n) && v.Type() != lineType {
		return // a key without a value is a key left out
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
			d.errorf(d.pos(n), "%s must be true or false, this is %s", what, kindOf(n))
			return
		}
		v.SetBool(strings.EqualFold(n.Value, "true"))
	case v.Kind() == reflect.Int:
		i, err := strconv.Atoi(n.Value)
		if n.Kind != yaml.ScalarNode || n.Tag != "!!int" || err != nil {
			d.errorf(d.pos(n), "%s must be a whole number, this is %s", what, kindOf(n))
			return
		}
		v.SetInt(int64(i))
	}
}

func (d *decoder) sequence(n *yaml.Node, v reflect.Value, what, is string, depth int) {
	if n.Kind != yaml.SequenceNode {
		d.errorf(d.pos(n), "%s must be a list, this is %s", what, kindOf(n))
		return
	}
	entries := n.Content
	if most, all := mostOf(what), v.Len()+len(entries); all > most {
		room := max(0, most-v.Len())
		d.errorf(d.pos(entries[room]), "%s has %s entries, the most is %s; %s",
			what, verbatim(grouped(all)), verbatim(grouped(most)), remedyOf(what))
		if entries = entries[:room]; what == "divisions" {
			return // looking at the others would take long
		}
	}
	item := itemOf(what)
	seen := map[string]Pos{}
	v.Grow(len(entries))
	for _, entry := range entries {
		e := reflect.New(v.Type().Elem()).Elem()
		if isNull(entry) && e.Type() != lineType {
			d.errorf(d.pos(entry), "%s is empty; fill it in or take it out", item)
			continue
		}
		d.value(entry, e, item, is, depth+1)
		if l, ok := e.Addr().Interface().(*Line); ok && once[what] && l.Text != "" {
			if first, ok := seen[l.Text]; ok {
				d.warnf(l.Pos, "%q stands in %s already; one of them is enough", l.Text, first.from(l.Pos))
				continue
			}
			seen[l.Text] = l.Pos
		}
		v.Set(reflect.Append(v, e))
	}
}

// line decodes a text. Numbers, dates and true or false are taken as they are
// written, so that a keyword may be 911 and an acronym NO.
func (d *decoder) line(n, at *yaml.Node, l *Line, what, is string) {
	l.Pos = d.pos(at)
	switch {
	case n.Kind != yaml.ScalarNode:
		d.errorf(d.pos(n), "%s must be a text, this is %s; put it into quotes if it has a colon or a bracket",
			what, kindOf(n))
		return
	case isNull(n):
		return
	}
	l.Text = d.text(meant(n.Value), l.Pos, what, kinds[is])
}

// text is what can be used of a text of the file. The rest is reported.
func (d *decoder) text(s string, at Pos, what string, k kind) string {
	if d.left.bytes -= len(s); d.left.bytes < 0 {
		d.errorf(at, "aliases unfold this file to many more words than are written in it; use fewer of them")
		return ""
	}
	if d.left.steps -= k.stepsOf(s); d.left.steps < 0 {
		remedy := verbatim("keep the keywords and questions that differ most")
		if d.aliased {
			remedy = "aliases unfold it; use fewer of them"
		}
		d.errorf(at, "up to here there are more texts than a file of this size should have; %s", remedy)
		return ""
	}
	if r := acting(s); r >= 0 {
		d.errorf(at, "%s cannot stand in %s; take it out", called(r), what)
		return ""
	}
	s = strings.TrimSpace(strings.ReplaceAll(s, "\r\n", "\n"))
	if length := utf8.RuneCountInString(s); length > k.length {
		d.errorf(at, "%s has %s characters, the most is %s; shorten it",
			what, verbatim(grouped(length)), verbatim(grouped(k.length)))
		return ""
	}
	if i := strings.IndexAny(s, "\n\t"); i >= 0 && !k.lines {
		d.errorf(at, "%s has %s; it can only be one line of words and blanks", what, called(rune(s[i])))
		return ""
	}
	return s
}

// acting is the first character of s that cannot stand in a file, or -1.
func acting(s string) rune {
	last := rune(0)
	for i, r := range s {
		if r != '\n' && r != '\t' && (r != '\r' || !strings.HasPrefix(s[i:], "\r\n")) && text.Unprintable(last, r) {
			return r
		}
		last = r
	}
	return -1
}

// called names a character that cannot be shown.
func called(r rune) verbatim {
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

// keyed is what stands under a key.
type keyed struct {
	key   string
	at    Pos
	value *yaml.Node
}

// entries lists what stands under the keys of a mapping that can be used, or reports
// that n is none.
func (d *decoder) entries(n *yaml.Node, what string) []keyed {
	if n.Kind != yaml.MappingNode {
		d.errorf(d.pos(n), "%s must be keys with values, this is %s", what, kindOf(n))
		return nil
	}
	if len(n.Content) > 2*maxItems {
		d.errorf(d.pos(n.Content[2*maxItems]), "more than %d keys stand in one block here", maxItems)
		return nil
	}
	seen := make(map[string]bool, len(n.Content)/2)
	kept := make([]keyed, 0, len(n.Content)/2)
	for i := 1; i < len(n.Content); i += 2 {
		k := follow(n.Content[i-1])
		at, key := d.pos(n.Content[i-1]), meant(k.Value)
		switch r := acting(key); {
		case k.Kind != yaml.ScalarNode:
			d.errorf(at, "a key must be a text, this is %s", kindOf(k))
		case k.Tag == "!!merge":
			d.errorf(at, "the merge key << is not part of the format; write the keys out")
		case len(key) > maxKey:
			d.errorf(at, "a key cannot be longer than %d bytes; "+
				"is a colon followed by a blank part of the text? put the text into quotes", maxKey)
		case r >= 0:
			d.errorf(at, "%s cannot stand in a key; take it out", called(r))
		case strings.ContainsAny(key, "\n\t"):
			d.errorf(at, "a key can only be one line of words and blanks; put a text that has a colon into quotes")
		case seen[key]:
			d.errorf(at, "the key %s stands here a second time; keep one of them", key)
		default:
			seen[key] = true
			kept = append(kept, keyed{key, at, n.Content[i]})
		}
	}
	return kept
}

func (d *decoder) facts(n *yaml.Node, facts *Facts, what string) {
	for _, p := range d.entries(n, what) {
		f := Fact{Label: Line{p.key, p.at}}
		if follow(p.value).Kind == yaml.MappingNode {
			d.value(p.value, reflect.ValueOf(&f.FactText).Elem(), f.Label.Text, "", 1)
		} else {
			d.value(p.value, reflect.ValueOf(&f.Text).Elem(), f.Label.Text, "prose", 1)
		}
		*facts = append(*facts, f)
	}
}

// object is what is known of a type with keys.
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
	for _, p := range d.entries(n, what) {
		i, ok := o.fields[p.key]
		if !ok {
			near, _, colon := strings.Cut(p.key, ":")
			remedy := "; put a blank behind the colon"
			if _, known := o.fields[near]; !colon || !known {
				if near = nearest(p.key, o.keys); near != "" {
					remedy = "; did you mean " + near + "?"
				} else {
					remedy = "; the keys are " + strings.Join(o.keys, ", ")
				}
			}
			d.errorf(p.at, "%s has no key %s%s", what, p.key, verbatim(remedy))
			given[near] = true // one mistake, one message
			continue
		}
		given[p.key] = true
		if restricts[p.key] && isEmpty(follow(p.value)) {
			d.errorf(p.at, "%s is empty; fill it in, or take it out if this is for everyone", p.key)
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
			// version and divisions may stand in another file of the folder
			if depth == 0 && key == "divisions" {
				continue
			}
			d.errorf(d.pos(n), "%s has no %s", what, key)
		}
	}
	if depth == 0 && given["version"] && v.Interface().(File).Version != 1 && len(d.errors) == before {
		d.errorf(d.pos(n), "this program reads version 1 of the format, the file says version %d",
			v.Interface().(File).Version)
	}
}

// restricts are the keys that keep something from people: one that is left empty
// must not count as left out.
var restricts = map[string]bool{"audience": true, "private": true}

func isEmpty(n *yaml.Node) bool {
	return isNull(n) || n.Kind == yaml.SequenceNode && len(n.Content) == 0
}

// nearest returns the known key that was probably meant, or "".
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

// itemOf names one item of a list: "a division" of divisions, or else "an item
// of keywords".
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
