package main

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"frontdesk/adapters"
)

const (
	// publicLeast is how long a connection has for its request, however many
	// others want its place. A platform's request is there with the connection,
	// one turn of the network later, or 200 ms later where a packet was lost
	// (RFC 6298, as Linux has it).
	publicLeast = 250 * time.Millisecond
	// privateLeast is the same where those who ask are near.
	privateLeast = 25 * time.Millisecond
	// busyLeast is the same for who comes while all places have been taken for longer
	// than that, and has sent nothing yet: behind a queue of strangers a request has
	// long arrived when its turn comes. Behind 1,000 who are silent, and come again when
	// they are closed, somebody new waits 0.2 s for one of 256 places; behind 5,000 a second.
	busyLeast = 50 * time.Millisecond
	// leaveTogether is how many leave at a time where there is a queue: one after the other
	// some 4,000 leave in a second.
	leaveTogether = 16
	// maxHeader and maxHeaderLines bound what stands before a body: with
	// Slack's and Discord's headers it has less than 1 KiB in some 15 lines,
	// and proxies add a few. Each line costs ten times its least length in
	// memory, so that bytes alone are no bound.
	maxHeader      = 8 << 10 // bytes
	maxHeaderLines = 100
	// lingering is how long what still comes is read and thrown away after a
	// request was refused: a connection that is closed before may take the
	// answer along (RFC 9112, 9.6).
	lingering = 250 * time.Millisecond
	// thrownAway is the same in bytes: as much as net/http does.
	thrownAway = 256 << 10
	// receiveBuffer is what the kernel keeps of what has not been read, in
	// bytes; it doubles that. Left to itself it takes up to 6 MB a connection,
	// which counts as the container's memory.
	receiveBuffer = 32 << 10
)

// gate is a listener with a bound on its connections. Those on which a
// platform's signed request came are kept, up to half of them; any other has one
// request. When all places are taken, the one whose request the program has been
// waiting for longest makes room for the next, once it had its time. So those who
// only hold on keep nobody out.
type gate struct {
	net.Listener
	places chan struct{}         // one is taken by each connection
	least  time.Duration         // that each has for its request
	refuse func(adapters.Reason) // is told of connections that were closed for no request
	closed chan struct{}
	close  sync.Once

	mu      sync.Mutex
	waiting []*guest // whose request is not there: the one whose time is over first comes first
	kept    int
	// full is since when connections have had to make room, and left when the newest did:
	// again and again, or else that time is over.
	full, left time.Time
}

// newGate bounds the connections of a listener.
func newGate(l net.Listener, places int, least time.Duration, refuse func(adapters.Reason)) *gate {
	return &gate{
		Listener: l, places: make(chan struct{}, places), least: least, refuse: refuse, closed: make(chan struct{}),
	}
}

// serve lets a server serve the gate's connections.
func (g *gate) serve(s *http.Server) error {
	s.Handler = g.handler(s.Handler)
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, guestKey{}, c)
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			c.(*guest).idle()
		}
	}
	return s.Serve(g)
}

// Accept implements [net.Listener].
func (g *gate) Accept() (net.Conn, error) {
	c, err := g.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(receiveBuffer) // without, it is only larger
	}
	in := &guest{Conn: c, gate: g}
	in.idle()
	select {
	case g.places <- struct{}{}:
		g.enter(in)
		return in, nil
	default:
	}
	for {
		again := time.NewTimer(g.makeRoom(time.Now()))
		select {
		case g.places <- struct{}{}:
			again.Stop()
			g.enter(in)
			return in, nil
		case <-g.closed:
			again.Stop()
			_ = c.Close() // nothing was read
			return nil, net.ErrClosed
		case <-again.C:
		}
	}
}

// Close implements [net.Listener].
func (g *gate) Close() error {
	g.close.Do(func() { close(g.closed) })
	return g.Listener.Close()
}

// makeRoom makes the connection leave whose time has been over for longest, or several
// where there is a queue, and returns after which time to look again.
func (g *gate) makeRoom(now time.Time) time.Duration {
	g.mu.Lock()
	defer g.mu.Unlock()
	left, most := 0, 1
	if g.queue(now) {
		most = leaveTogether
	}
	for i := 0; i < len(g.waiting) && left < most; {
		in := g.waiting[i]
		if rest := in.until.Sub(now); rest > 0 {
			if left > 0 {
				break
			}
			return min(rest, g.least)
		}
		if !in.leave() {
			i++
			continue
		}
		g.forget(in)
		left++
		if now.Sub(g.left) > g.least {
			g.full = now
		}
		g.left = now
	}
	return min(g.least, busyLeast) / 10
}

