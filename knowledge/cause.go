package knowledge

import (
	"bytes"
	"fmt"
	"regexp"
	"strings"
)

// cause is why a file is not YAML: the place to correct, and a sentence that says
// what is there and what to write instead.
type cause struct {
	at   int // offset in the file
	says verbatim
}

// walker reads the lines of a file that the YAML library has refused, and stops at
// the first thing that YAML does not allow. The library reports where it gives up,
// which may be many lines below the mistake. The walker knows blocks, quotes,
// brackets, block texts, anchors and comments; what it does not know it passes over,
// and then the place where the library gave up is reported instead.
type walker struct {
	data    []byte // as far as the library has read
	whole   bool   // data is the whole file
	quotes  bool   // the file is ours, so messages may quote it
	next    int    // offset of what is read next
	start   int    // offset of the line that is read
	blocks  []block
	last    value
	anchors map[string]bool
	inside  bool // it reads a list or keys in brackets
	bracket int  // offset of the innermost open bracket at the end of data, or -1
	cause   *cause
}

// block is an open block: the keys or the list items that begin in one column.
type block struct {
	column int
	list   bool
	at     int  // offset of its last key or hyphen
	open   bool // the value of that key or item is still to come
	more   bool // it is not the first one
}

// value is the last value that was read.
type value struct {
	kind   valueKind
	at     int  // offset of its first character
	column int  // of that
	indent int  // of the lines of a block text
	empty  bool // a block text without lines
}

type valueKind uint8

const (
	noValue   valueKind = iota
	plainText           // text without quotes; deeper lines continue it
	closed              // a text in quotes, a list or keys in brackets, or an alias
	blockText           // the lines below | or >
)

// findCause looks for the cause in the lines that the library has read.
func findCause(data []byte, read int, quotes bool) *walker {
	w := &walker{data: data[:read], whole: read == len(data), quotes: quotes, bracket: -1, anchors: map[string]bool{}}
	for w.cause == nil && w.next < len(w.data) {
		w.line()
	}
	return w
}

// report notes the cause.
func (w *walker) report(at int, format string, args ...any) {
	if w.cause == nil {
		w.cause = &cause{at, verbatim(fmt.Sprintf(format, args...))}
	}
}

// mergeForm is a line that git leaves where two versions of a file conflict.
var mergeForm = regexp.MustCompile(`^(<{7} |>{7} |\|{7} |={7}\r?\n?$)`)

// conflict is the offset of the first line that begins or ends a merge conflict, or -1.
// Between brackets and in quotes YAML reads such a line as text.
func conflict(data []byte) int {
	for _, mark := range []string{"<<<<<<< ", ">>>>>>> "} {
		if bytes.HasPrefix(data, []byte(mark)) {
			return 0
		}
		if i := bytes.Index(data, []byte("\n"+mark)); i >= 0 {
			return i + 1
		}
	}
	return -1
}

const unresolved = "unresolved merge conflict; keep one of the two versions, " +
	"and delete the lines that begin with <<<<<<<, ======= and >>>>>>>"

// end is the offset behind the line at i.
func (w *walker) end(i int) int {
	if n := bytes.IndexByte(w.data[i:], '\n'); n >= 0 {
		return i + n + 1
	}
	return len(w.data)
}

// number is the number of the line at i.
func (w *walker) number(i int) int { return bytes.Count(w.data[:i], []byte{'\n'}) + 1 }

// column is the column of i in the line that is read, counted from 0.
func (w *walker) column(i int) int { return i - w.start }

// skip is the offset of the first character from i on that is no space or tab.
func (w *walker) skip(i int) int {
	for i < len(w.data) && (w.data[i] == ' ' || w.data[i] == '\t') {
		i++
	}
	return i
}

// isBlank reports whether a space, a tab or the end of a line is at i.
func (w *walker) isBlank(i int) bool {
	return i >= len(w.data) || strings.IndexByte(" \t\r\n", w.data[i]) >= 0
}

// isOver reports whether the rest of the line from i on is blank or a comment.
func (w *walker) isOver(i int) bool {
	rest := w.skip(i)
	return rest >= len(w.data) || strings.IndexByte("\r\n", w.data[rest]) >= 0 ||
		w.data[rest] == '#' && (rest > i || rest == 0 || w.isBlank(rest-1))
}

// text is the rest of the line from i on, without a comment; between brackets, as far
// as a text without quotes goes.
func (w *walker) text(i int) string {
	if w.inside {
		return strings.TrimSpace(string(w.data[i:w.flowText(i)]))
	}
	line := w.data[i:w.end(i)]
	for j := 1; j < len(line); j++ {
		if line[j] == '#' && (line[j-1] == ' ' || line[j-1] == '\t') {
			line = line[:j]
		}
	}
	return strings.TrimSpace(string(line))
}

