package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/signal"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"time"

	"frontdesk/adapters"
	"frontdesk/adapters/console"
	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/bot"
	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/config"

	"github.com/spf13/cobra"
)

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Answer questions on the configured chat platforms, or else at the terminal",
		Long: "Answer questions on the configured chat platforms until SIGTERM or Ctrl-C; if\n" +
			"none is configured, at the terminal. SIGHUP reloads the knowledge file.\n" +
			"Flags take precedence over the environment, and the environment over the\n" +
			"settings file. adapters/slack/README.md and adapters/discord/README.md list the\n" +
			"settings and say where to get the tokens.",
		Args: cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := read()
		if err != nil {
			return err
		}
		if err := missing(settings); err != nil {
			return err
		}
		signal.Ignore(syscall.SIGPIPE) // the program goes on if the log's reader exits
		aside := new(console.Aside)
		log, end := logger(settings, cmd.ErrOrStderr(), aside)
		defer end()
		p := service{settings: settings, log: log, aside: aside, health: new(health), metrics: newMetrics()}
		slog.SetDefault(p.log)
		for _, w := range settings.Warnings() {
			p.log.Warn("check a setting", "why", w)
		}
		if err := p.serve(cmd.Context(), cmd.InOrStdin(), cmd.OutOrStdout()); err != nil {
			return err
		}
		p.log.Info("stopped")
		return nil
	}
	return cmd
}

// missing says which settings the configured platforms lack, and where to get them.
func missing(c *config.Config) error {
	var problems []error
	if c.Slack.Wanted() {
		problems = append(problems, c.Slack.Missing())
	}
	if c.Discord.Wanted() {
		problems = append(problems, c.Discord.Missing())
	}
	return errors.Join(problems...)
}

const (
	endWithin   = time.Second     // how long the end waits for a writer or a reload that may be stuck
	adaptersEnd = 8 * time.Second // how long it waits for adapters, which take at most six unless stuck
)

// service is the running program.
type service struct {
	settings *config.Config
	log      *slog.Logger
	aside    *console.Aside // prints the log beside a conversation at the terminal
	health   *health
	metrics  *metrics
	reloader *reloader
	ledger   *journal.Ledger // nil without a store, as the keeper
	keeper   *journal.Keeper
	office   *inbox.Office // nil without a store
	register register      // nil unless the store is one that replicas may share
}

// serve connects the parts and runs them until ctx is done or all adapters have ended.
func (p *service) serve(ctx context.Context, in io.Reader, out io.Writer) (err error) {
	hangups := make(chan os.Signal, 1)
	signal.Notify(hangups, syscall.SIGHUP) // first, since an unhandled SIGHUP ends the program
	defer signal.Stop(hangups)
	p.log.Info("starting", "version", version())
	opened := make(chan error, 1) // the store is opened while the knowledge file is read
	opening, giveUp := context.WithCancel(ctx)
	defer giveUp()
	go func() {
		if !p.settings.Slack.Wanted() && !p.settings.Discord.Wanted() {
			opened <- nil
			return
		}
		opened <- p.openStore(opening)
	}()
	if p.reloader, err = newReloader(p.settings, p.log, p.health, p.metrics); err != nil {
		giveUp()
	}
	err = errors.Join(err, <-opened)
	defer p.closeStore()
	if err != nil {
		return err
	}
	all, mux, err := p.platforms()
	if err != nil {
		return err
	}
	atTerminal := len(all) == 0
	if atTerminal {
		if nothingToRead(in) {
			return fmt.Errorf("no chat platform is configured and there is no terminal; for Slack:\n%w\n"+
				"or for Discord:\n%w",
				p.settings.Slack.Missing(), p.settings.Discord.Missing())
		}
		if !console.Terminal(in) {
			p.log.Warn("no chat platform is configured, so questions are read from standard input; " +
				"the README says how to configure one")
		}
		all = append(all, p.terminal(in, out))
		p.health.set(all[0].Name(), bot.Ready, "", true)
	}
	p.reloader.notify = notifier(ctx, all, p.log)
	p.shareReloads()

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	defer p.followReplicas(ctx)()
	var stop []func() error // each waits until a listener has ended
	publicPlaces, privatePlaces, tooFew := places(openFiles())
	listen := func(ctx context.Context, setting, addr string, places int, grace time.Duration, h http.Handler) error {
		l, err := net.Listen("tcp", addr)
		if err != nil {
			return fmt.Errorf("%s: %w", setting, err)
		}
		limited := newLimitListener(l, places, grace, p.refused(setting))
		p.log.Info("listening", "for", setting, "address", l.Addr().String())
		ended := make(chan error, 1)
		go func() {
			err := serveHTTP(ctx, limited, h, p.log)
			if err != nil {
				p.log.Error("a listener has failed", "for", setting, "error", err)
			}
			if h == http.Handler(mux) {
				cancel() // without it nobody can ask
			}
			ended <- err
		}()
		stop = append(stop, func() error { return <-ended })
		return nil
	}
	lasting, end := context.WithCancel(context.WithoutCancel(ctx)) // lasts until the adapters have ended
	defer end()
	if addr := p.settings.PrivateAddr; addr != config.Off && (!atTerminal || p.settings.Given("private_addr")) {
		err := listen(lasting, "FRONTDESK_PRIVATE_ADDR", addr, privatePlaces, privateGrace,
			private(p.health, p.metrics))
		switch {
		case err != nil && p.settings.Given("private_addr"):
			return fmt.Errorf("%w; choose another address, or off", err)
		case err != nil: // the default address: the program can answer without it
			p.log.Error("health and metrics are not available", "error", err,
				"remedy", "set FRONTDESK_PRIVATE_ADDR to another address, or to off")
		}
	}
	if mux != nil {
		if tooFew != nil {
			return fmt.Errorf("FRONTDESK_HTTP_ADDR: %w", tooFew)
		}
		err := listen(ctx, "FRONTDESK_HTTP_ADDR", p.settings.HTTPAddr, publicPlaces, publicGrace, mux)
		if err != nil {
			return err
		}
	}
	following := make(chan struct{})
	go func() {
		defer close(following)
		p.reloader.follow(ctx, hangups)
	}()
	attending := make(chan struct{})
	if p.office != nil {
		p.office.Post = announcer(ctx, all, p.log)
	}
	go func() {
		defer close(attending)
		if p.office != nil {
			p.attend(ctx, all)
		}
	}()
	context.AfterFunc(ctx, p.health.stop)
	problems := p.adapters(ctx, all)
	cancel()
	end()
	select {
	case <-following:
	case <-time.After(endWithin): // it is preparing a large file, which is no longer needed
	}
	<-attending
	for _, s := range stop {
		problems = append(problems, s())
	}
	return errors.Join(problems...)
}

