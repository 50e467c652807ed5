package adapters

import (
	"crypto/sha256"
	"errors"
	"sync"
	"time"
)

// Platforms send an event that is not acknowledged again, up to five minutes later
// (docs.slack.dev/apis/events-api#retries) and after a reconnect.
const (
	generationSpan = time.Minute
	generations    = 11 // keys are remembered for 10 to 11 minutes
)

// Seen remembers keys for 10 to 11 minutes, so that duplicates can be dropped. Its memory
// is bounded by what arrives within that time. The zero value is ready for use.
type Seen struct {
	mu    sync.Mutex
	gens  [generations]map[[16]byte]struct{} // newest first
	since time.Time                          // when the newest began
}

// Add adds keys and reports whether none of them was known. It ignores empty keys.
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

// Forget removes a key.
func (s *Seen) Forget(key string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, g := range s.gens {
		delete(g, hashed(key))
	}
}

// hashed returns a hash of a key, so that a long key takes no more memory than a short
// one. Two keys collide with a probability of 2^-128.
func hashed(key string) [16]byte {
	sum := sha256.Sum256([]byte(key))
	return [16]byte(sum[:16])
}

// Recent remembers for a span what happened. It does not last longer if it happens again,
// so that what goes on for days is told once in each span.
type Recent struct {
	Span time.Duration

	mu sync.Mutex
	at map[string]time.Time
}

// mostRecent is how many keys a [Recent] remembers; at the limit it drops all.
const mostRecent = 10_000

// Add remembers a key and reports whether it was not remembered before.
func (r *Recent) Add(now time.Time, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.at[key]; ok && now.Sub(at) < r.Span {
		return false
	}
	if r.at == nil || len(r.at) >= mostRecent {
		r.at = map[string]time.Time{}
	}
	r.at[key] = now
	return true
}

// Has reports whether a key is remembered.
func (r *Recent) Has(now time.Time, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.at[key]
	return ok && now.Sub(at) < r.Span
}

// votesKept is for how many of the newest messages votes are remembered, and votersKept for
// how many people each.
const (
	votesKept  = 5000
	votersKept = 1000
)

// Votes counts what people think of answers: each person once a message, and they may
// change their minds. The zero value is ready for use.
type Votes struct {
	mu       sync.Mutex
	up, down int
	byPlace  map[string]map[string]bool // by message: whether a person voted up
	order    []string                   // a ring buffer of messages, the oldest at next once it is full
	next     int
}

// Cast counts a person's vote on the answer in a message, in place of an earlier one. It
// reports how many votes of this kind there are now, and whether the person has not cast
// this vote before.
func (v *Votes) Cast(message, person string, up bool) (count int, counted bool) {
	v.mu.Lock()
	defer v.mu.Unlock()
	of := func(up bool) *int {
		if up {
			return &v.up
		}
		return &v.down
	}
	voters := v.byPlace[message]
	if voters == nil {
		voters = map[string]bool{}
		v.remember(message, voters)
	}
	before, voted := voters[person]
	if voted && before == up || !voted && len(voters) >= votersKept {
		return *of(up), false
	}
	if voted {
		*of(before)--
	}
	voters[person] = up
	*of(up)++
	return *of(up), true
}

func (v *Votes) remember(message string, voters map[string]bool) {
	if v.byPlace == nil {
		v.byPlace = map[string]map[string]bool{}
	}
	if len(v.order) < votesKept {
		v.order = append(v.order, message)
	} else {
		delete(v.byPlace, v.order[v.next])
		v.order[v.next] = message
		v.next = (v.next + 1) % votesKept
	}
	v.byPlace[message] = voters
}

// RepliesKept is for how many of the newest questions edits and deletions are followed.
// One takes about 200 bytes.
const RepliesKept = 5000

// Replies remembers the answers to the newest questions. The zero value is ready for use.
type Replies struct {
	// Since is when recording began; older questions may be missing.
	Since time.Time

	mu    sync.Mutex
	byKey map[string]*Reply
	order []string // a ring buffer, the oldest at next once it is full
	next  int
}

// Reply is the answer to one question. Its lock must be held to post, change or delete
// the answer.
type Reply struct {
	sync.Mutex
	ID   string // the platform's, of the posted answer; "" until there is one
	Gone bool   // the question was deleted, or it is unclear whether its answer was posted
	// Unclear says that a process which has ended may have posted the answer, and that nobody
	// has looked for it yet.
	Unclear bool

	at     time.Time // when it was created
	taken  bool      // a version of the question was taken
	edited string    // the newest version that was taken
}

