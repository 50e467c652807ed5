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
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/adaptertest"
)

// limitedServer is a server with a limit on its connections.
type limitedServer struct {
	t        *testing.T
	listener *limitListener
	address  string
	log      *adaptertest.Log

	mu      sync.Mutex
	refused map[adapters.Reason]int
}

// startLimited starts a server that allows so many connections. It treats requests for
// /known as signed by a platform.
func startLimited(t *testing.T, places int) *limitedServer {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	s := &limitedServer{t: t, address: l.Addr().String(), log: &adaptertest.Log{}, refused: map[adapters.Reason]int{}}
	s.listener = newLimitListener(l, places, publicGrace, func(why adapters.Reason) {
		s.mu.Lock()
		defer s.mu.Unlock()
		s.refused[why]++
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
	go func() { ended <- serveHTTP(ctx, s.listener, mux, slog.New(slog.NewTextHandler(s.log, nil))) }()
	t.Cleanup(func() {
		cancel()
		if err := <-ended; err != nil {
			t.Error(err)
		}
		if n := len(s.listener.places); n > 0 {
			t.Errorf("%d places are still taken at the end", n)
		}
	})
	return s
}

// dial connects and sends a text.
func (s *limitedServer) dial(text string) net.Conn {
	s.t.Helper()
	c, err := net.Dial("tcp", s.address)
	if err != nil {
		s.t.Fatal(err)
	}
	s.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		s.t.Fatal(err)
	}
	_, _ = io.WriteString(c, text) // the server may close the connection first
	return c
}

// request sends a request over a connection. It returns the status, and whether the
// server closes the connection.
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

// TestConnectionLimit checks that idle and slow clients, whatever they have sent, lock
// nobody out, and that connections of platforms are kept alive.
func TestConnectionLimit(t *testing.T) {
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
			s := startLimited(t, places)
			// As many as are kept alive, and one more.
			var conns []net.Conn
			var ins []*bufio.Reader
			for i := range places/2 + 1 {
				c := s.dial("")
				in := bufio.NewReader(c)
				status, ends, err := request(c, in, "/known")
				if err != nil || status != http.StatusOK || ends != (i == places/2) {
					t.Fatalf("connection %d: %d, ends: %v, %v", i, status, ends, err)
				}
				conns, ins = append(conns, c), append(ins, in)
			}
			for range 3 * places {
				s.dial(text)
			}
			for range 3 {
				c := s.dial("")
				if status, _, err := request(c, bufio.NewReader(c), "/known"); err != nil || status != http.StatusOK {
					t.Errorf("a new client: %d, %v", status, err)
				}
			}
			for i, c := range conns[:places/2] {
				if status, ends, err := request(c, ins[i], "/known"); err != nil || status != http.StatusOK || ends {
					t.Errorf("a platform's connection: %d, ends: %v, %v", status, ends, err)
				}
			}
			s.mu.Lock()
			defer s.mu.Unlock()
			if s.refused[adapters.Busy] == 0 {
				t.Error("no connection was evicted")
			}
		})
	}
}

// lateConn is a connection on which text, unless it is empty, arrives just when its read
// is interrupted.
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

// TestEvictLate checks that a request continues if data arrives just when its connection
// is evicted, and that only connections that are waiting for data are evicted.
func TestEvictLate(t *testing.T) {
	t.Parallel()
	later := time.Now().Add(time.Hour)
	for _, text := range []string{"GET", ""} {
		refused := 0
		g := newLimitListener(nil, 1, publicGrace, func(adapters.Reason) { refused++ })
		c := &lateConn{started: make(chan struct{}), stop: make(chan struct{}), text: text}
		conn := &limitConn{Conn: c, listener: g}
		conn.reset()
		g.places <- struct{}{}
		g.await(conn, publicGrace)
		if g.evict(later); len(g.waiting) != 1 {
			t.Error("a connection is evicted while its request is being handled")
		}
		var n int
		var err error
		ended := make(chan struct{})
		go func() {
			defer close(ended)
			n, err = conn.Read(make([]byte, 10))
		}()
		<-c.started
		if g.evict(time.Now()); len(g.waiting) != 1 {
			t.Error("a connection is evicted within its grace period")
		}
		g.evict(later)
		<-ended
		if text != "" {
			if n != len(text) || err != nil || len(g.waiting) != 1 || c.closed || refused > 0 {
				t.Errorf("just in time: read %d, %v, waiting: %d, closed: %v", n, err, len(g.waiting), c.closed)
			}
			// net/http reads on after a complete request, before it calls the handler.
			conn.body.Store(3)
			conn.length.Store(3)
			conn.state.Store(reading)
			if g.evict(later); conn.state.Load() != reading {
				t.Error("a connection with a complete request is evicted")
			}
			conn.length.Store(4)
			g.complete(conn)
			if g.evict(later); conn.state.Load() != reading {
				t.Error("a connection that is not on the waiting list is evicted")
			}
		} else if n != 0 || err == nil || len(g.waiting) != 0 || !c.closed || refused != 1 {
			t.Errorf("without data: read %d, %v, waiting: %d, closed: %v, refused: %d",
				n, err, len(g.waiting), c.closed, refused)
		}
		if conn.Close(); len(g.places) != 0 {
			t.Error("its place is not free again")
		}
	}
}

