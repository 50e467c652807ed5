package discord

import (
	"context"
	"net/http"
	"net/url"
	"sync"
	"time"
)

// hourglass is the reaction on a question whose answer has to wait.
const hourglass = "⏳"

// reactionLife is the deadline for a reaction: after that the answer is probably there.
const reactionLife = 5 * time.Second

// codeReactionBlocked means that the person has blocked the bot.
const codeReactionBlocked = 90001

// react adds the hourglass to a message (resources/message#create-reaction).
func (c *client) react(ctx context.Context, channel, message string) error {
	what := call{Method: "PUT reaction", Place: channel, Again: true, Life: reactionLife}
	return c.do(ctx, what, http.MethodPut, reactionPath(channel, message), nil, nil)
}

// unreact removes the hourglass (resources/message#delete-own-reaction).
func (c *client) unreact(ctx context.Context, channel, message string) error {
	what := call{Method: "DELETE reaction", Place: channel, Again: true, Life: finishLife}
	return c.do(ctx, what, http.MethodDelete, reactionPath(channel, message), nil, nil)
}

func reactionPath(channel, message string) string {
	return "channels/" + channel + "/messages/" + message + "/reactions/" + url.PathEscape(hourglass) + "/@me"
}

// showWaiting reacts to a question whose answer has to wait, and returns a function that
// removes the reaction again: an answer in a message with others is no reply, so beside a
// question that keeps its hourglass it would look as if the question were still open. It
// does nothing if the channel has got enough reactions, or none are allowed.
func (s *session) showWaiting(e event) (end func()) {
	now := time.Now()
	if s.noReactions.Has(now, e.channel) || s.noReactions.Has(now, e.user) || !s.cooldown.reaction(now, e.channel) {
		return func() {}
	}
	var err error
	var reacting sync.WaitGroup
	reacting.Go(func() {
		if err = s.client.react(s.work, e.channel, e.message); err == nil {
			return
		}
		switch code(err) {
		case codeMissingAccess, codeMissingPermissions:
			s.noReactions.Add(time.Now(), e.channel)
		case codeReactionBlocked:
			s.noReactions.Add(time.Now(), e.user)
		}
		s.log.Debug("could not react", "event", e.id, "error", err)
	})
	return func() {
		reacting.Wait()
		if err != nil {
			return
		}
		if err := s.client.unreact(s.work, e.channel, e.message); err != nil {
			s.log.Debug("could not remove a reaction", "event", e.id, "error", err)
		}
	}
}
