package slack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"

	"github.com/gorilla/websocket"
)

// Socket Mode (docs.slack.dev/apis/events-api/using-socket-mode).
const (
	maxFrame    = 16 << 20         // bytes; a longer message cuts the connection
	pingEvery   = 10 * time.Second // ours; Slack sends its own as well
	silentAfter = 30 * time.Second // without a sign of life a connection is dead
	writeWithin = 5 * time.Second
	dialWithin  = 15 * time.Second
	// stableAfter is how long a connection must have lived to be no part of
	// the trouble before it.
	stableAfter = time.Minute
	// overlap is how long a connection that Slack is about to close may still
	// bring events while its successor is there.
	overlap = 30 * time.Second
	// longestConnectWait is the longest pause before a connection, however long Slack asks
	// to wait: nobody is answered meanwhile.
	longestConnectWait = 3 * time.Minute
	// fadeAfter is how long it counts as one that serves: Slack warns about ten
	// seconds before it ends a connection.
	fadeAfter = 10 * time.Second
)

// serveSocket keeps a connection to Slack until ctx is done, or until Slack
// says that there will be none.
func (s *session) serveSocket(ctx context.Context) error {
	var connections sync.WaitGroup
	defer connections.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for failures := 0; ; failures++ {
		started := time.Now()
		conn, err := s.connect(ctx)
		if err == nil {
			c := &socket{session: s, conn: conn, needed: make(chan struct{})}
			connections.Go(func() { c.serve(ctx) })
			select {
			case <-c.needed:
				err = c.why
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.As(err, new(finalError)) {
			return err
		}
		if conn == nil {
			s.links.refused(err)
		}
		if time.Since(started) > stableAfter {
			failures = 0
		}
		pause := s.client.Backoff(failures)
		if asked := disconnect(""); errors.As(err, &asked) {
			s.log.Info("Slack asks for a new connection", "reason", string(asked))
			if failures == 0 { // the old one still serves; only not all bots at once
				pause = rand.N(s.client.Pause/4 + 1)
			}
		}
		if adapters.Sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// links are the Socket Mode connections, of which one is enough to serve.
type links struct {
	health *adapters.Health

	mu      sync.Mutex
	open    map[*socket]stage // those on which events come
	trouble error             // of the newest try to connect, if it came to nothing
}

// stage is a part of a connection's life.
type stage uint8

const (
	waiting stage = iota // for a hello
	serving              // events come
	leaving              // and Slack has said that it ends it soon
	over                 // no events come any more
)

// enter says that a connection has come to its next stage, and why, if it is over.
func (l *links) enter(c *socket, next stage, why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	before := c.stage
	if next <= before {
		return
	}
	c.stage = next
	switch {
	case next == serving:
		l.trouble = nil
	case before == waiting: // it was over before it served
		l.trouble = why
	}
	if l.open == nil {
		l.open = map[*socket]stage{}
	}
	if next == over || before == waiting && next != serving {
		delete(l.open, c)
	} else {
		l.open[c] = next
	}
	l.tell(why)
}

// refused says that a try to connect came to nothing.
func (l *links) refused(why error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.trouble = why
	l.tell(why)
}

// tell makes one state of all connections. Why is the newest reason for one to be
// none.
func (l *links) tell(why error) {
	stays := false
	for _, s := range l.open {
		stays = stays || s == serving
	}
	var asked disconnect
	switch {
	case stays, len(l.open) > 0 && l.trouble == nil:
		l.health.Connection(bot.Ready, "")
	case len(l.open) > 0:
		l.health.Connection(bot.Degraded, fmt.Sprintf("Slack is about to end the connection, and there is no other yet: %v", l.trouble))
	case l.trouble == nil && errors.As(why, &asked): // a moment without one, between two
		l.health.Connection(bot.Connecting, asked.Error())
	default:
		if l.trouble != nil {
			why = l.trouble
		}
		l.health.Connection(bot.Down, fmt.Sprintf("not connected to Slack: %v", why))
	}
}

// disconnect is Slack's reason for ending a connection.
type disconnect string

func (d disconnect) Error() string { return "Slack ended the connection: " + string(d) }

// finalError ends the adapter: trying again would not help.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// connect asks Slack for an address and opens a connection to it. It tries once;
// who calls it waits between the tries.
func (s *session) connect(ctx context.Context) (*websocket.Conn, error) {
	var address string
	_, err := s.client.Once(ctx, call{Method: methodConnect, Longest: longestConnectWait}, time.Now().Add(time.Hour), func(ctx context.Context) (err error) {
		_, address, err = s.client.api.StartSocketModeContext(ctx)
		return err
	})
	if code := slackCode(err); badToken[code] || code == "missing_scope" {
		return nil, finalError{err}
	}
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialWithin}
	conn, _, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open the connection: %w", adapters.WithoutSecrets(err))
	}
	return conn, nil
}

// socket is one connection.
type socket struct {
	*session
	conn    *websocket.Conn
	writing sync.Mutex
	greeted bool  // Slack has said hello: events will come
	stage   stage // of links

	once   sync.Once
	needed chan struct{} // closed when a successor is needed …
	why    error         // … for this reason
}

// needSuccessor says once that another connection is needed.
func (c *socket) needSuccessor(why error) {
	c.once.Do(func() {
		c.why = why
		close(c.needed)
	})
}

// serve reads the connection until it ends.
func (c *socket) serve(ctx context.Context) {
	stop := make(chan struct{})
	var pings sync.WaitGroup
	pings.Go(func() { c.keepAlive(ctx, stop) })
	err := c.read()
	c.needSuccessor(err)
	if ctx.Err() == nil {
		c.links.enter(c, over, c.why)
	}
	close(stop)
	_ = c.conn.Close() // it is over either way
	pings.Wait()
}

// keepAlive sends pings, and ends the connection when ctx is done or Slack has
// had time enough to replace it.
func (c *socket) keepAlive(ctx context.Context, stop <-chan struct{}) {
	ticker := time.NewTicker(c.timing.ping)
	defer ticker.Stop()
	needed := c.needed
	var faded, expired <-chan time.Time
	for {
		select {
		case <-stop:
			return
		case <-ctx.Done():
			_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(websocket.CloseNormalClosure, ""), time.Now().Add(writeWithin))
			_ = c.conn.Close()
			return
		case <-needed:
			needed, faded, expired = nil, time.After(c.timing.fade), time.After(overlap)
		case <-faded:
			c.links.enter(c, over, c.why)
		case <-expired:
			_ = c.conn.Close()
			return
		case <-ticker.C:
			_ = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin)) // read notices if it cannot
		}
	}
}

