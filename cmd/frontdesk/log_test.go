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

// stuck is a writer that takes nothing until it is let go.
type stuck struct {
	held  chan struct{} // closed to let go
	begun chan struct{} // closed with the first write; may be nil
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

// TestQueue holds that nobody waits for what reads the log, that lines come in their
// order and whole, that there is a bound on what waits, and that what was dropped is
// told.
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
	q.end(time.Millisecond) // which does not wait for it either
	q.mu.Lock()
	if n := len(q.queued); n > maxQueued {
		t.Errorf("%d bytes wait", n)
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
		t.Errorf("of %d lines %d are there and %d were dropped", lines, kept, told)
	}
}

// TestQueueBroken holds that a log that cannot be written for a while is told of
// once it can.
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

// TestQueueTorn holds that a line that was written in part, as on a full disk, does not
// become one with the next.
func TestQueueTorn(t *testing.T) {
	t.Parallel()
	disk := &fullDisk{room: len("one\ntw")}
	q := &queue{w: disk}
	if lost := q.send([]byte("one\ntwo\n")); lost != 1 {
		t.Errorf("%d lines are lost", lost)
	}
	if lost := q.send([]byte("three\n")); lost == 0 {
		t.Error("a line is on a disk that is full")
	}
	disk.room = 100
	if lost := q.send([]byte("four\n")); lost != 0 || disk.got.String() != "one\ntw\nfour\n" {
		t.Errorf("%d lines are lost, and there is %q", lost, disk.got.String())
	}
}

// fullDisk takes so many bytes.
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

// TestLastWord holds that the reason for the end is said, and is not waited for.
func TestLastWord(t *testing.T) {
	t.Parallel()
	var b bytes.Buffer
	if printLast(&b, errors.New("why")); b.String() != "frontdesk: why\n" {
		t.Errorf("says %q", b.String())
	}
	s := &stuck{held: make(chan struct{})}
	printLast(s, errors.New("why"))
	close(s.held)
}

// TestDeafLog holds that the program answers, and ends when it is told to, though
// nobody reads what it logs: where its standard error is full, where it is closed,
// and where somebody reads on after a while, who is told what is missing.
func TestDeafLog(t *testing.T) {
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
			// More than a pipe and what waits for it hold.
			const odd = 4 * maxQueued / 500
			again := slackMention("Ev"+strings.Repeat("x", 500), "C2", "1780000000.000002", "who plans leave for a newborn?")
			for i := range odd { // each but the first is logged as a repeat
				fake.Emit(t, fmt.Sprintf(`{"envelope_id":"odd%d","type":"events_api","payload":%s}`, i, again))
			}
			fake.Await(t, "all of it", func() bool { return fake.Acks(fmt.Sprintf("odd%d", odd-1)) == 1 })
			fake.Emit(t, fmt.Sprintf(`{"envelope_id":"e1","type":"events_api","payload":%s}`, slackMention("Ev1", "C1", "1780000000.000001", "who plans leave for a newborn?")))
			fake.Await(t, "the answer", func() bool { return len(fake.Messages("C1")) == 1 })
			read := make(chan string, 1)
			if c.readOn {
				go func() {
					all, _ := io.ReadAll(r)
					read <- string(all)
				}()
			}
			if err := end(p); err != nil {
				t.Errorf("told to stop, the program ends with %v", err)
			}
			if c.readOn {
				if all := <-read; !strings.Contains(all, "log lines were dropped") || !strings.Contains(all, "msg=stopped") {
					t.Errorf("who reads on sees %d bytes, of which the last are\n%s", len(all), all[max(0, len(all)-500):])
				}
			}
		})
	}
}

// TestDeafTerminal holds that the program ends when it is told to though nobody
// reads what it answers at the terminal.
func TestDeafTerminal(t *testing.T) {
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
	// More than a pipe holds: then the first questions are read.
	if _, err := io.WriteString(in, strings.Repeat("who plans leave for a newborn?\n", 3000)); err != nil {
		t.Fatal(err)
	}
	if err := end(p); err != nil {
		t.Errorf("told to stop, the program ends with %v", err)
	}
}

// end tells a program to end that says nothing, and waits for it.
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
		return errors.New("does not end")
	}
}
