package ranking

import (
	"math"
	"math/rand/v2"
	"slices"

	"frontdesk/knowledge/parallel"
)

// Each class is learned as a linear support vector machine with squared hinge
// loss, by dual coordinate descent (Hsieh et al. 2008, "A Dual Coordinate
// Descent Method for Large-scale Linear SVM"). An example far on its own side
// of a class's border never moves it, so a class learns from its own examples
// and from those of others that come near.
const (
	// restShare is the least weight of the samples that are not a class's own, as a multiple
	// of the weight of its own. From 0.5 to 2 nothing gets worse where divisions have keywords
	// or examples, and ministries that have only lists of duties come first for 34 % of their
	// questions instead of 9 %. With all other samples the shipped file loses two points.
	restShare = 2
	cost      = 5.0 // of an example on the wrong side, against the size of the weights
	passes    = 10  // over a class's examples; more changed no figure
	rivals    = 16  // classes an example is held against: those whose words it shares most
	rehearsal = 2   // passes once a fold is taken out; the rest has to move little
	resting   = 0.1 // how far on its side an example must be to sit out the next passes
	settled   = 0.05
)

// part is one feature of a vector, by its place (see [model.weighFeatures]).
type part struct {
	feature int32
	value   float32
}

// sample is one example as a sparse vector. The same feature may stand twice;
// its values add up.
type sample struct {
	parts  []part
	class  int32
	weight float32 // share of the full cost
	fold   int8    // which fold holds it back for calibration, or -1
	square float32 // the vector's product with itself, and 1 for the bias
}

// dot is the score of s under the weights w, whose last is the bias.
func (s *sample) dot(w []float32) float32 {
	parts := s.parts
	var a, b, c, d float32 // apart, so that the processor need not wait for one sum
	for len(parts) >= 4 {
		p := parts[:4]
		a += w[p[0].feature] * p[0].value
		b += w[p[1].feature] * p[1].value
		c += w[p[2].feature] * p[2].value
		d += w[p[3].feature] * p[3].value
		parts = parts[4:]
	}
	for _, p := range parts {
		a += w[p.feature] * p.value
	}
	return a + b + c + d + w[len(w)-1]
}

func (s *sample) addTo(w []float32, d float32) {
	for _, p := range s.parts {
		w[p.feature] += d * p.value
	}
	w[len(w)-1] += d
}

// trainer learns the weights of every class. The last class stands for all
// divisions together, against all that is declined.
type trainer struct {
	samples   []sample
	classes   int
	divisions int
	features  int
	workers   int // at a time
	learners  []*learner
	places    []int32     // by feature, see [course.weighFeatures]
	seeds     []uint64    // by class
	balance   float32     // share of the cost of a division's example in the last class
	members   [][]int32   // by class: the samples it learns from
	rest      []float32   // by class: the weight of the samples without a word
	alphas    [][]float32 // by class and member, and last for the rest: how hard it presses on the border
}

// newTrainer prepares to learn from samples. near lists for each sample the
// classes it might be taken for.
func newTrainer(samples []sample, near [][]int32, seeds []uint64, divisions, features, workers int) *trainer {
	classes := len(seeds)
	t := &trainer{
		samples: samples, classes: classes, divisions: divisions, features: features, workers: workers, seeds: seeds,
		members: make([][]int32, classes), alphas: make([][]float32, classes),
	}
	ours := classes - 1
	var inside, outside, all float64
	for i := range samples {
		s := &samples[i]
		t.members[s.class] = append(t.members[s.class], int32(i))
		t.members[ours] = append(t.members[ours], int32(i))
		for _, c := range near[i] {
			if c != s.class && int(c) != ours {
				t.members[c] = append(t.members[c], int32(i))
			}
		}
		if int(s.class) < divisions {
			inside += float64(s.weight)
		} else {
			outside += float64(s.weight)
		}
	}
	// A class with few rivals would win by its bias where no word tells anything. What it
	// lacks in them is made up for by samples without a word.
	for i := range samples {
		all += float64(samples[i].weight)
	}
	t.rest = make([]float32, classes)
	for c, members := range t.members {
		var own, other float64
		for _, i := range members {
			if t.side(&samples[i], c) > 0 {
				own += float64(samples[i].weight)
			} else {
				other += float64(samples[i].weight)
			}
		}
		t.rest[c] = float32(max(0, min(all-own-other, restShare*own-other)))
	}
	// Far more is said of the divisions than of what is declined; the root
	// keeps the larger side the heavier one, but not by so much.
	t.balance = float32(math.Sqrt(outside / (inside + 1)))
	return t
}

// train returns the weights of every class, the bias as those of the last feature.
// The result does not depend on the number of workers.
func (t *trainer) train() [][]part {
	weights := make([][]part, t.classes)
	t.parallel(func(w *learner, class int) {
		members := t.members[class]
		t.alphas[class] = make([]float32, len(members)+1)
		clear(w.weights)
		w.order = w.order[:0]
		for k := range members {
			w.order = append(w.order, int32(k))
		}
		w.descend(class, w.weights, t.alphas[class], passes)
		weights[class] = w.moved(class)
	})
	return weights
}

