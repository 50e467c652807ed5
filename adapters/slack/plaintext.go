package slack

import (
	"regexp"
	"strings"
)

// angle matches Slack's markup for mentions, links and dates
// (docs.slack.dev/messaging/formatting-message-text#retrieving-messages).
// Angle brackets that people type arrive escaped.
var angle = regexp.MustCompile(`<([^<>]*)>`)

var unescape = strings.NewReplacer("&lt;", "<", "&gt;", ">", "&amp;", "&")

// plainText removes Slack's markup from a text: mentions of the bot and of everybody are
// dropped, links become their labels.
func plainText(text, self string) string {
	if strings.Contains(text, "<") {
		text = angle.ReplaceAllStringFunc(text, func(s string) string {
			inner := s[1 : len(s)-1]
			target, label, labelled := strings.Cut(inner, "|")
			switch {
			case target == "@"+self, target == "":
				return ""
			case strings.HasPrefix(target, "!date^"), strings.HasPrefix(target, "#") && labelled:
				return label
			case strings.HasPrefix(target, "@"), strings.HasPrefix(target, "!"), strings.HasPrefix(target, "#"):
				return strings.TrimPrefix(label, "@") // without a label the name is unknown
			case labelled:
				return label
			}
			return strings.TrimPrefix(target, "mailto:")
		})
	}
	return strings.TrimSpace(unescape.Replace(text))
}
