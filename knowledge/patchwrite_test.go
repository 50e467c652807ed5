package knowledge

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
)

// writeFiles writes files into a new folder.
func writeFiles(t *testing.T, files map[string]string) (folder string) {
	t.Helper()
	folder = t.TempDir()
	for name, data := range files {
		path := filepath.Join(folder, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return folder
}

const (
	fileA = "version: 1\ndivisions:\n  - id: a\n    name: A\n"
	fileB = "version: 1\ndivisions:\n  - id: b\n    name: B\n"
)

// editPath makes a patch for the files at a path.
func editPath(t *testing.T, path string, changes ...Change) Patch {
	t.Helper()
	inputs, err := Open(path)
	if err != nil {
		t.Fatal(err)
	}
	patch, err := Edit(inputs, changes)
	if err != nil {
		t.Fatal(err)
	}
	return patch
}

// contentOf is a file, or its error.
func contentOf(name string) string {
	data, err := os.ReadFile(name)
	if err != nil {
		return err.Error()
	}
	return string(data)
}

// checkNoRest checks that a folder has only files with these names.
func checkNoRest(t *testing.T, folder string, want ...string) {
	t.Helper()
	entries, err := os.ReadDir(folder)
	if err != nil {
		t.Fatal(err)
	}
	var names []string
	for _, e := range entries {
		names = append(names, e.Name())
	}
	if got := strings.Join(names, " "); got != strings.Join(want, " ") {
		t.Errorf("the folder has %s, not %v", got, want)
	}
}

// TestWrite writes and undoes a patch of two files, and keeps their mode.
func TestWrite(t *testing.T) {
	t.Parallel()
	folder := writeFiles(t, map[string]string{"a.yaml": fileA, "b.yaml": fileB})
	a, b := filepath.Join(folder, "a.yaml"), filepath.Join(folder, "b.yaml")
	if err := os.Chmod(b, 0o640); err != nil {
		t.Fatal(err)
	}
	patch := editPath(t, folder, Change{Kind: AddAliases, Division: "a", Lines: []string{"x"}},
		Change{Kind: AddAliases, Division: "b", Lines: []string{"z"}})
	if err := patch.Write(); err != nil {
		t.Fatal(err)
	}
	if !strings.HasSuffix(contentOf(a), "- x\n") || !strings.HasSuffix(contentOf(b), "- z\n") {
		t.Errorf("written: %q and %q", contentOf(a), contentOf(b))
	}
	if info, err := os.Stat(b); err != nil || info.Mode() != 0o640 {
		t.Errorf("mode %v, %v", info.Mode(), err)
	}
	if err := patch.Write(); !errors.Is(err, ErrFileChanged) {
		t.Errorf("written twice: %v", err)
	}
	if err := patch.Reverse().Write(); err != nil {
		t.Fatal(err)
	}
	if contentOf(a) != fileA || contentOf(b) != fileB {
		t.Errorf("undone: %q and %q", contentOf(a), contentOf(b))
	}
	checkNoRest(t, folder, "a.yaml", "b.yaml")
}

// TestWriteChanged writes nothing if one of the files has changed, or is gone.
func TestWriteChanged(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(b string) error{
		"changed": func(b string) error { return os.WriteFile(b, []byte(fileB+"# note\n"), 0o644) },
		"gone":    os.Remove,
	} {
		folder := writeFiles(t, map[string]string{"a.yaml": fileA, "b.yaml": fileB})
		patch := editPath(t, folder, Change{Kind: AddAliases, Division: "a", Lines: []string{"x"}},
			Change{Kind: AddAliases, Division: "b", Lines: []string{"y"}})
		if err := change(filepath.Join(folder, "b.yaml")); err != nil {
			t.Fatal(err)
		}
		if err := patch.Write(); !errors.Is(err, ErrFileChanged) || !strings.Contains(err.Error(), "b.yaml") {
			t.Errorf("%s: %v", name, err)
		}
		if got := contentOf(filepath.Join(folder, "a.yaml")); got != fileA {
			t.Errorf("%s: the other file is %q", name, got)
		}
	}
}

// TestWriteChangedLate checks the file again after the new one is prepared.
func TestWriteChangedLate(t *testing.T) {
	t.Parallel()
	name := filepath.Join(writeFiles(t, map[string]string{"a.yaml": fileA}), "a.yaml")
	patch := editPath(t, name, Change{Kind: AddAliases, Division: "a", Lines: []string{"x"}})
	w := &written{patch: &patch[0]}
	if err := w.resolve(); err != nil {
		t.Fatal(err)
	}
	if err := w.prepare(false); err != nil {
		t.Fatal(err)
	}
	if err := w.check(); err != nil {
		t.Errorf("not changed: %v", err)
	}
	if err := os.WriteFile(name, []byte(fileB), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := w.check(); !errors.Is(err, ErrFileChanged) {
		t.Errorf("changed: %v", err)
	}
}

// TestWriteRestores checks that the files written before are restored when one cannot be.
func TestWriteRestores(t *testing.T) {
	t.Parallel()
	folder := writeFiles(t, map[string]string{"a.yaml": fileA, "sub/b.yaml": fileB})
	a, b := filepath.Join(folder, "a.yaml"), filepath.Join(folder, "sub", "b.yaml")
	files := []*written{}
	for _, name := range []string{a, b} {
		patch := editPath(t, name, Change{Kind: AddSynonyms, Lines: []string{"x", "y"}})
		w := &written{patch: &patch[0]}
		if err := w.resolve(); err != nil {
			t.Fatal(err)
		}
		if err := w.prepare(true); err != nil {
			t.Fatal(err)
		}
		files = append(files, w)
	}
	if err := files[0].commit(); err != nil || contentOf(a) == fileA {
		t.Fatalf("%v: %q", err, contentOf(a))
	}
	if err := os.Remove(files[1].temp); err != nil {
		t.Fatal(err)
	}
	if err := files[1].commit(); err == nil {
		t.Fatal("no error")
	}
	if err := restore(files); err != nil || contentOf(a) != fileA || contentOf(b) != fileB {
		t.Errorf("%v: %q and %q", err, contentOf(a), contentOf(b))
	}
}

// TestWriteTogether writes two patches of the same version at the same time: one is refused.
func TestWriteTogether(t *testing.T) {
	t.Parallel()
	folder := writeFiles(t, map[string]string{"a.yaml": fileA})
	name := filepath.Join(folder, "a.yaml")
	const writers = 8
	var group sync.WaitGroup
	errs := make([]error, writers)
	var patches []Patch
	for i := range writers {
		c := Change{Kind: AddAliases, Division: "a", Lines: []string{strings.Repeat("x", i+1)}}
		patches = append(patches, editPath(t, name, c))
	}
	for i, patch := range patches {
		group.Go(func() { errs[i] = patch.Write() })
	}
	group.Wait()
	done := 0
	for _, err := range errs {
		if err == nil {
			done++
		} else if !errors.Is(err, ErrFileChanged) {
			t.Error(err)
		}
	}
	if done != 1 {
		t.Errorf("%d were written:\n%s", done, contentOf(name))
	}
	checkNoRest(t, folder, "a.yaml")
}

// TestWriteLink writes the file that a link leads to.
func TestWriteLink(t *testing.T) {
	t.Parallel()
	folder := writeFiles(t, map[string]string{"real/a.yaml": fileA})
	link := filepath.Join(folder, "link.yaml")
	if err := os.Symlink(filepath.Join("real", "a.yaml"), link); err != nil {
		t.Fatal(err)
	}
	patch := editPath(t, link, Change{Kind: AddAliases, Division: "a", Lines: []string{"x"}})
	if err := patch.Write(); err != nil {
		t.Fatal(err)
	}
	if info, err := os.Lstat(link); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		t.Errorf("the link is %v, %v", info.Mode(), err)
	}
	if got := contentOf(filepath.Join(folder, "real", "a.yaml")); !strings.HasSuffix(got, "- x\n") {
		t.Errorf("written: %q", got)
	}
}

// TestWriteNew creates a file with a patch, and deletes it again.
func TestWriteNew(t *testing.T) {
	t.Parallel()
	folder := writeFiles(t, map[string]string{})
	name := filepath.Join(folder, "new.yaml")
	hunk := Hunk{Line: 1, Added: splitLines([]byte(fileA))}
	patch := Patch{{Name: name, After: hashData([]byte(fileA)), Hunks: []Hunk{hunk}}}
	if err := patch.Write(); err != nil || contentOf(name) != fileA {
		t.Fatalf("%v: %q", err, contentOf(name))
	}
	if err := patch.Write(); !errors.Is(err, ErrFileChanged) {
		t.Errorf("created twice: %v", err)
	}
	if err := patch.Reverse().Write(); err != nil {
		t.Fatal(err)
	}
	checkNoRest(t, folder)
}

// TestReadOnly refuses to write read-only files and folders, and says what to do.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ place, want string }{
		"file":   {"d/a.yaml", "a.yaml: the file is read-only; make it writable"},
		"folder": {"d", "a.yaml: its folder is read-only; make it writable"},
	} {
		folder := writeFiles(t, map[string]string{"d/a.yaml": fileA})
		file, place := filepath.Join(folder, "d", "a.yaml"), filepath.Join(folder, c.place)
		patch := editPath(t, file, Change{Kind: AddAliases, Division: "a", Lines: []string{"x"}})
		if err := Editable(file); err != nil {
			t.Errorf("%s: before: %v", name, err)
		}
		if err := os.Chmod(place, 0o555); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(place, 0o755) })
		for _, err := range []error{patch.Write(), Editable(file)} {
			if err == nil || !strings.Contains(err.Error(), c.want) || !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: %v", name, err)
			}
		}
		if contentOf(file) != fileA {
			t.Errorf("%s: written: %q", name, contentOf(file))
		}
	}
}

