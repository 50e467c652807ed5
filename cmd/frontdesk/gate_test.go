package main

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/adaptertest"
)

// lobby is a server behind a gate.
type lobby struct {
	t       *testing.T
	gate    *gate
	address string
	log     *adaptertest.Log

	mu      sync.Mutex
	refused map[adapters.Reason]int
}

// openLobby starts a server with so many places. At /known it answers as if a
// platform had signed the request.
func openLobby(t *testing.T, places int) *lobby {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	b := &lobby{t: t, address: l.Addr().String(), log: &adaptertest.Log{}, refused: map[adapters.Reason]int{}}
	b.gate = newGate(l, places, publicLeast, func(why adapters.Reason) {
		b.mu.Lock()
		defer b.mu.Unlock()
		b.refused[why]++
	})
	mux := http.NewServeMux()
	mux.HandleFunc("/", nothingHere)
	mux.HandleFunc("/known", func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Del("Connection")
		known(w, r)
		adapters.Say(w, http.StatusOK, "hello")
	})
	ctx, cancel := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- serveHTTP(ctx, b.gate, mux, slog.New(slog.NewTextHandler(b.log, nil))) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := len(b.gate.places); n > 0 {
			t.Errorf("%d places are taken at the end", n)
		}
	})
	return b
}

// visit connects and sends something.
func (b *lobby) visit(text string) net.Conn {
	b.t.Helper()
	c, err := net.Dial("tcp", b.address)
	if err != nil {
		b.t.Fatal(err)
	}
	b.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		b.t.Fatal(err)
	}
	_, _ = io.WriteString(c, text) // as far as it is taken
	return c
}

// request sends a request over a connection and returns the status.
func request(c net.Conn, in *bufio.Reader, path string) (status int, ends bool, err error) {
	if _, err := fmt.Fprintf(c, "POST %s HTTP/1.1\r\nHost: desk\r\nContent-Length: 1\r\n\r\nx", path); err != nil {
		return 0, false, err
	}
	response, err := http.ReadResponse(in, nil)
	if err != nil {
		return 0, false, err
	}
	_, err = io.Copy(io.Discard, response.Body)
	return response.StatusCode, response.Close, err
}

// TestGate holds that those who hold on to their connections, whatever they
// have sent, keep nobody out, and that connections of platforms are kept.
func TestGate(t *testing.T) {
	t.Parallel()
	const places = 4
	for name, text := range map[string]string{
		"silent":       "",
		"half a line":  "POST /kno",
		"half headers": "POST /known HTTP/1.1\r\nHost: desk\r\n",
		"half a body":  "POST /known HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000000\r\n\r\nx",
		"refused":      "POST /nowhere HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000000\r\n\r\nx",
		"to all":       "OPTIONS * HTTP/1.1\r\nHost: desk\r\nContent-Length: 1000000\r\n\r\nx",
		"expects":      "POST /known HTTP/1.1\r\nHost: desk\r\nExpect: 100-continue\r\nContent-Length: 1000000\r\n\r\n",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			b := openLobby(t, places)
			// As many as are kept, and one more.
			var conns []net.Conn
			var ins []*bufio.Reader
			for i := range places/2 + 1 {
				c := b.visit("")
				in := bufio.NewReader(c)
				status, ends, err := request(c, in, "/known")
				if err != nil || status != http.StatusOK || ends != (i == places/2) {
					t.Fatalf("connection %d: %d, ends: %v, %v", i, status, ends, err)
				}
				conns, ins = append(conns, c), append(ins, in)
			}
			for range 3 * places {
				b.visit(text)
			}
			for range 3 {
				c := b.visit("")
				if status, _, err := request(c, bufio.NewReader(c), "/known"); err != nil || status != http.StatusOK {
					t.Errorf("somebody new: %d, %v", status, err)
				}
			}
			for i, c := range conns[:places/2] {
				if status, ends, err := request(c, ins[i], "/known"); err != nil || status != http.StatusOK || ends {
					t.Errorf("who was known: %d, ends: %v, %v", status, ends, err)
				}
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			if b.refused[adapters.Busy] == 0 {
				t.Error("nobody had to make room")
			}
		})
	}
}

// lateConn is a connection on which something arrives just when its reading is to
// end, or nothing does.
type lateConn struct {
	net.Conn
	started, stop chan struct{}
	text          string
	closed        bool
}

