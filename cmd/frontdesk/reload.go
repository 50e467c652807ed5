package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"runtime/debug"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/adapters/network"
	"frontdesk/bot"
	"frontdesk/config"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// reloader is the knowledge file as it is followed: the snapshot that is answered
// from, and what is known of a newer one. All but the questions is done by one
// goroutine, in follow.
type reloader struct {
	path       string
	maxChanges int // negative for no limit
	canary     config.Canary
	expected   []bot.Audience  // those that the settings tell of
	known      map[string]bool // their names
	log        *slog.Logger
	health     *health
	metrics    *metrics
	notify     func(bot.Answer)

	current  atomic.Pointer[knowledge.Snapshot]
	since    time.Time // it is in use
	confirms chan confirmation
	done     chan struct{} // closed when nothing is followed any more
	changed  chan struct{}

	refused  string              // version of the file that has errors, as they were told
	canaryOK bool                // the canary question is answered right
	held     *knowledge.Snapshot // waits to be confirmed
	crowded  *knowledge.Snapshot // of which it was told that it has too many views
}

// confirmation is an admin's word that a version may be used.
type confirmation struct {
	version string
	said    chan bot.Answer
}

// newReloader reads the file for the first time.
func newReloader(settings *config.Config, log *slog.Logger, b *health, m *metrics) (*reloader, error) {
	l := &reloader{
		path: settings.Knowledge, maxChanges: settings.Reload.MaxChanges, canary: settings.Canary, log: log, health: b, metrics: m,
		confirms: make(chan confirmation), changed: make(chan struct{}, 1), done: make(chan struct{}), canaryOK: true,
		expected: audiencesOf(settings), known: map[string]bool{}, notify: func(bot.Answer) {},
	}
	for name := range settings.Audiences {
		l.known[name] = true
	}
	start := time.Now()
	inputs, err := knowledge.Open(l.path)
	if err != nil {
		return nil, err
	}
	e, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the knowledge file has errors:\n%w", err)
	}
	log.Info("read the knowledge file", "file", l.name(), "version", e.Version, "divisions", len(e.File.Divisions),
		"warnings", len(problems), "took", time.Since(start).Round(time.Millisecond))
	l.use(e)
	return l, nil
}

func (l *reloader) name() string {
	if l.path == "" {
		return knowledge.ShippedName + " (shipped)"
	}
	return l.path
}

// use answers from a snapshot from now on. Questions under way finish with the
// one before.
func (l *reloader) use(e *knowledge.Snapshot) {
	l.current.Store(e)
	l.since = time.Now()
	l.held, l.refused = nil, ""
	l.well()
	l.metrics.loaded.SetToCurrentTime()
	for _, name := range e.File.Audiences() {
		if !l.known[name] {
			l.log.Warn("the knowledge file has entries for an audience that nobody belongs to", "audience", name, "remedy", "say under audiences in the settings who they are")
		}
	}
	l.checkCanary()
}

// well says that the file is the one that is answered from.
func (l *reloader) well() {
	l.health.setFile(fileState{Version: l.current.Load().Version, Since: l.since})
	l.state(bot.Ready, "")
}

func (l *reloader) state(p bot.Phase, why string) {
	l.health.set(partKnowledge, p, why, false)
	l.metrics.setState(partKnowledge, p)
}

// desk answers from the snapshot that is in use.
func (l *reloader) desk() *bot.Desk {
	return &bot.Desk{Base: func(readers bot.Audience) *knowledge.Base { return l.current.Load().For(readers) }}
}

// follow keeps up with the file until ctx is done. A signal from hangups means:
// look now, and use what is there even if it changes much.
func (l *reloader) follow(ctx context.Context, hangups <-chan os.Signal) {
	defer close(l.done)
	l.prepare(ctx, l.current.Load())
	debug.FreeOSMemory() // learning takes twice the memory that answering does
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		knowledge.Watch(ctx, l.path, l.log, func() {
			select {
			case l.changed <- struct{}{}:
			default: // it will be looked at anyway
			}
		})
	}()
	defer func() { <-watching }()
	canary := time.NewTicker(l.canary.Every)
	defer canary.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-l.changed:
			l.look(ctx, false)
		case <-hangups:
			l.log.Info("told to read the knowledge file again (SIGHUP)")
			l.look(ctx, true)
		case c := <-l.confirms:
			c.said <- l.confirmed(c.version)
		case <-canary.C:
			l.checkCanary()
			l.crowd()
		}
	}
}

