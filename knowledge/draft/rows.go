package draft

import (
	"regexp"
	"slices"
	"strings"

	"frontdesk/knowledge"
)

// entry is the rows of one division.
type entry struct {
	division int
	rows     [][]string
}

// totalForm matches the name of a row with sums.
var totalForm = regexp.MustCompile(`(?i)^(grand |sub-?)?(total|sum|summe|gesamt)s?:?$`)

var footerForm = regexp.MustCompile(`(?i)^(total|sum|source|note|last updated|updated|as of|generated|` +
	`page \d|\*|©|quelle|stand)`)

// rows adds the divisions of a table. A row without a name continues the one above, as merged
// cells do. Several rows with one name are one division with several responsibilities.
func (d *Draft) rows(columns []column, rows [][]string) {
	d.explain(columns)
	at := slices.IndexFunc(columns, func(c column) bool { return c.is == Name })
	parent := slices.IndexFunc(columns, func(c column) bool { return c.is == ReportsTo && !c.given })
	var entries []entry
	index := map[int]int{}
	current, above := -1, ""
	own := hasOwnTexts(columns, rows, at)
	for n, row := range rows {
		filled := trimmed(row)
		name := ""
		if at < len(row) {
			name = row[at]
		}
		if parent >= 0 && parent < len(row) && row[parent] != "" && row[parent] != above {
			if above = row[parent]; name == "" && len(filled) > 0 {
				name = above // a row about the department itself
			}
		}
		switch {
		case len(filled) == 0:
			continue
		case len(filled) == 1 && len(columns) > 1 && footerForm.MatchString(filled[0]) && n > 0:
			d.unused("%s (a row below the table)", short(filled[0]))
			continue
		case totalForm.MatchString(name):
			d.unused("%s (a row with sums)", short(strings.Join(filled, ", ")))
			continue
		case name != "" && nameKey(name) == nameKey(columns[at].name) && len(filled) > 1:
			continue // the header again, on the next page
		case name != "":
			current = d.division(name)
		case current < 0:
			d.unused("%s (a row without a name)", short(strings.Join(filled, ", ")))
			continue
		}
		i, ok := index[current]
		if !ok {
			i = len(entries)
			index[current] = i
			entries = append(entries, entry{division: current})
		}
		entries[i].rows = append(entries[i].rows, row)
	}
	for _, e := range entries {
		d.entry(columns, e, own)
	}
}

// hasOwnTexts reports whether each row of a division describes its own responsibility: whether
// a row that continues a division has a description, another one than the row above.
func hasOwnTexts(columns []column, rows [][]string, name int) bool {
	for i, c := range columns {
		if c.is != Summary {
			continue
		}
		last := map[string]string{} // description by name
		current := ""
		for _, row := range rows {
			if name < len(row) && row[name] != "" {
				current = nameKey(row[name])
			}
			text := ""
			if i < len(row) {
				text = row[i]
			}
			before, ok := last[current]
			if ok && text != "" && text != before {
				return true
			}
			if !ok {
				last[current] = text
			}
		}
	}
	return false
}

