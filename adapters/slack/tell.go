package slack

import (
	"context"
	"errors"
	"fmt"
	"strings"

	"frontdesk/adapters"
	"frontdesk/bot"
	"frontdesk/knowledge/text"
)

// errNotConnected is the error of what needs a session while there is none.
var errNotConnected = errors.New("slack: not connected")

// offersToTell reports whether the asker of a question can be told the answer later.
func (w *writer) offersToTell() bool {
	return w.tell && w.answer.Await() && strings.TrimSpace(w.Question) != "" &&
		text.Length(w.telling().encode()) <= maxValue // else it would be cut
}

// telling is what the button refers to.
func (w *writer) telling() ref { return ref{Question: w.Question, Thread: w.Thread} }

// await notes that the presser of a button wants to be told the answer later.
func (s *session) await(e event, about ref) error {
	a := bot.Note(bot.SayNotPosted)
	switch {
	case about.Question == "":
		a = bot.Note(bot.SayWhichQuestion)
	case s.awaits != nil:
		a = s.awaits(s.work, e.team+":"+e.user, about.Question)
		a.Welcome = true // is no answer that can be rated
	}
	if e.view != "" {
		return s.replace(e, a, ref{})
	}
	return s.whisper(e, a, ref{})
}

// Tell implements [bot.Teller]. Person is what [Settings.Await] got: the workspace and the
// user. Its error is a [bot.ErrGone] if the person can't be reached any more. An answer that
// may have been posted counts as told.
func (a *Adapter) Tell(ctx context.Context, person, question string) (told bool, err error) {
	s := a.live.Load()
	if s == nil {
		return false, errNotConnected
	}
	team, user, _ := strings.Cut(person, ":")
	answer := s.asking.Text(s.alone(event{team: team, user: user}), question)
	if answer.Outcome != bot.Answered {
		return false, nil
	}
	m := render(answer, frame{ref: ref{Question: question, Direct: true}})
	_, err = s.client.post(ctx, user, "", m.after(bot.SayNowKnown+" “"+text.Clip(question, quoteLength)+"”"))
	switch {
	case err == nil:
		return true, nil
	case errors.Is(err, adapters.ErrUnclear):
		s.monitor.Happened(bot.Unclear)
		s.log.Warn("somebody may have been told the answer that they wait for; it is not repeated", "error", err)
		return true, nil
	case unreachable[slackCode(err)]:
		return false, fmt.Errorf("%w: %w", bot.ErrGone, err)
	}
	return false, err
}

// unreachable are the errors that say that a person can't get direct messages, now or later
// (docs.slack.dev/reference/methods/chat.postMessage#errors). Not account_inactive, which is
// about the token, and messages_tab_disabled, which is about the app.
var unreachable = map[string]bool{
	"channel_not_found": true, "is_archived": true, "user_not_found": true, "cannot_dm_bot": true, "user_disabled": true,
}
