package journal

import (
	"context"
	"errors"
	"time"

	"frontdesk/bot/inbox"
)

// State is how far an event is from being answered.
type State uint8

// The states, in order.
const (
	Taken   State = iota // recorded, and acknowledged to the platform
	Posting              // the answer is being sent
	Posted               // the answer is posted
	GivenUp              // it cannot be answered
)

func (s State) String() string { return [...]string{"taken", "posting", "posted", "given up"}[s] }

const (
	// EventLife is how long what is needed to answer an event is kept.
	EventLife = 10 * time.Minute
	// RepeatsFor is how long a key is kept so that a repeated event is recognized: Slack
	// repeats for up to five minutes (docs.slack.dev/apis/events-api#retries).
	RepeatsFor = 15 * time.Minute
	// EditsFor is how long edits and deletions of a question are followed.
	EditsFor = 24 * time.Hour
)

// Event is an event that was taken on.
type Event struct {
	Adapter string
	Key     string // identifies it: a repeated one has the same
	Taken   time.Time
	State   State
	// Channel and Message identify the question whose edits and deletion are followed, ""
	// if there is none. Edited is the time of its newest edit, in a form that sorts.
	Channel, Message, Edited string
	// Body is what the platform sent, in the adapter's form; erased with the last state.
	Body []byte
	// Answer is the id of the message with the answer, once it is Posted, or begins with [Together].
	Answer string
}

// Together begins the Answer of an event that is answered in one message with other events: that
// message cannot be posted again or deleted for this event alone. Once it is posted, its id and
// place in the adapter's form may follow.
const Together = "together"

// Row is a line of the journal.
type Row struct {
	Time     time.Time     `json:"time"`
	Adapter  string        `json:"adapter"`
	Outcome  string        `json:"outcome"`
	Division string        `json:"division,omitempty"`
	Topic    string        `json:"topic,omitempty"`
	Chance   float64       `json:"chance"`
	Audience string        `json:"audience,omitempty"`
	Version  string        `json:"version"` // of the knowledge file
	Took     time.Duration `json:"took_ns"`
	Asker    string        `json:"asker"`           // a keyed hash
	Question string        `json:"-"`               // place of the question, to delete its words with it
	Answer   string        `json:"-"`               // place of the answer, to which votes belong
	Words    string        `json:"words,omitempty"` // "" if they are not kept
	Up       int           `json:"up"`              // votes
	Down     int           `json:"down"`
}

// Stats are figures of the store.
type Stats struct {
	Events     int       `json:"events"`
	Unfinished int       `json:"unfinished"`
	Rows       int       `json:"rows"`
	WithWords  int       `json:"with_words"`
	Votes      int       `json:"votes"`
	Oldest     time.Time `json:"oldest,omitzero"`
	Bytes      int64     `json:"bytes"`
}

// Limits say how much of the journal is kept.
type Limits struct {
	Words time.Duration // how long words are kept
	Rows  time.Duration // how long rows are kept
	Most  int           // rows
}

// Store keeps events and the journal. Its methods may be called from several goroutines.
// An error means that it is not known whether the change was made, unless it is [ErrClosed].
type Store interface {
	// Take records an event, unless one with its key is there. It reports whether it is new.
	Take(ctx context.Context, e Event) (fresh bool, err error)
	// Mark changes the state of an event; with the last states its body is erased. Answer is
	// the id of the message with the answer, "" to keep what is there.
	Mark(ctx context.Context, key string, s State, answer string) error
	// Unfinished lists the events of an adapter that are Taken or Posting, the oldest first.
	Unfinished(ctx context.Context, adapter string) ([]Event, error)
	// Find returns the newest version of a question, with the answer to an older version if
	// it has none; ok is false if there is no such question.
	Find(ctx context.Context, adapter, channel, message string) (e Event, ok bool, err error)

	// Write appends a row to the journal.
	Write(ctx context.Context, r Row) error
	// Vote records a person's vote on an answer, in place of an earlier one, and reports
	// whether it changes anything.
	Vote(ctx context.Context, answer, asker string, up bool) (changed bool, err error)
	// AddWords adds the words of a question to its row, if the row has none. Again says that the
	// same person asked again in other words.
	AddWords(ctx context.Context, question, words string, again bool) error
	// ForgetQuestion erases the words of a question.
	ForgetQuestion(ctx context.Context, question string) error
	// ForgetAsker erases what a person asked and voted, and returns how many rows that is.
	ForgetAsker(ctx context.Context, asker string) (int, error)
	// ForgetAwaited erases what a person, given by the platform's id, wants to be told.
	ForgetAwaited(ctx context.Context, adapter, person string) error
	// Rows calls each with the rows since a time, the oldest first, until it returns an error.
	Rows(ctx context.Context, since time.Time, each func(Row) error) error
	// Stats returns figures of the store.
	Stats(ctx context.Context) (Stats, error)

	// Sweep erases what is older than it may be.
	Sweep(ctx context.Context, now time.Time, l Limits) error
	// Backup writes a copy to a new file.
	Backup(ctx context.Context, file string) error
	// Close waits for the writes that were called for.
	Close() error

	inbox.Store
}

// ErrClosed is the error of a store that was closed.
var ErrClosed = errors.New("the store is closed")
