package slack

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net/http/httptest"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// lives is a house whose adapter is started again and again on the same store.
type lives struct {
	*house
	file    string
	store   journal.Store
	shy     bool   // the store does not list the unfinished events at first
	close   func() // of the ledger and the keeper
	release func() // lets the question "slow" be answered
}

// live starts the first life, over HTTP or in Socket Mode. Its replies do not outlast its end.
func live(t *testing.T, http bool, change func(*house)) *lives {
	t.Helper()
	l := &lives{file: filepath.Join(t.TempDir(), "store.db")}
	l.house = open(t, http, func(h *house) {
		l.house = h
		l.attach(t)
		h.adapter.timing.drain = time.Millisecond
		if change != nil {
			change(h)
		}
	})
	return l
}

// attach gives the adapter a store of its own on the file, and a handler.
func (l *lives) attach(t *testing.T) {
	t.Helper()
	store, _, err := journal.OpenSQLite(t.Context(), l.file)
	if err != nil {
		t.Fatal(err)
	}
	l.store = store
	if l.shy {
		store = &shy{Store: store}
	}
	ledger := journal.NewLedger(store, l.adapter.log, func(bot.Phase, string) {}, func() {})
	ledger.Patience = time.Minute // the machine may be busy
	keeper := journal.NewKeeper(store, []byte("key"), journal.KeepAll,
		journal.Limits{Words: time.Hour, Rows: time.Hour, Most: 1000},
		func() string { return "v1" }, l.adapter.log, func() {})
	l.close = sync.OnceFunc(func() {
		keeper.Close()
		if err := ledger.Close(); err != nil {
			t.Error(err)
		}
	})
	t.Cleanup(l.close)
	l.adapter.settings.Ledger, l.adapter.settings.Keeper = ledger, keeper
	gate := make(chan struct{})
	l.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: gate}
	l.release = func() { close(gate) }
}

// kill ends the adapter as the end of the process does: nothing reaches the store any more,
// and no call is begun.
func (l *lives) kill() {
	l.t.Helper()
	session := l.adapter.live.Load()
	if err := l.store.Close(); err != nil {
		l.t.Error(err)
	}
	l.stop()
	<-session.work.Done()
	l.release()
	<-l.ended
	l.close()
}

// end stops the adapter in order.
func (l *lives) end() {
	l.t.Helper()
	l.stop()
	if err := <-l.ended; err != nil {
		l.t.Error(err)
	}
	l.close()
}

// again starts another life. Change may change the adapter before it runs.
func (l *lives) again(change ...func(*Adapter)) {
	l.t.Helper()
	before := l.adapter.settings
	before.Door = nil // its parts are of the first life
	l.Await(l.t, "the end of the connections", func() bool { return l.Connections() == 0 })
	l.states = adaptertest.NewStates()
	l.adapter = New(before, slog.New(slog.NewTextHandler(l.log, &slog.HandlerOptions{Level: slog.LevelDebug})),
		l.states.Monitor())
	soon := 20 * time.Millisecond
	l.adapter.timing.pause, l.adapter.timing.resume, l.adapter.timing.settle = soon, soon, 0
	for _, c := range change {
		c(l.adapter)
	}
	l.attach(l.t)
	l.release()
	if l.address != "" {
		server := httptest.NewServer(l.adapter)
		l.t.Cleanup(server.Close)
		l.address = server.URL
	}
	ctx, cancel := context.WithCancel(l.t.Context())
	l.t.Cleanup(cancel)
	l.stop, l.ended = cancel, make(chan error, 1)
	adapter, handler, ended := l.adapter, l.handler, l.ended
	go func() { ended <- adapter.Run(ctx, handler) }()
}

// acknowledged sends a payload and waits until it is acknowledged.
func (l *lives) acknowledged(kind, payload string) {
	l.t.Helper()
	envelope, _ := l.send(kind, payload)
	if l.address == "" {
		l.Await(l.t, "the acknowledgement", func() bool { return l.Acks(envelope) == 1 })
	}
}

