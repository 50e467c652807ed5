package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"frontdesk/bot/journal"
)

// TestDoctorStore holds what is said of each kind and condition of a store, and that it is not
// changed.
func TestDoctorStore(t *testing.T) {
	t.Parallel()
	made := func(t *testing.T, address string) string {
		s, err := journal.Open(t.Context(), address, func(string) { t.Error("damaged") })
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		return address
	}
	for name, c := range map[string]struct {
		store func(t *testing.T) string
		wrong bool
		want  []string
	}{
		"new file": {
			store: func(t *testing.T) string { return filepath.Join(t.TempDir(), "a", "b", "desk.db") },
			want:  []string{"desk.db can be written, and frontdesk run makes what it needs there"}},
		"file": {
			store: func(t *testing.T) string { return made(t, filepath.Join(t.TempDir(), "desk.db")) },
			want:  []string{"desk.db can be written\n"}},
		"damaged file": {
			store: func(t *testing.T) string {
				file := filepath.Join(t.TempDir(), "desk.db")
				put(t, file, "a letter to a friend, and not a database")
				return file
			},
			wrong: true,
			want:  []string{"it is damaged, and frontdesk run would move it aside", "set FRONTDESK_STORE to another"}},
		"no folder": {
			store: func(*testing.T) string { return "/dev/null/desk.db" }, wrong: true,
			want: []string{"/dev/null/desk.db cannot be used", "not a directory", "make its folder writable"}},
		"off": {store: func(*testing.T) string { return "off" }, want: []string{"it is off"}},
		"PostgreSQL": {
			store: func(t *testing.T) string { return testSchema(t) },
			want: []string{"can be written, and frontdesk run makes", "the server is PostgreSQL 1",
				"the clock agrees with the server's"}},
		"PostgreSQL in use": {
			store: func(t *testing.T) string { return made(t, testSchema(t)) }, want: []string{"can be written\n"}},
		"PostgreSQL away": {
			store: func(*testing.T) string { return "postgres://desk:not-to-be-seen@127.0.0.1:1/desk" }, wrong: true,
			want: []string{"postgres://desk:xxxxx@127.0.0.1:1/desk cannot be used", "look whether the server runs"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSick(t)
			address := c.store(t)
			s.settings["store"] = address
			before, _ := os.ReadFile(address)
			code, out := s.doctor(t)
			if c.wrong != (code == exitProblems) {
				t.Errorf("exits with %d:\n%s", code, out)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("no %q in\n%s", want, out)
				}
			}
			if after, _ := os.ReadFile(address); string(after) != string(before) {
				t.Error("the file is changed")
			}
			if list, _ := filepath.Glob(address + "-*"); len(list) > 0 {
				t.Errorf("files are left: %v", list)
			}
		})
	}
}
