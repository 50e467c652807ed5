package adapters

import (
	"sync"

	"frontdesk/bot"
)

// Health joins what is known of an adapter's connection and of its access to
// the platform, and reports what is new.
type Health struct {
	Report bot.Report // may be nil

	mu      sync.Mutex
	state   bot.State // of the connection
	trouble string    // with the access
	last    bot.State
	told    bool
}

// Connection says how the connection is.
func (h *Health) Connection(phase bot.Phase, why string) {
	h.set(func() { h.state = bot.State{Phase: phase, Why: why} })
}

// Access says what is wrong with the access; "" means nothing. While something
// is, a connection that is ready counts as degraded.
func (h *Health) Access(why string) {
	h.set(func() { h.trouble = why })
}

func (h *Health) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	now := h.state
	if now.Phase == bot.Ready && h.trouble != "" {
		now = bot.State{Phase: bot.Degraded, Why: h.trouble}
	}
	if h.told && now == h.last {
		return
	}
	h.last, h.told = now, true
	if h.Report != nil {
		h.Report(now)
	}
}
