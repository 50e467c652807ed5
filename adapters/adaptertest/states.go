package adaptertest

import (
	"bytes"
	"strings"
	"sync"
	"time"

	"frontdesk/bot"
)

// Log is a log that can be read while it is written.
type Log struct {
	mu sync.Mutex
	b  bytes.Buffer
}

// Write implements [io.Writer].
func (l *Log) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.Write(p)
}

func (l *Log) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.b.String()
}

// States records the states and incidents that an adapter reports.
type States struct {
	mu        sync.Mutex
	all       []bot.State
	incidents map[bot.Incident]int
	news      chan struct{}
}

// NewStates returns an empty record.
func NewStates() *States { return &States{news: make(chan struct{})} }

// Monitor returns the monitor to pass to an adapter.
func (s *States) Monitor() bot.Monitor { return bot.Monitor{State: s.state, Count: s.count} }

// Incidents returns how often an incident happened.
func (s *States) Incidents(i bot.Incident) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.incidents[i]
}

func (s *States) count(i bot.Incident) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.incidents == nil {
		s.incidents = map[bot.Incident]int{}
	}
	s.incidents[i]++
}

func (s *States) state(state bot.State) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.all = append(s.all, state)
	close(s.news)
	s.news = make(chan struct{})
}

// All lists the states so far.
func (s *States) All() []bot.State {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]bot.State(nil), s.all...)
}

// Await waits for a state after the first from states, and returns the number of
// states up to it.
func (s *States) Await(t TB, from int, phase bot.Phase, why string) (next int) {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		all, news := s.all, s.news
		s.mu.Unlock()
		for i := from; i < len(all); i++ {
			if all[i].Phase == phase && strings.Contains(all[i].Why, why) {
				return i + 1
			}
		}
		select {
		case <-news:
		case <-timeout.C:
			t.Fatalf("waited in vain to be %s (%s): %v", phase, why, all)
		}
	}
}
