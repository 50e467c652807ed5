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
	// publicGrace is how long a connection may take to send its request before it can be
	// closed for a new one. A platform's request arrives with the connection, one round
	// trip later, or 200 ms later if a packet is lost (Linux's minimum RTO, RFC 6298).
	publicGrace = 250 * time.Millisecond
	// privateGrace is the same for the private listener, whose clients are near.
	privateGrace = 25 * time.Millisecond
	// busyGrace applies instead while the listener is crowded, to a connection that has
	// sent nothing when it is accepted: it has waited in the backlog, so its request
	// should have arrived. With 1,000 silent clients that reconnect when they are closed,
	// a new client waits 0.2 s for one of 256 places; with 5,000, a second.
	busyGrace = 50 * time.Millisecond
	// evictAtOnce is how many connections are closed together while the listener is
	// crowded: one at a time, only some 4,000 a second can be closed.
	evictAtOnce = 16
	// maxHeader and maxHeaderLines bound the head of a request (request line and
	// headers). Slack's and Discord's take less than 1 KiB in some 15 lines; proxies add
	// a few. A line costs ten times its minimal length in memory, so a bound on bytes
	// alone is not enough.
	maxHeader      = 8 << 10 // bytes
	maxHeaderLines = 100
	// drainTime is how long a rejected connection is read before it is closed: closing
	// it with unread data may delete our response (RFC 9112, 9.6).
	drainTime = 250 * time.Millisecond
	// drainBytes is how much is read then, as in net/http.
	drainBytes = 256 << 10
	// receiveBuffer is the size of the kernel's buffer of unread data, in bytes; the
	// kernel doubles it. Its own default grows to 6 MB a connection, which counts as the
	// container's memory.
	receiveBuffer = 32 << 10
)

// limitListener is a listener with a limit on open connections. Connections that
// brought a platform's signed request are kept alive, up to half of the limit; any
// other serves one request. When the limit is reached, a new connection replaces the
// one that has kept us waiting for its request longest, once its grace period is over.
// So idle and slow clients cannot lock others out.
type limitListener struct {
	net.Listener
	places chan struct{}         // one for each open connection
	grace  time.Duration         // for each to send its request
	refuse func(adapters.Reason) // is called for connections that are closed without a request
	closed chan struct{}
	close  sync.Once

	mu      sync.Mutex
	waiting []*limitConn // those without a complete request, by the end of their grace period
	kept    int          // connections that are kept alive
	// lastEvicted is when a connection was last evicted, and busySince when the current
	// series of evictions began: each within a grace period of the one before.
	busySince, lastEvicted time.Time
}

// newLimitListener limits the open connections of a listener.
func newLimitListener(l net.Listener, places int, grace time.Duration, refuse func(adapters.Reason)) *limitListener {
	return &limitListener{
		Listener: l, places: make(chan struct{}, places), grace: grace, refuse: refuse, closed: make(chan struct{}),
	}
}

// serve serves the listener's connections with s.
func (l *limitListener) serve(s *http.Server) error {
	s.Handler = l.handler(s.Handler)
	s.ConnContext = func(ctx context.Context, c net.Conn) context.Context {
		return context.WithValue(ctx, connKey{}, c)
	}
	s.ConnState = func(c net.Conn, state http.ConnState) {
		if state == http.StateIdle {
			c.(*limitConn).reset()
		}
	}
	return s.Serve(l)
}

// Accept implements [net.Listener].
func (l *limitListener) Accept() (net.Conn, error) {
	c, err := l.Listener.Accept()
	if err != nil {
		return nil, err
	}
	if tcp, ok := c.(*net.TCPConn); ok {
		_ = tcp.SetReadBuffer(receiveBuffer) // if it fails, the buffer is only larger
	}
	conn := &limitConn{Conn: c, listener: l}
	conn.reset()
	select {
	case l.places <- struct{}{}:
		l.admit(conn)
		return conn, nil
	default:
	}
	for {
		again := time.NewTimer(l.evict(time.Now()))
		select {
		case l.places <- struct{}{}:
			again.Stop()
			l.admit(conn)
			return conn, nil
		case <-l.closed:
			again.Stop()
			_ = c.Close() // nothing was read
			return nil, net.ErrClosed
		case <-again.C:
		}
	}
}

// Close implements [net.Listener].
func (l *limitListener) Close() error {
	l.close.Do(func() { close(l.closed) })
	return l.Listener.Close()
}

// evict closes the connection whose grace period ended first, or several if the
// listener is crowded, and returns when to try again.
func (l *limitListener) evict(now time.Time) time.Duration {
	l.mu.Lock()
	defer l.mu.Unlock()
	evicted, most := 0, 1
	if l.crowded(now) {
		most = evictAtOnce
	}
	for i := 0; i < len(l.waiting) && evicted < most; {
		conn := l.waiting[i]
		if rest := conn.graceEnd.Sub(now); rest > 0 {
			if evicted > 0 {
				break
			}
			return min(rest, l.grace)
		}
		if !conn.interrupt() {
			i++
			continue
		}
		l.remove(conn)
		evicted++
		if now.Sub(l.lastEvicted) > l.grace {
			l.busySince = now
		}
		l.lastEvicted = now
	}
	return min(l.grace, busyGrace) / 10
}

