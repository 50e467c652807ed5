package discord

import (
	"errors"
	"regexp"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/bwmarrin/discordgo"
)

// administers reports whether an event is a button for admins or a form.
func (e event) administers() bool {
	return e.kind == pressed && e.action == actionAdmin || e.kind == submitted && e.action == actionForm
}

// opens reports whether an event is the command with the word that opens the inbox. "Ask the
// desk" on a message of that word asks for the word.
func (s *session) opens(e event) bool {
	return e.kind == commanded && e.message == "" && opensInbox(e.text) && s.settings.Admin.Do != nil
}

func opensInbox(text string) bool { return strings.EqualFold(strings.TrimSpace(text), bot.OpenInbox) }

// administer does what an admin asks for, and returns what is shown for it. The zero Answer
// means that it is not for this person.
func (s *session) administer(e event) bot.Answer {
	admin := s.settings.Admin
	if admin.Do == nil {
		return bot.Answer{}
	}
	r := bot.Request{
		Person: name + ":" + e.user, InChannel: e.channel == admin.Channel && e.channel != "", Action: e.value,
		Fields: e.fields,
	}
	if !e.administers() {
		r.Action = bot.OpenInbox
	}
	a := admin.Do(s.work, r)
	if a.Outcome == bot.Silent && a.Form == nil {
		s.log.Debug("somebody asked for what is not for them", "event", e.id, "by", e.user, "what", r.Action)
		return bot.Answer{}
	}
	s.log.Info("an admin asked for something", "event", e.id, "by", e.user, "what", r.Action)
	a.Welcome = true // is not rated, nor in the journal
	return a
}

// openDirect returns the inbox for an admin who writes its word in direct messages.
func (s *session) openDirect(e event) (a bot.Answer, opened bool) {
	if !e.direct() || !opensInbox(e.text) {
		return a, false
	}
	a = s.administer(e)
	return a, a.Outcome != bot.Silent
}

// openAgain looks the inbox up for a command that another process took on: to read it again
// does nothing. Buttons and forms of admins are not done again, see [session.takeAgain]: they
// may have been done, and the message with them is still there to be pressed.
func (s *session) openAgain(e event) event {
	if !s.opens(e) {
		return e
	}
	if a := s.administer(e); a.Outcome != bot.Silent {
		e.inbox, e.private = &a, true
	}
	return e
}

// errAdminBroke is the error of what an admin asked for and that panicked.
var errAdminBroke = errors.New("what an admin asked for panicked")

// answerAdmin answers a button for admins, a form, or the word that opens the inbox. It
// reports false if that word is an ordinary question, because no admin asks.
//
// A form must be the first response, and nobody but an admin may see the inbox: so the first
// response waits until it is known what to show. If that takes long, it is a deferred one that
// only the admin sees, or that leaves the message with the button as it is.
func (s *session) answerAdmin(e event, respond responder) (a bot.Answer, done bool, err error) {
	e.private = e.private || s.opens(e)
	result := make(chan bot.Answer, 1)
	broke := false
	go func() {
		var a bot.Answer
		defer func() { result <- a }()
		defer func() {
			if cause := recover(); cause != nil {
				s.panicked(e, cause)
				a, broke = bot.Apology(), true
			}
		}()
		a = s.administer(e)
	}()
	timer := time.NewTimer(s.timing.defers)
	defer timer.Stop()
	late := false
	select {
	case a = <-result:
	case <-timer.C:
		late = true
		deferral, _ := s.deferral(e)
		err = respond(s.work, e, deferral)
		a = <-result
	}
	send := func(t int, a bot.Answer, f frame) error {
		f.plain = e.noEmbed
		e.delivery.update = t == replyUpdate
		switch {
		case !late:
			if err = e.receipt.Posting(); err != nil {
				return err
			}
			err = respond(s.work, e, reply{t, render(a, f)})
		case t == replyMessage && e.updates(): // beside the message with the button
			if err == nil {
				err = s.client.follow(s.work, e, render(a, f))
			}
			return s.orDropped(e, err)
		case err == nil:
			err = s.finish(e, a, f)
		}
		return s.orElsewhere(e, a, f, err)
	}
	beside := frame{private: true}
	if broke {
		return a, true, errors.Join(errAdminBroke, send(replyMessage, a, beside))
	}
	if s.opens(e) {
		return s.showInbox(e, a, late, send)
	}
	switch form, ok := newForm(a.Form); {
	case ok && e.kind == pressed && !late: // only a press can be answered with a form, and only at once
		return a, true, s.orDropped(e, respond(s.work, e, reply{replyForm, form}))
	case a.Form != nil && a.Plain() == "":
		a = bot.Note(bot.SayPressAgain)
		return a, true, send(replyMessage, a, beside)
	case a.Outcome == bot.Silent && a.Form == nil:
		if !late { // the message with the button stays as it is
			err = respond(s.work, e, reply{Type: replyUpdateLater})
		}
		return a, true, s.orDropped(e, err)
	}
	return a, true, send(replyUpdate, a, frame{private: e.alone})
}

// orDropped drops the response to an interaction if err says that it came too late.
func (s *session) orDropped(e event, err error) error {
	if !expired(err) {
		return err
	}
	s.drop(e, err)
	return nil
}

// showInbox shows the inbox to an admin. For anybody else it reports false, so that the word
// is answered as a question; if they have waited so long that the first response is sent, it
// answers that.
func (s *session) showInbox(
	e event, a bot.Answer, late bool, send func(int, bot.Answer, frame) error,
) (bot.Answer, bool, error) {
	f := frame{private: true}
	if a.Outcome == bot.Silent {
		if !late {
			return a, false, nil
		}
		a, f, _ = s.interact(e)
	}
	return a, true, send(replyMessage, a, f)
}

// actionRows are the buttons for admins. One is left out if its value is too long or is that
// of another button, since Discord takes each id once.
func actionRows(actions []bot.Action) (rows []component) {
	taken := map[string]bool{}
	for _, a := range actions {
		id := valid(actionAdmin + "|" + a.Value)
		if taken[id] || text.Length(id) > maxCustomID {
			continue
		}
		taken[id] = true
		if n := len(rows); n == 0 || len(rows[n-1].Components) == maxRowButtons {
			if n == maxRows {
				break
			}
			rows = append(rows, component{Type: discordgo.ActionsRowComponent})
		}
		style := discordgo.SecondaryButton
		if a.Primary {
			style = discordgo.PrimaryButton
		}
		row := &rows[len(rows)-1]
		row.Components = append(row.Components, button(id, orDash(a.Label), style))
	}
	return rows
}

// by is who did what an answer tells. The person of a mention is not called, see [message].
func by(person string) string {
	switch id, ok := strings.CutPrefix(person, name+":"); {
	case person == "":
		return ""
	case ok && userID.MatchString(id):
		return bot.LabelBy + " <@" + id + ">"
	}
	return bot.LabelBy + " " + escape(text.Clip(person, maxLabel))
}

// userID is an id of Discord's (discord.com/developers/docs/reference#snowflakes).
var userID = regexp.MustCompile(`^\d{1,20}$`)
