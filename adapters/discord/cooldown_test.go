package discord

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestCommandCooldown checks that the answer to a command is private for a person who asks
// too often, that others are not affected, and that nobody hears of others who are not there.
func TestCommandCooldown(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	private := 0
	for i := range 12 {
		id := fmt.Sprint(100 + i)
		if r := h.command(id, "1", "who pays?"); strings.Contains(r.Data, `"flags":64`) {
			private++
			if !strings.Contains(r.Data, "about: who pays?") || !strings.Contains(r.Data, bot.SayOften) ||
				strings.Contains(r.Data, bot.SayManyAsked) {
				t.Errorf("a person who asks often gets %s", r.Data)
			}
		}
	}
	if private == 0 || private == 12 {
		t.Errorf("%d of 12 answers are private", private)
	}
	other := func(id string) adaptertest.DiscordReply {
		return h.interact(id, strings.ReplaceAll(
			interactionOf(id, 2, "1", askData("who pays?", ""), ""), `"id":"70"`, fmt.Sprintf(`"id":"7%s"`, id)))
	}
	if r := other("200"); strings.Contains(r.Data, `"flags":64`) {
		t.Errorf("another person gets %s", r.Data)
	}
	told := 0
	for i := range perChannel.burst + 5 {
		r := other(fmt.Sprint(300 + i))
		if private := strings.Contains(r.Data, `"flags":64`); private != strings.Contains(r.Data, bot.SayManyAsked) {
			t.Errorf("one of many gets %s", r.Data)
		} else if private {
			told++
		}
	}
	if told == 0 {
		t.Error("all answers are public")
	}
}

// TestCooldown checks the rates of the limiters over simulated time, and that unused ones
// are dropped.
func TestCooldown(t *testing.T) {
	t.Parallel()
	c, start := newCooldown(messagePace, directPace), time.Now()
	var posted []time.Time
	directs := 0
	for at := time.Duration(0); at < time.Minute; at += 10 * time.Millisecond {
		if c.message(start.Add(at), "1") {
			posted = append(posted, start.Add(at))
		}
		if c.direct(start.Add(at)) {
			directs++
		}
	}
	for i := 5; i < len(posted); i++ {
		if took := posted[i].Sub(posted[i-5]); took < 5*time.Second {
			t.Errorf("6 messages within %v", took)
		}
	}
	if len(posted) < 24 || directs > 6 {
		t.Errorf("%d messages and %d direct messages within a minute", len(posted), directs)
	}
	if wait := c.reserve(start.Add(time.Minute), "1"); wait > messagePace.every {
		t.Errorf("the next message has to wait for %v", wait)
	}
	for i := range 1000 {
		c.command(start.Add(time.Duration(i)*time.Second), fmt.Sprint(i), fmt.Sprint(i), "1")
	}
	if n := len(c.current) + len(c.before); n > 3*2*60+2 {
		t.Errorf("remembers %d limiters", n)
	}
}
