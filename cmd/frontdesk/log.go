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

// logger makes the log: text on a terminal, else JSON. Beside a conversation at the
// terminal it shows only warnings and errors, through aside. Logging never waits for the
// log's reader; end writes what is queued, for at most endWithin.
func logger(settings *config.Config, w io.Writer, aside *console.Aside) (log *slog.Logger, end func()) {
	options := &slog.HandlerOptions{Level: settings.LogLevel, ReplaceAttr: func(_ []string, a slog.Attr) slog.Attr {
		if a.Value.Kind() == slog.KindDuration {
			a.Value = slog.StringValue(a.Value.Duration().String()) // JSON would have nanoseconds
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
		to(w).Error("log lines were dropped, because their reader was too slow or gone", "lines", n)
	})
	return to(q), func() { q.end(endWithin) }
}

// maxQueued is how many bytes may be queued: some seconds of the log at level debug, at
// 200 questions a second.
const maxQueued = 512 << 10

// queue passes lines to a writer that may block, such as a pipe that nobody reads or a
// suspended terminal, without ever waiting for it. Lines that do not fit are dropped;
// their number is reported as soon as the writer takes lines again.
type queue struct {
	w    io.Writer
	tell func(w io.Writer, lines int) // reports dropped lines
	news chan struct{}                // wakes run
	done chan struct{}                // closed when run has ended
	torn bool                         // the last line was written in part; used only by run

	mu      sync.Mutex
	queued  []byte
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
	if len(q.queued)+len(line) > maxQueued {
		q.dropped++
	} else {
		q.queued = append(q.queued, line...)
	}
	q.mu.Unlock()
	q.wake()
	return len(line), nil
}

func (q *queue) wake() {
	select {
	case q.news <- struct{}{}:
	default: // it is woken already
	}
}

// end waits until the queued lines are written, for a limited time. Later lines are
// dropped.
func (q *queue) end(within time.Duration) {
	q.mu.Lock()
	q.ending = true
	q.mu.Unlock()
	q.wake()
	select {
	case <-q.done:
	case <-time.After(within): // the writer is stuck
	}
}

// run writes the queued lines until the end. Nothing else uses the writer.
func (q *queue) run() {
	defer close(q.done)
	unreported := 0
	for {
		q.mu.Lock()
		lines, ending := q.queued, q.ending
		unreported += q.dropped
		q.queued, q.dropped = nil, 0
		q.mu.Unlock()
		switch {
		case len(lines) > 0:
			unreported += q.send(lines)
			if unreported == 0 {
				continue
			}
		case ending:
			return
		default:
			<-q.news
			continue
		}
		var notice bytes.Buffer
		if q.tell(&notice, unreported); q.send(notice.Bytes()) == 0 {
			unreported = 0
		}
	}
}

// pauseFull is the pause before a retry when the writer is non-blocking and full.
const pauseFull = 10 * time.Millisecond

// send writes lines and returns how many were lost. If a line was written only in part,
// as on a full disk, the next write begins a new line.
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

// printLast prints the error that ends the program, unless the writer is stuck.
func printLast(w io.Writer, err error) {
	said := make(chan struct{})
	go func() {
		defer close(said)
		_ = say(w, fmt.Sprintln("frontdesk:", err)) // if it fails, the exit code has to do
	}()
	select {
	case <-said:
	case <-time.After(endWithin):
	}
}
