package discord

import (
	"context"
	"net/http"
	"slices"
	"time"

	"frontdesk/bot"
)

// answerRole answers a message that mentions the bot's own role instead of the bot, which
// looks the same while one types. Its text is unknown: Discord sends it only with a mention
// of the bot itself (events/gateway#message-content-intent).
func (s *session) answerRole(e event) (bot.Answer, error) {
	own, err := s.ownRole(e.server)
	if err != nil || !slices.Contains(e.mentioned, own) || !s.publicIn(&e) {
		return bot.Answer{}, nil
	}
	r := s.replies.Take(e.channel, e.message) // an edit may mention the bot
	r.Lock()
	defer r.Unlock()
	if !r.Take(e.edited) {
		return bot.Answer{}, nil
	}
	if !s.cooldown.person(time.Now(), e.user) {
		return s.slowDown(e, r)
	}
	hint := bot.Note(bot.SayRoleMentioned)
	id, err := s.knows(e.channel, r.ID, e.message)
	if err != nil {
		return bot.Answer{}, err
	}
	if r.ID = id; id != "" { // an edit
		return hint, s.change(e, r.ID, hint)
	}
	return hint, s.orDirect(e, hint, s.say(e, r, hint, e.nonce()))
}

// ownRole returns the role that Discord has made for the bot in a server, "" if there is
// none. Without the intent GUILDS the gateway does not tell, so Discord is asked.
func (s *session) ownRole(server string) (string, error) {
	me := s.me.Load().(string)
	role, err := s.ownRoles.Do(server, func() (string, error) { return s.client.ownRole(s.work, server, me) })
	if err != nil {
		s.log.Debug("could not look up the bot's role", "server", server, "error", err)
	}
	return role, err
}

// ownRole looks up the role whose tags name the bot
// (topics/permissions#role-object-role-tags-structure).
func (c *client) ownRole(ctx context.Context, server, me string) (string, error) {
	var roles []struct {
		ID   string `json:"id"`
		Tags struct {
			Bot string `json:"bot_id"`
		} `json:"tags"`
	}
	err := c.do(ctx, call{Method: "GET roles", Place: server, Again: true}, http.MethodGet,
		"guilds/"+server+"/roles", nil, &roles)
	for _, role := range roles {
		if role.Tags.Bot == me && me != "" {
			return role.ID, err
		}
	}
	return "", err
}
