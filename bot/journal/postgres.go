package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"github.com/jackc/pgx/v5"
	_ "github.com/jackc/pgx/v5/stdlib" // the driver
	"github.com/pressly/goose/v3"
)

// OpenPostgres opens the store in a PostgreSQL database, given its address. If the server
// cannot be reached, it returns the store with the error: it connects as soon as it can, and
// its methods return [ErrAway] until then.
func OpenPostgres(ctx context.Context, address string) (Store, error) {
	if _, err := pgx.ParseConfig(address); err != nil { // it is not quoted, since it may hold a password
		return nil, errors.New("this is no address of PostgreSQL; write it like postgres://user@host/database")
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open the store in PostgreSQL: %w", err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	d := newDatabase(db, db, goose.DialectPostgres)
	d.size = func(ctx context.Context) (n int64, err error) {
		err = db.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
		return n, err
	}
	d.backup = func(context.Context, string) error {
		return errors.New("the store is in PostgreSQL; back it up with pg_dump")
	}
	if err = d.setUp(ctx); err != nil {
		err = fmt.Errorf("open the store in PostgreSQL: %w", err)
	}
	go d.commit()
	return d, err
}
