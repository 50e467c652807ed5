// Package gateway keeps a bot connected to Discord's gateway
// (discord.com/developers/docs/events/gateway): one connection for each shard, its session
// resumed where Discord allows it, and no more sessions begun than Discord forgives. It
// knows neither the bot nor Discord's REST API: package discord tells it where the gateway
// is, takes the events, and is told how the connections are.
//
//	gateway.go     all shards: where to connect, and when they are over
//	shard.go       one connection after another, and the session that goes on
//	connection.go  one connection: hello, heartbeats, what comes, when it is dead
//	sessions.go    when a session may begin
//	state.go       the state of all shards together
//
// discordgo v0.29.0 has a gateway of its own, which is not used. Its Session.Open hangs for
// ever when Discord answers a resumption with op 7 (github.com/bwmarrin/discordgo/issues/513;
// pull request 1694 mends it and is not merged). Session.onEvent identifies at once and on
// the same connection after op 9, where Discord asks for a pause of one to five seconds and
// may say that the session can be resumed. resume_gateway_url is not read. Session.heartbeat
// needs five intervals, more than three minutes, to notice a dead line. The session's id and
// sequence are not exported, so that nobody else can resume it.
package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"sync"
	"time"

	"frontdesk/adapters/network"
)

// Gateway connects shards. All fields are needed.
type Gateway struct {
	Log     *slog.Logger
	Token   string
	Intents int // the events that are asked for (events/gateway#list-of-intents)
	// Info asks where the gateway is, once: GET gateway/bot. An error that is [Final] ends
	// Run.
	Info func(context.Context) (Info, error)
	// Shards says which shards this process has, of how many, given how many Discord
	// recommends. An error ends Run.
	Shards func(recommended int) (ids []int, of int, err error)
	// Take takes an event on. Those of a shard come in the order in which Discord sends
	// them.
	Take func(kind string, data []byte)
	// Unread is told of a packet that cannot be read.
	Unread func(error)
	// State is told how all shards are together, and why, if they are not ready.
	State func(State, string)
	// Again is told of each session that is resumed, or begun after another one.
	Again func()

	Pause    time.Duration // before the first try again; see network.Backoff
	Identify time.Duration // between new sessions; see IdentifyEvery
	Invalid  time.Duration // the least pause after op 9; see InvalidPause
}

const (
	// IdentifyEvery is how far apart Discord wants new sessions of one process
	// (events/gateway#rate-limiting).
	IdentifyEvery = 5 * time.Second
	// InvalidPause is the least pause that Discord wants after op 9, and a fifth of the
	// longest (events/gateway-events#invalid-session).
	InvalidPause = time.Second
)

// Info is where and how to connect (events/gateway#get-gateway-bot).
type Info struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"` // that Discord recommends
	Limit  Limit  `json:"session_start_limit"`
}

// Limit is how many sessions may be begun.
type Limit struct {
	Total      int `json:"total"`
	Remaining  int `json:"remaining"`
	ResetAfter int `json:"reset_after"` // ms
	AtOnce     int `json:"max_concurrency"`
}

// Final is an error after which trying again would not help.
type Final struct{ Err error }

// Error implements error.
func (f Final) Error() string { return f.Err.Error() }

// Unwrap returns the error itself.
func (f Final) Unwrap() error { return f.Err }

// Closed is the code with which Discord closes a connection
// (topics/opcodes-and-status-codes#gateway-gateway-close-event-codes).
type Closed struct {
	Code int
	Text string
}

// Error implements error.
func (c Closed) Error() string {
	return fmt.Sprintf("the connection was closed: %d %s", c.Code, c.Text)
}

// Run keeps the shards connected until ctx is done, when it returns nil, or until one of
// them can never be connected again.
func (g *Gateway) Run(ctx context.Context) error {
	info, err := g.wait(ctx)
	if err != nil || ctx.Err() != nil {
		return err
	}
	ids, count, err := g.Shards(info.Shards)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	starts := newSessions(g.Identify, min(sparedSessions+len(ids), info.Limit.Remaining))
	all := &states{report: g.State, count: count, byShard: map[int]shardState{}}
	var running sync.WaitGroup
	failed := make(chan error, len(ids))
	for _, id := range ids {
		sh := &shard{Gateway: g, id: id, count: count, address: info.URL, starts: starts, states: all}
		all.set(id, Connecting, "")
		running.Go(func() {
			if err := sh.run(ctx); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	running.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// askAgain is how often Discord is asked whether it allows new sessions again: it
// may do so sooner than it has said.
const askAgain = time.Minute

// wait waits until Discord says where the gateway is and allows a session. It returns no
// error when ctx is done.
func (g *Gateway) wait(ctx context.Context) (Info, error) {
	var until time.Time // no session is allowed
	for try := 0; ; try++ {
		info, err := g.Info(ctx)
		pause := network.Backoff(g.Pause, try)
		switch {
		case err == nil && info.Limit.Remaining > 0:
			return info, nil
		case err == nil: // a day's worth of sessions is used up
			left := time.Duration(info.Limit.ResetAfter) * time.Millisecond
			if end := time.Now().Add(left); end.Sub(until).Abs() > askAgain { // else it is the same one
				until = end
			}
			g.State(Down, fmt.Sprintf("Discord allows no new session until %s (session_start_limit)", at(until)))
			pause = max(min(left, askAgain), pause)
		case isFinal(err):
			return info, err
		default:
			g.State(Down, fmt.Sprintf("not connected to Discord: %v", err))
		}
		if network.Sleep(ctx, pause) != nil {
			return info, nil
		}
	}
}

// at is a time as states say it, in UTC.
func at(t time.Time) string { return t.UTC().Format(time.RFC3339) }
