package main

import (
	"fmt"
	"io"
	"os"
	"slices"
	"strings"
	"text/tabwriter"

	"frontdesk/bot"
	"frontdesk/config"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

// settingsFlags adds the flags for settings, and returns a function that loads the
// settings with them and with more values, by key, from other flags of the command.
func settingsFlags(cmd *cobra.Command) func(more ...map[string]string) (*config.Config, error) {
	flags := cmd.Flags()
	file := flags.StringP("config", "c", "", "settings `file` (default: "+config.DefaultFile+", if it exists)")
	keys := map[string]string{} // by flag
	for _, s := range config.Plain() {
		name := strings.TrimPrefix(config.FlagName(s.Key), "--")
		keys[name] = s.Key
		short := ""
		if s.Key == "knowledge" {
			short = "k"
		}
		flags.StringP(name, short, "", strings.ReplaceAll(s.About, "\n", " ")+" ("+s.Env+")")
	}
	others := flags.StringArray("set", nil,
		"any other setting as `key=value`, such as slack.command=/desk; may be repeated")
	return func(more ...map[string]string) (*config.Config, error) {
		set := map[string]string{}
		for name, key := range keys {
			if flags.Changed(name) {
				set[key] = flags.Lookup(name).Value.String()
			}
		}
		for _, o := range *others {
			key, value, ok := strings.Cut(o, "=")
			if !ok {
				return nil, fmt.Errorf("--set %s: must be key=value, such as slack.command=/desk", o)
			}
			set[key] = value
		}
		for _, m := range more {
			for key, value := range m {
				if value != "" {
					set[key] = value
				}
			}
		}
		return config.Load(config.Source{File: *file, Environ: os.Environ(), Flags: set, NotYAML: knowledge.NotYAML})
	}
}

func configCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "config",
		Short: "Print the settings in effect and where each comes from",
		Args:  cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := read()
		if err != nil {
			return err
		}
		for _, w := range settings.Warnings() {
			fmt.Fprintln(cmd.ErrOrStderr(), "frontdesk:", w)
		}
		out := cmd.OutOrStdout()
		if *asJSON {
			return writeJSON(out, map[string]any{"settings": settings.Effective()})
		}
		return writeSettings(out, settings.Effective())
	}
	cmd.AddCommand(configInitCommand())
	return cmd
}

func writeSettings(w io.Writer, values []config.Value) error {
	table := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, v := range values {
		text := v.Text
		if text == "" {
			text = "-"
		}
		fmt.Fprintf(table, "%s\t%s\t%s\n", v.Key, text, v.From)
	}
	return table.Flush()
}

func configInitCommand() *cobra.Command {
	return &cobra.Command{
		Use:   "init [FILE]",
		Short: "Write a settings file in which everything is commented out; - prints it",
		Args:  cobra.MaximumNArgs(1),
		RunE: func(cmd *cobra.Command, args []string) error {
			name := config.DefaultFile
			if len(args) > 0 {
				name = args[0]
			}
			if name == "-" {
				_, err := io.WriteString(cmd.OutOrStdout(), config.Starter())
				return err
			}
			// Only the owner may read it, since it will hold tokens.
			const flag = os.O_WRONLY | os.O_CREATE | os.O_EXCL
			f, err := os.OpenFile(name, flag, 0o600) // #nosec G304 -- the operator names it
			if os.IsExist(err) {
				return fmt.Errorf("%s exists already and is not changed; name another file, or - to print it", name)
			}
			if err != nil {
				return err
			}
			if _, err := io.WriteString(f, config.Starter()); err != nil {
				_ = f.Close() // the first error says more
				return err
			}
			if err := f.Close(); err != nil {
				return err
			}
			fmt.Fprintf(cmd.OutOrStdout(), "Wrote %s. Remove the # before each setting that you change; "+
				"frontdesk config prints the settings in effect.\n", name)
			return nil
		},
	}
}

// audienceFlag adds the flag for the readers, and returns a function that gives them.
func audienceFlag(cmd *cobra.Command) func() bot.Audience {
	names := cmd.Flags().StringSlice("audience", nil,
		"answer for readers who belong to these `groups`, such as employees (default: the public)")
	return func() bot.Audience { return bot.AudienceOf(*names...) }
}

// warnUnknown warns of groups that the file does not mention, and which therefore see
// what the public sees.
func warnUnknown(cmd *cobra.Command, s *knowledge.Snapshot, readers bot.Audience) {
	known := s.File.Audiences()
	for _, name := range readers.Names() {
		if !slices.Contains(known, name) {
			hint := "it mentions " + strings.Join(known, ", ")
			if len(known) == 0 {
				hint = "everything in it is public"
			}
			fmt.Fprintf(cmd.ErrOrStderr(), "frontdesk: the knowledge file does not mention the audience %s; %s\n",
				name, hint)
		}
	}
}
