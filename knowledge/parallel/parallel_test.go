package parallel

import (
	"strings"
	"testing"
)

// TestPanic checks that a panic in a goroutine becomes a panic of the caller.
func TestPanic(t *testing.T) {
	t.Parallel()
	for name, call := range map[string]func(){
		"Do":     func() { Do(2, func() {}, func() { panic("the cause") }) },
		"Ranges": func() { Ranges(2, 1000, func(from, _ int) { panic("the cause") }) },
	} {
		func() {
			defer func() {
				if cause, ok := recover().(string); !ok || !strings.Contains(cause, "the cause") {
					t.Errorf("%s panics with %v", name, cause)
				}
			}()
			call()
		}()
	}
}