func (c *lateConn) Read(p []byte) (int, error) {
	if c.closed {
		return 0, net.ErrClosed
	}
	c.started <- struct{}{}
	<-c.stop
	if c.text == "" {
		return 0, os.ErrDeadlineExceeded
	}
	return copy(p, c.text), nil
}

func (c *lateConn) SetReadDeadline(t time.Time) error {
	if t.Before(time.Now()) && !t.IsZero() {
		close(c.stop)
	}
	return nil
}

func (c *lateConn) Close() error {
	c.closed = true
	return nil
}

// TestGateLate holds that a request goes on that comes just when its connection
// is to make room, and that no connection makes room that the program does not
// wait for.
func TestGateLate(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	for _, text := range []string{"GET", ""} {
		refused := 0
		g := newGate(nil, 1, publicLeast, func(adapters.Reason) { refused++ })
		c := &lateConn{started: make(chan struct{}), stop: make(chan struct{}), text: text}
		in := &guest{Conn: c, gate: g}
		in.idle()
		g.places <- struct{}{}
		g.await(in, publicLeast)
		if g.makeRoom(later); len(g.waiting) != 1 {
			t.Error("a connection makes room while the program works on what has come")
		}
		var n int
		var err error
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			n, err = in.Read(make([]byte, 10))
		}()
		<-c.started
		if g.makeRoom(time.Now()); len(g.waiting) != 1 {
			t.Error("a connection makes room before it had its time")
		}
		g.makeRoom(later)
		<-ended
		if text != "" {
			if n != len(text) || err != nil || len(g.waiting) != 1 || c.closed || refused > 0 {
				t.Errorf("just in time: read %d, %v, waiting: %d, closed: %v", n, err, len(g.waiting), c.closed)
			}
			// net/http reads on when all of a request is there, before it
			// says so.
			in.body.Store(3)
			in.length.Store(3)
			in.state.Store(reading)
			if g.makeRoom(later); in.state.Load() != reading {
				t.Error("a connection makes room whose request is there")
			}
			in.length.Store(4)
			g.complete(in)
			if g.makeRoom(later); in.state.Load() != reading {
				t.Error("a connection makes room that is not waited for")
			}
		} else if n != 0 || err == nil || len(g.waiting) != 0 || !c.closed || refused != 1 {
			t.Errorf("with nothing: read %d, %v, waiting: %d, closed: %v, told: %d", n, err, len(g.waiting), c.closed, refused)
		}
		if in.Close(); len(g.places) != 0 {
			t.Error("its place is not given back")
		}
	}
}

