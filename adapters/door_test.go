package adapters

import (
	"bufio"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/bot"
)

// reception is a server behind a Door.
type reception struct {
	t       *testing.T
	door    *Door
	from    *Sender
	address string
	reads   atomic.Int64 // of bodies

	mu   sync.Mutex
	away map[string]int // rejected requests, by reason
}

// testLimit is the longest body, in bytes.
const testLimit = 500_000

// receive starts a server. Its signatures are hashes without a secret.
func receive(t *testing.T, door *Door) *reception {
	t.Helper()
	r := &reception{t: t, door: door, away: map[string]int{}}
	r.from = &Sender{
		Platform: "Acme", Setting: "ACME_SECRET", SignatureIn: "X-Signature", StampIn: "X-Time",
		Scheme: "v0=", Size: sha256.Size, Most: testLimit,
		Before: func(stamp string) string { return stamp + ":" },
		Right: func(message, signature []byte) bool {
			sum := sha256.Sum256(message)
			return bytes.Equal(sum[:], signature)
		},
		Log: slog.New(slog.DiscardHandler),
		Monitor: bot.Monitor{Refused: func(why string) {
			r.mu.Lock()
			defer r.mu.Unlock()
			r.away[why]++
		}},
	}
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, request *http.Request) {
		request.Body = &counted{request.Body, &r.reads}
		if body, ok := door.Admit(w, request, r.from); ok {
			Say(w, http.StatusOK, fmt.Sprintf("%d", len(body)))
		}
	}))
	t.Cleanup(server.Close)
	r.address = server.Listener.Addr().String()
	return r
}

// counted is a body whose reads are counted.
type counted struct {
	io.ReadCloser
	reads *atomic.Int64
}

func (c *counted) Read(p []byte) (int, error) {
	c.reads.Add(1)
	return c.ReadCloser.Read(p)
}

// head returns the head of a request with a valid signature of body.
func head(body string, more ...string) string {
	stamp := fmt.Sprint(time.Now().Unix())
	sum := sha256.Sum256([]byte(stamp + ":" + body))
	lines := []string{
		"POST / HTTP/1.1", "Host: desk", "X-Time: " + stamp, "X-Signature: v0=" + hex.EncodeToString(sum[:]),
	}
	return strings.Join(append(lines, more...), "\r\n") + "\r\n\r\n"
}

// dial connects and sends text.
func (r *reception) dial(text string) net.Conn {
	r.t.Helper()
	c, err := net.Dial("tcp", r.address)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = c.Close() })
	if err := c.SetDeadline(time.Now().Add(20 * time.Second)); err != nil {
		r.t.Fatal(err)
	}
	_, _ = io.WriteString(c, text) // as far as the server reads it
	return c
}

// status reads the response and returns its status. The connection must close after a
// rejection, and only then.
func (r *reception) status(c net.Conn) int {
	response, err := http.ReadResponse(bufio.NewReader(c), nil)
	if err != nil {
		r.t.Error(err)
		return 0
	}
	defer response.Body.Close()
	if _, err := io.Copy(io.Discard, response.Body); err != nil {
		r.t.Error(err)
	}
	if (response.StatusCode != http.StatusOK) != response.Close {
		r.t.Errorf("%d, and the connection ends: %v", response.StatusCode, response.Close)
	}
	return response.StatusCode
}

