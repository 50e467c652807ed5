package adapters

import (
	"context"
	"sync"
	"time"
)

// queue has the calls that wait for the platform's limit of all calls, in the order in which
// they came.
type queue struct {
	once  sync.Once
	first chan struct{} // holds one while a call is the first in the queue
}

// enter waits to be the first in the queue. The caller leaves it by leave.
func (q *queue) enter(ctx context.Context) error {
	q.once.Do(func() { q.first = make(chan struct{}, 1) })
	select {
	case q.first <- struct{}{}: // the runtime lets goroutines send in the order in which they came
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

func (q *queue) leave() { <-q.first }

// admit waits until a call may be made: until the pauses that the platform asked for are
// over, and then for the limit of all calls. Only the first in the queue waits for the
// limit, and for a pause for all calls that begins meanwhile, so that the others follow it
// in order and at the rate of the limit.
func (c *Caller) admit(ctx context.Context, what Call, over time.Time) error {
	for {
		if err := c.holds.wait(ctx, what, over); err != nil || c.Limit == nil || what.Exempt {
			return err
		}
		if held, err := c.follow(ctx, what, over); !held {
			return err
		}
	}
}

// follow waits in the queue for the limit of all calls. It returns early if the platform
// asked for a pause of calls like this one in the meantime.
func (c *Caller) follow(ctx context.Context, what Call, over time.Time) (held bool, err error) {
	within, cancel := context.WithDeadline(ctx, over)
	defer cancel()
	err = c.queue.enter(within)
	if err == nil {
		defer c.queue.leave()
		if c.holds.has(what) {
			return true, nil
		}
		err = c.Limit(within)
	}
	switch {
	case err == nil:
		return false, c.holds.wait(ctx, Call{}, over)
	case ctx.Err() == nil:
		return false, errTooLate
	}
	return false, ctx.Err()
}
