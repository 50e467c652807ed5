package knowledge

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is the JSON Schema (draft 2020-12) of knowledge files, for editors. A test
// compares it with the types of file.go.
func Schema() []byte { return slices.Clone(schema) }
