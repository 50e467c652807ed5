package knowledge

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	goyaml "github.com/goccy/go-yaml"
)

// Problem is something wrong with a knowledge file.
type Problem struct {
	Pos     Pos
	Warning bool   // the file can be used all the same
	Message string // one sentence without its full stop
}

func (p Problem) String() string { return p.Pos.String() + ": " + p.Message }

// Problems are all that is wrong with a knowledge file, in its order.
type Problems []Problem

// Err is nil if there are only warnings, or else an error that lists the
// problems that are not.
func (ps Problems) Err() error {
	var lines []string
	for _, p := range ps {
		if !p.Warning {
			lines = append(lines, p.String())
		}
	}
	if len(lines) == 0 {
		return nil
	}
	return errors.New(strings.Join(lines, "\n"))
}

//go:embed divisions.yaml
var shipped embed.FS

// ShippedName names the knowledge file that is part of the program.
const ShippedName = "divisions.yaml"

// Input is the bytes of one knowledge file.
type Input struct {
	Name string
	Data []byte
}

// Open reads the knowledge file at path, or, if path is a folder, every .yaml
// and .yml file directly in it, in order of name. The empty path stands for
// the shipped file.
func Open(path string) ([]Input, error) {
	if path == "" {
		data, err := shipped.ReadFile(ShippedName)
		return []Input{{ShippedName, data}}, err
	}
	names, err := files(path)
	if err != nil {
		return nil, err
	}
	var inputs []Input
	for _, name := range names {
		data, err := readFile(name)
		if err != nil {
			return nil, err
		}
		inputs = append(inputs, Input{name, data})
	}
	return inputs, nil
}

// readFile reads one file. It waits for nobody: a pipe, from which nothing may
// ever come, is refused.
func readFile(name string) ([]byte, error) {
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, openError(name, err)
	}
	defer func() { _ = f.Close() }() // only read
	if info, err := f.Stat(); err == nil && !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: this is not a file that can be read again and again", name)
	}
	data, err := io.ReadAll(io.LimitReader(f, maxFileSize+1))
	if err != nil {
		return nil, openError(name, err)
	}
	if len(data) > maxFileSize {
		return nil, fmt.Errorf("%s: the file has more than %d MiB; split it into a folder of files", name, maxFileSize>>20)
	}
	return data, nil
}

// files lists the files that are read for path.
func files(path string) ([]string, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, openError(path, err)
	}
	names := []string{path}
	if info.IsDir() {
		entries, err := os.ReadDir(path)
		if err != nil {
			return nil, openError(path, err)
		}
		names = nil
		for _, e := range entries {
			if ext := filepath.Ext(e.Name()); (ext == ".yaml" || ext == ".yml") && e.Name()[0] != '.' {
				names = append(names, filepath.Join(path, e.Name()))
			}
		}
		if len(names) == 0 {
			return nil, fmt.Errorf("%s: the folder has no .yaml or .yml file", path)
		}
	}
	return names, nil
}

func openError(path string, err error) error {
	var cause *fs.PathError
	if errors.As(err, &cause) {
		err = cause.Err
	}
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: there is no such file; name a knowledge file, or leave it out to use the shipped one", path)
	}
	return fmt.Errorf("read %s: %w", path, err)
}

// decoder turns the syntax tree of one file into the types of file.go and
// collects every problem on the way.
type decoder struct {
	file     string
	anchors  map[string]ast.Node
	nodes    int
	problems Problems
}

// read parses one input into f, adding to the lists that are there.
func read(in Input, f *File) Problems {
	d := &decoder{file: in.Name, anchors: map[string]ast.Node{}}
	whole := Pos{File: in.Name}
	data := bytes.TrimPrefix(in.Data, []byte("\uFEFF"))
	switch {
	case len(data) > maxFileSize:
		d.errorf(whole, "the file has %d MiB, the most is %d MiB", len(data)>>20, maxFileSize>>20)
	case len(bytes.TrimSpace(data)) == 0:
		d.errorf(whole, "the file is empty; it needs at least version and divisions")
	default:
		d.look(data)
	}
	if len(d.problems) > 0 {
		return d.problems
	}
	tree, err := d.parse(data)
	if err != nil {
		d.syntax(err, data)
	}
	if tree == nil {
		return d.problems
	}
	var docs []ast.Node
	for _, doc := range tree.Docs {
		if doc.Body != nil && doc.Body.Type() != ast.CommentType {
			docs = append(docs, doc.Body)
		}
	}
	switch {
	case len(docs) == 0:
		d.errorf(whole, "the file has only comments; it needs at least version and divisions")
	case len(docs) > 1:
		d.errorf(d.pos(docs[1]), "a second document starts here; put it into a file of its own in the same folder")
	default:
		ast.Walk(anchors(d.anchors), docs[0])
		d.value(docs[0], reflect.ValueOf(f).Elem(), "the file", 0)
		if d.nodes >= maxNodes {
			*f = File{} // what could be read of it is of no use
		}
	}
	return d.problems
}

