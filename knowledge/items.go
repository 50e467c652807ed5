package knowledge

import "frontdesk/knowledge/words"

// items says which responsibility or program of a division a question is
// about: the evidence shown with an answer.
type items struct {
	postings map[int32][]posting // by stem
	counts   []int32             // by division: responsibilities and programs
}

type posting struct {
	division, item int32
	layer          layer
	weight         float32
}

// What a word counts for an item, by where it stands.
const (
	itemTitle   = 3
	itemKeyword = 2
	itemText    = 1
	itemPhrase  = 3 // for each telling word of a phrase that the question has whole
)

func newItems(ix *index) items {
	it := items{postings: map[int32][]posting{}}
	for d := range ix.divisions {
		e := &ix.divisions[d]
		n := int32(0)
		put := func(text string, weight float32) {
			l := ix.itemLayers[d][n]
			for _, w := range words.Split(text) {
				s, ok := ix.model.stemNumber(ix.layers.from(l), w.Text)
				if !ok || words.Rarity(w.Text) == 0 {
					continue
				}
				list := it.postings[s]
				if k := len(list) - 1; k >= 0 && list[k].division == int32(d) && list[k].item == n {
					list[k].weight = max(list[k].weight, weight)
					continue
				}
				it.postings[s] = append(list, posting{int32(d), n, l, weight})
			}
		}
		for i, h := range e.Division.Handles {
			put(h.Topic.Text, itemTitle)
			for _, k := range h.Keywords {
				put(k.Text, itemKeyword)
			}
			put(e.Handles[i].Text.Plain(), itemText)
			n++
		}
		for i, p := range e.Division.Programs {
			put(p.Name.Text, itemTitle)
			put(p.Acronym.Text, itemTitle)
			for _, k := range p.Keywords {
				put(k.Text, itemKeyword)
			}
			put(e.Programs[i].Text.Plain(), itemText)
			n++
		}
		it.counts = append(it.counts, n)
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
		if mn.division == division && mn.item >= 0 && mn.kind < ownerName {
			for i := mn.start; i < mn.end; i++ {
				r.items[mn.item] += itemPhrase * r.clues[i].tells
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
