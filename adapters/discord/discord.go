// Package discord carries questions in from Discord and answers out to it, over
// the gateway or the HTTP interactions endpoint. It does not read the knowledge
// file or the settings file; the command line passes it a handler and values.
//
//	discord.go         Run: the bot's identity, the events in flight, shutdown
//	gateway.go         events over the gateway; package gateway keeps the connections
//	http.go            interactions over signed HTTP requests
//	key.go             the app's public key
//	event.go           Discord's JSON → event: is it for the bot, and what does it ask?
//	content.go         what a message says: typed, forwarded, in embeds, as a poll
//	readers.go         who will be able to read the answer?
//	handle.go          event → question → what is posted, changed or answered
//	interact.go        what a command or a press shows
//	autocomplete.go    what somebody may mean who is still typing
//	cooldown.go        rate limits for answers: of a person, a channel, a server, the bot
//	queue.go           answers that wait until their channel may get another message
//	merge.go           several answers in one message, and edits of one of them
//	ledger.go          what is recorded of an event, and of the answer to it
//	resume.go          events that another process took on and did not answer
//	admin.go           the inbox, and buttons for admins
//	form.go            a form that an admin fills in
//	tell.go            people who are told an answer later
//	reaction.go        a reaction on a question whose answer has to wait
//	direct.go          direct messages: private answers, channels that refuse messages
//	ownrole.go         a mention of the bot's role instead of the bot
//	render.go          bot.Answer → embed
//	components.go      bot.Answer → buttons and menus
//	markdown.go        text tree → Discord's Markdown
//	permissions.go     the permissions that the bot needs
//	commands.go        the commands, registered only if they have changed
//	refusal.go         error responses: from Discord or a proxy, final or not
//	formerrors.go      which field of a request Discord refuses
//	limit.go           Discord's limit of all calls
//	send.go            calls to Discord's REST API, retried where that is safe
//	doctor.go          what is wrong with the app and its servers
//	doctorchannels.go  what is wrong with channels and roles
//
// A message is answered by a reply, an interaction by its first response or,
// if the answer takes too long, by a deferred response. Reading and rendering
// are pure functions.
//
// discordgo v0.29.0 makes the requests, and its types stand for what they can say: embeds,
// kinds of components, styles, permissions. The rest is written here: MessageSend has no
// nonce to enforce, ApplicationCommandOption writes channel_types, options and choices as
// null, and Interaction knows no context and refuses data that it does not know as a whole.
package discord

import (
	"cmp"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync/atomic"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/discord/gateway"
	"frontdesk/bot"
	"frontdesk/bot/journal"

	"golang.org/x/time/rate"
)

// Settings are what an admin decides. See adapters/discord/README.md for where
// they come from.
type Settings struct {
	BotToken    string
	PublicKey   string // of the app, in hex; for HTTP
	Application string // the app's id; "" stands for asking Discord
	APIURL      string // scheme and host; "" stands for https://discord.com
	HTTP        bool   // interactions over HTTP instead of the gateway
	Server      string // the only server to register commands in; "" stands for everywhere
	ShardCount  int    // 0 stands for as many as Discord recommends
	Shards      []int  // of this process; none stands for all
	// Channels are the channels with public answers, by server. In a server that
	// is not named, all channels have them.
	Channels  map[string][]string
	Audiences Audiences
	Admin     bot.Admin
	// Await remembers that a person, as [Adapter.Tell] takes one, wants to be told the answer
	// to a question, and returns what they are told now. Nil stands for no button.
	Await func(ctx context.Context, person, question string) bot.Answer

	// Ledger records the events, so that another process can answer them if this one ends,
	// and Keeper writes the journal. Nil stands for neither.
	Ledger *journal.Ledger
	Keeper *journal.Keeper

	// Door verifies the HTTP requests; adapters share it. Nil stands for a new one.
	Door *adapters.Door
}

// Invite returns the address with which an admin adds the bot to a server.
func Invite(application string) string {
	return "https://discord.com/oauth2/authorize?client_id=" + application +
		"&scope=bot+applications.commands&permissions=" + strconv.FormatInt(int64(permissionsNeeded()), 10)
}

// Adapter is the Discord adapter. With Settings.HTTP it is also the
// [net/http.Handler] of [Path].
type Adapter struct {
	settings Settings
	log      *slog.Logger
	monitor  bot.Monitor
	sender   *adapters.Sender // over HTTP
	timing   timing
	limit    *rate.Limiter           // of calls with the bot's token
	room     int                     // limit of events in flight
	current  atomic.Pointer[session] // receives HTTP requests
	live     atomic.Pointer[session] // may post
}

