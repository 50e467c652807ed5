package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"sync"
	"syscall"
	"time"

	"frontdesk/adapters/console"
	"frontdesk/config"
)

// logger writes text on a terminal, and JSON otherwise. Beside a conversation at
// the terminal it says only what is wrong, by way of aside. Nobody waits for what reads the log; end
// writes what has not been written, as far as that takes no long time.
func logger(settings *config.Config, w io.Writer, aside *console.Aside) (log *slog.Logger, end func()) {
	options := &slog.HandlerOptions{Level: settings.LogLevel, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			a.Value = slog.StringValue(a.Value.Duration().String()) // in JSON as well
		}
		return a
	}}
	if !settings.Slack.Wanted() && !settings.Discord.Wanted() && !settings.Given("log_level") {
		options.Level = max(settings.LogLevel, slog.LevelWarn)
	}
	to := func(w io.Writer) *slog.Logger { return slog.New(slog.NewTextHandler(w, options)) }
	if settings.LogFormat == config.JSON || settings.LogFormat == config.Auto && !console.Terminal(w) {
		to = func(w io.Writer) *slog.Logger { return slog.New(slog.NewJSONHandler(w, options)) }
	}
	if aside.W = w; console.Terminal(w) {
		w = aside
	}
	q := newQueue(w, func(w io.Writer, n int) {
		to(w).Error("lines of the log were dropped, since what reads it was too slow or gone", "lines", n)
	})
	return to(q), func() { q.end(endWithin) }
}

// mostWaiting is how many bytes of lines may wait to be written: some seconds of the
// log at the level debug, at 200 questions a second.
const mostWaiting = 512 << 10

// queue hands lines to a writer that may be stuck, such as a pipe that nobody reads
// or a terminal that is held, without ever waiting for it. What there is no room
// for is dropped, and how much that was is told as soon as it can be.
type queue struct {
	w    io.Writer
	tell func(w io.Writer, lines int) // that so many were dropped
	news chan struct{}                // something is to be done
	done chan struct{}                // closed when the end is reached
	torn bool                         // the last line was written in part; for run alone

	mu      sync.Mutex
	waiting []byte
	dropped int
	ending  bool
}

func newQueue(w io.Writer, tell func(io.Writer, int)) *queue {
	q := &queue{w: w, tell: tell, news: make(chan struct{}, 1), done: make(chan struct{})}
	go q.run()
	return q
}

// Write implements [io.Writer], for one line at a time.
func (q *queue) Write(line []byte) (int, error) {
	q.mu.Lock()
	if len(q.waiting)+len(line) > mostWaiting {
		q.dropped++
	} else {
		q.waiting = append(q.waiting, line...)
	}
	q.mu.Unlock()
	q.wake()
	return len(line), nil
}

func (q *queue) wake() {
	select {
	case q.news <- struct{}{}:
	default: // it looks again anyway
	}
}

// end writes what waits, but for no longer than so. What is written later is
// dropped.
func (q *queue) end(within time.Duration) {
	q.mu.Lock()
	q.ending = true
	q.mu.Unlock()
	q.wake()
	select {
	case <-q.done:
	case <-time.After(within): // the writer is stuck, and ends with the process
	}
}

// run writes until the end. It is the only one that does.
func (q *queue) run() {
	defer close(q.done)
	untold := 0
	for {
		q.mu.Lock()
		lines, ending := q.waiting, q.ending
		untold += q.dropped
		q.waiting, q.dropped = nil, 0
		q.mu.Unlock()
		switch {
		case len(lines) > 0:
			untold += q.send(lines)
			if untold == 0 {
				continue
			}
		case ending:
			return
		default:
			<-q.news
			continue
		}
		var notice bytes.Buffer
		if q.tell(&notice, untold); q.send(notice.Bytes()) == 0 {
			untold = 0
		}
	}
}

// pauseFull is how long is waited for a writer that others have set to refuse what
// it has no room for.
const pauseFull = 10 * time.Millisecond

// send writes lines, and returns how many it could not. After a part of a line, as on a
// full disk, the next one begins a line of its own.
func (q *queue) send(lines []byte) (lost int) {
	if q.torn {
		lines = append([]byte("\n"), lines...)
	}
	for len(lines) > 0 {
		n, err := q.w.Write(lines)
		if n > 0 {
			q.torn = lines[n-1] != '\n'
		}
		lines = lines[n:]
		switch {
		case errors.Is(err, syscall.EAGAIN):
			time.Sleep(pauseFull)
		case err != nil:
			return bytes.Count(lines, []byte("\n"))
		}
	}
	return 0
}

// sayAtLast says why the program ends, as far as somebody takes it.
func sayAtLast(w io.Writer, err error) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_ = say(w, fmt.Sprintln("frontdesk:", err)) // if nobody can be told, the exit code has to do
	}()
	select {
	case <-said:
	case <-time.After(endWithin): // it ends with the process
	}
}
