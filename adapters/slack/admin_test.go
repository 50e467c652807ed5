package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// desk is what is behind the buttons for admins in these tests.
type desk struct {
	mu   sync.Mutex
	asks []bot.Request
}

func (d *desk) do(_ context.Context, r bot.Request) bot.Answer {
	d.mu.Lock()
	defer d.mu.Unlock()
	if r.Person != "slack:U1" {
		return bot.Answer{}
	}
	d.asks = append(d.asks, r)
	switch r.Action {
	case bot.OpenInbox:
		return adaptertest.Inbox()["inbox-page"]
	case "other 5f2c":
		return adaptertest.Inbox()["inbox-form"]
	}
	return bot.Note("Done: " + r.Action)
}

func (d *desk) last() bot.Request {
	d.mu.Lock()
	defer d.mu.Unlock()
	if len(d.asks) == 0 {
		return bot.Request{}
	}
	return d.asks[len(d.asks)-1]
}

// eachTransport runs a test in Socket Mode and over HTTP.
func eachTransport(t *testing.T, change func(*house), test func(t *testing.T, h *house)) {
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, open(t, http, change))
		})
	}
}

func command(h *house, user, text string) string {
	return fmt.Sprintf(`{"command":"/ask","team_id":"T1","channel_id":"C1","user_id":%q,"text":%q,"trigger_id":%q,`+
		`"response_url":%q}`, user, text, trigger(), h.Hook("C1", user, ""))
}

// TestInbox goes through the inbox as an admin does: the word that opens it, a button, a form,
// and the form filled in.
func TestInbox(t *testing.T) {
	t.Parallel()
	var desks sync.Map // by house
	eachTransport(t,
		func(h *house) {
			d := new(desk)
			desks.Store(h, d)
			h.adapter.settings.Admin = bot.Admin{Channel: "C0ADMIN", Do: d.do}
		},
		func(t *testing.T, h *house) {
			kept, _ := desks.Load(h)
			d := kept.(*desk)
			h.send("slash_commands", command(h, "U2", "Inbox"))
			h.Await(t, "an ordinary answer", func() bool { return len(h.Messages("C1")) == 1 })
			if m := h.Messages("C1")[0]; !strings.Contains(m.Text, "about: Inbox") || m.Only != "U2" {
				t.Errorf("somebody who is no admin gets %+v", m)
			}
			h.send("slash_commands", command(h, "U1", " INBOX "))
			h.Await(t, "the inbox", func() bool { return len(h.Messages("C1")) == 2 })
			page := h.Messages("C1")[1]
			if page.Only != "U1" || !strings.Contains(page.Blocks, "example 5f2c") || strings.Contains(page.Blocks, `"up"`) {
				t.Errorf("the inbox is %+v", page)
			}
			opened := h.press(page, "admin:1", true)
			h.Await(t, "the form", func() bool { return len(h.Views()) == 1 })
			form := h.Views()[0]
			if form.Callback != "admin answer 5f2c" || !strings.Contains(opened, form.Trigger) {
				t.Errorf("the form is %+v", form)
			}
			submission := fmt.Sprintf(`{"type":"view_submission","user":{"id":"U1"},"team":{"id":"T1"},"trigger_id":%q,`+
				`"view":{"id":"V1","type":"modal","callback_id":%q,"private_metadata":%s,"state":{"values":{`+
				`"division":{"field":{"type":"static_select","selected_option":{"value":"people"}}},`+
				`"text":{"field":{"type":"plain_text_input","value":"Waters the plants."}},`+
				`"topic":{"field":{"type":"plain_text_input","value":null}}}}}}`, trigger(), form.Callback, quote(form.Metadata))
			h.send("interactive", submission)
			h.Await(t, "the result", func() bool { return strings.Contains(h.Messages("C1")[1].Text, "Done: answer 5f2c") })
			if r := d.last(); r.Fields["division"] != "people" || r.Fields["text"] != "Waters the plants." ||
				r.Fields["topic"] != "" {
				t.Errorf("filled in: %+v", r)
			}
			if n := len(h.Messages("C1")); n != 2 {
				t.Errorf("%d messages", n)
			}
		})
}

