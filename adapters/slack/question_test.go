package slack

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// shared is a forwarded message as Slack sends it.
const shared = `"attachments":[{"ts":"1779999999.000100","author_id":"U2","author_name":"Ann","channel_id":"C9",` +
	`"channel_team":"T1","is_msg_unfurl":true,"is_share":true,"id":1,"fallback":"[November 26th] ann: my badge",` +
	`"from_url":"https://acme.slack.com/archives/C9/p1779999999000100","text":"my badge is &lt;lost&gt;",` +
	`"message_blocks":[{"team":"T1","channel":"C9","ts":"1779999999.000100","message":{"blocks":[]}}],` +
	`"mrkdwn_in":["text"],"footer":"Posted in #general"}]`

// TestForwarded checks that the text of a forwarded message is the question, after the
// words of the person who forwards it.
func TestForwarded(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	await := func(channel, about string) {
		t.Helper()
		h.Await(t, "the answer", func() bool { return len(h.Messages(channel)) == 1 })
		if m := h.Messages(channel)[0]; !strings.HasSuffix(m.Text, "about: "+about) {
			t.Errorf("answered with %q", m.Text)
		}
	}
	say := func(id, kind, channel, text, with string) {
		h.send("events_api",
			eventPayload(id,
				fmt.Sprintf(`{"type":%q,"channel_type":"im","user":"U1","text":%s,"ts":"1780000000.000001",`+
					`"channel":%q,%s}`, kind, quote(text), channel, with)))
	}
	say("Ev1", "message", "D1", "", shared)
	await("D1", "my badge is &lt;lost&gt;")
	say("Ev2", "message", "D2", "can you help?", shared)
	await("D2", "can you help?\nmy badge is &lt;lost&gt;")
	say("Ev3", "app_mention", "C1", "<@U0BOT>", shared)
	await("C1", "my badge is &lt;lost&gt;")
	say("Ev4", "app_mention", "C2", "<@U0BOT> who?", shared)
	await("C2", "who?\nmy badge is &lt;lost&gt;")
	say("Ev5", "message", "D3", "<https://acme.slack.com/archives/C9/p1779999999000100>", shared)
	await("D3", "my badge is &lt;lost&gt;")
	// Slack may send the text only as blocks.
	say("Ev6", "message", "D4", "",
		`"attachments":[{"is_share":true,"text":"","message_blocks":[{"message":{"blocks":[{"type":"rich_text",`+
			`"elements":[{"type":"rich_text_section","elements":[{"type":"text","text":"who "},{"type":"text",`+
			`"text":"pays","style":{"bold":true}},{"type":"text","text":" & why <now>?"}]}]}]}}]}]`)
	await("D4", "who pays &amp; why &lt;now&gt;?")
	// Other attachments say nothing.
	say("Ev7", "message", "D5", "who pays?",
		`"attachments":[{"from_url":"https://example.org","title":"A page","text":"about cars"}]`)
	await("D5", "who pays?")
	h.send("interactive",
		fmt.Sprintf(
			`{"type":"message_action","callback_id":"ask_desk","trigger_id":"t1","user":{"id":"U1"},`+
				`"channel":{"id":"C3"},"response_url":%q,"message":{"type":"message","user":"U2","text":"look",`+
				`"ts":"1780000000.000001",%s}}`, h.Hook("C3", "U1", ""), shared))
	await("C3", "look\nmy badge is &lt;lost&gt;")
}

// inRichText is a rich text block with one section of elements, or with another container.
func inRichText(container, elements string) string {
	return fmt.Sprintf(`"blocks":[{"type":"rich_text","block_id":"b","elements":[{"type":%q,"elements":[%s]}]}]`,
		container, elements)
}

// TestQuoted checks that a mention in code or in a quote is not answered, by the blocks of
// the message or, without blocks, by its text.
func TestQuoted(t *testing.T) {
	t.Parallel()
	const (
		user = `{"type":"user","user_id":"U0BOT"}`
		code = `{"type":"user","user_id":"U0BOT","style":{"code":true}}`
		text = `{"type":"text","text":" who?"}`
	)
	ignored := []struct{ text, with string }{
		{"type `<@U0BOT> who?` to ask", `"x":0`},
		{"```\n<@U0BOT> who?\n```", `"x":0`},
		{"&gt; <@U0BOT> who?\nhe asked that", `"x":0`},
		{"see\n&gt;&gt;&gt; this:\n<@U0BOT> who?", `"x":0`},
		{"<@U0BOT> who?", inRichText("rich_text_section", code+","+text)},
		{"<@U0BOT> who?", inRichText("rich_text_preformatted", user+","+text)},
		{"<@U0BOT> who?", inRichText("rich_text_quote", user+","+text)},
	}
	answered := []struct{ text, with string }{
		{"`<@U0BOT>` is you, <@U0BOT>?", `"x":0`},
		{"&gt; <@U0BOT> who?\n<@U0BOT> same here", `"x":0`},
		{"a &gt; b, <@U0BOT>?", `"x":0`},
		{"one ` is no code <@U0BOT|frontdesk>", `"x":0`},
		{"`<@U0BOT>` who?", inRichText("rich_text_section", user+","+text)}, // backquotes that were typed
		{"<@U0BOT> <@U0BOT>", inRichText("rich_text_section", code+","+text+","+user)},
		{"<@U0BOT> who?", `"blocks":[{"type":"rich_text","elements":[{"type":"rich_text_list","style":"bullet",` +
			`"elements":[{"type":"rich_text_section","elements":[` + user + "," + text + `]}]}]}]`},
		{"<@U0BOT> who?", `"blocks":[{"type":"section","text":{"type":"mrkdwn","text":"<@U0BOT> who?"}}]`},
	}
	h := open(t, true, nil)
	ask := func(id int, text, with string) {
		h.send("events_api",
			eventPayload(fmt.Sprint("Ev", id),
				fmt.Sprintf(`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"channel":"C%d",%s}`,
					quote(text), ts(id), id, with)))
	}
	for i, c := range ignored {
		ask(100+i, c.text, c.with)
	}
	for i, c := range answered {
		ask(200+i, c.text, c.with)
	}
	for i, c := range answered {
		h.Await(t, "an answer to "+c.text, func() bool { return len(h.Messages(fmt.Sprint("C", 200+i))) == 1 })
	}
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != len(answered) {
		t.Errorf("%v, %v", err, h.Messages(""))
	}
}

