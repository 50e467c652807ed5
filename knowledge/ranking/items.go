package ranking

import "frontdesk/knowledge/words"

// items says which responsibility or program of a division a question is
// about: the evidence shown with an answer.
type items struct {
	postings map[int32][]posting // by stem
	counts   []int32             // by division: responsibilities and programs
}

type posting struct {
	division, item int32
	layer          Layer
	weight         float32
}

// What a word counts for an item, by where it stands.
const (
	itemTitle   = 3
	itemKeyword = 2
	itemText    = 1
	itemPhrase  = 3 // for each telling word of a phrase that the question has whole
)

func newItems(m *model, layers *Layers, divisions int, all []Item) items {
	it := items{postings: map[int32][]posting{}, counts: make([]int32, divisions)}
	for i := range all {
		x := &all[i]
		n := it.counts[x.Division]
		it.counts[x.Division]++
		put := func(text string, weight float32) {
			for _, w := range words.Split(text) {
				s, ok := m.stemNumber(layers.Sees[x.Layer], w.Text)
				if !ok || words.Rarity(w.Text) == 0 {
					continue
				}
				list := it.postings[s]
				if k := len(list) - 1; k >= 0 && list[k].division == x.Division && list[k].item == n {
					list[k].weight = max(list[k].weight, weight)
					continue
				}
				it.postings[s] = append(list, posting{x.Division, n, x.Layer, weight})
			}
		}
		for _, t := range x.Titles {
			put(t, itemTitle)
		}
		for _, k := range x.Keywords {
			put(k, itemKeyword)
		}
		put(x.Text, itemText)
	}
	return it
}

// best returns the item of a division that the question is about, or -1. A
// word that many of the division's items have says less.
func (it *items) best(r *reading, division int32) int32 {
	n := int(it.counts[division])
	if n == 0 {
		return -1
	}
	r.items = zeroed(r.items, n)
	for _, c := range r.clues {
		if c.stem < 0 || c.tells == 0 || c.repeated || c.aside {
			continue
		}
		shared := float32(0)
		list := it.postings[c.stem]
		for _, p := range list {
			if p.division == division && r.scope.sees[p.layer] {
				shared++
			}
		}
		for _, p := range list {
			if p.division == division && r.scope.sees[p.layer] {
				r.items[p.item] += c.tells * p.weight / shared
			}
		}
	}
	for _, mn := range r.mentions {
		if mn.Division == division && mn.Item >= 0 && mn.Kind < OwnerName {
			for i := mn.start; i < mn.end; i++ {
				r.items[mn.Item] += itemPhrase * r.clues[i].tells
			}
		}
	}
	best := int32(-1)
	for i, w := range r.items {
		if w > 0 && (best < 0 || w > r.items[best]) {
			best = int32(i)
		}
	}
	return best
}
