package discord

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// never makes answers to messages wait for ever, as if the process ended before it sends them.
func never(h *house) { h.adapter.timing.messages = pace{0, time.Hour} }

// end stops an adapter in order.
func (h *house) end() {
	h.t.Helper()
	h.stop()
	if err := <-h.ended; err != nil {
		h.t.Error(err)
	}
}

// TestUnansweredMessages checks that messages that a process took on are answered once by the
// next one if it ends before it answers them.
func TestUnansweredMessages(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	first := open(t, false, r.use(never))
	first.ask("11", "1", "one")
	first.ask("12", "1", "two")
	first.ask("13", "2", "three")
	r.await(first, 3, journal.Taken)
	for range 2 {
		h := start(t, first.Discord, false, r.use(nil))
		h.answered(3)
		h.awaitState(0, bot.Ready, "")
		h.ask("11", "1", "one") // Discord repeats it
		r.await(h, 0, journal.Posted)
		h.end()
		if n := len(h.Messages("")); n != 3 {
			t.Errorf("%d messages", n)
		}
	}
	for _, m := range first.Messages("1") {
		if m.ReplyTo == "11" && !strings.Contains(m.Body, "about: one") {
			t.Errorf("the answer is %s", m.Body)
		}
	}
}

// TestUnansweredInteractions checks that interactions that a process took on are answered once
// by the next one, whether or not they have a deferred response.
func TestUnansweredInteractions(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecords(t)
			stuck := &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
			t.Cleanup(func() { close(stuck.Go) })
			first := open(t, http, r.use(func(h *house) { h.handler, h.adapter.timing.defers = stuck, 20*time.Millisecond }))
			if http {
				first.Note("21") // the stand-in does not see the response over HTTP
			}
			if got := first.command("21", "1", "slow"); got.Type != replyLater {
				t.Errorf("the first response is %+v", got)
			}
			<-stuck.Started
			r.await(first, 1, journal.Taken)
			next := &adaptertest.Handler{Started: make(chan struct{}), Go: make(chan struct{})}
			close(next.Go)
			h := start(t, first.Discord, http, r.use(func(h *house) { h.handler = next }))
			h.Await(t, "the answer", func() bool { return len(h.Replies("21")) == 2 })
			r.await(h, 0, journal.Posted)
			h.end()
			if all := h.Replies("21"); len(all) != 2 || !strings.Contains(all[1].Data, "about: slow") {
				t.Errorf("the responses are %+v", all)
			}
		})
	}
	t.Run("without a response", func(t *testing.T) {
		t.Parallel()
		r := newRecords(t)
		private := `},{"name":"private","type":5,"value":true`
		for _, data := range []string{
			interactionOf("21", 2, "1", askData("who pays?", ""), ""),      // Discord still waits
			interactionOf("22", 2, "1", askData("who pays?", ""), ""),      // expired
			interactionOf("23", 2, "1", askData("who pays?", private), ""), // expired
			interactionOf("24", 2, "1", askData("hush", ""), ""),           // Discord still waits
		} {
			r.put("INTERACTION_CREATE", data, time.Second, journal.Taken, "")
		}
		h := open(t, false, func(h *house, s *Settings) {
			h.Expire("22")
			h.Expire("23")
			r.use(nil)(h, s)
		})
		h.awaitState(0, bot.Ready, "")
		r.await(h, 0, journal.Posted)
		h.end()
		if all := h.Replies("21"); len(all) != 1 || !strings.Contains(all[0].Data, "about: who pays?") {
			t.Errorf("the responses are %+v", all)
		}
		if all := h.Replies("24"); len(all) != 1 || !strings.Contains(all[0].Data, `"flags":64`) {
			t.Errorf("the responses to a private question are %+v", all)
		}
		if all := h.Messages("1"); len(all) != 1 || len(h.Replies("22"))+len(h.Replies("23")) != 0 {
			t.Errorf("of two that expired, the channel has %+v", all)
		}
	})
}

