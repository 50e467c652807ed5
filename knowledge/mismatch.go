package knowledge

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"

	"go.yaml.in/yaml/v3"
)

// notText reports a list or keys where a text is expected.
func (d *decoder) notText(n *yaml.Node, what string) {
	flow, list := n.Style&yaml.FlowStyle != 0, n.Kind == yaml.SequenceNode
	if !list && len(n.Content) == 2 && n.Content[0].Column == n.Column { // one key, without braces around it
		key, value := n.Content[0], n.Content[1]
		if key.Kind == yaml.ScalarNode && key.Style == 0 && value.Kind == yaml.ScalarNode && key.Line == value.Line {
			at := d.pos(key)
			at.Column += utf8.RuneCountInString(key.Value)
			d.errorf(at, "a colon followed by a space makes a key of the words before it, and %s must be a text; %s",
				what, verbatim(inQuotes(restored(key.Value+": "+value.Value))))
			return
		}
	}
	remedy := "write one text without keys"
	switch {
	case flow && list:
		remedy = "take the brackets away, or put a text that begins with [ in quotes"
	case flow:
		remedy = "take the braces away, or put a text that begins with { in quotes"
	case list:
		remedy = "write one text without the hyphen"
	}
	d.errorf(d.pos(n), "%s must be a text, not %s; %s", what, kindOf(n), verbatim(remedy))
}

// notList reports a value or keys where a list of such values is expected.
func (d *decoder) notList(n *yaml.Node, of reflect.Type, what string) {
	value, remedy := restored(n.Value), "begin each item with a hyphen and a space"
	switch {
	case n.Kind == yaml.MappingNode && len(n.Content) > 0 && hyphenForm.MatchString(n.Content[0].Value),
		n.Kind == yaml.ScalarNode && hyphenForm.MatchString(value):
		remedy = "write a space after each hyphen"
	case n.Kind == yaml.ScalarNode && bulletForm.MatchString(value):
	case n.Kind == yaml.MappingNode:
		remedy = "write - before the first key of " + itemOf(what)
	case of == lineType && !strings.ContainsAny(value, "[]{}\n") && text.Length(value) <= maxQuoted:
		remedy = "write [" + value + "]"
	}
	d.errorf(d.pos(n), "%s must be a list, not %s; %s", what, kindOf(n), verbatim(remedy))
}

// bulletForm is a text that begins like a list item of a word processor.
var bulletForm = regexp.MustCompile(`^[•·‣–—*] `)

// notKeys reports a text or a list where keys with values are expected.
func (d *decoder) notKeys(n *yaml.Node, what, example string) {
	remedy := "write keys and values, such as " + example
	switch m := missingBlank.FindStringSubmatch(n.Value); {
	case n.Kind == yaml.SequenceNode && n.Style&yaml.FlowStyle == 0:
		remedy = "take the hyphens away"
	case m != nil && m[1] != "":
		remedy = "write a space after the colon"
	}
	d.errorf(d.pos(n), "%s must be keys with values, not %s; %s", what, kindOf(n), verbatim(remedy))
}

// firstKey is a line with which a block of type t may begin.
func firstKey(t reflect.Type) string {
	switch key := t.Field(0).Tag.Get("yaml"); key {
	case "version":
		return "version: 1"
	case "id":
		return "id: trade"
	default:
		return key + ": …"
	}
}

// unknown says what to write instead of a key that a block of type t does not have,
// and which of its keys was probably meant.
func (d *decoder) unknown(p keyValue, t reflect.Type, known []string) (near string, remedy verbatim) {
	if near, rest, _ := strings.Cut(p.key, ":"); rest != "" && slices.Contains(known, near) {
		return near, "write a space after the colon"
	}
	if near, rest, ok := strings.Cut(p.key, " "); ok && slices.Contains(known, near) {
		return near, verbatim("a colon is missing after " + near + toWrite(near+": "+rest))
	}
	if bare := strings.TrimSpace(p.key); bare != p.key {
		return bare, "the key has a space before or after it that YAML does not know; use ordinary spaces"
	}
	if bare := strings.Trim(p.key, smartQuotes); slices.Contains(known, bare) {
		return bare, verbatim("write " + bare + " without quotes")
	}
	where, related := belongs(t, p.key)
	if related {
		return "", verbatim("it belongs " + where)
	}
	if near = nearest(p.key, known); near != "" {
		return near, verbatim("did you mean " + near + "?")
	}
	keys := strings.Join(known, ", ")
	if where != "" {
		return "", verbatim("it belongs " + where + " (the keys here are " + keys + ")")
	}
	return "", verbatim("the keys are " + keys)
}
