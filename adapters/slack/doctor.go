package slack

import (
	"cmp"
	"context"
	"fmt"
	"log/slog"
	"maps"
	"net/http"
	"slices"
	"strings"

	"frontdesk/adapters"

	"github.com/slack-go/slack"
)

// Examine tries the tokens and looks whether the app may do what the settings
// need. It asks only, so that a bot that is running is not disturbed: an address
// for Socket Mode is asked for and not connected to. Tokens that are not set are
// left out.
func Examine(ctx context.Context, s Settings, log *slog.Logger) []adapters.Finding {
	ctx, cancel := context.WithTimeout(ctx, adapters.ExamineTime)
	defer cancel()
	x := examination{settings: s, client: newClient(s, log, func(string, string) {})}
	x.Part, x.Caller, x.Host = "slack", &x.client.Caller, adapters.HostOf(s.APIURL, "slack.com")
	defer x.client.http.CloseIdleConnections()
	known := s.BotToken != "" && x.who(ctx)
	if !s.HTTP && s.AppToken != "" {
		x.socket(ctx)
	}
	if s.HTTP && s.SigningSecret != "" {
		x.Unknown("compare it with the Signing Secret on the app's page Basic Information",
			"whether SLACK_SIGNING_SECRET is the app's shows only when Slack sends something")
	}
	if known {
		x.places(ctx)
	}
	x.client.clock.Judge(&x.Examination, "Slack", s.HTTP)
	return x.Findings
}

// examination is one of Slack.
type examination struct {
	adapters.Examination
	settings Settings
	client   *client

	team, enterprise string
	scopes           []string // nil if Slack does not say
}

// who finds out whose token it is and what it may do.
func (x *examination) who(ctx context.Context) bool {
	var me *slack.AuthTestResponse
	ok, err := x.Look(ctx, botToken, call{Method: methodTest}, func(ctx context.Context) (err error) {
		me, err = x.client.api.AuthTestContext(ctx)
		return err
	})
	if !ok {
		x.refused(botToken, err)
		return false
	}
	x.team, x.enterprise = me.TeamID, me.EnterpriseID
	x.Well("SLACK_BOT_TOKEN is that of %s in the workspace %s (%s)", me.User, me.Team, me.TeamID)
	x.mayDo(me.Header)
	return true
}

// refused notes that Slack does not take a token.
func (x *examination) refused(setting string, err error) {
	switch code := slackCode(err); {
	case err == nil: // has been told of
	case code == "missing_scope":
		x.Wrong(tokens[setting], "%s lacks a scope that it needs (%s)", setting, code)
	case badToken[code]:
		x.Wrong(tokens[setting], "%s is refused (%s)", setting, code)
	default:
		x.Wrong("look the code up on the method's page below docs.slack.dev/reference/methods",
			"%s does not work (%s)", setting, cmp.Or(code, err.Error()))
	}
}

// mayDo compares what the app may do with what the manifest asks for.
func (x *examination) mayDo(header http.Header) {
	// docs.slack.dev/legacy/legacy-authentication/legacy-oauth-scopes#working-with-scopes
	list := header.Get("X-OAuth-Scopes")
	if list == "" {
		x.Unknown("", "Slack does not say which scopes the app has")
		return
	}
	for scope := range strings.SplitSeq(list, ",") {
		x.scopes = append(x.scopes, strings.TrimSpace(scope))
	}
	needs := scopesOf(Manifest(x.settings.Features, ""))
	lacks := without(needs, x.scopes)
	extra := without(x.scopes, needs)
	if x.settings.Admin.Channel != "" || len(x.settings.Audiences.Channels) > 0 {
		extra = without(extra, looks)
	}
	if len(lacks) > 0 {
		x.Wrong("paste what frontdesk slack manifest prints on the app's page App Manifest, "+
			"or add them on OAuth & Permissions, and install the app again", "the app lacks the %s", scopes(lacks))
	} else {
		x.Well("the app has every scope that it needs: %s", strings.Join(needs, ", "))
	}
	if len(extra) > 0 {
		x.Doubtful("take away on OAuth & Permissions what nothing else uses, and install the app again",
			"the app may do more than it needs: %s", scopes(extra))
	}
}

