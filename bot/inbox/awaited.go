package inbox

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge"
)

// Await remembers that a person wants to be told the answer to a question, and returns what
// they are told now. Person is what the adapter's [bot.Teller] takes.
func Await(ctx context.Context, s Store, adapter, person, question string, log *slog.Logger) bot.Answer {
	err := s.Await(ctx, Awaited{Adapter: adapter, Person: person, Question: question, Since: time.Now()})
	switch {
	case errors.Is(err, ErrManyAwaited):
		return bot.Note(sayAwaitMany)
	case err != nil:
		log.Warn("could not remember that somebody wants to be told an answer", "adapter", adapter, "error", err)
		return bot.Note(sayAwaitFailed)
	}
	return bot.Note(sayAwait)
}

// Inform tells the people who wait for an answer that the base has now. Each is told at most
// once: the mark is erased before, and written again if the person may not see the answer or
// could not be told for now.
func Inform(
	ctx context.Context, s Store, base *knowledge.Base, tellers map[string]bot.Teller, log *slog.Logger,
) error {
	awaited, err := s.Awaited(ctx)
	if err != nil {
		return err
	}
	desk := &bot.Desk{Base: func(bot.Audience) *knowledge.Base { return base }}
	for _, a := range awaited {
		teller := tellers[a.Adapter]
		if teller == nil || time.Since(a.Since) > AwaitedFor ||
			desk.Answer(ctx, bot.Question{Text: a.Question}).Outcome != bot.Answered {
			continue
		}
		if mine, err := s.Told(ctx, a); err != nil || !mine {
			if err != nil {
				return err
			}
			continue // another process tells
		}
		told, err := teller.Tell(ctx, a.Person, a.Question)
		switch {
		case errors.Is(err, bot.ErrGone):
			log.Info("somebody who wanted to be told an answer can't be reached any more", "adapter", a.Adapter, "why", err)
		case err != nil, !told:
			if err != nil {
				log.Warn("could not tell somebody the answer that they wait for", "adapter", a.Adapter, "error", err)
			}
			// Also at the end of the process, which may be why it failed.
			if err := s.Await(context.WithoutCancel(ctx), a); err != nil {
				return err
			}
		default:
			log.Info("told somebody the answer that they waited for", "adapter", a.Adapter)
		}
	}
	return nil
}
