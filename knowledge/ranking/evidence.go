package ranking

import (
	"cmp"
	"slices"
)

// BM25F (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework:
// BM25 and Beyond", section 3.6).
const (
	bm25K = 3.0 // saturation; late, since a class has few words
	bm25B = 0.75
)

// Half of what a rare stem is worth is held against a question for each word
// that nothing in the file knows.
const unknownShare = 0.5

// evidence is how often each stem stands where. How much a stem speaks for a
// class follows from it and from who reads: see [scope].
type evidence struct {
	starts []int32 // by stem: where its counts begin; and where the last ones end
	counts []count // of each stem by rising class
	words  []count // how many words each class has
}

// count is how often something stands in one layer of one field of a class.
type count struct {
	class int32
	layer Layer
	n     float32
	field Field
}

// tabulate makes beforehand what each stem speaks, for what is to be learned, and for
// the public, from which most questions come: half of their time would go into it.
func (ev *evidence) tabulate(sc *scope) {
	table := make([]speech, len(ev.starts)-1)
	room := make([]entry, 0, len(ev.counts))
	for s := range table {
		table[s], room = ev.speak(sc, int32(s), nil, room)
	}
	sc.table = table
}

func (m *model) newEvidence(examples []Example, all []indexed) evidence {
	counts := make([][]count, len(m.stems))
	words := make([]count, 0, m.classes)
	add := func(list []count, e *Example, n float32) []count {
		if k := len(list) - 1; k >= 0 && list[k].class == int32(e.Class) && list[k].layer == e.Layer &&
			list[k].field == e.Field {
			list[k].n += n
			return list
		}
		return append(list, count{int32(e.Class), e.Layer, n, e.Field})
	}
	for i, x := range all {
		for _, w := range x.words {
			s := m.stemOf[w]
			counts[s] = add(counts[s], &examples[i], 1)
		}
		words = add(words, &examples[i], float32(len(x.words)))
	}
	ev := evidence{starts: make([]int32, 1, len(m.stems)+1), words: merged(words)}
	for _, list := range counts {
		ev.counts = append(ev.counts, merged(list)...)
		ev.starts = append(ev.starts, int32(len(ev.counts)))
	}
	ev.counts = slices.Clip(ev.counts)
	return ev
}

// merged sorts counts by class and adds up those of the same place.
func merged(list []count) []count {
	slices.SortFunc(list, func(a, b count) int {
		return cmp.Or(cmp.Compare(a.class, b.class), cmp.Compare(a.field, b.field), cmp.Compare(a.layer, b.layer))
	})
	kept := list[:0]
	for _, c := range list {
		if k := len(kept) - 1; k >= 0 && kept[k].class == c.class && kept[k].field == c.field &&
			kept[k].layer == c.layer {
			kept[k].n += c.n
			continue
		}
		kept = append(kept, c)
	}
	return kept
}

// of lists the counts of a stem.
func (ev *evidence) of(stem int32) []count { return ev.counts[ev.starts[stem]:ev.starts[stem+1]] }

// lengths fills in how long the classes are that a scope sees.
func (ev *evidence) lengths(sc *scope) {
	var total [fields]float64
	for f := range fields {
		sc.length[f] = make([]float64, len(sc.visible))
	}
	for _, c := range ev.words {
		if sc.sees[c.layer] {
			sc.length[c.field][c.class] += float64(c.n)
			total[c.field] += float64(c.n)
		}
	}
	for f := range fields {
		for c := range sc.length[f] {
			if total[f] > 0 {
				sc.length[f][c] *= float64(sc.classes) / total[f]
			}
		}
	}
}

// speech is how much a stem speaks for each class, as a share of its worth.
type speech struct {
	worth  float32
	known  bool // by any class
	shares []entry
}

// speak finds out how much a stem speaks for each class, as it is or as it would
// be without one example, and appends the shares to room. The stem's worth does
// not depend on the example.
func (ev *evidence) speak(sc *scope, stem int32, without *Example, room []entry) (speech, []entry) {
	if sc.table != nil && without == nil {
		return sc.table[stem], room
	}
	begin, classes, total := len(room), 0, float32(0)
	list := ev.of(stem)
	for i := 0; i < len(list); {
		class, sum, has := list[i].class, 0.0, false
		for i < len(list) && list[i].class == class {
			field, n := list[i].field, float32(0)
			for ; i < len(list) && list[i].class == class && list[i].field == field; i++ {
				if sc.sees[list[i].layer] {
					n += list[i].n
				}
			}
			if n == 0 {
				continue
			}
			has, total = true, total+n
			if without != nil && int(class) == without.Class && field == without.Field {
				n--
			}
			sum += evidenceOf[field] * float64(n) / (1 - bm25B + bm25B*sc.length[field][class])
		}
		if !has {
			continue
		}
		classes++
		if sum > 0 {
			room = append(room, entry{class, float32(sum / (sum + bm25K))})
		}
	}
	known := classes > 0
	if without != nil {
		known = total > 1 // it stands in the example itself
	}
	return speech{sc.idf(classes), known, room[begin:len(room):len(room)]}, room
}

// of is the share of its worth that a stem speaks for a class, from 0 to 1.
func (s *speech) of(class int32) float64 {
	for _, e := range s.shares {
		if e.class == class {
			return float64(e.value)
		}
	}
	return 0
}
