package journal

import (
	"context"
	"errors"
	"log/slog"
	"path/filepath"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/bot"
)

// desk is a process that shares a store with others.
type desk struct {
	*Ledger
	store   *shaky
	unclear atomic.Int64
}

func (d *desk) claimed(t *testing.T, want string) []Unfinished {
	t.Helper()
	list, err := d.Claim(t.Context(), "slack")
	if got := keys(list, unfinishedKey); got != want || err != nil {
		t.Fatalf("claims %q, want %q; %v", got, want, err)
	}
	return list
}

// taken is an event that was taken on now.
func taken(key string) Event {
	e := event(key)
	e.Taken = time.Now()
	return e
}

// sharing returns processes that share a store, which have been well for long.
func sharing(t *testing.T, open func() Store, n int) (desks []*desk) {
	for range n {
		d := &desk{store: &shaky{Store: open()}}
		d.Ledger = NewLedger(d.store, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
		d.shared, d.ClaimFor, d.Patience = true, time.Hour, 10*time.Second // claims end when the test says so
		d.Unclear = func(string) { d.unclear.Add(1) }
		d.since = time.Now().Add(-2 * d.ClaimFor)
		d.PeerSeen()
		desks = append(desks, d)
		t.Cleanup(func() {
			if err := d.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	return desks
}

// ended ends the claims on all events, as if their owners had not renewed them.
func (d *desk) ended(t *testing.T) {
	t.Helper()
	alter(t, d.store.Store, "UPDATE events SET claimed_until = 1 WHERE state < 2 AND claimed_until > 0")
}

// TestTakenOver checks that the events of a process that died or hangs are answered by another,
// and by the first no more.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		first, second := desks[0], desks[1]
		e := taken("a")
		r, fresh := first.Take(e)
		if _, again := second.Take(e); !fresh || again {
			t.Fatal("both take the event")
		}
		second.claimed(t, "")
		first.ended(t)
		first.claimed(t, "") // it is in work here
		first.ended(t)
		u := second.claimed(t, "a")[0]
		second.ended(t)
		second.claimed(t, "")
		if err := r.Posting(); !errors.Is(err, ErrClaimLost) {
			t.Errorf("who hung posts: %v", err)
		}
		r.GaveUp() // its answer was not sent, but the event is another's
		first.ended(t)
		first.claimed(t, "a")
		if err := u.Receipt.PostingTogether(); !errors.Is(err, ErrClaimLost) {
			t.Errorf("who lost the event again posts: %v", err)
		}
	})
}

// TestCheckedAgain checks that a process that hangs between two tries to send asks again.
func TestCheckedAgain(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		e := taken("a")
		r, _ := desks[0].Take(e)
		if err := r.Posting(); err != nil {
			t.Fatal(err)
		}
		desks[0].ended(t)
		u := desks[1].claimed(t, "a")[0]
		if u.State != Posting {
			t.Errorf("it is %v", u.State)
		}
		if err := r.Posting(); err != nil { // within the time for which the answer of the store holds
			t.Error(err)
		}
		r.asked = r.asked.Add(-desks[0].ClaimFor)
		if err := r.Posting(); !errors.Is(err, ErrClaimLost) {
			t.Error(err)
		}
	})
}

// TestCutOff checks which events a process answers whose store fails.
func TestCutOff(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		var first, second *desk
		t.Cleanup(func() { // after they are closed
			if n := first.store.finishes.Load(); n != 0 {
				t.Errorf("an event that is left to others is given up")
			}
		})
		desks := sharing(t, open, 2)
		first, second = desks[0], desks[1]
		start := time.Now()
		take := func(key string) *Receipt {
			t.Helper()
			e := event(key)
			e.Taken = start // so that they are in the order of their keys
			r, fresh := first.Take(e)
			if !fresh {
				t.Fatal(key, "is not new")
			}
			return r
		}
		recorded := take("recorded")
		asked := take("asked")
		if err := asked.Posting(); err != nil {
			t.Fatal(err)
		}
		asked.asked = asked.asked.Add(-first.ClaimFor)
		first.store.fail.Store(true)
		maybe, not := take("maybe"), take("not")
		if maybe == nil || not != nil {
			t.Fatal(maybe, not)
		}
		for name, c := range map[string]struct {
			r    *Receipt
			lost bool
		}{"recorded": {recorded, true}, "asked": {asked, true}, "maybe": {maybe, false}, "not": {not, false}} {
			for range 2 {
				if err := c.r.Posting(); errors.Is(err, ErrClaimLost) != c.lost {
					t.Errorf("%s: %v", name, err)
				}
			}
		}
		if n := first.unclear.Load(); n != 1 {
			t.Errorf("%d answers are unclear", n)
		}
		recorded.GaveUp()
		// With the store again, what was not answered is left to whoever comes first.
		first.store.fail.Store(false)
		if n := len(first.claims.working); n != 1 {
			t.Errorf("%d events are in work", n)
		}
		if err := first.renew(first.claim()); err != nil {
			t.Fatal(err)
		}
		list := second.claimed(t, "asked recorded")
		if list[0].State != Posting || list[1].State != Taken {
			t.Errorf("left as %v, %v", list[0].State, list[1].State)
		}
	})
}