// crowd tells once when more combinations of audiences ask than views are kept.
func (l *reloader) crowd() {
	if e := l.current.Load(); e.Crowded() && l.crowded != e {
		l.crowded = e
		l.log.Warn("more combinations of audiences ask than views are kept; some questions wait until theirs is made again",
			"kept", knowledge.MostViews, "remedy", "use fewer audiences in the knowledge file")
	}
}

// prepare makes what each audience of the settings sees: nobody should have to wait
// for theirs. Combinations are made when somebody asks.
func (l *reloader) prepare(ctx context.Context, e *knowledge.Snapshot) {
	for _, a := range l.expected {
		if ctx.Err() == nil {
			e.For(a)
		}
	}
}

// collectEarly is by how many percent the heap may grow between two collections
// while a file is made ready; Go's default is 100.
const collectEarly = 15

// look reads the file again if it has changed. Force skips reload.max_changes: somebody who
// knows wants the file.
func (l *reloader) look(ctx context.Context, force bool) {
	start := time.Now()
	defer func() {
		if cause := recover(); cause != nil { // whatever a file can do, the one before goes on answering
			l.log.Error("broke on a knowledge file", "cause", cause, "stack", string(debug.Stack()))
			l.refuse("", "this file could not be made ready; please report it", force)
		}
	}()
	inputs, err := knowledge.OpenAtRest(ctx, l.path)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		if _, gone := os.Stat(l.path); errors.Is(gone, os.ErrNotExist) {
			err = fmt.Errorf("%s is gone", l.path)
		}
		if !force && l.better(ctx, "") {
			return
		}
		l.refuse("", err.Error(), force)
		return
	}
	version := knowledge.Version(inputs)
	switch {
	case version == l.current.Load().Version:
		if l.refused != "" || l.held != nil {
			l.held, l.refused = nil, ""
			l.log.Info("the knowledge file is again the one that is answered from", "version", version)
			l.well()
			l.notify(bot.FileUsed(version))
		}
		return
	case l.held != nil && version == l.held.Version:
		if force {
			l.swap(l.held, start)
		}
		return
	case version == l.refused && !force:
		return // as was told
	}
	// Two versions are in memory at the end, and what making one leaves behind on
	// the way is collected early rather than late.
	defer debug.SetGCPercent(debug.SetGCPercent(collectEarly))
	e, problems := knowledge.NewSnapshot(inputs, knowledge.Beside)
	if err := problems.Err(); err != nil {
		if !force && l.better(ctx, version) {
			return // it was still being written, and is looked at again
		}
		l.refuse(version, err.Error(), force)
		return
	}
	old := l.current.Load()
	l.prepare(ctx, e)
	if ctx.Err() != nil {
		return
	}
	if l.maxChanges >= 0 && !force {
		opened := knowledge.Opened(old.File, e.File)
		changes, questions := 0, 0
		if mends := !l.canaryOK && l.canaryWrong(e) == ""; !mends { // that excuses other answers, but shows nobody more
			changes, questions = l.changes(ctx, old, e)
		}
		if changes+len(opened) > l.maxChanges {
			l.hold(e, changes, questions, opened)
			return
		}
	}
	if ctx.Err() == nil {
		l.swap(e, start)
	}
}

// secondLook is after what time a file that cannot be used is looked at again
// before anybody is told: it may be a copy that takes its time.
const secondLook = time.Second

// better waits a moment and reports whether the file is another one by then, which
// will be looked at.
func (l *reloader) better(ctx context.Context, version string) bool {
	if network.Sleep(ctx, secondLook) != nil {
		return true
	}
	now := ""
	if inputs, err := knowledge.OpenAtRest(ctx, l.path); err == nil {
		now = knowledge.Version(inputs)
	}
	if now == version {
		return false
	}
	select {
	case l.changed <- struct{}{}:
	default: // it will be looked at anyway
	}
	return true
}

// changes is how many of the example questions a snapshot answers differently to
// the audience for which it changes most: whoever looks after the file, or the
// public, from which something may have been kept until now.
func (l *reloader) changes(ctx context.Context, old, e *knowledge.Snapshot) (changes, questions int) {
	type pair struct{ before, after *knowledge.Base }
	whole := pair{old.For(old.File.Everything()), e.For(e.File.Everything())}
	asked := bot.ExampleQuestions(whole.before, whole.after)
	pairs := []pair{whole, {old.For(""), e.For("")}}
	for _, a := range l.expected {
		pairs = append(pairs, pair{old.For(a), e.For(a)})
	}
	for _, p := range pairs {
		n := 0
		for _, c := range bot.Compare(ctx, p.before, p.after, asked) {
			if c.Counts() {
				n++
			}
		}
		changes = max(changes, n)
	}
	return changes, len(asked)
}

