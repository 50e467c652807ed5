package main

import (
	"bufio"
	"bytes"
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
)

// process is the program in a process of its own.
type process struct {
	*exec.Cmd
	t     testing.TB
	ended chan error

	mu    sync.Mutex
	lines []string
	more  chan struct{}
}

// startProcess starts the program with only the given environment.
func startProcess(t testing.TB, env []string, args ...string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	return startProcessOf(t, self, env, args...) // see TestMain
}

// startProcessOf starts the program from a file.
func startProcessOf(t testing.TB, file string, env []string, args ...string) *process {
	t.Helper()
	p := newProcess(t, file, env, args...)
	p.start()
	return p
}

// newProcess prepares the program without starting it.
func newProcess(t testing.TB, file string, env []string, args ...string) *process {
	t.Helper()
	p := &process{Cmd: exec.Command(file), t: t, ended: make(chan error, 1), more: make(chan struct{}, 1)}
	p.Args = append([]string{"frontdesk"}, args...)
	p.Env = append([]string{"HOME=" + t.TempDir(), "PATH=" + os.Getenv("PATH"), "FRONTDESK_PRIVATE_ADDR=127.0.0.1:0",
		"FRONTDESK_LOG_FORMAT=text"}, env...)
	p.Dir = t.TempDir()
	return p
}

// start starts the program and reads its output.
func (p *process) start() {
	p.t.Helper()
	out, err := p.StderrPipe()
	if err != nil {
		p.t.Fatal(err)
	}
	p.Stdout = p.Stderr
	if err := p.Start(); err != nil {
		p.t.Fatal(err)
	}
	read := make(chan struct{})
	go func() {
		defer close(read)
		lines := bufio.NewScanner(out)
		lines.Buffer(nil, 16<<20)
		for lines.Scan() {
			p.mu.Lock()
			p.lines = append(p.lines, lines.Text())
			p.mu.Unlock()
			select {
			case p.more <- struct{}{}:
			default:
			}
		}
	}()
	go func() {
		<-read
		p.ended <- p.Wait()
	}()
	p.t.Cleanup(func() { _ = p.Process.Kill() })
}

// await waits for a line of output and returns its groups.
func (p *process) await(pattern string) []string {
	p.t.Helper()
	re := regexp.MustCompile(pattern)
	timeout := time.NewTimer(30 * time.Second)
	defer timeout.Stop()
	for {
		p.mu.Lock()
		for _, line := range p.lines {
			if groups := re.FindStringSubmatch(line); groups != nil {
				p.mu.Unlock()
				return groups
			}
		}
		p.mu.Unlock()
		select {
		case <-p.more:
		case <-timeout.C:
			p.t.Fatalf("timeout: no %s in\n%s", pattern, p.output())
		}
	}
}

func (p *process) output() string {
	p.mu.Lock()
	defer p.mu.Unlock()
	return strings.Join(p.lines, "\n")
}

// terminate sends SIGTERM and waits for the end.
func (p *process) terminate() error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	select {
	case err := <-p.ended:
		return err
	case <-time.After(30 * time.Second):
		return fmt.Errorf("the program does not end")
	}
}

func startSlack(t testing.TB) *adaptertest.Slack {
	t.Helper()
	fake, err := adaptertest.StartSlack()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(fake.Close)
	return fake
}

func slackEnv(fake string, more ...string) []string {
	return append([]string{
		"SLACK_API_URL=" + fake, "SLACK_BOT_TOKEN=" + adaptertest.SlackBotToken,
		"SLACK_APP_TOKEN=" + adaptertest.SlackAppToken,
		"SLACK_SIGNING_SECRET=" + adaptertest.SlackSecret, "FRONTDESK_LOG_LEVEL=debug",
		"FRONTDESK_HTTP_ADDR=127.0.0.1:0",
	}, more...)
}

