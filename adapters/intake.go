package adapters

import (
	"context"
	"log/slog"
	"sync"
	"time"
)

// MostPending is how many events may be under way. More are not acknowledged,
// so that the platform brings them again later: with 200 questions a second
// that is after 50 s of a platform that takes no answers.
const MostPending = 10_000

// DrainTime is how long replies under way may still take when an adapter is
// told to stop: less than the ten seconds that Docker waits before it kills.
const DrainTime = 5 * time.Second

// Intake takes events on, each once, and knows which are under way.
type Intake struct {
	// Seen is what was taken on.
	Seen Seen

	log     *slog.Logger
	full    Sparse
	mu      sync.Mutex
	closing bool
	pending sync.WaitGroup
	slots   chan struct{} // one taken by each event under way
}

// NewIntake makes an Intake with room for so many events under way.
func NewIntake(room int, log *slog.Logger) *Intake {
	return &Intake{log: log, slots: make(chan struct{}, room)}
}

// Admit takes an event on, unless one with one of its keys was taken on before.
// The caller acknowledges it to the platform and then calls start, which
// returns at once and does work in a goroutine. There is no start if there is
// no room or the end has come: then the event must not be acknowledged. Before
// is called at once for an event that is taken on; it may be nil.
func (in *Intake) Admit(id string, keys []string, before, work func()) (start func()) {
	in.mu.Lock()
	defer in.mu.Unlock()
	if in.closing {
		return nil
	}
	select {
	case in.slots <- struct{}{}:
	default:
		in.full.Log(func(n int) {
			in.log.Error("too many events are under way; this one is left for later", "event", id, "count", n)
		})
		return nil
	}
	if !in.Seen.Add(time.Now(), keys...) {
		<-in.slots
		in.log.Debug("dropped a repeat", "event", id)
		return func() {}
	}
	if before != nil {
		before()
	}
	in.pending.Add(1)
	return func() {
		go func() {
			defer in.pending.Done()
			defer func() { <-in.slots }()
			work()
		}()
	}
}

// giveUpWithin is how long what was given up may take to notice.
const giveUpWithin = time.Second

// Finish waits for what is under way, gives up what takes too long, and returns
// how much that was. Nothing is taken on any more.
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
		after(giveUpWithin) // what does not even notice that ends with the process
	}
	return left
}
