package knowledge

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// parse returns the syntax tree of a file. It is nil if the file is not YAML or has
// only comments, which parse reports.
func (d *decoder) parse(data []byte) *yaml.Node {
	lines := &lineReader{data: prepared(data)}
	tree, next, err := documents(lines)
	switch {
	case err != nil:
		d.syntax(data, lines.data, lines.at, err)
		return nil
	case next != nil:
		d.errorf(d.pos(next), "a second document begins here, below a line ---; "+
			"put it in a file of its own in the same folder")
		return nil
	}
	if tree == nil {
		d.errorf(Pos{File: d.file}, "the file has only comments; it needs at least the keys version and divisions")
	}
	return tree
}

// documents reads the first document and, if there is one, the next.
func documents(r io.Reader) (first, next *yaml.Node, err error) {
	defer func() {
		if cause := recover(); cause != nil { // a bug of the library must not stop the program
			err = errors.New("it cannot read this file; write it in a simpler form")
		}
	}()
	decoder := yaml.NewDecoder(r)
	var found [2]*yaml.Node
	for i := range found {
		var n yaml.Node
		if err := decoder.Decode(&n); errors.Is(err, io.EOF) {
			break
		} else if err != nil {
			return nil, nil, err
		}
		found[i] = n.Content[0]
	}
	return found[0], found[1], nil
}

// lineReader returns one line for each call of Read, so that it is known how far the
// library has read when it reports a mistake. The library names the line where the
// block with the mistake begins, which may be a thousand lines above.
type lineReader struct {
	data []byte
	at   int // bytes returned so far
}

// Read implements [io.Reader].
func (r *lineReader) Read(p []byte) (int, error) {
	if r.at == len(r.data) {
		return 0, io.EOF
	}
	rest := r.data[r.at:]
	if end := bytes.IndexByte(rest[:min(len(p), len(rest))], '\n'); end >= 0 {
		rest = rest[:end+1]
	}
	n := copy(p, rest)
	r.at += n
	return n, nil
}

// placeholder replaces each question mark before the library reads a file: between brackets
// the library reads one as the beginning of a key, as in [who pays me?]. No file may
// have this character. Written as an escape it becomes a question mark, which does no
// harm.
const placeholder = "\ufdd0"

// prepared is data in a form that the library reads as people mean it.
func prepared(data []byte) []byte {
	return unJSON(bytes.ReplaceAll(data, []byte("?"), []byte(placeholder)))
}

// restored is a text that the library has read, with its question marks.
func restored(s string) string { return strings.ReplaceAll(s, placeholder, "?") }

// jsonForm matches the escapes of JSON that the library does not know: a pair of
// surrogates for one character, and \/.
var jsonForm = regexp.MustCompile(`\\*\\(u(?i:d[89ab][0-9a-f]{2})\\u(?i:d[c-f][0-9a-f]{2})|/)`)

