package journal

import (
	"context"
	"slices"
	"time"
)

// Find returns the newest recorded version of a question, with the answer to an older version if
// it has none; ok is false if there is no such question.
func (l *Ledger) Find(adapter, channel, message string) (e Event, ok bool) {
	if l == nil || l.store == nil {
		return Event{}, false
	}
	var versions []Event
	l.try(l.Patience, func(ctx context.Context) (err error) {
		versions, err = l.store.Versions(ctx, adapter, channel, message)
		return err
	})
	return newest(versions)
}

// newest is the newest version of a question, with the answer to an older one if it has none.
func newest(versions []Event) (e Event, ok bool) {
	for i, v := range versions {
		if i == 0 {
			e = v
		}
		if e.Answer == "" {
			e.Answer = v.Answer
		}
	}
	return e, len(versions) > 0
}

const (
	// othersWithin is how long [Ledger.Others] waits: longer than it takes until an event of a
	// process that has died is answered by another.
	othersWithin = 15 * time.Second
	othersEvery  = 200 * time.Millisecond
)

// Others returns what other processes have made of a question: as Find, but without the version
// that was edited at this time, and after they have answered the versions before it ("" for all).
// It waits for that, at most 15 s. Ok is false if there is nothing to know, or no other process. The
// error is an [ErrClaimLost] if the store cannot be asked.
func (l *Ledger) Others(ctx context.Context, adapter, channel, message, edited string) (e Event, ok bool, err error) {
	if l.Exclusive() {
		return Event{}, false, nil
	}
	for deadline := time.Now().Add(othersWithin); ; {
		var versions []Event
		if !l.try(l.Patience, func(ctx context.Context) (err error) {
			versions, err = l.store.Versions(ctx, adapter, channel, message)
			return err
		}) {
			if l.HasPeers() {
				err = errUnasked
			}
			return Event{}, false, err
		}
		versions = slices.DeleteFunc(versions, func(v Event) bool { return edited != "" && v.Edited == edited })
		if e, ok = newest(versions); !l.inWork(versions, edited) || time.Now().After(deadline) {
			return e, ok, nil
		}
		select {
		case <-time.After(othersEvery):
		case <-ctx.Done():
			return e, ok, nil
		}
	}
}

// inWork reports whether another process works on a version before an edit.
func (l *Ledger) inWork(versions []Event, edited string) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.ContainsFunc(versions, func(v Event) bool {
		_, here := l.claims.working[v.Key]
		return v.State < Posted && !here && (edited == "" || v.Edited < edited)
	})
}
