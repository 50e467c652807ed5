package knowledge

import (
	_ "embed"
	"encoding/json"
	"go/ast"
	"go/parser"
	"go/token"
	"reflect"
	"strings"
)

//go:embed file.go
var fileSource string

// Schema is a JSON Schema (draft 2020-12) of knowledge files, made from the
// types and comments of file.go, so that editors complete and mark a file as
// it is typed.
func Schema() []byte {
	s := schema{comments: comments(), defs: map[string]any{}}
	root := s.object(reflect.TypeFor[File]())
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["title"] = "Knowledge file of frontdesk"
	root["$defs"] = s.defs
	out, err := json.MarshalIndent(root, "", "  ")
	if err != nil {
		panic(err) // maps of strings can always be written
	}
	return append(out, '\n')
}

type schema struct {
	comments map[string]string // by Type and by Type.Field
	defs     map[string]any
}

// comments reads the comments of file.go.
func comments() map[string]string {
	found := map[string]string{}
	tree, err := parser.ParseFile(token.NewFileSet(), "file.go", fileSource, parser.ParseComments)
	if err != nil {
		panic(err) // it has been compiled
	}
	text := func(g *ast.CommentGroup) string { return strings.Join(strings.Fields(g.Text()), " ") }
	ast.Inspect(tree, func(n ast.Node) bool {
		d, ok := n.(*ast.GenDecl)
		if !ok || d.Tok != token.TYPE {
			return true
		}
		for _, spec := range d.Specs {
			t := spec.(*ast.TypeSpec)
			found[t.Name.Name] = text(d.Doc)
			if fields, ok := t.Type.(*ast.StructType); ok {
				for _, f := range fields.Fields.List {
					for _, name := range f.Names {
						found[t.Name.Name+"."+name.Name] = text(f.Doc)
					}
				}
			}
		}
		return false
	})
	return found
}

// object is the schema of a mapping with known keys.
func (s *schema) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for i := range t.NumField() {
		f := t.Field(i)
		key := f.Tag.Get("yaml")
		p := s.value(f.Type, key, f.Tag.Get("is"))
		if d := s.comments[t.Name()+"."+f.Name]; d != "" {
			p["description"] = d
		}
		switch {
		case key == "version":
			p["const"] = 1
		case key == "id":
			p["type"], p["pattern"] = "string", idForm.String()
		case t == reflect.TypeFor[TellApart]() && key == "between":
			p["minItems"], p["maxItems"] = 2, 2
		}
		properties[key] = p
		if f.Tag.Get("need") != "" && !(t == reflect.TypeFor[File]() && key == "divisions") {
			required = append(required, key)
		}
	}
	object := map[string]any{"type": "object", "properties": properties, "additionalProperties": false}
	if len(required) > 0 {
		object["required"] = required
	}
	return object
}

// value is the schema of one value, under a key and of a kind (see [kinds]).
func (s *schema) value(t reflect.Type, key, is string) map[string]any {
	switch {
	case t == lineType:
		return map[string]any{"type": []string{"string", "number", "boolean", "null"}, "maxLength": kinds[is].length}
	case t == factsType:
		either := []any{s.value(lineType, "", "prose"), s.value(reflect.TypeFor[FactText](), "", "")}
		return map[string]any{
			"type": "object", "additionalProperties": map[string]any{"anyOf": either},
			"maxProperties": maxItems, "propertyNames": map[string]any{"maxLength": maxKey},
		}
	case t.Kind() == reflect.Slice:
		return map[string]any{"type": []string{"array", "null"}, "items": s.value(t.Elem(), "", is), "maxItems": mostOf(key)}
	case t.Kind() == reflect.Int:
		return map[string]any{"type": "integer"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": []string{"boolean", "null"}}
	}
	name := t.Name()
	if _, ok := s.defs[name]; !ok {
		s.defs[name] = true // so that a type that has itself does not recur
		s.defs[name] = s.object(t)
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}
