package ranking

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"time"

	"frontdesk/knowledge/parallel"
)

// Index is a source made ready to rank questions. All views share it: everything in
// it says to which layer it belongs.
type Index struct {
	// Took says how long it took to make the index.
	Took struct{ Build, Calibrate time.Duration }
	// Workers is on how many processors a view is made.
	Workers int

	classes      []Class
	layers       Layers
	falseAnswers float64
	examples     []Example
	model        *model
	phrases      *phrases
	items        items
	near         nearMisses
	trials       []trial   // of what everyone sees
	material     *material // for lessons that nobody has needed yet
}

// New makes an index on so many processors, or says what of the source is too much.
// The examples belong to the index from now on.
func New(from *Source, workers int) (*Index, error) {
	start := time.Now()
	ix := &Index{
		classes: from.Classes, layers: from.Layers, falseAnswers: from.FalseAnswers, examples: from.Examples,
		phrases: newPhrases(), Workers: workers,
	}
	divisions := 0
	for _, c := range ix.classes {
		if c.Kind == Division {
			divisions++
		}
	}
	for i := range ix.examples {
		ix.examples[i].place = i
	}
	slices.SortStableFunc(ix.examples, func(a, b Example) int { return cmp.Compare(a.Layer, b.Layer) })
	m, l := newModel(ix.examples, len(ix.classes), divisions, from.Synonyms, ix.Workers)
	ix.model = m
	if n, most := len(m.words), l.mostFeatures()/wordsOfFeatures; n > most {
		return nil, fmt.Errorf("there are %d different words, and the most is %d; "+
			"take out what nobody would type", n, most)
	}
	if n, most := m.features(), l.mostFeatures(); n > most {
		return nil, fmt.Errorf("there are %d different words, pairs of words and pieces of words, and the most is %d; "+
			"take out what nobody would type", n, most)
	}
	if m.lessons = make([]*lesson, len(ix.layers.Below)); len(m.lessons) > 1 {
		m.pieceIDs = l.piecesOf
	}
	ix.material = l
	var first trained
	parallel.Do(ix.Workers, func() {
		for _, ph := range from.Phrases {
			ix.phrases.add(m, ph, ix.layers.Sees[ph.Layer])
		}
		ix.phrases.ready(m)
		ix.items = newItems(m, &ix.layers, divisions, from.Items)
		ix.near = newNearMisses(m, &ix.layers, from.NearMisses)
	}, func() {
		first = ix.learn(Public)
		m.sumPieces(l.piecesOf, ix.Workers)
	})
	ix.Took.Build = time.Since(start)
	start = time.Now()
	if kept := from.Calibration; kept != nil {
		m.lessons[Public].confidence = kept.confidence()
	} else {
		ix.trials = append(ix.tryOut(first), ix.tryAbsent(first)...)
		m.lessons[Public].confidence = ix.calibrate(ix.trials)
	}
	ix.Took.Calibrate = time.Since(start)
	if len(m.lessons) == 1 {
		ix.material = nil
	}
	return ix, nil
}

// View is how questions are ranked for those who see some layers. It is never
// changed once made and may be used from many goroutines at once.
type View struct {
	index *Index
	scope *scope
}

// View makes the view of those who see these layers. Only one caller at a time may
// ask for one.
func (ix *Index) View(sees []bool) *View {
	ix.teach(sees)
	v := &View{ix, ix.model.scope(sees, ix.classes)}
	ix.model.attend(v.scope)
	if len(v.scope.lessons) == 0 {
		ix.model.evidence.tabulate(v.scope)
	}
	return v
}

// Threshold is the chance of being right from which an answer is given.
func (v *View) Threshold() float64 { return v.scope.confidence.sure }

// trained is what is needed once more to try a lesson.
type trained struct {
	*trainer
	scope   *scope
	example []int32   // of each sample
	bias    []float32 // by class
}

// teach makes the lessons that these readers need and nobody has needed before. Only
// one caller at a time may do so.
func (ix *Index) teach(sees []bool) {
	m := ix.model
	for _, k := range ix.layers.Upward() {
		some := func(e Example) bool { return e.Layer == k }
		if !sees[k] || m.lessons[k] != nil || !slices.ContainsFunc(ix.examples, some) {
			continue
		}
		runtime.GC() // a lesson leaves as much behind as the whole index is large
		t := ix.learn(k)
		m.lessons[k].confidence = ix.calibrate(append(ix.tryOut(t), ix.tryAbsent(t)...))
	}
}

// learn makes the lesson of a layer. Those of the layers below are there.
func (ix *Index) learn(k Layer) trained {
	m := ix.model
	t := trained{scope: m.scope(ix.layers.Sees[k], ix.classes)}
	m.evidence.tabulate(t.scope)
	var below []*lesson
	for _, b := range ix.layers.Below[k] {
		if ls := m.lessons[b]; ls != nil {
			below = append(below, ls)
		}
	}
	m.lessons[k], t.trainer, t.example = m.learn(ix.material, t.scope, below, ix.Workers)
	t.scope.lesson = m.lessons[k]
	t.bias = slices.Clone(m.lessons[k].bias)
	for _, b := range below {
		add(t.bias, b.bias)
	}
	return t
}
