package knowledge

import (
	"context"
	"fmt"
	"hash/fnv"
	"log/slog"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"syscall"
	"time"

	"github.com/fsnotify/fsnotify"
)

const (
	// settle is how long a file must rest before it counts as written. An editor
	// and git write in several steps, and half a file may be one without the lines
	// that keep something from people.
	settle = 300 * time.Millisecond
	// lookEvery is how often it is looked at where the file system tells
	// nothing: over a network, or behind a link to a folder that was moved.
	lookEvery = 2 * time.Second
)

// Watch calls changed when the knowledge file or folder at path has changed and
// come to rest, and once at the beginning, until ctx is done. It follows an
// editor that renames, a replaced file, a link that points somewhere else, and
// rights that are given or taken.
// Where the system does not tell of changes it looks every two seconds; why is
// logged. The shipped file, "", never changes.
func Watch(ctx context.Context, path string, log *slog.Logger, changed func()) {
	if path == "" {
		<-ctx.Done()
		return
	}
	var events chan fsnotify.Event
	var lost chan error
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		defer func() { _ = watcher.Close() }() // nothing is left to lose
		events, lost = watcher.Events, watcher.Errors
	} else {
		log.Warn("the system does not tell of changes to files, so they are seen within two seconds", "error", err)
	}
	watched := map[string]bool{}
	follow := func() {
		dirs := folders(path)
		for dir := range watched {
			if !slices.Contains(dirs, dir) {
				_ = watcher.Remove(dir) // it may be gone by itself
				delete(watched, dir)
			}
		}
		for _, dir := range dirs {
			if watcher != nil && !watched[dir] && watcher.Add(dir) == nil { // else looking now and then must do
				watched[dir] = true
			}
		}
	}
	follow()
	ticker := time.NewTicker(lookEvery)
	defer ticker.Stop()
	rest := time.NewTimer(0)
	last := fingerprint(path)
	look := func() {
		if now := fingerprint(path); now != last {
			last = now
			rest.Reset(settle)
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case e, ok := <-events:
			if !ok {
				events = nil
				continue
			}
			if e.Has(fsnotify.Remove) || e.Has(fsnotify.Rename) {
				delete(watched, e.Name) // a folder that is gone is not watched any more
			}
			look()
		case _, ok := <-lost: // such as too many at once
			if !ok {
				lost = nil
			}
			look()
		case <-ticker.C:
			look()
		case <-rest.C: // at first at once: it may have changed before anybody looked
			follow()
			if now := fingerprint(path); now != last {
				last = now
				rest.Reset(settle)
				continue
			}
			changed()
		}
	}
}

// restPatience is how long OpenAtRest waits for a file that changes all the time.
const restPatience = 10 * time.Second

// OpenAtRest opens a file as [Open] does, but one that is being written only when
// it has come to rest, or after ten seconds.
func OpenAtRest(ctx context.Context, path string) ([]Input, error) {
	for until := time.Now().Add(restPatience); ; {
		before, changed := fingerprint(path), newest(path)
		inputs, err := Open(path)
		age := time.Since(changed)
		if fingerprint(path) == before && (age < 0 || age > settle) || time.Now().After(until) {
			return inputs, err // a time in the future says nothing
		}
		timer := time.NewTimer(settle)
		select {
		case <-ctx.Done():
			timer.Stop()
			return nil, ctx.Err()
		case <-timer.C:
		}
	}
}

// newest is when a file at path was changed last.
func newest(path string) (last time.Time) {
	names, _ := files(path) // none of a path that cannot be opened
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
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

// fingerprint is a number that changes with what is at path and with whether it can be
// read, most likely even if only the time of a file does.
func fingerprint(path string) uint64 {
	h := fnv.New64a()
	names, err := files(path)
	fmt.Fprintln(h, err)
	for _, name := range names {
		info, err := os.Stat(name)
		if err != nil {
			fmt.Fprintln(h, name, err)
			continue
		}
		real, _ := filepath.EvalSymlinks(name) // "" if it has just gone
		fmt.Fprintln(h, name, real, info.Size(), info.ModTime().UnixNano(), info.Mode(), readable(name, info))
		// What the system knows beyond that: which file it is, and when anything of it
		// changed last, its owner and its rights too, which nobody can set back.
		sys := reflect.Indirect(reflect.ValueOf(info.Sys()))
		for _, field := range []string{"Dev", "Ino", "Ctim", "Ctimespec"} { // as far as it has them
			if sys.Kind() == reflect.Struct && sys.FieldByName(field).IsValid() {
				fmt.Fprintln(h, sys.FieldByName(field))
			}
		}
	}
	return h.Sum64()
}

// readable is nil if a file can be read, which more than its mode decides.
func readable(name string, info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return nil // whether it can be read is not the matter; to open it may wait for somebody
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	return f.Close()
}
