package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestPrint checks which files of a module are printed.
func TestPrint(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		files []string // of the module m, whose package a/b is linked
		want  string   // the printed files, or the error
	}{
		"one": {[]string{"LICENSE"}, "LICENSE"},
		"other names": {[]string{"Copying.LESSER", "licence-MIT.md", "UNLICENSE"},
			"Copying.LESSER UNLICENSE licence-MIT.md"},
		"notice, patents": {[]string{"NOTICE.txt", "LICENSE", "PATENTS"}, "LICENSE NOTICE.txt PATENTS"},
		"nearer": {[]string{"LICENSE", "a/LICENSE", "a/b/COPYING", "a/b/c/LICENSE", "d/LICENSE"},
			"LICENSE a/b/COPYING a/LICENSE"},
		"other files":      {[]string{"LICENSE", "license.go", "licensed.txt", "README.md"}, "LICENSE"},
		"none":             {[]string{"README.md"}, "m v1 has no licence"},
		"none of its own":  {[]string{"a/LICENSE"}, "m v1 has no licence"},
		"nothing but more": {[]string{"NOTICE"}, "m v1 has no licence"},
		"empty":            {[]string{"LICENSE "}, "LICENSE is empty"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			m := t.TempDir()
			if err := os.MkdirAll(filepath.Join(m, "a", "b"), 0o700); err != nil {
				t.Fatal(err)
			}
			for _, file := range c.files {
				text := "of " + file
				if strings.HasSuffix(file, " ") {
					file, text = strings.TrimSpace(file), "\n"
				}
				if err := os.MkdirAll(filepath.Join(m, filepath.Dir(file)), 0o700); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(filepath.Join(m, file), []byte(text), 0o600); err != nil {
					t.Fatal(err)
				}
			}
			var out strings.Builder
			if err := (source{"m v1", m, []string{filepath.Join(m, "a", "b")}}).print(&out); err != nil {
				if !strings.Contains(err.Error(), c.want) {
					t.Error(err)
				}
				return
			}
			var got []string
			for part := range strings.SplitSeq(out.String(), "==== m v1: ") {
				if file, text, ok := strings.Cut(part, "\n\n"); ok {
					got = append(got, file)
					if want := "of " + file + "\n\n"; text != want {
						t.Errorf("%s: %q", file, text)
					}
				}
			}
			if strings.Join(got, " ") != c.want {
				t.Errorf("%q, not %q", got, c.want)
			}
		})
	}
}

// TestRun prints the licences of this test, which has only Go. .ci/image checks the
// modules of frontdesk.
func TestRun(t *testing.T) {
	t.Parallel()
	program, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	var out strings.Builder
	if err := run(&out, program); err != nil {
		t.Fatal(err)
	}
	if !strings.HasPrefix(out.String(), "==== Go go1.") {
		t.Errorf("%.100q", out.String())
	}
	if err := run(&out, "main.go"); err == nil {
		t.Error("main.go is taken for a program")
	}
}
