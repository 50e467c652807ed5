package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"frontdesk/bot/inbox"
	"frontdesk/bot/journal"
	"frontdesk/config"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func suggestCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "suggest [DIVISION]",
		Short: "Suggest words that would help to find a division, or every division, with reasons",
		Long: "Suggest words and phrases that would help, each with its reason: what people asked\n" +
			"and was not answered, if there is a store; words that mean about the same as a\n" +
			"division's own; spellings that are not found; words that several divisions have.\n" +
			"Delete what does not fit before you use them. --write puts all of them, except those\n" +
			"for which a division has to be chosen, into the file.",
		Example: "  frontdesk suggest -k acme.yaml parks",
		Args:    cobra.MaximumNArgs(1),
	}
	path := knowledgeFlag(cmd)
	write := newWriteFlags(cmd)
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		base, err := load(path())
		if err != nil {
			return err
		}
		division := ""
		if len(args) > 0 {
			division = args[0]
			if _, ok := base.Entry(division); !ok {
				return fmt.Errorf("there is no division %q; it is one of %s", division, strings.Join(ids(base), ", "))
			}
		}
		suggestions := append(fromInbox(cmd.Context(), base, division), base.Suggest(division)...)
		if *write.write {
			certain := slices.DeleteFunc(suggestions, func(s knowledge.Suggestion) bool { return len(s.Choose) > 0 })
			return write.propose(cmd.Context(), path(), base.Changes(certain), nil)
		}
		if *write.asJSON {
			return writeJSON(cmd.OutOrStdout(), map[string]any{"suggestions": append([]knowledge.Suggestion{}, suggestions...)})
		}
		return say(cmd.OutOrStdout(), suggestionsText(base, suggestions))
	}
	return cmd
}

func ids(base *knowledge.Base) (all []string) {
	for _, e := range base.Entries() {
		all = append(all, e.ID.Text)
	}
	return all
}

// fromInbox are the gaps of the store whose likely division this is, as suggestions. Without a
// store there are none.
func fromInbox(ctx context.Context, base *knowledge.Base, division string) (all []knowledge.Suggestion) {
	c, err := config.Load(config.Source{Environ: os.Environ()})
	if err != nil || c.Store == "" || c.Store == config.Off || c.Journal.Text == config.None {
		return nil
	}
	opening, cancel := context.WithTimeout(ctx, openWithin)
	defer cancel()
	s, err := journal.OpenExisting(opening, string(c.Store))
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) {
			fmt.Fprintln(os.Stderr, "frontdesk: what was asked is left out:", err)
		}
		return nil
	}
	defer func() { _ = s.Close() }() // only read
	groups, err := inbox.Read(ctx, s, time.Now().Add(-limits(c.Journal).Words), base, c.Inbox.People)
	if err != nil {
		fmt.Fprintln(os.Stderr, "frontdesk: what was asked is left out:", err)
		return nil
	}
	for _, g := range groups {
		if g.Likely == 0 || division != "" && g.Divisions[0] != division {
			continue
		}
		changes, err := inbox.Decision{Kind: knowledge.AddQuestions, Division: g.Divisions[0]}.Changes(g, base)
		if err != nil {
			continue // its words can't be an example
		}
		for _, change := range changes {
			all = append(all, knowledge.Suggestion{Change: change, Why: fmt.Sprintf("%s asked this: %s",
				plural(g.People, "person", "people"), g.Why()), Choose: g.Divisions[:g.Likely]})
		}
	}
	return all
}

// suggestionsText prints suggestions as lines to paste below the key that the line above names.
func suggestionsText(base *knowledge.Base, all []knowledge.Suggestion) string {
	if len(all) == 0 {
		return "There is nothing to suggest.\n"
	}
	var b strings.Builder
	for _, e := range base.Entries() {
		head := ""
		for _, s := range all {
			if s.Change.Division != e.ID.Text || len(s.Choose) > 1 {
				continue
			}
			if head == "" {
				head = e.ID.Text
				fmt.Fprintf(&b, "%s (%s)\n", e.Name.Text, head)
			}
			writeSuggestion(&b, s)
		}
	}
	first := true
	for _, s := range all {
		if len(s.Choose) < 2 {
			continue
		}
		if first {
			b.WriteString("Choose a division for each of these:\n")
			first = false
		}
		writeSuggestion(&b, s)
	}
	return b.String()
}

func writeSuggestion(b *strings.Builder, s knowledge.Suggestion) {
	where := s.Change.Kind.String()
	if s.Change.Topic != "" {
		where += " of " + s.Change.Topic
	}
	if len(s.Choose) > 1 {
		where = strings.Join(s.Choose, " or ")
	}
	for _, line := range s.Change.Lines {
		fmt.Fprintf(b, "  - %s  # %s: %s\n", line, where, s.Why)
	}
}
