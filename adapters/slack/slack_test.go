package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// house is a running adapter with its stand-in for Slack.
type house struct {
	*adaptertest.Slack
	t       *testing.T
	handler *adaptertest.Handler
	adapter *Adapter
	address string // of the HTTP transport; "" in Socket Mode
	stop    context.CancelFunc
	ended   chan error
	log     *adaptertest.Log

	states *adaptertest.States
	mu     sync.Mutex
	n      int // envelopes so far
}

// open starts an adapter. Change may change it before it runs.
func open(t *testing.T, http bool, change func(*house)) *house {
	t.Helper()
	fake, err := adaptertest.StartSlack()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fake.Close()
		for _, wrong := range fake.Wrong() {
			t.Errorf("Slack would refuse: %s", wrong)
		}
	})
	return start(t, fake, http, change)
}

// start starts an adapter as open does, with a stand-in that is there.
func start(t *testing.T, fake *adaptertest.Slack, http bool, change func(*house)) *house {
	t.Helper()
	h := &house{
		Slack: fake, t: t, handler: &adaptertest.Handler{}, ended: make(chan error, 1), log: &adaptertest.Log{},
		states: adaptertest.NewStates(),
	}
	h.adapter = New(Settings{
		BotToken: adaptertest.SlackBotToken, AppToken: adaptertest.SlackAppToken,
		SigningSecret: adaptertest.SlackSecret,
		APIURL:        fake.API(), HTTP: http, Features: Features{Command: "/ask"},
	}, slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug})), h.states.Monitor())
	h.adapter.timing.pause = 20 * time.Millisecond
	if change != nil {
		change(h)
	}
	if http {
		server := httptest.NewServer(h.adapter)
		t.Cleanup(server.Close)
		h.address = server.URL
	}
	ctx, cancel := context.WithCancel(t.Context())
	h.stop = cancel
	go func() { h.ended <- h.adapter.Run(ctx, h.handler) }()
	t.Cleanup(func() {
		cancel()
		if token := secret.FindString(h.log.String()); token != "" {
			t.Errorf("the log has a secret: %s", token)
		}
	})
	return h
}

// secret must not be logged.
var secret = regexp.MustCompile(`\S*(not-to-be-seen|/hook/)\S*`)

// awaitState waits for a state after the first from states.
func (h *house) awaitState(from int, phase bot.Phase, why string) (next int) {
	h.t.Helper()
	return h.states.Await(h.t, from, phase, why)
}

// send sends a payload over the adapter's transport, and returns the envelope's id
// and the HTTP status.
func (h *house) send(kind, payload string) (envelope string, status int) {
	h.t.Helper()
	h.mu.Lock()
	h.n++
	envelope = fmt.Sprintf("envelope-%d", h.n)
	h.mu.Unlock()
	if h.address == "" {
		h.Emit(h.t,
			fmt.Sprintf(`{"envelope_id":%q,"type":%q,"payload":%s,"accepts_response_payload":true}`, envelope, kind,
				payload))
		return envelope, 0
	}
	for {
		r, err := adaptertest.SlackRequest(h.address, kind, payload)
		if err != nil {
			h.t.Fatal(err)
		}
		status, _ := adaptertest.Do(h.t, r)
		if status == http.StatusServiceUnavailable {
			h.awaitState(0, bot.Ready, "") // not ready yet: Slack would send it again
			continue
		}
		return envelope, status
	}
}

func quote(s string) string {
	b, err := json.Marshal(s)
	if err != nil {
		panic(err)
	}
	return string(b)
}

// eventPayload wraps an inner event as an Events API payload.
func eventPayload(id, inner string) string {
	return fmt.Sprintf(
		`{"token":"t","team_id":"T1","api_app_id":"A1","type":"event_callback","event_id":%q,"event_time":1790000000,`+
			`"authorizations":[{"team_id":"T1","user_id":"U0BOT","is_bot":true}],"event":%s}`, id, inner)
}

func mention(id, channel, ts, text string) string {
	return eventPayload(id,
		fmt.Sprintf(`{"type":"app_mention","user":"U1","text":%s,"ts":%q,"channel":%q,"event_ts":%q,"team":"T1"}`,
			quote("<@U0BOT> "+text), ts, channel, ts))
}