// TestGateHead holds that headers that are longer than any platform's, in bytes
// or in lines, end the connection.
func TestGateHead(t *testing.T) {
	t.Parallel()
	b := openLobby(t, 4)
	lines := func(n int, text string) string {
		var s strings.Builder
		for i := range n {
			fmt.Fprintf(&s, "%x:%s\r\n", i, text)
		}
		return s.String()
	}
	const get = "GET / HTTP/1.1\r\nHost: desk\r\n"
	for name, c := range map[string]struct {
		text   string
		status int
	}{
		"usual":           {get + lines(90, "x") + "\r\n", http.StatusNotFound},
		"many lines":      {get + lines(110, ""), http.StatusRequestHeaderFieldsTooLarge},
		"long lines":      {get + lines(3, strings.Repeat("x", 3000)), http.StatusRequestHeaderFieldsTooLarge},
		"a long path":     {"GET /" + strings.Repeat("x", maxHeader), http.StatusRequestHeaderFieldsTooLarge},
		"a body of lines": {get + "Content-Length: 5000\r\n\r\n" + strings.Repeat("\n", 5000), http.StatusNotFound},
		"no host":         {"GET / HTTP/1.1\r\n\r\n", http.StatusBadRequest},
	} {
		in := bufio.NewReader(b.visit(c.text))
		response, err := http.ReadResponse(in, nil)
		if err != nil || response.StatusCode != c.status || !response.Close {
			t.Errorf("%s: %v, %+v", name, err, response)
			continue
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if more, _ := io.ReadAll(in); len(more) > 0 {
			t.Errorf("%s: another answer follows: %q", name, more)
		}
	}
	b.count(adapters.TooLarge, 3)
	b.count(adapters.Path, 2)
	b.count(adapters.Malformed, 1)
}

// count waits until so many were refused for a reason.
func (b *lobby) count(why adapters.Reason, want int) {
	b.t.Helper()
	for range 1000 {
		b.mu.Lock()
		n := b.refused[why]
		b.mu.Unlock()
		if n == want {
			return
		}
		runtime.Gosched()
		c, err := net.Dial("tcp", b.address) // a turn of the server
		if err == nil {
			_ = c.Close()
		}
	}
	b.t.Errorf("not %d are refused for %s: %v", want, why, b.refused)
}

// TestGatePipeline holds that of two requests that come in one piece the first is
// answered, and that nothing is wrong with the second: the connection ends before it.
func TestGatePipeline(t *testing.T) {
	t.Parallel()
	b := openLobby(t, 4)
	body := strings.Repeat("x", 2*maxHeader)
	one := fmt.Sprintf("POST /known HTTP/1.1\r\nHost: desk\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	for _, text := range []string{one + one, one + one[:20]} {
		c := b.visit(text)
		_ = c.(*net.TCPConn).CloseWrite() // nothing more comes
		in := bufio.NewReader(c)
		response, err := http.ReadResponse(in, nil)
		if err != nil || response.StatusCode != http.StatusOK {
			t.Fatalf("%v, %+v", err, response)
		}
		_, _ = io.Copy(io.Discard, response.Body)
		for {
			response, err := http.ReadResponse(in, nil)
			if err != nil {
				break
			}
			if response.StatusCode == http.StatusRequestHeaderFieldsTooLarge {
				t.Errorf("the second is answered %s", response.Status)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			if response.Close {
				break
			}
		}
	}
	b.count(adapters.TooLarge, 0)
}

// TestGateQueue holds that who has sent nothing when its turn comes has little time,
// once there is a queue.
func TestGateQueue(t *testing.T) {
	t.Parallel()
	g := newGate(nil, 1, publicLeast, func(adapters.Reason) {})
	enter := func() time.Duration {
		in := &guest{Conn: &lateConn{}, gate: g}
		g.enter(in)
		left := time.Until(in.until)
		g.complete(in)
		return left
	}
	now := time.Now()
	for name, c := range map[string]struct {
		full, left time.Duration // ago
		queue      bool
	}{
		"it has begun just now": {publicLeast / 2, 0, false},
		"it goes on":            {3 * publicLeast, 0, true},
		"it is over":            {5 * publicLeast, 2 * publicLeast, false},
	} {
		if g.full, g.left = now.Add(-c.full), now.Add(-c.left); enter() <= busyLeast != c.queue {
			t.Errorf("%s: who is silent has not the right time", name)
		}
	}
	if g.full, g.left = (time.Time{}), (time.Time{}); enter() <= busyLeast {
		t.Error("somebody has little time where there was never a queue")
	}
}

// TestServerLog holds that net/http, which logs what strangers cause, is not loud.
func TestServerLog(t *testing.T) {
	t.Parallel()
	var log adaptertest.Log
	server := newServer(nil, slog.New(slog.NewTextHandler(&log, nil)))
	for range 100 {
		server.ErrorLog.Print("http: panic serving 127.0.0.1:1: goroutine 1\n")
	}
	text := log.String()
	if strings.Count(text, "\n") != 1 || !strings.Contains(text, "level=WARN") || !strings.Contains(text, "goroutine 1") {
		t.Errorf("the log is\n%s", text)
	}
}

// FuzzHead holds that what stands before a body is measured up to where net/http
// takes it to end.
func FuzzHead(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nHost: desk\r\n\r\nbody\n\n"))
	f.Add([]byte("GET / HTTP/1.1\nHost: desk\n\nbody"))
	f.Add([]byte("GET / HTTP/1.1\r\nA: b\r\n c\r\n\t\r\n\r\nrest"))
	f.Add([]byte("GET / HTTP/1.1\r\nA: b\r\r\n\r\n"))
	f.Add([]byte("\r\n\r\nGET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\n \n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bufio.NewReaderSize(bytes.NewReader(data), len(data)+16)
		_, err := in.Peek(len(data)) // all, so that what is left can be told
		if err != nil {
			t.Fatal(err)
		}
		if _, err := http.ReadRequest(in); err != nil {
			return // what is no request is closed
		}
		read := len(data) - in.Buffered()
		var whole, before head
		behind, long := whole.see(data)
		if !long && (!whole.over || behind != len(data)-read) {
			t.Errorf("%d bytes of %q are behind the head, not %d", len(data)-read, data, behind)
		}
		if _, long := before.see(data[:read-1]); !long && before.over {
			t.Errorf("an end is seen before that of %q", data[:read])
		}
		for i := range data { // in whatever pieces it comes
			var pieces head
			first, early := pieces.see(data[:i])
			rest, late := pieces.see(data[i:])
			if early || late {
				if !long {
					t.Errorf("too long in pieces of %d and %d", i, len(data)-i)
				}
			} else if long || first+rest != behind || pieces != whole {
				t.Errorf("in pieces of %d and %d, %+v, else %+v", i, len(data)-i, pieces, whole)
			}
		}
	})
}

// TestPlaces holds that descriptors are left for what is not the platforms'
// listener.
func TestPlaces(t *testing.T) {
	t.Parallel()
	for files, want := range map[uint64][2]int{
		0: {0, 8}, 55: {0, 8}, 56: {8, 8}, 64: {16, 8}, 256: {200, 16},
		1024: {mostPlaces, mostPrivate}, 1 << 63: {mostPlaces, mostPrivate},
	} {
		public, private, err := places(files)
		if public != want[0] || private != want[1] || (err != nil) != (public == 0) {
			t.Errorf("%d files: %d and %d places, %v", files, public, private, err)
		}
	}
}

// startWith starts the program where only so many files may be open.
func startWith(t *testing.T, files int, env []string) *process {
	t.Helper()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	link := filepath.Join(t.TempDir(), "frontdesk")
	if err := os.Symlink(self, link); err != nil {
		t.Fatal(err)
	}
	return startProcessOf(t, "/bin/sh", env, "-c", fmt.Sprintf(`ulimit -n %d && exec "$0" run`, files), link)
}

// TestFewFiles holds that a program that may open few files keeps some for
// itself, answers whoever is silent beside, and says so where they are too few.
func TestFewFiles(t *testing.T) {
	t.Parallel()
	discord, err := adaptertest.StartDiscord()
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(discord.Close)
	env := discordEnv(discord, "FRONTDESK_DISCORD_TRANSPORT=http", "FRONTDESK_HTTP_ADDR=127.0.0.1:0")
	p := startWith(t, fewestFiles-1, env)
	<-p.ended
	if code := p.ProcessState.ExitCode(); code != exitCannotRun ||
		!strings.Contains(p.output(), "FRONTDESK_HTTP_ADDR: this process may have 55 files") {
		t.Errorf("with too few files, exits with %d:\n%s", code, p.output())
	}

	p = startWith(t, 64, env)
	p.await("adapter=discord state=ready")
	address := p.await(`msg=listening for=FRONTDESK_HTTP_ADDR address=(\S+)`)[1]
	for range 100 {
		c, err := net.Dial("tcp", address)
		if err != nil {
			t.Fatal(err)
		}
		defer c.Close()
	}
	r, err := discord.Request("http://"+address+"/discord/interactions", time.Now(),
		`{"id":"21","application_id":"1","type":2,"token":"t","channel_id":"1","guild_id":"50","app_permissions":"16384",`+
			`"member":{"user":{"id":"71"}},"data":{"name":"ask","type":1,`+
			`"options":[{"name":"question","type":3,"value":"who leads Global Trade?"}]}}`)
	if err != nil {
		t.Fatal(err)
	}
	response, err := http.DefaultClient.Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	data, err := io.ReadAll(response.Body)
	if err != nil || response.StatusCode != http.StatusOK || !strings.Contains(string(data), "Global Trade") {
		t.Errorf("%d %s, %v", response.StatusCode, data, err)
	}
	if files, err := os.ReadDir(fmt.Sprintf("/proc/%d/fd", p.Process.Pid)); err == nil && len(files) > 64-16 {
		t.Errorf("%d of 64 files are in use", len(files))
	}
	if _, status := ready(t, p.private()); status != http.StatusOK {
		t.Errorf("/readyz: %d", status)
	}
	body, _ := get(t, p.private()+pathMetrics)
	if !strings.Contains(body, refusedName+`{adapter="discord",reason="signature"} 0`) {
		t.Error("refusals are not counted from the start")
	}
	if n := strings.Count(p.output(), "refused what is for no platform"); n != 1 {
		t.Errorf("it is told %d times that connections made room:\n%s", n, p.output())
	}
}
