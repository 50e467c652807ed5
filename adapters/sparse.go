package adapters

import (
	"sync"
	"time"
)

// sparseEvery is the time between the lines of a [Sparse]: at most 1,440 lines a day, and
// still often enough to show that it goes on.
const sparseEvery = time.Minute

// Hourly limits the rate of log lines that differ by a key, such as the channel they are
// about: one an hour for each key. The zero value is ready for use.
type Hourly struct {
	mu     sync.Mutex
	logged map[string]time.Time // by key
}

// mostHourly is how many keys an [Hourly] remembers; at the limit it forgets all.
const mostHourly = 1000

// Due reports whether to log a line for a key, which begins the next hour.
func (h *Hourly) Due(now time.Time, key string) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	if last, ok := h.logged[key]; ok && now.Sub(last) < time.Hour {
		return false
	}
	if h.logged == nil || len(h.logged) >= mostHourly {
		h.logged = map[string]time.Time{}
	}
	h.logged[key] = now
	return true
}

// Sparse limits the rate of log lines that others can cause: it logs the first at once and
// then one line a minute with the number of occurrences, until a minute has none. The zero
// value is ready for use.
type Sparse struct {
	// First is how many lines are logged at once, for lines that differ; 0 stands for one.
	First int

	mu      sync.Mutex
	logged  int         // at once, since the last quiet minute
	n       int         // since the last line
	line    func(n int) // the latest
	waiting bool        // a timer runs
}

// Log calls line with the number of occurrences since the last line: at once for the first
// ones, else at the end of the minute, in a goroutine. Only the latest waiting line is
// called.
func (s *Sparse) Log(line func(n int)) {
	s.mu.Lock()
	if !s.waiting {
		s.waiting, s.logged = true, 0
		time.AfterFunc(sparseEvery, s.due) // not repeated after a minute without lines
	}
	if s.logged >= max(1, s.First) {
		s.n, s.line = s.n+1, line
		s.mu.Unlock()
		return
	}
	s.logged++
	s.mu.Unlock()
	line(1)
}

// due calls the line that waits, if there is one.
func (s *Sparse) due() {
	s.mu.Lock()
	n, line := s.n, s.line
	s.n, s.line, s.waiting = 0, nil, n > 0
	s.mu.Unlock()
	if n > 0 {
		time.AfterFunc(sparseEvery, s.due)
		line(n)
	}
}
