package config

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
)

func write(t *testing.T, text string) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "settings.yaml")
	if err := os.WriteFile(path, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// TestLoad checks the precedence of flags, variables, file and defaults.
func TestLoad(t *testing.T) {
	t.Parallel()
	file := write(t, `knowledge: acme.yaml
log_level: debug
slack:
  bot_token: xoxb-file
  transport: http
  assistant: true
  answer_apps: true
discord:
  channels: ["1:2", "1:3"]
`)
	environ := []string{
		"SLACK_BOT_TOKEN=xoxb-env", "SLACK_APP_TOKEN=", "FRONTDESK_SLACK_FOLLOW_DELETIONS=true", "UNRELATED=1",
		"FRONTDESK_DISCORD_SHARD_COUNT=3", "FRONTDESK_DISCORD_SHARDS=0, 2", "HOME=/home/desk",
	}
	c, err := Load(Source{File: file, Environ: environ, Flags: map[string]string{"log_level": "warn"}})
	if err != nil {
		t.Fatal(err)
	}
	want := Config{
		Knowledge: "acme.yaml", HTTPAddr: "127.0.0.1:8080", PrivateAddr: "127.0.0.1:9090",
		LogLevel: slog.LevelWarn, LogFormat: Auto,
		Store: "/home/desk/.local/state/frontdesk/store.db", StateDir: "/home/desk/.local/state/frontdesk",
		Journal: Journal{Text: Gaps, TextDays: 30, Days: 90, MaxRows: 1_000_000},
		Reload:  Reload{MaxChanges: -1}, Admin: Admin{People: []string{}}, Inbox: Inbox{People: 2, Digest: "monday 09:00"},
		Canary: Canary{Every: time.Minute},
		Slack: Slack{
			BotToken: "xoxb-env", Transport: HTTP, Command: "/ask", FollowDeletions: true, Assistant: true,
			AnswerApps: true,
		},
	}
	want.Discord = Discord{Transport: Gateway, ShardCount: "3", Shards: []int{0, 2}, Channels: []string{"1:2", "1:3"}}
	if diff := cmp.Diff(want, *c, cmpopts.IgnoreUnexported(Config{})); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if c, err := Load(Source{}); err != nil || c.Slack.Wanted() || c.Slack.Transport != Socket {
		t.Errorf("without file and environment: %+v, %v", c, err)
	}
}

// TestMistakes checks that the message about each mistake names its place.
func TestMistakes(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ file, env, want string }{
		{"slack:\n  bot_tokn: x\n", "",
			"settings.yaml:2: there is no setting slack.bot_tokn; did you mean slack.bot_token?"},
		{"slack: [", "", "settings.yaml"},
		{"slack:\n  transport: pigeon\n", "", `settings.yaml:2: slack.transport: "pigeon" is not a transport`},
		{"", "FRONTDESK_SLACK_TRANSPORT=pigeon",
			`FRONTDESK_SLACK_TRANSPORT: "pigeon" is not a transport; use socket or http`},
		{"", "FRONTDESK_HTTP_ADDR=8080", `FRONTDESK_HTTP_ADDR: "8080" is not an address`},
		{"", "FRONTDESK_SLACK_COMMAND=ask", "FRONTDESK_SLACK_COMMAND"},
		{"", "FRONTDESK_SLACK_ASSISTANT=perhaps", `FRONTDESK_SLACK_ASSISTANT: "perhaps" must be true or false`},
		{"slack: {assistant: perhaps}", "", `settings.yaml:1: slack.assistant: "perhaps" must be`},
		{"slack: {bot_token: [a]}", "", "must be a single value"},
		{"", "FRONTDESK_LOG_LEVEL=loud", `FRONTDESK_LOG_LEVEL: "loud" is not a level`},
		{"xoxb-hush", "", "settings.yaml:1: settings must be YAML keys with values"},
		{"a: b\nslack:\n  bot_token: *xoxb-hush\n", "", "settings.yaml: "},
		{"slack:\n  bot_token: [xoxb-hush\n", "", "settings.yaml:"},
		{"", "SLACK_API_URL=slack.com", "SLACK_API_URL"},
		{"slack: 3\n", "", "settings.yaml:1: slack is a group of settings"},
		{"slak:\n  bot_token: xoxb-hush\n", "", "settings.yaml:1: there is no setting slak"},
		{"bot_token: xoxb-hush\n", "", "did you mean slack.bot_token?"},
		{"reload:\n  max_changes: few\n", "", `settings.yaml:2: reload.max_changes: "few" must be a whole number`},
		{"", "FRONTDESK_CANARY_EVERY=often", `FRONTDESK_CANARY_EVERY: "often" must be at least 1s, such as 30s`},
		{"", "FRONTDESK_CANARY_DIVISION=x", "FRONTDESK_CANARY_DIVISION: set both canary.question and canary.division"},
		{"", "FRONTDESK_PRIVATE_ADDR=9090", `FRONTDESK_PRIVATE_ADDR: "9090" is not an address`},
		{"", "FRONTDESK_LOG_FORMAT=xml", `FRONTDESK_LOG_FORMAT: "xml" is not a format`},
		{"", "FRONTDESK_ADMIN_SLACK_CHANNEL=#ops", "is not a channel id"},
		{"", "FRONTDESK_ADMIN_DISCORD_CHANNEL=ops", "is not a channel id"},
		{"audiences: [employees]\n", "", "settings.yaml:1: audiences: must be keys with values"},
		{"audiences:\n  employees: [T1]\n", "", "employees must have at least one of slack_workspaces"},
		{"audiences:\n  employees: {slack_workspace: [T1]}\n", "",
			"unknown key slack_workspace; did you mean slack_workspaces?"},
		{"audiences:\n  employees: {slack_workspaces: [acme]}\n", "",
			`"acme" is not an id for slack_workspaces; it begins with T`},
		{"audiences:\n  \"all people\": {slack_workspaces: [T1]}\n", "", `the audience "all people" may contain only`},
		{"", "FRONTDESK_AUDIENCES={employees", "FRONTDESK_AUDIENCES: this is not YAML"},
		{"", "SLACK_BOT_TOKEN_FILE=/nowhere/xoxb-hush", "SLACK_BOT_TOKEN_FILE: "},
		{"", "SLACK_API_URL=ftp://u:xoxb-hush@proxy", "SLACK_API_URL: "},
		{"", "SLACK_API_URL=://u:xoxb-hush@proxy", "SLACK_API_URL: "},
		{"", "SLACK_BOT_TOKEN=xapp-1", "SLACK_BOT_TOKEN: this is not a bot token, which begins with xoxb-"},
		{"", "FRONTDESK_DISCORD_TRANSPORT=pigeon", "use gateway or http"},
		{"", "FRONTDESK_DISCORD_SHARD_COUNT=many", "FRONTDESK_DISCORD_SHARD_COUNT"},
		{"", "FRONTDESK_DISCORD_SHARDS=-1", "the first one is 0"},
		{"discord: {shards: {a: 1}}", "", "settings.yaml:1: discord.shards: must be a list"},
		{"", "FRONTDESK_DISCORD_SHARDS=a", `FRONTDESK_DISCORD_SHARDS: "a" is not a number`},
		{"", "FRONTDESK_DISCORD_CHANNELS=1", "the server's id, a colon and the channel's id"},
		{"", "FRONTDESK_STORE=mysql://u:xoxb-hush@h/db", "FRONTDESK_STORE: this is neither a file nor an address"},
		{"", "FRONTDESK_STORE=postgres://u:xoxb-hush%@h", "FRONTDESK_STORE: this is not an address of PostgreSQL"},
		{"", "FRONTDESK_STORE=host=h password=xoxb-hush", "postgres://user@host/database, or off"},
		{"store: ~/desk.db", "", "settings.yaml:1: store: a path with ~ is not that of your home"},
		{"", "FRONTDESK_STORE=/var/lib/", "FRONTDESK_STORE: this is a folder"},
		{"journal: {text: some}", "",
			`settings.yaml:1: journal.text: "some" is not a choice; use gaps, none or all`},
		{"", "FRONTDESK_JOURNAL_TEXT_DAYS=0", "FRONTDESK_JOURNAL_TEXT_DAYS: 0 must be from 1 to 3650 days"},
		{"", "FRONTDESK_JOURNAL_DAYS=99999", "FRONTDESK_JOURNAL_DAYS: 99999 must be from 1 to 3650 days"},
		{"", "FRONTDESK_JOURNAL_MAX_ROWS=0", "FRONTDESK_JOURNAL_MAX_ROWS: 0 must be at least 1"},
		{"", "FRONTDESK_JOURNAL_KEY=xoxb-hush", "FRONTDESK_JOURNAL_KEY: a key of 9 characters can be guessed"},
		{"admin: {people: [U1]}", "", `settings.yaml:1: admin.people: "U1" is not a person; write slack:`},
		{"", "FRONTDESK_INBOX_PEOPLE=0", "FRONTDESK_INBOX_PEOPLE: 0 must be at least 1"},
		{"", "FRONTDESK_INBOX_DIGEST=mon 9", "FRONTDESK_INBOX_DIGEST: \"mon 9\" is not a day and a time"},
		{"", "DISCORD_PUBLIC_KEY=abc", "64 hexadecimal digits"},
		{"", "SLACK_APP_TOKEN=xoxb-1", "SLACK_APP_TOKEN: this is not an app-level token"},
		{"", "SLACK_BOT_TOKEN=xoxb-hush now", "SLACK_BOT_TOKEN: this contains white space"},
		{"", "SLACK_SIGNING_SECRET=xoxb-hush\nxoxb-hush", "SLACK_SIGNING_SECRET: this contains white space"},
		{"", "SLACK_SIGNING_SECRET=xoxb-hush\x00",
			"SLACK_SIGNING_SECRET: this contains white space, control characters"},
		{"", "SLACK_SIGNING_SECRET=\ufeffxoxb-hush", "SLACK_SIGNING_SECRET: this contains"},
		{"", `SLACK_SIGNING_SECRET="xoxb-hush"`, "SLACK_SIGNING_SECRET: the quotes around this are part of it"},
		{"", "DISCORD_BOT_TOKEN=Bot xoxb-hush", "DISCORD_BOT_TOKEN: this contains white space"},
		{"slack: {signing_secret: \"xoxb-hush\\txoxb-hush\"}", "",
			"settings.yaml:1: slack.signing_secret: this contains white space"},
		{"slack: {signing_secret: 12345678901234567890123456789012}", "",
			"settings.yaml:1: slack.signing_secret: YAML reads this as a number"},
		{"slack: {signing_secret: 1234567890123456789012345678e012}", "",
			"settings.yaml:1: slack.signing_secret: YAML reads this as a number"},
	} {
		_, err := Load(Source{File: write(t, c.file), Environ: []string{c.env}})
		if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "xoxb-hush") {
			t.Errorf("%s%s: %v, want %q", c.file, c.env, err, c.want)
		}
	}
	if _, err := Load(Source{File: filepath.Join(t.TempDir(), "none.yaml")}); err == nil {
		t.Error("a missing settings file is no error")
	}
}

