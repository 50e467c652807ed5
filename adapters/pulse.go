package adapters

import (
	"context"
	"math/rand/v2"
	"sync"
	"time"
)

// PulseEvery is how often a platform is asked whether it takes calls while nobody
// asks the bot anything. With one more try after a quarter of it, and with the time
// that a try may take, trouble and its end are noticed within a minute.
const PulseEvery = 20 * time.Second

// longHold is how long a pause that the platform asks for may last before it is
// trouble: a person who waits longer for an answer has gone.
const longHold = 30 * time.Second

// pulse is what the calls so far say of the platform.
type pulse struct {
	mu     sync.Mutex
	well   time.Time     // of the newest call that showed it to be well; zero if one has failed since
	failed chan struct{} // has room for one
}

// Heard notes that a call has shown that the platform takes calls.
func (c *Caller) Heard() {
	c.pulse.mu.Lock()
	defer c.pulse.mu.Unlock()
	c.pulse.well = time.Now()
}

// doubt notes that a call has failed for no fault of its own.
func (c *Caller) doubt() {
	select {
	case c.pulse.doubts() <- struct{}{}:
	default: // one is enough
	}
	c.pulse.mu.Lock()
	defer c.pulse.mu.Unlock()
	c.pulse.well = time.Time{}
}

func (p *pulse) doubts() chan struct{} {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.failed == nil {
		p.failed = make(chan struct{}, 1)
	}
	return p.failed
}

func (p *pulse) lastWell() time.Time {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.well
}

// Keep makes a cheap call whenever no other has shown for a while that the platform
// takes calls, and soon after one that failed, until ctx is done. Well, Explain and
// Down are told as of any call. Never is there more than one at a time, or one
// sooner than an eighth of every after the last; with every 0 there is none.
func (c *Caller) Keep(ctx context.Context, every time.Duration, what Call, f func(context.Context) error) {
	if every <= 0 {
		return
	}
	failures := 0 // one after another
	next := time.Now().Add(spread(every))
	for {
		select {
		case <-ctx.Done():
			return
		case <-c.pulse.doubts():
			if failures == 0 {
				failures = 1
				if soon := time.Now().Add(spread(every / 4)); soon.Before(next) {
					next = soon
				}
			}
			continue
		case <-time.After(time.Until(next)):
		}
		if c.Held != nil {
			c.Held(c.holds.longest())
		}
		if well := c.pulse.lastWell(); time.Since(well) < every/2 {
			failures, next = 0, well.Add(spread(every))
			continue
		}
		v, err := c.Once(ctx, what, time.Now().Add(TryTime), f)
		next = time.Now().Add(spread(every))
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failures = 0
		case v.Fate == Undone, v.Fate == Unclear:
			if failures++; failures == 1 {
				next = time.Now().Add(spread(every / 4))
			} else if c.Down != nil {
				c.Down(err)
			}
		default: // an answer, which Explain has seen, or a pause that was asked for
		}
	}
}

// Held says until when a platform asks to wait, or nothing of a zero time.
func Held(platform string, until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return platform + " asks to wait with calls until " + At(until)
}

// At is a time as /readyz and the log write it, in UTC.
func At(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// spread is about so long, so that many who wait do not come at once.
func spread(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2+1) }

// longest is until when calls wait longest, or zero if none waits long.
func (h *holds) longest() (until time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	for _, end := range h.at {
		if time.Until(end) > longHold && end.After(until) {
			until = end
		}
	}
	return until
}
