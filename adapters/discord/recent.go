package discord

import (
	"sync"
	"time"
)

// recent remembers for a span what happened. It does not last longer if it happens again,
// so that what goes on for days is told once in each span.
type recent struct {
	span time.Duration

	mu sync.Mutex
	at map[string]time.Time
}

// mostRecent is how many keys are remembered; at the limit all are dropped.
const mostRecent = 10_000

// add remembers a key and reports whether it was not remembered before.
func (r *recent) add(now time.Time, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	if at, ok := r.at[key]; ok && now.Sub(at) < r.span {
		return false
	}
	if r.at == nil || len(r.at) >= mostRecent {
		r.at = map[string]time.Time{}
	}
	r.at[key] = now
	return true
}

// has reports whether a key is remembered.
func (r *recent) has(now time.Time, key string) bool {
	r.mu.Lock()
	defer r.mu.Unlock()
	at, ok := r.at[key]
	return ok && now.Sub(at) < r.span
}