func direct(id, ts, text string) string {
	return eventPayload(id,
		fmt.Sprintf(`{"type":"message","channel_type":"im","user":"U1","text":%s,"ts":%q,"channel":"D1","event_ts":%q}`,
			quote(text), ts, ts))
}

// slackEscape escapes text as Slack does.
var slackEscape = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

func TestContract(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			adaptertest.Contract(t, func(t *testing.T, desk bot.Handler) adaptertest.Conversation {
				h := open(t, http, func(h *house) { h.handler = desk.(*adaptertest.Handler) })
				return adaptertest.Conversation{
					Ask: func(id, text string) {
						h.send("events_api", mention("Ev"+id, "C1", "1780000000.00"+id, slackEscape.Replace(text)))
					},
					Replies: func(n int) []string {
						h.Await(t, fmt.Sprintf("%d replies", n), func() bool { return len(h.Messages("C1")) >= n })
						var texts []string
						for _, m := range h.Messages("C1") {
							texts = append(texts, m.Text)
						}
						return texts
					},
					Repeat: true,
					Chatter: func() {
						for i, inner := range chatter {
							h.send("events_api", eventPayload(fmt.Sprintf("EvChatter%d", i), inner))
						}
					},
					Stop: func() error {
						h.stop()
						return <-h.ended
					},
				}
			})
		})
	}
}

// chatter has events of a workspace that are not for the bot.
var chatter = []string{
	`{"type":"message","channel_type":"channel","user":"U1","text":"who handles fraud?","ts":"1780000001.000001",` +
		`"channel":"C1"}`,
	`{"type":"message","channel_type":"channel","user":"U1","text":"<@U0BOT> it comes as app_mention too",` +
		`"ts":"1780000001.000002","channel":"C1"}`,
	`{"type":"message","channel_type":"mpim","user":"U1","text":"in a group","ts":"1780000001.000003","channel":"G1"}`,
	`{"type":"message","channel_type":"im","bot_id":"B0BOT","user":"U0BOT","text":"my own answer",` +
		`"ts":"1780000001.000004","channel":"D1"}`,
	`{"type":"message","channel_type":"im","user":"U0BOT","text":"my own answer","ts":"1780000001.000005",` +
		`"channel":"D1"}`,
	`{"type":"app_mention","bot_id":"B2","text":"<@U0BOT> from another bot","ts":"1780000001.000006","channel":"C1"}`,
	`{"type":"app_mention","bot_id":"B2","user":"U2","text":"<@U0BOT> from another bot","ts":"1780000001.000007",` +
		`"channel":"C1"}`,
	`{"type":"message","subtype":"channel_join","channel_type":"im","user":"U1","text":"joined",` +
		`"ts":"1780000001.000008","channel":"D1"}`,
	`{"type":"message","subtype":"bot_message","channel_type":"im","text":"a hook","ts":"1780000001.000009",` +
		`"channel":"D1","bot_id":"B3"}`,
	`{"type":"message","subtype":"message_changed","channel_type":"im","channel":"D1","ts":"1780000001.000010",` +
		`"message":{"user":"U0BOT","bot_id":"B0BOT","text":"my own edit","ts":"1780000001.000004",` +
		`"edited":{"user":"U0BOT","ts":"1780000001.000010"}}}`,
	`{"type":"message","subtype":"message_changed","channel_type":"im","channel":"D1","ts":"1780000001.000011",` +
		`"message":{"user":"U1","text":"a link unfolds","ts":"1780000001.000012"},"previous_message":{"user":"U1",` +
		`"text":"a link unfolds","ts":"1780000001.000012"}}`,
	`{"type":"message","subtype":"message_changed","channel_type":"channel","channel":"C1","ts":"1780000001.000013",` +
		`"message":{"user":"U1","text":"edited talk","ts":"1780000001.000014","edited":{"user":"U1",` +
		`"ts":"1780000001.000013"}}}`,
	`{"type":"message","channel_type":"im","user":"USLACKBOT","text":"a reminder","ts":"1780000001.000015",` +
		`"channel":"D1"}`,
	`{"type":"app_home_opened","user":"U1","channel":"D1","tab":"messages"}`,
	`{"type":"assistant_thread_context_changed","assistant_thread":{"channel_id":"D1"}}`,
	`{"type":"message","subtype":"message_deleted","channel_type":"channel","channel":"C1",` +
		`"deleted_ts":"1780000001.000001"}`,
}

