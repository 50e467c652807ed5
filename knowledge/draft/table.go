package draft

import (
	"bytes"
	"encoding/csv"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge"
)

// A table holds a whole file, in rows of several kinds. The column kind says what a row is,
// and id which division it belongs to. A cell with a list has one item a line. In an item,
// \n is a line end, and \\ a backslash. Facts of a division are columns with the labels of the
// facts; those that do not fit there are rows.

// The kinds of rows.
const (
	kindOrganization   = "organization"
	kindSource         = "source"
	kindLanguage       = "language"
	kindFalseAnswers   = "false answers"
	kindUrgent         = "urgent"
	kindDivision       = "division"
	kindDivisionSource = "division source"
	kindFact           = "fact"
	kindResponsibility = "responsibility"
	kindProgram        = "program"
	kindNearMiss       = "near miss"
	kindLink           = "link"
	kindTellApart      = "tell apart"
	kindSynonyms       = "synonyms"
	kindDeclined       = "declined topic"
	kindMore           = "more" // continues the lists of the row above
)

// tableColumns are the columns in their order. Those after shownColumns are left out when they
// are empty.
var tableColumns = []string{"kind", "id", "name", "aliases", "text", "keywords", "questions", "email", "phone", "url",
	"slack", "discord", "lead", "reports_to", "location", "hours", "see", "seen", "contact_audience", "audience",
	"private"}

const shownColumns = 10

// factColumns are the facts that are always columns.
var factColumns = []string{"lead", "reports_to", "location", "hours"}

// spot is where a cell of a row is in a File.
type spot struct {
	column string
	line   *knowledge.Line
	list   *[]knowledge.Line
	flag   *bool
}

func one(column string, l *knowledge.Line) spot     { return spot{column: column, line: l} }
func many(column string, ls *[]knowledge.Line) spot { return spot{column: column, list: ls} }

// The cells of each kind of row, for writing as well as for reading.

func divisionSpots(d *knowledge.Division) []spot {
	c := &d.Contact
	return []spot{
		one("id", &d.ID), one("name", &d.Name), many("aliases", &d.Aliases), one("text", &d.Summary),
		many("questions", &d.Questions), one("email", &c.Email), one("phone", &c.Phone), one("url", &c.URL),
		one("slack", &c.Slack), one("discord", &c.Discord), many("contact_audience", &c.Audience),
		many("see", &d.SeeAlso), many("audience", &d.Audience), {column: "private", flag: &d.Private},
	}
}

func responsibilitySpots(h *knowledge.Responsibility) []spot {
	return []spot{one("name", &h.Topic), one("text", &h.Text), many("keywords", &h.Keywords),
		many("questions", &h.Questions), many("audience", &h.Audience)}
}

func programSpots(p *knowledge.Program) []spot {
	return []spot{one("name", &p.Name), one("aliases", &p.Acronym), one("text", &p.Text), many("keywords", &p.Keywords),
		many("questions", &p.Questions), many("audience", &p.Audience)}
}

func nearMissSpots(n *knowledge.NotFor) []spot {
	return []spot{one("name", &n.Text), one("text", &n.Say), one("see", &n.See), many("audience", &n.Audience)}
}

func linkSpots(l *knowledge.Link) []spot { return []spot{one("name", &l.Title), one("url", &l.URL)} }

func factSpots(f *knowledge.Fact) []spot {
	return []spot{one("name", &f.Label), one("text", &f.Text), many("audience", &f.Audience)}
}

func sourceSpots(s *knowledge.Source) []spot {
	return []spot{one("name", &s.Title), one("url", &s.URL), one("seen", &s.Seen)}
}

func organizationSpots(o *knowledge.Organization) []spot {
	return []spot{one("name", &o.Name), many("aliases", &o.Aliases), one("url", &o.URL)}
}

func urgentSpots(u *knowledge.Urgent) []spot {
	return []spot{many("keywords", &u.Phrases), one("text", &u.Say)}
}

func tellApartSpots(t *knowledge.TellApart) []spot {
	return []spot{many("see", &t.Between), one("text", &t.Say)}
}

func declinedSpots(d *knowledge.Decline) []spot {
	return []spot{one("id", &d.ID), one("name", &d.Topic), many("questions", &d.Questions), one("text", &d.Answer),
		many("audience", &d.Audience)}
}

// longestCell is how many bytes of a list a cell has at most. Spreadsheets cut a cell off
// after 32,767 characters.
const longestCell = 30_000

