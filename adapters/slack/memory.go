package slack

import (
	"crypto/sha256"
	"sync"
	"time"
)

// Slack repeats an event that it takes for lost up to five minutes later, and
// again after a reconnect (docs.slack.dev/apis/events-api#retries).
const (
	generationSpan = 5 * time.Minute
	generations    = 3 // what was seen is remembered for 10 to 15 minutes
)

// seen remembers what was received, for long enough to drop repeats. Its
// memory is bounded by what arrives within that time.
type seen struct {
	mu    sync.Mutex
	gens  [generations]map[[16]byte]struct{} // youngest first
	since time.Time                          // when the youngest began
}

// add remembers the keys and reports whether none of them was known. Empty keys
// do not count.
func (s *seen) add(now time.Time, keys ...string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	for age := now.Sub(s.since); age >= generationSpan; age -= generationSpan {
		if age >= generations*generationSpan {
			s.gens = [generations]map[[16]byte]struct{}{}
			s.since = now
			break
		}
		copy(s.gens[1:], s.gens[:])
		s.gens[0] = nil
		s.since = s.since.Add(generationSpan)
	}
	if s.gens[0] == nil {
		s.gens[0] = map[[16]byte]struct{}{}
	}
	fresh := true
	for _, key := range keys {
		if key == "" {
			continue
		}
		h := hashed(key)
		for _, g := range s.gens {
			if _, ok := g[h]; ok {
				fresh = false
			}
		}
		s.gens[0][h] = struct{}{}
	}
	return fresh
}

// forget lets what a key stands for be done again.
func (s *seen) forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.gens {
		delete(g, hashed(key))
	}
}

// hashed is a key in a size that does not depend on who wrote it. Two keys
// share one with a chance of 2^-128.
func hashed(key string) [16]byte {
	sum := sha256.Sum256([]byte(key))
	return [16]byte(sum[:16])
}

// repliesKept is for how many of the newest questions an edit or a deletion is
// followed. One takes some 200 bytes.
const repliesKept = 5000

// replies remembers what was answered to the newest questions.
type replies struct {
	mu    sync.Mutex
	byKey map[string]*reply
	order []string // a ring, the oldest at next once it is full
	next  int
}

// reply is the answer to one question. Whoever holds its lock may post, update
// or delete it.
type reply struct {
	sync.Mutex
	taken  bool   // some state of the question was or is being answered
	ts     string // of the posted answer; "" until there is one
	edited string // which edit of the question it answers
	gone   bool   // the question was deleted
}

func replyKey(channel, ts string) string { return channel + " " + ts }

// take returns the reply to a question, a new one if there is none yet.
func (r *replies) take(channel, ts string) *reply {
	key := replyKey(channel, ts)
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.byKey[key]; known != nil {
		return known
	}
	if r.byKey == nil {
		r.byKey = map[string]*reply{}
	}
	if len(r.order) < repliesKept {
		r.order = append(r.order, key)
	} else {
		delete(r.byKey, r.order[r.next])
		r.order[r.next] = key
		r.next = (r.next + 1) % repliesKept
	}
	fresh := new(reply)
	r.byKey[key] = fresh
	return fresh
}

// find returns the reply to a question, or nil.
func (r *replies) find(channel, ts string) *reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byKey[replyKey(channel, ts)]
}
