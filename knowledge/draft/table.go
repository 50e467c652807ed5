package draft

import "frontdesk/knowledge"

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
