package adapters

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// PulseEvery is how often a platform is asked whether it takes calls while nobody
// asks the bot anything. With one more try after a quarter of it, and with the time
// that a try may take, trouble and its end are noticed within a minute.
const PulseEvery = 20 * time.Second

// LongestLook is the longest pause that this call takes, since nothing is noticed
// meanwhile, nor that the platform is well again.
const LongestLook = time.Minute

// longHold is how long a pause that the platform asks for may last before it is
// trouble: a person who waits longer for an answer has gone.
const longHold = 30 * time.Second

// pulse is what the calls so far say of the platform.
type pulse struct {
	mu    sync.Mutex
	well  time.Time // of the newest call that showed it to be well; zero if one has failed since
	any   time.Time // of the newest call that succeeded
	looks chan bool // wishes for a look, with true after a failure; has room for one
}

func (p *pulse) succeeded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.any = time.Now()
}

// Heard notes that a call has shown that the platform takes calls.
func (c *Caller) Heard() {
	c.pulse.mu.Lock()
	defer c.pulse.mu.Unlock()
	c.pulse.well = time.Now()
}

// LookSoon lets [Caller.Keep] make its next call soon, such as to confirm what one
// call alone says.
func (c *Caller) LookSoon() { c.pulse.wish(false) }

// doubt notes that a call has failed for no fault of its own.
func (c *Caller) doubt() { c.pulse.wish(true) }

func (p *pulse) wish(failed bool) {
	select {
	case p.wishes() <- failed:
	default: // one is enough
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.well = time.Time{}
}

func (p *pulse) wishes() chan bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.looks == nil {
		p.looks = make(chan bool, 1)
	}
	return p.looks
}

func (p *pulse) times() (well, any time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.well, p.any
}

// Keep makes a cheap call whenever no other has shown for a while that the platform
// takes calls, and soon after one that failed, until ctx is done or the end is called
// that it returns, which waits for it. One failure may be chance; after a second one in a
// row the platform counts as down. Two calls are at least an eighth of every apart; with
// every 0 there is none. A pause that the platform asks for is kept as far as what.Longest
// allows.
func (c *Caller) Keep(
	ctx context.Context, every time.Duration, what Call, f func(context.Context) error,
) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var looking sync.WaitGroup
	if every > 0 {
		looking.Go(func() { c.look(ctx, every, what, f) })
	}
	return func() {
		cancel()
		looking.Wait()
	}
}

func (c *Caller) look(ctx context.Context, every time.Duration, what Call, f func(context.Context) error) {
	failures := 0 // one after another
	var failed time.Time
	next := time.Now().Add(spread(every))
	sooner := func(d time.Duration) {
		if soon := time.Now().Add(spread(d)); soon.Before(next) {
			next = soon
		}
	}
	for {
		select {
		case <-ctx.Done():
			return
		case failure := <-c.pulse.wishes():
			switch {
			case failures > 0:
			case failure:
				failures, failed = 1, time.Now()
				sooner(every / 4)
			default:
				sooner(every / 6)
			}
			continue
		case <-time.After(time.Until(next)):
		}
		c.trouble(CauseHeld, c.held(c.holds.longest()))
		if c.answers.over() {
			c.trouble(CauseAnswers, "")
		}
		well, any := c.pulse.times()
		if time.Since(well) < every/2 {
			failures, next = 0, well.Add(spread(every))
			continue
		}
		v, err := c.Once(ctx, what, time.Now().Add(TryTime), f)
		c.trouble(CauseHeld, c.held(c.holds.longest()))
		next = time.Now().Add(spread(every))
		switch {
		case ctx.Err() != nil:
			return
		case err == nil:
			failures = 0
		case errors.Is(err, errTooLate): // a pause for all calls: it says nothing new
		case v.Fate == Limited && any.After(failed) && failures > 0: // others are not limited
			failures, failed = 1, time.Now()
		default:
			failed = time.Now()
			if failures++; failures > 1 {
				c.down(err)
			} else {
				sooner(every / 4)
			}
			if end := failed.Add(v.Wait); v.Wait > 0 && end.After(next) {
				next = end
			}
		}
	}
}

// held says until when the platform asks to wait, or nothing of a zero time.
func (c *Caller) held(until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return c.Platform + " asks to wait with calls until " + At(until)
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
