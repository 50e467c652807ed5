package bot

import (
	"context"

	"frontdesk/knowledge"
	"frontdesk/knowledge/text"
)

// Audience is who may read an answer; the zero value is the public. The alias spares
// adapters an import of package knowledge.
type Audience = knowledge.Audience

// AudienceOf is the audience of readers who belong to all of these groups.
func AudienceOf(names ...string) Audience { return knowledge.AudienceOf(names...) }

// Question is what a person asks. The adapter has removed the platform's markup.
type Question struct {
	// Readers is the audience of everyone who can read the answer where it is posted.
	Readers Audience
	// Text is what the person wrote.
	Text string
	// Choice is the id of the [Offer] or [Choice] that the person picked instead of writing.
	Choice string
}

// Choice is what to choose from a list. As a completion it is an entry or, without an ID, an
// example question.
type Choice struct{ ID, Title string }

// Outcome is how the desk dealt with a question.
type Outcome uint8

// The outcomes. Silent is that of the zero Answer: say nothing.
const (
	Silent    Outcome = iota
	Answered          // with a division, or with facts about the whole file
	Suggested         // two or three divisions
	Declined          // the desk does not know
)

func (o Outcome) String() string {
	return [...]string{"silent", "answered", "suggested", "declined"}[o]
}

// Answer is the reply to a question, as data that each adapter renders in its own way.
// The fields are in display order; any may be empty.
type Answer struct {
	Outcome  Outcome
	Division string // id, if the answer is about one division
	// Choice brings the same card again, as the Choice of the next Question: the id of the
	// division or of one of its responsibilities or programs.
	Choice string

	// Private says that only the asker may see this, wherever they asked, and that it
	// cannot be shared.
	Private bool

	// Actions are buttons for admins, and Form is what one of them fills in next, in place of
	// everything else; see [Admin].
	Actions []Action
	Form    *Form
	// By is who did what Body tells, as [Request] has a person; "" for nobody in particular. An
	// adapter shows a person of its platform by name.
	By string

	// Welcome marks a text that is not an answer, such as how to ask, so that it cannot
	// be rated.
	Welcome bool

	Urgent text.Text // what to do in an emergency; shown before everything else
	// Lead is the answer in a sentence or two, in place of Title, Evidence and Body where
	// there is little room; see [Answer.Short].
	Lead     text.Text
	leadOnly bool // Evidence is about something else than Lead
	Title    string
	Evidence *Evidence
	Body     text.Text
	Examples []string // questions to try; the end of Body introduces them
	Facts    []Fact   // the fact asked for, if any, comes first
	Offers   []Offer
	SeeAlso  []Offer
	Links    []Link
	Source   Source

	// Match explains the answer, for whoever maintains the file.
	Match knowledge.Match
}

// Evidence is the responsibility or program that matched.
type Evidence struct {
	Title string
	Text  text.Text
}

// Fact is one fact about a division, with the label that people see.
type Fact struct {
	Label, Text string
	Kind        FactKind
}

// FactKind says when a fact is shown.
type FactKind uint8

// The kinds of facts.
const (
	FactOwn     FactKind = iota // of this division
	FactShared                  // most divisions have the same; shown where everything is, see [WithoutShared]
	FactContact                 // how to reach the division
	FactAsked                   // what the question asks for
)

// Offer is a division to choose instead.
type Offer struct {
	Division string // id, as the Choice of the next Question
	Title    string
	Text     text.Text // what distinguishes it from the others
}

// Link is a page with more information.
type Link struct{ Title, URL string }

// Source is where the facts come from; Seen is the date when they were read there.
type Source struct{ Title, URL, Seen string }

// Handler answers questions. Wrap one that may panic in [Guard].
type Handler interface {
	Answer(ctx context.Context, q Question) Answer
	// Directory says how to ask, with examples, and offers every division. It answers
	// someone who has not asked anything.
	Directory(ctx context.Context, readers Audience) Answer
	// Complete lists up to n suggestions for what a person has typed so far, the most
	// likely first; while that does not say what it is about, example questions.
	Complete(ctx context.Context, readers Audience, typed string, n int) []Choice
}
