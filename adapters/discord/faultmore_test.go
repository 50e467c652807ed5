package discord

import (
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestExempt holds that a pause for all calls does not hold up interactions,
// which Discord does not count.
func TestExempt(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: 429, RetryAfter: "30", Global: true})
	h.ask("11", "1", "one")
	h.Await(t, "the pause", func() bool {
		if strings.Contains(h.log.String(), "trying again") {
			return true
		}
		h.Touch()
		return false
	})
	start := time.Now()
	h.interact("21", interactionOf("21", 2, "1", askData("who pays?", ""), ""))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("answered after %v", took)
	}
	h.adapter.timing.drain = 0
}

// TestNotThrough holds that an answer to an interaction that did not get through
// in time goes to the channel, once, and not at all if it was heard.
func TestNotThrough(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	down := make([]adaptertest.Fault, 40)
	for i := range down {
		down[i] = adaptertest.Fault{Status: 503}
	}
	h.Fail("POST interaction", down...)
	h.Emit(t, "INTERACTION_CREATE", interactionOf("21", 2, "1", askData("who pays?", ""), ""))
	h.answered(1)
	h.Heal("POST interaction")
	h.Fail("POST interaction", adaptertest.Fault{Cut: true})
	h.Emit(t, "INTERACTION_CREATE", interactionOf("22", 2, "2", askData("who pays?", ""), ""))
	h.Await(t, "the answer", func() bool { return len(h.Replies("22")) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != 1 {
		t.Errorf("%v, %v", err, h.Messages(""))
	}
}

// TestNoOvertaking holds that a deferred answer over HTTP gets through even if
// Discord has not yet seen the deferral.
func TestNoOvertaking(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house, _ *Settings) {
		if h.handler.Started == nil {
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		}
		if h.adapter != nil {
			h.adapter.timing.defers = time.Millisecond
		}
	})
	if first := h.interact("21", interactionOf("21", 2, "1", askData("slow", ""), "")); first.Type != 5 {
		t.Errorf("the first answer is %+v", first)
	}
	close(h.handler.Go)
	h.Await(t, "a try that comes too soon", func() bool { return len(h.Calls("PATCH webhook")) > 0 })
	h.Note("21")
	h.Await(t, "the answer", func() bool { return len(h.Replies("21")) == 2 })
}

// TestWaitingShards holds that no shard opens a connection before its turn: it
// would have to keep it alive.
func TestWaitingShards(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, s *Settings) {
		s.ShardCount = 3
		if h.adapter != nil {
			h.adapter.timing.identify = 300 * time.Millisecond
		}
	})
	h.Await(t, "three shards", func() bool { return len(h.Starts()) == 3 })
	s := h.Starts()
	slices.SortFunc(s, func(a, b adaptertest.DiscordStart) int { return a.At.Compare(b.At) })
	if s[1].At.Sub(s[0].At) < 200*time.Millisecond || s[2].At.Sub(s[1].At) < 200*time.Millisecond {
		t.Errorf("sessions: %+v", s)
	}
	h.awaitState(0, bot.Ready, "")
}

// TestNeverReady holds that a bot that is refused never counts as ready, and
// that it can be stopped while the gateway says nothing.
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

// TestLongAddress holds that a long address of the source costs no answer.
func TestLongAddress(t *testing.T) {
	t.Parallel()
	a := adaptertest.Answers()["long"]
	a.Source.URL = "https://example.org/" + strings.Repeat("x", 1500)
	for _, wrong := range adaptertest.CheckMessage(encode(render(a, frame{}))) {
		t.Error(wrong)
	}
}

// TestMentionRemoved holds that an edit that takes the mention out takes the
// answer along, and that one that brings it back brings an answer.
func TestMentionRemoved(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.ask("11", "1", "hello")
	h.answered(1)
	edit := `{"id":"11","channel_id":"1","guild_id":"50","type":0,"content":"","author":{"id":"711"},"edited_timestamp":"2026-11-24T10:00:0%d.000000+00:00"}`
	h.Emit(t, "MESSAGE_UPDATE", fmt.Sprintf(edit, 1))
	h.Await(t, "the deletion", func() bool { return len(h.Messages("")) == 0 })
	back := strings.Replace(strings.Replace(fmt.Sprintf(edit, 2), `"content":""`, `"content":"<@100000000000000001> again"`, 1), `"711"`, `"712"`, 1)
	h.Emit(t, "MESSAGE_UPDATE", back)
	h.answered(1)
}

// TestHasty holds that an answer that is private because its asker is hasty is
// deferred as a private one, and that the reason is said without an embed too.
func TestHasty(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter != nil {
			h.adapter.timing.defers = 20 * time.Millisecond
		}
		if h.handler.Started == nil {
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		}
	})
	for i := range perPerson.burst {
		id := fmt.Sprint(100 + i)
		h.interact(id, interactionOf(id, 2, "1", askData("who pays?", ""), ""))
	}
	plain := strings.Replace(interactionOf("150", 2, "1", askData("who pays?", ""), ""), `"app_permissions":"16384"`, `"app_permissions":"2048"`, 1)
	if r := h.interact("150", plain); !strings.Contains(r.Data, bot.SayManyAsked) || !strings.Contains(r.Data, "about: who pays?") {
		t.Errorf("without an embed a hasty asker gets %+v", r)
	}
	if r := h.interact("200", interactionOf("200", 2, "1", askData("slow", ""), "")); r.Type != 5 || !strings.Contains(r.Data, "64") {
		t.Errorf("a slow answer to a hasty asker is deferred with %+v", r)
	}
	close(h.handler.Go)
	h.Await(t, "the answer", func() bool { return len(h.Replies("200")) == 2 })
}

// TestOddHeaders holds that no odd header makes a request be sent again and
// again, or pass for another.
func TestOddHeaders(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.awaitState(0, bot.Ready, "")
	payload := interactionOf("21", 2, "1", askData("who pays?", ""), "")
	for _, want := range []int{http.StatusOK, http.StatusUnauthorized} {
		status, _ := h.request(payload, func(r *http.Request) {
			if want != http.StatusOK {
				r.Header.Set("X-Signature-Ed25519", strings.ToUpper(r.Header.Get("X-Signature-Ed25519")))
			}
		})
		if status != want && want == http.StatusOK {
			t.Errorf("signed: %d", status)
		}
		if want != http.StatusOK && status == http.StatusOK {
			t.Error("a replay in capitals passes")
		}
	}
	for _, odd := range []string{"1e300", "Inf", "NaN", "-1"} {
		g := open(t, false, func(h *house, _ *Settings) {
			if h.adapter == nil {
				h.Fail("GET me", adaptertest.Fault{Status: 429, RetryAfter: odd})
			}
		})
		g.Await(t, "the call", func() bool { return len(g.Calls("GET me")) > 0 })
		g.stop()
		<-g.ended
		if n := len(g.Calls("GET me")); n > 3 {
			t.Errorf("Retry-After %s: called %d times", odd, n)
		}
	}
}
