package knowledge

import (
	"slices"
	"time"

	"frontdesk/knowledge/parallel"
	"frontdesk/knowledge/ranking"
)

// index is a knowledge file made ready to answer. All views of the file share it:
// everything in it says to which layer it belongs.
type index struct {
	// Took says how long it took to make the index.
	Took struct{ Build, Calibrate time.Duration }

	file        *File // all of it
	layers      layers
	classes     []ranking.Class
	ids         []string          // by class, of divisions and declined topics
	divisions   []Entry           // of all readers together
	itemLayers  [][]ranking.Layer // by division: of its responsibilities, then of its programs
	missLayers  [][]ranking.Layer // by division: of its near misses
	completions completions
	ranking     *ranking.Index
}

// newIndex makes an index of a file without errors, or says what of it is too much.
// With flat there are no layers: the marks of the file count for nothing.
func newIndex(file *File, pace Pace, flat bool) (*index, error) {
	start := time.Now()
	ix := &index{file: file}
	var all []marks
	if !flat {
		all = file.everyMark()
	}
	ix.layers = newLayers(all)
	c := collector{index: ix, flat: flat}
	c.collect()
	var err error
	parallel.Do(pace.workers(), func() { ix.ranking, err = ranking.New(&c.source, pace.workers()) }, func() {
		ix.completions = newCompletions(ix)
	})
	if err != nil {
		return nil, err
	}
	ix.Took.Calibrate = ix.ranking.Took.Calibrate
	ix.Took.Build = time.Since(start) - ix.Took.Calibrate
	return ix, nil
}

// view is the Base of an audience. Only one caller at a time may ask for one.
func (ix *index) view(a Audience) *Base {
	sees := ix.layers.seenBy(a)
	b := &Base{
		File: ix.file, index: ix, View: ix.ranking.View(sees), sees: sees,
		numbers: map[string]int32{}, local: make([]int32, len(ix.classes)),
	}
	if len(sees) > 1 {
		b.File = ix.file.For(a)
	}
	declines := int32(0)
	for c, class := range ix.classes {
		b.local[c] = -1
		switch {
		case !sees[class.Layer]:
		case class.Kind == ranking.Division:
			b.local[c] = int32(len(b.entries))
			b.numbers[ix.ids[c]] = b.local[c]
			b.entries = append(b.entries, ix.entry(c, sees, &b.File.Divisions[len(b.entries)]))
		case class.Kind == ranking.Declined:
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
	hidden := func(l ranking.Layer) bool { return !sees[l] }
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
func (b *Base) localItem(division, item int) int { return local(b.sees, b.itemLayers[division], item) }

// local is the place of something among those of a list that are seen; -1 of -1.
func local(sees []bool, in []ranking.Layer, n int) int {
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