// swap uses a new snapshot, and tells those who know of trouble that it is over.
func (l *reloader) swap(e *knowledge.Snapshot, start time.Time) {
	told := l.refused != "" || l.held != nil
	l.use(e)
	l.metrics.reloads.WithLabelValues(reloadUsed).Inc()
	l.log.Info("answering from the new knowledge file", "file", l.name(), "version", e.Version, "divisions", len(e.File.Divisions),
		"warnings", len(e.Problems), "took", time.Since(start).Round(time.Millisecond))
	if told && l.canaryOK { // else there is something more important to tell
		l.notify(bot.FileUsed(e.Version))
	}
	debug.FreeOSMemory()
}

// refuse keeps the snapshot in use because the new file cannot be.
func (l *reloader) refuse(version, why string, again bool) {
	why = inShortProblems(why)
	if version == "" {
		version = why // a file that is not there has no version
	}
	if l.refused == version && !again {
		return
	}
	l.refused, l.held = version, nil
	l.metrics.reloads.WithLabelValues(reloadRefused).Inc()
	l.health.setFile(fileState{Version: l.current.Load().Version, Since: l.since})
	l.state(bot.Degraded, "the new knowledge file cannot be used: "+why)
	for line := range strings.Lines(why) {
		l.log.Error("the new knowledge file is not used", "problem", strings.TrimRight(line, "\n"), "still", l.current.Load().Version)
	}
	l.notify(bot.FileRefused(why))
}

// How much of what is wrong with a file is told, in problems and in bytes of each:
// frontdesk check lists it all.
const (
	problemsTold = 20
	problemTold  = 500
)

// inShortProblems cuts a list of problems, one a line.
func inShortProblems(why string) string {
	lines := strings.Split(strings.TrimSpace(why), "\n")
	if more := len(lines) - problemsTold; more > 0 {
		lines = append(lines[:problemsTold], fmt.Sprintf("… and %d more; frontdesk check lists them all", more))
	}
	for i, l := range lines {
		lines[i] = text.Clip(l, problemTold)
	}
	return strings.Join(lines, "\n")
}

// hold keeps the snapshot in use until somebody confirms the new one.
func (l *reloader) hold(e *knowledge.Snapshot, changes, questions int, opened []string) {
	l.held, l.refused = e, ""
	l.metrics.reloads.WithLabelValues(reloadHeld).Inc()
	why := fmt.Sprintf("version %s answers %d of %d example questions differently, and reload.max_changes is %d; SIGHUP uses it, frontdesk compare shows them",
		e.Version, changes, questions, l.maxChanges)
	if len(opened) > 0 {
		why = fmt.Sprintf("%s; %s", inShortProblems(strings.Join(opened, "\n")), why)
	}
	if wrong := l.canaryWrong(e); wrong != "" {
		why = "the self-check fails: " + wrong + "; " + why
		opened = append(opened, "the self-check fails: "+wrong)
	}
	l.health.setFile(fileState{Version: l.current.Load().Version, Since: l.since, Held: e.Version})
	l.state(bot.Degraded, "the new knowledge file waits to be confirmed: "+why)
	l.log.Warn("the new knowledge file waits to be confirmed", "why", why, "still", l.current.Load().Version)
	l.notify(bot.FileHeld(e.Version, changes, questions, opened))
}

// Confirm is given to the adapters: an admin wants the version that waits.
func (l *reloader) Confirm(ctx context.Context, version string) bot.Answer {
	c := confirmation{version, make(chan bot.Answer, 1)}
	select {
	case l.confirms <- c:
		return <-c.said
	case <-l.done:
	case <-ctx.Done():
	}
	return bot.FileGone()
}

func (l *reloader) confirmed(version string) bot.Answer {
	if l.held == nil || l.held.Version != version {
		if l.current.Load().Version == version {
			return bot.FileUsed(version)
		}
		return bot.FileGone()
	}
	l.swap(l.held, time.Now())
	return bot.FileUsed(version)
}
