package discord

import (
	"context"
	"errors"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"
)

// Discord's error codes for direct messages.
const (
	// codeDirectsForbidden means that Discord considers the bot a spammer
	// (github.com/Dragory/modmailbot/issues/490).
	codeDirectsForbidden = 20026
	codeDirectsTooFast   = 40003
	codeNoMutualServer   = 50278
)

// errNoDirect is the error of a direct message that is not sent because the bot has sent
// enough of them, or may not open any.
var errNoDirect = errors.New("no direct messages just now")

// noDirect reports whether an error says that no direct message can be sent to a person, or
// to anybody.
func noDirect(err error) bool {
	switch code(err) {
	case codeNoDirect, codeDirectsForbidden, codeDirectsTooFast, codeNoMutualServer:
		return true
	}
	return errors.Is(err, errNoDirect)
}

// refusalSpan is how long a refusal is remembered: long enough for a quiet log, and an admin
// may have changed a permission after that.
const refusalSpan = time.Hour

// causeDirects is the cause of trouble while the bot may not open direct messages, and
// directsForbidden what it says.
const (
	causeDirects     = "direct messages"
	directsForbidden = "Discord forbids the bot to open direct messages (20026), so private answers need /ask; " +
		"appeal at dis.gd/contact"
)

// whisper answers a message by direct message, with a note above unless it is "".
func (s *session) whisper(e event, a bot.Answer, note string) error {
	now := time.Now()
	if s.noDirects.Has(now, directsForbidden) || !s.cooldown.direct(now) {
		return errNoDirect
	}
	channel, err := s.directTo(s.work, e.user)
	if err != nil {
		return err
	}
	m := render(a, frame{note: note, tell: s.tell(a, e.text)})
	id, err := s.client.post(s.work, channel, "", e.nonce(), m, e.receipt.Posting)
	e.delivery.channel, e.delivery.id = channel, id
	return err
}

// directTo returns the channel of direct messages with a person.
func (s *session) directTo(ctx context.Context, user string) (channel string, err error) {
	now := time.Now()
	if s.noDirects.Has(now, directsForbidden) {
		return "", errNoDirect
	}
	channel, err = s.directs.Do(user, func() (string, error) { return s.client.direct(ctx, user) })
	switch {
	case code(err) == codeDirectsForbidden:
		if s.noDirects.Add(now, directsForbidden) {
			s.log.Error("direct messages are forbidden", "error", err, "remedy", directsForbidden)
		}
		s.health.Trouble(causeDirects, directsForbidden)
	case err == nil:
		s.health.Trouble(causeDirects, "")
	}
	return channel, err
}

// orDirect sends the answer to a message in a server by direct message if err says that its
// channel is archived, locked or closed to the bot.
func (s *session) orDirect(e event, a bot.Answer, err error) error {
	switch code(err) {
	case codeArchived, codeLocked, codeMissingAccess, codeMissingPermissions:
	default:
		return err
	}
	if e.server == "" || s.whisper(e, a, bot.SayCannotReply) != nil {
		return err
	}
	if s.refused.Add(time.Now(), e.channel) {
		s.log.Warn("a channel takes no answers; they go by direct message", "channel", e.channel, "error", err)
	}
	return nil
}

// slowDownSpan is how long a person who was asked to wait is not asked again.
const slowDownSpan = time.Minute

// slowDown asks a person who asks too often to wait. If they go on, nothing is said until
// they may be answered again.
func (s *session) slowDown(e event, r *adapters.Reply) (bot.Answer, error) {
	if !s.slowed.Add(time.Now(), e.user) {
		return bot.Answer{}, nil
	}
	note := bot.Note(bot.SaySlowDown)
	return note, s.orDirect(e, note, s.say(e, r, note, "slow"+e.nonce()))
}
