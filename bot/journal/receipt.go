package journal

import (
	"context"
	"errors"
	"sync"
	"time"
)

// Receipt is what is known of an event that was taken on. A nil Receipt records nothing.
type Receipt struct {
	ledger *Ledger
	event  Event
	// refused says that the event must not be acknowledged.
	refused bool

	mu     sync.Mutex
	failed error     // why it is not known whether the event is recorded
	asked  time.Time // when the store last said that it is this process that answers
	lost   error     // why it is not
	unsure bool      // the answer is sent although the store cannot be asked
	answer string    // with which that was recorded
}

// Refused reports that the event must not be acknowledged: the platform repeats it, so that another
// process may have it, and the store cannot be asked. Nothing else is to be done with the receipt.
func (r *Receipt) Refused() bool { return r != nil && r.refused }

// Posting records, before an answer is sent, that it is being sent. An error, which is an
// [ErrClaimLost] then, says that it must not be sent: another process answers the event or will,
// and nothing more is to be done with it here. It is to be called before each try to send, since
// another process may have taken over meanwhile.
//
// Where the store fails, an event that may not be recorded is answered, since nobody else may
// know it. One that surely is recorded is left to a process that can ask the store, unless no other
// one is known.
func (r *Receipt) Posting() error {
	if r == nil {
		return nil
	}
	return r.check("")
}

// PostingTogether is Posting for an answer that is sent in one message with others.
func (r *Receipt) PostingTogether() error {
	if r == nil {
		return nil
	}
	return r.check(Together)
}

// check asks the store, unless that is known.
func (r *Receipt) check(answer string) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	fresh := !r.asked.IsZero() && (r.ledger.Exclusive() || elapsed(r.asked) < r.ledger.ClaimFor/2)
	if r.lost == nil && (!fresh && !r.unsure || answer != "" && answer != r.answer) {
		r.lost = r.posting(answer)
		r.answer = answer
	}
	return r.lost
}

// posting waits longer than [patience]: the platform has its acknowledgement, and an answer that
// is sent while it counts as not sent would be sent again after the end of the process.
func (r *Receipt) posting(answer string) error {
	l := r.ledger
	ctx, cancel := context.WithTimeout(context.Background(), postingPatience)
	defer cancel()
	asked := time.Now()
	held, err := false, error(nil)
	if r.failed != nil && l.shared { // whoever records it first answers it
		if _, err = l.store.Take(ctx, r.event); err == nil {
			r.failed = nil
		}
	}
	if err == nil {
		held, err = l.store.Posting(ctx, r.event.Key, l.claim(), answer)
	}
	if err == nil && !held && l.shared { // or its row was lost with a server that another one replaced
		var fresh bool
		if fresh, err = l.store.Take(ctx, r.event); err == nil && fresh {
			held, err = l.store.Posting(ctx, r.event.Key, l.claim(), answer)
		}
	}
	if err != nil {
		l.missed()
		l.fails(err)
	}
	switch {
	case !l.shared || err == nil && held:
		r.asked = asked
		return nil
	case err == nil:
		l.ends(r.event.Key)
		l.log.Debug("another process answers an event", "event", r.event.Key)
		return ErrClaimLost
	case r.failed == nil && l.HasPeers():
		s := r.event.State
		if !r.asked.IsZero() { // an earlier try may have sent the answer
			s = Posting
		}
		l.leaves(r.event.Key, s)
		l.log.Debug("an event is left to a process that has the store", "event", r.event.Key, "error", err)
		return errUnasked
	}
	r.unsure = true
	if l.HasPeers() && !errors.Is(r.failed, ErrAway) {
		l.unclear(r.event, "the store cannot be asked")
	}
	return nil
}

// Posted records that the event is answered; answer is the id of the message, [Together], or ""
// if there is none to follow. It does not wait.
func (r *Receipt) Posted(answer string) { r.end(Posted, answer) }

// GaveUp records that the event cannot be answered. It does not wait.
func (r *Receipt) GaveUp() { r.end(GivenUp, "") }

// Leave ends the work without a last state: whoever claims the event next finds out whether it is
// answered. Of a store that is not shared, that is the process after this one.
func (r *Receipt) Leave() {
	if r == nil {
		return
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	s := r.event.State
	if !r.asked.IsZero() || r.unsure {
		s = Posting
	}
	if r.lost == nil {
		r.lost = ErrClaimLost
		r.ledger.leaves(r.event.Key, s)
	}
}

// end waits for nothing. The event stays in work until that is recorded.
func (r *Receipt) end(s State, answer string) {
	if r == nil {
		return
	}
	r.mu.Lock()
	lost := r.lost
	r.mu.Unlock()
	if lost != nil && s != Posted {
		return // it is not this process's
	}
	select {
	case r.ledger.late <- lastState{r.event, s, answer}:
	default:
		r.ledger.missed()
	}
}
