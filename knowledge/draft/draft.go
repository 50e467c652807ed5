package draft

import (
	"bytes"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"
	"strings"

	"frontdesk/knowledge"
)

// Draft is a knowledge file in the making.
type Draft struct {
	File knowledge.File
	// Notes say how the source was read, one sentence each.
	Notes []string
	// Unused is what found no place in the file.
	Unused []string

	byName  map[string]int   // the index in File.Divisions by the name in its normal form
	topicAt map[topicKey]int // the index in Division.Handles
	see     []seeAlso
	page    bool     // it was a page
	guessed bool     // its columns were guessed
	whole   bool     // it was a table of [Table], which is kept as it is
	base    *url.URL // of the links of a page, or nil
}

// topicKey is a topic of a division.
type topicKey struct {
	division int
	topic    string // in its normal form
}

// seeAlso is a reference to a division by its name.
type seeAlso struct {
	from int // the index in File.Divisions
	name string
}

// Options change how a source is read.
type Options struct {
	// Columns says by the name of a column what it stands for: one of [Roles].
	Columns map[string]string
	// Level is the level of the headings that name divisions, from 1 to 6; 0 finds it.
	Level int
	// Seen is the day the source was read, such as 2026-11-23.
	Seen string
}

// Bounds of a source. Without them a small file could keep the machine busy for long.
const (
	maxPage     = 16 << 20  // bytes of an HTML page; the longest real ones have 5 MiB
	maxTags     = 400_000   // of an HTML page, at some 300 bytes of memory each
	maxMarkdown = 256 << 10 // bytes of a Markdown page: a book
	maxMarkup   = 8_000     // characters of markup between two blank lines: the parser's time grows with their square
	maxCells    = 500_000   // of a table; 2,000 divisions with 50 columns have 100,000
	maxColumns  = 300
)

// Read makes a draft of a file, whose name says what it is: a table (.csv, .tsv, .txt), an
// HTML page (.html, .htm), or a Markdown page (.md). The content decides where the name does
// not. The error says what to do instead.
func Read(name string, data []byte, o Options) (*Draft, error) {
	if kind := otherKind(data); kind != "" {
		return nil, errors.New(kind)
	}
	source, err := decode(data)
	if err != nil {
		return nil, err
	}
	if strings.TrimSpace(source) == "" {
		return nil, errors.New("the file is empty")
	}
	d := &Draft{}
	switch ext := strings.ToLower(filepath.Ext(name)); {
	case ext == ".yaml" || ext == ".yml":
		return nil, errors.New("this is a knowledge file already; frontdesk check says what is wrong with it")
	case ext == ".html" || ext == ".htm" || ext == ".xhtml" || ext != ".csv" && looksLikeHTML(source):
		err = d.readHTML(source, o)
	case ext == ".md" || ext == ".markdown" || ext != ".csv" && ext != ".tsv" && looksLikeMarkdown(source):
		err = d.readMarkdown(source, o)
	default:
		err = d.readCSV(source, o)
	}
	switch {
	case err != nil:
		return nil, err
	case o.Level > 0 && !d.page:
		return nil, errors.New("--level is for the headings of a page, and this is a table")
	case len(o.Columns) > 0 && !d.guessed:
		return nil, errors.New("--column is for tables whose columns are guessed, and none of them was read")
	}
	if len(d.File.Divisions) == 0 {
		return nil, errors.New("no division was found in it; put one division in each row of a table, " +
			"with the names of the columns in its first row, and save it as CSV")
	}
	if !d.whole {
		d.topics()
	}
	d.finish()
	return d, nil
}

// otherKind is what to say about a file of another kind.
func otherKind(data []byte) string {
	begins := func(s string) bool { return bytes.HasPrefix(data, []byte(s)) }
	switch {
	case begins("PK\x03\x04"), begins("\xd0\xcf\x11\xe0"):
		return "this is a workbook or a document of an office program; save it as CSV or as a web page there"
	case begins("%PDF-"):
		return "this is a PDF; save the page as HTML, or put one division in each row of a table and save it as CSV"
	case begins(`{\rtf`):
		return "this is a document of an office program; save it as a web page there"
	}
	return ""
}

func looksLikeHTML(s string) bool {
	start := strings.ToLower(strings.TrimSpace(s[:min(len(s), 2000)]))
	return strings.HasPrefix(start, "<") && strings.Contains(start, ">")
}

// looksLikeMarkdown reports whether a text has a heading.
func looksLikeMarkdown(s string) bool {
	for line := range strings.Lines(s[:min(len(s), 20_000)]) {
		if rest := strings.TrimLeft(line, "#"); len(rest) < len(line) && strings.HasPrefix(rest, " ") {
			return true
		}
	}
	return false
}

func (d *Draft) notef(format string, args ...any) {
	d.Notes = append(d.Notes, fmt.Sprintf(format, args...))
}

// mostUnused is how many texts without a place are listed: more than anybody reads.
const mostUnused = 200

func (d *Draft) unused(format string, args ...any) {
	switch {
	case len(d.Unused) < mostUnused:
		d.Unused = append(d.Unused, fmt.Sprintf(format, args...))
	case len(d.Unused) == mostUnused:
		d.Unused = append(d.Unused, "… and more")
	}
}

func line(s string) knowledge.Line { return knowledge.Line{Text: s} }

// short is a text for a message.
func short(s string) string {
	const most = 80 // characters: one line of a terminal
	s = strings.Join(strings.Fields(s), " ")
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}
