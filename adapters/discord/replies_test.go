package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// ask asks in the given channel, each time as another person.
func (h *house) ask(id, channel, text string) {
	h.t.Helper()
	h.Emit(h.t, "MESSAGE_CREATE",
		strings.Replace(mention(id, channel, text), `"id":"70"`, fmt.Sprintf(`"id":"7%s"`, id), 1))
}

func (h *house) answered(n int) {
	h.t.Helper()
	h.Await(h.t, fmt.Sprintf("%d answers", n), func() bool { return len(h.Messages("")) >= n })
}

// TestLate checks that the answer to an expired interaction is posted in the channel
// unless it is private, and that a slow answer is deferred first.
func TestLate(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.Expire("21")
	h.Expire("22")
	h.Emit(t, "INTERACTION_CREATE", interactionOf("21", 2, "1", askData("who pays?", ""), ""))
	h.Emit(t, "INTERACTION_CREATE",
		interactionOf("22", 2, "1", askData("who pays?", `},{"name":"private","type":5,"value":true`), ""))
	h.answered(1)
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("1")) != 1 {
		t.Errorf("%v, %v", err, h.Messages("1"))
	}
}

func TestDeferred(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, http, func(h *house, _ *Settings) {
				if h.handler.Started == nil {
					h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
				}
				if h.adapter != nil {
					h.adapter.timing.defers = 20 * time.Millisecond
				}
			})
			var first adaptertest.DiscordReply
			if http {
				// The stand-in does not see the response over HTTP.
				h.Note("21")
			}
			first = h.command("21", "1", "slow")
			if first.Type != 5 {
				t.Errorf("the first answer is %+v", first)
			}
			close(h.handler.Go)
			h.Await(t, "the answer", func() bool { return len(h.Replies("21")) == 2 })
			if last := h.Replies("21")[1]; !strings.Contains(last.Data, "about: slow") {
				t.Errorf("the answer is %+v", last)
			}
		})
	}
}

// TestSlowLookups checks that an interaction is deferred in time while Discord takes longer
// for every other call than an interaction may wait, also if the answer needs a lookup, and
// that a person who types gets suggestions.
func TestSlowLookups(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, http, func(h *house, s *Settings) {
				s.Audiences.Channels = map[string]bot.Audience{"1": "security"}
				if h.adapter != nil {
					h.adapter.timing.defers = 20 * time.Millisecond
				}
			})
			h.awaitState(0, bot.Ready, "")
			slow := make(chan struct{})
			for _, method := range []string{"GET message", "POST message", "PATCH webhook", "POST webhook", "GET me"} {
				h.Fail(method, adaptertest.Fault{Until: slow, Always: true})
			}
			inThread := func(id string, kind int, data string) adaptertest.DiscordReply {
				t.Helper()
				if http {
					h.Note(id) // the stand-in does not see the response over HTTP
				}
				payload := interactionOf(id, kind, "600", data, `,"message":{"id":"9","channel_id":"600"}`)
				return h.interact(id, strings.Replace(payload, `"type":0}`, `"type":11}`, 1))
			}
			for id, c := range map[string]struct {
				kind int
				data string
				want int
			}{
				"21": {2, askData("who pays?", ""), replyLater},
				"22": {2, `{"id":"2","name":"divisions","type":1}`, replyLater},
				"23": {3, `{"component_type":2,"custom_id":"choose0|people"}`, replyUpdateLater},
				"24": {3, `{"component_type":2,"custom_id":"meant"}`, replyLater},
				"25": {4, askData("forc", `,"focused":true`), replyAutocomplete},
			} {
				if r := inThread(id, c.kind, c.data); r.Type != c.want {
					t.Errorf("%s: the first response is %+v", c.data, r)
				} else if c.want == replyAutocomplete && !strings.Contains(r.Data, "people#0") {
					t.Errorf("the suggestions are %s", r.Data)
				}
			}
			close(slow)
			for _, id := range []string{"21", "22", "23", "24"} {
				h.Await(t, "the answer", func() bool { return len(h.Replies(id)) == 2 })
			}
			for _, q := range h.handler.Asked() {
				if q.Readers != "security" {
					t.Errorf("%+v is answered for %q", q, q.Readers)
				}
			}
		})
	}
}

// TestNoOvertaking checks that a deferred answer over HTTP is delivered even if
// Discord has not handled the deferral yet.
func TestNoOvertaking(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house, _ *Settings) {
		if h.handler.Started == nil {
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		}
		if h.adapter != nil {
			h.adapter.timing.defers = time.Millisecond
		}
	})
	if first := h.command("21", "1", "slow"); first.Type != 5 {
		t.Errorf("the first answer is %+v", first)
	}
	close(h.handler.Go)
	h.Await(t, "a try that comes too soon", func() bool { return len(h.Calls("PATCH webhook")) > 0 })
	h.Note("21")
	h.Await(t, "the answer", func() bool { return len(h.Replies("21")) == 2 })
}

// TestLongAddress checks that an answer is delivered if its source has a long address.
func TestLongAddress(t *testing.T) {
	t.Parallel()
	a := adaptertest.Answers()["long"]
	a.Source.URL = "https://example.org/" + strings.Repeat("x", 1500)
	for _, wrong := range adaptertest.CheckMessage(encode(render(a, frame{}))) {
		t.Error(wrong)
	}
}

