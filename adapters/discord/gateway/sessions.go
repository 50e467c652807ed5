package gateway

import (
	"context"
	"time"

	"frontdesk/adapters/network"

	"golang.org/x/time/rate"
)

// sessions limits the rate of new sessions: Discord allows one in five seconds
// and a thousand a day, and resets the token of a bot that starts more.
type sessions struct {
	pace *rate.Limiter
	day  *rate.Limiter
}

const (
	sparedSessions = 50                // that the limit of the day allows without a pause
	sessionEvery   = 100 * time.Second // after that: 864 a day, fewer than Discord's thousand
)

func newSessions(pace time.Duration, spared int) *sessions {
	return &sessions{
		rate.NewLimiter(rate.Every(pace), 1), rate.NewLimiter(rate.Every(sessionEvery), max(1, spared)),
	}
}

// wait waits until a session may start. It calls tell with that time, unless it is now.
func (s *sessions) wait(ctx context.Context, tell func(turn time.Time)) error {
	for _, limit := range []*rate.Limiter{s.day, s.pace} {
		r := limit.Reserve()
		d := r.Delay()
		if d == 0 {
			continue
		}
		tell(time.Now().Add(d))
		if err := network.Sleep(ctx, d); err != nil {
			r.Cancel()
			return err
		}
	}
	return nil
}