// checked asks something, waits for the answer, and ends the life. By then everything that
// was taken up at the start is done.
func (l *lives) checked(n int) {
	l.t.Helper()
	l.send("events_api", mention(fmt.Sprint("EvEnd", n), fmt.Sprint("CEND", n), ts(900+n), "the end"))
	l.Await(l.t, "the last answer", func() bool { return len(l.Messages(fmt.Sprint("CEND", n))) == 1 })
	l.end()
}

// TestKilled checks that what was acknowledged is answered once after the end of the process,
// and that a repeat of it is not answered again.
func TestKilled(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := live(t, http, nil)
			events := [][2]string{
				{"events_api", mention("Ev1", "C1", ts(1), "slow")},
				{"events_api", direct("Ev2", ts(2), "slow")},
				{"slash_commands", fmt.Sprintf(`{"team_id":"T1","channel_id":"C2","user_id":"U1","command":"/ask",`+
					`"text":"slow","response_url":%q,"trigger_id":"t1"}`, l.Hook("C2", "U1", ""))},
				{"interactive", fmt.Sprintf(`{"type":"message_action","callback_id":"ask_desk","trigger_id":"t2",`+
					`"user":{"id":"U1"},"channel":{"id":"C3"},"response_url":%q,"message":{"user":"U2","text":"slow",`+
					`"ts":%q}}`, l.Hook("C3", "U1", ""), ts(3))},
				{"interactive", `{"type":"block_actions","user":{"id":"U1"},"trigger_id":"t3","view":{"id":"V1",` +
					`"type":"home"},"actions":[{"action_id":"ask","block_id":"b","value":"slow"}]}`},
			}
			for _, e := range events {
				l.acknowledged(e[0], e[1])
			}
			l.acknowledged("events_api", mention("Ev3", "C4", ts(4), "slow")) // and edited before it is answered
			l.Await(t, "six questions at the desk", func() bool {             // the edit must not overtake its question
				l.Touch()
				return len(l.handler.Asked()) == len(events)+1
			})
			l.acknowledged("events_api", editOf("C4", "Ev4", ts(4), ts(8), "hello"))
			l.kill()
			if got := l.Messages(""); len(got) > 0 {
				t.Fatalf("answered before the end: %+v", got)
			}
			l.again()
			for _, channel := range []string{"C1", "D1", "C2", "C3", "U1"} { // the modal cannot open any more
				l.Await(t, "the answer in "+channel, func() bool { return len(l.Messages(channel)) == 1 })
				if m := l.Messages(channel)[0]; !strings.Contains(m.Text, "about: slow") {
					t.Errorf("in %s: %+v", channel, m)
				}
			}
			if m := l.Messages("C1")[0]; m.Thread != ts(1) {
				t.Errorf("answered with %+v", m)
			}
			l.Await(t, "the answer to the edited question", func() bool {
				m := l.Messages("C4")
				return len(m) == 1 && strings.Contains(m[0].Text, "about: hello")
			})
			for _, e := range events {
				l.acknowledged(e[0], e[1])
			}
			l.checked(1)
			l.again()
			for _, e := range events {
				l.acknowledged(e[0], e[1])
			}
			l.checked(2)
			if got := l.Messages(""); len(got) != len(events)+3 { // and those to the last questions
				t.Errorf("answered again: %+v", got)
			}
		})
	}
}