// TestWriteError checks that errors of the system come with a remedy.
func TestWriteError(t *testing.T) {
	t.Parallel()
	for err, want := range map[error]string{
		&fs.PathError{Op: "open", Path: "/x", Err: syscall.EACCES}: "write a.yaml: permission denied; give the program",
		&os.LinkError{Op: "rename", Err: syscall.EBUSY}:            "busy; mount the folder of the file into the container",
		syscall.EROFS:  "write a.yaml: read-only file system; the file system is read-only",
		syscall.ENOSPC: "write a.yaml: no space left on device; make room",
	} {
		if got := writeError("a.yaml", err); !strings.Contains(got.Error(), want) || !errors.Is(got, systemError(err)) {
			t.Errorf("%v gives %v, not %q", err, got, want)
		}
	}
}

// TestEditable says why a change is handed over.
func TestEditable(t *testing.T) {
	t.Parallel()
	folder := writeFiles(t, map[string]string{
		"tree/.git/HEAD": "", "tree/k/a.yaml": fileA, "linked/.git": "gitdir: x\n", "linked/a.yaml": fileA,
		"map/..2026_11_26/a.yaml": fileA, "plain/a.yaml": fileA, "none/x.txt": "",
	})
	for link, target := range map[string]string{
		"map/..data": "..2026_11_26", "map/a.yaml": "..data/a.yaml", "plain.yaml": "plain/a.yaml",
		"tree.yaml": "tree/k/a.yaml", "mapped.yaml": "map/a.yaml",
	} {
		if err := os.Symlink(target, filepath.Join(folder, link)); err != nil {
			t.Fatal(err)
		}
	}
	for path, want := range map[string]string{
		"tree/k/a.yaml": "is in the git work tree " + filepath.Join(folder, "tree"), "tree/k": "git work tree",
		"tree.yaml": "git work tree", "linked/a.yaml": "git work tree", "map/a.yaml": "ConfigMap", "map": "ConfigMap",
		"mapped.yaml": "ConfigMap", "plain/a.yaml": "", "plain": "", "plain.yaml": "", "none": "has no .yaml",
		"missing.yaml": "no such file",
	} {
		err := Editable(filepath.Join(folder, path))
		if want == "" && err != nil || want != "" && (err == nil || !strings.Contains(err.Error(), want)) {
			t.Errorf("%s: %v, not %q", path, err, want)
		}
	}
	if err := Editable(""); err == nil || !strings.Contains(err.Error(), "part of the program") {
		t.Errorf("the shipped file: %v", err)
	}
}

