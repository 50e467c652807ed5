package gateway

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"time"

	"frontdesk/adapters/network"
)

// stableAfter is how long a connection must have lasted for the backoff to start again
// from the first pause.
const stableAfter = time.Minute

// shard keeps one shard connected, and has the session to resume on its next connection.
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
	failures  int       // in a row
	why       error     // why it is not connected; nil before the first try
}

// Reasons for the end of a connection.
var (
	errReconnect = errors.New("reconnecting at the request of Discord (op 7)")
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
			sh.Log.Warn("a session could not be resumed; questions in the meantime are not answered",
				"shard", sh.id, "because", err)
		}
		pause := network.Backoff(sh.Pause, sh.failures)
		switch {
		case planned: // only jitter is needed
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

// lost notes why the shard is not connected, and reports whether Discord only asked for a
// new connection.
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

// waits reports until when the shard waits before it connects.
func (sh *shard) waits(until time.Time) {
	if sh.why == nil {
		sh.states.set(sh.id, Connecting, "its session starts at "+at(until))
		return
	}
	sh.states.set(sh.id, Down, fmt.Sprintf("not connected to Discord: %v; tries again at %s", sh.why, at(until)))
}
