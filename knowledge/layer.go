package knowledge

import (
	"maps"
	"slices"
	"strings"

	"frontdesk/knowledge/ranking"
	"frontdesk/knowledge/words"
)

// conditions say who may read a text: a reader must belong to one group of each condition.
// Equal conditions have the same form: each condition is sorted, they are sorted, and none
// implies another one.
type conditions [][]string

// and adds the audience of a part of the file as a condition.
func (c conditions) and(audience []Line) conditions {
	if len(audience) == 0 {
		return c
	}
	var groups []string
	for _, l := range audience {
		if l.Text == Public {
			return c
		}
		groups = append(groups, l.Text)
	}
	slices.Sort(groups)
	return c.with(slices.Compact(groups))
}

// with adds a condition, and drops those that another one implies.
func (c conditions) with(groups []string) conditions {
	kept := conditions{}
	for _, other := range c {
		if within(other, groups) {
			return c
		}
		if !within(groups, other) {
			kept = append(kept, other)
		}
	}
	kept = append(kept, groups)
	slices.SortFunc(kept, slices.Compare[[]string])
	return kept
}

// andAll adds other conditions.
func (c conditions) andAll(others conditions) conditions {
	for _, groups := range others {
		c = c.with(groups)
	}
	return c
}

// within reports whether every name in a is in b, which is sorted.
func within(a, b []string) bool {
	for _, name := range a {
		if _, ok := slices.BinarySearch(b, name); !ok {
			return false
		}
	}
	return true
}

// imply reports whether every reader who meets c meets others.
func (c conditions) imply(others conditions) bool {
	for _, groups := range others {
		if !slices.ContainsFunc(c, func(own []string) bool { return within(own, groups) }) {
			return false
		}
	}
	return true
}

// metBy reports whether readers who belong to these groups meet the conditions.
func (c conditions) metBy(names []string) bool {
	for _, groups := range c {
		if !slices.ContainsFunc(names, func(name string) bool { return slices.Contains(groups, name) }) {
			return false
		}
	}
	return true
}

// key is the same for equal conditions.
func (c conditions) key() string {
	var parts []string
	for _, groups := range c {
		parts = append(parts, strings.Join(groups, "|"))
	}
	return strings.Join(parts, "&")
}

// layers are the layers of one file. A layer is the set of texts that have the same
// conditions, and so the same readers. The public layer comes first. The others are in the
// order of their keys, so that their order does not depend on other layers.
type layers struct {
	conditions []conditions
	keys       []string
	ranking.Layers
}

// allConditions lists the different conditions of the texts of a file.
func (f *File) allConditions() []conditions {
	byKey, ofDivision := map[string]conditions{}, map[string]conditions{}
	add := func(c conditions) { byKey[c.key()] = c }
	f.passages(func(p *passage) {
		if len(p.reach.audiences) > 0 {
			add(p.reach.conditions())
		}
	})
	for i := range f.Divisions {
		d := &f.Divisions[i]
		ofDivision[d.ID.Text] = conditions(nil).and(d.Audience)
	}
	for i := range f.Divisions {
		d := &f.Divisions[i]
		for _, n := range d.NotFor { // readers of both see that the other division handles it
			add(ofDivision[d.ID.Text].and(n.Audience).andAll(ofDivision[n.See.Text]))
		}
	}
	return slices.Collect(maps.Values(byKey))
}

// learningSize is how many layers a file has besides the public one, and how many texts
// all their readers see, added up: each layer is learned from all texts that its readers
// see.
func (f *File) learningSize() (layers, texts int) {
	all := f.allConditions()
	all = slices.DeleteFunc(all, func(c conditions) bool { return len(c) == 0 })
	if len(all) > maxLayers {
		return len(all), 0
	}
	ls := newLayers(all)
	have := make([]int, len(ls.keys)) // texts by layer
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

// hiddenSynonyms lists the stems of synonyms that, apart from the synonyms, occur only in
// parts with an audience, with the layers of these parts.
func (f *File) hiddenSynonyms(ls *layers) map[string][]ranking.Layer {
	layersOf := map[string][]ranking.Layer{} // by stem
	if len(ls.keys) == 1 {
		return layersOf
	}
	for _, group := range f.Synonyms {
		for _, l := range group {
			for _, w := range words.Split(l.Text) {
				layersOf[words.Stem(w.Text)] = nil
			}
		}
	}
	if len(layersOf) == 0 {
		return layersOf
	}
	f.passages(func(p *passage) {
		if p.where == inSynonyms {
			return
		}
		in := ls.of(p.reach.conditions())
		for _, w := range words.Split(p.text) {
			s := words.Stem(w.Text)
			if list, ok := layersOf[s]; ok && !slices.Contains(list, in) {
				layersOf[s] = append(list, in)
			}
		}
	})
	for s, in := range layersOf {
		if slices.Sort(in); len(in) == 0 || in[0] == ranking.Public {
			delete(layersOf, s)
		}
	}
	return layersOf
}

// newLayers makes a layer for the public and one for each of the conditions.
func newLayers(all []conditions) layers {
	var ls layers
	byKey := map[string]conditions{"": nil}
	for _, c := range all {
		byKey[c.key()] = c
	}
	for key := range byKey {
		ls.keys = append(ls.keys, key)
	}
	slices.Sort(ls.keys)
	for _, key := range ls.keys {
		ls.conditions = append(ls.conditions, byKey[key])
	}
	ls.Below, ls.Sees = make([][]ranking.Layer, len(ls.keys)), make([][]bool, len(ls.keys))
	for l, c := range ls.conditions {
		ls.Sees[l] = make([]bool, len(ls.keys))
		for other, o := range ls.conditions {
			if ls.Sees[l][other] = c.imply(o); ls.Sees[l][other] && other != l {
				ls.Below[l] = append(ls.Below[l], ranking.Layer(other))
			}
		}
	}
	return ls
}

// of is the layer with these conditions.
func (ls *layers) of(c conditions) ranking.Layer {
	i, _ := slices.BinarySearch(ls.keys, c.key())
	return ranking.Layer(i)
}

// seenBy tells for each layer whether an audience sees it.
func (ls *layers) seenBy(a Audience) []bool {
	names := a.Names()
	sees := make([]bool, len(ls.conditions))
	for l, c := range ls.conditions {
		sees[l] = c.metBy(names)
	}
	return sees
}
