package main

import (
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math"
	"math/bits"
	"net"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"frontdesk/adapters"
	"frontdesk/adapters/console"
	"frontdesk/adapters/discord"
	"frontdesk/adapters/slack"
	"frontdesk/config"
	"frontdesk/knowledge"

	"github.com/spf13/cobra"
)

func doctorCommand() *cobra.Command {
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Try everything that the settings name, and say what is wrong and what to do",
		Long: "Try every token, scope, permission, channel, the knowledge file, the store and the public\n" +
			"address, and say what is wrong and what to do about it. It asks only: nothing is\n" +
			"posted or registered, and a program that is running goes on as it was.",
		Args: cobra.NoArgs,
	}
	read := settingsFlags(cmd)
	asJSON := cmd.Flags().Bool("json", false, "print one JSON object")
	cmd.RunE = func(cmd *cobra.Command, _ []string) error {
		settings, err := read()
		if err != nil {
			return err
		}
		d := newDiagnosis(examine(cmd.Context(), settings))
		out := cmd.OutOrStdout()
		if *asJSON {
			err = writeJSON(out, d)
		} else {
			_, err = io.WriteString(out, d.text(console.Width(out), console.Colors(out)))
		}
		if err == nil && d.Wrong > 0 {
			err = errProblems
		}
		return err
	}
	return cmd
}

// The parts that are looked at besides the adapters.
const (
	partSettings = "settings"
	partPublic   = "public address"
	partPrivate  = "private address"
)

// examine looks at all parts at once, since most of the time is spent waiting.
func examine(ctx context.Context, c *config.Config) []adapters.Finding {
	quiet := slog.New(slog.DiscardHandler) // what it would say is found, with a remedy
	parts := []func() []adapters.Finding{
		func() []adapters.Finding { return examineSettings(c) },
		func() []adapters.Finding { return examineFile(c) },
		func() []adapters.Finding { return slack.Examine(ctx, slackSettings(c, nil), quiet) },
		func() []adapters.Finding { return discord.Examine(ctx, discordSettings(c, nil), c.PublicURL, quiet) },
		func() []adapters.Finding { return examinePublic(ctx, c) },
		func() []adapters.Finding { return examinePrivate(ctx, c) },
		func() []adapters.Finding { return examineStore(ctx, c) },
	}
	found := make([][]adapters.Finding, len(parts))
	var all sync.WaitGroup
	for i, part := range parts {
		all.Go(func() { found[i] = part() })
	}
	all.Wait()
	return slices.Concat(found...)
}

// examineSettings looks for what is missing.
func examineSettings(c *config.Config) []adapters.Finding {
	x := adapters.Examination{Part: partSettings}
	given := 0
	for _, v := range c.Effective() {
		if c.Given(v.Key) {
			given++
		}
	}
	if given == 0 {
		x.Well("no setting is given; frontdesk config shows the defaults")
	} else {
		x.Well("%s; frontdesk config shows where each comes from", plural(given, "setting is given", "settings are given"))
	}
	for _, w := range c.Warnings() {
		what, remedy, _ := strings.Cut(w, "; ")
		x.Doubtful(remedy, "%s", what)
	}
	if !c.Slack.Wanted() && !c.Discord.Wanted() {
		x.Doubtful("adapters/slack/README.md and adapters/discord/README.md say how to get tokens",
			"no chat platform is configured, so frontdesk run would serve the terminal")
	}
	if err := missing(c); err != nil {
		for line := range strings.Lines(err.Error()) {
			what, remedy, _ := strings.Cut(strings.TrimSpace(line), ": ")
			x.Wrong(remedy, "%s", what)
		}
	}
	return x.Findings
}

