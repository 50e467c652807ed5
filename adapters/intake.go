package adapters

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"frontdesk/bot/journal"
)

// MostPending is how many events may be in flight. More are not acknowledged, so that the
// platform sends them again: at 200 questions a second this happens after 50 s in which
// the platform accepts no answers.
const MostPending = 10_000

// DrainTime is how long replies in flight may take after an adapter is told to stop: less
// than the ten seconds that Docker waits before it kills.
const DrainTime = 5 * time.Second

// Intake accepts each event once and counts those in flight.
type Intake struct {
	// Seen has the keys of the accepted events.
	Seen Seen
	// Ledger records events before they are acknowledged; nil records none.
	Ledger *journal.Ledger

	log     *slog.Logger
	full    Sparse
	mu      sync.Mutex
	closing bool
	pending sync.WaitGroup
	slots   chan struct{} // one element for each event in flight
}

// NewIntake returns an Intake for at most room events in flight.
func NewIntake(room int, log *slog.Logger) *Intake {
	return &Intake{log: log, slots: make(chan struct{}, room)}
}

// Admit accepts an event unless an event with one of its keys was accepted before. The
// caller acknowledges the event and then calls start, which runs work in a goroutine (for
// a duplicate it does nothing). Start is nil if too many events are in flight or Finish
// was called, or if the event is repeated, so that another process may have it, and the store cannot
// be asked: then the event must not be acknowledged. Before, which may be nil, is called
// before Admit returns if the event is accepted.
//
// Owed is what the ledger records of the event, nil for nothing. Work gets its receipt, and
// must end it.
func (in *Intake) Admit(
	id string, keys []string, owed *journal.Event, before func(), work func(*journal.Receipt),
) (start func()) {
	if owed != nil && owed.Repeated && in.Ledger.CutOff() {
		in.log.Debug("left a repeated event to other processes, since the store cannot be asked", "event", id)
		return nil
	}
	start, fresh := in.admit(id, keys)
	if !fresh {
		return start
	}
	var receipt *journal.Receipt
	if owed != nil { // outside the lock, since the store may be slow
		if receipt, fresh = in.Ledger.Take(*owed); !fresh {
			in.log.Debug("dropped an event that was recorded before", "event", id)
			in.release()
			return func() {}
		}
		if receipt.Refused() {
			for _, key := range keys {
				in.Seen.Forget(key)
			}
			in.release()
			return nil
		}
	}
	if before != nil {
		before()
	}
	return func() {
		go func() {
			defer in.release()
			work(receipt)
		}()
	}
}

// Resume starts work for an event that was taken over from another process; this one may have
// seen it too, but does not work on it. It reports false if too many events are in flight or
// Finish was called.
func (in *Intake) Resume(id string, keys []string, work func()) bool {
	if !in.enter(id) {
		return false
	}
	in.Seen.Add(time.Now(), keys...)
	go func() {
		defer in.release()
		work()
	}()
	return true
}

// release ends an event that was admitted.
func (in *Intake) release() {
	<-in.slots
	in.pending.Done()
}

// admit reports whether an event is to be handled. If it is not, start does nothing, or is
// nil if the event must not be acknowledged.
func (in *Intake) admit(id string, keys []string) (start func(), fresh bool) {
	if !in.enter(id) {
		return nil, false
	}
	if !in.Seen.Add(time.Now(), keys...) {
		in.release()
		in.log.Debug("dropped a duplicate event", "event", id)
		return func() {}, false
	}
	return nil, true
}

// enter takes a slot, and reports whether there is one.
func (in *Intake) enter(id string) bool {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closing {
		return false
	}
	select {
	case in.slots <- struct{}{}:
	default:
		in.full.Log(func(n int) {
			in.log.Error("too many events in flight; this one is not acknowledged", "event", id, "count", n)
		})
		return false
	}
	in.pending.Add(1)
	return true
}

// giveUpWithin is how long a canceled event may take to end.
const giveUpWithin = time.Second

// Finish accepts no more events, waits for those in flight, calls giveUp when within is
// over, and returns how many had not ended by then.
func (in *Intake) Finish(within time.Duration, giveUp context.CancelFunc) (left int) {
	in.mu.Lock()
	in.closing = true
	in.mu.Unlock()
	done := make(chan struct{})
	go func() {
		in.pending.Wait()
		close(done)
	}()
	after := func(d time.Duration) bool {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-done:
			return false
		case <-timer.C:
			return true
		}
	}
	if after(within) {
		left = len(in.slots)
		in.log.Warn("replies were not finished in time", "left", left)
		giveUp()
		after(giveUpWithin) // an event that ignores its context ends with the process
	}
	return left
}
