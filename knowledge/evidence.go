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
	rows  []float32 // by stem and class
	worth []float32 // by stem: the most it can speak for a class
	rare  float32   // what a stem that no class has would be worth

	counts [fields][]float32 // by stem and class
	length [fields][]float64 // by class: its words, against the mean of all classes
}

// Half of what a rare stem is worth is held against a question for each word
// that nothing in the file knows.
const unknownShare = 0.5

func (m *model) newEvidence(examples []example, all []indexed) evidence {
	stems, K := len(m.stems), m.classes
	var ev evidence
	for f := range fields {
		ev.counts[f] = make([]float32, stems*K)
		ev.length[f] = make([]float64, K)
	}
	for i, x := range all {
		e := &examples[i]
		for _, w := range x.words {
			ev.counts[e.field][int(m.stemOf[w])*K+e.class]++
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
	}
	idf := func(df float64) float32 { return float32(math.Log(1 + (float64(K)-df+0.5)/(df+0.5))) }
	ev.rows = make([]float32, stems*K)
	ev.worth = make([]float32, stems)
	ev.rare = idf(0)
	for s := range stems {
		row := m.row(ev.rows, int32(s))
		df := 0.0
		for c := range row {
			if row[c] = ev.saturated(s*K+c, c, fields); row[c] > 0 {
				df++
			}
		}
		ev.worth[s] = idf(df)
		for c := range row {
			row[c] *= ev.worth[s]
		}
	}
	return ev
}

// saturated is the share of its worth that a stem speaks for a class, with one
// example of the field less counted.
func (ev *evidence) saturated(i, class int, less field) float32 {
	sum := 0.0
	for f := range fields {
		n := float64(ev.counts[f][i])
		if f == less {
			n--
		}
		if n > 0 {
			sum += evidenceOf[f] * n / (1 - bm25B + bm25B*ev.length[f][class])
		}
	}
	return float32(sum / (sum + bm25K))
}
