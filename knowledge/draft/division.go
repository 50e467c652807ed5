package draft

import (
	"regexp"
	"slices"
	"strings"
	"unicode/utf8"

	"frontdesk/knowledge"
	"frontdesk/knowledge/words"
)

// nameKey is a name in the form in which names are compared.
func nameKey(name string) string {
	if key := words.Normal(name); key != "" {
		return key
	}
	return strings.TrimSpace(name)
}

// division finds the division with a name, or adds it.
func (d *Draft) division(name string) int {
	name = strings.Join(strings.Fields(name), " ")
	key := nameKey(name)
	if i, ok := d.byName[key]; ok {
		return i
	}
	if d.byName == nil {
		d.byName = map[string]int{}
	}
	d.byName[key] = len(d.File.Divisions)
	d.File.Divisions = append(d.File.Divisions, knowledge.Division{Name: line(name)})
	return d.byName[key]
}

// say adds what a text, found under a label, says about a division.
func (d *Draft) say(division int, is Role, label, value string) {
	value = strings.TrimSpace(value)
	if value == "" {
		return
	}
	e := &d.File.Divisions[division]
	switch is {
	case Aliases:
		for _, a := range split(value, anyParts) {
			e.Aliases = with(e.Aliases, "aliases", a)
		}
	case Summary:
		e.Summary = joined(e.Summary, value, "\n\n")
	case Handles:
		for _, item := range split(value, shortParts) {
			d.handle(division, responsibility(item))
		}
	case Keywords:
		d.handle(division, knowledge.Responsibility{Keywords: linesFrom(split(value, anyParts))})
	case Questions:
		for _, q := range splitQuestions(value) {
			e.Questions = with(e.Questions, "questions", q)
		}
	case ProgramName:
		for _, item := range split(value, nil) {
			e.Programs = append(e.Programs, program(item))
		}
	case SeeAlso:
		for _, name := range split(value, anyParts) {
			d.see = append(d.see, seeAlso{division, name})
		}
	case Email, Phone, URL, Contact:
		d.reach(division, label, value)
	case Slack:
		channel(e, &e.Contact.Slack, label, value)
	case Discord:
		channel(e, &e.Contact.Discord, label, value)
	case Location:
		fact(e, string(is), strings.Join(linesOf(value), ", "))
	case Lead, ReportsTo, Hours:
		fact(e, string(is), strings.Join(linesOf(value), "; "))
	case Ignored:
	default:
		fact(e, label, value)
	}
}

// reach adds how a division is reached. What is neither an address nor a number, such as
// the name of a person, is kept as a fact.
func (d *Draft) reach(division int, label, value string) {
	e := &d.File.Divisions[division]
	r := reached(value)
	if label == "" {
		label = "Contact"
	}
	for _, address := range r.emails {
		set(e, &e.Contact.Email, "Other e-mail", address)
	}
	for _, number := range r.phones {
		set(e, &e.Contact.Phone, "Other phone", number)
	}
	for _, address := range r.urls {
		addPage(e, "", address)
	}
	for _, name := range r.channels {
		fact(e, "Channel", name)
	}
	if extension := extForm.FindString(r.rest); extension != "" && e.Contact.Phone.Text == "" {
		e.Contact.Phone = line(extension)
		r.rest = strings.Trim(strings.Replace(r.rest, extension, "", 1), " ,;:/|")
	}
	switch whole := webAddress(r.rest); {
	case whole != "":
		addPage(e, "", whole)
	default:
		is := label
		if streetForm.MatchString(r.rest) {
			is = string(Location)
			r.rest = strings.ReplaceAll(strings.Join(linesOf(r.rest), ", "), "; ", ", ")
		}
		fact(e, is, r.rest)
	}
}

// streetForm matches the beginning of a postal address.
var streetForm = regexp.MustCompile(`(?i)^(building|bldg|room|rm|suite|floor)\b|^\d{1,5}[A-Za-z]?,? \pL{2,}|` +
	`^\pL[\pL .-]*(straße|strasse|str\.|platz|weg|gasse) \d+`)

// set sets a text of a contact. A second, different one is kept as a fact.
func set(e *knowledge.Division, l *knowledge.Line, label, value string) {
	switch l.Text {
	case "":
		*l = line(value)
	case value:
	default:
		fact(e, label, value)
	}
}

// addPage adds a web page: the first is that of the contact, the others are links.
func addPage(e *knowledge.Division, title, address string) {
	if e.Contact.URL.Text == "" {
		e.Contact.URL = line(address)
		return
	}
	if most, _ := knowledge.ListLimit("links"); len(e.Links) > most {
		return
	}
	if e.Contact.URL.Text == address ||
		slices.ContainsFunc(e.Links, func(l knowledge.Link) bool { return l.URL.Text == address }) {
		return
	}
	e.Links = append(e.Links, knowledge.Link{Title: line(title), URL: line(address)})
}

func channel(e *knowledge.Division, l *knowledge.Line, label, value string) {
	for _, item := range split(value, anyParts) {
		switch address := webAddress(item); {
		case address != "" && strings.Contains(item, "/"):
			addPage(e, label, address)
		case strings.ContainsAny(item, " ") || strings.HasPrefix(item, "#"):
			set(e, l, label, item)
		default:
			set(e, l, label, "#"+item)
		}
	}
}

// fact adds a fact, to one with the same label if there is one.
func fact(e *knowledge.Division, label, value string) {
	value = strings.TrimSpace(value)
	if value == "" {
		return
	}
	for i := range e.Facts {
		if e.Facts[i].Label.Text == label {
			e.Facts[i].Text = joined(e.Facts[i].Text, value, "; ")
			return
		}
	}
	f := knowledge.Fact{Label: line(label)}
	f.Text = line(value)
	e.Facts = append(e.Facts, f)
}

// joined appends a text to another one that does not say it already. A text that is already
// too long for a file stays as it is, and fit shortens it: otherwise a table with a hundred
// thousand rows about one division would take hours.
func joined(l knowledge.Line, more, mark string) knowledge.Line {
	most, _ := knowledge.TextLimit("prose")
	switch {
	case l.Text == "":
		return line(more)
	case len(l.Text) > utf8.UTFMax*most:
		return l
	case slices.Contains(strings.Split(l.Text, mark), more):
		return l
	}
	return line(l.Text + mark + more)
}

// with appends a text that the list under a key does not have. A list that is already too long
// for a file stays as it is.
func with(lines []knowledge.Line, key, s string) []knowledge.Line {
	if most, _ := knowledge.ListLimit(key); len(lines) > most {
		return lines
	}
	if slices.ContainsFunc(lines, func(l knowledge.Line) bool { return l.Text == s }) {
		return lines
	}
	return append(lines, line(s))
}

func linesFrom(items []string) (lines []knowledge.Line) {
	seen := map[string]bool{}
	for _, item := range items {
		if !seen[item] {
			seen[item] = true
			lines = append(lines, line(item))
		}
	}
	return lines
}

// program makes a program of a text such as "Meals on Wheels (MOW): food for the elderly".
func program(s string) knowledge.Program {
	r := responsibility(s)
	name := r.Topic.Text
	if name == "" {
		return knowledge.Program{Name: line(short(s)), Text: line(s)}
	}
	p := knowledge.Program{Name: line(name), Text: r.Text}
	if open := strings.LastIndex(name, " ("); open > 0 && strings.HasSuffix(name, ")") {
		if inner := name[open+2 : len(name)-1]; inner == strings.ToUpper(inner) {
			p.Name, p.Acronym = line(name[:open]), line(inner)
		}
	}
	return p
}
