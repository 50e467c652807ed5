package adaptertest

import (
	"encoding/json"
	"fmt"
	"regexp"
	"slices"
	"unicode/utf16"
)

// CheckBlocks lists what Slack would refuse in a list of blocks, by the pages
// below docs.slack.dev/reference/block-kit, and the mentions in it.
func CheckBlocks(data []byte, most int) []string {
	var blocks []map[string]any
	if err := json.Unmarshal(data, &blocks); err != nil {
		return []string{"blocks that are no list of objects: " + err.Error()}
	}
	c := checker{}
	c.count("blocks", len(blocks), 1, most)
	ids := map[string]bool{}
	for _, b := range blocks {
		if id, ok := b["block_id"].(string); ok {
			c.length("block_id", id, 1, 255)
			if ids[id] {
				c.wrong("two blocks have the id %s", id)
			}
			ids[id] = true
		}
		c.block(b)
	}
	return c
}

// CheckView lists what Slack would refuse in a view, by the pages below
// docs.slack.dev/reference/views.
func CheckView(data []byte) []string {
	var v map[string]any
	if err := json.Unmarshal(data, &v); err != nil {
		return []string{"a view that is no object: " + err.Error()}
	}
	blocks, err := json.Marshal(v["blocks"])
	if err != nil {
		return []string{err.Error()}
	}
	c := checker(CheckBlocks(blocks, 100))
	c.length("callback_id", str(v["callback_id"]), 0, 255)
	c.length("private_metadata", str(v["private_metadata"]), 0, 3000)
	if v["type"] != "modal" {
		return c
	}
	for _, key := range []string{"title", "submit", "close"} {
		if v[key] != nil || key == "title" {
			c.text(key, v[key], "plain_text", 24)
		}
	}
	if v["submit"] == nil && slices.ContainsFunc(list(v["blocks"]), func(b map[string]any) bool {
		return b["type"] == "input" && b["dispatch_action"] != true
	}) {
		c.wrong("a modal with fields has no submit")
	}
	return c
}

type checker []string

func (c *checker) wrong(format string, args ...any) { *c = append(*c, fmt.Sprintf(format, args...)) }

func (c *checker) count(what string, n, least, most int) {
	if n < least || n > most {
		c.wrong("%d %s; %d to %d are allowed", n, what, least, most)
	}
}

func (c *checker) length(what, s string, least, most int) {
	if n := len(utf16.Encode([]rune(s))); n < least || n > most {
		c.wrong("%s has %d characters; %d to %d are allowed", what, n, least, most)
	}
}

func list(v any) []map[string]any {
	items, _ := v.([]any)
	var objects []map[string]any
	for _, item := range items {
		o, _ := item.(map[string]any)
		objects = append(objects, o)
	}
	return objects
}

func object(v any) map[string]any {
	o, _ := v.(map[string]any)
	return o
}

func str(v any) string {
	s, _ := v.(string)
	return s
}

func (c *checker) block(b map[string]any) {
	switch b["type"] {
	case "header":
		c.text("header", b["text"], "plain_text", 150)
	case "section":
		fields := list(b["fields"])
		if b["text"] == nil && fields == nil {
			c.wrong("a section without text and fields")
		}
		if b["text"] != nil {
			c.text("section", b["text"], "", 3000)
		}
		if fields != nil {
			c.count("fields", len(fields), 1, 10)
		}
		for _, f := range fields {
			c.text("field", f, "", 2000)
		}
		if b["accessory"] != nil {
			c.element(object(b["accessory"]))
		}
	case "actions":
		elements := list(b["elements"])
		c.count("elements", len(elements), 1, 25)
		ids := map[string]bool{}
		for _, e := range elements {
			if ids[str(e["action_id"])] {
				c.wrong("two elements of a block have the action_id %s", e["action_id"])
			}
			ids[str(e["action_id"])] = true
			c.element(e)
		}
	case "context":
		c.count("elements", len(list(b["elements"])), 1, 10)
		for _, e := range list(b["elements"]) {
			c.text("context", e, "", 2000)
		}
	case "input":
		c.text("label", b["label"], "plain_text", 2000)
		c.element(object(b["element"]))
	case "divider":
	case "rich_text":
		elements := list(b["elements"])
		c.count("rich text elements", len(elements), 1, 1000)
		for _, e := range elements {
			c.rich(e)
		}
	default:
		c.wrong("a block of the type %v", b["type"])
	}
}

