package adaptertest

import (
	"bytes"
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Ids and tokens of the stand-in for Discord.
const (
	DiscordToken = "MTAwMDAwMDAwMDAwMDAwMDAx.not-to-be-seen"
	DiscordBot   = "100000000000000001"
	DiscordApp   = "100000000000000001"
)

// Discord is a stand-in for Discord: its REST API, its gateway, and a sender of
// signed interactions.
type Discord struct {
	// Beat is the gateway's heartbeat interval.
	Beat time.Duration
	// GlobalLimit is how many requests a second are allowed by the bot's token, except for
	// interactions; Discord allows 50. 0 sets no limit.
	GlobalLimit int
	// NoHello makes the gateway send nothing, not even a hello.
	NoHello bool
	// NoDirects makes every person refuse direct messages.
	NoDirects bool

	listener *gate
	server   *http.Server
	sockets  sockets
	key      ed25519.PrivateKey

	wire
	clock     int
	recent    []time.Time // requests that count for GlobalLimit
	refused   int         // for GlobalLimit
	messages  []*DiscordMessage
	commands  map[string]json.RawMessage // by application or server
	replies   map[string]DiscordReply    // first ones, by interaction
	finished  map[string][]DiscordReply
	expired   map[string]bool
	nonces    map[string]*DiscordMessage // by channel and nonce
	closed    map[string]int             // error codes, by channel
	directs   map[string]bool            // channels of direct messages that the bot has opened
	reactions map[string]bool            // of the bot, by channel and message
	sessions  map[string]*discordSession
	hellos    []string   // packets for the next connections, instead of a hello
	greetings []Greeting // for the next sessions, instead of READY or RESUMED
	starts    []DiscordStart
}

// nonceLife is how long a nonce is recognized. Discord says "in the past few minutes"
// (discord.com/developers/docs/resources/message#create-message); this is the least that that
// can mean.
const nonceLife = 2 * time.Minute

// DiscordMessage is a message that was posted.
type DiscordMessage struct {
	ID, Channel, ReplyTo string
	Body                 string // JSON
	At                   time.Time
	Edits                int
	Deleted              bool
}

// DiscordReply is a response to an interaction.
type DiscordReply struct {
	Type int
	Data string // JSON
}

// DiscordStart is the start of a session or a resume.
type DiscordStart struct {
	Resume bool
	Path   string // of the gateway's address
	Shard  [2]int
	At     time.Time
}

// Greeting is what the gateway sends after an identify or a resume, instead of
// READY or RESUMED.
type Greeting struct {
	Op    int    // 7, 9
	Data  string // of op 9: true or false
	Close int    // close code
}

type discordSession struct {
	sent []string // packets, to send again after a resume
	seq  int64
}

// StartDiscord starts the stand-in on a free port of this machine.
func StartDiscord() (*Discord, error) {
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return nil, err
	}
	d := &Discord{
		Beat: time.Minute, listener: newGate(l), wire: newWire(), commands: map[string]json.RawMessage{},
		replies:  map[string]DiscordReply{},
		finished: map[string][]DiscordReply{}, expired: map[string]bool{}, nonces: map[string]*DiscordMessage{},
		closed: map[string]int{}, directs: map[string]bool{}, reactions: map[string]bool{},
		sessions: map[string]*discordSession{},
		key:      ed25519.NewKeyFromSeed(bytes.Repeat([]byte{7}, ed25519.SeedSize)),
	}
	mux := http.NewServeMux()
	mux.HandleFunc("/api/{version}/{rest...}", d.api)
	mux.HandleFunc("GET /gw/{path}/", d.link)
	d.server = &http.Server{Handler: mux, ReadHeaderTimeout: time.Minute}
	d.sockets.running.Go(func() { _ = d.server.Serve(d.listener) })
	return d, nil
}

// Close stops the stand-in and closes every connection to it.
func (d *Discord) Close() {
	_ = d.server.Close()
	d.sockets.close()
}

// API returns the scheme and host of the REST API.
func (d *Discord) API() string { return "http://" + d.listener.Addr().String() }

// PublicKey returns the key that verifies interactions, in hex.
func (d *Discord) PublicKey() string {
	return hex.EncodeToString(d.key.Public().(ed25519.PublicKey))
}

func (d *Discord) gateway(path string) string {
	return "ws://" + d.listener.Addr().String() + "/gw/" + path
}

