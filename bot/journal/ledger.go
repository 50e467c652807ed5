package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"frontdesk/bot"
)

const (
	patience = 50 * time.Millisecond
	// sharedPatience is for a store that other processes use too: what this one answers from
	// memory, another might answer as well.
	sharedPatience = 500 * time.Millisecond
	// postingPatience is how long an answer waits until it is recorded that it is being sent.
	postingPatience = 2 * time.Second
	// markWithin is how long one try to record a last state may take, and retryEvery the
	// pause before the next. Nobody waits for it.
	markWithin = 5 * time.Second
	retryEvery = time.Second
	// tryAfter is the pause before the first try whether a store that failed works again: a busy
	// machine is late now and then. The pause doubles, up to retryEvery, with each try and with
	// each failure within calm after the last.
	tryAfter = 100 * time.Millisecond
	calm     = 10 * time.Second
	// finishers is how many last states are recorded at the same time, so that they are
	// committed together.
	finishers = 32
	// mostLate is how many last states wait at most to be recorded. Of more, the events stay
	// unfinished in the store.
	mostLate = 20_000
	// flushWithin is how long Close waits for the last states.
	flushWithin = 2 * time.Second
)

// Ledger records events on their way from arrival to answer. Without a Store it remembers
// nothing, and every event is new. Where the store fails, an event is answered all the same,
// and would be lost with the process; then memory takes over for all events at once, until the
// store takes a change again.
type Ledger struct {
	// Patience is how long an event waits for the store before memory takes over for it: 50 ms,
	// since an acknowledgement must not come late; with a shared store 500 ms. It must not be changed
	// once the ledger is used.
	Patience time.Duration
	// Remedy is what the operator can do about a store that fails. As Patience.
	Remedy string
	// ClaimFor is how long another process waits for one that does not renew its claims any more:
	// 6 s, see [Claim]. As Patience.
	ClaimFor time.Duration
	// Unclear is called for each answer that is sent although another process may send it too, as
	// the store cannot say. It may be nil. As Patience.
	Unclear func(adapter string)

	store  Store
	shared bool
	peer   atomic.Bool // another process has been seen
	noPeer atomic.Bool // none was seen, although it would have been
	log    *slog.Logger
	report func(bot.Phase, string) // the state of the store
	missed func()                  // counts a change that was not recorded

	mu      sync.Mutex
	failing bool
	skipped int           // changes since the store began to fail
	pause   time.Duration // before the next try of a store that fails
	well    time.Time     // since when the store works again
	since   time.Time     // as well, or the start
	start   time.Time
	claims  claims

	late    chan lastState
	pending sync.WaitGroup
	closing chan struct{}
}

// lastState is the last state of an event, to be recorded.
type lastState struct {
	Event
	state  State
	answer string
}

// NewLedger returns a ledger over a store, or one without if s is nil. Report gets the state
// of the store, and missed is called for every change that was not recorded.
func NewLedger(s Store, log *slog.Logger, report func(bot.Phase, string), missed func()) *Ledger {
	l := &Ledger{
		Patience: patience, store: s, log: log, report: report, missed: missed, closing: make(chan struct{}),
		ClaimFor: claimFor, since: time.Now(), start: time.Now(), claims: newClaims(),
	}
	if s != nil {
		l.late = make(chan lastState, mostLate)
		for range finishers {
			l.pending.Go(l.finish)
		}
		report(bot.Ready, "")
	}
	return l
}

// Share says that other processes use the store at the same time, so that this one answers only
// what it has a claim on. It is called before the ledger is used.
func (l *Ledger) Share() { l.shared, l.Patience = true, sharedPatience }

// Exclusive reports whether no other process can use the store at the same time.
func (l *Ledger) Exclusive() bool { return l == nil || !l.shared }

// PeerSeen tells the ledger that another process uses the store now.
func (l *Ledger) PeerSeen() { l.peer.Store(true) }

// NoPeerSeen tells the ledger that no other process is seen, although one would be.
func (l *Ledger) NoPeerSeen() { l.noPeer.Store(true) }

// peersKnownAfter is when a process knows whether others use the store, if it can be asked.
const peersKnownAfter = 15 * time.Second

// HasPeers reports whether another process uses the store: whether several are run so that nobody
// waits in vain. A process that has just started has, until it knows better.
func (l *Ledger) HasPeers() bool {
	if l.Exclusive() {
		return false
	}
	return l.peer.Load() || !l.noPeer.Load() && time.Since(l.start) < peersKnownAfter
}

