package adapters

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Clock measures how far the platform's clock is from ours, by the Date header of the
// responses that pass through it. One response may be wrong: the clock counts as off once
// a second one agrees.
type Clock struct {
	Base http.RoundTripper

	mu     sync.Mutex
	ahead  time.Duration // of the platform, confirmed by two responses
	newest time.Duration // according to the newest response
	known  bool          // there was a response
}

// RoundTrip implements [http.RoundTripper].
func (c *Clock) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := c.Base.RoundTrip(r)
	// An error may come from a proxy, and a response with an Age header from a cache:
	// their Date proves nothing.
	if err != nil || resp.StatusCode/100 != 2 || resp.Header.Get("Age") != "" {
		return resp, err
	}
	if there, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ahead := time.Duration(0)
		switch { // the header has whole seconds, and the response took its time
		case there.After(time.Now()):
			ahead = time.Until(there)
		case there.Before(start.Add(-time.Second)):
			ahead = there.Sub(start)
		}
		c.note(ahead)
	}
	return resp, nil
}

// note notes how far ahead the platform's clock is according to one response.
func (c *Clock) note(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	apart := func(from time.Duration) bool { return (ahead - from).Abs() > farApart }
	if !apart(c.ahead) || c.known && !apart(c.newest) {
		c.ahead = ahead
	}
	c.newest, c.known = ahead, true
}

// Unsure reports whether the newest response disagrees with those before.
func (c *Clock) Unsure() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newest != c.ahead
}

// farApart is more than a clock drifts that is set now and then.
const farApart = time.Minute

// Causes of trouble with the clock.
const (
	CauseClock = "clock"          // it is off
	CauseStale = "stale requests" // it is so far off that all signed requests are rejected
)

// setClock is what to do about a clock that is off.
const setClock = "set the clock, such as by NTP"

// Tell reports to trouble how far the clocks are apart, so that it is part of an adapter's
// state. Signed says that requests carry the platform's signature, which is valid for
// [FreshFor].
func (c *Clock) Tell(platform string, signed bool, trouble func(cause, why string)) {
	cause, other, why := CauseClock, CauseStale, ""
	c.mu.Lock()
	ahead := c.ahead
	c.mu.Unlock()
	if ahead.Abs() > farApart {
		// In minutes, so that the text does not change with every response.
		about := strings.TrimSuffix(ahead.Abs().Round(time.Minute).String(), "0s")
		why = off(about, ahead, platform) + "; " + setClock
		if signed && ahead.Abs() > FreshFor {
			cause, other = other, cause
		}
	}
	trouble(cause, why)
	trouble(other, "")
}

// Judge adds to an examination how far the clocks are apart according to the newest
// response. Signed is as for [Clock.Tell].
func (c *Clock) Judge(x *Examination, platform string, signed bool) {
	c.mu.Lock()
	ahead, known := c.newest, c.known
	c.mu.Unlock()
	if !known {
		return
	}
	apart := ahead.Abs().Round(time.Second)
	switch {
	case signed && apart > FreshFor:
		x.Wrong(setClock+"; requests whose signature is more than five minutes old are refused",
			"%s", off(apart.String(), ahead, platform))
	case apart > farApart:
		x.Doubtful(setClock, "%s", off(apart.String(), ahead, platform))
	default:
		x.Well("the clock agrees with %s's", platform)
	}
}

func off(by string, ahead time.Duration, platform string) string {
	way := "behind"
	if ahead < 0 {
		way = "ahead of"
	}
	return fmt.Sprintf("the clock of this machine is %s %s %s's", by, way, platform)
}
