package discord

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// waitingRoom notes who wants to be told what.
type waitingRoom struct {
	mu   sync.Mutex
	list []string
}

func (w *waitingRoom) await(_ context.Context, person, question string) bot.Answer {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.list = append(w.list, person+" "+question)
	return bot.Note("I will tell you.")
}

func (w *waitingRoom) String() string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return strings.Join(w.list, "\n")
}

// TestTellButton checks that below what the desk does not know there is a button, and that who
// presses it is noted with the question.
func TestTellButton(t *testing.T) {
	both(t, func(t *testing.T, http bool) {
		room := &waitingRoom{}
		h := open(t, http, func(_ *house, s *Settings) { s.Await = room.await })
		h.awaitState(0, bot.Ready, "")
		const id = `"custom_id":"tell|sample declined"`
		if !http {
			h.Emit(t, "MESSAGE_CREATE", mention("11", "1", "sample declined"))
			h.Emit(t, "MESSAGE_CREATE", direct("12", "sample declined"))
			h.Emit(t, "MESSAGE_CREATE", mention("13", "2", "sample elsewhere"))
			h.answered(3)
			for channel, want := range map[string]bool{"1": true, "80": true, "2": false} {
				m := h.Messages(channel)[0]
				if strings.Contains(m.Body, id) != want || want && strings.Count(m.Body, `"type":2,`) != 2 {
					t.Errorf("in %s: %s", channel, m.Body)
				}
			}
		}
		for question, want := range map[string]bool{"declined": true, "urgent": true, "suggested": false, "answered": false} {
			r := h.command("2"+question, "1", "sample "+question)
			if strings.Contains(r.Data, `"tell|sample `) != want {
				t.Errorf("%s: %s", question, r.Data)
			}
		}
		if r := h.interact("31", press("31", "try0|sample declined")); !strings.Contains(r.Data, id) {
			t.Errorf("an example: %s", r.Data)
		}
		for id, payload := range map[string]string{
			"41": press("41", "tell|who waters the plants?"),
			"42": interactionOf("42", 3, "80", `{"component_type":2,"custom_id":"tell|who waters?"}`, `,"message":{"id":"9"}`),
			"43": pressBelow("43", "tell|who waters them?"),
		} {
			r := h.interact(id, payload)
			if r.Type != replyMessage || !strings.Contains(r.Data, `"flags":64`) ||
				!strings.Contains(r.Data, "I will tell you.") {
				t.Errorf("%s: %+v", id, r)
			}
		}
		for _, want := range []string{"50:70 who waters the plants?", "70 who waters?", "50:70 who waters them?"} {
			if !strings.Contains("\n"+room.String()+"\n", "\n"+want+"\n") {
				t.Errorf("%q is not noted: %s", want, room)
			}
		}
		if r := h.interact("44", press("44", "tell")); !strings.Contains(r.Data, "Which question") {
			t.Errorf("without its question: %+v", r)
		}
	})
}

// TestNoTellButton checks that there is no button where nobody can be told.
func TestNoTellButton(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	if r := h.command("21", "1", "sample declined"); strings.Contains(r.Data, "tell") {
		t.Errorf("%+v", r)
	}
	if r := h.interact("22", press("22", "tell|who?")); r.Type != replyMessage || !strings.Contains(r.Data, `"flags":64`) {
		t.Errorf("an old button shows %+v", r)
	}
}

