package knowledge

import (
	"context"
	"log/slog"
	"os"
	"path/filepath"
	"testing"
	"time"
)

// watched is a file that is watched.
type watched struct {
	file    string
	at      time.Time // its modification time
	changes chan struct{}
}

// must ends the test if there is an error.
func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// write writes a text to a file and sets its time to w.at.
func (w *watched) write(t *testing.T, name, text string) {
	t.Helper()
	must(t, os.WriteFile(name, []byte(text), 0o600))
	must(t, os.Chtimes(name, w.at, w.at))
}

func (w *watched) await(t *testing.T, what string) {
	t.Helper()
	select {
	case <-w.changes:
	case <-time.After(30 * time.Second):
		t.Fatalf("no change was reported after: %s", what)
	}
}

// TestWatch checks that Watch reports a replaced, rewritten, deleted or no longer readable
// file, even if its size and time stay the same.
func TestWatch(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]func(t *testing.T, w *watched){
		"it becomes unreadable":  func(t *testing.T, w *watched) { must(t, os.Chmod(w.file, 0)) },
		"its permissions change": func(t *testing.T, w *watched) { must(t, os.Chmod(w.file, 0o644)) },
		"another file of the same size and time": func(t *testing.T, w *watched) {
			w.write(t, w.file+".new", "other")
			must(t, os.Rename(w.file+".new", w.file))
		},
		"the same file with another text and the old time": func(t *testing.T, w *watched) {
			w.write(t, w.file, "texts")
		},
		"it is deleted": func(t *testing.T, w *watched) { must(t, os.Remove(w.file)) },
		"it is written": func(t *testing.T, w *watched) { must(t, os.WriteFile(w.file, []byte("longer"), 0o600)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &watched{
				file: filepath.Join(t.TempDir(), "acme.yaml"), at: time.Now().Add(-time.Hour),
				changes: make(chan struct{}, 10),
			}
			w.write(t, w.file, "lines")
			must(t, os.Chmod(w.file, 0o600))
			ctx, cancel := context.WithCancel(t.Context())
			ended := make(chan struct{})
			go func() {
				defer close(ended)
				Watch(ctx, w.file, slog.New(slog.DiscardHandler), func() { w.changes <- struct{}{} })
			}()
			w.await(t, "the beginning")
			change(t, w)
			w.await(t, name)
			cancel()
			<-ended
			if n := len(w.changes); n > 0 {
				t.Errorf("%d changes too many were reported", n)
			}
		})
	}
}

// TestFingerprint checks that reading a file does not change its fingerprint.
func TestFingerprint(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "acme.yaml")
	must(t, os.WriteFile(file, []byte("text"), 0o600))
	// With an old access time the system updates it at the next read.
	must(t, os.Chtimes(file, time.Now().Add(-48*time.Hour), time.Time{}))
	before := fingerprint(file)
	if _, err := os.ReadFile(file); err != nil {
		t.Fatal(err)
	}
	if fingerprint(file) != before {
		t.Error("the fingerprint changes when the file is read")
	}
}
