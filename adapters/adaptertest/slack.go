package adaptertest

import (
	"cmp"
	"encoding/json"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"time"
)

// Ids and tokens of the stand-in for Slack. The tokens look like Slack's, so that a
// secret scanner would find them in a log.
const (
	SlackBotToken = "xoxb-1-not-to-be-seen"
	SlackAppToken = "xapp-1-not-to-be-seen"
	SlackSecret   = "0123456789abcdef-not-to-be-seen"
	SlackBot      = "U0BOT"
)

// Slack is a stand-in for Slack: its Web API, Socket Mode, response URLs, and a
// sender of signed requests.
type Slack struct {
	// BotToken and AppToken are the tokens it accepts.
	BotToken, AppToken string
	// Scopes are the scopes of the bot token, [SlackScopes] at first. A method that needs another
	// one is refused.
	Scopes string
	// Agent says that the app has the agent messaging experience.
	Agent bool
	// Others is how many connections other processes have with the same app-level token.
	Others int

	listener *gate
	server   *http.Server
	sockets  sockets

	wire
	clock    int
	messages []*SlackMessage
	views    []SlackView
	threads  map[string]bool // those that have a reply, by threadKey
	left     map[string]bool // channels the bot is not in
	guests   map[string]bool // people who are not full members
	shared   map[string]bool // channels shared with another organization
	hooks    map[string]*hook
	acks     map[string]int
	opens    []time.Time
	turn     int    // whose turn it is of several connections
	reject   string // the reason to reject connections; "" to accept them
}

// SlackMessage is a message that somebody can see.
type SlackMessage struct {
	Channel, TS, Thread string
	Text                string
	Blocks              string    // JSON
	Only                string    // who sees it; "" for everybody
	At                  time.Time // when it was posted
	Edits               int
	Deleted             bool
}

// SlackView is a Home tab or a modal that was shown.
type SlackView struct {
	Method, Type, User, Trigger, ID string
	Callback, Metadata              string
	Blocks                          string // JSON
}

type hook struct {
	channel, user string
	original      *SlackMessage
	uses          int
	expires       time.Time
}

// StartSlack starts the stand-in on a free port of this machine.
func StartSlack() (*Slack, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	s := &Slack{
		BotToken: SlackBotToken, AppToken: SlackAppToken, Scopes: SlackScopes,
		listener: newGate(l), wire: newWire(),
		threads: map[string]bool{}, left: map[string]bool{}, guests: map[string]bool{}, shared: map[string]bool{},
		hooks: map[string]*hook{}, acks: map[string]int{},
	}
	mux := http.NewServeMux()
	mux.HandleFunc("POST /api/{method}", s.api)
	mux.HandleFunc("POST /hook/{id}", s.respond)
	mux.HandleFunc("GET /link", s.link)
	s.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	s.sockets.running.Go(func() { _ = s.server.Serve(s.listener) })
	return s, nil
}

// Close stops the stand-in and closes every connection to it.
func (s *Slack) Close() {
	_ = s.server.Close()
	s.sockets.close()
}

// API returns the address of the Web API.
func (s *Slack) API() string { return "http://" + s.listener.Addr().String() + "/api/" }

// Messages lists the messages in a channel, or in all channels.
func (s *Slack) Messages(channel string) []SlackMessage {
	s.mu.Lock()
	defer s.mu.Unlock()
	var messages []SlackMessage
	for _, m := range s.messages {
		if !m.Deleted && (channel == "" || m.Channel == channel) {
			messages = append(messages, *m)
		}
	}
	return messages
}

// Views lists the views that were shown.
func (s *Slack) Views() []SlackView {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.views)
}

// Acks returns how often an envelope was acknowledged.
func (s *Slack) Acks(envelope string) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.acks[envelope]
}

// Opens returns the times of calls of apps.connections.open.
func (s *Slack) Opens() []time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.opens)
}

// Thread says that people have replied to a message, so that it has a thread. A reply
// that is posted makes one as well.
func (s *Slack) Thread(channel, ts string) {
	s.change(func() { s.threads[threadKey(channel, ts)] = true })
}

func threadKey(channel, ts string) string { return channel + " " + ts }

// add keeps a message. An ephemeral message in a thread is seen by nobody if the thread
// has no reply yet (docs.slack.dev/reference/methods/chat.postEphemeral).
func (s *Slack) add(m *SlackMessage) {
	s.messages = append(s.messages, m)
	switch key := threadKey(m.Channel, m.Thread); {
	case m.Thread == "":
	case m.Only == "":
		s.threads[key] = true
	case !s.threads[key]:
		s.wrong = append(s.wrong, fmt.Sprintf("an ephemeral message in %s in the thread of %s, which has no reply: "+
			"Slack says ok and shows it to nobody", m.Channel, m.Thread))
	}
}

