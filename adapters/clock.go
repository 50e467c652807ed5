package adapters

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"time"
)

// Clock learns from the answers that pass through it how far the other side's
// clock and ours are apart. One answer alone may be wrong: a clock counts as off once
// a second one agrees.
type Clock struct {
	Base http.RoundTripper

	mu     sync.Mutex
	ahead  time.Duration // as far as two answers agree
	newest time.Duration // as the newest answer says
	known  bool          // there was one
}

// RoundTrip implements [http.RoundTripper].
func (c *Clock) RoundTrip(r *http.Request) (*http.Response, error) {
	start := time.Now()
	resp, err := c.Base.RoundTrip(r)
	// An error may be a proxy's, and an answer with an age comes from a cache: so may
	// the time in them.
	if err != nil || resp.StatusCode/100 != 2 || resp.Header.Get("Age") != "" {
		return resp, err
	}
	if there, err := http.ParseTime(resp.Header.Get("Date")); err == nil {
		ahead := time.Duration(0)
		switch { // the header has whole seconds, and the answer was on its way
		case there.After(time.Now()):
			ahead = time.Until(there)
		case there.Before(start.Add(-time.Second)):
			ahead = there.Sub(start)
		}
		c.note(ahead)
	}
	return resp, nil
}

// note notes what an answer says.
func (c *Clock) note(ahead time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	apart := func(from time.Duration) bool { return (ahead - from).Abs() > farApart }
	if !apart(c.ahead) || c.known && !apart(c.newest) {
		c.ahead = ahead
	}
	c.newest, c.known = ahead, true
}

// Unsure reports whether the newest answer says another time than those before.
func (c *Clock) Unsure() bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.newest != c.ahead
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
	c.mu.Lock()
	ahead := c.ahead
	c.mu.Unlock()
	if ahead.Abs() > farApart {
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

// Judge notes how far the clocks are apart by the newest answer, of a platform whose
// requests are signed or not.
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
		x.Wrong(setClock+"; requests whose signature is more than five minutes old are refused", "%s", off(apart.String(), ahead, platform))
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
