package slack

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"frontdesk/adapters/adaptertest"

	"github.com/goccy/go-yaml"
	"github.com/google/go-cmp/cmp"
	"github.com/slack-go/slack"
)

// TestManifest checks the scopes and the events, and that Slack's own type of a manifest
// has every key.
func TestManifest(t *testing.T) {
	t.Parallel()
	least := []string{"app_mentions:read", "chat:write", "commands", "im:history"}
	if got := strings.Join(least, ","); got != adaptertest.SlackScopes {
		t.Errorf("other tests run with the scopes %s, not %s", adaptertest.SlackScopes, got)
	}
	for name, c := range map[string]struct {
		features Features
		url      string
		scopes   []string
		events   []string
	}{
		"socket": {Features{Command: "/ask"}, "", nil, nil},
		"http":   {Features{Command: "/desk"}, "https://desk.example.org/", nil, nil},
		"all": {
			Features{Command: "/ask", Deletions: true, Assistant: true}, "",
			[]string{"channels:history", "groups:history", "mpim:history", "assistant:write"},
			[]string{"message.channels", "message.groups", "message.mpim"},
		},
	} {
		text := Manifest(c.features, c.url)
		path := filepath.Join("testdata", "manifest", name+".yaml")
		if *update {
			if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), text); diff != "" {
			t.Errorf("%s (-want +got; -update rewrites it):\n%s", name, diff)
		}
		var m slack.Manifest
		if err := yaml.UnmarshalWithOptions([]byte(text), &m, yaml.Strict()); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		scopes := append(slices.Clone(least), c.scopes...)
		slices.Sort(scopes)
		if !slices.Equal(m.OAuthConfig.Scopes.Bot, scopes) {
			t.Errorf("%s asks for %v, not %v", name, m.OAuthConfig.Scopes.Bot, scopes)
		}
		events := append([]string{"app_home_opened", "app_mention", "message.im"}, c.events...)
		slices.Sort(events)
		if !slices.Equal(m.Settings.EventSubscriptions.BotEvents, events) {
			t.Errorf("%s listens to %v, not %v", name, m.Settings.EventSubscriptions.BotEvents, events)
		}
		if v := m.Features.AgentView; c.features.Assistant != (v != nil && v.AgentDescription != "") {
			t.Errorf("%s describes the agent as %v", name, v)
		}
		if m.Settings.SocketModeEnabled == (c.url != "") {
			t.Errorf("%s has Socket Mode the wrong way", name)
		}
		if n := strings.Count(text, "https://desk.example.org/slack/events\n"); n != 3*btoi(c.url != "") {
			t.Errorf("%s names its address %d times", name, n)
		}
	}
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