// TestMissing checks which missing credentials of Slack are named.
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

// TestSecret checks that a secret is printed as stars by every means of printing.
func TestSecret(t *testing.T) {
	t.Parallel()
	c := Config{Slack: Slack{BotToken: "hush"}}
	data, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	var log strings.Builder
	slog.New(slog.NewJSONHandler(&log, nil)).Info("x", "config", c, "token", c.Slack.BotToken)
	token := c.Slack.BotToken
	all := fmt.Sprint(c, &c) + fmt.Sprintf("%v %+v %#v %s %q %x %d", c, c, c, token, token, token, token) +
		string(data) + log.String()
	if strings.Contains(all, "hush") || strings.Contains(all, "68757368") || !strings.Contains(all, stars) {
		t.Error(all)
	}
}

// FuzzLoad checks that no settings file and no variable makes the program panic, that
// accepted settings are valid for the adapters, that a variable takes precedence over the
// file, and that no message quotes a secret.
func FuzzLoad(f *testing.F) {
	f.Add("slack:\n  transport: http\n", "FRONTDESK_HTTP_ADDR=:1", "")
	f.Add("slack: 3\nhttp_addr: [1]", "SLACK_API_URL=http://[::1]", "xoxb-")
	f.Add("discord:\n  shards: [0, 2]\n  channels: [\"1:2\"]\n", "FRONTDESK_DISCORD_SHARDS=1,2", "*a")
	f.Add("log_level: debug\nslack: {command: /x, assistant: yes}", "FRONTDESK_DISCORD_CHANNELS=1:2,3:4", "[a")
	f.Add("discord:\n  shard_count: 3\n", "DISCORD_PUBLIC_KEY=00", "{1: ")
	f.Add("public_url: https://a.b\n", "DISCORD_API_URL=x", "!!binary ")
	f.Add("discord: {transport: http}\n", "DISCORD_PUBLIC_KEY=00", " ")
	f.Add("audiences:\n  staff: {slack_channels: [C1]}\ncanary: {every: 1m}\n",
		`FRONTDESK_AUDIENCES={staff: {discord_roles: ["1"]}}`, "@")
	f.Fuzz(func(t *testing.T, file, env, before string) {
		path := filepath.Join(t.TempDir(), "settings.yaml")
		load := func(file string, environ ...string) (*Config, error) {
			if err := os.WriteFile(path, []byte(file), 0o600); err != nil {
				t.Fatal(err)
			}
			return Load(Source{File: path, Environ: environ})
		}
		if c, err := load(file, env); err == nil {
			checkAccepted(t, c)
		}
		secret := before + "hush"
		c, err := load(file, env, "SLACK_SIGNING_SECRET="+secret)
		if err == nil && string(c.Slack.SigningSecret) != strings.TrimSpace(secret) {
			t.Errorf("the variable %q is read as %q", secret, string(c.Slack.SigningSecret))
		} else if err != nil && strings.Contains(err.Error(), "hush") && !strings.Contains(file+env, "hush") {
			t.Error(err)
		}
		if strings.ContainsAny(before, "\r\n") {
			return // the value may end before hush
		}
		for _, key := range []string{"slack:\n  bot_token: ", "discord: {bot_token: ", "slack:\n  signing_secret: "} {
			c, err := load(key + before + "hush\n")
			// The name of an unknown key is quoted.
			if err != nil && strings.Contains(err.Error(), "hush") &&
				!strings.Contains(err.Error(), "there is no setting") {
				t.Error(err)
			}
			all := fmt.Sprintf("%v %+v %#v", c, c, c)
			if c != nil {
				all += fmt.Sprint(c.Effective(), c.Warnings())
			}
			if strings.Contains(all, "hush") {
				t.Error(all)
			}
		}
	})
}

