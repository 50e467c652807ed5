package slack

import (
	"context"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestSendFaults checks that an answer is retried if it certainly was not posted, and
// is never posted twice.
func TestSendFaults(t *testing.T) {
	t.Parallel()
	repeated := func(f adaptertest.Fault, n int) []adaptertest.Fault {
		var all []adaptertest.Fault
		for range n {
			all = append(all, f)
		}
		return all
	}
	for name, c := range map[string]struct {
		faults  []adaptertest.Fault
		calls   int // that reach Slack
		posted  int
		atLeast time.Duration
		unclear int
	}{
		"429 with Retry-After": {
			faults: repeated(adaptertest.Fault{Status: 429, RetryAfter: "1"}, 1), calls: 2, posted: 1,
			atLeast: time.Second,
		},
		"429 without Retry-After": {faults: repeated(adaptertest.Fault{Status: 429}, 3), calls: 4, posted: 1},
		"ratelimited":             {faults: repeated(adaptertest.Fault{Error: "ratelimited"}, 2), calls: 3, posted: 1},
		"500":                     {faults: repeated(adaptertest.Fault{Status: 500}, 4), calls: 5, posted: 1},
		"503":                     {faults: repeated(adaptertest.Fault{Status: 503}, 2), calls: 3, posted: 1},
		"all of them": {
			faults: []adaptertest.Fault{{Status: 500}, {Status: 429}, {Error: "service_unavailable"}, {Status: 503}},
			calls:  5, posted: 1,
		},
		"cut after posting":  {faults: []adaptertest.Fault{{Cut: true}}, calls: 1, posted: 1, unclear: 1},
		"cut before posting": {faults: []adaptertest.Fault{{Lost: true}}, calls: 1, posted: 0, unclear: 1},
		"a gateway's 504":    {faults: []adaptertest.Fault{{Status: 504}}, calls: 1, posted: 0, unclear: 1},
		"internal error":     {faults: []adaptertest.Fault{{Error: "internal_error"}}, calls: 1, posted: 0, unclear: 1},
		"refused":            {faults: []adaptertest.Fault{{Error: "no_permission"}}, calls: 1, posted: 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, true, func(h *house) { h.Fail("chat.postMessage", c.faults...) })
			start := time.Now()
			h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
			h.Await(t, "the calls", func() bool { return len(h.Calls("chat.postMessage")) == c.calls })
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
			if calls, posted := len(h.Calls("chat.postMessage")), len(h.Messages("C1")); calls != c.calls ||
				posted != c.posted {
				t.Errorf("%d calls, %d messages", calls, posted)
			}
			if took := time.Since(start); took < c.atLeast {
				t.Errorf("did not wait as told, but %v", took)
			}
			if n := h.states.Incidents(bot.Unclear); n != c.unclear {
				t.Errorf("%d unclear calls were counted", n)
			}
		})
	}
}

// TestRefused checks that an answer is delivered if connections are refused at first.
func TestRefused(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.awaitState(0, bot.Ready, "")
	session := h.adapter.current.Load()
	closed, err := adaptertest.StartSlack()
	if err != nil {
		t.Fatal(err)
	}
	closed.Close()
	other := newClient(Settings{APIURL: closed.API(), BotToken: "xoxb-none"}, h.adapter.log, func(string, string) {})
	other.Pause = time.Millisecond
	tries := 0
	err = other.Do(t.Context(), call{Method: "chat.postMessage"}, func(ctx context.Context) error {
		if tries++; tries < 8 {
			_, _, err := other.api.PostMessageContext(ctx, "C1", render(bot.Note("x"), frame{}).content())
			return err
		}
		_, err := session.client.post(ctx, "C1", "", render(bot.Note("x"), frame{}))
		return err
	})
	if err != nil || tries != 8 || len(h.Messages("C1")) != 1 {
		t.Errorf("%v after %d tries", err, tries)
	}
}

// TestHold checks that a rate limit delays other calls as well.
func TestHold(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) { h.Fail("chat.postMessage", adaptertest.Fault{Status: 429, RetryAfter: "1"}) })
	h.send("events_api", mention("Ev1", "C1", ts(1), "one"))
	h.Await(t, "the first call", func() bool { return len(h.Calls("chat.postMessage")) == 1 })
	told := time.Now()
	h.Await(t, "the pause", func() bool {
		holding := h.adapter.current.Load().client.Holding()
		if !holding {
			h.Touch()
		}
		return holding
	})
	h.send("events_api", mention("Ev2", "C1", ts(2), "two"))
	h.send("events_api", mention("Ev3", "C2", ts(3), "elsewhere"))
	h.Await(t, "the answers", func() bool { return len(h.Messages("")) == 3 })
	calls := h.Calls("chat.postMessage")
	if calls[1].Args["channel"] != "C2" || calls[1].At.Sub(told) > 900*time.Millisecond {
		t.Error("another channel had to wait")
	}
	if d := calls[2].At.Sub(told); d < 900*time.Millisecond || calls[3].At.Before(calls[2].At.Add(channelPace/2)) {
		t.Errorf("the channel was tried again after %v and %v", d, calls[3].At.Sub(told))
	}
}

