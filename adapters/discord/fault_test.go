package discord

import (
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// ask asks in the given channel, each time somebody else.
func (h *house) ask(id, channel, text string) {
	h.t.Helper()
	h.Emit(h.t, "MESSAGE_CREATE", strings.Replace(mention(id, channel, text), `"id":"70"`, fmt.Sprintf(`"id":"7%s"`, id), 1))
}

func (h *house) answered(n int) {
	h.t.Helper()
	h.Await(h.t, fmt.Sprintf("%d answers", n), func() bool { return len(h.Messages("")) >= n })
}

// TestResume holds that a session goes on after the connection was cut, that
// what was said meanwhile is answered, and nothing twice.
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
	// Discord may bring again what it is not sure of.
	h.ask("11", "1", "one")
	h.ask("13", "3", "three")
	h.answered(3)
	starts := h.Starts()
	if len(starts) != 2 || starts[0].Resume || !starts[1].Resume || starts[1].Path != "resume" {
		t.Errorf("sessions: %+v", starts)
	}
	// op 7: a new connection, please.
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

// TestReconnectInAnswerToResume holds that being sent away again and again ends
// in a session, where the client library hangs for ever.
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

// TestInvalidSession holds that a session that cannot go on is begun anew, with
// a growing pause, and that the gap is logged.
func TestInvalidSession(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Greet(adaptertest.Greeting{Op: 9, Data: "true"}, adaptertest.Greeting{Op: 9, Data: "false"}, adaptertest.Greeting{Op: 9, Data: "false"}, adaptertest.Greeting{Op: 9, Data: "false"}, adaptertest.Greeting{Close: 4009}, adaptertest.Greeting{Close: 4000})
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

// TestHeartbeats holds that a dead line is noticed within two heartbeats, and
// that nothing is lost over it.
func TestHeartbeats(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) { h.Beat = 200 * time.Millisecond })
	at := h.awaitState(0, bot.Ready, "")
	h.Send(t, `{"op":1,"d":null}`) // at once, please
	h.Await(t, "heartbeats", func() bool { return len(h.Calls("heartbeat")) >= 3 })
	h.Silence(true)
	dead := time.Now()
	h.ask("11", "1", "into the void")
	h.awaitState(at, bot.Down, "not connected")
	if took := time.Since(dead); took > 3*h.Beat {
		t.Errorf("a dead line is noticed after %v", took)
	}
	h.Silence(false)
	h.answered(1)
}

// TestFinalCodes holds that Run ends where trying again would not help, and
// says what to do.
func TestFinalCodes(t *testing.T) {
	t.Parallel()
	for code, want := range map[int]string{
		4004: "DISCORD_BOT_TOKEN", 4010: "FRONTDESK_DISCORD_SHARDS", 4011: "FRONTDESK_DISCORD_SHARD_COUNT", 4012: "update frontdesk", 4013: "update frontdesk", 4014: "DISCORD_BOT_TOKEN",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house, _ *Settings) { h.Greet(adaptertest.Greeting{Close: code}) })
			if err := <-h.ended; err == nil || !strings.Contains(err.Error(), want) || !strings.Contains(err.Error(), fmt.Sprint(code)) {
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

// TestShards holds that this process connects its share, each shard as one of
// all.
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

// TestStart holds that an adapter that finds Discord down waits for it.
func TestStart(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		h.Fail("GET me", adaptertest.Fault{Status: 500}, adaptertest.Fault{Status: 429, RetryAfter: "0.1"}, adaptertest.Fault{Lost: true})
		h.Fail("GET commands", adaptertest.Fault{Status: 503})
		h.Fail("GET gateway", adaptertest.Fault{Status: 502})
	})
	h.awaitState(0, bot.Ready, "")
}

// TestUnknown holds that a Discord that says nothing of the bot and its commands
// is served all the same.
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

