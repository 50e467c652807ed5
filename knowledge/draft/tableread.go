package draft

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/knowledge"
)

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
