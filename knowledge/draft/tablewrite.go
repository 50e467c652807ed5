package draft

import (
	"bytes"
	"encoding/csv"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge"
)

// longestCell is how many bytes of a list a cell has at most. Spreadsheets cut a cell off
// after 32,767 characters.
const longestCell = 30_000

// tableWriter collects rows by the names of their columns.
type tableWriter struct {
	rows   []map[string]string
	labels []string // facts that are columns
}

func (w *tableWriter) row(kind, division string, spots []spot) map[string]string {
	row := map[string]string{"kind": kind, "id": division}
	rest := map[string][]string{}
	for _, s := range spots {
		switch {
		case s.line != nil:
			row[s.column] = s.line.Text
		case s.flag != nil && *s.flag:
			row[s.column] = "yes"
		case s.list != nil:
			row[s.column], rest[s.column] = cellOf(itemsOf(*s.list))
		}
	}
	w.rows = append(w.rows, row)
	for {
		more := map[string]string{"kind": kindMore, "id": row["id"]}
		for column, items := range rest {
			if len(items) > 0 {
				more[column], rest[column] = cellOf(items)
			}
		}
		if len(more) == 2 {
			return row
		}
		w.rows = append(w.rows, more)
	}
}

// itemsOf are the items of a list as they are in a cell.
func itemsOf(lines []knowledge.Line) (items []string) {
	for _, l := range lines {
		if l.Text != "" {
			items = append(items, strings.NewReplacer(`\`, `\\`, "\n", `\n`).Replace(l.Text))
		}
	}
	return items
}

// cellOf joins as many items as fit into a cell.
func cellOf(items []string) (cell string, rest []string) {
	size := 0
	for i, item := range items {
		if size += len(item) + 1; size > longestCell && i > 0 {
			return strings.Join(items[:i], "\n"), items[i:]
		}
	}
	return strings.Join(items, "\n"), nil
}

// Table writes a file as CSV for spreadsheets, with a byte order mark, which Excel needs to read
// it as UTF-8. [Read] reads it back without loss.
func Table(f *knowledge.File) []byte {
	w := tableWriter{labels: labelsOf(f)}
	if spots := organizationSpots(&f.Organization); !blank(spots) {
		w.row(kindOrganization, "", spots)
	}
	if spots := sourceSpots(&f.Source); !blank(spots) {
		w.row(kindSource, "", spots)
	}
	if f.Language.Text != "" {
		w.row(kindLanguage, "", []spot{one("name", &f.Language)})
	}
	if f.FalseAnswers.Text != "" {
		w.row(kindFalseAnswers, "", []spot{one("name", &f.FalseAnswers)})
	}
	for i := range f.Urgent {
		w.row(kindUrgent, "", urgentSpots(&f.Urgent[i]))
	}
	for i := range f.Divisions {
		w.division(&f.Divisions[i])
	}
	for i := range f.TellApart {
		w.row(kindTellApart, "", tellApartSpots(&f.TellApart[i]))
	}
	for i := range f.Synonyms {
		w.row(kindSynonyms, "", []spot{many("keywords", &f.Synonyms[i])})
	}
	for i := range f.Declines {
		w.row(kindDeclined, "", declinedSpots(&f.Declines[i]))
	}
	return w.csv()
}

func blank(spots []spot) bool {
	return !slices.ContainsFunc(spots, func(s spot) bool {
		return s.line != nil && s.line.Text != "" || s.list != nil && len(*s.list) > 0 || s.flag != nil && *s.flag
	})
}

func (w *tableWriter) division(d *knowledge.Division) {
	id := d.ID.Text
	row := w.row(kindDivision, "", divisionSpots(d))
	// Facts are read back in the order of the columns, then of the rows.
	next, apart := 0, 0
	for apart < len(d.Facts) {
		f := &d.Facts[apart]
		at := slices.Index(w.labels[next:], f.Label.Text)
		if at < 0 || len(f.Audience) > 0 || f.Text.Text == "" {
			break
		}
		row[factColumn(f.Label.Text)] = f.Text.Text
		next += at + 1
		apart++
	}
	for i := apart; i < len(d.Facts); i++ {
		w.row(kindFact, id, factSpots(&d.Facts[i]))
	}
	if spots := sourceSpots(&d.Source); !blank(spots) {
		w.row(kindDivisionSource, id, spots)
	}
	for i := range d.Handles {
		w.row(kindResponsibility, id, responsibilitySpots(&d.Handles[i]))
	}
	for i := range d.Programs {
		w.row(kindProgram, id, programSpots(&d.Programs[i]))
	}
	for i := range d.NotFor {
		w.row(kindNearMiss, id, nearMissSpots(&d.NotFor[i]))
	}
	for i := range d.Links {
		w.row(kindLink, id, linkSpots(&d.Links[i]))
	}
}

// mostLabels is how many further facts are columns: as many as a screen shows.
const mostLabels = 12

// labelsOf are the facts that are columns: the known ones, and others that several divisions
// have.
func labelsOf(f *knowledge.File) []string {
	labels := slices.Clone(factColumns)
	counts := map[string]int{}
	for i := range f.Divisions {
		for _, fact := range f.Divisions[i].Facts {
			label := fact.Label.Text
			if counts[label]++; counts[label] == 2 && len(labels) < len(factColumns)+mostLabels && mayBeColumn(label) {
				labels = append(labels, label)
			}
		}
	}
	return labels
}

// mayBeColumn reports whether a label is read back as itself from the first row.
func mayBeColumn(label string) bool {
	return label != "" && label == strings.TrimSpace(label) && !isColumn(label) && utf8.ValidString(label)
}

// isColumn reports whether the first row names a column that is no fact.
func isColumn(name string) bool {
	return slices.Contains(tableColumns, strings.ToLower(strings.TrimSpace(name)))
}

// factColumn is the name of a fact's column in a row: apart from the other columns.
func factColumn(label string) string {
	if slices.Contains(factColumns, label) {
		return label
	}
	return "\x00" + label
}

func (w *tableWriter) csv() []byte {
	used := map[string]bool{}
	for _, row := range w.rows {
		for column, cell := range row {
			used[column] = used[column] || cell != ""
		}
	}
	var columns []string
	for i, c := range tableColumns {
		if i < shownColumns || used[c] {
			columns = append(columns, c)
		}
		if c != factColumns[len(factColumns)-1] {
			continue
		}
		for _, label := range w.labels {
			if f := factColumn(label); f != label && used[f] {
				columns = append(columns, f)
			}
		}
	}
	var b bytes.Buffer
	b.WriteString("\ufeff")
	out := csv.NewWriter(&b)
	record := make([]string, len(columns))
	for i, c := range columns {
		record[i] = Guard(strings.TrimPrefix(c, "\x00"))
	}
	_ = out.Write(record) // a buffer takes everything
	for _, row := range w.rows {
		for i, c := range columns {
			record[i] = Guard(row[c])
		}
		_ = out.Write(record)
	}
	out.Flush()
	return b.Bytes()
}
