package knowledge

import (
	"strings"
	"testing"
)

// TestCrew holds that what breaks in a goroutine breaks where it was ordered, so
// that it can be rescued there.
func TestCrew(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(){
		"together":   func() { together(2, func() {}, func() { panic("the cause") }) },
		"inParallel": func() { inParallel(2, 1000, func(from, _ int) { panic("the cause") }) },
		"parallel": func() {
			(&trainer{classes: 3, workers: 2}).parallel(func(*learner, int) { panic("the cause") })
		},
	} {
		func() {
			defer func() {
				if cause, ok := recover().(string); !ok || !strings.Contains(cause, "the cause") {
					t.Errorf("%s breaks with %v", name, cause)
				}
			}()
			order()
		}()
	}
}
