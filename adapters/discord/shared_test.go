package discord

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// shared makes an adapter use a store that others use too. Change may change it further, and stores
// gets the store of the process; both may be nil.
func (r *records) shared(change func(*house), stores **adaptertest.Store) func(*house, *Settings) {
	return func(h *house, s *Settings) {
		if h.adapter != nil {
			if change != nil {
				change(h)
			}
			return
		}
		store := &adaptertest.Store{Store: r.open()}
		if stores != nil {
			*stores = store
		}
		s.Ledger = ledger(r.t, store)
		s.Ledger.Share()
		s.Ledger.Patience = time.Minute // the machine may be busy
		s.Ledger.ClaimFor = time.Second
		s.Ledger.NoPeerSeen()
	}
}

// says waits until the bot's messages in a channel are these.
func (h *house) says(channel string, want ...string) {
	h.t.Helper()
	h.Await(h.t, fmt.Sprintf("%q in %s", want, channel), func() bool {
		got := h.Messages(channel)
		if len(got) != len(want) {
			return false
		}
		for i, m := range got {
			if !strings.Contains(m.Body, want[i]) {
				return false
			}
		}
		return true
	})
}

// edited is an edit of the message that mention makes.
func edited(id, channel, text string, second int) string {
	return strings.Replace(mention(id, channel, text), `"edited_timestamp":null`,
		fmt.Sprintf(`"edited_timestamp":"2026-11-24T10:00:%02d.000000+00:00"`, second), 1)
}

// TestReplicas checks that of two processes, which both get everything, one answers, and that what
// becomes of the question is followed once.
func TestReplicas(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	first := open(t, false, r.shared(nil, nil))
	second := start(t, first.Discord, false, r.shared(nil, nil))
	for _, h := range []*house{first, second} {
		h.awaitState(0, bot.Ready, "")
	}
	for _, h := range []*house{first, second} {
		h.adapter.settings.Ledger.PeerSeen()
	}
	first.Await(t, "both connections", func() bool { return first.Connections() == 2 })
	emit := func(kind, data string) {
		t.Helper()
		if n := first.EmitAll(kind, data); n != 2 {
			t.Fatalf("%d processes get it", n)
		}
	}
	emit("MESSAGE_CREATE", mention("11", "1", "hello"))
	emit("MESSAGE_CREATE", mention("12", "2", "another"))
	first.says("1", "about: hello")
	for i := range 5 {
		text := fmt.Sprint("version ", i)
		emit("MESSAGE_UPDATE", edited("11", "1", text, i+1))
		first.says("1", "about: "+text)
	}
	first.says("2", "about: another")
	emit("MESSAGE_DELETE", `{"id":"12","channel_id":"2","guild_id":"50"}`)
	first.says("2")
	emit("INTERACTION_CREATE", interactionOf("21", 2, "1", askData("hello", ""), ""))
	first.Await(t, "the response", func() bool { return len(first.Replies("21")) > 0 })
	r.await(first, 0, journal.Posted)
	first.end()
	second.end()
	first.says("1", "about: version 4")
	if n := len(first.Calls("POST interaction")); n != 1 {
		t.Errorf("%d responses", n)
	}
	if n := len(first.Calls("POST message")); n != 2 {
		t.Errorf("%d messages were posted", n)
	}
}

// TestTakenOver checks that a process answers what another took on that died, and that the other
// does not answer it when it goes on.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	var store *adaptertest.Store
	gate, started := make(chan struct{}), make(chan struct{})
	first := open(t, false, r.shared(func(h *house) {
		h.handler = &adaptertest.Handler{Started: started, Go: gate}
	}, &store))
	first.awaitState(0, bot.Ready, "")
	first.Emit(t, "MESSAGE_CREATE", mention("11", "1", "slow"))
	<-started
	open := make(chan struct{})
	close(open)
	second := start(t, first.Discord, false, r.shared(func(h *house) {
		h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: open}
	}, nil))
	first.adapter.settings.Ledger.PeerSeen()
	if err := store.Close(); err != nil {
		t.Error(err)
	}
	second.says("1", "about: slow")
	close(gate)
	first.end()
	second.end()
	if n := len(first.Calls("POST message")); n != 1 {
		t.Errorf("%d messages were posted", n)
	}
}

