package knowledge

import (
	"maps"
	"slices"
	"strings"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/words"
)

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

// layers are those of one file: what has the same marks is a layer, the public one first and the others in the
// order of their keys, so that one that is left out does not change the order
// of the rest.
type layers struct {
	marks []marks
	keys  []string
	ranking.Layers
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
		if ranking.Layer(l) == ranking.Public || have[l] == 0 {
			continue
		}
		texts += have[l]
		for _, b := range ls.Below[l] {
			texts += have[b]
		}
	}
	return len(all), texts
}

// hiddenSynonyms are the stems of synonyms that stand only in parts of the file that
// are marked, with the layers of these.
func (f *File) hiddenSynonyms(ls *layers) map[string][]ranking.Layer {
	stands := map[string][]ranking.Layer{}
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
		if slices.Sort(in); len(in) == 0 || in[0] == ranking.Public {
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
	ls.Below, ls.Sees = make([][]ranking.Layer, len(ls.keys)), make([][]bool, len(ls.keys))
	for l, m := range ls.marks {
		ls.Sees[l] = make([]bool, len(ls.keys))
		for other, o := range ls.marks {
			if ls.Sees[l][other] = m.imply(o); ls.Sees[l][other] && other != l {
				ls.Below[l] = append(ls.Below[l], ranking.Layer(other))
			}
		}
	}
	return ls
}

// of is the layer of what is marked so.
func (ls *layers) of(m marks) ranking.Layer {
	i, _ := slices.BinarySearch(ls.keys, m.key())
	return ranking.Layer(i)
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