// unJSON replaces these escapes by those of YAML.
func unJSON(data []byte) []byte {
	has := func(s string) bool { return bytes.Contains(data, []byte(s)) }
	if !has(`\/`) && !has(`\ud`) && !has(`\uD`) {
		return data
	}
	return jsonForm.ReplaceAllFunc(data, func(found []byte) []byte {
		slashes := len(found) - len(bytes.TrimLeft(found, `\`))
		if slashes%2 == 0 {
			return found // the last backslash is an escaped backslash
		}
		before, digits := slices.Clone(found[:slashes-1]), found[slashes:]
		if len(digits) == len("/") {
			return append(before, '/')
		}
		high, _ := strconv.ParseUint(string(digits[1:5]), 16, 32) // the form says that they are digits
		low, _ := strconv.ParseUint(string(digits[7:11]), 16, 32)
		return fmt.Appendf(before, `\U%08x`, (high-0xd800)<<10+(low-0xdc00)+0x10000)
	})
}

// lineForm is how the library names a line.
var lineForm = regexp.MustCompile(`^line (\d+): `)

// syntax reports why the file is not YAML. The library has read plain, which is data
// for the library, up to at. Only texts of a knowledge file are quoted.
func (d *decoder) syntax(data, plain []byte, at int, err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	read := len(data) // the library reads whole lines, and data has the same ones
	if at < len(plain) {
		_, read = lineOf(data, bytes.Count(plain[:at], []byte{'\n'})+1)
	}
	noticed := bytes.Count(bytes.TrimRight(data[:read], "\r\n"), []byte{'\n'}) + 1
	if named := lineForm.FindStringSubmatch(message); named != nil {
		message = message[len(named[0]):]
		if !strings.HasPrefix(message, "did not find expected") { // else the line where the block begins
			noticed, _ = strconv.Atoi(named[1]) // the form says that it is a number
		}
	}
	if strings.HasPrefix(message, "exceeded max depth") {
		d.errorf(d.deep(plain, at), "the file is nested too deeply here; the format has seven levels")
		return
	}
	w := findCause(data, read, d.ours)
	switch {
	case w.cause != nil:
		d.errorf(d.place(data, w.cause.at), "%s", w.cause.says)
	case w.bracket >= 0:
		d.errorf(d.place(data, w.bracket), "the %s that opens here has no end, or a comma is missing in it",
			verbatim(bracketed(data[w.bracket])))
	default:
		if strings.HasPrefix(message, "unknown anchor") {
			message = "unknown anchor" // what follows is a text of the file
		}
		d.errorf(d.begin(data, noticed), "this cannot be read as YAML; check the indentation, quotes and brackets "+
			"here and above (the YAML library reports: %s)", verbatim(message))
	}
}

// NotYAML says at which line and column data is not YAML, and why. It quotes nothing of
// data, which may hold secrets. The line is 0 if data is YAML.
func NotYAML(data []byte) (line, column int, why string) {
	d := &decoder{left: newBudget(len(data))}
	data = bytes.TrimPrefix(data, []byte("\uFEFF"))
	if at := conflict(data); at >= 0 {
		d.errorf(d.place(data, at), "%s", verbatim(unresolved))
	} else if d.checkBytes(data) {
		d.parse(data)
	}
	for _, p := range d.errors {
		line, column, why = p.Pos.Line, p.Pos.Column, p.Message
	}
	return line, column, why
}

// lineOf is the text of a line, and the offset where it begins.
func lineOf(data []byte, number int) (line []byte, start int) {
	for range number - 1 {
		end := bytes.IndexByte(data[start:], '\n')
		if end < 0 || start+end+1 == len(data) {
			break // the end of the file is part of its last line
		}
		start += end + 1
	}
	line, _, _ = bytes.Cut(data[start:], []byte{'\n'})
	return line, start
}

// begin is the place of the first character of a line that is no space.
func (d *decoder) begin(data []byte, number int) Pos {
	line, start := lineOf(data, number)
	return d.place(data, start+len(line)-len(bytes.TrimLeft(line, " ")))
}

// deep is a place in the last line that was read where it is nested more deeply than
// the format can be.
func (d *decoder) deep(data []byte, at int) Pos {
	const levels = 64
	number := bytes.Count(data[:max(0, at-1)], []byte{'\n'}) + 1
	line, start := lineOf(data, number)
	seen := 0
	for i, c := range line {
		if c == '[' || c == '{' || c == '-' {
			seen++
		}
		if seen > levels {
			return d.place(data, start+i)
		}
	}
	return d.begin(data, number)
}

// oursForm matches a line that every knowledge file has.
var oursForm = regexp.MustCompile(`(?m)^(["']?)(divisions["']?:|version["']?: *1\s*$)`)

// isOurs reports whether data looks like a knowledge file. Messages quote nothing of
// any other file, which may hold secrets: a link in the folder may lead anywhere.
func isOurs(data []byte) bool { return utf8.Valid(data) && oursForm.Match(data) }
