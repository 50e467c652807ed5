package knowledge

import (
	"cmp"
	"maps"
	"slices"
	"strings"

	"frontdesk/knowledge/words"
)

// A layer is what of a file has the same marks, and so the same readers. Layer
// 0 has no marks: everyone sees it. An audience sees some of the layers. What is
// learned for a layer depends on nothing but what all its readers see: its own
// examples and the layers below it. So one that somebody does not see changes no
// number of theirs.
type layer int32

const public layer = 0

// marks are the conditions of a layer: a reader must belong to one group of
// each. They are in canonical form, see [marks.and].
type marks [][]string

// and adds the condition that a text of the file is marked with.
func (m marks) and(audience []Line) marks {
	if len(audience) == 0 {
		return m
	}
	var groups []string
	for _, l := range audience {
		if l.Text == Public {
			return m
		}
		groups = append(groups, l.Text)
	}
	slices.Sort(groups)
	return m.with(slices.Compact(groups))
}

// with adds a condition. One that another one implies is left out.
func (m marks) with(groups []string) marks {
	kept := marks{}
	for _, other := range m {
		if within(other, groups) {
			return m
		}
		if !within(groups, other) {
			kept = append(kept, other)
		}
	}
	kept = append(kept, groups)
	slices.SortFunc(kept, slices.Compare[[]string])
	return kept
}

// all adds the conditions of others.
func (m marks) all(others marks) marks {
	for _, groups := range others {
		m = m.with(groups)
	}
	return m
}

// within reports whether every name of a, which is sorted, is one of b.
func within(a, b []string) bool {
	for _, name := range a {
		if _, ok := slices.BinarySearch(b, name); !ok {
			return false
		}
	}
	return true
}

// imply reports whether whoever sees what is marked with m sees what is marked
// with others.
func (m marks) imply(others marks) bool {
	for _, groups := range others {
		if !slices.ContainsFunc(m, func(own []string) bool { return within(own, groups) }) {
			return false
		}
	}
	return true
}

func (m marks) key() string {
	var conditions []string
	for _, groups := range m {
		conditions = append(conditions, strings.Join(groups, "|"))
	}
	return strings.Join(conditions, "&")
}

// layers are those of one file, the public one first and the others in the
// order of their keys, so that one that is left out does not change the order
// of the rest.
type layers struct {
	marks []marks
	keys  []string
	below [][]layer // by layer: what its readers see as well, in order
	sees  [][]bool  // by layer: whether its readers see another one for sure
}

// everyMark lists how texts of a file are marked.
func (f *File) everyMark() []marks {
	byKey, marked := map[string]marks{}, map[string]marks{}
	add := func(m marks) { byKey[m.key()] = m }
	f.passages(func(p *passage) {
		if len(p.reach.marks) > 0 {
			add(p.reach.conditions())
		}
	})
	for i := range f.Divisions {
		d := &f.Divisions[i]
		marked[d.ID.Text] = marks(nil).and(d.Audience)
	}
	for i := range f.Divisions {
		d := &f.Divisions[i]
		for _, n := range d.NotFor { // what handles it is told to those who see that as well
			add(marked[d.ID.Text].and(n.Audience).all(marked[n.See.Text]))
		}
	}
	return slices.Collect(maps.Values(byKey))
}

// taught is in how many ways texts are marked, and how many texts their readers see,
// added up.
func (f *File) taught() (layers, texts int) {
	all := f.everyMark()
	all = slices.DeleteFunc(all, func(m marks) bool { return len(m) == 0 })
	if len(all) > maxLayers {
		return len(all), 0
	}
	ls := newLayers(all)
	have := make([]int, len(ls.keys))
	f.passages(func(p *passage) { have[ls.of(p.reach.conditions())]++ })
	for l := range ls.keys {
		if layer(l) == public || have[l] == 0 {
			continue
		}
		texts += have[l]
		for _, b := range ls.below[l] {
			texts += have[b]
		}
	}
	return len(all), texts
}

// hiddenSynonyms are the stems of synonyms that stand only in parts of the file that
// are marked, with the layers of these.
func (f *File) hiddenSynonyms(ls *layers) map[string][]layer {
	stands := map[string][]layer{}
	if len(ls.keys) == 1 {
		return stands
	}
	for _, group := range f.Synonyms {
		for _, l := range group {
			for _, w := range words.Split(l.Text) {
				stands[words.Stem(w.Text)] = nil
			}
		}
	}
	if len(stands) == 0 {
		return stands
	}
	f.passages(func(p *passage) {
		if p.where == inSynonyms {
			return
		}
		in := ls.of(p.reach.conditions())
		for _, w := range words.Split(p.text) {
			s := words.Stem(w.Text)
			if list, ok := stands[s]; ok && !slices.Contains(list, in) {
				stands[s] = append(list, in)
			}
		}
	})
	for s, in := range stands {
		if slices.Sort(in); len(in) == 0 || in[0] == public {
			delete(stands, s)
		}
	}
	return stands
}

// conditions are the marks of what has this reach.
func (r *reach) conditions() (m marks) {
	for _, audience := range r.marks {
		m = m.and(audience)
	}
	return m
}

// newLayers makes the layers of what is marked so.
func newLayers(all []marks) layers {
	var ls layers
	byKey := map[string]marks{"": nil}
	for _, m := range all {
		byKey[m.key()] = m
	}
	for key := range byKey {
		ls.keys = append(ls.keys, key)
	}
	slices.Sort(ls.keys)
	for _, key := range ls.keys {
		ls.marks = append(ls.marks, byKey[key])
	}
	ls.below, ls.sees = make([][]layer, len(ls.keys)), make([][]bool, len(ls.keys))
	for l, m := range ls.marks {
		ls.sees[l] = make([]bool, len(ls.keys))
		for other, o := range ls.marks {
			if ls.sees[l][other] = m.imply(o); ls.sees[l][other] && other != l {
				ls.below[l] = append(ls.below[l], layer(other))
			}
		}
	}
	return ls
}

// of is the layer of what is marked so.
func (ls *layers) of(m marks) layer {
	i, _ := slices.BinarySearch(ls.keys, m.key())
	return layer(i)
}

// upward lists the layers so that each comes after those below it.
func (ls *layers) upward() []layer {
	order := make([]layer, len(ls.keys))
	for i := range order {
		order[i] = layer(i)
	}
	slices.SortStableFunc(order, func(a, b layer) int { return cmp.Compare(len(ls.below[a]), len(ls.below[b])) })
	return order
}

// seenBy says of each layer whether an audience sees it.
func (ls *layers) seenBy(a Audience) []bool {
	names := a.Names()
	sees := make([]bool, len(ls.marks))
	for l, m := range ls.marks {
		sees[l] = m.metBy(names)
	}
	return sees
}

// metBy reports whether readers who belong to these groups see what is marked so.
func (m marks) metBy(names []string) bool {
	for _, groups := range m {
		if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(groups, name) }) {
			return false
		}
	}
	return true
}

// from says of each layer whether the readers of l see it for sure.
func (ls *layers) from(l layer) []bool { return ls.sees[l] }
