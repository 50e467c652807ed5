package slack

import (
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestTogether holds that one call that was told to wait does not make all
// others wait for one another.
func TestTogether(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.Fail("views.publish", adaptertest.Fault{Status: 429, RetryAfter: "1"}) })
	start := time.Now()
	for i := range 10 {
		h.send("events_api", eventPayload(fmt.Sprint("Ev", i), fmt.Sprintf(`{"type":"app_home_opened","user":"U%d","tab":"home"}`, i)))
	}
	h.Await(t, "ten Home tabs", func() bool { return len(h.Views()) == 10 })
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("ten Home tabs took %v", took)
	}
}

// TestOddRetryAfter holds that a 429 counts as one whatever its header says.
func TestOddRetryAfter(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.Fail("chat.postMessage", adaptertest.Fault{Status: 429, RetryAfter: "1.5"}, adaptertest.Fault{Status: 429, RetryAfter: "Tue, 24 Nov 2026 10:00:00 GMT"})
	})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
}

// TestOpenWaits holds that a connection is not asked for sooner than Slack says.
func TestOpenWaits(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.Fail("apps.connections.open", adaptertest.Fault{Status: 429, RetryAfter: "2"}) })
	h.awaitState(0, bot.Down, "rate limit")
	h.awaitState(0, bot.Ready, "")
	calls := h.Calls("apps.connections.open")
	if len(calls) != 2 || calls[1].At.Sub(calls[0].At) < 2*time.Second {
		t.Errorf("asked %d times", len(calls))
	}
}

// TestDown holds that a Slack that takes no answers shows in the state, until it
// takes them again.
func TestDown(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	at := h.awaitState(0, bot.Ready, "")
	h.Fail("chat.postMessage", adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503})
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	at = h.awaitState(at, bot.Down, "takes no answers")
	h.awaitState(at, bot.Ready, "")
}

// TestTokens holds that the state names the token that is refused, and that
// only a call with that token shows it to be well.
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
	if err := <-h.ended; err == nil || strings.Contains(err.Error(), "SLACK_BOT_TOKEN") || !strings.Contains(err.Error(), "SLACK_APP_TOKEN") {
		t.Errorf("Run returns %v", err)
	}
	for _, s := range h.states.All()[at:] {
		if strings.Contains(s.Why, "SLACK_BOT_TOKEN") {
			t.Errorf("blames the wrong token: %v", s)
		}
	}
}

// TestLost holds that a connection that Slack is about to replace and that is
// cut before counts as lost.
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

// TestDeletedFirst holds that a deletion that overtakes its question counts.
func TestDeletedFirst(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.send("events_api", eventPayload("Ev1", `{"type":"message","subtype":"message_deleted","channel_type":"im","channel":"D1","deleted_ts":"1780000000.000001","ts":"1780000007.000000"}`))
	h.send("events_api", direct("Ev2", ts(1), "gone"))
	h.send("events_api", direct("Ev3", ts(2), "there"))
	h.Await(t, "the other answer", func() bool { return len(h.Messages("D1")) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("D1")) != 1 || !strings.Contains(h.Messages("D1")[0].Text, "there") {
		t.Errorf("%v, %v", err, h.Messages("D1"))
	}
}

// TestOldEdits holds that an edit posts no second answer: not to a question from
// before the start, and not to one of whose answer nobody knows what became.
func TestOldEdits(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	edited := func(id, ts, text string) string {
		return eventPayload(id, fmt.Sprintf(`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"channel":"C1","edited":{"user":"U1","ts":"1900000000.000000"}}`, quote("<@U0BOT> "+text), ts))
	}
	h.send("events_api", edited("Ev1", fmt.Sprintf("%d.000100", time.Now().Unix()-1000), "old"))
	h.Fail("chat.postMessage", adaptertest.Fault{Cut: true})
	now := fmt.Sprintf("%d.000200", time.Now().Unix()+1)
	h.send("events_api", mention("Ev2", "C1", now, "cut"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.send("events_api", edited("Ev3", now, "cut, edited"))
	// A mention that an edit brings is answered, and an answer that somebody
	// has removed comes again.
	h.send("events_api", edited("Ev4", fmt.Sprintf("%d.000300", time.Now().Unix()+2), "mention added"))
	h.Await(t, "another answer", func() bool { return len(h.Messages("C1")) == 2 })
	third := fmt.Sprintf("%d.000400", time.Now().Unix()+3)
	h.send("events_api", mention("Ev5", "C1", third, "removed"))
	h.Await(t, "a third answer", func() bool { return len(h.Messages("C1")) == 3 })
	h.Fail("chat.update", adaptertest.Fault{Error: "message_not_found"})
	h.send("events_api", edited("Ev6", third, "removed, edited"))
	h.Await(t, "a fourth answer", func() bool { return len(h.Messages("C1")) == 4 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("C1")) != 4 {
		t.Errorf("%v, %v", err, h.Messages("C1"))
	}
}

// TestGone holds that an answer that is gone already can be taken along.
func TestGone(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.send("events_api", direct("Ev1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("D1")) == 1 })
	h.Fail("chat.delete", adaptertest.Fault{Error: "message_not_found"})
	h.send("events_api", eventPayload("Ev2", fmt.Sprintf(`{"type":"message","subtype":"message_deleted","channel_type":"im","channel":"D1","deleted_ts":%q}`, ts(1))))
	h.Await(t, "the call", func() bool { return len(h.Calls("chat.delete")) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || strings.Contains(h.log.String(), "level=ERROR") {
		t.Errorf("%v\n%s", err, h.log)
	}
}

// TestUnclear holds that what may have been done is not done another way: no
// message beside a modal, no wrong word about what was shared.
func TestUnclear(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.Fail("views.open", adaptertest.Fault{Cut: true})
	h.send("interactive", `{"type":"block_actions","user":{"id":"U1"},"trigger_id":"t1","view":{"id":"V1","type":"home"},"actions":[{"action_id":"ask","block_id":"b","value":"who?"}]}`)
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

// TestShortcutRoot holds that the beginning of a thread is answered where it is
// looked at, in the channel, and shared into the thread.
func TestShortcutRoot(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.send("interactive", fmt.Sprintf(`{"type":"message_action","callback_id":"ask_desk","trigger_id":"t1","user":{"id":"U1"},"channel":{"id":"C1"},"response_url":%q,"message":{"user":"U2","text":"x","ts":%q,"thread_ts":%q}}`,
		h.Hook("C1", "U1", ""), ts(1), ts(1)))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	if m := h.Messages("C1")[0]; m.Thread != "" || !strings.Contains(m.Blocks, ts(1)) {
		t.Errorf("answered with %+v", m)
	}
}

// TestLongDirectory holds that every division of a long directory can be chosen
// after "Not what I meant".
func TestLongDirectory(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.handler.Many = 150 })
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.press(h.Messages("C1")[0], "meant", false)
	h.Await(t, "the directory", func() bool { return len(h.Views()) == 1 })
	var all []struct {
		Elements []struct {
			Options []json.RawMessage `json:"options"`
		} `json:"elements"`
	}
	if err := json.Unmarshal([]byte(h.Views()[0].Blocks), &all); err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, b := range all {
		for _, e := range b.Elements {
			n += len(e.Options)
		}
	}
	if n != 150 {
		t.Errorf("%d of 150 can be chosen", n)
	}
}