// quoted is a text as it is written in quotes.
func quoted(s string) string {
	if strings.ContainsAny(s, `"\`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return `"` + s + `"`
}

// inQuotes is the advice to put a text in quotes, with the result if the file may be quoted.
func (w *walker) inQuotes(s string) string {
	if !w.quotes {
		return "put the whole text in quotes"
	}
	return inQuotes(s)
}

// keyForm is a key of the kind that the format has, and its colon.
var keyForm = regexp.MustCompile(`^["']?[A-Za-z_][A-Za-z0-9_-]*["']? *:( |\t|\r?\n|$)`)

// looksLikeBlock reports whether a key or a list item begins at i.
func (w *walker) looksLikeBlock(i int) bool {
	return i < len(w.data) && w.data[i] == '-' && w.isBlank(i+1) || keyForm.Match(w.data[i:w.end(i)])
}

// line reads a line, and the lines that its last value continues on.
func (w *walker) line() {
	start := w.next
	w.start = start
	line := w.data[start:w.end(start)]
	i := start
	for i < len(w.data) && w.data[i] == ' ' {
		i++
	}
	switch rest := w.skip(i); {
	case mergeForm.Match(line):
		w.report(start, unresolved)
	case w.isOver(start):
	case w.isBlank(start+len("---")) && (bytes.HasPrefix(line, []byte("---")) || bytes.HasPrefix(line, []byte("..."))):
		w.blocks, w.last = nil, value{}
		if !w.isOver(start + 3) {
			w.next = len(w.data) // text on such a line: unusual, and not understood here
			return
		}
	case rest > i && !(w.last.kind == plainText && !w.isOpen() && i-start > w.parent()):
		w.tab(i)
	default:
		w.entry(rest)
		return
	}
	w.next = w.end(start)
}

// parent is the column of the innermost block, or -1.
func (w *walker) parent() int {
	if len(w.blocks) == 0 {
		return -1
	}
	return w.blocks[len(w.blocks)-1].column
}

// isOpen reports whether a value is still to come.
func (w *walker) isOpen() bool {
	return len(w.blocks) == 0 && w.last.kind == noValue || len(w.blocks) > 0 && w.blocks[len(w.blocks)-1].open
}

// entry reads the list items, the key or the value that begin at i.
func (w *walker) entry(i int) {
	for {
		column := w.column(i)
		if w.data[i] == '-' && w.isBlank(i+1) {
			if !w.begin(i, column, true) {
				return
			}
			i = w.skip(i + 1)
		} else if colon := w.colonOfKey(i); colon >= 0 {
			if !w.begin(i, column, false) {
				return
			}
			i = w.skip(colon + 1)
			if !w.isOver(i) && w.data[i] == '-' && w.isBlank(i+1) {
				w.report(i, "a list cannot begin on the line of its key; write its first - on the next line")
				return
			}
			if w.isOver(i) {
				w.next = w.end(i)
				return
			}
			w.value(i, true)
			return
		} else {
			w.alone(i, column)
			return
		}
		if w.isOver(i) {
			w.next = w.end(i)
			return
		}
	}
}

// colonOfKey is the offset of the colon of the key that begins at i, or -1.
func (w *walker) colonOfKey(i int) int {
	const longest = 1024                                            // characters of a key, by the YAML specification
	for i < len(w.data) && (w.data[i] == '&' || w.data[i] == '!') { // an anchor or a tag
		mark := w.data[i]
		if name := nameForm.FindSubmatch(w.data[i:]); name != nil {
			w.anchors[string(name[1])] = true
		}
		for !w.isBlank(i) {
			i++
		}
		switch {
		case mark == '&' && w.data[i-1] == ':': // the key is empty
			return i - 1
		case w.isOver(i):
			return -1
		}
		i = w.skip(i)
	}
	end := min(w.end(i), i+longest)
	switch c := w.data[i]; {
	case c == '"' || c == '\'':
		close := w.closing(i)
		if close < 0 || close >= end {
			return -1
		}
		if i = w.skip(close + 1); i < end && w.data[i] == ':' && w.isBlank(i+1) {
			return i
		}
		return -1
	case strings.IndexByte("[{#|>@`%,]}", c) >= 0:
		return -1
	}
	return w.colonIn(i, end)
}

// colonIn is the offset of the first colon between i and end with a blank behind it
// and outside a comment, or -1.
func (w *walker) colonIn(i, end int) int {
	for ; i < end; i++ {
		switch {
		case w.data[i] == ':' && w.isBlank(i+1):
			return i
		case w.data[i] == '#' && i > 0 && w.isBlank(i-1):
			return -1
		}
	}
	return -1
}

// begin begins a key or a list item, in a block that is open or in a new one.
func (w *walker) begin(i, column int, list bool) bool {
	if len(w.blocks) > 0 && column > w.parent() && !w.isOpen() {
		return w.below(i, column, list)
	}
	inner := w.parent()
	for len(w.blocks) > 0 {
		top := &w.blocks[len(w.blocks)-1]
		if top.column < column || top.column == column && (top.list == list || list && top.open) {
			break
		}
		if top.column == column && (list || len(w.blocks) == 1 || w.blocks[len(w.blocks)-2].column < column) {
			w.mixed(i, top)
			return false
		}
		inner = top.column
		w.blocks = w.blocks[:len(w.blocks)-1]
	}
	if top := len(w.blocks) - 1; top < 0 || w.blocks[top].column < column || w.blocks[top].list != list {
		switch {
		case top >= 0 && !w.blocks[top].open:
			w.indented(i, column, inner)
			return false
		case top >= 0:
			w.blocks[top].open = false
		case inner >= 0:
			w.indented(i, column, inner)
			return false
		case w.last.kind != noValue:
			return w.below(i, column, list)
		}
		w.blocks = append(w.blocks, block{column: column, list: list})
	} else {
		w.blocks[top].more = true
	}
	top := &w.blocks[len(w.blocks)-1]
	top.at, top.open = i, true
	w.last = value{}
	return true
}
