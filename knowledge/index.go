package knowledge

import (
	"cmp"
	"fmt"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"frontdesk/knowledge/text"
	"frontdesk/knowledge/words"
)

// index is a knowledge file made ready to answer. All views of the file share it:
// everything in it says to which layer it belongs.
type index struct {
	// Took says how long it took to make the index.
	Took struct{ Build, Calibrate time.Duration }

	file       *File // all of it
	layers     layers
	classes    []class
	divisions  []Entry   // of all readers together
	itemLayers [][]layer // by division: of its responsibilities, then of its programs
	missLayers [][]layer // by division: of its near misses

	examples    []example
	model       *model
	phrases     *phrases
	items       items
	near        nearMisses
	completions completions
	trials      []trial   // of what everyone sees
	material    *material // for lessons that nobody has needed yet
	workers     int       // that make it
}

// newIndex makes an index of a file without errors, or says what of it is too much.
// With flat there are no layers: the marks of the file count for nothing.
func newIndex(file *File, pace Pace, flat bool) (*index, error) {
	start := time.Now()
	ix := &index{file: file, phrases: newPhrases(), workers: pace.workers()}
	var all []marks
	if !flat {
		all = file.everyMark()
	}
	ix.layers = newLayers(all)
	c := collector{index: ix, flat: flat}
	c.file()
	for i := range c.examples {
		c.examples[i].place = i
	}
	slices.SortStableFunc(c.examples, func(a, b example) int { return cmp.Compare(a.layer, b.layer) })
	ix.examples = c.examples
	m, l := newModel(c.examples, len(ix.classes), len(ix.divisions), ix.synonyms(), ix.workers)
	ix.model = m
	if n, most := len(m.words), l.mostFeatures()/wordsOfFeatures; n > most {
		return nil, fmt.Errorf("there are %d different words, and the most is %d; take out what nobody would type", n, most)
	}
	if n, most := m.features(), l.mostFeatures(); n > most {
		return nil, fmt.Errorf("there are %d different words, pairs of words and pieces of words, and the most is %d; take out what nobody would type", n, most)
	}
	if m.lessons = make([]*lesson, len(ix.layers.keys)); len(m.lessons) > 1 {
		m.pieceIDs = l.piecesOf
	}
	ix.material = l
	var first trained
	together(ix.workers, func() {
		for _, ph := range c.phrases {
			ix.phrases.add(m, ph, ix.layers.from(ph.layer))
		}
		ix.phrases.ready(m)
		ix.items = newItems(ix)
		ix.near = newNearMisses(ix)
		ix.completions = newCompletions(ix)
	}, func() {
		first = ix.learn(public)
		m.sumPieces(l.piecesOf, ix.workers)
	})
	ix.Took.Build = time.Since(start)
	start = time.Now()
	ix.trials = ix.tryOut(first)
	m.lessons[public].confidence = ix.calibrate(ix.trials)
	ix.Took.Calibrate = time.Since(start)
	if len(m.lessons) == 1 {
		ix.material = nil
	}
	return ix, nil
}

// trained is what is needed once more to try a lesson.
type trained struct {
	*trainer
	scope   *scope
	example []int32   // of each sample
	bias    []float32 // by class
}

// teach makes the lessons that these readers need and nobody has needed before. Only
// one caller at a time may do so.
func (ix *index) teach(sees []bool) {
	m := ix.model
	for _, k := range ix.layers.upward() {
		if !sees[k] || m.lessons[k] != nil || !slices.ContainsFunc(ix.examples, func(e example) bool { return e.layer == k }) {
			continue
		}
		runtime.GC() // a lesson leaves as much behind as the whole index is large
		t := ix.learn(k)
		m.lessons[k].confidence = ix.calibrate(ix.tryOut(t))
	}
}

// learn makes the lesson of a layer. Those of the layers below are there.
func (ix *index) learn(k layer) trained {
	m := ix.model
	t := trained{scope: m.scope(ix.layers.from(k), ix.classes)}
	m.evidence.tabulate(t.scope)
	var below []*lesson
	for _, b := range ix.layers.below[k] {
		if ls := m.lessons[b]; ls != nil {
			below = append(below, ls)
		}
	}
	m.lessons[k], t.trainer, t.example = m.learn(ix.material, t.scope, below, ix.workers)
	t.bias = slices.Clone(m.lessons[k].bias)
	for _, b := range below {
		add(t.bias, b.bias)
	}
	return t
}

// synonyms are those of the file. Whoever does not see a word anywhere although it
// stands somewhere does not know it as a synonym either.
func (ix *index) synonyms() synonyms {
	stands, known := ix.file.hiddenSynonyms(&ix.layers), synonyms{}
	for i, group := range ix.file.Synonyms {
		for k, l := range group {
			if parts := words.Split(l.Text); len(parts) == 1 || k == 0 && len(parts) > 0 { // check warns of longer ones
				s := words.Stem(parts[0].Text)
				known[s] = synonym{"=" + strconv.Itoa(i), stands[s]}
			}
		}
	}
	return known
}

