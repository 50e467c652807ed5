package gateway

import (
	"testing"
	"time"
)

// TestPause checks that a connection that lasted is replaced at once, however often that
// happens, and that the pause grows when connections fail in a row or end within seconds.
func TestPause(t *testing.T) {
	t.Parallel()
	const never = -1 // the connection was never ready
	for name, c := range map[string]struct {
		ready time.Duration // how long each connection was ready
		tries int
		least time.Duration // of the last pause
		most  time.Duration
	}{
		"op 7 every 12 s":    {12 * time.Second, 20, 0, 0},
		"once":               {time.Second, 1, 0, 0},
		"within seconds":     {time.Second, 5, time.Second, 4 * time.Second},
		"no connection":      {never, 3, 250 * time.Millisecond, time.Second},
		"no connection, yet": {never, 50, 5 * time.Second, 10 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			sh := shard{Gateway: &Gateway{Pause: 500 * time.Millisecond}}
			var pause time.Duration
			for range c.tries {
				sh.readyAt = time.Time{}
				if c.ready != never {
					sh.readyAt = time.Now().Add(-c.ready)
				}
				pause = sh.pause()
			}
			if pause < c.least || pause > c.most {
				t.Errorf("the pause is %v", pause)
			}
		})
	}
	t.Run("after an outage", func(t *testing.T) {
		t.Parallel()
		all := &states{report: func(State, string) {}, byShard: map[int]shardState{}}
		sh := shard{Gateway: &Gateway{Pause: 500 * time.Millisecond}, states: all}
		for range 20 {
			sh.pause()
		}
		sh.ready()
		if pause := sh.pause(); pause > 0 {
			t.Errorf("a connection after an outage ends, and the pause is %v", pause)
		}
	})
}