// TestMaybeRecorded checks that an event whose record came late is answered by who recorded it.
func TestMaybeRecorded(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		var receipts []*Receipt
		for _, key := range []string{"first", "second"} {
			e := taken(key)
			e.Claim = desks[0].claim()
			desks[0].begins(e)
			receipts = append(receipts, &Receipt{ledger: desks[0].Ledger, event: e, failed: errShaky})
			if key == "second" {
				if _, fresh := desks[1].Take(e); !fresh { // which is there before the first
					t.Fatal("not new")
				}
			}
		}
		if err := receipts[0].Posting(); err != nil {
			t.Error(err)
		}
		if err := receipts[1].Posting(); !errors.Is(err, ErrClaimLost) {
			t.Error(err)
		}
		if n := desks[0].unclear.Load(); n != 0 {
			t.Errorf("%d answers are unclear", n)
		}
	})
}

// TestGrace checks that nothing is taken over right after a failure of the store, except what
// was left, and that a claim of which nobody knows is found.
func TestGrace(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		first, second := desks[0], desks[1]
		for _, key := range []string{"a", "b"} {
			e := taken(key)
			r, _ := first.Take(e)
			if key == "b" {
				r.Leave()
			}
		}
		if err := first.renew(first.claim()); err != nil {
			t.Fatal(err)
		}
		first.ended(t)
		second.mu.Lock()
		second.since = time.Now()
		second.mu.Unlock()
		second.claimed(t, "b")
		second.mu.Lock()
		second.since = time.Now().Add(-second.ClaimFor)
		second.mu.Unlock()
		// The claim is recorded, but the process does not learn of it.
		second.mu.Lock()
		second.claims.doubt["slack"] = true
		second.mu.Unlock()
		if _, err := second.store.Store.Claim(t.Context(), "slack", second.claim(), everything); err != nil {
			t.Fatal(err)
		}
		second.claimed(t, "a")
		second.claimed(t, "")
	})
}

// TestExpires checks that claims that are not renewed end by the clock of the database.
func TestExpires(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		first, second := desks[0], desks[1]
		first.ClaimFor = 100 * time.Millisecond
		first.claims.kept = true // its renewals hang
		e := taken("a")
		if r, fresh := first.Take(e); r == nil || !fresh {
			t.Fatal(r, fresh)
		}
		for end := time.Now().Add(20 * time.Second); ; time.Sleep(10 * time.Millisecond) {
			list, err := second.Claim(t.Context(), "slack")
			if err != nil || time.Now().After(end) {
				t.Fatal("the claim does not end", err)
			}
			if len(list) > 0 {
				break
			}
		}
		if waited := time.Since(e.Taken); waited < first.ClaimFor-time.Millisecond { // of which the database drops parts
			t.Errorf("it ended after %v", waited)
		}
	})
}

// TestClosing checks that a process that ends leaves its events at once.
func TestClosing(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		second := sharing(t, open, 1)[0]
		first := NewLedger(open(), slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
		first.Share()
		for _, key := range []string{"a", "b"} {
			e := taken(key)
			if r, _ := first.Take(e); key == "b" {
				r.Posted("9")
			}
		}
		second.claimed(t, "")
		if err := first.Close(); err != nil {
			t.Error(err)
		}
		if n := len(first.claims.working); n != 1 {
			t.Errorf("%d events are in work", n)
		}
		second.claimed(t, "a")
	})
}

// TestExclusive checks that a process that has the store for itself gets what the one before left,
// once, and answers although that cannot be recorded.
func TestExclusive(t *testing.T) {
	t.Parallel()
	file := filepath.Join(t.TempDir(), "store.db")
	open := func() *shaky {
		s, _, err := OpenSQLite(t.Context(), file)
		if err != nil {
			t.Fatal(err)
		}
		return &shaky{Store: s}
	}
	before := open()
	awaitTake(t, before, "a")
	closed(t, before)
	s := open()
	l := NewLedger(s, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
	if r, fresh := l.Take(event("b")); r == nil || !fresh {
		t.Fatal(r, fresh)
	}
	s.fail.Store(true)
	if _, err := l.Claim(t.Context(), "slack"); !errors.Is(err, errShaky) {
		t.Error(err)
	}
	s.fail.Store(false)
	list, err := l.Claim(t.Context(), "slack")
	if keys(list, unfinishedKey) != "a" || err != nil {
		t.Fatal(list, err)
	}
	s.fail.Store(true)
	if err := list[0].Receipt.Posting(); err != nil {
		t.Error(err)
	}
	if list, err := l.Claim(t.Context(), "slack"); len(list) != 0 || err != nil {
		t.Error(list, err)
	}
	s.fail.Store(false)
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// counting is a store that counts renewals and takes everything.
type counting struct {
	Store
	renewals atomic.Int64
	fail     atomic.Bool
	patience func(left, want time.Duration) // may be nil
	want     time.Duration
}

func (c *counting) Take(ctx context.Context, _ Event) (bool, error) {
	if end, ok := ctx.Deadline(); ok && c.patience != nil {
		c.patience(time.Until(end), c.want)
	}
	return true, nil
}

func (c *counting) Close() error { return nil }

func (c *counting) Renew(context.Context, Claim, []Left) error {
	c.renewals.Add(1)
	if c.fail.Load() {
		return errShaky
	}
	return nil
}

// TestRenewed checks that claims are renewed in time, and that a failure begins the grace anew.
func TestRenewed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{}
		l := NewLedger(s, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
		l.Share()
		l.Take(event("a"))
		time.Sleep(claimFor + time.Millisecond)
		if n := s.renewals.Load(); n != renewals {
			t.Errorf("renewed %d times", n)
		}
		s.fail.Store(true)
		time.Sleep(claimFor / renewals)
		s.fail.Store(false)
		time.Sleep(claimFor / renewals)
		l.mu.Lock()
		defer l.mu.Unlock()
		if well := time.Since(l.since); l.failing || well > claimFor/renewals {
			t.Errorf("well for %v, failing: %v", well, l.failing)
		}
		close(l.closing)
	})
}
