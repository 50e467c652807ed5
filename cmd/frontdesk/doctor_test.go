package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/adaptertest"
	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
)

// sick is a configured program whose settings and platforms can be spoiled.
type sick struct {
	slack    *adaptertest.Slack
	discord  *adaptertest.Discord
	settings map[string]string // by key; JSON is YAML
	shown    bool              // everybody may read the file
}

// newSick makes one with which all is well.
func newSick(t *testing.T) *sick {
	t.Helper()
	d, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	s := &sick{slack: startSlack(t), discord: d}
	s.settings = map[string]string{
		"private_addr": "127.0.0.1:0", "http_addr": "127.0.0.1:0", "store": filepath.Join(t.TempDir(), "desk.db"),
		"slack.api_url": s.slack.API(), "slack.bot_token": adaptertest.SlackBotToken, "slack.app_token": adaptertest.SlackAppToken, "slack.signing_secret": adaptertest.SlackSecret,
		"discord.api_url": d.API(), "discord.bot_token": adaptertest.DiscordToken, "discord.public_key": d.PublicKey(),
	}
	commands, err := os.ReadFile(filepath.Join("..", "..", "adapters", "discord", "testdata", "commands.json"))
	if err != nil {
		t.Fatal(err)
	}
	d.Say("applications/"+adaptertest.DiscordApp+"/commands", string(commands))
	return s
}

// doctor runs the command.
func (s *sick) doctor(t *testing.T, more ...string) (code int, out string) {
	t.Helper()
	return s.within(t.Context(), t, more...)
}

func (s *sick) within(ctx context.Context, t *testing.T, more ...string) (code int, out string) {
	t.Helper()
	sections := map[string]map[string]string{}
	for key, value := range s.settings {
		section, name, ok := strings.Cut(key, ".")
		if !ok {
			section, name = "", key
		}
		if sections[section] == nil {
			sections[section] = map[string]string{}
		}
		sections[section][name] = value
	}
	var text strings.Builder
	for section, values := range sections {
		indent := ""
		if section != "" {
			fmt.Fprintf(&text, "%s:\n", section)
			indent = "  "
		}
		for name, value := range values {
			if !strings.HasPrefix(value, "[") && !strings.HasPrefix(value, "{") {
				value = fmt.Sprintf("%q", value)
			}
			fmt.Fprintf(&text, "%s%s: %s\n", indent, name, value)
		}
	}
	file := filepath.Join(t.TempDir(), "frontdesk.yaml")
	put(t, file, text.String())
	if s.shown {
		if err := os.Chmod(file, 0o644); err != nil { // #nosec G302 -- it is what is found
			t.Fatal(err)
		}
	}
	var said, complaints bytes.Buffer
	code = run(ctx, append([]string{"doctor", "-c", file}, more...), strings.NewReader(""), &said, &complaints)
	stdout, stderr := said.String(), complaints.String()
	if stderr != "" {
		t.Errorf("says on standard error: %s", stderr)
	}
	for _, secret := range []string{"not-to-be-seen", adaptertest.SlackSecret, adaptertest.DiscordToken} {
		if strings.Contains(stdout+stderr, secret) {
			t.Errorf("prints a secret:\n%s", stdout)
		}
	}
	for _, wrong := range append(s.slack.Wrong(), s.discord.Wrong()...) {
		t.Errorf("asks for what there is not: %s", wrong)
	}
	if len(s.slack.Messages("")) > 0 || len(s.discord.Messages("")) > 0 || s.slack.Connections() > 0 ||
		len(s.discord.Starts()) > 0 {
		t.Error("disturbs the platforms")
	}
	return code, stdout
}

// TestDoctorWell holds what is printed where nothing is wrong.
func TestDoctorWell(t *testing.T) {
	t.Parallel()
	s := newSick(t)
	code, out := s.doctor(t)
	if code != 0 || !strings.HasSuffix(out, "\n\nAll is well.\n") {
		t.Errorf("exits with %d:\n%s", code, out)
	}
	for line := range strings.Lines(out) {
		if strings.HasPrefix(line, " ") && !strings.HasPrefix(line, "  ok  ") {
			t.Errorf("not well: %s", line)
		}
	}
	for _, want := range []string{
		"SLACK_BOT_TOKEN is that of frontdesk in the workspace Acme (T1)", "the app has every scope that it needs: app_mentions:read, chat:write, commands, im:history",
		"SLACK_APP_TOKEN opens Socket Mode", "the clock agrees with Slack's", "DISCORD_BOT_TOKEN is that of frontdesk", "interactions come by the gateway",
		"desk.db can be written, and frontdesk run makes", "999 of 1000 sessions are left",
		"every permission that it needs in one server", "the commands are registered",
		"the clock agrees with Discord's", "is free for frontdesk run",
	} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
}