// TestAdminButtons checks buttons for admins that are not to be pressed, that come too late,
// and in the admin channel.
func TestAdminButtons(t *testing.T) {
	t.Parallel()
	d := new(desk)
	h := open(t, false, func(h *house) { h.adapter.settings.Admin = bot.Admin{Channel: "C0ADMIN", Do: d.do} })
	h.awaitState(0, bot.Ready, "")
	if err := h.adapter.Notify(t.Context(), adaptertest.Inbox()["edit-notice"]); err != nil {
		t.Fatal(err)
	}
	notice := h.Messages("C0ADMIN")[0]
	payload := h.press(notice, "admin", false)
	h.Await(t, "the result", func() bool { return h.Messages("C0ADMIN")[0].Text == "Done: undo 9e41" })
	if r := d.last(); !r.InChannel {
		t.Errorf("asked outside of the channel: %+v", r)
	}
	h.send("interactive", payload) // Slack sends it again
	other := strings.ReplaceAll(payload, `"U1"`, `"U2"`)
	h.send("interactive", strings.ReplaceAll(other, `"trigger_id":"`, `"trigger_id":"2`))
	h.Await(t, "a line in the log", func() bool {
		h.Touch()
		return strings.Contains(h.log.String(), "ignored a button for admins")
	})
	d.mu.Lock()
	if len(d.asks) != 1 {
		t.Errorf("asked %+v", d.asks)
	}
	d.mu.Unlock()

	h.send("events_api", direct("Ev1", "1780000000.000001", "inbox"))
	h.Await(t, "the inbox", func() bool { return len(h.Messages("D1")) == 1 })
	page := h.Messages("D1")[0]
	h.Fail("views.open", adaptertest.Fault{Error: "expired_trigger_id"})
	h.press(page, "admin:1", false)
	h.Await(t, "the advice", func() bool { return len(h.Messages("D1")) == 2 })
	if m := h.Messages("D1")[1]; m.Text != bot.SayPressAgain {
		t.Errorf("a form that comes too late: %+v", m)
	}
	// A form whose message can't be changed any more gets its result in direct messages.
	gone := strings.Replace(h.API(), "/api/", "/hook/99", 1)
	h.send("interactive", fmt.Sprintf(`{"type":"view_submission","user":{"id":"U1"},"trigger_id":%q,"view":{"id":"V1",`+
		`"type":"modal","callback_id":"admin answer 1","private_metadata":%s,"state":{"values":{}}}}`,
		trigger(), quote(fmt.Sprintf(`{"c":"D1","r":%q}`, gone))))
	h.Await(t, "the result", func() bool { return len(h.Messages("U1")) == 1 })
}

// TestTell checks that somebody who wants to be told an answer later can say so, and is told
// once it is there.
func TestTell(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var waiting []string
	await := func(_ context.Context, person, question string) bot.Answer {
		mu.Lock()
		defer mu.Unlock()
		waiting = append(waiting, person+" "+question)
		return bot.Note("I will tell you.")
	}
	eachTransport(t, func(h *house) { h.adapter.settings.Await = await }, func(t *testing.T, h *house) {
		h.send("slash_commands", command(h, "U1", "sample declined"))
		h.Await(t, "what is declined", func() bool { return len(h.Messages("C1")) == 1 })
		h.press(h.Messages("C1")[0], "tell", true)
		h.Await(t, "the promise", func() bool { return len(h.Messages("C1")) == 2 })
		if m := h.Messages("C1")[1]; m.Only != "U1" || m.Text != "I will tell you." {
			t.Errorf("%+v", m)
		}
		for _, c := range []struct {
			question, code string
			told           bool
			gone           bool
		}{
			{"sample declined", "", false, false}, {"who pays?", "user_not_found", false, true},
			{"who pays?", "restricted_action", false, false},
			{"who pays?", "", true, false},
		} {
			if c.code != "" {
				h.Fail("chat.postMessage", adaptertest.Fault{Error: c.code})
			}
			told, err := h.adapter.Tell(t.Context(), "T1:U1", c.question)
			if told != c.told || errors.Is(err, bot.ErrGone) != c.gone || (err != nil) != (c.code != "") {
				t.Errorf("%s %s: %v, %v", c.question, c.code, told, err)
			}
		}
		const said = "You asked me to tell you when I know: “who pays?”"
		if m := h.Messages("U1"); len(m) != 1 || !strings.Contains(m[0].Text, said) ||
			!strings.Contains(m[0].Text, "about: who pays?") {
			t.Errorf("told %+v", m)
		}
	})
	t.Run("the waiting", func(t *testing.T) {
		for _, w := range waiting {
			if w != ":U1 sample declined" && w != "T1:U1 sample declined" {
				t.Errorf("waits: %q", w)
			}
		}
	})
}