// TestFiles reads values from files, which is how Docker and Kubernetes provide secrets.
func TestFiles(t *testing.T) {
	t.Parallel()
	token := write(t, "xoxb-1\n")
	c, err := Load(Source{Environ: []string{
		"SLACK_BOT_TOKEN_FILE=" + token, "FRONTDESK_PUBLIC_URL_FILE=" + write(t, "https://desk.example.org"),
	}})
	if err != nil || string(c.Slack.BotToken) != "xoxb-1" || c.PublicURL != "https://desk.example.org" {
		t.Errorf("%+v, %v", c, err)
	}
	for want, environ := range map[string][]string{
		"SLACK_BOT_TOKEN: SLACK_BOT_TOKEN_FILE is also set": {
			"SLACK_BOT_TOKEN_FILE=" + token, "SLACK_BOT_TOKEN=xoxb-2",
		},
		"the file that it names is empty": {"SLACK_BOT_TOKEN_FILE=" + write(t, "\n")},
		"is longer than 64 KiB": {
			"SLACK_BOT_TOKEN_FILE=" + write(t, strings.Repeat("x", maxSecretFile+1)),
		},
		"SLACK_BOT_TOKEN_FILE: the file that it names cannot be read": {"SLACK_BOT_TOKEN_FILE=xoxb-2"},
	} {
		_, err := Load(Source{Environ: environ})
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "xoxb-") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}

