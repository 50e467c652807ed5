package adapters

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Reason is why a request over HTTP was not taken, in a word for metrics.
type Reason string

// The reasons.
const (
	NotPost   Reason = "method"    // it is no POST
	Headers   Reason = "headers"   // of the signature or its time; missing or malformed
	Stale     Reason = "stale"     // the time lies too far from ours
	TooLarge  Reason = "too_large" // the body, or the headers
	TooSlow   Reason = "too_slow"  // the body did not arrive in time
	Broken    Reason = "broken"    // the body ended early
	Busy      Reason = "busy"      // there was no room
	Signature Reason = "signature" // it is wrong
	NotReady  Reason = "not_ready" // signed, but the bot does not know yet who it is
	Replay    Reason = "replay"    // signed, and has been here before
	// The next two come before it is known for whom a request is.
	Malformed Reason = "malformed" // it is no request of HTTP, or its headers never ended
	Path      Reason = "path"      // nothing is there
)

// refusal is what a reason is answered with, and what it means to an operator.
type refusal struct {
	reason      Reason
	status      int
	says, means string
}

// refusals has them in the order of the log. In the texts, %p is the platform
// and %s the setting that its signatures are checked with.
var refusals = []refusal{
	{NotPost, http.StatusMethodNotAllowed, "this address is for %p", ""},
	{Headers, http.StatusUnauthorized, "the signature is missing or malformed",
		"not from %p, which signs; whoever finds the address can send such"},
	{Stale, http.StatusUnauthorized, "the signature is too old",
		"an old request sent again, or the clock of this machine is off; frontdesk doctor compares it"},
	{TooLarge, http.StatusRequestEntityTooLarge, "the request is too long",
		"longer than anything that %p sends"},
	{TooSlow, http.StatusRequestTimeout, "the request did not arrive in time",
		"held back on the way; if it was from %p, the network or a proxy is slow"},
	{Broken, http.StatusBadRequest, "the request could not be read",
		"broken off by who sent it"},
	{Busy, http.StatusServiceUnavailable, "too much is under way",
		"more than there is room for; %p tries again, and a proxy in front can keep others out"},
	{Signature, http.StatusUnauthorized, "the signature is wrong",
		"not from %p, or %s is not the app's: if %p gets no answers, copy it anew from the app's page"},
	{NotReady, http.StatusServiceUnavailable, "not ready yet",
		"the bot was still finding out who it is; %p tries again"},
	{Replay, http.StatusUnauthorized, "this request has been here before",
		"a signed request that somebody sent again; it was answered the first time"},
}

// Reasons lists the reasons.
func Reasons() []Reason {
	all := make([]Reason, len(refusals))
	for i, r := range refusals {
		all[i] = r.reason
	}
	return all
}

// Refuse answers a request of a sender that is not taken, counts it and, unless
// it is only no POST, logs it sparsely.
func (s *Sender) Refuse(w http.ResponseWriter, why Reason) {
	for _, known := range refusals {
		if known.reason == why {
			if known.status == http.StatusServiceUnavailable {
				w.Header().Set("Retry-After", retryAfter)
			}
			Say(w, known.status, s.fill(known.says))
		}
	}
	s.Monitor.TurnedAway(string(why))
	if why == NotPost {
		return // a browser, or a proxy that looks whether somebody is here: nothing to tell
	}
	s.mu.Lock()
	if s.refused == nil {
		s.refused = map[Reason]int{}
	}
	s.refused[why]++
	s.mu.Unlock()
	s.sparse.Log(s.line)
}

// line logs what was refused since the last line.
func (s *Sender) line(int) {
	s.mu.Lock()
	counts := s.refused
	s.refused = nil
	s.mu.Unlock()
	n := 0
	var args []any
	var means []string
	for _, known := range refusals {
		if count := counts[known.reason]; count > 0 {
			n += count
			args = append(args, string(known.reason), count)
			means = append(means, string(known.reason)+": "+s.fill(known.means))
		}
	}
	if n > 0 { // else another line has told of it
		args = append(append([]any{"count", n}, args...), "means", strings.Join(means, ". "))
		s.Log.Warn("refused requests over HTTP", args...)
	}
}

func (s *Sender) fill(text string) string {
	return strings.NewReplacer("%p", s.Platform, "%s", s.Setting).Replace(text)
}

// retryAfter is when a platform is to come again, in seconds.
const retryAfter = "5"

// Say answers a request with a line of text. Its length is told first, so that
// it is whole for who reads it though the connection ends.
func Say(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // a caller that has gone needs none
}

// Later tells a platform to come again with what it has brought.
func Later(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", retryAfter)
	Say(w, http.StatusServiceUnavailable, why)
}
