package adapters

import (
	"sync"
	"time"
)

// sparseEvery is how far apart the lines of a [Sparse] log are: somebody who
// looks at the log sees that it goes on, and a day of it is 1,440 lines.
const sparseEvery = time.Minute

// Sparse keeps the log short of what others can cause as often as they like: the
// first of it is logged at once, and after that one line a minute says how much
// there was, as long as there is any. The zero value is ready for use.
type Sparse struct {
	// First is how many are logged at once, where each says something of its
	// own; 0 stands for one.
	First int

	mu      sync.Mutex
	logged  int         // at once, since there was none for a minute
	n       int         // since the last line
	line    func(n int) // of the latest
	waiting bool        // a timer runs
}

// Log calls line with how many there were since the last line. That is at once
// or, after as many as are logged at once, when the minute is over; of several
// that wait, the latest line is called, in a goroutine of its own.
func (s *Sparse) Log(line func(n int)) {
	s.mu.Lock()
	if !s.waiting {
		s.waiting, s.logged = true, 0
		time.AfterFunc(sparseEvery, s.due) // ends by itself when there is nothing more to say
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

// due writes the line of a minute, if there was anything.
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