// timing has the timeouts and intervals of the adapter.
type timing struct {
	pause    time.Duration // before the first retry
	drain    time.Duration // for replies in flight at shutdown
	defers   time.Duration // after which an interaction gets a deferred response
	identify time.Duration // see gateway.IdentifyEvery
	invalid  time.Duration // see gateway.InvalidPause
	probe    time.Duration // between probes whether Discord accepts calls; 0 for none
	messages pace          // see messagePace
	directs  pace          // see directPace
}

// deferAfter leaves half of the three seconds that Discord waits to the network.
const deferAfter = 1500 * time.Millisecond

// New returns an adapter that reports its state and its metrics to monitor. The error is
// about the public key.
func New(s Settings, log *slog.Logger, monitor bot.Monitor) (*Adapter, error) {
	if s.Door == nil {
		s.Door = new(adapters.Door)
	}
	a := &Adapter{
		settings: s, log: log.With("adapter", name), monitor: monitor, limit: newLimit(),
		room: adapters.MostPending,
		timing: timing{
			adapters.FirstPause, adapters.DrainTime, deferAfter, gateway.IdentifyEvery, gateway.InvalidPause,
			adapters.ProbeEvery, messagePace, directPace,
		},
	}
	if s.HTTP {
		key, err := publicKey(s.PublicKey)
		if err != nil {
			return nil, fmt.Errorf("DISCORD_PUBLIC_KEY: %w", err)
		}
		a.sender = sender(key, a.log, monitor)
	}
	return a, nil
}

// Name implements [bot.Adapter].
func (a *Adapter) Name() string { return name }

// Run implements [bot.Adapter].
func (a *Adapter) Run(ctx context.Context, h bot.Handler) error {
	work, cancel := context.WithCancel(context.WithoutCancel(ctx))
	defer cancel()
	s := &session{
		settings: a.settings, asking: adapters.Asking{Handler: bot.Guard(h), Context: work}, log: a.log,
		timing: a.timing, work: work,
		intake: adapters.NewIntake(a.room, a.log), app: a.settings.Application,
		cooldown: newCooldown(a.timing.messages, a.timing.directs), stopping: ctx.Done(),
		ignored: adapters.Sparse{First: mostIgnored},
		refused: adapters.Recent{Span: refusalSpan}, slowed: adapters.Recent{Span: slowDownSpan},
		noReactions: adapters.Recent{Span: refusalSpan}, noDirects: adapters.Recent{Span: refusalSpan},
	}
	s.health.Report, s.health.Mutes, s.monitor = a.monitor.State, mutes, a.monitor
	s.replies.Since, s.intake.Ledger = time.Now(), a.settings.Ledger
	var err error
	if s.client, err = newClient(a.settings, a.log, s.health.Trouble); err != nil {
		return fmt.Errorf("discord: %w", err)
	}
	s.client.Pause, s.client.Happened, s.client.Limit = a.timing.pause, a.monitor.Happened, a.limit.Wait
	s.health.Connection(bot.Connecting, "")
	if err = s.identify(ctx); err == nil {
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
			err = s.serveGateway(ctx)
		}
	}
	s.intake.Finish(a.timing.drain, cancel)
	return s.health.Ended(ctx, name, err)
}

// Notify implements [bot.Notifier].
func (a *Adapter) Notify(ctx context.Context, notice bot.Answer) error {
	channel := a.settings.Admin.Channel
	if channel == "" {
		return nil
	}
	s := a.live.Load()
	if s == nil {
		return errNotConnected
	}
	m := render(notice, frame{})
	_, err := s.client.post(ctx, channel, "", strconv.FormatInt(time.Now().UnixNano(), 36), m, nil)
	return err
}

// session is one lifetime of the adapter.
type session struct {
	settings Settings
	asking   adapters.Asking
	client   *client
	log      *slog.Logger
	timing   timing
	me       atomic.Value // string: the bot's id
	app      string
	health   adapters.Health
	monitor  bot.Monitor
	cooldown *cooldown
	queue    queue
	merges   merges
	directs  adapters.Memo[string] // the channel of direct messages, by user
	parents  adapters.Memo[string] // the channel of a thread, by channel
	ownRoles adapters.Memo[string] // the bot's role, by server

	intake   *adapters.Intake
	replies  adapters.Replies
	unknowns adapters.Seen   // kinds of events that were logged
	refused  adapters.Recent // channels and people that refuse messages, once logged
	slowed   adapters.Recent // people who were asked to wait
	work     context.Context // of replies in flight; outlives the context of Run
	stopping <-chan struct{} // closed when Run is told to stop

	noReactions adapters.Recent // channels where the bot may not react, and people to whom
	noDirects   adapters.Recent // has directsForbidden while the bot may not open direct messages

	// Log lines that people in chat can cause.
	forgotten, ignored, dropped, broke adapters.Sparse

	votes adapters.Votes
}