// Messages lists the messages in a channel, or in all channels.
func (d *Discord) Messages(channel string) []DiscordMessage {
	d.mu.Lock()
	defer d.mu.Unlock()
	var messages []DiscordMessage
	for _, m := range d.messages {
		if !m.Deleted && (channel == "" || m.Channel == channel) {
			messages = append(messages, *m)
		}
	}
	return messages
}

// CloseChannel makes posts to a channel fail with an error of Discord's, such as 50083.
func (d *Discord) CloseChannel(channel string, code int) {
	d.change(func() { d.closed[channel] = code })
}

// Reactions returns how many messages have a reaction of the bot's.
func (d *Discord) Reactions() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return len(d.reactions)
}

// Replies lists the responses to an interaction, in order.
func (d *Discord) Replies(id string) []DiscordReply {
	d.mu.Lock()
	defer d.mu.Unlock()
	first, ok := d.replies[id]
	if !ok {
		return nil
	}
	return append([]DiscordReply{first}, d.finished[id]...)
}

// Starts lists the starts and resumes of sessions.
func (d *Discord) Starts() []DiscordStart {
	d.mu.Lock()
	defer d.mu.Unlock()
	return slices.Clone(d.starts)
}

// Commands returns the commands of the app, or of one server, as JSON.
func (d *Discord) Commands(of string) string {
	d.mu.Lock()
	defer d.mu.Unlock()
	return string(d.commands[of])
}

// Greet sets what the gateway sends to the next sessions.
func (d *Discord) Greet(g ...Greeting) {
	d.change(func() { d.greetings = append(d.greetings, g...) })
}

// Hello sets the packets that the gateway sends to the next connections instead of a hello,
// one each.
func (d *Discord) Hello(packets ...string) {
	d.change(func() { d.hellos = append(d.hellos, packets...) })
}

// Note notes that an interaction had a deferred response as the response to its
// HTTP request.
func (d *Discord) Note(id string) { d.change(func() { d.replies[id] = DiscordReply{Type: 5} }) }

// Expire makes the first response to an interaction fail as too late.
func (d *Discord) Expire(id string) { d.change(func() { d.expired[id] = true }) }

// Remove makes a question unknown, without an event about it.
func (d *Discord) Remove(id string) { d.change(func() { d.expired["message "+id] = true }) }

// api answers a call of the REST API.
func (d *Discord) api(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	d.date(w)
	parts := strings.Split(r.PathValue("rest"), "/")
	method := discordMethod(r.Method, parts)
	var fault Fault
	var has bool
	var wait time.Duration
	d.change(func() {
		fault, has = d.called(method, map[string]string{"path": r.PathValue("rest"), "body": string(body)})
		wait = d.overLimit(parts)
	})
	if wait > 0 {
		d.limit(w, wait)
		return
	}
	if has && !fault.Cut && fault.Until == nil {
		d.fail(w, fault)
		return
	}
	var status int
	var answer any
	d.change(func() { status, answer = d.do(method, r, parts, body) })
	if fault.Cut {
		d.fail(w, fault)
		return
	}
	if fault.Until != nil {
		<-fault.Until
	}
	d.reply(w, status, answer)
}

// overLimit counts a request and returns how long to wait if it is one too many for the
// global rate limit. It is used within change.
func (d *Discord) overLimit(parts []string) time.Duration {
	if d.GlobalLimit == 0 || byToken(parts) {
		return 0
	}
	now := time.Now()
	d.recent = slices.DeleteFunc(d.recent, func(t time.Time) bool { return now.Sub(t) >= time.Second })
	if len(d.recent) < d.GlobalLimit {
		d.recent = append(d.recent, now)
		return 0
	}
	d.refused++
	return d.recent[0].Add(time.Second).Sub(now)
}

// limit refuses a request because of the global rate limit
// (discord.com/developers/docs/topics/rate-limits#exceeding-a-rate-limit).
func (d *Discord) limit(w http.ResponseWriter, wait time.Duration) {
	w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(wait.Seconds()))))
	w.Header().Set("X-RateLimit-Global", "true")
	w.Header().Set("X-RateLimit-Scope", "global")
	d.reply(w, http.StatusTooManyRequests, json.RawMessage(fmt.Sprintf(
		`{"message":"You are being rate limited.","retry_after":%.3f,"global":true}`, wait.Seconds())))
}

// Refused returns how many requests were refused because of [Discord.GlobalLimit].
func (d *Discord) Refused() int {
	d.mu.Lock()
	defer d.mu.Unlock()
	return d.refused
}

