package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// drillServer is a PostgreSQL server of its own, which the drill restarts.
type drillServer struct {
	b       *testing.B
	folder  string
	address string
}

func startDrillServer(b *testing.B) *drillServer {
	b.Helper()
	folder, err := os.MkdirTemp("", "drill") // below b.TempDir, the server's user may not read
	if err != nil {
		b.Fatal(err)
	}
	s := &drillServer{b: b, folder: filepath.Join(folder, "postgres")}
	b.Cleanup(func() {
		s.run("stop", s.folder)
		_ = os.RemoveAll(folder)
	})
	s.address = s.run("start", s.folder)
	return s
}

// run runs .ci/postgres.
func (s *drillServer) run(args ...string) string {
	s.b.Helper()
	var stderr bytes.Buffer
	cmd := exec.Command(filepath.Join("..", "..", ".ci", "postgres"), args...)
	cmd.Stderr = &stderr
	out, err := cmd.Output()
	if err != nil {
		s.b.Errorf(".ci/postgres %v: %v\n%s", args, err, stderr.String())
	}
	return string(bytes.TrimSpace(out))
}

// log is what the server logs, and why not.
func (s *drillServer) log() string {
	said, err := os.ReadFile(filepath.Join(s.folder, "data", "log"))
	if err != nil {
		return err.Error()
	}
	return string(said)
}

// restart restarts the server, after a crash or in order.
func (s *drillServer) restart(mode string) { s.run("restart", s.folder, mode) }

// The states of a wire.
const (
	wireOpen   = iota
	wireClosed // connections are closed, and new ones at once
	wireSilent // nothing passes, and nobody is told; what was sent arrives when it is open again
)

// drillWire passes connections on to PostgreSQL, and can be cut.
type drillWire struct {
	listener net.Listener
	to       string

	mu      sync.Mutex
	state   int
	changed chan struct{} // closed and replaced with each change
	open    map[net.Conn]bool
}

func startWire(b *testing.B, to string) *drillWire {
	b.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		b.Fatal(err)
	}
	w := &drillWire{listener: l, to: to, changed: make(chan struct{}), open: map[net.Conn]bool{}}
	var running sync.WaitGroup
	running.Go(func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			running.Go(func() { w.carry(c) })
		}
	})
	b.Cleanup(func() {
		_ = l.Close()
		w.set(wireClosed)
		running.Wait()
	})
	return w
}

func (w *drillWire) set(state int) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.state = state
	close(w.changed)
	w.changed = make(chan struct{})
	if state == wireClosed {
		for c := range w.open {
			_ = c.Close()
		}
	}
}

// passable waits while the wire is silent, and reports whether it is open.
func (w *drillWire) passable() bool {
	for {
		w.mu.Lock()
		state, changed := w.state, w.changed
		w.mu.Unlock()
		if state != wireSilent {
			return state == wireOpen
		}
		<-changed
	}
}

// add has a connection closed with the wire. It reports whether the wire is not closed yet.
func (w *drillWire) add(c net.Conn) bool {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.open[c] = true
	return w.state != wireClosed
}

func (w *drillWire) remove(c net.Conn) {
	_ = c.Close()
	w.mu.Lock()
	defer w.mu.Unlock()
	delete(w.open, c)
}

// carry passes one connection on.
func (w *drillWire) carry(from net.Conn) {
	defer w.remove(from)
	if !w.add(from) || !w.passable() {
		return
	}
	to, err := net.Dial("tcp", w.to)
	if err != nil {
		return
	}
	defer w.remove(to)
	if !w.add(to) {
		return
	}
	back := make(chan struct{})
	go func() {
		defer close(back)
		w.copy(from, to)
	}()
	w.copy(to, from)
	<-back
}

// copy copies until one side ends, and then closes both.
func (w *drillWire) copy(to, from net.Conn) {
	buffer := make([]byte, 32<<10)
	for {
		n, err := from.Read(buffer)
		if n > 0 && w.passable() {
			_, err = to.Write(buffer[:n])
		}
		if err != nil {
			_ = to.Close()
			_ = from.Close()
			return
		}
	}
}

// drillReplica is one of the replicas, across its restarts.
type drillReplica struct {
	b       *testing.B
	name    string
	program string
	env     []string
	sockets bool // it listens to nobody
	wire    *drillWire
	client  *http.Client // for health and metrics

	mu                sync.Mutex
	process           *process
	all               []*process
	address           string // of its listener for the platforms
	uncertain, missed int    // of earlier processes, as their metrics said
	latest            [2]int // of the process that runs
	healthy           atomic.Bool
}

// start starts the replica and waits until it serves.
func (r *drillReplica) start() {
	p := startProcessOf(r.b, r.program, r.env, "run")
	address := ""
	if !r.sockets {
		address = p.public()
	}
	p.await(`adapter=slack state=ready`)
	p.await(`adapter=discord state=ready`)
	r.mu.Lock()
	defer r.mu.Unlock()
	r.process, r.address = p, address
	r.all = append(r.all, p)
	r.healthy.Store(true)
}

