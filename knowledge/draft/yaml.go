package draft

import (
	"bytes"
	"fmt"
	"reflect"
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"

	"frontdesk/knowledge"
)

// SchemaName is the file with the JSON Schema that the first line of a written file refers to.
const SchemaName = "knowledge.schema.json"

// guide is the comment at the top of a written file.
const guide = `# yaml-language-server: $schema=` + SchemaName + `
# Who handles what. Each division below has an id, a name and what is known of it.
# People are sent to a division by the words of this file, so add the words that they use:
#
#   handles:
#     - topic: Parking permits
#       text: Issues and renews permits for residents.
#       keywords: [parking, permit, car, sticker, where can I park]
#   questions: ["How do I get a parking sticker?"]
#
# Ten keywords for each responsibility, or three questions for each division, make answers
# reliable. List under declines what people ask by mistake:
#
#   declines:
#     - id: taxes
#       topic: Federal taxes
#       questions: [where do I file my tax return]
#       answer: Please ask the tax office, tax.example.
#
# Check every change: frontdesk check FILE
`

// YAML writes a file with a comment at its top. Reading it gives the same file.
func YAML(f *knowledge.File) []byte {
	var w yamlWriter
	w.b.WriteString(guide)
	w.fields(reflect.ValueOf(f).Elem(), 0, "")
	return w.b.Bytes()
}

const (
	lineWidth = 100 // columns, where a text can be broken
	step      = 2   // spaces of one level
)

type yamlWriter struct{ b bytes.Buffer }

// fields writes the keys of a block. Before is what comes before the first one in place of its
// indentation, such as "- ".
func (w *yamlWriter) fields(v reflect.Value, indent int, before string) {
	written := false
	for i := range v.NumField() {
		f, value := v.Type().Field(i), v.Field(i)
		if f.Anonymous || isBlank(value) {
			continue
		}
		if !written && before != "" {
			w.b.WriteString(strings.Repeat(" ", indent-step) + before)
		} else {
			w.b.WriteString(strings.Repeat(" ", indent))
		}
		written = true
		w.value(f.Tag.Get("yaml"), f.Tag.Get("is"), value, indent)
	}
	if !written {
		w.b.WriteString(strings.Repeat(" ", max(0, indent-step)) + before + "{}\n")
	}
}

// value writes a key and its value, behind the indentation of the key.
func (w *yamlWriter) value(key, is string, v reflect.Value, indent int) {
	w.b.WriteString(key + ":")
	_, lines := knowledge.TextLimit(is)
	switch {
	case v.Type() == lineType:
		w.text(v.Interface().(knowledge.Line).Text, lines, indent+step)
	case v.Type() == linesType && !lines:
		w.flow(v.Interface().([]knowledge.Line), indent+step)
	case v.Type() == factsType:
		w.b.WriteByte('\n')
		for _, f := range v.Interface().(knowledge.Facts) {
			w.fact(f, indent+step)
		}
	case v.Kind() == reflect.Struct:
		w.b.WriteByte('\n')
		w.fields(v, indent+step, "")
	case v.Kind() == reflect.Slice:
		w.b.WriteByte('\n')
		for i := range v.Len() {
			w.item(v.Index(i), lines, indent+step)
		}
	case v.Kind() == reflect.Bool, v.Kind() == reflect.Int:
		fmt.Fprintf(&w.b, " %v\n", v.Interface())
	}
}

// item writes an item of a list.
func (w *yamlWriter) item(v reflect.Value, lines bool, indent int) {
	switch {
	case v.Type() == lineType:
		w.b.WriteString(strings.Repeat(" ", indent) + "-")
		w.text(v.Interface().(knowledge.Line).Text, lines, indent+step)
	case v.Type() == linesType:
		w.b.WriteString(strings.Repeat(" ", indent) + "-")
		w.flow(v.Interface().([]knowledge.Line), indent+step)
	default:
		w.fields(v, indent+step, "- ")
	}
}

func (w *yamlWriter) fact(f knowledge.Fact, indent int) {
	label := f.Label.Text
	if !plainForm.MatchString(label) && !keyForm.MatchString(label) || reserved(label) {
		label = quoted(label)
	}
	w.b.WriteString(strings.Repeat(" ", indent) + label + ":")
	if len(f.Audience) == 0 {
		w.text(f.Text.Text, true, indent+step)
		return
	}
	w.b.WriteByte('\n')
	w.fields(reflect.ValueOf(f.FactText), indent+step, "")
}

// isBlank reports whether a value says nothing.
func isBlank(v reflect.Value) bool {
	switch {
	case v.Type() == lineType:
		return v.Interface().(knowledge.Line).Text == ""
	case v.Kind() == reflect.Struct:
		for i := range v.NumField() {
			if !isBlank(v.Field(i)) {
				return false
			}
		}
		return true
	case v.Kind() == reflect.Slice:
		return v.Len() == 0
	}
	return v.IsZero()
}

