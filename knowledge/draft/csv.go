package draft

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"regexp"
	"strings"
)

// readCSV reads a table as a spreadsheet exports it.
func (d *Draft) readCSV(source string, o Options) error {
	rows, err := parseCSV(source)
	if err != nil {
		return err
	}
	if isTable(rows) {
		return d.readTable(rows)
	}
	for _, row := range rows {
		for i := range row {
			row[i] = strings.TrimSpace(unformula(strings.TrimSpace(spaced(row[i]))))
			if nothingForm.MatchString(row[i]) {
				row[i] = ""
			}
		}
	}
	header, err := headerOf(rows)
	if err != nil {
		return err
	}
	for i, row := range rows[:header] {
		if text := strings.Join(trimmed(row), " "); text != "" && i == 0 {
			d.File.Source.Title = line(text)
			d.notef("“%s”, above the table, is taken as its title.", short(text))
		} else if text != "" {
			d.unused("%s (above the table)", short(text))
		}
	}
	if d.File.Source.Title.Text != "" {
		d.File.Source.Seen = line(o.Seen)
	}
	columns, err := columnsOf(rows[header], rows[header+1:], o.Columns)
	if err != nil {
		return err
	}
	d.rows(columns, rows[header+1:])
	return nil
}

// nothingForm matches what people write into a cell that has nothing to say.
var nothingForm = regexp.MustCompile(`(?i)^([-–—]+|n/?a|n\.a\.|none|tbd|null|#n/a|#ref!|#value!)$`)

// parseCSV reads rows, separated by the delimiter with which most rows have the same number
// of columns.
func parseCSV(source string) ([][]string, error) {
	best, bestScore := ',', -1
	if rest, ok := strings.CutPrefix(source, "sep="); ok && len(rest) > 1 && rest[1] == '\n' { // a mark of Excel
		best, bestScore, source = rune(rest[0]), 1, rest[2:]
	}
	if bestScore < 0 {
		sample := source[:min(len(source), 100_000)]
		for _, delimiter := range []rune{',', ';', '\t', '|'} {
			if score := alike(sample, delimiter); score > bestScore {
				best, bestScore = delimiter, score
			}
		}
	}
	if best == 0 || best == '"' || best == '\n' || best == '\r' {
		return nil, fmt.Errorf("the line sep= names no delimiter; delete that line")
	}
	r := newReader(source, best)
	var rows [][]string
	for cells := 0; ; {
		row, err := r.Read()
		if errors.Is(err, io.EOF) {
			return rows, nil
		}
		if err != nil {
			return nil, fmt.Errorf("this is not a table: %w", err)
		}
		if cells += len(row); cells > maxCells || len(row) > maxColumns {
			return nil, fmt.Errorf("the table has more than %d cells, or more than %d columns; "+
				"keep only the rows and columns about divisions", maxCells, maxColumns)
		}
		rows = append(rows, row)
	}
}

func newReader(source string, delimiter rune) *csv.Reader {
	r := csv.NewReader(strings.NewReader(source))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = delimiter, -1, true
	return r
}

// alike says how well a delimiter fits: how many rows have as many columns as most rows, at
// least two. The number of columns decides only between equals, since lists within cells have
// many semicolons.
func alike(sample string, delimiter rune) int {
	r := newReader(sample, delimiter)
	const most = 200 // rows
	counts := map[int]int{}
	for range most {
		row, err := r.Read()
		if err != nil {
			break
		}
		counts[len(row)]++
	}
	score := 0
	for columns, rows := range counts {
		if columns >= 2 && rows >= 1 {
			score = max(score, rows*maxColumns+min(columns, maxColumns-1))
		}
	}
	return score
}

// headerOf finds the row with the names of the columns: below titles, the first with most
// names that are known.
func headerOf(rows [][]string) (int, error) {
	const deepest = 30 // rows above a header
	best, most := -1, 0
	for i, row := range rows[:min(len(rows), deepest)] {
		known := 0
		for _, cell := range row {
			is, exact := roleOf(cell)
			switch {
			case cell == "" || is == "" || len(strings.Fields(cell)) > topicWords || kindOf(cell) != isOther:
			case exact:
				known += 3
			default:
				known++
			}
		}
		if known > most {
			best, most = i, known
		}
	}
	if best >= 0 && most >= 3 {
		return best, nil
	}
	for i, row := range rows[:min(len(rows), deepest)] {
		if n := len(trimmed(row)); n > 1 && n*2 > len(row) {
			for _, cell := range row {
				if kindOf(cell) != isOther {
					return 0, errors.New("the table has no row with the names of its columns; add one above the first row, " +
						"such as: name, what it does, e-mail, phone")
				}
			}
			return i, nil
		}
	}
	if best >= 0 {
		return best, nil
	}
	return 0, errors.New("no table was found in it; put one division in each row, with the names of the columns in the " +
		"first row, such as: name, what it does, e-mail, phone")
}
