package knowledge

import (
	"fmt"
	"runtime/debug"
	"sync"
)

// inParallel divides the numbers from 0 to n among so many workers.
func inParallel(workers, n int, work func(from, to int)) {
	parts := max(1, min(workers, n/256))
	var all crew
	for i := range parts {
		all.work(func() { work(i*n/parts, (i+1)*n/parts) })
	}
	all.wait()
}

// crew does work in goroutines of its own. If one of them breaks, wait breaks in
// the same way, so that whoever ordered the work can be rescued.
type crew struct {
	group sync.WaitGroup
	mu    sync.Mutex
	cause any
}

func (c *crew) work(f func()) {
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

func (c *crew) wait() {
	c.group.Wait()
	if c.cause != nil {
		panic(c.cause)
	}
}

// together does what does not depend on each other, at once if there is more
// than one worker.
func together(workers int, parts ...func()) {
	if workers == 1 {
		for _, part := range parts {
			part()
		}
		return
	}
	var all crew
	for _, part := range parts {
		all.work(part)
	}
	all.wait()
}
