// Package slack carries questions in from Slack and answers out to it, over
// Socket Mode or signed HTTP. It knows nothing of the knowledge file and of
// settings; the command line gives it both as values.
//
//	slack.go     one lifetime: who the bot is, what is under way, the end
//	socket.go    events over Socket Mode, whose connections package socketmode keeps …
//	http.go      … or over signed HTTP requests
//	event.go     Slack's JSON → event: is it for the bot, and what does it ask?
//	readers.go   who will be able to read the answer?
//	handle.go    event → question → what is posted, changed or opened
//	render.go    bot.Answer → blocks; richtext.go: its texts, without markup
//	home.go      the Home tab and what opens from it
//	send.go      calls to Slack, tried again where that is safe
//	manifest.go  the app's own description, with the least it needs
//	doctor.go    what is wrong with the tokens, the scopes and the channels
//
// An event is acknowledged before anything else is done, and then answered in a
// goroutine of its own. Reading and rendering are pure functions.
//
// slack-go's Web API client and Block Kit types are used as they are.
package slack

import (
	"context"
	"errors"
	"log/slog"
	"strconv"
	"sync/atomic"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/slack/socketmode"
	"frontdesk/bot"
)

// Settings are what an admin decides. See adapters/slack/README.md for where
// the tokens come from.
type Settings struct {
	BotToken      string // xoxb-…
	AppToken      string // xapp-…, for Socket Mode
	SigningSecret string // for HTTP
	APIURL        string // "" stands for https://slack.com/api/
	HTTP          bool   // events over HTTP instead of Socket Mode
	Audiences     Audiences
	Admin         bot.Admin
	Features

	// Door is by which requests come in over HTTP, with those of others; nil
	// stands for one of its own.
	Door *adapters.Door
}

// Features are what of the app is switched on. The manifest asks for no more
// than they need.
type Features struct {
	Command   string // the slash command, such as /ask
	Deletions bool   // follow deletions in channels: needs to read all talk there
	Assistant bool   // the assistant pane
	Members   bool   // tell members from guests: needs to look at who people are
}

// Adapter is the Slack adapter. With Settings.HTTP it is also the
// [net/http.Handler] of one address, to be mounted by its owner.
type Adapter struct {
	settings Settings
	log      *slog.Logger
	monitor  bot.Monitor
	sender   *adapters.Sender
	timing   timing
	room     int                     // for events under way
	current  atomic.Pointer[session] // takes HTTP requests
	live     atomic.Pointer[session] // may post
}

// timing is how patient the adapter is.
type timing struct {
	pause  time.Duration // before the first repeated try
	drain  time.Duration // for replies under way at the end
	ping   time.Duration // between our pings in Socket Mode
	silent time.Duration // without a sign of life, after which a connection is dead
	fade   time.Duration // for which a connection serves that Slack is about to end
	probe  time.Duration // between looks whether Slack takes calls; 0 for none
}

// New makes an adapter. Monitor is told how it is doing.
func New(s Settings, log *slog.Logger, monitor bot.Monitor) *Adapter {
	log = log.With("adapter", "slack")
	if s.Door == nil {
		s.Door = new(adapters.Door)
	}
	return &Adapter{
		settings: s, log: log, monitor: monitor, sender: sender(s.SigningSecret, log, monitor),
		room: adapters.MostPending,
		timing: timing{
			adapters.FirstPause, adapters.DrainTime, socketmode.PingEvery, socketmode.SilentAfter,
			socketmode.FadeAfter, adapters.ProbeEvery,
		},
	}
}

// Name implements [bot.Adapter].
func (a *Adapter) Name() string { return "slack" }

