package slack

import (
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"slices"
	"strings"
	"sync"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/network"
	"frontdesk/bot"
	"frontdesk/bot/journal"

	"github.com/slack-go/slack"
)

const (
	// resumeWithin is how long the start waits for the store to list the events that are not
	// answered, and resumeEvery the time between further tries beside what arrives.
	resumeWithin = 2 * time.Second
	resumeEvery  = 5 * time.Second
	// settleTime is how long after the start an answer is looked for that the process before
	// may have sent just before its end: Slack may still be posting it.
	settleTime = 5 * time.Second
)

// resume answers the events that a process which has ended took on and did not answer. It
// starts with them before new events arrive, if the store lists them soon. End waits for it.
func (s *session) resume(ctx context.Context) (end func()) {
	if s.ledger == nil || s.resumed(ctx) {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var trying sync.WaitGroup
	trying.Go(func() {
		for time.Since(s.started) < journal.EventLife && network.Sleep(ctx, s.timing.resume) == nil && !s.resumed(ctx) {
		}
	})
	return func() {
		cancel()
		trying.Wait()
	}
}

// resumed starts with the events that are not answered, and reports whether the store listed
// them. Those of which it is unclear whether they are answered come first, so that a later
// version of the same question waits until that is known.
func (s *session) resumed(ctx context.Context) bool {
	ctx, cancel := context.WithTimeout(ctx, resumeWithin)
	defer cancel()
	list, err := s.ledger.Unfinished(ctx, adapterName)
	if err != nil {
		s.log.Warn("cannot answer what was asked before the start yet", "error", err)
		return false
	}
	slices.SortStableFunc(list, func(a, b journal.Unfinished) int { return cmp.Compare(b.State, a.State) })
	n := 0
	for _, u := range list {
		// The store itself gives up older ones. Those since the start are in work.
		if age := s.started.Sub(u.Taken); age > 0 && age < journal.EventLife && s.resumeOne(u) {
			n++
		}
	}
	if n > 0 {
		s.log.Info("answering what was asked before the start", "events", n)
	}
	return true
}

// resumeOne starts to answer an event, and reports whether it did.
func (s *session) resumeOne(u journal.Unfinished) bool {
	var stored recorded
	if err := json.Unmarshal(u.Body, &stored); err != nil {
		s.log.Error("cannot read a recorded event", "error", err)
		u.Receipt.GaveUp()
		return false
	}
	e := stored.event()
	e.tell = s.awaits != nil && e.user != ""
	e.at, e.receipt, e.unclear = u.Taken, u.Receipt, u.State == journal.Posting
	var r *adapters.Reply
	work := func() { s.handle(e, r) }
	switch {
	case e.kind == asked:
		s.restore(e, e.unclear)
		r = s.replies.Take(e.channel, e.ts)
	case e.unclear: // what a response URL or a modal showed cannot be looked for
		work = func() {
			s.monitor.Happened(bot.Unclear)
			e.receipt.Posted("")
		}
	}
	return s.intake.Resume(e.id, e.keys(), nil, work)
}

// restore loads what the ledger knows of the question of an event, if that is not in memory.
// Unclear is for [adapters.Reply.Unclear].
func (s *session) restore(e event, unclear bool) {
	if s.replies.Find(e.channel, e.ts) != nil {
		return
	}
	switch known, ok := s.ledger.Find(adapterName, e.channel, e.ts); {
	case ok && known.State >= journal.Posted:
		s.replies.Restore(e.channel, e.ts, known.Answer, known.Edited)
	case ok || unclear:
		s.replies.Resume(e.channel, e.ts, known.Answer, unclear || known.State == journal.Posting)
	}
}

// lookUp finds out whether the answer to a question was posted by a process that has ended,
// if that is unclear. Found reports that it was. If it cannot be found out, nobody is
// answered: better once too few than twice. The caller holds the lock of the reply.
func (s *session) lookUp(e event, r *adapters.Reply) (found bool, err error) {
	if !r.Unclear {
		return false, nil
	}
	var ts string
	err = network.Sleep(s.work, time.Until(s.started.Add(s.timing.settle)))
	if err == nil {
		ts, err = s.client.answerTo(s.work, e, s.answerThread(e), s.me)
	}
	switch {
	case s.work.Err() != nil:
		return false, err
	case err != nil:
		r.Gone = true
		s.monitor.Happened(bot.Unclear)
		s.log.Warn("cannot find out whether a question was answered before the restart", "event", e.id, "error", err)
	case ts != "":
		r.ID = ts
	}
	r.Unclear = false
	return ts != "", nil
}

// answerPrefix begins the id of a block in each answer to a message, by which the answer is
// found again.
const answerPrefix = "answer "

// answerID is the id of a block in the answer to a message.
func answerID(ts string) string { return answerPrefix + ts }

// errOther is the error for a message of the bot's that may be the answer.
var errOther = errors.New("there is a message that may be the answer")

// answerTo looks for the answer to a message, in a thread or if none is named in the channel.
// It returns "" if there surely is none.
func (c *client) answerTo(ctx context.Context, e event, thread string, me identity) (ts string, err error) {
	other := false
	around := span{channel: e.channel, thread: thread, oldest: e.ts, life: journal.EventLife}
	err = c.messages(ctx, around, func(m slack.Message) {
		if m.Timestamp <= e.ts || m.User != me.user && m.BotID != me.bot {
			return
		}
		id := ""
		for _, b := range m.Blocks.BlockSet {
			if strings.HasPrefix(b.ID(), answerPrefix) {
				id = b.ID()
			}
		}
		switch id {
		case answerID(e.ts):
			ts = m.Timestamp
		case "": // such as a text without blocks
			other = true
		}
	})
	if err == nil && ts == "" && other {
		err = errOther
	}
	return ts, err
}
