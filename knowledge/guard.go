package knowledge

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"
)

// Bounds of a knowledge file, or of all files of a folder together. Real ones stay
// far below them; without them a small file could take the machine's memory, or an
// hour. An organization that needs more needs several programs.
const (
	maxFileSize = 64 << 20 // bytes; eight times a file of 150,000 example questions
	maxFiles    = 2_000    // of a folder; one for each division
	maxEntries  = 10_000   // of a folder, of whatever kind: they are listed every two seconds

	maxDivisions = 2_000  // each is told from all others; the largest organizations seen have 150
	maxDeclines  = 500    // each is told from all others as well; files have up to 41
	maxPairs     = 5_000  // told apart, or groups of synonyms; files have up to 47
	maxQuestions = 20_000 // of one division or topic; the largest set of examples has 1,000
	maxItems     = 1_000  // of any other list, and keys of one block; files have up to 120

	maxKey      = 200    // characters of a key; a fact's label has up to 30
	maxName     = 500    // … of a name, a keyword, a title: what stands in one line; files have up to 142
	maxAddress  = 2_000  // … of a web page; browsers and buttons take no longer ones
	maxQuestion = 2_000  // … of an example question; a mail that somebody really sent has 857
	maxProse    = 10_000 // … of what is read; no platform shows half of it in a message

	// Marks are the characters that begin a value of YAML, of some 200 bytes in
	// memory: 150,000 example questions have 300,000 in 8 MiB. A file may have so
	// many, and besides one for each two bytes.
	maxMarks  = 1_000_000
	someMarks = 50_000

	// Steps are what it takes to learn a text, some 60 µs each. A file of up to a
	// megabyte may have so many, a larger one besides one for each six bytes: 15,000
	// example questions have 60,000, ten times as many in 8 MiB 600,000, and 1,500
	// divisions with twenty keywords and ten questions each 100,000.
	someSteps    = 120_000
	bytesOfSteps = 6
	// Each example question is tried with each division and declined topic: so often
	// in all, each for four bytes. 150,000 with 150 are 23 million.
	maxTries = 50_000_000
	// What has other marks is learned once more, with all that its readers see: so
	// often, and so many texts in all. The shipped file has 7,400 texts.
	maxLayers = 40
	maxTaught = 400_000
	// Aliases may repeat so many bytes of texts beyond those that are written.
	someBytes = 256 << 10
)

// kind is how long a text may be, in characters, whether it may have lines, and
// how many steps it takes to learn it.
type kind struct {
	length int
	lines  bool
	steps  int
}

// kinds are the kinds of texts by the tag of their field.
var kinds = map[string]kind{
	"":         {length: maxName, steps: 1},
	"address":  {length: maxAddress, steps: 1},
	"question": {length: maxQuestion, lines: true, steps: 4}, // to learn it, and to try it when it is left out
	"prose":    {length: maxProse, lines: true},              // by its sentences
}

// stepsOf is how many steps a text takes.
func (k kind) stepsOf(s string) int {
	if k.steps > 0 {
		return k.steps
	}
	return 1 + strings.Count(s, "\n") + strings.Count(s, ". ") + strings.Count(s, "! ") + strings.Count(s, "? ")
}

// mostOf is how many entries the list under a key may have.
func mostOf(key string) int {
	switch key {
	case "divisions":
		return maxDivisions
	case "declines":
		return maxDeclines
	case "questions":
		return maxQuestions
	case "tell_apart", "synonyms":
		return maxPairs
	}
	return maxItems
}

// remedyOf says what to do about a list that is too long.
func remedyOf(key string) verbatim {
	switch key {
	case "divisions":
		return "join those that answer the same people, or keep them in two files with a program each"
	case "declines":
		return "join those with the same answer"
	case "questions", "keywords":
		return "keep those that differ most"
	}
	return "take some out"
}

// once are the lists in which the same text again says nothing more.
var once = map[string]bool{"keywords": true, "aliases": true, "questions": true}

// budget is what the files that are read together may still have.
type budget struct {
	marks, values, bytes, steps int
}

// newBudget is the budget of files with so many bytes in all.
func newBudget(size int) budget {
	marks := min(maxMarks, someMarks+size/2)
	return budget{marks: marks, values: marks, bytes: size + someBytes, steps: someSteps + max(0, size-1<<20)/bytesOfSteps}
}

// spent reports whether there is no sense in reading on.
func (b *budget) spent() bool { return min(b.marks, b.values, b.bytes, b.steps) < 0 }

// tries is how often an example question is tried with a division.
func (f *File) tries() int {
	questions := 0
	for i := range f.Divisions {
		questions += len(f.Divisions[i].allQuestions())
	}
	for _, d := range f.Declines {
		questions += len(d.Questions)
	}
	return questions * (len(f.Divisions) + len(f.Declines))
}

// look reports whether data is a text that can be read with what is left of the
// budget: it counts what may become a value, so that a megabyte of brackets is
// refused before each of them takes two hundred bytes.
func (d *decoder) look(data []byte) bool {
	number, before := 0, 0
	for line := range bytes.Lines(data) {
		number++
		last := rune(0)
		for i := 0; i < len(line); {
			r, n := rune(line[i]), 1
			if r >= utf8.RuneSelf {
				r, n = utf8.DecodeRune(line[i:])
			} else if mark := markOf[r]; mark > 1 || mark == 1 && (r != '-' || i+1 == len(line) || line[i+1] <= ' ') {
				d.left.marks -= int(mark)
			}
			switch {
			case r == utf8.RuneError && n == 1:
				d.errorf(d.place(data, before+i), "the byte 0x%02x is not UTF-8; save the file with the encoding UTF-8", line[i])
				return false
			case r == '\n', r == '\t', r == '\r' && bytes.HasPrefix(line[i:], []byte("\r\n")):
			case text.Unprintable(last, r):
				d.errorf(d.place(data, before+i), "%s cannot stand in a knowledge file; take it out", called(r))
				return false
			}
			last, i = r, i+n
		}
		if d.left.marks < 0 {
			d.errorf(Pos{d.file, number, 1}, "up to here there are more lines, list items and brackets "+
				"than a file of this size should have; is it a knowledge file?")
			return false
		}
		before += len(line)
	}
	return true
}

// markOf is how many values may begin at a character: a brace begins a mapping that
// may be a key, a comma a key and what it stands for. A hyphen counts only before a
// blank. A comment is kept as well, as long as a value.
var markOf = [utf8.RuneSelf]uint8{'\n': 1, '-': 1, '[': 1, ':': 1, '#': 2, ',': 2, '{': 2}

// place is the line and column of the byte at offset i.
func (d *decoder) place(data []byte, i int) Pos {
	start := bytes.LastIndexByte(data[:i], '\n') + 1
	return Pos{d.file, bytes.Count(data[:i], []byte{'\n'}) + 1, utf8.RuneCount(data[start:i]) + 1}
}
