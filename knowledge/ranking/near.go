package ranking

import "frontdesk/knowledge/words"

// nearMisses finds the near miss that a question is about.
type nearMisses struct {
	all      []Near // by class and whole list
	layers   []Layer
	telling  []float32          // by near miss: what its words tell in all
	postings map[int32][]nearAt // by stem
}

type nearAt struct {
	miss  int32
	tells float32
}

func newNearMisses(m *model, layers *Layers, all []NearMiss) nearMisses {
	n := nearMisses{postings: map[int32][]nearAt{}}
	item := 0 // of the division
	for i, x := range all {
		if item++; i == 0 || all[i-1].Division != x.Division {
			item = 0
		}
		id := int32(i)
		sc := &scope{sees: layers.Sees[x.Layer]}
		sum := float32(0)
		for _, w := range words.Split(x.Text) {
			c := m.clue(sc, w.Text)
			if c.tells == 0 {
				continue
			}
			sum += c.tells
			if list := n.postings[c.stem]; c.stem >= 0 && (len(list) == 0 || list[len(list)-1].miss != id) {
				n.postings[c.stem] = append(list, nearAt{id, c.tells})
			}
		}
		n.all, n.layers = append(n.all, Near{int(x.Division), item}), append(n.layers, x.Layer)
		n.telling = append(n.telling, sum)
	}
	return n
}

// nearShare is the share of a near miss's telling words that a question must
// have more than.
const nearShare = 0.6

func (n *nearMisses) find(r *reading) Near {
	r.items = zeroed(r.items, len(n.all))
	best, bestShare := Near{Division: -1}, float32(nearShare)
	for _, c := range r.clues {
		if c.stem < 0 || c.repeated {
			continue
		}
		for _, at := range n.postings[c.stem] {
			if !r.scope.sees[n.layers[at.miss]] {
				continue
			}
			r.items[at.miss] += at.tells
			if share := r.items[at.miss] / n.telling[at.miss]; share > bestShare {
				best, bestShare = n.all[at.miss], share
			}
		}
	}
	return best
}
