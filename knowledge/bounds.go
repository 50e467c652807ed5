package knowledge

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge/text"
)

// Bounds of a knowledge file, or of all files of a folder together. Real files stay far
// below them. Without them a small file could use all memory of the machine, or keep it
// busy for an hour. An organization that needs more runs several programs. The YAML
// library bounds only the depth: it holds 83 MiB for one megabyte of list items.
const (
	maxFileSize = 64 << 20 // bytes; eight times a file of 150,000 example questions
	maxFiles    = 2_000    // of a folder; one for each division
	maxEntries  = 10_000   // of a folder, of any kind: they are listed every two seconds

	maxDivisions = 2_000  // each is compared with all others; the largest organizations seen have 150
	maxDeclines  = 500    // each is compared with all others as well; files have up to 41
	maxPairs     = 5_000  // entries of tell_apart, or groups of synonyms; files have up to 47
	maxQuestions = 20_000 // of one division or topic; the largest set of examples has 1,000
	maxItems     = 1_000  // of any other list, and keys of one block; files have up to 120

	maxKey      = 200    // characters of a key; a fact's label has up to 30
	maxName     = 500    // … of a name, a keyword, a title and other single lines; files have up to 142
	maxAddress  = 2_000  // … of a web address; browsers and buttons accept no longer ones
	maxQuestion = 2_000  // … of an example question; the longest real mail seen has 857
	maxProse    = 10_000 // … of a text of several sentences; no platform shows half of it in a message

	// Marks are the characters that begin a YAML value, which takes some 200 bytes of
	// memory: 150,000 example questions have 300,000 marks in 8 MiB. A file may have
	// someMarks and one more for every two bytes, but no more than maxMarks.
	maxMarks  = 1_000_000
	someMarks = 50_000

	// A step is a unit of the time it takes to learn a text, some 60 µs. A file of up to
	// a megabyte may take someSteps, a larger one also one for every bytesOfSteps bytes
	// beyond that: 15,000 example questions take 60,000, ten times as many in 8 MiB
	// 600,000, and 1,500 divisions with twenty keywords and ten questions each 100,000.
	someSteps    = 120_000
	bytesOfSteps = 6
	// Each example question is tried with each division and declined topic, at four
	// bytes of memory a try. 150,000 questions with 150 divisions are 23 million tries.
	maxTries = 50_000_000
	// Each combination of audiences is learned once more, with all texts that its
	// readers see: at most maxLayers combinations, and maxLearned texts in all. The
	// shipped file has 7,400 texts.
	maxLayers  = 40
	maxLearned = 400_000
	// someBytes is by how many bytes of text aliases may expand a file.
	someBytes = 256 << 10
)

// kind says how long a text may be, in characters, whether it may have several lines,
// and how many steps it takes to learn it.
type kind struct {
	length int
	lines  bool
	steps  int
}

// kinds are the kinds of texts by the tag of their field.
var kinds = map[string]kind{
	"":         {length: maxName, steps: 1},
	"address":  {length: maxAddress, steps: 1},
	"question": {length: maxQuestion, lines: true, steps: 4}, // to learn it, and to try it while it is left out
	"prose":    {length: maxProse, lines: true},              // steps by its sentences
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

// remedyOf is the advice on a list that is too long.
func remedyOf(key string) verbatim {
	switch key {
	case "divisions":
		return "join those that serve the same people, or use two files with one program each"
	case "declines":
		return "join those with the same answer"
	case "questions", "keywords":
		return "keep those that differ most"
	}
	return "delete some of them"
}

// distinct are the lists in which a repeated text adds nothing.
var distinct = map[string]bool{"keywords": true, "aliases": true, "questions": true}

// budget is how much the files that are read together may still have.
type budget struct {
	marks, values, bytes, steps int
}

// newBudget is the budget of files with size bytes in all.
func newBudget(size int) budget {
	marks := min(maxMarks, someMarks+size/2)
	steps := someSteps + max(0, size-1<<20)/bytesOfSteps
	return budget{marks: marks, values: marks, bytes: size + someBytes, steps: steps}
}

// spent reports whether one of the bounds is exceeded, so that reading stops.
func (b *budget) spent() bool { return min(b.marks, b.values, b.bytes, b.steps) < 0 }

// tries is how often an example question is tried with a division or declined topic.
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

// checkBytes reports whether data is valid UTF-8 without control or invisible characters, and
// has no more marks than the budget allows. The marks are counted before the YAML
// library reads the file, because each may take two hundred bytes of memory there. The
// library names no place for a wrong byte or a control character.
func (d *decoder) checkBytes(data []byte) bool {
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
				d.errorf(d.place(data, before+i), "the byte 0x%02x is not UTF-8; save the file as UTF-8", line[i])
				return false
			case r == '\n', r == '\t', r == '\r' && bytes.HasPrefix(line[i:], []byte("\r\n")):
			case text.Unprintable(last, r):
				d.errorf(d.place(data, before+i), "the file cannot contain %s; delete it", nameOf(r))
				return false
			}
			last, i = r, i+n
		}
		if d.left.marks < 0 {
			d.errorf(Pos{d.file, number, 1}, "up to this line the file has more lines, list items and brackets "+
				"than a knowledge file of its size can need; check that it is one")
			return false
		}
		before += len(line)
	}
	return true
}

// markOf is how many values may begin at a character: at a brace a mapping and its first
// key, at a comma a key and its value. A hyphen counts only before a space. The library
// keeps comments as well, and they count as two.
var markOf = [utf8.RuneSelf]uint8{'\n': 1, '-': 1, '[': 1, ':': 1, '#': 2, ',': 2, '{': 2}

// place is the line and column of the byte at offset i.
func (d *decoder) place(data []byte, i int) Pos {
	start := bytes.LastIndexByte(data[:i], '\n') + 1
	return Pos{d.file, bytes.Count(data[:i], []byte{'\n'}) + 1, utf8.RuneCount(data[start:i]) + 1}
}

// LabelLimit is how many bytes the label of a fact may have.
const LabelLimit = maxKey

// TextLimit is how many characters a text of [File] may have, and whether it may have several
// lines. The tag is of its field says what it is.
func TextLimit(is string) (characters int, lines bool) {
	k := kinds[is]
	return k.length, k.lines
}

// ListLimit is how many entries the list under a key may have, and whether a repeated text is
// reported.
func ListLimit(key string) (entries int, different bool) { return mostOf(key), distinct[key] }