// Leave removes the bot from a channel.
func (s *Slack) Leave(channel string) { s.change(func() { s.left[channel] = true }) }

// Guest makes a person a guest.
func (s *Slack) Guest(user string) { s.change(func() { s.guests[user] = true }) }

// Share shares a channel with another organization.
func (s *Slack) Share(channel string) { s.change(func() { s.shared[channel] = true }) }

// Join adds the bot to a channel again.
func (s *Slack) Join(channel string) { s.change(func() { delete(s.left, channel) }) }

// api answers a call of the Web API.
func (s *Slack) api(w http.ResponseWriter, r *http.Request) {
	method := r.PathValue("method")
	s.date(w)
	w.Header().Set("X-OAuth-Scopes", s.Scopes)
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	args := map[string]string{}
	if strings.HasPrefix(r.Header.Get("Content-Type"), "application/json") {
		var fields map[string]json.RawMessage
		if len(body) > 0 && json.Unmarshal(body, &fields) != nil {
			s.reply(w, map[string]any{"ok": false, "error": "invalid_json"})
			return
		}
		for key, raw := range fields {
			if json.Unmarshal(raw, new(string)) == nil {
				var text string
				_ = json.Unmarshal(raw, &text)
				args[key] = text
			} else {
				args[key] = string(raw)
			}
		}
	} else {
		form, _ := url.ParseQuery(string(body))
		for key := range form {
			args[key] = form.Get(key)
		}
	}
	token, ok := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
	if !ok {
		token = args["token"]
	}
	delete(args, "token")
	var fault Fault
	var has bool
	s.change(func() { fault, has = s.called(method, args) })
	if has && !fault.Cut && fault.Until == nil {
		s.fail(w, fault)
		return
	}
	answer := s.do(method, token, args)
	if fault.Cut {
		s.fail(w, fault)
		return
	}
	if fault.Until != nil {
		<-fault.Until
	}
	s.reply(w, answer)
}

func (s *Slack) fail(w http.ResponseWriter, f Fault) {
	if f.Cut || f.Lost {
		panic(http.ErrAbortHandler) // net/http closes the connection
	}
	if f.RetryAfter != "" {
		w.Header().Set("Retry-After", f.RetryAfter)
	}
	if f.Status != 0 {
		http.Error(w, cmp.Or(f.Error, "<html>trouble</html>"), f.Status)
		return
	}
	answer := map[string]any{"ok": false, "error": f.Error}
	if len(f.Messages) > 0 {
		answer["response_metadata"] = map[string]any{"messages": f.Messages}
	}
	if f.Needed != "" {
		answer["needed"], answer["provided"] = f.Needed, "commands"
	}
	s.reply(w, answer)
}

func (s *Slack) reply(w http.ResponseWriter, answer map[string]any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	_ = json.NewEncoder(w).Encode(answer)
}

// do executes a call.
func (s *Slack) do(method, token string, args map[string]string) map[string]any {
	refuse := func(code string) map[string]any { return map[string]any{"ok": false, "error": code} }
	want := s.BotToken
	if method == "apps.connections.open" {
		want = s.AppToken
	}
	if token != want {
		return refuse("invalid_auth")
	}
	var answer map[string]any
	s.change(func() {
		if text, ok := s.said[method]; ok {
			_ = json.Unmarshal([]byte(text), &answer)
			return
		}
		if answer = s.lacks(method, args); answer != nil {
			return
		}
		switch method {
		case "auth.test":
			answer = map[string]any{
				"ok": true, "url": "https://acme.slack.com/", "team": "Acme", "team_id": "T1", "user": "frontdesk",
				"user_id": SlackBot, "bot_id": "B0BOT",
			}
		case "apps.connections.open":
			s.opens = append(s.opens, time.Now())
			answer = map[string]any{
				"ok": true, "url": "ws://" + s.listener.Addr().String() + "/link?ticket=ticket-not-to-be-seen",
			}
		case "chat.postMessage", "chat.postEphemeral":
			only := ""
			if method == "chat.postEphemeral" {
				if only = args["user"]; only == "" {
					answer = refuse("user_not_in_channel")
					s.wrong = append(s.wrong, "an ephemeral message for nobody")
					break
				}
			}
			answer = s.post(args, only)
		case "users.info":
			answer = map[string]any{"ok": true, "user": map[string]any{
				"id": args["user"], "team_id": "T1", "deleted": false, "is_bot": false,
				"is_restricted": s.guests[args["user"]], "is_ultra_restricted": false,
			}}
		case "conversations.info":
			answer = map[string]any{"ok": true, "channel": map[string]any{
				"id": args["channel"], "name": "general", "is_channel": true, "is_archived": false,
				"is_ext_shared": s.shared[args["channel"]], "is_shared": s.shared[args["channel"]],
				"is_org_shared": false, "is_pending_ext_shared": false, "is_member": !s.left[args["channel"]],
			}}
		case "chat.update":
			m := s.message(args["channel"], args["ts"])
			if m == nil {
				answer = refuse("message_not_found")
				break
			}
			if args["blocks"] == "" && m.Blocks != "" {
				s.wrong = append(s.wrong, "an update without blocks: Slack keeps the old ones")
			}
			if args["blocks"] == "[]" { // removes them
				args["blocks"] = ""
			}
			if code := s.refuseContent(args["text"], args["blocks"]); code != "" {
				answer = refuse(code)
				break
			}
			m.Text, m.Blocks = args["text"], args["blocks"]
			m.Edits++
			answer = map[string]any{"ok": true, "channel": m.Channel, "ts": m.TS, "text": m.Text}
		case "chat.delete":
			m := s.message(args["channel"], args["ts"])
			if m == nil {
				answer = refuse("message_not_found")
				break
			}
			m.Deleted = true
			answer = map[string]any{"ok": true, "channel": m.Channel, "ts": m.TS}
		case "conversations.replies", "conversations.history": // what people write, Say sets
			answer = map[string]any{"ok": true, "messages": s.read(args), "has_more": false}
		case "views.publish", "views.open", "views.update":
			answer = s.view(method, args)
		case "assistant.threads.setSuggestedPrompts", "assistant.threads.setStatus":
			answer = map[string]any{"ok": true}
			switch {
			case args["channel_id"] == "", method == "assistant.threads.setStatus" && args["thread_ts"] == "":
				answer = refuse("invalid_arguments")
			case s.Agent && method == "assistant.threads.setSuggestedPrompts" && args["thread_ts"] != "":
				s.wrong = append(s.wrong, "suggested prompts with thread_ts: Slack says ok and does not show them")
			}
		default:
			s.wrong = append(s.wrong, "unknown method "+method)
			answer = refuse("unknown_method")
		}
	})
	return answer
}

