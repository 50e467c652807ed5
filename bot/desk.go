package bot

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// Desk answers questions from a knowledge file.
type Desk struct {
	// Base returns the knowledge that these readers may see. It is called once per
	// question, so that no answer mixes two versions of the file.
	Base func(readers Audience) *knowledge.Base
}

// Answer implements [Handler].
func (d *Desk) Answer(_ context.Context, q Question) Answer {
	r := reply{base: d.Base(q.Readers)}
	if q.Choice != "" {
		return r.chosen(q.Choice)
	}
	return r.answer(q.Text)
}

// Directory implements [Handler].
func (d *Desk) Directory(_ context.Context, readers Audience) Answer {
	r := reply{base: d.Base(readers)}
	a := Answer{Outcome: Answered, Welcome: true, Title: r.name(), Source: r.source(knowledge.Entry{})}
	r.introduce(&a)
	for _, e := range r.base.Entries() {
		a.Offers = append(a.Offers, offerOf(e))
	}
	return a
}

// Complete implements [Handler].
func (d *Desk) Complete(_ context.Context, readers Audience, typed string, n int) (choices []Choice) {
	base := d.Base(readers)
	for _, c := range base.Complete(typed, n) {
		choices = append(choices, Choice{c.ID, c.Title})
	}
	if len(choices) > 0 || !base.OnlyAsks(typed) {
		return choices
	}
	for _, q := range base.Examples(n) {
		choices = append(choices, Choice{Title: q})
	}
	for _, e := range base.Entries() {
		if len(choices) >= n {
			break
		}
		if len(e.Questions) == 0 || e.Private {
			choices = append(choices, Choice{e.ID.Text, e.Name.Text})
		}
	}
	return choices
}

// reply is the state of building one answer.
type reply struct {
	base  *knowledge.Base
	match knowledge.Match
}

func (r *reply) chosen(id string) Answer {
	division, item, ok := r.base.Choose(id)
	if !ok {
		return Answer{Outcome: Declined, Body: say(sayGone), Offers: r.directory()}
	}
	return r.division(division, item)
}

func (r *reply) answer(text string) Answer {
	r.match = r.base.Match(text)
	m := &r.match
	var a Answer
	switch {
	case m.Empty:
		a = Answer{Outcome: Declined, Welcome: true, Body: say(sayEmpty)}
		r.introduce(&a)
	case m.Verdict != knowledge.Sure && (m.Facet == knowledge.FacetGreeting || m.Facet == knowledge.FacetHelp):
		a = Answer{Outcome: Declined, Welcome: true, Title: r.name()}
		r.introduce(&a)
	case m.Verdict != knowledge.Sure && m.Decline < 0 && m.Facet == knowledge.FacetThanks:
		a = Answer{Outcome: Declined, Welcome: true, Body: say(sayThanked)}
	case (m.Facet == knowledge.FacetList || m.Facet == knowledge.FacetCount) && len(m.Named) == 0 && m.Only:
		a = r.all()
	case m.Verdict == knowledge.Sure:
		best := m.Candidates[0]
		a = r.division(best.Division, best.Item)
		if m.Facet == knowledge.FacetList || m.Facet == knowledge.FacetCount {
			a.Offers = r.directory()
		}
	case m.Verdict == knowledge.Possible && m.Near.Division < 0:
		a = r.suggest()
	default:
		a = r.decline()
	}
	if m.Danger >= 0 {
		a.Urgent = r.base.Urgent(m.Danger)
	}
	a.Match = *m
	return a
}

// division is the card of one division, with the matched item as evidence and the
// requested fact first.
func (r *reply) division(i, item int) Answer {
	e := r.base.Entries()[i]
	a := Answer{
		Outcome:  Answered,
		Division: e.ID.Text,
		Private:  e.Private,
		Title:    e.Name.Text,
		Body:     e.Summary,
		Source:   r.source(e),
	}
	facet := r.match.Facet
	switch {
	case r.match.Only && facet != knowledge.FacetStandsFor && !r.aboutProgram(e, item):
		// the question only asks for a facet of the division as a whole
	case item >= len(e.Handles):
		p := e.Programs[item-len(e.Handles)]
		a.Evidence = &Evidence{p.Title, p.Text}
	case item >= 0:
		a.Evidence = &Evidence{e.Handles[item].Title, e.Handles[item].Text}
	}
	a.Choice = r.base.ChoiceOf(i, item)
	a.Facts = r.facts(e, facet, &a)
	if facet == knowledge.FacetStandsFor {
		a.Lead, a.Body = r.standsFor(e, item)
		a.leadOnly = item < len(e.Handles) || e.Division.Programs[item-len(e.Handles)].Acronym.Text == ""
	} else if a.Lead.IsZero() {
		a.Lead = r.lead(e, item, a)
	}
	for _, id := range e.SeeAlso {
		a.SeeAlso = append(a.SeeAlso, r.offer(id.Text, nil))
	}
	for _, l := range e.Links {
		a.Links = append(a.Links, Link{or(l.Title.Text, l.URL.Text), l.URL.Text})
	}
	return a
}

