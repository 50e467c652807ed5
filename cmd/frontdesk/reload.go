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

// reloader follows the knowledge file. It holds the snapshot in use and the state of a
// newer file. Only follow's goroutine changes it; questions only load current.
type reloader struct {
	path       string
	maxChanges int // negative for no limit
	canary     config.Canary
	expected   []bot.Audience  // those of the places in the settings
	known      map[string]bool // their names
	log        *slog.Logger
	health     *health
	metrics    *metrics
	notify     func(bot.Answer)
	agreed     func(version string) // tells other replicas that a pending version was confirmed

	current  atomic.Pointer[knowledge.Snapshot]
	since    time.Time // when current came into use
	confirms chan confirmation
	done     chan struct{} // closed when follow has ended
	used     chan struct{} // gets a value when another snapshot is in use
	changed  chan struct{}

	refused  string              // version of the file whose errors were reported
	canaryOK bool                // the canary question is answered right
	held     *knowledge.Snapshot // pending confirmation
	crowded  *knowledge.Snapshot // was reported to have too many views
}

// confirmation is an admin's request to use a version.
type confirmation struct {
	version string
	said    chan bot.Answer
}

// newReloader reads the file and uses it.
func newReloader(settings *config.Config, log *slog.Logger, h *health, m *metrics) (*reloader, error) {
	r := &reloader{
		path: settings.Knowledge, maxChanges: settings.Reload.MaxChanges, canary: settings.Canary,
		log: log, health: h, metrics: m, notify: func(bot.Answer) {}, agreed: func(string) {},
		confirms: make(chan confirmation), changed: make(chan struct{}, 1), done: make(chan struct{}),
		used:     make(chan struct{}, 1),
		canaryOK: true, expected: audiencesOf(settings), known: map[string]bool{},
	}
	for name := range settings.Audiences {
		r.known[name] = true
	}
	start := time.Now()
	inputs, err := knowledge.Open(r.path)
	if err != nil {
		return nil, err
	}
	s, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the knowledge file has errors:\n%w", err)
	}
	log.Info("read the knowledge file", "file", r.name(), "version", s.Version, "divisions", len(s.File.Divisions),
		"warnings", len(problems), "took", time.Since(start).Round(time.Millisecond))
	r.use(s)
	return r, nil
}

func (r *reloader) name() string {
	if r.path == "" {
		return knowledge.ShippedName + " (shipped)"
	}
	return r.path
}

// use makes a snapshot the current one. Questions in flight finish with the previous one.
func (r *reloader) use(s *knowledge.Snapshot) {
	r.current.Store(s)
	r.since = time.Now()
	r.held, r.refused = nil, ""
	r.well()
	r.metrics.loaded.SetToCurrentTime()
	for _, name := range s.File.Audiences() {
		if !r.known[name] {
			r.log.Warn("the knowledge file has entries for an audience that nobody belongs to", "audience", name,
				"remedy", "say under audiences in the settings who belongs to it")
		}
	}
	r.checkCanary()
	select {
	case r.used <- struct{}{}:
	default: // the last value is not taken yet
	}
}

// well publishes that the newest file is in use.
func (r *reloader) well() {
	r.health.setFile(fileState{Version: r.current.Load().Version, Since: r.since})
	r.state(bot.Ready, "")
}

func (r *reloader) state(p bot.Phase, why string) {
	r.health.set(partKnowledge, p, why, false)
	r.metrics.setState(partKnowledge, p)
}

// desk answers from the current snapshot.
func (r *reloader) desk() *bot.Desk {
	return &bot.Desk{Base: func(readers bot.Audience) *knowledge.Base { return r.current.Load().For(readers) }}
}

// follow reloads the file whenever it changes, until ctx is done. A signal from hangups
// reloads it at once and skips reload.max_changes.
func (r *reloader) follow(ctx context.Context, hangups <-chan os.Signal) {
	defer close(r.done)
	r.prepare(ctx, r.current.Load())
	debug.FreeOSMemory() // loading takes twice the memory that answering does
	watching := make(chan struct{})
	go func() {
		defer close(watching)
		knowledge.Watch(ctx, r.path, r.log, func() {
			select {
			case r.changed <- struct{}{}:
			default: // a look is pending
			}
		})
	}()
	defer func() { <-watching }()
	canary := time.NewTicker(r.canary.Every)
	defer canary.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-r.changed:
			r.look(ctx, false)
		case <-hangups:
			r.log.Info("reloading the knowledge file (SIGHUP)")
			r.look(ctx, true)
		case c := <-r.confirms:
			c.said <- r.confirmed(c.version)
		case <-canary.C:
			r.checkCanary()
			r.crowd()
		}
	}
}

