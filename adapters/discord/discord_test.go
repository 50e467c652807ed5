package discord

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"frontdesk/adapters/adaptertest"
	"frontdesk/bot"
)

// house is a running adapter with its stand-in for Discord.
type house struct {
	*adaptertest.Discord
	t       testing.TB
	handler *adaptertest.Handler
	adapter *Adapter
	address string // of the HTTP transport; "" on the gateway
	stop    context.CancelFunc
	ended   chan error
	log     *adaptertest.Log

	states *adaptertest.States
}

// open starts an adapter. Change may change it before it runs.
func open(t testing.TB, http bool, change func(*house, *Settings)) *house {
	t.Helper()
	fake, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fake.Close()
		for _, wrong := range fake.Wrong() {
			t.Errorf("Discord would refuse: %s", wrong)
		}
	})
	return start(t, fake, http, change)
}

// start starts an adapter as open does, with a stand-in that is there.
func start(t testing.TB, fake *adaptertest.Discord, http bool, change func(*house, *Settings)) *house {
	t.Helper()
	h := &house{
		Discord: fake, t: t, handler: &adaptertest.Handler{}, ended: make(chan error, 1), log: &adaptertest.Log{},
		states: adaptertest.NewStates(),
	}
	s := Settings{BotToken: adaptertest.DiscordToken, PublicKey: fake.PublicKey(), APIURL: fake.API(), HTTP: http}
	if change != nil {
		change(h, &s)
	}
	log := slog.New(slog.NewTextHandler(h.log, &slog.HandlerOptions{Level: slog.LevelDebug}))
	var err error
	if h.adapter, err = New(s, log, h.states.Monitor()); err != nil {
		t.Fatal(err)
	}
	h.adapter.timing = timing{
		pause: 20 * time.Millisecond, drain: 5 * time.Second, defers: 10 * time.Second, identify: time.Millisecond,
		invalid: time.Millisecond, messages: pace{messagePace.burst, 25 * time.Millisecond},
		directs: pace{5, directPace.every},
	}
	if change != nil {
		change(h, &s) // again, for the timing
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
		if log := h.log.String(); strings.Contains(log, "not-to-be-seen") || strings.Contains(log, "token-") {
			t.Errorf("the log has a secret:\n%s", log)
		}
	})
	return h
}

// awaitState waits for a state after the first from states.
func (h *house) awaitState(from int, phase bot.Phase, why string) (next int) {
	h.t.Helper()
	return h.states.Await(h.t, from, phase, why)
}

func quote(s string) string { return string(encode(s)) }

// snowflake makes a Discord id from a number or a name.
func snowflake(n any) string { return fmt.Sprintf("3%017d", hash(fmt.Sprint(n))) }

func hash(s string) (n uint32) {
	for _, r := range s {
		n = n*31 + uint32(r)
	}
	return n
}

func mention(id, channel, text string) string {
	return fmt.Sprintf(
		`{"id":%q,"channel_id":%q,"guild_id":"50","type":0,"content":%s,"author":{"id":"70","username":"ann"},`+
			`"mentions":[{"id":%q}],"edited_timestamp":null,"webhook_id":null}`,
		id, channel, quote("<@"+adaptertest.DiscordBot+"> "+text), adaptertest.DiscordBot)
}

func direct(id, text string) string {
	return fmt.Sprintf(`{"id":%q,"channel_id":"80","type":0,"content":%s,"author":{"id":"70"}}`, id, quote(text))
}

// interactionOf returns an interaction of a server member or, in channel 80, of a
// person in direct messages.
func interactionOf(id string, kind int, channel, data, more string) string {
	who := `"guild_id":"50","member":{"user":{"id":"70","username":"ann"},"permissions":"0"},"app_permissions":"16384"`
	if channel == "80" {
		who = `"user":{"id":"70"},"app_permissions":"0"`
	}
	return fmt.Sprintf(
		`{"id":%q,"application_id":%q,"type":%d,"token":"token-%s","version":1,"channel_id":%q,"channel":{"id":%q,`+
			`"type":0},%s,"data":%s%s}`,
		id, adaptertest.DiscordApp, kind, id, channel, channel, who, data, more)
}

