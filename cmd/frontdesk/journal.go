package main

import (
	"cmp"
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/bot/journal"
	"frontdesk/config"
	"frontdesk/knowledge/draft"
	"frontdesk/knowledge/text"

	"github.com/spf13/cobra"
)

func journalCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "journal",
		Short: "Show, back up and erase what is kept of questions",
		Args:  cobra.NoArgs,
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	root.AddCommand(journalExportCommand(), journalStatsCommand(), journalForgetCommand(), journalBackupCommand())
	return root
}

// withStore adds the flags for settings, and returns a function that calls do with the
// settings and the store that they name. Frontdesk run may be using the store meanwhile.
func withStore(cmd *cobra.Command) func(do func(ctx context.Context, c *config.Config, s journal.Store) error) error {
	read := settingsFlags(cmd)
	return func(do func(ctx context.Context, c *config.Config, s journal.Store) error) error {
		c, err := read()
		if err != nil {
			return err
		}
		switch c.Store {
		case config.Off:
			return errors.New("store is off, so nothing is kept")
		case "":
			return errors.New("neither XDG_STATE_HOME nor HOME is set, so there is no store; set FRONTDESK_STORE to one")
		}
		opening, cancel := context.WithTimeout(cmd.Context(), openWithin)
		defer cancel()
		store, err := journal.OpenExisting(opening, string(c.Store))
		if errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("there is no store %s; frontdesk run makes it, or set FRONTDESK_STORE to another",
				c.StoreName())
		}
		if err != nil {
			return err
		}
		return errors.Join(do(cmd.Context(), c, store), store.Close())
	}
}

func journalExportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "export",
		Short: "Print the journal, one question a line",
		Long: "Print the journal, the oldest question first, as one JSON object a line or as CSV.\n" +
			"The asker is a hash. The words of a question are there if journal.text keeps them.",
		Args: cobra.NoArgs,
	}
	with := withStore(cmd)
	since := cmd.Flags().String("since", "", "only the last days or hours, such as `30d` or 12h (default: all)")
	cmd.Flags().Bool("json", true, "one JSON object a line")
	asCSV := cmd.Flags().Bool("csv", false, "CSV with a header")
	cmd.MarkFlagsMutuallyExclusive("json", "csv")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		var from time.Time
		if *since != "" {
			age, err := ageOf(*since)
			if err != nil {
				return err
			}
			from = time.Now().Add(-age)
		}
		return with(func(ctx context.Context, _ *config.Config, s journal.Store) error {
			out := cmd.OutOrStdout()
			if *asCSV {
				return exportCSV(ctx, out, s, from)
			}
			return s.Rows(ctx, from, func(r journal.Row) error {
				r.Time = r.Time.UTC()
				return encodeJSON(out, r, "")
			})
		})
	}
	return cmd
}

// ageOf reads a number of days or a duration.
func ageOf(since string) (time.Duration, error) {
	const day, longest = 24 * time.Hour, 36_500
	if days, ok := strings.CutSuffix(since, "d"); ok {
		if n, err := strconv.Atoi(days); err == nil && n > 0 && n <= longest {
			return time.Duration(n) * day, nil
		}
	} else if age, err := time.ParseDuration(since); err == nil && age > 0 {
		return age, nil
	}
	return 0, fmt.Errorf("--since %s: write days or hours, such as 30d or 12h", since)
}

// exportCSV writes rows with a header (RFC 4180).
func exportCSV(ctx context.Context, out io.Writer, s journal.Store, from time.Time) error {
	w := csv.NewWriter(out)
	_ = w.Write([]string{"time", "adapter", "outcome", "division", "topic", "chance", "audience", "version", "took_ms",
		"asker", "words", "up", "down"}) // Flush keeps the error
	err := s.Rows(ctx, from, func(r journal.Row) error {
		record := []string{r.Time.UTC().Format(time.RFC3339Nano), r.Adapter, r.Outcome, r.Division, r.Topic,
			strconv.FormatFloat(r.Chance, 'f', 4, 64), r.Audience, r.Version,
			strconv.FormatFloat(float64(r.Took.Microseconds())/1e3, 'f', 3, 64), r.Asker, r.Words, strconv.Itoa(r.Up),
			strconv.Itoa(r.Down)}
		for i := range record {
			record[i] = cell(record[i])
		}
		return w.Write(record)
	})
	w.Flush()
	return cmp.Or(err, w.Error())
}

// cell is a printable field of CSV that spreadsheets do not take for a formula.
func cell(field string) string { return text.PrintableLine(draft.Guard(field)) }

func journalStatsCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "stats",
		Short: "Print how much is kept",
		Args:  cobra.NoArgs,
	}
	with := withStore(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		return with(func(ctx context.Context, _ *config.Config, s journal.Store) error {
			stats, err := s.Stats(ctx)
			if err != nil {
				return err
			}
			if *asJSON {
				return writeJSON(cmd.OutOrStdout(), stats)
			}
			return say(cmd.OutOrStdout(), statsText(stats))
		})
	}
	return cmd
}

func statsText(s journal.Stats) string {
	var b strings.Builder
	b.WriteString(plural(s.Rows, "question", "questions"))
	if !s.Oldest.IsZero() {
		b.WriteString(" since " + s.Oldest.Local().Format(time.DateTime))
	}
	fmt.Fprintf(&b, ", of %d the words are kept; %s.\n", s.WithWords, plural(s.Votes, "vote", "votes"))
	fmt.Fprintf(&b, "%s, %d unfinished.\n", plural(s.Events, "event", "events"), s.Unfinished)
	fmt.Fprintf(&b, "The store takes %.1f MB.\n", float64(s.Bytes)/1e6)
	return b.String()
}

func journalForgetCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "forget ADAPTER:ID",
		Short:   "Erase what a person asked and voted",
		Example: "  frontdesk journal forget slack:U0123ABCD",
		Args:    cobra.ExactArgs(1),
	}
	with := withStore(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		adapter, id, _ := strings.Cut(args[0], ":")
		if !slices.Contains([]string{"slack", "discord"}, adapter) || id == "" {
			return fmt.Errorf("%s is not a person; write slack:, or discord:, and their id, such as slack:U0123ABCD",
				args[0])
		}
		return with(func(ctx context.Context, c *config.Config, s journal.Store) error {
			key, err := askerKey(c)
			if errors.Is(err, fs.ErrNotExist) {
				return fmt.Errorf("FRONTDESK_JOURNAL_KEY is not set and there is no %s, without which nobody is found in "+
					"the store", filepath.Join(c.StateDir, keyName))
			}
			if err != nil {
				return err
			}
			n, err := s.ForgetAsker(ctx, journal.AskerHash(key, adapter, id))
			if err == nil {
				err = s.ForgetAwaited(ctx, adapter, id)
			}
			if err != nil {
				return err
			}
			return say(cmd.OutOrStdout(), fmt.Sprintf("Erased %s and all votes of %s.\n",
				plural(n, "question", "questions"), args[0]))
		})
	}
	return cmd
}

func journalBackupCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "backup FILE",
		Short: "Write a copy of the store to a new file, also while frontdesk run uses it",
		Args:  cobra.ExactArgs(1),
	}
	with := withStore(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return with(func(ctx context.Context, _ *config.Config, s journal.Store) error {
			if err := s.Backup(ctx, args[0]); err != nil {
				return err
			}
			return say(cmd.OutOrStdout(), fmt.Sprintf("Wrote %s.\n", args[0]))
		})
	}
	return cmd
}