// TestAbove checks that a mention without words in a thread asks what the message above
// says, and that without the scope to read it the asker learns what to do.
func TestAbove(t *testing.T) {
	t.Parallel()
	thread := func(messages ...string) string {
		return `{"ok":true,"messages":[` + strings.Join(messages, ",") + `],"has_more":false}`
	}
	const (
		root  = `{"type":"message","user":"U2","text":"good morning","ts":"1780000000.000001"}`
		badge = `{"type":"message","user":"U2","text":"my badge is &lt;lost&gt;","ts":"1780000000.000002"}`
		ours  = `{"type":"message","user":"U0BOT","bot_id":"B0BOT","text":"an answer","ts":"1780000000.000003"}`
		nods  = `{"type":"message","user":"U2","text":":point_up: ?","ts":"1780000000.000004"}`
		later = `{"type":"message","user":"U2","text":"too late","ts":"1780000000.000006"}`
		fwd   = `{"type":"message","user":"U2","text":"","ts":"1780000000.000004",` + shared + `}`
	)
	for name, c := range map[string]struct{ text, replies, want string }{
		"nothing":   {"<@U0BOT>", thread(root, badge, ours, nods, later), "about: my badge is &lt;lost&gt;"},
		"a sign":    {"<@U0BOT> ^^", thread(root, badge), "about: my badge is &lt;lost&gt;"},
		"an emoji":  {":point_up::skin-tone-2: <@U0BOT> ?", thread(root), "about: good morning"},
		"forwarded": {"<@U0BOT> ?", thread(root, fwd), "about: my badge is &lt;lost&gt;"},
		"words":     {"<@U0BOT> who?", "", "about: who?"},
		"no scope":  {"<@U0BOT> ^^", "", bot.SayWhichQuestion},
		"no words":  {"<@U0BOT> ^^", thread(nods), bot.SayWhichQuestion},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, true, func(h *house) {
				if c.replies != "" {
					h.Say("conversations.replies", c.replies)
				}
			})
			at := h.awaitState(0, bot.Ready, "")
			h.send("events_api", inThread("Ev1", "C1", ts(5), ts(1), c.text))
			h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
			if m := h.Messages("C1")[0]; !strings.HasSuffix(m.Text, c.want) || m.Thread != ts(1) || m.Only != "" {
				t.Errorf("answered with %+v", m)
			}
			calls := h.Calls("conversations.replies")
			if name == "words" != (len(calls) == 0) || len(calls) > 0 &&
				(calls[0].Args["channel"] != "C1" || calls[0].Args["ts"] != ts(1) || calls[0].Args["latest"] != ts(5)) {
				t.Errorf("asks for %v", calls)
			}
			if all := h.states.All(); len(all) != at {
				t.Errorf("the states are %v", all)
			}
			if name == "nothing" { // the buttons refer to the question that was found
				h.press(h.Messages("C1")[0], "up", false)
				h.Await(t, "the thanks", func() bool { return len(h.Messages("C1")) == 2 })
				if m := h.Messages("C1")[0]; !strings.Contains(m.Blocks, "my badge is") {
					t.Errorf("the blocks are %s", m.Blocks)
				}
			}
		})
	}
}

// TestAboveLong checks that all pages of a long thread are read.
func TestAboveLong(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.Say("conversations.replies", `{"ok":true,"messages":[{"user":"U2","text":"old","ts":"1780000000.000001"}],`+
			`"has_more":true,"response_metadata":{"next_cursor":"bmV4dA=="}}`)
	})
	h.send("events_api", inThread("Ev1", "C1", ts(5), ts(1), "<@U0BOT>"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	calls := h.Calls("conversations.replies")
	if m := h.Messages("C1")[0]; m.Text != adaptertest.Plain(bot.SayWhichQuestion).Plain() || len(calls) != mostOfSpan ||
		calls[1].Args["cursor"] != "bmV4dA==" {
		t.Errorf("%d calls, and answered with %+v", len(calls), m)
	}
}
