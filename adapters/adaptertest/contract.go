package adaptertest

import (
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"
)

// Conversation is a running adapter and its platform.
type Conversation struct {
	// Ask makes a person ask. Id is the platform's id of the message.
	Ask func(id, text string)
	// Replies waits for at least n replies and returns the texts of all, in
	// order.
	Replies func(n int) []string
	// Repeat says that the platform may send the same message twice.
	Repeat bool
	// Chatter sends messages that are not for the bot: its own, those of other
	// bots and of people. It is nil if the platform has none.
	Chatter func()
	// Stop stops the adapter and returns the result of Run.
	Stop func() error
}

// Contract checks that an adapter keeps the contract of [bot.Adapter]. Start
// starts an adapter with the handler h.
func Contract(t *testing.T, start func(t *testing.T, h bot.Handler) Conversation) {
	t.Run("one question, one answer", func(t *testing.T) {
		t.Parallel()
		h := &Handler{}
		c := start(t, h)
		c.Ask("1", "who handles forced labor?")
		if got := c.Replies(1); len(got) != 1 || !strings.Contains(got[0], "about: who handles forced labor?") {
			t.Errorf("got %q", got)
		}
		c.Ask("2", "and who handles this?")
		if got := c.Replies(2); len(got) != 2 || !strings.Contains(got[1], "about: and who handles this?") {
			t.Errorf("got %q", got)
		}
		stop(t, c)
		if asked := h.Asked(); len(asked) != 2 {
			t.Errorf("asked the desk %d times", len(asked))
		}
	})
	t.Run("repeats", func(t *testing.T) {
		t.Parallel()
		c := start(t, &Handler{})
		if c.Repeat {
			c.Ask("1", "once")
			c.Ask("1", "once")
			c.Replies(1)
			c.Ask("1", "once")
		}
		if c.Chatter != nil {
			c.Chatter()
		}
		c.Ask("2", "the end")
		all := c.Replies(2 - btoi(!c.Repeat))
		stop(t, c)
		if all = c.Replies(len(all)); len(all) != 2-btoi(!c.Repeat) {
			t.Errorf("got %q", all)
		}
	})
	t.Run("panic", func(t *testing.T) {
		t.Parallel()
		c := start(t, &Handler{})
		c.Ask("1", "panic")
		if got := c.Replies(1); len(got) != 1 || !strings.Contains(got[0], "Something went wrong") ||
			strings.Contains(got[0], "secret cause") {
			t.Errorf("got %q", got)
		}
		c.Ask("2", "are you there?")
		if got := c.Replies(2); len(got) != 2 || !strings.Contains(got[1], "about: are you there?") {
			t.Errorf("got %q", got)
		}
		stop(t, c)
	})
	t.Run("silence", func(t *testing.T) {
		t.Parallel()
		c := start(t, &Handler{})
		c.Ask("1", "silence")
		c.Ask("2", "the end")
		c.Replies(1)
		stop(t, c)
		if got := c.Replies(1); len(got) != 1 {
			t.Errorf("got %q", got)
		}
	})
	t.Run("hostile texts", func(t *testing.T) {
		t.Parallel()
		c := start(t, &Handler{})
		texts := []string{
			"@everyone", "<!channel> hello", "<script>alert(1)</script>", "\u202egnp.exe", "'; DROP TABLE divisions;--",
			strings.Repeat("a ", 20_000), "🤷", "👩‍👩‍👧‍👦 z̀́̂", "null \x00 byte", "*b* _i_ ```",
			"{{.}} %s %n ${HOME}", "-1",
		}
		for i, text := range texts {
			c.Ask(fmt.Sprint(i+1), text)
		}
		got := c.Replies(len(texts))
		stop(t, c)
		if got = c.Replies(len(got)); len(got) != len(texts) {
			t.Errorf("%d texts get %d answers", len(texts), len(got))
		}
	})
	t.Run("every kind of answer", func(t *testing.T) {
		t.Parallel()
		c := start(t, &Handler{})
		answers := Answers()
		for name := range answers {
			c.Ask(name, "sample "+name)
		}
		c.Replies(len(answers))
		stop(t, c)
		if got := c.Replies(len(answers)); len(got) != len(answers) {
			t.Errorf("%d answers are shown as %d", len(answers), len(got))
		}
	})
	t.Run("the end", func(t *testing.T) {
		t.Parallel()
		h := &Handler{Started: make(chan struct{}), Go: make(chan struct{})}
		c := start(t, h)
		c.Ask("1", "slow")
		<-h.Started
		ended := make(chan error, 1)
		go func() { ended <- c.Stop() }()
		close(h.Go)
		if err := <-ended; err != nil {
			t.Errorf("told to stop, Run returns %v", err)
		}
		if got := c.Replies(1); len(got) != 1 || !strings.Contains(got[0], "about: slow") {
			t.Errorf("a reply under way at the end: %q", got)
		}
	})
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}

