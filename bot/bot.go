package bot

import (
	"context"

	"frontdesk/knowledge"
)

// Text is what the desk says, as a small tree without any platform's markup.
// Its parts have a name here, so that adapters need not know package knowledge.
type (
	Text      = knowledge.Text
	Block     = knowledge.Block
	Paragraph = knowledge.Paragraph
	List      = knowledge.List
	CodeBlock = knowledge.CodeBlock
	Quote     = knowledge.Quote
	Span      = knowledge.Span
	Style     = knowledge.Style

	// Audience is who may read an answer; the zero value is the public.
	Audience = knowledge.Audience
)

// The styles of a span.
const (
	Strong   = knowledge.Strong
	Emphasis = knowledge.Emphasis
	Code     = knowledge.Code
)

// Length is how long a text is in UTF-16 code units, as chat platforms count.
func Length(s string) int { return knowledge.Length(s) }

// Clip shortens s to at most limit UTF-16 code units, an ellipsis included.
func Clip(s string, limit int) string { return knowledge.ClipString(s, limit) }

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

	// Welcome says that this is how to ask rather than an answer, so that there
	// is nothing to rate.
	Welcome bool

	Urgent   Text // danger now: stands before all else
	Title    string
	Evidence *Evidence
	Body     Text
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
	Text  Text
}

// Fact is one fact about a division, with the label people know it by.
type Fact struct{ Label, Text string }

// Offer is a division to choose instead.
type Offer struct {
	Division string // id, as the Choice of the next Question
	Title    string
	Text     Text // what tells it from the others
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
	Why   string // of Degraded and Failed: what is wrong and what to do, for operators
}

// Phase is a part of an adapter's life.
type Phase uint8

// The phases.
const (
	Connecting Phase = iota // not yet able to serve
	Ready                   // serving
	Degraded                // serving, but not everything or not everyone
	Failed                  // no longer able to serve; Run returns
)

func (p Phase) String() string {
	return [...]string{"connecting", "ready", "degraded", "failed"}[p]
}

// Report is given to an adapter, which calls it with every new state. It may
// be called from several goroutines.
type Report func(State)