// entry adds what the rows of one division say.
func (d *Draft) entry(columns []column, e entry, ownTexts bool) {
	topics := slices.ContainsFunc(columns, func(c column) bool { return c.is == Handles })
	// In a table with a row for each responsibility, the descriptions differ and belong to them.
	several := len(e.rows) > 1
	own := ownTexts && (several || topics)
	for _, row := range e.rows {
		cell := func(i int) string {
			if i < len(row) {
				return row[i]
			}
			return ""
		}
		var duties []knowledge.Responsibility
		for i, c := range columns {
			if c.is == Handles {
				for _, item := range split(cell(i), shortParts) {
					duties = append(duties, responsibility(item))
				}
			}
		}
		var text string
		var notes []string // how to reach whoever has this responsibility
		var words, questions []string
		for i, c := range columns {
			value := cell(i)
			switch {
			case value == "" || c.is == Name || c.is == Handles:
			case c.is == Summary && own && (len(duties) == 1 || !topics):
				text = strings.TrimSpace(text + "\n\n" + value)
			case c.is == Keywords:
				words = append(words, split(value, anyParts)...)
			case c.is == Questions && several && len(duties) == 1:
				questions = append(questions, splitQuestions(value)...)
			case several && len(duties) == 1 && d.reachedElsewhere(e.division, c, value):
				notes = append(notes, c.name+": "+strings.Join(linesOf(value), ", "))
			case c.is == ID:
				d.identify(e.division, c, value)
			case c.is == ReportsTo && nameKey(value) == nameKey(d.File.Divisions[e.division].Name.Text):
			default:
				d.say(e.division, c.is, c.name, value)
			}
		}
		text = strings.TrimSpace(text + "\n\n" + strings.Join(notes, "; "))
		if text != "" && len(duties) == 0 {
			duties = append(duties, responsibility(text))
			text = ""
		}
		if len(words)+len(questions) > 0 && len(duties) != 1 {
			duties = append(duties, knowledge.Responsibility{})
		}
		if n := len(duties) - 1; n >= 0 {
			if text != "" {
				duties[n].Text = joined(duties[n].Text, text, "\n\n")
			}
			duties[n].Keywords = linesFrom(words)
			duties[n].Questions = linesFrom(questions)
		}
		for _, r := range duties {
			d.handle(e.division, r)
		}
	}
}

// handle adds a responsibility, to the one with the same topic if there is one.
func (d *Draft) handle(division int, r knowledge.Responsibility) {
	e := &d.File.Divisions[division]
	key := topicKey{division, nameKey(r.Topic.Text)}
	if r.Topic.Text == "" {
		key.topic = "\x00" + r.Text.Text
	}
	at, ok := d.topicAt[key]
	if !ok {
		if most, _ := knowledge.ListLimit("handles"); len(e.Handles) > most {
			d.unused("%s: %s", e.Name.Text, short(r.Topic.Text+" "+r.Text.Text))
			return
		}
		if d.topicAt == nil {
			d.topicAt = map[topicKey]int{}
		}
		d.topicAt[key] = len(e.Handles)
		e.Handles = append(e.Handles, r)
		return
	}
	h := &e.Handles[at]
	if r.Text.Text != "" {
		h.Text = joined(h.Text, r.Text.Text, "\n\n")
	}
	for _, l := range r.Keywords {
		h.Keywords = with(h.Keywords, "keywords", l.Text)
	}
	for _, l := range r.Questions {
		h.Questions = with(h.Questions, "questions", l.Text)
	}
}

var idForm = regexp.MustCompile(`^[a-z0-9]+(-[a-z0-9]+)*$`)

// identify gives a division an id of the table if it has the form of one. Others, such as the
// number of a cost center, are facts.
func (d *Draft) identify(division int, c column, value string) {
	e := &d.File.Divisions[division]
	isNumber := strings.Trim(value, "0123456789-") == ""
	if idForm.MatchString(value) && value != "none" && (c.given || !isNumber) {
		if e.ID.Text == "" {
			e.ID = line(value)
		}
		return
	}
	fact(e, c.name, value)
}

// reachedElsewhere reports whether a cell says how to reach somebody else in the division than
// the rows above.
func (d *Draft) reachedElsewhere(division int, c column, value string) bool {
	e := &d.File.Divisions[division]
	has := func(l knowledge.Line) bool { return l.Text != "" && !strings.Contains(value, l.Text) }
	switch c.is {
	case Email:
		return has(e.Contact.Email)
	case Phone:
		return has(e.Contact.Phone)
	case Contact:
		return has(e.Contact.Email) || has(e.Contact.Phone) && e.Contact.Email.Text == ""
	case Lead, Location, Hours:
		return slices.ContainsFunc(e.Facts, func(f knowledge.Fact) bool {
			return f.Label.Text == string(c.is) && !strings.Contains(f.Text.Text, value)
		})
	}
	return false
}
