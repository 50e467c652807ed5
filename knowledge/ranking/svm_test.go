package ranking

import (
	"strings"
	"testing"
)

// TestBrokenTrainer holds that what breaks while a class is learned breaks where the
// learning was ordered, so that it can be rescued there.
func TestBrokenTrainer(t *testing.T) {
	t.Parallel()
	defer func() {
		if cause, ok := recover().(string); !ok || !strings.Contains(cause, "the cause") {
			t.Errorf("it breaks with %v", cause)
		}
	}()
	(&trainer{classes: 3, workers: 2}).parallel(func(*learner, int) { panic("the cause") })
}
