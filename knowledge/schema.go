package knowledge

import (
	_ "embed"
	"slices"
)

//go:embed schema.json
var schema []byte

// Schema is a JSON Schema (draft 2020-12) of knowledge files, with which editors
// complete and mark a file while it is typed. A test holds it to the types of file.go.
func Schema() []byte { return slices.Clone(schema) }
