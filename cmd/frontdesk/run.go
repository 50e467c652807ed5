package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"strconv"
	"strings"
	"time"

	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/bot"
	"frontdesk/config"

	"github.com/spf13/cobra"
)

// configFlag adds the flag that names the settings file.
func configFlag(cmd *cobra.Command) *string {
	return cmd.Flags().StringP("config", "c", "", "settings `file` (default: "+config.DefaultFile+" if it is there)")
}

func runCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "run",
		Short: "Serve the chat platforms that are configured",
		Long: "Serve the chat platforms that are configured, until the program is told to stop\n" +
			"(SIGTERM or Ctrl-C). Settings come from the environment and a settings file;\n" +
			"adapters/slack/README.md and adapters/discord/README.md say which and where to\nget the tokens.",
		Args: cobra.NoArgs,
	}
	file, path := configFlag(cmd), knowledgeFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := config.Load(*file, os.Environ())
		if err != nil {
			return err
		}
		if *path != "" {
			settings.Knowledge = *path
		}
		if err := missing(settings); err != nil {
			return err
		}
		log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: settings.LogLevel}))
		slog.SetDefault(log)
		return serve(cmd.Context(), settings, log)
	}
	return cmd
}

// missing says what the configured platforms lack, and where to get it.
func missing(c *config.Config) error {
	var problems []error
	if c.Slack.Wanted() {
		problems = append(problems, c.Slack.Missing())
	}
	if c.Discord.Wanted() {
		problems = append(problems, c.Discord.Missing())
	}
	if len(problems) == 0 {
		return fmt.Errorf("nothing is configured that could be served; for Slack:\n%w\nor for Discord:\n%w", c.Slack.Missing(), c.Discord.Missing())
	}
	return errors.Join(problems...)
}

// Time-outs of the HTTP server. Requests are small and answered at once.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	idleTimeout  = 2 * time.Minute
	maxHeader    = 64 << 10        // bytes
	shutdownTime = 4 * time.Second // for requests at the end; replies have five
)

// serve connects the parts and runs them until ctx is done or one fails.
func serve(ctx context.Context, settings *config.Config, log *slog.Logger) error {
	start := time.Now()
	base, err := load(settings.Knowledge)
	if err != nil {
		return err
	}
	debug.FreeOSMemory() // learning takes twice the memory that answering does
	log.Info("read the knowledge file", "divisions", len(base.Entries()), "took", time.Since(start).Round(time.Millisecond))

	all, mux, err := platforms(settings, log)
	if err != nil {
		return err
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	web := make(chan error, 1)
	if mux == nil {
		web <- nil
	} else {
		listener, err := net.Listen("tcp", settings.HTTPAddr)
		if err != nil {
			return fmt.Errorf("FRONTDESK_HTTP_ADDR: %w", err)
		}
		log.Info("listening", "address", listener.Addr().String())
		go func() {
			defer cancel() // without it nothing can be asked
			web <- serveHTTP(ctx, listener, mux, log)
		}()
	}
	ended := make(chan error, len(all))
	for _, adapter := range all {
		go func() {
			err := adapter.Run(ctx, desk(base))
			if err != nil {
				log.Error("an adapter has failed; the others go on", "adapter", adapter.Name(), "error", err)
			}
			ended <- err
		}()
	}
	var problems []error
	for range all {
		problems = append(problems, <-ended)
	}
	cancel()
	if err := errors.Join(append(problems, <-web)...); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
}

// platforms makes the adapters that are configured, and the handler of those
// that are reached over HTTP, or nil.
func platforms(settings *config.Config, log *slog.Logger) (all []bot.Adapter, mux *http.ServeMux, err error) {
	mount := func(path string, h http.Handler) {
		if mux == nil {
			mux = http.NewServeMux()
		}
		mux.Handle(path, h)
	}
	if s := settings.Slack; s.Wanted() {
		adapter := slack.New(slack.Settings{
			BotToken: string(s.BotToken), AppToken: string(s.AppToken), SigningSecret: string(s.SigningSecret),
			APIURL: s.APIURL, HTTP: s.Transport == config.HTTP, Features: slackFeatures(s),
		}, log, report(log, "slack"))
		if s.Transport == config.HTTP {
			mount(slack.Path, adapter)
		}
		all = append(all, adapter)
	}
	if d := settings.Discord; d.Wanted() {
		adapter, err := discord.New(discordSettings(d), log, report(log, "discord"))
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

func discordSettings(d config.Discord) discord.Settings {
	count, _ := strconv.Atoi(d.ShardCount) // "auto" is 0
	channels := map[string][]string{}
	for _, pair := range d.Channels {
		server, channel, _ := strings.Cut(pair, ":")
		channels[server] = append(channels[server], channel)
	}
	return discord.Settings{
		BotToken: string(d.BotToken), PublicKey: d.PublicKey, Application: d.Application, APIURL: d.APIURL,
		HTTP: d.Transport == config.HTTP, Server: d.Server, ShardCount: count, Shards: d.Shards, Channels: channels,
	}
}

// serveHTTP serves a listener until ctx is done, and then what is under way.
func serveHTTP(ctx context.Context, l net.Listener, h http.Handler, log *slog.Logger) error {
	server := &http.Server{
		Handler: h, ReadTimeout: readTimeout, ReadHeaderTimeout: readTimeout, WriteTimeout: writeTimeout,
		IdleTimeout: idleTimeout, MaxHeaderBytes: maxHeader, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug),
	}
	ended := make(chan error, 1)
	go func() { ended <- server.Serve(l) }()
	select {
	case err := <-ended:
		return fmt.Errorf("serve %s: %w", l.Addr(), err)
	case <-ctx.Done():
	}
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), shutdownTime)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		log.Warn("requests were cut off at the end", "error", err)
		_ = server.Close() // whoever is left has had its time
	}
	<-ended
	return nil
}