// byToken reports whether a request has an interaction's token instead of the bot's.
func byToken(parts []string) bool { return parts[0] == "interactions" || parts[0] == "webhooks" }

// discordMethod returns a short name of a call.
func discordMethod(verb string, parts []string) string {
	names := map[string]string{
		"channels": "message", "interactions": "interaction", "webhooks": "webhook", "gateway": "gateway",
		"applications": "commands", "oauth2": "app",
	}
	what := names[parts[0]]
	switch {
	case parts[0] == "channels" && len(parts) > 4 && parts[4] == "reactions":
		what = "reaction"
	case parts[0] == "users" && len(parts) == 2:
		what = "me"
	case parts[0] == "users" && parts[2] == "channels":
		what = "direct"
	case parts[0] == "users", parts[0] == "guilds" && len(parts) > 2: // guilds, roles, members
		what = parts[2]
	case parts[0] == "applications" && len(parts) == 2:
		what = "application"
	}
	return verb + " " + what
}

func (d *Discord) fail(w http.ResponseWriter, f Fault) {
	if f.Cut || f.Lost {
		panic(http.ErrAbortHandler) // net/http closes the connection
	}
	if f.Body != "" {
		if f.RetryAfter != "" {
			w.Header().Set("Retry-After", f.RetryAfter)
		}
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		if json.Valid([]byte(f.Body)) {
			w.Header().Set("Content-Type", "application/json")
		}
		w.WriteHeader(f.Status)
		_, _ = io.WriteString(w, f.Body) // fails only if the client has gone
		return
	}
	if f.Status == http.StatusUnauthorized && f.Code == 0 {
		d.reply(w, f.Status, json.RawMessage(`{"message":"401: Unauthorized","code":0}`))
		return
	}
	if f.Status == http.StatusTooManyRequests {
		if f.RetryAfter == "" {
			http.Error(w, "<html>slow down</html>", f.Status)
			return
		}
		after, _ := strconv.ParseFloat(f.RetryAfter, 64)
		w.Header().Set("Retry-After", f.RetryAfter)
		if f.Global {
			w.Header().Set("X-RateLimit-Global", "true")
		}
		d.reply(w, f.Status,
			map[string]any{"message": "You are being rate limited.", "retry_after": after, "global": f.Global})
		return
	}
	if f.Code != 0 {
		if f.Status == 0 {
			f.Status = http.StatusForbidden
		}
		d.reply(w, f.Status, map[string]any{"message": "trouble", "code": f.Code})
		return
	}
	http.Error(w, "<html>trouble</html>", f.Status)
}

