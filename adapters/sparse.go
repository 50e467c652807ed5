package adapters

import (
	"sync"
	"time"
)

// sparseEvery is the time between the lines of a [Sparse]: at most 1,440 lines a day, and
// still often enough to show that it goes on.
const sparseEvery = time.Minute

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