// TestTrimmed checks that white space around a secret is removed, from every source, and
// that a secret of white space counts as empty.
func TestTrimmed(t *testing.T) {
	t.Parallel()
	for _, s := range settings {
		if !s.secret {
			continue
		}
		secret := "hush"
		if s.key == "slack.bot_token" {
			secret = "xoxb-hush"
		} else if s.key == "slack.app_token" {
			secret = "xapp-hush"
		} else if s.key == "journal.key" {
			secret = "hush-hush-hush-hush"
		}
		section, name, _ := strings.Cut(s.key, ".")
		for from, source := range map[string]Source{
			"variable":     {Environ: []string{s.env + "= \t" + secret + "\r\n"}},
			"file":         {Environ: []string{s.env + "_FILE=" + write(t, "\n "+secret+" \n\n")}},
			"path":         {Environ: []string{s.env + "_FILE= " + write(t, secret) + "\n"}},
			"settings":     {File: write(t, fmt.Sprintf("%s:\n  %s: %q\n", section, name, " "+secret+"\u00a0\n"))},
			"block":        {File: write(t, fmt.Sprintf("%s:\n  %s: |\n    %s\n", section, name, secret))},
			"white space":  {Environ: []string{s.env + "= \n"}},
			"empty quotes": {File: write(t, fmt.Sprintf("%s: {%s: ' '}", section, name))},
		} {
			c, err := Load(source)
			if err != nil {
				t.Errorf("%s, %s: %v", s.key, from, err)
				continue
			}
			want := secret
			if from == "white space" || from == "empty quotes" {
				want = ""
			}
			got := map[string]Secret{
				"slack.bot_token": c.Slack.BotToken, "slack.app_token": c.Slack.AppToken,
				"slack.signing_secret": c.Slack.SigningSecret, "discord.bot_token": c.Discord.BotToken,
				"journal.key": c.Journal.Key,
			}[s.key]
			if string(got) != want {
				t.Errorf("%s, %s: %q, want %q", s.key, from, string(got), want)
			}
		}
	}
	c, err := Load(Source{
		Environ: []string{"DISCORD_PUBLIC_KEY= " + validKey + "\n", "DISCORD_APPLICATION_ID=1\n"},
		Flags:   map[string]string{"http_addr": " :1 "},
	})
	if err != nil || c.Discord.PublicKey != validKey || c.Discord.Application != "1" || c.HTTPAddr != ":1" {
		t.Errorf("%+v, %v", c, err)
	}
}

