package slack

import (
	"fmt"
	"log/slog"
	"net/http"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// replica is a process that shares a store with others.
type replica struct {
	*house
	store *adaptertest.Store
}

// replicas starts two processes over HTTP that share a store. Change may change each before it runs.
func replicas(t *testing.T, change func(n int, h *house)) (first, second *replica) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "store.db")
	var all [2]*replica
	for i := range all {
		r := &replica{}
		prepare := func(h *house) {
			opened, _, err := journal.OpenSQLite(t.Context(), file)
			if err != nil {
				t.Fatal(err)
			}
			store := &adaptertest.Store{Store: opened}
			ledger := journal.NewLedger(store, slog.New(slog.DiscardHandler), func(bot.Phase, string) {}, func() {})
			ledger.Share()
			ledger.PeerSeen()
			ledger.Patience = time.Minute // the machine may be busy
			ledger.ClaimFor = time.Second
			t.Cleanup(func() { _ = ledger.Close() }) // it may be closed before
			h.adapter.settings.Ledger = ledger
			h.adapter.timing.resume, h.adapter.timing.settle = 20*time.Millisecond, 20*time.Millisecond
			if change != nil {
				change(i, h)
			}
			r.store = store
		}
		if i == 0 {
			r.house = open(t, true, prepare)
		} else {
			r.house = start(t, all[0].Slack, true, prepare)
		}
		all[i] = r
	}
	for _, r := range all {
		r.awaitState(0, bot.Ready, "")
	}
	return all[0], all[1]
}

// dies ends the connection of a process to the store, as its end does.
func (r *replica) dies() {
	r.t.Helper()
	if err := r.store.Close(); err != nil {
		r.t.Error(err)
	}
}

// cutOff cuts a process off from the store, and waits until it knows.
func (r *replica) cutOff() {
	r.t.Helper()
	r.store.Cut(true)
	r.Await(r.t, "that it is cut off", func() bool {
		r.Touch()
		return r.adapter.settings.Ledger.CutOff()
	})
}

// posted waits until so many messages of the bot's are in a channel.
func (r *replica) posted(channel string, n int) {
	r.t.Helper()
	r.Await(r.t, fmt.Sprintf("%d messages in %s", n, channel), func() bool { return len(r.Messages(channel)) == n })
}

// TestReplicas checks that of two processes one answers what both get, and that either follows
// what becomes of a question that the other has answered.
func TestReplicas(t *testing.T) {
	t.Parallel()
	first, second := replicas(t, nil)
	var both sync.WaitGroup
	for _, r := range []*replica{first, second} {
		both.Go(func() { r.send("events_api", mention("Ev1", "C1", ts(1), "who?")) })
	}
	both.Wait()
	first.posted("C1", 1)
	for i, r := range []*replica{second, first, second} {
		text := fmt.Sprint("version ", i)
		r.send("events_api", editOf("C1", fmt.Sprint("EvEdit", i), ts(1), ts(10+i), text))
		r.Await(t, "the new answer", func() bool { return strings.Contains(r.Messages("C1")[0].Text, "about: "+text) })
	}
	first.send("events_api", editOf("C1", "EvLate", ts(1), ts(11), "an older version"))
	first.send("events_api", direct("Ev2", ts(2), "who else?"))
	first.posted("D1", 1)
	second.send("events_api", eventPayload("EvGone", fmt.Sprintf(`{"type":"message","subtype":"message_deleted",`+
		`"channel_type":"im","channel":"D1","deleted_ts":%q}`, ts(2))))
	first.posted("D1", 0)
	if m := first.Messages("C1"); len(m) != 1 || !strings.Contains(m[0].Text, "about: version 2") {
		t.Errorf("in the end: %+v", m)
	}
	if n := len(first.Calls("chat.postMessage")); n != 2 {
		t.Errorf("%d answers were posted", n)
	}
}