// TestLongHead checks that headers that are longer than any platform's, in bytes or
// lines, end the connection.
func TestLongHead(t *testing.T) {
	t.Parallel()
	s := startLimited(t, 4)
	lines := func(n int, text string) string {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%x:%s\r\n", i, text)
		}
		return b.String()
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
		in := bufio.NewReader(s.dial(c.text))
		response, err := http.ReadResponse(in, nil)
		if err != nil || response.StatusCode != c.status || !response.Close {
			t.Errorf("%s: %v, %+v", name, err, response)
			continue
		}
		_, _ = io.Copy(io.Discard, response.Body)
		if more, _ := io.ReadAll(in); len(more) > 0 {
			t.Errorf("%s: another response follows: %q", name, more)
		}
	}
	s.count(adapters.TooLarge, 3)
	s.count(adapters.Path, 2)
	s.count(adapters.Malformed, 1)
}

// count waits until so many requests were refused for a reason.
func (s *limitedServer) count(why adapters.Reason, want int) {
	s.t.Helper()
	for range 1000 {
		s.mu.Lock()
		n := s.refused[why]
		s.mu.Unlock()
		if n == want {
			return
		}
		runtime.Gosched()
		c, err := net.Dial("tcp", s.address) // gives the server time to run
		if err == nil {
			_ = c.Close()
		}
	}
	s.t.Errorf("refused for %s: not %d: %v", why, want, s.refused)
}

// TestPipelined checks that the first of two pipelined requests is answered, and that
// the second is not rejected for its headers: the connection is closed before it.
func TestPipelined(t *testing.T) {
	t.Parallel()
	s := startLimited(t, 4)
	body := strings.Repeat("x", 2*maxHeader)
	one := fmt.Sprintf("POST /known HTTP/1.1\r\nHost: desk\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	for _, text := range []string{one + one, one + one[:20]} {
		c := s.dial(text)
		_ = c.(*net.TCPConn).CloseWrite()
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
				t.Errorf("the response to the second is %s", response.Status)
			}
			_, _ = io.Copy(io.Discard, response.Body)
			if response.Close {
				break
			}
		}
	}
	s.count(adapters.TooLarge, 0)
}

// TestBusyGrace checks that a new connection without data has a short grace period
// exactly while the listener is crowded.
func TestBusyGrace(t *testing.T) {
	t.Parallel()
	g := newLimitListener(nil, 1, publicGrace, func(adapters.Reason) {})
	admit := func() time.Duration {
		conn := &limitConn{Conn: &lateConn{}, listener: g}
		g.admit(conn)
		left := time.Until(conn.graceEnd)
		g.complete(conn)
		return left
	}
	now := time.Now()
	for name, c := range map[string]struct {
		busySince, lastEvicted time.Duration // ago
		busy                   bool
	}{
		"evictions have just begun": {publicGrace / 2, 0, false},
		"evictions continue":        {3 * publicGrace, 0, true},
		"evictions have ended":      {5 * publicGrace, 2 * publicGrace, false},
	} {
		if g.busySince, g.lastEvicted = now.Add(-c.busySince), now.Add(-c.lastEvicted); admit() <= busyGrace != c.busy {
			t.Errorf("%s: a silent connection has the wrong grace period", name)
		}
	}
	if g.busySince, g.lastEvicted = (time.Time{}), (time.Time{}); admit() <= busyGrace {
		t.Error("a connection has a short grace period though none was ever evicted")
	}
}

// FuzzHead checks that the measured end of a request's head is the one that net/http finds.
func FuzzHead(f *testing.F) {
	f.Add([]byte("POST / HTTP/1.1\r\nHost: desk\r\n\r\nbody\n\n"))
	f.Add([]byte("GET / HTTP/1.1\nHost: desk\n\nbody"))
	f.Add([]byte("GET / HTTP/1.1\r\nA: b\r\n c\r\n\t\r\n\r\nrest"))
	f.Add([]byte("GET / HTTP/1.1\r\nA: b\r\r\n\r\n"))
	f.Add([]byte("\r\n\r\nGET / HTTP/1.1\r\n\r\n"))
	f.Add([]byte("GET / HTTP/1.1\r\n \n\r\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		in := bufio.NewReaderSize(bytes.NewReader(data), len(data)+16)
		_, err := in.Peek(len(data)) // fills the buffer, so that Buffered says what is left
		if err != nil {
			t.Fatal(err)
		}
		if _, err := http.ReadRequest(in); err != nil {
			return // not a request: its connection is closed
		}
		read := len(data) - in.Buffered()
		var whole, before head
		behind, long := whole.see(data)
		if !long && (!whole.ended || behind != len(data)-read) {
			t.Errorf("%d bytes of %q follow the head, not %d", len(data)-read, data, behind)
		}
		if _, long := before.see(data[:read-1]); !long && before.ended {
			t.Errorf("the head is ended before the end of %q", data[:read])
		}
		for i := range data { // in two pieces
			var pieces head
			first, early := pieces.see(data[:i])
			rest, late := pieces.see(data[i:])
			if early || late {
				if !long {
					t.Errorf("too long only in pieces of %d and %d", i, len(data)-i)
				}
			} else if long || first+rest != behind || pieces != whole {
				t.Errorf("in pieces of %d and %d: %+v, in one: %+v", i, len(data)-i, pieces, whole)
			}
		}
	})
}
