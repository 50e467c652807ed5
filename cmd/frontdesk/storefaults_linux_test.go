package main

import (
	"context"
	"database/sql"
	"errors"
	"flag"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// fault is how long the faults of BenchmarkStoreFaults last.
var fault = flag.Duration("fault", 2*time.Second, "how long each fault of BenchmarkStoreFaults lasts")

// storeFault is something that happens to a store while the program is asked.
type storeFault struct {
	name string
	// begin makes the fault, with a store for it. End ends it.
	begin func(t testing.TB, store string) (end func())
}

// must fails a test at an error.
func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// fileFaults are those of a store in a file, which has a file system of its own. Only root may
// mount one.
var fileFaults = []storeFault{
	{"disk-full", func(t testing.TB, store string) func() {
		other := filepath.Join(filepath.Dir(store), "other")
		f, err := os.Create(other)
		must(t, err)
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Error(err)
		}
		must(t, f.Close())
		return func() { must(t, os.Remove(other)) }
	}},
	{"read-only", func(t testing.TB, store string) func() {
		folder := filepath.Dir(store)
		must(t, syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_RDONLY, ""))
		return func() { must(t, syscall.Unmount(folder, syscall.MNT_DETACH)) }
	}},
	{"removed", func(t testing.TB, store string) func() {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			must(t, os.Remove(store+suffix))
		}
		return func() {}
	}},
	{"locked", func(t testing.TB, store string) func() {
		db, err := sql.Open("sqlite", "file:"+store+"?_txlock=immediate&_pragma=busy_timeout(5000)")
		must(t, err)
		tx, err := db.BeginTx(context.Background(), nil)
		must(t, err)
		return func() {
			must(t, tx.Rollback())
			must(t, db.Close())
		}
	}},
}

// serverFaults are those of a store in PostgreSQL.
var serverFaults = []storeFault{
	{"SIGSTOP", func(t testing.TB, folder string) func() {
		postgresScript(t, "freeze", folder)
		return func() { postgresScript(t, "thaw", folder) }
	}},
	{"restart", func(t testing.TB, folder string) func() {
		postgresScript(t, "restart", folder)
		return func() {}
	}},
}

// postgresScript runs .ci/postgres and returns what it prints.
func postgresScript(t testing.TB, action, folder string) string {
	t.Helper()
	out, err := exec.Command("../../.ci/postgres", action, folder).Output()
	if err != nil {
		t.Fatalf(".ci/postgres %s: %v", action, err)
	}
	return strings.TrimSpace(string(out))
}

// ownDisk mounts a file system and returns the address of a store in it.
func ownDisk(t testing.TB) string {
	t.Helper()
	folder := t.TempDir()
	if os.Getuid() != 0 {
		t.Skip("only root may mount a file system")
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=16m"); err != nil {
		t.Skip("a file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(folder, syscall.MNT_DETACH) })
	return filepath.Join(folder, "store.db")
}

// during asks rate questions a second before a fault, during it and after it.
func (f storeFault) during(t testing.TB, store, of string, rate int, lasts time.Duration) (k killing) {
	t.Helper()
	const around = time.Second // of asking before and after
	a := newAsking(t, store)
	defer a.cancel()
	w := &setup{slack: a.fake, process: a.start()}
	w.awaitReady(http.StatusOK, partStore, "ready", "")
	stop := a.begin(rate)
	time.Sleep(around)
	end := f.begin(t, of)
	time.Sleep(lasts)
	end()
	w.awaitReady(http.StatusOK, partStore, "ready", "")
	time.Sleep(around)
	stop()
	k.settle(a, w.process, false)
	// It is used again: nothing more is missed. A busy machine, or a server that recovers, may be
	// too slow for a question now and then; after that the store is left alone for a moment.
	const tries = 10
	for try, missed := 0, k.missed; missed > 0; try++ {
		w.awaitReady(http.StatusOK, partStore, "ready", "")
		a.ask(-1 - try)
		now := valueOf(t, metricsOf(t, w.process), missedMetric)
		if now == missed {
			break
		}
		if missed = now; try == tries {
			t.Errorf("the store is not used again: %d changes are not recorded, and then %d\n%s", k.missed, now, w.output())
			break
		}
	}
	if err := w.terminate(); err != nil {
		t.Error(err)
	}
	if k.lost > 0 || k.twice > 0 {
		t.Errorf("%s: %+v\n%s", f.name, k, w.output())
	}
	return k
}

// TestStoreFaults checks that questions are answered during each fault of a store in a file,
// and that it is used again.
func TestStoreFaults(t *testing.T) {
	t.Parallel()
	for _, f := range fileFaults {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			store := ownDisk(t)
			f.during(t, store, store, 20, time.Second)
		})
	}
}

// BenchmarkStoreFaults asks 200 questions a second while something happens to the store, and
// prints what became of them. For faults of half a minute:
//
//	go test -run '^$' -bench StoreFaults -benchtime 1x -timeout 20m ./cmd/frontdesk -fault 30s
func BenchmarkStoreFaults(b *testing.B) {
	for _, f := range fileFaults {
		b.Run(f.name, func(b *testing.B) {
			store := ownDisk(b)
			f.during(b, store, store, loadRate, *fault).report(b)
		})
	}
	b.Run("postgres", func(b *testing.B) {
		folder := filepath.Join(b.TempDir(), "server")
		if _, err := os.Stat("/usr/lib/postgresql"); err != nil {
			b.Skip("there is no PostgreSQL server")
		}
		must(b, os.Chmod(filepath.Dir(filepath.Dir(folder)), 0o711)) // the server's user has to pass through it
		address := postgresScript(b, "start", folder)
		b.Cleanup(func() { postgresScript(b, "stop", folder) })
		for _, f := range serverFaults {
			b.Run(f.name, func(b *testing.B) {
				f.during(b, address, folder, loadRate, *fault).report(b)
			})
		}
	})
}
