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
	// settle is how long a file must stay unchanged before it is read. Editors and git
	// write in several steps, and half a file may lack the lines that hide something.
	settle = 300 * time.Millisecond
	// lookEvery is how often the file is checked, because not every file system reports
	// changes: network file systems do not, nor links to a folder that was moved.
	lookEvery = 2 * time.Second
)

// Watch calls changed once at the beginning, and then whenever the knowledge file or
// folder at path has changed and has been unchanged for 300 ms, until ctx is done. It
// notices files that are renamed or replaced, links that point elsewhere, and changed
// permissions. Where the system does not report changes it checks every two seconds, and
// logs why. The shipped file, "", never changes.
func Watch(ctx context.Context, path string, log *slog.Logger, changed func()) {
	if path == "" {
		<-ctx.Done()
		return
	}
	var events chan fsnotify.Event
	var lost chan error
	watcher, err := fsnotify.NewWatcher()
	if err == nil {
		defer func() { _ = watcher.Close() }() // an error changes nothing
		events, lost = watcher.Events, watcher.Errors
	} else {
		log.Warn("the system does not report file changes, so they are noticed within two seconds", "error", err)
	}
	watched := map[string]bool{}
	follow := func() {
		dirs := folders(path)
		for dir := range watched {
			if !slices.Contains(dirs, dir) {
				_ = watcher.Remove(dir) // the folder may be deleted
				delete(watched, dir)
			}
		}
		for _, dir := range dirs {
			if watcher != nil && !watched[dir] && watcher.Add(dir) == nil { // else the ticker notices changes
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
				delete(watched, e.Name) // a deleted folder is no longer watched
			}
			look()
		case _, ok := <-lost: // such as too many events at once
			if !ok {
				lost = nil
			}
			look()
		case <-ticker.C:
			look()
		case <-rest.C: // the first time at once: the file may have changed before
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

// restPatience is how long OpenAtRest waits for a file that keeps changing.
const restPatience = 10 * time.Second

// OpenAtRest opens a file like [Open], but waits until it has been unchanged for 300 ms,
// at most ten seconds.
func OpenAtRest(ctx context.Context, path string) ([]Input, error) {
	for until := time.Now().Add(restPatience); ; {
		before, changed := fingerprint(path), newest(path)
		inputs, err := Open(path)
		age := time.Since(changed)
		if fingerprint(path) == before && (age < 0 || age > settle) || time.Now().After(until) {
			return inputs, err // a file time in the future is not used
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

// newest is the latest time at which a file at path was changed.
func newest(path string) (last time.Time) {
	names, _ := files(path) // none if the path cannot be opened
	for _, name := range names {
		if info, err := os.Stat(name); err == nil && info.ModTime().After(last) {
			last = info.ModTime()
		}
	}
	return last
}

// folders are the folders in which something changes when the file at path does: its own,
// and that of the file a link refers to.
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

// fingerprint is a number that changes when the files at path change, or their times, or
// whether they can be read.
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
		real, _ := filepath.EvalSymlinks(name) // "" if it was just deleted
		fmt.Fprintln(h, name, real, info.Size(), info.ModTime().UnixNano(), info.Mode(), readable(name, info))
		// Further data of the system: which file it is, and when its content, owner or
		// permissions changed last, a time that no program can set back.
		sys := reflect.Indirect(reflect.ValueOf(info.Sys()))
		for _, field := range []string{"Dev", "Ino", "Ctim", "Ctimespec"} { // as far as it has them
			if sys.Kind() == reflect.Struct && sys.FieldByName(field).IsValid() {
				fmt.Fprintln(h, sys.FieldByName(field))
			}
		}
	}
	return h.Sum64()
}

// readable is nil if a file can be opened, which does not depend on its mode alone.
func readable(name string, info os.FileInfo) error {
	if !info.Mode().IsRegular() {
		return nil // it is refused anyway, and opening it may block
	}
	f, err := os.OpenFile(name, os.O_RDONLY|syscall.O_NONBLOCK, 0) // #nosec G304 -- the operator names it
	if err != nil {
		return err
	}
	return f.Close()
}
