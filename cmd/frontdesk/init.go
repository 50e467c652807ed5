package main

import (
	"bufio"
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strings"
	"time"

	"frontdesk/knowledge"
	"frontdesk/knowledge/draft"
	"frontdesk/knowledge/text"

	"github.com/spf13/cobra"
)

// draftName is the file that init writes if no other is named.
const draftName = "knowledge.yaml"

func initCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "init",
		Short: "Write a first knowledge file, from a table, a web page or a few questions",
		Long: "Write a first knowledge file: from a table (CSV), a web page (HTML) or a Markdown\n" +
			"page that is named with --from, or else from a few questions. No file is changed.",
		Example: "  frontdesk init --from departments.csv\n" +
			"  frontdesk init --from departments.csv --column \"Head of unit=lead\" --column \"Budget=-\"\n" +
			"  frontdesk init --from page.html --output acme.yaml",
		Args: cobra.NoArgs,
	}
	flags := cmd.Flags()
	from := flags.String("from", "", "the table or page `file` to read: .csv, .html or .md")
	output := flags.StringP("output", "o", draftName, "the `file` to write; - prints it")
	columns := flags.StringArray("column", nil, "what a column of the table stands for, as `name=role`: "+
		roleList()+"; may be repeated; - leaves the column out")
	level := flags.Int("level", 0, "the `level` of the headings that name divisions, such as 2 (default: found)")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		out := cmd.OutOrStdout()
		if *output == "-" {
			out = cmd.ErrOrStderr()
		} else if err := vacant(*output); err != nil {
			return err
		}
		var d *draft.Draft
		var err error
		if *from != "" {
			d, err = readDraft(*from, *columns, *level)
		} else {
			d, err = askDraft(cmd.Context(), cmd.InOrStdin(), out)
		}
		if err != nil {
			return err
		}
		data := draft.YAML(&d.File)
		base, problems := knowledge.Load([]knowledge.Input{{Name: *output, Data: data}})
		if err := problems.Err(); err != nil {
			return fmt.Errorf("no file is written, since it would have errors:\n%w", err)
		}
		if err := cmd.Context().Err(); err != nil {
			return errStopped
		}
		if *output == "-" {
			if _, err := cmd.OutOrStdout().Write(data); err != nil {
				return err
			}
		} else if err := writeDraft(*output, data); err != nil {
			return err
		}
		return say(out, draftReport(d, base, problems, *output))
	}
	return cmd
}

// errStopped ends init after Ctrl-C.
var errStopped = errors.New("stopped; no file is written")

func roleList() string {
	var names []string
	for _, r := range draft.Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// vacant reports a file that exists already.
func vacant(name string) error {
	if _, err := os.Lstat(name); err == nil {
		return fmt.Errorf("%s exists already and is not changed; name another file with --output, or - to print it", name)
	}
	return nil
}

// readDraft makes a draft of a file.
func readDraft(name string, columns []string, level int) (*draft.Draft, error) {
	o := draft.Options{Columns: map[string]string{}, Level: level, Seen: time.Now().Format(time.DateOnly)}
	for _, c := range columns {
		at := strings.LastIndex(c, "=")
		if at < 1 {
			return nil, fmt.Errorf("--column %s: must be name=role, such as \"Head of unit=lead\"", c)
		}
		o.Columns[strings.TrimSpace(c[:at])] = strings.TrimSpace(c[at+1:])
	}
	if level < 0 || level > 6 {
		return nil, fmt.Errorf("--level %d: must be from 1 to 6", level)
	}
	if info, err := os.Stat(name); err == nil && info.IsDir() {
		return nil, fmt.Errorf("%s is a folder; name one file", name)
	}
	inputs, err := knowledge.Open(name)
	if err != nil {
		return nil, err
	}
	d, err := draft.Read(name, inputs[0].Data, o)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return d, nil
}

// writeDraft writes a file and the schema beside it, each whole or not at all.
func writeDraft(name string, data []byte) error {
	schema := filepath.Join(filepath.Dir(name), draft.SchemaName)
	if err := writeNew(schema, knowledge.Schema()); err != nil && !errors.Is(err, os.ErrExist) {
		return err
	}
	return writeNew(name, data)
}

// writeNew writes a new file. Nobody sees a part of it: it is written under another name, and
// a link gives it its own, which fails where a file has that name.
func writeNew(name string, data []byte) error {
	f, err := os.CreateTemp(filepath.Dir(name), ".frontdesk-*")
	if err != nil {
		return err
	}
	defer func() { _ = os.Remove(f.Name()) }() // its link stays
	_, err = f.Write(data)
	err = errors.Join(err, f.Chmod(0o644), f.Sync(), f.Close())
	if err != nil {
		return err
	}
	err = os.Link(f.Name(), name)
	if err == nil || errors.Is(err, os.ErrExist) {
		if err != nil {
			err = fmt.Errorf("%s is not changed: %w", name, os.ErrExist)
		}
		return err
	}
	return createNew(name, data) // the file system has no links
}

func createNew(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644) // #nosec G302 G304 -- the operator names it
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name) // a part of a file is of no use
	}
	return err
}

// draftReport says how the source was read, what was not used, and what to do next.
func draftReport(d *draft.Draft, base *knowledge.Base, problems knowledge.Problems, name string) string {
	var out strings.Builder
	for _, n := range d.Notes {
		out.WriteString(n + "\n")
	}
	if name != "-" {
		fmt.Fprintf(&out, "Wrote %s with %s. Editors check it with %s beside it.\n", name,
			plural(len(base.Entries()), "division", "divisions"), draft.SchemaName)
	}
	writeUnused(&out, d.Unused)
	writeNext(&out, base, problems)
	if name == "-" {
		return out.String()
	}
	fmt.Fprintf(&out, "\nTry it:\n  frontdesk ask -k %s \"%s\"\n", argument(name), exampleQuestion(base))
	return out.String()
}

