package ranking

import (
	"cmp"
	"slices"
)

// Source is all that an index is made of: plain texts, and for each to what it
// belongs and who sees it.
type Source struct {
	// Classes are the divisions, then the topics that are declined, the background,
	// and last all divisions together.
	Classes    []Class
	Examples   []Example // in the order in which they were written, and of their classes
	Phrases    []Phrase
	Items      []Item     // by rising division
	NearMisses []NearMiss // by rising division
	Synonyms   Synonyms
	Layers     Layers
	// FalseAnswers is the share of answers that may be false.
	FalseAnswers float64
	// Calibration is that of what everyone sees, if an index of the same source has been
	// made before; nil to find it out. With one, [View.Held] lists nothing.
	Calibration *Calibration
}

// Layer is what has the same readers. Layer 0 is what everyone sees. What is
// learned for a layer depends on nothing but what all its readers see: its own
// examples and the layers below it. So one that somebody does not see changes no
// number of theirs.
type Layer int32

// Public is the layer that everyone sees.
const Public Layer = 0

// Layers say which readers see which other layers for sure.
type Layers struct {
	Below [][]Layer // by layer: what its readers see as well, in order
	Sees  [][]bool  // by layer: whether its readers see another one
}

// Upward lists the layers so that each comes after those below it.
func (ls *Layers) Upward() []Layer {
	order := make([]Layer, len(ls.Below))
	for i := range order {
		order[i] = Layer(i)
	}
	slices.SortStableFunc(order, func(a, b Layer) int { return cmp.Compare(len(ls.Below[a]), len(ls.Below[b])) })
	return order
}

// Kind says what a class stands for.
type Kind uint8

// The kinds, in the order in which the classes of a source come.
const (
	Division     Kind = iota
	Declined          // a topic that is declined
	Background        // what no desk answers
	AllDivisions      // all divisions together
)

// Class is what a question may be for.
type Class struct {
	Kind  Kind
	Layer Layer
}

// Field says what an example was taken from.
type Field uint8

// The fields.
const (
	FieldName Field = iota // names, aliases, acronyms, topics, programs, summaries
	FieldAsk               // keywords and example questions
	FieldText              // sentences
	fields
)

// Example is one text that belongs to one class: a name, a
// keyword, a sentence, a question.
type Example struct {
	Text  string
	Class int
	Layer Layer
	Field Field
	Fold  int8 // which fold holds it back for calibration, or -1
	// Claimed are the layers that have the same question, of a background example.
	Claimed []Layer
	place   int // in the order of the source
}

// Folds is how many parts the example questions are divided into for
// calibration: each part is answered by what was learned without it.
const Folds = 5

// Item are the texts of a responsibility or a program of a division.
type Item struct {
	Division int32
	Layer    Layer
	Titles   []string
	Keywords []string
	Text     string
}

// NearMiss is what a division is asked for by mistake.
type NearMiss struct {
	Division int32
	Layer    Layer
	Text     string
}

// Synonyms are stems with the name of their group, which takes their place. One
// that stands only in some layers is known only to their readers.
type Synonyms map[string]Synonym

// Synonym is what a stem means.
type Synonym struct {
	Group string
	In    []Layer // nil: everyone knows it
}

func (s Synonym) known(sees []bool) bool {
	return s.In == nil || slices.ContainsFunc(s.In, func(l Layer) bool { return sees[l] })
}

// PhraseKind says what a phrase is.
type PhraseKind uint8

// The kinds of phrases.
const (
	DivisionName PhraseKind = iota
	ProgramName
	TopicName
	Keyword
	OwnerName  // of the organization
	DangerSign // of danger now
)

// Phrase is a run of words that is looked for in questions.
type Phrase struct {
	Kind     PhraseKind
	Division int32 // or, of a sign of danger, its group
	Item     int32 // the responsibility, or the program, or -1
	Layer    Layer
	Text     string

	upper  bool // counts only in capitals: IT, US, WHO are words as well
	proper bool // a name for sure: of several words, or written with a capital
}