// TestHeaders checks that requests with invalid headers are rejected before any of
// the body is read, also if it never arrives.
func TestHeaders(t *testing.T) {
	t.Parallel()
	r := receive(t, new(Door))
	good := head("x", "Content-Length: 500000")
	signature := between(good, "v0=", "\r\n")
	stamp := fmt.Sprint(time.Now().Unix())
	at := func(by time.Duration) string { return fmt.Sprint(time.Now().Add(by).Unix()) }
	for name, c := range map[string]struct {
		old, new string
		status   int
		why      Reason
	}{
		"another method":       {"POST", "PUT", http.StatusMethodNotAllowed, NotPost},
		"no signature":         {"X-Signature", "X-Nothing", http.StatusUnauthorized, Headers},
		"another scheme":       {"v0=", "v1=", http.StatusUnauthorized, Headers},
		"a short signature":    {"v0=", "v0=\r\nX-Nothing: ", http.StatusUnauthorized, Headers},
		"a long signature":     {"v0=", "v0=00", http.StatusUnauthorized, Headers},
		"no hex":               {signature, strings.Repeat("zz", sha256.Size), http.StatusUnauthorized, Headers},
		"no time":              {"X-Time", "X-Nothing", http.StatusUnauthorized, Headers},
		"time with a sign":     {"X-Time: ", "X-Time: +", http.StatusUnauthorized, Headers},
		"time before 1970":     {"X-Time: ", "X-Time: -", http.StatusUnauthorized, Headers},
		"time in hex":          {"X-Time: ", "X-Time: 0x", http.StatusUnauthorized, Headers},
		"time with zeros":      {"X-Time: ", "X-Time: 000", http.StatusUnauthorized, Headers},
		"time without end":     {"X-Time: ", "X-Time: " + strings.Repeat("0", 3000), http.StatusUnauthorized, Headers},
		"time with a point":    {stamp, stamp + ".5", http.StatusUnauthorized, Headers},
		"an old time":          {stamp, at(-FreshFor - 2*time.Second), http.StatusUnauthorized, Stale},
		"a time in the future": {stamp, at(FreshFor + 2*time.Second), http.StatusUnauthorized, Stale},
		"a time far off":       {stamp, "999999999999", http.StatusUnauthorized, Stale},
		"too long":             {"Length: 500000", "Length: 500001", http.StatusRequestEntityTooLarge, TooLarge},
		"longer than a number": {"500000", "9223372036854775807", http.StatusRequestEntityTooLarge, TooLarge},
		"asks before":          {"Host", "Expect: 100-continue\r\nX-Time: 1\r\nHost", http.StatusUnauthorized, Stale},
	} {
		text := strings.Replace(good, c.old, c.new, 1)
		if text == good {
			t.Errorf("%s changes nothing", name)
		}
		before := r.turnedAway(c.why)
		if status := r.status(r.dial(text)); status != c.status || r.turnedAway(c.why) != before+1 {
			t.Errorf("%s: %d, %v", name, status, r.away)
		}
	}
	if n := r.reads.Load(); n > 0 {
		t.Errorf("bodies were read %d times", n)
	}
	body := strings.Repeat("x", testLimit)
	chunked := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(body), body)
	for name, c := range map[string]net.Conn{
		"announced": r.dial(head(body, fmt.Sprint("Content-Length: ", len(body))) + body),
		"chunked":   r.dial(head(body, "Transfer-Encoding: chunked") + chunked),
		"empty":     r.dial(head("", "Content-Length: 0")),
	} {
		if status := r.status(c); status != http.StatusOK {
			t.Errorf("%s: %d", name, status)
		}
	}
}

func between(text, from, to string) string {
	_, text, _ = strings.Cut(text, from)
	text, _, _ = strings.Cut(text, to)
	return text
}

func (r *reception) turnedAway(why Reason) int {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.away[string(why)]
}

// TestBodies checks which bodies are rejected, and why, if the headers are valid.
func TestBodies(t *testing.T) {
	t.Parallel()
	r := receive(t, &Door{patience: 50 * time.Millisecond})
	long := strings.Repeat("x", testLimit+1)
	longChunk := fmt.Sprintf("%x\r\n%s\r\n0\r\n\r\n", len(long), long)
	for name, c := range map[string]struct {
		text   string
		status int
		why    Reason
	}{
		"wrong":     {head("x", "Content-Length: 1") + "y", http.StatusUnauthorized, Signature},
		"longer":    {head("x", "Content-Length: 2") + "xx", http.StatusUnauthorized, Signature},
		"slow":      {head("xx", "Content-Length: 2") + "x", http.StatusRequestTimeout, TooSlow},
		"never":     {head("xx", "Content-Length: 2"), http.StatusRequestTimeout, TooSlow},
		"chunked":   {head("xx", "Transfer-Encoding: chunked") + "2\r\nx", http.StatusRequestTimeout, TooSlow},
		"no chunks": {head("xx", "Transfer-Encoding: chunked") + "what?\r\n\r\n", http.StatusBadRequest, Broken},
		"without bound": {
			head(long, "Transfer-Encoding: chunked") + longChunk, http.StatusRequestEntityTooLarge, TooLarge,
		},
	} {
		before := r.turnedAway(c.why)
		if status := r.status(r.dial(c.text)); status != c.status || r.turnedAway(c.why) != before+1 {
			t.Errorf("%s: %d, %v", name, status, r.away)
		}
	}
}

// TestUnverified checks that unverified bodies share one memory limit, and that a
// signed body is accepted while others use all of it.
func TestUnverified(t *testing.T) {
	t.Parallel()
	r := receive(t, new(Door))
	const size = 400_000
	attack := head("", fmt.Sprint("Content-Length: ", size)) + strings.Repeat("x", size-1)
	full := make(chan struct{}, 2*mostUnverified/size)
	for range cap(full) {
		c := r.dial(attack)
		go func() {
			response, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err == nil && response.StatusCode == http.StatusServiceUnavailable {
				full <- struct{}{}
			}
		}()
	}
	<-full
	for _, n := range []int{0, 1, 3000, 20_000, 100_000} {
		body := strings.Repeat("y", n)
		if status := r.status(r.dial(head(body, fmt.Sprint("Content-Length: ", n)) + body)); status != http.StatusOK {
			t.Errorf("a signed body of %d bytes: %d", n, status)
		}
	}
	u := &r.door.unverified
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.peak > mostUnverified || u.peak <= mostUnverified-pieceSize {
		t.Errorf("at most %d bytes were held, the limit is %d", u.peak, mostUnverified)
	}
}

