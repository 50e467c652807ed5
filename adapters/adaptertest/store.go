package adaptertest

import (
	"context"
	"errors"
	"sync/atomic"
	"time"

	"frontdesk/bot/journal"
)

// Store is a store whose connection can be cut: then what adapters need of it fails.
type Store struct {
	journal.Store
	cut atomic.Bool
}

var errCut = errors.New("the connection is cut")

// Cut cuts the connection, or with false mends it.
func (s *Store) Cut(on bool) { s.cut.Store(on) }

func (s *Store) err() error {
	if s.cut.Load() {
		return errCut
	}
	return nil
}

// Take implements [journal.Store].
func (s *Store) Take(ctx context.Context, e journal.Event) (bool, error) {
	if err := s.err(); err != nil {
		return false, err
	}
	return s.Store.Take(ctx, e)
}

// Posting implements [journal.Store].
func (s *Store) Posting(ctx context.Context, key string, c journal.Claim, answer string) (bool, error) {
	if err := s.err(); err != nil {
		return false, err
	}
	return s.Store.Posting(ctx, key, c, answer)
}

// Finish implements [journal.Store].
func (s *Store) Finish(ctx context.Context, key, owner string, state journal.State, answer string) (bool, error) {
	if err := s.err(); err != nil {
		return false, err
	}
	return s.Store.Finish(ctx, key, owner, state, answer)
}

// Claim implements [journal.Store].
func (s *Store) Claim(
	ctx context.Context, adapter string, c journal.Claim, which journal.Which,
) ([]journal.Event, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	return s.Store.Claim(ctx, adapter, c, which)
}

// Renew implements [journal.Store].
func (s *Store) Renew(ctx context.Context, c journal.Claim, left []journal.Left) error {
	if err := s.err(); err != nil {
		return err
	}
	return s.Store.Renew(ctx, c, left)
}

// Versions implements [journal.Store].
func (s *Store) Versions(ctx context.Context, adapter, channel, message string) ([]journal.Event, error) {
	if err := s.err(); err != nil {
		return nil, err
	}
	return s.Store.Versions(ctx, adapter, channel, message)
}

// Once implements [inbox.Store].
func (s *Store) Once(ctx context.Context, key string, span time.Duration) (bool, error) {
	if err := s.err(); err != nil {
		return false, err
	}
	return s.Store.Once(ctx, key, span)
}
