package main

import (
	"fmt"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
)

// setup is the program with stand-ins for one platform or both.
type setup struct {
	*process
	slack   *adaptertest.Slack
	discord *adaptertest.Discord
	asked   int
}

// awaitReady waits until /readyz has an HTTP status, and a part a state and a reason. It
// looks again after every line of the log.
func (w *setup) awaitReady(status int, part, state, why string) {
	w.t.Helper()
	address := w.private()
	timeout := time.NewTimer(60 * time.Second)
	defer timeout.Stop()
	for {
		r, got := ready(w.t, address)
		if p := r.part(part); got == status && p.State == state && strings.Contains(p.Why, why) {
			return
		}
		select {
		case <-w.more:
		case <-timeout.C:
			w.t.Fatalf("timeout: want %d and %s %s (%s), got %d %+v\n%s", status, part, state, why, got, r, w.output())
		}
	}
}

// askSlack asks a question in Slack, over HTTP if the program listens.
func (w *setup) askSlack() {
	w.t.Helper()
	w.asked++
	payload := slackMention(fmt.Sprint("Ev", w.asked), "C1", fmt.Sprintf("1780000000.%06d", w.asked),
		"who plans leave for a newborn?")
	if !strings.Contains(w.output(), "for=FRONTDESK_HTTP_ADDR") {
		w.slack.Emit(w.t, fmt.Sprintf(`{"envelope_id":"e%d","type":"events_api","payload":%s}`, w.asked, payload))
		return
	}
	r, err := adaptertest.SlackRequest(w.public()+"/slack/events", "events_api", payload)
	if err != nil {
		w.t.Fatal(err)
	}
	adaptertest.Do(w.t, r)
}

func (w *setup) askDiscord() {
	w.t.Helper()
	w.asked++
	w.discord.Emit(w.t, "MESSAGE_CREATE", fmt.Sprintf(`{"id":"1%d","channel_id":"1","guild_id":"50","type":0,`+
		`"content":"<@100000000000000001> who plans leave for a newborn?","author":{"id":"7%d"}}`, w.asked, w.asked))
}

// TestReadyz checks that /readyz answers 503 with the reason exactly while nobody can ask
// and get an answer.
func TestReadyz(t *testing.T) {
	t.Parallel()
	const ok, no = http.StatusOK, http.StatusServiceUnavailable
	always := func(f adaptertest.Fault) adaptertest.Fault {
		f.Always = true
		return f
	}
	http := []string{"FRONTDESK_SLACK_TRANSPORT=http"}
	for name, c := range map[string]struct {
		slack, discord bool
		env            []string
		before         func(w *setup)
		then           func(w *setup)
	}{
		"Slack is gone": {slack: true, then: func(w *setup) {
			w.awaitReady(ok, "slack", "ready", "")
			w.slack.Gone(true)
			w.awaitReady(no, "slack", "down", "not connected to Slack")
			w.slack.Gone(false)
			w.awaitReady(ok, "slack", "ready", "")
		}},
		"Slack is not there at the start": {slack: true, env: http, before: func(w *setup) { w.slack.Gone(true) },
			then: func(w *setup) {
				w.awaitReady(no, "slack", "down", "Slack does not take calls")
				w.slack.Gone(false)
				w.awaitReady(ok, "slack", "ready", "")
			}},
		"Discord is gone": {discord: true, then: func(w *setup) {
			w.awaitReady(ok, "discord", "ready", "")
			w.discord.Gone(true)
			w.awaitReady(no, "discord", "down", "not connected to Discord")
			w.discord.Gone(false)
			w.awaitReady(ok, "discord", "ready", "")
		}},
		"one of two is gone, then both": {slack: true, discord: true, then: func(w *setup) {
			w.awaitReady(ok, "slack", "ready", "")
			w.awaitReady(ok, "discord", "ready", "")
			w.discord.Gone(true)
			w.awaitReady(ok, "discord", "down", "not connected")
			w.slack.Gone(true)
			w.awaitReady(no, "slack", "down", "not connected")
			w.discord.Gone(false)
			w.awaitReady(ok, "discord", "ready", "")
		}},
		"no session is left at the start": {discord: true, before: func(w *setup) { w.sessions(0) },
			then: func(w *setup) {
				w.awaitReady(no, "discord", "down", "Discord allows no new session until 20")
				w.sessions(1)
				w.awaitReady(ok, "discord", "ready", "")
			}},
		"sessions are refused": {discord: true, then: func(w *setup) {
			w.awaitReady(ok, "discord", "ready", "")
			w.discord.Send(w.t, `{"op":9,"d":false}`)
			w.awaitReady(no, "discord", "down", "(op 9); tries again at 20")
			w.awaitReady(ok, "discord", "ready", "")
		}},
		"Discord's token is revoked": {discord: true, then: func(w *setup) {
			w.awaitReady(ok, "discord", "ready", "")
			w.discord.Fail("POST message", always(adaptertest.Fault{Status: 401}))
			w.askDiscord()
			w.awaitReady(no, "discord", "down", "DISCORD_BOT_TOKEN")
			w.discord.Heal("POST message")
			w.askDiscord()
			w.awaitReady(ok, "discord", "ready", "")
		}},
		"Slack's token is revoked": {slack: true, then: func(w *setup) {
			w.troubled("token_revoked", no, "down", "SLACK_BOT_TOKEN")
		}},
		"… over HTTP": {slack: true, env: http, then: func(w *setup) {
			w.troubled("token_revoked", no, "down", "SLACK_BOT_TOKEN")
		}},
		"Slack takes no answers": {slack: true, then: func(w *setup) {
			w.troubled("service_unavailable", no, "down", "takes no answers")
		}},
		"a scope is missing": {slack: true, then: func(w *setup) {
			w.troubled("missing_scope", ok, "degraded", "the scope")
		}},
		"answers are cut off": {slack: true, then: func(w *setup) {
			w.awaitReady(ok, "slack", "ready", "")
			w.slack.Fail("chat.postMessage", always(adaptertest.Fault{Status: 502}))
			for range 3 {
				w.askSlack()
			}
			w.awaitReady(no, "slack", "down", "takes no answers")
			w.slack.Heal("chat.postMessage")
			w.askSlack()
			w.awaitReady(ok, "slack", "ready", "")
		}},
		"one channel is not for it": {slack: true, then: func(w *setup) {
			w.troubled("not_in_channel", ok, "ready", "")
		}},
		"Slack asks to wait": {slack: true, then: func(w *setup) { w.troubled("ratelimited", ok, "ready", "") }},
		"the clock is off, over HTTP": {slack: true, env: http,
			before: func(w *setup) { w.slack.Shift(12 * time.Minute) }, then: func(w *setup) {
				w.awaitReady(no, "slack", "down",
					"the clock of this machine is 12m behind Slack's; set the clock, such as by NTP")
				w.slack.Shift(0)
				w.askSlack()
				w.awaitReady(ok, "slack", "ready", "")
			}},
		"the clock is off, in Socket Mode": {slack: true, before: func(w *setup) { w.slack.Shift(12 * time.Minute) },
			then: func(w *setup) {
				w.awaitReady(ok, "slack", "degraded", "12m behind")
			}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := &setup{}
			env := append(small(t), c.env...)
			if c.slack {
				w.slack = startSlack(t)
				env = slackEnv(w.slack.API(), env...)
			}
			if c.discord {
				var err error
				if w.discord, err = adaptertest.StartDiscord(); err != nil {
					t.Fatal(err)
				}
				t.Cleanup(w.discord.Close)
				env = discordEnv(w.discord, env...)
			}
			if c.before != nil {
				c.before(w)
			}
			w.process = startProcess(t, env, "run")
			c.then(w)
			if err := w.terminate(); err != nil {
				t.Errorf("at SIGTERM, the program ends with %v:\n%s", err, w.output())
			}
		})
	}
}

