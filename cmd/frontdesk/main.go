// Frontdesk answers "who handles this?" from a knowledge file. See
// frontdesk help, and package bot for a tour of the program.
//
//	main.go           the commands and exit codes
//	ask.go            frontdesk ask and chat
//	check.go, compare.go, eval.go
//	                  the commands that check, compare and measure knowledge files
//	init.go, export.go
//	                  frontdesk init, which writes a first knowledge file, and export
//	run.go            frontdesk run: connects the parts, starts and stops them
//	reload.go         follows the knowledge file while the program runs
//	store.go          opens the store that run keeps events and the journal in
//	replicas.go       the processes that share a store, and their knowledge files
//	journal.go        frontdesk journal
//	inbox.go          frontdesk inbox; suggest.go: frontdesk suggest; report.go: frontdesk report
//	admin.go          what admins do in chat; the digest; who wants to be told an answer
//	notify.go         notices to admins
//	canary.go         the self-check: a question that must be answered right
//	listen.go         the HTTP listeners
//	connlimit.go      the limit on their connections; kernel_unix.go, kernel_other.go:
//	                  the system calls for it
//	log.go            the log, which never waits for its reader
//	readyz.go         the state of each part; metrics.go, private.go: how it is published
//	doctor.go         finds what is wrong with a set-up; publicaddress.go: with its address
//	settings.go       flags, frontdesk config
//	platforms.go      frontdesk slack manifest, frontdesk discord invite
package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"frontdesk/bot"
	"frontdesk/config"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"

	"github.com/spf13/cobra"
)

// Exit codes.
const (
	exitProblems  = 1 // the command found problems
	exitCannotRun = 2 // the command could not run: a bad flag, an unreadable file
)

// errProblems ends a command that has printed the problems that it found.
var errProblems = errors.New("problems found")

func main() { os.Exit(program()) }

// program runs the program and returns its exit code.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // a second signal ends the program at once
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// run runs one command line and returns the exit code.
func run(ctx context.Context, args []string, stdin io.Reader, stdout, stderr io.Writer) int {
	root := command(stdin, stdout, stderr)
	root.SetArgs(args)
	err := root.ExecuteContext(ctx)
	switch {
	case err == nil:
		return 0
	case errors.Is(err, errProblems):
		return exitProblems
	}
	printLast(stderr, err)
	return exitCannotRun
}

// say writes a text without characters that control a terminal or are commands to a CI
// system, whoever wrote it.
func say(w io.Writer, sentence string) error {
	_, err := io.WriteString(w, text.Printable(sentence))
	return err
}

// command is the tree of commands.
func command(stdin io.Reader, stdout, stderr io.Writer) *cobra.Command {
	root := &cobra.Command{
		Use:   "frontdesk",
		Short: "Answers who handles what, from one knowledge file",
		Long: "Frontdesk tells people who handles what, in the words of a knowledge file\n" +
			"that admins edit. It says why it chose an answer, and says so when it does\n" +
			"not know.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) > 0 {
				return fmt.Errorf("there is no command %q; see frontdesk help", args[0])
			}
			return nil
		},
		RunE:              func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
		CompletionOptions: cobra.CompletionOptions{HiddenDefaultCmd: true},
	}
	root.SetIn(stdin)
	root.SetOut(stdout)
	root.SetErr(stderr)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return fmt.Errorf("%w; see %s --help", err, cmd.CommandPath())
	})
	root.AddCommand(askCommand(), chatCommand(), initCommand(), exportCommand(), checkCommand(), evalCommand(),
		suggestCommand(), schemaCommand(), compareCommand(), runCommand(), doctorCommand(), healthCommand(),
		journalCommand(), inboxCommand(), reportCommand(), configCommand(), slackCommand(), discordCommand(),
		versionCommand())
	return root
}

// knowledgeFlag adds the flag for the knowledge file and returns a function that gives
// its path: that of the flag, or else that of the settings.
func knowledgeFlag(cmd *cobra.Command) func() string {
	path := cmd.Flags().StringP("knowledge", "k", "",
		"knowledge `file` or folder (default: as in the settings, or else the shipped file)")
	return func() string {
		if cmd.Flags().Changed("knowledge") {
			return *path
		}
		settings, _ := config.Load(config.Source{Environ: os.Environ()}) // other settings do not matter here
		if settings == nil {
			return ""
		}
		return settings.Knowledge
	}
}

// load reads a knowledge file. Its error lists everything that is wrong with the file.
func load(path string) (*knowledge.Base, error) {
	inputs, err := knowledge.Open(path)
	if err != nil {
		return nil, err
	}
	base, problems := knowledge.Load(inputs)
	if err := problems.Err(); err != nil {
		return nil, fmt.Errorf("the knowledge file has errors:\n%w", err)
	}
	return base, nil
}

// desk answers from one Base.
func desk(base *knowledge.Base) bot.Handler {
	return bot.Guard(&bot.Desk{Base: func(bot.Audience) *knowledge.Base { return base }})
}

func schemaCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of knowledge files, for editors",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := cmd.OutOrStdout().Write(knowledge.Schema())
			return err
		},
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  cobra.NoArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			_, err := fmt.Fprintln(cmd.OutOrStdout(), "frontdesk", version())
			return err
		},
	}
}

// release is the version that the linker sets for the container image, which is built
// without a repository.
var release string

// version is the program's version, the commit and the Go version, as far as they are
// known.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "(unknown)"
	}
	parts := []string{cmp.Or(release, strings.Trim(info.Main.Version, "()"))}
	for _, s := range info.Settings {
		if s.Key == "vcs.revision" && !strings.Contains(parts[0], s.Value[:min(12, len(s.Value))]) {
			parts = append(parts, s.Value[:min(12, len(s.Value))])
		}
	}
	return strings.Join(append(parts, info.GoVersion), " ")
}
