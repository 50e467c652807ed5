package knowledge

import (
	"errors"
	"fmt"
	"reflect"
	"strings"

	"frontdesk/knowledge/text"

	"go.yaml.in/yaml/v3"
)

// editor finds what a wanted File has more than the old one, and where it is written.
type editor struct {
	docs  []*document
	added []addition
	err   error // the first addition that cannot be written
}

// addition is what is added in one place. It is listed where it cannot be written.
type addition struct {
	at    Pos
	under string // such as "questions of the division trade"
	items []fragment
}

// fragment is a value to write: an item of a list, which is a text, a list of texts, or keys.
type fragment struct {
	text  string
	texts []string
	keys  []keyed
}

// keyed is a key with a text, or with a list of texts.
type keyed struct {
	key   string
	text  string
	texts []string
}

// newEditor reads the trees of the files.
func newEditor(inputs []Input) (*editor, error) {
	e := &editor{}
	for _, in := range inputs {
		d, err := newDocument(in)
		if err != nil {
			return nil, fmt.Errorf("%s: %w", text.PrintableLine(in.Name), err)
		}
		e.docs = append(e.docs, d)
	}
	return e, nil
}

// patch is what the editor writes.
func (e *editor) patch() (p Patch) {
	for _, d := range e.docs {
		if len(d.splices) == 0 {
			continue
		}
		if f := newFilePatch(d.name, d.data, d.splices); f != nil {
			p = append(p, *f)
		}
	}
	return p
}

// byHand is the error for what the editor cannot write, and why.
func (e *editor) byHand(why error) error {
	var b strings.Builder
	for _, a := range e.added {
		fmt.Fprintf(&b, "\n%s, %s:", a.at, a.under)
		for _, f := range a.items {
			b.WriteString("\n  - " + f.String())
		}
	}
	return fmt.Errorf("cannot edit this part of the file without changing more (%w); add these lines by hand:%s",
		why, text.Printable(b.String()))
}

// String is the fragment in one line.
func (f fragment) String() string { return inBrackets(f, yaml.DoubleQuotedStyle, false) }

// errShared is the reason not to edit what several parts of the file have.
var errShared = errors.New("an alias gives other parts of the file the same lines")

// errForm is the reason not to edit what is written in a way that the editor does not know.
var errForm = errors.New("it is written in an unusual form")

// spot is a block of the tree, with the keys of a type of the format, or one list in a list.
type spot struct {
	doc    *document
	node   *yaml.Node
	is     reflect.Type
	named  string // such as "the division trade"
	shared bool
}

// step enters the value of a key, or nil if the block does not have it.
func (s spot) value(key string) (k *yaml.Node, v spot) {
	v = spot{doc: s.doc, named: s.named, shared: s.shared}
	for i := 1; i < len(s.node.Content); i += 2 {
		if k := s.node.Content[i-1]; restored(follow(k).Value) == key {
			return k, v.enter(s.node.Content[i])
		}
	}
	return nil, v
}

// enter moves a spot to a node, and notes if something else has the same node.
func (s spot) enter(n *yaml.Node) spot {
	s.shared = s.shared || n.Kind == yaml.AliasNode || s.doc.aliased[n]
	s.node = follow(n)
	return s
}

// item is an item of the list under a key, which has it.
func (s spot) item(key string, i int, is reflect.Type, named string) spot {
	_, list := s.value(key)
	item := list.enter(list.node.Content[i])
	item.is, item.named = is, named
	return item
}

// length is how many items the list under a key has.
func (s spot) length(key string) int {
	if _, list := s.value(key); list.node != nil && list.node.Kind == yaml.SequenceNode {
		return len(list.node.Content)
	}
	return 0
}

// top is the top of a file.
func (d *document) top() spot {
	return spot{doc: d, node: d.root, is: reflect.TypeFor[File](), named: "the file", shared: d.aliased[d.root]}
}

// item is an item of a list that the files have together.
func (e *editor) item(key string, i int, is reflect.Type, named string) spot {
	for _, d := range e.docs {
		if n := d.top().length(key); i >= n {
			i -= n
			continue
		}
		return d.top().item(key, i, is, named)
	}
	return e.docs[0].top() // cannot happen: the lists of File have the items of the trees
}

// home is the file that has a key, or else the first one.
func (e *editor) home(key string) spot {
	for _, d := range e.docs {
		if k, _ := d.top().value(key); k != nil {
			return d.top()
		}
	}
	return e.docs[0].top()
}

