package discord

import (
	"context"
	"encoding/json"
	"fmt"
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
	registered, err := json.Marshal(commands())
	if err != nil {
		t.Fatal(err)
	}
	const (
		everywhere = "applications/" + adaptertest.DiscordApp + "/commands"
		inAcme     = "applications/" + adaptertest.DiscordApp + "/guilds/50/commands"
		address    = "https://desk.example.org"
	)
	type fake = adaptertest.Discord
	app := func(fields string) func(*fake) {
		return func(d *fake) {
			d.Say(
				"applications/@me",
				fmt.Sprintf(
					`{"id":%q,"name":"frontdesk","verify_key":%q,%s}`,
					adaptertest.DiscordApp,
					d.PublicKey(),
					fields,
				),
			)
		}
	}
	say := func(path, answer string) func(*fake) { return func(d *fake) { d.Say(path, answer) } }
	fail := func(method string, f adaptertest.Fault) func(*fake) { return func(d *fake) { d.Fail(method, f) } }
	http := func(s *Settings) { s.HTTP = true }
	admin := func(s *Settings) { s.Admin.Channel = "7" }
	channels := func(s *Settings) { s.Channels = map[string][]string{"50": {"8"}} }
	role := func(id string) func(*Settings) {
		return func(s *Settings) { s.Audiences.Roles = map[string]bot.Audience{id: ""} }
	}
	sessions := func(remaining int) func(*fake) {
		return say(
			"gateway/bot",
			fmt.Sprintf(
				`{"url":"wss://gateway.discord.gg","shards":2,"session_start_limit":`+
					`{"total":1000,"remaining":%d,"reset_after":14400000,"max_concurrency":1}}`,
				remaining,
			),
		)
	}
	servers := func(permissions int64) func(*fake) {
		return say(
			"users/@me/guilds",
			fmt.Sprintf(
				`[{"id":"50","name":"Acme","icon":null,"owner":false,"permissions":"%d","features":[]}]`,
				permissions,
			),
		)
	}
	channel := func(overwrites string) func(*fake) {
		return say(
			"channels/7",
			`{"id":"7","name":"desk","type":0,"guild_id":"50","permission_overwrites":[`+overwrites+`]}`,
		)
	}
	for name, c := range map[string]struct {
		change func(*Settings)
		spoil  func(*fake)
		grade  adapters.Grade
		what   string
		remedy string
	}{
		"all is well": {},
		"token": {
			func(s *Settings) { s.BotToken = "other" }, nil, adapters.Wrong,
			"DISCORD_BOT_TOKEN is refused (HTTP 401)", "Reset Token",
		},
		"down for a moment": {nil, fail("GET me", adaptertest.Fault{Status: 502}), adapters.Well, "", ""},
		"down": {nil, func(d *fake) {
			d.Fail("GET me", adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503}, adaptertest.Fault{Status: 503})
		}, adapters.Wrong, "cannot be reached", "try again in a minute"},
		"busy": {
			nil, fail("GET me", adaptertest.Fault{Status: 429, RetryAfter: "30"}), adapters.Unknown,
			"Discord asks to wait before DISCORD_BOT_TOKEN", "run this again",
		},
		"another app": {
			func(s *Settings) { s.Application = "9" }, nil, adapters.Wrong,
			"DISCORD_APPLICATION_ID is 9, and the token's app is frontdesk", "to " + adaptertest.DiscordApp,
		},
		"key": {
			func(s *Settings) { s.PublicKey = strings.Repeat("ab", 32) }, nil, adapters.Doubtful,
			"DISCORD_PUBLIC_KEY is not the app's", "General Information",
		},
		"key over HTTP": {
			func(s *Settings) { s.HTTP, s.PublicKey = true, strings.Repeat("ab", 32) },
			app(`"interactions_endpoint_url":"https://desk.example.org/discord/interactions"`), adapters.Wrong,
			"every interaction is refused", "General Information",
		},
		"endpoint": {
			nil, app(`"interactions_endpoint_url":"https://old.example.org/"`), adapters.Wrong,
			"are sent to https://old.example.org/ and not to the gateway", "empty Interactions Endpoint URL",
		},
		"no endpoint": {
			http, nil, adapters.Wrong, "no Interactions Endpoint URL is set",
			"enter https://desk.example.org/discord/interactions as",
		},
		"other endpoint": {
			http, app(`"interactions_endpoint_url":"https://old.example.org/"`), adapters.Wrong,
			"commands are sent to https://old.example.org/",
			"enter https://desk.example.org/discord/interactions as",
		},
		"right endpoint": {
			http, app(`"interactions_endpoint_url":"https://desk.example.org/discord/interactions"`), adapters.Well,
			"", "",
		},
		"intents": {
			nil, app(`"flags":524288`), adapters.Doubtful, "more than it needs: Message Content Intent", "page Bot",
		},
		"code grant": {
			nil, app(`"bot_require_code_grant":true`), adapters.Doubtful, "cannot be invited",
			"Requires OAuth2 Code Grant off",
		},
		"app is not told": {
			nil, fail("GET application", adaptertest.Fault{Status: 403, Code: 50001}), adapters.Unknown,
			"the app cannot be looked at: Discord says 50001", "",
		},
		"no sessions": {nil, sessions(0), adapters.Wrong, "no new session for 4h0m0s", "find out why"},
		"few sessions": {
			nil, sessions(99), adapters.Doubtful, "only 99 of 1000 sessions are left for the next 4h0m0s",
			"find out why",
		},
		"enough sessions": {nil, sessions(100), adapters.Well, "", ""},
		"few shards": {
			func(s *Settings) { s.ShardCount = 1 }, sessions(1000), adapters.Doubtful,
			"is 1, and Discord recommends 2", "auto",
		},
		"no such shard": {
			func(s *Settings) { s.Shards = []int{0, 2} }, sessions(1000), adapters.Wrong,
			"there is no shard 2 of 2", "the first shard is 0",
		},
		"nowhere": {
			nil, say("users/@me/guilds", "[]"), adapters.Doubtful, "the bot is in no server",
			"frontdesk discord invite",
		},
		"permissions": {
			nil, servers(1<<10 | 1<<16 | 1<<38), adapters.Wrong,
			"in the server Acme (50) the bot lacks Send Messages, Embed Links", "frontdesk discord invite",
		},
		"permissions over HTTP": {http, func(d *fake) {
			servers(0)(d)
			app(`"interactions_endpoint_url":"https://desk.example.org/discord/interactions"`)(d)
		}, adapters.Doubtful, "the bot lacks View Channels, ", "frontdesk discord invite"},
		"administrator": {nil, servers(1 << 3), adapters.Well, "", ""},
		"no commands": {
			nil, say(everywhere, "[]"), adapters.Doubtful, "not registered yet", "frontdesk run registers them",
		},
		"other commands": {
			nil, say(everywhere, `[{"id":"1","type":1,"name":"ask","description":"Ask"}]`), adapters.Doubtful,
			"not those of this version", "frontdesk run registers them",
		},
		"stale commands": {
			nil, say(inAcme, string(registered)), adapters.Doubtful, "in the server Acme (50), besides everywhere",
			"/guilds/50/commands",
		},
		"stale everywhere": {
			func(s *Settings) { s.Server = "50" }, say(inAcme, string(registered)), adapters.Doubtful,
			"everywhere, besides the server 50", "-X PUT",
		},
		"one server": {func(s *Settings) { s.Server = "50" }, func(d *fake) {
			d.Say(inAcme, string(registered))
			d.Say(everywhere, "[]")
		}, adapters.Well, "FRONTDESK_DISCORD_SERVER is Acme (50)", ""},
		"another server": {
			func(s *Settings) { s.Audiences.Servers = map[string]bot.Audience{"51": ""} }, nil, adapters.Doubtful,
			"the bot is not in 51, which is a server under audiences", "frontdesk discord invite",
		},
		"admins": {admin, nil, adapters.Well, "the bot may write in the channel of admins, #general (7)", ""},
		"admins unseen": {
			admin, fail("GET message", adaptertest.Fault{Status: 403, Code: codeMissingAccess}), adapters.Wrong,
			"the channel of admins, 7, is not there for the bot (Discord says 50001", "View Channel",
		},
		"admins gone": {
			admin, fail("GET message", adaptertest.Fault{Status: 404, Code: codeUnknownChannel}), adapters.Wrong,
			"is not there for the bot (Discord says 10003", "check the id",
		},
		"admins alone": {
			admin, channel(`{"id":"50","type":0,"allow":"0","deny":"2048"}`), adapters.Wrong,
			"in the channel of admins, #desk (7), the bot lacks Send Messages", "channel's permissions",
		},
		"by role": {
			admin,
			channel(`{"id":"60","type":0,"allow":"2048","deny":"0"},{"id":"50","type":0,"allow":"0","deny":"2048"}`),
			adapters.Well, "", "",
		},
		"not the member": {
			admin, channel(`{"id":"100000000000000001","type":1,"allow":"0","deny":"16384"}`), adapters.Wrong,
			"lacks Embed Links", "channel's permissions",
		},
		"channels": {
			channels, nil, adapters.Well, "the bot may write in the channel under discord.channels, #general (8)",
			"",
		},
		"channel of another server": {channels, say("channels/8", `{"id":"8","name":"desk","type":0,"guild_id":"51","permission_overwrites":[]}`),
			adapters.Wrong, "#desk (8), is not in the server 50", "write it as 51:8"},
		"role": {role("60"), nil, adapters.Well, "every role under audiences is there", ""},
		"no such role": {
			role("61"), nil, adapters.Doubtful, "the role under audiences, 61, is in no server", "Copy Role ID",
		},
		"roles unknown": {
			role("60"), fail("GET roles", adaptertest.Fault{Status: 403, Code: 50013}), adapters.Unknown, "", "",
		},
		"clock": {
			nil, func(d *fake) { d.Ahead = 10 * time.Minute }, adapters.Doubtful, "behind Discord's", "NTP",
		},
		"clock and signatures": {http, func(d *fake) {
			d.Ahead = -10 * time.Minute
			app(`"interactions_endpoint_url":"https://desk.example.org/discord/interactions"`)(d)
		}, adapters.Wrong, "ahead of Discord's", "more than five minutes old"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			d, err := adaptertest.StartDiscord()
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(d.Close)
			d.Say(everywhere, string(registered))
			set := Settings{BotToken: adaptertest.DiscordToken, PublicKey: d.PublicKey(), APIURL: d.API()}
			if c.change != nil {
				c.change(&set)
			}
			if c.spoil != nil {
				c.spoil(d)
			}
			found := c.what == ""
			findings := Examine(t.Context(), set, address, slog.New(slog.DiscardHandler))
			for _, f := range findings {
				switch {
				case strings.Contains(f.What, "not-to-be-seen"), strings.Contains(f.Remedy, "not-to-be-seen"):
					t.Errorf("a secret: %+v", f)
				case c.what != "" && strings.Contains(f.What, c.what):
					found = true
					if f.Grade != c.grade || !strings.Contains(f.Remedy, c.remedy) {
						t.Errorf("%+v", f)
					}
				case f.Grade != adapters.Well && f.Grade != c.grade:
					t.Errorf("found as well: %+v", f)
				}
			}
			if !found || len(findings) == 0 || len(d.Wrong()) > 0 || len(d.Starts()) > 0 {
				t.Errorf("no %q in %+v; wrong %v", c.what, findings, d.Wrong())
			}
		})
	}
}

