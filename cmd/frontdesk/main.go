// Frontdesk answers "who handles this?" from a knowledge file. See
// frontdesk help, and package bot for a tour of the program.
//
//	main.go           the commands and exit codes
//	ask.go            frontdesk ask and chat
//	check.go, compare.go, eval.go
//	                  the commands that measure a file
//	run.go            the service: who is connected to whom, and the end
//	reload.go         a new knowledge file while it runs; notify.go: who is told
//	canary.go         the question that must always be answered right
//	listen.go         the HTTP listeners; gate.go: whose connections they keep;
//	                  kernel_unix.go, kernel_other.go: what the system is asked for that
//	log.go            the log, which never waits for its reader
//	readyz.go         how each part is doing; metrics.go, private.go: how that is shown
//	doctor.go         what is wrong with a set-up; publicaddress.go: with its addresses
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
	exitProblems  = 1 // problems were found
	exitCannotRun = 2 // a bad flag, an unreadable file
)

// errProblems ends a command that has printed what it found.
var errProblems = errors.New("problems found")

func main() { os.Exit(program()) }

// program is the whole program but for its end.
func program() int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	context.AfterFunc(ctx, stop) // told a second time, the program ends at once
	return run(ctx, os.Args[1:], os.Stdin, os.Stdout, os.Stderr)
}

// run is the program but for the process it runs in.
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
	sayAtLast(stderr, err)
	return exitCannotRun
}

// say writes what the program says. Nothing in it, whoever wrote it, does something
// to a terminal or to a machine that reads along.
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
			"that admins edit. It says why, and it says so when it does not know.",
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
	root.AddCommand(askCommand(), chatCommand(), checkCommand(), evalCommand(), schemaCommand(), compareCommand(), runCommand(), doctorCommand(), healthCommand(), configCommand(), slackCommand(), discordCommand(), versionCommand())
	return root
}

// knowledgeFlag adds the flag that names the knowledge file, and returns how to
// know it: without the flag it is the one that the settings name.
func knowledgeFlag(cmd *cobra.Command) func() string {
	path := cmd.Flags().StringP("knowledge", "k", "", "knowledge `file` or folder (default: that of the settings, or else the shipped one)")
	return func() string {
		if cmd.Flags().Changed("knowledge") {
			return *path
		}
		settings, _ := config.Load(config.Source{Environ: os.Environ()}) // what else is wrong with them matters elsewhere
		if settings == nil {
			return ""
		}
		return settings.Knowledge
	}
}

// load reads a knowledge file, or says everything that is wrong with it.
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

// release is the version that a build of the image is told; there the Go tool has
// no repository to learn it from.
var release string

// version is the module's version and the commit it was built from, as far as
// the Go tool recorded them.
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
