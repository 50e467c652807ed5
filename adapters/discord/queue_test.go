package discord

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// answersTo counts the answers to each person in the messages of a channel: a reply, whose
// question names the person, or a line of a message with several answers.
func (h *house) answersTo(channel string, user func(question string) string) map[string]int {
	count := map[string]int{}
	for _, m := range h.Messages(channel) {
		if m.ReplyTo != "" {
			count[user(m.ReplyTo)]++
			continue
		}
		for _, line := range strings.Split(wordsOf(m.Body), "\n") {
			if name, _, ok := strings.Cut(strings.TrimPrefix(line, "<@"), ">: "); ok {
				count[name]++
			}
		}
	}
	return count
}

// TestMany checks that of 60 people who ask at once each gets one answer in the channel,
// within its rate limit and without any direct message, whether or not those are possible.
func TestMany(t *testing.T) {
	t.Parallel()
	const people = 60
	for name, change := range map[string]func(h *house){
		"direct messages are possible":  func(*house) {},
		"people refuse direct messages": func(h *house) { h.NoDirects = true },
		"the bot may not open direct messages": func(h *house) {
			h.Fail("POST direct", adaptertest.Fault{Status: 403, Code: 20026, Always: true})
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			const every = 150 * time.Millisecond
			h := open(t, false, func(h *house, _ *Settings) {
				if h.adapter == nil {
					change(h)
				} else {
					h.adapter.timing.messages.every = every
				}
			})
			h.awaitState(0, bot.Ready, "")
			start := time.Now()
			for i := range people {
				h.ask(fmt.Sprint(100+i), "1", fmt.Sprint("question ", i))
			}
			asker := func(question string) string { return "7" + question }
			h.Await(t, "an answer for everybody", func() bool { return len(h.answersTo("1", asker)) == people })
			took := time.Since(start)
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
			for user, n := range h.answersTo("1", asker) {
				if n != 1 {
					t.Errorf("%s gets %d answers", user, n)
				}
			}
			all := h.Messages("1")
			if most := messagePace.burst + int(took/every) + 1; len(all) > most {
				t.Errorf("%d messages within %v", len(all), took)
			}
			for _, m := range all {
				if m.ReplyTo == "" && !strings.Contains(m.Body, "question ") {
					t.Errorf("the answers do not say what they are about: %s", m.Body)
				}
			}
			if n := len(h.Calls("POST direct")); n != 0 || len(h.Messages("")) != len(all) {
				t.Errorf("%d channels of direct messages, %d messages elsewhere", n, len(h.Messages(""))-len(all))
			}
			if n := len(h.Calls("PUT reaction")); n == 0 || n > reactionPace.burst+int(took/reactionPace.every)+1 {
				t.Errorf("%d reactions within %v", n, took)
			}
			if n := h.Reactions(); n != 0 {
				t.Errorf("%d reactions are left", n)
			}
			if states := h.states.All(); states[len(states)-1].Phase != bot.Ready {
				t.Errorf("the states are %v", states)
			}
		})
	}
}

// TestDrained checks that answers that wait are posted when the adapter stops.
func TestDrained(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter != nil {
			h.adapter.timing.messages.every = time.Hour
		}
	})
	h.awaitState(0, bot.Ready, "")
	const people = 50
	for i := range people {
		h.ask(fmt.Sprint(100+i), "1", "who pays?")
	}
	h.Await(t, "the questions", func() bool {
		h.Touch()
		return len(h.handler.Asked()) == people
	})
	h.stop()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	count := h.answersTo("1", func(question string) string { return "7" + question })
	if len(count) != people {
		t.Errorf("%d of %d people are answered", len(count), people)
	}
}

// TestFlood checks that one person who asks all the time is asked once to wait, in the
// channel, and is never told that many ask.
func TestFlood(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	for i := range 30 {
		h.Emit(t, "MESSAGE_CREATE", mention(fmt.Sprint(100+i), "1", "who pays?"))
	}
	h.ask("200", "1", "and me?")
	texts := func() (all string) {
		for _, m := range h.Messages("") {
			all += wordsOf(m.Body) + "\n"
		}
		return all
	}
	h.Await(t, "the answers", func() bool { return strings.Contains(texts(), "and me?") })
	h.stop()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	if n := strings.Count(texts(), "about: who pays?"); n < perPerson.burst || n > perPerson.burst+1 {
		t.Errorf("%d answers", n)
	}
	if n := strings.Count(texts(), bot.SaySlowDown); n != 1 {
		t.Errorf("asked %d times to wait", n)
	}
	if strings.Contains(texts(), bot.SayManyAsked) || len(h.Calls("POST direct")) != 0 {
		t.Errorf("the messages are %s", texts())
	}
}