// TestUncertain checks that an answer which was being sent when the process ended is sent
// again only if it surely was not posted, and that edits change it where it was found.
func TestUncertain(t *testing.T) {
	t.Parallel()
	respond := func(l *lives) string {
		return fmt.Sprintf(`{"team_id":"T1","channel_id":"C1","user_id":"U1","command":"/ask","text":"hello",`+
			`"response_url":%q,"trigger_id":"t1"}`, l.Hook("C1", "U1", ""))
	}
	posted := func(h *house) {
		never := make(chan struct{})
		h.t.Cleanup(func() { close(never) })
		h.Fail("chat.postMessage", adaptertest.Fault{Until: never})
	}
	lost := func(method string) func(h *house) {
		return func(h *house) { h.Fail(method, adaptertest.Fault{Status: 503, Always: true}) }
	}
	readable := func(h *house) { h.Scopes += ",channels:history" }
	for name, c := range map[string]struct {
		channel string // of the question
		send    func(*lives) (kind, payload string)
		method  string
		change  []func(*house)
		after   int // answers after the restart
		unclear int
		edited  bool // an edit changes the answer
	}{
		"posted, direct": {
			channel: "D1", method: "chat.postMessage", change: []func(*house){posted}, after: 1, edited: true,
		},
		"posted, in a channel": {
			channel: "C1", method: "chat.postMessage", change: []func(*house){posted, readable}, after: 1, edited: true,
		},
		"posted, without the scope": {
			channel: "C1", method: "chat.postMessage", change: []func(*house){posted}, after: 1, unclear: 1,
		},
		"lost, direct": {
			channel: "D1", method: "chat.postMessage", change: []func(*house){lost("chat.postMessage")}, after: 1,
			edited: true,
		},
		"lost, in a channel": {
			channel: "C1", method: "chat.postMessage", change: []func(*house){lost("chat.postMessage"), readable},
			after: 1, edited: true,
		},
		"lost, without the scope": {
			channel: "C1", method: "chat.postMessage", change: []func(*house){lost("chat.postMessage")}, unclear: 1,
		},
		"lost, at a response URL": {
			channel: "C1", send: func(l *lives) (string, string) { return "slash_commands", respond(l) },
			method: "response_url", change: []func(*house){lost("response_url")}, unclear: 1,
		},
		"lost, to the asker only": {
			channel: "C1",
			send:    func(*lives) (string, string) { return "events_api", mention("Ev1", "C1", ts(1), "hush") },
			method:  "chat.postEphemeral", change: []func(*house){lost("chat.postEphemeral"), readable}, unclear: 1,
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			l := live(t, true, func(h *house) {
				h.adapter.timing.pause = time.Minute // no other try is on its way at the end
				for _, change := range c.change {
					change(h)
				}
			})
			kind, payload := "events_api", mention("Ev1", c.channel, ts(1), "hello")
			if strings.HasPrefix(c.channel, "D") {
				payload = direct("Ev1", ts(1), "hello")
			}
			if c.send != nil {
				kind, payload = c.send(l)
			}
			l.acknowledged(kind, payload)
			l.Await(t, "the call", func() bool { return len(l.Calls(c.method)) == 1 })
			l.kill()
			l.Heal(c.method)
			l.again()
			if c.send == nil {
				l.acknowledged("events_api", editOf(c.channel, "Ev2", ts(1), ts(5), "hello again"))
			}
			l.checked(1)
			got := l.Messages(c.channel)
			if len(got) != c.after || l.states.Incidents(bot.Unclear) != c.unclear {
				t.Errorf("%d unclear, answered with %+v", l.states.Incidents(bot.Unclear), got)
			}
			if c.edited && !strings.Contains(got[0].Text, "about: hello again") {
				t.Errorf("after an edit: %+v", got)
			}
		})
	}
}

// editOf is an edit of a question.
func editOf(channel, id, ts, at, text string) string {
	if strings.HasPrefix(channel, "D") {
		return eventPayload(id, fmt.Sprintf(`{"type":"message","subtype":"message_changed","channel_type":"im",`+
			`"channel":%q,"message":{"type":"message","user":"U1","text":%s,"ts":%q,"edited":{"user":"U1","ts":%q}},`+
			`"previous_message":{"user":"U1","text":"before","ts":%q}}`, channel, quote(text), ts, at, ts))
	}
	return eventPayload(id, fmt.Sprintf(`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"channel":%q,`+
		`"edited":{"user":"U1","ts":%q}}`, quote("<@U0BOT> "+text), ts, channel, at))
}

