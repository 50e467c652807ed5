package adaptertest

import (
	"crypto/ed25519"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/gorilla/websocket"
)

// link is a connection to the gateway.
func (d *Discord) link(w http.ResponseWriter, r *http.Request) {
	if r.URL.Query().Get("encoding") != "json" || r.URL.Query().Get("v") == "" {
		d.change(func() { d.wrong = append(d.wrong, "the gateway is asked for "+r.URL.RawQuery) })
	}
	raw, err := new(websocket.Upgrader).Upgrade(w, r, nil)
	if err != nil || !d.sockets.add(raw) {
		return
	}
	c := &line{Conn: raw}
	defer d.sockets.remove(raw)
	defer d.leave(c)
	if d.NoHello {
		_, _, _ = raw.ReadMessage() // until the client closes the connection
		return
	}
	hello := fmt.Sprintf(`{"op":10,"d":{"heartbeat_interval":%d},"s":null,"t":null}`, d.Beat.Milliseconds())
	d.change(func() {
		if len(d.hellos) > 0 {
			hello, d.hellos = d.hellos[0], d.hellos[1:]
		}
	})
	if c.send(hello) != nil {
		return
	}
	for {
		_, data, err := raw.ReadMessage()
		if err != nil {
			return
		}
		var p struct {
			Op   int             `json:"op"`
			Data json.RawMessage `json:"d"`
		}
		if json.Unmarshal(data, &p) != nil {
			return
		}
		switch p.Op {
		case 1:
			d.change(func() { _, _ = d.called("heartbeat", nil) })
			if !d.silent() && c.send(`{"op":11}`) != nil {
				return
			}
		case 2, 6:
			if !d.begin(c, p.Op == 6, r.PathValue("path"), p.Data) {
				return
			}
		}
	}
}

// begin starts or resumes a session.
func (d *Discord) begin(c *line, resume bool, path string, data []byte) bool {
	var b struct {
		Token   string `json:"token"`
		Intents int    `json:"intents"`
		Shard   [2]int `json:"shard"`
		Session string `json:"session_id"`
		Seq     int64  `json:"seq"`
	}
	_ = json.Unmarshal(data, &b)
	var packets []string
	code := 0
	sent := 0
	var greeting *Greeting
	d.change(func() {
		d.starts = append(d.starts, DiscordStart{resume, path, b.Shard, time.Now()})
		defer func() {
			if s := d.sessions[c.session]; s != nil {
				sent = len(s.sent)
			}
		}()
		switch {
		case len(d.greetings) > 0:
			greeting, d.greetings = &d.greetings[0], d.greetings[1:]
			return
		case b.Token != DiscordToken:
			code = 4004
			return
		case !resume && b.Intents&^(1<<9|1<<12) != 0:
			code = 4014
			return
		case !resume:
			id := fmt.Sprintf("session-%d", len(d.sessions)+1)
			d.sessions[id] = &discordSession{}
			c.session = id
			packets = []string{d.sessions[id].packet("READY", fmt.Sprintf(
				`{"v":10,"user":{"id":%q,"username":"frontdesk","bot":true},"guilds":[],"session_id":%q,`+
					`"resume_gateway_url":%q,"application":{"id":%q,"flags":0}}`,
				DiscordBot, id, d.gateway("resume"), DiscordApp))}
		default:
			s := d.sessions[b.Session]
			if s == nil || b.Seq > s.seq {
				greeting = &Greeting{Op: 9, Data: "false"}
				return
			}
			c.session = b.Session
			packets = append(slices.Clone(s.sent[b.Seq:]), s.packet("RESUMED", "{}"))
		}
	})
	switch {
	case greeting != nil && greeting.Close != 0:
		code = greeting.Close
	case greeting != nil && greeting.Op == 7:
		return c.send(`{"op":7,"d":null}`) == nil
	case greeting != nil:
		return c.send(fmt.Sprintf(`{"op":9,"d":%s}`, greeting.Data)) == nil
	}
	if code != 0 {
		_ = c.WriteControl(websocket.CloseMessage, websocket.FormatCloseMessage(code, "because"),
			time.Now().Add(time.Second))
		return false
	}
	for _, p := range packets {
		if c.send(p) != nil {
			return false
		}
	}
	d.change(func() {
		// Events that were emitted after the packets above, in order.
		for _, p := range d.sessions[c.session].sent[sent:] {
			_ = c.send(p)
		}
		d.lines = append(d.lines, c)
	})
	return true
}

// packet makes the next event of a session.
func (s *discordSession) packet(kind, data string) string {
	s.seq++
	p := fmt.Sprintf(`{"op":0,"s":%d,"t":%q,"d":%s}`, s.seq, kind, data)
	s.sent = append(s.sent, p)
	return p
}

// Emit sends an event in the newest session. If the session has no connection,
// the event is sent after a resume.
func (d *Discord) Emit(t TB, kind, data string) {
	t.Helper()
	d.Await(t, "a session", func() bool {
		d.mu.Lock()
		defer d.mu.Unlock()
		return len(d.sessions) > 0
	})
	var c *line
	var p string
	d.change(func() {
		names := slices.Sorted(maps.Keys(d.sessions))
		newest := names[len(names)-1]
		p = d.sessions[newest].packet(kind, data)
		for _, conn := range d.lines {
			if conn.session == newest && !d.mute {
				c = conn
			}
		}
	})
	if c != nil {
		_ = c.send(p) // if the connection is cut, a resume gets it
	}
}

// EmitAll sends an event in every session, as Discord does if several sessions have the same
// shard (discord.com/developers/docs/events/gateway#sharding), and returns how many got it. A
// session without a connection gets it after a resume.
func (d *Discord) EmitAll(kind, data string) (sent int) {
	type sending struct {
		to     *line
		packet string
	}
	var all []sending
	d.change(func() {
		packets := map[string]string{}
		for name, s := range d.sessions {
			packets[name] = s.packet(kind, data)
		}
		for _, c := range d.lines {
			if !d.mute {
				all = append(all, sending{c, packets[c.session]})
			}
		}
	})
	for _, s := range all {
		if s.to.sendWithin(time.Second, s.packet) == nil {
			sent++
		}
	}
	return sent
}

// Request returns a signed HTTP request with an interaction
// (discord.com/developers/docs/interactions/overview#setting-up-an-endpoint).
func (d *Discord) Request(address string, at time.Time, body string) (*http.Request, error) {
	r, err := http.NewRequest(http.MethodPost, address, strings.NewReader(body))
	if err != nil {
		return nil, err
	}
	stamp := strconv.FormatInt(at.Unix(), 10)
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("X-Signature-Timestamp", stamp)
	r.Header.Set("X-Signature-Ed25519", hex.EncodeToString(ed25519.Sign(d.key, []byte(stamp+body))))
	return r, nil
}
