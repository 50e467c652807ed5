package knowledge

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestNoCause checks that no cause is found in valid files.
func TestNoCause(t *testing.T) {
	t.Parallel()
	names, _ := filepath.Glob(filepath.Join("testdata", "fields", "*", "knowledge.yaml"))
	for _, name := range append(names, ShippedName) {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		if w := findCause(data, len(data), true); w.cause != nil {
			t.Errorf("%s: at %d: %s", name, w.cause.at, w.cause.says)
		}
	}
}

// FuzzCause checks that no cause is found in a text that the YAML library reads, so that no
// message blames a valid line.
func FuzzCause(f *testing.F) {
	for _, text := range []string{
		secretFile, guarded,
		"a: [b, {c: d, 'e': \"f\"}, *x]\nb: &x |\n  a\n   b\nc: >-\n    d\n- e\n",
		"a: \"b\"#c\n", "a:\n- b\n- c:\n  - d\n  -\n    e: f\n g\nh: i\n j\n   - k\n", "? a\n: b\n",
		"--- a\n...\n", "a: |2\n    b\n   c\n\n d: e",
		"a: [\n# x\n  b,\n  'c\n   d', ]\n", "&a b: *a\n!c d: !e\n", "&a:a\n&", "a:\n|\n  b\n",
		"'a' : \"b\\\n c\"\n", "\"a: \\ud83d\\ude00\": b",
	} {
		f.Add([]byte(text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		d := &decoder{left: newBudget(len(data))}
		if !d.checkBytes(data) || conflict(data) >= 0 || bytes.Contains(data, []byte("=======")) {
			return
		}
		_, next, err := documents(bytes.NewReader(prepared(data)))
		if err != nil || next != nil {
			return
		}
		unix := strings.ReplaceAll(string(data), "\r\n", "\n")
		for _, text := range []string{string(data), strings.ReplaceAll(unix, "\n", "\r\n")} {
			if w := findCause([]byte(text), len(text), true); w.cause != nil {
				t.Errorf("%q is read, and at %d: %s", text, w.cause.at, w.cause.says)
			}
		}
	})
}