// TestEditWaits checks that an edit waits for the answer of another process to its question.
func TestEditWaits(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	started := make(chan struct{})
	first, second := replicas(t, func(n int, h *house) {
		h.handler = &adaptertest.Handler{Started: started, Go: gate}
	})
	first.send("events_api", mention("Ev1", "C1", ts(1), "slow"))
	<-started
	second.send("events_api", editOf("C1", "Ev2", ts(1), ts(5), "who?"))
	close(gate)
	second.Await(t, "the answer to the edit", func() bool {
		m := second.Messages("C1")
		return len(m) == 1 && strings.Contains(m[0].Text, "about: who?")
	})
	if n := len(first.Calls("chat.postMessage")); n != 1 {
		t.Errorf("%d answers were posted", n)
	}
}

// TestTakenOver checks that a process answers what another took on that died, and that the other
// does not answer it when it goes on.
func TestTakenOver(t *testing.T) {
	t.Parallel()
	gate := make(chan struct{})
	started := make(chan struct{})
	first, second := replicas(t, func(n int, h *house) {
		if n == 0 {
			h.handler = &adaptertest.Handler{Started: started, Go: gate}
		} else {
			open := make(chan struct{})
			close(open)
			h.handler = &adaptertest.Handler{Started: make(chan struct{}), Go: open}
		}
	})
	first.send("events_api", mention("Ev1", "C1", ts(1), "slow"))
	<-started
	first.dies()
	second.posted("C1", 1)
	second.send("events_api", mention("Ev1", "C1", ts(1), "slow")) // Slack repeats it
	close(gate)
	first.stop()
	if err := <-first.ended; err != nil {
		t.Error(err)
	}
	second.posted("C1", 1)
}

// TestMaybeAnswered checks what becomes of an answer that was on the way when its process died: it
// is looked for where the app may read, and else answered again, which is counted.
func TestMaybeAnswered(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		scope   string
		fault   adaptertest.Fault
		answers int
		unclear int
	}{
		"posted, and found":     {"channels:history", adaptertest.Fault{}, 1, 0},
		"posted, and not found": {"", adaptertest.Fault{}, 2, 1},
		"lost":                  {"channels:history", adaptertest.Fault{Status: 503, Always: true}, 1, 0},
		"lost, and not found":   {"", adaptertest.Fault{Status: 503, Always: true}, 1, 1},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			first, second := replicas(t, func(n int, h *house) {
				h.adapter.timing.drain = time.Millisecond
				if n == 0 {
					h.Scopes += "," + c.scope
				}
			})
			hangs := make(chan struct{})
			t.Cleanup(func() { close(hangs) })
			if !c.fault.Always {
				c.fault.Until = hangs
			}
			first.Fail("chat.postMessage", c.fault)
			first.send("events_api", mention("Ev1", "C1", ts(1), "who?"))
			first.Await(t, "the call", func() bool { return len(first.Calls("chat.postMessage")) > 0 })
			first.dies()
			first.stop()
			<-first.ended
			first.Heal("chat.postMessage")
			second.Await(t, "the end of the event", func() bool {
				versions, err := second.store.Versions(t.Context(), adapterName, "C1", ts(1))
				if err != nil {
					t.Fatal(err)
				}
				second.Touch()
				return len(versions) == 1 && versions[0].State == journal.Posted
			})
			if n := len(second.Messages("C1")); n != c.answers {
				t.Errorf("%d answers", n)
			}
			if n := second.states.Incidents(bot.Unclear); n != c.unclear {
				t.Errorf("%d answers are counted as unclear", n)
			}
		})
	}
}