// validKey is a public key of RFC 8032, 7.1.
const validKey = "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"

// smallKeys are the encodings of points of small order, including those that are not
// canonical.
var smallKeys = []string{
	"0000000000000000000000000000000000000000000000000000000000000000",
	"0000000000000000000000000000000000000000000000000000000000000080",
	"0100000000000000000000000000000000000000000000000000000000000000",
	"0100000000000000000000000000000000000000000000000000000000000080",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"ecffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"edffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff7f",
	"eeffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
	"26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc85",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
	"c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa",
	strings.ToUpper("c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac03fa"),
}

// TestAudiences reads the audiences from a file and from a variable.
func TestAudiences(t *testing.T) {
	t.Parallel()
	want := map[string]Places{
		"employees": {SlackWorkspaces: []string{"T0ABC"}, DiscordRoles: []string{"112233445566778899"}},
		"public":    {SlackChannels: []string{"C0GUESTS"}},
	}
	file := write(t, `audiences:
  employees:
    slack_workspaces: [T0ABC]
    discord_roles: [112233445566778899]
  public: {slack_channels: [C0GUESTS]}
`)
	const variable = `FRONTDESK_AUDIENCES={employees: {slack_workspaces: [T0ABC], ` +
		`discord_roles: ["112233445566778899"]}, public: {slack_channels: [C0GUESTS]}}`
	for _, from := range []Source{{File: file}, {Environ: []string{variable}}} {
		c, err := Load(from)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(want, c.Audiences); diff != "" {
			t.Errorf("(-want +got)\n%s", diff)
		}
	}
}

