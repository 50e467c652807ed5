package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestNoticed checks that the state reports what prevents answers, and its end, without
// a question.
func TestNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		http  bool
		wreck func(h *house)
		phase bot.Phase
		why   string
		mend  func(h *house)
	}{
		"revoked over HTTP": {
			true, func(h *house) { h.Fail("GET me", adaptertest.Fault{Status: 401, Always: true}) }, bot.Down,
			"DISCORD_BOT_TOKEN",
			func(h *house) { h.Heal("GET me") },
		},
		"revoked for REST, on the gateway": {
			false, func(h *house) { h.Fail("GET me", adaptertest.Fault{Status: 401, Always: true}) }, bot.Down,
			"DISCORD_BOT_TOKEN",
			func(h *house) { h.Heal("GET me") },
		},
		"Discord is gone, over HTTP": {
			true, func(h *house) { h.Gone(true) }, bot.Down, "Discord does not take calls",
			func(h *house) { h.Gone(false) },
		},
		"Discord is gone, on the gateway": {
			false, func(h *house) { h.Gone(true) }, bot.Down, "not connected to Discord",
			func(h *house) { h.Gone(false) },
		},
		"every call fails": {
			true, func(h *house) { h.Fail("", adaptertest.Fault{Status: 502, Always: true}) }, bot.Down, "502",
			func(h *house) { h.Heal("") },
		},
		"the address is banned": {
			true, func(h *house) { h.Fail("", adaptertest.Fault{Status: 403, Always: true}) }, bot.Down, "403",
			func(h *house) { h.Heal("") },
		},
		"the clock is behind, over HTTP": {
			true, func(h *house) { h.Shift(12 * time.Minute) }, bot.Down,
			"the clock of this machine is 12m behind Discord's; set the clock", func(h *house) { h.Shift(0) },
		},
		"the clock, on the gateway": {
			false, func(h *house) { h.Shift(-12 * time.Minute) }, bot.Degraded, "12m ahead of Discord's",
			func(h *house) { h.Shift(0) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, c.http, func(h *house, _ *Settings) {
				if h.adapter != nil {
					h.adapter.timing.probe = 50 * time.Millisecond
				}
			})
			at := h.awaitState(0, bot.Ready, "")
			c.wreck(h)
			at = h.awaitState(at, c.phase, c.why)
			c.mend(h)
			h.awaitState(at, bot.Ready, "")
		})
	}
}

// TestSomeShards checks that the adapter is degraded with some of its shards, and down
// with none.
func TestSomeShards(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(_ *house, s *Settings) { s.ShardCount = 2 })
	at := h.awaitState(0, bot.Ready, "")
	away := func(n int) {
		for range n {
			h.Greet(adaptertest.Greeting{Close: 4000})
		}
	}
	away(2)
	h.Send(t, `{"op":9,"d":true}`) // to one of them
	at = h.awaitState(at, bot.Degraded, "of 2: not connected to Discord")
	at = h.awaitState(at, bot.Ready, "")
	h.Await(t, "both connections", func() bool { return h.Connections() == 2 })
	away(4)
	h.cut()
	at = h.awaitState(at, bot.Down, "of 2: not connected to Discord")
	h.awaitState(at, bot.Ready, "")
}

// TestBegun checks that the adapter is not ready without a session, and that the state
// says why and until when.
func TestBegun(t *testing.T) {
	t.Parallel()
	t.Run("no session is left", func(t *testing.T) {
		t.Parallel()
		limit := func(h *house, left, reset int) {
			h.Say("gateway/bot",
				fmt.Sprintf(
					`{"url":%q,"shards":1,"session_start_limit":{"total":1000,"remaining":%d,"reset_after":%d,`+
						`"max_concurrency":1}}`, "ws"+strings.TrimPrefix(h.API(), "http")+"/gw/first", left, reset))
		}
		h := open(t, false, func(h *house, _ *Settings) { limit(h, 0, 200) })
		at := h.awaitState(0, bot.Down, "allows no new session until 20")
		limit(h, 1, 0)
		h.awaitState(at, bot.Ready, "")
	})
	t.Run("the session is invalid", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, func(h *house, _ *Settings) {
			if h.adapter != nil {
				h.adapter.timing.invalid = 50 * time.Millisecond
			}
		})
		at := h.awaitState(0, bot.Ready, "")
		h.Send(t, `{"op":9,"d":false}`)
		at = h.awaitState(at, bot.Down, "the session is invalid (op 9); tries again at 20")
		h.awaitState(at, bot.Ready, "")
	})
	t.Run("another session has the turn", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, func(h *house, s *Settings) {
			s.ShardCount = 2
			if h.adapter != nil {
				h.adapter.timing.identify = 500 * time.Millisecond
			}
		})
		at := h.awaitState(0, bot.Degraded, "of 2: its session starts at ")
		h.awaitState(at, bot.Ready, "")
	})
	t.Run("a new connection is asked for", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, nil)
		at := h.awaitState(0, bot.Ready, "")
		h.Send(t, `{"op":7,"d":null}`)
		at = h.awaitState(at, bot.Connecting, "op 7")
		h.awaitState(at, bot.Ready, "")
		for _, s := range h.states.All() {
			if s.Phase == bot.Down {
				t.Errorf("the states are %v", h.states.All())
			}
		}
	})
	t.Run("it says nothing", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, nil)
		at := h.awaitState(0, bot.Ready, "")
		h.Greet(adaptertest.Greeting{Op: 99, Data: "null"}) // unknown op
		h.cut()
		h.awaitState(at, bot.Down, "not connected")
		h.Await(t, "the second session", func() bool { return len(h.Starts()) == 2 })
		if all := h.states.All(); all[len(all)-1].Phase.Serves() {
			t.Errorf("the states are %v", all)
		}
	})
}
