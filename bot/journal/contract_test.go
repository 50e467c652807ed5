package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// stores opens an empty store of each engine. PostgreSQL is tested where
// TEST_POSTGRES has the address of a database that the tests may fill.
func stores(t *testing.T, test func(t *testing.T, open func() Store)) {
	t.Run("sqlite", func(t *testing.T) {
		t.Parallel()
		file := filepath.Join(t.TempDir(), "store.db")
		test(t, func() Store {
			s, moved, err := OpenSQLite(t.Context(), file)
			if err != nil || moved != "" {
				t.Fatal(err, moved)
			}
			return s
		})
	})
	t.Run("postgres", func(t *testing.T) {
		t.Parallel()
		address := testSchema(t)
		test(t, func() Store {
			s, err := OpenPostgres(t.Context(), address)
			if err != nil {
				t.Fatal(err)
			}
			return s
		})
	})
}

// everything are all unfinished events, whoever has them.
var everything = Which{All: true, Most: 1000}

// find is the newest version of a question.
func find(t *testing.T, s Store, adapter, channel, message string) (e Event, ok bool) {
	t.Helper()
	versions, err := s.Versions(t.Context(), adapter, channel, message)
	if err != nil {
		t.Error(err)
	}
	return newest(versions)
}

func closed(t *testing.T, s Store) {
	t.Helper()
	if err := s.Close(); err != nil {
		t.Error(err)
	}
}

var noon = time.UnixMilli(1790000000123)

func event(key string) Event {
	return Event{
		Adapter: "slack", Key: key, Taken: noon, Channel: "C1", Message: "1.1", Body: []byte(`{"text":"who?"}`),
	}
}

func TestEvents(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		ctx := t.Context()
		s := open()
		take := func(e Event, want bool) {
			t.Helper()
			if fresh, err := s.Take(ctx, e); fresh != want || err != nil {
				t.Errorf("%s: %v, %v", e.Key, fresh, err)
			}
		}
		unfinished := func(want ...Event) {
			t.Helper()
			got, err := s.Claim(ctx, "slack", Claim{Owner: "test"}, everything)
			if diff := cmp.Diff(want, got); diff != "" || err != nil {
				t.Errorf("unfinished (-want +got): %v\n%s", err, diff)
			}
		}
		mark := func(key string, state State, answer string) {
			t.Helper()
			var err error
			if state == Posting {
				_, err = s.Posting(ctx, key, Claim{Owner: "test"}, answer)
			} else {
				_, err = s.Finish(ctx, key, "test", state, answer)
			}
			if err != nil {
				t.Error(err)
			}
		}
		unfinished()
		first, second := event("a"), event("b")
		second.Taken, second.Message, second.Edited = noon.Add(time.Second), "2.2", "3.3"
		take(first, true)
		take(first, false)
		take(second, true)
		unfinished(first, second)
		mark("b", Posting, "")
		second.State = Posting
		closed(t, s)
		s = open()
		unfinished(first, second)
		mark("a", Posted, "9.9")
		mark("a", Posting, "") // too late
		mark("b", GivenUp, "")
		unfinished()
		take(first, false)
		got, ok := find(t, s, "slack", "C1", "1.1")
		first.State, first.Answer, first.Body = Posted, "9.9", nil
		if diff := cmp.Diff(first, got); diff != "" || !ok {
			t.Errorf("%v (-want +got):\n%s", ok, diff)
		}
		edited := event("c")
		edited.Edited, edited.State = "4.4", Taken
		take(edited, true)
		if got, _ := find(t, s, "slack", "C1", "1.1"); got.Edited != "4.4" || got.Answer != "9.9" {
			t.Errorf("found %+v, not the newest version with the answer to an older one", got)
		}
		unfinished(edited)
		mark("c", Posting, Together)
		if got, _ := find(t, s, "slack", "C1", "1.1"); got.State != Posting || got.Answer != Together {
			t.Errorf("found %+v, not posting together with others", got)
		}
		if _, ok := find(t, s, "discord", "C1", "1.1"); ok {
			t.Error("found a question of another platform")
		}
		// What is too old is erased.
		limits := Limits{Words: time.Hour, Rows: time.Hour, Most: 10}
		if err := s.Sweep(ctx, noon.Add(EventLife+time.Second), limits); err != nil {
			t.Fatal(err)
		}
		unfinished()
		take(edited, false)
		if err := s.Sweep(ctx, noon.Add(EditsFor+time.Minute), limits); err != nil {
			t.Fatal(err)
		}
		take(first, true)
		closed(t, s)
		if _, err := s.Take(ctx, first); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

// TestTogether checks that of many who take the same event at the same time one has it.
func TestTogether(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		s := open()
		defer closed(t, s)
		var all sync.WaitGroup
		var mu sync.Mutex
		fresh := map[string]int{}
		for i := range 400 {
			all.Go(func() {
				key := fmt.Sprint(i % 40)
				ok, err := s.Take(t.Context(), event(key))
				if err != nil {
					t.Error(err)
				}
				mu.Lock()
				defer mu.Unlock()
				if ok {
					fresh[key]++
				}
			})
		}
		all.Wait()
		for key, n := range fresh {
			if n != 1 {
				t.Errorf("%s is new to %d", key, n)
			}
		}
		if len(fresh) != 40 {
			t.Errorf("%d are new", len(fresh))
		}
	})
}