// read lists the bot's messages in a thread, or in a channel outside of threads.
func (s *Slack) read(args map[string]string) []map[string]any {
	list := []map[string]any{}
	for _, m := range s.messages {
		if m.Deleted || m.Only != "" || m.Channel != args["channel"] || m.Thread != args["ts"] || m.TS <= args["oldest"] {
			continue
		}
		blocks := json.RawMessage("[]")
		if m.Blocks != "" {
			blocks = json.RawMessage(m.Blocks)
		}
		list = append(list, map[string]any{
			"type": "message", "user": SlackBot, "bot_id": "B0BOT", "text": m.Text, "ts": m.TS, "blocks": blocks,
		})
	}
	return list
}

func (s *Slack) message(channel, ts string) *SlackMessage {
	for _, m := range s.messages {
		if m.Channel == channel && m.TS == ts && !m.Deleted && m.Only == "" {
			return m
		}
	}
	return nil
}

// post posts a message that only one person sees, or everybody if only is "".
func (s *Slack) post(args map[string]string, only string) map[string]any {
	channel := args["channel"]
	switch {
	case channel == "":
		return map[string]any{"ok": false, "error": "channel_not_found"}
	case s.left[channel]:
		return map[string]any{"ok": false, "error": "not_in_channel"}
	}
	if code := s.refuseContent(args["text"], args["blocks"]); code != "" {
		return map[string]any{"ok": false, "error": code}
	}
	m := &SlackMessage{
		Channel: channel, TS: s.nextTS(), Thread: args["thread_ts"], Text: args["text"], Blocks: args["blocks"],
		Only: only, At: time.Now(),
	}
	s.add(m)
	if only != "" {
		return map[string]any{"ok": true, "message_ts": m.TS}
	}
	return map[string]any{
		"ok": true, "channel": channel, "ts": m.TS,
		"message": map[string]any{"text": m.Text, "ts": m.TS, "bot_id": "B0BOT"},
	}
}

func (s *Slack) nextTS() string {
	s.clock++
	return fmt.Sprintf("1790000000.%06d", s.clock)
}

// refuseContent returns Slack's error code for content that it would refuse.
func (s *Slack) refuseContent(text, blocks string) string {
	var wrong []string
	if text == "" && blocks == "" {
		return "no_text"
	}
	if n := len([]rune(text)); n > 40_000 {
		wrong = append(wrong, fmt.Sprintf("text of %d characters", n))
	}
	wrong = append(wrong, CheckMarkup(text)...)
	if blocks != "" {
		wrong = append(wrong, CheckBlocks([]byte(blocks), 50)...)
		if len(blocks) > 13_000 {
			wrong = append(wrong, fmt.Sprintf("blocks of %d bytes", len(blocks)))
		}
	}
	s.wrong = append(s.wrong, wrong...)
	if len(wrong) > 0 {
		return "invalid_blocks"
	}
	return ""
}