// TestSettles checks that an answer is looked for only after Slack had time to post it.
func TestSettles(t *testing.T) {
	t.Parallel()
	const settle = 300 * time.Millisecond
	l := live(t, true, func(h *house) { h.Fail("chat.postMessage", adaptertest.Fault{Status: 503, Always: true}) })
	l.acknowledged("events_api", direct("Ev1", ts(1), "hello"))
	l.Await(t, "the call", func() bool { return len(l.Calls("chat.postMessage")) == 1 })
	l.kill()
	l.Heal("chat.postMessage")
	start := time.Now()
	l.again(func(a *Adapter) { a.timing.settle = settle })
	l.Await(t, "the answer", func() bool { return len(l.Messages("D1")) == 1 })
	if looked := l.Calls("conversations.history")[0].At; looked.Sub(start) < settle {
		t.Errorf("looked for after %v", looked.Sub(start))
	}
}

// TestFollowed checks that edits and deletions of a question are followed after a restart,
// and that a repeat is recognized.
func TestFollowed(t *testing.T) {
	t.Parallel()
	l := live(t, true, func(h *house) { h.adapter.timing.drain = 5 * time.Second })
	first := mention("Ev1", "C1", ts(1), "who?")
	l.acknowledged("events_api", first)
	l.acknowledged("events_api", direct("Ev2", ts(2), "who?"))
	l.acknowledged("events_api", mention("Ev3", "C2", ts(3), "who?"))
	l.Await(t, "the answers", func() bool { return len(l.Messages("")) == 3 })
	l.end()
	l.again()
	l.acknowledged("events_api", first)
	l.acknowledged("events_api", editOf("C1", "Ev4", ts(1), ts(6), "who else?"))
	l.Await(t, "the new answer", func() bool { return strings.Contains(l.Messages("C1")[0].Text, "about: who else?") })
	l.checked(1)
	l.again()
	l.acknowledged("events_api", editOf("C1", "Ev5", ts(1), ts(5), "an old version")) // arrives late
	l.acknowledged("events_api", editOf("C2", "Ev6", ts(3), ts(7), "who now?"))
	l.Await(t, "the new answer", func() bool { return strings.Contains(l.Messages("C2")[0].Text, "about: who now?") })
	for i, question := range [][2]string{{"D1", ts(2)}, {"C2", ts(3)}} {
		l.acknowledged("events_api",
			eventPayload(fmt.Sprint("EvGone", i), fmt.Sprintf(`{"type":"message","subtype":"message_deleted",`+
				`"channel_type":"im","channel":%q,"deleted_ts":%q}`, question[0], question[1])))
	}
	l.Await(t, "the deletions", func() bool { return len(l.Messages("D1"))+len(l.Messages("C2")) == 0 })
	l.checked(2)
	if got := l.Messages("C1"); len(got) != 1 || !strings.Contains(got[0].Text, "about: who else?") {
		t.Errorf("in the end: %+v", got)
	}
}

// shy is a store that fails to list the unfinished events once.
type shy struct {
	journal.Store
	asked atomic.Bool
}

func (s *shy) Claim(
	ctx context.Context, adapter string, c journal.Claim, which journal.Which,
) ([]journal.Event, error) {
	if !s.asked.Swap(true) {
		return nil, errWedged
	}
	return s.Store.Claim(ctx, adapter, c, which)
}

// TestResumedLate checks that what was asked before the start is answered once the store can
// be read, and that what arrives meanwhile is answered once.
func TestResumedLate(t *testing.T) {
	t.Parallel()
	l := live(t, true, nil)
	l.acknowledged("events_api", mention("Ev1", "C1", ts(1), "slow"))
	l.kill()
	l.shy = true
	l.again()
	l.acknowledged("events_api", mention("Ev2", "C2", ts(2), "hello"))
	l.Await(t, "the answers", func() bool { return len(l.Messages("C1")) > 0 && len(l.Messages("C2")) > 0 })
	l.checked(1)
	if got := l.Messages(""); len(got) != 3 {
		t.Errorf("answered with %+v", got)
	}
}

// wedged is a store that hangs.
type wedged struct{ journal.Store }

var errWedged = errors.New("the disk hangs")

func (wedged) Take(ctx context.Context, _ journal.Event) (bool, error) {
	<-ctx.Done()
	return false, errWedged
}