func TestJournal(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		ctx := t.Context()
		s := open()
		defer closed(t, s)
		do := func(err error) {
			t.Helper()
			if err != nil {
				t.Error(err)
			}
		}
		rows := func(since time.Time) (list []Row) {
			do(s.Rows(ctx, since, func(r Row) error {
				list = append(list, r)
				return nil
			}))
			return list
		}
		one := Row{
			Time: noon, Adapter: "slack", Outcome: "answered", Division: "pay", Topic: "Wages", Chance: 0.75,
			Audience: "staff", Version: "abc", Took: 1500 * time.Microsecond, Asker: "h1", Question: "slack C1 1.1",
			Answer: "slack C1 2.2",
		}
		two := Row{Time: noon.Add(time.Minute), Adapter: "discord", Outcome: "declined", Asker: "h2",
			Question: "discord 1 2", Words: "who feeds the cat"}
		do(s.Write(ctx, one))
		do(s.Write(ctx, two))
		for _, v := range []struct {
			asker string
			up    bool
			want  bool
		}{{"h1", true, true}, {"h1", true, false}, {"h3", false, true}, {"h1", false, true}, {"h4", true, true}} {
			changed, err := s.Vote(ctx, "slack C1 2.2", v.asker, v.up)
			if changed != v.want || err != nil {
				t.Errorf("%s votes %v: %v, %v", v.asker, v.up, changed, err)
			}
		}
		do(s.AddWords(ctx, "slack C1 1.1", "when is payday", false))
		do(s.AddWords(ctx, "slack C1 1.1", "later words do not count", false))
		one.Words, one.Up, one.Down = "when is payday", 1, 2
		if diff := cmp.Diff([]Row{one, two}, rows(noon)); diff != "" {
			t.Errorf("rows (-want +got):\n%s", diff)
		}
		if got := rows(noon.Add(time.Second)); len(got) != 1 {
			t.Errorf("since a second later: %v", got)
		}
		stats, err := s.Stats(ctx)
		if err != nil || stats.Rows != 2 || stats.WithWords != 2 || stats.Votes != 3 || !stats.Oldest.Equal(noon) ||
			stats.Bytes == 0 {
			t.Errorf("stats: %+v, %v", stats, err)
		}
		do(s.ForgetQuestion(ctx, "slack C1 1.1"))
		if got := rows(noon)[0].Words; got != "" {
			t.Errorf("a deleted question still says %q", got)
		}
		if n, err := s.ForgetAsker(ctx, "h1"); n != 1 || err != nil {
			t.Errorf("forgot %d, %v", n, err)
		}
		if stats, _ := s.Stats(ctx); stats.Rows != 1 || stats.Votes != 2 {
			t.Errorf("after h1 is forgotten: %+v", stats)
		}
		do(s.Sweep(ctx, noon.Add(2*time.Hour), Limits{Words: time.Hour, Rows: 24 * time.Hour, Most: 10}))
		if got := rows(noon); len(got) != 1 || got[0].Words != "" {
			t.Errorf("after an hour: %+v", got)
		}
		for i := range 20 {
			r := one
			r.Time = noon.Add(time.Duration(i) * time.Second)
			do(s.Write(ctx, r))
		}
		do(s.Sweep(ctx, noon.Add(2*time.Hour), Limits{Words: time.Hour, Rows: 24 * time.Hour, Most: 7}))
		if got := rows(noon); len(got) != 7 {
			t.Errorf("%d of the newest are left", len(got))
		}
		do(s.Sweep(ctx, time.Now().Add(48*time.Hour), Limits{Words: time.Hour, Rows: 24 * time.Hour, Most: 7}))
		if stats, _ := s.Stats(ctx); stats.Rows != 0 || stats.Votes != 0 {
			t.Errorf("after a day: %+v", stats)
		}
	})
}

