package journal

import (
	"context"
	"errors"
	"log/slog"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/bot"
)

// TestOthers checks that an edit waits for the answers of other processes to what was asked before.
func TestOthers(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		first, second := desks[0], desks[1]
		version := func(d *desk, key, edited string) *Receipt {
			t.Helper()
			e := event(key)
			e.Edited, e.Taken = edited, time.Now()
			r, fresh := d.Take(e)
			if !fresh {
				t.Fatal(key, "is not new")
			}
			return r
		}
		if _, ok, _ := first.Others(t.Context(), "slack", "C1", "1.1", ""); ok {
			t.Error("there is nothing to know of a question that nobody took on")
		}
		asked := version(first, "asked", "")
		if _, ok, _ := first.Others(t.Context(), "slack", "C1", "1.1", ""); !ok {
			t.Error("what is in work here is not found")
		}
		version(second, "edit", "2.2")
		second.store.looked = sync.OnceFunc(func() { asked.Posted("9.9") })
		e, ok, err := second.Others(t.Context(), "slack", "C1", "1.1", "2.2")
		if !ok || err != nil || e.Answer != "9.9" || e.Edited != "" || e.State != Posted {
			t.Errorf("after the answer: %v, %v, %+v", ok, err, e)
		}
		version(first, "later edit", "3.3")
		if e, _, _ := second.Others(t.Context(), "slack", "C1", "1.1", "2.2"); e.Edited != "3.3" || e.Answer != "9.9" {
			t.Errorf("beside a later edit, for which nobody waits: %+v", e)
		}
		ctx, cancel := context.WithTimeout(t.Context(), othersEvery/2)
		defer cancel()
		if e, ok, _ := second.Others(ctx, "slack", "C1", "1.1", ""); !ok || e.State != Taken {
			t.Errorf("at the end of the process: %v, %+v", ok, e)
		}
		second.store.fail.Store(true)
		if _, ok, err := second.Others(t.Context(), "slack", "C1", "1.1", ""); ok || !errors.Is(err, ErrClaimLost) {
			t.Errorf("of a store that fails: %v, %v", ok, err)
		}
		second.store.fail.Store(false)
	})
}

// TestCutOffAndHung checks which events a process answers whose store fails, right after it hung,
// so that others may have them.
func TestCutOffAndHung(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		d := sharing(t, open, 1)[0]
		take := func(key string) (*Receipt, Event) {
			t.Helper()
			e := taken(key)
			r, fresh := d.Take(e)
			if !fresh {
				t.Errorf("%s is not new", key)
			}
			return r, e
		}
		if d.CutOff() {
			t.Error("cut off from a store that works")
		}
		d.store.fail.Store(true)
		take("fails")
		if !d.CutOff() {
			t.Error("not cut off from a store that fails")
		}
		if r, _ := take("only here"); r != nil {
			t.Error("memory does not take over for what nobody else has")
		}
		d.mu.Lock()
		d.claims.awake = time.Now().Add(-d.ClaimFor)
		d.mu.Unlock()
		known, e := take("known")
		unknown, _ := take("unknown")
		if known == nil || unknown == nil {
			t.Fatal("memory takes over for what others may have")
		}
		repeated := event("repeated")
		repeated.Taken, repeated.Repeated = time.Now(), true
		if r, _ := d.Take(repeated); !r.Refused() || known.Refused() {
			t.Error("an event is acknowledged that another process may have")
		}
		d.store.fail.Store(false)
		if _, err := d.store.Store.Take(t.Context(), e); err != nil { // as another process
			t.Fatal(err)
		}
		if err := known.Posting(); !errors.Is(err, ErrClaimLost) {
			t.Errorf("what another process has is answered: %v", err)
		}
		if err := unknown.Posting(); err != nil || d.unclear.Load() != 0 {
			t.Error(err, d.unclear.Load())
		}
	})
}

// TestSentTwice checks that an answer is counted that was sent after another process has taken the
// event over.
func TestSentTwice(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		first, second := desks[0], desks[1]
		e := taken("a")
		counted := make(chan struct{})
		first.Unclear = func(string) { close(counted) }
		r, _ := first.Take(e)
		if err := r.Posting(); err != nil {
			t.Fatal(err)
		}
		first.ended(t) // it hangs while its answer is on the way
		second.claimed(t, "a")
		r.Posted("9.9")
		<-counted
		if e, _ := find(t, second.store, "slack", "C1", "1.1"); e.State != Posted || e.Answer != "9.9" {
			t.Errorf("it is recorded as %+v", e)
		}
	})
}

// TestHung checks that a process that did not run for a while asks the store with patience before
// it answers what has arrived meanwhile.
func TestHung(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		s := &counting{}
		l := NewLedger(s, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
		l.Share()
		s.patience = func(left time.Duration, want time.Duration) {
			if left != want {
				t.Errorf("the store has %v, want %v", left, want)
			}
		}
		s.want = sharedPatience
		l.Take(event("a"))
		l.mu.Lock()
		l.claims.awake = time.Now().Add(-l.ClaimFor)
		l.mu.Unlock()
		s.want = postingPatience
		l.Take(event("b"))
		l.Take(event("c")) // which waited behind it
		time.Sleep(doubtFor)
		s.want = sharedPatience
		l.Take(event("d"))
		close(l.closing)
	})
}

// TestNoPeers checks that a process that knows of no other answers what is recorded also while the
// store fails, and what is repeated.
func TestNoPeers(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		d := sharing(t, open, 1)[0]
		d.peer.Store(false)
		d.NoPeerSeen()
		e := taken("a")
		r, _ := d.Take(e)
		d.store.fail.Store(true)
		for range 2 {
			if err := r.Posting(); err != nil {
				t.Error(err)
			}
		}
		d.Take(event("b"))
		if d.CutOff() || d.unclear.Load() != 0 {
			t.Errorf("cut off: %v; %d are unclear", d.CutOff(), d.unclear.Load())
		}
		d.store.fail.Store(false)
	})
}

// TestRowLost checks that an event is answered whose row was lost, as with the last commits of a
// server that another one has replaced.
func TestRowLost(t *testing.T) {
	t.Parallel()
	stores(t, func(t *testing.T, open func() Store) {
		desks := sharing(t, open, 2)
		e := taken("a")
		r, _ := desks[0].Take(e)
		alter(t, desks[0].store.Store, "DELETE FROM events")
		if err := r.Posting(); err != nil {
			t.Error(err)
		}
		if _, fresh := desks[1].Take(e); fresh {
			t.Error("another process takes the event as new")
		}
	})
}

// TestPeers checks when a process takes itself for one of several.
func TestPeers(t *testing.T) {
	t.Parallel()
	l := NewLedger(nil, nil, nil, nil)
	if l.HasPeers() || !l.Exclusive() {
		t.Error("has peers without a store to share")
	}
	l.Share()
	if !l.HasPeers() {
		t.Error("has no peers before anything is known")
	}
	l.start = time.Now().Add(-peersKnownAfter)
	if l.HasPeers() {
		t.Error("has peers although nothing is known for long")
	}
	l.start = time.Now()
	l.NoPeerSeen()
	if l.HasPeers() {
		t.Error("has peers where there are none")
	}
	l.PeerSeen()
	if !l.HasPeers() {
		t.Error("has no peers beside another")
	}
}
