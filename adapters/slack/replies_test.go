package slack

import (
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
)

func ts(n int) string { return fmt.Sprintf("1780000000.%06d", n) }

// TestRepeats checks that a duplicate event is not answered: on the same connection, on
// another, or as a retry.
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
	// The same message as another event, as for an app that may read all messages.
	h.send("events_api", mention("Ev2", "C1", ts(1), "once"))
	// A retry is not a duplicate if the first try never arrived.
	h.Emit(t, strings.Replace(fmt.Sprintf(envelope, mention("Ev3", "C1", ts(2), "lost")), "again", "first", 1))
	h.Await(t, "the other answer", func() bool { return len(h.Messages("C1")) == 2 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("C1")) != 2 {
		t.Errorf("%v, %v", err, h.Messages("C1"))
	}
}

// malformed has malformed envelopes.
var malformed = []string{
	`{"envelope_id":"bad-1","type":"events_api","payload":"nothing"}`,
	`{"envelope_id":"bad-2","type":"events_api","payload":{"type":"event_callback","event_id":"EvX"}}`,
	`{"envelope_id":"bad-3","type":"events_api","payload":{"type":"event_callback","event_id":"EvY",` +
		`"event":{"type":"app_mention","user":{"id":"U1"},"ts":3}}}`,
	`{"envelope_id":"bad-4","type":"events_api","payload":{"type":"event_callback","event_id":"EvZ",` +
		`"event":{"type":"galaxy_exploded"}}}`,
	`{"envelope_id":"bad-5","type":"galactic","payload":{}}`,
	`{"envelope_id":"bad-6","type":"slash_commands","payload":{}}`,
	`{"envelope_id":"bad-7","type":"interactive","payload":{"type":"block_actions"}}`,
	`{"envelope_id":"bad-8","type":"interactive","payload":{"type":"dialog_cancellation"}}`,
	`{"envelope_id":"bad-9","type":4,"payload":{}}`,
	`{"envelope_id":"bad-10","type":"events_api"}`,
	`{"envelope_id":"bad-11","type":"interactive","payload":{"type":"block_actions","user":{"id":"U1"},` +
		`"actions":[{"action_id":"unheard of"}]}}`,
}

// TestFull checks that an event is not acknowledged if too many are in flight, so that
// Slack sends it again.
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
	if status, _ := adaptertest.Do(t, r); status != http.StatusServiceUnavailable {
		t.Errorf("without room: %d", status)
	}
	close(h.handler.Go)
	h.Await(t, "the first answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.send("events_api", again)
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 2 })
}

// TestDrain checks that the adapter stops even if a reply cannot be finished.
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

// TestDeletedFirst checks that a deletion counts that arrives before its question.
func TestDeletedFirst(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.send("events_api",
		eventPayload("Ev1",
			`{"type":"message","subtype":"message_deleted","channel_type":"im","channel":"D1",`+
				`"deleted_ts":"1780000000.000001","ts":"1780000007.000000"}`))
	h.send("events_api", direct("Ev2", ts(1), "gone"))
	h.send("events_api", direct("Ev3", ts(2), "there"))
	h.Await(t, "the other answer", func() bool { return len(h.Messages("D1")) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("D1")) != 1 ||
		!strings.Contains(h.Messages("D1")[0].Text, "there") {
		t.Errorf("%v, %v", err, h.Messages("D1"))
	}
}

// TestOldEdits checks that an edit posts no second answer, neither to a question from
// before the start nor to one whose answer may have been posted.
func TestOldEdits(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	edited := func(id, ts, text string) string {
		return eventPayload(id,
			fmt.Sprintf(
				`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"channel":"C1","edited":{"user":"U1",`+
					`"ts":"1900000000.000000"}}`, quote("<@U0BOT> "+text), ts))
	}
	h.send("events_api", edited("Ev1", fmt.Sprintf("%d.000100", time.Now().Unix()-1000), "old"))
	h.Fail("chat.postMessage", adaptertest.Fault{Cut: true})
	now := fmt.Sprintf("%d.000200", time.Now().Unix()+1)
	h.send("events_api", mention("Ev2", "C1", now, "cut"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.send("events_api", edited("Ev3", now, "cut, edited"))
	// A mention that an edit adds is answered, and an answer that somebody
	// deleted is posted again.
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

// TestGone checks that no error occurs if our answer is deleted already.
func TestGone(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.send("events_api", direct("Ev1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("D1")) == 1 })
	h.Fail("chat.delete", adaptertest.Fault{Error: "message_not_found"})
	h.send("events_api",
		eventPayload("Ev2",
			fmt.Sprintf(
				`{"type":"message","subtype":"message_deleted","channel_type":"im","channel":"D1","deleted_ts":%q}`,
				ts(1))))
	h.Await(t, "the call", func() bool { return len(h.Calls("chat.delete")) == 1 })
	h.stop()
	if err := <-h.ended; err != nil || strings.Contains(h.log.String(), "level=ERROR") {
		t.Errorf("%v\n%s", err, h.log)
	}
}

// TestShortcutRoot checks that a shortcut on the first message of a thread is answered
// in the channel and shared into the thread.
func TestShortcutRoot(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.send("interactive",
		fmt.Sprintf(
			`{"type":"message_action","callback_id":"ask_desk","trigger_id":"t1","user":{"id":"U1"},`+
				`"channel":{"id":"C1"},"response_url":%q,"message":{"user":"U2","text":"x","ts":%q,"thread_ts":%q}}`,
			h.Hook("C1", "U1", ""), ts(1), ts(1)))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	if m := h.Messages("C1")[0]; m.Thread != "" || !strings.Contains(m.Blocks, ts(1)) {
		t.Errorf("answered with %+v", m)
	}
}

// TestLongDirectory checks that every division of a long directory can be chosen
// after 👎.
func TestLongDirectory(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.handler.Many = 150 })
	h.send("events_api", mention("Ev1", "C1", ts(1), "hello"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.press(h.Messages("C1")[0], "down", false)
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
