package knowledge

import (
	"slices"
	"strings"

	"frontdesk/knowledge/text"
)

// reach is who can read a passage: readers who belong to one group of each list, and only
// in private if the division is private.
type reach struct {
	audiences [][]Line
	private   bool
}

// open reports whether everybody can read it anywhere.
func (r *reach) open() bool { return len(r.audiences) == 0 && !r.private }

// and is the reach of a part with a further audience.
func (r *reach) and(groups []Line) *reach {
	if Audience("").sees(groups) {
		return r
	}
	return &reach{append(slices.Clip(r.audiences), groups), r.private}
}

// with is the reach of a text that mentions something with the other reach, which may be
// nil.
func (r *reach) with(other *reach) *reach {
	if other == nil {
		return r
	}
	return &reach{slices.Concat(r.audiences, other.audiences), r.private}
}

// sees reports whether an audience sees a text with this reach.
func (r *reach) sees(a Audience) bool {
	return !slices.ContainsFunc(r.audiences, func(groups []Line) bool { return !a.sees(groups) })
}

// mostReaders is how many smallest sets of groups are considered: three lists of eight
// groups have 512.
const mostReaders = 512

// readers lists the smallest sets of groups whose members can read it, at most about
// mostReaders. Readers who belong to more groups see no less.
func (r *reach) readers() []Audience {
	all := []Audience{""}
	for _, groups := range r.audiences {
		var more []Audience
		for _, a := range all {
			if a.sees(groups) {
				more = append(more, a)
				continue
			}
			for _, l := range groups[:min(len(groups), max(1, mostReaders/len(all)))] {
				more = append(more, a.With(AudienceOf(l.Text)))
			}
		}
		slices.Sort(more)
		all = slices.Compact(more)
	}
	return all
}

// conditions are the conditions to read it.
func (r *reach) conditions() (c conditions) {
	for _, groups := range r.audiences {
		c = c.and(groups)
	}
	return c
}

// key is the same for equal reaches.
func (r *reach) key() string {
	lists := []string{}
	for _, groups := range r.audiences {
		var names []string
		for _, l := range groups {
			names = append(names, l.Text)
		}
		lists = append(lists, string(AudienceOf(names...)))
	}
	slices.Sort(lists)
	if r.private {
		lists = append(lists, "in private")
	}
	return strings.Join(slices.Compact(lists), ";")
}

// passage is one text of a file.
type passage struct {
	part  string // the part of the file that has the audience, or ""
	where string // the name of its place
	text  string
	is    role
	reach *reach
}

// role is what a text is used for.
type role uint8

const (
	isNamed   role = iota // a name
	isAsked               // a keyword, phrase or synonym
	isContent             // another text
	isProse               // another text in Markdown
)

// inSynonyms is the place of synonyms.
const inSynonyms = "synonyms"

// plain is the text as people read it.
func (p *passage) plain() string {
	if p.is == isProse {
		t := text.Parse(p.text)
		return strings.Join(append([]string{t.Plain()}, t.Addresses()...), "\n")
	}
	return p.text
}

// passages calls each with every text that people can see or ask for.
func (f *File) passages(each func(*passage)) {
	put := func(r *reach, part, where string, is role, lines ...Line) {
		for _, l := range lines {
			if l.Text != "" {
				each(&passage{part, where, l.Text, is, r})
			}
		}
	}
	all := &reach{}
	put(all, "", "organization", isNamed, append(slices.Clip(f.Organization.Aliases), f.Organization.Name)...)
	put(all, "", "organization", isContent, f.Organization.URL)
	put(all, "", "source", isContent, f.Source.Title, f.Source.URL, f.Source.Seen)
	for _, u := range f.Urgent {
		put(all, "", "urgent", isProse, u.Say)
		put(all, "", "urgent", isAsked, u.Phrases...)
	}
	for _, group := range f.Synonyms {
		put(all, "", inSynonyms, isAsked, group...)
	}
	of := map[string]*reach{} // by id
	for i := range f.Divisions {
		d := &f.Divisions[i]
		of[d.ID.Text] = (&reach{private: d.Private}).and(d.Audience)
	}
	for i := range f.Divisions {
		f.Divisions[i].passages(of, put)
	}
	for _, t := range f.TellApart {
		r := all
		for _, l := range t.Between {
			r = r.with(of[l.Text])
		}
		put(r, "", "tell_apart", isProse, t.Say)
	}
	for _, d := range f.Declines {
		r, part := all.and(d.Audience), "declined: "+d.ID.Text
		put(r, part, part, isNamed, d.Topic)
		put(r, part, part, isProse, d.Answer)
		put(r, part, part, isContent, d.Questions...)
	}
}

func (d *Division) passages(of map[string]*reach, put func(r *reach, part, where string, is role, lines ...Line)) {
	id, r := d.ID.Text, of[d.ID.Text]
	put(r, id, id, isNamed, append(slices.Clip(d.Aliases), d.Name)...)
	put(r, id, id+", summary", isProse, d.Summary)
	put(r, id, id+", questions", isContent, d.Questions...)
	put(r, id, id+", source", isContent, d.Source.Title, d.Source.URL, d.Source.Seen)
	for _, l := range d.Links {
		put(r, id, id+", links", isContent, l.Title, l.URL)
	}
	c, contact := &d.Contact, id+", contact"
	put(r.and(c.Audience), contact, contact, isContent, c.Email, c.Phone, c.URL, c.Slack, c.Discord)
	part := func(name Line) string { return id + ", " + text.Clip(name.Text, maxQuoted) }
	for _, fact := range d.Facts {
		r, part := r.and(fact.Audience), part(fact.Label)
		put(r, part, part, isNamed, fact.Label)
		put(r, part, part, isProse, fact.Text)
	}
	for _, h := range d.Handles {
		r, part := r.and(h.Audience), part(h.Topic)
		put(r, part, part, isNamed, h.Topic)
		put(r, part, part, isProse, h.Text)
		put(r, part, part, isAsked, h.Keywords...)
		put(r, part, part, isContent, h.Questions...)
	}
	for _, p := range d.Programs {
		r, part := r.and(p.Audience), part(p.Name)
		put(r, part, part, isNamed, p.Name, p.Acronym)
		put(r, part, part, isProse, p.Text)
		put(r, part, part, isAsked, p.Keywords...)
		put(r, part, part, isContent, p.Questions...)
	}
	for _, n := range d.NotFor {
		r, part := r.and(n.Audience), id+", not for "+text.Clip(n.Text.Text, maxQuoted)
		put(r, part, part, isProse, n.Say)
		if n.Say.Text == "" { // then only readers who see the other division see it
			r = r.with(of[n.See.Text])
		}
		put(r, part, part, isContent, n.Text)
	}
}
