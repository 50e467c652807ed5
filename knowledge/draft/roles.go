package draft

import (
	"strings"

	"frontdesk/knowledge/words"
)

// Role is what a column, or a label of a page, stands for.
type Role string

// The roles.
const (
	Name        Role = "name"
	ID          Role = "id"
	Aliases     Role = "aliases"
	Summary     Role = "summary"
	Handles     Role = "handles"
	Keywords    Role = "keywords"
	Questions   Role = "questions"
	ProgramName Role = "program"
	Lead        Role = "lead"
	ReportsTo   Role = "reports_to"
	Location    Role = "location"
	Hours       Role = "hours"
	Email       Role = "email"
	Phone       Role = "phone"
	URL         Role = "url"
	Slack       Role = "slack"
	Discord     Role = "discord"
	Contact     Role = "contact"
	SeeAlso     Role = "see_also"
	Fact        Role = "fact"
	Ignored     Role = "-"

	// generic is a column such as "Name", which names a division if no other column does.
	generic Role = "(name)"
	// person is a column such as "Job title", which only a list of people has.
	person Role = "(person)"
)

// Roles are the roles that people may give to a column.
func Roles() []Role {
	return []Role{Name, ID, Aliases, Summary, Handles, Keywords, Questions, ProgramName, Lead, ReportsTo, Location,
		Hours, Email, Phone, URL, Slack, Discord, Contact, SeeAlso, Fact, Ignored}
}

// phrases are the words by which a role is known, in English and some other languages. The
// first role with one of its phrases in the name of a column wins, so that "Head of unit" is
// a lead and "Team e-mail" an address.
var phrases = []struct {
	is  Role
	any string // phrases, separated by commas
}{
	{Fact, "fax, contact person, contact name, ansprechpartner, ansprechpartnerin, staff count, number of staff"},
	{person, "job title, position, job, first name, last name, surname, full name, employee, staff name, given name"},
	{Location, "mailing address, postal address, mail stop, street address, visiting address"},
	{Email, "e mail, email, mail, mailbox, inbox, courriel, correo, e mails, emails"},
	{Phone, "phone, telephone, tel, telefon, téléphone, teléfono, extension, ext, hotline, mobile, cell, phones, call us"},
	{Slack, "slack"},
	{Discord, "discord"},
	{URL, "url, website, web site, web page, webpage, web, homepage, home page, link, site web, internet, sitio web"},
	{Hours, "hours, opening times, open, availability, sprechzeiten, öffnungszeiten, horaires, horario, business hours"},
	{ReportsTo, "reports to, reporting to, reporting line, parent, part of, belongs to, parent unit, reports into, " +
		"übergeordnet, supervised by"},
	{Aliases, "aliases, alias, acronym, acronyms, abbreviation, abbr, also known as, aka, short name, other names, " +
		"short form, former name, kürzel, abkürzung, sigle, siglas, other name, nickname"},
	{Keywords, "keywords, keyword, key words, tags, tag, search terms, stichworte, schlagworte, mots clés, " +
		"palabras clave, " +
		"synonyms"},
	{Questions, "questions, question, faq, faqs, frequently asked, fragen, preguntas"},
	{SeeAlso, "see also, related, related departments"},
	{Lead, "head of, head, lead, leader, director, manager, team lead, led by, headed by"},
	{Summary, "description, summary, what it does, what they do, what we do, what does it do, about, overview, mission, " +
		"purpose, beschreibung, kurzbeschreibung, profile, descripción, objective, mission statement, about us, who we are"},
	{ProgramName, "programs, program, programmes, programme, sub teams, subteams, initiatives, projects"},
	{Handles, "responsibilities, responsibility, responsible for, handles, services, service, duties, duty, topics, " +
		"topic, " +
		"functions, function, tasks, task, remit, go here for, contact for, contact us for, ask about, ask us about, " +
		"ask them about, what for, zuständigkeit, zuständigkeiten, zuständig für, aufgaben, leistungen, compétences, " +
		"attributions, funciones, servicios, key responsibilities, areas of responsibility, area of responsibility, " +
		"areas of work, activities, issues, come to us for, help with, we can help with, help you with, scope, subject, " +
		"subjects"},
	{Lead, "chief, supervisor, dean, chair, chairperson, president, coordinator, " +
		"superintendent, in charge, owner, leitung, leiter, leiterin, amtsleitung, responsable, directeur, directrice, " +
		"jefe, " +
		"commissioner, secretary, principal, person in charge"},
	{Location, "location, address, building, room, floor, where, standort, adresse, raum, gebäude, campus, visit us, " +
		"dirección, find us, where we are, office location"},
	{Contact, "contact, contacts, contact details, contact information, contact info, contact us, kontakt, " +
		"how to reach, " +
		"reach us, contacto, get in touch, point of contact, poc"},
	{Fact, "notes, note, comments, comment, remarks, remark, bemerkung, budget, bemerkungen, size, headcount, staff"},
	{ID, "id, code, slug, no, nr, number, key, cost center, cost centre"},
	{Name, "department, departments, division, divisions, unit, team, office, bureau, agency, section, branch, faculty, " +
		"directorate, committee, working group, ministry, abteilung, amt, referat, dezernat, fachbereich, dienststelle, " +
		"département, departamento, organizational unit, organisational unit, group, council, function area, institute, " +
		"school, desk, area, área, direction"},
	{generic, "name, title, bezeichnung, nom, nombre, entity"},
}

// roleTable has the phrases in their normal form.
type phrase struct {
	words string
	is    Role
}

var rolePhrases = func() (all []phrase) {
	for _, p := range phrases {
		for s := range strings.SplitSeq(p.any, ",") {
			all = append(all, phrase{" " + words.Normal(s), p.is})
		}
	}
	return all
}()

// roleOf says what the name of a column, or a label, stands for; exact says that it is
// nothing but a phrase of the table. It is "" for a name that tells nothing.
func roleOf(name string) (is Role, exact bool) {
	normal := " " + words.Normal(name)
	if normal == " " {
		return "", false
	}
	for _, p := range rolePhrases {
		if normal == p.words {
			return p.is, true
		}
	}
	for _, p := range rolePhrases {
		if strings.Contains(normal, p.words) {
			return p.is, false
		}
	}
	return "", false
}
