package adapters

import (
	"sync"
	"time"
)

const (
	// muteAfter is how many answers in a row must fail before the bot counts as unable to
	// answer: one or two may be chance.
	muteAfter = 3
	// answersFade is how long a failed or a delivered answer counts. After that the state
	// is open again until the next question: while the bot reports that it is down, people
	// do not ask and proxies send no requests, so no answer could show that it is over.
	answersFade = 2 * time.Minute
)

// answers follows the calls that deliver answers. A platform can accept every other call
// and still reject all answers.
type answers struct {
	mu        sync.Mutex
	failures  int       // in a row
	since     time.Time // of the first failure
	last      time.Time // of the newest failure
	place     string    // of the first failure
	spread    bool      // failures happened in more than one place
	mute      bool      // no answer is delivered
	wellPlace string    // of the newest success
	well      time.Time // of the newest success
}

func (a *answers) succeeded(place string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures, a.mute = 0, false
	a.wellPlace, a.well = place, time.Now()
}

// failed notes a failure, limited if it is a rate limit, and reports whether no answer is
// delivered. Failures in one place do not count while answers arrive in others, and rate
// limits count only after [longHold].
func (a *answers) failed(place string, limited bool) (mute bool) {
	a.mu.Lock()
	defer a.mu.Unlock()
	now := time.Now()
	if a.failures == 0 {
		a.since, a.place, a.spread = now, place, false
	}
	a.failures++
	a.last = now
	a.spread = a.spread || place != a.place
	others := a.wellPlace != place && now.Sub(a.well) < answersFade
	long := !limited || now.Sub(a.since) > longHold
	a.mute = a.mute || a.failures >= muteAfter && (a.spread || !others) && long
	return a.mute
}

// over ends the state in which no answer is delivered if the last failure is older than
// [answersFade], and reports whether it did.
func (a *answers) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.mute || time.Since(a.last) < answersFade {
		return false
	}
	a.failures, a.mute = 0, false
	return true
}
