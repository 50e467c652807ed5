// Package gateway keeps a bot connected to Discord's gateway
// (discord.com/developers/docs/events/gateway). It keeps one connection for each shard,
// resumes its session where Discord allows it, and observes Discord's limit of new
// sessions. It knows neither package bot nor Discord's REST API: package discord passes it
// the gateway's address, accepts the events and receives the state.
//
//	gateway.go     all shards: where to connect, and which errors are final
//	shard.go       one shard: reconnecting, backoff, and the session to resume
//	connection.go  one connection: hello, heartbeats, reading, timeouts
//	sessions.go    how many sessions may start, and how often
//	state.go       the state of all shards together
//
// discordgo v0.29.0 has a gateway of its own, which is not used. Its Session.Open hangs for
// ever when Discord responds to a resume with op 7 (github.com/bwmarrin/discordgo/issues/513;
// pull request 1694 mends it and is not merged). After op 9, Session.onEvent identifies at
// once and on the same connection, where Discord asks for a new connection and may say that
// the session can be resumed. It ignores resume_gateway_url. Session.heartbeat needs five
// intervals, more than three minutes, to detect a dead connection. The session's id and
// sequence are not exported, so that other code cannot resume it.
package gateway

import (
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"frontdesk/adapters/network"
)

// Gateway connects shards. All fields are needed.
type Gateway struct {
	Log     *slog.Logger
	Token   string
	Intents int // the events to subscribe to (events/gateway#list-of-intents)
	// Info asks for the gateway's address and how many sessions may start (GET
	// gateway/bot), without retries. It is called before each session. A [Final] error of
	// the first call ends Run.
	Info func(context.Context) (Info, error)
	// Shards returns the shards of this process and their total number; recommended is
	// the number that Discord recommends. An error ends Run.
	Shards func(recommended int) (ids []int, of int, err error)
	// Take accepts an event. It is called in the order in which Discord sends the events
	// of a shard.
	Take func(kind string, data []byte)
	// Unread is called for a packet that cannot be decoded.
	Unread func(error)
	// State is called with the state of all shards together and, unless that is Ready,
	// its reason and what becomes of the messages in the meantime.
	State func(State, string)
	// Again is called for each session that is resumed, or new but not a shard's first.
	Again func()

	Pause    time.Duration // before the first retry; see network.Backoff
	Identify time.Duration // between new sessions; see IdentifyEvery
	Invalid  time.Duration // between op 9 and a new session, at least; see InvalidPause
}

const (
	// IdentifyEvery is the interval that Discord asks for between the IDENTIFYs of one
	// bucket of shards (events/gateway#max-concurrency).
	IdentifyEvery = 5 * time.Second
	// InvalidPause is the shortest time between op 9 and an IDENTIFY; the longest is half
	// as much again. Discord's documentation asked for a random time between one and five
	// seconds, so that bots which lost their sessions together do not return together
	// (github.com/discord/discord-api-docs/issues/313). Today it asks for none
	// (events/gateway#preparing-to-resume).
	InvalidPause = time.Second
)

// Info is where and how to connect (events/gateway#get-gateway-bot).
type Info struct {
	URL    string `json:"url"`
	Shards int    `json:"shards"` // that Discord recommends
	Limit  Limit  `json:"session_start_limit"`
}

// Limit is how many sessions may be started.
type Limit struct {
	Total      int `json:"total"`
	Remaining  int `json:"remaining"`
	ResetAfter int `json:"reset_after"`     // ms
	AtOnce     int `json:"max_concurrency"` // in five seconds, one for each bucket of shards
}

// Final is an error that a retry cannot mend.
type Final struct{ Err error }

// Error implements error.
func (f Final) Error() string { return f.Err.Error() }

// Unwrap returns Err.
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

// Run keeps the shards connected until ctx is done, when it returns nil, or until a
// [Final] error of one of them.
func (g *Gateway) Run(ctx context.Context) error {
	none := func() int { return 0 }
	info, err := g.wait(ctx, Info{}, none, func(why string) { g.State(Down, why) })
	if err != nil || ctx.Err() != nil {
		return err
	}
	ids, count, err := g.Shards(info.Shards)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	starts := newSessions(g.Identify, len(ids), info)
	all := &states{report: g.State, count: count, byShard: map[int]shardState{}}
	var running sync.WaitGroup
	failed := make(chan error, len(ids))
	for _, id := range slices.Sorted(slices.Values(ids)) { // the buckets start in this order
		sh := &shard{
			Gateway: g, id: id, count: count, address: info.URL, starts: starts, turn: starts.queue(id), states: all,
		}
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

const (
	// askAgain is how often to ask whether Discord allows new sessions again, since it may
	// do so before the time that it announced.
	askAgain = time.Minute
	// askWithin is how long a shard that knows an address waits for Discord's response,
	// since people wait meanwhile.
	askWithin = 3 * time.Second
)

// wait waits until Discord responds with the gateway's address and allows more sessions
// than were taken since. If Discord does not respond, it returns what is known, unless that
// allows no session either. It returns no error when ctx is done.
func (g *Gateway) wait(ctx context.Context, known Info, taken func() int, tell func(why string)) (Info, error) {
	var until time.Time // no session is allowed
	for try := 0; ; try++ {
		info, err := g.ask(ctx, known)
		pause := network.Backoff(g.Pause, try)
		switch {
		case err == nil && info.Limit.Remaining > taken():
			return info, nil
		case err == nil: // the sessions of the day are used up
			left := time.Duration(info.Limit.ResetAfter) * time.Millisecond
			if end := time.Now().Add(left); end.Sub(until).Abs() > askAgain { // else the time is the same
				until = end
			}
			tell(fmt.Sprintf("Discord allows no new session until %s (session_start_limit)", at(until)))
			pause = max(min(left, askAgain), pause)
		case known.Limit.Remaining > 0 && until.IsZero():
			g.Log.Warn("not known whether Discord allows a new session; starting one", "because", err)
			return known, nil
		case known.URL == "" && isFinal(err):
			return info, err
		case until.IsZero():
			tell(fmt.Sprintf("not connected to Discord: %v", err))
		}
		if network.Sleep(ctx, pause) != nil {
			return info, nil
		}
	}
}

// ask asks for the gateway's address, with a short timeout if one is known.
func (g *Gateway) ask(ctx context.Context, known Info) (Info, error) {
	if known.URL != "" {
		within, cancel := context.WithTimeout(ctx, askWithin)
		defer cancel()
		ctx = within
	}
	return g.Info(ctx)
}

// at formats a time for a state, in UTC.
func at(t time.Time) string { return t.UTC().Format(time.RFC3339) }