// TestWays checks that each way to ask is answered in the right place.
func TestWays(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"socket": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, http, nil)
			one := func(channel string, n int) adaptertest.SlackMessage {
				t.Helper()
				h.Await(t, fmt.Sprintf("message %d in %s", n, channel),
					func() bool { return len(h.Messages(channel)) >= n })
				return h.Messages(channel)[n-1]
			}
			// A mention, in the channel and in a thread.
			h.send("events_api", mention("Ev1", "C1", "1780000000.000001", "who handles fraud?"))
			if m := one("C1", 1); m.Thread != "1780000000.000001" || m.Only != "" ||
				!strings.Contains(m.Text, "about: who handles fraud?") {
				t.Errorf("a mention is answered with %+v", m)
			}
			h.send("events_api",
				eventPayload("Ev2",
					`{"type":"app_mention","user":"U1","text":"and <@U0BOT> this?","ts":"1780000000.000003",`+
						`"thread_ts":"1780000000.000002","channel":"C2"}`))
			if m := one("C2", 1); m.Thread != "1780000000.000002" || !strings.Contains(m.Text, "about: and  this?") {
				t.Errorf("a mention in a thread is answered with %+v", m)
			}
			// A direct message, in place.
			h.send("events_api", direct("Ev3", "1780000000.000004", "hello &amp; goodbye"))
			if m := one("D1", 1); m.Thread != "" || !strings.Contains(m.Text, "about: hello &amp; goodbye") {
				t.Errorf("a direct message is answered with %+v", m)
			}
			// A file with a question.
			h.send("events_api",
				eventPayload("Ev4",
					`{"type":"message","subtype":"file_share","channel_type":"im","user":"U1",`+
						`"text":"whose form is this?","ts":"1780000000.000005","channel":"D2","files":[{}]}`))
			if m := one("D2", 1); !strings.Contains(m.Text, "about: whose form is this?") {
				t.Errorf("a file is answered with %+v", m)
			}
			// A command, answered in private and shared.
			h.command("C3", "who pays?")
			m := one("C3", 1)
			if m.Only != "U1" || !strings.Contains(m.Text, "about: who pays?") {
				t.Errorf("a command is answered with %+v", m)
			}
			h.press(m, "share", true)
			if m = one("C3", 2); m.Only != "" || m.Thread != "" || !strings.Contains(m.Text, "about: who pays?") ||
				!strings.Contains(m.Blocks, `"user_id":"U1"`) {
				t.Errorf("shared: %+v", m)
			}
			h.Await(t, "the note", func() bool { return strings.Contains(h.Messages("C3")[0].Text, bot.SayShared) })
			// A shortcut on a message in a thread.
			h.Thread("C5", "1780000000.000006")
			h.send("interactive",
				fmt.Sprintf(
					`{"type":"message_action","callback_id":"ask_desk","trigger_id":"tr5","user":{"id":"U1"},`+
						`"channel":{"id":"C5","name":"c"},`+
						`"response_url":%q,"message":{"type":"message","user":"U2","text":"my badge &lt;lost&gt;",`+
						`"ts":"1780000000.000007","thread_ts":"1780000000.000006"}}`, h.Hook("C5", "U1", "")))
			if m = one("C5", 1); m.Only != "U1" || m.Thread != "1780000000.000006" ||
				!strings.Contains(m.Text, "about: my badge &lt;lost&gt;") {
				t.Errorf("a shortcut is answered with %+v", m)
			}
			h.press(m, "share", true)
			if m = one("C5", 2); m.Only != "" || m.Thread != "1780000000.000006" {
				t.Errorf("posted in the thread: %+v", m)
			}
			// Only the mention.
			h.send("events_api", mention("Ev6", "C6", "1780000000.000008", " "))
			if m = one("C6", 1); !strings.Contains(m.Text, "Ask me who handles something") ||
				strings.Count(m.Text, "\n- ") != 3 || strings.Count(m.Blocks, `"action_id":"try:`) != 3 {
				t.Errorf("a mention alone is answered with %+v", m)
			}
			h.command("C7", "")
			if m = one("C7", 1); m.Only != "U1" || !strings.Contains(m.Text, "Ask me who handles something") {
				t.Errorf("a command alone is answered with %+v", m)
			}
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
		})
	}
}