// small makes the program use a small knowledge file, which loads quickly.
func small(t *testing.T) []string {
	t.Helper()
	return []string{"FRONTDESK_KNOWLEDGE=" + writeFile(t, "acme.yaml", fileOfPeople)}
}

// sessions sets how many sessions Discord still allows.
func (w *setup) sessions(left int) {
	w.discord.Say("gateway/bot", fmt.Sprintf(`{"url":%q,"shards":1,"session_start_limit":{"total":1000,`+
		`"remaining":%d,"reset_after":1000,"max_concurrency":1}}`,
		"ws"+strings.TrimPrefix(w.discord.API(), "http")+"/gw/first", left))
}

// troubled asks while Slack rejects each answer with a code, and again when it accepts
// them.
func (w *setup) troubled(code string, status int, state, why string) {
	w.t.Helper()
	w.awaitReady(http.StatusOK, "slack", "ready", "")
	w.slack.Fail("chat.postMessage", adaptertest.Fault{Error: code, Needed: "chat:write", Always: true})
	w.askSlack()
	w.slack.Await(w.t, "a try", func() bool { return len(w.slack.Calls("chat.postMessage")) > 0 })
	w.awaitReady(status, "slack", state, why)
	w.slack.Heal("chat.postMessage")
	w.askSlack()
	w.awaitReady(http.StatusOK, "slack", "ready", "")
}

// TestRights checks that a running program notices when it may no longer read its file,
// and when it may again.
func TestRights(t *testing.T) {
	t.Parallel()
	fake := startSlack(t)
	dir, err := os.MkdirTemp("", "frontdesk") // another user must be able to read it
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	file := filepath.Join(dir, "knowledge", "acme.yaml")
	chmod := func(name string, mode os.FileMode) {
		t.Helper()
		if err := os.Chmod(name, mode); err != nil {
			t.Fatal(err)
		}
	}
	chmod(dir, 0o755)
	if err := os.Mkdir(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	put(t, file, fileOfPeople)
	chmod(file, 0o644)
	env := slackEnv(fake.API(), "FRONTDESK_KNOWLEDGE="+file)
	w := &setup{slack: fake, process: newProcess(t, ordinary(t, dir), env, "run")}
	w.Dir = dir
	if os.Geteuid() == 0 { // root may read anything
		w.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}
	w.start()
	w.awaitReady(http.StatusOK, partKnowledge, "ready", "")
	for _, c := range []struct {
		name string
		mode os.FileMode
	}{{file, 0o644}, {filepath.Dir(file), 0o755}} {
		chmod(c.name, 0)
		w.awaitReady(http.StatusOK, partKnowledge, "degraded", "permission denied")
		chmod(c.name, c.mode)
		w.awaitReady(http.StatusOK, partKnowledge, "ready", "")
	}
	if err := w.terminate(); err != nil {
		t.Errorf("%v\n%s", err, w.output())
	}
}

// nobody is the id of an unprivileged user.
const nobody = 65534

// ordinary copies the program to a folder where any user can start it.
func ordinary(t *testing.T, dir string) string {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	copied := filepath.Join(dir, "frontdesk")
	if out, err := exec.Command("cp", self, copied).CombinedOutput(); err != nil {
		t.Fatalf("copy the program: %v\n%s", err, out)
	}
	if err := os.Chmod(copied, 0o755); err != nil {
		t.Fatal(err)
	}
	return copied
}
