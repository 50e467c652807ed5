package config

import (
	"encoding/json"
	"fmt"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

func TestLoad(t *testing.T) {
	t.Parallel()
	file := write(t, "knowledge: acme.yaml\nlog_level: debug\nslack:\n  bot_token: xoxb-file\n  transport: http\n  assistant: true\ndiscord:\n  channels: [\"1:2\", \"1:3\"]\n")
	c, err := Load(file, []string{"SLACK_BOT_TOKEN=xoxb-env", "SLACK_APP_TOKEN=", "FRONTDESK_SLACK_FOLLOW_DELETIONS=true", "UNRELATED=1", "FRONTDESK_DISCORD_SHARD_COUNT=3", "FRONTDESK_DISCORD_SHARDS=0,2"})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Knowledge: "acme.yaml", HTTPAddr: "127.0.0.1:8080", LogLevel: slog.LevelDebug,
		Slack: Slack{BotToken: "xoxb-env", Transport: HTTP, Command: "/ask", FollowDeletions: true, Assistant: true},
	}
	want.Discord = Discord{Transport: Gateway, ShardCount: "3", Shards: []int{0, 2}, Channels: []string{"1:2", "1:3"}}
	if diff := cmp.Diff(want, *c); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c, err := Load("", nil); err != nil || c.Slack.Wanted() || c.Slack.Transport != Socket {
		t.Errorf("without file and environment: %+v, %v", c, err)
	}
}

// TestMistakes holds that each mistake is named with its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, env, want string }{
		{"slack:\n  bot_tokn: x\n", "", "settings.yaml: there is no setting slack.bot_tokn"},
		{"slack: [", "", "settings.yaml"},
		{"slack:\n  transport: pigeon\n", "", `slack.transport in `},
		{"", "FRONTDESK_SLACK_TRANSPORT=pigeon", `FRONTDESK_SLACK_TRANSPORT: "pigeon" is no transport; it is socket or http`},
		{"", "FRONTDESK_HTTP_ADDR=8080", `FRONTDESK_HTTP_ADDR: "8080" is no address`},
		{"", "FRONTDESK_SLACK_COMMAND=ask", "FRONTDESK_SLACK_COMMAND"},
		{"", "FRONTDESK_SLACK_ASSISTANT=perhaps", `FRONTDESK_SLACK_ASSISTANT: "perhaps" is neither true nor false`},
		{"slack: {assistant: perhaps}", "", `slack.assistant in `},
		{"slack: {bot_token: [a]}", "", "this is to be one value"},
		{"", "FRONTDESK_LOG_LEVEL=loud", `FRONTDESK_LOG_LEVEL: "loud" is no level`},
		{"xoxb-hush", "", "settings.yaml: "},
		{"a: b\nslack:\n  bot_token: *xoxb-hush\n", "", "settings.yaml: "},
		{"slack:\n  bot_token: [xoxb-hush\n", "", "settings.yaml: line "},
		{"", "SLACK_API_URL=slack.com", "SLACK_API_URL"},
		{"", "SLACK_BOT_TOKEN=xapp-1", "SLACK_BOT_TOKEN: this is not a bot token, which begins with xoxb-"},
		{"", "FRONTDESK_DISCORD_TRANSPORT=pigeon", "it is gateway or http"},
		{"", "FRONTDESK_DISCORD_SHARD_COUNT=many", "FRONTDESK_DISCORD_SHARD_COUNT"},
		{"", "FRONTDESK_DISCORD_SHARDS=-1", "the first is 0"},
		{"", "FRONTDESK_DISCORD_SHARDS=a", `FRONTDESK_DISCORD_SHARDS: "a" is no number`},
		{"", "FRONTDESK_DISCORD_CHANNELS=1", "the server's id, a colon and the channel's id"},
		{"", "DISCORD_PUBLIC_KEY=abc", "64 hexadecimal digits"},
		{"", "SLACK_APP_TOKEN=xoxb-1", "SLACK_APP_TOKEN: this is not an app-level token"},
	} {
		_, err := Load(write(t, c.file), []string{c.env})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%s%s: %v, want %q", c.file, c.env, err, c.want)
		}
	}
	if _, err := Load(filepath.Join(t.TempDir(), "none.yaml"), nil); err == nil {
		t.Error("a settings file that is not there is no error")
	}
}

func TestMissing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		slack Slack
		want  []string
	}{
		{Slack{}, []string{"SLACK_BOT_TOKEN", "SLACK_APP_TOKEN"}},
		{Slack{BotToken: "x", Transport: Socket}, []string{"SLACK_APP_TOKEN"}},
		{Slack{BotToken: "x", Transport: HTTP}, []string{"SLACK_SIGNING_SECRET"}},
		{Slack{BotToken: "x", AppToken: "x"}, nil},
	} {
		err := c.slack.Missing()
		if (err == nil) != (c.want == nil) {
			t.Errorf("%v: %v", c.want, err)
			continue
		}
		for _, name := range c.want {
			if !strings.Contains(err.Error(), name+" is not set: it is ") {
				t.Errorf("%s is not named in %v", name, err)
			}
		}
	}
}

// TestSecret holds that a secret prints as stars, whatever prints it.
func TestSecret(t *testing.T) {
	t.Parallel()
	c := Config{Slack: Slack{BotToken: "hush"}}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "token", c.Slack.BotToken)
	all := fmt.Sprint(c, &c) + fmt.Sprintf("%v %+v %#v %s %q %x %d", c, c, c, c.Slack.BotToken, c.Slack.BotToken, c.Slack.BotToken, c.Slack.BotToken) + string(data) + log.String()
	if strings.Contains(all, "hush") || strings.Contains(all, "68757368") || !strings.Contains(all, stars) {
		t.Error(all)
	}
}

// FuzzLoad holds that no settings file breaks the program.
func FuzzLoad(f *testing.F) {
	f.Add("slack:\n  transport: http\n", "FRONTDESK_HTTP_ADDR=:1")
	f.Add("slack: 3\nhttp_addr: [1]", "SLACK_API_URL=http://[::1]")
	f.Fuzz(func(t *testing.T, file, env string) {
		path := filepath.Join(t.TempDir(), "settings.yaml")
		if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
			t.Fatal(err)
		}
		if c, err := Load(path, []string{env}); err == nil && c.Slack.Transport != Socket && c.Slack.Transport != HTTP {
			t.Errorf("took %+v", c)
		}
	})
}
