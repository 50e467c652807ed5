package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// press presses the first button of a message whose action id begins with action, and
// returns the payload.
func (h *house) press(m adaptertest.SlackMessage, action string, ephemeral bool) string {
	h.t.Helper()
	type element struct {
		Type    string `json:"type"`
		ID      string `json:"action_id"`
		Value   string `json:"value"`
		Options []struct {
			Value string `json:"value"`
		} `json:"options"`
	}
	var blocks []struct {
		ID        string    `json:"block_id"`
		Elements  []element `json:"elements"`
		Accessory element   `json:"accessory"`
	}
	if err := json.Unmarshal([]byte(m.Blocks), &blocks); err != nil {
		h.t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range append(b.Elements, b.Accessory) {
			if e.ID != action && !strings.HasPrefix(e.ID, action+":") {
				continue
			}
			chosen := fmt.Sprintf(`"value":%s`, quote(e.Value))
			if len(e.Options) > 0 {
				chosen = fmt.Sprintf(`"selected_option":{"text":{"type":"plain_text","text":"x"},"value":%s}`,
					quote(e.Options[len(e.Options)-1].Value))
			}
			thread := ""
			if m.Thread != "" {
				thread = fmt.Sprintf(`,"thread_ts":%q`, m.Thread)
			}
			payload := fmt.Sprintf(
				`{"type":"block_actions","user":{"id":"U1","name":"ann"},"trigger_id":%q,"response_url":%q,`+
					`"channel":{"id":%q,"name":"c"},`+
					`"container":{"type":"message","message_ts":%q,"channel_id":%q,"is_ephemeral":%v%s},`+
					`"actions":[{"type":%q,"action_id":%q,"block_id":%q,%s,"action_ts":"1780000009.000001"}]}`,
				trigger(), h.Hook(m.Channel, "U1", m.TS), m.Channel, m.TS, m.Channel, ephemeral, thread, e.Type, e.ID,
				b.ID, chosen)
			h.send("interactive", payload)
			return payload
		}
	}
	h.t.Fatalf("there is no %s in %s", action, m.Blocks)
	return ""
}

