package journal

import (
	"context"
	"os"
	"slices"
)

// openFile is a file of an open store in SQLite, which goes on with a file that was removed or
// replaced: what it writes there is lost.
type openFile struct {
	name string
	info os.FileInfo
}

// openFiles lists a store's file and its write-ahead log.
func openFiles(file string) (list []openFile, err error) {
	for _, name := range []string{file, file + "-wal"} {
		info, err := os.Stat(name)
		if err != nil {
			return nil, err
		}
		list = append(list, openFile{name, info})
	}
	return list, nil
}

// moved reports whether the name leads to another file, or to none.
func (f openFile) moved() bool {
	info, err := os.Stat(f.name)
	return err != nil || !os.SameFile(info, f.info)
}

// movedSQLite reports whether one of a store's files is not at its place any more.
func movedSQLite(c *connection) bool { return slices.ContainsFunc(c.files, openFile.moved) }

// leave closes a store of which a file is not at its place any more. SQLite then leaves the
// write-ahead log where it is, and would apply it to the file that is now in the place of the
// store's. So what is in the log is written to the store's own file, wherever that is, and the
// log is removed.
func leave(ctx context.Context, c *connection) {
	_, _ = c.db.ExecContext(ctx, "PRAGMA wal_checkpoint(TRUNCATE)") // there may be no space, or no file
	_ = c.close()
	if file, log := c.files[0], c.files[1]; file.moved() && !log.moved() {
		_ = os.Remove(log.name)
	}
}
