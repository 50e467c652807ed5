package adapters

import (
	"sync"
	"time"
)

const (
	// muteAfter is how many tries to answer must fail in a row before nobody counts
	// as answered: one or two may be chance.
	muteAfter = 3
	// answersFade is how long it counts that answers failed, or that one arrived. After
	// that the next question tries it: somebody who is told that the bot is down does not
	// ask, and a proxy that is told so brings no question.
	answersFade = 2 * time.Minute
)

// answers is how the calls that bring answers fare. A platform can take every other
// call and still let nobody be answered.
type answers struct {
	mu        sync.Mutex
	failures  int // in a row
	since     time.Time
	last      time.Time // the newest failure
	place     string    // of the first failure …
	spread    bool      // … and whether there is one elsewhere
	mute      bool      // nobody is answered
	wellPlace string    // of the newest success
	well      time.Time
}

func (a *answers) succeeded(place string) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.failures, a.mute = 0, false
	a.wellPlace, a.well = place, time.Now()
}

// failed notes a failure, for which the platform limits its calls or not, and reports
// whether nobody is answered. Trouble in one place alone is none while others are
// answered, nor are limits as long as a person may still wait.
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

// over reports whether nobody counted as answered, and no longer does because there
// was no try for so long.
func (a *answers) over() bool {
	a.mu.Lock()
	defer a.mu.Unlock()
	if !a.mute || time.Since(a.last) < answersFade {
		return false
	}
	a.failures, a.mute = 0, false
	return true
}