// TestButtons checks what each button does, also after a restart.
func TestButtons(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.send("events_api", mention("Ev1", "C1", "1780000000.000001", "offer"))
	h.send("events_api", mention("Ev2", "C2", "1780000000.000002", "sample answered"))
	h.Await(t, "the answers", func() bool { return len(h.Messages("C1")) == 1 && len(h.Messages("C2")) == 1 })
	m, answered := h.Messages("C1")[0], h.Messages("C2")[0]

	h.stop()
	if err := <-h.ended; err != nil {
		t.Fatal(err)
	}
	h.Await(t, "the end of the connection", func() bool { return h.Connections() == 0 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.adapter = New(h.adapter.settings, h.adapter.log, h.states.Monitor())
	go func() { h.ended <- h.adapter.Run(ctx, h.handler) }()

	// 👍 gets thanks, 👎 the directory, to the presser only. A person's last vote counts.
	h.press(answered, "up", false)
	h.Await(t, "thanks", func() bool { return len(h.Messages("C2")) == 2 })
	if thanks := h.Messages("C2")[1]; thanks.Only != "U1" || thanks.Thread != answered.Thread ||
		!strings.Contains(thanks.Text, bot.SayThanks) {
		t.Errorf("thanks: %+v", thanks)
	}
	h.press(answered, "down", false)
	h.press(answered, "down", false)
	h.Await(t, "the directories", func() bool { return len(h.Messages("C2")) == 4 })
	if offered := h.Messages("C2")[3]; offered.Only != "U1" ||
		!strings.Contains(offered.Text, "Which one did you mean?") {
		t.Errorf("after a vote: %+v", offered)
	}
	// Details open in a modal.
	h.press(answered, "details", false)
	h.Await(t, "the details", func() bool { return len(h.Views()) == 1 })
	if v := h.Views()[0].Blocks; !strings.Contains(v, "Ann Example") || strings.Contains(answered.Text, "Ann Example") {
		t.Errorf("details: %s, after %s", v, answered.Text)
	}

	// "See all divisions" offers the directory to the presser only.
	h.press(m, "meant", false)
	h.Await(t, "the directory", func() bool { return len(h.Messages("C1")) == 2 })
	offered := h.Messages("C1")[1]
	if offered.Only != "U1" || offered.Thread != m.Thread || !strings.Contains(offered.Text, "Buildings") ||
		!strings.Contains(offered.Blocks, "choose:1") {
		t.Errorf("the directory: %+v", offered)
	}
	h.press(offered, "choose", true)
	h.Await(t, "the card", func() bool { return strings.Contains(h.Messages("C1")[1].Text, "Division people") })
	if card := h.Messages("C1")[1]; card.Only != "U1" || !strings.Contains(card.Blocks, `"action_id":"share"`) ||
		len(h.Messages("C1")) != 2 {
		t.Errorf("the card: %+v", card)
	}
	h.press(h.Messages("C1")[1], "share", true)
	h.Await(t, "the shared card", func() bool { return len(h.Messages("C1")) == 3 })
	if shared := h.Messages("C1")[2]; shared.Only != "" || shared.Thread != m.Thread ||
		!strings.Contains(shared.Text, "Division people") {
		t.Errorf("shared: %+v", shared)
	}

	// A suggestion replaces the message with that answer.
	payload := h.press(m, "choose", false)
	h.Await(t, "the choice", func() bool { return h.Messages("C1")[0].Edits == 1 })
	if chosen := h.Messages("C1")[0]; !strings.Contains(chosen.Text, "Division people") || chosen.Thread != m.Thread {
		t.Errorf("chosen: %+v", chosen)
	}
	// The same press again does nothing.
	h.send("interactive", payload)
	cancel()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	if h.Messages("C1")[0].Edits != 1 {
		t.Error("a press that was repeated counts twice")
	}
	if h.adapter.current.Load() != nil {
		t.Error("serves after its end")
	}
}

// TestMenu checks that an entry of a long directory can be chosen and shared.
func TestMenu(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.command("C1", "sample directory")
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.press(h.Messages("C1")[0], "choose", true)
	h.Await(t, "the card", func() bool { return strings.Contains(h.Messages("C1")[0].Text, "Division division-0") })
}

// TestShareTwice checks that a second press does not post again, and that the presser is
// told why an answer could not be shared and may try again.
func TestShareTwice(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.command("C1", "who pays?")
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	answer := h.Messages("C1")[0]
	h.Leave("C1")
	h.Fail("response_url", adaptertest.Fault{Status: 404, Error: "used_url"})
	h.press(answer, "share", true)
	h.Await(t, "the reason", func() bool { return len(h.Messages("C1")) == 2 })
	if reason := h.Messages("C1")[1]; reason.Only != "U1" || !strings.Contains(reason.Text, "not a member") {
		t.Errorf("the reason: %+v", reason)
	}
	h.Join("C1")
	h.press(answer, "share", true)
	h.press(answer, "share", true)
	h.Await(t, "the shared answer and a note", func() bool { return len(h.Messages("C1")) == 4 })
	public := 0
	for _, m := range h.Messages("C1") {
		if m.Only == "" {
			public++
		}
	}
	if public != 1 {
		t.Errorf("shared %d times", public)
	}
}

// TestShareAbsent checks that an answer can be shared where the bot is no member, such as
// in a direct message of two people.
func TestShareAbsent(t *testing.T) {
	t.Parallel()
	for _, code := range []string{"channel_not_found", "not_in_channel"} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house) {
				h.Fail("chat.postMessage", adaptertest.Fault{Error: code, Always: true})
			})
			h.command("D9", "who pays?")
			h.Await(t, "the answer", func() bool { return len(h.Messages("D9")) == 1 })
			h.press(h.Messages("D9")[0], "share", true)
			h.Await(t, "the note", func() bool { return strings.Contains(h.Messages("D9")[0].Text, bot.SayShared) })
			if all := h.Messages("D9"); len(all) != 2 || all[1].Only != "" || all[1].Thread != "" ||
				!strings.Contains(all[1].Text, "about: who pays?") || !strings.Contains(all[1].Blocks, `"user_id":"U1"`) {
				t.Errorf("shared: %+v", all)
			}
			// From a message's menu, into its thread.
			h.send("interactive",
				fmt.Sprintf(
					`{"type":"message_action","callback_id":"ask_desk","trigger_id":"t1","user":{"id":"U1"},`+
						`"channel":{"id":"D8"},"response_url":%q,"message":{"user":"U2","text":"who pays?","ts":%q}}`,
					h.Hook("D8", "U1", ""), ts(1)))
			h.Await(t, "the answer", func() bool { return len(h.Messages("D8")) == 1 })
			h.press(h.Messages("D8")[0], "share", true)
			h.Await(t, "the shared answer", func() bool { return len(h.Messages("D8")) == 2 })
			if m := h.Messages("D8")[1]; m.Only != "" || m.Thread != ts(1) {
				t.Errorf("shared: %+v", m)
			}
		})
	}
}