// moved lists the weights that the samples of a class have moved, and sets them to
// zero again.
func (l *learner) moved(class int) []part {
	l.parts = l.parts[:0]
	take := func(feature int32) {
		if v := l.weights[feature]; v != 0 {
			l.parts = append(l.parts, part{feature, v})
			l.weights[feature] = 0
		}
	}
	for k, i := range l.members[class] {
		if l.alphas[class][k] != 0 {
			for _, p := range l.samples[i].parts {
				take(p.feature)
			}
		}
	}
	take(int32(l.features)) // the bias
	return slices.Clone(l.parts)
}

// holdOut calls each with the weights of every class as they are when the samples of
// one part are left out. partOf is by sample, -1 for those that never are. Each must not
// keep the weights.
func (t *trainer) holdOut(parts int, partOf []int8, each func(class, part int, weights []float32)) {
	t.parallel(func(w *learner, class int) {
		members, full := t.members[class], t.alphas[class]
		if w.all == nil {
			w.all = make([]float32, t.features+1)
		}
		all := w.all
		clear(all)
		for k, i := range members {
			if full[k] != 0 {
				t.samples[i].addTo(all, full[k]*t.side(&t.samples[i], class))
			}
		}
		all[t.features] -= full[len(members)] // the samples without a word
		alpha := append(w.alpha[:0], full...)
		w.alpha = alpha
		for part := range parts {
			copy(alpha, full)
			copy(w.weights, all)
			w.order = w.order[:0]
			missed := false
			for k, i := range members {
				s := &t.samples[i]
				if int(partOf[i]) != part {
					if alpha[k] != 0 || t.side(s, class) > 0 { // the others rest far from the border
						w.order = append(w.order, int32(k))
					}
				} else if alpha[k] != 0 {
					s.addTo(w.weights, -alpha[k]*t.side(s, class))
					missed = true
				}
			}
			if missed {
				w.descend(class, w.weights, alpha, rehearsal)
			}
			each(class, part, w.weights)
		}
	})
}

// parallel runs work for every class, each worker with memory of its own.
func (t *trainer) parallel(work func(w *learner, class int)) {
	next := make(chan int, t.classes)
	for class := t.classes - 1; class >= 0; class-- { // the last has by far the most to do
		next <- class
	}
	close(next)
	for len(t.learners) < min(t.workers, t.classes) {
		t.learners = append(t.learners, &learner{trainer: t, weights: make([]float32, t.features+1)})
	}
	var workers parallel.Group
	for _, w := range t.learners {
		workers.Go(func() {
			for class := range next {
				work(w, class)
			}
		})
	}
	workers.Wait()
}

// side is 1 for a sample of the class and -1 for any other.
func (t *trainer) side(s *sample, class int) float32 {
	if int(s.class) == class || class == t.classes-1 && int(s.class) < t.divisions {
		return 1
	}
	return -1
}

// learner is one worker's memory.
type learner struct {
	*trainer
	weights []float32
	order   []int32 // members that take part

	all, alpha []float32 // of holdOut
	parts      []part    // of moved
}

// descend passes over the members in l.order and moves the weights so that
// each comes to lie on its side by a margin of 1, as far as its cost allows.
func (l *learner) descend(class int, weights, alpha []float32, passes int) {
	rnd := rand.New(rand.NewPCG(l.seeds[class], 1)) // the same file always gives the same weights
	members, order, ours := l.members[class], l.order, class == l.classes-1
	active := len(order)
	for pass := range passes {
		if pass == passes-2 {
			active = len(order) // wake those that rested, in case the border came near
		}
		rnd.Shuffle(active, func(i, j int) { order[i], order[j] = order[j], order[i] })
		var steepest float32
		for n := 0; n < active; n++ {
			k := order[n]
			s := &l.samples[members[k]]
			y, a := l.side(s, class), alpha[k]
			softness := 1 / (2 * cost * s.weight)
			if ours && y > 0 {
				softness /= l.balance
			}
			slope := y*s.dot(weights) - 1 + a*softness
			if a == 0 && slope >= 0 {
				if pass > 0 && slope > resting {
					active--
					order[n], order[active] = order[active], order[n]
					n--
				}
				continue
			}
			steepest = max(steepest, slope, -slope)
			alpha[k] = max(0, a-slope/(s.square+softness))
			if d := alpha[k] - a; d != 0 {
				s.addTo(weights, d*y)
			}
		}
		if rest := l.rest[class]; rest > 0 {
			k, bias := len(members), &weights[l.features]
			softness, a := 1/(2*cost*rest), alpha[len(members)]
			slope := -*bias - 1 + a*softness
			if a > 0 || slope < 0 {
				steepest = max(steepest, slope, -slope)
				alpha[k] = max(0, a-slope/(1+softness))
				*bias -= alpha[k] - a
			}
		}
		if steepest < settled {
			return
		}
	}
}