// TestSeparateAnswer checks that a private answer after a public deferred response is sent by
// the next process as a follow-up, and is not repeated if it may be there.
func TestSeparateAnswer(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	for i, state := range []journal.State{journal.Taken, journal.Posting} {
		id := fmt.Sprint(21 + i)
		r.put("INTERACTION_CREATE", interactionOf(id, 2, "1", askData("hush", ""), ""), time.Second, state, "")
	}
	h := open(t, false, func(h *house, s *Settings) {
		h.Note("21")
		h.Note("22")
		r.use(nil)(h, s)
	})
	h.awaitState(0, bot.Ready, "")
	r.await(h, 0, journal.Posted)
	h.end()
	all := h.Replies("21")
	if len(all) != 3 || strings.Contains(all[1].Data, "hush") || !strings.Contains(all[2].Data, "about: hush") {
		t.Errorf("the responses are %+v", all)
	}
	if all := h.Replies("22"); len(all) != 1 || h.states.Incidents(bot.Unclear) != 1 {
		t.Errorf("%d are unclear, and the responses are %+v", h.states.Incidents(bot.Unclear), all)
	}
}

// TestUnclear checks what becomes of a message that a process took on, by its age and state.
func TestUnclear(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		age                         time.Duration
		state                       journal.State
		answer                      string
		posted, unclear, unanswered int
	}{
		"taken":              {9 * time.Minute, journal.Taken, "", 1, 0, 0},
		"taken long ago":     {11 * time.Minute, journal.Taken, "", 0, 0, 1},
		"posting":            {time.Minute, journal.Posting, "", 1, 0, 0},
		"posting for longer": {3 * time.Minute, journal.Posting, "", 0, 1, 0},
		"posting together":   {time.Minute, journal.Posting, journal.Together, 0, 1, 0},
		"posting long ago":   {11 * time.Minute, journal.Posting, "", 0, 1, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRecords(t)
			r.put("MESSAGE_CREATE", mention("11", "1", "hello"), c.age, c.state, c.answer)
			h := open(t, false, r.use(nil))
			h.awaitState(0, bot.Ready, "")
			h.Await(t, "the event", func() bool {
				h.Touch()
				return len(h.Messages(""))+h.states.Incidents(bot.Unclear)+h.states.Incidents(bot.Unanswered) > 0
			})
			if c.age < journal.EventLife {
				r.await(h, 0, journal.Posted)
			}
			h.end()
			if len(h.Messages("")) != c.posted || h.states.Incidents(bot.Unclear) != c.unclear ||
				h.states.Incidents(bot.Unanswered) != c.unanswered {
				t.Errorf("%d messages, %d unclear, %d unanswered", len(h.Messages("")),
					h.states.Incidents(bot.Unclear), h.states.Incidents(bot.Unanswered))
			}
		})
	}
}

// TestPostedBefore checks that an answer that Discord has, though the process that sent it did
// not learn that, is not posted again by the next one, which also follows the question.
func TestPostedBefore(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	first := open(t, false, r.use(nil))
	first.awaitState(0, bot.Ready, "")
	hangs := make(chan struct{})
	t.Cleanup(func() { close(hangs) })
	first.Fail("POST message", adaptertest.Fault{Until: hangs})
	first.ask("11", "1", "hello")
	first.answered(1)
	r.await(first, 1, journal.Posting)
	h := start(t, first.Discord, false, r.use(nil))
	h.awaitState(0, bot.Ready, "")
	r.await(h, 0, journal.Posted)
	if n := len(h.Calls("POST message")); n != 2 || len(h.Messages("")) != 1 {
		t.Errorf("%d calls, messages: %+v", n, h.Messages(""))
	}
	h.Emit(t, "MESSAGE_DELETE", `{"id":"11","channel_id":"1","guild_id":"50"}`)
	h.Await(t, "the deletion", func() bool { return len(h.Messages("")) == 0 })
}

