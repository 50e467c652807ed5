package adaptertest

import (
	"slices"
	"sync"
	"time"

	"github.com/gorilla/websocket"
)

// line is one WebSocket connection of a stand-in.
type line struct {
	*websocket.Conn
	session string // of Discord's gateway

	writing sync.Mutex
}

func (c *line) send(text string) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	return c.WriteMessage(websocket.TextMessage, []byte(text))
}

// sendWithin closes the connection of a client that does not read for so long. It may resume.
func (c *line) sendWithin(limit time.Duration, text string) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.SetWriteDeadline(time.Now().Add(limit))
	err := c.WriteMessage(websocket.TextMessage, []byte(text))
	_ = c.SetWriteDeadline(time.Time{})
	if err != nil {
		_ = c.Close()
	}
	return err
}

// Silence makes the stand-in send nothing and ignore pings and heartbeats, like a dead
// connection, until it is called with false.
func (s *wire) Silence(on bool) { s.change(func() { s.mute = on }) }

func (s *wire) silent() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.mute
}

// Connections returns the number of ready connections: in Socket Mode or, with a session,
// on the gateway.
func (s *wire) Connections() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return len(s.lines)
}

// leave removes a connection from the ready ones.
func (s *wire) leave(c *line) {
	s.change(func() { s.lines = slices.DeleteFunc(s.lines, func(other *line) bool { return other == c }) })
}

// Send sends a text on the newest connection.
func (s *wire) Send(t TB, text string) {
	t.Helper()
	s.Await(t, "a connection", func() bool { return s.Connections() > 0 })
	s.mu.Lock()
	c := s.lines[len(s.lines)-1]
	s.mu.Unlock()
	if err := c.send(text); err != nil {
		t.Fatalf("send to the adapter: %v", err)
	}
}

// CloseSockets waits for a ready connection and closes every one with a close code.
func (s *wire) CloseSockets(t TB, code int) {
	t.Helper()
	s.Await(t, "a connection", func() bool { return s.Connections() > 0 })
	s.change(func() {
		for _, c := range s.lines {
			_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "because"),
				time.Now().Add(time.Second)) // fails only on a connection that is closed already
		}
		s.lines = nil
	})
}

// CutSockets closes every connection without a close message.
func (s *wire) CutSockets() {
	s.change(func() {
		for _, c := range s.lines {
			_ = c.NetConn().Close()
		}
		s.lines = nil
	})
}
