package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestFewDirects checks that of many people who ask for something private a few get a direct
// message, and the others are told in the channel how to ask, in messages with several
// answers.
func TestFewDirects(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		fault   *adaptertest.Fault
		refuse  bool
		directs int // calls that open one
		phase   bot.Phase
		why     string
	}{
		"possible": {directs: 3, phase: bot.Ready},
		"refused":  {refuse: true, directs: 3, phase: bot.Ready},
		"too fast": {fault: &adaptertest.Fault{Status: 400, Code: 40003, Always: true}, directs: 3, phase: bot.Ready},
		"forbidden": {
			fault: &adaptertest.Fault{Status: 403, Code: 20026, Always: true}, directs: 1, phase: bot.Degraded,
			why: "20026",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house, _ *Settings) {
				if h.adapter != nil {
					h.adapter.timing.directs = directPace
					return
				}
				h.NoDirects = c.refuse
				if c.fault != nil {
					h.Fail("POST direct", *c.fault)
				}
			})
			h.awaitState(0, bot.Ready, "")
			h.ask("100", "1", "hush")
			h.Await(t, "the first", func() bool { return len(h.Messages("")) == 1 })
			const people = 20
			for i := range people - 1 {
				h.ask(fmt.Sprint(101+i), "1", "hush")
			}
			told := func() int {
				n := 0
				for _, m := range h.Messages("1") {
					n += strings.Count(m.Body, "My answer is for you alone")
					if strings.Contains(m.Body, "allow me") && !c.refuse {
						t.Errorf("people who accept direct messages are told %s", m.Body)
					}
				}
				return n
			}
			sent := 0
			if c.fault == nil && !c.refuse {
				sent = directPace.burst
			}
			h.Await(t, "an answer for everybody", func() bool { return told() == people-sent })
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
			if n := len(h.Calls("POST direct")); n != c.directs || len(h.Messages(""))-len(h.Messages("1")) != sent {
				t.Errorf("%d channels opened, messages: %+v", n, h.Messages(""))
			}
			if n := len(h.Messages("1")); n >= people/2 {
				t.Errorf("%d messages in the channel", n)
			}
			h.awaitState(0, c.phase, c.why)
		})
	}
}

// TestClosedPlaces checks that somebody who asks where the bot may not write gets the answer
// by direct message if that is possible, and that each place is logged once.
func TestClosedPlaces(t *testing.T) {
	t.Parallel()
	for code, remedy := range map[int]string{
		50083: "the thread is archived", 160005: "the thread is locked", 50001: "View Channel", 50013: "Send Messages",
	} {
		t.Run(fmt.Sprint(code), func(t *testing.T) {
			t.Parallel()
			h := open(t, false, func(h *house, _ *Settings) {
				if h.adapter != nil {
					h.adapter.timing.directs = pace{2, time.Hour}
				}
			})
			h.awaitState(0, bot.Ready, "")
			h.CloseChannel("1", code)
			h.ask("100", "1", "one")
			h.Await(t, "a direct message", func() bool { return len(h.Messages("97100")) == 1 })
			if body := h.Messages("97100")[0].Body; !strings.Contains(body, "about: one") ||
				!strings.Contains(body, bot.SayCannotReply) {
				t.Errorf("the direct message is %s", body)
			}
			h.ask("101", "1", "two")
			h.Await(t, "another", func() bool { return len(h.Messages("97101")) == 1 })
			h.ask("102", "1", "three") // there are no more direct messages
			h.ask("103", "2", "elsewhere")
			h.Await(t, "the answer elsewhere", func() bool { return len(h.Messages("2")) == 1 })
			h.stop()
			if err := <-h.ended; err != nil || len(h.Messages("")) != 3 {
				t.Errorf("%v, %+v", err, h.Messages(""))
			}
			log := h.log.String()
			if n := strings.Count(log, "level=WARN"); n != 1 || !strings.Contains(log, remedy) ||
				strings.Contains(log, "level=ERROR") {
				t.Errorf("logged %d times:\n%s", n, log)
			}
		})
	}
}
