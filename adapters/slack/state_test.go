package slack

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// quickProbe makes probes frequent.
func quickProbe(h *house) { h.adapter.timing.probe = 50 * time.Millisecond }

// TestNoticed checks that the state reports what prevents answers, and its end, without
// a question.
func TestNoticed(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		http      bool
		wreck     func(h *house)
		phase     bot.Phase
		why       string
		mend      func(h *house)
		elsewhere string // must not be in the state
	}{
		"revoked over HTTP": {
			true, func(h *house) {
				h.Fail("auth.test", adaptertest.Fault{Error: "token_revoked", Always: true})
			}, bot.Down, "the token is refused (token_revoked): set SLACK_BOT_TOKEN",
			func(h *house) { h.Heal("auth.test") }, "SLACK_APP_TOKEN",
		},
		"the bot's token alone, in Socket Mode": {
			false, func(h *house) {
				h.Fail("auth.test", adaptertest.Fault{Error: "account_inactive", Always: true})
			}, bot.Down, "SLACK_BOT_TOKEN", func(h *house) { h.Heal("auth.test") }, "SLACK_APP_TOKEN",
		},
		"refused for another reason": {
			true, func(h *house) {
				h.Fail("auth.test", adaptertest.Fault{Error: "team_access_not_granted", Always: true})
			}, bot.Down, "team_access_not_granted", func(h *house) { h.Heal("auth.test") }, "",
		},
		"Slack is gone, over HTTP": {
			true, func(h *house) { h.Gone(true) }, bot.Down, "Slack does not take calls",
			func(h *house) { h.Gone(false) }, "token",
		},
		"Slack is gone, in Socket Mode": {
			false, func(h *house) { h.Gone(true) }, bot.Down, "not connected to Slack",
			func(h *house) { h.Gone(false) }, "token",
		},
		"every call fails": {
			true, func(h *house) { h.Fail("", adaptertest.Fault{Status: 503, Always: true}) }, bot.Down, "503",
			func(h *house) { h.Heal("") }, "",
		},
		"a proxy is in the way": {
			true, func(h *house) { h.Fail("", adaptertest.Fault{Status: 403, Always: true}) }, bot.Down, "403",
			func(h *house) { h.Heal("") }, "",
		},
		"the clock is behind, over HTTP": {
			true, func(h *house) { h.Shift(12 * time.Minute) }, bot.Down,
			"the clock of this machine is 12m behind Slack's; set the clock, such as by NTP",
			func(h *house) { h.Shift(0) }, "",
		},
		"the clock is ahead, over HTTP": {
			true, func(h *house) { h.Shift(-75 * time.Minute) }, bot.Down,
			"the clock of this machine is 1h15m ahead of Slack's", func(h *house) { h.Shift(0) }, "",
		},
		"the clock is a little off, over HTTP": {
			true, func(h *house) { h.Shift(3 * time.Minute) }, bot.Degraded, "3m behind", func(h *house) { h.Shift(0) },
			"",
		},
		"the clock, in Socket Mode": {
			false, func(h *house) { h.Shift(12 * time.Minute) }, bot.Degraded, "12m behind",
			func(h *house) { h.Shift(0) }, "",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, c.http, quickProbe)
			at := h.awaitState(0, bot.Ready, "")
			c.wreck(h)
			next := h.awaitState(at, c.phase, c.why)
			c.mend(h)
			h.awaitState(next, bot.Ready, "")
			for _, s := range h.states.All()[at:next] {
				if c.elsewhere != "" && strings.Contains(s.Why, c.elsewhere) {
					t.Errorf("the state says %v", s)
				}
			}
			h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
			h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
		})
	}
}

// TestStrangersClock checks that the clock is compared with Slack's responses only:
// the timestamps of incoming requests have no effect.
func TestStrangersClock(t *testing.T) {
	t.Parallel()
	h := open(t, true, quickProbe)
	at := h.awaitState(0, bot.Ready, "")
	calls := len(h.Calls("auth.test"))
	for range 5 {
		r, err := adaptertest.SlackRequest(h.address, "events_api", mention("Ev1", "C1", ts(1), "hello"))
		if err != nil {
			t.Fatal(err)
		}
		adaptertest.Sign(r, "a stranger's", time.Now().Add(-time.Hour), "x")
		r.Header.Set("Date", time.Now().Add(-time.Hour).UTC().Format(time.RFC1123))
		if status, _ := adaptertest.Do(t, r); status != http.StatusUnauthorized {
			t.Errorf("status %d", status)
		}
	}
	h.Await(t, "two more looks", func() bool { return len(h.Calls("auth.test")) >= calls+2 })
	if all := h.states.All(); len(all) != at {
		t.Errorf("the states are %v", all)
	}
}

// TestLeaving checks that a connection counts as open for a while after Slack announced
// to close it, and that the state is degraded meanwhile if there is no new one.
func TestLeaving(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.adapter.timing.fade = 300 * time.Millisecond })
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("apps.connections.open", adaptertest.Fault{Status: 503, Always: true})
	h.Emit(t, `{"type":"disconnect","reason":"refresh_requested"}`)
	at = h.awaitState(at, bot.Degraded, "the connection to Slack closes soon")
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	at = h.awaitState(at, bot.Down, "503")
	h.Heal("apps.connections.open")
	h.awaitState(at, bot.Ready, "")
}

// TestPlanned checks that a reconnect at Slack's request does not change the state, and
// is not trouble if the old connection ends too soon.
func TestPlanned(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Emit(t, `{"type":"disconnect","reason":"warning"}`)
	h.Await(t, "a second connection beside the first", func() bool { return h.Connections() == 2 })
	if all := h.states.All(); len(all) != at {
		t.Errorf("the states are %v", all)
	}
	release := make(chan struct{})
	h.Fail("apps.connections.open", adaptertest.Fault{Until: release})
	h.Emit(t, `{"type":"disconnect","reason":"warning"}`)
	h.Await(t, "a try", func() bool { return len(h.Calls("apps.connections.open")) == 3 })
	h.cut()
	at = h.awaitState(at, bot.Connecting, "warning")
	close(release)
	h.awaitState(at, bot.Ready, "")
	for _, s := range h.states.All() {
		if s.Phase == bot.Down {
			t.Errorf("the states are %v", h.states.All())
		}
	}
}
