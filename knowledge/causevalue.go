package knowledge

import (
	"bytes"
	"regexp"
	"strings"
)

// value reads the value that begins at i, on the line of its key or below it.
func (w *walker) value(i int, besideKey bool) {
	if len(w.blocks) > 0 {
		w.blocks[len(w.blocks)-1].open = false
	}
	i, over := w.anchorAndTag(i)
	if over { // the value is still to come
		if len(w.blocks) > 0 {
			w.blocks[len(w.blocks)-1].open = true
		}
		w.next = w.end(i)
		return
	}
	w.last = value{kind: closed, at: i, column: w.column(i)}
	switch c := w.data[i]; c {
	case '"', '\'':
		w.behind(w.quotedText(i))
	case '[', '{':
		w.inside = true
		end := w.brackets(i)
		w.inside = false
		w.behind(end)
	case '|', '>':
		w.lines(i)
	case '*':
		if !besideKey && w.isBlank(i+1) {
			w.report(i, "a list item begins with - and not with *; write - here")
			return
		}
		if end := w.alias(i); end > 0 {
			w.behind(end)
		}
	case '@', '`', '%', ',', ']', '}':
		w.begins(i, w.text(i))
	default:
		w.last.kind = plainText
		if colon := w.colonIn(i, w.end(i)); colon >= 0 && (besideKey || w.column(i) > w.parent()) {
			says := "text without quotes cannot contain a colon followed by a space; %s"
			if w.isOver(colon + 1) {
				says = "text without quotes cannot end with a colon; %s"
			}
			w.report(colon, says, w.inQuotes(w.text(i)))
		}
		w.next = w.end(i)
	}
}

// begins reports a text that begins with a character that YAML keeps for itself.
func (w *walker) begins(i int, text string) {
	w.report(i, "a text cannot begin with %c without quotes; %s", w.data[i], w.inQuotes(text))
}

// nameForm is the name of an anchor or alias, and what ends it.
var nameForm = regexp.MustCompile(`^[&*]([A-Za-z0-9_-]+)([\s,\]}:]|$)`)

// tagForm is a tag. A name between two exclamation marks, handleForm, would have to be
// declared at the top of the file.
var (
	handleForm = regexp.MustCompile(`^!\w[-\w]*!`)
	tagForm    = regexp.MustCompile(`^!(<[^\s>]*>|[-!\w;/?:@&=+$,.~*'()\[\]%]*)(\s|$)`)
)

// anchorAndTag is the offset after the anchor and the tag before a value, and whether the line
// ends there.
func (w *walker) anchorAndTag(i int) (next int, over bool) {
	for w.data[i] == '&' || w.data[i] == '!' {
		if w.data[i] == '&' {
			name := nameForm.FindSubmatch(w.data[i:])
			if name == nil {
				w.begins(i, w.text(i))
				return i, true
			}
			w.anchors[string(name[1])] = true
			if end := i + 1 + len(name[1]); end < len(w.data) && w.data[end] == ':' && !w.isBlank(end+1) {
				return end, false // the text begins there
			}
		} else if !tagForm.Match(w.data[i:]) || handleForm.Match(w.data[i:]) {
			w.begins(i, w.text(i))
			return i, true
		}
		anchor := w.data[i] == '&'
		for !w.isBlank(i) && !(w.inside && anchor && strings.IndexByte(",]}", w.data[i]) >= 0) {
			i++
		}
		if w.isOver(i) {
			return i, true
		}
		i = w.skip(i)
	}
	return i, false
}

// alias is the offset behind the alias at i, or 0 if it is none that there is.
func (w *walker) alias(i int) int {
	name := nameForm.FindSubmatch(w.data[i:])
	switch {
	case name == nil:
		w.begins(i, w.text(i))
		return 0
	case w.anchors[string(name[1])]:
	case w.quotes:
		w.report(i, "YAML reads *%s as a reference to an anchor &%s, and there is none above; "+
			"if it is a text, put it in quotes", name[1], name[1])
		return 0
	default:
		w.report(i, "YAML reads this as a reference to an anchor, and there is none above; "+
			"if it is a text, put it in quotes")
		return 0
	}
	return i + 1 + len(name[1])
}

// behind continues after the end of a value in quotes or brackets, where the line must
// end. An offset of 0 means that the value has a mistake.
func (w *walker) behind(i int) {
	if w.cause != nil || i == 0 {
		w.next = len(w.data)
		return
	}
	if w.isOver(i) || w.data[i] == '#' { // the library needs no space before this comment
		w.next = w.end(i)
		return
	}
	next, first := w.skip(i), w.last.at
	if w.data[next] == ':' && w.isBlank(next+1) {
		if c := w.data[first]; c != '[' && c != '{' {
			w.report(next, "a colon followed by a space cannot follow this value; %s", w.inQuotes(w.text(first)))
		}
		w.next = len(w.data) // a list or a block may be a key, which the walker does not know
		return
	}
	switch c := w.data[first]; c {
	case '"', '\'':
		w.behindQuote(first, i)
	case '[', '{':
		w.report(next, "text follows the closing bracket; delete it, or %s", w.inQuotes(w.text(first)))
	default:
		w.report(first, "a text cannot begin with %c without quotes; %s", c, w.inQuotes(w.text(first)))
	}
}

