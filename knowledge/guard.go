package knowledge

import (
	"bytes"
	"slices"
	"unicode/utf8"

	"github.com/goccy/go-yaml/token"
)

// Bounds of a knowledge file. Real files stay far below them; without them a
// few kilobytes could take the machine's memory, or an hour.
const (
	maxFileSize = 64 << 20    // bytes; eight times a file of 150,000 example questions
	maxMarks    = 2 << 20     // characters that may begin a token of some 300 bytes; 150,000 questions have 500,000
	maxDepth    = 64          // levels of nesting, each a recursion of the parser; the format has seven
	maxKeys     = 1000        // keys of one block, each a recursion too
	maxKey      = 200         // bytes of a key; the parser repeats it with every value below
	maxTags     = 10_000      // anchors, aliases and tags, each a recursion again
	maxSteps    = 100_000_000 // steps where the parser is quadratic: a second or two
	maxNodes    = 1_000_000   // values after aliases are unfolded; six times a file of 150,000 example questions
)

// look reports whether data is a text that the scanner can be trusted with: it
// needs quadratic time for empty lines after a block text, tabs in a quoted
// text and a run of <.
func (d *decoder) look(data []byte) bool {
	number, before, blank, marks, steps := 0, 0, 0, 0, 0
	for line := range bytes.Lines(data) {
		number++
		if !utf8.Valid(line) {
			i := 0
			for r, size := utf8.DecodeRune(line); r != utf8.RuneError || size > 1; r, size = utf8.DecodeRune(line[i:]) {
				i += size
			}
			d.errorf(d.place(data, before+i), "the byte 0x%02x is not UTF-8; save the file with the encoding UTF-8", line[i])
			return false
		}
		tabs, angles := 0, 0
		for i, c := range line {
			switch byteClass[c] {
			case markByte:
				marks++
				if c == '<' {
					angles++
					steps += angles
				}
			case controlByte:
				if c == '\t' {
					tabs++
				} else if c != '\r' || i+1 == len(line) || line[i+1] != '\n' {
					d.errorf(d.place(data, before+i), "the control character U+%04X cannot stand in a knowledge file", c)
					return false
				}
			}
		}
		if blank++; len(bytes.TrimSpace(line)) > 0 {
			blank = 0
		}
		if blank > 20 {
			steps += before
		}
		steps += tabs * len(line)
		before += len(line)
		switch at := (Pos{d.file, number, 1}); {
		case marks > maxMarks:
			d.errorf(at, "the file has too many entries to be read at once; split it into a folder of files")
			return false
		case steps > maxSteps:
			d.errorf(at, "the file has too many empty lines, tabs or < up to here; remove them")
			return false
		}
	}
	return true
}

const (
	markByte    = 1 // may begin a token
	controlByte = 2
)

var byteClass = func() (c [256]byte) {
	for i := range ' ' {
		c[i] = controlByte
	}
	c[0x7f] = controlByte
	for _, m := range []byte("\n-?:,[]{}&*!|<>#'\"@`%") {
		c[m] = markByte
	}
	return c
}()

// place is the line and column of the byte at offset i.
func (d *decoder) place(data []byte, i int) Pos {
	start := bytes.LastIndexByte(data[:i], '\n') + 1
	return Pos{d.file, bytes.Count(data[:i], []byte{'\n'}) + 1, utf8.RuneCount(data[start:i]) + 1}
}

// shape reports whether the parser can be trusted with the tokens. It recurses for
// each level, for each further key of a block and for each anchor and tag, and
// moves all tokens that follow where a value is missing; a stack that overflows
// cannot be recovered from.
func (d *decoder) shape(tokens token.Tokens) bool {
	type level struct {
		column int        // where the entries of a block begin
		flow   token.Type // or the bracket that is open
		keys   int        // of the block, or since the last comma
	}
	levels := []level{{}}
	props, missing := 0, 0
	var prev, end *token.Token
	tokens = slices.DeleteFunc(slices.Clone(tokens), func(t *token.Token) bool { return t.Type == token.CommentType })
	for i, t := range tokens {
		var next *token.Token
		if i+1 < len(tokens) {
			next = tokens[i+1]
		}
		top := &levels[len(levels)-1]
		if end != nil || t.Type == token.DocumentHeaderType && prev != nil && tokens[0].Type != token.DirectiveType {
			if t.Type == token.DocumentHeaderType && next != nil {
				t = next
			}
			d.errorf(d.tokenPos(t), "a second document starts here; put it into a file of its own in the same folder")
			return false
		}
		first := t // token of the entry
		switch t.Type {
		case token.DocumentEndType:
			end = t
		case token.AnchorType, token.AliasType, token.TagType:
			props++
		case token.MappingStartType, token.SequenceStartType:
			levels = append(levels, level{flow: t.Type})
		case token.CollectEntryType, token.MappingEndType, token.SequenceEndType:
			if top.flow == token.MappingStartType && top.keys == 0 {
				missing++ // {key} and {key: 1, key}
			}
			top.keys = 0
			if t.Type != token.CollectEntryType && len(levels) > 1 {
				levels = levels[:len(levels)-1]
			}
		case token.MappingValueType:
			if prev != nil && prev.Type != token.MappingKeyType {
				first = prev
			}
			fallthrough
		case token.SequenceEntryType, token.MappingKeyType:
			column := first.Position.Column
			if top.flow == 0 {
				for len(levels) > 1 && levels[len(levels)-1].column > column {
					levels = levels[:len(levels)-1]
				}
				if levels[len(levels)-1].column < column {
					levels = append(levels, level{column: column})
				}
				top = &levels[len(levels)-1]
			}
			if t.Type != token.SequenceEntryType {
				top.keys++
			}
			switch {
			case next == nil, top.flow != 0 && (next.Type == token.CollectEntryType || next.Type == token.MappingEndType):
				missing++
			case top.flow == 0 && next.Position.Line > t.Position.Line:
				if c := next.Position.Column; c < column || c == column && (t == first || next.Type != token.SequenceEntryType) {
					missing++
				}
			}
		}
		at := d.tokenPos(first)
		switch {
		case len(levels)-1 > maxDepth:
			d.errorf(at, "the file is nested more than %d levels deep here; the format has seven", maxDepth)
		case top.keys > maxKeys:
			d.errorf(at, "more than %d keys stand in one block here", maxKeys)
		case (t.Type == token.MappingValueType || prev != nil && prev.Type == token.MappingKeyType) && len(first.Value) > maxKey:
			d.errorf(at, "a key cannot be longer than %d bytes; is a colon followed by a blank part of the text? put the text into quotes", maxKey)
		case props > maxTags:
			d.errorf(at, "the file has more than %d anchors, aliases and tags; write the values out", maxTags)
		case (missing+props)*len(tokens)/8 > maxSteps: // it moves eight in a step
			d.errorf(at, "too many keys and list items have no value up to here; remove them")
		default:
			prev = t
			continue
		}
		return false
	}
	return true
}