// TestTellQuestion checks that a button below an answer finds its question, whatever that is.
func TestTellQuestion(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("who waters the plants? ", 8) // as long as no id of a button is
	for _, question := range []string{
		"who waters the plants?", "a|b|c", "> quoted\nand *more* `code`", "🤷 who?", "tell|me 12<>", long,
		long + "\n> *b* _i_ ~s~ `c` ||x|| # head\n- item [a](https://b.example)", long + `back\slash \* \\`,
	} {
		question = strings.TrimSpace(question)
		for name, f := range map[string]frame{
			"a command": {private: true}, "a reply": {reply: true}, "without an embed": {private: true, plain: true},
			"with a note": {private: true, note: bot.SayManyAsked},
		} {
			f.tell = question
			m := render(adaptertest.Answers()["declined"], f)
			for _, wrong := range adaptertest.CheckMessage(encode(m)) {
				t.Error(wrong)
			}
			row := m.Components[len(m.Components)-1].Components
			id := row[len(row)-1].CustomID
			if !strings.HasPrefix(id, actionTell) {
				t.Errorf("%s: no button for %q", name, question)
				continue
			}
			message := fmt.Sprintf(`,"message":{"id":"9","content":%s`, quote(m.Content))
			if f.reply {
				message += `,"referenced_message":` + mention("8", "1", strings.ReplaceAll(question, "\n", " "))
			}
			e, err := decodeInteraction([]byte(interactionOf("21", 3, "1",
				`{"component_type":2,"custom_id":`+quote(id)+`}`, message+"}")))
			want := question
			if f.reply && id == actionTell {
				want = strings.ReplaceAll(question, "\n", " ")
			}
			if err != nil || e.text != want {
				t.Errorf("%s: %q comes back as %q, %v", name, want, e.text, err)
			}
		}
	}
	tooLong := strings.Repeat("x", quoteLength+1)
	for _, row := range render(adaptertest.Answers()["declined"], frame{tell: tooLong}).Components {
		for _, b := range row.Components {
			if strings.HasPrefix(b.CustomID, actionTell) {
				t.Errorf("a question that would be cut has the button %s", b.CustomID)
			}
		}
	}
}

// TestMergedWithoutTell checks that a message with several answers has no such button.
func TestMergedWithoutTell(t *testing.T) {
	t.Parallel()
	declined := adaptertest.Answers()["declined"]
	m := merged{answers: []addressed{{user: "70", answer: declined}, {user: "71", answer: declined}}}
	if got := string(encode(m.message())); strings.Contains(got, actionTell+"|") {
		t.Error(got)
	}
}

// TestTell checks that a person is told once, in private, for what they may see now.
func TestTell(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(_ *house, s *Settings) {
		s.Audiences = Audiences{
			Servers:  map[string]bot.Audience{"50": "staff"},
			Channels: map[string]bot.Audience{"1": "channel"},
			Roles:    map[string]bot.Audience{"90": "board"},
		}
	})
	if _, err := h.adapter.Tell(t.Context(), "70", "who?"); err != nil && !strings.Contains(err.Error(), "not connected") {
		t.Error(err)
	}
	h.awaitState(0, bot.Ready, "")
	h.Say("guilds/50/members/71", `{"user":{"id":"71"},"roles":["90","91"]}`)
	for _, c := range []struct {
		person, question string
		told             bool
		readers          bot.Audience
	}{
		{"50:71", "who waters *the plants*?", true, bot.AudienceOf("staff", "board")},
		{"71", "who waters?", true, ""},
		{"50:71", "sample declined", false, bot.AudienceOf("staff", "board")},
		{"50:71", "sample suggested", false, bot.AudienceOf("staff", "board")},
	} {
		before := len(h.Messages(""))
		told, err := h.adapter.Tell(t.Context(), c.person, c.question)
		if told != c.told || err != nil || len(h.Messages(""))-before != btoi(c.told) {
			t.Errorf("%+v: %v, %v", c, told, err)
		}
		asked := h.handler.Asked()
		if last := asked[len(asked)-1]; last.Text != c.question || last.Readers != c.readers {
			t.Errorf("asked %+v", last)
		}
	}
	m := h.Messages("971")
	if len(m) != 2 || !strings.Contains(m[0].Body, bot.SayNowKnown) ||
		!strings.Contains(wordsOf(m[0].Body), `\*the plants\*`) || !strings.Contains(m[0].Body, "about: who waters") {
		t.Errorf("told %+v", m)
	}
	// The same again within minutes, as after a crash, is posted once.
	if told, err := h.adapter.Tell(t.Context(), "71", "who waters?"); !told || err != nil || len(h.Messages("971")) != 2 {
		t.Errorf("again: %v, %v", told, err)
	}
	// Who has left the server may see what everybody may.
	h.Fail("GET members", adaptertest.Fault{Status: 404, Code: 10007}, adaptertest.Fault{Status: 403, Code: 50035})
	if told, err := h.adapter.Tell(t.Context(), "50:72", "who pays?"); !told || err != nil {
		t.Errorf("who has left: %v, %v", told, err)
	}
	if asked := h.handler.Asked(); asked[len(asked)-1].Readers != "" {
		t.Errorf("who has left is told what is for %q", asked[len(asked)-1].Readers)
	}
	if told, err := h.adapter.Tell(t.Context(), "50:73", "who pays?"); told || err == nil || errors.Is(err, bot.ErrGone) {
		t.Errorf("without the roles: %v, %v", told, err)
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

// TestTellFaults checks that nobody is told twice, and that people who can't be reached are
// told from faults that end.
func TestTellFaults(t *testing.T) {
	t.Parallel()
	cut, busy := adaptertest.Fault{Cut: true}, adaptertest.Fault{Status: 503}
	for name, c := range map[string]struct {
		direct, post []adaptertest.Fault
		told, gone   bool
		posted       int
	}{
		"well":                  {nil, nil, true, false, 1},
		"busy at first":         {nil, []adaptertest.Fault{busy, busy}, true, false, 1},
		"cut after posting":     {nil, []adaptertest.Fault{cut}, true, false, 1},
		"unclear, then not":     {nil, []adaptertest.Fault{cut, {Status: 403, Code: 50013}}, true, false, 1},
		"refused":               {nil, []adaptertest.Fault{{Status: 403, Code: 50013}}, false, false, 0},
		"accepts none":          {nil, []adaptertest.Fault{{Status: 403, Code: 50007}}, false, true, 0},
		"shares no server":      {nil, []adaptertest.Fault{{Status: 403, Code: 50278}}, false, true, 0},
		"is not there":          {[]adaptertest.Fault{{Status: 404, Code: 10013}}, nil, false, true, 0},
		"is no recipient":       {[]adaptertest.Fault{{Status: 400, Code: 50033}}, nil, false, true, 0},
		"directs are forbidden": {[]adaptertest.Fault{{Status: 403, Code: 20026}}, nil, false, false, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, nil)
			h.awaitState(0, bot.Ready, "")
			h.Fail("POST direct", c.direct...)
			h.Fail("POST message", c.post...)
			told, err := h.adapter.Tell(t.Context(), "71", "who waters?")
			if told != c.told || told != (err == nil) || errors.Is(err, bot.ErrGone) != c.gone ||
				len(h.Messages("")) != c.posted {
				t.Errorf("%v, %v, %d messages", told, err, len(h.Messages("")))
			}
		})
	}
}