func slackMention(id, channel, ts, text string) string {
	return fmt.Sprintf(`{"type":"event_callback","event_id":%q,"team_id":"T1","event":{"type":"app_mention",`+
		`"user":"U1","text":"<@U0BOT> %s","ts":%q,"channel":%q}}`, id, text, ts, channel)
}

// TestRunSlack checks that the program answers in Slack from the shipped file, finishes
// the replies in flight at SIGTERM, and never prints a secret.
func TestRunSlack(t *testing.T) {
	t.Parallel()
	for _, transport := range []string{"socket", "http"} {
		t.Run(transport, func(t *testing.T) {
			t.Parallel()
			fake := startSlack(t)
			p := startProcess(t, slackEnv(fake.API(), "FRONTDESK_SLACK_TRANSPORT="+transport), "run")
			p.await(`state=ready`)
			send := func(id, channel, ts, text string) {
				t.Helper()
				payload := slackMention(id, channel, ts, text)
				if transport == "socket" {
					fake.Emit(t, fmt.Sprintf(`{"envelope_id":%q,"type":"events_api","payload":%s}`, id, payload))
					return
				}
				address := p.public() + "/slack/events"
				r, err := adaptertest.SlackRequest(address, "events_api", payload)
				if err != nil {
					t.Fatal(err)
				}
				if status, _ := adaptertest.Do(t, r); status != http.StatusOK {
					t.Errorf("status %d", status)
				}
			}
			answered := func(channel, text string) {
				t.Helper()
				fake.Await(t, text, func() bool {
					m := fake.Messages(channel)
					return len(m) == 1 && strings.Contains(m[0].Text, text)
				})
			}
			send("Ev1", "C1", "1780000000.000001", "who handles forced labor cases?")
			answered("C1", "Global Trade")
			// Errors that could make a client print an address or a token.
			fake.Fail("chat.postMessage", adaptertest.Fault{Status: 500}, adaptertest.Fault{Lost: true})
			send("Ev2", "C2", "1780000000.000002", "who handles money laundering?")
			p.await(`event=Ev2.*may have been done`)
			fake.Fail("chat.postMessage", adaptertest.Fault{Error: "token_revoked"})
			send("Ev3", "C3", "1780000000.000003", "who handles money laundering?")
			p.await(`state=down.*SLACK_BOT_TOKEN`)
			if transport == "socket" {
				fake.Fail("apps.connections.open", adaptertest.Fault{Lost: true})
				fake.Await(t, "a connection", func() bool { return fake.Connections() > 0 })
				fake.CutSockets()
				p.await(`state=down.*not connected`)
				fake.Await(t, "another connection", func() bool { return fake.Connections() == 1 })
			}
			// SIGTERM with a reply in flight.
			release := make(chan struct{})
			fake.Fail("chat.postMessage", adaptertest.Fault{Until: release})
			send("Ev4", "C4", "1780000000.000004", "who handles human trafficking?")
			fake.Await(t, "the reply in flight", func() bool { return len(fake.Messages("C4")) == 1 })
			ended := make(chan error, 1)
			go func() { ended <- p.terminate() }()
			time.AfterFunc(50*time.Millisecond, func() { close(release) })
			if err := <-ended; err != nil {
				t.Errorf("at SIGTERM, the program ends with %v", err)
			}
			out := p.output()
			if !regexp.MustCompile(`event=Ev4.*outcome=answered`).MatchString(out) ||
				!strings.Contains(out, "msg=stopped") {
				t.Errorf("the reply in flight was not finished:\n%s", out)
			}
			if strings.Contains(out, "not-to-be-seen") || strings.Contains(out, "/hook/") {
				t.Errorf("a secret is printed:\n%s", out)
			}
		})
	}
}

