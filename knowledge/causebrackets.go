package knowledge

import (
	"bytes"
	"slices"
	"strings"
)

// openBracket is a bracket that is not closed yet, and the entry that is read in it.
type openBracket struct {
	at    int
	entry flowEntry
}

type flowEntry struct {
	begun   bool // something of it was read
	colon   bool // … and its colon
	value   bool // the value, or the key if there is no colon yet
	quoted  bool // … which was closed, so that nothing can continue it
	started int  // offset of that value
}

// brackets is the offset behind the list or the keys in brackets that begin at i.
func (w *walker) brackets(i int) int {
	stack := []openBracket{}
	comment := -1 // offset of the last comment that holds a closing bracket
	for i < len(w.data) {
		var e *flowEntry
		if len(stack) > 0 {
			e = &stack[len(stack)-1].entry
		}
		switch c := w.data[i]; {
		case c == '\n':
			i++
			w.start = i
			if w.breaks(i, &stack[len(stack)-1], comment) {
				return 0
			}
		case c == ' ' || c == '\t' || c == '\r':
			i++
		case c == '#' && (w.isBlank(i-1) || !e.value || e.quoted):
			if i+1 < len(w.data) && !w.isBlank(i+1) && bytes.ContainsAny(w.data[i:w.end(i)], "]}") {
				comment = i
			}
			for i < len(w.data) && w.data[i] != '\n' {
				i++
			}
		case c == '[' || c == '{':
			if e != nil && e.value {
				w.noComma(i, e)
				return 0
			}
			stack = append(stack, openBracket{at: i})
			i++
		case c == ']' || c == '}':
			open := stack[len(stack)-1].at
			if c-w.data[open] != 2 { // ASCII has one character between [ and ], and between { and }
				w.report(open, "the %s that opens here with %c is not closed: line %d has %c where %c is expected",
					bracketed(w.data[open]), w.data[open], w.number(i), c, w.data[open]+2)
				return 0
			}
			if stack = stack[:len(stack)-1]; len(stack) == 0 {
				return i + 1
			}
			stack[len(stack)-1].entry.closed(open)
			i++
		case c == ',':
			if !e.begun {
				w.report(i, "a value is missing before this comma; delete the comma, or write the value")
				return 0
			}
			*e = flowEntry{}
			i++
		case c == ':' && e.begun && (w.isBlank(i+1) || e.quoted || strings.IndexByte(",[]{}", w.data[i+1]) >= 0):
			if e.colon {
				w.secondColon(i, e)
				return 0
			}
			*e = flowEntry{begun: true, colon: true}
			i++
		case e.value && e.quoted:
			w.noComma(i, e)
			return 0
		case e.value: // more of a text
			i = w.flowText(i)
		case c == '"' || c == '\'':
			end := w.quotedText(i)
			if end == 0 {
				return 0
			}
			e.closed(i)
			i = end
		case c == '*':
			if i = w.alias(i); i == 0 {
				return 0
			}
			e.closed(i)
		case c == '&' || c == '!':
			e.begun = true
			if i, _ = w.anchorAndTag(i); w.cause != nil {
				return 0
			}
		case c == '-' && w.isBlank(i+1):
			w.report(i, "a hyphen cannot begin an entry between brackets; delete it")
			return 0
		case strings.IndexByte("@`%|>", c) >= 0:
			w.begins(i, w.text(i))
			return 0
		default:
			e.begun, e.value, e.started = true, true, i
			i = w.flowText(i)
		}
	}
	if w.bracket = stack[len(stack)-1].at; w.whole {
		w.notClosed(w.bracket, -1, comment)
	}
	return 0
}

func (e *flowEntry) closed(at int) { e.begun, e.value, e.quoted, e.started = true, true, true, at }

// flowText is the offset behind the text in brackets that has a part at i, in this
// line.
func (w *walker) flowText(i int) int {
	for i++; i < len(w.data); i++ {
		switch c := w.data[i]; {
		case strings.IndexByte(",[]{}\n", c) >= 0, c == ':' && w.isBlank(i+1), c == '#' && w.isBlank(i-1):
			return i
		}
	}
	return i
}

// secondColon reports the colon at i in an entry that has one already.
func (w *walker) secondColon(i int, e *flowEntry) {
	text := w.data[e.started:i]
	if at := bytes.LastIndexAny(text, " \t\n"); at > 0 && slices.Contains(formatKeys(), string(text[at+1:])) {
		end := e.started + len(bytes.TrimRight(text[:at], " \t\r\n"))
		w.report(end, "a comma is missing here, before the key %s", text[at+1:])
		return
	}
	end := i + max(0, bytes.IndexAny(w.data[i:], ",]}\n"))
	w.report(i, "text without quotes cannot contain a colon followed by a space; %s",
		w.inQuotes(strings.TrimSpace(string(w.data[e.started:end]))))
}

// noComma reports an entry that is followed at i by something else than a comma.
func (w *walker) noComma(i int, e *flowEntry) {
	c, end := w.data[e.started], e.started+len(bytes.TrimRight(w.data[e.started:i], " \t\r\n"))
	switch isQuoted := c == '"' || c == '\''; {
	case isQuoted && w.unquoted(e.started, end):
	case isQuoted && w.data[i] != c:
		w.report(i, "text follows the closing quote; "+
			"write a comma between two entries, or put the whole text in quotes")
	case isQuoted || !e.quoted && w.swallowed(e.started, i):
		w.report(end, "a comma is missing here")
	default:
		w.report(i, "a comma is missing before this; if it is part of the text before it, put the whole text in quotes")
	}
}

// breaks reports a bracket as not closed if the line at i begins like a line of a block.
func (w *walker) breaks(i int, open *openBracket, comment int) bool {
	if mergeForm.Match(w.data[i:w.end(i)]) {
		w.report(i, unresolved)
		return true
	}
	first := w.skip(i)
	deeper, hyphen := first-i > w.parent(), first < len(w.data) && w.data[first] == '-'
	if !w.looksLikeBlock(first) || deeper && (!hyphen || !open.entry.begun) {
		return false
	}
	w.notClosed(open.at, first, comment)
	return true
}

// notClosed reports a bracket that is open when something else begins.
func (w *walker) notClosed(open, next, comment int) {
	if comment > open {
		w.report(comment, "# begins a comment here, which includes the closing bracket; put the text with # in quotes")
		return
	}
	where := "the end of the file"
	if next >= 0 {
		where = "line " + grouped(w.number(next))
	}
	w.report(open, "the %s that opens here with %c is not closed; write %c before %s",
		bracketed(w.data[open]), w.data[open], w.data[open]+2, where)
}

func bracketed(c byte) string {
	if c == '[' {
		return "list"
	}
	return "block of keys"
}
