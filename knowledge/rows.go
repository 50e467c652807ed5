package knowledge

// rows is a table of what each row says for each class. Most rows say something
// for a few classes only, and only these are kept: of what is learned about a
// quarter.
type rows struct {
	starts  []int32 // by row: where its entries begin; and where the last one ends
	entries []entry
}

// entry is what a row says for one class.
type entry struct {
	class int32
	value float32
}

// row is what a row says, by rising class.
func (r *rows) row(i int32) []entry { return r.entries[r.starts[i]:r.starts[i+1]] }

// at is what a row says for a class.
func (r *rows) at(i, class int32) float32 {
	for _, e := range r.row(i) {
		if e.class == class {
			return e.value
		}
	}
	return 0
}

// addTo adds a row to a sum by class.
func (r *rows) addTo(sum []float32, i int32) {
	for _, e := range r.row(i) {
		sum[e.class] += e.value
	}
}

// addTimesTo adds a multiple of a row to a sum by class.
func (r *rows) addTimesTo(sum []float32, i int32, times float32) {
	for _, e := range r.row(i) {
		sum[e.class] += e.value * times
	}
}

// layeredRows is the same for what some readers do not see: each entry says to
// which layer it belongs.
type layeredRows struct {
	starts  []int32 // as above, or nil if there are no entries
	entries []layeredEntry
}

type layeredEntry struct {
	entry
	layer layer
}

// row is what a row says, by rising layer and class.
func (r *layeredRows) row(i int32) []layeredEntry {
	if r.starts == nil {
		return nil
	}
	return r.entries[r.starts[i]:r.starts[i+1]]
}

// addTimesTo adds a multiple of what readers see of a row to a sum by class.
func (r *layeredRows) addTimesTo(sum []float32, sees []bool, i int32, times float32) {
	for _, e := range r.row(i) {
		if sees[e.layer] {
			sum[e.class] += e.value * times
		}
	}
}

// at is what readers see of a row for a class.
func (r *layeredRows) at(sees []bool, i, class int32) (sum float32) {
	for _, e := range r.row(i) {
		if e.class == class && sees[e.layer] {
			sum += e.value
		}
	}
	return sum
}