func stop(t *testing.T, c Conversation) {
	t.Helper()
	if err := c.Stop(); err != nil {
		t.Errorf("told to stop, Run returns %v", err)
	}
}

// Handler is a [bot.Handler] that answers with the question.
type Handler struct {
	Started chan struct{} // closed when the question "slow" arrives first
	Go      chan struct{} // "slow" is answered when this is closed
	Many    int           // the number of divisions; 0 stands for two

	started sync.Once
	mu      sync.Mutex
	asked   []bot.Question
}

// Answer implements [bot.Handler]. The questions panic, silence, offer, hush (a
// private answer) and sample get what they name.
func (h *Handler) Answer(ctx context.Context, q bot.Question) bot.Answer {
	h.mu.Lock()
	h.asked = append(h.asked, q)
	h.mu.Unlock()
	about := q.Text
	switch name, sample := strings.CutPrefix(q.Text, "sample "); {
	case sample:
		return Answers()[name]
	case q.Text == "panic":
		panic("secret cause")
	case q.Text == "silence":
		return bot.Answer{}
	case strings.HasPrefix(q.Text, "hush"): // a private answer
		if q.Text == "hush slowly" {
			close(h.Started)
			<-h.Go
		}
		return bot.Answer{
			Outcome: bot.Answered, Private: true, Division: "hush", Title: "Hush", Body: Plain("about: " + about),
		}
	case q.Text == "offer":
		return Answers()["suggested"]
	case q.Text == "slow":
		h.started.Do(func() { close(h.Started) })
		select {
		case <-h.Go:
		case <-time.After(patience):
		}
	case q.Choice != "":
		return bot.Answer{Outcome: bot.Answered, Division: q.Choice, Title: "Division " + q.Choice}
	}
	return bot.Answer{Outcome: bot.Answered, Division: "about", Title: "Answer", Body: Plain("about: " + about)}
}

// Directory implements [bot.Handler].
func (h *Handler) Directory(context.Context, bot.Audience) bot.Answer {
	a := bot.Answer{
		Outcome: bot.Answered, Welcome: true, Title: "Acme",
		Body:     Plain("Ask me who handles something at Acme, in your own words. For example:"),
		Examples: []string{"Who pays for my trip?", "My badge is lost.", "Who handles fraud?"},
		Offers: []bot.Offer{
			{Division: "people", Title: "People", Text: Plain("Looks after everyone.")},
			{Division: "buildings", Title: "Buildings", Text: Plain("Keeps the house warm.")},
		},
		Source: bot.Source{Title: "Offices", URL: "https://example.org/offices", Seen: "2026-11-23"},
	}
	for i := range h.Many {
		o := bot.Offer{Division: fmt.Sprintf("division-%03d", i), Title: fmt.Sprintf("Division of Things No. %d", i)}
		if i < len(a.Offers) {
			a.Offers[i] = o
		} else {
			a.Offers = append(a.Offers, o)
		}
	}
	return a
}

// Complete implements [bot.Handler]. The prefix panic causes a panic.
func (h *Handler) Complete(_ context.Context, _ bot.Audience, typed string, n int) []bot.Choice {
	if typed == "panic" {
		panic("secret cause")
	}
	var choices []bot.Choice
	for i := range min(n, 30) {
		choices = append(choices,
			bot.Choice{
				ID:    fmt.Sprintf("people#%d", i),
				Title: fmt.Sprintf("%s %d %s", typed, i, strings.Repeat("long title ", 20)),
			})
	}
	return choices
}

// Asked lists the questions that arrived.
func (h *Handler) Asked() []bot.Question {
	h.mu.Lock()
	defer h.mu.Unlock()
	return append([]bot.Question(nil), h.asked...)
}