// CutOff reports whether there are other processes, and the store cannot be asked which events they
// have.
func (l *Ledger) CutOff() bool {
	if !l.HasPeers() {
		return false
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.failing
}

// Take records an event before its platform is told that it arrived. Fresh reports whether
// it is new. The receipt is nil if the event is not recorded; see also [Receipt.Refused].
func (l *Ledger) Take(e Event) (r *Receipt, fresh bool) {
	if l == nil || l.store == nil {
		return nil, true
	}
	l.keep()
	e.Claim = l.claim()
	hung := l.Hung()
	within := l.Patience
	if hung {
		within = postingPatience
	}
	began := l.begins(e) // before another part of this process can claim it
	failed := errFailing
	recorded := l.try(within, func(ctx context.Context) error {
		fresh, failed = l.store.Take(ctx, e)
		return failed
	})
	switch {
	case recorded && fresh:
		return &Receipt{ledger: l, event: e}, true
	case !recorded && e.Repeated && l.HasPeers():
		if began {
			l.ends(e.Key)
		}
		return &Receipt{ledger: l, event: e, refused: true}, true
	case !recorded && (hung || !errors.Is(failed, errFailing)): // it may be recorded, and must not be answered again then
		return &Receipt{ledger: l, event: e, failed: failed}, true
	case began:
		l.ends(e.Key)
	}
	return nil, !recorded
}

// errFailing is the error of an event that is not recorded because the store fails.
var errFailing = errors.New("the store fails")

// Away tells the ledger that the store could not be opened at the start.
func (l *Ledger) Away(err error) { l.fails(err) }

// try makes a change or a lookup within a time and reports whether it was made.
func (l *Ledger) try(within time.Duration, change func(ctx context.Context) error) bool {
	l.mu.Lock()
	failing := l.failing
	if failing {
		l.skipped++
	}
	l.mu.Unlock()
	if failing {
		l.missed()
		return false
	}
	ctx, cancel := context.WithTimeout(context.Background(), within)
	defer cancel()
	err := change(ctx)
	if err != nil {
		l.missed()
		l.fails(err)
	}
	return err == nil
}

// fails notes that the store does not take changes. From the first time on, it is tried until it
// does.
func (l *Ledger) fails(err error) {
	if errors.Is(err, ErrClosed) {
		return
	}
	l.mu.Lock()
	defer l.mu.Unlock()
	l.skipped++
	l.degraded(err)
	if l.failing {
		return
	}
	l.failing = true
	if l.pause = min(2*l.pause, retryEvery); time.Since(l.well) > calm {
		l.pause = tryAfter
	}
	l.log.Warn("the store fails; memory takes over, and what is in it is lost with the process", "error", err,
		"remedy", l.Remedy)
	select {
	case <-l.closing:
	default:
		pause := l.pause
		l.pending.Go(func() { l.recover(pause) })
	}
}

// degraded reports why the store does not take changes. The caller holds the lock.
func (l *Ledger) degraded(err error) {
	why := "the store fails, so questions would be lost with the process: " + err.Error()
	if l.Remedy != "" {
		why += "; " + l.Remedy
	}
	l.report(bot.Degraded, why)
}

// recover tries a store that failed until it takes a change as fast as an event needs it. A
// change of a row that is not there would succeed on a full disk, so it records an event, which
// nobody looks for and which is erased like all.
func (l *Ledger) recover(pause time.Duration) {
	for {
		select {
		case <-time.After(pause):
		case <-l.closing:
			return
		}
		now := time.Now()
		ctx, cancel := context.WithTimeout(context.Background(), l.Patience)
		_, err := l.store.Take(ctx, Event{Key: fmt.Sprint("try ", now.UnixNano()), Taken: now, State: GivenUp})
		cancel()
		l.mu.Lock()
		if err == nil {
			l.failing, l.well, l.since, l.pause = false, time.Now(), time.Now(), pause
			l.log.Info("the store works again", "not recorded", l.skipped)
			l.skipped = 0
			l.report(bot.Ready, "")
		} else {
			l.degraded(err)
		}
		l.mu.Unlock()
		if err == nil {
			return
		}
		pause = min(2*pause, retryEvery)
	}
}

// finish records last states, each until it is recorded or older than [EventLife].
func (l *Ledger) finish() {
	for {
		select {
		case s := <-l.late:
			l.record(s)
		case <-l.closing:
			for {
				select {
				case s := <-l.late:
					l.record(s)
				default:
					return
				}
			}
		}
	}
}

func (l *Ledger) record(s lastState) {
	for time.Since(s.Taken) < EventLife {
		ctx, cancel := context.WithTimeout(context.Background(), markWithin)
		lost, err := l.store.Finish(ctx, s.Key, l.claims.owner, s.state, s.answer)
		cancel()
		if lost {
			l.unclear(s.Event, "another process has taken it over")
		}
		if err != nil {
			l.fails(err)
		}
		if err == nil || errors.Is(err, ErrClosed) {
			l.ends(s.Key)
			return
		}
		select {
		case <-time.After(retryEvery):
		case <-l.closing:
			l.missed()
			return
		}
	}
	l.missed()
}

// Close records the last states that wait and closes the store, in at most [flushWithin].
func (l *Ledger) Close() error {
	if l == nil || l.store == nil {
		return nil
	}
	l.mu.Lock() // fails starts no more tries
	close(l.closing)
	l.mu.Unlock()
	closed := make(chan error, 1)
	go func() {
		l.pending.Wait()
		closed <- errors.Join(l.release(), l.store.Close())
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(flushWithin):
		l.log.Warn("the store does not take the last states; some questions may be answered again after the next start")
		return nil
	}
}
