package bot

import (
	"context"

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

// Handler answers questions with something that can be shown. One that may panic is
// called by way of [Guard].
type Handler interface {
	Answer(ctx context.Context, q Question) Answer
	// Directory is what can be asked for: how to ask, with examples, and every
	// division as an offer. It is the answer to someone who has said nothing.
	Directory(ctx context.Context, readers Audience) Answer
	// Complete lists up to n things that a person may mean who has typed so
	// far, the most likely first; none where there are none.
	Complete(ctx context.Context, readers Audience, typed string, n int) []Choice
}
