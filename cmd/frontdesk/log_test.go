package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/synctest"
	"time"
)

// stuck is a writer that blocks until held is closed.
type stuck struct {
	held  chan struct{}
	begun chan struct{} // closed by the first write; may be nil
	once  sync.Once
	mu    sync.Mutex
	got   bytes.Buffer
	err   error
}

func (s *stuck) Write(p []byte) (int, error) {
	s.once.Do(func() {
		if s.begun != nil {
			close(s.begun)
		}
	})
	<-s.held
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err != nil {
		return 0, s.err
	}
	return s.got.Write(p)
}

func tellDropped(w io.Writer, n int) { fmt.Fprintf(w, "dropped %d\n", n) }

// TestQueue checks that writing never waits for the log's reader, that lines arrive whole
// and in order, that the queue is bounded, and that dropped lines are reported.
func TestQueue(t *testing.T) {
	t.Parallel()
	s := &stuck{held: make(chan struct{}), begun: make(chan struct{})}
	q := newQueue(s, tellDropped)
	line := strings.Repeat("x", 1000) + "\n"
	const lines = 3 * maxQueued / 1000
	for i := range lines {
		if fmt.Fprintf(q, "%06d %s", i, line); i == 0 {
			<-s.begun // what waits from now on is not taken in between
		}
	}
	q.end(time.Millisecond) // does not wait either
	q.mu.Lock()
	if n := len(q.queued); n > maxQueued {
		t.Errorf("%d bytes are queued", n)
	}
	q.mu.Unlock()
	close(s.held)
	<-q.done
	all := strings.SplitAfter(s.got.String(), "\n")
	kept, told := 0, 0
	for i, l := range all {
		switch n, ok := strings.CutPrefix(l, "dropped "); {
		case ok:
			_, _ = fmt.Sscan(n, &told)
		case l != "":
			if kept++; l != fmt.Sprintf("%06d %s", i, line) {
				t.Fatalf("line %d is %.20s", i, l)
			}
		}
	}
	if kept == 0 || told == 0 || kept+told != lines {
		t.Errorf("of %d lines %d were written and %d dropped", lines, kept, told)
	}
}

// TestQueueBroken checks that lines lost to write errors are reported once writing works.
func TestQueueBroken(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		s := &stuck{held: make(chan struct{}), err: errors.New("no room")}
		close(s.held)
		q := newQueue(s, tellDropped)
		fmt.Fprintln(q, "one")
		fmt.Fprintln(q, "two")
		synctest.Wait()
		s.mu.Lock()
		s.err = nil
		s.mu.Unlock()
		fmt.Fprintln(q, "three")
		q.end(time.Minute)
		if got := s.got.String(); got != "three\ndropped 2\n" {
			t.Errorf("got %q", got)
		}
	})
}

// TestQueueTorn checks that a line that was written in part, as on a full disk, is not
// joined with the next.
func TestQueueTorn(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{room: len("one\ntw")}
	q := &queue{w: disk}
	if lost := q.send([]byte("one\ntwo\n")); lost != 1 {
		t.Errorf("%d lines were lost", lost)
	}
	if lost := q.send([]byte("three\n")); lost == 0 {
		t.Error("no line was lost on a full disk")
	}
	disk.room = 100
	if lost := q.send([]byte("four\n")); lost != 0 || disk.got.String() != "one\ntw\nfour\n" {
		t.Errorf("%d lines were lost, and the disk has %q", lost, disk.got.String())
	}
}

// fullDisk is a writer with room for a number of bytes.
type fullDisk struct {
	room int
	got  bytes.Buffer
}

func (d *fullDisk) Write(p []byte) (int, error) {
	n := min(len(p), d.room)
	d.room -= n
	d.got.Write(p[:n])
	if n < len(p) {
		return n, syscall.ENOSPC
	}
	return n, nil
}