func (c *checker) text(what string, v any, kind string, most int) {
	t := object(v)
	if t == nil || t["type"] != "plain_text" && t["type"] != "mrkdwn" || kind != "" && t["type"] != kind {
		c.wrong("%s is no text object of the right type: %v", what, v)
		return
	}
	c.length(what, str(t["text"]), 1, most)
	if t["type"] == "mrkdwn" {
		*c = append(*c, CheckMarkup(str(t["text"]))...)
		if t["verbatim"] != true {
			c.wrong("%s: Slack would look for names in %q", what, t["text"])
		}
		if t["emoji"] != nil {
			c.wrong("%s: emoji is for plain text only", what)
		}
	}
}

func (c *checker) element(e map[string]any) {
	c.length("action_id", str(e["action_id"]), 1, 255)
	switch e["type"] {
	case "button":
		c.text("button", e["text"], "plain_text", 75)
		if e["value"] != nil {
			c.length("value", str(e["value"]), 1, 2000)
		}
		if e["accessibility_label"] != nil {
			c.length("accessibility_label", str(e["accessibility_label"]), 1, 75)
		}
	case "static_select":
		if e["placeholder"] != nil {
			c.text("placeholder", e["placeholder"], "plain_text", 150)
		}
		options := list(e["options"])
		c.count("options", len(options), 1, 100)
		for _, o := range options {
			c.text("option", o["text"], "plain_text", 75)
			c.length("option value", str(o["value"]), 1, 75)
		}
		if first := object(e["initial_option"]); first != nil && !slices.ContainsFunc(options, func(o map[string]any) bool {
			return o["value"] == first["value"] && str(object(o["text"])["text"]) == str(object(first["text"])["text"])
		}) {
			c.wrong("the initial option %v is none of the options", first["value"])
		}
	case "plain_text_input":
		if e["placeholder"] != nil {
			c.text("placeholder", e["placeholder"], "plain_text", 150)
		}
		most := 3000
		if n, ok := e["max_length"].(float64); ok {
			most = int(n)
			if n < 1 || n > 3000 {
				c.wrong("a max_length of %v", n)
			}
		}
		c.length("initial_value", str(e["initial_value"]), 0, most)
	default:
		c.wrong("an element of the type %v", e["type"])
	}
}

func (c *checker) rich(e map[string]any) {
	elements := list(e["elements"])
	switch e["type"] {
	case "rich_text_section", "rich_text_quote", "rich_text_preformatted":
		c.count("elements of a "+str(e["type"]), len(elements), 1, 1000)
		for _, s := range elements {
			switch s["type"] {
			case "text":
				c.length("text", str(s["text"]), 1, 40000)
			case "link":
				if !webAddress.MatchString(str(s["url"])) {
					c.wrong("a link to %q", s["url"])
				}
			case "user":
				if !userID.MatchString(str(s["user_id"])) {
					c.wrong("a mention of %q", s["user_id"])
				}
			default:
				c.wrong("a rich text element of the type %v", s["type"])
			}
		}
	case "rich_text_list":
		c.count("list items", len(elements), 1, 1000)
		if e["style"] != "bullet" && e["style"] != "ordered" {
			c.wrong("a list of the style %v", e["style"])
		}
		for _, item := range elements {
			if item["type"] != "rich_text_section" {
				c.wrong("a list item of the type %v", item["type"])
			}
			c.rich(item)
		}
	default:
		c.wrong("a rich text of the type %v", e["type"])
	}
}

var (
	webAddress = regexp.MustCompile(`^(https?://|mailto:).`)
	userID     = regexp.MustCompile(`^[UW][A-Z0-9]+$`)
	angles     = regexp.MustCompile(`<([^>]*)>?`)
	bare       = regexp.MustCompile(`&(?:amp;|lt;|gt;)?`)
)

// CheckMarkup lists what is not escaped in a text in Slack's markup, and the
// mentions in it: only links are allowed in angle brackets.
func CheckMarkup(s string) []string {
	var wrong []string
	for _, m := range angles.FindAllStringSubmatch(s, -1) {
		if !webAddress.MatchString(m[1]) {
			wrong = append(wrong, fmt.Sprintf("%q is not escaped", m[0]))
		}
	}
	for _, m := range bare.FindAllString(s, -1) {
		if m == "&" {
			wrong = append(wrong, fmt.Sprintf("an ampersand in %q is not escaped", s))
			break
		}
	}
	return wrong
}
