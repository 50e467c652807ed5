package journal

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math"
	"slices"
	"time"
)

const (
	// claimFor is how long an event is kept for a process that does not renew its claims: two
	// renewals may time out before. With the second between two looks for such events, another
	// process takes one over within 7 s.
	claimFor = 6 * time.Second
	// renewals is how often claims are renewed while they last.
	renewals = 4
	// mostClaimed is how many events are taken over in one step: other processes take the rest.
	mostClaimed = 500
	// awakeEvery is how often a process notes that it runs, and hungAfter after how long without that it
	// has hung: with what it has to read then, it may acknowledge later than Slack waits, which is
	// three seconds (docs.slack.dev/apis/events-api#responding).
	awakeEvery = 250 * time.Millisecond
	hungAfter  = time.Second
	// doubtFor is for how long after a process has hung others may have what it reads: until it has
	// read what arrived meanwhile.
	doubtFor = 5 * time.Second
	// pruneEvery is how often events are forgotten of which nobody says how they end.
	pruneEvery = time.Minute
)

// ErrClaimLost is the error of an event that another process answers: the answer must not be
// sent.
var ErrClaimLost = errors.New("another process answers this")

// errUnasked is the error of an event whose store fails: another process takes the event over.
var errUnasked = fmt.Errorf("the store cannot be asked who answers, so %w", ErrClaimLost)

// claims are those of one process. The lock of the ledger protects them.
type claims struct {
	owner    string
	working  map[string]time.Time // the keys of events in work here, and when they were taken on
	left     []Left               // to be recorded
	first    map[string]bool      // adapters that have what the process before left
	doubt    map[string]bool      // adapters that may have claimed events without knowing
	pruned   time.Time
	kept     bool      // they are renewed
	awake    time.Time // when this process ran last
	doubtful time.Time // until when others may have what it reads
}

func newClaims() claims {
	return claims{
		owner: rand.Text(), working: map[string]time.Time{}, first: map[string]bool{}, doubt: map[string]bool{},
	}
}

// prune forgets, now and then, what the store gives up as well.
func (c *claims) prune() {
	if time.Since(c.pruned) < pruneEvery {
		return
	}
	c.pruned = time.Now()
	for key, taken := range c.working {
		if time.Since(taken) > EventLife {
			delete(c.working, key)
		}
	}
}

func (l *Ledger) claim() Claim { return Claim{l.claims.owner, l.ClaimFor} }

// begins notes that an event is in work here, and reports whether it was not before.
func (l *Ledger) begins(e Event) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claims.prune()
	_, before := l.claims.working[e.Key]
	if !before {
		l.claims.working[e.Key] = e.Taken
	}
	return !before
}

// ends notes that an event is not in work here any more.
func (l *Ledger) ends(key string) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.claims.working, key)
}

// leaves leaves an event to whoever claims it next.
func (l *Ledger) leaves(key string, s State) {
	l.mu.Lock()
	defer l.mu.Unlock()
	delete(l.claims.working, key)
	if l.shared {
		l.claims.left = append(l.claims.left, Left{key, s})
	}
}

// Unfinished is an event that was taken on and not answered.
type Unfinished struct {
	Event
	Receipt *Receipt
}

// Claim takes over what other processes took on and do not answer, the oldest first. The store
// is for one process: what the process before has left, once for each adapter. The store is
// shared: what was left on purpose, and what somebody does not renew any more; to be called
// every second. Nothing that is in work in this process is returned.
//
// Where the store has failed, others cannot have renewed their claims either. So those count
// only after the store has been well for as long as a claim lasts.
func (l *Ledger) Claim(ctx context.Context, adapter string) ([]Unfinished, error) {
	if l == nil || l.store == nil {
		return nil, nil
	}
	l.keep()
	l.mu.Lock()
	which := Which{Most: mostClaimed, Own: l.claims.doubt[adapter]}
	if which.Ended = !l.failing && time.Since(l.since) >= l.ClaimFor; !l.shared {
		which = Which{All: true}
	}
	if which.All || which.Own { // those that are in work must not take the place of others
		which.Most = math.MaxInt32
	}
	done := !l.shared && l.claims.first[adapter]
	l.mu.Unlock()
	if done {
		return nil, nil
	}
	events, err := l.store.Claim(ctx, adapter, l.claim(), which)
	if err != nil && l.shared && !errors.Is(err, context.Canceled) {
		l.fails(err)
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.claims.first[adapter] = err == nil
	l.claims.doubt[adapter] = err != nil
	if err != nil {
		return nil, fmt.Errorf("read the unfinished events: %w", err)
	}
	var list []Unfinished
	for _, e := range events {
		if _, working := l.claims.working[e.Key]; !working {
			l.claims.working[e.Key] = e.Taken
			list = append(list, Unfinished{e, &Receipt{ledger: l, event: e}})
		}
	}
	return list, nil
}

// keep renews the claims from the first one on.
func (l *Ledger) keep() {
	if !l.shared {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	select {
	case <-l.closing:
		return
	default:
	}
	if l.claims.kept {
		return
	}
	l.claims.kept, l.claims.awake = true, time.Now()
	l.pending.Go(func() {
		for {
			select {
			case <-time.After(l.ClaimFor / renewals):
				if err := l.renew(l.claim()); err != nil {
					l.fails(err)
				}
			case <-l.closing:
				return
			}
		}
	})
	l.pending.Go(func() {
		for {
			select {
			case <-time.After(awakeEvery):
				l.Hung()
			case <-l.closing:
				return
			}
		}
	})
}

// renew renews the claims, and leaves the events that are to be left. It also finds out in time
// that the store fails.
func (l *Ledger) renew(c Claim) error {
	l.mu.Lock()
	// What is in work here again has been left by a call of which only the response was missing.
	left := slices.DeleteFunc(l.claims.left, func(e Left) bool {
		_, working := l.claims.working[e.Key]
		return working
	})
	l.claims.left = nil
	l.mu.Unlock()
	ctx, cancel := context.WithTimeout(context.Background(), l.ClaimFor/renewals)
	defer cancel()
	err := l.store.Renew(ctx, c, left)
	if err != nil {
		l.mu.Lock()
		l.claims.left = append(left, l.claims.left...)
		l.mu.Unlock()
	}
	return err
}

// Hung reports whether this process did not run a moment ago, for so long that others may have
// what it reads now: the platforms send again what is not acknowledged.
func (l *Ledger) Hung() bool {
	if l.Exclusive() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.claims.hung()
}

// hung is to be called under the lock, and often.
func (c *claims) hung() bool {
	now := time.Now()
	if c.kept && elapsed(c.awake) > hungAfter {
		c.doubtful = now.Add(doubtFor)
	}
	c.awake = now
	return now.Before(c.doubtful)
}

// unclear counts an answer that another process may send too.
func (l *Ledger) unclear(e Event, why string) {
	l.log.Warn("an answer may have been sent twice", "event", e.Key, "because", why)
	if l.Unclear != nil {
		l.Unclear(e.Adapter)
	}
}

// elapsed is the time since t by the clock that advanced more: the monotonic one may stand still
// while a virtual machine does.
func elapsed(t time.Time) time.Duration {
	now := time.Now()
	return max(now.Sub(t), now.Round(0).Sub(t.Round(0)))
}

// release leaves all events to other processes, so that they need not wait.
func (l *Ledger) release() error {
	if !l.shared {
		return nil
	}
	err := l.renew(Claim{Owner: l.claims.owner})
	if errors.Is(err, ErrClosed) {
		return nil
	}
	return err
}