// looks are the scopes of which the examination of a channel needs one.
var looks = []string{"channels:read", "groups:read"}

func scopes(list []string) string {
	if len(list) == 1 {
		return "scope " + list[0]
	}
	return "scopes " + strings.Join(list, ", ")
}

// scopesOf are the scopes of the bot that a manifest of ours asks for.
func scopesOf(manifest string) []string {
	_, list, _ := strings.Cut(manifest, "\n    bot:\n")
	var all []string
	for line := range strings.Lines(list) {
		scope, ok := strings.CutPrefix(line, "      - ")
		if !ok {
			break
		}
		scope, _, _ = strings.Cut(scope, " #")
		all = append(all, strings.TrimSpace(scope))
	}
	return all
}

// without is what of a list is not in another.
func without(list, other []string) []string {
	return slices.DeleteFunc(slices.Clone(list), func(s string) bool { return slices.Contains(other, s) })
}

// socket asks for an address to connect to, which is not used.
func (x *examination) socket(ctx context.Context) {
	ok, err := x.Look(ctx, appToken, call{Method: methodConnect}, func(ctx context.Context) error {
		_, _, err := x.client.api.StartSocketModeContext(ctx)
		return err
	})
	switch code := slackCode(err); {
	case ok:
		x.Well("SLACK_APP_TOKEN opens Socket Mode")
	case code == "link_disabled":
		x.Wrong(
			"switch Socket Mode on, on the app's page Socket Mode",
			"Slack gives no connection in Socket Mode (%s)",
			code,
		)
	default:
		x.refused(appToken, err)
	}
}

// places looks whether the bot is where the settings say.
func (x *examination) places(ctx context.Context) {
	if id := x.settings.Admin.Channel; id != "" {
		x.channel(ctx, id, "the channel of admins", x.Wrong)
	}
	for _, id := range slices.Sorted(maps.Keys(x.settings.Audiences.Channels)) {
		x.channel(ctx, id, "the channel under audiences", x.Doubtful)
	}
	for _, id := range slices.Sorted(maps.Keys(x.settings.Audiences.Workspaces)) {
		switch {
		case id == x.team, id == x.enterprise:
			x.Well("the workspace under audiences, %s, is the token's", id)
		case x.enterprise != "":
			x.Unknown(
				"",
				"whether the workspace under audiences, %s, is one of the organization %s cannot be seen from here",
				id,
				x.enterprise,
			)
		default:
			x.Doubtful("check the id; it is in the address of the workspace in a browser",
				"the workspace under audiences, %s, is not the token's, which is %s", id, x.team)
		}
	}
}

// channel looks at one channel. Bad notes what keeps the bot from it.
func (x *examination) channel(ctx context.Context, id, what string, bad func(remedy, format string, args ...any)) {
	if x.scopes != nil && len(without(looks, x.scopes)) == len(looks) {
		x.Unknown("look in Slack whether frontdesk is a member of it",
			"%s, %s, cannot be looked at without the scope %s", what, id, strings.Join(looks, " or "))
		return
	}
	var there *slack.Channel
	place := call{Method: "conversations.info", Place: id}
	ok, err := x.Look(ctx, what+", "+id+",", place, func(ctx context.Context) (err error) {
		there, err = x.client.api.GetConversationInfoContext(ctx, &slack.GetConversationInfoInput{ChannelID: id})
		return err
	})
	switch {
	case slackCode(err) == "missing_scope":
		x.Unknown("look in Slack whether frontdesk is a member of it",
			"%s, %s, cannot be looked at with the scopes that the app has", what, id)
	case err != nil:
		bad("check the id, and invite the bot with /invite if the channel is private",
			"%s, %s, is not there for the bot (%s)", what, id, cmp.Or(slackCode(err), err.Error()))
	case !ok: // has been told of
	case there.IsArchived:
		bad("unarchive it, or name another", "%s, %s, is archived", what, id)
	case !there.IsMember:
		bad("invite the bot there with /invite", "the bot is not in %s, %s", what, id)
	default:
		x.Well("the bot is in %s, %s", what, channelName(there))
	}
}

func channelName(c *slack.Channel) string {
	if c.Name == "" {
		return c.ID
	}
	return fmt.Sprintf("#%s (%s)", c.Name, c.ID)
}