// TestMergedBefore checks that an answer in a message with others follows its question also
// after a start, and that the others in it stay.
func TestMergedBefore(t *testing.T) {
	t.Parallel()
	for title, gone := range map[string]bool{"there": false, "not to be read": true} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			r := newRecords(t)
			first := open(t, false, r.use(func(h *house) { h.adapter.timing.messages = pace{1, time.Second} }))
			first.awaitState(0, bot.Ready, "")
			for i := range 4 {
				first.ask(fmt.Sprint(11+i), "1", "hello")
			}
			first.answered(2)
			r.await(first, 0, journal.Posted)
			together := make([]string, 3) // the questions, by line
			for i := range 4 {
				id := fmt.Sprint(11 + i)
				e, err := r.Versions(t.Context(), name, "1", id)
				if len(e) != 1 || err != nil {
					t.Fatal(e, err)
				}
				if p, ok := readShared(e[0].Answer); ok && p.of == 3 {
					together[p.line] = id
				}
			}
			first.end()
			merged := func(h *house) (lines []string) {
				for _, m := range h.Messages("1") {
					if m.ReplyTo == "" {
						words := strings.TrimPrefix(wordsOf(m.Body), bot.SayTogether+"\n")
						lines = append(lines, strings.Split(words, "\n")...)
					}
				}
				return lines
			}
			h := start(t, first.Discord, false, r.use(nil))
			h.awaitState(0, bot.Ready, "")
			if gone {
				h.Fail("GET message", adaptertest.Fault{Status: 403, Code: codeMissingAccess, Always: true})
			}
			h.Emit(t, "MESSAGE_UPDATE", strings.Replace(mention(together[1], "1", "edited"), `"edited_timestamp":null`,
				`"edited_timestamp":"2026-11-24T10:00:02.000000+00:00"`, 1))
			if gone { // better a new reply than none
				h.answered(3)
				if n := len(merged(h)); n != 3 {
					t.Errorf("%d lines are left", n)
				}
				return
			}
			h.Await(t, "the edit", func() bool { return strings.Contains(strings.Join(merged(h), "\n"), "about: edited") })
			h.Emit(t, "MESSAGE_DELETE", fmt.Sprintf(`{"id":%q,"channel_id":"1","guild_id":"50"}`, together[0]))
			h.Await(t, "the deletion", func() bool { return len(merged(h)) == 2 })
			r.await(h, 0, journal.Posted)
			h.end()
			h = start(t, first.Discord, false, r.use(nil))
			h.awaitState(0, bot.Ready, "")
			// Of the last one it is not known any more which line it is, since one was deleted.
			h.Emit(t, "MESSAGE_DELETE", fmt.Sprintf(`{"id":%q,"channel_id":"1","guild_id":"50"}`, together[2]))
			h.ask("19", "2", "the end")
			h.Await(t, "the last answer", func() bool { return len(h.Messages("2")) == 1 })
			h.end()
			if l := merged(h); len(l) != 2 || !strings.Contains(l[0], "about: edited") ||
				!strings.Contains(l[1], "about: hello") || len(h.Messages("1")) != 2 {
				t.Errorf("%q, %+v", l, h.Messages("1"))
			}
		})
	}
}

