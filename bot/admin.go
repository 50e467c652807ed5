package bot

import "context"

// Admin is what admins do on one platform.
type Admin struct {
	Channel string // the id of the channel that notices are posted in; "" for none
	// Do does what an admin asks for and returns what is shown then: in place of the message
	// with the button, or as a form to fill in. It checks what the person may do; the zero
	// Answer means that it is not for this person, and nothing is shown. It may take seconds.
	Do func(ctx context.Context, r Request) Answer
}

// Request is something that an admin asks for in chat.
type Request struct {
	Person    string            // the adapter's name, a colon and the platform's id, such as slack:U0123ABCD
	InChannel bool              // it is asked in the channel for admins, where all may see it
	Action    string            // the Value of the [Action] or the Action of the [Form], or [OpenInbox]
	Fields    map[string]string // what was filled in, by the ID of the field
}

// OpenInbox is the [Request] of somebody who writes the word inbox as a question.
const OpenInbox = "inbox"

// Action is a button for admins.
type Action struct {
	Label   string
	Value   string // comes back in the [Request]; at most [MostActionValue] bytes
	Primary bool   // what is most likely wanted
}

// MostActionValue is the length of an action's value in bytes: Discord takes 100 for a
// button's id, in which an adapter needs some of its own.
const MostActionValue = 80

// Form is what an admin fills in before something is done.
type Form struct {
	Title  string // at most 24 characters, as Slack has it
	Action string // comes back in the [Request]; at most [MostActionValue] bytes
	Submit string // the label of the button
	Fields []Field
}

// Field is a field of a [Form].
type Field struct {
	ID       string
	Label    string   // at most 45 characters, as Discord has it
	Value    string   // what is filled in at first: a text, or the ID of a choice
	Tip      string   // what is shown in an empty field; at most 100 characters
	Choices  []Choice // what to choose from, the likely first; a platform may show only the first 25
	Lines    bool     // the text may have several lines
	Optional bool
	Most     int // characters of a text
}
