package discord

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"sync"
	"time"

	"frontdesk/adapters"
	"frontdesk/bot"

	"golang.org/x/time/rate"
)

// stableAfter is how long a connection must have lived to be no part of the trouble
// before it.
const stableAfter = time.Minute

// serveGateway keeps the shards connected until ctx is done or one of them can
// never be connected again.
func (s *session) serveGateway(ctx context.Context) error {
	info, err := s.gatewayInfo(ctx)
	if err != nil {
		return err
	}
	count := cmp.Or(s.settings.ShardCount, info.Shards)
	ids := s.settings.Shards
	if len(ids) == 0 {
		for i := range count {
			ids = append(ids, i)
		}
	}
	if last := slices.Max(ids); last >= count {
		return finalError{fmt.Errorf("there is no shard %d of %d: check FRONTDESK_DISCORD_SHARDS and FRONTDESK_DISCORD_SHARD_COUNT", last, count)}
	}
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	starts := newIdentifies(s.timing.identify, min(sparedSessions+len(ids), info.Limit.Remaining))
	states := &shardStates{session: s, count: count, phases: map[int]bot.State{}}
	var all sync.WaitGroup
	failed := make(chan error, len(ids))
	for _, id := range ids {
		sh := &shard{session: s, id: id, count: count, address: info.URL, starts: starts, states: states}
		states.set(id, bot.Connecting, "")
		all.Go(func() {
			if err := sh.run(ctx); err != nil {
				failed <- err
				cancel()
			}
		})
	}
	all.Wait()
	select {
	case err := <-failed:
		return err
	default:
		return nil
	}
}

// askAgain is how often Discord is asked whether it allows new sessions again: it
// may do so sooner than it has said.
const askAgain = time.Minute

// gatewayInfo asks for the gateway, for as long as it takes.
func (s *session) gatewayInfo(ctx context.Context) (gatewayInfo, error) {
	var until time.Time // no session is allowed
	for try := 0; ; try++ {
		info, err := s.client.gateway(ctx)
		switch {
		case err == nil && info.Limit.Remaining > 0:
			return info, nil
		case err == nil: // a day's worth of sessions is used up
			wait := time.Duration(info.Limit.ResetAfter) * time.Millisecond
			if end := time.Now().Add(wait); end.Sub(until).Abs() > askAgain { // else it is the same one
				until = end
			}
			s.health.Connection(bot.Down, fmt.Sprintf("Discord allows no new session until %s (session_start_limit)", adapters.At(until)))
			err = adapters.Sleep(ctx, max(min(wait, askAgain), s.client.Backoff(try)))
		case judge(err, true).Fate == adapters.Refused:
			return info, finalError{err}
		default:
			s.health.Connection(bot.Down, fmt.Sprintf("not connected to Discord: %v", err))
			err = adapters.Sleep(ctx, s.client.Backoff(try))
		}
		if err != nil || ctx.Err() != nil {
			return info, ctx.Err()
		}
	}
}

// identifies spaces the beginnings of sessions: Discord allows one in five
// seconds and a thousand a day, and takes the token away from who begins more.
type identifies struct {
	pace *rate.Limiter
	day  *rate.Limiter
}

// Some sessions may be begun at once; after that, so few that a day's worth does
// not reach Discord's thousand.
const (
	sparedSessions = 50
	sessionEvery   = 100 * time.Second
)

func newIdentifies(pace time.Duration, spared int) *identifies {
	return &identifies{rate.NewLimiter(rate.Every(pace), 1), rate.NewLimiter(rate.Every(sessionEvery), max(1, spared))}
}

// wait waits for the turn of a session to begin. Tell is told when that is, if it is
// not now.
func (i *identifies) wait(ctx context.Context, tell func(turn time.Time)) error {
	for _, limit := range []*rate.Limiter{i.day, i.pace} {
		r := limit.Reserve()
		d := r.Delay()
		if d == 0 {
			continue
		}
		tell(time.Now().Add(d))
		if err := adapters.Sleep(ctx, d); err != nil {
			r.Cancel()
			return err
		}
	}
	return nil
}

// shardStates joins the states of the shards to one.
type shardStates struct {
	*session
	count  int // of all shards, of which this process may have some
	mu     sync.Mutex
	phases map[int]bot.State
}

func (st *shardStates) set(id int, phase bot.Phase, why string) {
	st.mu.Lock()
	defer st.mu.Unlock()
	st.phases[id] = bot.State{Phase: phase, Why: why}
	st.health.Connection(st.joined())
}

// joined is the state of all shards together. Each has servers of its own: with
// some of them some people are served.
func (st *shardStates) joined() (bot.Phase, string) {
	serves := false
	worst, which := bot.State{Phase: bot.Ready}, 0
	for _, id := range slices.Sorted(maps.Keys(st.phases)) {
		state := st.phases[id]
		serves = serves || state.Phase.Serves()
		if badness[state.Phase] > badness[worst.Phase] {
			worst, which = state, id
		}
	}
	if serves && worst.Phase != bot.Ready {
		worst = bot.State{Phase: bot.Degraded, Why: cmp.Or(worst.Why, "connecting")}
	}
	if st.count > 1 && worst.Why != "" {
		worst.Why = fmt.Sprintf("shard %d of %d: %s", which, st.count, worst.Why)
	}
	return worst.Phase, worst.Why
}

// badness orders phases for shards: of all together the worst is told of.
var badness = map[bot.Phase]int{bot.Ready: 0, bot.Connecting: 1, bot.Down: 2, bot.Failed: 3}

// shard is one connection to the gateway after another, and the session that is
// carried on from one to the next.
type shard struct {
	*session
	id, count int
	address   string
	starts    *identifies
	states    *shardStates

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
		var final finalError
		if errors.As(err, &final) {
			sh.states.set(sh.id, bot.Failed, err.Error())
			return err
		}
		planned := sh.lost(err)
		if had && sh.sessionID == "" {
			sh.log.Warn("a session could not be resumed; what was said meanwhile is not answered", "shard", sh.id, "because", err)
		}
		pause := sh.client.Backoff(sh.failures)
		switch {
		case planned: // only not all bots at once
			pause = rand.N(sh.client.Pause/4 + 1)
		case errors.Is(err, errInvalid): // Discord asks for a random pause of one to five seconds
			pause += sh.timing.invalid + rand.N(4*sh.timing.invalid)
			sh.waits(time.Now().Add(pause))
		}
		if adapters.Sleep(ctx, pause) != nil {
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
		sh.states.set(sh.id, bot.Connecting, why.Error())
		return true
	}
	sh.states.set(sh.id, bot.Down, fmt.Sprintf("not connected to Discord: %v", why))
	return false
}

// waits says until when the shard does not try to connect.
func (sh *shard) waits(until time.Time) {
	if sh.why == nil {
		sh.states.set(sh.id, bot.Connecting, "its session begins at "+adapters.At(until))
		return
	}
	sh.states.set(sh.id, bot.Down, fmt.Sprintf("not connected to Discord: %v; tries again at %s", sh.why, adapters.At(until)))
}