// examineFile reads the knowledge file.
func examineFile(c *config.Config) []adapters.Finding {
	x := adapters.Examination{Part: partKnowledge}
	name := cmp.Or(c.Knowledge, knowledge.ShippedName+" (shipped)")
	inputs, err := knowledge.Open(c.Knowledge)
	if err != nil {
		x.Wrong("check the path, which is --knowledge, FRONTDESK_KNOWLEDGE or knowledge in the settings", "%v", err)
		return x.Findings
	}
	e, problems := knowledge.NewSnapshot(inputs, knowledge.Fast)
	warnings := 0
	for _, p := range problems {
		if p.Warning {
			warnings++
			continue
		}
		x.Wrong("correct it; frontdesk check says what else is", "%s", p)
	}
	if e == nil {
		return x.Findings
	}
	x.Well("%s has %s, version %s", name, plural(len(e.File.Divisions), "division", "divisions"), e.Version)
	if warnings > 0 {
		x.Doubtful("frontdesk check lists them", "%s has %s", name, plural(warnings, "warning", "warnings"))
	}
	for _, audience := range e.File.Audiences() {
		if _, ok := c.Audiences[audience]; !ok {
			x.Doubtful("say under audiences in the settings who they are",
				"the file has entries for the audience %s, and nobody belongs to it", audience)
		}
	}
	if n := len(e.File.Audiences()); n >= bits.Len(knowledge.MostViews) {
		x.Doubtful(
			"use fewer audiences, or ignore this if hardly anybody belongs to several of them",
			"the file has %d audiences; if more than %d combinations of them ask, the views of some are made again and again",
			n,
			knowledge.MostViews,
		)
	}
	isCanary := func(d knowledge.Division) bool { return d.ID.Text == c.Canary.Division }
	if c.Canary.Division != "" && !slices.ContainsFunc(e.File.Divisions, isCanary) {
		x.Wrong("set canary.division to the id of a division in the file",
			"the canary question should be answered with %s, and there is no such division", c.Canary.Division)
	}
	return x.Findings
}

// examinePrivate looks whether the private address is free, or is the running
// program's.
func examinePrivate(ctx context.Context, c *config.Config) []adapters.Finding {
	x := adapters.Examination{Part: partPrivate}
	if c.PrivateAddr == config.Off {
		x.Well("it is off")
		return x.Findings
	}
	body, _, err := ask(ctx, c.PrivateAddr, pathReady)
	if err == nil {
		var r readiness
		if json.Unmarshal([]byte(body), &r) == nil && r.Program != "" {
			if r.Status == statusReady {
				x.Well("a frontdesk that runs at %s says that it is ready", c.PrivateAddr)
			} else {
				x.Doubtful("frontdesk health --ready says how each part is doing",
					"a frontdesk that runs at %s says that it is %s", c.PrivateAddr, r.Status)
			}
			x.Findings = append(x.Findings, examineRefused(ctx, c)...)
			return x.Findings
		}
	}
	const otherAddr = "set FRONTDESK_PRIVATE_ADDR to another address, or to off"
	l, err := net.Listen("tcp", c.PrivateAddr)
	switch {
	case err == nil:
		_ = l.Close() // it was only to be tried
		x.Well("%s is free for frontdesk run", c.PrivateAddr)
	case c.Given("private_addr"):
		x.Wrong(otherAddr, "frontdesk run could not listen at %s: %v", c.PrivateAddr, reason(err))
	default:
		x.Doubtful(
			otherAddr,
			"frontdesk run would have no health and no metrics at %s: %v",
			c.PrivateAddr,
			reason(err),
		)
	}
	return x.Findings
}

