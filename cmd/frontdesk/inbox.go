package main

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"time"

	"frontdesk/bot"
	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/config"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func inboxCommand() *cobra.Command {
	root := &cobra.Command{
		Use:   "inbox",
		Short: "List the questions that were not answered well, and put them into the knowledge file",
		Long: "List the questions that were declined, only suggested, voted down or asked again in\n" +
			"other words, grouped by what they are about. Show, accept and ignore work on one\n" +
			"group; accept makes its words examples of a division, a new responsibility, or a\n" +
			"declined topic.",
		Example: "  frontdesk inbox\n" +
			"  frontdesk inbox accept 1a2b3c4d --division parks --write\n" +
			"  frontdesk inbox accept 1a2b3c4d --decline \"Pet licences\" --text \"Ask the county clerk.\"",
		Args: cobra.NoArgs,
	}
	w := newInboxFlags(root)
	most := root.Flags().IntP("number", "n", 20, "print at most `n` groups")
	asJSON := root.Flags().Bool("json", false, "print one JSON object")
	root.RunE = func(cmd *cobra.Command, _ []string) error {
		return w.with(func(ctx context.Context, in *inboxIn) error {
			out := cmd.OutOrStdout()
			if *asJSON {
				return writeJSON(out, map[string]any{"people": in.people, "groups": shown(in.groups)})
			}
			return say(out, in.list(*most))
		})
	}
	root.AddCommand(inboxShowCommand(), inboxAcceptCommand(), inboxIgnoreCommand(), inboxUndoCommand())
	return root
}

// inboxIn is the inbox as a command sees it.
type inboxIn struct {
	store  journal.Store
	path   string // of the knowledge file
	base   *knowledge.Base
	people int
	groups []inbox.Group
}

// inboxFlags are the flags of the commands that read the inbox.
type inboxFlags struct {
	cmd    *cobra.Command
	store  func(do func(ctx context.Context, c *config.Config, s journal.Store) error) error
	people *int
}

func newInboxFlags(cmd *cobra.Command) *inboxFlags {
	return &inboxFlags{cmd: cmd, store: withStore(cmd), people: cmd.Flags().Int("people", 0,
		"show what `n` or more different people asked about (default: inbox.people of the settings)")}
}

// with reads the store and the knowledge file and calls do.
func (f *inboxFlags) with(do func(ctx context.Context, in *inboxIn) error) error {
	return f.store(func(ctx context.Context, c *config.Config, s journal.Store) error {
		in := &inboxIn{store: s, path: c.Knowledge, people: c.Inbox.People}
		if f.cmd.Flags().Changed("people") {
			in.people = *f.people
		}
		var err error
		if in.base, err = load(in.path); err != nil {
			return err
		}
		if c.Journal.Text == config.None {
			return errors.New("journal.text is none, so the words of questions are not kept and there is no inbox")
		}
		since := time.Now().Add(-limits(c.Journal).Words)
		if in.groups, err = inbox.Read(ctx, s, since, in.base, in.people); err != nil {
			return err
		}
		return do(ctx, in)
	})
}

// find is the group that a person names on the command line.
func (in *inboxIn) find(id string) (inbox.Group, error) {
	g, ok := inbox.Find(in.groups, id)
	if !ok {
		return g, fmt.Errorf("there is no group %s in the inbox; frontdesk inbox lists them", id)
	}
	return g, nil
}

// groupJSON is a group as it is printed, with the divisions that are likely only.
type groupJSON struct {
	inbox.Group
	Divisions []string `json:"divisions"`
}

func shown(groups []inbox.Group) []groupJSON {
	all := []groupJSON{}
	for _, g := range groups {
		all = append(all, groupJSON{g, g.Divisions[:g.Likely]})
	}
	return all
}

func (in *inboxIn) list(most int) string {
	var b strings.Builder
	if len(in.groups) == 0 {
		fmt.Fprintf(&b, "There are no gaps that %s asked about.\n", plural(in.people, "or more person", "or more people"))
		return b.String()
	}
	for _, g := range in.groups[:min(max(most, 0), len(in.groups))] {
		fmt.Fprintf(&b, "%s  %s\n          %s\n", g.ID, g.Title(), in.about(g))
	}
	if more := len(in.groups) - most; more > 0 {
		fmt.Fprintf(&b, "… and %d more; -n %d lists all.\n", more, len(in.groups))
	}
	b.WriteString("frontdesk inbox show ID shows one, accept ID and ignore ID settle it.\n")
	return b.String()
}

// about says in a line who asked and which division is likely.
func (in *inboxIn) about(g inbox.Group) string {
	likely := ""
	if g.Likely > 0 {
		if e, ok := in.base.Entry(g.Divisions[0]); ok {
			likely = "; likely " + e.Name.Text
		}
	}
	return fmt.Sprintf("%s, %s, last on %s: %s%s", plural(g.People, "person", "people"), plural(g.Times, "time", "times"),
		g.Last.Local().Format(time.DateOnly), g.Why(), likely)
}

func inboxShowCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "show ID", Short: "Show the wordings of one group", Args: cobra.ExactArgs(1)}
	w := newInboxFlags(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return w.with(func(_ context.Context, in *inboxIn) error {
			g, err := in.find(args[0])
			if err != nil {
				return err
			}
			if *asJSON {
				return writeJSON(cmd.OutOrStdout(), shown([]inbox.Group{g})[0])
			}
			return say(cmd.OutOrStdout(), in.about(g)+"\n  "+strings.Join(g.Words, "\n  ")+"\n")
		})
	}
	return cmd
}

func inboxAcceptCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "accept ID",
		Short: "Put a group into the knowledge file",
		Long: "Print what putting the words of a group into the knowledge file changes, as a diff,\n" +
			"and what else is then answered differently. --write makes the change.",
		Args: cobra.ExactArgs(1),
	}
	w := newInboxFlags(cmd)
	division := cmd.Flags().String("division", "",
		"make its words examples of the division with this `id` (default: the likely one)")
	topic := cmd.Flags().String("responsibility", "", "make them a new responsibility of the division, with this `name`")
	decline := cmd.Flags().String("decline", "", "decline them, as this `topic`")
	words := cmd.Flags().String("text", "", "what the division does about it, or where to go instead")
	cmd.MarkFlagsMutuallyExclusive("responsibility", "decline")
	cmd.MarkFlagsMutuallyExclusive("division", "decline")
	write := newWriteFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return w.with(func(ctx context.Context, in *inboxIn) error {
			g, err := in.find(args[0])
			if err != nil {
				return err
			}
			d := inbox.Decision{Kind: knowledge.AddQuestions, Division: *division, Text: *words}
			switch {
			case *decline != "":
				d.Kind, d.Topic = knowledge.AddDecline, *decline
			case d.Division == "" && g.Likely == 0:
				return errors.New("no division is likely; name one with --division, or decline the group with --decline")
			case d.Division == "":
				d.Division = g.Divisions[0]
			}
			if *topic != "" {
				d.Kind, d.Topic = knowledge.AddResponsibility, *topic
			}
			changes, err := d.Changes(g, in.base)
			if err != nil {
				return err
			}
			return write.propose(ctx, in.path, changes, in.store)
		})
	}
	return cmd
}

// writeFlags are the flags of the commands that change the knowledge file.
type writeFlags struct {
	cmd    *cobra.Command
	write  *bool
	asJSON *bool
}

func newWriteFlags(cmd *cobra.Command) *writeFlags {
	return &writeFlags{
		cmd: cmd, write: cmd.Flags().Bool("write", false, "make the change"),
		asJSON: cmd.Flags().Bool("json", false, "print one JSON object"),
	}
}

// proposalJSON is what a command prints that changes the knowledge file.
type proposalJSON struct {
	Diff     string       `json:"diff"`
	Problems []string     `json:"problems"`
	Changes  []bot.Change `json:"changes"`
	Written  bool         `json:"written"`
	Edit     string       `json:"edit,omitempty"`
}

// propose prints what changes do to the knowledge file and makes them if that is asked for. The
// store remembers them so that they can be undone; it may be nil.
func (f *writeFlags) propose(ctx context.Context, path string, changes []knowledge.Change, s inbox.Store) error {
	p, err := inbox.Propose(ctx, path, changes, nil)
	if err != nil {
		return err
	}
	j := proposalJSON{
		Diff: p.Patch.Diff(), Problems: append([]string{}, p.Problems...), Changes: append([]bot.Change{}, p.Harm()...),
	}
	if *f.write && path == "" {
		return errors.New("the shipped file is part of the program and can't be changed; name your own with " +
			"FRONTDESK_KNOWLEDGE or --knowledge")
	}
	if *f.write && !p.Patch.Empty() {
		e, err := inbox.Make(ctx, s, p, "terminal")
		if err != nil {
			return err
		}
		j.Written = true
		if s != nil {
			j.Edit = e.ID
		}
	}
	if *f.asJSON {
		return writeJSON(f.cmd.OutOrStdout(), j)
	}
	return say(f.cmd.OutOrStdout(), j.text(p))
}

func (j proposalJSON) text(p inbox.Proposal) string {
	if p.Patch.Empty() {
		return "The file says that already.\n"
	}
	var b strings.Builder
	b.WriteString(j.Diff)
	b.WriteByte('\n')
	for _, problem := range p.Problems {
		fmt.Fprintf(&b, "%s\n", problem)
	}
	v := view{Changes: j.Changes}
	v.count()
	b.WriteString(v.text(fmt.Sprintf("Of %s of the file, ", plural(p.Asked, "example question", "example questions"))))
	switch {
	case j.Edit != "":
		fmt.Fprintf(&b, "Written. frontdesk inbox undo %s takes it back.\n", j.Edit)
	case j.Written:
		b.WriteString("Written.\n")
	default:
		b.WriteString("Nothing is written yet; --write makes the change.\n")
	}
	return b.String()
}

func inboxIgnoreCommand() *cobra.Command {
	cmd := &cobra.Command{Use: "ignore ID", Short: "Take a group out of the inbox for good", Args: cobra.ExactArgs(1)}
	w := newInboxFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return w.with(func(ctx context.Context, in *inboxIn) error {
			g, err := in.find(args[0])
			if err != nil {
				return err
			}
			if err := g.Ignore(ctx, in.store); err != nil {
				return err
			}
			return say(cmd.OutOrStdout(), fmt.Sprintf("%q is no longer shown.\n", g.Title()))
		})
	}
	return cmd
}

func inboxUndoCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use: "undo EDIT", Short: "Take a change back that accept or an admin in chat made", Args: cobra.ExactArgs(1),
	}
	with := withStore(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		return with(func(ctx context.Context, _ *config.Config, s journal.Store) error {
			e, err := inbox.Undo(ctx, s, args[0], "terminal")
			if err != nil {
				return err
			}
			return say(cmd.OutOrStdout(), "Taken back:\n"+e.Patch.Diff())
		})
	}
	return cmd
}
