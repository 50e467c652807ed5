package socketmode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"sync"
	"time"

	"frontdesk/adapters/network"

	"github.com/gorilla/websocket"
)

// connection is one open connection.
type connection struct {
	*Client
	all     *connections
	conn    *websocket.Conn
	writing sync.Mutex
	greeted bool  // Slack has sent hello
	stage   stage // guarded by all.mu

	once   sync.Once
	needed chan struct{} // closed when a successor is needed
	why    error         // the reason; set before needed is closed
}

// needSuccessor tells Run that another connection is needed. Only the first call counts.
func (c *connection) needSuccessor(why error) {
	c.once.Do(func() {
		c.why = why
		close(c.needed)
	})
}

// serve reads the connection until it ends.
func (c *connection) serve(ctx context.Context) {
	stop := make(chan struct{})
	var pings sync.WaitGroup
	pings.Go(func() { c.keepAlive(ctx, stop) })
	err := c.read()
	c.needSuccessor(err)
	if ctx.Err() == nil {
		c.all.enter(c, over, c.why)
	}
	close(stop)
	_ = c.conn.Close() // reading has ended already
	pings.Wait()
	if errors.As(c.why, new(Disconnect)) {
		c.all.ours.Add(-1)
	} // else Slack may not have noticed the end yet
}

// keepAlive sends pings, and closes the connection when ctx is done or its successor has
// been there for as long as overlap.
func (c *connection) keepAlive(ctx context.Context, stop <-chan struct{}) {
	ticker := time.NewTicker(c.Ping)
	defer ticker.Stop()
	needed := c.needed
	var faded, expired <-chan time.Time
	for {
		select {
		case <-stop:
			return
		case <-ctx.Done():
			bye := websocket.FormatCloseMessage(websocket.CloseNormalClosure, "")
			_ = c.conn.WriteControl(websocket.CloseMessage, bye, time.Now().Add(writeWithin))
			_ = c.conn.Close()
			return
		case <-needed:
			needed, faded, expired = nil, time.After(c.Fade), time.After(overlap)
		case <-faded:
			c.all.enter(c, over, c.why)
		case <-expired:
			_ = c.conn.Close()
			return
		case <-ticker.C:
			// If the ping fails, read fails too.
			_ = c.conn.WriteControl(websocket.PingMessage, nil, time.Now().Add(writeWithin))
		}
	}
}

// read reads envelopes until an error, which it returns.
func (c *connection) read() error {
	c.conn.SetReadLimit(maxFrame)
	_ = c.conn.SetReadDeadline(time.Now().Add(c.Silent)) // fails only on a closed connection
	alive := func() {
		if c.greeted { // until then the first deadline stays, whatever arrives
			_ = c.conn.SetReadDeadline(time.Now().Add(c.Silent))
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
			return fmt.Errorf("the connection was cut: %w", network.WithoutSecrets(err))
		}
		alive()
		var e Envelope
		if err := json.Unmarshal(data, &e); err != nil {
			c.Unread(fmt.Errorf("read an envelope: %w", err))
			c.acknowledge(envelopeID(data))
			continue
		}
		switch e.Type {
		case "hello":
			if !c.greeted {
				c.greeted = true
				if c.all.greeted.Swap(true) {
					c.Again()
				}
			}
			alive()
			c.all.enter(c, serving, nil)
			c.count(e.Connections)
		case "disconnect":
			if e.Reason == "link_disabled" {
				return Final{errors.New("link_disabled: Socket Mode is off for this app; " +
					"switch it on, on the app's page Socket Mode")}
			}
			c.needSuccessor(Disconnect(e.Reason))
			c.all.enter(c, leaving, Disconnect(e.Reason))
		default:
			if start := c.Take(e); start != nil {
				c.acknowledge(e.ID)
				start()
			}
		}
	}
}

// count logs how many connections the app has, and warns once if some belong to another
// process that should not be there.
func (c *connection) count(n int) {
	c.Log.Info("connected to Slack", "connections", n)
	if ours := int(c.all.ours.Load()); n > ours && !c.Shared && !c.all.warned.Swap(true) {
		c.Log.Warn("other processes are connected with the same app-level token; Slack sends each event to only "+
			"one of the connections", "connections", n, "ours", ours)
	}
}

// acknowledge acknowledges an envelope.
func (c *connection) acknowledge(id string) {
	if id == "" {
		return
	}
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeWithin)) // fails only on a closed connection
	if err := c.conn.WriteJSON(map[string]string{"envelope_id": id}); err != nil {
		// Slack sends the event again, and it is dropped as a duplicate.
		c.Log.Debug("could not acknowledge", "envelope", id, "error", err)
	}
}

// envelopeID returns the id of an envelope that cannot be decoded, or "".
func envelopeID(data []byte) string {
	var fields map[string]json.RawMessage
	var id string
	if json.Unmarshal(data, &fields) == nil {
		_ = json.Unmarshal(fields["envelope_id"], &id)
	}
	return id
}