// examineRefused looks whether the running program has refused requests as a
// wrong secret would make it.
func examineRefused(ctx context.Context, c *config.Config) []adapters.Finding {
	x := adapters.Examination{Part: partPrivate}
	body, _, err := ask(ctx, c.PrivateAddr, pathMetrics)
	if err != nil {
		return nil // it has ended meanwhile
	}
	for _, p := range []struct{ adapter, setting string }{
		{"slack", "SLACK_SIGNING_SECRET"}, {"discord", "DISCORD_PUBLIC_KEY"},
	} {
		line := fmt.Sprintf("\n%s{adapter=%q,reason=%q} ", refusedName, p.adapter, adapters.Signature)
		_, rest, _ := strings.Cut(body, line)
		text, _, _ := strings.Cut(rest, "\n")
		if n, err := strconv.ParseFloat(text, 64); err == nil && n > 0 {
			x.Doubtful("if nothing that "+p.adapter+" sends is answered, copy "+p.setting+
				" anew from the app's page; else strangers have sent them",
				"since it started, it has refused %s to %s for a wrong signature",
				plural(int(n), "request", "requests"), p.adapter)
		}
	}
	return x.Findings
}

// diagnosis is what doctor prints, with --json as JSON.
type diagnosis struct {
	Findings []adapters.Finding `json:"findings"`
	Wrong    int                `json:"wrong"`
	Doubtful int                `json:"doubtful"`
}

func newDiagnosis(found []adapters.Finding) diagnosis {
	d := diagnosis{Findings: append([]adapters.Finding{}, found...)} // [] in JSON, not null
	for _, f := range found {
		switch f.Grade {
		case adapters.Wrong:
			d.Wrong++
		case adapters.Doubtful:
			d.Doubtful++
		case adapters.Well, adapters.Unknown:
		}
	}
	return d
}

// text is the diagnosis by parts, with lines of at most so many columns; 0 for
// as long as they are.
func (d *diagnosis) text(width int, color bool) string {
	const indent, label = 2, 10
	var b strings.Builder
	part := ""
	for _, f := range d.Findings {
		if f.Part != part {
			if part != "" {
				b.WriteByte('\n')
			}
			part = f.Part
			b.WriteString(strings.ToUpper(part[:1]) + part[1:] + "\n")
		}
		fmt.Fprintf(&b, "%*s%s", indent, "", paint(f.Grade, fmt.Sprintf("%-*s", label, f.Grade), color))
		hang(&b, f.What, width, indent+label)
		if f.Remedy != "" {
			fmt.Fprintf(&b, "%*s→ ", indent+label, "")
			hang(&b, f.Remedy, width, indent+label+2)
		}
	}
	b.WriteByte('\n')
	hang(&b, d.summary(), width, 0)
	return b.String()
}

func (d *diagnosis) summary() string {
	verb := func(n int, what string) string { return plural(n, "is ", "are ") + what }
	wrong := plural(d.Wrong, "thing is wrong", "things are wrong")
	switch {
	case d.Wrong > 0 && d.Doubtful > 0:
		return wrong + ", " + verb(d.Doubtful, "doubtful") + "."
	case d.Wrong > 0:
		return wrong + "."
	case d.Doubtful > 0:
		return plural(d.Doubtful, "thing is doubtful", "things are doubtful") + "; nothing is wrong."
	}
	return "All is well."
}

// paint colors the word for a grade.
func paint(g adapters.Grade, text string, color bool) string {
	colors := map[adapters.Grade]string{
		adapters.Well:     "32",
		adapters.Unknown:  "2",
		adapters.Doubtful: "33",
		adapters.Wrong:    "1;31",
	}
	if !color {
		return text
	}
	return "\x1b[" + colors[g] + "m" + text + "\x1b[0m"
}

// hang writes a text that begins at a column, and further lines below it.
func hang(b *strings.Builder, text string, width, column int) {
	visible := func(r rune) rune { // names and messages are the platforms'
		if unicode.IsControl(r) || unicode.Is(unicode.Cf, r) {
			return ' '
		}
		return r
	}
	room := math.MaxInt
	if width > 0 {
		room = width - column
	}
	lines := console.Wrap(strings.Map(visible, text), room)
	b.WriteString(strings.Join(lines, "\n"+strings.Repeat(" ", column)) + "\n")
}
