package knowledge

import (
	"bytes"
	"reflect"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"

	"go.yaml.in/yaml/v3"
)

// This file finds what a knowledge file loses although it can be read: values in comments,
// keys without a value, typographic quotes, missing closing quotes, and words that YAML
// reads as an anchor or a tag.

// source is the text that is read, by lines.
type source struct {
	data  []byte
	lines [][]byte // nil until needed
}

// behind is the rest of the line from a column on that counts from 1.
func (s *source) behind(line, column int) []byte {
	if s.lines == nil {
		s.lines = bytes.Split(s.data, []byte{'\n'})
	}
	if line > len(s.lines) {
		return nil
	}
	rest := s.lines[line-1]
	for ; column > 1 && len(rest) > 0; column-- {
		_, n := utf8.DecodeRune(rest)
		rest = rest[n:]
	}
	return rest
}

// comment is the comment after a missing value, if it looks like the value: if no space
// follows its #.
func (d *decoder) comment(n *yaml.Node) string {
	if !isNull(n) || n.Value != "" {
		return ""
	}
	rest := bytes.TrimSpace(d.source.behind(n.Line, n.Column))
	if len(rest) < 2 || rest[0] != '#' || bytes.IndexByte([]byte(" \t#"), rest[1]) >= 0 {
		return ""
	}
	return string(rest)
}

func (d *decoder) isComment(n *yaml.Node) bool { return d.comment(n) != "" }

// commented warns of a value that a comment swallows.
func (d *decoder) commented(n *yaml.Node, what string) {
	d.warnf(d.pos(n), "%s is empty, because # begins a comment here; %s", what, verbatim(inQuotes(d.comment(n))))
}

// empty warns of a key without a value, and reports whether it counts as left out.
func (d *decoder) empty(p keyValue, f reflect.StructField) bool {
	isText, needed := f.Type == lineType, f.Tag.Get("need") != ""
	switch {
	case isText && d.isComment(p.value):
		d.commented(p.value, p.key)
		return !needed
	case p.key == "version":
		d.errorf(p.at, "version is empty; write version: 1")
		return true
	case needed && (isText || p.key == "divisions"):
		return false // the checker reports it as an error
	}
	if needed {
		d.warnf(p.at, "%s is empty; fill it in", p.key)
	} else {
		d.warnf(p.at, "%s is empty; fill it in or delete it", p.key)
	}
	return true
}

// lost warns of what is not read as it was probably meant.
func (d *decoder) lost(n *yaml.Node, l *Line) {
	if n.Anchor != "" {
		d.anchors = append(d.anchors, n)
	}
	if n.Style&yaml.TaggedStyle != 0 && !strings.HasPrefix(n.Tag, "!!") {
		d.warnf(l.Pos, "YAML reads %s as a tag, which is not part of the text; "+
			"if it is meant to be, put the text in quotes", restored(n.Tag))
	}
	inQuotes := n.Style&(yaml.SingleQuotedStyle|yaml.DoubleQuotedStyle) != 0
	if inQuotes && d.swallows(n) {
		d.warnf(l.Pos, "the text that begins here with a quote has lines that look like keys or list items; "+
			"if they are, add the closing quote where the text ends")
	}
	if inner, ok := unquote(l.Text); ok && !inQuotes {
		d.warnf(l.Pos, "the typographic quotes around this text are part of it; take them away, or write %s",
			verbatim(quoted(text.Clip(inner, maxQuoted))))
	}
}

// swallows reports whether a text in quotes has a line that begins like a key of the
// format or like a list item.
func (d *decoder) swallows(n *yaml.Node) bool {
	quote := []byte{'"'}
	if n.Style&yaml.SingleQuotedStyle != 0 {
		quote = []byte{'\''}
	}
	rest := d.source.behind(n.Line, n.Column)
	for line := n.Line + 1; len(rest) > 0 && !bytes.Contains(rest[1:], quote) && line <= len(d.source.lines); line++ {
		rest = append(quote[:1:1], d.source.behind(line, 1)...)
		text := bytes.TrimSpace(rest[1:])
		if bytes.HasPrefix(text, []byte("- ")) {
			return true
		}
		key, _, _ := bytes.Cut(text, []byte{':'})
		if keyForm.Match(text) && slices.Contains(formatKeys(), string(key)) {
			return true
		}
	}
	return false
}

// unusedAnchors warns of texts with an anchor that no alias refers to.
func (d *decoder) unusedAnchors() {
	for _, n := range d.anchors {
		if !d.used[n] {
			d.warnf(d.pos(n), "YAML reads &%s as an anchor, which is not part of the text, and no alias refers to it; "+
				"if it is meant to be, put the text in quotes", n.Anchor)
		}
	}
}

// smartQuotes are the quotes that word processors write and YAML does not know.
const smartQuotes = "“”„‟‘’‚‛«»‹›"

// unquote is a text without the typographic quotes around all of it.
func unquote(s string) (inner string, ok bool) {
	first, n := utf8.DecodeRuneInString(s)
	last, m := utf8.DecodeLastRuneInString(s)
	if len(s) <= n+m || !strings.ContainsRune(smartQuotes, first) || !strings.ContainsRune(smartQuotes+`"'`, last) {
		return "", false
	}
	inner = s[n : len(s)-m]
	if strings.ContainsAny(inner, strings.ReplaceAll(smartQuotes, "’", "")) {
		return "", false // two quotations, or one of a few words
	}
	return inner, true
}

// inQuotes is the advice to put a text into quotes, with the result where it is short.
func inQuotes(s string) string {
	if text.Length(s) > maxQuoted {
		return "put the whole text in quotes"
	}
	return "put the text in quotes: " + quoted(s)
}

// toWrite is an example of what to write, if it is short.
func toWrite(example string) string {
	if text.Length(example) > maxQuoted {
		return ""
	}
	return "; write " + example
}