// TestRunBoth checks that one program serves Slack and Discord, that the other goes on if
// one fails, and that no secret is printed.
func TestRunBoth(t *testing.T) {
	t.Parallel()
	slack := startSlack(t)
	discord, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	p := startProcess(t, slackEnv(slack.API(), discordEnv(discord)...), "run")
	p.await(`adapter=slack state=ready`)
	p.await(`adapter=discord state=ready`)
	discord.Emit(t, "MESSAGE_CREATE", `{"id":"11","channel_id":"1","guild_id":"50","type":0,`+
		`"content":"<@100000000000000001> who handles forced labor cases?","author":{"id":"70"}}`)
	discord.Await(t, "the answer", func() bool {
		m := discord.Messages("1")
		return len(m) == 1 && strings.Contains(m[0].Body, "Global Trade")
	})
	slack.Fail("apps.connections.open", adaptertest.Fault{Error: "token_revoked"})
	slack.Await(t, "a connection", func() bool { return slack.Connections() > 0 })
	slack.CutSockets()
	p.await(`an adapter has failed.*SLACK_APP_TOKEN`)
	if r, status := ready(t, p.private()); status != http.StatusOK || r.Status != statusDegraded ||
		r.part("slack").State != "failed" || !strings.Contains(r.part("slack").Why, "SLACK_APP_TOKEN") ||
		r.part("discord").State != "ready" {
		t.Errorf("readyz says %d %+v", status, r)
	}
	discord.Emit(t, "INTERACTION_CREATE", `{"id":"21","application_id":"100000000000000001","type":2,`+
		`"token":"token-21","channel_id":"1","guild_id":"50","member":{"user":{"id":"71"}},"data":{"name":"ask",`+
		`"type":1,"options":[{"name":"question","type":3,"value":"who leads Global Trade?"}]}}`)
	discord.Await(t, "the answer", func() bool { return len(discord.Replies("21")) == 1 })
	release := make(chan struct{})
	discord.Fail("POST message", adaptertest.Fault{Until: release})
	discord.Emit(t, "MESSAGE_CREATE", `{"id":"12","channel_id":"2","guild_id":"50","type":0,`+
		`"content":"<@100000000000000001> human trafficking","author":{"id":"72"}}`)
	discord.Await(t, "the reply in flight", func() bool { return len(discord.Messages("2")) == 1 })
	ended := make(chan error, 1)
	go func() { ended <- p.terminate() }()
	time.AfterFunc(50*time.Millisecond, func() { close(release) })
	// Slack's adapter has failed, which the exit code says.
	if <-ended; p.ProcessState.ExitCode() != exitCannotRun {
		t.Errorf("the exit code is %d", p.ProcessState.ExitCode())
	}
	out := p.output()
	if !regexp.MustCompile(`event=12.*outcome=answered`).MatchString(out) {
		t.Errorf("the reply in flight was not finished:\n%s", out)
	}
	if strings.Contains(out, "not-to-be-seen") || strings.Contains(out, "token-21") {
		t.Errorf("a secret is printed:\n%s", out)
	}
}

func discordEnv(fake *adaptertest.Discord, more ...string) []string {
	return append([]string{"DISCORD_API_URL=" + fake.API(), "DISCORD_BOT_TOKEN=" + adaptertest.DiscordToken,
		"DISCORD_PUBLIC_KEY=" + fake.PublicKey()}, more...)
}

// TestRunDiscord checks that the program ends without an error at SIGTERM.
func TestRunDiscord(t *testing.T) {
	t.Parallel()
	discord, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	p := startProcess(t, discordEnv(discord), "run")
	p.await(`adapter=discord state=ready`)
	if err := p.terminate(); err != nil || !strings.Contains(p.output(), "msg=stopped") {
		t.Errorf("at SIGTERM, the program ends with %v:\n%s", err, p.output())
	}
}

