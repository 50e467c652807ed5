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
	// claimEvery is the time between two looks for what other processes have left.
	claimEvery = time.Second
	// settleTime is how long after the start an answer is looked for that the process before
	// may have sent just before its end: Slack may still be posting it. Of another process an event
	// is taken over some seconds after its end, so that less is left to wait.
	settleTime       = 5 * time.Second
	settleSharedTime = 2 * time.Second
)

// resume answers the events that a process which has ended took on and did not answer. It
// starts with them before new events arrive, if the store lists them soon. With a store that others
// use too, it goes on with what they leave. End waits for it.
func (s *session) resume(ctx context.Context) (end func()) {
	if s.ledger == nil || s.resumed(ctx) && s.ledger.Exclusive() {
		return func() {}
	}
	ctx, cancel := context.WithCancel(ctx)
	var trying sync.WaitGroup
	trying.Go(func() {
		for !s.ledger.Exclusive() || time.Since(s.started) < journal.EventLife {
			if network.Sleep(ctx, s.timing.resume) != nil || s.resumed(ctx) && s.ledger.Exclusive() {
				return
			}
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
	list, err := s.ledger.Claim(ctx, adapterName)
	if err != nil {
		if s.ledger.Exclusive() { // else the state of the store says it
			s.log.Warn("cannot answer what was asked before the start yet", "error", err)
		}
		return false
	}
	slices.SortStableFunc(list, func(a, b journal.Unfinished) int { return cmp.Compare(b.State, a.State) })
	n := 0
	for _, u := range list {
		if time.Since(u.Taken) < journal.EventLife && s.resumeOne(u) { // the store itself gives up older ones
			n++
		}
	}
	if n > 0 {
		s.log.Info("answering what another process took on", "events", n)
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
	if e.settles = s.started.Add(s.timing.settle); !s.ledger.Exclusive() {
		e.settles = time.Now().Add(s.timing.settle)
	}
	var r *adapters.Reply
	work := func() { s.handle(e, r) }
	switch {
	case e.kind == asked:
		s.restore(e, e.unclear)
		r = s.replies.Take(e.channel, e.ts)
	case e.unclear: // what a response URL or a modal showed cannot be looked for
		again := s.ledger.HasPeers() && e.kind != pressed
		work = func() {
			s.monitor.Happened(bot.Unclear)
			if again {
				s.handle(e, nil)
			} else {
				e.receipt.Posted("")
			}
		}
	}
	resumed := s.intake.Resume(e.id, e.keys(), work)
	if !resumed {
		u.Receipt.Leave()
	}
	return resumed
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

// catchUp takes over what other processes have made of a question, before an edit or its deletion
// is followed. The error says that they cannot be asked, and that this one has not answered it. The
// caller holds the lock of the reply.
func (s *session) catchUp(e event, r *adapters.Reply) error {
	known, ok, err := s.ledger.Others(s.work, adapterName, e.channel, e.ts, e.edited)
	if ok {
		r.Adopt(known.Answer, known.Edited)
		r.Unclear = known.State == journal.Posting
	}
	if r.ID != "" {
		return nil
	}
	return err
}

// lookUp finds out whether the answer to a question was posted by a process that has ended,
// if that is unclear. Found reports that it was. If it cannot be found out, nobody is
// answered: better once too few than twice. Of several processes, which are run so that nobody
// waits in vain, another answers: better twice than never. The caller holds the lock of the reply.
func (s *session) lookUp(e event, r *adapters.Reply) (found bool, err error) {
	if r.Unclear = r.Unclear || e.unclear; !r.Unclear {
		return false, nil
	}
	if r.ID != "" { // changing that answer again does no harm
		r.Unclear = false
		return false, nil
	}
	var ts string
	err = network.Sleep(s.work, time.Until(e.settles))
	if err == nil {
		ts, err = s.client.answerTo(s.work, e, s.answerThread(e), s.me)
	}
	switch {
	case s.work.Err() != nil:
		return false, err
	case err != nil:
		r.Gone = !s.ledger.HasPeers()
		s.monitor.Happened(bot.Unclear)
		s.log.Warn("cannot find out whether another process answered a question", "event", e.id, "answered again", !r.Gone,
			"error", err)
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
