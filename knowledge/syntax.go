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

// parse makes the syntax tree of a file, or reports why it is none. There is no
// tree in a file of comments alone.
func (d *decoder) parse(data []byte) *yaml.Node {
	lines := &lineReader{data: data}
	tree, next, err := documents(lines)
	switch {
	case err != nil:
		d.syntax(data, lines.at, err)
		return nil
	case next != nil:
		d.errorf(d.pos(next), "a second document starts here; put it into a file of its own in the same folder")
		return nil
	}
	if tree == nil {
		d.errorf(Pos{File: d.file}, "the file has only comments; it needs at least version and divisions")
	}
	return tree
}

// documents reads the first document and, if there is one, the next.
func documents(r io.Reader) (first, next *yaml.Node, err error) {
	defer func() {
		if cause := recover(); cause != nil { // a fault of the library does not take the program down
			err = errors.New("this is too unusual to read; write it more plainly")
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

// lineReader hands out a line at a time, so that one can see how far the library
// has come when it finds a mistake: it names the line where the block begins that
// has the mistake, which may be a thousand lines above.
type lineReader struct {
	data []byte
	at   int // bytes handed out
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

// asked stands for a question mark while the library reads, which takes one inside
// brackets for the beginning of a key, as in [who pays me?]. It stands in no file;
// written as an escape it becomes a question mark, which does no harm.
const asked = "\ufdd0"

// plainer is data in words that the library reads as they are meant.
func plainer(data []byte) []byte {
	return unJSON(bytes.ReplaceAll(data, []byte("?"), []byte(asked)))
}

// meant is a text that the library has read.
func meant(s string) string { return strings.ReplaceAll(s, asked, "?") }

// jsonForm is what JSON has and the library does not know: one character written as
// a pair of surrogates, and \/.
var jsonForm = regexp.MustCompile(`\\*\\(u(?i:d[89ab][0-9a-f]{2})\\u(?i:d[c-f][0-9a-f]{2})|/)`)

// unJSON writes such characters as YAML does.
func unJSON(data []byte) []byte {
	has := func(s string) bool { return bytes.Contains(data, []byte(s)) }
	if !has(`\/`) && !has(`\ud`) && !has(`\uD`) {
		return data
	}
	return jsonForm.ReplaceAllFunc(data, func(found []byte) []byte {
		slashes := len(found) - len(bytes.TrimLeft(found, `\`))
		if slashes%2 == 0 {
			return found // the last backslash stands for itself
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

var (
	lineForm   = regexp.MustCompile(`^line (\d+): `)
	anchorForm = regexp.MustCompile(`^unknown anchor '(.*)' referenced$`)
)

// syntax reports why the file is not YAML: at is how far it has been read. Nothing
// of the file is quoted but the name of an alias, if it is one of ours.
func (d *decoder) syntax(data []byte, at int, err error) {
	message := strings.TrimPrefix(err.Error(), "yaml: ")
	if alias := anchorForm.FindStringSubmatch(message); alias != nil {
		where := d.place(data, max(0, bytes.LastIndex(data[:at], []byte("*"+alias[1]))))
		if !d.ours {
			d.errorf(where, "this alias has no anchor above it")
			return
		}
		d.errorf(where, "the alias *%s has no anchor &%s above it", meant(alias[1]), meant(alias[1]))
		return
	}
	line := 1
	if named := lineForm.FindStringSubmatch(message); named != nil {
		line, _ = strconv.Atoi(named[1]) // the form says that it is a number
		message = message[len(named[0]):]
	}
	for _, m := range mistakes {
		if strings.HasPrefix(message, m.problem) {
			where := m.where(d, data, line, at, message)
			d.errorf(where, "%s", verbatim(m.says))
			return
		}
	}
	d.errorf(d.begin(data, line), notYAML+"%s", verbatim(message))
}

// mistakes are what the library says most often, in words that help, and how to
// find the place.
var mistakes = []struct {
	problem string
	where   func(d *decoder, data []byte, line, at int, message string) Pos
	says    string
}{
	{"did not find expected key", (*decoder).before, notYAML + "this is no key of the block that it stands in; " +
		"look at the indentation and at the quotes"},
	{"did not find expected '-' indicator", (*decoder).before,
		notYAML + "this is no item of the list that it stands in; look at the indentation"},
	{"did not find expected node content", (*decoder).before, notYAML + "a value is missing here"},
	{"did not find expected ',' or", (*decoder).below,
		notYAML + "the bracket that opens here has no end, or a comma is missing in it"},
	{"found unexpected end of stream", (*decoder).quoted,
		notYAML + "the text in quotes that begins here has no end; add the closing quote"},
	{"found a tab", (*decoder).tab, notYAML + "a line cannot begin with a tab; indent with spaces"},
	{"found character that cannot start", (*decoder).reserved,
		notYAML + "no text can begin with a tab, @, ` or % without quotes"},
	{"mapping values are not allowed", (*decoder).only, notYAML + "a colon followed by a blank cannot stand here; " +
		"put a text that has one into quotes, or look at the indentation"},
	{"could not find expected ':'", (*decoder).only,
		notYAML + "this is neither a key with a colon nor the rest of a text"},
	{"exceeded max depth", (*decoder).deep, "the file is nested too deeply here; the format has seven levels"},
}

const notYAML = "not valid YAML: "

// lineOf is the text of a line, and where it begins.
func lineOf(data []byte, number int) (line []byte, start int) {
	for range number - 1 {
		end := bytes.IndexByte(data[start:], '\n')
		if end < 0 || start+end+1 == len(data) {
			break // the end of the file belongs to its last line
		}
		start += end + 1
	}
	line, _, _ = bytes.Cut(data[start:], []byte{'\n'})
	return line, start
}

// begin is where the text of a line begins.
func (d *decoder) begin(data []byte, number int) Pos {
	line, start := lineOf(data, number)
	return d.place(data, start+len(line)-len(bytes.TrimLeft(line, " ")))
}

func (d *decoder) only(data []byte, line, _ int, _ string) Pos { return d.begin(data, line) }

func (d *decoder) below(data []byte, line, _ int, _ string) Pos {
	_, start := lineOf(data, line)
	return d.begin(data, bytes.Count(data[:start], []byte{'\n'})+2)
}

// before looks for the line of a mistake that the library saw when it had read so
// much: the first without which it is not seen.
func (d *decoder) before(data []byte, _, at int, message string) Pos {
	const (
		linesBack = 3         // what follows an item is read before it is taken
		smallFile = 256 << 10 // bytes; of a larger one the line must do that was read last
	)
	read := bytes.TrimRight(data[:at], "\n")
	for range linesBack {
		end := bytes.LastIndexByte(read, '\n')
		if end < 0 || at > smallFile {
			break
		}
		if _, _, err := documents(bytes.NewReader(read[:end+1])); err == nil || !strings.HasSuffix(err.Error(), message) {
			break
		}
		read = bytes.TrimRight(read[:end], "\n")
	}
	return d.begin(data, bytes.Count(read, []byte{'\n'})+1)
}

// quoted is where a text in quotes begins that is still open at the end of its line.
func (d *decoder) quoted(data []byte, number, _ int, _ string) Pos {
	line, start := lineOf(data, number)
	open, opened := byte(0), 0
	for i, c := range line {
		switch {
		case open != 0:
			if c == open && (c == '\'' || line[i-1] != '\\') {
				open = 0
			}
		case (c == '"' || c == '\'') && (i == 0 || bytes.IndexByte([]byte(" \t[{,"), line[i-1]) >= 0):
			open, opened = c, i
		}
	}
	return d.place(data, start+opened)
}

// tab is the tab at the beginning of a line.
func (d *decoder) tab(data []byte, number, _ int, _ string) Pos {
	_, start := lineOf(data, number)
	for i := start; i < len(data); {
		blank := len(data[i:]) - len(bytes.TrimLeft(data[i:], " "))
		if data[min(i+blank, len(data)-1)] == '\t' {
			return d.place(data, i+blank)
		}
		end := bytes.IndexByte(data[i:], '\n')
		if end < 0 {
			break
		}
		i += end + 1
	}
	return d.place(data, start)
}

// reserved is the character in a line that no text begins with.
func (d *decoder) reserved(data []byte, number, _ int, _ string) Pos {
	line, start := lineOf(data, number)
	for i, c := range line {
		if bytes.IndexByte([]byte("\t@`%"), c) >= 0 && (i == 0 || bytes.IndexByte([]byte(" \t[{,"), line[i-1]) >= 0) {
			return d.place(data, start+i)
		}
	}
	return d.begin(data, number)
}

// deep is where the format's depth is left behind for sure in a line that has more
// levels than can be read.
func (d *decoder) deep(data []byte, _, at int, _ string) Pos {
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

// oursForm is a line that a knowledge file has.
var oursForm = regexp.MustCompile(`(?m)^(["']?)(divisions["']?:|version["']?: *1\s*$)`)

// isOurs reports whether data looks like a knowledge file. Of any other, such as
// one that a link in the folder leads to, nothing is quoted: it may be a secret.
func isOurs(data []byte) bool { return utf8.Valid(data) && oursForm.Match(data) }
