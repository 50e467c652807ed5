package slack

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"strings"

	"frontdesk/adapters"
	"frontdesk/bot"
)

const (
	// maxBody is the longest request that is read, in bytes. The longest event
	// is message_changed: it has the old and the new message, and in each the
	// text twice, as text and as blocks. A text has at most 40,000 characters
	// (docs.slack.dev/changelog/2018-truncating-really-long-messages) of at
	// most six bytes each, as JSON escapes them: 960 kB. The rest is ids, file
	// names and links. A message in a form and the state of a view (250 kB,
	// docs.slack.dev/reference/methods/views.open) are shorter.
	maxBody = 1_250_000
	// maxEvent is the longest event that is decoded, in bytes. A message has
	// its text twice, of at most 40,000 characters of at most six bytes each.
	maxEvent = 512 << 10
)

const signatureHeader = "X-Slack-Signature"

// sender describes how Slack signs its requests
// (docs.slack.dev/authentication/verifying-requests-from-slack).
func sender(secret string, log *slog.Logger, monitor bot.Monitor) *adapters.Sender {
	return &adapters.Sender{
		Platform: "Slack", Setting: "SLACK_SIGNING_SECRET",
		SignatureIn: signatureHeader, StampIn: "X-Slack-Request-Timestamp", Scheme: "v0=", Size: sha256.Size,
		Before: func(stamp string) string { return "v0:" + stamp + ":" },
		Right: func(message, signature []byte) bool {
			mac := hmac.New(sha256.New, []byte(secret))
			mac.Write(message) // never fails
			return secret != "" && hmac.Equal(mac.Sum(nil), signature)
		},
		Most: maxBody, Log: log, Monitor: monitor,
	}
}

// ServeHTTP handles the requests that Slack sends to [Path]: events as JSON, slash
// commands and interactions as forms. It rejects requests that Slack has not signed
// within the last five minutes.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := a.settings.Door.Admit(w, r, a.sender)
	if !ok {
		return
	}
	s := a.current.Load()
	if s == nil {
		if e, err := decodeEvent(body, identity{}); err == nil && e.kind == verification {
			challenge(w, e)
			return
		}
		a.sender.Refuse(w, adapters.NotReady)
		return
	}
	e, err := s.decodeRequest(r.Header.Get("Content-Type"), body)
	if err == nil && e.kind == verification {
		challenge(w, e)
		return
	}
	e.repeated = r.Header.Get("X-Slack-Retry-Num") != ""
	start := func() {}
	if err != nil {
		s.unread(e.id, err)
	} else if start = s.admit(e, "signature "+strings.ToLower(r.Header.Get(signatureHeader))); start == nil {
		a.sender.Refuse(w, adapters.Busy)
		return
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	if err := http.NewResponseController(w).Flush(); err != nil {
		a.log.Debug("could not acknowledge at once", "error", err)
	}
	start()
}

// decodeRequest decodes the body of a request of any kind.
func (s *session) decodeRequest(contentType string, body []byte) (event, error) {
	if !strings.HasPrefix(contentType, "application/x-www-form-urlencoded") {
		if len(body) > maxEvent {
			return event{}, fmt.Errorf("it has %d bytes; no question is that long", len(body))
		}
		return decodeEvent(body, s.me)
	}
	form, err := url.ParseQuery(string(body))
	if err != nil {
		return event{}, fmt.Errorf("read a form: %w", err)
	}
	if payload := form.Get("payload"); payload != "" {
		return decodeInteraction([]byte(payload), s.me)
	}
	if form.Get("ssl_check") == "1" {
		return event{}, nil // Slack checks the certificate
	}
	return decodeCommand(form, s.me)
}

// challenge answers Slack's verification of the request URL.
func challenge(w http.ResponseWriter, e event) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"challenge": e.challenge}) // fails only if Slack has gone
}