// TestSendFaults holds that an answer gets through, and is never posted twice.
func TestSendFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults  []adaptertest.Fault
		calls   int
		posted  int
		atLeast time.Duration
	}{
		"429":                {[]adaptertest.Fault{{Status: 429, RetryAfter: "0.5"}}, 2, 1, 500 * time.Millisecond},
		"429 for all":        {[]adaptertest.Fault{{Status: 429, RetryAfter: "0.5", Global: true}}, 2, 1, 500 * time.Millisecond},
		"429 of a proxy":     {[]adaptertest.Fault{{Status: 429}, {Status: 429}}, 3, 1, 0},
		"500 to 504":         {[]adaptertest.Fault{{Status: 500}, {Status: 502}, {Status: 503}, {Status: 504}}, 5, 1, 0},
		"cut after posting":  {[]adaptertest.Fault{{Cut: true}, {Cut: true}}, 3, 1, 0},
		"cut before posting": {[]adaptertest.Fault{{Lost: true}}, 2, 1, 0},
		"refused":            {[]adaptertest.Fault{{Status: 400, Code: 50035}}, 1, 0, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house, _ *Settings) {
				if len(h.Calls("")) == 0 {
					h.Heal("POST message")
					h.Fail("POST message", c.faults...)
				}
			})
			h.awaitState(0, bot.Ready, "")
			start := time.Now()
			h.ask("11", "1", "hello")
			h.Await(t, "the calls", func() bool { return len(h.Calls("POST message")) == c.calls })
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
			if calls, posted := len(h.Calls("POST message")), len(h.Messages("1")); calls != c.calls || posted != c.posted {
				t.Errorf("%d calls, %d messages", calls, posted)
			}
			if took := time.Since(start); took < c.atLeast {
				t.Errorf("did not wait as told, but %v", took)
			}
		})
	}
}

// TestGlobal holds that a pause for all calls holds other channels as well.
func TestGlobal(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: 429, RetryAfter: "1", Global: true})
	h.ask("11", "1", "one")
	h.Await(t, "the first call", func() bool { return len(h.Calls("POST message")) == 1 })
	first := h.Calls("POST message")[0].At
	h.Await(t, "the log", func() bool {
		if strings.Contains(h.log.String(), "trying again") {
			return true
		}
		h.Touch()
		return false
	})
	h.ask("12", "2", "two")
	h.answered(2)
	for _, c := range h.Calls("POST message")[1:] {
		if c.At.Sub(first) < 900*time.Millisecond {
			t.Errorf("another call came after %v", c.At.Sub(first))
		}
	}
}

// TestForbidden holds that a channel that the bot may not write in is logged
// once, in words that help, and that others go on.
func TestForbidden(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	gone := adaptertest.Fault{Status: 404, Code: 10003}
	h.Fail("POST message", gone, gone)
	h.ask("11", "1", "one")
	h.Await(t, "the call", func() bool { return len(h.Calls("POST message")) == 1 })
	h.ask("12", "1", "two")
	h.Await(t, "the call", func() bool { return len(h.Calls("POST message")) == 2 })
	h.ask("13", "2", "three")
	h.answered(1)
	// Without the permission to embed links the answer comes as plain text.
	h.Fail("POST message", adaptertest.Fault{Status: 400, Code: 50006})
	h.ask("14", "3", "four")
	h.answered(2)
	if m := h.Messages("3"); len(m) != 1 || !strings.Contains(m[0].Body, `"embeds":[]`) || !strings.Contains(m[0].Body, "about: four") {
		t.Errorf("without embeds: %+v", m)
	}
	h.stop()
	<-h.ended
	if n := strings.Count(h.log.String(), "the channel is gone"); strings.Count(h.log.String(), "level=ERROR") != 1 || n < 1 {
		t.Errorf("logged %d times:\n%s", n, h.log)
	}
}

// TestLate holds that an interaction that Discord no longer takes an answer to
// is answered in the channel, unless it is private, and that one that takes long
// is told so first.
func TestLate(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Expire("21")
	h.Expire("22")
	h.Emit(t, "INTERACTION_CREATE", interactionOf("21", 2, "1", askData("who pays?", ""), ""))
	h.Emit(t, "INTERACTION_CREATE", interactionOf("22", 2, "1", askData("who pays?", `},{"name":"private","type":5,"value":true`), ""))
	h.answered(1)
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("1")) != 1 {
		t.Errorf("%v, %v", err, h.Messages("1"))
	}
}

func TestDeferred(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, http, func(h *house, _ *Settings) {
				if h.handler.Started == nil {
					h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
				}
				if h.adapter != nil {
					h.adapter.timing.defers = 20 * time.Millisecond
				}
			})
			var first adaptertest.DiscordReply
			if http {
				// The fake does not see the first answer: it tells it so.
				h.Note("21")
			}
			first = h.interact("21", interactionOf("21", 2, "1", askData("slow", ""), ""))
			if first.Type != 5 {
				t.Errorf("the first answer is %+v", first)
			}
			close(h.handler.Go)
			h.Await(t, "the answer", func() bool { return len(h.Replies("21")) == 2 })
			if last := h.Replies("21")[1]; !strings.Contains(last.Data, "about: slow") {
				t.Errorf("the answer is %+v", last)
			}
		})
	}
}

