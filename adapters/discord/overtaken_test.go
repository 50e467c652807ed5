package discord

import (
	"context"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// TestDeletedBefore checks that a question which was deleted while no process ran is not
// answered.
func TestDeletedBefore(t *testing.T) {
	t.Parallel()
	for _, state := range []journal.State{journal.Taken, journal.Posting} {
		t.Run(state.String(), func(t *testing.T) {
			t.Parallel()
			r := newRecords(t)
			r.put("MESSAGE_CREATE", mention("11", "1", "hello"), time.Minute, state, "")
			h := open(t, false, func(h *house, s *Settings) {
				h.Remove("11")
				r.use(nil)(h, s)
			})
			h.awaitState(0, bot.Ready, "")
			r.await(h, 0, journal.Posted)
			h.end()
			if m := h.Messages(""); len(m) != 0 || len(h.Calls("POST message")) != 1 {
				t.Errorf("%+v", m)
			}
		})
	}
}

// late is a store that lists the unfinished events late.
type late struct {
	journal.Store
	listed chan struct{}
}

func (l *late) Claim(
	ctx context.Context, adapter string, c journal.Claim, which journal.Which,
) ([]journal.Event, error) {
	select {
	case <-l.listed:
		return l.Store.Claim(ctx, adapter, c, which)
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

// TestOvertakenBefore checks that an answer that may have been posted before the end of a
// process does not stay beside the answer to an edit that comes first.
func TestOvertakenBefore(t *testing.T) {
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
	edit := strings.Replace(mention("11", "1", "edited"), `"edited_timestamp":null`,
		`"edited_timestamp":"2026-11-24T10:00:02.000000+00:00"`, 1)
	listed := make(chan struct{})
	h := start(t, first.Discord, false, func(h *house, s *Settings) {
		if h.adapter == nil {
			s.Ledger = ledger(t, &late{r.open(), listed})
			s.Ledger.Patience = time.Minute // the machine may be busy
		}
	})
	h.awaitState(0, bot.Ready, "")
	h.Emit(t, "MESSAGE_UPDATE", edit)
	h.Await(t, "the answer to the edit", func() bool { return len(h.Messages("1")) == 2 })
	close(listed)
	r.await(h, 0, journal.Posted)
	h.end()
	if m := h.Messages("1"); len(m) != 1 || !strings.Contains(m[0].Body, "about: edited") {
		t.Errorf("%+v", m)
	}
}