func askData(question, more string) string {
	return fmt.Sprintf(`{"id":"1","name":"ask","type":1,"options":[{"name":"question","type":3,"value":%s%s}]}`,
		quote(question), more)
}

// interact sends an interaction over the adapter's transport and returns the first
// response to it.
func (h *house) interact(id, payload string) adaptertest.DiscordReply {
	h.t.Helper()
	if h.address == "" {
		h.Emit(h.t, "INTERACTION_CREATE", payload)
		h.Await(h.t, "the answer to "+id, func() bool { return len(h.Replies(id)) > 0 })
		return h.Replies(id)[0]
	}
	status, body := h.request(payload, nil)
	if status != http.StatusOK {
		h.t.Fatalf("status %d: %s", status, body)
	}
	r, wrong := adaptertest.CheckReply(body)
	if len(wrong) > 0 {
		h.t.Errorf("Discord would refuse: %v", wrong)
	}
	return r
}

// command asks with /ask and returns the first response.
func (h *house) command(id, channel, question string) adaptertest.DiscordReply {
	h.t.Helper()
	return h.interact(id, interactionOf(id, 2, channel, askData(question, ""), ""))
}

// request sends a payload over HTTP, changed if wanted.
func (h *house) request(payload string, change func(*http.Request)) (status int, body []byte) {
	h.t.Helper()
	for {
		r, err := h.Request(h.address, time.Now(), payload)
		if err != nil {
			h.t.Fatal(err)
		}
		if change != nil {
			change(r)
		}
		status, body := adaptertest.Do(h.t, r)
		if status == http.StatusServiceUnavailable {
			h.awaitState(0, bot.Ready, "")
			continue
		}
		return status, []byte(body)
	}
}

// wordsOf returns the texts of a message.
func wordsOf(body string) string {
	var m struct {
		Content string
		Embeds  []struct{ Title, Description string }
	}
	_ = json.Unmarshal([]byte(body), &m)
	all := m.Content
	for _, e := range m.Embeds {
		all += e.Title + "\n" + e.Description
	}
	return all
}

func TestContract(t *testing.T) {
	t.Parallel()
	adaptertest.Contract(t, func(t *testing.T, desk bot.Handler) adaptertest.Conversation {
		h := open(t, false, func(h *house, _ *Settings) { h.handler = desk.(*adaptertest.Handler) })
		asked := 0
		return adaptertest.Conversation{
			Ask: func(id, text string) {
				asked++ // few questions a channel, so that each is answered in a message of its own
				h.Emit(t, "MESSAGE_CREATE",
					strings.Replace(mention(snowflake(id), fmt.Sprint(asked/messagePace.burst), text), `"id":"70"`,
						fmt.Sprintf(`"id":"7%d"`, asked/4), 1))
			},
			Replies: func(n int) []string {
				h.Await(t, fmt.Sprintf("%d replies", n), func() bool { return len(h.Messages("")) >= n })
				var texts []string
				for _, m := range h.Messages("") {
					texts = append(texts, wordsOf(m.Body))
				}
				return texts
			},
			Repeat: true,
			Chatter: func() {
				for _, c := range chatter {
					kind, data, _ := strings.Cut(c, " ")
					h.Emit(t, kind, data)
				}
			},
			Stop: func() error {
				h.stop()
				return <-h.ended
			},
		}
	})
}