// behindQuote reports what follows the closing quote before i of the text at first.
func (w *walker) behindQuote(first, i int) {
	if w.unquoted(first, i) {
		return
	}
	text := w.text(first)
	if q := text[0]; !w.isBlank(i) && w.end(first) >= i && text[len(text)-1] == q {
		text = text[1 : len(text)-1] // quotes inside of quotes
	}
	w.report(w.skip(i), "text follows the closing quote; %s", w.inQuotes(text))
}

// unquoted reports that the text in quotes from first to i has no closing quote, if the
// quote before i looks like an opening one. Something not allowed follows it.
func (w *walker) unquoted(first, i int) bool {
	quotes := bytes.Count(w.data[first:w.end(first)], w.data[first:first+1])
	if opening := w.isBlank(i-2) && !w.isBlank(i) && quotes%2 == 1; opening || w.swallowed(first, i) {
		w.unclosed(first)
		return true
	}
	return false
}

// swallowed reports whether a text from first to i has lines that begin like keys or
// list items.
func (w *walker) swallowed(first, i int) bool {
	for at := w.end(first); at < i; at = w.end(at) {
		if next := w.skip(at); next < i && w.looksLikeBlock(next) {
			return true
		}
	}
	return false
}

func (w *walker) unclosed(first int) {
	w.report(first, "the text that begins here with %c has no closing quote; add it at the end of the text",
		w.data[first])
}

// documentForm matches a line that ends a document, which no text in quotes may contain.
var documentForm = regexp.MustCompile(`\n(---|\.\.\.)(\s|$)`)

// closing is the offset of the quote that closes the one at i, or -1.
func (w *walker) closing(i int) int {
	q := w.data[i]
	for i++; i < len(w.data); i++ {
		switch {
		case q == '"' && w.data[i] == '\\':
			i++
		case w.data[i] == '\n' && i+1 < len(w.data) && documentForm.Match(w.data[i:min(i+6, len(w.data))]):
			return -1
		case w.data[i] != q:
		case q == '\'' && i+1 < len(w.data) && w.data[i+1] == q:
			i++
		default:
			return i
		}
	}
	return -1
}

// escapeForm is a backslash and what may follow it between double quotes.
var escapeForm = regexp.MustCompile(`^\\([0abt\tnvfre "'/\\N_LP\r\n]|x[0-9A-Fa-f]{2}|u[0-9A-Fa-f]{4}|U[0-9A-Fa-f]{8})`)

// halfForm is one half of a character that JSON writes as a pair, pairForm both.
var (
	halfForm = regexp.MustCompile(`^\\u(?i:d[89a-f])`)
	pairForm = regexp.MustCompile(`^\\u(?i:d[89ab][0-9a-f]{2}\\ud[c-f])`)
)

// quotedText is the offset behind the text in quotes at i.
func (w *walker) quotedText(i int) int {
	end := w.closing(i)
	if end < 0 {
		if w.whole || w.swallowed(i, len(w.data)) || documentForm.Match(w.data[i:]) {
			w.unclosed(i)
		}
		return 0
	}
	if w.data[i] == '"' {
		for at := i; at < end; at++ {
			if w.data[at] != '\\' {
				continue
			}
			if !escapeForm.Match(w.data[at:]) {
				if w.swallowed(i, end) {
					w.unclosed(i)
				}
				w.report(at, `between double quotes a backslash cannot precede this character; `+
					`write \\ for a backslash`)
				return 0
			}
			if halfForm.Match(w.data[at:]) && !pairForm.Match(w.data[at:]) &&
				(at < 6 || !pairForm.Match(w.data[at-6:])) {
				w.report(at, "this escape names no character; write the character itself")
				return 0
			}
			at++
		}
	}
	w.lineOf(end)
	return end + 1
}

// lineOf makes the line of i the one that is read.
func (w *walker) lineOf(i int) {
	if n := bytes.LastIndexByte(w.data[w.start:i], '\n'); n >= 0 {
		w.start += n + 1
	}
}

// lineHeader matches the first line of a block text, from its | or > on.
var lineHeader = regexp.MustCompile(`^[|>]([+-]?([1-9]?)|([1-9])[+-])[ \t]*(#.*)?\r?\n?$`)

// lines reads a block text, the lines below | or >.
func (w *walker) lines(i int) {
	header := lineHeader.FindSubmatch(w.data[i:w.end(i)])
	if header == nil {
		w.begins(i, w.text(i))
		return
	}
	w.last.kind, w.last.empty = blockText, true
	parent, least := w.parent(), w.parent()+1
	if n := append(header[2], header[3]...); len(n) > 0 {
		least = max(parent, 0) + int(n[0]-'0')
		w.last.indent = least
	}
	for w.next = w.end(i); w.next < len(w.data); w.next = w.end(w.next) {
		at := w.next
		for at < len(w.data) && w.data[at] == ' ' {
			at++
		}
		column := at - w.next
		switch {
		case at == len(w.data), w.data[at] == '\n', w.data[at] == '\r':
			continue
		case w.data[at] == '\t' && column < least:
			return // as a line that is indented with a tab
		case column < least:
			return
		case w.last.indent == 0:
			least, w.last.indent = column, column
		}
		w.last.empty = false
	}
}
