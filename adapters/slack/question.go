package slack

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"unicode"
)

// attachment is an attachment of a message; a forwarded message is one, and so is the
// preview of a link to a message.
type attachment struct {
	IsShare     bool            `json:"is_share"`
	IsMsgUnfurl bool            `json:"is_msg_unfurl"`
	FromURL     string          `json:"from_url"`
	Text        string          `json:"text"`
	Messages    json.RawMessage `json:"message_blocks"`
}

// question returns what a message asks, without markup: its own words and then those of
// the messages that it forwards or links to.
func (m said) question(self string) string {
	words := m.Text
	var parts []string
	for _, a := range m.Attachments {
		if !a.IsShare && !a.IsMsgUnfurl {
			continue
		}
		if a.FromURL != "" { // the link that is previewed says nothing itself
			words = strings.ReplaceAll(words, "<"+escape(a.FromURL)+">", "")
		}
		parts = append(parts, plainText(first(a.Text, a.richText()), self))
	}
	parts = append([]string{plainText(words, self)}, parts...)
	return strings.Join(slices.DeleteFunc(parts, func(s string) bool { return s == "" }), "\n")
}

// richText returns the text in the blocks of a forwarded message.
func (a attachment) richText() string {
	var messages []struct {
		Message struct {
			Blocks []element `json:"blocks"`
		} `json:"message"`
	}
	_ = json.Unmarshal(a.Messages, &messages) // blocks of another form have no text for us
	var b strings.Builder
	for _, m := range messages {
		for _, e := range m.Message.Blocks {
			e.write(&b)
		}
	}
	return escape(b.String())
}

// element is a block or a part of one
// (docs.slack.dev/reference/block-kit/blocks/rich-text-block).
type element struct {
	Type     string          `json:"type"`
	Text     json.RawMessage `json:"text"`  // a string in rich text
	Style    json.RawMessage `json:"style"` // an object, but for a list
	UserID   string          `json:"user_id"`
	Elements []element       `json:"elements"`
}

// write writes the text of an element, each paragraph in a line.
func (e element) write(b *strings.Builder) {
	var text string
	_ = json.Unmarshal(e.Text, &text) // an object in other blocks than rich text
	b.WriteString(text)
	for _, inner := range e.Elements {
		inner.write(b)
	}
	if len(e.Elements) > 0 {
		b.WriteByte('\n')
	}
}

// mentions reports whether an element mentions a person in code or in a quote, and whether
// it does so elsewhere.
func (e element) mentions(person string, quoted bool) (inside, outside bool) {
	var style struct{ Code bool }
	_ = json.Unmarshal(e.Style, &style)
	quoted = quoted || style.Code || e.Type == "rich_text_quote" || e.Type == "rich_text_preformatted"
	if e.Type == "user" && e.UserID == person {
		return quoted, !quoted
	}
	for _, inner := range e.Elements {
		in, out := inner.mentions(person, quoted)
		inside, outside = inside || in, outside || out
	}
	return inside, outside
}

var (
	// codeText matches code in a message's text.
	codeText = regexp.MustCompile("(?s)```.*?```|`[^`\n]+`")
	// quotedText matches a quoted line, and everything from one that begins with >>>.
	quotedText = regexp.MustCompile(`(?ms)^\s*&gt;&gt;&gt;.*\z|^[ \t]*&gt;[^\n]*$`)
)

// addressed reports whether a message that mentions the bot is meant for it. A mention in
// code or in a quote only talks about the bot.
func (m said) addressed(self string) bool {
	var blocks []element
	if json.Unmarshal(m.Blocks, &blocks) == nil {
		inside, outside := element{Elements: blocks}.mentions(self, false)
		if inside || outside {
			return outside
		}
	}
	mentioned := func(text string) bool {
		return strings.Contains(text, "<@"+self+">") || strings.Contains(text, "<@"+self+"|")
	}
	return !mentioned(m.Text) || mentioned(quotedText.ReplaceAllString(codeText.ReplaceAllString(m.Text, ""), ""))
}

// emoji matches the name of an emoji.
var emoji = regexp.MustCompile(`:[a-z0-9_+'-]+:`)

// bare reports whether a text has no words, such as ^^ or ?.
func bare(text string) bool {
	return !strings.ContainsFunc(emoji.ReplaceAllString(text, ""), func(r rune) bool {
		return unicode.IsLetter(r) || unicode.IsDigit(r)
	})
}