// TestAccess checks that a refused token or scope is logged with its remedy and shown
// in the state, and does not affect the rest.
func TestAccess(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("chat.postMessage", adaptertest.Fault{Error: "token_revoked"})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	at = h.awaitState(at, bot.Down, "SLACK_BOT_TOKEN")
	h.send("events_api", mention("Ev2", "C1", ts(2), "hello"))
	at = h.awaitState(at, bot.Ready, "")
	h.Fail("chat.postMessage", adaptertest.Fault{Error: "missing_scope", Needed: "chat:write"})
	h.send("events_api", mention("Ev3", "C1", ts(3), "hello"))
	at = h.awaitState(at, bot.Degraded, "the scope chat:write")
	h.Leave("C2")
	h.send("events_api", mention("Ev4", "C2", ts(4), "hello"))
	h.send("events_api", mention("Ev5", "C1", ts(5), "hello"))
	h.awaitState(at, bot.Ready, "")
	h.stop()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	if log := h.log.String(); !strings.Contains(log, "in C2") || !strings.Contains(log, "/invite") ||
		len(h.Messages("C1")) != 2 {
		t.Errorf("log:\n%s", log)
	}
}

// TestNoSecret checks that without a signing secret no signature is valid, not even one
// made with an empty secret.
func TestNoSecret(t *testing.T) {
	t.Parallel()
	a := New(Settings{HTTP: true}, slog.New(slog.DiscardHandler), bot.Monitor{})
	body := `{"type":"url_verification","challenge":"abc"}`
	r := httptest.NewRequest(http.MethodPost, Path, strings.NewReader(body))
	adaptertest.Sign(r, "", time.Now(), body)
	w := httptest.NewRecorder()
	if a.ServeHTTP(w, r); w.Code != http.StatusUnauthorized {
		t.Errorf("%d %s", w.Code, w.Body)
	}
}

// TestTogether checks that calls do not wait for one another after a rate limit.
func TestTogether(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.Fail("views.publish", adaptertest.Fault{Status: 429, RetryAfter: "1"}) })
	start := time.Now()
	for i := range 10 {
		h.send("events_api",
			eventPayload(fmt.Sprint("Ev", i), fmt.Sprintf(`{"type":"app_home_opened","user":"U%d","tab":"home"}`, i)))
	}
	h.Await(t, "ten Home tabs", func() bool { return len(h.Views()) == 10 })
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("ten Home tabs took %v", took)
	}
}

// TestOddRetryAfter checks that a 429 counts as a rate limit whatever its header.
func TestOddRetryAfter(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.Fail("chat.postMessage", adaptertest.Fault{Status: 429, RetryAfter: "1.5"},
			adaptertest.Fault{Status: 429, RetryAfter: "Tue, 24 Nov 2026 10:00:00 GMT"})
	})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
}

// TestDown checks that the state reports that Slack accepts no answers, until it does
// again.
func TestDown(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("chat.postMessage", adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503},
		adaptertest.Fault{Status: 503})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	at = h.awaitState(at, bot.Down, "takes no answers")
	h.awaitState(at, bot.Ready, "")
}

// TestTokens checks that the state names the refused token, and that only a call with
// that token clears it.
func TestTokens(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("chat.postMessage", adaptertest.Fault{Error: "token_revoked"})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	at = h.awaitState(at, bot.Down, "SLACK_BOT_TOKEN")
	h.command("C2", "who?") // needs no token
	h.Await(t, "the answer", func() bool { return len(h.Messages("C2")) == 1 })
	if all := h.states.All(); all[len(all)-1].Phase != bot.Down {
		t.Errorf("the states are %v", all)
	}
	h.send("events_api", mention("Ev2", "C1", ts(2), "hello"))
	at = h.awaitState(at, bot.Ready, "")
	h.Fail("apps.connections.open", adaptertest.Fault{Error: "invalid_auth"})
	h.cut()
	if err := <-h.ended; err == nil || strings.Contains(err.Error(), "SLACK_BOT_TOKEN") ||
		!strings.Contains(err.Error(), "SLACK_APP_TOKEN") {
		t.Errorf("Run returns %v", err)
	}
	for _, s := range h.states.All()[at:] {
		if strings.Contains(s.Why, "SLACK_BOT_TOKEN") {
			t.Errorf("blames the wrong token: %v", s)
		}
	}
}

// TestUnclear checks that there is no fallback for a call that may have taken effect: no
// message besides a modal, no wrong notice about a shared answer.
func TestUnclear(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.Fail("views.open", adaptertest.Fault{Cut: true})
	h.send("interactive",
		`{"type":"block_actions","user":{"id":"U1"},"trigger_id":"t1","view":{"id":"V1","type":"home"},`+
			`"actions":[{"action_id":"ask","block_id":"b","value":"who?"}]}`)
	h.command("C1", "who pays?")
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.Fail("chat.postMessage", adaptertest.Fault{Cut: true})
	h.press(h.Messages("C1")[0], "share", true)
	h.Await(t, "the note", func() bool { return len(h.Messages("C1")) == 3 })
	if note := h.Messages("C1")[2]; note.Only != "U1" || !strings.Contains(note.Text, bot.SayMaybePosted) {
		t.Errorf("the note is %+v", note)
	}
	h.Await(t, "the modal", func() bool { return len(h.Views()) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("U1")) != 0 {
		t.Errorf("%v, %v", err, h.Messages("U1"))
	}
}
