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
// was called: then the event must not be acknowledged. Before, which may be nil, is called
// before Admit returns if the event is accepted.
//
// Owed is what the ledger records of the event, nil for nothing. Work gets its receipt, and
// must end it.
func (in *Intake) Admit(
	id string, keys []string, owed *journal.Event, before func(), work func(*journal.Receipt),
) (start func()) {
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

// Resume starts work for an event that was recorded by a process that has ended. It reports
// false if too many events are in flight or Finish was called.
func (in *Intake) Resume(id string, keys []string, before, work func()) bool {
	_, fresh := in.admit(id, keys)
	if fresh {
		if before != nil {
			before()
		}
		go func() {
			defer in.release()
			work()
		}()
	}
	return fresh
}

// release ends an event that was admitted.
func (in *Intake) release() {
	<-in.slots
	in.pending.Done()
}

// admit reports whether an event is to be handled. If it is not, start does nothing, or is
// nil if the event must not be acknowledged.
func (in *Intake) admit(id string, keys []string) (start func(), fresh bool) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closing {
		return nil, false
	}
	select {
	case in.slots <- struct{}{}:
	default:
		in.full.Log(func(n int) {
			in.log.Error("too many events in flight; this one is not acknowledged", "event", id, "count", n)
		})
		return nil, false
	}
	if !in.Seen.Add(time.Now(), keys...) {
		<-in.slots
		in.log.Debug("dropped a duplicate event", "event", id)
		return func() {}, false
	}
	in.pending.Add(1)
	return nil, true
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
