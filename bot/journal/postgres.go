package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/jackc/pgx/v5"
	"github.com/jackc/pgx/v5/pgconn"
	"github.com/jackc/pgx/v5/stdlib" // also the driver
	"github.com/pressly/goose/v3"
)

// OpenPostgres opens the store in a PostgreSQL database, given its address. If the server
// cannot be reached, it returns the store with the error: it connects as soon as it can, and
// its methods return [ErrAway] until then.
func OpenPostgres(ctx context.Context, address string) (Store, error) {
	if unused, err := dialPostgres(address); err != nil {
		return nil, err
	} else if err := unused.close(); err != nil {
		return nil, err
	}
	d, err := newDatabase(ctx, engine{
		open:   func(ctx context.Context, _ error) (*connection, error) { return connectPostgres(ctx, address) },
		moved:  func(*connection) bool { return false },
		leave:  func(context.Context, *connection) {},
		broken: brokenPostgres,
		run:    pipeline,
		size: func(ctx context.Context, c *connection) (n int64, err error) {
			err = c.read.QueryRowContext(ctx, "SELECT pg_database_size(current_database())").Scan(&n)
			return n, err
		},
		backup: func(context.Context, *connection, string) error {
			return errors.New("the store is in PostgreSQL; back it up with pg_dump")
		},
	})
	return d, err
}

var textsPostgres = sync.OnceValue(func() map[string]string {
	return texts(strings.NewReplacer(
		"{{now}}", "CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000 AS BIGINT)",
		"{{skip locked}}", "FOR UPDATE SKIP LOCKED"))
})

// dialPostgres prepares a connection, which is made when it is used.
func dialPostgres(address string) (*connection, error) {
	if _, err := pgx.ParseConfig(address); err != nil { // it is not quoted, since it may hold a password
		return nil, errors.New("this is no address of PostgreSQL; write it like postgres://user@host/database")
	}
	db, err := sql.Open("pgx", address)
	if err != nil {
		return nil, fmt.Errorf("open the store in PostgreSQL: %w", err)
	}
	db.SetMaxOpenConns(4)
	db.SetMaxIdleConns(4)
	return &connection{db: db, read: db, texts: textsPostgres()}, nil
}

func connectPostgres(ctx context.Context, address string) (*connection, error) {
	c, err := dialPostgres(address)
	if err != nil {
		return nil, err
	}
	if err := setUp(ctx, c, goose.DialectPostgres); err != nil {
		return nil, errors.Join(fmt.Errorf("open the store in PostgreSQL: %w", err), c.close())
	}
	return c, nil
}

// brokenPostgres reports whether an error of the server is not one of the values or of the
// moment, such as a table that is not there because the database was made again, or a server
// that has become read-only (postgresql.org/docs/current/errcodes-appendix.html). A connection
// that has failed is replaced by database/sql.
func brokenPostgres(err error) bool {
	var e *pgconn.PgError
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code[:min(2, len(e.Code))] {
	case "22", "23", "40", "53", "55", "57": // data, constraint, rollback, resources, state, operator
		return false
	}
	return true
}

// pipeline runs steps as [transact] does, but sends all of them before it reads the first
// result: a server that is a millisecond away takes a batch in the time of one statement.
// Statements between two synchronizations are one transaction
// (postgresql.org/docs/current/protocol-flow.html#PROTOCOL-FLOW-PIPELINING).
func pipeline(ctx context.Context, c *connection, steps []step) (changed []int64, spoiled bool, err error) {
	conn, err := c.db.Conn(ctx)
	if err != nil {
		return nil, false, err
	}
	defer func() { err = errors.Join(err, conn.Close()) }()
	err = conn.Raw(func(driver any) (err error) {
		batch := new(pgx.Batch)
		for _, s := range steps {
			batch.Queue(c.texts[s.name], s.args...)
		}
		results := driver.(*stdlib.Conn).Conn().SendBatch(ctx, batch)
		defer func() {
			if committed := results.Close(); err == nil { // else it is the same error again
				err = committed
			}
		}()
		for _, s := range steps {
			done, err := results.Exec()
			if err != nil {
				spoiled = true
				return fmt.Errorf("%s: %w", s.name, err)
			}
			changed = append(changed, done.RowsAffected())
		}
		return nil
	})
	return changed, spoiled, err
}
