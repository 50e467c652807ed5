package adaptertest

import (
	"net/http"
	"slices"
	"sync"
	"time"
)

// Call is a call that reached a stand-in, whether or not it was answered.
type Call struct {
	Method string
	Args   map[string]string
	At     time.Time
}

// Fault is what goes wrong with one call: an answer of HTTP, or an error that
// the platform reports.
type Fault struct {
	Status     int    // of HTTP; 0 stands for 200
	RetryAfter string // header
	Error      string // Slack's code …
	Code       int    // … or Discord's
	Needed     string // scope, at Slack
	Global     bool   // of a 429 of Discord's: it is for all calls
	// Cut does what was asked and closes the connection instead of answering;
	// Lost closes it without having done anything but read.
	Cut, Lost bool
	// Until does what was asked and answers only when the channel is closed.
	Until <-chan struct{}
	// Always lets every call fail so until [Slack.Heal].
	Always bool
}

// wire is what the stand-ins have in common: what was called, what is to go
// wrong, and a way to wait for what must happen.
type wire struct {
	// Ahead is how far the platform's clock is ahead of ours.
	Ahead time.Duration

	mu      sync.Mutex
	changed chan struct{} // closed and made anew with every change
	calls   []Call
	faults  map[string][]Fault
	wrong   []string
	said    map[string]string // JSON
	lines   []*line           // that serve
	mute    bool
}

func newWire() wire {
	return wire{changed: make(chan struct{}), faults: map[string][]Fault{}, said: map[string]string{}}
}

// Say lets the answer to a call be this JSON: at Slack to one of its methods, at
// Discord to a GET of a path.
func (s *wire) Say(what, json string) { s.change(func() { s.said[what] = json }) }

// date is what the answer says of the time.
func (s *wire) date(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(s.Ahead).UTC().Format(http.TimeFormat))
}

// Shift sets how far the platform's clock is ahead of ours.
func (s *wire) Shift(ahead time.Duration) { s.change(func() { s.Ahead = ahead }) }

// called notes a call and returns the fault that is to happen to it, if any. It
// is used within a change.
func (s *wire) called(method string, args map[string]string) (f Fault, has bool) {
	s.calls = append(s.calls, Call{method, args, time.Now()})
	for _, key := range []string{method, anyMethod} {
		if list := s.faults[key]; len(list) > 0 {
			if !list[0].Always {
				s.faults[key] = list[1:]
			}
			return list[0], true
		}
	}
	return Fault{}, false
}

// change makes a change and wakes those who wait for one.
func (s *wire) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Touch wakes those who wait, though nothing has changed here: for conditions
// on something else.
func (s *wire) Touch() { go s.change(func() {}) }

// patience is how long a test waits for what must happen.
const patience = 20 * time.Second

// Await waits until a condition holds. It is asked after every change.
func (s *wire) Await(t TB, what string, holds func() bool) {
	t.Helper()
	timeout := time.NewTimer(patience)
	defer timeout.Stop()
	for {
		s.mu.Lock()
		changed := s.changed
		s.mu.Unlock()
		if holds() {
			return
		}
		select {
		case <-changed:
		case <-timeout.C:
			var methods []string
			for _, c := range s.Calls("") {
				methods = append(methods, c.Method)
			}
			t.Fatalf("waited in vain for %s; calls so far: %v", what, methods)
		}
	}
}

// TB is what of [testing.TB] is needed, so that programs can use the stand-in.
type TB interface {
	Helper()
	Fatalf(format string, args ...any)
}

// Calls lists the calls of a method, or all.
func (s *wire) Calls(method string) []Call {
	s.mu.Lock()
	defer s.mu.Unlock()
	var calls []Call
	for _, c := range s.calls {
		if method == "" || c.Method == method {
			calls = append(calls, c)
		}
	}
	return calls
}

// Wrong lists what was sent that Slack would refuse.
func (s *wire) Wrong() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wrong)
}

// anyMethod stands for every method in [Slack.Fail] and [Slack.Heal].
const anyMethod = ""

// Fail lets the next calls of a method, or of any where it is "", fail, one fault
// each.
func (s *wire) Fail(method string, faults ...Fault) {
	s.change(func() { s.faults[method] = append(s.faults[method], faults...) })
}

// Heal takes back the faults of a method that have not happened.
func (s *wire) Heal(method string) { s.change(func() { delete(s.faults, method) }) }