// view is the Base of an audience. Only one caller at a time may ask for one.
func (ix *index) view(a Audience) *Base {
	b := &Base{File: ix.file, index: ix, ids: map[string]int32{}, local: make([]int32, len(ix.classes))}
	sees := ix.layers.seenBy(a)
	ix.teach(sees)
	if len(sees) > 1 {
		b.File = ix.file.For(a)
	}
	b.scope = ix.model.scope(sees, ix.classes)
	ix.model.attend(b.scope)
	if len(b.scope.lessons) == 0 {
		ix.model.evidence.tabulate(b.scope)
	}
	declines := int32(0)
	for c, class := range ix.classes {
		b.local[c] = -1
		switch {
		case !b.scope.visible[c]:
		case class.kind == classDivision:
			b.local[c] = int32(len(b.entries))
			b.ids[class.id] = b.local[c]
			b.entries = append(b.entries, ix.entry(c, sees, &b.File.Divisions[len(b.entries)]))
		case class.kind == classDecline:
			b.local[c] = declines
			declines++
		}
	}
	return b
}

// entry is what readers of these layers see of a division, of which the file they
// see has d.
func (ix *index) entry(c int, sees []bool, d *Division) Entry {
	e := ix.divisions[c]
	e.Division = d
	hidden := func(l layer) bool { return !sees[l] }
	if slices.ContainsFunc(ix.itemLayers[c], hidden) {
		var items []Item
		for i, item := range append(slices.Clip(e.Handles), e.Programs...) {
			if sees[ix.itemLayers[c][i]] {
				items = append(items, item)
			}
		}
		e.Handles, e.Programs = items[:len(d.Handles)], items[len(d.Handles):]
	}
	if !slices.EqualFunc(e.NotFor, d.NotFor, func(i Item, n NotFor) bool { return i.See == n.See.Text }) {
		e.NotFor = nil
		for _, n := range d.NotFor {
			e.NotFor = append(e.NotFor, n.item())
		}
	}
	return e
}

// localItem is the place of an item among those that the readers of b see.
func (b *Base) localItem(division, item int32) int {
	return local(b.scope.sees, b.itemLayers[division], item)
}

// local is the place of something among those of a list that are seen; -1 of -1.
func local(sees []bool, in []layer, n int32) int {
	if n < 0 {
		return -1
	}
	place := 0
	for _, l := range in[:n] {
		if sees[l] {
			place++
		}
	}
	return place
}

// collector goes through a file and takes what can be matched.
type collector struct {
	*index
	flat     bool
	examples []example
	phrases  []phrase
	asked    map[layer]int // example questions so far, to deal them out to the folds
	declined map[layer]int // declined topics so far
}

// layerOf is the layer of what is marked so.
func (c *collector) layerOf(m marks) layer {
	if c.flat {
		return public
	}
	return c.layers.of(m)
}

// miss is the text of a near miss, for the class that it belongs to.
type miss struct {
	text  string
	layer layer
}

func (c *collector) file() {
	f := c.index.file
	c.asked, c.declined = map[layer]int{}, map[layer]int{}
	marked := map[string]marks{} // by id of the division
	for i := range f.Divisions {
		d := &f.Divisions[i]
		marked[d.ID.Text] = marks(nil).and(d.Audience)
	}
	misses := map[string][]miss{} // by id of the division that does handle them
	c.missLayers = make([][]layer, len(f.Divisions))
	for i := range f.Divisions {
		d := &f.Divisions[i]
		for _, n := range d.NotFor {
			own := marked[d.ID.Text].and(n.Audience)
			both := own.all(marked[n.See.Text])
			shown := both // without a word of its own it goes with what it points to
			if n.Say.Text != "" {
				shown = own
			}
			c.missLayers[i] = append(c.missLayers[i], c.layerOf(shown))
			if n.See.Text != "" {
				misses[n.See.Text] = append(misses[n.See.Text], miss{n.Text.Text, c.layerOf(both)})
			}
			if n.See.Text == "" || n.Say.Text != "" && c.layerOf(both) != c.layerOf(own) {
				misses[""] = append(misses[""], miss{n.Text.Text, c.layerOf(own)}) // for those who do not see what handles it
			}
		}
	}
	for i := range f.Divisions {
		d := &f.Divisions[i]
		c.division(int32(i), d, marked[d.ID.Text])
		for _, n := range misses[d.ID.Text] {
			c.take(n.layer, fieldText, n.text)
		}
	}
	for i, d := range f.Declines {
		l := c.layerOf(marks(nil).and(d.Audience))
		c.class(classDecline, i, d.ID.Text, l)
		c.take(l, fieldName, d.Topic.Text)
		nth := c.declined[l]
		c.declined[l]++
		for _, q := range d.Questions {
			c.ask(l, q.Text, nth)
		}
	}
	for i := range c.examples {
		// What comes to the desk is more varied than what the file foresees: each
		// declined topic is held out as a whole.
		if e := &c.examples[i]; c.classes[e.class].kind == classDecline && e.fold >= 0 && c.declined[e.layer] >= folds {
			e.fold = int8(e.topic % folds)
		}
	}
	c.class(classBackground, 0, "", public)
	for _, n := range misses[""] {
		c.take(n.layer, fieldText, n.text)
	}
	c.background()
	c.class(classOurs, 0, "", public)

	c.phrase(public, ownerName, -1, -1, f.Organization.Name.Text)
	for _, a := range f.Organization.Aliases {
		c.phrase(public, ownerName, -1, -1, a.Text)
	}
	for i, u := range f.Urgent {
		for _, p := range u.Phrases {
			for _, variant := range words.Contractions(p.Text) {
				c.phrase(public, dangerSign, int32(i), -1, variant)
			}
		}
	}
}

