package discord

import (
	"context"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// office does what the person 70 asks for as an admin.
type office struct {
	going chan struct{} // actions that begin with "slow" wait until it is closed

	mu   sync.Mutex
	done []bot.Request
}

// requests lists what was done.
func (o *office) requests() []bot.Request {
	o.mu.Lock()
	defer o.mu.Unlock()
	return append([]bot.Request(nil), o.done...)
}

func (o *office) admin() bot.Admin {
	return bot.Admin{Channel: "7", Do: o.answer}
}

func (o *office) answer(_ context.Context, r bot.Request) bot.Answer {
	if r.Person != "discord:70" {
		return bot.Answer{}
	}
	o.mu.Lock()
	o.done = append(o.done, r)
	o.mu.Unlock()
	if strings.HasPrefix(r.Action, "slow") {
		<-o.going
	}
	_, what, _ := strings.Cut(r.Action, "slow ")
	if what == "" {
		what = r.Action
	}
	switch what {
	case bot.OpenInbox:
		a := adaptertest.Inbox()["inbox-page"]
		a.Welcome, a.Division = false, "people" // the adapter doesn't depend on it
		return a
	case "form":
		return bot.Answer{Form: adaptertest.InboxForm()}
	case "panic":
		panic("secret cause")
	case "answer 5f2c":
		if r.Fields["topic"] == "wrong" {
			return bot.Answer{Outcome: bot.Answered, Body: adaptertest.Plain("Not so."), Form: adaptertest.InboxForm()}
		}
		if r.Fields["topic"] == "empty" {
			return bot.Answer{Form: adaptertest.InboxForm()}
		}
		return bot.Note("It would be " + r.Fields["division"] + ", " + r.Fields["kind"] + ", " + r.Fields["text"])
	}
	return bot.Answer{Outcome: bot.Answered, Division: "people", Body: adaptertest.Plain("did " + r.Action)}
}

// openOffice starts an adapter with an inbox, whose deferred responses come soon.
func openOffice(t *testing.T, http bool, change func(*house, *Settings)) (*house, *office) {
	t.Helper()
	o := &office{going: make(chan struct{})}
	h := open(t, http, func(h *house, s *Settings) {
		s.Admin = o.admin()
		if change != nil {
			change(h, s)
		}
	})
	return h, o
}

// soon makes deferred responses come soon.
func soon(h *house, _ *Settings) {
	if h.adapter != nil {
		h.adapter.timing.defers = 20 * time.Millisecond
	}
}

// as makes somebody else of the person of an interaction or a message.
func as(user, payload string) string {
	return strings.Replace(payload, `"id":"70"`, `"id":"`+user+`"`, 1)
}

// pressBelow presses a button of a message that only the person sees.
func pressBelow(id, custom string) string {
	return interactionOf(id, 3, "1", fmt.Sprintf(`{"component_type":2,"custom_id":%s}`, quote(custom)),
		`,"message":{"id":"9","channel_id":"1","flags":64}`)
}

func both(t *testing.T, test func(t *testing.T, http bool)) {
	t.Parallel()
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, http)
		})
	}
}

