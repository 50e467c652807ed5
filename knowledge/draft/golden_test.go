package draft

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/knowledge"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// go test ./knowledge/draft -update rewrites the golden files. Review the difference before
// you commit it.
var update = flag.Bool("update", false, "rewrite golden files")

// TestSources reads tables and pages as organizations have them and compares the drafts.
func TestSources(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/sources/*.txtar")
	if err != nil || len(files) < 10 {
		t.Fatalf("%d golden files: %v", len(files), err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			a, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			o := Options{Columns: map[string]string{}, Seen: "2026-11-26"}
			var input, kept []txtar.File
			for _, f := range a.Files {
				switch {
				case f.Name == "options":
					for l := range strings.Lines(string(f.Data)) {
						name, role, _ := strings.Cut(strings.TrimSpace(l), "=")
						o.Columns[name] = role
					}
					kept = append(kept, f)
				case strings.HasPrefix(f.Name, "source."):
					input = append(input, f)
					kept = append(kept, f)
				}
			}
			d, err := Read(input[0].Name, input[0].Data, o)
			if err != nil {
				t.Fatal(err)
			}
			data := YAML(&d.File)
			file2, problems := knowledge.Parse([]knowledge.Input{{Name: "draft.yaml", Data: data}})
			if err := problems.Err(); err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
			roundTrip(t, file2)
			body := strings.TrimPrefix(string(data), guide)
			said := strings.Join(d.Notes, "\n") + "\n"
			for _, u := range d.Unused {
				said += "not used: " + u + "\n"
			}
			for _, p := range problems {
				said += "check: " + p.Message + "\n"
			}
			kept = append(kept, txtar.File{Name: "said", Data: []byte(said)},
				txtar.File{Name: "draft", Data: []byte(body)})
			got := txtar.Format(&txtar.Archive{Comment: a.Comment, Files: kept})
			if *update {
				if err := os.WriteFile(file, got, 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(txtar.Format(a)), string(got)); diff != "" {
				t.Errorf("%s (-want +got; -update rewrites it):\n%s", file, diff)
			}
		})
	}
}

// roundTrip checks that a file is the same after it was written as YAML and as a table.
func roundTrip(t *testing.T, f *knowledge.File) {
	t.Helper()
	table := Table(f)
	d, err := Read("table.csv", table, Options{})
	if err != nil {
		t.Fatalf("%v\n%s", err, table)
	}
	again, problems := knowledge.Parse([]knowledge.Input{{Name: "again.yaml", Data: YAML(&d.File)}})
	if err := problems.Err(); err != nil {
		t.Fatalf("%v\n%s", err, YAML(&d.File))
	}
	if diff := cmp.Diff(f, again, noPlaces); diff != "" {
		t.Errorf("the file is another one after it was a table (-before +after):\n%s", diff)
	}
	if second := Table(again); string(second) != string(table) {
		t.Errorf("the table is another one:\n%s", cmp.Diff(string(table), string(second)))
	}
	if len(d.Unused) > 0 {
		t.Errorf("not used: %q", d.Unused)
	}
}

// noPlaces compares texts without their places.
var noPlaces = cmp.Comparer(func(a, b knowledge.Line) bool { return a.Text == b.Text })
