package slack

import (
	"context"
	"slices"
	"strings"

	"frontdesk/bot"

	"github.com/slack-go/slack"
)

// Audiences say who reads where: in a channel all who are in it, in a workspace
// its full members. Workspaces may be named by their own id or by that of the
// organization on Enterprise Grid. What is not named is public.
type Audiences struct {
	Workspaces, Channels map[string]bot.Audience
}

// everyone is the audience of what is posted where an event comes from. A
// workspace stands for its channels, unless somebody from elsewhere reads there:
// people of another organization, of another workspace of the same one, or a
// guest who asks. Guests who only read are not looked for: the channels they are
// in are to be named.
func (s *session) everyone(e event) bot.Audience {
	if e.direct || strings.HasPrefix(e.channel, "D") {
		return s.alone(e)
	}
	if a, ok := s.audiences.Channels[e.channel]; ok {
		return a
	}
	if len(s.audiences.Workspaces) == 0 || e.channel == "" {
		return ""
	}
	here, of := first(e.team, s.me.team), s.membership(e.user)
	if !slices.Contains(of.teams, here) {
		return ""
	}
	switch s.reach(e) {
	case withinTeam:
		return s.audiences.Workspaces[here].With(s.audiences.Workspaces[of.organization])
	case withinOrganization:
		return s.audiences.Workspaces[of.organization]
	}
	return ""
}

// alone is the audience of what the person of an event sees alone.
func (s *session) alone(e event) bot.Audience {
	a := s.audiences.Channels[e.channel]
	if len(s.audiences.Workspaces) == 0 {
		return a
	}
	of := s.membership(e.user)
	for _, t := range of.teams {
		a = a.With(s.audiences.Workspaces[t])
	}
	return a.With(s.audiences.Workspaces[of.organization])
}

// membership is where a person is a full member: nowhere for a guest, a person
// from elsewhere, or one of whom Slack does not say.
type membership struct {
	teams        []string
	organization string // on Enterprise Grid
}

func (s *session) membership(user string) membership {
	of, err := s.people.Do(user, func() (membership, error) { return s.client.membership(s.work, user) })
	if err != nil {
		s.log.Error("a person counts as the public, since Slack does not say who it is", "error", err)
	}
	return of
}

// reach is how far from a workspace those may be who read in a channel.
type reach uint8

const (
	beyond reach = iota // another organization, or nobody knows
	withinOrganization
	withinTeam
)

func (s *session) reach(e event) reach {
	if e.shared != nil && *e.shared {
		return beyond
	}
	r, err := s.places.Do(e.channel, func() (reach, error) { return s.client.reach(s.work, e.channel) })
	switch {
	case err == nil:
		return r
	case e.shared != nil: // that much Slack has said in the event
		r = withinOrganization
	default:
		r = beyond
	}
	s.log.Error("a channel counts as shared, since Slack does not say who is in it", "channel", e.channel, "error", err)
	return r
}

// membership asks Slack where a person is a full member.
func (c *client) membership(ctx context.Context, user string) (of membership, err error) {
	err = c.Do(ctx, call{Method: "users.info", Again: true, Life: lookLife}, func(ctx context.Context) error {
		u, err := c.api.GetUserInfoContext(ctx, user)
		if err != nil || u.Deleted || u.IsRestricted || u.IsUltraRestricted || u.IsStranger {
			return err
		}
		of = membership{append([]string{u.TeamID}, u.Enterprise.Teams...), u.Enterprise.EnterpriseID}
		return nil
	})
	return of, err
}

// reach asks Slack who may be in a channel. An invitation to another
// organization that is pending counts as accepted.
func (c *client) reach(ctx context.Context, channel string) (r reach, err error) {
	err = c.Do(ctx, call{Method: "conversations.info", Again: true, Life: lookLife}, func(ctx context.Context) error {
		there, err := c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
		switch {
		case err != nil:
			return err
		case there.IsExtShared || there.IsPendingExtShared || there.IsShared && !there.IsOrgShared:
			r = beyond
		case there.IsOrgShared:
			r = withinOrganization
		default:
			r = withinTeam
		}
		return nil
	})
	return r, err
}
