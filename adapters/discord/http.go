package discord

import (
	"context"
	"crypto/ed25519"
	"errors"
	"log/slog"
	"net/http"
	"strings"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
)

const (
	// Path is the path of the HTTP transport.
	Path = "/discord/interactions"
	// maxBody is the longest request that is read, in bytes. The longest
	// interaction is a command on a message, and contains the message: 4,000
	// characters, 6,000 in embeds and as many in the message that it replies to
	// or forwards, at most six bytes each, as JSON escapes them: 120 kB. The rest
	// is attachments and mentioned people with up to 250 roles of 21 bytes each
	// (discord.com/developers/docs/interactions/receiving-and-responding).
	maxBody = 256 << 10
	// maxEvent is the longest event of the gateway that is decoded, in bytes.
	maxEvent = 512 << 10
)

const signatureHeader = "X-Signature-Ed25519"

// sender describes how Discord signs its requests
// (discord.com/developers/docs/interactions/overview#setting-up-an-endpoint-validating-security-request-headers).
func sender(key ed25519.PublicKey, log *slog.Logger, monitor bot.Monitor) *adapters.Sender {
	return &adapters.Sender{
		Platform: "Discord", Setting: "DISCORD_PUBLIC_KEY",
		SignatureIn: signatureHeader, StampIn: "X-Signature-Timestamp", Size: ed25519.SignatureSize,
		Before: func(stamp string) string { return stamp },
		Right: func(message, signature []byte) bool {
			return len(key) == ed25519.PublicKeySize && ed25519.Verify(key, message, signature)
		},
		Most: maxBody, Log: log, Monitor: monitor,
	}
}

// ServeHTTP handles interactions. It rejects duplicates and requests that Discord has not
// signed within the last five minutes.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := a.settings.Door.Admit(w, r, a.sender)
	if !ok {
		return
	}
	e, err := decodeInteraction(body)
	if err == nil && e.kind == ping {
		write(w, reply{Type: replyPong})
		return
	}
	s := a.current.Load()
	if s == nil {
		a.sender.Refuse(w, adapters.NotReady)
		return
	}
	if err != nil {
		s.unread(e.id, err)
		adapters.Say(w, http.StatusBadRequest, "unknown or malformed interaction")
		return
	}
	if !s.intake.Seen.Add(time.Now(), "signature "+strings.ToLower(r.Header.Get(signatureHeader))) {
		a.sender.Refuse(w, adapters.Replay)
		return
	}
	s.serve(w, e, a.sender)
}

// serve answers an interaction with the response to its request.
func (s *session) serve(w http.ResponseWriter, e event, from *adapters.Sender) {
	first, written := make(chan reply), make(chan struct{})
	defer close(written)
	// respond returns after the response is written, so that no later call
	// arrives before it.
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
	start := s.admit(e, func() { taken = true }, func(e event) {
		defer close(ended)
		s.handle(e, nil, respond)
	})
	switch {
	case start == nil:
		from.Refuse(w, adapters.Busy)
		return
	case !taken:
		from.Refuse(w, adapters.Replay)
		return
	}
	start()
	timeout := time.NewTimer(interactionLife)
	defer timeout.Stop()
	select {
	case answer := <-first:
		write(w, answer)
		_ = http.NewResponseController(w).Flush() // fails only if Discord has gone
		s.client.Answered(placeInteraction + e.id)
	case <-ended:
		adapters.Say(w, http.StatusInternalServerError, "something went wrong")
	case <-timeout.C: // r.Context() is not used: it ends when only the sending half is closed
	}
}

// errNobody is the error of a response after the request has ended.
var errNobody = errors.New("the request has ended")

func write(w http.ResponseWriter, r reply) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(encode(r)) // fails only if Discord has gone
}
