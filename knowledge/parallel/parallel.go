// Package parallel runs work in several goroutines at once. A panic in one of them becomes
// a panic of the caller.
package parallel

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// minRange is how many numbers one goroutine gets at least: for fewer, starting it costs
// more than it saves.
const minRange = 256

// Ranges divides the numbers from 0 to n-1 into ranges, calls work for each at the same
// time, and waits. There are at most as many ranges as workers.
func Ranges(workers, n int, work func(from, to int)) {
	parts := max(1, min(workers, n/minRange))
	var all Group
	for i := range parts {
		all.Go(func() { work(i*n/parts, (i+1)*n/parts) })
	}
	all.Wait()
}

// Group runs functions in goroutines. If one of them panics, Wait panics with the same
// cause, so that the caller can recover.
type Group struct {
	group sync.WaitGroup
	mu    sync.Mutex
	cause any // of the panic, with its stack
}

// Go calls f in a goroutine.
func (g *Group) Go(f func()) {
	g.group.Go(func() {
		defer func() {
			if cause := recover(); cause != nil {
				g.mu.Lock()
				defer g.mu.Unlock()
				g.cause = fmt.Sprintf("%v\n%s", cause, debug.Stack())
			}
		}()
		f()
	})
}

// Wait waits until all functions have returned, and panics if one of them did.
func (g *Group) Wait() {
	g.group.Wait()
	if g.cause != nil {
		panic(g.cause)
	}
}

// Do calls functions that do not depend on each other, at the same time if there is more
// than one worker, and waits.
func Do(workers int, parts ...func()) {
	if workers == 1 {
		for _, part := range parts {
			part()
		}
		return
	}
	var all Group
	for _, part := range parts {
		all.Go(part)
	}
	all.Wait()
}
