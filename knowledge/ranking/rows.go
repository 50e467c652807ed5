package ranking

import "math"

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

// changes are rows of differences, in half the memory: there are some for each layer.
type changes struct {
	starts  []int32 // as of rows
	entries []change
}

// change is a difference for a class, in steps of changeStep.
type change struct {
	class uint16
	steps int16
}

const (
	changeStep = 1.0 / 1024 // weights lie between -32 and 32
	// leastChange is the least difference that is kept. A question adds up some
	// hundred, each scaled by about a tenth; a larger bound than this one changes no
	// answer to the labelled questions, a smaller one takes up to twice the memory.
	leastChange = 0.03
)

// put adds a difference to the row that is being made, if it is large enough.
func (c *changes) put(class int32, value float32) {
	if value > leastChange || value < -leastChange {
		steps := math.Round(float64(value) / changeStep)
		c.entries = append(c.entries, change{uint16(class), int16(max(math.MinInt16, min(math.MaxInt16, steps)))})
	}
}

// end ends the row that is being made.
func (c *changes) end() { c.starts = append(c.starts, int32(len(c.entries))) }

func (c *changes) row(i int32) []change { return c.entries[c.starts[i]:c.starts[i+1]] }

// at is the difference of a row for a class.
func (c *changes) at(i, class int32) float32 {
	for _, e := range c.row(i) {
		if int32(e.class) == class {
			return float32(e.steps) * changeStep
		}
	}
	return 0
}

// addTimesTo adds a multiple of a row to a sum by class.
func (c *changes) addTimesTo(sum []float32, i int32, times float32) {
	times *= changeStep
	for _, e := range c.row(i) {
		sum[e.class] += float32(e.steps) * times
	}
}
