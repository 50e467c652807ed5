package gateway

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/http"
	"runtime"
	"strings"
	"sync"
	"time"

	"frontdesk/adapters/network"

	"github.com/gorilla/websocket"
)

// The gateway (discord.com/developers/docs/events/gateway).
const (
	maxFrame    = 16 << 20 // bytes; a longer message ends the connection
	writeWithin = 5 * time.Second
	dialWithin  = 15 * time.Second
	readyWithin = 2 * time.Minute // for READY or RESUMED; missed events come before RESUMED
	// ackWithin is the timeout after a heartbeat: a connection that brings nothing for so
	// long is dead. The heartbeat interval, usually 41 s, would be a late timeout.
	ackWithin = 15 * time.Second
	// longestInterval is the longest heartbeat interval that is accepted, in ms.
	longestInterval = 10 * 60 * 1000
	// keepSession closes a connection so that its session can be resumed:
	// with 1000 or 1001 Discord would end it.
	keepSession = 4000
)

// Operations of the gateway.
const (
	opDispatch       = 0
	opHeartbeat      = 1
	opIdentify       = 2
	opResume         = 6
	opReconnect      = 7
	opInvalidSession = 9
	opHello          = 10
	opHeartbeatAck   = 11
)

// finalCodes are the close codes after which a retry cannot succeed
// (topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
var finalCodes = map[int]bool{4004: true, 4010: true, 4011: true, 4012: true, 4013: true, 4014: true}

// newSessionCodes are the close codes after which a session cannot be resumed.
var newSessionCodes = map[int]bool{4007: true, 4009: true}

// isFinal reports whether an error is [Final].
func isFinal(err error) bool { return errors.As(err, new(Final)) }

// packet is a message of the gateway protocol.
type packet struct {
	Op       int             `json:"op"`
	Data     json.RawMessage `json:"d,omitempty"`
	Sequence *int64          `json:"s,omitempty"`
	Type     string          `json:"t,omitempty"`
}

// connection is one connection of a shard.
type connection struct {
	*shard
	conn    *websocket.Conn
	writing sync.Mutex

	mu    sync.Mutex
	acked bool // the last heartbeat was acknowledged
	heard bool // anything arrived since the last heartbeat
	dead  bool // the heartbeat timed out
	seq   int64
}

func (c *connection) send(op int, data any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeWithin)) // fails only on a closed connection
	return c.conn.WriteJSON(map[string]any{"op": op, "d": data})
}

// close closes the connection with a close code.
func (c *connection) close(code int) {
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = c.conn.Close() // nobody reads it any more
}

// connect opens a connection and reads it until it ends.
func (sh *shard) connect(ctx context.Context) error {
	if sh.sessionID == "" {
		defer sh.endTurn()
		if err := sh.takeTurn(ctx); err != nil {
			return err
		}
	}
	conn, err := sh.dial(ctx)
	if err != nil {
		return err
	}
	c := &connection{shard: sh, conn: conn, acked: true}
	if sh.sessionID != "" {
		c.seq = sh.sequence
	}
	defer func() { sh.sequence = c.seq }()
	defer conn.Close()
	// When ctx is done, heartbeat sends the close code; reading ends soon after.
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now().Add(time.Second)) })()

	interval, err := c.hello()
	if err != nil {
		return err
	}
	var tasks sync.WaitGroup
	live, end := context.WithCancel(ctx)
	defer func() {
		end()
		_ = conn.Close() // ends a write that is under way
		tasks.Wait()
	}()
	tasks.Go(func() { c.heartbeat(ctx, interval, live.Done()) })
	if sh.sessionID != "" {
		if err := c.resume(); err != nil {
			return err
		}
	} else {
		start := later(sh.turn.at(), sh.notBefore)
		if time.Until(start) > 0 {
			sh.waits(start)
		}
		tasks.Go(func() { c.identify(live, start) })
	}
	began := time.Now()
	for {
		// Each heartbeat is acknowledged: two intervals without data mean a dead connection.
		_ = conn.SetReadDeadline(time.Now().Add(2 * interval))
		p, err := c.read()
		if err != nil {
			c.over(ctx, err)
			return err
		}
		err = c.handle(p)
		if err == nil && sh.readyAt.IsZero() && time.Since(began) > readyWithin {
			err = errors.New("the gateway responds but starts no session")
		}
		if err != nil {
			c.over(ctx, err)
			c.close(keepSession)
			return err
		}
	}
}

// dial opens a connection to where the session is to be resumed, or to the gateway's
// general address. If that fails, the next try uses another address.
func (sh *shard) dial(ctx context.Context) (*websocket.Conn, error) {
	within, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialWithin}
	conn, _, err := dialer.DialContext(within, versioned(cmp.Or(sh.resumeURL, sh.address)), nil)
	if err == nil {
		conn.SetReadLimit(maxFrame)
		return conn, nil
	}
	if sh.resumeURL == "" && sh.sessionID != "" { // the general address may have changed
		if info, e := sh.ask(ctx, Info{URL: sh.address}); e == nil && info.URL != "" {
			sh.address = info.URL
		}
	}
	sh.resumeURL = ""
	return nil, fmt.Errorf("open the connection: %w", network.WithoutSecrets(err))
}

// hello reads the first packet and returns the heartbeat interval.
func (c *connection) hello() (time.Duration, error) {
	_ = c.conn.SetReadDeadline(time.Now().Add(dialWithin))
	hello, err := c.read()
	if err != nil {
		return 0, err
	}
	var h struct {
		Interval int64 `json:"heartbeat_interval"` // ms
	}
	switch err := json.Unmarshal(hello.Data, &h); {
	case hello.Op == opReconnect: // allowed here too (events/gateway-events#reconnect)
		return 0, errReconnect
	case err != nil, hello.Op != opHello, h.Interval <= 0, h.Interval > longestInterval:
		return 0, errors.New("the gateway sent no valid hello")
	}
	return time.Duration(h.Interval) * time.Millisecond, nil
}

