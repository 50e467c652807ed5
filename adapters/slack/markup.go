package slack

import (
	"regexp"
	"strings"

	"frontdesk/adapters"

	"github.com/slack-go/slack"
)

// plain returns a text object that Slack does not parse.
func plain(s string) *slack.TextBlockObject {
	if strings.TrimSpace(s) == "" {
		s = "–" // Slack refuses an empty text
	}
	return slack.NewTextBlockObject(slack.PlainTextType, s, false, false)
}

// markup returns a text object in Slack's markup, in which Slack does not detect names
// and links.
func markup(s string) *slack.TextBlockObject {
	return slack.NewTextBlockObject(slack.MarkdownType, s, false, true)
}

// pair returns a label in bold and a text, which becomes a link if it is an address. If
// Slack would read markup in them, both are plain text.
func pair(label, text, between string) *slack.TextBlockObject {
	label, text = strings.TrimSpace(label), strings.TrimSpace(text)
	if text == "" {
		between = ""
	}
	body := ""
	switch {
	case isMail(text):
		body = linked("mailto:"+text, text)
	case webAddress(text) == text && text != "":
		body = linked(text, text)
	case active(text):
		return plain(label + between + text)
	default:
		body = escape(text)
	}
	if active(label) || label == "" {
		return plain(label + between + text)
	}
	return markup("*" + escape(label) + "*" + between + body)
}

// active reports whether Slack would read markup in s, which cannot be escaped.
func active(s string) bool {
	return strings.ContainsAny(s, "*_~`\n|") || strings.HasPrefix(strings.TrimSpace(s), ">") || emojiName.MatchString(s)
}

var emojiName = regexp.MustCompile(`:[A-Za-z0-9_+'-]+:`)

var mailAddress = regexp.MustCompile(`^[A-Za-z0-9._%+-]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$`)

func isMail(s string) bool { return mailAddress.MatchString(s) }

// webAddress returns s if it is a web address, else "".
func webAddress(s string) string { return adapters.WebAddress(s, maxSection) }

// linked returns a link in Slack's markup.
func linked(address, label string) string {
	if label == address {
		return "<" + escape(address) + ">"
	}
	return "<" + escape(address) + "|" + strings.ReplaceAll(escape(label), "|", "¦") + ">"
}

var escaper = strings.NewReplacer("&", "&amp;", "<", "&lt;", ">", "&gt;")

// escape escapes the characters of mentions and links.
func escape(s string) string { return escaper.Replace(s) }
