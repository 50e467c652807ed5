package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"log/slog"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
)

// awaitTake takes an event as soon as the store takes it.
func awaitTake(t *testing.T, s Store, key string) {
	t.Helper()
	deadline := time.Now().Add(20 * time.Second)
	for {
		_, err := s.Take(t.Context(), event(key))
		if err == nil {
			return
		}
		if time.Now().After(deadline) {
			t.Fatalf("the store is not used again: %v", err)
		}
		time.Sleep(10 * time.Millisecond)
	}
}

// keysIn lists the events of a file that nobody has open any more.
func keysIn(t *testing.T, file string) string {
	t.Helper()
	s, err := OpenExisting(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, s)
	list, err := s.Claim(t.Context(), "slack", Claim{}, everything)
	if err != nil {
		t.Fatal(err)
	}
	keys := make([]string, len(list))
	for i, e := range list {
		keys[i] = e.Key
	}
	return strings.Join(keys, " ")
}

// TestFileAway checks that a file that cannot be opened at the start is used as soon as it can
// be, and that the commands say what is wrong with it meanwhile.
func TestFileAway(t *testing.T) {
	t.Parallel()
	folder := filepath.Join(t.TempDir(), "state")
	if err := os.WriteFile(folder, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(folder, "store.db")
	s, _, err := OpenSQLite(t.Context(), file)
	if s == nil || err == nil {
		t.Fatal(s, err)
	}
	if _, err := s.Take(t.Context(), event("a")); !errors.Is(err, ErrAway) || !strings.Contains(err.Error(), folder) {
		t.Error(err)
	}
	if _, err := OpenExisting(t.Context(), file); err == nil || errors.Is(err, ErrAway) {
		t.Error(err)
	}
	ready := make(chan string, 10)
	l := NewLedger(s, slog.New(slog.DiscardHandler), func(p bot.Phase, why string) {
		if p == bot.Ready {
			ready <- why
		}
	}, func() {})
	<-ready
	l.Away(err)
	if r, fresh := l.Take(event("b")); r != nil || !fresh {
		t.Error(r, fresh)
	}
	if err := os.Remove(folder); err != nil {
		t.Fatal(err)
	}
	<-ready
	if r, fresh := l.Take(event("c")); r == nil || !fresh {
		t.Error(r, fresh)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
	if got := keysIn(t, file); got != "c" {
		t.Errorf("the file has %q", got)
	}
}

// TestMoved checks that a file that is removed or replaced while it is open is noticed with the
// next write, and that what was in it is where the operator put it.
func TestMoved(t *testing.T) {
	t.Parallel()
	must := func(t *testing.T, err error) {
		t.Helper()
		if err != nil {
			t.Fatal(err)
		}
	}
	for name, c := range map[string]struct {
		do   func(t *testing.T, s Store, file string)
		want string // what is in the file at the end
		old  string // and in the file FILE.old
	}{
		"file removed": {do: func(t *testing.T, _ Store, file string) { must(t, os.Remove(file)) }, want: "b"},
		"file and log removed": {do: func(t *testing.T, _ Store, file string) {
			for _, suffix := range []string{"", "-wal", "-shm"} {
				must(t, os.Remove(file+suffix))
			}
		}, want: "b"},
		"log removed": {do: func(t *testing.T, _ Store, file string) { must(t, os.Remove(file+"-wal")) }, want: "a b"},
		"folder removed": {do: func(t *testing.T, _ Store, file string) {
			must(t, os.RemoveAll(filepath.Dir(file)))
		}, want: "b"},
		"renamed": {do: func(t *testing.T, _ Store, file string) {
			must(t, os.Rename(file, file+".old"))
		}, want: "b", old: "a"},
		"replaced by a backup": {do: func(t *testing.T, s Store, file string) {
			must(t, s.Backup(t.Context(), file+".new"))
			_, err := s.Take(t.Context(), event("lost"))
			must(t, err)
			must(t, os.Rename(file, file+".old"))
			must(t, os.Rename(file+".new", file))
		}, want: "a b", old: "a lost"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "state", "store.db")
			s, _, err := OpenSQLite(t.Context(), file)
			must(t, err)
			awaitTake(t, s, "a")
			c.do(t, s, file)
			if fresh, err := s.Take(t.Context(), event("b")); !fresh || err != nil {
				t.Error(fresh, err)
			}
			closed(t, s)
			if got := keysIn(t, file); got != c.want {
				t.Errorf("the file has %q, want %q", got, c.want)
			}
			if c.old != "" {
				if got := keysIn(t, file+".old"); got != c.old {
					t.Errorf("the old file has %q, want %q", got, c.old)
				}
			}
		})
	}
}