// over reports at once that the connection has ended: closing it may take a moment.
func (c *connection) over(ctx context.Context, why error) {
	if ctx.Err() == nil && !isFinal(why) {
		c.lost(why)
	}
}

// resume resumes the session.
func (c *connection) resume() error {
	return c.send(opResume, map[string]any{"token": c.Token, "session_id": c.sessionID, "seq": c.seq})
}

// identify starts a new session at a time. The connection is read and has heartbeats
// meanwhile.
func (c *connection) identify(live context.Context, start time.Time) {
	if network.Sleep(live, time.Until(start)) != nil {
		return
	}
	err := c.send(opIdentify, map[string]any{
		"token": c.Token, "intents": c.Intents, "shard": [2]int{c.id, c.count},
		"properties": map[string]string{"os": runtime.GOOS, "browser": "frontdesk", "device": "frontdesk"},
	})
	c.turn.started() // an error may come after it was sent
	if err != nil {
		_ = c.conn.Close() // ends reading as well
	}
}

func later(a, b time.Time) time.Time {
	if a.After(b) {
		return a
	}
	return b
}

// read returns the next packet. It skips what it cannot decode.
func (c *connection) read() (packet, error) {
	for {
		_, data, err := c.conn.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			err := Closed{closed.Code, closed.Text}
			if finalCodes[closed.Code] {
				return packet{}, Final{err}
			}
			if newSessionCodes[closed.Code] {
				c.forget(err)
			}
			return packet{}, err
		}
		c.mu.Lock()
		dead := c.dead
		c.heard = true
		c.mu.Unlock()
		switch {
		case dead:
			return packet{}, errors.New("a heartbeat was not acknowledged")
		case err != nil:
			return packet{}, fmt.Errorf("the connection was cut: %w", network.WithoutSecrets(err))
		}
		var p packet
		if err := json.Unmarshal(data, &p); err != nil {
			c.Unread(fmt.Errorf("read a packet: %w", err))
			continue
		}
		if p.Sequence != nil {
			c.mu.Lock()
			c.seq = *p.Sequence
			c.mu.Unlock()
		}
		return p, nil
	}
}

// handle handles a packet. An error ends the connection.
func (c *connection) handle(p packet) error {
	switch p.Op {
	case opDispatch:
		c.dispatch(p)
	case opHeartbeat:
		return c.beat()
	case opHeartbeatAck:
		c.mu.Lock()
		c.acked = true
		c.mu.Unlock()
	case opReconnect:
		return errReconnect
	case opInvalidSession:
		resumable := false
		_ = json.Unmarshal(p.Data, &resumable) // anything else is no
		if !resumable {
			c.forget(errInvalid)
			c.notBefore = time.Now().Add(c.Invalid + rand.N(c.Invalid/2+1))
		}
		return errInvalid
	}
	return nil
}

func (c *connection) dispatch(p packet) {
	switch p.Type {
	case "READY":
		var r struct {
			Session   string `json:"session_id"`
			ResumeURL string `json:"resume_gateway_url"`
		}
		if err := json.Unmarshal(p.Data, &r); err != nil {
			c.Unread(fmt.Errorf("read READY: %w", err))
			return
		}
		if c.sessionID != "" || !c.readyAt.IsZero() {
			c.Again()
		}
		c.sessionID, c.resumeURL = r.Session, r.ResumeURL
		c.Take(p.Type, p.Data)
		c.ready()
		c.Log.Info("connected", "shard", c.id, "of", c.count)
	case "RESUMED":
		c.Again()
		c.ready()
		c.Log.Info("resumed", "shard", c.id)
	default:
		c.Take(p.Type, p.Data)
	}
}

// heartbeat sends heartbeats, and closes the connection when one is not acknowledged in
// time or ctx is done.
func (c *connection) heartbeat(ctx context.Context, interval time.Duration, stop <-chan struct{}) {
	after := func(d time.Duration) (goesOn bool) {
		timer := time.NewTimer(d)
		defer timer.Stop()
		select {
		case <-stop:
			return false
		case <-ctx.Done():
			c.close(websocket.CloseNormalClosure)
			return false
		case <-timer.C:
			return true
		}
	}
	dead := func(unheard func() bool) bool {
		c.mu.Lock()
		defer c.mu.Unlock()
		if c.dead = unheard(); c.dead {
			c.Log.Warn("a heartbeat was not acknowledged", "shard", c.id)
			_ = c.conn.Close() // without a close code, so that the session can be resumed
		}
		return c.dead
	}
	grace := min(interval, ackWithin)
	for wait := rand.N(interval); after(wait); wait = interval - grace { // the first has jitter
		if dead(func() bool { return !c.acked }) {
			return
		}
		c.mu.Lock()
		c.acked, c.heard = false, false
		c.mu.Unlock()
		if c.beat() != nil {
			_ = c.conn.Close() // ends reading as well
			return
		}
		if !after(grace) || dead(func() bool { return !c.acked && !c.heard }) {
			return
		}
	}
}

func (c *connection) beat() error {
	c.mu.Lock()
	seq := c.seq
	c.mu.Unlock()
	if seq == 0 {
		return c.send(opHeartbeat, nil)
	}
	return c.send(opHeartbeat, seq)
}

// versioned adds the version and the encoding to an address of the gateway.
func versioned(address string) string {
	return strings.TrimSuffix(address, "/") + "/?v=10&encoding=json"
}
