package knowledge

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
)

// tab reports a tab in an indentation.
func (w *walker) tab(i int) { w.report(i, "a line cannot be indented with a tab; use spaces") }

// mixed reports a list item among keys, or the reverse.
func (w *walker) mixed(i int, b *block) {
	if b.list {
		w.report(i, "a key is not allowed here, below the list item in line %d; "+
			"write - before it as well, or indent it further to make it part of that item", w.number(b.at))
		return
	}
	w.report(i, "a list item is not allowed among keys; "+
		"indent it below the key that has the list, or delete the hyphen")
}

// indented reports a line whose indentation is that of no block that is open.
func (w *walker) indented(i, column, inner int) {
	const says = "this line is indented by %s, but the blocks above by %s"
	if outer := w.parent(); outer >= 0 {
		w.report(i, says+" or %d", spaces(column), fmt.Sprint(outer), inner)
		return
	}
	w.report(i, says, spaces(column), fmt.Sprint(inner))
}

func spaces(n int) string {
	if n == 1 {
		return "1 space"
	}
	return fmt.Sprintf("%d spaces", n)
}

// below reports a key that is indented below a value that is complete. A list item
// there is part of the text, or no item.
func (w *walker) below(i, column int, list bool) bool {
	colon := w.colonIn(i, w.end(i))
	switch {
	case w.last.kind == plainText && list && colon < 0:
		w.next = w.end(i) // YAML takes it as part of the text
	case w.last.kind == blockText && column < w.last.indent:
		w.outdented(i, column)
	case w.last.kind == plainText && w.last.column == column:
		w.noColon(w.last.at)
	case w.last.kind == plainText && list:
		w.report(i, "a list cannot follow the text in line %d; "+
			"delete that text, or indent the list below its own key",
			w.number(w.last.at))
	case w.last.kind == plainText && !slices.Contains(formatKeys(), strings.Trim(string(w.data[i:colon]), `"' `)):
		w.report(colon, "text without quotes cannot contain a colon followed by a space; "+
			"put the whole text that begins in line %d in quotes, or, if this line begins with a key, %s",
			w.number(w.last.at), w.indentAs())
	case len(w.blocks) == 0:
		w.report(i, "a key cannot follow a value")
	case hyphenForm.Match(w.data[w.blocks[len(w.blocks)-1].at:]):
		w.report(w.blocks[len(w.blocks)-1].at, "a space is missing after the hyphen")
	case w.isFirstOfItem(column):
		w.report(w.blocks[len(w.blocks)-1].at, "a hyphen is missing before this key, which begins a list item")
	default:
		w.report(i, "this key is indented by %s, but the one in line %d by %d; %s", spaces(column),
			w.number(w.blocks[len(w.blocks)-1].at), w.parent(), w.indentAs())
	}
	return false
}

// isFirstOfItem reports whether the key above lacks the hyphen of a list item: it is the
// only one of its block, the format has a list of blocks there, and with a hyphen it would
// be in this column.
func (w *walker) isFirstOfItem(column int) bool {
	n := len(w.blocks)
	if n < 2 || w.blocks[n-1].list || w.blocks[n-1].more || column != w.parent()+len("- ") {
		return false
	}
	key, _, _ := bytes.Cut(w.data[w.blocks[n-2].at:], []byte{':'})
	return isListOfBlocks(string(key))
}

// hyphenForm is a hyphen without the space behind it.
var hyphenForm = regexp.MustCompile(`^-[A-Za-z]`)

// indentAs is the advice to indent a key like the innermost block.
func (w *walker) indentAs() string {
	if parent := w.parent(); parent > 0 {
		return "indent it by " + spaces(parent)
	}
	return "do not indent it"
}

// outdented reports a line of a block text that has less indentation than the first.
func (w *walker) outdented(i, column int) {
	w.report(i, "this line is indented by %s, but the text that begins with %c in line %d by %d; "+
		"indent all its lines by the same number of spaces",
		spaces(column), w.data[w.last.at], w.number(w.last.at), w.last.indent)
}

// alone reads a line that is neither a key nor a list item: a value, or more of the text
// above.
func (w *walker) alone(i, column int) {
	isBlockText := w.data[i] == '|' || w.data[i] == '>' // may be in the column of its key
	switch deeper := column > w.parent(); {
	case w.isOpen() && (deeper || isBlockText && column == w.parent()):
		w.value(i, false)
		return
	case deeper && w.last.kind == plainText:
		w.next = w.end(i)
		return
	case deeper && w.last.kind == closed:
		w.report(i, "the value in line %d ends there with a quote or a bracket, so this line cannot continue it; "+
			"move the quote or bracket, or begin this line with a key and a colon", w.number(w.last.at))
		return
	case deeper && w.last.kind == blockText:
		w.outdented(i, column)
		return
	}
	w.noColon(i)
}

// missingBlank is a key or a hyphen without the space behind it.
var missingBlank = regexp.MustCompile(`^([A-Za-z_][A-Za-z0-9_-]*):([^\s/:].*)$|^(-)([^\s-].*)$`)

// missingColon is a key and what follows instead of its colon.
var missingColon = regexp.MustCompile(`^["']?([A-Za-z_]+)["']?(?:\s*[=;：]\s*|\s+|$)(.*)$`)

// noColon reports a line at i that should begin with a key and does not.
func (w *walker) noColon(i int) {
	text := w.text(i)
	if m := missingBlank.FindStringSubmatch(text); m != nil {
		mark, example := "colon", m[1]+": "+strings.TrimSpace(m[2])
		if m[3] != "" {
			mark, example = "hyphen", "- "+m[4]
		}
		w.report(i, "a space is missing after the %s%s", mark, w.toWrite(example))
		return
	}
	m := missingColon.FindStringSubmatch(text)
	switch {
	case m != nil && slices.Contains(formatKeys(), m[1]) && !strings.Contains(m[2], ": "):
		w.report(i, "a colon is missing after the key %s%s", m[1], w.toWrite(strings.TrimSpace(m[1]+": "+m[2])))
	case w.isOpen() && w.parent() == w.column(i):
		w.report(i, "a key with a colon is expected here; if this is the value of the key in line %d, indent it deeper",
			w.number(w.blocks[len(w.blocks)-1].at))
	case slices.ContainsFunc(w.blocks, func(b block) bool { return b.list && b.column == w.column(i) }):
		w.report(i, "a list item that begins with - is expected here; "+
			"if the line continues the text above, indent it deeper than the hyphen")
	case w.last.kind == blockText && w.last.empty:
		w.report(i, "the text that begins with %c in line %d has no lines; "+
			"indent this line deeper than the key of that text",
			w.data[w.last.at], w.number(w.last.at))
	case w.last.kind == blockText:
		w.report(i, "a key with a colon is expected here; "+
			"if the line belongs to the text that begins with %c in line %d, indent it by %s",
			w.data[w.last.at], w.number(w.last.at), spaces(w.last.indent))
	case w.last.kind != noValue && w.last.at < i:
		w.report(i, "a key with a colon is expected here; "+
			"if the line continues the text above, indent it deeper than the key of that text")
	default:
		w.report(i, "a key with a colon is expected here, such as name: Trade")
	}
}

// toWrite is an example of what to write, if the file may be quoted.
func (w *walker) toWrite(example string) string {
	if !w.quotes {
		return ""
	}
	return toWrite(example)
}