// TestWarnings checks the warnings about variables that are probably meant for this program.
func TestWarnings(t *testing.T) {
	t.Parallel()
	c, err := Load(Source{Environ: []string{
		"FRONTDESK_PORT=tcp://10.0.0.1:80", "FRONTDESK_SERVICE_HOST=10.0.0.1", "FRONTDESK_LOGLEVEL=debug",
		"SLACK_BOT_TOKN=xoxb-1", "SLACK_WEBHOOK=x", "DISCORD_THEME=dark", "PATH=/bin",
		"FRONTDESK_LOG_LEVEL=debug", "SLACK_APP_TOKEN_FILE=",
	}})
	if err != nil {
		t.Fatal(err)
	}
	const kubernetes = "; Kubernetes sets it for a Service of that name, " +
		"unless the Pod has enableServiceLinks: false"
	want := []string{
		"FRONTDESK_LOGLEVEL is ignored: there is no such setting; did you mean FRONTDESK_LOG_LEVEL?",
		"FRONTDESK_PORT is ignored" + kubernetes,
		"FRONTDESK_SERVICE_HOST is ignored" + kubernetes,
		"SLACK_BOT_TOKN is ignored: there is no such setting; did you mean SLACK_BOT_TOKEN?",
	}
	if diff := cmp.Diff(want, c.Warnings()); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	file := write(t, "slack: {bot_token: xoxb-1}\n")
	if err := os.Chmod(file, 0o644); err != nil {
		t.Fatal(err)
	}
	c, err = Load(Source{File: file})
	if err != nil || len(c.Warnings()) != 1 || !strings.Contains(c.Warnings()[0], "chmod o-r") {
		t.Errorf("%v, %v", c.Warnings(), err)
	}
}

// checkAccepted checks settings that were loaded without an error.
func checkAccepted(t *testing.T, c *Config) {
	t.Helper()
	if s := c.Slack; s.Transport != Socket && s.Transport != HTTP || !strings.HasPrefix(s.Command, "/") ||
		s.BotToken != "" && !strings.HasPrefix(string(s.BotToken), "xoxb-") ||
		s.AppToken != "" && !strings.HasPrefix(string(s.AppToken), "xapp-") {
		t.Errorf("accepted %+v", s)
	}
	d := c.Discord
	n, err := strconv.Atoi(d.ShardCount)
	if d.Transport != Gateway && d.Transport != HTTP || d.ShardCount != Auto && (err != nil || n < 1) {
		t.Errorf("accepted %+v", d)
	}
	if key, err := hex.DecodeString(d.PublicKey); err != nil || len(key) != 0 && len(key) != ed25519.PublicKeySize {
		t.Errorf("accepted the public key %q", d.PublicKey)
	}
	for _, n := range d.Shards {
		if n < 0 {
			t.Errorf("accepted the shard %d", n)
		}
	}
	for _, address := range []string{c.PublicURL, c.Slack.APIURL, d.APIURL} {
		if u, err := url.Parse(address); err != nil || address != "" && u.Host == "" {
			t.Errorf("accepted the address %q", address)
		}
	}
	if _, _, err := net.SplitHostPort(c.HTTPAddr); err != nil {
		t.Error(err)
	}
}

// TestFlags checks that every setting except secrets can be set on the command line.
func TestFlags(t *testing.T) {
	t.Parallel()
	c, err := Load(Source{Flags: map[string]string{
		"slack.command": "/desk", "discord.shards": "0,1", "audiences": "{staff: {slack_channels: [C1]}}",
	}})
	if err != nil || c.Slack.Command != "/desk" || len(c.Discord.Shards) != 2 ||
		len(c.Audiences["staff"].SlackChannels) != 1 {
		t.Errorf("%+v, %v", c, err)
	}
	_, err = Load(Source{Flags: map[string]string{"store": "postgres://u:hush@h/db"}})
	if err == nil || !strings.Contains(err.Error(), "--store: everyone on this machine can read store") ||
		!strings.Contains(err.Error(), "FRONTDESK_STORE_FILE") || strings.Contains(err.Error(), "hush") {
		t.Error(err)
	}
	_, err = Load(Source{Flags: map[string]string{"slack.comand": "/desk", "slack.bot_token": "xoxb-hush"}})
	for _, want := range []string{"did you mean slack.command?", "use SLACK_BOT_TOKEN, or SLACK_BOT_TOKEN_FILE"} {
		if err == nil || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "hush") {
			t.Errorf("%v, want %s", err, want)
		}
	}
}
