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
// people of another organization, or a guest who asks.
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
	teams := s.teams(e.user)
	if here := first(e.team, s.me.team); !slices.Contains(teams, here) || s.shared(e) {
		return ""
	}
	return s.ofTeams(teams)
}

// alone is the audience of what the person of an event sees alone.
func (s *session) alone(e event) bot.Audience {
	a := s.audiences.Channels[e.channel]
	if len(s.audiences.Workspaces) == 0 {
		return a
	}
	return a.With(s.ofTeams(s.teams(e.user)))
}

func (s *session) ofTeams(teams []string) bot.Audience {
	var a bot.Audience
	for _, t := range teams {
		a = a.With(s.audiences.Workspaces[t])
	}
	return a
}

// teams are the workspaces and the organization that a person is a full member
// of; none of a guest, a person from elsewhere, or one of whom Slack does not
// say.
func (s *session) teams(user string) []string {
	teams, err := s.people.Do(user, func() ([]string, error) { return s.client.teams(s.work, user) })
	if err != nil {
		s.log.Error("a person counts as the public, since Slack does not say who it is", "error", err)
	}
	return teams
}

// shared reports whether people of another organization are in a channel, or
// might be.
func (s *session) shared(e event) bool {
	if e.shared != nil {
		return *e.shared
	}
	shared, err := s.places.Do(e.channel, func() (bool, error) { return s.client.shared(s.work, e.channel) })
	if err != nil {
		s.log.Error("a channel counts as public, since Slack does not say who is in it", "channel", e.channel, "error", err)
	}
	return err != nil || shared
}

// teams asks Slack where a person is a full member.
func (c *client) teams(ctx context.Context, user string) (teams []string, err error) {
	err = c.Do(ctx, call{Method: "users.info", Again: true, Life: lookLife}, func(ctx context.Context) error {
		u, err := c.api.GetUserInfoContext(ctx, user)
		if err != nil || u.Deleted || u.IsRestricted || u.IsUltraRestricted || u.IsStranger {
			return err
		}
		teams = append([]string{u.TeamID}, u.Enterprise.Teams...)
		if u.Enterprise.EnterpriseID != "" {
			teams = append(teams, u.Enterprise.EnterpriseID)
		}
		return nil
	})
	return teams, err
}

// shared asks Slack whether a channel is shared with another organization, or
// is about to be.
func (c *client) shared(ctx context.Context, channel string) (shared bool, err error) {
	err = c.Do(ctx, call{Method: "conversations.info", Again: true, Life: lookLife}, func(ctx context.Context) error {
		there, err := c.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: channel})
		if err == nil {
			shared = there.IsExtShared || there.IsPendingExtShared
		}
		return err
	})
	return shared, err
}
