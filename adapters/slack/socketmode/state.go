package socketmode

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// State is how the connections are, of which one is enough to serve.
type State uint8

// The states.
const (
	Ready     State = iota // events come
	Ending                 // they come still, and there is no other connection yet
	Replacing              // there is none for a moment, as Slack asked
	Down                   // there is none
)

// stage is a part of a connection's life.
type stage uint8

const (
	waiting stage = iota // for a hello
	serving              // events come
	leaving              // and Slack has said that it ends it soon
	over                 // no events come any more
)

// connections are those on which events come.
type connections struct {
	report func(State, error)

	greeted atomic.Bool // on one of them Slack has said hello

	mu      sync.Mutex
	open    map[*connection]stage
	trouble error // of the newest try to connect, if it came to nothing
}

// enter says that a connection has come to its next stage, and why, if it is over.
func (all *connections) enter(c *connection, next stage, why error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	before := c.stage
	if next <= before {
		return
	}
	c.stage = next
	switch {
	case next == serving:
		all.trouble = nil
	case before == waiting: // it was over before it served
		all.trouble = why
	}
	if next == over || before == waiting && next != serving {
		delete(all.open, c)
	} else {
		all.open[c] = next
	}
	all.tell(why)
}

// refused says that a try to connect came to nothing.
func (all *connections) refused(why error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.trouble = why
	all.tell(why)
}

// tell makes one state of all connections. Why is the newest reason for one to be
// none.
func (all *connections) tell(why error) {
	stays := false
	for _, s := range all.open {
		stays = stays || s == serving
	}
	switch {
	case stays, len(all.open) > 0 && all.trouble == nil:
		all.report(Ready, nil)
	case len(all.open) > 0:
		all.report(Ending,
			fmt.Errorf("Slack is about to end the connection, and there is no other yet: %w", all.trouble))
	case all.trouble == nil && errors.As(why, new(Disconnect)):
		all.report(Replacing, why)
	default:
		if all.trouble != nil {
			why = all.trouble
		}
		all.report(Down, fmt.Errorf("not connected to Slack: %w", why))
	}
}