// Run implements [bot.Adapter].
func (a *Adapter) Run(ctx context.Context, h bot.Handler) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s := &session{
		asking: adapters.Asking{Handler: bot.Guard(h), Context: work}, log: a.log, work: work, timing: a.timing,
		features: a.settings.Features, audiences: a.settings.Audiences,
		intake: adapters.NewIntake(a.room, a.log), ignored: adapters.Sparse{First: mostIgnored},
	}
	s.health.Report, s.health.Mutes, s.monitor, s.admin = a.monitor.State, mutes, a.monitor, a.settings.Admin
	s.replies.Since = time.Now()
	s.client = newClient(a.settings, a.log, s.health.Trouble)
	s.client.Pause, s.client.Happened = a.timing.pause, a.monitor.Happened

	s.health.Connection(bot.Connecting, "")
	err := s.identify(ctx)
	if err == nil {
		a.live.Store(s)
		defer a.live.Store(nil)
		defer s.client.probe(ctx, a.timing.probe)()
		if a.settings.HTTP {
			a.current.Store(s)
			s.health.Connection(bot.Ready, "")
			<-ctx.Done()
			a.current.Store(nil)
		} else {
			err = s.serveSocket(ctx)
		}
	}
	s.intake.Finish(a.timing.drain, cancel)
	return s.health.Ended(ctx, "slack", err)
}

// Notify implements [bot.Notifier].
func (a *Adapter) Notify(ctx context.Context, notice bot.Answer) error {
	channel := a.settings.Admin.Channel
	if channel == "" {
		return nil
	}
	s := a.live.Load()
	if s == nil {
		return errors.New("slack: not connected")
	}
	_, err := s.client.post(ctx, channel, "", render(notice, frame{}))
	return err
}

// session is one lifetime of the adapter.
type session struct {
	asking    adapters.Asking
	client    *client
	log       *slog.Logger
	timing    timing
	features  Features
	audiences Audiences
	me        identity
	people    adapters.Memo[membership] // of people
	places    adapters.Memo[reach]      // of channels
	health    adapters.Health
	monitor   bot.Monitor
	admin     bot.Admin
	greeted   atomic.Bool // events could come once before

	intake   *adapters.Intake
	replies  adapters.Replies
	panes    adapters.Seen   // threads of the assistant pane
	unknowns adapters.Seen   // kinds of events that were logged
	work     context.Context // of replies under way: goes on after the end of Run's

	// Lines of the log that people in chat can cause.
	forgotten, ignored, broke adapters.Sparse

	noStatus atomic.Bool // the workspace has no assistant pane
	votes    struct{ up, down atomic.Int64 }
}

// identify asks Slack who the bot is, for as long as it takes.
func (s *session) identify(ctx context.Context) error {
	return s.client.Insist(ctx, &s.health, func(ctx context.Context) (err error) {
		s.me, err = s.client.identify(ctx)
		return err
	})
}

// admit takes an event on: see [adapters.Intake.Admit].
func (s *session) admit(e event, keys ...string) (start func()) {
	if e.kind == ignored {
		return func() {}
	}
	if e.kind == asked && e.edited != "" && s.replies.Forgotten(e.channel, e.ts, slackTime(e.ts)) {
		s.forgotten.Log(func(n int) {
			s.log.Info("an edit of a question that is not remembered is not followed", "event", e.id, "count", n)
		})
		return func() {}
	}
	var r *adapters.Reply
	return s.intake.Admit(e.id, append(keys, e.keys()...), func() {
		if e.kind == asked || e.kind == deleted { // here, so that each finds the other
			r = s.replies.Take(e.channel, e.ts)
		}
	}, func() { s.handle(e, r) })
}

// slackTime is the time of a message: its ts are seconds since 1970.
func slackTime(ts string) time.Time {
	seconds, err := strconv.ParseFloat(ts, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

// keys are what two events have in common only if they are the same.
func (e event) keys() []string {
	keys := []string{"event " + e.id}
	if e.id == "" {
		keys = nil
	}
	if e.kind == asked { // a mention may come as two events
		keys = append(keys, "question "+e.channel+" "+e.ts+" "+e.edited)
	}
	return keys
}

// mostIgnored is how many events that could not be read are logged one by one:
// each may be of another kind.
const mostIgnored = 20

// unread is told of events that could not be read. Of a kind that is not known,
// one line is enough.
func (s *session) unread(id string, err error) {
	var u unknown
	if errors.As(err, &u) && !s.unknowns.Add(time.Now(), u.what) {
		return
	}
	s.ignored.Log(func(n int) { s.log.Warn("ignored an event", "event", id, "error", err, "count", n) })
}
