// Package socketmode keeps a bot connected to Slack's Socket Mode
// (docs.slack.dev/apis/events-api/using-socket-mode). It opens the next connection before
// Slack closes the last, and acknowledges each envelope that was accepted. It knows
// neither package bot nor Slack's Web API: package slack passes it the addresses, accepts
// the envelopes and receives the state.
//
//	socketmode.go  when to connect, with backoff
//	connection.go  one connection: reading, acknowledging, pings and timeouts
//	state.go       the state of all open connections together
//
// slack-go v0.35.0 has a package socketmode, which is not used. Its Client.run returns
// when Slack sends disconnect, closes the connection and only then opens the next one, so
// that there is none for a moment every few hours. It drops the reason that Slack gives
// (errorRequestedDisconnect), so that it reconnects for ever after link_disabled, when no
// try can succeed. Client.connect backs off up to five minutes, without jitter. Its
// handlers run in goroutines that nobody waits for, and an event that it cannot decode
// into a type of its own is not acknowledged
// (github.com/slack-go/slack/issues/1345 is about the three seconds that Slack allows).
package socketmode

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"
	"time"

	"frontdesk/adapters/network"

	"github.com/gorilla/websocket"
)

// The defaults of a [Client].
const (
	// PingEvery is the time between our pings; Slack sends pings as well.
	PingEvery = 10 * time.Second
	// SilentAfter is the read timeout: a connection without data, pings or pongs for so
	// long is dead.
	SilentAfter = 30 * time.Second
	// FadeAfter is how long a connection still counts as open after Slack announced that
	// it will close it: Slack does so about ten seconds before.
	FadeAfter = 10 * time.Second
)

const (
	maxFrame    = 16 << 20 // bytes; a longer message ends the connection
	writeWithin = 5 * time.Second
	dialWithin  = 15 * time.Second
	// stableAfter is how long a connection must have lasted for the backoff to start
	// again from the first pause.
	stableAfter = time.Minute
	// overlap is how long a connection is read after a successor was requested.
	overlap = 30 * time.Second
)

// Envelope is the outer object of every message from Slack.
type Envelope struct {
	Type    string          `json:"type"` // such as events_api
	ID      string          `json:"envelope_id"`
	Reason  string          `json:"reason"` // of a disconnect
	Payload json.RawMessage `json:"payload"`
	Tries   int             `json:"retry_attempt"` // before this one
	// Connections is how many the app has, as a hello says.
	Connections int `json:"num_connections"`
}

// Client connects to Socket Mode. All fields up to Fade are needed.
type Client struct {
	Log *slog.Logger
	// Open asks Slack for the address of a connection (apps.connections.open), without
	// retries. A [Final] error ends Run.
	Open func(context.Context) (address string, err error)
	// Take accepts an envelope. It returns a function to call after the envelope is
	// acknowledged, or nil if it must not be acknowledged, so that Slack sends it again.
	// It is called in the order in which Slack sends the envelopes of a connection.
	Take func(Envelope) (start func())
	// Unread is called for an envelope that cannot be decoded, which is acknowledged.
	Unread func(error)
	// State is called with the state of the connections and its reason, which may be nil.
	State func(State, error)
	// Again is called for each hello after the first: the bot has reconnected.
	Again func()

	Pause  time.Duration // before the first retry; see network.Backoff
	Ping   time.Duration // see PingEvery
	Silent time.Duration // see SilentAfter
	Fade   time.Duration // see FadeAfter

	// Shared says that other processes of the app are connected on purpose.
	Shared bool
}

// Final is an error that a retry cannot mend.
type Final struct{ Err error }

// Error implements error.
func (f Final) Error() string { return f.Err.Error() }

// Unwrap returns Err.
func (f Final) Unwrap() error { return f.Err }

// Disconnect is Slack's reason for closing a connection.
type Disconnect string

// tooMany is the reason if the app has ten connections already
// (docs.slack.dev/apis/events-api/using-socket-mode).
const tooMany Disconnect = "too_many_websockets"

// Error implements error.
func (d Disconnect) Error() string {
	why := "Slack ended the connection: " + string(d)
	if d == tooMany {
		why += ": ten are open already; stop other processes that use this app-level token"
	}
	return why
}

// Run stays connected until ctx is done, when it returns nil, or until a [Final] error.
func (c *Client) Run(ctx context.Context) error {
	all := &connections{report: c.State, open: map[*connection]stage{}}
	var serving sync.WaitGroup
	defer serving.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	for failures := 0; ; failures++ {
		started := time.Now()
		conn, err := c.connect(ctx)
		if err == nil {
			one := &connection{Client: c, all: all, conn: conn, needed: make(chan struct{})}
			all.ours.Add(1)
			serving.Go(func() { one.serve(ctx) })
			select {
			case <-one.needed:
				err = one.why
			case <-ctx.Done():
			}
		}
		if ctx.Err() != nil {
			return nil
		}
		if errors.As(err, new(Final)) {
			return err
		}
		if conn == nil {
			all.refused(err)
		}
		if time.Since(started) > stableAfter {
			failures = 0
		}
		pause := network.Backoff(c.Pause, failures)
		if asked := Disconnect(""); errors.As(err, &asked) {
			c.Log.Info("Slack asks for a new connection", "reason", string(asked))
			if failures == 0 { // the old one is still open; only jitter is needed
				pause = rand.N(c.Pause/4 + 1)
			}
		}
		if network.Sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// connect asks Slack for an address and opens a connection to it, without retries.
func (c *Client) connect(ctx context.Context) (*websocket.Conn, error) {
	address, err := c.Open(ctx)
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithTimeout(ctx, dialWithin)
	defer cancel()
	dialer := websocket.Dialer{Proxy: http.ProxyFromEnvironment, HandshakeTimeout: dialWithin}
	conn, _, err := dialer.DialContext(ctx, address, nil)
	if err != nil {
		return nil, fmt.Errorf("open the connection: %w", network.WithoutSecrets(err))
	}
	return conn, nil
}
