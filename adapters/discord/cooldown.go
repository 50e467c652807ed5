package discord

import (
	"sync"
	"time"

	"golang.org/x/time/rate"
)

// Rate limits of public answers. Beyond them an answer is private, so that nobody can
// flood a channel through the bot and everyone still gets an answer.
var (
	perPerson  = pace{5, 4 * time.Second}
	perChannel = pace{20, time.Second}
	perServer  = pace{200, 50 * time.Millisecond}
)

type pace struct {
	burst int           // answers at once
	every time.Duration // time between further answers
}

// cooldown has the rate limiters of public answers. Limiters that are not used for a
// coolSpan are dropped.
type cooldown struct {
	mu      sync.Mutex
	current map[string]*rate.Limiter
	before  map[string]*rate.Limiter // of the span before
	since   time.Time                // when the current span began
}

// coolSpan is longer than any limiter takes to refill.
const coolSpan = time.Minute

func newCooldown() *cooldown { return &cooldown{current: map[string]*rate.Limiter{}} }

// allows reports whether an answer to a person in a channel of a server may be public, and
// counts it.
func (c *cooldown) allows(now time.Time, user, channel, server string) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if now.Sub(c.since) >= coolSpan {
		c.before, c.current, c.since = c.current, map[string]*rate.Limiter{}, now
	}
	limiters := []*rate.Limiter{
		c.limiter("person "+user, perPerson), c.limiter("channel "+channel, perChannel),
		c.limiter("server "+server, perServer),
	}
	for _, l := range limiters {
		if l.TokensAt(now) < 1 {
			return false
		}
	}
	for _, l := range limiters {
		l.AllowN(now, 1)
	}
	return true
}

func (c *cooldown) limiter(key string, p pace) *rate.Limiter {
	l := c.current[key]
	if l == nil {
		if l = c.before[key]; l == nil {
			l = rate.NewLimiter(rate.Every(p.every), p.burst)
		}
		c.current[key] = l
	}
	return l
}
