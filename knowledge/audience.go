package knowledge

import (
	"slices"
	"strings"
)

// Audience is who may read an answer: the names of the groups that every one
// of its readers belongs to, such as employees. The zero value is the public.
type Audience string

// Public is everyone: the audience of whatever is not marked.
const Public = "public"

// AudienceOf is the audience of readers who all belong to these groups.
func AudienceOf(names ...string) Audience {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" || n == Public })
	slices.Sort(names)
	return Audience(strings.Join(slices.Compact(names), ","))
}

// Names lists the groups, in order.
func (a Audience) Names() []string {
	if a == "" {
		return nil
	}
	return strings.Split(string(a), ",")
}

// With is the audience of readers who belong to the groups of both.
func (a Audience) With(b Audience) Audience {
	return AudienceOf(append(a.Names(), b.Names()...)...)
}

func (a Audience) String() string {
	if a == "" {
		return Public
	}
	return string(a)
}

// sees reports whether these readers may see what is marked so.
func (a Audience) sees(marks []Line) bool {
	if len(marks) == 0 {
		return true
	}
	names := a.Names()
	return slices.ContainsFunc(marks, func(l Line) bool { return l.Text == Public || slices.Contains(names, l.Text) })
}

// Audiences lists the groups that a file mentions, in order.
func (f *File) Audiences() []string {
	var names []string
	f.marks(func(marks []Line) {
		for _, l := range marks {
			if l.Text != Public && l.Text != "" {
				names = append(names, l.Text)
			}
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// marks calls each with the marks of everything that may have some.
func (f *File) marks(each func([]Line)) {
	for i := range f.Divisions {
		d := &f.Divisions[i]
		each(d.Audience)
		each(d.Contact.Audience)
		for _, fact := range d.Facts {
			each(fact.Audience)
		}
		for _, h := range d.Handles {
			each(h.Audience)
		}
		for _, p := range d.Programs {
			each(p.Audience)
		}
		for _, n := range d.NotFor {
			each(n.Audience)
		}
	}
	for _, d := range f.Declines {
		each(d.Audience)
	}
}

// For is the file as it would be if it had nothing but what these readers may
// see. Whatever refers to something else goes with it.
func (f *File) For(a Audience) *File {
	g := *f
	visible := map[string]bool{}
	g.Divisions = nil
	for _, d := range f.Divisions {
		if a.sees(d.Audience) {
			g.Divisions = append(g.Divisions, d)
			visible[d.ID.Text] = true
		}
	}
	unseen := func(l Line) bool { return !visible[l.Text] }
	for i := range g.Divisions {
		d := &g.Divisions[i]
		if !a.sees(d.Contact.Audience) {
			d.Contact = Contact{}
		}
		d.Facts = slices.DeleteFunc(slices.Clone(d.Facts), func(f Fact) bool { return !a.sees(f.Audience) })
		d.Handles = slices.DeleteFunc(slices.Clone(d.Handles),
			func(h Responsibility) bool { return !a.sees(h.Audience) })
		d.Programs = slices.DeleteFunc(slices.Clone(d.Programs), func(p Program) bool { return !a.sees(p.Audience) })
		d.SeeAlso = slices.DeleteFunc(slices.Clone(d.SeeAlso), unseen)
		var nots []NotFor
		for _, n := range d.NotFor {
			if !a.sees(n.Audience) {
				continue
			}
			if n.See.Text != "" && unseen(n.See) {
				if n.See = (Line{}); n.Say.Text == "" {
					continue
				}
			}
			nots = append(nots, n)
		}
		d.NotFor = nots
	}
	g.TellApart = slices.DeleteFunc(slices.Clone(f.TellApart),
		func(t TellApart) bool { return slices.ContainsFunc(t.Between, unseen) })
	g.Declines = slices.DeleteFunc(slices.Clone(f.Declines), func(d Decline) bool { return !a.sees(d.Audience) })
	return &g
}

// Everything is the audience that sees all of a file.
func (f *File) Everything() Audience { return AudienceOf(f.Audiences()...) }
