// Package socketmode keeps a bot connected to Slack's Socket Mode
// (docs.slack.dev/apis/events-api/using-socket-mode): one connection after another, the
// next one open before Slack ends the last, and every envelope acknowledged once it has
// been taken on. It knows neither the bot nor Slack's Web API: package slack gives it the
// addresses, takes the envelopes, and is told how the connection is.
//
//	socketmode.go  when to connect, and how often
//	connection.go  one connection: what comes, what is acknowledged, when it is dead
//	state.go       the state of all open connections together
//
// slack-go v0.35.0 has a package for it, socketmode, which is not used. Its Client.run
// returns when Slack sends disconnect, closes the connection and only then opens the next
// one, so that there is none for a moment every few hours; the reason that Slack gives is
// dropped (errorRequestedDisconnect), so that link_disabled, after which no try can
// succeed, is tried for ever. Client.connect waits up to five minutes after longer trouble
// and without jitter. Its handlers run in goroutines that nobody counts, and an event that
// it cannot read into a type of its own is not acknowledged
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
	// PingEvery is between our pings; Slack sends its own as well.
	PingEvery = 10 * time.Second
	// SilentAfter is after how long without a sign of life a connection is dead.
	SilentAfter = 30 * time.Second
	// FadeAfter is how long a connection that Slack is about to end counts as one that
	// serves: Slack warns about ten seconds before.
	FadeAfter = 10 * time.Second
)

const (
	maxFrame    = 16 << 20 // bytes; a longer message cuts the connection
	writeWithin = 5 * time.Second
	dialWithin  = 15 * time.Second
	// stableAfter is how long a connection must have lived to be no part of
	// the trouble before it.
	stableAfter = time.Minute
	// overlap is how long a connection that Slack is about to close may still
	// bring events while its successor is there.
	overlap = 30 * time.Second
)

// Envelope is what Slack wraps everything in.
type Envelope struct {
	Type    string          `json:"type"` // such as events_api
	ID      string          `json:"envelope_id"`
	Reason  string          `json:"reason"` // of a disconnect
	Payload json.RawMessage `json:"payload"`
}

// Client connects to Socket Mode. All fields are needed.
type Client struct {
	Log *slog.Logger
	// Open asks Slack for the address of a connection, once: apps.connections.open. An
	// error that is [Final] ends Run.
	Open func(context.Context) (address string, err error)
	// Take takes an envelope on. It returns what is to be done with it once it is
	// acknowledged, or nil if it is not to be acknowledged, so that Slack brings it again.
	// Envelopes of one connection come in the order in which Slack sends them.
	Take func(Envelope) (start func())
	// Unread is told of an envelope that cannot be read; it is acknowledged all the same.
	Unread func(error)
	// State is told how the connections are, and why, if that is new.
	State func(State, error)
	// Again is told of each connection but the first that Slack says hello on.
	Again func()

	Pause  time.Duration // before the first try again; see network.Backoff
	Ping   time.Duration // PingEvery
	Silent time.Duration // SilentAfter
	Fade   time.Duration // FadeAfter
}

// Final is an error after which trying again would not help.
type Final struct{ Err error }

// Error implements error.
func (f Final) Error() string { return f.Err.Error() }

// Unwrap returns the error itself.
func (f Final) Unwrap() error { return f.Err }

// Disconnect is Slack's reason for ending a connection.
type Disconnect string

// Error implements error.
func (d Disconnect) Error() string { return "Slack ended the connection: " + string(d) }

// Run keeps a connection until ctx is done, when it returns nil, or until an error that is
// [Final].
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
			if failures == 0 { // the old one still serves; only not all bots at once
				pause = rand.N(c.Pause/4 + 1)
			}
		}
		if network.Sleep(ctx, pause) != nil {
			return nil
		}
	}
}

// connect asks Slack for an address and opens a connection to it. It tries once;
// Run waits between the tries.
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
