package inbox

import (
	"context"
	"errors"
	"time"

	"frontdesk/knowledge"
)

// Store keeps what the inbox needs across restarts. Its methods may be called from several
// goroutines and processes.
type Store interface {
	// Gaps calls each with the newest gaps since a time, at most so many, in any order, until it
	// returns an error.
	Gaps(ctx context.Context, since time.Time, most int, each func(Gap) error) error

	// Ignore remembers subjects that are not to be shown, by their ids.
	Ignore(ctx context.Context, subjects []string) error
	// Ignored are all of them.
	Ignored(ctx context.Context) (map[string]bool, error)

	// KeepEdit remembers an edit under its id.
	KeepEdit(ctx context.Context, e Edit) error
	// Edit returns an edit. It reports false if there is none.
	Edit(ctx context.Context, id string) (e Edit, ok bool, err error)
	// MarkEdit changes the state of an edit, and who made it.
	MarkEdit(ctx context.Context, id string, s EditState, by string) error

	// Await remembers that a person wants to be told when a question is answered. The error is
	// [ErrManyAwaited] if that is one too many.
	Await(ctx context.Context, a Awaited) error
	// Awaited lists who wants to be told, the oldest first.
	Awaited(ctx context.Context) ([]Awaited, error)
	// Told erases the mark of a person, and reports whether it was there: of several processes
	// the one that erases it tells them.
	Told(ctx context.Context, a Awaited) (ok bool, err error)

	// Once reports whether a key is new or was remembered longer ago than a span, of 30 days at
	// most, and remembers it now: of several processes that do the same thing at the same time,
	// one does it.
	Once(ctx context.Context, key string, span time.Duration) (fresh bool, err error)
}

// EditState is what has become of an edit.
type EditState uint8

// The states of an edit.
const (
	Proposed EditState = iota
	Made
	Undone
)

// Edit is a change of the knowledge file that somebody proposed, made or has undone.
type Edit struct {
	ID    string
	Time  time.Time
	State EditState
	By    string // the adapter's name, a colon and the platform's id
	Patch knowledge.Patch
}

// Awaited is somebody who wants to be told the answer to a question.
type Awaited struct {
	Adapter, Person string // the platform's id, and what the adapter needs beside it
	Question        string
	Since           time.Time
}

const (
	// AwaitedFor is how long a person is remembered who wants to be told an answer.
	AwaitedFor = 30 * 24 * time.Hour
	// MostAwaitedOf is how many answers one person may wait for, and MostAwaited how many all:
	// each is looked up after every change of the file.
	MostAwaitedOf = 20
	MostAwaited   = 20_000
)

// ErrManyAwaited is the error when a person, or all together, wait for too many answers.
var ErrManyAwaited = errors.New("too many answers are waited for")