// TestInboxWord checks that the word inbox opens the inbox for an admin, that nobody else sees
// it, and that it is an ordinary question of everybody else.
func TestInboxWord(t *testing.T) {
	both(t, func(t *testing.T, http bool) {
		h, o := openOffice(t, http, nil)
		h.awaitState(0, bot.Ready, "")
		for id, word := range map[string]string{"21": "inbox", "22": " InBox "} {
			r := h.command(id, "1", word)
			if r.Type != replyMessage || !strings.Contains(r.Data, `"flags":64`) ||
				!strings.Contains(r.Data, `"custom_id":"admin|example 5f2c"`) || strings.Contains(r.Data, `"up|`) {
				t.Errorf("an admin's %q is answered with %+v", word, r)
			}
		}
		for id, payload := range map[string]string{
			"31": as("71", interactionOf("31", 2, "1", askData("inbox", ""), "")),
			"32": interactionOf("32", 2, "1", askData("inbox please", ""), ""),
		} {
			r := h.interact(id, payload)
			if r.Type != replyMessage || strings.Contains(r.Data, `"flags":64`) ||
				!strings.Contains(r.Data, "about: inbox") || strings.Contains(r.Data, "admin|") {
				t.Errorf("a question is answered with %+v", r)
			}
		}
		menu := `{"id":"3","name":"Ask the desk","type":3,"target_id":"9","resolved":{"messages":{"9":{"id":"9",` +
			`"content":"inbox","author":{"id":"71"}}}}}`
		if r := h.interact("33", interactionOf("33", 2, "1", menu, "")); !strings.Contains(r.Data, "about: inbox") {
			t.Errorf("a message with the word is answered with %+v", r)
		}
		if n := len(o.requests()); n != 2 {
			t.Errorf("asked for the inbox %d times", n)
		}
		for _, r := range o.requests() {
			if r.Action != bot.OpenInbox || r.InChannel {
				t.Errorf("asked for %+v", r)
			}
		}
	})
}

// TestInboxDirect checks that the word in a direct message opens the inbox there, and that a
// mention in a channel is an ordinary question.
func TestInboxDirect(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	keeper := journal.NewKeeper(r, []byte("key"), journal.KeepAll, journal.Limits{}, func() string { return "v1" },
		slog.New(slog.DiscardHandler), func() {})
	t.Cleanup(keeper.Close)
	h, _ := openOffice(t, false, func(h *house, s *Settings) {
		s.Keeper = keeper
		r.use(nil)(h, s)
	})
	h.Emit(t, "MESSAGE_CREATE", direct("11", " Inbox"))
	h.answered(1)
	if m := h.Messages("80")[0]; !strings.Contains(m.Body, "admin|ignore 5f2c") || m.ReplyTo != "11" {
		t.Errorf("an admin gets %+v", m)
	}
	h.command("21", "1", "inbox")
	h.Emit(t, "MESSAGE_CREATE", as("71", strings.Replace(direct("12", "inbox"), `"80"`, `"81"`, 1)))
	h.Emit(t, "MESSAGE_CREATE", mention("13", "1", "inbox"))
	h.answered(3)
	for _, channel := range []string{"81", "1"} {
		if m := h.Messages(channel)[0]; !strings.Contains(m.Body, "about: inbox") {
			t.Errorf("a question in %s is answered with %s", channel, m.Body)
		}
	}
	// What admins do is not in the journal.
	h.interact("22", pressBelow("22", "admin|show 77aa"))
	questions := func() (list []string) {
		err := r.Rows(t.Context(), time.Time{}, func(row journal.Row) error {
			list = append(list, row.Question)
			return nil
		})
		if err != nil {
			t.Error(err)
		}
		return list
	}
	h.command("23", "2", "the last")
	h.Await(t, "the rows", func() bool {
		h.Touch()
		return strings.Contains(fmt.Sprint(questions()), "discord 2 23")
	})
	if got := questions(); len(got) != 3 {
		t.Errorf("the journal has %v", got)
	}
	r.await(h, 0, journal.Posted)
}