// end ends the process with a signal and waits until it has ended.
func (r *drillReplica) end(how syscall.Signal) {
	r.count()
	p := r.running()
	if err := p.Process.Signal(how); err != nil {
		r.b.Errorf("%s: %v", r.name, err)
	}
	select {
	case <-p.ended:
	case <-time.After(30 * time.Second):
		r.b.Errorf("%s does not end:\n%s", r.name, tail(p.output()))
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	r.uncertain, r.missed = r.uncertain+r.latest[0], r.missed+r.latest[1]
	r.latest = [2]int{}
	r.process = nil
}

// signal sends a signal to the process, which goes on.
func (r *drillReplica) signal(s syscall.Signal) {
	if err := r.running().Process.Signal(s); err != nil {
		r.b.Errorf("%s: %v", r.name, err)
	}
}

func (r *drillReplica) running() *process {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.process
}

// watch follows the health of the replica, as a load balancer does, and its metrics, until
// stop is closed.
func (r *drillReplica) watch(stop <-chan struct{}) {
	tick := time.NewTicker(checkEvery)
	defer tick.Stop()
	for {
		select {
		case <-stop:
			return
		case <-tick.C:
		}
		if r.running() != nil {
			_, status, err := r.get(pathReady)
			r.healthy.Store(err == nil && status == http.StatusOK)
			r.count()
		}
	}
}

// checkEvery is how often the load balancer checks a replica.
const checkEvery = 250 * time.Millisecond

func (r *drillReplica) get(path string) (body []byte, status int, err error) {
	p := r.running()
	if p == nil {
		return nil, 0, errors.New("it does not run")
	}
	response, err := r.client.Get(p.private() + path)
	if err != nil {
		return nil, 0, err
	}
	defer response.Body.Close()
	body, err = io.ReadAll(response.Body)
	return body, response.StatusCode, err
}

// count notes what the metrics of the process say. What happens between the last count and
// kill -9 is not counted.
func (r *drillReplica) count() {
	p := r.running()
	body, _, err := r.get(pathMetrics)
	if err != nil {
		return
	}
	unclear := 0
	for _, found := range allUnclear.FindAllSubmatch(body, -1) {
		unclear += number(found[1])
	}
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.process == p {
		r.latest = [2]int{unclear, valueOf(r.b, body, missedMetric)}
	}
}

// counted is how many answers are uncertain, and how many changes the store missed.
func (r *drillReplica) counted() (uncertain, missed int) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.uncertain + r.latest[0], r.missed + r.latest[1]
}

// through returns the address of the database behind a wire.
func through(b *testing.B, address string, w *drillWire) string {
	b.Helper()
	u, err := url.Parse(address)
	if err != nil {
		b.Fatal(err)
	}
	u.Host = w.listener.Addr().String()
	return u.String()
}

// tail is the end of a text.
func tail(s string) string { return s[max(0, len(s)-4000):] }

// drillStep is a step of the drill.
type drillStep struct {
	name string
	run  func(d *drill)
}

// drillRound are the steps of a round, which takes a minute. Each takes another replica.
func drillRound() []drillStep {
	return []drillStep{
		{"quiet", func(*drill) { time.Sleep(3 * time.Second) }},
		{"killed, started again", func(d *drill) {
			for _, r := range d.shuffled() {
				r.end(syscall.SIGKILL)
				d.pause(500*time.Millisecond, 1500*time.Millisecond)
				r.start()
				d.pause(200*time.Millisecond, time.Second)
			}
		}},
		{"stopped for 20 s", func(d *drill) {
			r := d.any()
			r.signal(syscall.SIGSTOP)
			time.Sleep(20 * time.Second)
			r.signal(syscall.SIGCONT)
			time.Sleep(2 * time.Second)
		}},
		{"one stopped, one killed", func(d *drill) {
			two := d.shuffled()
			two[0].signal(syscall.SIGSTOP)
			d.pause(100*time.Millisecond, time.Second)
			two[1].end(syscall.SIGKILL)
			two[1].start()
			two[0].signal(syscall.SIGCONT)
			time.Sleep(2 * time.Second)
		}},
		{"database's connections cut", func(d *drill) { d.cut(wireClosed, 5*time.Second) }},
		{"database does not respond", func(d *drill) { d.cut(wireSilent, 8*time.Second) }},
		{"database crashed", func(d *drill) {
			d.server.restart("immediate")
			time.Sleep(2 * time.Second)
		}},
		{"updated one by one", func(d *drill) {
			for _, r := range d.replicas {
				r.end(syscall.SIGTERM)
				r.start()
			}
		}},
		{"database restarted", func(d *drill) {
			d.server.restart("fast")
			time.Sleep(2 * time.Second)
		}},
	}
}

// cut cuts one replica off from the database.
func (d *drill) cut(how int, length time.Duration) {
	r := d.any()
	r.wire.set(how)
	time.Sleep(length)
	r.wire.set(wireOpen)
	time.Sleep(2 * time.Second)
}

// pause waits for a random time.
func (d *drill) pause(least, most time.Duration) {
	time.Sleep(least + time.Duration(d.random.Int64N(int64(most-least))))
}

func (d *drill) any() *drillReplica { return d.replicas[d.random.IntN(len(d.replicas))] }

// shuffled are the replicas in random order.
func (d *drill) shuffled() []*drillReplica {
	list := make([]*drillReplica, len(d.replicas))
	for i, j := range d.random.Perm(len(list)) {
		list[i] = d.replicas[j]
	}
	return list
}

// newReplica prepares a replica whose connections to the database can be cut.
func (d *drill) newReplica(n int, program, address string, env []string) *drillReplica {
	u, err := url.Parse(address)
	if err != nil {
		d.b.Fatal(err)
	}
	w := startWire(d.b, u.Host)
	return &drillReplica{
		b: d.b, name: fmt.Sprint("replica ", n), program: program, wire: w,
		env:    append([]string{"FRONTDESK_STORE=" + through(d.b, address, w)}, env...),
		client: &http.Client{Timeout: time.Second, Transport: &http.Transport{DisableKeepAlives: true}},
	}
}
