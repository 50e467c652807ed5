package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestResume checks that a session is resumed after the connection was cut, that
// questions in the meantime are answered, and none twice.
func TestResume(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.ask("11", "1", "one")
	h.answered(1)
	h.cut()
	h.ask("12", "2", "while away")
	at = h.awaitState(at, bot.Down, "not connected")
	h.awaitState(at, bot.Ready, "")
	h.answered(2)
	// Discord may send an event again.
	h.ask("11", "1", "one")
	h.ask("13", "3", "three")
	h.answered(3)
	starts := h.Starts()
	if len(starts) != 2 || starts[0].Resume || !starts[1].Resume || starts[1].Path != "resume" {
		t.Errorf("sessions: %+v", starts)
	}
	// op 7: Discord asks for a new connection.
	h.Send(t, `{"op":7,"d":null}`)
	h.ask("14", "4", "four")
	h.answered(4)
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != 4 {
		t.Errorf("%v, %d messages", err, len(h.Messages("")))
	}
	if starts := h.Starts(); len(starts) != 3 || !starts[2].Resume {
		t.Errorf("sessions: %+v", starts)
	}
}

// TestReconnectInAnswerToResume checks that repeated op 7 after a resume still leads
// to a session; discordgo hangs for ever.
func TestReconnectInAnswerToResume(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Greet(adaptertest.Greeting{Op: 7}, adaptertest.Greeting{Op: 7}, adaptertest.Greeting{Op: 7})
	h.cut()
	h.ask("11", "1", "meanwhile")
	h.awaitState(at, bot.Ready, "")
	h.answered(1)
}

// TestInvalidSession checks that a session that cannot be resumed is replaced, with
// backoff, and that the gap is logged.
func TestInvalidSession(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Greet(adaptertest.Greeting{Op: 9, Data: "true"}, adaptertest.Greeting{Op: 9, Data: "false"},
		adaptertest.Greeting{Op: 9, Data: "false"}, adaptertest.Greeting{Op: 9, Data: "false"},
		adaptertest.Greeting{Close: 4009}, adaptertest.Greeting{Close: 4000})
	h.cut()
	h.awaitState(at, bot.Ready, "")
	h.ask("11", "1", "again")
	h.answered(1)
	s := h.Starts()
	if len(s) != 8 || !s[1].Resume || !s[2].Resume || s[3].Resume || s[7].Resume {
		t.Errorf("sessions: %+v", s)
	}
	if pause := s[7].At.Sub(s[6].At); pause < 5*h.adapter.timing.pause {
		t.Errorf("the last pause is %v", pause)
	}
	if !strings.Contains(h.log.String(), "could not be resumed") {
		t.Errorf("the gap is not logged:\n%s", h.log)
	}
}

// TestHeartbeats checks that a dead connection is detected within two heartbeats,
// and that no question is lost.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) { h.Beat = 200 * time.Millisecond })
	at := h.awaitState(0, bot.Ready, "")
	h.Send(t, `{"op":1,"d":null}`) // asks for a heartbeat at once
	h.Await(t, "heartbeats", func() bool { return len(h.Calls("heartbeat")) >= 3 })
	h.Silence(true)
	dead := time.Now()
	h.ask("11", "1", "into the void")
	h.awaitState(at, bot.Down, "not connected")
	if took := time.Since(dead); took > 3*h.Beat {
		t.Errorf("a dead connection is detected after %v", took)
	}
	h.Silence(false)
	h.answered(1)
}

// TestFinalCodes checks that Run ends with a remedy after a final close code.
func TestFinalCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		4004: "DISCORD_BOT_TOKEN", 4010: "FRONTDESK_DISCORD_SHARDS", 4011: "FRONTDESK_DISCORD_SHARD_COUNT",
		4012: "update frontdesk", 4013: "update frontdesk", 4014: "DISCORD_BOT_TOKEN",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house, _ *Settings) { h.Greet(adaptertest.Greeting{Close: code}) })
			if err := <-h.ended; err == nil || !strings.Contains(err.Error(), want) ||
				!strings.Contains(err.Error(), fmt.Sprint(code)) {
				t.Errorf("Run returns %v", err)
			}
			h.awaitState(0, bot.Failed, want)
			if n := len(h.Starts()); n > 2 {
				t.Errorf("tried %d times", n)
			}
		})
	}
	t.Run("token", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, func(_ *house, s *Settings) { s.BotToken = "wrong" })
		if err := <-h.ended; err == nil || !strings.Contains(err.Error(), "DISCORD_BOT_TOKEN") {
			t.Errorf("Run returns %v", err)
		}
	})
	t.Run("shard", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, func(_ *house, s *Settings) { s.ShardCount, s.Shards = 2, []int{2} })
		if err := <-h.ended; err == nil || !strings.Contains(err.Error(), "there is no shard 2 of 2") {
			t.Errorf("Run returns %v", err)
		}
	})
}

// TestShards checks that the process connects its own shards, each with the total
// number.
func TestShards(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(_ *house, s *Settings) { s.ShardCount, s.Shards = 4, []int{1, 3} })
	h.awaitState(0, bot.Ready, "")
	h.Await(t, "two shards", func() bool { return len(h.Starts()) == 2 })
	seen := map[[2]int]bool{}
	for _, s := range h.Starts() {
		seen[s.Shard] = true
	}
	if !seen[[2]int{1, 4}] || !seen[[2]int{3, 4}] {
		t.Errorf("sessions: %+v", h.Starts())
	}
}

// TestStart checks that an adapter waits for Discord if it is down at the start.
func TestStart(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		h.Fail("GET me", adaptertest.Fault{Status: 500}, adaptertest.Fault{Status: 429, RetryAfter: "0.1"},
			adaptertest.Fault{Lost: true})
		h.Fail("GET commands", adaptertest.Fault{Status: 503})
		h.Fail("GET gateway", adaptertest.Fault{Status: 502})
	})
	h.awaitState(0, bot.Ready, "")
}

// TestUnknown checks that the adapter serves even if Discord refuses to tell it the
// bot's id and to register commands.
func TestUnknown(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if len(h.Calls("")) == 0 {
			h.Fail("GET me", adaptertest.Fault{Status: 404})
			h.Fail("GET app", adaptertest.Fault{Status: 403, Code: 50001})
			h.Fail("GET commands", adaptertest.Fault{Status: 403, Code: 50001})
		}
	})
	h.awaitState(0, bot.Ready, "")
	h.ask("11", "1", "hello")
	h.answered(1)
	if !strings.Contains(h.log.String(), "commands could not be registered") {
		t.Error("it is not said")
	}
}

// TestNeverReady checks that a bot without a session is never ready, and that it can
// be stopped while the gateway sends nothing.
func TestNeverReady(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter == nil {
			h.Greet(adaptertest.Greeting{Close: 4004})
		}
	})
	if err := <-h.ended; err == nil {
		t.Error("it goes on")
	}
	for _, s := range h.states.All() {
		if s.Phase == bot.Ready {
			t.Errorf("states: %v", h.states.All())
		}
	}
	quiet := open(t, false, func(h *house, _ *Settings) { h.NoHello = true })
	quiet.Await(t, "the gateway", func() bool { return len(quiet.Calls("GET gateway")) == 1 })
	start := time.Now()
	quiet.stop()
	if err := <-quiet.ended; err != nil || time.Since(start) > 5*time.Second {
		t.Errorf("%v after %v", err, time.Since(start))
	}
}
