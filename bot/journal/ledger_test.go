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

// shaky is a store that fails or hangs while it is told to.
type shaky struct {
	Store
	fail, hang atomic.Bool
	finishes   atomic.Int64 // last states that it was told
	looked     func()       // called before it looks for versions; may be nil
}

var errShaky = errors.New("disk full")

func (s *shaky) trouble(ctx context.Context) error {
	if s.hang.Load() {
		<-ctx.Done()
		return ctx.Err()
	}
	if s.fail.Load() {
		return errShaky
	}
	return nil
}

func (s *shaky) Take(ctx context.Context, e Event) (bool, error) {
	if err := s.trouble(ctx); err != nil {
		return false, err
	}
	return s.Store.Take(ctx, e)
}

func (s *shaky) Posting(ctx context.Context, key string, c Claim, answer string) (bool, error) {
	if err := s.trouble(ctx); err != nil {
		return false, err
	}
	return s.Store.Posting(ctx, key, c, answer)
}

func (s *shaky) Finish(ctx context.Context, key, owner string, state State, answer string) (bool, error) {
	s.finishes.Add(1)
	if err := s.trouble(ctx); err != nil {
		return false, err
	}
	return s.Store.Finish(ctx, key, owner, state, answer)
}

func (s *shaky) Versions(ctx context.Context, adapter, channel, message string) ([]Event, error) {
	if s.looked != nil {
		s.looked()
	}
	if err := s.trouble(ctx); err != nil {
		return nil, err
	}
	return s.Store.Versions(ctx, adapter, channel, message)
}

func (s *shaky) Claim(ctx context.Context, adapter string, c Claim, which Which) ([]Event, error) {
	if err := s.trouble(ctx); err != nil {
		return nil, err
	}
	return s.Store.Claim(ctx, adapter, c, which)
}

func (s *shaky) Renew(ctx context.Context, c Claim, left []Left) error {
	if err := s.trouble(ctx); err != nil {
		return err
	}
	return s.Store.Renew(ctx, c, left)
}

// TestLedger checks that an event is recorded while the store works, and answered all the
// same while it does not.
func TestLedger(t *testing.T) {
	t.Parallel()
	s, _, err := OpenSQLite(t.Context(), filepath.Join(t.TempDir(), "store.db"))
	if err != nil {
		t.Fatal(err)
	}
	store := &shaky{Store: s}
	var missed atomic.Int64
	var phase atomic.Value
	l := NewLedger(store, slog.New(slog.DiscardHandler), func(p bot.Phase, _ string) { phase.Store(p) },
		func() { missed.Add(1) })
	now := func(key string) Event {
		e := event(key)
		e.Taken = time.Now()
		return e
	}
	r, fresh := l.Take(now("a"))
	if r == nil || !fresh {
		t.Fatal("the first event is not recorded")
	}
	if _, fresh := l.Take(now("a")); fresh {
		t.Error("a repeated event is new")
	}
	if err := r.Posting(); err != nil {
		t.Error(err)
	}
	store.fail.Store(true)
	if r, fresh := l.Take(now("b")); r == nil || !fresh || missed.Load() == 0 || phase.Load() != bot.Degraded {
		t.Errorf("while the store fails: %v, %v, %d missed, %v", r, fresh, missed.Load(), phase.Load())
	}
	r.Posted("9.9") // is recorded when the store works again
	store.fail.Store(false)
	deadline := time.Now().Add(20 * time.Second)
	for {
		e, ok := l.Find("slack", "C1", "1.1")
		if ok && e.State == Posted && e.Answer == "9.9" && phase.Load() == bot.Ready {
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the last state is not recorded after the store works again")
		}
		time.Sleep(10 * time.Millisecond)
	}
	if err := l.Close(); err != nil {
		t.Error(err)
	}
}

// TestLedgerPatience checks that an event waits for a store that hangs, but not long, and the
// next one not at all.
func TestLedgerPatience(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		store := &shaky{}
		store.hang.Store(true)
		l := NewLedger(store, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
		for i, want := range []time.Duration{patience, 0, 0} {
			start := time.Now()
			// The first may be recorded although nobody waited for it.
			if r, fresh := l.Take(event("a")); (r != nil) != (i == 0) || !fresh {
				t.Error(i, r, fresh)
			}
			if took := time.Since(start); took != want {
				t.Errorf("event %d waits for %v", i, took)
			}
		}
		close(l.closing)
		l.pending.Wait()
	})
}

// TestNoLedger checks that nothing is recorded without a store.
func TestNoLedger(t *testing.T) {
	t.Parallel()
	for _, l := range []*Ledger{nil, NewLedger(nil, nil, nil, nil)} {
		r, fresh := l.Take(event("a"))
		if err := errors.Join(r.Posting(), r.PostingTogether()); err != nil {
			t.Error(err)
		}
		r.Posted("1")
		r.GaveUp()
		r.Leave()
		list, err := l.Claim(t.Context(), "slack")
		if _, ok := l.Find("slack", "C1", "1.1"); r != nil || !fresh || ok || len(list) > 0 || err != nil {
			t.Error(r, fresh, ok, list, err)
		}
		if err := l.Close(); err != nil {
			t.Error(err)
		}
	}
}

func TestWords(t *testing.T) {
	t.Parallel()
	for question, want := range map[string]string{
		"who handles forced labor":                                "who handles forced labor",
		"write to ann.lee@acme.example or call +1 (555) 123-4567": "write to [e-mail] or call [number]",
		"see https://acme.example/case?id=7, room 12":             "see [link] room 12",
		"case 12345678, form I-765 and W-9":                       "case [number], form I-765 and W-9",
	} {
		if got := Words(question); got != want {
			t.Errorf("%q becomes %q, want %q", question, got, want)
		}
	}
}
