package gateway

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// State is the state of a shard, or of all shards of a process together.
type State uint8

// The states, from the best to the worst.
const (
	Ready      State = iota // connected: events arrive
	Partly                  // only some shards are connected
	Connecting              // not connected yet, or reconnecting because Discord asked for it
	Down                    // not connected
	Failed                  // not connected, after a final error
)

// states joins the states of the shards to one.
type states struct {
	report  func(State, string)
	count   int // of all shards, of which this process may have some
	mu      sync.Mutex
	byShard map[int]shardState
}

type shardState struct {
	is  State
	why string
}

func (all *states) set(id int, is State, why string) {
	all.mu.Lock()
	defer all.mu.Unlock()
	all.byShard[id] = shardState{is, why}
	all.report(all.joined())
}

// joined returns the state of all shards together. Each shard has servers of its own, so
// that with some shards some people are served.
func (all *states) joined() (State, string) {
	some := false
	worst, which := shardState{}, 0
	for _, id := range slices.Sorted(maps.Keys(all.byShard)) {
		s := all.byShard[id]
		some = some || s.is == Ready
		if s.is > worst.is {
			worst, which = s, id
		}
	}
	if some && worst.is != Ready {
		worst = shardState{Partly, cmp.Or(worst.why, "connecting")}
	}
	if all.count > 1 && worst.why != "" {
		worst.why = fmt.Sprintf("shard %d of %d: %s", which, all.count, worst.why)
	}
	return worst.is, worst.why
}
