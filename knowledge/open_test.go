package knowledge

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
)

// TestOpen checks that files that are not regular are refused without blocking.
func TestOpen(t *testing.T) {
	t.Parallel()
	pipe := filepath.Join(t.TempDir(), "pipe.yaml")
	if err := syscall.Mkfifo(pipe, 0o600); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{pipe, filepath.Dir(pipe), os.DevNull} {
		if _, err := Open(path); err == nil || !strings.Contains(err.Error(), "not a regular file") {
			t.Errorf("%s: %v", path, err)
		}
	}
}

// TestFolder reads the files of a folder as one.
func TestFolder(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for name, text := range map[string]string{
		"a.yaml":  "version: 1\norganization: {name: Acme}\ndivisions: [{id: a, name: Apples}]\n",
		"b.yml":   "version: 1\ndivisions: [{id: b, name: Bananas, see_also: [a]}]\n",
		"c.txt":   "not read",
		".d.yaml": "not: read",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	base, problems := Load(inputs)
	if err := problems.Err(); err != nil {
		t.Fatal(err)
	}
	if len(base.Entries()) != 2 || base.File.Organization.Name.Text != "Acme" {
		t.Errorf("read %d divisions of %q", len(base.Entries()), base.File.Organization.Name)
	}
	if _, err := Open(t.TempDir()); err == nil || !strings.Contains(err.Error(), "no .yaml") {
		t.Errorf("an empty folder gives %v", err)
	}
	_, err = Open(filepath.Join(dir, "nothing.yaml"))
	if err == nil || !strings.Contains(err.Error(), "no such file") {
		t.Errorf("a missing file gives %v", err)
	}
}

// TestFolderBounds checks that a folder with too many or too large files is refused.
func TestFolderBounds(t *testing.T) {
	t.Parallel()
	many := t.TempDir()
	for i := range maxFiles + 1 {
		file := filepath.Join(many, fmt.Sprintf("%d.yaml", i))
		if err := os.WriteFile(file, []byte("version: 1\n"), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	const tooMany = "more than 2,000 .yaml and .yml files; join some of them"
	if _, err := Open(many); err == nil || !strings.Contains(err.Error(), tooMany) {
		t.Errorf("%v", err)
	}
	if names, err := files(many); names != nil || err == nil {
		t.Errorf("%d files are listed", len(names))
	}
	if err := os.Remove(filepath.Join(many, "0.yaml")); err != nil {
		t.Fatal(err)
	}
	if inputs, err := Open(many); len(inputs) != maxFiles || err != nil {
		t.Errorf("%d files, %v", len(inputs), err)
	}

	large := t.TempDir()
	for name, size := range map[string]int64{"a.yaml": maxFileSize - 1, "b.yaml": 2} {
		f, err := os.Create(filepath.Join(large, name))
		if err != nil {
			t.Fatal(err)
		}
		if err := f.Truncate(size); err != nil { // a sparse file takes no disk space
			t.Fatal(err)
		}
		_ = f.Close()
	}
	const tooLarge = ": the files of the folder together have more than 64 MiB"
	if _, err := Open(large); err == nil || !strings.Contains(err.Error(), large+tooLarge) {
		t.Errorf("%v", err)
	}
	if _, err := Open(filepath.Join(large, "b.yaml")); err != nil {
		t.Error(err)
	}
}

// TestFileNames checks that file names with control characters or commands are escaped in
// messages.
func TestFileNames(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	for _, name := range []string{"a\n::error::x.yaml", "b\x1b]0;x\x07.yaml", "c\u202ex.yaml"} {
		data := []byte("version: 1\ndivisions: [{id: a, nam: A}, {id: b}]\n")
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	inputs, err := Open(dir)
	if err != nil {
		t.Fatal(err)
	}
	_, problems := Parse(inputs)
	checkProblems(t, problems)
	if len(problems) < 3*len(inputs) {
		t.Errorf("%d problems", len(problems))
	}
	if err := os.Symlink("nowhere", filepath.Join(dir, "d\n::error::.yaml")); err != nil {
		t.Fatal(err)
	}
	if _, err := Open(dir); err == nil || strings.Contains(err.Error(), "\n") {
		t.Errorf("%v", err)
	}
}