// parse keeps a fault of the YAML library from taking the program down. There
// is neither a tree nor an error if the problem was reported.
func (d *decoder) parse(data []byte) (tree *ast.File, err error) {
	defer func() {
		if cause := recover(); cause != nil {
			err = errors.New("this is too unusual to read; write it more plainly")
		}
	}()
	tokens := lexer.Tokenize(string(data))
	if tokens.InvalidToken() == nil && !d.shape(tokens) {
		return nil, nil
	}
	return parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
}

// anchors collects the anchors of a tree.
type anchors map[string]ast.Node

// Visit implements [ast.Visitor].
func (a anchors) Visit(n ast.Node) ast.Visitor {
	if n, ok := n.(*ast.AnchorNode); ok {
		a[n.Name.GetToken().Value] = n.Value
	}
	return a
}

func (d *decoder) errorf(at Pos, format string, args ...any) {
	d.problems = append(d.problems, Problem{Pos: at, Message: fmt.Sprintf(format, args...)})
}

// syntax reports why the file is not YAML. The library may put what is missing
// at the end behind the end.
func (d *decoder) syntax(err error, data []byte) {
	at, message := Pos{File: d.file}, err.Error()
	var e goyaml.Error
	if errors.As(err, &e) && e.GetToken() != nil {
		at, message = d.tokenPos(e.GetToken()), e.GetMessage()
		if end := d.place(data, len(data)); at.Line > end.Line {
			at = end
		}
	}
	d.errorf(at, "not valid YAML: %s", strings.TrimSpace(message))
}

func (d *decoder) tokenPos(t *token.Token) Pos {
	if t == nil || t.Position == nil {
		return Pos{File: d.file}
	}
	return Pos{d.file, t.Position.Line, t.Position.Column}
}

func (d *decoder) pos(n ast.Node) Pos {
	switch n := n.(type) {
	case *ast.MappingNode:
		if len(n.Values) > 0 && !n.IsFlowStyle {
			return d.pos(n.Values[0])
		}
	case *ast.MappingValueNode:
		return d.tokenPos(n.Key.GetToken())
	case *ast.LiteralNode:
		return d.tokenPos(n.Start)
	}
	return d.tokenPos(n.GetToken())
}

// kind names a node's type in words that an admin knows.
func kind(n ast.Node) string {
	switch n := n.(type) {
	case *ast.MappingNode, *ast.MappingValueNode:
		return "keys with values"
	case *ast.SequenceNode:
		return "a list"
	case *ast.NullNode:
		return "empty"
	case *ast.StringNode, *ast.LiteralNode:
		return "text"
	case *ast.IntegerNode, *ast.FloatNode, *ast.InfinityNode, *ast.NanNode:
		return "a number"
	case *ast.BoolNode:
		return n.GetToken().Value
	}
	return "something else"
}

// resolve follows anchors, aliases and tags to the value they stand for.
func (d *decoder) resolve(n ast.Node) ast.Node {
	for range maxDepth {
		switch v := n.(type) {
		case *ast.AnchorNode:
			n = v.Value
		case *ast.AliasNode:
			name := v.Value.GetToken().Value
			target, ok := d.anchors[name]
			if !ok {
				d.errorf(d.pos(n), "the alias *%s has no anchor &%s above it", name, name)
				return nil
			}
			n = target
		case *ast.TagNode:
			n = v.Value
		default:
			return n
		}
	}
	d.errorf(d.pos(n), "this alias stands for itself")
	return nil
}

var (
	lineType  = reflect.TypeFor[Line]()
	factsType = reflect.TypeFor[Facts]()
)

// value decodes n into v. what names the place in the file's own keys.
func (d *decoder) value(n ast.Node, v reflect.Value, what string, depth int) {
	at := n
	if n = d.resolve(n); n == nil {
		return
	}
	if d.nodes++; d.nodes == maxNodes {
		d.errorf(d.pos(at), "aliases unfold this file to more than %d values; use fewer of them", maxNodes)
	}
	if d.nodes >= maxNodes {
		return
	}
	if _, null := n.(*ast.NullNode); null && v.Type() != lineType {
		return // a key without a value is a key left out
	}
	switch {
	case v.Type() == lineType:
		d.line(n, at, v.Addr().Interface().(*Line), what)
	case v.Type() == factsType:
		d.facts(n, v.Addr().Interface().(*Facts), what)
	case v.Kind() == reflect.Struct:
		d.object(n, v, what, depth)
	case v.Kind() == reflect.Slice:
		list, ok := n.(*ast.SequenceNode)
		if !ok {
			d.errorf(d.pos(n), "%s must be a list, this is %s", what, kind(n))
			return
		}
		for _, item := range list.Values {
			e := reflect.New(v.Type().Elem()).Elem()
			if _, null := item.(*ast.NullNode); null && e.Type() != lineType {
				d.errorf(d.pos(item), "%s is empty; fill it in or take it out", itemOf(what))
				continue
			}
			d.value(item, e, itemOf(what), depth+1)
			v.Set(reflect.Append(v, e))
		}
	case v.Kind() == reflect.Bool:
		b, ok := n.(*ast.BoolNode)
		if !ok {
			d.errorf(d.pos(n), "%s must be true or false, this is %s", what, kind(n))
			return
		}
		v.SetBool(b.Value)
	case v.Kind() == reflect.Int:
		i, err := strconv.Atoi(n.GetToken().Value)
		if _, ok := n.(*ast.IntegerNode); !ok || err != nil {
			d.errorf(d.pos(n), "%s must be a whole number, this is %s", what, kind(n))
			return
		}
		v.SetInt(int64(i))
	}
}

