// Package parallel does work on several processors at once.
package parallel

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// Ranges divides the numbers from 0 to n among so many workers; few numbers among
// fewer.
func Ranges(workers, n int, work func(from, to int)) {
	parts := max(1, min(workers, n/256))
	var all Group
	for i := range parts {
		all.Go(func() { work(i*n/parts, (i+1)*n/parts) })
	}
	all.Wait()
}

// Group does work in goroutines of its own. If one of them breaks, Wait breaks in
// the same way, so that whoever ordered the work can be rescued.
type Group struct {
	group sync.WaitGroup
	mu    sync.Mutex
	cause any
}

// Go begins a piece of work.
func (c *Group) Go(f func()) {
	c.group.Go(func() {
		defer func() {
			if cause := recover(); cause != nil {
				c.mu.Lock()
				defer c.mu.Unlock()
				c.cause = fmt.Sprintf("%v\n%s", cause, debug.Stack())
			}
		}()
		f()
	})
}

// Wait waits for all of it.
func (c *Group) Wait() {
	c.group.Wait()
	if c.cause != nil {
		panic(c.cause)
	}
}

// Do does what does not depend on each other, at once if there is more
// than one worker.
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