// TestSlowInbox checks that an inbox that takes long is deferred so that only the admin sees
// it, and that somebody who turns out to be no admin gets an answer.
func TestSlowInbox(t *testing.T) {
	both(t, func(t *testing.T, http bool) {
		going := make(chan struct{})
		h := open(t, http, func(h *house, s *Settings) {
			s.Admin.Do = func(_ context.Context, r bot.Request) bot.Answer {
				<-going
				if r.Person == "discord:70" {
					return adaptertest.Inbox()["inbox-page"]
				}
				return bot.Answer{}
			}
			soon(h, s)
		})
		h.awaitState(0, bot.Ready, "")
		for _, id := range []string{"21", "22"} {
			if http {
				h.Note(id) // the stand-in does not see the response over HTTP
			}
			r := h.interact(id, as(map[string]string{"21": "70", "22": "71"}[id],
				interactionOf(id, 2, "1", askData("inbox", ""), "")))
			if r.Type != replyLater || !strings.Contains(r.Data, "64") {
				t.Errorf("deferred with %+v", r)
			}
		}
		close(going)
		for id, want := range map[string]string{"21": "admin|example 5f2c", "22": "about: inbox"} {
			h.Await(t, "the answer", func() bool { return len(h.Replies(id)) == 2 })
			if r := h.Replies(id)[1]; !strings.Contains(r.Data, want) {
				t.Errorf("%s: the answer is %+v", id, r)
			}
		}
	})
}

// TestAdminButtons checks what a button for admins shows: something in place of its message, a
// form, or nothing to others; each press counts once.
func TestAdminButtons(t *testing.T) {
	both(t, func(t *testing.T, http bool) {
		h, o := openOffice(t, http, nil)
		h.awaitState(0, bot.Ready, "")
		if r := h.interact("21", pressBelow("21", "admin|ignore 5f2c")); r.Type != replyUpdate ||
			!strings.Contains(r.Data, "did ignore 5f2c") || strings.Contains(r.Data, "up|") {
			t.Errorf("a button shows %+v", r)
		}
		if http {
			if status, _ := h.request(pressBelow("21", "admin|ignore 5f2c"), nil); status == 200 {
				t.Error("a repeated press is accepted")
			}
		} else {
			h.Emit(t, "INTERACTION_CREATE", pressBelow("21", "admin|ignore 5f2c"))
		}
		if r := h.interact("22", pressBelow("22", "admin|form")); r.Type != replyForm {
			t.Errorf("a form is shown as %+v", r)
		}
		stranger := as("71", pressBelow("23", "admin|ignore 5f2c"))
		if r := h.interact("23", stranger); r.Type != replyUpdateLater || r.Data != "" {
			t.Errorf("somebody else sees %+v", r)
		}
		if r := h.interact("24", pressBelow("24", "admin|panic")); r.Type != replyMessage ||
			!strings.Contains(r.Data, `"flags":64`) || !strings.Contains(r.Data, "Something went wrong") {
			t.Errorf("after a panic an admin sees %+v", r)
		}
		inChannel := interactionOf("25", 3, "7", `{"component_type":2,"custom_id":"admin|use v2"}`, `,"message":{"id":"9"}`)
		if r := h.interact("25", inChannel); r.Type != replyUpdate || strings.Contains(r.Data, `"flags":64`) {
			t.Errorf("in the channel for admins a button shows %+v", r)
		}
		h.stop()
		if err := <-h.ended; err != nil {
			t.Error(err)
		}
		var actions []string
		for _, r := range o.requests() {
			actions = append(actions, fmt.Sprint(r.Action, " ", r.InChannel))
		}
		if got := strings.Join(actions, ", "); got != "ignore 5f2c false, form false, panic false, use v2 true" {
			t.Errorf("admins did %s", got)
		}
		if n := len(h.Replies("23")); !http && n != 1 {
			t.Errorf("somebody else gets %d responses", n)
		}
	})
}

// TestSlowButtons checks that a press is acknowledged in time if the result takes long. A form
// then comes too late.
func TestSlowButtons(t *testing.T) {
	both(t, func(t *testing.T, http bool) {
		h, o := openOffice(t, http, soon)
		h.awaitState(0, bot.Ready, "")
		for id, what := range map[string]string{"21": "slow save", "22": "slow form", "23": "slow panic"} {
			if http {
				h.Note(id) // the stand-in does not see the response over HTTP
			}
			if r := h.interact(id, pressBelow(id, "admin|"+what)); r.Type != replyUpdateLater {
				t.Errorf("%s is deferred with %+v", what, r)
			}
		}
		close(o.going)
		for id, want := range map[string]string{
			"21": "did slow save", "22": bot.SayPressAgain, "23": "Something went wrong",
		} {
			h.Await(t, want, func() bool { return len(h.Replies(id)) == 2 })
			r := h.Replies(id)[1]
			if beside := r.Type == replyMessage; !strings.Contains(r.Data, want) || beside != (id != "21") ||
				beside != strings.Contains(r.Data, `"flags":64`) {
				t.Errorf("%s shows %+v", id, r)
			}
		}
	})
}

