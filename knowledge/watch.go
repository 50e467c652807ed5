package knowledge

import (
	"context"
	"fmt"
	"hash/fnv"
	"os"
	"path/filepath"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long a file must rest before it counts as written: an editor
	// and git write in several steps.
	settle = 100 * time.Millisecond
	// settleMost is how long it may go on changing before it is looked at all
	// the same.
	settleMost = 500 * time.Millisecond
	// lookEvery is how often it is looked at where the file system tells
	// nothing: over a network, or behind a link to a folder that was moved.
	lookEvery = 2 * time.Second
)

// Watch calls changed when the knowledge file or folder at path may have
// changed, until ctx is done. It follows an editor that renames, a replaced file
// and a link that points somewhere else. The shipped file, "", never changes.
func Watch(ctx context.Context, path string, changed func()) error {
	if path == "" {
		<-ctx.Done()
		return nil
	}
	events, err := fsnotify.NewWatcher()
	if err != nil {
		return fmt.Errorf("follow %s: %w", path, err)
	}
	defer func() { _ = events.Close() }() // nothing is left to lose
	watched := map[string]bool{}
	follow := func() {
		for _, dir := range folders(path) {
			if !watched[dir] && events.Add(dir) == nil { // else looking now and then must do
				watched[dir] = true
			}
		}
	}
	follow()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	rest := time.NewTimer(0)
	var since time.Time // of the first change that was not yet told
	last := fingerprint(path)
	touched := func() {
		if since.IsZero() {
			since = time.Now()
		}
		rest.Reset(min(settle, max(0, settleMost-time.Since(since))))
	}
	for {
		select {
		case <-ctx.Done():
			return nil
		case e, ok := <-events.Events:
			if !ok {
				return fmt.Errorf("follow %s: the system has stopped telling of changes", path)
			}
			if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
				delete(watched, e.Name) // a folder that is gone is not watched any more
			}
			if e.Op != fsnotify.Chmod || fingerprint(path) != last {
				touched()
			}
		case <-events.Errors: // such as too many at once
			touched()
		case <-ticker.C:
			if fingerprint(path) != last {
				touched()
			}
		case <-rest.C: // at first at once: it may have changed before anybody looked
			since = time.Time{}
			follow()
			last = fingerprint(path)
			changed()
		}
	}
}

// folders are those in which something changes when the file at path does: the
// one it stands in, and the one a link leads to.
func folders(path string) []string {
	of := func(p string) string {
		if info, err := os.Stat(p); err == nil && info.IsDir() {
			return p
		}
		return filepath.Dir(p)
	}
	dirs := []string{filepath.Dir(path), of(path)}
	if real, err := filepath.EvalSymlinks(path); err == nil {
		dirs = append(dirs, of(real))
	}
	return dirs
}

// fingerprint is a number that changes with what is at path, most likely even if
// only the time of a file does.
func fingerprint(path string) uint64 {
	h := fnv.New64a()
	names, err := files(path)
	fmt.Fprint(h, err != nil)
	for _, name := range names {
		if info, err := os.Stat(name); err == nil {
			real, _ := filepath.EvalSymlinks(name) // "" if it has just gone
			fmt.Fprintln(h, name, real, info.Size(), info.ModTime().UnixNano())
		}
	}
	return h.Sum64()
}