// report logs how an adapter is doing.
func report(log *slog.Logger, adapter string) bot.Report {
	return func(s bot.State) {
		level := slog.LevelInfo
		args := []any{"adapter", adapter, "state", s.Phase.String()}
		if s.Phase == bot.Degraded || s.Phase == bot.Failed {
			level = slog.LevelError
		}
		if s.Why != "" {
			args = append(args, "why", s.Why)
		}
		log.Log(context.Background(), level, "adapter state", args...)
	}
}

func slackFeatures(s config.Slack) slack.Features {
	return slack.Features{Command: s.Command, Deletions: s.FollowDeletions, Assistant: s.Assistant}
}

func slackCommand() *cobra.Command {
	root := &cobra.Command{Use: "slack", Short: "Set up the Slack app", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd := &cobra.Command{
		Use:   "manifest",
		Short: "Print the app manifest, with the least that the configured features need",
		Args:  cobra.NoArgs,
	}
	file := configFlag(cmd)
	transport := cmd.Flags().String("transport", "", config.Socket+" or "+config.HTTP+" (default: as configured)")
	address := cmd.Flags().String("url", "", "public address of the HTTP transport, such as https://desk.example.org")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		environ := os.Environ()
		if *transport != "" {
			environ = append(environ, "FRONTDESK_SLACK_TRANSPORT="+*transport)
		}
		if *address != "" {
			environ = append(environ, "FRONTDESK_PUBLIC_URL="+*address)
		}
		settings, err := config.Load(*file, environ)
		if err != nil {
			return err
		}
		public := ""
		if settings.Slack.Transport == config.HTTP {
			if public = settings.PublicURL; public == "" {
				public = "https://desk.example.org"
				fmt.Fprintln(cmd.ErrOrStderr(), "frontdesk: put your own address in place of "+public+", or name it with --url or FRONTDESK_PUBLIC_URL")
			}
		}
		_, err = fmt.Fprint(cmd.OutOrStdout(), slack.Manifest(slackFeatures(settings.Slack), public))
		return err
	}
	root.AddCommand(cmd)
	return root
}

func discordCommand() *cobra.Command {
	root := &cobra.Command{Use: "discord", Short: "Set up the Discord app", Args: cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error { return cmd.Help() }}
	cmd := &cobra.Command{
		Use:   "invite",
		Short: "Print the address that takes the bot into a server, with the least permissions",
		Args:  cobra.NoArgs,
	}
	file := configFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := config.Load(*file, os.Environ())
		if err != nil {
			return err
		}
		app := cmp.Or(settings.Discord.Application, discord.BotID(string(settings.Discord.BotToken)))
		if app == "" {
			return errors.New("DISCORD_APPLICATION_ID is not set: it is the Application ID on the app's page General Information at discord.com/developers/applications")
		}
		_, err = fmt.Fprintln(cmd.OutOrStdout(), discord.Invite(app))
		return err
	}
	root.AddCommand(cmd)
	return root
}
