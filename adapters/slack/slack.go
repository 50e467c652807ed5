// Package slack carries questions in from Slack and answers out to it, over
// Socket Mode or signed HTTP. It does not read the knowledge file or the settings
// file; the command line passes it a handler and values.
//
//	slack.go     Run: the bot's identity, the events in flight, shutdown
//	socket.go    events over Socket Mode; package socketmode keeps the connections
//	http.go      events over signed HTTP requests
//	event.go     Slack's JSON → event: is it for the bot, and what does it ask?
//	question.go  what does a message ask: its words, what it forwards; is it meant for the bot?
//	above.go     the message above, for a mention without words
//	apps.go      questions of workflows and other apps
//	plaintext.go removes Slack's markup from what a person wrote
//	readers.go   who will be able to read the answer?
//	handle.go    event → question → what is posted, changed or opened
//	owed.go      what the ledger records of an event, and what the journal of a question
//	resume.go    after a restart: the events that were not answered; was an answer posted?
//	agent.go     suggested prompts and the status in the direct messages with the bot
//	render.go    bot.Answer → blocks
//	ref.go       what a button or a menu refers to, kept in its value
//	markup.go    texts in Slack's markup, or as they are
//	richtext.go  text tree → rich text elements, without markup
//	home.go      the Home tab and the directory in a modal
//	send.go      calls to Slack's Web API, retried where that is safe
//	refused.go   what becomes of an answer that Slack refuses
//	manifest.go  the app's manifest, with the fewest scopes it needs
//	doctor.go    what is wrong with the tokens, the scopes and the channels
//
// An event is recorded, acknowledged, and then answered in a goroutine of its own.
// Reading and rendering are pure functions.
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
	"frontdesk/bot/journal"
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

	// Ledger records events before they are acknowledged, and Keeper writes the journal. Nil
	// ones do nothing.
	Ledger *journal.Ledger
	Keeper *journal.Keeper

	// Await remembers that a person wants to be told the answer to a question, and returns what
	// they are told now. Person is for [Adapter.Tell]. Nil if nothing can be remembered.
	Await func(ctx context.Context, person, question string) bot.Answer

	// Door verifies the HTTP requests; adapters share it. Nil stands for a new one.
	Door *adapters.Door
}

// Features are the optional parts of the app. The manifest asks only for the scopes they
// need.
type Features struct {
	Command   string // the slash command, such as /ask
	Deletions bool   // follow deletions in channels: needs to read all messages there
	Assistant bool   // suggested prompts and a status in the direct messages with the bot
	Apps      bool   // answer mentions by workflows and other apps
	Members   bool   // tell members from guests: needs to look up people
}

// Adapter is the Slack adapter. With Settings.HTTP it is also the
// [net/http.Handler] of [Path].
type Adapter struct {
	settings Settings
	log      *slog.Logger
	monitor  bot.Monitor
	sender   *adapters.Sender
	timing   timing
	room     int                     // limit of events in flight
	current  atomic.Pointer[session] // receives HTTP requests
	live     atomic.Pointer[session] // may post
}

// timing has the timeouts and intervals of the adapter.
type timing struct {
	pause  time.Duration // before the first retry
	drain  time.Duration // for replies in flight at shutdown
	ping   time.Duration // see socketmode.Client
	silent time.Duration // see socketmode.Client
	fade   time.Duration // see socketmode.Client
	probe  time.Duration // between probes whether Slack accepts calls; 0 for none
	settle time.Duration // see session.lookUp
	resume time.Duration // see session.resume
}

// New returns an adapter that reports its state and its metrics to monitor.
func New(s Settings, log *slog.Logger, monitor bot.Monitor) *Adapter {
	log = log.With("adapter", "slack")
	if s.Door == nil {
		s.Door = new(adapters.Door)
	}
	a := &Adapter{
		settings: s, log: log, monitor: monitor, sender: sender(s.SigningSecret, log, monitor),
		room: adapters.MostPending,
		timing: timing{
			adapters.FirstPause, adapters.DrainTime, socketmode.PingEvery, socketmode.SilentAfter,
			socketmode.FadeAfter, adapters.ProbeEvery, settleTime, resumeEvery,
		},
	}
	if !s.Ledger.Exclusive() {
		a.timing.settle, a.timing.resume = settleSharedTime, claimEvery
	}
	return a
}

const adapterName = "slack"

// Name implements [bot.Adapter].
func (a *Adapter) Name() string { return adapterName }