// envelope is what Slack wraps everything in.
type envelope struct {
	Type    string          `json:"type"`
	ID      string          `json:"envelope_id"`
	Reason  string          `json:"reason"`
	Payload json.RawMessage `json:"payload"`
}

func (c *socket) read() error {
	c.conn.SetReadLimit(maxFrame)
	_ = c.conn.SetReadDeadline(time.Now().Add(c.timing.silent)) // fails only on a closed connection
	alive := func() {
		if c.greeted { // without a hello no sign of life is enough
			_ = c.conn.SetReadDeadline(time.Now().Add(c.timing.silent))
		}
	}
	answerPing := c.conn.PingHandler()
	c.conn.SetPingHandler(func(data string) error {
		alive()
		return answerPing(data)
	})
	c.conn.SetPongHandler(func(string) error {
		alive()
		return nil
	})
	for {
		_, data, err := c.conn.ReadMessage()
		if err != nil {
			return fmt.Errorf("the connection was cut: %w", adapters.WithoutPorts(err))
		}
		alive()
		var e envelope
		if err := json.Unmarshal(data, &e); err != nil {
			c.unread("", fmt.Errorf("read an envelope: %w", err))
			c.acknowledge(envelopeID(data))
			continue
		}
		switch e.Type {
		case "hello":
			if !c.greeted {
				c.greeted = true
				if c.session.greeted.Swap(true) {
					c.monitor.Happened(bot.Reconnected)
				}
			}
			alive()
			c.links.enter(c, serving, nil)
		case "disconnect":
			if e.Reason == "link_disabled" {
				return finalError{errors.New("this app has Socket Mode switched off (link_disabled): switch it on on the app's page Socket Mode")}
			}
			c.needSuccessor(disconnect(e.Reason))
			c.links.enter(c, leaving, nil)
		default:
			c.take(e)
		}
	}
}

// event reads what is in an envelope.
func (e envelope) event(me identity) (event, error) {
	switch e.Type {
	case "events_api":
		if len(e.Payload) > maxEvent {
			return event{}, fmt.Errorf("it has %d bytes; no question is that long", len(e.Payload))
		}
		return decodeEvent(e.Payload, me)
	case "slash_commands":
		form, err := commandForm(e.Payload)
		if err != nil {
			return event{}, err
		}
		return decodeCommand(form, me)
	case "interactive":
		return decodeInteraction(e.Payload, me)
	}
	return event{}, unknown{fmt.Sprintf("envelopes of the type %q", e.Type)}
}

// take acknowledges an envelope and takes on what is in it. What there is no
// room for is not acknowledged, so that Slack brings it again.
func (c *socket) take(e envelope) {
	ev, err := e.event(c.me)
	if err != nil {
		c.unread(first(ev.id, e.ID), err)
		c.acknowledge(e.ID)
		return
	}
	if start := c.admit(ev, "envelope "+e.ID); start != nil {
		c.acknowledge(e.ID)
		start()
	}
}

// acknowledge tells Slack that an envelope has arrived.
func (c *socket) acknowledge(id string) {
	if id == "" {
		return
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeWithin)) // fails only on a closed connection
	if err := c.conn.WriteJSON(map[string]string{"envelope_id": id}); err != nil {
		// Slack will bring the event again; by then it is known.
		c.log.Debug("could not acknowledge", "envelope", id, "error", err)
	}
}

// envelopeID looks for the id in an envelope that cannot be read otherwise.
func envelopeID(data []byte) string {
	var fields map[string]json.RawMessage
	var id string
	if json.Unmarshal(data, &fields) == nil {
		_ = json.Unmarshal(fields["envelope_id"], &id)
	}
	return id
}