// crowd logs once per snapshot that more combinations of audiences ask than it keeps
// views for.
func (r *reloader) crowd() {
	if s := r.current.Load(); s.Crowded() && r.crowded != s {
		r.crowded = s
		r.log.Warn("more combinations of audiences ask than views are kept; "+
			"some questions wait until their view is made again",
			"kept", knowledge.MostViews, "remedy", "use fewer audiences in the knowledge file")
	}
}

// prepare makes the views of the audiences in the settings, so that nobody waits for
// them. Views of their combinations are made when somebody asks.
func (r *reloader) prepare(ctx context.Context, s *knowledge.Snapshot) {
	for _, a := range r.expected {
		if ctx.Err() == nil {
			s.For(a)
		}
	}
}

// collectEarly is the value of GOGC (percent of heap growth between two collections)
// while a file is loaded; Go's default is 100.
const collectEarly = 15

// look reloads the file if it has changed. Force skips reload.max_changes.
func (r *reloader) look(ctx context.Context, force bool) {
	start := time.Now()
	defer func() {
		if cause := recover(); cause != nil { // keep answering from the previous file
			r.log.Error("panic while loading the knowledge file", "cause", cause, "stack", string(debug.Stack()))
			r.refuse("", "loading this file failed because of a bug; please report it", force)
		}
	}()
	inputs, err := knowledge.OpenAtRest(ctx, r.path)
	if ctx.Err() != nil {
		return
	}
	if err != nil {
		if _, gone := os.Stat(r.path); errors.Is(gone, os.ErrNotExist) {
			err = fmt.Errorf("%s does not exist any more", r.path)
		}
		if !force && r.better(ctx, "") {
			return
		}
		r.refuse("", err.Error(), force)
		return
	}
	version := knowledge.Version(inputs)
	switch {
	case version == r.current.Load().Version:
		if r.refused != "" || r.held != nil {
			r.held, r.refused = nil, ""
			r.log.Info("the knowledge file is again the version in use", "version", version)
			r.well()
			r.notify(bot.FileUsed(version))
		}
		return
	case r.held != nil && version == r.held.Version:
		if force {
			r.agreed(version)
			r.swap(r.held, start)
		}
		return
	case version == r.refused && !force:
		return // already reported
	}
	// Two versions are in memory until the swap, so garbage is collected early.
	defer debug.SetGCPercent(debug.SetGCPercent(collectEarly))
	s, problems := knowledge.NewSnapshot(inputs, knowledge.Beside)
	if err := problems.Err(); err != nil {
		if !force && r.better(ctx, version) {
			return // it was still being written; another look is pending
		}
		r.refuse(version, err.Error(), force)
		return
	}
	old := r.current.Load()
	r.prepare(ctx, s)
	if ctx.Err() != nil {
		return
	}
	if r.maxChanges >= 0 && !force {
		opened := knowledge.Opened(old.File, s.File)
		changes, questions := 0, 0
		// A file that fixes the self-check may change answers, but not show more to more people.
		if fixes := !r.canaryOK && r.canaryWrong(s) == ""; !fixes {
			changes, questions = r.changes(ctx, old, s)
		}
		if changes+len(opened) > r.maxChanges {
			r.hold(s, changes, questions, opened)
			return
		}
	}
	if ctx.Err() == nil {
		r.swap(s, start)
	}
}

// secondLook is the wait before an unusable file is reported: a slow copy may still be
// writing it.
const secondLook = time.Second

// better waits for secondLook and reports whether the file has changed again, so that
// another look is pending.
func (r *reloader) better(ctx context.Context, version string) bool {
	if network.Sleep(ctx, secondLook) != nil {
		return true
	}
	now := ""
	if inputs, err := knowledge.OpenAtRest(ctx, r.path); err == nil {
		now = knowledge.Version(inputs)
	}
	if now == version {
		return false
	}
	select {
	case r.changed <- struct{}{}:
	default: // a look is pending
	}
	return true
}

