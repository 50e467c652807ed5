package discord

import "golang.org/x/time/rate"

// Discord allows a bot fifty requests a second, whatever they are for
// (topics/rate-limits#global-rate-limit). Requests with an interaction's token do not count;
// see [event.call]. Calls start evenly, so that no second has more than callsAtOnce plus
// callsPerSecond of them, even if some arrive up to 40 ms later than others. Discord responds
// with 429 where several processes share a token, and then they pause.
const (
	callsPerSecond = 48
	callsAtOnce    = 2
)

// newLimit returns the limit of calls with the bot's token.
func newLimit() *rate.Limiter { return rate.NewLimiter(callsPerSecond, callsAtOnce) }
