package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestPrivate checks that a private answer is shown to its asker only.
func TestPrivate(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.handler.Started == nil {
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		}
		if h.adapter != nil {
			h.adapter.timing.defers = 50 * time.Millisecond
		}
	})
	h.awaitState(0, bot.Ready, "")
	h.Emit(t, "MESSAGE_CREATE", mention("11", "1", "hush"))
	h.Await(t, "the direct message", func() bool { return len(h.Messages("970")) == 1 })
	// From a public answer to a private one.
	h.Emit(t, "MESSAGE_CREATE", mention("12", "1", "who?"))
	h.Await(t, "the public answer", func() bool { return len(h.Messages("1")) == 1 })
	h.Emit(t, "MESSAGE_UPDATE",
		strings.Replace(mention("12", "1", "hush now"), `"edited_timestamp":null`,
			`"edited_timestamp":"2026-11-23T10:00:00+00:00"`, 1))
	h.Await(t, "the private answer instead",
		func() bool { return len(h.Messages("970")) == 2 && len(h.Messages("1")) == 0 })
	// An edited question gets a new answer.
	h.Emit(t, "MESSAGE_UPDATE",
		strings.Replace(mention("12", "1", "hush once more"), `"edited_timestamp":null`,
			`"edited_timestamp":"2026-11-23T10:01:00+00:00"`, 1))
	h.Await(t, "the new private answer", func() bool { return len(h.Messages("970")) == 3 })
	// If the asker accepts no direct messages, the bot replies how to ask.
	h.Fail("POST message", adaptertest.Fault{Status: 403, Code: 50007})
	h.ask("13", "2", "hush")
	h.Await(t, "the note", func() bool {
		m := h.Messages("2")
		return len(m) == 1 && strings.Contains(m[0].Body, "for you alone") && !strings.Contains(m[0].Body, "hush")
	})
	// A command that is answered at once.
	if r := h.command("21", "1", "hush"); !strings.Contains(r.Data, `"flags":64`) {
		t.Errorf("the answer is %+v", r)
	}
	// A private answer after a public deferral.
	if r := h.command("22", "1", "hush slowly"); r.Type != replyLater || strings.Contains(r.Data, "64") {
		t.Errorf("the first answer is %+v", r)
	}
	close(h.handler.Go)
	h.Await(t, "the answer", func() bool { return len(h.Replies("22")) == 3 })
	if r := h.Replies("22"); strings.Contains(r[1].Data, "hush") || !strings.Contains(r[2].Data, "about: hush") ||
		!strings.Contains(r[2].Data, `"flags":64`) {
		t.Errorf("the answers are %+v", r)
	}
}

// TestReaders checks the audience of the answer to a mention.
func TestReaders(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(_ *house, s *Settings) {
		s.Audiences = Audiences{
			Servers:  map[string]bot.Audience{"50": "members"},
			Channels: map[string]bot.Audience{"1": "security", "2": ""}, Roles: map[string]bot.Audience{"90": "staff"},
		}
	})
	h.awaitState(0, bot.Ready, "")
	h.Fail("GET message", adaptertest.Fault{Status: 403, Code: 50001})
	ask := func(id, channel, server string) {
		text := strings.Replace(mention(id, channel, id), `"guild_id":"50"`,
			fmt.Sprintf(`"guild_id":%q,"member":{"roles":["90"]}`, server), 1)
		text = strings.Replace(text, `"id":"70"`, `"id":"7`+id+`"`, 1) // another asker each time
		h.Emit(t, "MESSAGE_CREATE", text)
		h.Await(t, "an answer", func() bool { return len(h.Messages(channel)) > 0 })
	}
	want := map[string]bot.Audience{}
	for _, c := range []struct {
		id, channel, server string
		want                bot.Audience
	}{
		{"11", "601", "50", ""}, // the lookup fails: it may be a thread of channel 2
		{"12", "602", "50", "security"}, {"13", "1", "50", "security"}, {"14", "2", "50", ""},
		{"15", "3", "50", "members"}, {"16", "4", "51", ""},
	} {
		ask(c.id, c.channel, c.server)
		want[c.id] = c.want
	}
	h.Emit(t, "MESSAGE_CREATE", direct("17", "17"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("80")) == 1 })
	want["17"] = ""
	for _, q := range h.handler.Asked() {
		if w, ok := want[q.Text]; !ok || q.Readers != w {
			t.Errorf("%s is read by %q, want %q", q.Text, q.Readers, w)
		}
	}
}
