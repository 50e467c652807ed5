package discord

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"net/http"
	"runtime"
	"slices"
	"sync"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"

	"github.com/gorilla/websocket"
	"golang.org/x/time/rate"
)

// The gateway (discord.com/developers/docs/events/gateway).
const (
	maxFrame    = 16 << 20 // bytes; a longer message cuts the connection
	writeWithin = 5 * time.Second
	dialWithin  = 15 * time.Second
	readyWithin = 2 * time.Minute // after it was asked for; a resumed session first brings what was missed
	// stableAfter is how long a connection must have lived to be no part of
	// the trouble before it.
	stableAfter = time.Minute
	// longestInterval is the longest one that is believed, in ms.
	longestInterval = 10 * 60 * 1000
	// keepSession closes a connection so that its session can be resumed:
	// with 1000 or 1001 Discord would end it.
	keepSession = 4000
	// intents are the events that are asked for: messages in servers, of which
	// those that mention the bot come with their words, and direct messages.
	intents = 1<<9 | 1<<12
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

// finalCodes are the close codes after which trying again would not help
// (topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
var finalCodes = map[int]string{
	4004: "the token is refused (4004); " + badToken,
	4010: "the shard is refused (4010): check FRONTDESK_DISCORD_SHARDS and FRONTDESK_DISCORD_SHARD_COUNT",
	4011: "the bot is in too many servers for so few shards (4011): raise FRONTDESK_DISCORD_SHARD_COUNT, or set it to auto",
	4012: "the gateway's version is no longer served (4012): update frontdesk",
	4013: "the intents are not known (4013): update frontdesk",
	4014: "the intents are not allowed (4014): they are none that need to be switched on, so check that DISCORD_BOT_TOKEN is a bot's",
}

// newSessionCodes are the close codes after which a session cannot be resumed.
var newSessionCodes = map[int]bool{4007: true, 4009: true}

// finalError ends the adapter: trying again would not help.
type finalError struct{ error }

func (e finalError) Unwrap() error { return e.error }

// serveGateway keeps the shards connected until ctx is done or one of them can
// never be connected again.
func (s *session) serveGateway(ctx context.Context) error {
	info, err := s.gatewayInfo(ctx)
	if err != nil {
		return err
	}
	count := cmp.Or(s.settings.ShardCount, info.Shards)
	ids := s.settings.Shards
	if len(ids) == 0 {
		for i := range count {
			ids = append(ids, i)
		}
	}
	if last := slices.Max(ids); last >= count {
		return finalError{fmt.Errorf("there is no shard %d of %d: check FRONTDESK_DISCORD_SHARDS and FRONTDESK_DISCORD_SHARD_COUNT", last, count)}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	starts := newIdentifies(s.timing.identify, min(sparedSessions+len(ids), info.Limit.Remaining))
	states := &shardStates{session: s, phases: map[int]bot.State{}}
	var all sync.WaitGroup
	failed := make(chan error, len(ids))
	for _, id := range ids {
		sh := &shard{session: s, id: id, count: count, address: info.URL, starts: starts, states: states}
		states.set(id, bot.Connecting, "")
		all.Go(func() {
			if err := sh.run(ctx); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// gatewayInfo asks for the gateway, for as long as it takes.
func (s *session) gatewayInfo(ctx context.Context) (gatewayInfo, error) {
	for try := 0; ; try++ {
		info, err := s.client.gateway(ctx)
		switch {
		case err == nil && info.Limit.Remaining > 0:
			return info, nil
		case err == nil: // a day's worth of sessions is used up
			wait := time.Duration(info.Limit.ResetAfter) * time.Millisecond
			s.health.Connection(bot.Degraded, fmt.Sprintf("Discord allows no new session for %v", wait))
			err = adapters.Sleep(ctx, max(wait, s.client.Backoff(try)))
		case judge(err, true).Fate == adapters.Refused:
			return info, finalError{err}
		default:
			s.health.Connection(bot.Degraded, fmt.Sprintf("not connected to Discord: %v", err))
			err = adapters.Sleep(ctx, s.client.Backoff(try))
		}
		if err != nil || ctx.Err() != nil {
			return info, ctx.Err()
		}
	}
}

// identifies spaces the beginnings of sessions: Discord allows one in five
// seconds and a thousand a day, and takes the token away from who begins more.
type identifies struct {
	pace *rate.Limiter
	day  *rate.Limiter
}

// Some sessions may be begun at once; after that, so few that a day's worth does
// not reach Discord's thousand.
const (
	sparedSessions = 50
	sessionEvery   = 100 * time.Second
)

func newIdentifies(pace time.Duration, spared int) *identifies {
	return &identifies{rate.NewLimiter(rate.Every(pace), 1), rate.NewLimiter(rate.Every(sessionEvery), max(1, spared))}
}

func (i *identifies) wait(ctx context.Context) error {
	if err := i.day.Wait(ctx); err != nil {
		return err
	}
	return i.pace.Wait(ctx)
}

// shardStates joins the states of the shards to one.
type shardStates struct {
	*session
	mu     sync.Mutex
	phases map[int]bot.State
}

func (st *shardStates) set(id int, phase bot.Phase, why string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.phases[id] = bot.State{Phase: phase, Why: why}
	worst := bot.State{Phase: bot.Ready}
	for _, id := range slices.Sorted(maps.Keys(st.phases)) {
		if state := st.phases[id]; badness[state.Phase] > badness[worst.Phase] {
			worst = state
		}
	}
	st.health.Connection(worst.Phase, worst.Why)
}

// badness orders phases for shards: of all together the worst counts.
var badness = map[bot.Phase]int{bot.Ready: 0, bot.Connecting: 1, bot.Degraded: 2, bot.Failed: 3}

// shard is one connection to the gateway after another, and the session that is
// carried on from one to the next.
type shard struct {
	*session
	id, count int
	address   string
	starts    *identifies
	states    *shardStates

	sessionID string // "" if there is none to resume
	resumeURL string
	sequence  int64
	readyAt   time.Time // of the newest connection; zero if it was never ready
}

// run keeps the shard connected.
func (sh *shard) run(ctx context.Context) error {
	for failures := 0; ; {
		sh.readyAt = time.Time{}
		had := sh.sessionID != ""
		err := sh.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		var final finalError
		if errors.As(err, &final) {
			sh.states.set(sh.id, bot.Failed, err.Error())
			return err
		}
		if !sh.readyAt.IsZero() && time.Since(sh.readyAt) > stableAfter {
			failures = 0
		}
		sh.states.set(sh.id, bot.Degraded, fmt.Sprintf("not connected to Discord: %v", err))
		if had && sh.sessionID == "" {
			sh.log.Warn("a session could not be resumed; what was said meanwhile is not answered", "shard", sh.id, "because", err)
		}
		if adapters.Sleep(ctx, sh.client.Backoff(failures)) != nil {
			return nil
		}
		failures++
	}
}

// packet is what goes over the connection.
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
	acked bool // the last heartbeat was heard
	seq   int64
}

func (c *connection) send(op int, data any) error {
	c.writing.Lock()
	defer c.writing.Unlock()
	_ = c.conn.SetWriteDeadline(time.Now().Add(writeWithin)) // fails only on a closed connection
	return c.conn.WriteJSON(map[string]any{"op": op, "d": data})
}

// close ends the connection so that its session can be resumed.
func (c *connection) close(code int) {
	_ = c.conn.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, ""), time.Now().Add(time.Second))
	_ = c.conn.Close() // it is over either way
}

// connect opens a connection and reads it until it ends.
func (sh *shard) connect(ctx context.Context) error {
	address := sh.address
	if sh.sessionID != "" {
		address = cmp.Or(sh.resumeURL, address)
	}
	if sh.sessionID == "" { // before there is a connection that wants heartbeats
		if err := sh.starts.wait(ctx); err != nil {
			return err
		}
	}
	dial, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialWithin}
	conn, _, err := dialer.DialContext(dial, gatewayAddress(address), nil)
	if err != nil {
		sh.resumeURL = "" // the next try goes to the common address, which may have moved
		if info, e := sh.client.gateway(dial); e == nil && info.URL != "" {
			sh.address = info.URL
		}
		return fmt.Errorf("open the connection: %w", adapters.WithoutSecrets(err))
	}
	conn.SetReadLimit(maxFrame)
	c := &connection{shard: sh, conn: conn, acked: true, seq: sh.sequence}
	defer func() { sh.sequence = c.seq }()
	defer conn.Close()
	defer context.AfterFunc(ctx, func() { _ = conn.SetReadDeadline(time.Now().Add(time.Second)) })() // for the close to be said

	_ = conn.SetReadDeadline(time.Now().Add(dialWithin))
	hello, err := c.read()
	if err != nil {
		return err
	}
	var h struct {
		Interval int64 `json:"heartbeat_interval"` // ms
	}
	if err := json.Unmarshal(hello.Data, &h); err != nil || hello.Op != opHello || h.Interval <= 0 || h.Interval > longestInterval {
		return errors.New("the gateway does not say hello")
	}
	interval := time.Duration(h.Interval) * time.Millisecond
	if err := c.begin(); err != nil {
		return err
	}
	began := time.Now()
	stop := make(chan struct{})
	var beats sync.WaitGroup
	beats.Go(func() { c.heartbeat(ctx, interval, stop) })
	defer beats.Wait()
	defer close(stop)
	for {
		// Heartbeats are answered: no sign of life for two is a dead line.
		_ = conn.SetReadDeadline(time.Now().Add(2 * interval))
		p, err := c.read()
		if err != nil {
			return err
		}
		if err := c.handle(ctx, p); err != nil {
			c.close(keepSession)
			return err
		}
		if sh.readyAt.IsZero() && time.Since(began) > readyWithin {
			c.close(keepSession)
			return errors.New("the gateway answers but begins no session")
		}
	}
}

// begin resumes the session, or begins a new one.
func (c *connection) begin() error {
	if c.sessionID != "" {
		return c.send(opResume, map[string]any{"token": c.settings.BotToken, "session_id": c.sessionID, "seq": c.seq})
	}
	c.mu.Lock()
	c.seq = 0
	c.mu.Unlock()
	return c.send(opIdentify, map[string]any{
		"token": c.settings.BotToken, "intents": intents, "shard": [2]int{c.id, c.count},
		"properties": map[string]string{"os": runtime.GOOS, "browser": "frontdesk", "device": "frontdesk"},
	})
}

// read reads one packet. What cannot be read is logged and passed over.
func (c *connection) read() (packet, error) {
	for {
		_, data, err := c.conn.ReadMessage()
		var closed *websocket.CloseError
		if errors.As(err, &closed) {
			if why, ok := finalCodes[closed.Code]; ok {
				return packet{}, finalError{errors.New(why)}
			}
			if newSessionCodes[closed.Code] {
				c.sessionID = ""
			}
			return packet{}, fmt.Errorf("the connection was closed: %d %s", closed.Code, closed.Text)
		}
		if err != nil {
			return packet{}, fmt.Errorf("the connection was cut: %w", err)
		}
		var p packet
		if err := json.Unmarshal(data, &p); err != nil {
			c.unread("", fmt.Errorf("read a packet: %w", err))
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

// handle does what a packet asks for. An error ends the connection.
func (c *connection) handle(ctx context.Context, p packet) error {
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
		return errors.New("a new connection is asked for (op 7)")
	case opInvalidSession:
		resumable := false
		_ = json.Unmarshal(p.Data, &resumable) // anything else is no
		if !resumable {
			c.sessionID = ""
		}
		// Discord asks for a random pause of one to five seconds.
		if err := adapters.Sleep(ctx, c.timing.invalid+rand.N(4*c.timing.invalid)); err != nil {
			return err
		}
		return errors.New("the session is invalid (op 9)")
	}
	return nil
}

func (c *connection) dispatch(p packet) {
	switch p.Type {
	case "READY":
		var r struct {
			User      user   `json:"user"`
			Session   string `json:"session_id"`
			ResumeURL string `json:"resume_gateway_url"`
		}
		if err := json.Unmarshal(p.Data, &r); err != nil {
			c.unread("", fmt.Errorf("read READY: %w", err))
			return
		}
		if c.sessionID != "" || !c.readyAt.IsZero() {
			c.monitor.Happened(bot.Reconnected)
		}
		c.sessionID, c.resumeURL = r.Session, r.ResumeURL
		if r.User.ID != "" {
			c.me.Store(r.User.ID)
		}
		c.readyAt = time.Now()
		c.states.set(c.id, bot.Ready, "")
		c.log.Info("connected", "shard", c.id, "of", c.count)
	case "RESUMED":
		c.monitor.Happened(bot.Reconnected)
		c.readyAt = time.Now()
		c.states.set(c.id, bot.Ready, "")
		c.log.Info("resumed", "shard", c.id)
	default:
		c.take(p.Type, p.Data)
	}
}

// heartbeat sends heartbeats, and ends the connection when one was not heard or
// ctx is done.
func (c *connection) heartbeat(ctx context.Context, interval time.Duration, stop <-chan struct{}) {
	wait := rand.N(interval) // so that not all bots beat at once
	for {
		timer := time.NewTimer(wait)
		select {
		case <-stop:
			timer.Stop()
			return
		case <-ctx.Done():
			timer.Stop()
			c.close(websocket.CloseNormalClosure)
			return
		case <-timer.C:
		}
		wait = interval
		c.mu.Lock()
		heard := c.acked
		c.acked = false
		c.mu.Unlock()
		if !heard {
			c.log.Warn("a heartbeat was not heard", "shard", c.id)
			_ = c.conn.Close() // with no code: the session is to be resumed
			return
		}
		if c.beat() != nil {
			_ = c.conn.Close() // so that the reader notices as well
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
