package discord

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestAtOnce checks that the bot is connected again at once after each way in which Discord
// ends a connection, and that the state says what becomes of the messages in between.
func TestAtOnce(t *testing.T) {
	t.Parallel()
	const replayed, lost = "messages in between are replayed", "messages in between are lost"
	send := func(packet string) func(*house) { return func(h *house) { h.Send(h.t, packet) } }
	closed := func(code int) func(*house) { return func(h *house) { h.CloseSockets(h.t, code) } }
	for name, c := range map[string]struct {
		end    func(*house)
		greet  []adaptertest.Greeting // in response to the resume
		resume bool
		phase  bot.Phase
		why    string
	}{
		"op 7":       {send(`{"op":7,"d":null}`), nil, true, bot.Connecting, replayed},
		"op 7 twice": {send(`{"op":7,"d":null}`), []adaptertest.Greeting{{Op: 7}}, true, bot.Connecting, replayed},
		"op 7 instead of a hello": {func(h *house) {
			h.Hello(`{"op":7,"d":null}`)
			h.cut()
		}, nil, true, bot.Connecting, replayed},
		"op 9 true": {send(`{"op":9,"d":true}`), nil, true, bot.Down, replayed},
		"op 9 true, in response": {
			(*house).cut, []adaptertest.Greeting{{Op: 9, Data: "true"}}, true, bot.Down, replayed,
		},
		"op 9 false": {send(`{"op":9,"d":false}`), nil, false, bot.Down, lost},
		"op 9 false, in response": {
			(*house).cut, []adaptertest.Greeting{{Op: 9, Data: "false"}}, false, bot.Down, lost,
		},
		"close 4000":      {closed(4000), nil, true, bot.Down, replayed},
		"close 4007":      {closed(4007), nil, false, bot.Down, lost},
		"close 4009":      {closed(4009), nil, false, bot.Down, lost},
		"no close packet": {(*house).cut, nil, true, bot.Down, replayed},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house, _ *Settings) {
				if h.adapter != nil {
					h.adapter.timing.pause = 10 * time.Second // a backoff of at least half of it would be seen
				}
			})
			at := h.awaitState(0, bot.Ready, "")
			h.Greet(c.greet...)
			start := time.Now()
			c.end(h)
			at = h.awaitState(at, c.phase, c.why)
			h.awaitState(at, bot.Ready, "")
			if took := time.Since(start); took > 4*time.Second {
				t.Errorf("connected after %v", took)
			}
			all := h.Starts()
			if last := all[len(all)-1]; last.Resume != c.resume || len(all) != 2+len(c.greet) {
				t.Errorf("sessions: %+v", all)
			}
		})
	}
}

// TestOpenWhileWaiting checks that a shard that waits before it starts a session is
// connected already, reads and sends heartbeats.
func TestOpenWhileWaiting(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		h.Beat = 50 * time.Millisecond
		if h.adapter != nil {
			h.adapter.timing.invalid = 400 * time.Millisecond
		}
	})
	at := h.awaitState(0, bot.Ready, "")
	h.Send(t, `{"op":9,"d":false}`)
	at = h.awaitState(at, bot.Down, "tries again at 20")
	waits := time.Now()
	h.awaitState(at, bot.Ready, "")
	s := h.Starts()
	beats := slices.DeleteFunc(h.Calls("heartbeat"), func(c adaptertest.Call) bool {
		return c.At.Before(waits) || c.At.After(s[len(s)-1].At)
	})
	if len(s) != 2 || s[1].Resume || len(beats) == 0 {
		t.Errorf("%d heartbeats before the last of the sessions %+v", len(beats), s)
	}
}

// sayLimit sets the response of GET /gateway/bot
// (discord.com/developers/docs/events/gateway#get-gateway-bot).
func (h *house) sayLimit(remaining, resetAfter, maxConcurrency int) {
	h.Say("gateway/bot", fmt.Sprintf(
		`{"url":%q,"shards":1,"session_start_limit":{"total":1000,"remaining":%d,"reset_after":%d,"max_concurrency":%d}}`,
		"ws"+strings.TrimPrefix(h.API(), "http")+"/gw/first", remaining, resetAfter, maxConcurrency))
}

// TestIdentifyInterval checks that no session starts too soon after the one before in its
// bucket, of which there are max_concurrency, and that the buckets do not wait for each
// other.
func TestIdentifyInterval(t *testing.T) {
	t.Parallel()
	const every, buckets = 500 * time.Millisecond, 2
	const late = 100 * time.Millisecond // what a busy machine may take to deliver a packet
	h := open(t, false, func(h *house, s *Settings) {
		h.sayLimit(900, 0, buckets)
		s.ShardCount = 5
		if h.adapter != nil {
			h.adapter.timing.identify = every
		}
	})
	h.awaitState(0, bot.Ready, "")
	h.Await(t, "the sessions", func() bool { return len(h.Starts()) == 5 })
	h.Send(t, `{"op":9,"d":false}`) // then its bucket waits again
	h.Await(t, "another session", func() bool { return len(h.Starts()) == 6 })
	last := map[int]time.Time{}
	var first [buckets]time.Time
	for i, s := range h.Starts() {
		key := s.Shard[0] % buckets
		if gap := s.At.Sub(last[key]); gap < every-late {
			t.Errorf("session %d of shard %d comes %v after the one before", i, s.Shard[0], gap)
		}
		if last[key].IsZero() {
			first[key] = s.At
		}
		last[key] = s.At
	}
	if apart := first[1].Sub(first[0]).Abs(); apart > every {
		t.Errorf("the first sessions of two buckets start %v apart", apart)
	}
}

// TestNoSessionLeft checks that GET /gateway/bot is read before each session, and that
// none starts while it says that none remains.
func TestNoSessionLeft(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) { h.sayLimit(2, 0, 1) })
	at := h.awaitState(0, bot.Ready, "")
	h.sayLimit(0, 100, 1)
	asked := len(h.Calls("GET gateway"))
	h.Send(t, `{"op":9,"d":false}`)
	at = h.awaitState(at, bot.Down, "Discord allows no new session until 20")
	h.Await(t, "more questions", func() bool { return len(h.Calls("GET gateway")) >= asked+3 })
	if n := len(h.Starts()); n != 1 {
		t.Errorf("%d sessions, of which one was allowed", n)
	}
	h.sayLimit(1, 0, 1)
	at = h.awaitState(at, bot.Ready, "")
	h.sayLimit(2, 0, 1)
	h.Send(t, `{"op":9,"d":false}`)
	at = h.awaitState(at, bot.Ready, "")
	// If Discord does not respond, the newest response counts.
	h.Fail("GET gateway", adaptertest.Fault{Status: 503, Always: true})
	h.CloseSockets(t, 4009)
	at = h.awaitState(at, bot.Ready, "")
	h.CloseSockets(t, 4009)
	h.awaitState(at, bot.Down, "not connected to Discord: GET gateway/bot")
	if n := len(h.Starts()); n != 4 {
		t.Errorf("%d sessions, of which four were allowed", n)
	}
}