// TestRunWithout checks the errors of settings with which the program cannot run.
func TestRunWithout(t *testing.T) {
	t.Parallel()
	taken := startSlack(t)
	address := strings.TrimSuffix(strings.TrimPrefix(taken.API(), "http://"), "/api/")
	for _, c := range []struct {
		env  []string
		args []string
		want []string
	}{
		{slackEnv(taken.API(), "FRONTDESK_PRIVATE_ADDR="+address), []string{"run"},
			[]string{"FRONTDESK_PRIVATE_ADDR", "address already in use; choose another address, or off"}},
		{nil, []string{"run"}, []string{"no chat platform is configured and there is no terminal",
			"SLACK_BOT_TOKEN is not set: it is the Bot User OAuth Token", "DISCORD_BOT_TOKEN is not set"}},
		{[]string{"DISCORD_TOKEN=x"}, []string{"run"}, []string{"DISCORD_TOKEN is ignored"}},
		{[]string{"SLACK_BOT_TOKEN=xoxb-1"}, []string{"run"},
			[]string{"SLACK_APP_TOKEN is not set: it is an app-level token"}},
		{[]string{"SLACK_BOT_TOKEN=xoxb-1", "FRONTDESK_SLACK_TRANSPORT=http"}, []string{"run"},
			[]string{"SLACK_SIGNING_SECRET is not set"}},
		{slackEnv("http://127.0.0.1:9/api/", "FRONTDESK_KNOWLEDGE=none.yaml"), []string{"run"}, []string{"none.yaml"}},
		{slackEnv(taken.API(), "FRONTDESK_HTTP_ADDR="+address, "FRONTDESK_SLACK_TRANSPORT=http"), []string{"run"},
			[]string{"FRONTDESK_HTTP_ADDR", "address already in use"}},
		{[]string{"DISCORD_BOT_TOKEN=x", "FRONTDESK_DISCORD_TRANSPORT=http"}, []string{"run"},
			[]string{"DISCORD_PUBLIC_KEY is not set: it is the Public Key"}},
		{[]string{"DISCORD_PUBLIC_KEY=" + strings.Repeat("ab", 32)}, []string{"run"},
			[]string{"DISCORD_BOT_TOKEN is not set: it is the token"}},
		{nil, []string{"discord", "invite"}, []string{"DISCORD_APPLICATION_ID is set; set one of them"}},
		{slackEnv(taken.API(), "SLACK_BOT_TOKEN=xoxb-wrong"), []string{"run"},
			[]string{"invalid_auth", "set SLACK_BOT_TOKEN to the Bot User OAuth Token"}},
	} {
		p := startProcess(t, c.env, c.args...)
		err := <-p.ended
		if p.ProcessState.ExitCode() != exitCannotRun {
			t.Errorf("%v %v ends with %v", c.env, c.args, err)
		}
		for _, want := range c.want {
			if !strings.Contains(p.output(), want) {
				t.Errorf("%v %v: no %q in\n%s", c.env, c.args, want, p.output())
			}
		}
		if strings.Contains(p.output(), "not-to-be-seen") {
			t.Errorf("a secret is printed:\n%s", p.output())
		}
	}
}

// TestManifestCommand checks that the manifest follows the settings.
func TestManifestCommand(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		args []string
		has  string
		not  string
	}{
		{nil, "socket_mode_enabled: true", "request_url"},
		{[]string{"--transport", "http", "--url", "https://acme.example/"},
			"request_url: https://acme.example/slack/events", "history # deletions"},
		{[]string{"--config", writeFile(t, "f.yaml", "slack: {follow_deletions: true, command: /desk}\n")},
			"channels:history", "command: /ask"},
	} {
		var out, stderr bytes.Buffer
		args := append([]string{"slack", "manifest"}, c.args...)
		if code := run(t.Context(), args, strings.NewReader(""), &out, &stderr); code != 0 {
			t.Errorf("%v: %s", c.args, stderr.String())
		}
		if !strings.Contains(out.String(), c.has) || strings.Contains(out.String(), c.not) {
			t.Errorf("%v prints\n%s", c.args, out.String())
		}
	}
}
