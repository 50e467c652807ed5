package slack

import (
	"strings"
	"testing"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/journal"
)

// rows reads the journal until there are n rows of which all are as wanted.
func (l *lives) rows(what string, n int, wanted func([]journal.Row) bool) []journal.Row {
	l.t.Helper()
	var rows []journal.Row
	l.Await(l.t, what, func() bool {
		l.Touch()
		rows = nil
		err := l.store.Rows(l.t.Context(), time.Time{}, func(r journal.Row) error {
			rows = append(rows, r)
			return nil
		})
		return err == nil && len(rows) == n && (wanted == nil || wanted(rows))
	})
	return rows
}

// TestChosen checks that a choice below an answer is in the journal with the question that it
// explains, and not as a question.
func TestChosen(t *testing.T) {
	t.Parallel()
	l := live(t, true, nil)
	l.acknowledged("events_api", mention("Ev1", "C1", ts(1), "offer"))
	l.Await(t, "the offers", func() bool { return len(l.Messages("C1")) == 1 })
	l.rows("the question", 1, nil)
	offers := l.Messages("C1")[0]
	l.press(offers, "choose", false)
	rows := l.rows("the choice", 2, nil)
	if q, c := rows[0], rows[1]; q.Outcome != bot.Suggested.String() || c.Outcome != journal.Chosen ||
		c.Division == "" || c.Words != "offer" || c.Question != q.Question || c.Answer != q.Answer || c.Asker != q.Asker {
		t.Errorf("%+v", rows)
	}
	l.acknowledged("events_api", mention("Ev2", "C2", ts(2), "who pays?"))
	l.Await(t, "the answer", func() bool { return len(l.Messages("C2")) == 1 })
	for _, r := range l.rows("another question", 3, nil)[:2] {
		if !strings.Contains(r.Words, "offer") {
			t.Errorf("%+v", r)
		}
	}
	l.end()
}

// TestVotedAfterStart checks that a vote on an answer from before the start counts for that
// answer, in place of the person's earlier one.
func TestVotedAfterStart(t *testing.T) {
	t.Parallel()
	l := live(t, true, func(h *house) { h.adapter.timing.drain = 5 * time.Second })
	l.acknowledged("events_api", mention("Ev1", "C1", ts(1), "who pays?"))
	l.acknowledged("events_api", mention("Ev2", "C2", ts(2), "who else?"))
	l.Await(t, "the answers", func() bool { return len(l.Messages("")) == 2 })
	answer := l.Messages("C1")[0]
	votes := func(up, down int) func([]journal.Row) bool {
		return func(rows []journal.Row) bool {
			for _, r := range rows {
				wantUp, wantDown := up, down
				if r.Words != "who pays?" {
					wantUp, wantDown = 0, 0
				}
				if r.Up != wantUp || r.Down != wantDown {
					return false
				}
			}
			return true
		}
	}
	l.press(answer, "up", false)
	l.rows("the vote", 2, votes(1, 0))
	l.end()
	l.again()
	l.press(answer, "down", false)
	l.rows("the other vote", 2, votes(0, 1))
	l.end()
}