func (d *Discord) reply(w http.ResponseWriter, status int, answer any) {
	if answer == nil {
		w.WriteHeader(status)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(answer)
}

// do executes a call.
func (d *Discord) do(method string, r *http.Request, parts []string, body []byte) (int, any) {
	refuse := func(status, code int, message string) (int, any) {
		return status, map[string]any{"message": message, "code": code}
	}
	if !byToken(parts) && r.Header.Get("Authorization") != "Bot "+DiscordToken {
		return refuse(http.StatusUnauthorized, 0, "401: Unauthorized")
	}
	if text, ok := d.said[strings.Join(parts, "/")]; ok && r.Method == http.MethodGet {
		return http.StatusOK, json.RawMessage(text)
	}
	switch method {
	case "GET application":
		return http.StatusOK, json.RawMessage(
			fmt.Sprintf(
				`{"id":%q,"name":"frontdesk","verify_key":%q,"interactions_endpoint_url":null,"bot_public":true,`+
					`"bot_require_code_grant":false,"flags":8388608}`, DiscordApp, d.PublicKey()))
	case "GET guilds":
		return http.StatusOK, json.RawMessage(
			`[{"id":"50","name":"Acme","icon":null,"owner":false,"permissions":"274877991936","features":[]}]`)
	case "GET members":
		return http.StatusOK, json.RawMessage(`{"user":{"id":"` + DiscordBot + `"},"nick":null,"roles":["60"]}`)
	case "GET roles":
		return http.StatusOK, json.RawMessage(
			`[{"id":"50","name":"@everyone","managed":false,"permissions":"0"},{"id":"60","name":"frontdesk",` +
				`"managed":true,"tags":{"bot_id":"` + DiscordBot + `"},"permissions":"274877991936"}]`)
	case "GET me":
		return http.StatusOK, map[string]any{"id": DiscordBot, "username": "frontdesk", "bot": true}
	case "GET app":
		return http.StatusOK, map[string]any{"id": DiscordApp, "name": "frontdesk"}
	case "GET gateway":
		return http.StatusOK, map[string]any{"url": d.gateway("first"), "shards": 1,
			"session_start_limit": map[string]any{
				"total": 1000, "remaining": 999, "reset_after": 14400000, "max_concurrency": 1,
			}}
	case "GET commands", "PUT commands":
		of := parts[1]
		if parts[2] == "guilds" {
			of = parts[3]
		}
		if method == "PUT commands" {
			d.wrong = append(d.wrong, CheckCommands(body)...)
			var list []map[string]any
			_ = json.Unmarshal(body, &list)
			for i := range list { // keys that Discord adds
				list[i]["id"], list[i]["application_id"], list[i]["version"] = fmt.Sprint(i+1), DiscordApp, "1"
				list[i]["default_member_permissions"], list[i]["nsfw"] = nil, false
			}
			d.commands[of], _ = json.Marshal(list)
		}
		if d.commands[of] == nil {
			return http.StatusOK, []any{}
		}
		return http.StatusOK, d.commands[of]
	case "GET message": // also a channel; ids from 600 on are threads of channel 1
		if len(parts) == 4 {
			return d.read(parts[1], parts[3])
		}
		if n, _ := strconv.Atoi(parts[1]); n >= 600 {
			return http.StatusOK, map[string]any{
				"id": parts[1], "type": 11, "guild_id": "50", "name": "thread", "parent_id": "1",
			}
		}
		return http.StatusOK, map[string]any{
			"id": parts[1], "type": 0, "guild_id": "50", "name": "general", "parent_id": "500",
			"permission_overwrites": []any{},
		}
	case "POST direct":
		var p struct {
			Recipient string `json:"recipient_id"`
		}
		_ = json.Unmarshal(body, &p)
		d.directs["9"+p.Recipient] = true
		return http.StatusOK, map[string]any{"id": "9" + p.Recipient, "type": 1}
	case "PUT reaction", "DELETE reaction":
		if len(parts) != 7 || parts[5] != "⏳" || parts[6] != "@me" {
			return refuse(http.StatusBadRequest, 10014, "Unknown Emoji")
		}
		if key := parts[1] + " " + parts[3]; method == "PUT reaction" {
			d.reactions[key] = true
		} else {
			delete(d.reactions, key)
		}
		return http.StatusNoContent, nil
	case "POST message":
		return d.post(parts[1], body)
	case "PATCH message", "DELETE message":
		for _, m := range d.messages {
			if m.ID == parts[3] && m.Channel == parts[1] && !m.Deleted {
				if method == "DELETE message" {
					m.Deleted = true
					return http.StatusNoContent, nil
				}
				if wrong := CheckMessage(body); len(wrong) > 0 {
					d.wrong = append(d.wrong, wrong...)
					return refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
				}
				m.Body = string(body)
				m.Edits++
				return http.StatusOK, map[string]any{"id": m.ID}
			}
		}
		return refuse(http.StatusNotFound, 10008, "Unknown Message")
	case "POST interaction":
		return d.answer(parts[1], parts[2], body)
	case "POST webhook":
		id := strings.TrimPrefix(parts[2], "token-")
		if _, ok := d.replies[id]; !ok {
			return refuse(http.StatusNotFound, 10015, "Unknown Webhook")
		}
		if wrong := CheckMessage(body); len(wrong) > 0 {
			d.wrong = append(d.wrong, wrong...)
			return refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
		}
		d.finished[id] = append(d.finished[id], DiscordReply{Type: 4, Data: string(body)})
		return http.StatusOK, map[string]any{"id": "1"}
	case "PATCH webhook":
		id := strings.TrimPrefix(parts[2], "token-")
		first, ok := d.replies[id]
		if !ok || first.Type != 5 && first.Type != 6 && first.Type != 4 && first.Type != 7 {
			return refuse(http.StatusNotFound, 10015, "Unknown Webhook")
		}
		if wrong := CheckMessage(body); len(wrong) > 0 {
			d.wrong = append(d.wrong, wrong...)
			return refuse(http.StatusBadRequest, 50035, "Invalid Form Body")
		}
		d.finished[id] = append(d.finished[id], DiscordReply{Data: string(body)})
		return http.StatusOK, map[string]any{"id": "1"}
	}
	d.wrong = append(d.wrong, "unknown call "+r.Method+" "+r.URL.Path)
	return refuse(http.StatusNotFound, 0, "404: Not Found")
}
