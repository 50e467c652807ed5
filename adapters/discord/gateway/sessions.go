package gateway

import (
	"context"
	"sync"
	"sync/atomic"
	"time"

	"golang.org/x/time/rate"
)

// sessions limits how many sessions start, and how often. Discord allows one in five
// seconds for each bucket of shards (events/gateway#max-concurrency), and a thousand a day;
// it resets the token of a bot that starts more (events/gateway#identifying).
type sessions struct {
	every  time.Duration // between two sessions of a bucket
	atOnce int           // number of buckets
	day    *rate.Limiter

	mu      sync.Mutex
	buckets map[int]*bucket

	asking sync.Mutex   // held while a shard asks whether it may start a session
	info   Info         // the newest response
	unused bool         // no session started since that response
	unsent atomic.Int32 // sessions that were allowed and are not counted by Discord yet
}

const (
	sparedSessions = 50                // that the limit of the day allows without a pause
	sessionEvery   = 100 * time.Second // after that: 864 a day, fewer than Discord's thousand
	// latenessShare is the part of the interval between sessions that is added to it: what
	// is sent with five seconds in between may arrive with less.
	latenessShare = 20
)

// newSessions returns the limits for shards, of which the first session needs no other
// response than info.
func newSessions(every time.Duration, shards int, info Info) *sessions {
	return &sessions{
		every: every + every/latenessShare, atOnce: max(1, info.Limit.AtOnce),
		day:     rate.NewLimiter(rate.Every(sessionEvery), sparedSessions+shards),
		buckets: map[int]*bucket{}, info: info, unused: true,
	}
}

// bucket are the shards that must not start their sessions at the same time. They queue.
type bucket struct {
	last <-chan struct{} // closed at the end of the last turn in the queue
	sent time.Time       // of the newest IDENTIFY; for the shard whose turn it is
}

// turn is a shard's turn to start a session.
type turn struct {
	*bucket
	starts  *sessions
	begins  <-chan struct{} // closed at the end of the turn before
	ends    chan struct{}
	allowed bool // Discord allows the session
	over    bool
}

// queue puts a shard at the end of the queue of its bucket.
func (s *sessions) queue(shard int) *turn {
	s.mu.Lock()
	defer s.mu.Unlock()
	b := s.buckets[shard%s.atOnce]
	if b == nil {
		none := make(chan struct{})
		close(none)
		b = &bucket{last: none}
		s.buckets[shard%s.atOnce] = b
	}
	t := &turn{bucket: b, starts: s, begins: b.last, ends: make(chan struct{})}
	b.last = t.ends
	return t
}

// wait waits for the turn. It fails only when ctx is done, and then all shards end.
func (t *turn) wait(ctx context.Context) error {
	select {
	case <-t.begins:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// allow waits until ask has a response that allows one more session than those that were
// allowed and not sent. It returns the response.
func (t *turn) allow(ask func(known Info, taken func() int) (Info, error)) (Info, error) {
	s := t.starts
	s.asking.Lock()
	defer s.asking.Unlock()
	if !s.unused {
		info, err := ask(s.info, func() int { return int(s.unsent.Load()) })
		if err != nil {
			return info, err
		}
		s.info = info
	}
	s.unused, t.allowed = false, true
	s.info.Limit.Remaining-- // in case Discord does not respond before the next session
	s.unsent.Add(1)
	return s.info, nil
}

// rest returns how long to wait so that the sessions last for the day.
func (s *sessions) rest() time.Duration {
	return max(0, time.Duration((1-s.day.Tokens())*float64(sessionEvery)))
}

// at returns when the session may start.
func (t *turn) at() time.Time { return t.sent.Add(t.starts.every) }

// started notes that IDENTIFY was sent, and ends the turn.
func (t *turn) started() {
	t.sent = time.Now()
	t.starts.day.Reserve() // waits for nothing: rest did
	t.end()
}

// end ends the turn, unless that was done before.
func (t *turn) end() {
	if t.over {
		return
	}
	t.over = true
	if t.allowed {
		t.starts.unsent.Add(-1)
	}
	close(t.ends)
}