// TestDoctorJSON holds that the same is there for programs.
func TestDoctorJSON(t *testing.T) {
	t.Parallel()
	s := newSick(t)
	s.slack.Scopes = "chat:write"
	code, out := s.doctor(t, "--json")
	var j struct {
		Findings []struct{ Part, Grade, What, Remedy string }
		Wrong    int
	}
	if err := json.Unmarshal([]byte(out), &j); err != nil || code != exitProblems || j.Wrong != 1 {
		t.Fatalf("%d, %v:\n%s", code, err, out)
	}
	for _, f := range j.Findings {
		lacks := strings.HasPrefix(f.What, "the app lacks the scopes")
		if f.Part == "" || f.What == "" || (f.Grade == "wrong") != lacks || lacks && f.Remedy == "" {
			t.Errorf("finding %+v", f)
		}
	}
}

// TestDoctorFaults holds that each fault is found, with its remedy, and no
// other.
func TestDoctorFaults(t *testing.T) {
	t.Parallel()
	const wrong, doubtful = 1, 0 // the exit code
	for name, c := range map[string]struct {
		spoil func(s *sick)
		code  int
		what  string // pattern
		do    string // part of the remedy
	}{
		"nothing configured": {
			func(s *sick) { s.settings = map[string]string{"private_addr": "off"} }, doubtful,
			`no chat platform is configured`, "how to get tokens",
		},
		"a file for everybody": {
			func(s *sick) { s.shown = true }, doubtful,
			`contains discord\.\S+|contains slack.\S+ and everyone on this machine can read it`, "chmod o-r",
		},
		"no app token": {
			func(s *sick) { delete(s.settings, "slack.app_token") }, wrong, `SLACK_APP_TOKEN is not set`,
			"connections:write",
		},
		"no bot token": {
			func(s *sick) { delete(s.settings, "discord.bot_token") }, wrong, `DISCORD_BOT_TOKEN is not set`,
			"Reset Token",
		},
		"no file": {
			func(s *sick) { s.settings["knowledge"] = "none.yaml" }, wrong, `none.yaml`, "check the path",
		},
		"no such division": {func(s *sick) {
			s.settings["canary.question"], s.settings["canary.division"] = "who?", "nobody"
		}, wrong, `answered with nobody, and there is no such division`, "canary.division"},
		"clocks that differ": {func(s *sick) {
			s.slack.Ahead, s.discord.Ahead = 10*time.Minute, -10*time.Minute
		}, doubtful, `clock of this machine is (9m\d+|10m[01])s (behind Slack|ahead of Discord)'s`, "NTP"},
		"a token that is refused": {
			func(s *sick) { s.slack.BotToken = "xoxb-other" }, wrong, `SLACK_BOT_TOKEN is refused \(invalid_auth\)`,
			"Bot User OAuth Token",
		},
		"a platform that is down": {func(s *sick) {
			s.settings["discord.api_url"] = "http://127.0.0.1:1"
		}, wrong, `127.0.0.1:1 cannot be reached: nothing listens there`, "firewall"},
		"a private address in use": {func(s *sick) {
			s.settings["private_addr"] = strings.TrimPrefix(s.discord.API(), "http://")
		}, wrong, `could not listen at .* address already in use`, "FRONTDESK_PRIVATE_ADDR"},
		"http without an address": {func(s *sick) {
			s.settings["slack.transport"] = "http"
		}, wrong, `FRONTDESK_PUBLIC_URL is not set`, "such as https://"},
		"an endpoint beside the gateway": {func(s *sick) {
			s.discord.Say("applications/@me", `{"id":"100000000000000001","name":"frontdesk","interactions_endpoint_url":"https://old.example.org/x","verify_key":"`+s.discord.PublicKey()+`"}`)
		}, wrong, `commands are sent to https://old.example.org/x and not to the gateway`, "empty Interactions Endpoint URL"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSick(t)
			c.spoil(s)
			code, out := s.doctor(t)
			if code != c.code {
				t.Errorf("exits with %d", code)
			}
			lines := strings.Split(out, "\n")
			at := -1
			for i, line := range lines {
				bad := strings.HasPrefix(line, "  doubtful") || strings.HasPrefix(line, "  wrong")
				switch {
				case bad && regexp.MustCompile(c.what).MatchString(line):
					at = i
				case bad:
					t.Errorf("another finding: %s", line)
				}
			}
			if at < 0 || !strings.HasPrefix(lines[at+1], "            → ") || !strings.Contains(lines[at+1], c.do) {
				t.Errorf("no %s with %s in\n%s", c.what, c.do, out)
			}
		})
	}
}