// adapters runs the adapters until all have ended.
func (p *service) adapters(ctx context.Context, all []bot.Adapter) (problems []error) {
	ended := make(chan error, len(all))
	for _, adapter := range all {
		go func() {
			err := adapter.Run(ctx, p.reloader.desk())
			if err != nil {
				what := "an adapter has failed"
				if len(all) > 1 {
					what += "; the others continue"
				}
				p.log.Error(what, "adapter", adapter.Name(), "error", err)
				p.health.set(adapter.Name(), bot.Failed, err.Error(), true)
				p.metrics.setState(adapter.Name(), bot.Failed)
			}
			ended <- err
		}()
	}
	stopping := ctx.Done()
	var late <-chan time.Time
	for left := len(all); left > 0; {
		select {
		case err := <-ended:
			problems = append(problems, err)
			left--
		case <-stopping:
			stopping, late = nil, time.After(adaptersEnd)
		case <-late: // such as the terminal, if nobody reads its output
			p.log.Error("an adapter does not stop; the program exits without waiting for it")
			return problems
		}
	}
	return problems
}

// nothingToRead reports whether the input is the null device, as for a service.
func nothingToRead(in io.Reader) bool {
	f, ok := in.(*os.File)
	if !ok || console.Terminal(in) {
		return false
	}
	info, err := f.Stat()
	return err == nil && info.Mode()&os.ModeCharDevice != 0
}

// terminal is the adapter where no platform is configured.
func (p *service) terminal(in io.Reader, out io.Writer) *console.Console {
	name := p.reloader.current.Load().File.Organization.Name.Text
	return &console.Console{In: in, Out: out, Color: console.Colors(out), Welcome: bot.Welcome(name), Aside: p.aside}
}

// platforms makes the configured adapters, and the handler of those that use HTTP, or
// nil.
func (p *service) platforms() (all []bot.Adapter, mux *http.ServeMux, err error) {
	door := &adapters.Door{Known: known}
	mount := func(path string, h http.Handler) {
		if mux == nil {
			mux = http.NewServeMux()
			mux.HandleFunc("/", nothingHere)
		}
		mux.Handle(path, h)
	}
	if s := p.settings.Slack; s.Wanted() {
		settings := slackSettings(p.settings, p.administer)
		settings.Door, settings.Ledger, settings.Keeper, settings.Await = door, p.ledger, p.keeper, p.await("slack")
		adapter := slack.New(settings, p.log, p.monitor("slack"))
		if s.Transport == config.HTTP {
			mount(slack.Path, adapter)
		}
		all = append(all, adapter)
	}
	if d := p.settings.Discord; d.Wanted() {
		settings := discordSettings(p.settings, p.administer)
		settings.Door, settings.Ledger, settings.Keeper, settings.Await = door, p.ledger, p.keeper, p.await("discord")
		adapter, err := discord.New(settings, p.log, p.monitor("discord"))
		if err != nil {
			return nil, nil, err
		}
		if d.Transport == config.HTTP {
			mount(discord.Path, adapter)
		}
		all = append(all, adapter)
	}
	return all, mux, nil
}

