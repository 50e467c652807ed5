package discord

import (
	"context"
	"errors"
	"fmt"
	"hash/fnv"
	"net/http"
	"net/http/httptrace"
	"regexp"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/network"
	"frontdesk/bot"
	"frontdesk/knowledge/text"

	"github.com/bwmarrin/discordgo"
)

// Discord's error codes about people and servers.
const (
	codeUnknownServer    = 10004
	codeUnknownMember    = 10007
	codeUnknownUser      = 10013
	codeInvalidRecipient = 50033
)

// tell returns the question if its asker can be told the answer later, else "".
func (s *session) tell(a bot.Answer, question string) string {
	if s.settings.Await == nil || !a.Await() {
		return ""
	}
	return strings.TrimSpace(question)
}

// replied is how the answer to a message is shown, as a reply to it.
func (s *session) replied(e event, a bot.Answer) frame {
	return frame{asker: e.user, tell: s.tell(a, e.text), reply: true}
}

// telling returns the button of somebody who wants to be told the answer later, nil for none.
// The button says the question if it has room for it. If not, the message does: it replies to
// the question or shows it. There is no button for a question that would be cut.
func (f frame) telling() (frame, *component) {
	id := actionTell + "|" + f.tell
	switch {
	case f.tell == "":
		return f, nil
	case text.Length(id) <= maxCustomID:
	case f.reply:
		id = actionTell
	case text.Length(f.tell) > quoteLength, f.before.content != "":
		return f, nil
	default:
		id, f.question = actionTell, f.tell
	}
	b := button(id, bot.LabelTell, discordgo.SecondaryButton)
	return f, &b
}

// escaped is a character that [words] keeps from having a meaning.
var escaped = regexp.MustCompile(`\\(.)`)

// question is the question of a message with a button; value is what the button says of it.
func (m *ownMessage) question(value string) string {
	switch {
	case value != "":
		return plainText(value)
	case m.RepliesTo != nil:
		return m.RepliesTo.text()
	}
	var lines []string
	for line := range strings.Lines(m.Content) {
		if quoted, ok := strings.CutPrefix(line, "> "); ok {
			lines = append(lines, escaped.ReplaceAllString(strings.TrimSuffix(quoted, "\n"), "$1"))
		} else if len(lines) > 0 {
			break
		}
	}
	return strings.Join(lines, "\n")
}

// await notes that the presser of a button wants to be told the answer later.
func (s *session) await(e event) bot.Answer {
	if e.text == "" {
		return bot.Note(bot.SayWhichQuestion)
	}
	a := s.settings.Await(s.work, e.person(), e.text)
	if a.Outcome == bot.Silent {
		return bot.Note(bot.SayNotPosted)
	}
	a.Welcome = true // is no answer that can be rated
	return a
}

// person names the person of an event for [Adapter.Tell], with the server whose roles say what
// they may see.
func (e event) person() string {
	if e.server == "" {
		return e.user
	}
	return e.server + ":" + e.user
}

// Tell implements [bot.Teller]. Person is what [Settings.Await] got. Its error is a
// [bot.ErrGone] if the person can't be reached any more. An answer that may have been posted
// counts as told.
func (a *Adapter) Tell(ctx context.Context, person, question string) (told bool, err error) {
	s := a.live.Load()
	if s == nil {
		return false, errNotConnected
	}
	server, user, ok := strings.Cut(person, ":")
	if !ok {
		server, user = "", person
	}
	readers, err := s.readersNow(ctx, server, user)
	if err != nil {
		return false, err
	}
	answer := s.asking.Handler.Answer(ctx, bot.Question{Readers: readers, Text: question})
	if answer.Outcome != bot.Answered {
		return false, nil
	}
	for !s.cooldown.direct(time.Now()) { // answers for which people wait share the limit
		if err := network.Sleep(ctx, s.timing.directs.every); err != nil {
			return false, fmt.Errorf("wait until another direct message may be sent: %w", err)
		}
	}
	channel, err := s.directTo(ctx, user)
	if err != nil {
		return false, unreachable(err)
	}
	// There is no button for what the public may not see: it would not find that again, since
	// Discord doesn't tell people's roles in direct messages.
	f := frame{note: bot.SayNowKnown, question: question, full: readers != ""}
	unclear, err := s.client.tell(ctx, channel, tellNonce(person, question), render(answer, f))
	if unclear {
		s.monitor.Happened(bot.Unclear)
		s.log.Warn("somebody may have been told the answer that they wait for; it is not repeated", "error", err)
		return true, nil
	}
	return err == nil, unreachable(err)
}

// errNotConnected is the error of what needs a session while there is none.
var errNotConnected = errors.New("discord: not connected")

// tellNonce identifies an answer that somebody is told later.
func tellNonce(person, question string) string {
	h := fnv.New64a()
	_, _ = h.Write([]byte(person + " " + question)) // never fails
	return "tell" + strconv.FormatUint(h.Sum64(), 36)
}

// unreachable wraps an error that says that a person can't be reached, now or later.
func unreachable(err error) error {
	switch code(err) {
	case codeNoDirect, codeNoMutualServer, codeUnknownUser, codeInvalidRecipient:
		return fmt.Errorf("%w: %w", bot.ErrGone, err)
	}
	return err
}

// readersNow returns the audience of what only this person sees, by the roles that they have
// now in a server. It is the public if they have left it, or the bot has.
func (s *session) readersNow(ctx context.Context, server, user string) (bot.Audience, error) {
	if server == "" {
		return "", nil
	}
	roles, err := s.client.roles(ctx, server, user)
	switch code(err) {
	case codeUnknownServer, codeUnknownMember, codeUnknownUser, codeMissingAccess:
		return "", nil
	}
	if err != nil {
		return "", err
	}
	return s.alone(event{server: server, user: user, roles: roles, placed: true}), nil
}

// roles looks up the roles of a member (resources/guild#get-guild-member).
func (c *client) roles(ctx context.Context, server, user string) ([]string, error) {
	var there member
	err := c.do(ctx, call{Method: "GET member", Place: server, Again: true}, http.MethodGet,
		"guilds/"+server+"/members/"+user, nil, &there)
	return there.Roles, err
}

// tell posts a message as [client.post] does, and reports after an error whether the message
// may have been posted all the same, by any of the tries.
func (c *client) tell(ctx context.Context, channel, nonce string, m message) (unclear bool, err error) {
	body := encode(posting{message: m, Nonce: adapters.CutID(nonce, maxNonce), Enforce: true})
	what := call{Method: "POST message", Place: channel, Again: true, Answer: true}
	path := "channels/" + channel + "/messages"
	err = c.Do(ctx, what, func(ctx context.Context) error {
		var sent atomic.Bool
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{WroteHeaders: func() { sent.Store(true) }})
		err := c.once(ctx, what, http.MethodPost, path, body, nil)
		unclear = unclear || err != nil && judge(err, sent.Load()).Failure == adapters.Unclear
		return err
	})
	return unclear && err != nil, err
}
