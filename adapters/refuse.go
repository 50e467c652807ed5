package adapters

import (
	"io"
	"net/http"
	"strconv"
	"strings"
)

// Reason is why an HTTP request was rejected, in a word for metrics.
type Reason string

// The reasons.
const (
	NotPost   Reason = "method"    // the method is not POST
	Headers   Reason = "headers"   // signature or timestamp missing or malformed
	Stale     Reason = "stale"     // the timestamp is too far from our clock
	TooLarge  Reason = "too_large" // the body or the headers
	TooSlow   Reason = "too_slow"  // the body did not arrive in time
	Broken    Reason = "broken"    // the body ended early
	Busy      Reason = "busy"      // too many requests at once
	Signature Reason = "signature" // the signature is wrong
	NotReady  Reason = "not_ready" // signed, but the bot does not know its own identity yet
	Replay    Reason = "replay"    // signed, but received before
	// The next two occur before the request is assigned to a platform.
	Malformed Reason = "malformed" // not HTTP, or incomplete headers
	Path      Reason = "path"      // there is no such path
)

// refusal is the response for a reason, and what the reason means to an operator.
type refusal struct {
	reason      Reason
	status      int
	says, means string
}

// refusals is in the order of the log. In the texts, %p is the platform and %s the setting
// that its signatures are verified with.
var refusals = []refusal{
	{NotPost, http.StatusMethodNotAllowed, "this address is for %p", ""},
	{Headers, http.StatusUnauthorized, "the signature is missing or malformed",
		"not from %p, which signs its requests; anybody on the internet can send such requests"},
	{Stale, http.StatusUnauthorized, "the signature is too old",
		"an old request sent again, or the clock of this machine is off; frontdesk doctor compares it"},
	{TooLarge, http.StatusRequestEntityTooLarge, "the request is too long",
		"longer than anything that %p sends"},
	{TooSlow, http.StatusRequestTimeout, "the request did not arrive in time",
		"if it was from %p, the network or a proxy is slow"},
	{Broken, http.StatusBadRequest, "the request could not be read",
		"the client closed the connection early"},
	{Busy, http.StatusServiceUnavailable, "too many requests at once",
		"no memory was left for the body; %p tries again, and a proxy in front can keep others out"},
	{Signature, http.StatusUnauthorized, "the signature is wrong",
		"not from %p, or %s is not the app's: if %p gets no answers, copy it again from the app's page"},
	{NotReady, http.StatusServiceUnavailable, "not ready yet",
		"the bot had not started up yet; %p tries again"},
	{Replay, http.StatusUnauthorized, "this request was received before",
		"somebody sent a copy of a signed request; the original was answered"},
}

// Reasons lists the reasons.
func Reasons() []Reason {
	all := make([]Reason, len(refusals))
	for i, r := range refusals {
		all[i] = r.reason
	}
	return all
}

// Refuse rejects a request, counts it and, unless the reason is NotPost, logs it at a
// limited rate.
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
		return // a browser, or the health check of a proxy
	}
	s.mu.Lock()
	if s.refused == nil {
		s.refused = map[Reason]int{}
	}
	s.refused[why]++
	s.mu.Unlock()
	s.sparse.Log(s.line)
}

// line logs the requests that were rejected since the last line.
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
	if n > 0 { // else the line before included them
		args = append(append([]any{"count", n}, args...), "means", strings.Join(means, ". "))
		s.Log.Warn("refused requests over HTTP", args...)
	}
}

func (s *Sender) fill(text string) string {
	return strings.NewReplacer("%p", s.Platform, "%s", s.Setting).Replace(text)
}

// retryAfter is when a platform should send a request again, in seconds.
const retryAfter = "5"

// Say responds with a line of text. It sets Content-Length, so that the response is
// complete although the connection closes.
func Say(w http.ResponseWriter, status int, text string) {
	h := w.Header()
	h.Set("Content-Type", "text/plain; charset=utf-8")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Content-Length", strconv.Itoa(len(text)+1))
	w.WriteHeader(status)
	_, _ = io.WriteString(w, text+"\n") // fails only if the client has gone
}

// Later asks a platform to send its request again.
func Later(w http.ResponseWriter, why string) {
	w.Header().Set("Retry-After", retryAfter)
	Say(w, http.StatusServiceUnavailable, why)
}