// monitor publishes an adapter's state and events in the log, in metrics and in /readyz.
func (p *service) monitor(adapter string) bot.Monitor {
	p.health.set(adapter, bot.Connecting, "", true)
	m := p.metrics.monitor(adapter)
	count := m.State
	var now atomic.Value // bot.State
	again := adapters.Sparse{First: 3}
	m.State = func(s bot.State) {
		count(s)
		p.health.set(adapter, s.Phase, s.Why, true)
		before, _ := now.Swap(s).(bot.State)
		level := slog.LevelInfo
		args := []any{"adapter", adapter, "state", s.Phase.String()}
		switch s.Phase {
		case bot.Degraded:
			level = slog.LevelWarn
		case bot.Down, bot.Failed:
			level = slog.LevelError
		case bot.Connecting, bot.Ready:
		}
		if s.Why != "" {
			args = append(args, "why", s.Why)
		}
		line := func(int) {
			if now.Load() == s { // else a newer state has been logged
				p.log.Log(context.Background(), level, "adapter state", args...)
			}
		}
		if before.Phase == s.Phase { // only the reason has changed, which may be frequent
			again.Log(line)
		} else {
			line(1)
		}
	}
	return m
}

func slackSettings(c *config.Config, do func(context.Context, bot.Request) bot.Answer) slack.Settings {
	s := c.Slack
	return slack.Settings{
		BotToken: string(s.BotToken), AppToken: string(s.AppToken), SigningSecret: string(s.SigningSecret),
		APIURL: s.APIURL, HTTP: s.Transport == config.HTTP, Features: slackFeatures(c),
		Admin: bot.Admin{Channel: c.Admin.SlackChannel, Do: do},
		Audiences: slack.Audiences{
			Workspaces: byPlace(c, func(p config.Places) []string { return p.SlackWorkspaces }),
			Channels:   byPlace(c, func(p config.Places) []string { return p.SlackChannels }),
		},
	}
}

// byPlace maps the id of each configured place to the audience of everyone there.
func byPlace(c *config.Config, ids func(config.Places) []string) map[string]bot.Audience {
	places := map[string]bot.Audience{}
	for name, p := range c.Audiences {
		for _, id := range ids(p) {
			places[id] = places[id].With(bot.AudienceOf(name))
		}
	}
	return places
}

// audiencesOf lists the audiences of all configured places.
func audiencesOf(c *config.Config) []bot.Audience {
	var all []bot.Audience
	for _, ids := range []func(config.Places) []string{
		func(p config.Places) []string { return p.SlackWorkspaces },
		func(p config.Places) []string { return p.SlackChannels },
		func(p config.Places) []string { return p.DiscordServers },
		func(p config.Places) []string { return p.DiscordChannels },
		func(p config.Places) []string { return p.DiscordRoles },
	} {
		for _, a := range byPlace(c, ids) {
			all = append(all, a)
		}
	}
	slices.Sort(all)
	return slices.Compact(all)
}

func discordSettings(c *config.Config, do func(context.Context, bot.Request) bot.Answer) discord.Settings {
	d := c.Discord
	count, _ := strconv.Atoi(d.ShardCount) // "auto" is 0
	channels := map[string][]string{}
	for _, pair := range d.Channels {
		server, channel, _ := strings.Cut(pair, ":")
		channels[server] = append(channels[server], channel)
	}
	return discord.Settings{
		BotToken: string(d.BotToken), PublicKey: d.PublicKey, Application: d.Application, APIURL: d.APIURL,
		HTTP: d.Transport == config.HTTP, Server: d.Server, ShardCount: count, Shards: d.Shards, Channels: channels,
		Admin: bot.Admin{Channel: c.Admin.DiscordChannel, Do: do},
		Audiences: discord.Audiences{
			Servers:  byPlace(c, func(p config.Places) []string { return p.DiscordServers }),
			Channels: byPlace(c, func(p config.Places) []string { return p.DiscordChannels }),
			Roles:    byPlace(c, func(p config.Places) []string { return p.DiscordRoles }),
		},
	}
}

func slackFeatures(c *config.Config) slack.Features {
	f := slack.Features{
		Command: c.Slack.Command, Deletions: c.Slack.FollowDeletions, Assistant: c.Slack.Assistant,
		Apps: c.Slack.AnswerApps,
	}
	for _, p := range c.Audiences {
		f.Members = f.Members || len(p.SlackWorkspaces) > 0
	}
	return f
}
