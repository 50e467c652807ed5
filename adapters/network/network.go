// Package network has what calls and connections to a platform share: the backoff between
// tries, and errors without secrets. It imports none of our packages, so that the
// connection packages, which do not know package bot, can use it.
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

// longestPause is the upper limit of [Backoff], so that the end of a long outage is noticed
// soon.
const longestPause = 10 * time.Second

// Backoff is the pause before the next try: first, doubled with each of the tries that
// failed, up to ten seconds. Half of it is random, so that many clients do not return at
// once.
func Backoff(first time.Duration, tries int) time.Duration {
	d := min(first<<min(tries, 10), longestPause)
	return d/2 + rand.N(d/2+1)
}

// Sleep waits for d or until ctx is done, and returns the error of ctx.
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

// WithoutSecrets shortens the address in an error to its host, since a response URL or the
// ticket of a connection works like a password. It also removes our own port, so that the
// same error always has the same text.
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

// reworded is an error with another text.
type reworded struct {
	error
	text string
}

func (r reworded) Error() string { return r.text }
func (r reworded) Unwrap() error { return r.error }

// ourEnd matches our address and port in an error of package net, before the other side's.
var ourEnd = regexp.MustCompile(`\S+:\d+->`)

func withoutPorts(err error) error {
	if err == nil || !ourEnd.MatchString(err.Error()) {
		return err
	}
	return reworded{err, ourEnd.ReplaceAllString(err.Error(), "")}
}