var (
	// plainForm matches texts that need no quotes: words and single spaces or hyphens.
	plainForm = regexp.MustCompile(`^\pL[\pL\pN]*([ -][\pL\pN]+)*$`)
	keyForm   = regexp.MustCompile(`^[a-z]+(_[a-z]+)*$`)
)

// reserved reports whether YAML reads a word as an empty value.
func reserved(s string) bool { return strings.EqualFold(s, "null") }

// scalar is a text of one line as YAML.
func scalar(s string) string {
	if plainForm.MatchString(s) && !reserved(s) {
		return s
	}
	return quoted(s)
}

// flow writes a list in brackets.
func (w *yamlWriter) flow(lines []knowledge.Line, indent int) {
	w.b.WriteString(" [")
	column := w.column()
	for i, l := range lines {
		s := scalar(l.Text)
		if i < len(lines)-1 {
			s += ","
		} else {
			s += "]"
		}
		n := utf8.RuneCountInString(s)
		if i > 0 && column+1+n > lineWidth {
			w.b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		} else if i > 0 {
			w.b.WriteByte(' ')
			column++
		}
		w.b.WriteString(s)
		column += n
	}
	w.b.WriteByte('\n')
}

// column is the number of characters in the last line.
func (w *yamlWriter) column() int {
	data := w.b.Bytes()
	return utf8.RuneCount(data[bytes.LastIndexByte(data, '\n')+1:])
}

// text writes a text behind its key. Prose is in quotes, or, with several lines, a block of
// them.
func (w *yamlWriter) text(s string, prose bool, indent int) {
	switch {
	case !prose:
		w.b.WriteString(" " + scalar(s) + "\n")
	case isBlock(s):
		w.b.WriteString(" |-\n")
		for l := range strings.SplitSeq(s, "\n") {
			if l != "" {
				w.b.WriteString(strings.Repeat(" ", indent) + l)
			}
			w.b.WriteByte('\n')
		}
	default:
		w.b.WriteByte(' ')
		w.wrapped(quoted(s), indent)
	}
}

// isBlock reports whether a text has several lines and is the same when it is read from a block.
func isBlock(s string) bool {
	if !strings.Contains(s, "\n") || strings.ContainsAny(s, "\t\r") || strings.HasPrefix(s, " ") {
		return false
	}
	if r, _ := utf8.DecodeRuneInString(s); unicode.In(r, unicode.Pi, unicode.Pf, unicode.Ps) {
		return false // a quote there is reported, as it is often meant to be one of YAML
	}
	for l := range strings.SplitSeq(s, "\n") {
		if strings.TrimRight(l, " ") != l {
			return false
		}
	}
	return quotedForm(s)
}

// quotedForm reports whether no character but line ends needs an escape.
func quotedForm(s string) bool {
	return strings.IndexFunc(s, func(r rune) bool { return r != '\n' && escaped(r) }) < 0
}

// escaped reports whether a character is written as an escape in quotes, other than a quote
// or backslash. Joiners are needed as they are, in emoji and some scripts.
func escaped(r rune) bool {
	return r < ' ' || r >= 0x7f && !unicode.IsGraphic(r) && r != '\u200c' && r != '\u200d' || r == '\ufeff' ||
		r == '\u2028' || r == '\u2029'
}

// quoted is a text in double quotes.
func quoted(s string) string {
	var b strings.Builder
	b.WriteByte('"')
	for _, r := range s {
		switch {
		case r == '"', r == '\\':
			b.WriteString(`\` + string(r))
		case r == '\n':
			b.WriteString(`\n`)
		case r == '\t':
			b.WriteString(`\t`)
		case escaped(r) && r < 0x10000:
			fmt.Fprintf(&b, `\u%04x`, r)
		case escaped(r):
			fmt.Fprintf(&b, `\U%08x`, r)
		default:
			b.WriteRune(r)
		}
	}
	return b.String() + `"`
}

// wrapped writes a text in quotes. YAML reads a line end between two words as a space.
func (w *yamlWriter) wrapped(s string, indent int) {
	column := w.column()
	for i, word := range strings.Split(s, " ") {
		n := utf8.RuneCountInString(word)
		switch {
		case i == 0:
		case column+1+n > lineWidth && word != "" && w.lastIsWord() && !strings.HasPrefix(word, "-") &&
			!strings.Contains(word, ":"): // a line that looks like an item or a key is reported
			w.b.WriteString("\n" + strings.Repeat(" ", indent))
			column = indent
		default:
			w.b.WriteByte(' ')
			column++
		}
		w.b.WriteString(word)
		column += n
	}
	w.b.WriteByte('\n')
}

// lastIsWord reports whether the last character written is no space.
func (w *yamlWriter) lastIsWord() bool {
	data := w.b.Bytes()
	return data[len(data)-1] != ' '
}