// TestMergedFollows checks that an answer in a message with others follows edits and
// deletions of its question, and leaves the other answers alone.
func TestMergedFollows(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter != nil {
			h.adapter.timing.messages = pace{1, time.Second}
		}
	})
	h.awaitState(0, bot.Ready, "")
	for i, question := range []string{"one", "two", "three", "four"} {
		h.ask(fmt.Sprint(100+i), "1", question)
	}
	lines := func() []string { // of the message with several answers
		for _, m := range h.Messages("1") {
			if m.ReplyTo == "" {
				return strings.Split(wordsOf(m.Body), "\n")
			}
		}
		return nil
	}
	h.Await(t, "three answers in one message", func() bool {
		return len(lines()) == 4 && lines()[0] == bot.SayTogether
	})
	merged := h.Messages("1")[1]
	var questions []string // in the order of the answers
	for _, line := range lines()[1:] {
		questions = append(questions, strings.TrimPrefix(strings.Split(line, ">")[0], "<@7"))
	}
	h.Emit(t, "MESSAGE_UPDATE", strings.NewReplacer(`"id":"70"`, `"id":"7`+questions[1]+`"`,
		`"edited_timestamp":null`, `"edited_timestamp":"2026-11-24T10:00:02.000000+00:00"`,
	).Replace(mention(questions[1], "1", "something else")))
	h.Await(t, "the edit", func() bool { return len(lines()) == 4 && strings.Contains(lines()[2], "something else") })
	remove := func(question string) {
		h.Emit(t, "MESSAGE_DELETE", fmt.Sprintf(`{"id":%q,"channel_id":"1","guild_id":"50"}`, question))
	}
	left := slices.Delete(lines(), 1, 2)
	remove(questions[0])
	h.Await(t, "the deletion", func() bool { return slices.Equal(lines(), left) })
	remove(questions[1])
	h.Await(t, "one answer", func() bool { return len(lines()) == 1 })
	remove(questions[2])
	h.Await(t, "none of them", func() bool { return lines() == nil })
	if all := h.Messages("1"); len(all) != 1 || all[0].ID == merged.ID {
		t.Errorf("%+v", all)
	}
}

// TestMergedContent checks that several answers fit into one message, whatever they say, and
// that each is there.
func TestMergedContent(t *testing.T) {
	t.Parallel()
	for name, a := range adaptertest.Answers() {
		for _, n := range []int{1, 2, 7, mostMerged} {
			var all []addressed
			for i := range n {
				all = append(all, addressed{user: fmt.Sprintf("1234567890123456%03d", i), answer: a})
			}
			m := merged{answers: all}
			for _, wrong := range adaptertest.CheckMessage(encode(m.message())) {
				t.Errorf("%s, %d times: %s", name, n, wrong)
			}
			content := mergedContent(all)
			for _, a := range all {
				if !strings.Contains(content, "<@"+a.user+">: ") {
					t.Errorf("%s, %d times: nothing for %s in %s", name, n, a.user, content)
				}
			}
			if strings.Contains(content, bot.SayTogether) != (n > 1) {
				t.Errorf("%s, %d times: %s", name, n, content)
			}
		}
	}
	got := mergedContent([]addressed{
		{user: "1", answer: adaptertest.Answers()["answered"]}, {user: "1", answer: adaptertest.Answers()["urgent"]},
	})
	const want = "<@1>: People handles parental leave. Plans leave for new parents. E-mail: "
	if !strings.HasPrefix(got, want) || !strings.Contains(got, "\n<@1>: Leave the building and call 112.") {
		t.Error(got)
	}
}

// TestNoReactions checks that a channel where the bot may not react is left alone, and that
// people are answered there all the same.
func TestNoReactions(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house, _ *Settings) {
		if h.adapter == nil {
			h.Fail("PUT reaction", adaptertest.Fault{Status: 403, Code: 50013, Always: true})
		} else {
			h.adapter.timing.messages = pace{1, 50 * time.Millisecond}
		}
	})
	h.awaitState(0, bot.Ready, "")
	h.ask("100", "1", "one")
	h.ask("101", "1", "two")
	h.answered(2)
	h.Await(t, "a reaction", func() bool { return len(h.Calls("PUT reaction")) == 1 })
	h.Await(t, "the log", func() bool {
		h.Touch()
		return strings.Contains(h.log.String(), "could not react")
	})
	h.ask("102", "1", "three")
	h.ask("103", "1", "four")
	h.answered(3)
	h.stop()
	if err := <-h.ended; err != nil || len(h.Calls("PUT reaction")) != 1 || len(h.Calls("DELETE reaction")) != 0 {
		t.Errorf("%v, %d reactions", err, len(h.Calls("PUT reaction")))
	}
}
