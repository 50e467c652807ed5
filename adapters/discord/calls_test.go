package discord

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestSendFaults checks that an answer is delivered, and is never posted twice.
func TestSendFaults(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		faults  []adaptertest.Fault
		calls   int
		posted  int
		atLeast time.Duration
	}{
		"429": {[]adaptertest.Fault{{Status: 429, RetryAfter: "0.5"}}, 2, 1, 500 * time.Millisecond},
		"429 for all": {
			[]adaptertest.Fault{{Status: 429, RetryAfter: "0.5", Global: true}}, 2, 1, 500 * time.Millisecond,
		},
		"429 of a proxy": {[]adaptertest.Fault{{Status: 429}, {Status: 429}}, 3, 1, 0},
		"500 to 504": {
			[]adaptertest.Fault{{Status: 500}, {Status: 502}, {Status: 503}, {Status: 504}}, 5, 1, 0,
		},
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
			if calls, posted := len(h.Calls("POST message")), len(h.Messages("1")); calls != c.calls ||
				posted != c.posted {
				t.Errorf("%d calls, %d messages", calls, posted)
			}
			if took := time.Since(start); took < c.atLeast {
				t.Errorf("did not wait as told, but %v", took)
			}
		})
	}
}

// TestGlobal checks that a pause for all calls delays other channels as well.
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

// TestForbidden checks that a channel in which the bot may not write is logged
// once, with a remedy, and that other channels are not affected.
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
	// Without the permission to embed links the answer is plain text.
	h.Fail("POST message", adaptertest.Fault{Status: 400, Code: 50006})
	h.ask("14", "3", "four")
	h.answered(2)
	if m := h.Messages("3"); len(m) != 1 || !strings.Contains(m[0].Body, `"embeds":[]`) ||
		!strings.Contains(m[0].Body, "about: four") {
		t.Errorf("without embeds: %+v", m)
	}
	h.stop()
	<-h.ended
	if n := strings.Count(h.log.String(), "the channel is gone"); strings.Count(h.log.String(), "level=ERROR") != 1 ||
		n < 1 {
		t.Errorf("logged %d times:\n%s", n, h.log)
	}
}

// TestAccess checks that the state reports a token that is revoked.
func TestAccess(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: 401, Code: 0})
	h.ask("11", "1", "hello")
	at = h.awaitState(at, bot.Down, "DISCORD_BOT_TOKEN")
	h.ask("12", "2", "hello")
	at = h.awaitState(at, bot.Ready, "")
	h.Fail("POST message", adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503},
		adaptertest.Fault{Status: 503})
	h.ask("13", "2", "hello")
	at = h.awaitState(at, bot.Down, "takes no answers")
	h.awaitState(at, bot.Ready, "")
}

// TestExempt checks that a pause for all calls does not delay interactions,
// which do not count for Discord's global rate limit.
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
	h.command("21", "1", "who pays?")
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("answered after %v", took)
	}
	h.adapter.timing.drain = 0
}

// TestNotThrough checks that an answer that did not reach its interaction in time is
// posted in the channel once, and not at all if it did reach it.
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

// TestOddHeaders checks that no odd header causes endless retries or a wrong
// classification.
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
