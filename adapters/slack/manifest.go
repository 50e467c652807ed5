package slack

import (
	_ "embed"
	"strconv"
	"strings"

	"frontdesk/bot"
)

// Path is the path of the HTTP transport.
const Path = "/slack/events"

// In the template, a line that begins with a question mark is for one feature.
//
//go:embed manifest.yaml.in
var manifestTemplate string

// Manifest returns the app manifest as YAML, with only the scopes and events that the
// features need (docs.slack.dev/reference/app-manifest). If publicURL is "", the app uses
// Socket Mode; else Slack sends requests to [Path] below publicURL.
func Manifest(f Features, publicURL string) string {
	http := publicURL != ""
	on := map[string]bool{"http": http, "assistant": f.Assistant, "deletions": f.Deletions, "members": f.Members}
	fill := strings.NewReplacer(
		"{command}", f.Command,
		"{address}", strings.TrimRight(publicURL, "/")+Path,
		"{shortcut}", bot.LabelAskDesk,
		"{shortcut_id}", shortcutID,
		"{socket}", strconv.FormatBool(!http),
	)
	var b strings.Builder
	for line := range strings.Lines(manifestTemplate) {
		if rest, ok := strings.CutPrefix(line, "?"); ok {
			feature, text, _ := strings.Cut(rest, " ")
			if !on[feature] {
				continue
			}
			line = text
		}
		b.WriteString(fill.Replace(line))
	}
	return b.String()
}