func (wedged) Posting(ctx context.Context, _ string, _ journal.Claim, _ string) (bool, error) {
	<-ctx.Done()
	return false, errWedged
}

func (wedged) Finish(ctx context.Context, _, _ string, _ journal.State, _ string) (bool, error) {
	<-ctx.Done()
	return false, errWedged
}

func (wedged) Versions(ctx context.Context, _, _, _ string) ([]journal.Event, error) {
	<-ctx.Done()
	return nil, errWedged
}

func (wedged) Claim(ctx context.Context, _ string, _ journal.Claim, _ journal.Which) ([]journal.Event, error) {
	<-ctx.Done()
	return nil, errWedged
}

// TestStoreHangs checks that people are answered although the store hangs, also after an
// edit.
func TestStoreHangs(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) {
		h.adapter.settings.Ledger = journal.NewLedger(wedged{}, h.adapter.log, func(bot.Phase, string) {}, func() {})
	})
	h.awaitState(0, bot.Ready, "")
	start := time.Now()
	for i := range 20 {
		h.send("events_api", mention(fmt.Sprint("Ev", i), fmt.Sprint("C", i), ts(i), "hello"))
	}
	if took := time.Since(start); took > 2*time.Second {
		t.Errorf("twenty acknowledgements took %v", took)
	}
	h.Await(t, "the answers", func() bool { return len(h.Messages("")) == 20 })
	h.send("events_api", editOf("C3", "EvEdit", ts(3), ts(30), "hello again"))
	h.Await(t, "the new answer", func() bool { return strings.Contains(h.Messages("C3")[0].Text, "hello again") })
	h.stop()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
}

// TestJournal checks what is written into the journal: questions, votes also after a restart,
// and no words of a question that was deleted.
func TestJournal(t *testing.T) {
	t.Parallel()
	l := live(t, true, func(h *house) { h.adapter.timing.drain = 5 * time.Second })
	l.acknowledged("events_api", mention("Ev1", "C1", ts(1), "who handles fraud?"))
	l.command("C2", "who pays?")
	l.acknowledged("events_api", direct("Ev2", ts(2), "my secret"))
	l.Await(t, "the answers", func() bool { return len(l.Messages("")) == 3 })
	l.press(l.Messages("C1")[0], "up", false)
	l.Await(t, "thanks", func() bool { return len(l.Messages("C1")) == 2 })
	l.end()
	l.again()
	l.press(l.Messages("C1")[0], "up", false) // the same vote
	l.Await(t, "thanks", func() bool { return len(l.Messages("C1")) == 3 })
	l.acknowledged("events_api", eventPayload("Ev3", fmt.Sprintf(`{"type":"message","subtype":"message_deleted",`+
		`"channel_type":"im","channel":"D1","deleted_ts":%q}`, ts(2))))
	l.Await(t, "the deletion", func() bool { return len(l.Messages("D1")) == 0 })
	answer := l.Messages("C1")[0].TS
	l.end()
	store, _, err := journal.OpenSQLite(t.Context(), l.file)
	if err != nil {
		t.Fatal(err)
	}
	defer store.Close()
	rows := map[string]journal.Row{}
	err = store.Rows(t.Context(), time.Time{}, func(r journal.Row) error {
		rows[r.Words] = r
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if r := rows["who handles fraud?"]; r.Adapter != "slack" || r.Outcome != bot.Answered.String() || r.Up != 1 ||
		r.Down != 0 || r.Question != "slack C1 "+ts(1) || r.Answer != "slack C1 "+answer || r.Asker == "" ||
		r.Took <= 0 {
		t.Errorf("a mention: %+v", r)
	}
	if r := rows["who pays?"]; r.Question != "" || r.Answer != "" || r.Division != "about" {
		t.Errorf("a command: %+v", r)
	}
	if r, ok := rows[""]; !ok || r.Question != "" || !strings.HasPrefix(r.Answer, "slack D1 ") || len(rows) != 3 {
		t.Errorf("after a deletion: %+v", rows)
	}
}
