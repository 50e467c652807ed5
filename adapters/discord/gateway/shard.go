package gateway

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"time"

	"frontdesk/adapters/network"
)

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
	notBefore time.Time // for a new session, after op 9
	turn      *turn     // to start a session; nil if none is needed
	readyAt   time.Time // of the newest connection; zero if it was never ready
	failures  int       // in a row; see pause
	brief     int       // connections in a row that were ready and ended soon
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
		err := sh.connect(ctx)
		if ctx.Err() != nil {
			return nil
		}
		if isFinal(err) {
			sh.states.set(sh.id, Failed, err.Error())
			return err
		}
		sh.lost(err)
		if network.Sleep(ctx, sh.pause()) != nil {
			return nil
		}
	}
}

const (
	// soon is how long a connection must have been ready, in first pauses (so 5 s), for its
	// end not to count as a failure.
	soon = 10
	// atOnce is how many failures in a row are followed by a new connection at once. In
	// response to its resume, Discord may ask to reconnect once more.
	atOnce = 1
)

// pause returns the pause before the next connection. There is none unless connections fail
// in a row or end within seconds: events wait for the resume, and op 7 asks for it at once.
func (sh *shard) pause() time.Duration {
	switch {
	case sh.readyAt.IsZero():
		sh.failures++
	case time.Since(sh.readyAt) < soon*sh.Pause:
		sh.failures = sh.brief
		sh.brief++
	default:
		sh.brief, sh.failures = 0, 0
	}
	if sh.failures <= atOnce {
		return 0
	}
	return network.Backoff(sh.Pause, sh.failures-atOnce-1)
}

// ready notes that the session has started or was resumed.
func (sh *shard) ready() {
	sh.readyAt, sh.failures = time.Now(), 0
	sh.states.set(sh.id, Ready, "")
}

// forget drops the session to resume.
func (sh *shard) forget(why error) {
	if sh.sessionID == "" {
		return
	}
	sh.Log.Warn("a session could not be resumed; questions in the meantime are not answered",
		"shard", sh.id, "because", why)
	sh.sessionID, sh.resumeURL = "", ""
}

// lost reports why the shard is not connected.
func (sh *shard) lost(why error) {
	sh.why = why
	if errors.Is(why, errReconnect) && sh.failures == 0 {
		sh.states.set(sh.id, Connecting, why.Error()+sh.meanwhile())
		return
	}
	sh.states.set(sh.id, Down, fmt.Sprintf("not connected to Discord: %v%s", why, sh.meanwhile()))
}

// waits reports until when the shard waits before it starts a session.
func (sh *shard) waits(until time.Time) {
	if sh.why == nil {
		sh.states.set(sh.id, Connecting, "its session starts at "+at(until))
		return
	}
	sh.states.set(sh.id, Down, fmt.Sprintf("not connected to Discord: %v; tries again at %s%s", sh.why, at(until),
		sh.meanwhile()))
}

// meanwhile says what becomes of the messages that arrive at Discord until the shard is
// connected.
func (sh *shard) meanwhile() string {
	if sh.sessionID == "" {
		return "; messages in between are lost"
	}
	return "; messages in between are replayed"
}

// takeTurn waits until the shard may start a session, but for the interval since the last
// one, which it can spend connected.
func (sh *shard) takeTurn(ctx context.Context) error {
	if sh.turn == nil {
		sh.turn = sh.starts.queue(sh.id)
	}
	if err := sh.turn.wait(ctx); err != nil {
		return err
	}
	if rest := sh.starts.rest(); rest > 0 {
		sh.waits(time.Now().Add(rest))
		if err := network.Sleep(ctx, rest); err != nil {
			return err
		}
	}
	info, err := sh.turn.allow(func(known Info, taken func() int) (Info, error) {
		return sh.wait(ctx, known, taken, func(why string) { sh.states.set(sh.id, Down, why) })
	})
	if err == nil {
		err = ctx.Err()
	}
	sh.address = cmp.Or(info.URL, sh.address)
	return err
}

// endTurn lets the next shard start its session.
func (sh *shard) endTurn() {
	if sh.turn != nil {
		sh.turn.end()
		sh.turn = nil
	}
}