// facts lists the facts about a division, the requested one first. If the file lacks
// that one, the body says so.
func (r *reply) facts(e knowledge.Entry, facet knowledge.Facet, a *Answer) []Fact {
	var facts []Fact
	for _, f := range e.Facts {
		if f.Text.Text != "" {
			kind := FactOwn
			if r.base.Shared(f) {
				kind = FactShared
			}
			facts = append(facts, Fact{factLabel(f.Label.Text), f.Text.Text, kind})
		}
	}
	c := e.Contact
	var contact []Fact
	for _, f := range []Fact{
		{Label: labelEmail, Text: c.Email.Text}, {Label: labelPhone, Text: c.Phone.Text},
		{Label: labelPage, Text: c.URL.Text}, {Label: labelSlack, Text: c.Slack.Text},
		{Label: labelDiscord, Text: c.Discord.Text},
	} {
		f.Kind = FactContact
		if f.Text != "" {
			contact = append(contact, f)
		}
	}
	wanted := ""
	switch facet {
	case knowledge.FacetLead, knowledge.FacetReportsTo, knowledge.FacetLocation, knowledge.FacetHours:
		wanted = facet.String()
	case knowledge.FacetReach:
		if len(contact) == 0 {
			a.Lead, a.leadOnly = r.missing(sayNoContact, e), true
			a.Body = append(slices.Clone(a.Lead), a.Body...)
		}
		for i := range contact {
			contact[i].Kind = FactAsked
		}
		return append(contact, facts...)
	default:
		return append(facts, contact...)
	}
	label := factLabel(wanted)
	i := slices.IndexFunc(facts, func(f Fact) bool { return f.Label == label })
	if i < 0 {
		if r.match.Only {
			a.Lead, a.leadOnly = r.missing(sayNoFact[facet], e), true
			a.Body = append(slices.Clone(a.Lead), a.Body...)
		}
	} else {
		asked := facts[i]
		if r.match.Only || asked.Kind != FactShared || facet != knowledge.FacetLocation {
			asked.Kind = FactAsked // "where can I report fraud" asks for no address that all share
		}
		facts = append([]Fact{asked}, slices.Delete(slices.Clone(facts), i, i+1)...)
	}
	return append(facts, contact...)
}

// missing says that the file lacks a fact, and refers to the source if there is one.
func (r *reply) missing(format string, e knowledge.Entry) text.Text {
	sentence := fmt.Sprintf(format, e.Name.Text)
	if r.source(e).URL != "" {
		sentence += " " + saySourceMay
	}
	return plain(sentence)
}

// aboutProgram reports whether the question is about a program of the division.
func (r *reply) aboutProgram(e knowledge.Entry, item int) bool {
	return item >= len(e.Handles) && r.match.Program
}

// standsFor says what a short name stands for, alone and followed by what that is.
func (r *reply) standsFor(e knowledge.Entry, item int) (lead, body text.Text) {
	if item >= len(e.Handles) {
		if p := e.Division.Programs[item-len(e.Handles)]; p.Acronym.Text != "" {
			lead = say(sayStandsFor, p.Acronym.Text, p.Name.Text)
			return lead, append(slices.Clone(lead), e.Programs[item-len(e.Handles)].Text...)
		}
	}
	for _, alias := range e.Aliases {
		if strings.ToUpper(alias.Text) == alias.Text {
			lead = say(sayStandsFor, alias.Text, e.Name.Text)
			return lead, append(slices.Clone(lead), e.Summary...)
		}
	}
	return r.about(e), e.Summary
}

// suggest offers the first candidates and says what distinguishes them.
func (r *reply) suggest() Answer {
	a := Answer{Outcome: Suggested, Body: say(saySuggest)}
	entries := r.base.Entries()
	best := r.match.Candidates[0].Score
	var ids []string
	for i, c := range r.match.Candidates {
		if i > 1 && best-c.Score > farBehind {
			break
		}
		e := entries[c.Division]
		ids = append(ids, e.ID.Text)
		a.Private = a.Private || e.Private
		text := e.Summary
		switch {
		case c.Item >= len(e.Handles):
			text = plain(e.Programs[c.Item-len(e.Handles)].Title)
		case c.Item >= 0:
			text = plain(e.Handles[c.Item].Title)
		}
		a.Offers = append(a.Offers, Offer{e.ID.Text, e.Name.Text, text})
	}
	for i := range ids {
		for j := range i {
			a.Body = append(a.Body, r.base.TellApart(ids[j], ids[i])...)
		}
	}
	return a
}

