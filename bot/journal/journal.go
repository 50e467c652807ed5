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
	// Repeated says that the platform sends it again, and will do so until it is acknowledged. It is
	// not recorded.
	Repeated bool
	State    State
	// Channel and Message identify the question whose edits and deletion are followed, ""
	// if there is none. Edited is the time of its newest edit, in a form that sorts.
	Channel, Message, Edited string
	// Body is what the platform sent, in the adapter's form; erased with the last state.
	Body []byte
	// Answer is the id of the message with the answer, once it is Posted, or begins with [Together].
	Answer string
	// Claim is who works on it. It is recorded, and not read again.
	Claim Claim
}

// Claim keeps other processes from working on an event. It is renewed while its owner lives; an
// event whose claim has ended is taken over by another. The clock is the database's.
type Claim struct {
	Owner string        // the process
	For   time.Duration // from now on; 0 leaves the event to others
}

// Which says which events [Store.Claim] takes beside those that were left to others.
type Which struct {
	Most  int  // at most so many, the oldest
	Ended bool // those whose claim has ended
	Own   bool // those that the owner has
	All   bool // whoever has them
}

// Left is an event on which its owner does not work any more although it has no last state, and
// the state in which it is left.
type Left struct {
	Key   string
	State State
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
	// Posting records that an event's answer is being sent and renews the claim, if no other
	// process has taken the event over. It reports whether that is so: else the answer must not
	// be sent. Answer is the id of the message with the answer, "" to keep what is there.
	Posting(ctx context.Context, key string, c Claim, answer string) (held bool, err error)
	// Finish records the last state of an event, and erases its body. That it is Posted is true
	// whoever has it now; that it cannot be answered is recorded only of an owner's own event.
	// Answer is as for Posting. Lost reports that the event is Posted although another process has
	// taken it over, so that it may be answered twice.
	Finish(ctx context.Context, key, owner string, s State, answer string) (lost bool, err error)
	// Claim takes events of an adapter that are Taken or Posting over and returns them, the
	// oldest first. Events that another process takes over at the same time are left out.
	Claim(ctx context.Context, adapter string, c Claim, which Which) ([]Event, error)
	// Renew renews the claims of an owner's unfinished events, except those that are left to
	// others.
	Renew(ctx context.Context, c Claim, left []Left) error
	// Versions lists the newest versions of a question, as many as anybody looks at, the newest
	// first.
	Versions(ctx context.Context, adapter, channel, message string) ([]Event, error)

	// Again lets what was done [inbox.Store.Once] be done again, and Done reports whether it was
	// within a span.
	Again(ctx context.Context, key string) error
	Done(ctx context.Context, key string, span time.Duration) (bool, error)

	// Write appends a row to the journal.
	Write(ctx context.Context, r Row) error
	// Vote records a person's vote on an answer, in place of an earlier one, and reports
	// whether it changes anything.
	Vote(ctx context.Context, answer, asker string, up bool) (changed bool, err error)
	// AddWords adds the words of a question to its row, if the row has none. Again says that the
	// same person asked again in other words.
	AddWords(ctx context.Context, question, words string, again bool) error
	// Answered returns the asker, the place and the words of the question that a message answers, if
	// the words are kept.
	Answered(ctx context.Context, answer string) (r Row, ok bool, err error)
	// News returns which answers were voted down since a time, and who asked what, without words.
	News(ctx context.Context, since time.Time) (down []string, asked []Row, err error)
	// ForgetQuestion erases the words of a question, and its place, so that none can be added.
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