// TestMalformed holds that what cannot be read is ignored.
func TestMalformed(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Emit(t, "MESSAGE_CREATE", `{"id":5}`)
	h.Emit(t, "MESSAGE_CREATE", `"nothing"`)
	h.Emit(t, "MESSAGE_CREATE", `{}`)
	h.Emit(t, "INTERACTION_CREATE", `{"type":2}`)
	h.Emit(t, "INTERACTION_CREATE", interactionOf("21", 9, "1", `{}`, ""))
	h.Emit(t, "INTERACTION_CREATE", interactionOf("22", 2, "1", `{"name":"explode"}`, ""))
	h.Emit(t, "INTERACTION_CREATE", interactionOf("23", 3, "1", `{"custom_id":"pick"}`, ""))
	h.Emit(t, "GALAXY_EXPLODE", `{}`)
	h.Emit(t, "MESSAGE_CREATE", mention("9", "1", strings.Repeat("x", 1<<20)))
	h.Send(t, `not JSON`)
	h.Send(t, `{"op":99}`)
	h.ask("11", "1", "still there?")
	h.answered(1)
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != 1 {
		t.Errorf("%v, %v", err, h.Messages(""))
	}
}

// TestSignatures holds that only what Discord has signed just now is looked
// into, and each request once.
func TestSignatures(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.awaitState(0, bot.Ready, "")
	payload := interactionOf("21", 2, "1", askData("who pays?", ""), "")
	do := func(at time.Time, body string, change func(*http.Request)) (int, string) {
		t.Helper()
		r, err := h.Request(h.address, at, body)
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
		data, _ := io.ReadAll(response.Body)
		return response.StatusCode, string(data)
	}
	now := time.Now()
	for name, c := range map[string]struct {
		at     time.Time
		change func(*http.Request)
	}{
		"unsigned":    {now, func(r *http.Request) { r.Header.Del("X-Signature-Ed25519") }},
		"no time":     {now, func(r *http.Request) { r.Header.Del("X-Signature-Timestamp") }},
		"wrong":       {now, func(r *http.Request) { r.Header.Set("X-Signature-Ed25519", strings.Repeat("ab", 64)) }},
		"no hex":      {now, func(r *http.Request) { r.Header.Set("X-Signature-Ed25519", strings.Repeat("zz", 64)) }},
		"stale":       {now.Add(-5*time.Minute - 2*time.Second), nil},
		"future":      {now.Add(5*time.Minute + 2*time.Second), nil},
		"other time":  {now, func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", fmt.Sprint(now.Unix()-1)) }},
		"altered":     {now, func(r *http.Request) { r.Body = io.NopCloser(strings.NewReader(payload + " ")); r.ContentLength++ }},
		"time in ms":  {now, func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", fmt.Sprint(now.UnixMilli())) }},
		"time is odd": {now, func(r *http.Request) { r.Header.Set("X-Signature-Timestamp", "now") }},
	} {
		if status, body := do(c.at, payload, c.change); status != http.StatusUnauthorized {
			t.Errorf("%s: %d %s", name, status, body)
		}
	}
	if len(h.handler.Asked()) != 0 {
		t.Error("asked the desk for somebody unknown")
	}
	if status, body := do(now, `{"id":"1","type":1,"application_id":"1"}`, nil); status != http.StatusOK || body != `{"type":1}` {
		t.Errorf("PING: %d %s", status, body)
	}
	if status, _ := do(now, payload, nil); status != http.StatusOK {
		t.Errorf("signed: %d", status)
	}
	if status, _ := do(now, payload, nil); status != http.StatusUnauthorized {
		t.Errorf("replayed: %d", status)
	}
	if status, _ := do(now, "{", nil); status != http.StatusBadRequest {
		t.Errorf("malformed: %d", status)
	}
	if status, _ := do(now, strings.Repeat("x", maxEvent+1), nil); status != http.StatusRequestEntityTooLarge {
		t.Errorf("too long: %d", status)
	}
	if n := len(h.handler.Asked()); n != 1 {
		t.Errorf("asked the desk %d times", n)
	}
}

// TestAccess holds that a token that stops working shows in the state.
func TestAccess(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: 401, Code: 0})
	h.ask("11", "1", "hello")
	at = h.awaitState(at, bot.Down, "DISCORD_BOT_TOKEN")
	h.ask("12", "2", "hello")
	at = h.awaitState(at, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503})
	h.ask("13", "2", "hello")
	at = h.awaitState(at, bot.Down, "takes no answers")
	h.awaitState(at, bot.Ready, "")
}