// farBehind is the largest difference in score to the first candidate at which a third
// one is suggested.
const farBehind = 0.3

// decline says where to go instead if the file has a signpost, or else that the desk
// does not know and what people can ask.
func (r *reply) decline() Answer {
	a := Answer{Outcome: Declined}
	m := &r.match
	if m.Decline >= 0 {
		topic, text := r.base.Declined(m.Decline)
		if !text.IsZero() {
			a.Title, a.Body = topic, text
			return a
		}
	}
	if m.Near.Division >= 0 {
		e := r.base.Entries()[m.Near.Division]
		n := e.NotFor[m.Near.Item]
		a.Title, a.Private = n.Title, e.Private
		if n.See != "" {
			a.Offers = []Offer{r.offer(n.See, nil)}
		}
		if a.Body = n.Text; a.Body.IsZero() {
			a.Body = say(sayElsewhere)
		}
		return a
	}
	a.Body = say(sayUnknown).Join(plain(r.how(r.base.Examples(1))))
	return a
}

// introduce says what people can ask, with examples from the file.
func (r *reply) introduce(a *Answer) {
	a.Examples = r.base.Examples(examplesShown)
	how := r.how(nil)
	if len(a.Examples) > 0 {
		how += " " + sayExample
	}
	a.Body = append(a.Body, plain(how)...)
}

// how says how to ask, such as one of the examples.
func (r *reply) how(examples []string) string {
	how := sayAskAnyone
	if r.name() != "" {
		how = fmt.Sprintf(sayAsk, r.name())
	}
	if len(examples) > 0 {
		how = strings.TrimSuffix(how, ".") + fmt.Sprintf(saySuchAs, examples[0])
	}
	return how
}

// examplesShown is how many example questions are shown: enough to see the pattern, few
// enough that people read them.
const examplesShown = 3

// all answers how many divisions there are, and which.
func (r *reply) all() Answer {
	offers := r.directory()
	a := Answer{
		Outcome: Answered, Title: r.name(), Body: say(sayAll, len(offers)), Offers: offers,
		Source: r.source(knowledge.Entry{}),
	}
	if e, ok := r.keeper(); ok {
		a.Division, a.Title, a.Private = e.ID.Text, e.Name.Text, e.Private
		a.Body = append(slices.Clone(e.Summary), a.Body...)
	}
	return a
}

// keeper is the division that is asked for the list of all: an example question of it is.
func (r *reply) keeper() (e knowledge.Entry, ok bool) {
	if len(r.match.Candidates) == 0 || r.match.Verdict != knowledge.Sure {
		return e, false
	}
	e = r.base.Entries()[r.match.Candidates[0].Division]
	return e, slices.ContainsFunc(e.Division.Questions, func(q knowledge.Line) bool {
		facet := r.base.Match(q.Text).Facet
		return facet == knowledge.FacetList || facet == knowledge.FacetCount
	})
}

// directory offers every division.
func (r *reply) directory() []Offer {
	var offers []Offer
	for _, e := range r.base.Entries() {
		offers = append(offers, offerOf(e))
	}
	return offers
}

// offerOf offers an entry in a list.
func offerOf(e knowledge.Entry) Offer {
	if e.Private { // a list may be shown to others, who may see only the name
		return Offer{e.ID.Text, e.Name.Text, nil}
	}
	return Offer{e.ID.Text, e.Name.Text, line(e)}
}

func (r *reply) offer(id string, what text.Text) Offer {
	e, _ := r.base.Entry(id)
	return Offer{id, e.Name.Text, what}
}

func (r *reply) name() string { return r.base.File.Organization.Name.Text }

// source is the source of an entry's facts, or else of the whole file.
func (r *reply) source(e knowledge.Entry) Source {
	s := r.base.File.Source
	if e.Division != nil && e.Source.URL.Text != "" {
		s = e.Source
	}
	return Source{or(s.Title.Text, s.URL.Text), s.URL.Text, s.Seen.Text}
}

func or(a, b string) string {
	if a != "" {
		return a
	}
	return b
}

// Meant turns the answer of [Handler.Directory] into a list to choose from, for someone
// whom an answer did not help.
func Meant(directory Answer) Answer {
	return Answer{Outcome: Suggested, Welcome: true, Title: titleMeant, Body: say(sayMeant), Offers: directory.Offers}
}
