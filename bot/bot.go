package bot

import (
	"context"
	"time"

	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// Audience is who may read an answer; the zero value is the public. It has a name
// here, so that adapters need not know package knowledge.
type Audience = knowledge.Audience

// AudienceOf is the audience of readers who all belong to these groups.
func AudienceOf(names ...string) Audience { return knowledge.AudienceOf(names...) }

// Question is what a person asks. An adapter takes the platform's markup out
// before it asks.
type Question struct {
	// Readers are all who will be able to read the answer where it lands.
	Readers Audience
	// Text is what the person wrote.
	Text string
	// Choice is the id of what the person chose instead of writing: that of an
	// [Offer] or of a [Choice].
	Choice string
}

// Choice is something that a person may be about to name.
type Choice struct{ ID, Title string }

// Outcome is how the desk dealt with a question.
type Outcome uint8

// The outcomes. Silent is that of the zero Answer: say nothing.
const (
	Silent    Outcome = iota
	Answered          // with a division, or with what the file says of all
	Suggested         // two or three divisions that it might be
	Declined          // the desk does not know
)

func (o Outcome) String() string {
	return [...]string{"silent", "answered", "suggested", "declined"}[o]
}

// Answer is what the desk says to a question: data that each adapter shows in
// its own way. The parts stand in the order in which they are to be shown; any
// may be empty.
type Answer struct {
	Outcome  Outcome
	Division string // id, if the answer is about one division

	// Private says that the asker alone is to see this, wherever they asked, and
	// that it may not be shared.
	Private bool

	// Confirm names what the readers may confirm with a button, in a channel of
	// admins.
	Confirm string

	// Welcome says that this is how to ask rather than an answer, so that there
	// is nothing to rate.
	Welcome bool

	Urgent   text.Text // danger now: stands before all else
	Title    string
	Evidence *Evidence
	Body     text.Text
	Examples []string // questions to try, announced by the end of Body
	Facts    []Fact   // the fact asked for, if any, comes first
	Offers   []Offer
	SeeAlso  []Offer
	Links    []Link
	Source   Source

	// Why the desk answered so, for whoever maintains the file.
	Match knowledge.Match
}

// Evidence is the responsibility or program that matched.
type Evidence struct {
	Title string
	Text  text.Text
}

// Fact is one fact about a division, with the label people know it by.
type Fact struct{ Label, Text string }

// Offer is a division to choose instead.
type Offer struct {
	Division string // id, as the Choice of the next Question
	Title    string
	Text     text.Text // what tells it from the others
}

// Link is a page to read on.
type Link struct{ Title, URL string }

// Source is where the facts were taken from.
type Source struct{ Title, URL, Seen string }

// Handler answers questions. It always answers something that can be shown:
// when it breaks, it says so to the person in plain words.
type Handler interface {
	Answer(ctx context.Context, q Question) Answer
	// Directory is what can be asked for: how to ask, with examples, and every
	// division as an offer. It is the answer to someone who has said nothing.
	Directory(ctx context.Context, readers Audience) Answer
	// Complete lists up to n things that a person may mean who has typed so
	// far, the most likely first; none where there are none.
	Complete(ctx context.Context, readers Audience, typed string, n int) []Choice
}

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
