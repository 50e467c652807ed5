package adapters

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"frontdesk/adapters/network"
)

// TestBefore checks that what is to be done before a call is done once: after the wait for
// the limit, before the first try, and not at all for a call that never leaves.
func TestBefore(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var order []string
		var lost error
		c := &Caller{
			Log: slog.New(slog.DiscardHandler), Pause: time.Second,
			Judge:   func(error, bool) Judgement { return Judgement{Failure: NotDone} },
			Explain: func(err error, _ Call) error { return err },
			Limit: func(ctx context.Context) error {
				order = append(order, "limit")
				return network.Sleep(ctx, time.Second)
			},
		}
		what := Call{Method: "post", Before: func() error {
			order = append(order, "before")
			return lost
		}}
		refused := true
		err := c.Do(t.Context(), what, func(context.Context) error {
			order = append(order, "try")
			if refused {
				refused = false
				return errors.New("try again")
			}
			return nil
		})
		if want := []string{"limit", "before", "try", "limit", "before", "try"}; err != nil || !slices.Equal(order, want) {
			t.Errorf("%v, %v", order, err)
		}
		order, lost = nil, errors.New("lost")
		c.Trouble = func(cause, why string) { t.Error(cause, why) }
		if err := c.Do(t.Context(), what, func(context.Context) error { return nil }); !errors.Is(err, lost) ||
			!slices.Equal(order, []string{"limit", "before"}) {
			t.Errorf("%v, %v", order, err)
		}
		c.Trouble, order, lost = nil, nil, nil
		c.Hold(what, time.Minute)
		what.Life = time.Second
		if err := c.Do(t.Context(), what, func(context.Context) error { return nil }); err == nil || len(order) > 0 {
			t.Errorf("a call that would come too late: %v, %v", order, err)
		}
	})
}
