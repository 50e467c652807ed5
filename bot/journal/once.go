package journal

import (
	"context"
	"time"
)

// Once reports whether something is to be done that is done once in a span, of 30 days at most:
// whether no process, this one before its last start included, has done it. Where the store fails,
// it is.
func (l *Ledger) Once(key string, span time.Duration) bool {
	fresh := true
	if l != nil && l.store != nil {
		l.try(l.Patience, func(ctx context.Context) error {
			first, err := l.store.Once(ctx, key, span)
			fresh = first || err != nil
			return err
		})
	}
	return fresh
}

// Again lets what could not be done after [Ledger.Once] be done again.
func (l *Ledger) Again(key string) {
	if l != nil && l.store != nil {
		l.try(l.Patience, func(ctx context.Context) error { return l.store.Again(ctx, key) })
	}
}

// Done reports whether some process has done something within a span; see [Ledger.Once].
func (l *Ledger) Done(key string, span time.Duration) (done bool) {
	if l != nil && l.store != nil {
		l.try(l.Patience, func(ctx context.Context) (err error) {
			done, err = l.store.Done(ctx, key, span)
			return err
		})
	}
	return done
}
