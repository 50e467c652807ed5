package gateway

import (
	"testing"
	"time"
)

// TestSessions checks that at most 950 sessions start in a day.
func TestSessions(t *testing.T) {
	t.Parallel()
	i, now, n := newSessions(IdentifyEvery, sparedSessions+1), time.Now(), 0
	for at := range 24 * time.Hour / time.Second {
		if i.day.AllowN(now.Add(at*time.Second), 1) {
			n++
		}
	}
	if n > 950 {
		t.Errorf("%d sessions in a day", n)
	}
}