// changes is how many of the compared questions a snapshot answers differently, for the
// audience with the most changes: whoever may see everything, the public, or an audience
// in the settings.
func (r *reloader) changes(ctx context.Context, old, s *knowledge.Snapshot) (changes, questions int) {
	type pair struct{ before, after *knowledge.Base }
	whole := pair{old.For(old.File.Everything()), s.For(s.File.Everything())}
	asked := bot.ComparedQuestions(whole.before, whole.after)
	pairs := []pair{whole, {old.For(""), s.For("")}}
	for _, a := range r.expected {
		pairs = append(pairs, pair{old.For(a), s.For(a)})
	}
	for _, p := range pairs {
		changes = max(changes, bot.Counted(bot.Compare(ctx, p.before, p.after, asked)))
	}
	return changes, len(asked)
}

// swap uses a new snapshot. If a problem with the file was reported, it reports that the
// problem is solved.
func (r *reloader) swap(s *knowledge.Snapshot, start time.Time) {
	reported := r.refused != "" || r.held != nil
	r.use(s)
	r.metrics.reloads.WithLabelValues(reloadUsed).Inc()
	r.log.Info("answering from the new knowledge file", "file", r.name(), "version", s.Version,
		"divisions", len(s.File.Divisions), "warnings", len(s.Problems),
		"took", time.Since(start).Round(time.Millisecond))
	if reported && r.canaryOK { // a failing self-check is more important to report
		r.notify(bot.FileUsed(s.Version))
	}
	debug.FreeOSMemory()
}

// refuse reports that a new file cannot be used; the current snapshot stays. Again
// repeats a report.
func (r *reloader) refuse(version, why string, again bool) {
	why = inShortProblems(why)
	if version == "" {
		version = why // an unreadable file has no version
	}
	if r.refused == version && !again {
		return
	}
	r.refused, r.held = version, nil
	r.metrics.reloads.WithLabelValues(reloadRefused).Inc()
	r.health.setFile(fileState{Version: r.current.Load().Version, Since: r.since})
	r.state(bot.Degraded, "the new knowledge file cannot be used: "+why)
	for line := range strings.Lines(why) {
		r.log.Error("the new knowledge file is not used", "problem", strings.TrimRight(line, "\n"), "still",
			r.current.Load().Version)
	}
	r.notify(bot.FileRefused(why))
}

// Bounds on a report: the number of problems, and bytes per problem. frontdesk check
// lists everything.
const (
	problemsTold = 20
	problemTold  = 500
)

// inShortProblems shortens a list of problems, one per line.
func inShortProblems(why string) string {
	lines := strings.Split(strings.TrimSpace(why), "\n")
	if more := len(lines) - problemsTold; more > 0 {
		lines = append(lines[:problemsTold], fmt.Sprintf("… and %d more; frontdesk check lists them all", more))
	}
	for i, line := range lines {
		lines[i] = text.Clip(line, problemTold)
	}
	return strings.Join(lines, "\n")
}

// hold keeps the current snapshot in use until somebody confirms the new one.
func (r *reloader) hold(s *knowledge.Snapshot, changes, questions int, opened []string) {
	r.held, r.refused = s, ""
	r.metrics.reloads.WithLabelValues(reloadHeld).Inc()
	why := fmt.Sprintf("version %s answers %d of %d example questions differently, and reload.max_changes is %d; "+
		"frontdesk compare lists them, SIGHUP confirms the file", s.Version, changes, questions, r.maxChanges)
	if len(opened) > 0 {
		why = fmt.Sprintf("%s; %s", inShortProblems(strings.Join(opened, "\n")), why)
	}
	if wrong := r.canaryWrong(s); wrong != "" {
		why = "the self-check fails: " + wrong + "; " + why
		opened = append(opened, "the self-check fails: "+wrong)
	}
	r.health.setFile(fileState{Version: r.current.Load().Version, Since: r.since, Held: s.Version})
	r.state(bot.Degraded, "the new knowledge file is pending confirmation: "+why)
	r.log.Warn("the new knowledge file is pending confirmation", "why", why, "still", r.current.Load().Version)
	r.notify(bot.FileHeld(s.Version, changes, questions, opened))
}

// Confirm uses the pending version, for the button in the admin channel. It waits for
// follow, and returns what admins are told.
func (r *reloader) Confirm(ctx context.Context, version string) bot.Answer {
	c := confirmation{version, make(chan bot.Answer, 1)}
	select {
	case r.confirms <- c:
		return <-c.said
	case <-r.done:
	case <-ctx.Done():
	}
	return bot.FileGone()
}

func (r *reloader) confirmed(version string) bot.Answer {
	if r.held == nil || r.held.Version != version {
		if r.current.Load().Version == version {
			return bot.FileUsed(version)
		}
		return bot.FileGone()
	}
	r.agreed(version)
	r.swap(r.held, time.Now())
	return bot.FileUsed(version)
}
