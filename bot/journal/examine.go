package journal

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"
)

// Condition is what is found out about a store that works, or would.
type Condition struct {
	New     bool          // there is nothing yet: the file or the tables are made on start
	Version string        // of PostgreSQL
	Ahead   time.Duration // how far its clock is ahead of this machine's
}

// Examine looks whether a store can be opened and written, without changing it. Another process
// may be using it. The error wraps no address, which may hold a password.
func Examine(ctx context.Context, address string) (Condition, error) {
	if InPostgres(address) {
		return examinePostgres(ctx, address)
	}
	_, err := os.Stat(address)
	if errors.Is(err, fs.ErrNotExist) {
		return Condition{New: true}, examineFolder(filepath.Dir(address))
	}
	if err != nil {
		return Condition{}, err
	}
	c, err := dialSQLite(ctx, address)
	if damaged(err) {
		return Condition{}, fmt.Errorf("it is damaged, and frontdesk run would move it aside (%w)", err)
	}
	if err != nil {
		return Condition{}, err
	}
	made, err := c.tryWrite(ctx)
	return Condition{New: !made}, errors.Join(err, c.close())
}

// examineFolder looks whether files and folders can be made in the next folder above that there is.
func examineFolder(folder string) error {
	for {
		f, err := os.CreateTemp(folder, ".frontdesk-*")
		if errors.Is(err, fs.ErrNotExist) && filepath.Dir(folder) != folder {
			folder = filepath.Dir(folder)
			continue
		}
		if err != nil {
			return err
		}
		return errors.Join(f.Close(), os.Remove(f.Name()))
	}
}

func examinePostgres(ctx context.Context, address string) (now Condition, err error) {
	c, err := dialPostgres(address)
	if err != nil {
		return now, err
	}
	defer func() { err = errors.Join(err, c.close()) }()
	var micros int64
	before := time.Now()
	err = c.db.QueryRowContext(ctx, "SELECT current_setting('server_version'), "+
		"CAST(EXTRACT(EPOCH FROM clock_timestamp()) * 1000000 AS BIGINT)").Scan(&now.Version, &micros)
	if err != nil {
		return now, err
	}
	// The server looked at its clock at some time between.
	now.Ahead = time.UnixMicro(micros).Sub(before.Add(time.Since(before) / 2))
	made, err := c.tryWrite(ctx)
	now.New = !made
	return now, err
}

// tryWrite writes an event, or a table if there are none yet, and takes it back. It reports
// whether there are tables.
func (c *connection) tryWrite(ctx context.Context) (made bool, err error) {
	statement, args := "CREATE TABLE frontdesk_try (n INTEGER)", []any(nil)
	if _, err := c.db.ExecContext(ctx, "SELECT 1 FROM events LIMIT 1"); err == nil {
		made = true
		statement, args = c.texts["take"], []any{"try", "", 0, GivenUp, "", "", "", "", nil, "", 0}
	}
	tx, err := c.db.BeginTx(ctx, nil)
	if err != nil {
		return made, err
	}
	_, err = tx.ExecContext(ctx, statement, args...)
	return made, errors.Join(err, tx.Rollback())
}
