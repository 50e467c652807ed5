package socketmode

import (
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
)

// State is the state of all connections together; one is enough to receive events.
type State uint8

// The states.
const (
	Ready     State = iota // a connection receives events
	Ending                 // Slack will close the only connection, and no new one is open yet
	Replacing              // no connection for a moment, because Slack asked for a new one
	Down                   // no connection
)

// stage is the stage of a connection.
type stage uint8

const (
	waiting stage = iota // for the hello
	serving              // events arrive
	leaving              // events arrive, but Slack will close the connection soon
	over                 // no more events
)

// connections has the stages of the connections on which events arrive.
type connections struct {
	report func(State, error)

	greeted atomic.Bool  // Slack has sent hello on one of them
	ours    atomic.Int64 // connections of this process that Slack may count
	warned  atomic.Bool  // of connections of other processes

	mu      sync.Mutex
	open    map[*connection]stage
	trouble error // of the newest try to connect; nil if it succeeded
}

// enter moves a connection to its next stage. Why is the reason if it is leaving or over.
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
	case before == waiting: // closed before the hello
		all.trouble = why
	}
	if next == over || before == waiting && next != serving {
		delete(all.open, c)
	} else {
		all.open[c] = next
	}
	all.tell(why)
}

// refused notes that a try to connect failed.
func (all *connections) refused(why error) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.trouble = why
	all.tell(why)
}

// tell reports the state of all connections. Why is the reason why the newest one ended.
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
			fmt.Errorf("the connection to Slack closes soon, and no new one is open yet: %w", all.trouble))
	case all.trouble == nil && errors.As(why, new(Disconnect)):
		all.report(Replacing, why)
	default:
		if all.trouble != nil {
			why = all.trouble
		}
		all.report(Down, fmt.Errorf("not connected to Slack: %w", why))
	}
}
