package knowledge

import (
	"slices"
	"time"

	"frontdesk/knowledge/parallel"
	"frontdesk/knowledge/ranking"
)

// index is a knowledge file prepared to answer. All views share it; each of its parts
// belongs to a layer.
type index struct {
	// Took is how long it took to make the index.
	Took struct{ Build, Calibrate time.Duration }

	file        *File // the whole file
	layers      layers
	classes     []ranking.Class
	ids         []string          // by class: the id of the division or declined topic, or ""
	divisions   []Entry           // all of the file
	itemLayers  [][]ranking.Layer // by division: the layers of its responsibilities, then of its programs
	missLayers  [][]ranking.Layer // by division: the layers of its near misses
	completions completions
	ranking     *ranking.Index
}

// newIndex makes an index of a file. The error says which bound the file exceeds. With
// flat everything is in one layer, whatever its audience. Kept is the calibration of the
// same file, or nil.
func newIndex(file *File, pace Pace, flat bool, kept *ranking.Calibration) (*index, error) {
	start := time.Now()
	ix := &index{file: file}
	var all []conditions
	if !flat {
		all = file.allConditions()
	}
	ix.layers = newLayers(all)
	c := collector{index: ix, flat: flat}
	c.collect()
	c.source.Calibration = kept
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

// view makes the Base of an audience. It must not be called concurrently.
func (ix *index) view(a Audience) *Base {
	sees := ix.layers.seenBy(a)
	b := &Base{
		File: ix.file, index: ix, View: ix.ranking.View(sees), sees: sees,
		byID: map[string]int32{}, local: make([]int32, len(ix.classes)),
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
			b.byID[ix.ids[c]] = b.local[c]
			b.entries = append(b.entries, ix.entry(c, sees, &b.File.Divisions[len(b.entries)]))
		case class.Kind == ranking.Declined:
			b.local[c] = declines
			declines++
		}
	}
	b.shared = sharedFacts(b.entries)
	return b
}

// entry is the part of a division that readers of these layers see. d is the division in
// their view of the file.
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
