package slack

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

func ts(n int) string { return fmt.Sprintf("1780000000.%06d", n) }

// TestRepeats holds that the same event is answered once: on the same
// connection, on another, and as a retry that the first try was not heard of.
func TestRepeats(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	for range 3 {
		h.send("events_api", mention("Ev1", "C1", ts(1), "once"))
	}
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.cut()
	h.Await(t, "another connection", func() bool { return len(h.Opens()) == 2 && h.Connections() == 1 })
	envelope := `{"envelope_id":"again","type":"events_api","payload":%s,"retry_attempt":1,"retry_reason":"timeout"}`
	h.Emit(t, fmt.Sprintf(envelope, mention("Ev1", "C1", ts(1), "once")))
	h.Await(t, "the acknowledgement", func() bool { return h.Acks("again") == 1 })
	// The same message as another event, as it comes to an app that reads all.
	h.send("events_api", mention("Ev2", "C1", ts(1), "once"))
	// A retry of what never came is no repeat.
	h.Emit(t, strings.Replace(fmt.Sprintf(envelope, mention("Ev3", "C1", ts(2), "lost")), "again", "first", 1))
	h.Await(t, "the other answer", func() bool { return len(h.Messages("C1")) == 2 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("C1")) != 2 {
		t.Errorf("%v, %v", err, h.Messages("C1"))
	}
}

// TestReconnect holds that the connection comes back, that health says so
// meanwhile, and that what was received is answered.
func TestReconnect(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	// Slack asks for a new connection: the old one still serves until it is there.
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

// TestBackoff holds that a connection that is cut at once is not asked for
// again at once.
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

// TestSilence holds that a connection that died on the way is noticed.
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

// TestFinal holds that Run ends where trying again would not help, and says
// which setting is wrong.
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

// TestStart holds that an adapter that finds Slack down waits for it.
func TestStart(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) {
		h.Fail("auth.test", adaptertest.Fault{Status: 500}, adaptertest.Fault{Status: 502}, adaptertest.Fault{Status: 429, RetryAfter: "1"}, adaptertest.Fault{Lost: true})
		h.Fail("apps.connections.open", adaptertest.Fault{Status: 429}, adaptertest.Fault{Error: "internal_error"})
	})
	h.awaitState(0, bot.Ready, "")
}

// TestSendFaults holds that an answer gets through where it surely was not
// posted, and is never posted twice.
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
		"429 with Retry-After":    {faults: repeated(adaptertest.Fault{Status: 429, RetryAfter: "1"}, 1), calls: 2, posted: 1, atLeast: time.Second},
		"429 without Retry-After": {faults: repeated(adaptertest.Fault{Status: 429}, 3), calls: 4, posted: 1},
		"ratelimited":             {faults: repeated(adaptertest.Fault{Error: "ratelimited"}, 2), calls: 3, posted: 1},
		"500":                     {faults: repeated(adaptertest.Fault{Status: 500}, 4), calls: 5, posted: 1},
		"503":                     {faults: repeated(adaptertest.Fault{Status: 503}, 2), calls: 3, posted: 1},
		"all of them":             {faults: []adaptertest.Fault{{Status: 500}, {Status: 429}, {Error: "service_unavailable"}, {Status: 503}}, calls: 5, posted: 1},
		"cut after posting":       {faults: []adaptertest.Fault{{Cut: true}}, calls: 1, posted: 1, unclear: 1},
		"cut before posting":      {faults: []adaptertest.Fault{{Lost: true}}, calls: 1, posted: 0, unclear: 1},
		"a gateway's 504":         {faults: []adaptertest.Fault{{Status: 504}}, calls: 1, posted: 0, unclear: 1},
		"internal error":          {faults: []adaptertest.Fault{{Error: "internal_error"}}, calls: 1, posted: 0, unclear: 1},
		"refused":                 {faults: []adaptertest.Fault{{Error: "msg_too_long"}}, calls: 1, posted: 0},
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
			if calls, posted := len(h.Calls("chat.postMessage")), len(h.Messages("C1")); calls != c.calls || posted != c.posted {
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

// TestRefused holds that an answer gets through when nobody listens at first.
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

// TestHold holds that one who was told to wait makes others wait as well.
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

// TestAccess holds that an error of the app's access names what to change,
// shows in the state, and leaves the rest alone.
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
	if log := h.log.String(); !strings.Contains(log, "in C2") || !strings.Contains(log, "/invite") || len(h.Messages("C1")) != 2 {
		t.Errorf("log:\n%s", log)
	}
}

