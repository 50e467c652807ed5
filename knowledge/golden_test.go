package knowledge

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// go test ./knowledge -update rewrites the golden files. Review the difference before you
// commit it.
var update = flag.Bool("update", false, "rewrite golden files")

// golden compares the result of f for each input with a golden file testdata/dir/*.txt,
// which has the input, a line such as "-- problems --", and the result.
func golden(t *testing.T, dir, section string, f func(input string) string) {
	t.Helper()
	files, err := filepath.Glob(filepath.Join("testdata", dir, "*.txt"))
	if err != nil || len(files) == 0 {
		t.Fatalf("no golden files in testdata/%s: %v", dir, err)
	}
	mark := "-- " + section + " --\n"
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txt"), func(t *testing.T) {
			t.Parallel()
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			input, want, found := strings.Cut(string(data), mark)
			if !found && !*update {
				t.Fatalf("%s has no line %q", file, mark)
			}
			got := f(input)
			if *update {
				if err := os.WriteFile(file, []byte(input+mark+got), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
			}
		})
	}
}