// TestHomeTab checks what can be done from the Home tab and its modals.
func TestHomeTab(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	view := func(n int) adaptertest.SlackView {
		t.Helper()
		h.Await(t, fmt.Sprintf("view %d", n), func() bool { return len(h.Views()) >= n })
		return h.Views()[n-1]
	}
	h.send("events_api",
		eventPayload("Ev1", `{"type":"app_home_opened","user":"U1","channel":"D1","tab":"home","event_ts":"1"}`))
	home := view(1)
	if home.User != "U1" || !strings.Contains(home.Blocks, "Buildings") ||
		!strings.Contains(home.Blocks, `"dispatch_action":true`) {
		t.Errorf("the Home tab: %+v", home)
	}
	act := func(kind, id, trigger, action, value string) {
		h.send("interactive",
			fmt.Sprintf(
				`{"type":"block_actions","user":{"id":"U1"},"trigger_id":%q,"container":{"type":"view","view_id":%q},`+
					`"view":{"id":%q,"type":%q},"actions":[{"action_id":%q,"block_id":"b","value":%s}]}`,
				trigger, id, id, kind, action, quote(value)))
	}
	act("home", home.ID, trigger(), "choose:0", `{"d":"people"}`)
	card := view(2)
	if card.Method != "views.open" || !strings.Contains(card.Blocks, "Division people") {
		t.Errorf("the card: %+v", card)
	}
	act("home", home.ID, trigger(), "ask", "offer")
	asked := view(3)
	if asked.Method != "views.open" || !strings.Contains(asked.Blocks, "It may be one of these") {
		t.Errorf("the question field: %+v", asked)
	}
	act("modal", asked.ID, trigger(), "choose:1", `{"d":"buildings"}`)
	if v := view(4); v.Method != "views.update" || v.ID != asked.ID ||
		!strings.Contains(v.Blocks, "Division buildings") {
		t.Errorf("a suggestion in a modal: %+v", v)
	}
	act("modal", asked.ID, trigger(), "up", `{"d":"buildings"}`)
	if v := view(5); v.Method != "views.update" || !strings.Contains(v.Blocks, bot.SayThanks) ||
		!strings.Contains(v.Blocks, "Division buildings") {
		t.Errorf("a vote in a modal: %+v", v)
	}
	act("modal", asked.ID, trigger(), "meant", `{}`)
	if v := view(6); v.Method != "views.update" || !strings.Contains(v.Blocks, "choose:1") {
		t.Errorf("the directory in a modal: %+v", v)
	}
	// A modal that fails to open.
	act("home", home.ID, "expired-1", "choose:0", `{"d":"people"}`)
	h.Await(t, "a direct message", func() bool {
		m := h.Messages("U1")
		return len(m) == 1 && strings.Contains(m[0].Text, "Division people")
	})
}
