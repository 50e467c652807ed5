package slack

import (
	"context"
	"slices"
	"strings"

	"frontdesk/bot"

	"github.com/slack-go/slack"
)

// Audiences name the audience of a channel (everyone in it) or of a workspace (its full
// members), by id. The id of an Enterprise Grid organization stands for all its
// workspaces. Everything else is public.
type Audiences struct {
	Workspaces, Channels map[string]bot.Audience
}

// everyone returns the audience of a message in the channel of an event. The audience of
// a workspace applies to its channels, unless the channel is shared with another
// organization or workspace, or the asker is a guest. It also applies if a guest only
// reads there: admins name such channels in the settings.
func (s *session) everyone(e event) bot.Audience {
	switch {
	case e.direct:
		return s.alone(e)
	case strings.HasPrefix(e.channel, "D"): // between two people, of whom only one is known
		return ""
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

// alone returns the audience of what only the person of an event sees.
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

// membership is where a person is a full member: nowhere for a guest, an outsider, a
// workflow, or if Slack does not say.
type membership struct {
	teams        []string
	organization string // on Enterprise Grid
}

func (s *session) membership(user string) membership {
	if user == "" { // a workflow
		return membership{}
	}
	of, err := s.people.Do(user, func() (membership, error) { return s.client.membership(s.work, user) })
	if err != nil {
		s.log.Error("cannot look up a person, who gets only public answers", "error", err)
	}
	return of
}

// reach is with whom a channel is shared.
type reach uint8

const (
	beyond             reach = iota // with another organization, or unknown
	withinOrganization              // with other workspaces of the organization
	withinTeam                      // not shared
)

func (s *session) reach(e event) reach {
	if e.shared != nil && *e.shared {
		return beyond
	}
	r, err := s.places.Do(e.channel, func() (reach, error) { return s.client.reach(s.work, e.channel) })
	switch {
	case err == nil:
		return r
	case e.shared != nil: // the event says that it is not shared with another organization
		r = withinOrganization
	default:
		r = beyond
	}
	s.log.Error("cannot look up a channel, which counts as shared", "channel", e.channel, "error", err)
	return r
}

// membership looks up where a person is a full member.
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

// reach looks up with whom a channel is shared. A pending invitation to another
// organization counts as accepted.
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
