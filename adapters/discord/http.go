package discord

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"

	"frontdesk/adapters"

	"github.com/bwmarrin/discordgo"
)

const (
	// Path is where the HTTP transport takes requests.
	Path = "/discord/interactions"
	// maxEvent is the longest event or request that is looked into, in bytes.
	maxEvent = 512 << 10
	// freshFor is how far the time of a request may lie from ours.
	freshFor = 5 * time.Minute
)

// ServeHTTP takes interactions. Only what Discord has signed within the last
// five minutes is looked into, and each request once.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := adapters.Body(w, r, "Discord", maxEvent)
	if !ok {
		return
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	if !fresh(r.Header.Get("X-Signature-Timestamp"), time.Now()) || !discordgo.VerifyInteraction(r, a.key) {
		a.log.Warn("refused a request that Discord has not signed")
		http.Error(w, "the signature is missing, wrong or too old", http.StatusUnauthorized)
		return
	}
	e, err := decodeInteraction(body)
	if err == nil && e.kind == ping {
		write(w, reply{Type: replyPong})
		return
	}
	s := a.current.Load()
	if s == nil {
		adapters.Later(w, "not ready yet")
		return
	}
	if err != nil {
		s.unread(e.id, err)
		http.Error(w, "nothing is known of that", http.StatusBadRequest)
		return
	}
	if !s.intake.Seen.Add(time.Now(), "signature "+strings.ToLower(r.Header.Get("X-Signature-Ed25519"))) {
		http.Error(w, "this request has been here before", http.StatusUnauthorized)
		return
	}
	s.serve(w, r, e)
}

// serve answers an interaction with the response to its request.
func (s *session) serve(w http.ResponseWriter, r *http.Request, e event) {
	first, written := make(chan reply), make(chan struct{})
	defer close(written)
	// respond returns when the response is on its way: what comes after it must
	// not overtake it.
	respond := func(ctx context.Context, _ event, r reply) error {
		select {
		case first <- r:
			<-written
			return nil
		case <-written:
			return errNobody
		case <-ctx.Done():
			return ctx.Err()
		}
	}
	taken := false
	ended := make(chan struct{})
	start := s.intake.Admit(e.id, e.keys(), func() { taken = true }, func() {
		defer close(ended)
		s.handle(e, nil, respond)
	})
	switch {
	case start == nil:
		adapters.Later(w, "too much is under way")
		return
	case !taken:
		http.Error(w, "this interaction has been here before", http.StatusConflict)
		return
	}
	start()
	timeout := time.NewTimer(interactionLife)
	defer timeout.Stop()
	select {
	case answer := <-first:
		write(w, answer)
		_ = http.NewResponseController(w).Flush() // a caller that has gone needs none
	case <-ended:
		http.Error(w, "something broke", http.StatusInternalServerError)
	case <-timeout.C:
	case <-r.Context().Done():
	}
}

// errNobody ends an answer that nobody waits for any more.
var errNobody = errors.New("the request was over")

// fresh reports whether the time of a request, in seconds since 1970, is near.
func fresh(stamp string, now time.Time) bool {
	seconds, err := strconv.ParseInt(stamp, 10, 64)
	return err == nil && now.Sub(time.Unix(seconds, 0)).Abs() <= freshFor
}

func write(w http.ResponseWriter, r reply) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(r)) // a caller that has gone needs none
}