// argument is a name as a shell reads it.
func argument(name string) string {
	if strings.ContainsAny(name, " \t'\"$`\\&;|<>()*?[]#~") {
		return "'" + strings.ReplaceAll(name, "'", `'\''`) + "'"
	}
	return name
}

const unusedShown = 20 // texts

func writeUnused(out *strings.Builder, unused []string) {
	if len(unused) == 0 {
		return
	}
	out.WriteString("Not used:\n")
	for _, u := range unused[:min(len(unused), unusedShown)] {
		out.WriteString("  " + u + "\n")
	}
	if more := len(unused) - unusedShown; more > 0 {
		fmt.Fprintf(out, "  … and %d more\n", more)
	}
}

// writeNext advises what to add, the most useful first.
func writeNext(out *strings.Builder, base *knowledge.Base, problems knowledge.Problems) {
	var nothing, few, unreachable []string
	for _, t := range thinDivisions(base) {
		if t.items == 0 && t.questions == 0 {
			nothing = append(nothing, t.id)
		} else {
			few = append(few, t.id)
		}
	}
	for _, e := range base.Entries() {
		if c := e.Contact; c.Email.Text+c.Phone.Text+c.URL.Text+c.Slack.Text+c.Discord.Text == "" {
			unreachable = append(unreachable, e.ID.Text)
		}
	}
	var steps []string
	advise := func(ids []string, advice string) {
		if len(ids) > 0 {
			steps = append(steps, advice+":\n    "+some(ids))
		}
	}
	advise(nothing, "What these divisions handle, under handles, with the words people use as keywords")
	advise(few, "Ten keywords for each responsibility, or three example questions, for these")
	advise(unreachable, "How to reach these, under contact")
	if len(base.File.Declines) == 0 {
		steps = append(steps, "What people ask for by mistake, under declines")
	}
	if len(steps) > 0 {
		out.WriteString("\nWhat to add next, the most useful first:\n")
		for _, s := range steps {
			out.WriteString("  - " + s + "\n")
		}
	}
	if _, warnings := problems.Count(); warnings > 0 {
		fmt.Fprintf(out, "\n%s:\n", plural(warnings, "warning", "warnings"))
		for _, p := range problems[:min(len(problems), thinShown)] {
			fmt.Fprintf(out, "  %s\n", p)
		}
		if more := warnings - thinShown; more > 0 {
			fmt.Fprintf(out, "  … and %d more; frontdesk check lists them\n", more)
		}
	}
}

// some lists the first few ids.
func some(ids []string) string {
	s := strings.Join(ids[:min(len(ids), thinShown)], ", ")
	if more := len(ids) - thinShown; more > 0 {
		s += fmt.Sprintf(", … and %d more", more)
	}
	return s
}

// exampleQuestion is a question that the file answers: with the words of one of its
// responsibilities, or of its example questions.
func exampleQuestion(base *knowledge.Base) string {
	const most, longest = 200, 50 // questions that are tried; characters, so that it fits on a line
	first := ""
	tried := 0
	for round := range 3 { // topics, then keywords, then names
		for i, e := range base.Entries() {
			for _, words := range exampleWords(e, round) {
				q := "who handles " + lowered(words) + "?"
				if strings.ContainsAny(q, "\"$`\\!\n") || text.Length(q) > longest || tried == most || e.Private {
					continue
				}
				if tried++; first == "" {
					first = q
				}
				m := base.Match(q)
				if m.Verdict == knowledge.Sure && len(m.Candidates) > 0 && m.Candidates[0].Division == i {
					return q
				}
			}
		}
	}
	return cmp.Or(first, "who can help me?")
}

func exampleWords(e knowledge.Entry, round int) (words []string) {
	switch round {
	case 0:
		for _, h := range e.Handles {
			if h.Title != "" {
				words = append(words, h.Title)
			}
		}
	case 1:
		for _, h := range e.Division.Handles {
			for _, k := range h.Keywords[:min(len(h.Keywords), 1)] {
				words = append(words, k.Text)
			}
		}
	default:
		words = []string{e.Name.Text}
	}
	return words
}

// lowered is a topic within a sentence: with a small letter, unless it begins with a name in
// capitals.
func lowered(s string) string {
	first, rest, _ := strings.Cut(s, " ")
	if first != strings.ToUpper(first) {
		first = strings.ToLower(first[:1]) + first[1:]
	}
	return strings.TrimSuffix(first+" "+rest, " ")
}

// askDraft asks for the divisions of an organization. Without an answer to the first question
// it makes a sample.
func askDraft(ctx context.Context, in io.Reader, out io.Writer) (*draft.Draft, error) {
	lines := linesOf(ctx, in)
	ask := func(prompt string) (string, bool) {
		_, _ = fmt.Fprint(out, prompt) // an answer is still read
		select {
		case <-ctx.Done():
			return "", false
		case l, ok := <-lines:
			return strings.TrimSpace(l), ok
		}
	}
	d, err := draft.Ask(ask)
	if ctx.Err() != nil {
		return nil, errStopped
	}
	return d, err
}

// linesOf are the lines of a reader, until its end or until the context ends.
func linesOf(ctx context.Context, in io.Reader) <-chan string {
	lines := make(chan string)
	go func() { // ends with the program at the latest, as reading a terminal cannot be stopped
		defer close(lines)
		s := bufio.NewScanner(in)
		for s.Scan() {
			select {
			case lines <- s.Text():
			case <-ctx.Done():
				return
			}
		}
	}()
	return lines
}
