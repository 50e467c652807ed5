package journal

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"os"
	"path/filepath"
	"time"

	"github.com/pressly/goose/v3"
	_ "modernc.org/sqlite" // the driver
)

// OpenSQLite opens the store in a file, which it makes if it is not there, readable for its
// owner only. A file that is damaged is moved aside, and moved is its new name.
func OpenSQLite(ctx context.Context, file string) (s Store, moved string, err error) {
	if err := os.MkdirAll(filepath.Dir(file), 0o700); err != nil {
		return nil, "", fmt.Errorf("make the folder of the store: %w", err)
	}
	d, err := openSQLite(ctx, file)
	for try := 0; locked(err) && try < openTries; try++ { // another process is making the file
		select {
		case <-time.After(openPause):
		case <-ctx.Done():
		}
		d, err = openSQLite(ctx, file)
	}
	if damaged(err) {
		if moved, err = moveAside(file); err != nil {
			return nil, "", err
		}
		d, err = openSQLite(ctx, file)
	}
	if err != nil {
		return nil, moved, fmt.Errorf("open the store %s: %w", file, err)
	}
	return d, moved, nil
}

// SQLite does not wait for a lock while it changes the kind of a new file's journal.
const (
	openTries = 50
	openPause = 20 * time.Millisecond
)

// busy is how long SQLite waits for another process's lock, in milliseconds.
const busy = "busy_timeout(1000)"

func openSQLite(ctx context.Context, file string) (*database, error) {
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
	fail := func(err error) (*database, error) { return nil, errors.Join(err, read.Close(), db.Close()) }
	if err := check(ctx, db, file); err != nil {
		return fail(err)
	}
	d := newDatabase(db, read, goose.DialectSQLite3)
	if err := d.setUp(ctx); err != nil {
		return fail(err)
	}
	d.size = func(ctx context.Context) (n int64, err error) {
		err = read.QueryRowContext(ctx,
			"SELECT page_count * page_size FROM pragma_page_count(), pragma_page_size()").Scan(&n)
		return n, err
	}
	d.backup = func(ctx context.Context, to string) error {
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
			_, err = read.ExecContext(ctx, "VACUUM INTO $1", to)
		}
		if err != nil {
			return errors.Join(fmt.Errorf("write the backup: %w", err), os.Remove(to))
		}
		return nil
	}
	go d.commit()
	return d, nil
}

// checkedWhole is the size of a file up to which it is checked as a whole before it is used,
// in bytes: that takes 5 ms for a megabyte. Of a larger file, the events are.
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
		look = "PRAGMA quick_check(events)" // fails if there is no such table, which is damage in a file of this size
	}
	if err := db.QueryRowContext(ctx, look).Scan(&result); err != nil {
		return err
	}
	if result != "ok" {
		return fmt.Errorf("%w: %s", errDamaged, result)
	}
	return nil
}
