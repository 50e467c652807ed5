package knowledge

// rows is a table of what each row says for each class. Most rows say something
// for a few classes only, and only these are kept: of what is learned about a
// quarter, of the evidence one in twenty.
type rows struct {
	starts  []int32 // by row: where its entries begin; and where the last one ends
	entries []entry
}

// entry is what a row says for one class.
type entry struct {
	class int32
	value float32
}

// newRows is a table without rows yet, with room for so many.
func newRows(n int) rows { return rows{starts: append(make([]int32, 0, n+1), 0)} }

// put adds an entry to the row that is being made.
func (r *rows) put(class int, value float32) {
	if value != 0 {
		r.entries = append(r.entries, entry{int32(class), value})
	}
}

// end ends the row that is being made.
func (r *rows) end() { r.starts = append(r.starts, int32(len(r.entries))) }

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
