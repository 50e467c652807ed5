package adapters

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/adapters/network"
)

// TestQueue checks that calls wait for the limit of all calls in the order in which they
// came, also after a pause for all calls, that none is made during that pause, and that a
// call that waits can be canceled.
func TestQueue(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		const calls, limited, canceled, interval, pause = 100, 10, 50, 20 * time.Millisecond, time.Second
		errLimited := errors.New(http.StatusText(http.StatusTooManyRequests))
		c := &Caller{
			Log: slog.New(slog.DiscardHandler), Pause: time.Second,
			Judge: func(error, bool) Judgement {
				return Judgement{Failure: RateLimited, Wait: pause, Global: true}
			},
			Explain: func(err error, _ Call) error { return err },
			Limit:   func(ctx context.Context) error { return network.Sleep(ctx, interval) },
		}
		var mu sync.Mutex
		var order []int
		var at []time.Time
		results := make([]error, calls)
		ctx, cancel := context.WithCancel(t.Context())
		for i := range calls {
			refused := i != limited
			go func() {
				its := t.Context()
				if i == canceled {
					its = ctx
				}
				results[i] = c.Do(its, Call{Method: "post", Place: string(rune('a' + i))}, func(context.Context) error {
					mu.Lock()
					defer mu.Unlock()
					order, at = append(order, i), append(at, time.Now())
					if !refused {
						refused = true
						return errLimited
					}
					return nil
				})
			}()
			synctest.Wait()
		}
		cancel()
		synctest.Wait()
		if !errors.Is(results[canceled], context.Canceled) {
			t.Errorf("the canceled call returns %v", results[canceled])
		}
		time.Sleep(time.Minute)
		synctest.Wait()
		for i, err := range results {
			if err != nil && i != canceled {
				t.Errorf("call %d: %v", i, err)
			}
		}
		var want []int
		for i := range calls {
			if i != canceled {
				want = append(want, i)
			}
		}
		if want = append(want, limited); !slices.Equal(order, want) {
			t.Fatalf("the order of the calls is %v", order)
		}
		for i := range at[1:] {
			least := interval
			if i == limited {
				least = pause
			}
			if gap := at[i+1].Sub(at[i]); gap < least {
				t.Errorf("call %d came %v after the one before", order[i+1], gap)
			}
		}
	})
}