// TestMentionRemoved checks that an edit that removes the mention deletes our answer,
// and that an edit that adds it again gets an answer.
func TestMentionRemoved(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.ask("11", "1", "hello")
	h.answered(1)
	edit := `{"id":"11","channel_id":"1","guild_id":"50","type":0,"content":"","author":{"id":"711"},` +
		`"edited_timestamp":"2026-11-24T10:00:0%d.000000+00:00"}`
	h.Emit(t, "MESSAGE_UPDATE", fmt.Sprintf(edit, 1))
	h.Await(t, "the deletion", func() bool { return len(h.Messages("")) == 0 })
	back := strings.Replace(
		strings.Replace(fmt.Sprintf(edit, 2), `"content":""`, `"content":"<@100000000000000001> again"`, 1), `"711"`,
		`"712"`, 1)
	h.Emit(t, "MESSAGE_UPDATE", back)
	h.answered(1)
}

// TestHasty checks that an answer that is private because of the cooldown is deferred
// as ephemeral, and that it names the reason, also without an embed.
func TestHasty(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter != nil {
			h.adapter.timing.defers = 20 * time.Millisecond
		}
		if h.handler.Started == nil {
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		}
	})
	for i := range perPerson.burst {
		id := fmt.Sprint(100 + i)
		h.command(id, "1", "who pays?")
	}
	plain := strings.Replace(interactionOf("150", 2, "1", askData("who pays?", ""), ""), `"app_permissions":"16384"`,
		`"app_permissions":"2048"`, 1)
	if r := h.interact("150", plain); !strings.Contains(r.Data, bot.SayOften) ||
		!strings.Contains(r.Data, "about: who pays?") {
		t.Errorf("without an embed a hasty asker gets %+v", r)
	}
	if r := h.command("200", "1", "slow"); r.Type != 5 || !strings.Contains(r.Data, "64") {
		t.Errorf("a slow answer to a hasty asker is deferred with %+v", r)
	}
	close(h.handler.Go)
	h.Await(t, "the answer", func() bool { return len(h.Replies("200")) == 2 })
}

// TestEdits checks that the answer follows edits and deletions of its question.
func TestEdits(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	// The stand-in has an answer in channel 5, which it reports as deleted.
	left := func() int { return len(h.Messages("")) - min(1, len(h.Messages("5"))) }
	h.Emit(t, "MESSAGE_CREATE", mention("11", "1", "who handles frod?"))
	await := func(text string) {
		t.Helper()
		h.Await(t, text, func() bool {
			m := h.Messages("1")
			return len(m) == 1 && strings.Contains(m[0].Body, text)
		})
	}
	await("frod?")
	edited := func(at, text string) string {
		return strings.Replace(mention("11", "1", text), `"edited_timestamp":null`,
			fmt.Sprintf(`"edited_timestamp":%q`, at), 1)
	}
	h.Emit(t, "MESSAGE_UPDATE", edited("2026-11-24T10:00:02.000000+00:00", "who handles fraud?"))
	await("fraud?")
	h.Emit(t, "MESSAGE_UPDATE", edited("2026-11-24T10:00:01.000000+00:00", "who handles frd?"))
	// An answer that somebody deleted is posted again.
	h.Emit(t, "MESSAGE_CREATE", mention("21", "5", "removed"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("5")) == 1 })
	h.Fail("PATCH message", adaptertest.Fault{Status: 404, Code: 10008})
	h.Emit(t, "MESSAGE_UPDATE",
		strings.Replace(edited("2026-11-24T10:00:02.500000+00:00", "removed, edited"), `"id":"11","channel_id":"1"`,
			`"id":"21","channel_id":"5"`, 1))
	h.Await(t, "the answer once more", func() bool { return len(h.Messages("5")) == 2 })
	h.Emit(t, "MESSAGE_DELETE", `{"id":"21","channel_id":"5","guild_id":"50"}`)
	h.Emit(t, "MESSAGE_CREATE", mention("12", "2", "another"))
	h.Await(t, "another answer", func() bool { return len(h.Messages("2")) == 1 })
	await("fraud?")
	// An edit of a question from before the start is not answered; an edit that
	// adds the mention to a new message is.
	h.Emit(t, "MESSAGE_UPDATE",
		strings.Replace(edited("2026-11-24T10:00:03.000000+00:00", "old"), `"id":"11","channel_id":"1"`,
			`"id":"9","channel_id":"3"`, 1))
	young := fmt.Sprint((uint64(time.Now().Add(time.Minute).UnixMilli()) - 1420070400000) << 22)
	h.Emit(t, "MESSAGE_UPDATE",
		strings.Replace(edited("2026-11-24T10:00:04.000000+00:00", "young"), `"id":"11","channel_id":"1"`,
			fmt.Sprintf(`"id":%q,"channel_id":"4"`, young), 1))
	h.Await(t, "the answer to a new mention", func() bool { return len(h.Messages("4")) == 1 })
	if len(h.Messages("3")) != 0 {
		t.Error("an old question is answered again")
	}
	h.Emit(t, "MESSAGE_DELETE", fmt.Sprintf(`{"id":%q,"channel_id":"4","guild_id":"50"}`, young))
	h.Emit(t, "MESSAGE_DELETE", `{"id":"11","channel_id":"1","guild_id":"50"}`)
	h.Emit(t, "MESSAGE_DELETE_BULK", `{"ids":["12","99"],"channel_id":"2","guild_id":"50"}`)
	h.Await(t, "the deletions", func() bool { return left() == 0 })
	h.Emit(t, "MESSAGE_UPDATE", edited("2026-11-24T10:00:03.000000+00:00", "who?"))
	h.stop()
	if err := <-h.ended; err != nil || left() != 0 {
		t.Errorf("%v, %v", err, h.Messages(""))
	}
}