// chatter has events of a server that are not for the bot.
var chatter = []string{
	`MESSAGE_CREATE {"id":"1","channel_id":"1","guild_id":"50","type":0,"content":"","author":{"id":"70"}}`,
	`MESSAGE_CREATE {"id":"2","channel_id":"1","guild_id":"50","type":0,"content":"who handles fraud?",` +
		`"author":{"id":"70"}}`,
	`MESSAGE_CREATE {"id":"3","channel_id":"1","guild_id":"50","type":0,"content":"<@100000000000000001> from a bot",` +
		`"author":{"id":"71","bot":true}}`,
	`MESSAGE_CREATE {"id":"4","channel_id":"80","type":0,"content":"my own","author":{"id":"100000000000000001",` +
		`"bot":true}}`,
	`MESSAGE_CREATE {"id":"5","channel_id":"1","guild_id":"50","type":0,"content":"<@100000000000000001> a hook",` +
		`"webhook_id":"9","author":{"id":"9"}}`,
	`MESSAGE_CREATE {"id":"6","channel_id":"1","guild_id":"50","type":7,"content":"<@100000000000000001> joined",` +
		`"author":{"id":"70"}}`,
	`MESSAGE_CREATE {"id":"7","channel_id":"1","guild_id":"50","type":19,"content":"thanks",` +
		`"mentions":[{"id":"100000000000000001"}],"author":{"id":"70"}}`,
	`MESSAGE_CREATE {"id":"8","channel_id":"1","guild_id":"50","type":0,"content":"@everyone <@&55> look",` +
		`"mention_everyone":true,"author":{"id":"70"}}`,
	`MESSAGE_UPDATE {"id":"2","channel_id":"80","type":0,"content":"a link unfolds","edited_timestamp":null,` +
		`"author":{"id":"70"}}`,
	`MESSAGE_DELETE {"id":"2","channel_id":"1","guild_id":"50"}`,
	`TYPING_START {"user_id":"70"}`,
	`GUILD_CREATE {"id":"50"}`,
}