// TestPrintLast checks that the last error is printed, and that a stuck writer does not
// block the end.
func TestPrintLast(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if printLast(&b, errors.New("why")); b.String() != "frontdesk: why\n" {
		t.Errorf("prints %q", b.String())
	}
	s := &stuck{held: make(chan struct{})}
	printLast(s, errors.New("why"))
	close(s.held)
}

// TestUnreadLog checks that the program answers, and ends at SIGTERM, though nobody reads
// its log: with standard error full, closed, or read again later, when the number of
// dropped lines is reported.
func TestUnreadLog(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ closed, readOn bool }{
		"full":           {},
		"closed":         {closed: true},
		"full and again": {readOn: true},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fake := startSlack(t)
			self, err := os.Executable()
			if err != nil {
				t.Fatal(err)
			}
			p := newProcess(t, self, slackEnv(fake.API(), small(t)...), "run")
			r, w, err := os.Pipe()
			if err != nil {
				t.Fatal(err)
			}
			defer r.Close()
			p.Stderr = w
			if err := p.Start(); err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = p.Process.Kill() })
			w.Close()
			if c.closed {
				r.Close()
			}
			fake.Await(t, "a connection", func() bool { return fake.Connections() > 0 })
			// More than the pipe and the queue hold.
			const odd = 4 * maxQueued / 500
			again := slackMention("Ev"+strings.Repeat("x", 500), "C2", "1780000000.000002",
				"who plans leave for a newborn?")
			for i := range odd { // each but the first is logged as a repeat
				fake.Emit(t, fmt.Sprintf(`{"envelope_id":"odd%d","type":"events_api","payload":%s}`, i, again))
			}
			fake.Await(t, "all of it", func() bool { return fake.Acks(fmt.Sprintf("odd%d", odd-1)) == 1 })
			fake.Emit(t, fmt.Sprintf(`{"envelope_id":"e1","type":"events_api","payload":%s}`,
				slackMention("Ev1", "C1", "1780000000.000001", "who plans leave for a newborn?")))
			fake.Await(t, "the answer", func() bool { return len(fake.Messages("C1")) == 1 })
			read := make(chan string, 1)
			if c.readOn {
				go func() {
					all, _ := io.ReadAll(r)
					read <- string(all)
				}()
			}
			if err := end(p); err != nil {
				t.Errorf("at SIGTERM, the program ends with %v", err)
			}
			if c.readOn {
				all := <-read
				if !strings.Contains(all, "log lines were dropped") || !strings.Contains(all, "msg=stopped") {
					t.Errorf("the log has %d bytes and ends with\n%s", len(all), all[max(0, len(all)-500):])
				}
			}
		})
	}
}

// TestUnreadTerminal checks that the program ends at SIGTERM though nobody reads its
// answers at the terminal.
func TestUnreadTerminal(t *testing.T) {
	t.Parallel()
	self, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	p := newProcess(t, self, small(t), "run")
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	_ = w.SetWriteDeadline(time.Now().Add(10 * time.Millisecond))
	if _, err := w.Write(make([]byte, 4<<20)); !errors.Is(err, os.ErrDeadlineExceeded) {
		t.Fatalf("a pipe that nobody reads is not full: %v", err)
	}
	p.Stdout = w
	in, err := p.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := p.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Process.Kill() })
	w.Close()
	// More than a pipe holds, so that the program has read the first questions.
	if _, err := io.WriteString(in, strings.Repeat("who plans leave for a newborn?\n", 3000)); err != nil {
		t.Fatal(err)
	}
	if err := end(p); err != nil {
		t.Errorf("at SIGTERM, the program ends with %v", err)
	}
}

// end sends SIGTERM to a program whose output is not read, and waits for it.
func end(p *process) error {
	if err := p.Process.Signal(syscall.SIGTERM); err != nil {
		return err
	}
	ended := make(chan error, 1)
	go func() { ended <- p.Wait() }()
	select {
	case err := <-ended:
		return err
	case <-time.After(30 * time.Second):
		return errors.New("the program does not end")
	}
}