// TestGiveWay checks that only the largest body is dropped, and that no number of
// bodies keeps out a body of no more than an equal share.
func TestGiveWay(t *testing.T) {
	t.Parallel()
	const places, share = 256, mostUnverified / 256 / pieceSize
	var u unverified
	var all []*arrival
	stopped := map[*arrival]bool{}
	enter := func() *arrival {
		var a *arrival
		a = u.enter(func() {
			stopped[a] = true
			go u.leave(a) // as its reader does
		})
		return a
	}
	for range places - 2 {
		a := enter()
		for range share {
			if !u.take(a) {
				t.Fatal("a body gets no equal share")
			}
		}
		all = append(all, a)
	}
	large, small := enter(), enter()
	for range 2 * share {
		if !u.take(large) {
			t.Fatal("a body gets no memory that is free")
		}
	}
	if u.held != mostUnverified {
		t.Fatalf("%d bytes are held", u.held)
	}
	if u.take(large) {
		t.Error("the largest body gets memory from smaller ones")
	}
	for range share {
		if !u.take(small) {
			t.Fatal("a small body gets no share")
		}
	}
	if !stopped[large] || len(stopped) != 1 {
		t.Errorf("%d bodies were dropped; the largest: %v", len(stopped), stopped[large])
	}
	for _, a := range append(all, small) {
		u.leave(a)
	}
	if u.held != 0 || len(u.free) != 0 || len(u.arrivals) != 0 || u.peak > mostUnverified {
		t.Errorf("at the end, %d bytes are held and %d pieces kept; the peak was %d bytes", u.held, len(u.free),
			u.peak)
	}
}

// TestSparse checks that the first lines are logged at once, and then one line a
// minute with the number of occurrences.
func TestSparse(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		start := time.Now()
		var mu sync.Mutex
		var lines []string
		s := Sparse{First: 2}
		log := func(what string) {
			s.Log(func(n int) {
				mu.Lock()
				defer mu.Unlock()
				lines = append(lines, fmt.Sprintf("%v %s %d", time.Since(start), what, n))
			})
		}
		log("a")
		log("b")
		for range 1000 {
			log("c")
		}
		log("d")
		time.Sleep(90 * time.Second) // the minute is over
		log("e")
		time.Sleep(10 * time.Minute)
		log("f")
		time.Sleep(10 * time.Minute) // no further line
		want := "0s a 1, 0s b 1, 1m0s d 1001, 2m0s e 1, 11m30s f 1"
		synctest.Wait()
		mu.Lock()
		defer mu.Unlock()
		if got := strings.Join(lines, ", "); got != want {
			t.Errorf("%s, want %s", got, want)
		}
	})
}

// TestRefusals checks that each rejected request gets a response, and that one log
// line counts them by reason and says what to do.
func TestRefusals(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var log bytes.Buffer
		from := &Sender{Platform: "Acme", Setting: "ACME_SECRET", Log: slog.New(slog.NewTextHandler(&log, nil))}
		for _, why := range Reasons() {
			w := httptest.NewRecorder()
			from.Refuse(w, why)
			length := fmt.Sprint(w.Body.Len())
			if w.Code < 400 || length == "0" || length != w.Header().Get("Content-Length") ||
				strings.Contains(w.Body.String(), "%") {
				t.Errorf("%s: %d, %q", why, w.Code, w.Body)
			}
			if (w.Code == http.StatusServiceUnavailable) != (w.Header().Get("Retry-After") != "") {
				t.Errorf("%s: %d, Retry-After: %q", why, w.Code, w.Header().Get("Retry-After"))
			}
		}
		for range 18_000 {
			from.Refuse(httptest.NewRecorder(), Signature)
		}
		time.Sleep(5 * time.Minute)
		synctest.Wait()
		lines := strings.Split(strings.TrimSpace(log.String()), "\n")
		if len(lines) != 2 {
			t.Fatalf("%d lines:\n%s", len(lines), log.String())
		}
		if !strings.Contains(lines[0], "count=1 headers=1 means=") {
			t.Error(lines[0])
		}
		for _, want := range []string{
			"level=WARN", fmt.Sprint("count=", 18_000+len(Reasons())-2), "stale=1", "signature=18001",
			"ACME_SECRET is not the app's",
		} {
			if !strings.Contains(lines[1], want) {
				t.Errorf("no %s in %s", want, lines[1])
			}
		}
	})
}
