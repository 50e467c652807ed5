package gateway

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"sync"
)

// State is how a shard is, or all of a process together.
type State uint8

// The states, from the best to the worst.
const (
	Ready      State = iota // events come
	Partly                  // of all shards: on some of them
	Connecting              // none yet, or for a moment as Discord asked
	Down                    // none
	Failed                  // none, and never will
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

// joined is the state of all shards together. Each has servers of its own: with
// some of them some people are served.
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