// TestDiffApplies gives diffs to patch and git apply, where they are installed.
func TestDiffApplies(t *testing.T) {
	t.Parallel()
	for name, data := range map[string]string{
		"plain.yaml": fileA + "synonyms:\n  - [u, v]\n", "cut off.yaml": strings.TrimSuffix(fileA, "\n"),
		"k/crlf.yaml": strings.ReplaceAll(fileA, "\n", "\r\n"), "bom.yaml": "\uFEFF" + fileA,
		"long.yaml": fileA + strings.Repeat("# a comment\n", 9) + "synonyms:\n  - [u, v]\n",
		"near.yaml": fileA + strings.Repeat("# a comment\n", 5) + "synonyms:\n  - [u, v]\n",
	} {
		for _, command := range [][]string{{"patch", "-p0", "--binary"}, {"git", "apply", "-p0"}} {
			if _, err := exec.LookPath(command[0]); err != nil {
				continue
			}
			folder := writeFiles(t, map[string]string{name: data})
			patch, err := Edit([]Input{{name, []byte(data)}}, []Change{
				{Kind: AddAliases, Division: "a", Lines: []string{"x"}}, {Kind: AddSynonyms, Lines: []string{"u", "w"}},
				{Kind: AddDecline, Topic: "T", Lines: []string{"t"}},
			})
			if err != nil {
				t.Fatal(err)
			}
			want, err := patch.Apply([]Input{{name, []byte(data)}})
			if err != nil {
				t.Fatal(err)
			}
			run := exec.Command(command[0], command[1:]...)
			run.Dir, run.Stdin = folder, strings.NewReader(patch.Diff())
			run.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(folder))
			if out, err := run.CombinedOutput(); err != nil {
				t.Errorf("%v %s: %v\n%s\n%s", command, name, err, out, patch.Diff())
			} else if got := contentOf(filepath.Join(folder, name)); got != string(want[0].Data) {
				t.Errorf("%v %s: %q, not %q", command, name, got, want[0].Data)
			}
		}
	}
}