// TestLateButtons checks that of presses that Discord no longer waits for, none is an error, and
// that a message beside the one with the button never takes its place.
func TestLateButtons(t *testing.T) {
	t.Parallel()
	h, o := openOffice(t, false, soon)
	h.awaitState(0, bot.Ready, "")
	for id, what := range map[string]string{"21": "form", "22": "ignore 5f2c", "23": bot.OpenInbox} {
		h.Expire(id)
		h.Emit(t, "INTERACTION_CREATE", pressBelow(id, "admin|"+what))
	}
	h.Fail("POST webhook", adaptertest.Fault{Cut: true})
	if r := h.interact("24", pressBelow("24", "admin|slow form")); r.Type != replyUpdateLater {
		t.Errorf("deferred with %+v", r)
	}
	close(o.going)
	h.Await(t, "the message beside", func() bool { return len(h.Calls("POST webhook")) > 0 })
	h.end()
	if n := len(h.Calls("PATCH webhook")); n > 0 || strings.Count(h.log.String(), "expired before it was answered") != 3 {
		t.Errorf("%d messages with a button are replaced:\n%s", n, h.log)
	}
}

// TestForm checks that what an admin fills in arrives, and what is shown for it.
func TestForm(t *testing.T) {
	both(t, func(t *testing.T, http bool) {
		h, o := openOffice(t, http, nil)
		h.awaitState(0, bot.Ready, "")
		form := h.interact("21", pressBelow("21", "admin|form"))
		submit := func(id string, fields map[string]string) adaptertest.DiscordReply {
			t.Helper()
			data, wrong := adaptertest.FillIn(form.Data, fields)
			if len(wrong) > 0 {
				t.Fatal(wrong)
			}
			return h.interact(id, interactionOf(id, 5, "1", data, `,"message":{"id":"9","channel_id":"1","flags":64}`))
		}
		r := submit("31", map[string]string{"division": "people", "topic": "Plants & \"pots\""})
		if r.Type != replyUpdate || !strings.Contains(wordsOf(r.Data), "people, example question, Waters the plants") {
			t.Errorf("a form shows %+v", r)
		}
		if r := submit("32", map[string]string{"topic": "wrong"}); r.Type != replyUpdate ||
			!strings.Contains(wordsOf(r.Data), "Not so") {
			t.Errorf("a wrong form shows %+v", r)
		}
		if r := submit("33", map[string]string{"topic": "empty"}); r.Type != replyMessage ||
			!strings.Contains(r.Data, bot.SayPressAgain) || !strings.Contains(r.Data, `"flags":64`) {
			t.Errorf("a form after a form shows %+v", r)
		}
		done := o.requests()
		if got := done[1]; got.Action != "answer 5f2c" || got.Fields["topic"] != `Plants & "pots"` ||
			got.Fields["division"] != "people" || len(got.Fields) != 4 {
			t.Errorf("got %+v", got)
		}
		if done[2].Fields["division"] != "division-29" {
			t.Errorf("what was chosen before is %+v", done[2].Fields)
		}
	})
}

