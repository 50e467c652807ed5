package gateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"frontdesk/adapters/network"
)

// stableAfter is how long a connection must have lived to be no part of the trouble
// before it.
const stableAfter = time.Minute

// shard is one connection to the gateway after another, and the session that is
// carried on from one to the next.
type shard struct {
	*Gateway
	id, count int
	address   string
	starts    *sessions
	states    *states

	sessionID string // "" if there is none to resume
	resumeURL string
	sequence  int64
	readyAt   time.Time // of the newest connection; zero if it was never ready
	failures  int       // one after another
	why       error     // it is not connected; nil before the first try
}

// Reasons for the end of a connection.
var (
	errReconnect = errors.New("a new connection is asked for (op 7)")
	errInvalid   = errors.New("the session is invalid (op 9)")
)

// run keeps the shard connected.
func (sh *shard) run(ctx context.Context) error {
	for {
		sh.readyAt = time.Time{}
		had := sh.sessionID != ""
		err := sh.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if isFinal(err) {
			sh.states.set(sh.id, Failed, err.Error())
			return err
		}
		planned := sh.lost(err)
		if had && sh.sessionID == "" {
			sh.Log.Warn("a session could not be resumed; what was said meanwhile is not answered", "shard", sh.id,
				"because", err)
		}
		pause := network.Backoff(sh.Pause, sh.failures)
		switch {
		case planned: // only not all bots at once
			pause = rand.N(sh.Pause/4 + 1)
		case errors.Is(err, errInvalid): // Discord asks for a random pause of one to five seconds
			pause += sh.Invalid + rand.N(4*sh.Invalid)
			sh.waits(time.Now().Add(pause))
		}
		if network.Sleep(ctx, pause) != nil {
			return nil
		}
		sh.failures++
	}
}

// lost says that the shard is not connected, and reports whether that was to be and
// is over in a moment.
func (sh *shard) lost(why error) (planned bool) {
	if !sh.readyAt.IsZero() && time.Since(sh.readyAt) > stableAfter {
		sh.failures = 0
	}
	sh.why = why
	if errors.Is(why, errReconnect) && sh.failures == 0 {
		sh.states.set(sh.id, Connecting, why.Error())
		return true
	}
	sh.states.set(sh.id, Down, fmt.Sprintf("not connected to Discord: %v", why))
	return false
}

// waits says until when the shard does not try to connect.
func (sh *shard) waits(until time.Time) {
	if sh.why == nil {
		sh.states.set(sh.id, Connecting, "its session begins at "+at(until))
		return
	}
	sh.states.set(sh.id, Down, fmt.Sprintf("not connected to Discord: %v; tries again at %s", sh.why, at(until)))
}