// malformed are things that no bot should have to see.
var malformed = []string{
	`{"envelope_id":"bad-1","type":"events_api","payload":"nothing"}`,
	`{"envelope_id":"bad-2","type":"events_api","payload":{"type":"event_callback","event_id":"EvX"}}`,
	`{"envelope_id":"bad-3","type":"events_api","payload":{"type":"event_callback","event_id":"EvY","event":{"type":"app_mention","user":{"id":"U1"},"ts":3}}}`,
	`{"envelope_id":"bad-4","type":"events_api","payload":{"type":"event_callback","event_id":"EvZ","event":{"type":"galaxy_exploded"}}}`,
	`{"envelope_id":"bad-5","type":"galactic","payload":{}}`,
	`{"envelope_id":"bad-6","type":"slash_commands","payload":{}}`,
	`{"envelope_id":"bad-7","type":"interactive","payload":{"type":"block_actions"}}`,
	`{"envelope_id":"bad-8","type":"interactive","payload":{"type":"dialog_cancellation"}}`,
	`{"envelope_id":"bad-9","type":4,"payload":{}}`,
	`{"envelope_id":"bad-10","type":"events_api"}`,
	`{"envelope_id":"bad-11","type":"interactive","payload":{"type":"block_actions","user":{"id":"U1"},"actions":[{"action_id":"unheard of"}]}}`,
}