// Take reports whether to answer a version of the question, and notes that it is taken. It
// is not to be answered if the question was deleted, or if this or a newer version was
// taken before. Edited is the time of the newest edit in a form that sorts; "" if there was
// none. The caller holds the lock.
func (r *Reply) Take(edited string) bool {
	if r.Gone || r.taken && edited <= r.edited {
		return false
	}
	r.taken, r.edited = true, edited
	return true
}

// Release says that another process answers a version that was taken, or that whether it is answered
// is found out later: it may be taken again, unless a newer one was taken meanwhile. The caller
// holds the lock.
func (r *Reply) Release(edited string) {
	if r.edited == edited {
		r.taken, r.edited = false, ""
	}
}

// Adopt notes what another process has made of the question: the id of the posted answer, "" if
// there is none, and the time of the newest edit that was taken. The caller holds the lock.
func (r *Reply) Adopt(id, edited string) {
	if id != "" {
		r.ID = id
	}
	r.taken, r.edited = true, max(r.edited, edited)
}

func replyKey(channel, message string) string { return channel + " " + message }

// Take returns the reply to a question and creates it if there is none.
func (r *Replies) Take(channel, message string) *Reply {
	return r.add(channel, message, &Reply{at: time.Now()})
}

// Restore returns the reply to a question. If it is not in memory, it is made from what was
// recorded of the newest version of the question: the id of the posted answer, "" if there
// is none, and the time of the edit; see [Reply.Take].
func (r *Replies) Restore(channel, message, id, edited string) *Reply {
	return r.add(channel, message, &Reply{ID: id, at: time.Now(), taken: true, edited: edited})
}

// Resume returns the reply to a question that a process which has ended took on and did not
// finish. If it is not in memory, no version of the question counts as taken. Id is that of
// the answer to an earlier version, "" if there is none; unclear is [Reply.Unclear].
func (r *Replies) Resume(channel, message, id string, unclear bool) *Reply {
	return r.add(channel, message, &Reply{ID: id, Unclear: unclear, at: time.Now()})
}

// add returns the reply to a question, which is fresh if there was none.
func (r *Replies) add(channel, message string, fresh *Reply) *Reply {
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
	r.byKey[key] = fresh
	return fresh
}

// Forgotten reports whether a question that was asked at this time is missing although it
// may have been answered.
func (r *Replies) Forgotten(channel, message string, asked time.Time) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byKey[replyKey(channel, message)] == nil && !asked.After(r.Since)
}

// Find returns the reply to a question, or nil if there is none.
func (r *Replies) Find(channel, message string) *Reply {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.byKey[replyKey(channel, message)]
}

const (
	// memoSpan is how long a response about a person or a place is reused: a person who
	// leaves should not count as an employee for long.
	memoSpan = time.Minute
	// memoKept is how many responses are kept; at the limit all are dropped.
	memoKept = 10_000
)

// Memo caches the platform's responses to lookups for a minute. Lookups of one key at the
// same time are one. The zero value is ready for use.
type Memo[T any] struct {
	mu    sync.Mutex
	byKey map[string]*memo[T]
}

type memo[T any] struct {
	there chan struct{} // closed when the fields below are set
	value T
	err   error
	until time.Time
}

// errNoResponse is the error of a lookup that panicked.
var errNoResponse = errors.New("the lookup ended without a response")

// Do returns the cached value of a key, or calls ask and caches its value. An error is
// returned to those who asked by then, and is not cached.
func (m *Memo[T]) Do(key string, ask func() (T, error)) (T, error) {
	now := time.Now()
	m.mu.Lock()
	known, ok := m.byKey[key]
	if ok && !known.over(now) {
		m.mu.Unlock()
		<-known.there
		return known.value, known.err
	}
	if m.byKey == nil || len(m.byKey) >= memoKept {
		m.byKey = map[string]*memo[T]{}
	}
	fresh := &memo[T]{there: make(chan struct{}), err: errNoResponse}
	m.byKey[key] = fresh
	m.mu.Unlock()
	defer close(fresh.there)
	if value, err := ask(); err != nil {
		fresh.err = err
	} else {
		fresh.value, fresh.err, fresh.until = value, nil, time.Now().Add(memoSpan)
	}
	return fresh.value, fresh.err
}

// over reports whether a response is there and is not to be used again.
func (m *memo[T]) over(now time.Time) bool {
	select {
	case <-m.there:
		return !now.Before(m.until)
	default:
		return false
	}
}
