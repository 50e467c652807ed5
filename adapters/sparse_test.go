package adapters

import (
	"fmt"
	"testing"
	"time"
)

// TestHourly checks that a key is due once an hour, whatever happens to others, and that
// memory is bounded.
func TestHourly(t *testing.T) {
	t.Parallel()
	var h Hourly
	start := time.Now()
	for _, c := range []struct {
		after time.Duration
		key   string
		due   bool
	}{
		{0, "C1", true}, {0, "C1", false}, {time.Minute, "C2", true}, {59 * time.Minute, "C1", false},
		{time.Hour, "C1", true}, {time.Hour, "C2", false}, {61 * time.Minute, "C2", true},
	} {
		if due := h.Due(start.Add(c.after), c.key); due != c.due {
			t.Errorf("%s after %v: %v", c.key, c.after, due)
		}
	}
	for i := range 3 * mostHourly {
		h.Due(start, fmt.Sprint(i))
	}
	if n := len(h.logged); n > mostHourly {
		t.Errorf("%d keys are remembered", n)
	}
}
