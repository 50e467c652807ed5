package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strings"

	"frontdesk/adapters"

	"github.com/slack-go/slack"
)

const (
	// maxBody is the longest request that is read, in bytes.
	maxBody = 4 << 20
	// maxEvent is the longest event that is looked into, in bytes. A message
	// has at most 40,000 characters, which come twice, at most six bytes each.
	maxEvent = 512 << 10
)

// ServeHTTP takes what Slack sends to the app's one address: events as JSON,
// slash commands and what was pressed as forms. Only what Slack has signed
// within the last five minutes is looked into.
func (a *Adapter) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, ok := adapters.Body(w, r, "Slack", maxBody)
	if !ok {
		return
	}
	if err := verify(r.Header, a.settings.SigningSecret, body); err != nil {
		a.log.Warn("refused a request that Slack has not signed", "error", err)
		http.Error(w, "the signature is missing, wrong or too old", http.StatusUnauthorized)
		return
	}
	s := a.current.Load()
	if s == nil {
		if e, err := decodeEvent(body, identity{}); err == nil && e.kind == verification {
			challenge(w, e)
			return
		}
		adapters.Later(w, "not ready yet")
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
	} else if start = s.admit(e, "signature "+strings.ToLower(r.Header.Get("X-Slack-Signature"))); start == nil {
		adapters.Later(w, "too much is under way")
		return
	}
	w.Header().Set("Content-Length", "0")
	w.WriteHeader(http.StatusOK)
	if err := http.NewResponseController(w).Flush(); err != nil {
		a.log.Debug("could not acknowledge at once", "error", err)
	}
	start()
}

// verify checks Slack's signature over the raw body and its time
// (docs.slack.dev/authentication/verifying-requests-from-slack).
func verify(h http.Header, secret string, body []byte) error {
	v, err := slack.NewSecretsVerifier(h, secret)
	if err != nil {
		return err
	}
	if _, err := v.Write(body); err != nil {
		return err
	}
	return v.Ensure()
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
