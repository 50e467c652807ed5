package slack

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestReconnect checks that the adapter reconnects, that the state shows it, and that
// received questions are answered.
func TestReconnect(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	// Slack asks for a new connection: events arrive on the old one until it is open.
	h.Emit(t, `{"type":"disconnect","reason":"refresh_requested","debug_info":{"host":"applink-1"}}`)
	h.Await(t, "a second connection beside the first", func() bool { return h.Connections() == 2 })
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })

	// The connection is cut, and Slack is down for a while.
	down := make([]adaptertest.Fault, 6)
	for i := range down {
		down[i] = adaptertest.Fault{Status: 503}
	}
	h.Fail("apps.connections.open", down...)
	h.Fail("chat.postMessage", down...)
	h.send("events_api", mention("Ev2", "C1", ts(2), "just before"))
	h.cut()
	at = h.awaitState(at, bot.Down, "not connected to Slack")
	h.awaitState(at, bot.Ready, "")
	h.Await(t, "the answer from before", func() bool { return len(h.Messages("C1")) == 2 })
	h.send("events_api", mention("Ev3", "C1", ts(3), "after"))
	h.Await(t, "the answer from after", func() bool { return len(h.Messages("C1")) == 3 })
}

// TestBackoff checks that reconnecting backs off if connections are cut at once.
func TestBackoff(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	for i := range 5 {
		h.Await(t, "a connection", func() bool { return len(h.Opens()) > i && h.Connections() > 0 })
		h.cut()
		h.Await(t, "its end", func() bool { return h.Connections() == 0 || len(h.Opens()) > i+1 })
	}
	h.Await(t, "a connection", func() bool { return len(h.Opens()) >= 6 })
	opens := h.Opens()
	if last := opens[5].Sub(opens[4]); last < 8*h.adapter.timing.pause {
		t.Errorf("after the fifth cut it waits %v", last)
	}
}

// TestSilence checks that a dead connection is detected.
func TestSilence(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) {
		h.adapter.timing.ping, h.adapter.timing.silent = 20*time.Millisecond, 200*time.Millisecond
	})
	at := h.awaitState(0, bot.Ready, "")
	h.Silence(true)
	at = h.awaitState(at, bot.Down, "cut")
	h.Silence(false)
	h.awaitState(at, bot.Ready, "")
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
}

// TestFinal checks that Run ends after a final error, which names the wrong setting.
func TestFinal(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		method, code, needed, want string
	}{
		"bot token":     {"auth.test", "invalid_auth", "", "SLACK_BOT_TOKEN"},
		"bot revoked":   {"auth.test", "token_revoked", "", "SLACK_BOT_TOKEN"},
		"app token":     {"apps.connections.open", "invalid_auth", "", "SLACK_APP_TOKEN"},
		"app token use": {"apps.connections.open", "missing_scope", "connections:write", "connections:write"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house) { h.Fail(c.method, adaptertest.Fault{Error: c.code, Needed: c.needed}) })
			err := <-h.ended
			if err == nil || !strings.Contains(err.Error(), c.want) || !strings.Contains(err.Error(), c.code) {
				t.Errorf("Run returns %v", err)
			}
			h.awaitState(0, bot.Failed, c.want)
		})
	}
	t.Run("socket mode switched off", func(t *testing.T) {
		t.Parallel()
		h := open(t, false, nil)
		h.Emit(t, `{"type":"disconnect","reason":"link_disabled"}`)
		if err := <-h.ended; err == nil || !strings.Contains(err.Error(), "Socket Mode is off") {
			t.Errorf("Run returns %v", err)
		}
	})
}

// TestStart checks that an adapter waits for Slack if it is down at the start.
func TestStart(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) {
		h.Fail("auth.test", adaptertest.Fault{Status: 500}, adaptertest.Fault{Status: 502},
			adaptertest.Fault{Status: 429, RetryAfter: "1"}, adaptertest.Fault{Lost: true})
		h.Fail("apps.connections.open", adaptertest.Fault{Status: 429}, adaptertest.Fault{Error: "internal_error"})
	})
	h.awaitState(0, bot.Ready, "")
}

// TestOpenWaits checks that opening a connection observes Slack's rate limit.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	h := open(t, false,
		func(h *house) { h.Fail("apps.connections.open", adaptertest.Fault{Status: 429, RetryAfter: "2"}) })
	h.awaitState(0, bot.Down, "rate limit")
	h.awaitState(0, bot.Ready, "")
	calls := h.Calls("apps.connections.open")
	if len(calls) != 2 || calls[1].At.Sub(calls[0].At) < 2*time.Second {
		t.Errorf("asked %d times", len(calls))
	}
}

// TestLost checks that a connection that is cut after Slack announced to close it counts
// as lost.
func TestLost(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	down := make([]adaptertest.Fault, 5)
	for i := range down {
		down[i] = adaptertest.Fault{Status: 503}
	}
	h.Fail("apps.connections.open", down...)
	h.Emit(t, `{"type":"disconnect","reason":"warning"}`)
	h.Await(t, "a try", func() bool { return len(h.Calls("apps.connections.open")) > 1 })
	h.cut()
	at = h.awaitState(at, bot.Down, "not connected")
	h.awaitState(at, bot.Ready, "")
}

// TestOthers checks that the log says how many connections the app has, and warns once if
// other processes have some; connections of our own are no reason to.
func TestOthers(t *testing.T) {
	t.Parallel()
	for _, others := range []int{0, 2} {
		t.Run(fmt.Sprint(others), func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house) { h.Others = others })
			h.awaitState(0, bot.Ready, "")
			for i := range 2 {
				h.Emit(t, `{"type":"disconnect","reason":"refresh_requested"}`)
				h.Await(t, "a new connection", func() bool { return h.Connections() == i+2 })
			}
			h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
			h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
			log := h.log.String()
			if warnings := strings.Count(log, "other processes"); warnings != min(others, 1) ||
				!strings.Contains(log, fmt.Sprintf("connections=%d", others+1)) {
				t.Errorf("%d warnings in\n%s", warnings, log)
			}
		})
	}
}

// TestReason checks that the state has Slack's reason for closing a connection.
func TestReason(t *testing.T) {
	t.Parallel()
	for _, reason := range []string{"too_many_websockets", "refresh_requested"} {
		t.Run(reason, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house) { h.Reject(reason) })
			at := h.awaitState(0, bot.Down, reason)
			h.Await(t, "another try", func() bool { return len(h.Opens()) == 2 })
			h.Reject("")
			h.awaitState(at, bot.Ready, "")
			for _, s := range h.states.All() {
				if strings.Contains(s.Why, "1005") || strings.Contains(s.Why, "%!") {
					t.Errorf("the state says %v", s)
				}
			}
		})
	}
}

// TestRateLimited checks that app_rate_limited has its own log line.
func TestRateLimited(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.send("events_api",
		`{"token":"t","type":"app_rate_limited","team_id":"T123456","minute_rate_limited":1518467820,"api_app_id":"A1"}`)
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	if log := h.log.String(); strings.Contains(log, "unknown") || !strings.Contains(log, "T123456") ||
		!strings.Contains(log, "2018-02-12T20:37:00Z") {
		t.Errorf("log:\n%s", log)
	}
}
