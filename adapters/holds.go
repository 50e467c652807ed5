package adapters

import (
	"context"
	"errors"
	"math/rand/v2"
	"sync"
	"time"

	"frontdesk/adapters/network"
)

// holds are the pauses that the platform asked for, by method and place.
type holds struct {
	mu sync.Mutex
	at map[holdKey]time.Time
}

// holdKey names the calls that a pause is for.
type holdKey struct{ method, place string }

// everywhere is the key of a pause for all calls.
var everywhere = holdKey{}

func (what Call) key() holdKey { return holdKey{what.Method, what.Place} }

func (h *holds) until(what Call, global bool, t time.Time) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.at == nil {
		h.at = map[holdKey]time.Time{}
	}
	now := time.Now()
	for key, end := range h.at {
		if end.Before(now) {
			delete(h.at, key)
		}
	}
	key := what.key()
	if global {
		key = everywhere
	}
	if h.at[key].Before(t) {
		h.at[key] = t
	}
}

// errTooLate ends a call that would have to wait until it is no longer useful.
var errTooLate = errors.New("it would have to wait too long")

// togetherWithin is the jitter of calls that waited for the same pause.
const togetherWithin = 200 * time.Millisecond

// wait waits for the end of a pause. Calls that wait for the same one continue within
// togetherWithin, or one after the other if they have a pace.
func (h *holds) wait(ctx context.Context, what Call, over time.Time) error {
	for {
		h.mu.Lock()
		now := time.Now()
		key := everywhere
		end, held := h.at[key]
		if !held || end.Before(now) || what.Exempt {
			key = what.key()
			end, held = h.at[key]
		}
		if held && end.Before(now) {
			delete(h.at, key)
			held = false
		}
		paced := held && key != everywhere && what.Pace > 0
		late := held && end.After(over)
		if paced && !late {
			h.at[key] = end.Add(what.Pace)
		}
		h.mu.Unlock()
		switch {
		case !held:
			return nil
		case late:
			return errTooLate
		}
		wait := end.Sub(now)
		if !paced {
			wait += rand.N(togetherWithin)
		}
		if err := network.Sleep(ctx, wait); err != nil {
			return err
		}
		if paced {
			return nil
		}
	}
}

// has reports whether calls of the same method in the same place have to wait.
func (h *holds) has(what Call) bool {
	h.mu.Lock()
	defer h.mu.Unlock()
	return time.Now().Before(h.at[what.key()])
}

// Hold makes calls of the same method in the same place wait for d.
func (c *Caller) Hold(what Call, d time.Duration) { c.holds.until(what, false, time.Now().Add(d)) }

// Holding reports whether any call has to wait.
func (c *Caller) Holding() bool {
	c.holds.mu.Lock()
	defer c.holds.mu.Unlock()
	return len(c.holds.at) > 0
}