// line decodes a text. Numbers, dates and true or false are taken as they are
// written, so that a keyword may be 911 and an acronym NO.
func (d *decoder) line(n, at ast.Node, l *Line, what string) {
	l.Pos = d.pos(at)
	switch n := n.(type) {
	case *ast.StringNode:
		l.Text = n.Value
	case *ast.LiteralNode:
		l.Text = n.Value.Value
	case *ast.IntegerNode, *ast.FloatNode, *ast.BoolNode, *ast.InfinityNode, *ast.NanNode:
		l.Text = n.GetToken().Value
	case *ast.NullNode:
	default:
		d.errorf(d.pos(n), "%s must be a text, this is %s; put it into quotes if it has a colon or a bracket", what, kind(n))
	}
	l.Text = strings.TrimSpace(l.Text)
}

// entries lists the key-value pairs of a mapping, or reports that n is none.
func (d *decoder) entries(n ast.Node, what string) []*ast.MappingValueNode {
	var values []*ast.MappingValueNode
	switch n := n.(type) {
	case *ast.MappingNode:
		values = n.Values
	case *ast.MappingValueNode:
		values = []*ast.MappingValueNode{n}
	default:
		d.errorf(d.pos(n), "%s must be keys with values, this is %s", what, kind(n))
		return nil
	}
	seen := map[string]bool{}
	kept := values[:0:0]
	for _, kv := range values {
		key := kv.Key.GetToken().Value
		if _, merge := kv.Key.(*ast.MergeKeyNode); merge {
			d.errorf(d.pos(kv), "the merge key << is not part of the format; write the keys out")
			continue
		}
		if seen[key] {
			d.errorf(d.pos(kv), "the key %s stands here a second time; keep one of them", key)
			continue
		}
		seen[key] = true
		kept = append(kept, kv)
	}
	return kept
}

func (d *decoder) facts(n ast.Node, facts *Facts, what string) {
	for _, kv := range d.entries(n, what) {
		var f Fact
		f.Label = Line{kv.Key.GetToken().Value, d.tokenPos(kv.Key.GetToken())}
		switch d.resolve(kv.Value).(type) {
		case nil: // reported
		case *ast.MappingNode, *ast.MappingValueNode:
			d.value(kv.Value, reflect.ValueOf(&f.FactText).Elem(), f.Label.Text, 1)
		default:
			d.value(kv.Value, reflect.ValueOf(&f.Text).Elem(), f.Label.Text, 1)
		}
		*facts = append(*facts, f)
	}
}

func (d *decoder) object(n ast.Node, v reflect.Value, what string, depth int) {
	fields := map[string]int{}
	for i := range v.NumField() {
		fields[v.Type().Field(i).Tag.Get("yaml")] = i
	}
	before := len(d.problems)
	given := map[string]bool{}
	for _, kv := range d.entries(n, what) {
		key := kv.Key.GetToken().Value
		i, ok := fields[key]
		if !ok {
			message := fmt.Sprintf("%s has no key %s", what, key)
			if near := nearest(key, fields); near != "" {
				message += "; did you mean " + near + "?"
			} else {
				message += "; the keys are " + strings.Join(sortedKeys(fields), ", ")
			}
			d.errorf(d.pos(kv), "%s", message)
			given[nearest(key, fields)] = true // one mistake, one message
			continue
		}
		given[key] = true
		if restricts[key] && isEmpty(d.resolve(kv.Value)) {
			d.errorf(d.pos(kv), "%s is empty; fill it in, or take it out if this is for everyone", key)
			continue
		}
		d.value(kv.Value, v.Field(i), key, depth+1)
	}
	if len(d.problems) > before && len(given) == 0 {
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
	if depth == 0 && given["version"] && v.Interface().(File).Version != 1 && len(d.problems) == before {
		d.errorf(d.pos(n), "this program reads version 1 of the format, the file says version %d", v.Interface().(File).Version)
	}
}

// restricts are the keys that keep something from people: one that is left empty
// must not count as left out.
var restricts = map[string]bool{"audience": true, "private": true}

func isEmpty(n ast.Node) bool {
	switch n := n.(type) {
	case *ast.NullNode:
		return true
	case *ast.SequenceNode:
		return len(n.Values) == 0
	}
	return false
}

// nearest returns the known key that was probably meant, or "".
func nearest(key string, known map[string]int) string {
	best, bestSlips := "", 3
	for _, k := range sortedKeys(known) {
		if s := slips(strings.ToLower(key), k, 2); s < bestSlips && s < len(key) {
			best, bestSlips = k, s
		}
	}
	return best
}

func sortedKeys(m map[string]int) []string {
	keys := make([]string, 0, len(m))
	for k := range m {
		keys = append(keys, k)
	}
	slices.Sort(keys)
	return keys
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
