package ranking

import (
	"frontdesk/knowledge/words"
	"math"
	"slices"
)

// scope is what some readers see of a model.
type scope struct {
	sees    []bool // by layer
	visible []bool // by class
	classes int    // that are visible
	bias    []float32
	*lesson                   // the one that was learned from the most of what they see
	lessons []*lesson         // of the layers above the public one that they see
	length  [fields][]float64 // by class: its words, against the mean of all that are visible
	rare    float32           // what a stem is worth that no class has
	table   []speech          // by stem, where it was made beforehand

	directions []words.Vector // by class, see meaning
	squares    []float32      // by class: the squared length of that
}

// idf is what a stem is worth that so many of the classes have: the most it can
// speak for one of them.
func (sc *scope) idf(classes int) float32 {
	return float32(math.Log(1 + (float64(sc.classes)-float64(classes)+0.5)/(float64(classes)+0.5)))
}

// scope is what readers of these layers see.
func (m *model) scope(sees []bool, classes []Class) *scope {
	sc := &scope{sees: sees, visible: make([]bool, len(classes))}
	for c, class := range classes {
		if sc.visible[c] = sees[class.Layer]; sc.visible[c] {
			sc.classes++
		}
	}
	sc.rare = sc.idf(0)
	m.evidence.lengths(sc)
	sc.directions = m.meaning.directions(sees, m.classes)
	sc.squares = make([]float32, m.classes)
	for c := range sc.squares {
		sc.squares[c] = sc.directions[c].Dot(&sc.directions[c])
	}
	return sc
}

// attend gives a scope the lessons of the layers that it sees.
func (m *model) attend(sc *scope) {
	sc.lesson = m.lessons[Public]
	sc.bias = slices.Clone(sc.lesson.bias)
	for l, ls := range m.lessons {
		if ls == nil || Layer(l) == Public || !sc.sees[l] {
			continue
		}
		sc.lessons = append(sc.lessons, ls)
		add(sc.bias, ls.bias)
		if ls.examples > sc.lesson.examples {
			sc.lesson = ls
		}
	}
}

// without is the scope of readers who do not see some classes.
func (sc *scope) without(gone func(class int32) bool) *scope {
	less := *sc
	less.visible = slices.Clone(sc.visible)
	for c := range less.visible {
		less.visible[c] = less.visible[c] && !gone(int32(c))
	}
	return &less
}
