package main

import (
	"context"
	"errors"
	"log/slog"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
)

// notifyTries is how often a notice is tried: with growing waits of up to a minute, over
// four minutes.
const notifyTries = 10

// notifier returns a function that posts a notice in the admin channel of every
// platform, in the background. A newer notice replaces one that is not posted yet.
func notifier(ctx context.Context, all []bot.Adapter, log *slog.Logger) func(bot.Answer) {
	var boxes []chan bot.Answer
	for _, adapter := range all {
		n, ok := adapter.(bot.Notifier)
		if !ok {
			continue
		}
		box := make(chan bot.Answer, 1)
		boxes = append(boxes, box)
		go tell(ctx, n, box, log.With("adapter", adapter.Name())) // ends with ctx
	}
	return func(notice bot.Answer) {
		for _, box := range boxes {
			select {
			case <-box:
			default:
			}
			box <- notice // only this function fills it, one call at a time
		}
	}
}

// announcer returns a function that posts a notice in the admin channel of every platform, in
// the background. Unlike that of [notifier], a notice is not replaced by a newer one.
func announcer(ctx context.Context, all []bot.Adapter, log *slog.Logger) func(bot.Answer) {
	return func(notice bot.Answer) {
		for _, adapter := range all {
			if n, ok := adapter.(bot.Notifier); ok {
				box := make(chan bot.Answer, 1)
				box <- notice
				close(box)
				go tell(ctx, n, box, log.With("adapter", adapter.Name())) // ends with ctx, or once it is posted
			}
		}
	}
}

// tell posts the notices from a box until ctx is done or the box is closed and empty. It
// retries for some minutes, for example if the platform is not connected, unless a newer
// notice arrives.
func tell(ctx context.Context, n bot.Notifier, box chan bot.Answer, log *slog.Logger) {
	var notice bot.Answer
	tries, wait := 0, time.Second
	next := func(again <-chan time.Time) (more bool) {
		select {
		case <-ctx.Done():
			return false
		case newer, open := <-box:
			if open {
				notice, tries, wait = newer, 0, time.Second
				return true
			}
			if again == nil {
				return false
			}
			box = nil
			select {
			case <-ctx.Done():
				return false
			case <-again:
			}
		case <-again:
		}
		return true
	}
	var again <-chan time.Time
	for next(again) {
		again = nil
		err := n.Notify(ctx, notice)
		if err == nil || ctx.Err() != nil || errors.Is(err, adapters.ErrUnclear) {
			continue
		}
		log.Error("a notice could not be posted in the admin channel", "error", err)
		if tries++; tries < notifyTries {
			again = time.After(wait)
			wait = min(2*wait, time.Minute)
		}
	}
}
