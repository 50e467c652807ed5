package journal

import (
	"context"
	"errors"
	"fmt"
	"os"
	"strings"
)

// InPostgres reports whether an address of a store is one of PostgreSQL, and not a file.
func InPostgres(address string) bool {
	return strings.HasPrefix(address, "postgres://") || strings.HasPrefix(address, "postgresql://")
}

// Open opens the store at an address, see [OpenSQLite] and [OpenPostgres]. Aside is called with
// the new name of a damaged file, now or later. Without a store, the error is one of the address.
func Open(ctx context.Context, address string, aside func(to string)) (Store, error) {
	if InPostgres(address) {
		return OpenPostgres(ctx, address)
	}
	return openAt(ctx, address, aside)
}

// OpenExisting opens a store that another process may be using. It neither makes a file nor
// moves a damaged one aside.
func OpenExisting(ctx context.Context, address string) (Store, error) {
	if InPostgres(address) {
		s, err := OpenPostgres(ctx, address)
		if err != nil && s != nil {
			return nil, errors.Join(err, s.Close())
		}
		return s, err
	}
	if _, err := os.Stat(address); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	d, err := newDatabase(ctx, engineOf(address))
	if err == nil {
		return d, nil
	}
	err = errors.Join(err, d.Close())
	if damaged(err) {
		return nil, fmt.Errorf("the store %s is damaged; frontdesk run moves it aside when it starts (%w)", address, err)
	}
	return nil, fmt.Errorf("open the store %s: %w", address, err)
}