// queue reports whether there is one: others have had to make room for longer than each
// has for its request.
func (g *gate) queue(now time.Time) bool {
	return now.Sub(g.left) <= g.least && g.left.Sub(g.full) > g.least
}

// enter lets a connection in that has got a place.
func (g *gate) enter(in *guest) {
	g.mu.Lock()
	least := g.least
	if g.queue(time.Now()) && !in.unread() {
		least = min(least, busyLeast)
	}
	g.mu.Unlock()
	g.await(in, least)
}

// await waits for a connection's request, for so long at least.
func (g *gate) await(in *guest, least time.Duration) {
	g.mu.Lock()
	defer g.mu.Unlock()
	if in.awaited {
		return
	}
	in.awaited, in.until = true, time.Now().Add(least)
	i := len(g.waiting) // nearly always the last
	for i > 0 && g.waiting[i-1].until.After(in.until) {
		i--
	}
	g.waiting = slices.Insert(g.waiting, i, in)
}

// complete notes that all of a connection's request is there.
func (g *gate) complete(in *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(in)
}

// yield lets a connection make room before all others: it has its answer.
func (g *gate) yield(in *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.forget(in)
	in.awaited, in.until = true, time.Time{}
	g.waiting = slices.Insert(g.waiting, 0, in)
}

// stay takes back that a connection is to leave: its request goes on.
func (g *gate) stay(in *guest) {
	g.mu.Lock()
	defer g.mu.Unlock()
	_ = in.Conn.SetReadDeadline(in.deadline) // fails where the connection is closed
	in.awaited = true
	g.waiting = slices.Insert(g.waiting, 0, in)
}

// forget takes a connection from those that are waited for.
func (g *gate) forget(in *guest) {
	in.awaited = false
	if i := slices.Index(g.waiting, in); i >= 0 {
		g.waiting = slices.Delete(g.waiting, i, i+1)
	}
}

// keep keeps a connection for more requests, if there is room.
func (g *gate) keep(in *guest) bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	if !in.kept && 2*g.kept < cap(g.places) {
		in.kept = true
		g.kept++
	}
	return in.kept
}

// known keeps the connection of a platform's request, see [adapters.Door], unless the
// next one has begun to come before this one's answer: then its head cannot be measured.
func known(w http.ResponseWriter, r *http.Request) {
	in := guestOf(r)
	length := in.length.Load()
	if length >= 0 && in.body.Load() > length || !in.gate.keep(in) {
		w.Header().Set("Connection", "close")
	}
}

// handler gives each connection one request, unless that turns out to be a
// platform's. What of a body is not read before the answer never is.
func (g *gate) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		in, body := guestOf(r), &watched{ReadCloser: r.Body}
		in.served.Store(true)
		if r.Body == http.NoBody {
			g.complete(in)
		} else {
			body.complete = func() { g.complete(in) }
			in.length.Store(r.ContentLength)
			g.await(in, g.least)
			r.Body = body
		}
		w.Header().Set("Connection", "close")
		next.ServeHTTP(w, r)
		if r.Body == http.NoBody || body.ended {
			return
		}
		_ = http.NewResponseController(w).Flush() // the answer goes first
		in.hangUp()
		_, _ = io.Copy(io.Discard, body)
	})
}

// watched is a body that tells of its end.
type watched struct {
	io.ReadCloser
	complete func()
	ended    bool
}

func (b *watched) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) && !b.ended {
		b.ended = true
		b.complete()
	}
	return n, err
}

// guestKey is where a request's context has its connection.
type guestKey struct{}

func guestOf(r *http.Request) *guest { return r.Context().Value(guestKey{}).(*guest) }

// guest is a connection that has a place.
type guest struct {
	net.Conn
	gate  *gate
	state atomic.Int32
	over  atomic.Bool // nothing that comes is of use any more
	// came says that something has, served that it was a request, or was refused here.
	came, served atomic.Bool
	said         atomic.Bool // all that there is to say: the server is not to add a word
	left         sync.Once

	// Of the request that is being read:
	head   head
	body   atomic.Int64 // bytes that have come behind the head
	length atomic.Int64 // of its body as far as that is known; else negative

	// Guarded by the gate:
	until    time.Time // as long as the program waits for a request at least
	awaited  bool      // it is among those that are waited for
	kept     bool      // a request on it was a platform's
	deadline time.Time // for reading
}

