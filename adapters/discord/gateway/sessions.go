package gateway

import (
	"context"
	"time"

	"frontdesk/adapters/network"

	"golang.org/x/time/rate"
)

// sessions spaces the beginnings of sessions: Discord allows one in five
// seconds and a thousand a day, and takes the token away from who begins more.
type sessions struct {
	pace *rate.Limiter
	day  *rate.Limiter
}

// Some sessions may be begun at once; after that, so few that a day's worth does
// not reach Discord's thousand.
const (
	sparedSessions = 50
	sessionEvery   = 100 * time.Second
)

func newSessions(pace time.Duration, spared int) *sessions {
	return &sessions{
		rate.NewLimiter(rate.Every(pace), 1), rate.NewLimiter(rate.Every(sessionEvery), max(1, spared)),
	}
}

// wait waits for the turn of a session to begin. Tell is told when that is, if it is
// not now.
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
