package config

import (
	"fmt"
	"path/filepath"
	"strings"
	"testing"
)

// TestEffective checks the value and the source of each setting.
func TestEffective(t *testing.T) {
	t.Parallel()
	file := write(t, "\nslack:\n  transport: http\n  bot_token: xoxb-hush\nlog_level: debug\n")
	environ := []string{
		"FRONTDESK_LOG_FORMAT=json", "DISCORD_API_URL=https://u:hush@proxy", "SLACK_SIGNING_SECRET=hush",
		"FRONTDESK_LOG_LEVEL=warn",
	}
	c, err := Load(Source{File: file, Environ: environ, Flags: map[string]string{"log_level": "error"}})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, v := range c.Effective() {
		got[v.Key] = v.Text + " from " + strings.TrimPrefix(v.From, filepath.Dir(file)+"/")
	}
	for key, want := range map[string]string{
		"slack.transport":      "http from settings.yaml:3",
		"slack.bot_token":      "**** from settings.yaml:4",
		"slack.signing_secret": "**** from SLACK_SIGNING_SECRET",
		"slack.app_token":      " from default",
		"slack.assistant":      "false from default",
		"discord.api_url":      "https://u:xxxxx@proxy from DISCORD_API_URL",
		"discord.shards":       "[] from default",
		"log_level":            "error from --log-level",
		"log_format":           "json from FRONTDESK_LOG_FORMAT",
		"canary.every":         "1m0s from default",
		"reload.max_changes":   "-1 from default",
	} {
		if got[key] != want {
			t.Errorf("%s is %q, want %q", key, got[key], want)
		}
	}
	if len(got) != len(settings) {
		t.Errorf("%d of %d settings are shown", len(got), len(settings))
	}
}

// TestStarter checks that the starter file can be read, before and after all of its settings
// are uncommented.
func TestStarter(t *testing.T) {
	t.Parallel()
	if _, err := Load(Source{File: write(t, Starter())}); err != nil {
		t.Error(err)
	}
	var all strings.Builder
	for line := range strings.Lines(Starter()) {
		if i := strings.Index(line, "#"); i >= 0 && !strings.HasPrefix(line[i:], "# ") {
			line = line[:i] + line[i+1:]
		}
		all.WriteString(line)
	}
	c, err := Load(Source{File: write(t, all.String())})
	if err != nil {
		t.Fatalf("%v\n%s", err, all.String())
	}
	for _, v := range c.Effective() {
		if v.From == originDefault {
			t.Errorf("%s is not in\n%s", v.Key, all.String())
		}
	}
}

// TestStore checks where the store is, and that its password is never printed.
func TestStore(t *testing.T) {
	t.Parallel()
	secret := write(t, "postgres://u:hush@h/db\n")
	for _, c := range []struct {
		environ        []string
		store, printed string
	}{
		{nil, "", ""},
		{[]string{"HOME=/home/a"}, "/home/a/.local/state/frontdesk/store.db", "/home/a/.local/state/frontdesk/store.db"},
		{[]string{"HOME=/home/a", "XDG_STATE_HOME=/var/lib"}, "/var/lib/frontdesk/store.db", "/var/lib/frontdesk/store.db"},
		{[]string{"HOME=/home/a", "XDG_STATE_HOME=lib"}, "/home/a/.local/state/frontdesk/store.db",
			"/home/a/.local/state/frontdesk/store.db"},
		{[]string{"HOME=/home/a", "FRONTDESK_STORE=off"}, "off", "off"},
		{[]string{"FRONTDESK_STORE=a@b c.db"}, "a@b c.db", "a@b c.db"},
		{[]string{"FRONTDESK_STORE=postgres:///db?host=/run/postgresql"}, "postgres:///db?host=/run/postgresql",
			"postgres:///db?host=/run/postgresql"},
		{[]string{"FRONTDESK_STORE_FILE=" + secret}, "postgres://u:hush@h/db", "postgres://u:xxxxx@h/db"},
		{[]string{"FRONTDESK_STORE=postgresql://u@h/db?password=hush&sslmode=require"},
			"postgresql://u@h/db?password=hush&sslmode=require",
			"postgresql://u@h/db?password=%2A%2A%2A%2A&sslmode=require"},
	} {
		got, err := Load(Source{Environ: c.environ})
		if err != nil {
			t.Fatal(err)
		}
		shown := ""
		for _, v := range got.Effective() {
			if v.Key == store {
				shown = v.Text
			}
		}
		if string(got.Store) != c.store || got.StoreName() != c.printed || shown != c.printed {
			t.Errorf("%v: %q, printed as %q and %q", c.environ, string(got.Store), got.StoreName(), shown)
		}
		if all := fmt.Sprintf("%v %+v %#v", got, got, got); strings.Contains(all, "hush") {
			t.Error(all)
		}
	}
}