// TestWays checks that each way to ask is answered in the right place.
func TestWays(t *testing.T) {
	t.Parallel()
	for name, http := range map[string]bool{"gateway": false, "http": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			h := open(t, http, nil)
			if !http {
				h.Emit(t, "MESSAGE_CREATE", mention("11", "1", "who handles fraud?"))
				h.Emit(t, "MESSAGE_CREATE", direct("12", "hello & <t:1:R> <:wave:5>"))
				h.Emit(t, "MESSAGE_CREATE", mention("13", "2", " "))
				h.Await(t, "the answers", func() bool { return len(h.Messages("")) == 3 })
				if m := h.Messages("1")[0]; m.ReplyTo != "11" ||
					!strings.Contains(wordsOf(m.Body), "about: who handles fraud?") {
					t.Errorf("a mention is answered with %+v", m)
				}
				if m := h.Messages("80")[0]; m.ReplyTo != "12" ||
					!strings.Contains(wordsOf(m.Body), "about: hello &  wave") {
					t.Errorf("a direct message is answered with %+v", m)
				}
				if m := h.Messages("2")[0]; strings.Count(m.Body, `"custom_id":"try`) != 3 ||
					!strings.Contains(m.Body, "Ask me who handles something") {
					t.Errorf("a mention alone is answered with %+v", m)
				}
			}
			has := func(what string, r adaptertest.DiscordReply, kind int, private bool, parts ...string) {
				t.Helper()
				if r.Type != kind || strings.Contains(r.Data, `"flags":64`) != private {
					t.Errorf("%s: %+v", what, r)
				}
				for _, p := range parts {
					if !strings.Contains(r.Data, p) {
						t.Errorf("%s: no %q in %s", what, p, r.Data)
					}
				}
			}
			has("/ask", h.command("21", "1", "who pays?"), 4, false,
				"about: who pays?", "up|about")
			private := `},{"name":"private","type":5,"value":true`
			has("/ask private", h.interact("22", interactionOf("22", 2, "1", askData("who pays?", private), "")), 4,
				true, "about: who pays?")
			has("/ask in direct messages", h.command("23", "80", "who pays?"),
				4, false, "about: who pays?")
			has("a chosen entry", h.command("24", "1", "entry:people#1"), 4,
				false, "Division people#1")
			has("nothing asked", h.command("25", "1", " "), 4, false,
				"Ask me who handles something")
			has("a silent desk", h.command("26", "80", "silence"), 4, false,
				"Ask me who handles something")
			has("a broken desk", h.command("27", "80", "panic"), 4, false,
				"Something went wrong")
			has("/divisions",
				h.interact("28", interactionOf("28", 2, "1", `{"id":"2","name":"divisions","type":1}`, "")), 4, true,
				"Buildings", "choose1|buildings")
			has("a message", h.interact("29", interactionOf("29", 2, "1",
				`{"id":"3","name":"Ask the desk","type":3,"target_id":"9","resolved":{"messages":{"9":{"id":"9",`+
					`"content":"my badge is lost","author":{"id":"71"}}}}}`, "")), 4, true, "about: my badge is lost")
			has("autocomplete", h.interact("30", interactionOf("30", 4, "1", askData("forc", `,"focused":true`), "")),
				8, false, `"value":"entry:people#0"`)
			has("broken autocomplete",
				h.interact("31", interactionOf("31", 4, "1", askData("panic", `,"focused":true`), "")), 8, false,
				`{"choices":[]}`)
			has("a suggestion", h.interact("32", press("32", "choose0|people")), 7, false, "Division people")
			has("a menu",
				h.interact("33",
					interactionOf("33", 3, "1", `{"component_type":3,"custom_id":"pick","values":["people"]}`,
						`,"message":{"id":"9"}`)), 7, false, "Division people")
			has("a vote", h.interact("34", press("34", "up|people")), 4, true, bot.SayThanks)
			has("a vote", h.interact("35", press("35", "down|")), 4, true, "Which one did you mean?", "choose1|buildings")
			has("details", h.interact("41", press("41", "details|people#pl")), 4, true, "Division people#pl")
			has("an example", h.interact("42", press("42", "try0|who pays?")), 4, true, "about: who pays?")
			has("the choice of the asker", h.interact("43", press("43", "choose0|people|70")), 7, false, "Division people")
			kept := `{"id":"9","channel_id":"1","content":"> who?","embeds":[{"description":"There are 60."}],` +
				`"components":[{"type":1,"components":[{"type":3,"custom_id":"pick||70","options":[]}]},` +
				`{"type":1,"components":[{"type":2,"style":2,"label":"Back","custom_id":"page<|0|70"}]},` +
				`{"type":1,"components":[{"type":2,"style":2,"emoji":{"name":"👍"},"custom_id":"up|"}]}]}`
			turn := func(id, custom string) string {
				return interactionOf(id, 3, "1", fmt.Sprintf(`{"component_type":2,"custom_id":%q}`, custom),
					`,"message":`+kept)
			}
			r := h.interact("45", turn("45", "page>|1|70"))
			has("a page turned by the asker", r, 7, false, "There are 60.", `\u003e who?`, `"custom_id":"up|"`)
			if strings.Contains(r.Data, "page<|0|70") {
				t.Errorf("the buttons of the page before are left: %s", r.Data)
			}
			has("a page turned by somebody else", h.interact("46", turn("46", "page>|1|99")), 4, true, "Buildings")
			has("a choice below a question", h.interact("47", turn("47", "choose0|people|70")), 7, false,
				`\u003e who?`, "Division people")
			has("the choice of somebody else", h.interact("44", press("44", "choose0|people|99")), 4, true,
				"Division people")
			has("not meant", h.interact("36", press("36", "meant")), 4, true, "choose1|buildings",
				"Which one did you mean?")
			has("a page", h.interact("37", press("37", "page>|1")), 7, false, "Buildings")
			has("a button nobody knows", h.interact("38", press("38", "explode|1")), 4, true)
			long := strings.Repeat("d", 85)
			has("a long id", h.interact("39", press("39", "choose0|"+long)), 7, false, "Division "+long)
			// Without the permission to embed links.
			plain := strings.Replace(interactionOf("40", 2, "1", askData("who pays?", ""), ""),
				`"app_permissions":"16384"`, `"app_permissions":"2048"`, 1)
			plain = strings.Replace(plain, `"id":"70"`, `"id":"71"`, 1)
			has("without embeds", h.interact("40", plain), 4, false, `"embeds":[]`, "about: who pays?")
			h.stop()
			if err := <-h.ended; err != nil {
				t.Error(err)
			}
		})
	}
}

