package adapters

import (
	"crypto/sha256"
	"sync"
	"time"
)

// Platforms repeat an event that they take for lost up to five minutes later
// (docs.slack.dev/apis/events-api#retries), and again after a reconnect.
const (
	generationSpan = time.Minute
	generations    = 11 // what was seen is remembered for 10 to 11 minutes
)

// Seen remembers what was received, for long enough to drop repeats: 10 to 11
// minutes. Its memory is bounded by what arrives within that time. The zero
// value is ready for use.
type Seen struct {
	mu    sync.Mutex
	gens  [generations]map[[16]byte]struct{} // youngest first
	since time.Time                          // when the youngest began
}

// Add remembers the keys and reports whether none of them was known. Empty keys
// do not count.
func (s *Seen) Add(now time.Time, keys ...string) bool {
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

// Has reports whether a key is remembered.
func (s *Seen) Has(key string) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	h := hashed(key)
	for _, g := range s.gens {
		if _, ok := g[h]; ok {
			return true
		}
	}
	return false
}

// Forget lets what a key stands for be done again.
func (s *Seen) Forget(key string) {
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

// RepliesKept is for how many of the newest questions an edit or a deletion is
// followed. One takes some 200 bytes.
const RepliesKept = 5000

// Replies remembers what was answered to the newest questions. The zero value
// is ready for use.
type Replies struct {
	// Since is from when on every question is known, but for those forgotten.
	Since time.Time

	mu    sync.Mutex
	byKey map[string]*Reply
	order []string // a ring, the oldest at next once it is full
	next  int
}

// Reply is the answer to one question. Whoever holds its lock may post, change
// or delete it.
type Reply struct {
	sync.Mutex
	ID   string // the platform's, of the posted answer; "" until there is one
	Gone bool   // the question was deleted, or nobody knows what became of its answer

	at     time.Time // when it was first heard of
	taken  bool
	edited string
}

// Take reports whether a state of the question is to be answered, and notes
// that it is: not if it was deleted meanwhile, and not if the same state or a
// newer one was taken before. Edited is the time of the newest edit in a form
// that sorts; "" if there was none. The caller holds the lock.
func (r *Reply) Take(edited string) bool {
	if r.Gone || r.taken && edited <= r.edited {
		return false
	}
	r.taken, r.edited = true, edited
	return true
}

func replyKey(channel, message string) string { return channel + " " + message }

// Take returns the reply to a question, a new one if there is none yet.
func (r *Replies) Take(channel, message string) *Reply {
	key := replyKey(channel, message)
	r.mu.Lock()
	defer r.mu.Unlock()
	if known := r.byKey[key]; known != nil {
		return known
	}
	if r.byKey == nil {
		r.byKey = map[string]*Reply{}
	}
	if len(r.order) < RepliesKept {
		r.order = append(r.order, key)
	} else {
		r.Since = r.byKey[r.order[r.next]].at
		delete(r.byKey, r.order[r.next])
		r.order[r.next] = key
		r.next = (r.next + 1) % RepliesKept
	}
	fresh := &Reply{at: time.Now()}
	r.byKey[key] = fresh
	return fresh
}

// Forgotten reports whether a question of that time may have been answered
// without being known any more.
func (r *Replies) Forgotten(channel, message string, asked time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byKey[replyKey(channel, message)] == nil && !asked.After(r.Since)
}

// Find returns the reply to a question, or nil.
func (r *Replies) Find(channel, message string) *Reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byKey[replyKey(channel, message)]
}

const (
	// memoSpan is how long what a platform said of a person or a place is taken
	// for true: a person who leaves should not stay an employee for long.
	memoSpan = time.Minute
	// memoKept bounds the memory of it.
	memoKept = 10_000
)

// Memo remembers what a platform said when it was asked, for a minute. The
// zero value is ready for use.
type Memo[T any] struct {
	mu    sync.Mutex
	byKey map[string]memo[T]
}

type memo[T any] struct {
	value T
	until time.Time
}

// Do is what was said of a key, or what ask says now. An error is not
// remembered.
func (m *Memo[T]) Do(key string, ask func() (T, error)) (T, error) {
	m.mu.Lock()
	known, ok := m.byKey[key]
	m.mu.Unlock()
	if ok && time.Now().Before(known.until) {
		return known.value, nil
	}
	value, err := ask()
	if err != nil {
		var none T
		return none, err
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.byKey == nil || len(m.byKey) >= memoKept {
		m.byKey = map[string]memo[T]{}
	}
	m.byKey[key] = memo[T]{value, time.Now().Add(memoSpan)}
	return value, nil
}
