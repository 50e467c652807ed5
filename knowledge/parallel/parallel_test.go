package parallel

import (
	"strings"
	"testing"
)

// TestBroken holds that what breaks in a goroutine breaks where it was ordered, so
// that it can be rescued there.
func TestBroken(t *testing.T) {
	t.Parallel()
	for name, order := range map[string]func(){
		"Do":     func() { Do(2, func() {}, func() { panic("the cause") }) },
		"Ranges": func() { Ranges(2, 1000, func(from, _ int) { panic("the cause") }) },
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