// crowded reports whether connections have been evicted for longer than a grace period,
// and still are.
func (l *limitListener) crowded(now time.Time) bool {
	return now.Sub(l.lastEvicted) <= l.grace && l.lastEvicted.Sub(l.busySince) > l.grace
}

// admit starts the grace period of a connection that is accepted.
func (l *limitListener) admit(conn *limitConn) {
	l.mu.Lock()
	grace := l.grace
	if l.crowded(time.Now()) && !conn.unread() {
		grace = min(grace, busyGrace)
	}
	l.mu.Unlock()
	l.await(conn, grace)
}

// await adds a connection to the waiting list, with a grace period for its request.
func (l *limitListener) await(conn *limitConn, grace time.Duration) {
	l.mu.Lock()
	defer l.mu.Unlock()
	if conn.waiting {
		return
	}
	conn.waiting, conn.graceEnd = true, time.Now().Add(grace)
	i := len(l.waiting) // nearly always the last
	for i > 0 && l.waiting[i-1].graceEnd.After(conn.graceEnd) {
		i--
	}
	l.waiting = slices.Insert(l.waiting, i, conn)
}

// complete notes that a connection's request has arrived completely.
func (l *limitListener) complete(conn *limitConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(conn)
}

// evictFirst puts a connection that has its response at the head of the waiting list.
func (l *limitListener) evictFirst(conn *limitConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.remove(conn)
	conn.waiting, conn.graceEnd = true, time.Time{}
	l.waiting = slices.Insert(l.waiting, 0, conn)
}

// keepReading cancels the interruption of a connection whose request has continued.
func (l *limitListener) keepReading(conn *limitConn) {
	l.mu.Lock()
	defer l.mu.Unlock()
	_ = conn.Conn.SetReadDeadline(conn.deadline) // fails where the connection is closed
	conn.waiting = true
	l.waiting = slices.Insert(l.waiting, 0, conn)
}

// remove removes a connection from the waiting list.
func (l *limitListener) remove(conn *limitConn) {
	conn.waiting = false
	if i := slices.Index(l.waiting, conn); i >= 0 {
		l.waiting = slices.Delete(l.waiting, i, i+1)
	}
}

// keep keeps a connection alive for more requests, unless too many are.
func (l *limitListener) keep(conn *limitConn) bool {
	l.mu.Lock()
	defer l.mu.Unlock()
	if !conn.kept && 2*l.kept < cap(l.places) {
		conn.kept = true
		l.kept++
	}
	return conn.kept
}

// known keeps the connection of a platform's request alive, see [adapters.Door], unless
// the next request is pipelined: its head cannot be measured.
func known(w http.ResponseWriter, r *http.Request) {
	conn := connOf(r)
	length := conn.length.Load()
	if length >= 0 && conn.body.Load() > length || !conn.listener.keep(conn) {
		w.Header().Set("Connection", "close")
	}
}

// handler closes each connection after one request, unless known keeps it alive. A part
// of a body that is unread when the response is sent is discarded.
func (l *limitListener) handler(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		conn, body := connOf(r), &watchedBody{ReadCloser: r.Body}
		conn.handled.Store(true)
		if r.Body == http.NoBody {
			l.complete(conn)
		} else {
			body.complete = func() { l.complete(conn) }
			conn.length.Store(r.ContentLength)
			l.await(conn, l.grace)
			r.Body = body
		}
		w.Header().Set("Connection", "close")
		next.ServeHTTP(w, r)
		if r.Body == http.NoBody || body.ended {
			return
		}
		_ = http.NewResponseController(w).Flush() // the response goes first
		conn.drain()
		_, _ = io.Copy(io.Discard, body)
	})
}

// watchedBody is a request body that reports when it has been read completely.
type watchedBody struct {
	io.ReadCloser
	complete func()
	ended    bool
}

func (b *watchedBody) Read(p []byte) (int, error) {
	n, err := b.ReadCloser.Read(p)
	if errors.Is(err, io.EOF) && !b.ended {
		b.ended = true
		b.complete()
	}
	return n, err
}

// connKey is the key of a request's connection in its context.
type connKey struct{}

func connOf(r *http.Request) *limitConn { return r.Context().Value(connKey{}).(*limitConn) }

// limitConn is a connection of a limitListener.
type limitConn struct {
	net.Conn
	listener *limitListener
	state    atomic.Int32
	discard  atomic.Bool // whatever still arrives is thrown away
	// received says that data has arrived; handled that it was a request, or was
	// rejected here.
	received, handled atomic.Bool
	responded         atomic.Bool // the response is complete: the server adds nothing
	release           sync.Once

	// Of the request that is being read:
	head   head
	body   atomic.Int64 // bytes received after the head
	length atomic.Int64 // of its body; negative if unknown

	// Guarded by the listener's mutex:
	graceEnd time.Time // before it the connection is not evicted
	waiting  bool      // it is in the listener's waiting list
	kept     bool      // it is kept alive, for it brought a platform's request
	deadline time.Time // for reading, as set by net/http
}

