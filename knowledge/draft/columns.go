package draft

import (
	"fmt"
	"slices"
	"strings"

	"frontdesk/knowledge/words"
)

// column is a column of a table.
type column struct {
	name  string
	is    Role
	given bool // by the options
	cells profile
}

// profile is what the cells of a column are.
type profile struct {
	filled, distinct, digits, words int
	kinds                           [isChannel + 1]int
}

// mostly reports whether at least this share of the cells, in percent, is of a kind.
func (p *profile) mostly(kind, percent int) bool {
	return p.filled > 0 && 100*p.kinds[kind] >= percent*p.filled
}

func profileOf(rows [][]string, i int) (p profile) {
	const most = 2_000 // cells; those after them are as those before them
	seen := map[string]bool{}
	for _, row := range rows[:min(len(rows), most)] {
		if i >= len(row) || row[i] == "" {
			continue
		}
		p.filled++
		seen[row[i]] = true
		p.words += len(strings.Fields(row[i]))
		if strings.ContainsAny(row[i], "0123456789") {
			p.digits++
		}
		if len(row[i]) < 500 { // no list of addresses is longer
			p.kinds[kindOf(row[i])]++
		}
	}
	p.distinct = len(seen)
	return p
}

// columnsOf says what each column of a table stands for: by its name, and by its cells.
func columnsOf(header []string, rows [][]string, given map[string]string) ([]column, error) {
	width := len(header)
	for _, row := range rows {
		width = max(width, len(row))
	}
	columns := make([]column, width)
	for i := range columns {
		c := &columns[i]
		if i < len(header) {
			c.name = strings.Join(strings.Fields(header[i]), " ")
		}
		c.cells = profileOf(rows, i)
		if c.name == "" {
			c.name = fmt.Sprintf("Column %d", i+1)
		}
		c.is, _ = roleOf(c.name)
		c.judge()
	}
	if err := override(columns, given); err != nil {
		return nil, err
	}
	named(columns)
	if !slices.ContainsFunc(columns, func(c column) bool { return c.is == Name }) {
		return nil, fmt.Errorf("no column has the names of the divisions; say which one it is, such as --column %q",
			columns[0].name+"="+string(Name))
	}
	return columns, nil
}

// judge corrects what the name of a column says by its cells.
func (c *column) judge() {
	const most, some = 60, 20 // percent of the cells
	p := &c.cells
	switch {
	case c.is == Ignored || c.is == Slack || c.is == Discord || p.filled == 0:
	case p.mostly(isEmail, most):
		c.is = Email
	case p.mostly(isWeb, most):
		c.is = URL
	case p.mostly(isNumber, most) && (c.is == Contact || c.is == Email || c.is == URL || c.is == ""):
		c.is = Phone
	case p.mostly(isChannel, most):
		c.is = Slack
	case c.is == Email && !p.mostly(isEmail, some), c.is == Phone && !p.mostly(isNumber, some),
		c.is == URL && !p.mostly(isWeb, some):
		c.is = Contact
	case c.is == Name && words.Normal(c.name) == words.Normal("office") && 100*p.digits >= most*p.filled:
		c.is = Location // a list of people has a room there
	case c.is == ID && p.distinct < p.filled:
		c.is = Fact
	}
	if c.is == "" {
		c.is = Fact
	}
}

// override takes the roles that people gave.
func override(columns []column, given map[string]string) error {
	for name, role := range given {
		if !slices.Contains(Roles(), Role(role)) {
			return fmt.Errorf("--column %s=%s: there is no role %s; the roles are %s", name, role, role, roleNames())
		}
		found := false
		for i := range columns {
			if nameKey(columns[i].name) == nameKey(name) {
				columns[i].is, columns[i].given, found = Role(role), true, true
			}
		}
		if !found {
			var names []string
			for _, c := range columns {
				names = append(names, "“"+c.name+"”")
			}
			return fmt.Errorf("--column %s=%s: the table has no column %s; its columns are %s", name, role, name,
				strings.Join(names, ", "))
		}
	}
	return nil
}

func roleNames() string {
	var names []string
	for _, r := range Roles() {
		names = append(names, string(r))
	}
	return strings.Join(names, ", ")
}

// named finds the column with the names of the divisions. Of several, such as department and
// division, it is the one with most different names, and the other is what it reports to.
func named(columns []column) {
	people := slices.ContainsFunc(columns, func(c column) bool { return c.is == person })
	best, plain := -1, -1
	given := slices.IndexFunc(columns, func(c column) bool { return c.given && c.is == Name })
	for i := range columns {
		switch c := &columns[i]; {
		case c.is == Name && (best < 0 || c.cells.distinct > columns[best].cells.distinct):
			best = i
		case c.is == generic && plain < 0:
			plain = i
		}
	}
	if given >= 0 {
		best = given
	}
	if plain >= 0 && given < 0 {
		switch {
		case best < 0:
			best = plain
		case !people && columns[plain].cells.distinct > columns[best].cells.distinct && columns[best].is == Name &&
			!slices.ContainsFunc(columns, func(c column) bool { return c.is == Handles }):
			best = plain // "Name, Department": the department is what the named unit belongs to
		}
	}
	if best < 0 {
		best = firstNames(columns)
	}
	for i := range columns {
		switch c := &columns[i]; {
		case i == best:
			c.is = Name
		case c.given:
		case c.is == Name:
			c.is = ReportsTo
		case c.is == generic && people, c.is == person, c.is == generic:
			c.is = Fact
		}
	}
}

// firstNames is the first column whose cells are different short texts, or -1.
func firstNames(columns []column) int {
	return slices.IndexFunc(columns, func(c column) bool {
		p := c.cells
		return c.is == Fact && !c.given && p.filled > 1 && p.distinct*10 > p.filled*8 && p.words < 6*p.filled &&
			p.digits*2 < p.filled && !strings.HasPrefix(c.name, "Column ")
	})
}

// explain says how the columns are taken.
func (d *Draft) explain(columns []column) {
	d.guessed = true
	for _, c := range columns {
		switch {
		case c.cells.filled == 0 && strings.HasPrefix(c.name, "Column "):
		case c.cells.filled == 0:
			d.notef("Column “%s” is empty.", short(c.name))
		case c.is == Fact || c.is == ID && !c.given:
			d.notef("Column “%s” is kept as a fact.", short(c.name))
		case c.is == Ignored:
			d.notef("Column “%s” is left out.", short(c.name))
		default:
			d.notef("Column “%s” is taken as %s.", short(c.name), c.is)
		}
	}
}
