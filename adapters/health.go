package adapters

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"sync"

	"frontdesk/bot"
)

// Health joins the state of an adapter's connection and the trouble with its calls to one
// state, and reports changes.
type Health struct {
	Report func(bot.State) // may be nil
	// Mutes are the causes of trouble that make the adapter down, most important first.
	// With any other it is degraded.
	Mutes []string

	mu       sync.Mutex
	state    bot.State         // of the connection
	troubles map[string]string // by cause
	last     bot.State
	told     bool
}

// Connection sets the state of the connection.
func (h *Health) Connection(phase bot.Phase, why string) {
	h.set(func() { h.state = bot.State{Phase: phase, Why: why} })
}

// Trouble sets what is wrong for a cause; "" means that it is over.
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

// Ended makes an error the reason of the state failed and returns the error of Run. It
// does nothing and returns nil if there is no error or ctx is done.
func (h *Health) Ended(ctx context.Context, adapter string, err error) error {
	if err == nil || ctx.Err() != nil {
		return nil
	}
	h.Connection(bot.Failed, err.Error())
	return fmt.Errorf("%s: %w", adapter, err)
}

func (h *Health) set(change func()) {
	h.mu.Lock()
	defer h.mu.Unlock()
	change()
	now := h.joined()
	if h.told && now == h.last {
		return
	}
	h.last, h.told = now, true
	if h.Report != nil {
		h.Report(now)
	}
}

// joined returns the state of connection and calls together.
func (h *Health) joined() bot.State {
	if h.state.Phase == bot.Down || h.state.Phase == bot.Failed {
		return h.state
	}
	for _, cause := range h.Mutes {
		if why := h.troubles[cause]; why != "" {
			return bot.State{Phase: bot.Down, Why: why}
		}
	}
	if h.state.Phase == bot.Ready && len(h.troubles) > 0 {
		return bot.State{Phase: bot.Degraded, Why: h.troubles[slices.Min(slices.Collect(maps.Keys(h.troubles)))]}
	}
	return h.state
}