// edit makes the splices for what wanted has more than old. Of those that begin at the same
// place the first comes first, so an inner list is written before the one around it.
func (e *editor) edit(old, wanted *File) error {
	for i := range wanted.Divisions {
		e.division(i, &old.Divisions[i], &wanted.Divisions[i])
	}
	for i, group := range old.Synonyms {
		if now := wanted.Synonyms[i]; len(now) > len(group) {
			list := e.item("synonyms", i, nil, "the group of synonyms of "+group[0].Text)
			e.write(list, "words", fragmentsOf(now[len(group):]), func(items []fragment) error {
				return list.doc.extend(list.node, items, false)
			})
		}
	}
	var groups []fragment
	for _, g := range wanted.Synonyms[len(old.Synonyms):] {
		groups = append(groups, fragment{texts: textsOf(g)})
	}
	e.add(e.home("synonyms"), "synonyms", groups)
	for i := range old.Declines {
		if was, now := old.Declines[i], wanted.Declines[i]; len(now.Questions) > len(was.Questions) {
			s := e.item("declines", i, reflect.TypeFor[Decline](), "the declined topic "+was.ID.Text)
			e.add(s, "questions", fragmentsOf(now.Questions[len(was.Questions):]))
		}
	}
	var topics []fragment
	for _, d := range wanted.Declines[len(old.Declines):] {
		topics = append(topics, fragment{keys: filledKeys(
			keyed{key: "id", text: d.ID.Text}, keyed{key: "topic", text: d.Topic.Text},
			keyed{key: "questions", texts: textsOf(d.Questions)}, keyed{key: "answer", text: d.Answer.Text})})
	}
	e.add(e.home("declines"), "declines", topics)
	return e.err
}

// division adds what one division has more than before.
func (e *editor) division(i int, was, now *Division) {
	s := e.item("divisions", i, reflect.TypeFor[Division](), "the division "+was.ID.Text)
	for k := range was.Handles {
		was, now := &was.Handles[k], &now.Handles[k]
		e.lists(func() spot {
			return s.item("handles", k, reflect.TypeFor[Responsibility](), fmt.Sprintf("%q in %s", was.Topic, s.named))
		}, was.Keywords, now.Keywords, was.Questions, now.Questions)
	}
	for k := range was.Programs {
		was, now := &was.Programs[k], &now.Programs[k]
		e.lists(func() spot {
			return s.item("programs", k, reflect.TypeFor[Program](), fmt.Sprintf("%q in %s", was.Name, s.named))
		}, was.Keywords, now.Keywords, was.Questions, now.Questions)
	}
	e.add(s, "aliases", fragmentsOf(now.Aliases[len(was.Aliases):]))
	var handles []fragment
	for _, h := range now.Handles[len(was.Handles):] {
		handles = append(handles, fragment{keys: filledKeys(
			keyed{key: "topic", text: h.Topic.Text}, keyed{key: "text", text: h.Text.Text},
			keyed{key: "keywords", texts: textsOf(h.Keywords)}, keyed{key: "questions", texts: textsOf(h.Questions)})})
	}
	e.add(s, "handles", handles)
	e.add(s, "questions", fragmentsOf(now.Questions[len(was.Questions):]))
}

// lists adds keywords and questions to a responsibility or program.
func (e *editor) lists(at func() spot, oldKeywords, keywords, oldQuestions, questions []Line) {
	if len(keywords) > len(oldKeywords) {
		e.add(at(), "keywords", fragmentsOf(keywords[len(oldKeywords):]))
	}
	if len(questions) > len(oldQuestions) {
		e.add(at(), "questions", fragmentsOf(questions[len(oldQuestions):]))
	}
}

// add adds items to the list under a key of a block.
func (e *editor) add(s spot, key string, items []fragment) {
	e.write(s, key, items, func(items []fragment) error {
		k, list := s.value(key)
		if list.shared {
			return errShared
		}
		if k == nil {
			return s.doc.addKey(s, key, items)
		}
		return s.doc.addItems(s, key, k, list.node, items)
	})
}

// write notes an addition, and writes it.
func (e *editor) write(s spot, key string, items []fragment, to func(items []fragment) error) {
	if len(items) == 0 {
		return
	}
	at := Pos{text.PrintableLine(s.doc.name), s.node.Line, s.node.Column}
	e.added = append(e.added, addition{at, key + " of " + s.named, items})
	if s.shared {
		e.fail(errShared)
	} else if err := to(items); err != nil {
		e.fail(err)
	}
}

func (e *editor) fail(err error) {
	if e.err == nil {
		e.err = err
	}
}

// textsOf are the texts of lines.
func textsOf(lines []Line) (texts []string) {
	for _, l := range lines {
		texts = append(texts, l.Text)
	}
	return texts
}

// fragmentsOf are lines as items of a list.
func fragmentsOf(lines []Line) (items []fragment) {
	for _, l := range lines {
		items = append(items, fragment{text: l.Text})
	}
	return items
}

// filledKeys are the keys that have a value.
func filledKeys(all ...keyed) (kept []keyed) {
	for _, k := range all {
		if k.text != "" || len(k.texts) > 0 {
			kept = append(kept, k)
		}
	}
	return kept
}

// sameFile reports whether two files are read as the same, apart from places.
func sameFile(a, b *File) bool {
	return sameValue(reflect.ValueOf(a).Elem(), reflect.ValueOf(b).Elem())
}

func sameValue(a, b reflect.Value) bool {
	switch {
	case a.Type() == lineType:
		return a.Interface().(Line).Text == b.Interface().(Line).Text
	case a.Kind() == reflect.Struct:
		for i := range a.NumField() {
			if !sameValue(a.Field(i), b.Field(i)) {
				return false
			}
		}
		return true
	case a.Kind() == reflect.Slice:
		if a.Len() != b.Len() {
			return false
		}
		for i := range a.Len() {
			if !sameValue(a.Index(i), b.Index(i)) {
				return false
			}
		}
		return true
	}
	return a.Equal(b)
}