func press(id, custom string) string {
	return interactionOf(id, 3, "1", fmt.Sprintf(`{"component_type":2,"custom_id":%q}`, custom),
		`,"message":{"id":"9","channel_id":"1"}`)
}

// TestChannels checks that in a server with chosen channels public answers appear
// only in those.
func TestChannels(t *testing.T) {
	t.Parallel()
	h := open(t, false, func(_ *house, s *Settings) { s.Channels = map[string][]string{"50": {"1"}} })
	typed := func(kind, message string) string {
		return strings.Replace(message, `"type":0`, `"type":0,"channel_type":`+kind, 1)
	}
	h.Emit(t, "MESSAGE_CREATE", typed("0", mention("11", "2", "not here")))
	h.Emit(t, "MESSAGE_CREATE", mention("12", "1", "here"))
	h.Emit(t, "MESSAGE_CREATE", typed("11", mention("13", "600", "in a thread here")))
	h.Emit(t, "MESSAGE_CREATE", mention("14", "600", "in a thread here"))
	h.Await(t, "the answers", func() bool { return len(h.Messages("")) == 3 })
	if r := h.command("21", "2", "who pays?"); !strings.Contains(r.Data, `"flags":64`) {
		t.Errorf("elsewhere a command is answered with %+v", r)
	}
	if r := h.command("22", "1", "who pays?"); strings.Contains(r.Data, `"flags":64`) {
		t.Errorf("there a command is answered with %+v", r)
	}
	thread := strings.Replace(interactionOf("23", 2, "3", askData("who pays?", ""), ""),
		`"channel":{"id":"3","type":0}`, `"channel":{"id":"3","type":11,"parent_id":"1"}`, 1)
	if r := h.interact("23", thread); strings.Contains(r.Data, `"flags":64`) {
		t.Errorf("in a thread there a command is answered with %+v", r)
	}
	h.stop()
	if err := <-h.ended; err != nil || len(h.Messages("2")) != 0 || len(h.Messages("600")) != 2 {
		t.Errorf("%v, %v", err, h.Messages("2"))
	}
	if calls := h.Calls("GET message"); len(calls) != 1 || calls[0].Args["path"] != "channels/600" {
		t.Errorf("Discord says which channels are threads, and is asked %v", calls)
	}
}

// TestCommands checks that commands are registered only where they have changed.
func TestCommands(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	if n := len(h.Calls("PUT commands")); n != 1 ||
		!strings.Contains(h.Commands(adaptertest.DiscordApp), `"divisions"`) {
		t.Errorf("written %d times: %s", n, h.Commands(adaptertest.DiscordApp))
	}
	h.stop()
	<-h.ended
	for range 2 {
		ctx, cancel := context.WithCancel(t.Context())
		again, err := New(h.adapter.settings, h.adapter.log, bot.Monitor{})
		if err != nil {
			t.Fatal(err)
		}
		starts := len(h.Starts())
		go func() { h.ended <- again.Run(ctx, h.handler) }()
		h.Await(t, "another start", func() bool { return len(h.Starts()) > starts })
		cancel()
		<-h.ended
	}
	if n := len(h.Calls("PUT commands")); n != 1 {
		t.Errorf("written %d times", n)
	}
	there := open(t, false, func(_ *house, s *Settings) { s.Server = "50" })
	there.awaitState(0, bot.Ready, "")
	if there.Commands("50") == "" || there.Commands(adaptertest.DiscordApp) != "" {
		t.Error("not registered in the one server")
	}
}

func TestInvite(t *testing.T) {
	t.Parallel()
	const want = "https://discord.com/oauth2/authorize?client_id=1" +
		"&scope=bot+applications.commands&permissions=274877991936"
	if got := Invite("1"); got != want {
		t.Error(got)
	}
}

// cut cuts the connection as soon as it is ready.
func (h *house) cut() {
	h.t.Helper()
	h.Await(h.t, "a connection", func() bool { return h.Connections() > 0 })
	h.CutSockets()
}
