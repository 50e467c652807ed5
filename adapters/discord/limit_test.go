package discord

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"frontdesk/bot"

	"golang.org/x/time/rate"
)

// postAll posts n messages, one in each interval, and returns how long the slowest took.
func (h *house) postAll(t testing.TB, n int, every time.Duration) time.Duration {
	t.Helper()
	c := h.adapter.live.Load().client
	m := message{Content: "hello", Mentions: mentions{Parse: []string{}}}
	var all sync.WaitGroup
	var mu sync.Mutex
	var slowest time.Duration
	start := time.Now()
	for i := range n {
		all.Go(func() {
			due := start.Add(time.Duration(i) * every)
			time.Sleep(time.Until(due))
			if _, err := c.post(t.Context(), fmt.Sprint(i), "", fmt.Sprint("n", i), m, nil); err != nil {
				t.Errorf("post %d: %v", i, err)
			}
			mu.Lock()
			slowest = max(slowest, time.Since(due))
			mu.Unlock()
		})
	}
	all.Wait()
	return slowest
}

// TestGlobalLimit checks that a thousand answers at once keep within Discord's limit of all
// calls. Ten times as many a second are allowed here, and made, as at Discord.
func TestGlobalLimit(t *testing.T) {
	t.Parallel()
	const faster, posts = 10, 1000
	h := open(t, false, func(h *house, _ *Settings) {
		h.GlobalLimit = 50 * faster
		if h.adapter != nil {
			h.adapter.limit = rate.NewLimiter(faster*callsPerSecond, faster*callsAtOnce)
		}
	})
	h.awaitState(0, bot.Ready, "")
	slowest := h.postAll(t, posts, 0)
	t.Logf("%d posts: %d refused, the slowest took %v", posts, h.Refused(), slowest)
	if n := len(h.Messages("")); n != posts {
		t.Errorf("%d messages", n)
	}
	// Hardly one is refused on an idle machine; a busy one may send some late and all at once.
	if n := h.Refused(); n > posts/20 {
		t.Errorf("%d of %d were refused", n, posts)
	}
}

// TestLimitExempt checks that the limit of all calls does not delay the response to an
// interaction, and that a call that waits for it can be canceled.
func TestLimitExempt(t *testing.T) {
	t.Parallel()
	h := open(t, false, nil)
	h.awaitState(0, bot.Ready, "")
	h.adapter.limit.SetLimit(rate.Every(time.Minute))
	h.adapter.limit.ReserveN(time.Now(), callsAtOnce)
	ctx, cancel := context.WithCancel(t.Context())
	defer cancel()
	posted := make(chan error, 2)
	for i := range cap(posted) {
		go func() {
			_, err := h.adapter.live.Load().client.post(ctx, fmt.Sprint(i), "", "n", message{Content: "hello"}, nil)
			posted <- err
		}()
	}
	h.command("21", "1", "who pays?")
	cancel()
	for range cap(posted) {
		if err := <-posted; !errors.Is(err, context.Canceled) {
			t.Errorf("a call that waited for the limit ends with: %v", err)
		}
	}
	if n := len(h.Calls("POST message")); n > 0 {
		t.Errorf("%d calls were made", n)
	}
}

// BenchmarkGlobalLimit posts b.N messages, fifty a second, to a stand-in that allows as
// many, and prints how many are refused and how long the slowest takes:
//
//	go test -run '^$' -bench GlobalLimit -benchtime 1000x ./adapters/discord
func BenchmarkGlobalLimit(b *testing.B) {
	h := open(b, false, func(h *house, _ *Settings) { h.GlobalLimit = 50 })
	h.awaitState(0, bot.Ready, "")
	b.ResetTimer()
	slowest := h.postAll(b, b.N, time.Second/50)
	b.ReportMetric(0, "ns/op")
	b.ReportMetric(float64(h.Refused()), "refused")
	b.ReportMetric(slowest.Seconds(), "slowest-s")
}
