package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
)

// OpenSQLite opens the store in a file, which it makes if it is not there, readable for its
// owner only. If it cannot be opened, it returns the store with the error, as [OpenPostgres]
// does. A file that is damaged is moved aside, now or when the damage is found, and moved is
// its new name if that is now.
func OpenSQLite(ctx context.Context, file string) (s Store, moved string, err error) {
	var opened atomic.Bool
	s, err = openAt(ctx, file, func(to string) {
		if !opened.Load() {
			moved = to
		}
	})
	opened.Store(true)
	return s, moved, err
}

// openAt is OpenSQLite, and calls aside with the new name of a damaged file.
func openAt(ctx context.Context, file string, aside func(to string)) (Store, error) {
	e := engineOf(file)
	e.open = func(ctx context.Context, why error) (*connection, error) {
		return connectFile(ctx, file, why, aside)
	}
	return newDatabase(ctx, e)
}

// SQLite does not wait for a lock while it changes the kind of a new file's journal.
const (
	openTries = 50
	openPause = 20 * time.Millisecond
)

// connectFile opens a file, which it makes if it is not there, or moves aside if it is damaged,
// which may be why it was closed.
func connectFile(ctx context.Context, file string, why error, aside func(to string)) (*connection, error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, fmt.Errorf("make the folder of the store: %w", err)
	}
	var c *connection
	err := why
	if !damaged(why) {
		c, err = connectSQLite(ctx, file)
	}
	for try := 0; locked(err) && try < openTries; try++ { // another process is making the file
		select {
		case <-time.After(openPause):
		case <-ctx.Done():
		}
		c, err = connectSQLite(ctx, file)
	}
	if damaged(err) {
		to, err := moveAside(file)
		if err != nil {
			return nil, err
		}
		aside(to)
		if c, err = connectSQLite(ctx, file); err != nil {
			return nil, fmt.Errorf("open the store %s: %w", file, err)
		}
		return c, nil
	}
	if err != nil {
		return nil, fmt.Errorf("open the store %s: %w", file, err)
	}
	return c, nil
}

// busy is how long SQLite waits for another process's lock, in milliseconds.
const busy = "busy_timeout(1000)"

// textsSQLite has nothing in place of a lock: SQLite lets one process write at a time.
var textsSQLite = sync.OnceValue(func() map[string]string {
	return texts(strings.NewReplacer(
		"{{now}}", "CAST(unixepoch('subsec') * 1000 AS INTEGER)", "{{skip locked}}", ""))
})

// dialSQLite opens a file, which it makes if it is not there.
func dialSQLite(ctx context.Context, file string) (*connection, error) {
	// SQLite would make a file that others may read, and take one that cannot be written.
	f, err := os.OpenFile(file, os.O_RDWR|os.O_CREATE, 0o600) // #nosec G304 -- the operator names it
	if err != nil {
		return nil, err
	}
	if err := f.Close(); err != nil {
		return nil, err
	}
	// With synchronous NORMAL a commit survives the end of the process; the last ones may be
	// lost with the power (sqlite.org/pragma.html#pragma_synchronous).
	address := "file:" + (&url.URL{Path: file}).EscapedPath() + "?" + url.Values{"_pragma": {
		busy, "journal_mode(WAL)", "synchronous(NORMAL)", "temp_store(MEMORY)", "cache_size(-2000)",
	}}.Encode()
	db, err := sql.Open("sqlite", address+"&_txlock=immediate")
	if err != nil {
		return nil, err
	}
	db.SetMaxOpenConns(1)
	read, err := sql.Open("sqlite", address)
	if err != nil {
		return nil, errors.Join(err, db.Close())
	}
	read.SetMaxOpenConns(2)
	c := &connection{db: db, read: read, texts: textsSQLite()}
	if err = check(ctx, db, file); err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// connectSQLite opens a file, which it makes if it is not there, and migrates it.
func connectSQLite(ctx context.Context, file string) (*connection, error) {
	c, err := dialSQLite(ctx, file)
	if err != nil {
		return nil, err
	}
	if err = setUp(ctx, c, goose.DialectSQLite3); err == nil {
		c.files, err = openFiles(file)
	}
	if err != nil {
		return nil, errors.Join(err, c.close())
	}
	return c, nil
}

// engineOf is SQLite with a file.
func engineOf(file string) engine {
	return engine{
		open:   func(ctx context.Context, _ error) (*connection, error) { return connectSQLite(ctx, file) },
		moved:  movedSQLite,
		leave:  leave,
		broken: brokenSQLite,
		run:    transact,
		size: func(ctx context.Context, c *connection) (n int64, err error) {
			err = c.read.QueryRowContext(ctx,
				"SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Scan(&n)
			return n, err
		},
		backup: func(ctx context.Context, c *connection, to string) error {
			// VACUUM INTO takes an empty file (sqlite.org/lang_vacuum.html#vacuuminto), which only
			// its owner may read.
			f, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600) // #nosec G304 -- the operator names it
			if errors.Is(err, os.ErrExist) {
				return fmt.Errorf("%s exists already; name a new file", to)
			}
			if err != nil {
				return fmt.Errorf("write the backup: %w", err)
			}
			if err = f.Close(); err == nil {
				_, err = c.read.ExecContext(ctx, "VACUUM INTO $1", to)
			}
			if err != nil {
				return errors.Join(fmt.Errorf("write the backup: %w", err), os.Remove(to))
			}
			return nil
		},
	}
}

// checkedWhole is the size of a file up to which it is checked as a whole before it is used,
// in bytes: that takes 5 ms for a megabyte. Of a larger file, the unfinished events are read;
// other damage is found when it is met.
const checkedWhole = 8 << 20

// check looks for damage in a database.
func check(ctx context.Context, db *sql.DB, file string) error {
	info, err := os.Stat(file)
	if err != nil {
		return err
	}
	var result string
	look := "PRAGMA quick_check(1)"
	if info.Size() > checkedWhole {
		look = "SELECT 'ok' FROM (SELECT max(length(body)) FROM events WHERE state < 2)"
	}
	if err := db.QueryRowContext(ctx, look).Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, result)
	}
	return nil
}
