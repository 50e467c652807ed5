package adapters

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"
)

// ProbeEvery is the time between probes while no other calls are made. With a second probe
// after a quarter of it, and with the timeout of a try, trouble and its end are noticed
// within a minute.
const ProbeEvery = 20 * time.Second

// LongestProbePause is the longest rate limit that a probe observes: between probes neither
// trouble nor its end is noticed.
const LongestProbePause = time.Minute

// longHold is the longest pause at the platform's request that is not reported as trouble:
// nobody waits longer for an answer.
const longHold = 30 * time.Second

// probes is what decides when the next probe is due.
type probes struct {
	mu     sync.Mutex
	well   time.Time // of the newest call that proved the platform healthy; zero after a failure
	any    time.Time // of the newest call that succeeded
	wanted chan bool // requests for a probe, true after a failed call; holds one
}

func (p *probes) succeeded() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.any = time.Now()
}

// NoteHealthy notes that a call proved that the platform accepts calls.
func (c *Caller) NoteHealthy() {
	c.probes.mu.Lock()
	defer c.probes.mu.Unlock()
	c.probes.well = time.Now()
}

// ProbeSoon makes [Caller.Probe] probe soon, for example to confirm the result of a single
// call.
func (c *Caller) ProbeSoon() { c.probes.request(false) }

// noteFailure notes that a call failed for a reason that concerns other calls as well.
func (c *Caller) noteFailure() { c.probes.request(true) }

func (p *probes) request(failed bool) {
	select {
	case p.requests() <- failed:
	default: // one is enough
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.well = time.Time{}
}

func (p *probes) requests() chan bool {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.wanted == nil {
		p.wanted = make(chan bool, 1)
	}
	return p.wanted
}

func (p *probes) times() (well, any time.Time) {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.well, p.any
}

// Probe calls f, a cheap call, in a goroutine: when no other call has proved the platform
// healthy for about every, and soon after a failed call. It goes on until ctx is done or
// end is called, which waits for the goroutine. One failure may be chance; after two in a
// row the platform counts as down. Probes are at least an eighth of every apart; if every
// is 0 there are none. Rate limits are observed up to what.Longest.
func (c *Caller) Probe(
	ctx context.Context, every time.Duration, what Call, f func(context.Context) error,
) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	var probing sync.WaitGroup
	if every > 0 {
		probing.Go(func() { c.keepProbing(ctx, every, what, f) })
	}
	return func() {
		cancel()
		probing.Wait()
	}
}

func (c *Caller) keepProbing(ctx context.Context, every time.Duration, what Call, f func(context.Context) error) {
	failures := 0 // in a row
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
		case failure := <-c.probes.requests():
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
		well, any := c.probes.times()
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
		case errors.Is(err, errTooLate): // a pause for all calls, which is known
		case v.Failure == RateLimited && any.After(failed) && failures > 0: // others are not limited
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

// held says until when the platform asks to wait, or returns "" for the zero time.
func (c *Caller) held(until time.Time) string {
	if until.IsZero() {
		return ""
	}
	return c.Platform + " asks to wait with calls until " + At(until)
}

// At formats a time for /readyz and the log, in UTC.
func At(t time.Time) string { return t.UTC().Format(time.RFC3339) }

// spread adds jitter to a pause: it returns 3/4 to 5/4 of d.
func spread(d time.Duration) time.Duration { return d*3/4 + rand.N(d/2+1) }

// longest returns the end of the longest pause, or zero if none is longer than longHold.
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
