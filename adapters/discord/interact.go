package discord

import (
	"strconv"

	"frontdesk/bot"
)

// intrudes reports whether somebody chooses below the public answer to somebody else.
func (e event) intrudes() bool { return !e.alone && e.asker != "" && e.asker != e.user }

// interact returns the answer to an interaction, how it is shown, and the type of the
// reply.
func (s *session) interact(e event) (bot.Answer, frame, int) {
	switch e.kind {
	case listed:
		return s.asking.Directory(s.alone(e)), frame{private: true}, replyMessage
	case pressed:
		return s.press(e)
	}
	if e.inbox != nil {
		return *e.inbox, frame{private: true}, replyMessage
	}
	readers := s.readers(e)
	e.delivery.readers = readers
	a := bot.Answer{}
	if e.choice != "" {
		a = s.asking.Choice(readers, e.choice, idLength)
	} else {
		a = s.asking.Text(readers, e.text)
	}
	if a.Outcome == bot.Silent { // a command must be answered
		a = s.asking.Text(readers, "")
	}
	f := frame{private: s.private(e) || a.Alone() && !e.direct(), note: e.note, tell: s.tell(a, e.text)}
	if !f.private {
		f.asker, f.question = e.user, e.text
		if e.choice != "" {
			f.question = a.Title
		}
	}
	return a, f, replyMessage
}

// press handles a button or a menu.
func (s *session) press(e event) (bot.Answer, frame, int) {
	readers := s.everyone(e)
	if e.alone {
		readers = s.alone(e)
	}
	e.delivery.readers = readers
	switch e.action {
	case actionChoose, actionPick:
		if e.intrudes() {
			e.delivery.readers = s.alone(e)
			return s.asking.Choice(s.alone(e), e.value, idLength), frame{private: true}, replyMessage
		}
		a := s.asking.Choice(readers, e.value, idLength)
		if a.Private && !e.alone && !e.direct() { // must not replace a public message
			return a, frame{private: true}, replyMessage
		}
		return a, frame{asker: e.asker, before: shown{content: e.before.content}}, replyUpdate
	case actionDetails: // beside the answer, which may begin with what to do in an emergency
		return s.asking.Choice(s.alone(e), e.value, idLength), frame{private: true, full: true}, replyMessage
	case actionTry:
		e.delivery.readers = s.alone(e)
		a := s.asking.Text(s.alone(e), e.value)
		return s.besides(e, a, frame{tell: s.tell(a, e.value)})
	case actionPage:
		page, _ := strconv.Atoi(e.value) // an invalid value is the first page
		if e.intrudes() {
			return bot.Meant(s.asking.Directory(s.alone(e))), frame{page: page, private: true}, replyMessage
		}
		return s.asking.Directory(readers), frame{page: page, asker: e.asker, before: e.before}, replyUpdate
	case actionMeant:
		return bot.Meant(s.asking.Directory(s.alone(e))), frame{private: true}, replyMessage
	case actionUp, actionDown:
		s.settings.Keeper.Voted(name, e.answers(), e.user, e.action == actionUp)
		if count, counted := s.votes.Cast(e.channel+" "+e.message, e.user, e.action == actionUp); counted {
			s.log.Info("rated", "event", e.id, "vote", e.action, "division", e.value, "count", count)
		}
		if e.action == actionDown {
			return bot.Meant(s.asking.Directory(s.alone(e))), frame{private: true}, replyMessage
		}
		return bot.Note(bot.SayThanks), frame{private: true}, replyMessage
	case actionTell:
		if s.settings.Await != nil {
			return s.await(e), frame{private: true}, replyMessage
		}
	}
	s.unread(e.id, unknown{"buttons named " + strconv.Quote(e.action)})
	return bot.Note(bot.SayNotPosted), frame{private: true}, replyMessage
}

// besides shows an answer to the presser only: in place of the message with the button if
// only they see it, or else beside it.
func (s *session) besides(e event, a bot.Answer, f frame) (bot.Answer, frame, int) {
	f.private = true
	if e.alone {
		return a, f, replyUpdate
	}
	return a, f, replyMessage
}
