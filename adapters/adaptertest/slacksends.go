package adaptertest

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// link is a Socket Mode connection.
func (s *Slack) link(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("ticket") == "" {
		http.Error(w, "no ticket", http.StatusForbidden)
		return
	}
	upgrader := websocket.Upgrader{CheckOrigin: func(*http.Request) bool { return true }}
	raw, err := upgrader.Upgrade(w, r, nil)
	if err != nil || !s.sockets.add(raw) {
		return
	}
	c := &line{Conn: raw}
	defer s.sockets.remove(raw)
	pong := raw.PingHandler()
	raw.SetPingHandler(func(data string) error {
		if s.silent() {
			return nil
		}
		return pong(data)
	})
	var reject string
	var n int
	s.change(func() { reject, n = s.reject, s.Others+len(s.lines)+1 })
	if reject != "" {
		_ = c.send(fmt.Sprintf(`{"type":"disconnect","reason":%q,"debug_info":{"host":"applink-1"}}`, reject))
		_ = raw.WriteControl(websocket.CloseMessage, nil, time.Now().Add(time.Second)) // without a status
		return
	}
	hello := fmt.Sprintf(`{"type":"hello","num_connections":%d,"connection_info":{"app_id":"A1"},`+
		`"debug_info":{"host":"applink-1","approximate_connection_time":18060}}`, n)
	if c.send(hello) != nil {
		return
	}
	s.change(func() { s.lines = append(s.lines, c) })
	for {
		_, data, err := raw.ReadMessage()
		if err != nil {
			break
		}
		var ack struct {
			ID string `json:"envelope_id"`
		}
		if json.Unmarshal(data, &ack) == nil && ack.ID != "" {
			s.change(func() { s.acks[ack.ID]++ })
		}
	}
	s.leave(c)
}

// Reject makes the stand-in send disconnect with a reason instead of hello and close the
// connection, until it is called with "".
func (s *Slack) Reject(reason string) { s.change(func() { s.reject = reason }) }

// Emit sends a text on the newest Socket Mode connection.
func (s *Slack) Emit(t TB, text string) { s.Send(t, text) }

// Pass sends an envelope on one of the Socket Mode connections, as Slack does with each event, and
// reports whether it is acknowledged in time. The connections have turns; a turn of 0 is the next
// one, and the turn after that which is returned is another connection.
func (s *Slack) Pass(turn int, envelope, text string, within time.Duration) (used int, acknowledged bool) {
	var c *line
	s.change(func() {
		if turn == 0 {
			s.turn++
			turn = s.turn
		}
		if len(s.lines) > 0 {
			c = s.lines[turn%len(s.lines)]
		}
	})
	if c == nil {
		return turn, false
	}
	late := time.NewTimer(within)
	defer late.Stop()
	if c.sendWithin(within, text) != nil {
		return turn, false
	}
	for {
		s.mu.Lock()
		changed, acknowledged := s.changed, s.acks[envelope] > 0
		s.mu.Unlock()
		if acknowledged {
			return turn, true
		}
		select {
		case <-changed:
		case <-late.C:
			return turn, false
		}
	}
}

// Sign signs a request as Slack does
// (docs.slack.dev/authentication/verifying-requests-from-slack).
func Sign(r *http.Request, secret string, at time.Time, body string) {
	stamp := strconv.FormatInt(at.Unix(), 10)
	mac := hmac.New(sha256.New, []byte(secret))
	mac.Write([]byte("v0:" + stamp + ":" + body))
	r.Header.Set("X-Slack-Request-Timestamp", stamp)
	r.Header.Set("X-Slack-Signature", "v0="+hex.EncodeToString(mac.Sum(nil)))
}

// SlackRequest returns a signed request as Slack sends it over HTTP. The kind
// events_api is JSON; slash_commands and interactive are forms.
func SlackRequest(address, kind, payload string) (*http.Request, error) {
	contentType := "application/x-www-form-urlencoded"
	body := payload
	switch kind {
	case "events_api":
		contentType = "application/json"
	case "interactive":
		body = url.Values{"payload": {payload}}.Encode()
	case "slash_commands":
		var fields map[string]string
		if err := json.Unmarshal([]byte(payload), &fields); err != nil {
			return nil, err
		}
		form := url.Values{}
		for _, key := range slices.Sorted(maps.Keys(fields)) {
			form.Set(key, fields[key])
		}
		body = form.Encode()
	}
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	r.Header.Set("Content-Type", contentType)
	Sign(r, SlackSecret, time.Now(), body)
	return r, nil
}
