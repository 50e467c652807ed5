package discord

import "strings"

// content is what a message says: typed, forwarded, in embeds or as a poll
// (discord.com/developers/docs/resources/message#message-object).
type content struct {
	Typed  string  `json:"content"`
	Embeds []embed `json:"embeds"`
	Poll   poll    `json:"poll"`
}

// embed is the part of an embed that people read as its text
// (discord.com/developers/docs/resources/message#embed-object).
type embed struct {
	Title       string `json:"title"`
	Description string `json:"description"`
	Fields      []struct {
		Name  string `json:"name"`
		Value string `json:"value"`
	} `json:"fields"`
}

// poll is a poll (discord.com/developers/docs/resources/poll#poll-object).
type poll struct {
	Question pollMedia `json:"question"`
	Answers  []struct {
		Media pollMedia `json:"poll_media"`
	} `json:"answers"`
}

type pollMedia struct {
	Text string `json:"text"`
}

// snapshot is a forwarded message as it was when it was forwarded
// (discord.com/developers/docs/resources/message#message-snapshot-object).
type snapshot struct {
	Message content `json:"message"`
}

// text is what a message says, without markup. Embeds and polls count if nothing is typed:
// beside a typed text, an embed is the preview of a link in it.
func (c content) text() string {
	if typed := plainText(c.Typed); typed != "" {
		return typed
	}
	var parts []string
	for _, e := range c.Embeds {
		parts = append(parts, e.Title, e.Description)
		for _, f := range e.Fields {
			parts = append(parts, f.Name, f.Value)
		}
	}
	parts = append(parts, c.Poll.Question.Text)
	for _, a := range c.Poll.Answers {
		parts = append(parts, a.Media.Text)
	}
	return joined(parts)
}

// text is what a message says, and below it what it forwards.
func (m said) text() string {
	parts := []string{m.content.text()}
	for _, s := range m.Snapshots {
		parts = append(parts, s.Message.text())
	}
	return joined(parts)
}

// joined has each part that says something on a line of its own, without markup.
func joined(parts []string) string {
	var lines []string
	for _, p := range parts {
		if p = plainText(p); p != "" {
			lines = append(lines, p)
		}
	}
	return strings.Join(lines, "\n")
}
