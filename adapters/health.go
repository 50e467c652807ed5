package adapters

import (
	"maps"
	"slices"
	"sync"

	"frontdesk/bot"
)

// Health joins what is known of an adapter's connection and of what troubles
// its calls, and reports what is new.
type Health struct {
	Report func(bot.State) // may be nil

	mu       sync.Mutex
	state    bot.State         // of the connection
	troubles map[string]string // by cause
	last     bot.State
	told     bool
}

// Connection says how the connection is.
func (h *Health) Connection(phase bot.Phase, why string) {
	h.set(func() { h.state = bot.State{Phase: phase, Why: why} })
}

// Trouble says what is wrong for some cause; "" means that it is over. While
// anything is, a connection that is ready counts as degraded.
func (h *Health) Trouble(cause, why string) {
	h.set(func() {
		if why == "" {
			delete(h.troubles, cause)
			return
		}
		if h.troubles == nil {
			h.troubles = map[string]string{}
		}
		h.troubles[cause] = why
	})
}

func (h *Health) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	now := h.state
	if len(h.troubles) > 0 {
		first := h.troubles[slices.Min(slices.Collect(maps.Keys(h.troubles)))]
		switch {
		case now.Phase == bot.Ready:
			now = bot.State{Phase: bot.Degraded, Why: first}
		case now.Phase == bot.Connecting && now.Why == "":
			now.Why = first
		}
	}
	if h.told && now == h.last {
		return
	}
	h.last, h.told = now, true
	if h.Report != nil {
		h.Report(now)
	}
}
