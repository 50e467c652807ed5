package knowledge

import "math"

// BM25F (Robertson and Zaragoza 2009, "The Probabilistic Relevance Framework:
// BM25 and Beyond", section 3.6).
const (
	bm25K = 3.0 // saturation; late, since a class has few words
	bm25B = 0.75
)

// evidence is how much each stem speaks for each class.
type evidence struct {
	rows  rows      // by stem
	worth []float32 // by stem: the most it can speak for a class
	rare  float32   // what a stem that no class has would be worth

	counts [fields]rows      // by stem
	length [fields][]float64 // by class: its words, against the mean of all classes
}

// Half of what a rare stem is worth is held against a question for each word
// that nothing in the file knows.
const unknownShare = 0.5

func (m *model) newEvidence(examples []example, all []indexed) evidence {
	stems, K := len(m.stems), m.classes
	var ev evidence
	for f := range fields {
		ev.length[f] = make([]float64, K)
	}
	// Examples come in the order of their classes, so rows grow in that order.
	counts := make([][fields][]entry, stems)
	for i, x := range all {
		e := &examples[i]
		for _, w := range x.words {
			list := &counts[m.stemOf[w]][e.field]
			if n := len(*list); n > 0 && (*list)[n-1].class == int32(e.class) {
				(*list)[n-1].value++
			} else {
				*list = append(*list, entry{int32(e.class), 1})
			}
		}
		ev.length[e.field][e.class] += float64(len(x.words))
	}
	for f := range fields {
		var total float64
		for _, n := range ev.length[f] {
			total += n
		}
		for c := range ev.length[f] {
			if total > 0 {
				ev.length[f][c] *= float64(K) / total
			}
		}
		ev.counts[f] = newRows(stems)
		for s := range counts {
			for _, e := range counts[s][f] {
				ev.counts[f].put(int(e.class), e.value)
			}
			ev.counts[f].end()
		}
	}
	idf := func(df float64) float32 { return float32(math.Log(1 + (float64(K)-df+0.5)/(df+0.5))) }
	ev.rows = newRows(stems)
	ev.worth = make([]float32, stems)
	ev.rare = idf(0)
	row := make([]float32, K)
	for s := range counts {
		clear(row)
		df := 0.0
		for f := range fields {
			for _, e := range counts[s][f] {
				if row[e.class] == 0 {
					row[e.class] = ev.saturated(int32(s), e.class, fields)
					df++
				}
			}
		}
		ev.worth[s] = idf(df)
		for c, v := range row {
			ev.rows.put(c, v*ev.worth[s])
		}
		ev.rows.end()
	}
	return ev
}

// saturated is the share of its worth that a stem speaks for a class, with one
// example of the field less counted.
func (ev *evidence) saturated(stem, class int32, less field) float32 {
	sum := 0.0
	for f := range fields {
		n := float64(ev.counts[f].at(stem, class))
		if f == less {
			n--
		}
		if n > 0 {
			sum += evidenceOf[f] * n / (1 - bm25B + bm25B*ev.length[f][class])
		}
	}
	return float32(sum / (sum + bm25K))
}