// TestFollowedAfterStart checks that edits, deletions and repeats of questions from before the
// start are recognized.
func TestFollowedAfterStart(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	first := open(t, false, r.use(nil))
	for i := range 3 {
		first.ask(fmt.Sprint(11+i), fmt.Sprint(1+i), "before")
	}
	first.answered(3)
	r.await(first, 0, journal.Posted)
	h := start(t, first.Discord, false, r.use(nil))
	h.awaitState(0, bot.Ready, "")
	edited := func(id, channel, at, text string) string {
		return strings.Replace(mention(id, channel, text), `"edited_timestamp":null`,
			fmt.Sprintf(`"edited_timestamp":"2026-11-24T10:00:0%s.000000+00:00"`, at), 1)
	}
	await := func(channel, text string) {
		t.Helper()
		h.Await(t, text, func() bool {
			m := h.Messages(channel)
			return len(m) == 1 && strings.Contains(m[0].Body, "about: "+text)
		})
	}
	h.Emit(t, "MESSAGE_UPDATE", edited("11", "1", "1", "edited"))
	await("1", "edited")
	h.ask("12", "2", "before") // a repeat
	h.Emit(t, "MESSAGE_UPDATE", edited("12", "2", "1", "edited as well"))
	await("2", "edited as well")
	h.Emit(t, "MESSAGE_DELETE", `{"id":"13","channel_id":"3","guild_id":"50"}`)
	h.Await(t, "the deletion", func() bool { return len(h.Messages("3")) == 0 })
	if asked := h.handler.Asked(); len(asked) != 2 {
		t.Errorf("asked the desk %+v", asked)
	}
	r.await(h, 0, journal.Posted)
	h.end()
	// An edit that was taken on and not answered changes the answer; one that is older does not.
	r.put("MESSAGE_UPDATE", edited("11", "1", "3", "edited again"), time.Minute, journal.Taken, "")
	again := start(t, first.Discord, false, r.use(nil))
	again.awaitState(0, bot.Ready, "")
	await("1", "edited again")
	again.Emit(t, "MESSAGE_UPDATE", edited("11", "1", "2", "edited late"))
	again.Emit(t, "MESSAGE_DELETE", `{"id":"12","channel_id":"2","guild_id":"50"}`)
	again.Await(t, "the deletion", func() bool { return len(again.Messages("2")) == 0 })
	r.await(again, 0, journal.Posted)
	again.end()
	await("1", "edited again")
}

// broken is a store that fails, or hangs until nobody waits.
type broken struct {
	journal.Store
	hangs bool
	calls atomic.Int64
}

func (b *broken) fail(ctx context.Context) error {
	b.calls.Add(1)
	if b.hangs {
		<-ctx.Done()
		return ctx.Err()
	}
	return errors.New("disk full")
}

func (b *broken) Take(ctx context.Context, _ journal.Event) (bool, error) { return false, b.fail(ctx) }

func (b *broken) Claim(ctx context.Context, _ string, _ journal.Claim, _ journal.Which) ([]journal.Event, error) {
	return nil, b.fail(ctx)
}

func (b *broken) Versions(ctx context.Context, _, _, _ string) ([]journal.Event, error) {
	return nil, b.fail(ctx)
}

// TestBrokenStore checks that questions are answered while the store fails or hangs.
func TestBrokenStore(t *testing.T) {
	t.Parallel()
	for name, hangs := range map[string]bool{"fails": false, "hangs": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			for _, http := range []bool{false, true} {
				store := &broken{Store: newRecords(t).Store, hangs: hangs}
				h := open(t, http, func(_ *house, s *Settings) {
					if s.Ledger == nil {
						s.Ledger = ledger(t, store)
					}
				})
				h.awaitState(0, bot.Ready, "")
				if got := h.command("21", "1", "who pays?"); !strings.Contains(got.Data, "about: who pays?") {
					t.Errorf("the response is %+v", got)
				}
				if !http {
					h.ask("11", "1", "one")
					h.ask("12", "2", "two")
					h.answered(2)
				}
				h.stop()
				if err := <-h.ended; err != nil || store.calls.Load() == 0 {
					t.Errorf("%v after %d calls of the store", err, store.calls.Load())
				}
			}
		})
	}
}

// TestReplayAfterStart checks that an interaction over HTTP that another process took is not
// answered again.
func TestReplayAfterStart(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	first := open(t, true, r.use(nil))
	first.command("21", "1", "who pays?")
	r.await(first, 0, journal.Posted)
	h := start(t, first.Discord, true, r.use(nil))
	status, body := h.request(interactionOf("21", 2, "1", askData("who pays?", ""), ""), nil)
	if status != http.StatusUnauthorized || len(h.handler.Asked()) > 0 {
		t.Errorf("%d %s", status, body)
	}
}
