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
	// tells of a change: it has the message twice, as it was and as it is, and
	// each has its text twice, as text and as blocks. A text has at most 40,000
	// characters (docs.slack.dev/changelog/2018-truncating-really-long-messages)
	// of at most six bytes each, as JSON escapes them: 960 kB. The rest is ids,
	// names of files and links. A message that comes as a form, or the state of
	// a view (250 kB, docs.slack.dev/reference/methods/views.open), is shorter.
	maxBody = 1_250_000
	// maxEvent is the longest event that is looked into, in bytes. A message
	// has at most 40,000 characters, which come twice, at most six bytes each.
	maxEvent = 512 << 10
)

const signatureHeader = "X-Slack-Signature"

// sender is how Slack signs
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

// ServeHTTP takes what Slack sends to the app's one address: events as JSON,
// slash commands and what was pressed as forms. Only what Slack has signed
// within the last five minutes is looked into.
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

// decodeRequest reads a request of any of the kinds that come to the address.
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
		return event{}, nil // Slack looks at the certificate
	}
	return decodeCommand(form, s.me)
}

// challenge shows Slack that the address is ours.
func challenge(w http.ResponseWriter, e event) {
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]string{"challenge": e.challenge}) // a caller that has gone needs none
}