// TestAdminAfterCrash checks that of what an admin asked for before the process ended, the
// inbox is shown, and nothing is done again.
func TestAdminAfterCrash(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	for _, payload := range []string{
		interactionOf("21", 2, "1", askData("inbox", ""), ""), pressBelow("22", "admin|save 9e41"),
		interactionOf("23", 5, "1", `{"custom_id":"form|answer 5f2c","components":[]}`, `,"message":{"id":"9"}`),
	} {
		r.put("INTERACTION_CREATE", payload, time.Second, journal.Taken, "")
	}
	h, o := openOffice(t, false, r.use(nil))
	r.await(h, 0, journal.Posted)
	h.Await(t, "the inbox", func() bool { return len(h.Replies("21")) == 1 })
	if got := h.Replies("21")[0]; !strings.Contains(got.Data, `"flags":64`) || !strings.Contains(got.Data, "admin|") {
		t.Errorf("the inbox is %+v", got)
	}
	if n := len(h.Replies("22")) + len(h.Replies("23")); n > 0 {
		t.Errorf("%d responses say something of what is not done again", n)
	}
	if done := o.requests(); len(done) != 1 || done[0].Action != bot.OpenInbox {
		t.Errorf("done again: %+v", done)
	}
	// Discord repeats what was recorded.
	h.Emit(t, "INTERACTION_CREATE", pressBelow("22", "admin|save 9e41"))
	h.command("24", "1", "the end")
	if done := o.requests(); len(done) != 1 {
		t.Errorf("a repeat is done: %+v", done)
	}
}

// TestNotifyButtons checks that a notice in the channel for admins has its buttons.
func TestNotifyButtons(t *testing.T) {
	t.Parallel()
	h, _ := openOffice(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	if err := h.adapter.Notify(t.Context(), adaptertest.Inbox()["edit-notice"]); err != nil {
		t.Fatal(err)
	}
	if m := h.Messages("7"); len(m) != 1 || !strings.Contains(m[0].Body, `"custom_id":"admin|undo 9e41"`) ||
		!strings.Contains(m[0].Body, "third floor") {
		t.Errorf("the notice is %+v", m)
	}
}

// TestManyActions checks that of very many buttons Discord takes those that fit.
func TestManyActions(t *testing.T) {
	t.Parallel()
	a := bot.Note("many")
	for i := range 40 {
		a.Actions = append(a.Actions, bot.Action{Label: strings.Repeat("l", i*3), Value: strings.Repeat("v", i*3)})
	}
	a.Offers = adaptertest.Answers()["suggested"].Offers
	m := render(a, frame{})
	for _, wrong := range adaptertest.CheckMessage(encode(m)) {
		t.Error(wrong)
	}
	if rows := len(actionRows(a.Actions)); rows != maxRows {
		t.Errorf("%d rows", rows)
	}
}

// TestHostileForm checks that Discord takes a form whatever it says.
func TestHostileForm(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("🤷 long ", 1000)
	f := bot.Form{Title: long, Action: "a", Fields: []bot.Field{
		{ID: "", Label: "no id"}, {ID: "a", Label: long, Value: long, Tip: long}, {ID: "a", Label: "again"},
		{ID: "b", Choices: []bot.Choice{}}, {ID: "c", Most: 1_000_000, Lines: true},
		{ID: "d", Tip: long, Choices: []bot.Choice{{ID: long, Title: "too long"}, {ID: "x", Title: long}, {ID: "y"}}},
		{ID: "e", Value: long, Most: 1}, {ID: "f"}, {ID: "g"}, {ID: "h"},
	}}
	made, ok := newForm(&f)
	if wrong := adaptertest.CheckForm(encode(made)); !ok || len(wrong) > 0 {
		t.Errorf("%v, %v", ok, wrong)
	}
	for name, f := range map[string]*bot.Form{
		"none": nil, "empty": {Title: "t", Action: "a"},
		"too long": {Title: "t", Action: strings.Repeat("a", 100), Fields: []bot.Field{{ID: "a"}}},
	} {
		if _, ok := newForm(f); ok {
			t.Errorf("%s is a form", name)
		}
	}
}
