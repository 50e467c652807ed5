package adapters

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Clock learns from the answers that pass through it how far the other side's
// clock and ours are apart.
type Clock struct {
	Base http.RoundTripper

	mu    sync.Mutex
	ahead time.Duration
	known bool
}

// RoundTrip implements [http.RoundTripper].
func (c *Clock) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := c.Base.RoundTrip(r)
	if err != nil || resp.StatusCode/100 != 2 { // an error may be a proxy's, and so the time in it
		return resp, err
	}
	if there, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		c.mu.Lock()
		defer c.mu.Unlock()
		c.known = true
		switch { // the header has whole seconds, and the answer was on its way
		case there.After(time.Now()):
			c.ahead = time.Until(there)
		case there.Before(start.Add(-time.Second)):
			c.ahead = there.Sub(start)
		default:
			c.ahead = 0
		}
	}
	return resp, nil
}

// farApart is more than clocks drift that are set now and then.
const farApart = time.Minute

// Causes of trouble with the clock.
const (
	CauseClock = "clock"          // it is off
	CauseStale = "stale requests" // so far that no request with a signature is taken
)

// setClock is what to do about a clock that is off.
const setClock = "set the clock, such as by NTP"

// Tell tells trouble how far the clocks are apart, so that it is part of an adapter's
// state. Signed says that requests come with the platform's signature, which is only
// good for five minutes.
func (c *Clock) Tell(platform string, signed bool, trouble func(cause, why string)) {
	cause, other, why := CauseClock, CauseStale, ""
	if ahead, _ := c.read(); ahead.Abs() > farApart {
		// In minutes: the same words for as long as nothing changes.
		about := strings.TrimSuffix(ahead.Abs().Round(time.Minute).String(), "0s")
		why = off(about, ahead, platform) + "; " + setClock
		if signed && ahead.Abs() > FreshFor {
			cause, other = other, cause
		}
	}
	trouble(cause, why)
	trouble(other, "")
}

// Judge notes how far the clocks are apart, of a platform whose requests are signed
// or not.
func (c *Clock) Judge(x *Examination, platform string, signed bool) {
	ahead, known := c.read()
	if !known {
		return
	}
	apart := ahead.Abs().Round(time.Second)
	switch {
	case signed && apart > FreshFor:
		x.Wrong(setClock+"; requests whose signature is more than five minutes old are refused", "%s", off(apart.String(), ahead, platform))
	case apart > farApart:
		x.Doubtful(setClock, "%s", off(apart.String(), ahead, platform))
	default:
		x.Well("the clock agrees with %s's", platform)
	}
}

// read is how far the other side's clock is ahead, if that is known.
func (c *Clock) read() (ahead time.Duration, known bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.ahead, c.known
}

func off(by string, ahead time.Duration, platform string) string {
	way := "behind"
	if ahead < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("the clock of this machine is %s %s %s's", by, way, platform)
}
