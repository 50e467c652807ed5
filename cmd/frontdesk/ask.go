package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strings"
	"unicode"
	"unicode/utf16"

	"frontdesk/adapters/console"
	"frontdesk/bot"
	"frontdesk/knowledge"
	"frontdesk/knowledge/text"

	"github.com/spf13/cobra"
)

func askCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:     "ask QUESTION...",
		Short:   "Answer one question",
		Example: `  frontdesk ask "who handles forced labor cases?"`,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) == 0 {
				return errors.New(`ask needs a question, such as: frontdesk ask "who handles forced labor cases?"`)
			}
			return nil
		},
	}
	path, readers := knowledgeFlag(cmd), audienceFlag(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	full := cmd.Flags().Bool("full", false, "show everything that the file has on the division")
	explain := cmd.Flags().Bool("explain", false, "show the words that decided, the runner-up and the confidence")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		s, err := snapshot(path())
		if err != nil {
			return err
		}
		warnUnknown(cmd, s, readers())
		base := s.For(readers())
		question := strings.Join(args, " ")
		answer := desk(base).Answer(cmd.Context(), bot.Question{Text: question})
		out := cmd.OutOrStdout()
		if *asJSON {
			return writeJSON(out, answerJSON(base, question, answer))
		}
		style := console.Style{Color: console.Colors(out), Width: console.Width(out), Full: *full}
		rendered := console.Render(answer, style)
		if !style.Color { // a program may read it
			rendered = text.Printable(rendered)
		}
		if *explain {
			var why strings.Builder
			explainTo(&why, base, question, answer.Match)
			rendered += text.Printable(why.String())
		}
		_, err = io.WriteString(out, rendered)
		return err
	}
	return cmd
}

func chatCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "chat",
		Short: "Talk with the desk at the terminal",
		Args:  cobra.NoArgs,
	}
	path, readers := knowledgeFlag(cmd), audienceFlag(cmd)
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		s, err := snapshot(path())
		if err != nil {
			return err
		}
		warnUnknown(cmd, s, readers())
		base := s.For(readers())
		c := &console.Console{
			In: cmd.InOrStdin(), Out: cmd.OutOrStdout(), Color: console.Colors(cmd.OutOrStdout()),
			Welcome: bot.Welcome(base.File.Organization.Name.Text),
		}
		return c.Run(cmd.Context(), desk(base))
	}
	return cmd
}

// askJSON is what ask --json prints.
type askJSON struct {
	Outcome     string           `json:"outcome"`
	Division    string           `json:"division"`
	Score       float64          `json:"score"`
	Text        string           `json:"text"`
	Suggestions []suggestionJSON `json:"suggestions"`
	Why         []knowledge.Term `json:"why"`
}

type suggestionJSON struct {
	Division string `json:"division"`
	Text     string `json:"text"`
}

func answerJSON(base *knowledge.Base, question string, a bot.Answer) askJSON {
	j := askJSON{
		Outcome: a.Outcome.String(), Division: a.Division, Text: a.Plain(),
		Suggestions: []suggestionJSON{}, Why: []knowledge.Term{},
	}
	if a.Outcome == bot.Suggested {
		for _, o := range a.Offers {
			text := o.Title
			if t := o.Text.Plain(); t != "" {
				text += ": " + t
			}
			j.Suggestions = append(j.Suggestions, suggestionJSON{o.Division, text})
		}
	}
	if len(a.Match.Candidates) > 0 {
		j.Score = round(a.Match.Chance)
		for _, t := range base.Explain(question).First.Words {
			t.Weight = round(t.Weight)
			j.Why = append(j.Why, t)
		}
	}
	return j
}

// round keeps four decimals: further ones differ between processors.
func round(x float64) float64 { return math.Round(x*1e4) / 1e4 }

// writeJSON writes one JSON object. Invisible characters are escaped, since people read
// it as well.
func writeJSON(w io.Writer, v any) error { return encodeJSON(w, v, "  ") }

// encodeJSON is writeJSON with an indent, or on one line if that is "".
func encodeJSON(w io.Writer, v any, indent string) error {
	var b bytes.Buffer
	enc := json.NewEncoder(&b)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", indent)
	if err := enc.Encode(v); err != nil {
		return err
	}
	var text strings.Builder
	for _, r := range b.String() {
		if r == '\n' || !unicode.In(r, unicode.Cc, unicode.Cf, unicode.Zl, unicode.Zp) {
			text.WriteRune(r)
			continue
		}
		for _, half := range utf16.Encode([]rune{r}) {
			fmt.Fprintf(&text, `\u%04x`, half)
		}
	}
	_, err := io.WriteString(w, text.String())
	return err
}

// explainTo explains an answer to whoever edits the file.
func explainTo(w io.Writer, base *knowledge.Base, question string, m knowledge.Match) {
	if len(m.Candidates) == 0 {
		return
	}
	first := m.Candidates[0]
	entries := base.Entries()
	fmt.Fprintf(w, "\nWhy\n")
	why := base.Explain(question)
	explainSum(w, entries[first.Division].Name.Text, why.First,
		func(word string) string { return base.Like(word, first.Division) })
	if len(why.Declined.Words) > 0 {
		name := "what nobody here handles"
		if why.Topic >= 0 {
			topic, _ := base.Declined(why.Topic)
			name = fmt.Sprintf("the declined topic %q", topic)
		}
		fmt.Fprintf(w, "\nWhy it might be declined\n")
		explainSum(w, name, why.Declined, func(string) string { return "" })
	}
	if near := m.Near; near.Division >= 0 {
		e := entries[near.Division]
		fmt.Fprintf(w, "\nA near miss of %s: %q\n", e.Name, e.Division.NotFor[near.Item].Text)
	}
	if len(m.Candidates) > 1 {
		second := m.Candidates[1]
		fmt.Fprintf(w, "\nRunner-up %s at %+.2f, margin %.2f\n",
			entries[second.Division].Name, second.Score, first.Score-second.Score)
	}
	fmt.Fprintf(w, "Confidence %.0f %%; the desk answers from %.0f %%\n", 100*m.Chance, 100*base.Threshold())
	if m.Doubt != "" {
		fmt.Fprintf(w, "Not answered, since %s\n", m.Doubt)
	}
	if m.Facet != knowledge.FacetHandles {
		fmt.Fprintf(w, "Asks for: %s\n", m.Facet)
	}
}

// explainSum prints what a score is made of. Like finds the word of the file that a word
// of the question is like, or "".
func explainSum(w io.Writer, name string, s knowledge.Sum, like func(word string) string) {
	fmt.Fprintf(w, "  %+.2f  %s, before any word (bias)\n", s.Bias, name)
	for _, t := range s.Words {
		meant := ""
		if t.Meant != "" {
			meant = " (taken for " + t.Meant + ")"
		} else if word := like(t.Term); word != "" {
			meant = fmt.Sprintf(" (like %q)", word)
		}
		fmt.Fprintf(w, "  %+.2f  %s%s\n", t.Weight, t.Term, meant)
	}
	fmt.Fprintf(w, "  %+.2f  in total\n", s.Score)
}
