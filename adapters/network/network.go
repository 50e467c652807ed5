// Package network has what calls and connections to a platform share: pauses between
// tries, and errors without what must not be logged. It imports nothing of ours, so that
// the packages of the connections, which know no bot, can use it.
package network

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"net/url"
	"regexp"
	"time"
)

// longestPause bounds [Backoff]: after longer trouble the end of it is noticed as fast.
const longestPause = 10 * time.Second

// Backoff is the pause before the next try, after so many that failed: first, doubled with
// every try up to ten seconds, and half of it random, so that many callers do not come back
// at once.
func Backoff(first time.Duration, tries int) time.Duration {
	d := min(first<<min(tries, 10), longestPause)
	return d/2 + rand.N(d/2+1)
}

// Sleep waits, but no longer than ctx lives. It returns the error of ctx.
func Sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// WithoutSecrets shortens the address in an error to its host, since a response address or
// the ticket of a connection is as good as a password, and takes our own port out, which
// would make the same trouble read differently each time.
func WithoutSecrets(err error) error {
	var u *url.Error
	if !errors.As(err, &u) {
		return withoutPorts(err)
	}
	host := "the platform"
	if parsed, e := url.Parse(u.URL); e == nil && parsed.Host != "" {
		host = parsed.Host
	}
	return fmt.Errorf("%s: %w", host, withoutPorts(u.Err))
}

// reworded is an error in other words.
type reworded struct {
	error
	text string
}

func (r reworded) Error() string { return r.text }
func (r reworded) Unwrap() error { return r.error }

// ourEnd is our address and port in an error of package net, before the other side's.
var ourEnd = regexp.MustCompile(`\S+:\d+->`)

func withoutPorts(err error) error {
	if err == nil || !ourEnd.MatchString(err.Error()) {
		return err
	}
	return reworded{err, ourEnd.ReplaceAllString(err.Error(), "")}
}
