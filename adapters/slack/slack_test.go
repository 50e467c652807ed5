package slack

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
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
		fake.Close()
		for _, wrong := range fake.Wrong() {
			t.Errorf("Slack would refuse: %s", wrong)
		}
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
		response, err := http.DefaultClient.Do(r)
		if err != nil {
			h.t.Fatal(err)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		response.Body.Close()
		if response.StatusCode == http.StatusServiceUnavailable {
			h.awaitState(0, bot.Ready, "") // not ready yet: Slack would send it again
			continue
		}
		return envelope, response.StatusCode
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
				strings.Count(m.Text, "\n- ") != 3 || strings.Contains(m.Blocks, "actions") {
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

// press presses the first button of a message whose action id begins with action, and
// returns the payload.
func (h *house) press(m adaptertest.SlackMessage, action string, ephemeral bool) string {
	h.t.Helper()
	var blocks []struct {
		ID       string `json:"block_id"`
		Elements []struct {
			Type    string `json:"type"`
			ID      string `json:"action_id"`
			Value   string `json:"value"`
			Options []struct {
				Value string `json:"value"`
			} `json:"options"`
		} `json:"elements"`
	}
	if err := json.Unmarshal([]byte(m.Blocks), &blocks); err != nil {
		h.t.Fatal(err)
	}
	for _, b := range blocks {
		for _, e := range b.Elements {
			if e.ID != action && !strings.HasPrefix(e.ID, action+":") {
				continue
			}
			chosen := fmt.Sprintf(`"value":%s`, quote(e.Value))
			if len(e.Options) > 0 {
				chosen = fmt.Sprintf(`"selected_option":{"text":{"type":"plain_text","text":"x"},"value":%s}`,
					quote(e.Options[len(e.Options)-1].Value))
			}
			thread := ""
			if m.Thread != "" {
				thread = fmt.Sprintf(`,"thread_ts":%q`, m.Thread)
			}
			payload := fmt.Sprintf(
				`{"type":"block_actions","user":{"id":"U1","name":"ann"},"trigger_id":%q,"response_url":%q,`+
					`"channel":{"id":%q,"name":"c"},`+
					`"container":{"type":"message","message_ts":%q,"channel_id":%q,"is_ephemeral":%v%s},`+
					`"actions":[{"type":%q,"action_id":%q,"block_id":%q,%s,"action_ts":"1780000009.000001"}]}`,
				trigger(), h.Hook(m.Channel, "U1", m.TS), m.Channel, m.TS, m.Channel, ephemeral, thread, e.Type, e.ID,
				b.ID, chosen)
			h.send("interactive", payload)
			return payload
		}
	}
	h.t.Fatalf("there is no %s in %s", action, m.Blocks)
	return ""
}

// TestButtons checks what each button does, also after a restart.
func TestButtons(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.send("events_api", mention("Ev1", "C1", "1780000000.000001", "offer"))
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	m := h.Messages("C1")[0]

	h.stop()
	if err := <-h.ended; err != nil {
		t.Fatal(err)
	}
	h.Await(t, "the end of the connection", func() bool { return h.Connections() == 0 })
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	h.adapter = New(h.adapter.settings, h.adapter.log, h.states.Monitor())
	go func() { h.ended <- h.adapter.Run(ctx, h.handler) }()

	// 👍 👎 are counted, with thanks to the presser only.
	h.press(m, "up", false)
	h.Await(t, "thanks", func() bool { return len(h.Messages("C1")) == 2 })
	if thanks := h.Messages("C1")[1]; thanks.Only != "U1" || thanks.Thread != m.Thread ||
		!strings.Contains(thanks.Text, bot.SayThanks) {
		t.Errorf("thanks: %+v", thanks)
	}
	h.press(m, "down", false)
	h.Await(t, "thanks", func() bool { return len(h.Messages("C1")) == 3 })

	// "Not what I meant" offers the directory to the presser only.
	h.press(m, "meant", false)
	h.Await(t, "the directory", func() bool { return len(h.Messages("C1")) == 4 })
	offered := h.Messages("C1")[3]
	if offered.Only != "U1" || offered.Thread != m.Thread || !strings.Contains(offered.Text, "Buildings") ||
		!strings.Contains(offered.Blocks, "choose:1") {
		t.Errorf("the directory: %+v", offered)
	}
	h.press(offered, "choose", true)
	h.Await(t, "the card", func() bool { return strings.Contains(h.Messages("C1")[3].Text, "Division people") })
	if card := h.Messages("C1")[3]; card.Only != "U1" || !strings.Contains(card.Blocks, `"action_id":"share"`) ||
		len(h.Messages("C1")) != 4 {
		t.Errorf("the card: %+v", card)
	}
	h.press(h.Messages("C1")[3], "share", true)
	h.Await(t, "the shared card", func() bool { return len(h.Messages("C1")) == 5 })
	if shared := h.Messages("C1")[4]; shared.Only != "" || shared.Thread != m.Thread ||
		!strings.Contains(shared.Text, "Division people") {
		t.Errorf("shared: %+v", shared)
	}

	// A suggestion replaces the message with that answer.
	payload := h.press(m, "choose", false)
	h.Await(t, "the choice", func() bool { return h.Messages("C1")[0].Edits == 1 })
	if chosen := h.Messages("C1")[0]; !strings.Contains(chosen.Text, "Division people") || chosen.Thread != m.Thread {
		t.Errorf("chosen: %+v", chosen)
	}
	// The same press again does nothing.
	h.send("interactive", payload)
	cancel()
	if err := <-h.ended; err != nil {
		t.Error(err)
	}
	if h.Messages("C1")[0].Edits != 1 {
		t.Error("a press that was repeated counts twice")
	}
	if h.adapter.current.Load() != nil {
		t.Error("serves after its end")
	}
}

// TestMenu checks that an entry of a long directory can be chosen and shared.
func TestMenu(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.command("C1", "sample directory")
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	h.press(h.Messages("C1")[0], "choose", true)
	h.Await(t, "the card", func() bool { return strings.Contains(h.Messages("C1")[0].Text, "Division division-0") })
}

// TestShareTwice checks that a second press does not post again, and that the presser is
// told why an answer could not be shared and may try again.
func TestShareTwice(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.command("C1", "who pays?")
	h.Await(t, "the answer", func() bool { return len(h.Messages("C1")) == 1 })
	answer := h.Messages("C1")[0]
	h.Leave("C1")
	h.press(answer, "share", true)
	h.Await(t, "the reason", func() bool { return len(h.Messages("C1")) == 2 })
	if reason := h.Messages("C1")[1]; reason.Only != "U1" || !strings.Contains(reason.Text, "not a member") {
		t.Errorf("the reason: %+v", reason)
	}
	h.Join("C1")
	h.press(answer, "share", true)
	h.press(answer, "share", true)
	h.Await(t, "the shared answer and a note", func() bool { return len(h.Messages("C1")) == 4 })
	public := 0
	for _, m := range h.Messages("C1") {
		if m.Only == "" {
			public++
		}
	}
	if public != 1 {
		t.Errorf("shared %d times", public)
	}
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

// TestHomeTab checks what can be done from the Home tab and its modals.
func TestHomeTab(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	view := func(n int) adaptertest.SlackView {
		t.Helper()
		h.Await(t, fmt.Sprintf("view %d", n), func() bool { return len(h.Views()) >= n })
		return h.Views()[n-1]
	}
	h.send("events_api",
		eventPayload("Ev1", `{"type":"app_home_opened","user":"U1","channel":"D1","tab":"home","event_ts":"1"}`))
	home := view(1)
	if home.User != "U1" || !strings.Contains(home.Blocks, "Buildings") ||
		!strings.Contains(home.Blocks, `"dispatch_action":true`) {
		t.Errorf("the Home tab: %+v", home)
	}
	act := func(kind, id, trigger, action, value string) {
		h.send("interactive",
			fmt.Sprintf(
				`{"type":"block_actions","user":{"id":"U1"},"trigger_id":%q,"container":{"type":"view","view_id":%q},`+
					`"view":{"id":%q,"type":%q},"actions":[{"action_id":%q,"block_id":"b","value":%s}]}`,
				trigger, id, id, kind, action, quote(value)))
	}
	act("home", home.ID, trigger(), "choose:0", `{"d":"people"}`)
	card := view(2)
	if card.Method != "views.open" || !strings.Contains(card.Blocks, "Division people") {
		t.Errorf("the card: %+v", card)
	}
	act("home", home.ID, trigger(), "ask", "offer")
	asked := view(3)
	if asked.Method != "views.open" || !strings.Contains(asked.Blocks, "It may be one of these") {
		t.Errorf("the question field: %+v", asked)
	}
	act("modal", asked.ID, trigger(), "choose:1", `{"d":"buildings"}`)
	if v := view(4); v.Method != "views.update" || v.ID != asked.ID ||
		!strings.Contains(v.Blocks, "Division buildings") {
		t.Errorf("a suggestion in a modal: %+v", v)
	}
	act("modal", asked.ID, trigger(), "up", `{"d":"buildings"}`)
	if v := view(5); v.Method != "views.update" || !strings.Contains(v.Blocks, bot.SayThanks) ||
		!strings.Contains(v.Blocks, "Division buildings") {
		t.Errorf("a vote in a modal: %+v", v)
	}
	act("modal", asked.ID, trigger(), "meant", `{}`)
	if v := view(6); v.Method != "views.update" || !strings.Contains(v.Blocks, "choose:1") {
		t.Errorf("the directory in a modal: %+v", v)
	}
	// A modal that fails to open.
	act("home", home.ID, "expired-1", "choose:0", `{"d":"people"}`)
	h.Await(t, "a direct message", func() bool {
		m := h.Messages("U1")
		return len(m) == 1 && strings.Contains(m[0].Text, "Division people")
	})
}

// TestAssistant checks that the assistant pane has prompts and a status, and that a
// workspace without it gets the same answers.
func TestAssistant(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
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

// cut cuts the connection as soon as it is ready.
func (h *house) cut() {
	h.t.Helper()
	h.Await(h.t, "a connection", func() bool { return h.Connections() > 0 })
	h.CutSockets()
}
