package discord

import (
	"fmt"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// mentionRole is a message that mentions a role; without the intent MESSAGE_CONTENT its
// text is not sent.
func mentionRole(id, channel, role string) string {
	return fmt.Sprintf(`{"id":%q,"channel_id":%q,"guild_id":"50","type":0,"content":"","embeds":[],"attachments":[],`+
		`"mentions":[],"mention_roles":[%q],"mention_everyone":false,"author":{"id":"7%s"},`+
		`"member":{"roles":["90"]},"edited_timestamp":null}`, id, channel, role, id)
}

// TestRoleMention checks that somebody who mentions the bot's role is told how to ask, that
// an edit to a mention of the bot is answered in place of that, and that other roles are
// left alone.
func TestRoleMention(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(_ *house, s *Settings) { s.Channels = map[string][]string{"50": {"1"}} })
	h.awaitState(0, bot.Ready, "")
	h.Emit(t, "MESSAGE_CREATE", mentionRole("11", "1", "61")) // another role
	h.Emit(t, "MESSAGE_CREATE", mentionRole("12", "2", "60")) // not an open channel
	h.Emit(t, "MESSAGE_CREATE", mentionRole("13", "1", "60"))
	h.Await(t, "the hint", func() bool { return len(h.Messages("1")) == 1 })
	if m := h.Messages("1")[0]; m.ReplyTo != "13" || !strings.Contains(m.Body, bot.SayRoleMentioned) {
		t.Errorf("the hint is %+v", m)
	}
	h.Emit(t, "MESSAGE_UPDATE", strings.NewReplacer(`"id":"70"`, `"id":"713"`, `"edited_timestamp":null`,
		`"edited_timestamp":"2026-11-24T10:00:02.000000+00:00"`).Replace(mention("13", "1", "who pays?")))
	h.Await(t, "the answer", func() bool { return strings.Contains(h.Messages("1")[0].Body, "about: who pays?") })
	// If the roles cannot be looked up, nothing is said.
	h.Fail("GET roles", adaptertest.Fault{Status: 403, Code: 50001})
	h.Emit(t, "MESSAGE_CREATE", strings.Replace(mentionRole("14", "1", "60"), `"50"`, `"51"`, 1))
	h.Await(t, "the lookup", func() bool { return len(h.Calls("GET roles")) == 2 })
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != 1 || len(h.Calls("GET roles")) != 2 {
		t.Errorf("%v, %+v", err, h.Messages(""))
	}
	if len(h.handler.Asked()) != 1 {
		t.Errorf("the desk is asked %+v", h.handler.Asked())
	}
}