// Run implements [bot.Adapter].
func (a *Adapter) Run(ctx context.Context, h bot.Handler) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s := &session{
		asking: adapters.Asking{Handler: bot.Guard(h), Context: work}, log: a.log, work: work, timing: a.timing,
		features: a.settings.Features, audiences: a.settings.Audiences,
		intake: adapters.NewIntake(a.room, a.log), ignored: adapters.Sparse{First: mostIgnored},
		ledger: a.settings.Ledger, keeper: a.settings.Keeper, awaits: a.settings.Await, started: time.Now(),
	}
	s.intake.Ledger = s.ledger
	s.barred.Span = time.Hour
	s.health.Report, s.health.Mutes, s.monitor, s.admin = a.monitor.State, mutes, a.monitor, a.settings.Admin
	s.replies.Since = s.started
	s.client = newClient(a.settings, a.log, s.health.Trouble)
	s.client.Pause, s.client.Happened = a.timing.pause, a.monitor.Happened

	s.health.Connection(bot.Connecting, "")
	err := s.identify(ctx)
	if err == nil {
		a.live.Store(s)
		defer a.live.Store(nil)
		defer s.client.probe(ctx, a.timing.probe)()
		defer s.resume(ctx)()
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
	return s.health.Ended(ctx, adapterName, err)
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
	people    adapters.Memo[membership] // by user
	places    adapters.Memo[reach]      // by channel
	health    adapters.Health
	monitor   bot.Monitor
	admin     bot.Admin

	ledger  *journal.Ledger
	keeper  *journal.Keeper
	awaits  func(ctx context.Context, person, question string) bot.Answer // see [Settings.Await]
	started time.Time

	intake   *adapters.Intake
	replies  adapters.Replies
	apps     adapters.Replies // to apps, by thread
	panes    adapters.Seen    // threads of the assistant pane
	unknowns adapters.Seen    // kinds of events that were logged
	work     context.Context  // of replies in flight; outlives the context of Run

	// Log lines that people in chat can cause.
	forgotten, ignored, broke, limited adapters.Sparse
	barred                             adapters.Recent // by channel

	noStatus atomic.Bool // the app can show no status
	votes    adapters.Votes
}

// identify asks Slack for the bot's identity and retries without a limit.
func (s *session) identify(ctx context.Context) error {
	return s.client.Insist(ctx, &s.health, func(ctx context.Context) (err error) {
		s.me, err = s.client.identify(ctx)
		return err
	})
}

// admit accepts an event: see [adapters.Intake.Admit].
func (s *session) admit(e event, keys ...string) (start func()) {
	if e.kind == ignored || e.bot != "" && !s.features.Apps {
		return func() {}
	}
	e.at, e.tell = time.Now(), s.awaits != nil && e.user != ""
	e.settles = s.started.Add(s.timing.settle)
	if e.kind == deleted || e.kind == asked && e.edited != "" {
		if s.ledger.CutOff() && s.replies.Find(e.channel, e.ts) == nil {
			return nil // Slack sends it again, to a process that can ask the store who has answered
		}
		s.restore(e, false)
	}
	if e.kind == asked && e.edited != "" && s.replies.Forgotten(e.channel, e.ts, slackTime(e.ts)) {
		s.forgotten.Log(func(n int) {
			s.log.Info("ignored an edit of an older question", "event", e.id, "count", n)
		})
		return func() {}
	}
	var r *adapters.Reply
	return s.intake.Admit(e.id, append(keys, e.keys()...), s.owed(e), func() {
		if e.kind == asked || e.kind == deleted { // before work runs, so that both use the same Reply
			r = s.replies.Take(e.channel, e.ts)
		}
	}, func(receipt *journal.Receipt) {
		e.receipt = receipt
		s.handle(e, r)
	})
}

// slackTime returns the time of a message: its ts is in seconds since 1970.
func slackTime(ts string) time.Time {
	seconds, err := strconv.ParseFloat(ts, 64)
	if err != nil {
		return time.Time{}
	}
	return time.UnixMicro(int64(seconds * 1e6))
}

// keys identify an event: duplicates share one of them.
func (e event) keys() []string {
	keys := []string{"event " + e.id}
	if e.id == "" {
		keys = nil
	}
	if e.kind == asked { // a mention may come as two events
		keys = append(keys, e.questionKey())
	}
	return keys
}

// questionKey identifies a version of a question.
func (e event) questionKey() string { return "question " + e.channel + " " + e.ts + " " + e.edited }

// mostIgnored is how many unreadable events are logged at once: each may be of another
// kind.
const mostIgnored = 20

// unread logs an event that could not be read, an unknown kind only once.
func (s *session) unread(id string, err error) {
	if errors.As(err, new(rateLimited)) {
		s.limited.Log(func(n int) {
			s.log.Warn("some questions will not arrive: more than 30,000 events in an hour, or too few of them were "+
				"acknowledged", "error", err, "count", n)
		})
		return
	}
	var u unknown
	if errors.As(err, &u) && !s.unknowns.Add(time.Now(), u.what) {
		return
	}
	s.ignored.Log(func(n int) { s.log.Warn("ignored an event", "event", id, "error", err, "count", n) })
}