var triggers struct {
	sync.Mutex
	n int
}

func trigger() string {
	triggers.Lock()
	defer triggers.Unlock()
	triggers.n++
	return fmt.Sprintf("trigger-%d", triggers.n)
}

func (h *house) command(channel, text string) {
	h.t.Helper()
	h.send("slash_commands",
		fmt.Sprintf(
			`{"token":"t","team_id":"T1","channel_id":%q,"user_id":"U1","command":"/ask","text":%s,"response_url":%q,`+
				`"trigger_id":%q}`,
			channel, quote(text), h.Hook(channel, "U1", ""), trigger()))
}

// TestEdits checks that the answer follows edits and deletions of its question.
func TestEdits(t *testing.T) {
	t.Parallel()
	h := open(t, true, nil)
	await := func(what, channel, text string) {
		t.Helper()
		h.Await(t, what, func() bool {
			m := h.Messages(channel)
			return len(m) == 1 && strings.Contains(m[0].Text, text)
		})
	}
	h.send("events_api", mention("Ev1", "C1", "1780000000.000001", "who handles frod?"))
	await("the answer", "C1", "about: who handles frod?")
	edited := func(id, at, text string) string {
		return eventPayload(id,
			fmt.Sprintf(
				`{"type":"app_mention","user":"U1","text":%s,"ts":"1780000000.000001","channel":"C1",`+
					`"edited":{"user":"U1","ts":%q}}`, quote("<@U0BOT> "+text), at))
	}
	h.send("events_api", edited("Ev2", "1780000005.000000", "who handles fraud?"))
	await("the new answer", "C1", "about: who handles fraud?")
	// An older version that arrives late changes nothing.
	h.send("events_api", edited("Ev3", "1780000004.000000", "who handles frd?"))
	// A direct message.
	h.send("events_api", direct("Ev4", "1780000000.000002", "helo"))
	await("the answer", "D1", "about: helo")
	h.send("events_api",
		eventPayload("Ev5",
			`{"type":"message","subtype":"message_changed","channel_type":"im","channel":"D1",`+
				`"ts":"1780000006.000000",`+
				`"message":{"type":"message","user":"U1","text":"hello","ts":"1780000000.000002",`+
				`"edited":{"user":"U1","ts":"1780000006.000000"}},"previous_message":{"type":"message","user":"U1",`+
				`"text":"helo","ts":"1780000000.000002"}}`))
	await("the new answer", "D1", "about: hello")
	// Deleted: as a deletion, and as a tombstone because it has a reply.
	h.send("events_api",
		eventPayload("Ev6",
			`{"type":"message","subtype":"message_deleted","hidden":true,"channel_type":"im","channel":"D1",`+
				`"deleted_ts":"1780000000.000002","ts":"1780000007.000000","previous_message":{"user":"U1",`+
				`"text":"hello","ts":"1780000000.000002"}}`))
	h.Await(t, "the deletion", func() bool { return len(h.Messages("D1")) == 0 })
	await("the first answer to be as it was", "C1", "about: who handles fraud?")
	h.send("events_api",
		eventPayload("Ev7",
			`{"type":"message","subtype":"message_changed","channel_type":"channel","channel":"C1",`+
				`"ts":"1780000008.000000","message":{"subtype":"tombstone","user":"USLACKBOT",`+
				`"text":"This message was deleted.","ts":"1780000000.000001","hidden":true},`+
				`"previous_message":{"user":"U1","text":"x","ts":"1780000000.000001"}}`))
	h.Await(t, "the deletion", func() bool { return len(h.Messages("C1")) == 0 })
	// An edit that arrives after the deletion has no effect.
	h.send("events_api", edited("Ev8", "1780000009.000000", "who?"))
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("")) != 0 {
		t.Errorf("%v, %v", err, h.Messages(""))
	}
}