// TestUnclearWithPeers checks that an answer of which it is unclear whether it was posted is looked
// for, and answered again, and counted, only where that cannot be done.
func TestUnclearWithPeers(t *testing.T) {
	t.Parallel()
	for scope, answers := range map[string]int{"channels:history": 1, "": 2} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel()
			first, second := replicas(t, func(n int, h *house) {
				if n == 0 {
					h.Scopes += "," + scope
				}
			})
			first.Fail("chat.postMessage", adaptertest.Fault{Cut: true})
			first.send("events_api", mention("Ev1", "C1", ts(1), "who?"))
			first.Await(t, "the end of the event", func() bool {
				versions, err := second.store.Versions(t.Context(), adapterName, "C1", ts(1))
				if err != nil {
					t.Fatal(err)
				}
				first.Touch()
				return len(versions) == 1 && versions[0].State == journal.Posted
			})
			unclear := first.states.Incidents(bot.Unclear) + second.states.Incidents(bot.Unclear)
			if n := len(first.Messages("C1")); n != answers || unclear < answers {
				t.Errorf("%d answers, %d are counted", n, unclear)
			}
		})
	}
}

// TestEditCutOff checks that an edit is followed by the process that has answered the question, and
// left to Slack's next try by one that cannot find out who has.
func TestEditCutOff(t *testing.T) {
	t.Parallel()
	first, second := replicas(t, nil)
	first.send("events_api", mention("Ev1", "C1", ts(1), "who?"))
	first.posted("C1", 1)
	for _, r := range []*replica{first, second} {
		r.cutOff()
	}
	for i, r := range []*replica{second, first} {
		request, err := adaptertest.SlackRequest(r.address, "events_api", editOf("C1", "Ev2", ts(1), ts(5), "who else?"))
		if err != nil {
			t.Fatal(err)
		}
		want := http.StatusServiceUnavailable
		if i == 1 {
			want = http.StatusOK
		}
		if status, _ := adaptertest.Do(t, request); status != want {
			t.Errorf("status %d, want %d", status, want)
		}
	}
	first.Await(t, "the new answer", func() bool { return strings.Contains(first.Messages("C1")[0].Text, "who else?") })
	first.posted("C1", 1)
}

// TestSharedOnce checks that an answer is shared once, whichever process gets the press.
func TestSharedOnce(t *testing.T) {
	t.Parallel()
	first, second := replicas(t, nil)
	first.command("C1", "who?")
	first.posted("C1", 1)
	card := first.Messages("C1")[0]
	first.press(card, "share", true)
	first.posted("C1", 2)
	second.press(card, "share", true)
	second.Await(t, "the refusal", func() bool { return len(second.Calls("response_url")) == 3 })
	second.stop()
	if err := <-second.ended; err != nil {
		t.Error(err)
	}
	shared := 0
	for _, m := range second.Messages("C1") {
		if m.Only == "" {
			shared++
		}
	}
	if shared != 1 {
		t.Errorf("shared %d times", shared)
	}
}

// TestRepeatedCutOff checks that a process which cannot ask the store leaves a repeated event, which
// another may have, to Slack's next try, and answers what only it has.
func TestRepeatedCutOff(t *testing.T) {
	t.Parallel()
	first, second := replicas(t, nil)
	first.cutOff()
	request := func(r *replica, id string, n int) int {
		t.Helper()
		request, err := adaptertest.SlackRequest(r.address, "events_api", mention("Ev"+id, "C1", ts(n), "who?"))
		if err != nil {
			t.Fatal(err)
		}
		if id == "again" {
			request.Header.Set("X-Slack-Retry-Num", "1")
		}
		status, _ := adaptertest.Do(t, request)
		return status
	}
	if status := request(first, "again", 1); status != http.StatusServiceUnavailable {
		t.Errorf("a repeated event: status %d", status)
	}
	if status := request(first, "new", 2); status != http.StatusOK {
		t.Errorf("a new event: status %d", status)
	}
	first.posted("C1", 1)
	if status := request(second, "again", 1); status != http.StatusOK {
		t.Errorf("a repeated event at a process that has the store: status %d", status)
	}
	first.posted("C1", 2)
}
