package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"github.com/pressly/goose/v3"
	"github.com/pressly/goose/v3/lock"
)

// engine is what SQLite and PostgreSQL do differently.
type engine struct {
	// open opens the database and migrates it. Why is the error for which it was closed, or nil.
	open func(ctx context.Context, why error) (*connection, error)
	// moved reports whether the address leads to another database than the one that is open.
	moved func(c *connection) bool
	// leave closes a database that has moved.
	leave func(ctx context.Context, c *connection)
	// broken reports whether an error is one of the database and not of a statement, so that
	// it has to be opened again.
	broken func(err error) bool
	// run runs steps in one transaction; see [transact].
	run    func(ctx context.Context, c *connection, steps []step) (changed []int64, spoiled bool, err error)
	size   func(ctx context.Context, c *connection) (int64, error)
	backup func(ctx context.Context, c *connection, file string) error
}

// connection is a database that is open. Reads use a connection of their own, so that a long
// one does not keep writes waiting.
type connection struct {
	db       *sql.DB
	read     *sql.DB              // may be db
	texts    map[string]string    // of the statements, by name
	prepared map[string]*sql.Stmt // of db, by name
	files    []openFile           // of SQLite
}

func (c *connection) close() error { return errors.Join(c.read.Close(), c.db.Close()) }

// setUpWithin is how long it may take to open the store again. It ends the wait for a server
// that does not answer.
const setUpWithin = 10 * time.Second

// ErrAway is the error of a store that cannot be used now. It is opened as soon as it can be.
var ErrAway = errors.New("there is no connection to the store yet")

// newDatabase opens a store for the first time. If that fails, it returns the store with the
// error, and the store is opened later.
func newDatabase(ctx context.Context, e engine) (*database, error) {
	d := &database{
		engine: e, writes: make(chan write, mostTogether), closing: make(chan struct{}), done: make(chan struct{}),
	}
	err := d.reopen(ctx)
	go d.commit()
	return d, err
}

// reopen opens the database.
func (d *database) reopen(ctx context.Context) error {
	d.tried = time.Now()
	var why error
	if last := d.why.Load(); last != nil {
		why = *last
	}
	c, err := d.open(ctx, why)
	if err != nil {
		d.why.Store(&err)
		return err
	}
	d.conn.Store(c)
	return nil
}

// connected is the connection, or the error of a store that is away.
func (d *database) connected() (*connection, error) {
	if c := d.conn.Load(); c != nil {
		return c, nil
	}
	return nil, fmt.Errorf("%w: %w", ErrAway, *d.why.Load())
}

// drop closes the connection after an error.
func (d *database) drop(why error) {
	c := d.conn.Load()
	d.why.Store(&why)
	d.conn.Store(nil)
	_ = c.close() // the error is known
}

// upToDate is the connection. If the address leads to another database meanwhile, that is opened.
func (d *database) upToDate() (*connection, error) {
	c, err := d.connected()
	if err != nil || !d.moved(c) {
		return c, err
	}
	d.why.Store(&errMoved)
	d.conn.Store(nil)
	ctx, cancel := context.WithTimeout(context.Background(), setUpWithin)
	defer cancel()
	d.leave(ctx, c)
	_ = d.reopen(ctx) // connected says why not
	return d.connected()
}

var errMoved = errors.New("the file of the store was removed or replaced")

// connect opens the database unless it is open, at most once each [retryEvery], until it
// succeeds. Writes fail meanwhile. It reports false if the store was closed before.
func (d *database) connect() bool {
	for d.conn.Load() == nil {
		again := time.After(time.Until(d.tried.Add(retryEvery)))
		for waiting := true; waiting; {
			select {
			case w := <-d.writes:
				_, err := d.connected()
				w.done <- result{err: err}
			case <-again:
				waiting = false
			case <-d.closing:
				return false
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), setUpWithin)
		ended := make(chan struct{})
		go func() {
			select {
			case <-d.closing:
				cancel()
			case <-ended:
			}
		}()
		_ = d.reopen(ctx) // connected says why not
		close(ended)
		cancel()
	}
	return true
}

// setUp migrates a database and prepares the statements.
func setUp(ctx context.Context, c *connection, dialect goose.Dialect) error {
	if err := migrate(ctx, c.db, dialect); err != nil {
		return err
	}
	c.prepared = map[string]*sql.Stmt{}
	for name, text := range c.texts {
		stmt, err := c.db.PrepareContext(ctx, text)
		if err != nil {
			return fmt.Errorf("prepare the statement %s: %w", name, err)
		}
		c.prepared[name] = stmt
	}
	return nil
}

// migrationTries is how often a migration is tried in SQLite.
const migrationTries = 5

// How often a process asks for the lock of the migrations, in seconds, and how many times. The context
// ends the wait before that.
const (
	lockEvery = 1
	lockTries = 300
)

// migrate brings the schema up to date. With PostgreSQL a lock keeps two processes apart
// that start at the same time. With SQLite, of which goose has no lock, each migration is a
// transaction, so whoever comes second fails, and finds the work done when it tries again.
func migrate(ctx context.Context, db *sql.DB, dialect goose.Dialect) error {
	folder, err := fs.Sub(files, "migrations/"+map[goose.Dialect]string{
		goose.DialectSQLite3: "sqlite", goose.DialectPostgres: "postgres",
	}[dialect])
	if err != nil {
		return err
	}
	options := []goose.ProviderOption{goose.WithVerbose(false)}
	if dialect == goose.DialectPostgres {
		locker, err := lock.NewPostgresSessionLocker(lock.WithLockTimeout(lockEvery, lockTries))
		if err != nil {
			return err
		}
		options = append(options, goose.WithSessionLocker(locker))
	}
	p, err := goose.NewProvider(dialect, db, folder, options...)
	if err != nil {
		return fmt.Errorf("read the migrations: %w", err)
	}
	if pending, err := p.HasPending(ctx); err == nil && !pending { // replicas that start together need not wait
		return nil
	}
	tries := 1
	if dialect == goose.DialectSQLite3 {
		tries = migrationTries
	}
	for range tries {
		if _, err = p.Up(ctx); err == nil {
			return nil
		}
	}
	return fmt.Errorf("migrate the schema: %w", err)
}
