package adaptertest

import (
	"io"
	"net/http"
	"slices"
	"sync"
	"testing"
	"time"
)

// Call is a call that reached a stand-in, answered or not.
type Call struct {
	Method string
	Args   map[string]string
	At     time.Time
}

// Fault is what goes wrong with one call: an HTTP status, an error of the
// platform, or a cut connection.
type Fault struct {
	Status     int      // of HTTP; 0 stands for 200
	RetryAfter string   // header
	Error      string   // Slack's error code
	Code       int      // Discord's error code
	Needed     string   // the missing scope, at Slack
	Messages   []string // about the error, in Slack's response_metadata
	Global     bool     // a 429 of Discord's is for all calls
	Body       string   // of Discord's response, instead of one for the fields above; JSON or HTML
	// Cut executes the call and closes the connection instead of responding;
	// Lost closes it without executing the call.
	Cut, Lost bool
	// Until executes the call and responds when the channel is closed.
	Until <-chan struct{}
	// Always makes every call fail like this until [Slack.Heal].
	Always bool
}

// wire is the common part of the stand-ins: the calls, the faults to come, and a
// way to wait for a condition.
type wire struct {
	// Ahead is how far the platform's clock is ahead of ours.
	Ahead time.Duration

	mu      sync.Mutex
	changed chan struct{} // closed and replaced on every change
	calls   []Call
	faults  map[string][]Fault
	wrong   []string
	said    map[string]string // JSON
	lines   []*line           // ready connections
	mute    bool
}

func newWire() wire {
	return wire{changed: make(chan struct{}), faults: map[string][]Fault{}, said: map[string]string{}}
}

// Say sets the JSON response to a call: at Slack of a method, at Discord to a
// GET of a path.
func (s *wire) Say(what, json string) { s.change(func() { s.said[what] = json }) }

// date sets the Date header of a response.
func (s *wire) date(w http.ResponseWriter) {
	s.mu.Lock()
	defer s.mu.Unlock()
	w.Header().Set("Date", time.Now().Add(s.Ahead).UTC().Format(http.TimeFormat))
}

// Shift sets how far the platform's clock is ahead of ours.
func (s *wire) Shift(ahead time.Duration) { s.change(func() { s.Ahead = ahead }) }

// called notes a call and returns its fault, if any. It is used within change.
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

// change makes a change and wakes Await.
func (s *wire) change(f func()) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f()
	close(s.changed)
	s.changed = make(chan struct{})
}

// Touch wakes Await, for conditions on something outside of the stand-in.
func (s *wire) Touch() { go s.change(func() {}) }

// patience is the timeout of Await.
const patience = 20 * time.Second

// Await waits until a condition is true. It checks after every change.
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

// TB is the needed part of [testing.TB], so that programs can use the stand-ins.
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

// Wrong lists content that was sent and that the platform would refuse.
func (s *wire) Wrong() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.wrong)
}

// anyMethod stands for every method in [Slack.Fail] and [Slack.Heal].
const anyMethod = ""

// Fail makes the next calls of a method fail, one fault each. The method "" stands
// for all.
func (s *wire) Fail(method string, faults ...Fault) {
	s.change(func() { s.faults[method] = append(s.faults[method], faults...) })
}

// Heal removes the remaining faults of a method.
func (s *wire) Heal(method string) { s.change(func() { delete(s.faults, method) }) }

// Do sends a request and returns the status and the body of the reply.
func Do(t testing.TB, r *http.Request) (status int, body string) {
	t.Helper()
	response, err := http.DefaultClient.Do(r) // #nosec G704 -- the test names the address
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil {
		t.Fatal(err)
	}
	return response.StatusCode, string(data)
}
