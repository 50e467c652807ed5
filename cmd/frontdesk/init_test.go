package main

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInitStopped checks that Ctrl-C between two questions writes nothing.
func TestInitStopped(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	ctx, stop := context.WithCancel(context.Background())
	in, answers := io.Pipe()
	go func() {
		_, _ = io.WriteString(answers, "Acme\nWater\nDelivers water\n") // the last one is read before the next question
		stop()
	}()
	var errors strings.Builder
	code := run(ctx, []string{"init", "--output", filepath.Join(folder, "a.yaml")}, in, io.Discard, &errors)
	if code != exitCannotRun || !strings.Contains(errors.String(), "stopped; no file is written") {
		t.Errorf("exit code %d: %s", code, errors.String())
	}
	files, err := os.ReadDir(folder)
	if err != nil || len(files) > 0 {
		t.Errorf("%v, %v", files, err)
	}
	_ = answers.Close() // ends the reader
}

// TestWriteNew checks that an existing file, or a link to a missing one, is not changed, and
// that no other file stays behind.
func TestWriteNew(t *testing.T) {
	t.Parallel()
	folder := t.TempDir()
	name := filepath.Join(folder, "a")
	if err := writeNew(name, []byte("first")); err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(folder, "link")
	if err := os.Symlink("missing", link); err != nil {
		t.Fatal(err)
	}
	for _, write := range []func(string, []byte) error{writeNew, createNew} {
		for _, taken := range []string{name, link} {
			if err := write(taken, []byte("second")); err == nil {
				t.Errorf("%s was written", taken)
			}
		}
	}
	if data, err := os.ReadFile(name); err != nil || string(data) != "first" {
		t.Errorf("%q, %v", data, err)
	}
	if files, err := os.ReadDir(folder); err != nil || len(files) != 2 {
		t.Errorf("%v, %v", files, err)
	}
}