// TestMergedLost checks that a message with several answers has none that another process gives.
func TestMergedLost(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	h := open(t, false, r.shared(func(h *house) { h.adapter.timing.messages = pace{1, 2 * time.Second} }, nil))
	h.awaitState(0, bot.Ready, "")
	h.ask("11", "1", "first")
	h.says("1", "about: first")
	r.await(h, 0, journal.Posted)
	for i, text := range []string{"lost", "second", "third"} {
		h.ask(fmt.Sprint(12+i), "1", text)
		r.await(h, i+1, journal.Taken)
	}
	other := journal.Claim{Owner: "another", For: time.Hour}
	if list, err := r.Claim(t.Context(), name, other, journal.Which{All: true, Most: 1}); len(list) != 1 || err != nil {
		t.Fatal(list, err)
	}
	h.answered(2)
	r.await(h, 1, journal.Taken)
	h.end()
	m := h.Messages("1")
	if len(m) != 2 || strings.Contains(m[1].Body, "lost") || !strings.Contains(m[1].Body, "about: second") ||
		!strings.Contains(m[1].Body, "about: third") {
		t.Errorf("%+v", m)
	}
}

// TestTogetherWithPeers checks that of several processes one answers again what another may have
// posted in one message with other answers, and counts it.
func TestTogetherWithPeers(t *testing.T) {
	t.Parallel()
	for _, peers := range []bool{false, true} {
		t.Run(fmt.Sprint(peers), func(t *testing.T) {
			t.Parallel()
			r := newRecords(t)
			r.put("MESSAGE_CREATE", mention("11", "1", "hello"), 20*time.Second, journal.Posting, journal.Together)
			h := open(t, false, func(h *house, s *Settings) {
				r.shared(nil, nil)(h, s)
				if peers && h.adapter == nil {
					s.Ledger.PeerSeen()
				}
			})
			h.awaitState(0, bot.Ready, "")
			r.await(h, 0, journal.Posted)
			h.end()
			want := 0
			if peers {
				want = 1
			}
			if n := len(h.Messages("1")); n != want || h.states.Incidents(bot.Unclear) != 1 {
				t.Errorf("%d messages, %d are counted", n, h.states.Incidents(bot.Unclear))
			}
		})
	}
}

// lost is a store of which another process takes every event over before it is answered.
type lost struct{ journal.Store }

func (lost) Posting(context.Context, string, journal.Claim, string) (bool, error) { return false, nil }

// TestPrivateLost checks that a private answer is not shown to everybody when another process takes
// over the interaction that it is for.
func TestPrivateLost(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	var store *adaptertest.Store
	gate := make(chan struct{})
	first := open(t, false, r.shared(func(h *house) {
		h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: gate}
		h.adapter.timing.defers = time.Millisecond
	}, &store))
	first.awaitState(0, bot.Ready, "")
	first.Emit(t, "INTERACTION_CREATE", interactionOf("21", 2, "1", askData("hush slowly", ""), ""))
	first.Await(t, "the deferral", func() bool { return len(first.Replies("21")) > 0 })
	second := start(t, first.Discord, false, func(h *house, s *Settings) {
		if h.adapter == nil {
			open := make(chan struct{})
			close(open)
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: open}
			s.Ledger = ledger(t, lost{r.open()})
			s.Ledger.Share()
			s.Ledger.ClaimFor = time.Second
		}
	})
	first.adapter.settings.Ledger.PeerSeen()
	store.Cut(true)
	first.Await(t, "the first response", func() bool { return len(first.Calls("PATCH webhook")) > 0 })
	close(gate)
	second.end()
	first.end()
	store.Cut(false)
	for _, c := range first.Calls("") {
		if strings.Contains(c.Args["body"], "about: hush") {
			t.Errorf("%s %s", c.Method, c.Args["body"])
		}
	}
}

// TestEditCutOff checks that an edit is followed by the process that has answered the question, and
// not by one that cannot find out who has.
func TestEditCutOff(t *testing.T) {
	t.Parallel()
	r := newRecords(t)
	var stores [2]*adaptertest.Store
	first := open(t, false, r.shared(nil, &stores[0]))
	first.awaitState(0, bot.Ready, "")
	first.ask("11", "1", "hello")
	first.says("1", "about: hello")
	r.await(first, 0, journal.Posted)
	second := start(t, first.Discord, false, r.shared(nil, &stores[1]))
	second.awaitState(0, bot.Ready, "")
	first.Await(t, "both connections", func() bool { return first.Connections() == 2 })
	for i, h := range []*house{first, second} {
		h.adapter.settings.Ledger.PeerSeen()
		stores[i].Cut(true)
		h.Await(t, "that it is cut off", func() bool {
			h.Touch()
			return h.adapter.settings.Ledger.CutOff()
		})
	}
	first.EmitAll("MESSAGE_UPDATE", edited("11", "1", "edited", 1))
	first.says("1", "about: edited")
	for _, s := range stores {
		s.Cut(false)
	}
	first.end()
	second.end()
	if n := len(first.Calls("POST message")); n != 1 {
		t.Errorf("%d messages were posted", n)
	}
}
