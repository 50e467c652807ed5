package slack

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

func edited(id, channel, ts, at, text string) string {
	return eventPayload(id,
		fmt.Sprintf(`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"channel":%q,"edited":{"user":"U1","ts":%q}}`,
			quote("<@U0BOT> "+text), ts, channel, at))
}

// TestPrivate checks that a private answer is shown to its asker only, also after edits.
func TestPrivate(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	only := func(n int) func() bool {
		return func() bool {
			alone := 0
			for _, m := range h.Messages("C1") {
				if m.Only == "U1" && strings.Contains(m.Text, "about: hush") {
					alone++
				} else if strings.Contains(m.Text, "hush") {
					t.Errorf("%+v is there for all to see", m)
				}
			}
			return alone == n && len(h.Messages("C1")) == n
		}
	}
	h.send("events_api", mention("Ev1", "C1", "1780000000.000001", "hush"))
	h.Await(t, "the answer", only(1))
	// From a public answer to a private one.
	h.send("events_api", mention("Ev2", "C1", "1780000000.000002", "who?"))
	h.Await(t, "the public answer", func() bool { return len(h.Messages("C1")) == 2 })
	h.send("events_api", edited("Ev3", "C1", "1780000000.000002", "1780000001.000000", "hush now"))
	h.Await(t, "the private answer in its place", only(2))
	// An asker who has left the channel gets a direct message.
	h.Fail("chat.postEphemeral", adaptertest.Fault{Error: "user_not_in_channel"})
	h.send("events_api", mention("Ev4", "C2", "1780000000.000004", "hush"))
	h.Await(t, "the direct message", func() bool { return len(h.Messages("U1")) == 1 && len(h.Messages("C2")) == 0 })
	// A private answer to a press does not replace a public message.
	h.send("events_api", mention("Ev5", "C3", "1780000000.000005", "who?"))
	h.Await(t, "the public answer", func() bool { return len(h.Messages("C3")) == 1 })
}

// TestReaders checks the audience of an answer, also if Slack does not say who reads.
func TestReaders(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.Scopes += adaptertest.SlackMembers
		h.adapter.settings.Audiences = Audiences{
			Workspaces: map[string]bot.Audience{"T1": "employees"},
			Channels:   map[string]bot.Audience{"CSEC": "security", "CPUB": ""},
		}
	})
	h.Guest("U2")
	h.Share("CEXT")
	ask := func(id, channel, user, more string) {
		h.send("events_api",
			fmt.Sprintf(
				`{"type":"event_callback","team_id":"T1","event_id":%q%s,"event":{"type":"app_mention","user":%q,`+
					`"text":%s,"ts":"1780000000.%s","channel":%q}}`,
				id, more, user, quote("<@U0BOT> "+id), id, channel))
	}
	h.Fail("users.info", adaptertest.Fault{Error: "missing_scope"})
	ask("000001", "C1", "U1", `,"is_ext_shared_channel":false`)
	h.Await(t, "the first answer", func() bool { return len(h.Messages("")) == 1 })
	h.Fail("conversations.info", adaptertest.Fault{Error: "channel_not_found"})
	ask("000002", "C1", "U1", "")
	h.Await(t, "the second answer", func() bool { return len(h.Messages("")) == 2 })
	h.Fail("conversations.info", adaptertest.Fault{Error: "missing_scope"})
	ask("000014", "C14", "U1", `,"is_ext_shared_channel":false`)
	h.Await(t, "the third answer", func() bool { return len(h.Messages("")) == 3 })
	ask("000003", "C1", "U1", "")
	ask("000004", "C1", "U2", "")
	ask("000005", "CEXT", "U1", "")
	ask("000006", "C2", "U1", `,"is_ext_shared_channel":true`)
	ask("000007", "CSEC", "U2", "")
	ask("000008", "CPUB", "U1", "")
	h.send("slash_commands",
		`{"command":"/ask","text":"000009","user_id":"U1","channel_id":"CSEC","team_id":"T1","response_url":"`+
			h.Hook("CSEC", "U1", "")+`"}`)
	h.send("slash_commands",
		`{"command":"/ask","text":"000010","user_id":"U2","channel_id":"C1","team_id":"T1","response_url":"`+
			h.Hook("C1", "U2", "")+`"}`)
	h.send("slash_commands",
		`{"command":"/ask","text":"000011","user_id":"U1","channel_id":"CPUB","team_id":"T1","response_url":"`+
			h.Hook("CPUB", "U1", "")+`"}`)
	h.send("events_api",
		eventPayload("Ev12",
			`{"type":"message","channel_type":"im","user":"U1","text":"000012","ts":"1780000000.000012",`+
				`"channel":"D1"}`))
	h.send("events_api",
		fmt.Sprintf(
			`{"type":"event_callback","team_id":"T9","event_id":"Ev13","event":{"type":"app_mention","user":"U1",`+
				`"text":%s,"ts":"1780000000.000013","channel":"C9"}}`, quote("<@U0BOT> 000013")))
	h.Await(t, "all answers", func() bool { return len(h.Messages("")) == 14 })
	got := map[string]bot.Audience{}
	for _, q := range h.handler.Asked() {
		got[strings.TrimLeft(q.Text, "0")] = q.Readers
	}
	for id, want := range map[string]bot.Audience{
		"1":  "",          // Slack does not say who asks
		"2":  "",          // Slack does not say who is in the channel
		"3":  "employees", //
		"4":  "",          // a guest asks
		"5":  "",          // shared with another organization, according to the lookup
		"6":  "",          // shared with another organization, according to the event
		"7":  "security",  // the channel is named
		"8":  "",          //
		"9":  bot.AudienceOf("employees", "security"),
		"10": "",          // a guest, alone
		"11": "employees", // alone in a channel for everyone
		"12": "employees", // in a direct message
		"13": "",          // in another workspace
		"14": "",          // another workspace of the organization may read
	} {
		if got[id] != want {
			t.Errorf("%s is read by %q, want %q", id, got[id], want)
		}
	}
}

// TestShareBetweenTwo checks that what is shared in the direct messages of two people, of whom
// Slack tells one, is what anybody may see, and that a choice there is as well.
func TestShareBetweenTwo(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) {
		h.Scopes += adaptertest.SlackMembers
		h.adapter.settings.Audiences = Audiences{Workspaces: map[string]bot.Audience{"T1": "employees"}}
		h.Fail("chat.postMessage", adaptertest.Fault{Error: "channel_not_found", Always: true})
	})
	h.command("D9", "who pays?")
	h.Await(t, "the answer", func() bool { return len(h.Messages("D9")) == 1 })
	h.press(h.Messages("D9")[0], "share", true)
	h.Await(t, "the shared answer", func() bool { return len(h.Messages("D9")) == 2 })
	public := false
	for _, q := range h.handler.Asked()[1:] {
		public = public || q.Readers == ""
	}
	if asked := h.handler.Asked(); asked[0].Readers != "employees" || !public {
		t.Errorf("asked for %+v", asked)
	}
}
