package discord

import (
	"sync"
	"time"

	"frontdesk/bot"

	"golang.org/x/time/rate"
)

// pace is a rate limit: a token bucket.
type pace struct {
	burst int           // tokens of a full bucket
	every time.Duration // in which an empty bucket gets a token
}

// Rate limits of answers.
var (
	// perPerson limits the public answers to one person, so that nobody can flood a channel
	// through the bot.
	perPerson = pace{5, 4 * time.Second}
	// perChannel and perServer limit public answers to commands. Discord does not count these
	// as messages, so it is for the people there that they are limited.
	perChannel = pace{20, time.Second}
	perServer  = pace{200, 50 * time.Millisecond}
	// messagePace limits the messages that the bot posts in a channel. Discord tells its own
	// limit only in the headers of each response (topics/rate-limits#header-format); it is 5
	// messages in 5 seconds (github.com/discord/discord-api-docs/issues/20). A full bucket and
	// what it gets within 5 seconds are as many.
	messagePace = pace{3, 2500 * time.Millisecond}
	// directPace limits direct messages of the whole bot. Discord names no number, but blocks
	// bots that open many channels of direct messages quickly (resources/user#create-dm).
	directPace = pace{3, 20 * time.Second}
	// reactionPace limits the reactions in a channel. Discord allows one change every 250 ms
	// (github.com/CharlotteDunois/Yasmin/issues/33), and each reaction is removed later.
	reactionPace = pace{2, 500 * time.Millisecond}
)

// cooldown has the rate limiters of answers. Limiters that are not used for a coolSpan are
// dropped.
type cooldown struct {
	messages, directs pace

	mu      sync.Mutex
	current map[string]*rate.Limiter
	before  map[string]*rate.Limiter // of the span before
	since   time.Time                // when the current span began
}

// coolSpan is as long as the slowest limiter takes to refill.
const coolSpan = time.Minute

func newCooldown(messages, directs pace) *cooldown {
	return &cooldown{messages: messages, directs: directs, current: map[string]*rate.Limiter{}}
}

// excess says whose rate limit an answer exceeds.
type excess uint8

const (
	within  excess = iota // nobody's
	ofOne                 // that of the person who asks
	ofOther               // that of a channel or a server, which one person cannot reach alone
)

// excessNotes say why the answer to a command is private.
var excessNotes = [...]string{within: "", ofOne: bot.SayOften, ofOther: bot.SayManyAsked}

// command says whose rate limit a public answer to a command exceeds, and counts it if it
// exceeds none.
func (c *cooldown) command(now time.Time, user, channel, server string) excess {
	c.mu.Lock()
	defer c.mu.Unlock()
	person := c.limiter(now, "person "+user, perPerson)
	if person.TokensAt(now) < 1 {
		return ofOne
	}
	if !spend(now, person, c.limiter(now, "channel "+channel, perChannel),
		c.limiter(now, "server "+server, perServer)) {
		return ofOther
	}
	return within
}

// person reports whether a person may be answered in a channel, and counts the answer.
func (c *cooldown) person(now time.Time, user string) bool {
	return c.allows(now, "person "+user, perPerson)
}

// message reports whether a message may be posted in a channel at once, and counts it.
func (c *cooldown) message(now time.Time, channel string) bool {
	return c.allows(now, "messages "+channel, c.messages)
}

// reserve counts a message in a channel and returns after which time it may be posted.
func (c *cooldown) reserve(now time.Time, channel string) time.Duration {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.limiter(now, "messages "+channel, c.messages).ReserveN(now, 1).DelayFrom(now)
}

// direct reports whether a direct message may be sent, and counts it.
func (c *cooldown) direct(now time.Time) bool { return c.allows(now, "directs", c.directs) }

// reaction reports whether the bot may react in a channel, and counts the reaction.
func (c *cooldown) reaction(now time.Time, channel string) bool {
	return c.allows(now, "reactions "+channel, reactionPace)
}

func (c *cooldown) allows(now time.Time, key string, p pace) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	return spend(now, c.limiter(now, key, p))
}

// spend takes a token from each limiter, or none if one is empty.
func spend(now time.Time, limiters ...*rate.Limiter) bool {
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

// limiter returns the limiter of a key. The caller holds the lock.
func (c *cooldown) limiter(now time.Time, key string, p pace) *rate.Limiter {
	if now.Sub(c.since) >= coolSpan {
		c.before, c.current, c.since = c.current, map[string]*rate.Limiter{}, now
	}
	l := c.current[key]
	if l == nil {
		if l = c.before[key]; l == nil {
			l = rate.NewLimiter(rate.Every(p.every), p.burst)
		}
		c.current[key] = l
	}
	return l
}
