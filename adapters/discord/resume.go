package discord

import (
	"context"
	"errors"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/network"
	"frontdesk/bot"
	"frontdesk/bot/journal"
)

const (
	// repostWithin is the age up to which a question is answered again if its answer may have
	// been posted: Discord recognizes the nonce of a message for "the past few minutes"
	// (resources/message#create-message).
	repostWithin = 2 * time.Minute
	// readWithin is the timeout for reading the unfinished events, for which nobody waits.
	readWithin = 10 * time.Second
	// claimEvery is the time between two looks for what other processes have left.
	claimEvery = time.Second
)

// resume answers, in the background, the events that a process which has ended took on and
// did not answer. With a store that others use too, it goes on with what they leave. The caller
// calls end, which waits until nothing more is begun.
func (s *session) resume(ctx context.Context) (end func()) {
	ctx, cancel := context.WithCancel(ctx)
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for more := true; more; more = !s.settings.Ledger.Exclusive() && network.Sleep(ctx, claimEvery) == nil {
			for _, u := range s.unfinished(ctx) {
				s.takeAgain(u)
			}
		}
	}()
	return func() {
		cancel()
		<-ended
	}
}

// unfinished lists the unfinished events, the oldest first. It retries while the store fails.
func (s *session) unfinished(ctx context.Context) []journal.Unfinished {
	for try := 0; ; try++ {
		within, cancel := context.WithTimeout(ctx, readWithin)
		list, err := s.settings.Ledger.Claim(within, name)
		cancel()
		if err == nil {
			return list
		}
		if try == 0 && ctx.Err() == nil && s.settings.Ledger.Exclusive() { // else the state of the store says it
			s.log.Warn("questions from before the start have to wait for the store", "error", err)
		}
		if !s.settings.Ledger.Exclusive() || network.Sleep(ctx, s.client.Backoff(try)) != nil {
			return nil // of a shared store, the next look comes soon
		}
	}
}

// takeAgain accepts an unfinished event and starts its work.
func (s *session) takeAgain(u journal.Unfinished) {
	e, err := remember(u)
	if err != nil {
		s.unread(e.id, err)
		u.Receipt.GaveUp()
		return
	}
	var r *adapters.Reply
	if e.kind == asked {
		if r = s.recall(e.channel, e.message); r == nil {
			r = s.replies.Take(e.channel, e.message)
		}
	}
	accepted := s.intake.Resume(e.id, e.keys(), func() {
		age := time.Since(u.Taken)
		switch {
		case e.kind == roleMentioned: // only a hint was owed
			u.Receipt.GaveUp()
		case e.administers():
			s.log.Info("what an admin pressed before the start is not done again", "event", e.id)
			u.Receipt.GaveUp()
		case age > journal.EventLife: // the store gives it up by itself
			s.log.Warn("a question from before the start is too old to be answered", "event", e.id)
			if e.posting {
				s.monitor.Happened(bot.Unclear)
			} else {
				s.monitor.Happened(bot.Unanswered)
			}
		case e.posting && e.kind == asked && (u.Answer == journal.Together || age > repostWithin):
			if s.settings.Ledger.HasPeers() { // better twice than never
				s.monitor.Happened(bot.Unclear)
				e.posting = false
				s.handle(e, r, s.respondAgain)
				return
			}
			e.delivery = &delivery{unclear: true}
			s.settle(e, bot.Answer{}, nil, 0)
		default:
			s.log.Info("answers a question that another process took on", "event", e.id)
			s.handle(e, r, s.respondAgain)
		}
	})
	if !accepted {
		s.log.Debug("a recorded event is not resumed, since too many are in flight", "event", e.id)
		u.Receipt.Leave()
	}
}

// respondAgain responds to an interaction to which another process may have responded: it
// replaces that response, which may be repeated, or else sends the first one.
func (s *session) respondAgain(ctx context.Context, e event, r reply) error {
	m, ok := r.Data.(message)
	if !ok {
		return nil // suggestions are of no use any more
	}
	m.Flags = 0 // the first response decided whether it is ephemeral
	err := s.client.finish(ctx, e, m)
	if unanswered(err) {
		return s.client.respond(ctx, e, r)
	}
	return err
}

// unanswered reports whether an error says that an interaction has no response yet, or that
// somebody deleted it.
func unanswered(err error) bool {
	return code(err) == codeUnknownWebhook || code(err) == codeUnknownMessage
}

// interactAgain answers an interaction that another process took on: with the deferred
// response, or with the first one while Discord still accepts that.
func (s *session) interactAgain(e event) (bot.Answer, error) {
	a, f, t := s.interact(e)
	f.plain = e.noEmbed
	e.delivery.update = t == replyUpdate
	deferral, alone := s.deferral(e)
	var err error
	if f.private && !alone && !e.direct() {
		if e.posting { // Discord does not recognize a follow-up that is sent again
			if !s.settings.Ledger.HasPeers() {
				e.delivery.unclear = true
				return a, nil
			}
			s.monitor.Happened(bot.Unclear)
		}
		if deferral.Type == replyLater {
			err = s.client.finish(s.work, e, render(bot.Note(bot.SayAnsweredAlone), frame{}))
		}
		if err == nil {
			err = s.client.follow(s.work, e, render(a, f))
		}
		if unanswered(err) {
			err = s.client.respond(s.work, e, reply{t, render(a, f)})
		}
	} else {
		err = s.respondAgain(s.work, e, reply{t, render(a, f)})
	}
	switch {
	case err == nil, errors.Is(err, journal.ErrClaimLost):
		return a, err
	case e.posting:
		e.delivery.unclear = true
		return a, nil
	case f.private && !alone && !e.direct(): // everybody sees the first response
		return a, s.orDropped(e, err)
	}
	return a, s.orElsewhere(e, a, f, err)
}
