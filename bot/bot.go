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
)

// Question is what a person asks. An adapter takes the platform's markup out
// before it asks.
type Question struct {
	// Text is what the person wrote.
	Text string
	// Choice is the id of a division that the person chose instead of writing.
	Choice string
}

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

	Urgent   Text // danger now: stands before all else
	Title    string
	Body     Text
	Evidence *Evidence
	Facts    []Fact // the fact asked for, if any, comes first
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