// The states of a connection.
const (
	working int32 = iota // what it has sent is being dealt with
	reading              // the program waits for more
	leaving              // … and does not want to any more
)

// SetReadDeadline implements [net.Conn].
func (in *guest) SetReadDeadline(t time.Time) error {
	in.gate.mu.Lock()
	defer in.gate.mu.Unlock()
	in.deadline = t
	return in.Conn.SetReadDeadline(t)
}

// idle waits for another request.
func (in *guest) idle() {
	in.head = head{}
	in.body.Store(0)
	in.length.Store(-1)
}

// leave makes a connection leave that the program waits for, and reports whether
// it does. One that has sent all of its request, or what has not been read yet,
// is not the one that is slow; net/http reads on to notice when it goes.
func (in *guest) leave() bool {
	length := in.length.Load()
	whole := length >= 0 && in.body.Load() >= length
	if !in.over.Load() && (whole || in.unread()) || !in.state.CompareAndSwap(reading, leaving) {
		return false
	}
	_ = in.Conn.SetReadDeadline(time.Unix(1, 0)) // fails where the connection is closed
	return true
}

// hangUp lets what is still read end soon.
func (in *guest) hangUp() {
	_ = in.SetReadDeadline(time.Now().Add(lingering)) // fails where the connection is closed
	in.over.Store(true)
	in.gate.yield(in)
}

// unread reports whether something has arrived that has not been read.
func (in *guest) unread() (is bool) {
	c, ok := in.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) { is = pending(fd) }) // fails where the connection is closed
	return is
}

// Read implements [net.Conn].
func (in *guest) Read(p []byte) (int, error) {
	in.state.Store(reading)
	n, err := in.read(p)
	if n > 0 {
		in.came.Store(true)
	}
	behind, tooLong := in.head.see(p[:n])
	in.body.Add(int64(behind))
	switch {
	case in.state.CompareAndSwap(reading, working):
	case n > 0, !in.over.Load() && in.unread(): // just in time
		in.state.Store(working)
		in.gate.stay(in)
		if n == 0 {
			return in.Read(p)
		}
	default:
		in.gate.refuse(adapters.Busy)
		in.served.Store(true)
		if tcp, ok := in.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // the kernel forgets it as well
		}
		_ = in.Conn.Close()
		return in.Conn.Read(p) // which says that it is closed
	}
	if tooLong {
		in.gate.refuse(adapters.TooLarge)
		in.served.Store(true)
		_, _ = io.WriteString(in.Conn, headTooLong)
		in.said.Store(true)
		in.hangUp()
		_, _ = in.read(p)
		return 0, net.ErrClosed
	}
	return n, err
}

// Write implements [net.Conn].
func (in *guest) Write(p []byte) (int, error) {
	if in.said.Load() {
		return 0, net.ErrClosed
	}
	return in.Conn.Write(p)
}

func (in *guest) read(p []byte) (int, error) {
	if in.over.Load() {
		_, _ = io.CopyN(io.Discard, in.Conn, thrownAway)
		return 0, io.EOF
	}
	return in.Conn.Read(p)
}

// Close implements [net.Conn], and gives the place back.
func (in *guest) Close() error {
	err := in.Conn.Close()
	in.left.Do(func() {
		in.gate.mu.Lock()
		in.gate.forget(in)
		if in.kept {
			in.gate.kept--
		}
		in.gate.mu.Unlock()
		if in.came.Load() && !in.served.Load() {
			in.gate.refuse(adapters.Malformed)
		}
		<-in.gate.places
	})
	return err
}

// headTooLong answers who sends more than may stand before a body.
const headTooLong = "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// head measures what stands before the body of a request.
type head struct {
	size, lines int
	line        int  // bytes of the line so far, its end not counted
	cr          bool // of which the last is a carriage return
	over        bool
}

// see looks at the next bytes of a request. It returns how many of them stand
// behind the head, which ends where net/http sees its end, or reports that the
// head is too long.
func (h *head) see(p []byte) (behind int, tooLong bool) {
	for i, b := range p {
		if h.over {
			return len(p) - i, false
		}
		h.size++
		switch b {
		case '\n':
			h.over = h.lines > 0 && (h.line == 0 || h.line == 1 && h.cr)
			h.lines++
			h.line, h.cr = 0, false
		default:
			h.line++
			h.cr = b == '\r'
		}
		if h.size > maxHeader || h.lines > maxHeaderLines {
			return 0, true
		}
	}
	return 0, false
}