// TestMalformed holds that what cannot be read is acknowledged, logged and
// ignored.
func TestMalformed(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	for _, text := range malformed {
		h.Emit(t, text)
	}
	h.Emit(t, "not JSON at all")
	h.Emit(t, "")
	huge := mention("EvHuge", "C1", ts(9), strings.Repeat("x", 1<<20))
	h.Emit(t, fmt.Sprintf(`{"envelope_id":"huge","type":"events_api","payload":%s}`, huge))
	h.send("events_api", mention("Ev1", "C1", ts(1), "still there?"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	for i := range malformed {
		id := fmt.Sprintf("bad-%d", i+1)
		h.Await(t, "the acknowledgement of "+id, func() bool { return h.Acks(id) == 1 })
	}
	h.Await(t, "the acknowledgement of the long one", func() bool { return h.Acks("huge") == 1 })
	if !strings.Contains(h.Messages("C1")[0].Text, "still there?") {
		t.Error("an event of a megabyte was not ignored")
	}
	h.stop()
	<-h.ended
	if n := strings.Count(h.log.String(), "galaxy_exploded"); n != 1 {
		t.Errorf("an unknown event is logged %d times", n)
	}
	if n := strings.Count(h.log.String(), "level=WARN"); n != len(malformed)+3 {
		t.Errorf("%d lines of log for %d that cannot be read:\n%s", n, len(malformed)+3, h.log)
	}
}

// TestSignatures holds that only what Slack has signed just now is looked
// into, and that byte for byte the same request does nothing again.
func TestSignatures(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.awaitState(0, bot.Ready, "")
	do := func(change func(*http.Request), body string) int {
		t.Helper()
		r, err := adaptertest.SlackRequest(h.address, "events_api", body)
		if err != nil {
			t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			t.Fatal(err)
		}
		defer response.Body.Close()
		_, _ = io.Copy(io.Discard, response.Body)
		return response.StatusCode
	}
	good := mention("Ev1", "C1", ts(1), "hello")
	sign := func(secret string, at time.Time) func(*http.Request) {
		return func(r *http.Request) { adaptertest.Sign(r, secret, at, good) }
	}
	for name, change := range map[string]func(*http.Request){
		"unsigned":       func(r *http.Request) { r.Header.Del("X-Slack-Signature") },
		"no time":        func(r *http.Request) { r.Header.Del("X-Slack-Request-Timestamp") },
		"nothing":        func(r *http.Request) { r.Header = http.Header{} },
		"another secret": sign("wrong", time.Now()),
		"stale":          sign(adaptertest.SlackSecret, time.Now().Add(-5*time.Minute-2*time.Second)),
		"future":         sign(adaptertest.SlackSecret, time.Now().Add(5*time.Minute+2*time.Second)),
		"far future":     sign(adaptertest.SlackSecret, time.Unix(1<<62, 0)),
		"other time":     func(r *http.Request) { r.Header.Set("X-Slack-Request-Timestamp", fmt.Sprint(time.Now().Unix()-1)) },
		"other version":  func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v1"+r.Header.Get("X-Slack-Signature")[2:]) },
		"other length":   func(r *http.Request) { r.Header.Set("X-Slack-Signature", r.Header.Get("X-Slack-Signature")[:20]) },
		"no hex":         func(r *http.Request) { r.Header.Set("X-Slack-Signature", "v0="+strings.Repeat("z", 64)) },
		"altered": func(r *http.Request) {
			altered := strings.Replace(good, "hello", "hallo", 1)
			r.Body, r.ContentLength, r.GetBody = io.NopCloser(strings.NewReader(altered)), int64(len(altered)), nil
		},
	} {
		if status := do(change, good); status != http.StatusUnauthorized {
			t.Errorf("%s: %d", name, status)
		}
	}
	at := time.Now().Add(-4 * time.Minute)
	for range 3 {
		if status := do(sign(adaptertest.SlackSecret, at), good); status != http.StatusOK {
			t.Errorf("signed: %d", status)
		}
	}
	// What has no id of its own is known by its signature, in capitals too.
	anonymous := url.Values{"user_id": {"U1"}, "channel_id": {"C1"}, "text": {"hello"}, "response_url": {h.Hook("C7", "U1", "")}}.Encode()
	for _, change := range []func(string) string{strings.ToLower, func(s string) string { return "v0=" + strings.ToUpper(s[3:]) }} {
		if status := do(func(r *http.Request) {
			adaptertest.Sign(r, adaptertest.SlackSecret, at, anonymous)
			r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
			r.Header.Set("X-Slack-Signature", change(r.Header.Get("X-Slack-Signature")))
		}, anonymous); status != http.StatusOK {
			t.Errorf("signed: %d", status)
		}
	}
	if status := do(nil, `{"type":"url_verification","token":"t","challenge":"abc"}`); status != http.StatusOK {
		t.Errorf("url_verification: %d", status)
	}
	for name, body := range map[string]string{"malformed": "{", "unknown": `{"type":"x"}`, "a megabyte": mention("EvHuge", "C1", ts(9), strings.Repeat("x", 1<<20))} {
		if status := do(nil, body); status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
	}
	if status := do(nil, strings.Repeat("x", maxBody+1)); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", status)
	}
	if response, err := http.Get(h.address); err != nil || response.StatusCode != http.StatusMethodNotAllowed {
		t.Errorf("GET: %v", err)
	}
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("C1")) != 1 || len(h.Messages("C7")) != 1 {
		t.Errorf("%v, %v, %v", err, h.Messages("C1"), h.Messages("C7"))
	}
}

// TestNoSecret holds that without a secret nothing passes for signed, what is
// signed with none least of all.
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

// TestFull holds that what there is no room for is not acknowledged, so that
// it comes again.
func TestFull(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		h.adapter.room = 1
	})
	h.send("events_api", mention("Ev1", "C1", ts(1), "slow"))
	<-h.handler.Started
	again := mention("Ev2", "C1", ts(2), "hello")
	r, err := adaptertest.SlackRequest(h.address, "events_api", again)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	response.Body.Close()
	if response.StatusCode != http.StatusServiceUnavailable {
		t.Errorf("without room: %d", response.StatusCode)
	}
	close(h.handler.Go)
	h.Await(t, "the first answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.send("events_api", again)
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 2 })
}

// TestDrain holds that a reply that cannot be finished does not keep the
// adapter from ending.
func TestDrain(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.adapter.timing.drain = 100 * time.Millisecond
		h.Fail("chat.postMessage", adaptertest.Fault{Status: 429, RetryAfter: "100"})
	})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the call", func() bool { return len(h.Calls("chat.postMessage")) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || !strings.Contains(h.log.String(), "left=1") {
		t.Errorf("%v\n%s", err, h.log)
	}
}