func (c *collector) class(kind classKind, index int, id string, l layer) {
	c.classes = append(c.classes, class{kind, index, id, l})
}

func (c *collector) division(i int32, d *Division, m marks) {
	l := c.layerOf(m)
	c.class(classDivision, int(i), d.ID.Text, l)
	e := Entry{Division: d, Summary: text.Parse(d.Summary.Text)}
	c.take(l, fieldName, d.Name.Text)
	c.phrase(l, divisionName, i, -1, d.Name.Text)
	for _, a := range d.Aliases {
		c.take(l, fieldName, a.Text)
		c.phrase(l, divisionName, i, -1, a.Text)
	}
	for _, s := range text.Sentences(e.Summary.Plain()) {
		c.take(l, fieldName, s)
	}
	var in []layer // of the items
	for n, h := range d.Handles {
		in = append(in, c.layerOf(m.and(h.Audience)))
		item := Item{Title: h.Topic.Text, Text: text.Parse(h.Text.Text)}
		e.Handles = append(e.Handles, item)
		c.item(in[n], i, int32(n), topicName, item, h.Keywords)
		c.phrase(in[n], topicName, i, int32(n), h.Topic.Text)
	}
	for k, p := range d.Programs {
		in = append(in, c.layerOf(m.and(p.Audience)))
		item := Item{Title: p.Name.Text, Text: text.Parse(p.Text.Text)}
		if p.Acronym.Text != "" {
			item.Title += " (" + p.Acronym.Text + ")"
		}
		e.Programs = append(e.Programs, item)
		n := len(d.Handles) + k
		c.item(in[n], i, int32(n), programName, item, p.Keywords)
		c.phrase(in[n], programName, i, int32(n), p.Name.Text)
		c.phrase(in[n], programName, i, int32(n), p.Acronym.Text)
	}
	for _, n := range d.NotFor {
		e.NotFor = append(e.NotFor, n.item())
	}
	for _, q := range d.Questions {
		c.ask(l, q.Text, 0)
	}
	for n, h := range d.Handles {
		for _, q := range h.Questions {
			c.ask(in[n], q.Text, 0)
		}
	}
	for k, p := range d.Programs {
		for _, q := range p.Questions {
			c.ask(in[len(d.Handles)+k], q.Text, 0)
		}
	}
	c.divisions = append(c.divisions, e)
	c.itemLayers = append(c.itemLayers, in)
}

func (n *NotFor) item() Item {
	return Item{Title: n.Text.Text, Text: text.Parse(n.Say.Text), See: n.See.Text}
}

func (c *collector) item(l layer, division, n int32, kind phraseKind, item Item, keywords []Line) {
	c.take(l, fieldName, item.Title)
	for _, s := range text.Sentences(item.Text.Plain()) {
		c.take(l, fieldText, s)
	}
	for _, k := range keywords {
		c.take(l, fieldAsk, k.Text)
		c.phrase(l, keyword, division, n, k.Text)
	}
}

// background takes the built-in examples of what no desk answers, except
// those that the file claims for itself.
func (c *collector) background() {
	claimed := map[string][]layer{}
	for _, e := range c.examples {
		if e.fold >= 0 {
			claimed[words.Normal(e.text)] = append(claimed[words.Normal(e.text)], e.layer)
		}
	}
	for line := range strings.Lines(backgroundText) {
		line = strings.TrimSpace(line)
		if line == "" || line[0] == '#' {
			continue
		}
		by := claimed[words.Normal(line)]
		if slices.Contains(by, public) {
			continue
		}
		c.ask(public, line, 0)
		c.examples[len(c.examples)-1].claimed = by
	}
}

// take adds an example to the class that was begun last.
func (c *collector) take(l layer, f field, text string) {
	if text != "" {
		c.examples = append(c.examples, example{text: text, class: len(c.classes) - 1, layer: l, field: f, fold: -1})
	}
}

// ask adds an example question, one that is held out in its turn. Topic is the
// number of the declined topic it belongs to.
func (c *collector) ask(l layer, text string, topic int) {
	if text == "" {
		return
	}
	c.take(l, fieldAsk, text)
	e := &c.examples[len(c.examples)-1]
	e.fold, e.topic = int8(c.asked[l]%folds), topic
	c.asked[l]++
}

func (c *collector) phrase(l layer, kind phraseKind, division, item int32, text string) {
	if text != "" {
		c.phrases = append(c.phrases, phrase{kind: kind, division: division, item: item, layer: l, text: text})
	}
}
