package bot

import (
	"context"
	"time"
)

// Adapter carries questions in and answers out.
type Adapter interface {
	// Name is the adapter's name in settings and logs.
	Name() string
	// Run serves questions until ctx is done or nothing more can be asked. It
	// then finishes the replies under way. It returns nil unless it can no
	// longer serve.
	Run(ctx context.Context, h Handler) error
}

// State is how an adapter is doing.
type State struct {
	Phase Phase
	Why   string // what is wrong and what to do, for operators; of Connecting, what is waited for
}

// Phase says two things of an adapter: whether it serves, that is whether somebody
// can ask and be answered through it now, and whether anything is wrong.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // does not serve yet, or for a moment; nothing is known to be wrong
	Ready                   // serves
	Degraded                // serves, but not everything or not everyone, or may soon not serve
	Down                    // does not serve, because something is wrong; goes on trying
	Failed                  // does not serve and no longer tries; Run returns
)

// Phases are all of them.
var Phases = [...]Phase{Connecting, Ready, Degraded, Down, Failed}

func (p Phase) String() string {
	return [...]string{"connecting", "ready", "degraded", "down", "failed"}[p]
}

// Serves reports whether somebody can ask and be answered.
func (p Phase) Serves() bool { return p == Ready || p == Degraded }

// Monitor is given to an adapter, which tells it how it is doing. Its functions
// may be called from several goroutines; any may be nil.
type Monitor struct {
	State   func(State)                         // with every new state
	Replied func(o Outcome, took time.Duration) // with every reply, from the event on
	Count   func(Incident)
	Refused func(why string) // with every request that was not taken; why is one of a few words
}

// Incident is something that happens now and then to an adapter, and should not
// happen often.
type Incident uint8

// The incidents.
const (
	Reconnected Incident = iota // a connection that had been cut is back
	RateLimited                 // the platform asked to wait
	Unclear                     // nobody knows whether a reply was posted
	Unanswered                  // a reply did not get through
)

func (i Incident) String() string {
	return [...]string{"reconnected", "rate_limited", "unclear", "unanswered"}[i]
}

// Happened tells of an incident.
func (m Monitor) Happened(i Incident) {
	if m.Count != nil {
		m.Count(i)
	}
}

// Answered tells of a reply.
func (m Monitor) Answered(o Outcome, took time.Duration) {
	if m.Replied != nil {
		m.Replied(o, took)
	}
}

// TurnedAway tells of a request that was not taken.
func (m Monitor) TurnedAway(why string) {
	if m.Refused != nil {
		m.Refused(why)
	}
}

// Notifier is an adapter that has a channel for admins.
type Notifier interface {
	// Notify posts there what admins are to know. It returns nil if there is no
	// such channel.
	Notify(ctx context.Context, notice Answer) error
}

// Admin is the channel of admins on one platform.
type Admin struct {
	Channel string // its id; "" for none
	// Confirm does what a notice asked to be confirmed, and says what became of
	// it.
	Confirm func(ctx context.Context, what string) Answer
}