// TestPermissions holds which permissions the bot asks for, and that those that are looked
// for are the same.
func TestPermissions(t *testing.T) {
	t.Parallel()
	const asked = 1<<10 | 1<<11 | 1<<14 | 1<<16 | 1<<38
	if all := permissionsNeeded(); all != asked || lacking(all) != "" || strings.Count(lacking(0), ", ") != 4 {
		t.Errorf("%d, not %d; lacking %q", all, asked, lacking(0))
	}
}

// TestExamineCutShort holds that who is told to stop says what was left out,
// once.
func TestExamineCutShort(t *testing.T) {
	t.Parallel()
	d, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	release := make(chan struct{})
	defer close(release)
	d.Fail("GET application", adaptertest.Fault{Until: release})
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	found := make(chan []adapters.Finding)
	go func() {
		found <- Examine(ctx, Settings{BotToken: adaptertest.DiscordToken, APIURL: d.API()}, "", slog.New(slog.DiscardHandler))
	}()
	d.Await(t, "the call that is not answered", func() bool { return len(d.Calls("GET application")) == 1 })
	cancel()
	told := 0
	for _, f := range <-found {
		if strings.Contains(f.What, "there was no time to look at the rest") {
			told++
		} else if f.Grade != adapters.Well {
			t.Errorf("found as well: %+v", f)
		}
	}
	if told != 1 {
		t.Errorf("told %d times", told)
	}
}
