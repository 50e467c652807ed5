package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"time"

	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/bot/report"
	"frontdesk/config"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func reportCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Sum up what people asked and how it was answered",
		Long: "Sum up what people asked: questions a day, how many were answered, suggested and\n" +
			"declined, votes, the divisions and topics that were asked about most, and what was not\n" +
			"answered well. It names nobody.",
		Example: "  frontdesk report --since 30d --html report.html",
		Args:    cobra.NoArgs,
	}
	with := withStore(cmd)
	since := cmd.Flags().String("since", "30d", "the last days or hours, such as `30d` or 12h")
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	page := cmd.Flags().String("html", "", "write a web page to this `file`, or print it if that is -")
	cmd.MarkFlagsMutuallyExclusive("json", "html")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		age, err := ageOf(*since)
		if err != nil {
			return err
		}
		return with(func(ctx context.Context, c *config.Config, s journal.Store) error {
			r, err := reportOf(ctx, c, s, time.Now(), age)
			if err != nil {
				return err
			}
			out := cmd.OutOrStdout()
			switch {
			case *asJSON:
				return writeJSON(out, r)
			case *page != "":
				return writePage(out, *page, r)
			}
			return say(out, r.Text())
		})
	}
	return cmd
}

// gapsReported is how many gaps are in a report.
const gapsReported = 10

// reportOf sums up the journal of the time before now.
func reportOf(
	ctx context.Context, c *config.Config, s journal.Store, now time.Time, age time.Duration,
) (r report.Report, err error) {
	base, err := load(c.Knowledge)
	if err != nil {
		return r, err
	}
	since := now.Add(-age)
	b := report.NewBuilder(since, now)
	err = s.Rows(ctx, since, func(row journal.Row) error {
		b.Add(report.Question{
			Time: row.Time, Outcome: row.Outcome, Division: row.Division, Topic: row.Topic, Up: row.Up, Down: row.Down,
		})
		return nil
	})
	if err != nil {
		return r, err
	}
	var gaps []report.Gap
	if c.Journal.Text != config.None {
		groups, err := inbox.Read(ctx, s, since, base, c.Inbox.People)
		if err != nil {
			return r, err
		}
		for _, g := range groups[:min(len(groups), gapsReported)] {
			gap := report.Gap{Words: g.Title(), People: g.People, Times: g.Times}
			if g.Likely > 0 {
				gap.Division = nameOf(base, g.Divisions[0])
			}
			gaps = append(gaps, gap)
		}
	}
	return b.Report(func(id string) string { return nameOf(base, id) }, gaps), nil
}

// nameOf is the name of a division, or its id if the file does not have it any more.
func nameOf(base *knowledge.Base, id string) string {
	if e, ok := base.Entry(id); ok {
		return e.Name.Text
	}
	return id
}

// writePage writes a report as a web page to a new file, or over an earlier report.
func writePage(out io.Writer, name string, r report.Report) error {
	if name == "-" {
		_, err := io.WriteString(out, r.HTML())
		return err
	}
	before, err := os.ReadFile(name) // #nosec G304 -- the operator names it
	switch {
	case errors.Is(err, fs.ErrNotExist):
	case err != nil:
		return err
	case !bytes.Contains(before, []byte(`content="`+report.Generator+`"`)):
		return fmt.Errorf("%s exists already and is no report; name another file", name)
	}
	if err := os.WriteFile(name, []byte(r.HTML()), 0o600); err != nil { // it has words of people
		return err
	}
	return say(out, fmt.Sprintf("Wrote %s.\n", name))
}