// TestCanceled checks that a write that nobody waits for is not made.
func TestCanceled(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		s := open()
		defer closed(t, s)
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		if _, err := s.Take(ctx, event("a")); !errors.Is(err, context.Canceled) {
			t.Error(err)
		}
		if fresh, err := s.Take(t.Context(), event("a")); !fresh || err != nil {
			t.Error(fresh, err)
		}
	})
}

// TestTwoStarts checks that processes that start at the same time migrate once.
func TestTwoStarts(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				s := open()
				if _, err := s.Take(t.Context(), event("a")); err != nil {
					t.Error(err)
				}
				closed(t, s)
			})
		}
		all.Wait()
	})
}

func TestSQLiteFile(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "state", "store db?.db")
	s, _, err := OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(t.Context(), event("a")); err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{file, file + "-wal", file + "-shm"} {
		if info, err := os.Stat(name); err != nil || info.Mode().Perm() != 0o600 {
			t.Errorf("%s: %v, %v", name, info, err)
		}
	}
	copied := filepath.Join(t.TempDir(), "copy.db")
	if err := s.Backup(t.Context(), copied); err != nil {
		t.Fatal(err)
	}
	if err := s.Backup(t.Context(), copied); err == nil {
		t.Error("a backup overwrites a file")
	}
	closed(t, s)
	restored, _, err := OpenSQLite(t.Context(), copied)
	if err != nil {
		t.Fatal(err)
	}
	if list, err := restored.Claim(t.Context(), "slack", Claim{}, everything); len(list) != 1 || err != nil {
		t.Error(list, err)
	}
	closed(t, restored)
}

// TestDamaged checks that a damaged file is moved aside, not overwritten.
func TestDamaged(t *testing.T) {
	t.Parallel()
	for name, damage := range map[string]func(data []byte) []byte{
		"no database": func([]byte) []byte { return []byte("this is a letter to a friend, and not a database") },
		"a page": func(data []byte) []byte {
			for i := range data {
				if i > 4096 {
					data[i] ^= 0x5a
				}
			}
			return data
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			file := filepath.Join(t.TempDir(), "store.db")
			s, _, err := OpenSQLite(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			for i := range 200 {
				if _, err := s.Take(t.Context(), event(fmt.Sprint(i))); err != nil {
					t.Fatal(err)
				}
			}
			closed(t, s)
			data, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			data = damage(data)
			if err := os.WriteFile(file, data, 0o600); err != nil {
				t.Fatal(err)
			}
			s, moved, err := OpenSQLite(t.Context(), file)
			if err != nil || moved == "" {
				t.Fatal(err, moved)
			}
			if kept, err := os.ReadFile(moved); err != nil || string(kept) != string(data) {
				t.Error("the damaged file is not kept as it was", err)
			}
			if fresh, err := s.Take(t.Context(), event("a")); !fresh || err != nil {
				t.Error(fresh, err)
			}
			closed(t, s)
		})
	}
}