// tableWriter collects rows by the names of their columns.
type tableWriter struct {
	rows    []map[string]string
	columns map[string]bool
	labels  []string // facts that are columns
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
	// Reading does not change a file that it shares with its spots.
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

// isTable reports whether rows are a table of [Table].
func isTable(rows [][]string) bool {
	if len(rows) == 0 {
		return false
	}
	for _, c := range []string{"kind", "id", "name"} {
		if !slices.ContainsFunc(rows[0], func(s string) bool { return strings.EqualFold(strings.TrimSpace(s), c) }) {
			return false
		}
	}
	return true
}

// readTable reads a table of [Table], perhaps changed by people.
func (d *Draft) readTable(rows [][]string) error {
	columns := make([]string, len(rows[0]))
	for i, name := range rows[0] {
		switch name = unguard(name); {
		case isColumn(name):
			columns[i] = strings.ToLower(strings.TrimSpace(name))
		default:
			columns[i] = "\x00" + name
		}
	}
	d.whole = true
	t := tableReader{file: &d.File, byID: map[string]int{}, last: -1}
	for n, row := range rows[1:] {
		cells := map[string]string{}
		for i, cell := range row {
			if i < len(columns) {
				cells[columns[i]] = unguard(cell)
			}
		}
		if len(trimmed(row)) == 0 {
			continue
		}
		if err := t.row(cells); err != nil {
			return fmt.Errorf("row %d: %w", n+2, err)
		}
		for label, cell := range cells {
			if t.kind != kindDivision && cell != "" && strings.HasPrefix(label, "\x00") {
				d.unused("%s (row %d, column “%s”, which is for divisions)", short(cell), n+2, short(label[1:]))
			}
		}
		if t.kind == kindDivision {
			t.facts(columns, cells)
		}
	}
	return nil
}

// tableReader puts rows into a File.
type tableReader struct {
	file *knowledge.File
	byID map[string]int
	last int    // the division of the row above
	kind string // of this row, or of the one that it continues
	more []spot // the cells of the row above
}

func (t *tableReader) row(cells map[string]string) error {
	kind := strings.ToLower(strings.TrimSpace(cells["kind"]))
	if kind == "" { // a row that somebody added
		kind = kindDivision
	}
	if id := strings.TrimSpace(cells["id"]); id != "" && !idForm.MatchString(id) {
		return fmt.Errorf("the id %s may contain only lower-case letters, digits and single hyphens, such as %s",
			short(id), newID(map[string]bool{}, id, "division"))
	}
	if kind == kindMore {
		for _, s := range t.more {
			if s.list != nil {
				*s.list = append(*s.list, listOf(cells[s.column])...)
			}
		}
		return nil
	}
	spots, err := t.spots(kind, strings.TrimSpace(cells["id"]), cells)
	if err != nil {
		return err
	}
	t.kind, t.more = kind, spots
	for _, s := range spots {
		switch cell := cells[s.column]; {
		case s.line != nil:
			s.line.Text = cell
		case s.list != nil:
			*s.list = listOf(cell)
		case s.flag != nil:
			*s.flag = slices.Contains([]string{"yes", "true", "ja", "oui", "sí", "x", "1", "wahr"},
				strings.ToLower(strings.TrimSpace(cell)))
		}
	}
	return nil
}

// listOf are the items of a cell.
func listOf(cell string) (lines []knowledge.Line) {
	for item := range strings.SplitSeq(cell, "\n") {
		if item = strings.TrimSpace(item); item != "" {
			lines = append(lines, line(strings.NewReplacer(`\\`, `\`, `\n`, "\n").Replace(item)))
		}
	}
	return lines
}

// add appends an empty entry to a list and returns it.
func add[E any](list *[]E) *E {
	var e E
	*list = append(*list, e)
	return &(*list)[len(*list)-1]
}

// spots makes room for a row and returns where its cells belong.
func (t *tableReader) spots(kind, id string, cells map[string]string) ([]spot, error) {
	f := t.file
	switch kind {
	case kindOrganization:
		return organizationSpots(&f.Organization), nil
	case kindSource:
		return sourceSpots(&f.Source), nil
	case kindLanguage:
		return []spot{one("name", &f.Language)}, nil
	case kindFalseAnswers:
		return []spot{one("name", &f.FalseAnswers)}, nil
	case kindUrgent:
		return urgentSpots(add(&f.Urgent)), nil
	case kindTellApart:
		return tellApartSpots(add(&f.TellApart)), nil
	case kindSynonyms:
		return []spot{many("keywords", add(&f.Synonyms))}, nil
	case kindDeclined:
		return declinedSpots(add(&f.Declines)), nil
	case kindDivision:
		if strings.TrimSpace(cells["name"]) == "" {
			return nil, fmt.Errorf("this division has no name; fill in the column name")
		}
		t.last = len(f.Divisions)
		if _, taken := t.byID[id]; taken && id != "" {
			return nil, fmt.Errorf("the id %s is already that of another division", short(id))
		}
		t.byID[id] = t.last
		return divisionSpots(add(&f.Divisions)), nil
	}
	at := t.last
	if found, ok := t.byID[id]; ok && id != "" {
		at = found
	} else if id != "" {
		return nil, fmt.Errorf("no row above is a division with the id %s", short(id))
	}
	if at < 0 {
		return nil, fmt.Errorf("there is no division above that this %s belongs to", short(kind))
	}
	e := &f.Divisions[at]
	switch kind {
	case kindFact:
		return factSpots(add((*[]knowledge.Fact)(&e.Facts))), nil
	case kindDivisionSource:
		return sourceSpots(&e.Source), nil
	case kindResponsibility:
		return responsibilitySpots(add(&e.Handles)), nil
	case kindProgram:
		return programSpots(add(&e.Programs)), nil
	case kindNearMiss:
		return nearMissSpots(add(&e.NotFor)), nil
	case kindLink:
		return linkSpots(add(&e.Links)), nil
	}
	return nil, fmt.Errorf("there is no kind %q; the kinds are %s", short(kind), strings.Join([]string{
		kindDivision, kindResponsibility, kindProgram, kindFact, kindNearMiss, kindLink, kindDivisionSource,
		kindDeclined, kindTellApart, kindSynonyms, kindUrgent, kindOrganization, kindSource, kindLanguage,
		kindFalseAnswers, kindMore}, ", "))
}

// facts adds the facts of a division's row.
func (t *tableReader) facts(columns []string, cells map[string]string) {
	e := &t.file.Divisions[t.last]
	for _, c := range columns {
		label, ok := strings.CutPrefix(c, "\x00")
		if (ok || slices.Contains(factColumns, c)) && strings.TrimSpace(cells[c]) != "" {
			f := knowledge.Fact{Label: line(label)}
			f.Text = line(cells[c])
			e.Facts = append(e.Facts, f)
		}
	}
}
