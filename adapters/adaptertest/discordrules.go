package adaptertest

import (
	"encoding/json"
	"fmt"
	"regexp"
)

// CheckMessage lists what Discord would refuse in a message, by
// discord.com/developers/docs/resources/message and components/reference, and
// the mentions in it.
func CheckMessage(data []byte) []string {
	c := checker{}
	var m map[string]any
	if err := json.Unmarshal(data, &m); err != nil {
		return []string{"a message that is no object: " + err.Error()}
	}
	c.length("content", str(m["content"]), 0, 2000)
	embeds, rows := list(m["embeds"]), list(m["components"])
	if str(m["content"]) == "" && len(embeds) == 0 {
		c.wrong("an empty message")
	}
	c.count("embeds", len(embeds), 0, 10)
	total := 0
	for _, e := range embeds {
		total += c.embed(e)
	}
	if total > 6000 {
		c.wrong("embeds of %d characters", total)
	}
	c.count("rows", len(rows), 0, 5)
	ids := map[string]bool{}
	for _, r := range rows {
		c.row(r, ids)
	}
	calls := object(m["allowed_mentions"])
	if parse, ok := calls["parse"].([]any); !ok || len(parse) != 0 || calls["users"] != nil || calls["roles"] != nil ||
		calls["replied_user"] == true {
		c.wrong("allowed_mentions is %v", m["allowed_mentions"])
	}
	return c
}

func (c *checker) embed(e map[string]any) int {
	total := 0
	text := func(what string, v any, least, most int) {
		c.length(what, str(v), least, most)
		total += len([]rune(str(v)))
	}
	text("title", e["title"], 0, 256)
	text("description", e["description"], 0, 4096)
	fields := list(e["fields"])
	c.count("fields", len(fields), 0, 25)
	for _, f := range fields {
		text("field name", f["name"], 1, 256)
		text("field value", f["value"], 1, 1024)
	}
	if footer := object(e["footer"]); footer != nil {
		text("footer", footer["text"], 1, 2048)
	}
	if u := str(e["url"]); u != "" && !httpAddress.MatchString(u) {
		c.wrong("a link to %q", u)
	}
	if total == 0 {
		c.wrong("an empty embed")
	}
	return total
}

var httpAddress = regexp.MustCompile(`^https?://\S+$`)

func (c *checker) row(r map[string]any, ids map[string]bool) {
	if r["type"] != 1.0 {
		c.wrong("a row of the type %v", r["type"])
	}
	parts := list(r["components"])
	c.count("parts of a row", len(parts), 1, 5)
	for _, p := range parts {
		id := str(p["custom_id"])
		c.length("custom_id", id, 1, 100)
		if ids[id] {
			c.wrong("two components have the custom_id %s", id)
		}
		ids[id] = true
		switch p["type"] {
		case 2.0:
			c.length("label", str(p["label"]), 0, 80)
			if str(p["label"]) == "" && p["emoji"] == nil {
				c.wrong("a button with nothing on it")
			}
			if style, _ := p["style"].(float64); style < 1 || style > 4 {
				c.wrong("a button of the style %v", p["style"])
			}
		case 3.0:
			if len(parts) != 1 {
				c.wrong("a menu that is not alone in its row")
			}
			c.length("placeholder", str(p["placeholder"]), 0, 150)
			options := list(p["options"])
			c.count("options", len(options), 1, 25)
			values := map[string]bool{}
			for _, o := range options {
				c.length("option label", str(o["label"]), 1, 100)
				c.length("option value", str(o["value"]), 1, 100)
				if values[str(o["value"])] {
					c.wrong("two options have the value %s", o["value"])
				}
				values[str(o["value"])] = true
			}
		default:
			c.wrong("a component of the type %v", p["type"])
		}
	}
}

// CheckReply decodes a response to an interaction and lists what Discord would
// refuse in it.
func CheckReply(data []byte) (DiscordReply, []string) {
	var r struct {
		Type int             `json:"type"`
		Data json.RawMessage `json:"data"`
	}
	if err := json.Unmarshal(data, &r); err != nil {
		return DiscordReply{}, []string{"an answer that is no object: " + err.Error()}
	}
	c := checker{}
	switch r.Type {
	case 1, 5, 6:
	case 4, 7:
		c = CheckMessage(r.Data)
	case 8:
		var d struct {
			Choices []map[string]any `json:"choices"`
		}
		if json.Unmarshal(r.Data, &d) != nil || d.Choices == nil {
			c.wrong("autocomplete without choices: %s", r.Data)
		}
		c.count("choices", len(d.Choices), 0, 25)
		for _, choice := range d.Choices {
			c.length("choice name", str(choice["name"]), 1, 100)
			c.length("choice value", str(choice["value"]), 1, 100)
		}
	case 9:
		c = CheckForm(r.Data)
	default:
		c.wrong("an answer of the type %d", r.Type)
	}
	return DiscordReply{r.Type, string(r.Data)}, c
}

var commandName = regexp.MustCompile(`^[-_a-z0-9]{1,32}$`)

// CheckCommands lists what Discord would refuse in a list of commands.
func CheckCommands(data []byte) []string {
	var all []map[string]any
	if err := json.Unmarshal(data, &all); err != nil {
		return []string{"commands that are no list: " + err.Error()}
	}
	c := checker{}
	for _, cmd := range all {
		name := str(cmd["name"])
		if cmd["type"] == 1.0 {
			if !commandName.MatchString(name) {
				c.wrong("a command named %q", name)
			}
			c.length("description", str(cmd["description"]), 1, 100)
		} else {
			c.length("name", name, 1, 32)
			if str(cmd["description"]) != "" {
				c.wrong("a command in a menu with a description")
			}
		}
		for _, o := range list(cmd["options"]) {
			if !commandName.MatchString(str(o["name"])) {
				c.wrong("an option named %q", o["name"])
			}
			c.length(fmt.Sprintf("description of %s", o["name"]), str(o["description"]), 1, 100)
		}
	}
	return c
}
