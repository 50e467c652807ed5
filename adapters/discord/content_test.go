package discord

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
)

// What a message can say, as Discord sends it.
const (
	forwardOf = `"message_reference":{"type":1,"message_id":"8","channel_id":"2","guild_id":"50"},"flags":16384,` +
		`"message_snapshots":[{"message":{"type":0,"content":%s,"embeds":%s,"attachments":[],"components":[],` +
		`"timestamp":"2026-11-24T10:00:00.000000+00:00","edited_timestamp":null,"flags":0,"mentions":[],` +
		`"mention_roles":[]}}]`
	embedJSON = `[{"type":"rich","title":"Lost & found","description":"Where is <@5> my **badge**?","color":5,` +
		`"url":"https://example.org","fields":[{"name":"Room","value":"12","inline":true}],"footer":{"text":"x"}}]`
	embedText = "Lost & found\nWhere is  my **badge**?\nRoom\n12"
	pollJSON  = `{"question":{"text":"Who fixes the heating?"},"answers":[{"answer_id":1,"poll_media":` +
		`{"text":"Buildings","emoji":{"id":null,"name":"🏢"}}},{"answer_id":2,"poll_media":{"text":"IT"}}],` +
		`"expiry":"2026-11-25T10:00:00+00:00","allow_multiselect":false,"layout_type":1}`
	pollText = "Who fixes the heating?\nBuildings\nIT"
)

// TestContent checks what text is the question: of a mention, a direct message and a message
// on which the message command is used.
func TestContent(t *testing.T) {
	t.Parallel()
	forward := func(content, embeds string) string { return fmt.Sprintf(forwardOf, quote(content), embeds) }
	for name, c := range map[string]struct{ typed, more, want string }{
		"typed":               {"who pays?", `"embeds":[],"components":[]`, "who pays?"},
		"typed with a link":   {"who pays?", `"embeds":` + embedJSON, "who pays?"},
		"a forward":           {"", `"embeds":[],` + forward("my <@&3> badge is lost", "[]"), "my  badge is lost"},
		"a forward of embeds": {"", forward("", embedJSON), embedText},
		"a remark and a forward": {
			"who handles this?", forward("my badge is lost", embedJSON), "who handles this?\nmy badge is lost",
		},
		"embeds":  {"", `"embeds":` + embedJSON, embedText},
		"a poll":  {"", `"embeds":[],"poll":` + pollJSON, pollText},
		"no poll": {"", `"poll":null,"message_snapshots":[],"mention_roles":["5"]`, ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const message = `{"id":"9","channel_id":"1",%s"type":0,"content":%s,"author":{"id":"70"},` +
				`"edited_timestamp":null,%s}`
			for where, data := range map[string]string{
				"a mention": fmt.Sprintf(message, `"guild_id":"50",`,
					quote("<@"+adaptertest.DiscordBot+"> "+c.typed), c.more),
				"a direct message": fmt.Sprintf(message, "", quote(c.typed), c.more),
			} {
				e, err := decodeDispatch("MESSAGE_CREATE", []byte(data), adaptertest.DiscordBot)
				if err != nil || e.kind != asked || e.text != c.want {
					t.Errorf("%s: %v %q, %v", where, e.kind, e.text, err)
				}
			}
			e, err := decodeInteraction([]byte(interactionOf("29", 2, "1", fmt.Sprintf(
				`{"id":"3","name":"Ask the desk","type":3,"target_id":"9","resolved":{"messages":{"9":%s}}}`,
				fmt.Sprintf(message, "", quote(c.typed), c.more)), "")))
			if err != nil || e.kind != commanded || e.text != c.want {
				t.Errorf("the message command: %v %q, %v", e.kind, e.text, err)
			}
		})
	}
}

// TestForward checks that somebody who mentions the bot beside a forward is answered about
// what is forwarded.
func TestForward(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.Emit(t, "MESSAGE_CREATE", strings.Replace(mention("11", "1", ""), `"webhook_id":null`,
		fmt.Sprintf(forwardOf, quote("my badge is lost"), "[]"), 1))
	h.Await(t, "the answer", func() bool { return len(h.Messages("1")) == 1 })
	if m := h.Messages("1")[0]; m.ReplyTo != "11" || !strings.Contains(m.Body, "about: my badge is lost") {
		t.Errorf("the answer is %+v", m)
	}
}