// TestDamagedLater checks that a file that is damaged while it is open is moved aside as soon as
// that is noticed.
func TestDamagedLater(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "store.db")
	aside := make(chan string, 1)
	s, err := Open(t.Context(), file, func(to string) { aside <- to })
	if err != nil {
		t.Fatal(err)
	}
	for i := range 2000 { // more than is in SQLite's memory
		e := event(fmt.Sprint(i))
		e.Body = make([]byte, 4000)
		if _, err := s.Take(t.Context(), e); err != nil {
			t.Fatal(err)
		}
	}
	closed(t, s)
	s, err = Open(t.Context(), file, func(to string) { aside <- to })
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for i := 4096; i < len(data); i++ {
		data[i] ^= 0x5a
	}
	if err := os.WriteFile(file, data, 0o600); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(t.Context(), event("a")); err == nil {
		t.Error("the damage is not noticed")
	}
	awaitTake(t, s, "b")
	closed(t, s)
	if info, err := os.Stat(<-aside); err != nil || info.Size() != int64(len(data)) {
		t.Error(info, err)
	}
	if got := keysIn(t, file); got != "b" {
		t.Errorf("the new file has %q", got)
	}
}

// TestSchemaLost checks that tables that somebody has dropped are made again.
func TestSchemaLost(t *testing.T) {
	t.Parallel()
	address := testSchema(t)
	s, err := OpenPostgres(t.Context(), address)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, s)
	awaitTake(t, s, "a")
	u, err := url.Parse(address)
	if err != nil {
		t.Fatal(err)
	}
	name := u.Query().Get("search_path")
	db, err := sql.Open("pgx", address)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	if _, err := db.Exec("DROP SCHEMA " + name + " CASCADE; CREATE SCHEMA " + name); err != nil {
		t.Fatal(err)
	}
	awaitTake(t, s, "b")
}

// TestFlapping checks that a store whose disk is full does not count as well again because a
// change without an effect succeeds, and that a failure is logged once.
func TestFlapping(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var log strings.Builder
	handler := slog.NewTextHandler(writer(func(p []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return log.Write(p)
	}), nil)
	store := &shaky{}
	l := NewLedger(&full{store}, slog.New(handler), func(bot.Phase, string) {}, func() {})
	r, _ := l.Take(event("a"))
	if err := r.Posting(); err != nil {
		t.Error(err)
	}
	r.Posted("1")
	if r, _ := l.Take(event("b")); r != nil {
		t.Error("the store is tried again at once")
	}
	close(l.closing)
	l.pending.Wait()
	mu.Lock()
	defer mu.Unlock()
	if n := strings.Count(log.String(), "\n"); n != 1 {
		t.Errorf("%d lines:\n%s", n, log.String())
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(p []byte) (int, error) { return w(p) }

// full is a store on a full disk: only changes without an effect succeed.
type full struct{ Store }

func (f *full) Take(context.Context, Event) (bool, error)                    { return false, errShaky }
func (f *full) Posting(context.Context, string, Claim, string) (bool, error) { return true, nil }
func (f *full) Finish(context.Context, string, string, State, string) (bool, error) {
	return false, nil
}
