package journal

import (
	"errors"
	"fmt"
	"os"
	"time"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"
)

var errDamaged = errors.New("the file is damaged")

// damaged reports whether an error says that a file is no database, or a damaged one.
func damaged(err error) bool {
	var e *sqlite.Error
	if errors.As(err, &e) {
		code := e.Code() & 0xff // the primary code (sqlite.org/rescode.html)
		return code == sqlite3.SQLITE_CORRUPT || code == sqlite3.SQLITE_NOTADB
	}
	return errors.Is(err, errDamaged)
}

// locked reports whether an error says that another process has locked a file.
func locked(err error) bool {
	var e *sqlite.Error
	return errors.As(err, &e) && e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// brokenSQLite reports whether an error is not one of the values or of the moment.
func brokenSQLite(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_CONSTRAINT, sqlite3.SQLITE_TOOBIG, sqlite3.SQLITE_MISMATCH, sqlite3.SQLITE_RANGE,
		sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_INTERRUPT:
		return false
	}
	return true
}

// moveAside gives a damaged file and what belongs to it another name, and returns that of
// the file.
func moveAside(file string) (moved string, err error) {
	moved = fmt.Sprintf("%s.damaged-%s", file, time.Now().UTC().Format("20060102T150405.000"))
	if err := os.Rename(file, moved); err != nil {
		return "", fmt.Errorf("move the damaged store aside: %w", err)
	}
	for _, suffix := range []string{"-wal", "-shm"} {
		if err := os.Rename(file+suffix, moved+suffix); err != nil && !errors.Is(err, os.ErrNotExist) {
			return "", fmt.Errorf("move the damaged store aside: %w", err)
		}
	}
	return moved, nil
}
