package knowledge

import (
	"bytes"
	"encoding/json"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestSchema compares schema.json with the types of file.go: their keys, types of values,
// required keys, patterns and maximum lengths. Every key has a description.
func TestSchema(t *testing.T) {
	t.Parallel()
	var got map[string]any
	if err := json.Unmarshal(Schema(), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range []string{"$schema", "title"} {
		if got[key] == nil {
			t.Errorf("there is no %s", key)
		}
		delete(got, key)
	}
	described := 0
	takeDescriptions(t, "the file", got, &described)
	if most := len(formatKeys()); described < most/2 {
		t.Errorf("%d descriptions for %d keys", described, most)
	}
	s := typeSchema{defs: map[string]any{}}
	root := s.object(reflect.TypeFor[File]())
	root["$defs"] = s.defs
	data, err := json.Marshal(root)
	if err != nil {
		t.Fatal(err)
	}
	var want map[string]any
	if err := json.Unmarshal(data, &want); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("schema.json differs from the types of file.go (-types +schema.json):\n%s", diff)
	}
}

// TestKeywordsAdvice checks that the README and the schema give the same advice.
func TestKeywordsAdvice(t *testing.T) {
	t.Parallel()
	const advice = "15 to 40 keywords per responsibility"
	readme, err := os.ReadFile(filepath.Join("..", "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	for name, text := range map[string][]byte{"README.md": readme, "schema.json": Schema()} {
		if !bytes.Contains(text, []byte(advice)) {
			t.Errorf("%s does not say %q", name, advice)
		}
	}
}

// takeDescriptions deletes the descriptions of a schema's properties, and reports
// those that have none.
func takeDescriptions(t *testing.T, name string, schema map[string]any, described *int) {
	t.Helper()
	properties, _ := schema["properties"].(map[string]any)
	for key, p := range properties {
		p := p.(map[string]any)
		if d, _ := p["description"].(string); d == "" {
			t.Errorf("%s has no description of %s", name, key)
		} else {
			*described++
		}
		delete(p, "description")
	}
	defs, _ := schema["$defs"].(map[string]any)
	for name, d := range defs {
		takeDescriptions(t, name, d.(map[string]any), described)
	}
}

// TestBelongs checks the advice on every key that is in a wrong block of the format: the
// block that it names has the key.
func TestBelongs(t *testing.T) {
	t.Parallel()
	places := formatPlaces()
	for _, here := range append(places, place{is: reflect.TypeFor[FactText](), keys: []string{"text", "audience"}}) {
		for _, key := range formatKeys() {
			if slices.Contains(here.keys, key) {
				continue
			}
			where, _ := belongs(here.is, key)
			for _, one := range strings.Split(where, " or ") {
				right := slices.ContainsFunc(places, func(p place) bool {
					if !slices.Contains(p.keys, key) {
						return false
					}
					last := len(p.path) - 1
					return strings.HasSuffix(one, ", "+blockOf(p.path)) ||
						last >= 0 && strings.HasPrefix(one, "under "+p.path[last]+":")
				})
				if !right {
					t.Errorf("%s in a block of %v belongs %q", key, here.is, one)
				}
			}
		}
	}
}

// typeSchema makes a schema of the types.
type typeSchema struct{ defs map[string]any }

// object is the schema of a mapping with known keys.
func (s *typeSchema) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	for f := range t.Fields() {
		key := f.Tag.Get("yaml")
		p := s.value(f.Type, key, f.Tag.Get("is"))
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
func (s *typeSchema) value(t reflect.Type, key, is string) map[string]any {
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
		return map[string]any{
			"type": []string{"array", "null"}, "items": s.value(t.Elem(), "", is), "maxItems": mostOf(key),
		}
	case t.Kind() == reflect.Int:
		return map[string]any{"type": "integer"}
	case t.Kind() == reflect.Bool:
		return map[string]any{"type": []string{"boolean", "null"}}
	}
	name := t.Name()
	if _, ok := s.defs[name]; !ok {
		s.defs[name] = true // a type that contains itself must not recur
		s.defs[name] = s.object(t)
	}
	return map[string]any{"$ref": "#/$defs/" + name}
}