// The states of a connection.
const (
	working     int32 = iota // a request is being handled
	reading                  // waits for data
	interrupted              // waits for data, and is being evicted
)

// SetReadDeadline implements [net.Conn].
func (conn *limitConn) SetReadDeadline(t time.Time) error {
	conn.listener.mu.Lock()
	defer conn.listener.mu.Unlock()
	conn.deadline = t
	return conn.Conn.SetReadDeadline(t)
}

// reset prepares for the next request.
func (conn *limitConn) reset() {
	conn.head = head{}
	conn.body.Store(0)
	conn.length.Store(-1)
}

// interrupt ends the read of a connection that waits for data, and reports whether it
// does. A connection with a complete request or unread data is not slow: net/http only
// reads on to notice when the client disconnects.
func (conn *limitConn) interrupt() bool {
	length := conn.length.Load()
	whole := length >= 0 && conn.body.Load() >= length
	if !conn.discard.Load() && (whole || conn.unread()) || !conn.state.CompareAndSwap(reading, interrupted) {
		return false
	}
	_ = conn.Conn.SetReadDeadline(time.Unix(1, 0)) // fails where the connection is closed
	return true
}

// drain discards whatever still arrives, for a short time.
func (conn *limitConn) drain() {
	_ = conn.SetReadDeadline(time.Now().Add(drainTime)) // fails where the connection is closed
	conn.discard.Store(true)
	conn.listener.evictFirst(conn)
}

// unread reports whether data has arrived that has not been read.
func (conn *limitConn) unread() (is bool) {
	c, ok := conn.Conn.(syscall.Conn)
	if !ok {
		return false
	}
	raw, err := c.SyscallConn()
	if err != nil {
		return false
	}
	_ = raw.Control(func(fd uintptr) { is = hasUnread(fd) }) // fails where the connection is closed
	return is
}

// Read implements [net.Conn].
func (conn *limitConn) Read(p []byte) (int, error) {
	conn.state.Store(reading)
	n, err := conn.read(p)
	if n > 0 {
		conn.received.Store(true)
	}
	behind, tooLong := conn.head.see(p[:n])
	conn.body.Add(int64(behind))
	switch {
	case conn.state.CompareAndSwap(reading, working):
	case n > 0, !conn.discard.Load() && conn.unread(): // data arrived just in time
		conn.state.Store(working)
		conn.listener.keepReading(conn)
		if n == 0 {
			return conn.Read(p)
		}
	default:
		conn.listener.refuse(adapters.Busy)
		conn.handled.Store(true)
		if tcp, ok := conn.Conn.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0) // so that the kernel frees it at once
		}
		_ = conn.Conn.Close()
		return conn.Conn.Read(p) // returns that it is closed
	}
	if tooLong {
		conn.listener.refuse(adapters.TooLarge)
		conn.handled.Store(true)
		_, _ = io.WriteString(conn.Conn, headTooLong)
		conn.responded.Store(true)
		conn.drain()
		_, _ = conn.read(p)
		return 0, net.ErrClosed
	}
	return n, err
}

// Write implements [net.Conn].
func (conn *limitConn) Write(p []byte) (int, error) {
	if conn.responded.Load() {
		return 0, net.ErrClosed
	}
	return conn.Conn.Write(p)
}

func (conn *limitConn) read(p []byte) (int, error) {
	if conn.discard.Load() {
		_, _ = io.CopyN(io.Discard, conn.Conn, drainBytes)
		return 0, io.EOF
	}
	return conn.Conn.Read(p)
}

// Close implements [net.Conn], and makes its place free.
func (conn *limitConn) Close() error {
	err := conn.Conn.Close()
	conn.release.Do(func() {
		conn.listener.mu.Lock()
		conn.listener.remove(conn)
		if conn.kept {
			conn.listener.kept--
		}
		conn.listener.mu.Unlock()
		if conn.received.Load() && !conn.handled.Load() {
			conn.listener.refuse(adapters.Malformed)
		}
		<-conn.listener.places
	})
	return err
}

// headTooLong is the response to a head that is too long.
const headTooLong = "HTTP/1.1 431 Request Header Fields Too Large\r\nConnection: close\r\nContent-Length: 0\r\n\r\n"

// head measures the head of a request.
type head struct {
	size, lines int
	line        int  // bytes of the current line so far, without its end
	cr          bool // the last of them is a carriage return
	ended       bool
}

// see measures the next bytes of a request. It returns how many of them follow the head,
// whose end is that which net/http finds, or reports that the head is too long.
func (h *head) see(p []byte) (behind int, tooLong bool) {
	for i, b := range p {
		if h.ended {
			return len(p) - i, false
		}
		h.size++
		switch b {
		case '\n':
			h.ended = h.lines > 0 && (h.line == 0 || h.line == 1 && h.cr)
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
