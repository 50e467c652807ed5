package journal

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"frontdesk/bot"
)

const (
	patience = 50 * time.Millisecond
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
	// since an acknowledgement must not come late. It must not be changed once the ledger is
	// used.
	Patience time.Duration
	// Remedy is what the operator can do about a store that fails. As Patience.
	Remedy string

	store  Store
	log    *slog.Logger
	report func(bot.Phase, string) // the state of the store
	missed func()                  // counts a change that was not recorded

	mu      sync.Mutex
	failing bool
	skipped int           // changes since the store began to fail
	pause   time.Duration // before the next try of a store that fails
	well    time.Time     // since when the store works again

	late    chan lastState
	pending sync.WaitGroup
	closing chan struct{}
}

// lastState is the last state of an event, to be recorded.
type lastState struct {
	key    string
	state  State
	answer string
	taken  time.Time
}

// NewLedger returns a ledger over a store, or one without if s is nil. Report gets the state
// of the store, and missed is called for every change that was not recorded.
func NewLedger(s Store, log *slog.Logger, report func(bot.Phase, string), missed func()) *Ledger {
	l := &Ledger{
		Patience: patience, store: s, log: log, report: report, missed: missed, closing: make(chan struct{}),
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

// Receipt is what is known of an event that was taken on. A nil Receipt records nothing.
type Receipt struct {
	ledger *Ledger
	key    string
	taken  time.Time
	once   sync.Once
}

// Take records an event before its platform is told that it arrived. Fresh reports whether
// it is new. The receipt is nil if the event is not recorded.
func (l *Ledger) Take(e Event) (r *Receipt, fresh bool) {
	if l == nil || l.store == nil {
		return nil, true
	}
	tried := false
	recorded := l.try(func(ctx context.Context) (err error) {
		tried = true
		fresh, err = l.store.Take(ctx, e)
		return err
	})
	switch {
	case recorded:
		return l.receipt(e), fresh
	case tried: // it may be recorded later, and must not be answered again then
		return l.receipt(e), true
	}
	return nil, true
}

// Away tells the ledger that the store could not be opened at the start.
func (l *Ledger) Away(err error) { l.fails(err) }

func (l *Ledger) receipt(e Event) *Receipt { return &Receipt{ledger: l, key: e.Key, taken: e.Taken} }

// Unfinished lists the events of an adapter that another process, which has ended, took on
// and did not answer, each with its receipt.
func (l *Ledger) Unfinished(ctx context.Context, adapter string) ([]Unfinished, error) {
	if l == nil || l.store == nil {
		return nil, nil
	}
	events, err := l.store.Unfinished(ctx, adapter)
	if err != nil {
		return nil, fmt.Errorf("read the unfinished events: %w", err)
	}
	list := make([]Unfinished, len(events))
	for i, e := range events {
		list[i] = Unfinished{e, l.receipt(e)}
	}
	return list, nil
}

// Unfinished is an event that was taken on and not answered.
type Unfinished struct {
	Event
	Receipt *Receipt
}

// Find returns the newest recorded version of a question; see [Store].
func (l *Ledger) Find(adapter, channel, message string) (e Event, ok bool) {
	if l == nil || l.store == nil {
		return Event{}, false
	}
	l.try(func(ctx context.Context) (err error) {
		e, ok, err = l.store.Find(ctx, adapter, channel, message)
		return err
	})
	return e, ok
}

// Posting records, before an answer is sent, that it is being sent.
func (r *Receipt) Posting() {
	if r == nil {
		return
	}
	r.once.Do(func() { r.posting("") })
}

// PostingTogether is Posting for an answer that is sent in one message with others.
func (r *Receipt) PostingTogether() {
	if r != nil {
		r.posting(Together)
	}
}

// posting waits longer than [patience]: the platform has its acknowledgement, and an answer that
// is sent while it counts as not sent would be sent again after the end of the process.
func (r *Receipt) posting(answer string) {
	ctx, cancel := context.WithTimeout(context.Background(), postingPatience)
	defer cancel()
	err := r.ledger.store.Mark(ctx, r.key, Posting, answer)
	if err != nil {
		r.ledger.missed()
		r.ledger.fails(err)
	}
}

// Posted records that the event is answered; answer is the id of the message, [Together], or ""
// if there is none to follow. It does not wait.
func (r *Receipt) Posted(answer string) { r.end(Posted, answer) }

// GaveUp records that the event cannot be answered. It does not wait.
func (r *Receipt) GaveUp() { r.end(GivenUp, "") }

func (r *Receipt) end(s State, answer string) {
	if r == nil {
		return
	}
	select {
	case r.ledger.late <- lastState{r.key, s, answer, r.taken}:
	default:
		r.ledger.missed()
	}
}

// try makes a change or a lookup within the ledger's patience and reports whether it was made.
func (l *Ledger) try(change func(ctx context.Context) error) bool {
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
	ctx, cancel := context.WithTimeout(context.Background(), l.Patience)
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
			l.failing, l.well, l.pause = false, time.Now(), pause
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
	for time.Since(s.taken) < EventLife {
		ctx, cancel := context.WithTimeout(context.Background(), markWithin)
		err := l.store.Mark(ctx, s.key, s.state, s.answer)
		cancel()
		if err != nil {
			l.fails(err)
		}
		if err == nil || errors.Is(err, ErrClosed) {
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
		closed <- l.store.Close()
	}()
	select {
	case err := <-closed:
		return err
	case <-time.After(flushWithin):
		l.log.Warn("the store does not take the last states; some questions may be answered again after the next start")
		return nil
	}
}
