package bot

import (
	"context"
	"errors"
	"time"
)

// Adapter carries questions in and answers out.
type Adapter interface {
	// Name is the adapter's name in settings and logs.
	Name() string
	// Run serves questions until ctx is done or the input ends, then finishes the
	// replies in flight. It returns an error if it can no longer serve.
	Run(ctx context.Context, h Handler) error
}

// State is how an adapter is doing.
type State struct {
	Phase Phase
	Why   string // for operators: what is wrong and what to do; while Connecting, what it waits for
}

// Phase says whether an adapter serves (somebody can ask and gets an answer) and
// whether anything is wrong with it.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // does not serve yet, or briefly not; nothing is known to be wrong
	Ready                   // serves
	Degraded                // serves only in part, or may soon stop serving
	Down                    // does not serve because something is wrong; keeps retrying
	Failed                  // does not serve and has given up; Run returns
)

// Phases lists every phase.
var Phases = [...]Phase{Connecting, Ready, Degraded, Down, Failed}

func (p Phase) String() string {
	return [...]string{"connecting", "ready", "degraded", "down", "failed"}[p]
}

// Serves reports whether somebody can ask and be answered.
func (p Phase) Serves() bool { return p == Ready || p == Degraded }

// Monitor receives an adapter's state and events. Its functions may be called from
// several goroutines; any may be nil.
type Monitor struct {
	State   func(State)                         // for every new state
	Replied func(o Outcome, took time.Duration) // for every reply; took counts from the event
	Count   func(Incident)
	Refused func(why string) // for every rejected request; why is one of a fixed set of words
}

// Incident is an event that is normal now and then, but a problem when it is frequent.
type Incident uint8

// The incidents.
const (
	Reconnected Incident = iota // a lost connection is back
	RateLimited                 // the platform asked us to wait
	Unclear                     // it is unknown whether a reply was posted
	Unanswered                  // a reply could not be posted
)

func (i Incident) String() string {
	return [...]string{"reconnected", "rate_limited", "unclear", "unanswered"}[i]
}

// Happened reports an incident.
func (m Monitor) Happened(i Incident) {
	if m.Count != nil {
		m.Count(i)
	}
}

// Answered reports a reply.
func (m Monitor) Answered(o Outcome, took time.Duration) {
	if m.Replied != nil {
		m.Replied(o, took)
	}
}

// TurnedAway reports a rejected request.
func (m Monitor) TurnedAway(why string) {
	if m.Refused != nil {
		m.Refused(why)
	}
}

// Notifier is an adapter that has a channel for admins.
type Notifier interface {
	// Notify posts a notice in that channel. It returns nil if none is configured.
	Notify(ctx context.Context, notice Answer) error
}

// Teller is an adapter that can tell a person something later.
type Teller interface {
	// Tell asks again what a person has asked, who is given by the platform's id, and tells them
	// the answer in private if the desk knows it now. It reports whether it did.
	Tell(ctx context.Context, person, question string) (told bool, err error)
}

// ErrGone is the error of a [Teller] when the person can no longer be reached.
var ErrGone = errors.New("the person cannot be reached")
