package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"runtime/debug"
	"time"

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
			"adapters/slack/README.md says which and where to get the tokens.",
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
		if err := settings.Slack.Missing(); err != nil {
			if !settings.Slack.Wanted() {
				return fmt.Errorf("nothing is configured that could be served; for Slack:\n%w", err)
			}
			return err
		}
		log := slog.New(slog.NewTextHandler(cmd.ErrOrStderr(), &slog.HandlerOptions{Level: settings.LogLevel}))
		slog.SetDefault(log)
		return serve(cmd.Context(), settings, log)
	}
	return cmd
}

// Time-outs of the HTTP server. Requests are small and answered at once.
const (
	readTimeout  = 10 * time.Second
	writeTimeout = 10 * time.Second
	idleTimeout  = 2 * time.Minute
	maxHeader    = 64 << 10 // bytes
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

	s := settings.Slack
	adapter := slack.New(slack.Settings{
		BotToken: string(s.BotToken), AppToken: string(s.AppToken), SigningSecret: string(s.SigningSecret),
		APIURL: s.APIURL, HTTP: s.Transport == config.HTTP, Features: slackFeatures(s),
	}, log, report(log, "slack"))

	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	ended := make(chan error, 2)
	parts := 1
	if s.Transport == config.HTTP {
		mux := http.NewServeMux()
		mux.Handle(slack.Path, adapter)
		listener, err := net.Listen("tcp", settings.HTTPAddr)
		if err != nil {
			return fmt.Errorf("FRONTDESK_HTTP_ADDR: %w", err)
		}
		log.Info("listening", "address", listener.Addr().String(), "path", slack.Path)
		parts++
		go func() { ended <- serveHTTP(ctx, listener, mux, log) }()
	}
	go func() { ended <- adapter.Run(ctx, desk(base)) }()
	var problems []error
	for range parts {
		problems = append(problems, <-ended)
		cancel() // one part is of no use without the other
	}
	if err := errors.Join(problems...); err != nil {
		return err
	}
	log.Info("stopped")
	return nil
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
	within, cancel := context.WithTimeout(context.WithoutCancel(ctx), writeTimeout)
	defer cancel()
	if err := server.Shutdown(within); err != nil {
		log.Warn("requests were cut off at the end", "error", err)
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