// identify asks Discord for the bot's identity and registers the commands. It retries
// without a limit.
func (s *session) identify(ctx context.Context) error {
	return s.client.Insist(ctx, &s.health, s.introduce)
}

// introduce is one try of identify. It fails only if Discord refuses the token or does not
// respond; other refusals are harmless, since READY contains the bot's id as well.
func (s *session) introduce(ctx context.Context) error {
	me, err := s.client.whoami(ctx)
	if err != nil && !refusedButKnown(err) {
		return err
	}
	s.me.Store(me)
	if s.app == "" {
		if s.app, err = s.client.application(ctx); err != nil && !refusedButKnown(err) {
			return err
		}
		s.app = cmp.Or(s.app, me, BotID(s.settings.BotToken)) // only old apps have an id unlike their bot's
	}
	changed, err := s.client.register(ctx, s.app, s.settings.Server)
	switch {
	case err == nil:
		s.log.Info("commands are registered", "changed", changed)
	case refusedButKnown(err):
		s.log.Error("commands could not be registered; mentions work", "error", err)
	default:
		return err
	}
	return nil
}

// refusedButKnown reports whether Discord refused the call for another reason than the
// token.
func refusedButKnown(err error) bool {
	var f *failure
	return errors.As(err, &f) && judge(err, true).Failure == adapters.Refused && f.status != http.StatusUnauthorized
}

// BotID returns the bot's id from the beginning of its token, or "".
func BotID(token string) string {
	first, _, _ := strings.Cut(token, ".")
	data, err := base64.RawStdEncoding.DecodeString(strings.TrimRight(first, "="))
	if err != nil {
		return ""
	}
	if _, err := strconv.ParseUint(string(data), 10, 64); err != nil {
		return ""
	}
	return string(data)
}

// keys identify an event: duplicates have the same.
func (e event) keys() []string {
	switch e.kind {
	case asked, roleMentioned:
		return []string{"message " + e.id + " " + e.edited}
	case deleted:
		return nil
	}
	return []string{"interaction " + e.id}
}

// admit accepts an event: see [adapters.Intake.Admit].
func (s *session) admit(e event, before func(), work func(event)) (start func()) {
	if e.kind == ignored {
		return func() {}
	}
	return s.intake.Admit(e.id, e.keys(), s.owed(e), before, func(r *journal.Receipt) {
		e.receipt = r
		work(e)
	})
}

// snowflakeTime returns the time at which an id of Discord's was made
// (discord.com/developers/docs/reference#snowflakes).
func snowflakeTime(id string) time.Time {
	n, err := strconv.ParseUint(id, 10, 64)
	if err != nil {
		return time.Time{}
	}
	const epoch = 1420070400000 // ms
	return time.UnixMilli(int64(n>>22) + epoch)
}

// take decodes an event of the gateway, accepts it and starts its work.
func (s *session) take(kind string, data []byte) {
	if len(data) > maxEvent {
		s.unread("", fmt.Errorf("%s has %d bytes; no question is that long", kind, len(data)))
		return
	}
	e, err := decodeDispatch(kind, data, s.me.Load().(string))
	if err != nil {
		s.unread(e.id, err)
		return
	}
	var r *adapters.Reply
	if e.kind == asked { // before the next event, which may be its deletion
		if r = s.reply(e); r == nil {
			s.forgotten.Log(func(n int) {
				s.log.Info("ignored an edit of an older question", "event", e.id, "count", n)
			})
			return
		}
	}
	if start := s.admit(e, nil, func(e event) { s.handle(e, r, s.respond) }); start != nil {
		start()
	} else {
		s.dropped.Log(func(n int) { s.log.Error("dropped an event", "event", e.id, "count", n) })
	}
}

// mostIgnored is how many unreadable events are logged at once: each may be of another
// kind.
const mostIgnored = 20

// unread logs an event that could not be read, an unknown kind only once.
func (s *session) unread(id string, err error) {
	var u unknown
	if errors.As(err, &u) {
		if s.unknowns.Add(time.Now(), u.what) {
			s.log.Debug("ignored an event", "event", id, "error", err)
		}
		return
	}
	s.ignored.Log(func(n int) { s.log.Warn("ignored an event", "event", id, "error", err, "count", n) })
}