// TestAssistant checks that the assistant pane has prompts and a status, and that a
// workspace without it gets the same answers.
func TestAssistant(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(h *house) { h.Scopes += ",assistant:write" })
	h.send("events_api",
		eventPayload("Ev1",
			`{"type":"assistant_thread_started","assistant_thread":{"user_id":"U1","context":{},"channel_id":"D1",`+
				`"thread_ts":"1780000000.000001"},"event_ts":"1"}`))
	h.Await(t, "prompts", func() bool { return len(h.Calls("assistant.threads.setSuggestedPrompts")) == 1 })
	if args := h.Calls("assistant.threads.setSuggestedPrompts")[0].Args; args["thread_ts"] != "1780000000.000001" ||
		strings.Count(args["prompts"], `"message"`) != 3 {
		t.Errorf("prompts: %v", args)
	}
	inThread := func(id, ts string) string {
		return eventPayload(id,
			fmt.Sprintf(
				`{"type":"message","channel_type":"im","user":"U1","text":"who?","ts":%q,`+
					`"thread_ts":"1780000000.000001","channel":"D1"}`, ts))
	}
	h.send("events_api", inThread("Ev2", "1780000000.000002"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("D1")) == 1 })
	if m := h.Messages("D1")[0]; m.Thread != "1780000000.000001" || len(h.Calls("assistant.threads.setStatus")) != 1 {
		t.Errorf("%+v after %v", m, h.Calls(""))
	}
	h.Fail("assistant.threads.setStatus", adaptertest.Fault{Error: "missing_scope", Needed: "assistant:write"})
	for i := range 3 {
		h.send("events_api", inThread(fmt.Sprint("Ev", i+3), fmt.Sprintf("1780000000.00000%d", i+3)))
		h.Await(t, "the answer", func() bool { return len(h.Messages("D1")) == i+2 })
	}
	if n := len(h.Calls("assistant.threads.setStatus")); n != 2 {
		t.Errorf("asks for a status %d times", n)
	}
}

// TestAgent checks the agent messaging experience: prompts when the Messages tab opens, and
// answers in the thread of each direct message, with a status before them.
func TestAgent(t *testing.T) {
	t.Parallel()
	h := open(t, true, func(h *house) { h.adapter.settings.Assistant, h.Agent = true, true })
	h.send("events_api",
		eventPayload("Ev1", `{"type":"app_home_opened","user":"U1","channel":"D1","tab":"messages",`+
			`"event_ts":"1780000000.000100","context":{"entities":[]}}`))
	h.Await(t, "prompts", func() bool { return len(h.Calls("assistant.threads.setSuggestedPrompts")) == 1 })
	if args := h.Calls("assistant.threads.setSuggestedPrompts")[0].Args; args["channel_id"] != "D1" ||
		strings.Count(args["prompts"], `"message"`) != 3 {
		t.Errorf("prompts: %v", args)
	}
	h.send("events_api", eventPayload("Ev2", `{"type":"app_context_changed","user":"U1","channel":"D1"}`))
	h.send("events_api", direct("Ev3", ts(1), "who?"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("D1")) == 1 })
	status := h.Calls("assistant.threads.setStatus")
	if m := h.Messages("D1")[0]; m.Thread != ts(1) || len(status) != 1 || status[0].Args["thread_ts"] != ts(1) ||
		status[0].Args["channel_id"] != "D1" || !status[0].At.Before(m.At) {
		t.Errorf("%+v after %v", m, h.Calls(""))
	}
	h.send("events_api",
		eventPayload("Ev4",
			`{"type":"message","channel_type":"im","user":"U1","text":"and who else?","ts":"1780000000.000002",`+
				`"thread_ts":"1780000000.000001","channel":"D1"}`))
	h.Await(t, "the other answer", func() bool { return len(h.Messages("D1")) == 2 })
	if m := h.Messages("D1")[1]; m.Thread != ts(1) || strings.Contains(h.log.String(), "unknown") {
		t.Errorf("%+v\n%s", m, h.log)
	}
}

// cut cuts the connection as soon as it is ready.
func (h *house) cut() {
	h.t.Helper()
	h.Await(h.t, "a connection", func() bool { return h.Connections() > 0 })
	h.CutSockets()
}
