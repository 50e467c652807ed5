package slack

import (
	"log/slog"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// TestExamine holds that each fault is found with its remedy, and that nothing
// else is.
func TestExamine(t *testing.T) {
	t.Parallel()
	const readers = ",channels:read,groups:read"
	admin := func(s *adaptertest.Slack, set *Settings) { s.Scopes, set.Admin.Channel = s.Scopes+readers, "C7" }
	audience := func(s *adaptertest.Slack, set *Settings) {
		s.Scopes, set.Audiences.Channels = s.Scopes+readers, map[string]bot.Audience{"C8": ""}
	}
	workspace := func(id string) func(*adaptertest.Slack, *Settings) {
		return func(_ *adaptertest.Slack, set *Settings) {
			set.Audiences.Workspaces = map[string]bot.Audience{id: ""}
		}
	}
	for name, c := range map[string]struct {
		change func(s *adaptertest.Slack, set *Settings)
		spoil  func(s *adaptertest.Slack)
		grade  adapters.Grade
		what   string
		remedy string
	}{
		"all is well": {},
		"token": {nil, func(s *adaptertest.Slack) { s.BotToken = "xoxb-other" }, adapters.Wrong,
			"SLACK_BOT_TOKEN is refused (invalid_auth)", "set SLACK_BOT_TOKEN to"},
		"revoked": {nil, func(s *adaptertest.Slack) {
			s.Fail("auth.test", adaptertest.Fault{Error: "token_revoked"})
		}, adapters.Wrong, "SLACK_BOT_TOKEN is refused (token_revoked)", "after installing the app again"},
		"unknown code": {nil, func(s *adaptertest.Slack) {
			s.Fail("auth.test", adaptertest.Fault{Error: "team_access_not_granted"})
		}, adapters.Wrong, "SLACK_BOT_TOKEN does not work (team_access_not_granted)", "docs.slack.dev/reference/methods"},
		"busy": {nil, func(s *adaptertest.Slack) {
			s.Fail("auth.test", adaptertest.Fault{Status: 429, RetryAfter: "30"})
		}, adapters.Unknown, "Slack asks to wait before SLACK_BOT_TOKEN", "run this again"},
		"down for a moment": {nil, func(s *adaptertest.Slack) {
			s.Fail("auth.test", adaptertest.Fault{Status: 503})
		}, adapters.Well, "", ""},
		"a proxy": {nil, func(s *adaptertest.Slack) {
			s.Fail("auth.test", adaptertest.Fault{Status: 407})
		}, adapters.Wrong,
			"cannot be reached: auth.test: slack server error: 407", "check the network"},
		"app token": {nil, func(s *adaptertest.Slack) { s.AppToken = "xapp-other" }, adapters.Wrong,
			"SLACK_APP_TOKEN is refused (invalid_auth)", "connections:write"},
		"app token without scope": {nil, func(s *adaptertest.Slack) {
			s.Fail(methodConnect, adaptertest.Fault{Error: "missing_scope", Needed: "connections:write"})
		}, adapters.Wrong, "SLACK_APP_TOKEN lacks a scope", "connections:write"},
		"no Socket Mode": {nil, func(s *adaptertest.Slack) {
			s.Fail(methodConnect, adaptertest.Fault{Error: "link_disabled"})
		}, adapters.Wrong, "no connection in Socket Mode (link_disabled)", "page Socket Mode"},
		"no app token over HTTP": {func(_ *adaptertest.Slack, set *Settings) { set.HTTP = true },
			func(s *adaptertest.Slack) { s.AppToken = "xapp-other" }, adapters.Well, "", ""},
		"lacks scopes": {nil, func(s *adaptertest.Slack) { s.Scopes = "chat:write,commands" },
			adapters.Wrong, "lacks the scopes app_mentions:read, im:history", "install the app again"},
		"lacks a scope of a feature": {func(_ *adaptertest.Slack, set *Settings) { set.Assistant = true }, nil,
			adapters.Wrong, "lacks the scope assistant:write", "frontdesk slack manifest"},
		"more scopes": {nil, func(s *adaptertest.Slack) { s.Scopes += ",files:read" }, adapters.Doubtful,
			"may do more than it needs: scope files:read", "take away"},
		"no word of scopes": {nil, func(s *adaptertest.Slack) { s.Scopes = "" }, adapters.Unknown,
			"does not say which scopes", ""},
		"clock": {nil, func(s *adaptertest.Slack) { s.Ahead = -3 * time.Minute }, adapters.Doubtful,
			"ahead of Slack's", "NTP"},
		"clock and signatures": {func(_ *adaptertest.Slack, set *Settings) { set.HTTP = true }, func(s *adaptertest.Slack) { s.Ahead = 6 * time.Minute },
			adapters.Wrong, "behind Slack's", "more than five minutes old are refused"},
		"admins are there": {admin, nil, adapters.Well, "the bot is in the channel of admins, #general (C7)", ""},
		"admins are not seen": {func(_ *adaptertest.Slack, set *Settings) { set.Admin.Channel = "C7" }, nil,
			adapters.Unknown, "the channel of admins, C7, cannot be looked at", "look in Slack"},
		"not among admins": {admin, func(s *adaptertest.Slack) { s.Leave("C7") }, adapters.Wrong,
			"the bot is not in the channel of admins, C7", "/invite"},
		"no channel of admins": {admin, func(s *adaptertest.Slack) {
			s.Fail("conversations.info", adaptertest.Fault{Error: "channel_not_found"})
		}, adapters.Wrong, "the channel of admins, C7, is not there for the bot (channel_not_found)", "/invite"},
		"archived": {admin, func(s *adaptertest.Slack) {
			s.Say("conversations.info", `{"ok":true,"channel":{"id":"C7","name":"desk","is_archived":true,"is_member":true}}`)
		}, adapters.Wrong, "C7, is archived", "unarchive"},
		"not in the channel": {audience, func(s *adaptertest.Slack) { s.Leave("C8") }, adapters.Doubtful,
			"the bot is not in the channel under audiences, C8", "/invite"},
		"this workspace": {workspace("T1"), nil, adapters.Well, "", ""},
		"another workspace": {workspace("T2"), nil, adapters.Doubtful, "T2, is not the token's, which is T1",
			"in a browser"},
		"of the organization": {workspace("T2"), func(s *adaptertest.Slack) {
			s.Say("auth.test", `{"ok":true,"url":"https://acme.enterprise.slack.com/","team":"Acme","team_id":"T1","user":"frontdesk","user_id":"U0BOT","bot_id":"B0BOT","enterprise_id":"E1","is_enterprise_install":false}`)
		}, adapters.Unknown, "one of the organization E1", ""},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake, err := adaptertest.StartSlack()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(fake.Close)
			set := Settings{
				BotToken:      adaptertest.SlackBotToken,
				AppToken:      adaptertest.SlackAppToken,
				SigningSecret: adaptertest.SlackSecret,
				APIURL:        fake.API(),
				Features:      Features{Command: "/ask"},
			}
			if c.change != nil {
				c.change(fake, &set)
			}
			if c.spoil != nil {
				c.spoil(fake)
			}
			found := c.what == ""
			findings := Examine(t.Context(), set, slog.New(slog.DiscardHandler))
			for _, f := range findings {
				switch {
				case strings.Contains(f.What, "not-to-be-seen"), strings.Contains(f.Remedy, "not-to-be-seen"):
					t.Errorf("a secret: %+v", f)
				case c.what != "" && strings.Contains(f.What, c.what):
					found = true
					if f.Grade != c.grade || !strings.Contains(f.Remedy, c.remedy) {
						t.Errorf("%+v", f)
					}
				case f.Grade == adapters.Unknown && strings.Contains(f.What, "SLACK_SIGNING_SECRET") && set.HTTP: // always
				case f.Grade != adapters.Well:
					t.Errorf("found as well: %+v", f)
				}
			}
			if !found || len(findings) == 0 || len(fake.Wrong()) > 0 || fake.Connections() > 0 {
				t.Errorf("no %q in %+v; wrong %v", c.what, findings, fake.Wrong())
			}
		})
	}
}

// TestScopesOf holds that the scopes are read out of the manifest.
func TestScopesOf(t *testing.T) {
	t.Parallel()
	got := strings.Join(scopesOf(Manifest(Features{Command: "/ask", Members: true}, "https://desk.example.org")), " ")
	if want := "app_mentions:read channels:read chat:write commands groups:read im:history mpim:read users:read"; got != want {
		t.Errorf("%s, not %s", got, want)
	}
}
