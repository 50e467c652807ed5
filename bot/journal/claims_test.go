package journal

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// alter changes the database beside the store.
func alter(t *testing.T, s Store, statement string, args ...any) {
	t.Helper()
	if _, err := s.(*database).conn.Load().db.ExecContext(t.Context(), statement, args...); err != nil {
		t.Fatal(err)
	}
}

// keys are those of events.
func keys[E any](list []E, key func(E) string) string {
	all := make([]string, len(list))
	for i, e := range list {
		all[i] = key(e)
	}
	return strings.Join(all, " ")
}

func eventKey(e Event) string           { return e.Key }
func unfinishedKey(u Unfinished) string { return u.Key }

// TestClaims checks who may answer an event of two processes that use a store, and who takes it
// over.
func TestClaims(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		ctx := t.Context()
		s, other := open(), open()
		defer closed(t, s)
		defer closed(t, other)
		a, b := Claim{"a", time.Minute}, Claim{"b", time.Minute}
		take := func(key string, c Claim) {
			t.Helper()
			e := event(key)
			e.Claim = c
			if fresh, err := s.Take(ctx, e); !fresh || err != nil {
				t.Fatal(fresh, err)
			}
		}
		claimed := func(c Claim, which Which, want string) {
			t.Helper()
			if which.Most == 0 {
				which.Most = 10
			}
			list, err := other.Claim(ctx, "slack", c, which)
			if got := keys(list, eventKey); got != want || err != nil {
				t.Errorf("%s claims %q, want %q; %v", c.Owner, got, want, err)
			}
		}
		posting := func(key string, c Claim, want bool) {
			t.Helper()
			if held, err := s.Posting(ctx, key, c, ""); held != want || err != nil {
				t.Errorf("%s posts %s: %v, %v", c.Owner, key, held, err)
			}
		}
		state := func(key string, want State, body bool) {
			t.Helper()
			var got State
			var kept []byte
			row := s.(*database).conn.Load().db.QueryRowContext(ctx, "SELECT state, body FROM events WHERE key = $1", key)
			if err := row.Scan(&got, &kept); err != nil || got != want || (kept != nil) != body {
				t.Errorf("%s is %v, %q, %v", key, got, kept, err)
			}
		}
		ended := func() { t.Helper(); alter(t, s, "UPDATE events SET claimed_until = 1 WHERE state < 2") }

		// A claim holds until it ends, also after the answer began.
		take("1", a)
		take("2", a)
		claimed(b, Which{Ended: true}, "")
		posting("1", a, true)
		posting("1", b, false)
		ended()
		claimed(b, Which{}, "") // it has ended, but was not left
		posting("2", a, true)   // nobody has taken it over
		claimed(b, Which{Ended: true}, "1")
		posting("1", a, false)
		posting("1", b, true)
		// Who has lost an event does not end it, except if it posted the answer.
		if lost, err := s.Finish(ctx, "1", "a", GivenUp, ""); lost || err != nil {
			t.Error(lost, err)
		}
		state("1", Posting, true)
		if lost, err := s.Finish(ctx, "1", "a", Posted, "9"); !lost || err != nil {
			t.Error(lost, err)
		}
		state("1", Posted, false)
		posting("1", b, false)
		// A claim that is renewed does not end.
		ended()
		if err := s.Renew(ctx, a, nil); err != nil {
			t.Error(err)
		}
		claimed(b, Which{Ended: true}, "")
		claimed(a, Which{Own: true}, "2")
		claimed(b, Which{All: true}, "2")
		// What is left can be taken at once, in the state in which it is left, and only the owner
		// leaves it.
		if err := s.Renew(ctx, a, []Left{{"2", Taken}}); err != nil {
			t.Error(err)
		}
		claimed(a, Which{}, "")
		if err := s.Renew(ctx, b, []Left{{"2", Taken}}); err != nil {
			t.Error(err)
		}
		state("2", Taken, true)
		posting("2", b, false)
		claimed(a, Which{}, "2")
		// So is all when the owner ends.
		take("3", a)
		if err := s.Renew(ctx, Claim{Owner: "a"}, nil); err != nil {
			t.Error(err)
		}
		claimed(b, Which{Most: 1}, "2")
		claimed(b, Which{}, "3")
		claimed(Claim{"c", time.Minute}, Which{Ended: true}, "")
		// An event of a release without claims is left alone for as long as a claim lasts.
		alter(t, s, "INSERT INTO events (key, adapter, taken, state, channel, message, edited, answer) "+
			"VALUES ('old', 'slack', $1, 0, '', '', '', ''), ('new', 'slack', $2, 0, '', '', '', '')",
			time.Now().Add(-2*time.Minute).UnixMilli(), time.Now().UnixMilli())
		claimed(b, Which{Ended: true}, "old")
		// The claims of another adapter are not touched.
		if list, err := s.Claim(ctx, "discord", a, everything); len(list) != 0 || err != nil {
			t.Error(list, err)
		}
	})
}

// TestClaimedOnce checks that of many processes that claim events at the same time one has each.
func TestClaimedOnce(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		all := []Store{open(), open(), open()}
		const events = 60
		for i := range events {
			if _, err := all[0].Take(t.Context(), event(fmt.Sprint(i))); err != nil {
				t.Fatal(err)
			}
		}
		var mu sync.Mutex
		var got []string
		var claiming sync.WaitGroup
		for i, s := range all {
			defer closed(t, s)
			claiming.Go(func() {
				for range events / 2 {
					list, err := s.Claim(t.Context(), "slack", Claim{fmt.Sprint(i), time.Hour}, Which{Ended: true, Most: 4})
					if err != nil || len(list) > 4 {
						t.Error(len(list), err)
					}
					mu.Lock()
					for _, e := range list {
						got = append(got, e.Key)
					}
					mu.Unlock()
				}
			})
		}
		claiming.Wait()
		slices.Sort(got)
		if n := len(slices.Compact(slices.Clone(got))); n != events || len(got) != events {
			t.Errorf("%d events are claimed %d times", n, len(got))
		}
	})
}

// TestClaimedWhilePosting checks that an event whose claim has ended is either answered by its
// owner or taken over, if both begin at the same time.
func TestClaimedWhilePosting(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		s, other := open(), open()
		defer closed(t, s)
		defer closed(t, other)
		for i := range 60 {
			e := event(fmt.Sprint(i))
			e.Claim = Claim{Owner: "a"}
			if _, err := s.Take(t.Context(), e); err != nil {
				t.Fatal(err)
			}
			var held bool
			var both sync.WaitGroup
			both.Go(func() {
				var err error
				if held, err = s.Posting(t.Context(), e.Key, Claim{"a", time.Hour}, ""); err != nil {
					t.Error(err)
				}
			})
			list, err := other.Claim(t.Context(), "slack", Claim{"b", time.Hour}, Which{Ended: true, Most: 4})
			both.Wait()
			if held == (len(list) > 0) || err != nil {
				t.Fatalf("posted: %v, claimed: %q, %v", held, keys(list, eventKey), err)
			}
		}
	})
}