// TestDoctorFile holds that each error of the knowledge file is told with its
// place, and which audience nobody belongs to.
func TestDoctorFile(t *testing.T) {
	t.Parallel()
	s := newSick(t)
	s.settings["knowledge"] = writeFile(t, "acme.yaml", fileWrong)
	if code, out := s.doctor(t); code != exitProblems ||
		!regexp.MustCompile(`wrong     \S*acme.yaml:4:5: a division has no key nam; `).MatchString(out) {
		t.Errorf("exits with %d:\n%s", code, out)
	}
	s.settings["knowledge"] = writeFile(
		t,
		"acme.yaml",
		fileOfPeople+"  - id: secret\n    name: Secret\n    audience: [employees]\n    handles: [{topic: Secrets}]\n",
	)
	if code, out := s.doctor(t); code != 0 ||
		!strings.Contains(
			out,
			"doubtful  the file has entries for the audience employees, and nobody belongs to it",
		) {
		t.Errorf("exits with %d:\n%s", code, out)
	}
	s.settings["audiences"] = `{employees: {slack_workspaces: [T1]}}`
	s.slack.Scopes += ",channels:read,groups:read,mpim:read,users:read"
	if code, out := s.doctor(t); code != 0 || strings.Contains(out, "nobody belongs") ||
		!strings.Contains(out, "the workspace under audiences, T1, is the token's") {
		t.Errorf("exits with %d:\n%s", code, out)
	}
}

// TestDoctorSilent holds that a platform that does not answer is not waited for
// long.
func TestDoctorSilent(t *testing.T) {
	t.Parallel()
	s := newSick(t)
	release := make(chan struct{})
	defer close(release)
	s.slack.Fail("auth.test", adaptertest.Fault{Until: release})
	s.discord.Fail("GET me", adaptertest.Fault{Until: release})
	ctx, cancel := context.WithTimeout(t.Context(), 200*time.Millisecond) // less than anybody should have to wait
	defer cancel()
	if code, out := s.within(ctx, t); code != exitProblems || strings.Count(out, "does not answer in time") != 2 {
		t.Errorf("exits with %d:\n%s", code, out)
	}
}

// freeAddress is an address that nobody listens at.
func freeAddress(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// TestDoctorReach tries a public address whose proxy is right or wrong in one
// way, with the program running and without.
func TestDoctorReach(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		proxy http.HandlerFunc // nil hands everything on
		tls   bool
		code  int
		want  string
		do    string
	}{
		"right": {
			code: 0, want: `ok        http://\S+/slack/events arrives at 127`,
			do: "by which the platforms reach this machine",
		},
		"something else": {
			proxy: func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "hello") }, code: 1,
			want: `wrong     http://\S+/discord/interactions is answered `, do: "let the proxy hand",
		},
		"no such path": {
			proxy: http.NotFound, code: 1, want: `HTTP 404 by something else`, do: "with the path as it is",
		},
		"a redirection": {proxy: func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://acme.example", http.StatusFound)
		}, code: 1, want: `redirects \(HTTP 302\)`, do: "do not follow"},
		"a dead backend": {
			proxy: func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusBadGateway) }, code: 1,
			want: `HTTP 502 by a proxy`, do: "does not answer",
		},
		"a strange certificate": {
			tls: true, code: 1, want: `signed by nobody that this machine trusts`, do: "public authority",
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := newSick(t)
			backend := freeAddress(t)
			var handler http.Handler = c.proxy
			if c.proxy == nil {
				handler = httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: backend})
			}
			proxy := httptest.NewUnstartedServer(handler)
			proxy.Config.ErrorLog = log.New(io.Discard, "", 0)
			if c.tls {
				proxy.StartTLS()
			} else {
				proxy.Start()
			}
			t.Cleanup(proxy.Close)
			s.settings["slack.transport"], s.settings["discord.transport"] = "http", "http"
			s.settings["http_addr"], s.settings["public_url"] = backend, proxy.URL
			s.discord.Say(
				"applications/@me",
				fmt.Sprintf(
					`{"id":"100000000000000001","name":"frontdesk","interactions_endpoint_url":%q,"verify_key":%q}`,
					proxy.URL+discord.Path,
					s.discord.PublicKey(),
				),
			)
			if code, out := s.doctor(t); code != c.code || !regexp.MustCompile(c.want).MatchString(out) ||
				!strings.Contains(out, c.do) {
				t.Errorf("exits with %d:\n%s", code, out)
			}
			l, err := net.Listen("tcp", backend)
			if err != nil {
				t.Skip("somebody else took the address: ", err)
			}
			running := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path != slack.Path && r.URL.Path != discord.Path {
					t.Errorf("asks for %s", r.URL.Path)
				}
				w.WriteHeader(http.StatusUnauthorized)
			}))
			_ = running.Listener.Close() // it has one of its own
			running.Listener = l
			running.Start()
			t.Cleanup(running.Close)
			if code, out := s.doctor(t); code != c.code || !regexp.MustCompile(c.want).MatchString(out) ||
				!strings.Contains(out, "a frontdesk is running at") {
				t.Errorf("with the program running, exits with %d:\n%s", code, out)
			}
		})
	}
}

