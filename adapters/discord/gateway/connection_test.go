package gateway

import (
	"bytes"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/gorilla/websocket"
)

// wire opens a connection on this machine and returns both ends.
func wire(f *testing.F) (client, server *websocket.Conn) {
	f.Helper()
	opened := make(chan *websocket.Conn, 1)
	host := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, err := new(websocket.Upgrader).Upgrade(w, r, nil)
		if err != nil {
			return // Dial fails too
		}
		opened <- conn
	}))
	f.Cleanup(host.Close)
	client, _, err := websocket.DefaultDialer.Dial("ws"+strings.TrimPrefix(host.URL, "http"), nil)
	if err != nil {
		f.Fatal(err)
	}
	server = <-opened
	f.Cleanup(func() {
		_ = client.Close()
		_ = server.Close()
	})
	return client, server
}

// FuzzGateway checks that no input from the gateway causes a panic, that readable packets
// are handled in order, that the session to resume is the last one that Discord started
// and did not end, and that each requested heartbeat has the last sequence number.
func FuzzGateway(f *testing.F) {
	for _, seed := range []string{
		`{"op":10,"d":{"heartbeat_interval":41250}}`,
		`{"op":0,"s":1,"t":"READY","d":{"user":{"id":"5"},"session_id":"a","resume_gateway_url":"wss://b"}}` + "\n" +
			`{"op":1}` + "\n" + `{"op":9,"d":true}` + "\n" + `{"op":9,"d":false}`,
		`{"op":0,"s":2,"t":"RESUMED"}` + "\n{\n" + `{"op":7}` + "\n" + `{"op":11}`,
		`{"op":0,"s":7,"t":"MESSAGE_CREATE","d":{"id":"1","content":"hi"}}` + "\n" + `{"op":1,"d":null}`,
		`{"op":0,"s":9,"t":"GUILD_CREATE","d":[]}` + "\n" + `{"op":"1"}` + "\nnull\n[]",
	} {
		f.Add([]byte(seed))
	}
	client, server := wire(f)
	const last = "the last one of this try" // type of the packet that ends a run
	sent := make(chan packet, 1000)
	go func() {
		defer close(sent)
		for {
			var p packet
			if server.ReadJSON(&p) != nil {
				return
			}
			sent <- p
		}
	}()
	f.Fuzz(func(t *testing.T, data []byte) {
		g := &Gateway{
			Log: slog.New(slog.DiscardHandler), Token: "secret", Invalid: 1,
			Take: func(string, []byte) {}, Unread: func(error) {}, Again: func() {},
		}
		all := &states{report: func(State, string) {}, byShard: map[int]shardState{}}
		c := &connection{shard: &shard{Gateway: g, count: 1, states: all}, conn: client}

		frames := bytes.Split(data, []byte("\n"))
		if len(frames) > 100 {
			return // more frames test nothing new
		}
		var sending sync.WaitGroup
		defer sending.Wait()
		sending.Go(func() {
			for _, frame := range append(frames, []byte(`{"op":11,"t":"`+last+`"}`)) {
				if server.WriteMessage(websocket.TextMessage, frame) != nil {
					return // reading fails too
				}
			}
		})
		var want []packet
		session, heard, beats := "", int64(0), []int64(nil)
		for _, frame := range frames {
			var p packet
			if json.Unmarshal(frame, &p) != nil {
				continue
			}
			want = append(want, p)
			if p.Sequence != nil {
				heard = *p.Sequence
			}
			switch {
			case p.Op == opHeartbeat:
				beats = append(beats, heard)
			case p.Op == opInvalidSession && strings.TrimSpace(string(p.Data)) != "true":
				session = ""
			case p.Op == opDispatch && p.Type == "READY":
				var ready struct {
					Session string `json:"session_id"`
					Address string `json:"resume_gateway_url"`
				}
				if json.Unmarshal(p.Data, &ready) == nil {
					session = ready.Session
				}
			}
		}
		var got []packet
		for {
			_ = client.SetReadDeadline(time.Now().Add(10 * time.Second))
			p, err := c.read()
			if err != nil {
				t.Fatal(err)
			}
			if p.Type == last {
				break
			}
			got = append(got, p)
			if err := c.handle(p); err != nil && p.Op != opReconnect && p.Op != opInvalidSession {
				t.Errorf("%+v: %v", p, err)
			}
		}
		if !reflect.DeepEqual(got, want) {
			t.Errorf("read %+v, not %+v", got, want)
		}
		if c.sessionID != session || c.seq != heard {
			t.Errorf("would resume %q after %d, not %q after %d", c.sessionID, c.seq, session, heard)
		}
		if err := c.send(-1, nil); err != nil {
			t.Fatal(err)
		}
		for p := range sent {
			if p.Op == -1 {
				break
			}
			if p.Op != opHeartbeat || len(beats) == 0 {
				t.Fatalf("sent %+v", p)
			}
			said := int64(0)
			if err := json.Unmarshal(p.Data, &said); err != nil || said != beats[0] {
				t.Errorf("the heartbeat says %s, not %d", p.Data, beats[0])
			}
			beats = beats[1:]
		}
		if len(beats) > 0 {
			t.Errorf("%d heartbeats were not sent", len(beats))
		}
	})
}
