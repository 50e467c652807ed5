package knowledge

import (
	"slices"
	"strings"
)

// Audience is the readers of an answer: the groups that each of them belongs to, such as
// employees. The zero value is the public.
type Audience string

// Public is everyone. Parts of the file without an audience are public.
const Public = "public"

// AudienceOf is the audience of readers who belong to all of these groups.
func AudienceOf(names ...string) Audience {
	names = slices.DeleteFunc(slices.Clone(names), func(n string) bool { return n == "" || n == Public })
	slices.Sort(names)
	return Audience(strings.Join(slices.Compact(names), ","))
}

// Names lists the groups, sorted.
func (a Audience) Names() []string {
	if a == "" {
		return nil
	}
	return strings.Split(string(a), ",")
}

// With is the audience of readers who belong to the groups of both audiences.
func (a Audience) With(b Audience) Audience {
	return AudienceOf(append(a.Names(), b.Names()...)...)
}

func (a Audience) String() string {
	if a == "" {
		return Public
	}
	return string(a)
}

// sees reports whether these readers may see a part with this list of groups.
func (a Audience) sees(groups []Line) bool {
	if len(groups) == 0 {
		return true
	}
	names := a.Names()
	return slices.ContainsFunc(groups, func(l Line) bool { return l.Text == Public || slices.Contains(names, l.Text) })
}

// Audiences lists the groups that a file mentions, sorted.
func (f *File) Audiences() []string {
	var names []string
	f.eachAudience(func(groups []Line) {
		for _, l := range groups {
			if l.Text != Public && l.Text != "" {
				names = append(names, l.Text)
			}
		}
	})
	slices.Sort(names)
	return slices.Compact(names)
}

// eachAudience calls each with the audience of every part that may have one.
func (f *File) eachAudience(each func([]Line)) {
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

// For is the file without the parts that these readers may not see, and without the
// references to them.
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
	hidden := func(l Line) bool { return !visible[l.Text] }
	for i := range g.Divisions {
		d := &g.Divisions[i]
		if !a.sees(d.Contact.Audience) {
			d.Contact = Contact{}
		}
		d.Facts = slices.DeleteFunc(slices.Clone(d.Facts), func(f Fact) bool { return !a.sees(f.Audience) })
		d.Handles = slices.DeleteFunc(slices.Clone(d.Handles),
			func(h Responsibility) bool { return !a.sees(h.Audience) })
		d.Programs = slices.DeleteFunc(slices.Clone(d.Programs), func(p Program) bool { return !a.sees(p.Audience) })
		d.SeeAlso = slices.DeleteFunc(slices.Clone(d.SeeAlso), hidden)
		var nots []NotFor
		for _, n := range d.NotFor {
			if !a.sees(n.Audience) {
				continue
			}
			if n.See.Text != "" && hidden(n.See) {
				if n.See = (Line{}); n.Say.Text == "" {
					continue
				}
			}
			nots = append(nots, n)
		}
		d.NotFor = nots
	}
	g.TellApart = slices.DeleteFunc(slices.Clone(f.TellApart),
		func(t TellApart) bool { return slices.ContainsFunc(t.Between, hidden) })
	g.Declines = slices.DeleteFunc(slices.Clone(f.Declines), func(d Decline) bool { return !a.sees(d.Audience) })
	return &g
}

// Everything is the audience that sees all of a file.
func (f *File) Everything() Audience { return AudienceOf(f.Audiences()...) }