// TestDoctorOccupied holds that another program at the address is found.
func TestDoctorOccupied(t *testing.T) {
	t.Parallel()
	s := newSick(t)
	s.settings["slack.transport"], s.settings["public_url"] = "http", "https://desk.example.org"
	s.settings["http_addr"] = strings.TrimPrefix(s.discord.API(), "http://")
	code, out := s.doctor(t)
	if code != exitProblems || !strings.Contains(out, "does not serve /slack/events") {
		t.Errorf("exits with %d:\n%s", code, out)
	}
}

// TestDoctorBadSettings holds that settings that cannot be read are no finding.
func TestDoctorBadSettings(t *testing.T) {
	t.Parallel()
	if code, out, stderr := frontdesk(t, "doctor", "--private-addr", "nowhere"); code != exitCannotRun || out != "" ||
		!strings.Contains(stderr, "is not an address") {
		t.Errorf("exits with %d: %s%s", code, out, stderr)
	}
}

// TestDoctorText holds that lines are no longer than the terminal, and hang
// below each other.
func TestDoctorText(t *testing.T) {
	t.Parallel()
	s := newDiagnosis([]adapters.Finding{
		{Part: "slack", What: strings.Repeat("all is as it should be, ", 5)},
		{
			Part: "slack", Grade: adapters.Wrong, What: strings.Repeat("nothing is as it should be, ", 5),
			Remedy: strings.Repeat("do something about it ", 5),
		},
		{Part: "discord", Grade: adapters.Doubtful, What: "who\x1b[31m\u202eknows?"},
	})
	for line := range strings.Lines(s.text(60, false)) {
		if n := len([]rune(strings.TrimRight(line, "\n"))); n > 60 {
			t.Errorf("%d columns: %s", n, line)
		}
	}
	if text := s.text(60, false); strings.ContainsAny(text, "\x1b\u202e") {
		t.Errorf("lets a name paint the terminal: %q", text)
	}
	if text := s.text(60, true); !strings.Contains(text, "\x1b[32mok        \x1b[0m") {
		t.Errorf("no colors in %q", text)
	}
	if text := s.text(0, false); !strings.HasSuffix(text, "\n1 thing is wrong, 1 is doubtful.\n") {
		t.Errorf("ends with %q", text[strings.LastIndex(text, "\n\n"):])
	}
}

// TestDoctorBeside holds that a program that is running is recognized and goes
// on as it was.
func TestDoctorBeside(t *testing.T) {
	t.Parallel()
	s := newSick(t)
	s.settings["http_addr"], s.settings["private_addr"] = freeAddress(t), freeAddress(t)
	s.settings["slack.transport"], s.settings["public_url"] = "http", "http://"+s.settings["http_addr"]
	delete(s.settings, "discord.bot_token")
	delete(s.settings, "discord.public_key")
	p := startProcess(
		t,
		slackEnv(
			s.slack.API(),
			"FRONTDESK_SLACK_TRANSPORT=http",
			"FRONTDESK_HTTP_ADDR="+s.settings["http_addr"],
			"FRONTDESK_PRIVATE_ADDR="+s.settings["private_addr"],
		),
		"run",
	)
	p.await(`state=ready`)
	code, out := s.doctor(t)
	for _, want := range []string{"a frontdesk is running at 127", "/slack/events arrives at 127", "says that it is ready"} {
		if code != 0 || !strings.Contains(out, want) {
			t.Errorf("exits with %d, no %q in\n%s", code, want, out)
		}
	}
	r, err := adaptertest.SlackRequest(s.settings["public_url"]+slack.Path, "events_api", "{}")
	if err != nil {
		t.Fatal(err)
	}
	adaptertest.Sign(r, "another secret", time.Now(), "{}")
	adaptertest.Do(t, r)
	_, out = s.doctor(t)
	for _, want := range []string{"it has refused 1 request to slack for a wrong signature",
		"copy SLACK_SIGNING_SECRET anew"} {
		if !strings.Contains(out, want) {
			t.Errorf("no %q in\n%s", want, out)
		}
	}
	question := slackMention("Ev1", "C1", "1780000000.000001", "who handles forced labor cases?")
	if r, err = adaptertest.SlackRequest(s.settings["public_url"]+slack.Path, "events_api", question); err != nil {
		t.Fatal(err)
	}
	adaptertest.Do(t, r)
	s.slack.Await(t, "the answer", func() bool { return len(s.slack.Messages("C1")) == 1 })
	if err := p.terminate(); err != nil {
		t.Error(err)
	}
}