// TestTellMany checks that many people are told no faster than Discord likes, and that telling
// ends with its context.
func TestTellMany(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter != nil {
			h.adapter.timing.directs = pace{1, 20 * time.Millisecond}
		}
	})
	h.awaitState(0, bot.Ready, "")
	for i := range 4 {
		if told, err := h.adapter.Tell(t.Context(), fmt.Sprint(80+i), "who?"); !told || err != nil {
			t.Fatal(told, err)
		}
	}
	posts := h.Calls("POST message")
	if took := posts[3].At.Sub(posts[0].At); len(posts) != 4 || took < 40*time.Millisecond {
		t.Errorf("%d messages within %v", len(posts), took)
	}
	h.stop()
	<-h.ended
	slow := open(t, false, func(h *house, _ *Settings) {
		if h.adapter != nil {
			h.adapter.timing.directs = pace{0, time.Hour}
		}
	})
	slow.awaitState(0, bot.Ready, "")
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if told, err := slow.adapter.Tell(ctx, "71", "who?"); told || !errors.Is(err, context.Canceled) {
		t.Errorf("%v, %v", told, err)
	}
}

// TestTellUnreachable checks that an answer that never left counts as not told.
func TestTellUnreachable(t *testing.T) {
	t.Parallel()
	c, err := newClient(Settings{APIURL: "http://127.0.0.1:1"}, slog.New(slog.DiscardHandler), func(_, _ string) {})
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	tries := 0
	c.Pause = time.Millisecond
	c.Limit = func(context.Context) error {
		if tries++; tries == 4 {
			cancel()
		}
		return nil
	}
	unclear, err := c.tell(ctx, "971", "nonce", render(bot.Note("told"), frame{}))
	if unclear || err == nil || tries != 4 {
		t.Errorf("%v, %v after %d tries", unclear, err, tries)
	}
}
