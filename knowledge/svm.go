package knowledge

import (
	"math/rand/v2"
	"slices"
)

// Each class is learned as a linear support vector machine with squared hinge
// loss, by dual coordinate descent (Hsieh et al. 2008, "A Dual Coordinate
// Descent Method for Large-scale Linear SVM"). An example far on its own side
// of a class's border never moves it, so a class learns from its own examples
// and from those of others that come near.
const (
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
	layer  layer
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

// trainer learns the weights of every class, one layer after the other. The last
// class stands for all divisions together, against all that is declined.
type trainer struct {
	samples   []sample
	classes   int
	divisions int
	features  int
	workers   int       // at a time
	seeds     []uint64  // by class
	lessons   []*lesson // by layer
	learners  []*learner
}

// lesson is what is learned for one layer: it moves the weights that were learned
// for those below it, which stay as they are.
type lesson struct {
	below   []layer
	balance float32     // share of the cost of a division's example in the last class
	members [][]int32   // by class: the samples it learns from
	alphas  [][]float32 // by class and member: how hard the sample presses on the border
	weights [][]part    // by class: what is added to the weights, the bias at last
}

// begin fills weights with what was learned of a class for the layers below one,
// and with the one's own if it is asked for.
func (t *trainer) begin(ls *lesson, class int, weights []float32) {
	clear(weights)
	for _, l := range ls.below {
		for _, p := range t.lessons[l].weights[class] {
			weights[p.feature] += p.value
		}
	}
}

// train learns the weights of every class for one layer; those below it come
// first. The result does not depend on the number of workers.
func (t *trainer) train(l layer) {
	ls := t.lessons[l]
	ls.alphas, ls.weights = make([][]float32, t.classes), make([][]part, t.classes)
	t.parallel(func(w *learner, class int) {
		members := ls.members[class]
		if len(members) == 0 {
			return
		}
		ls.alphas[class] = make([]float32, len(members))
		t.begin(ls, class, w.weights)
		var before []float32
		if len(ls.below) > 0 {
			w.all = append(w.all[:0], w.weights...)
			before = w.all
		}
		w.order = w.order[:0]
		for k := range members {
			w.order = append(w.order, int32(k))
		}
		w.descend(ls, class, w.weights, ls.alphas[class], passes)
		ls.weights[class] = t.moved(members, ls.alphas[class], w.weights, before)
	})
}

// moved is what the samples of a class have added to weights, which were before
// when they began, or zero if that is nil. It takes it from weights again.
func (t *trainer) moved(members []int32, alphas, weights, before []float32) []part {
	var parts []part
	take := func(feature int) {
		old := float32(0)
		if before != nil {
			old = before[feature]
		}
		if v := weights[feature]; v != old {
			parts = append(parts, part{int32(feature), v - old})
			weights[feature] = old
		}
	}
	for k, i := range members {
		if alphas[k] != 0 {
			for _, p := range t.samples[i].parts {
				take(int(p.feature))
			}
		}
	}
	take(t.features) // the bias
	return slices.Clip(parts)
}

// holdOut calls each with the weights of every class as they are for a layer when
// its samples of one fold are left out. each must not keep them.
func (t *trainer) holdOut(l layer, folds int, each func(class, fold int, weights []float32)) {
	ls := t.lessons[l]
	t.parallel(func(w *learner, class int) {
		members, full := ls.members[class], ls.alphas[class]
		w.all = append(w.all[:0], w.weights...) // for its size
		all := w.all
		t.begin(ls, class, all)
		for k, i := range members {
			if full[k] != 0 {
				t.samples[i].addTo(all, full[k]*t.side(&t.samples[i], class))
			}
		}
		alpha := append(w.alpha[:0], full...)
		w.alpha = alpha
		for fold := range folds {
			copy(alpha, full)
			copy(w.weights, all)
			w.order = w.order[:0]
			missed := false
			for k, i := range members {
				s := &t.samples[i]
				switch {
				case int(s.fold) != fold || s.layer != l:
					if alpha[k] != 0 || int(s.class) == class { // the others rest far from the border
						w.order = append(w.order, int32(k))
					}
				case alpha[k] != 0:
					s.addTo(w.weights, -alpha[k]*t.side(s, class))
					missed = true
				}
			}
			if missed {
				w.descend(ls, class, w.weights, alpha, rehearsal)
			}
			each(class, fold, w.weights)
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
	var workers crew
	for _, w := range t.learners {
		workers.work(func() {
			for class := range next {
				work(w, class)
			}
		})
	}
	workers.wait()
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

	all, alpha []float32
}

// descend passes over the members in l.order and moves the weights so that
// each comes to lie on its side by a margin of 1, as far as its cost allows.
func (l *learner) descend(ls *lesson, class int, weights, alpha []float32, passes int) {
	rnd := rand.New(rand.NewPCG(l.seeds[class], 1)) // the same file always gives the same weights
	members, order, ours := ls.members[class], l.order, class == l.classes-1
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
				softness /= ls.balance
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
		if steepest < settled {
			return
		}
	}
}
