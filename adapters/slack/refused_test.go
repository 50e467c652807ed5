package slack

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestBarred checks that an asker gets a direct message with the answer where the bot may
// not post, and that the log says once for each channel what to do about it.
func TestBarred(t *testing.T) {
	t.Parallel()
	for code, remedy := range map[string]string{
		"restricted_action":                     "workspace admin",
		"restricted_action_read_only_channel":   "managers",
		"restricted_action_thread_only_channel": "replies in threads",
		"restricted_action_thread_locked":       "locked",
		"restricted_action_of_another_kind":     "workspace admin",
		"is_archived":                           "archived",
		"not_in_channel":                        "/invite",
		"channel_not_found":                     "/invite",
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			h := open(t, true, func(h *house) {
				fault := adaptertest.Fault{Error: code}
				h.Fail("chat.postMessage", fault)
				h.Fail("chat.postEphemeral", fault)
			})
			h.send("events_api", mention("Ev1", "C1", ts(1), "who pays?"))
			h.Await(t, "a direct message", func() bool { return len(h.Messages("U1")) == 1 })
			h.send("events_api", mention("Ev2", "C1", ts(2), "hush"))
			h.Await(t, "another one", func() bool { return len(h.Messages("U1")) == 2 })
			for i, text := range []string{"who pays?", "hush"} {
				m := h.Messages("U1")[i]
				if !strings.HasPrefix(m.Text, bot.SayCannotReply+"\n\n") || !strings.Contains(m.Text, "about: "+text) ||
					!strings.HasPrefix(m.Blocks, `[{"type":"section"`) || m.Thread != "" {
					t.Errorf("the direct message: %+v", m)
				}
			}
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
			log := h.log.String()
			if strings.Count(log, "refused an answer") != 1 || !strings.Contains(log, "in C1") || !strings.Contains(log, code) ||
				!strings.Contains(log, remedy) || strings.Contains(log, "level=ERROR") {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

// TestBadForm checks that a message whose form Slack refuses is sent as text alone, and
// that the log has Slack's reasons.
func TestBadForm(t *testing.T) {
	t.Parallel()
	const why = "no more than 3000 characters allowed [json-pointer:/blocks/0/text]"
	mentioned := func(h *house) { h.send("events_api", mention("Ev1", "C1", ts(1), "hello")) }
	for name, c := range map[string]struct {
		method string
		fault  adaptertest.Fault
		ask    func(h *house)
	}{
		"blocks": {"chat.postMessage", adaptertest.Fault{Error: "invalid_blocks", Messages: []string{why}}, mentioned},
		"text":   {"chat.postMessage", adaptertest.Fault{Error: "msg_too_long"}, mentioned},
		"size":   {"chat.postMessage", adaptertest.Fault{Error: "msg_blocks_too_long"}, mentioned},
		"alone": {
			"chat.postEphemeral", adaptertest.Fault{Error: "invalid_blocks", Messages: []string{why}},
			func(h *house) { h.send("events_api", mention("Ev1", "C1", ts(1), "hush")) },
		},
		"response": {
			"response_url", adaptertest.Fault{Status: 400, Error: "invalid_blocks"},
			func(h *house) { h.command("C1", "hello") },
		},
		"response with reasons": {
			"response_url", adaptertest.Fault{
				Status: 400, Error: fmt.Sprintf(
					`{"ok":false,"error":"invalid_blocks","response_metadata":{"messages":[%q]}}`, why),
			},
			func(h *house) { h.command("C1", "hello") },
		},
		"response without reasons": {
			"response_url", adaptertest.Fault{Status: 400}, func(h *house) { h.command("C1", "hello") },
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, true, func(h *house) { h.Fail(c.method, c.fault) })
			c.ask(h)
			h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
			if m := h.Messages("C1")[0]; !strings.Contains(m.Text, "about: h") || m.Blocks != "" {
				t.Errorf("answered with %+v", m)
			}
			log := h.log.String()
			if !strings.Contains(c.fault.Error, "{") && !strings.Contains(log, c.fault.Error) ||
				(len(c.fault.Messages) > 0 || strings.Contains(c.fault.Error, why)) && !strings.Contains(log, why) {
				t.Errorf("log:\n%s", log)
			}
		})
	}
}

// TestBadFormUpdate checks that a new version of an answer that is sent as text alone
// does not keep the blocks of the old one.
func TestBadFormUpdate(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	h.send("events_api", mention("Ev1", "C1", ts(1), "helo"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.Fail("chat.update", adaptertest.Fault{Error: "invalid_blocks"})
	h.send("events_api",
		eventPayload("Ev2",
			`{"type":"app_mention","user":"U1","text":"<@U0BOT> hello","ts":"1780000000.000001","channel":"C1",`+
				`"edited":{"user":"U1","ts":"1780000005.000000"}}`))
	h.Await(t, "the new answer", func() bool {
		m := h.Messages("C1")[0]
		return strings.Contains(m.Text, "about: hello") && m.Blocks == ""
	})
}
