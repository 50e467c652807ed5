package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"syscall"

	"frontdesk/knowledge/text"
)

// written is one file that Write changes. A file is replaced by a new one with its mode and
// owner, so a reader sees all of the change or nothing.
type written struct {
	patch  *FilePatch
	path   string      // without symbolic links
	info   fs.FileInfo // of the file before; nil if there was none
	before []byte
	after  []byte
	temp   string // holds after; "" if the file is deleted
	backup string // holds before; "" if there was no file
	done   bool
}

// Write makes the changes in the files that the patch names: all or none. The file that a
// symbolic link leads to is changed. A file keeps its mode and, where the system allows
// it, its owner.
//
// The error wraps [ErrFileChanged] if a file has changed since the patch was made. Writers of
// the same folder wait for each other, so that of two patches for the same version of a
// file one is refused. If a file cannot be written, those written before are restored.
func (p Patch) Write() error {
	files := make([]*written, len(p))
	for i := range p {
		files[i] = &written{patch: &p[i]}
		if err := files[i].resolve(); err != nil {
			return err
		}
	}
	unlock := lockFolders(files)
	defer unlock()
	defer func() {
		for _, w := range files {
			for _, name := range []string{w.temp, w.backup} {
				if name != "" {
					_ = os.Remove(name) // it is gone if it was renamed
				}
			}
		}
	}()
	for _, w := range files {
		if err := w.prepare(len(files) > 1); err != nil {
			return err
		}
	}
	for _, w := range files { // as late as possible, because other programs do not lock the folder
		if err := w.check(); err != nil {
			return err
		}
	}
	for _, w := range files {
		if err := w.commit(); err != nil {
			return errors.Join(writeError(w.patch.Name, err), restore(files))
		}
	}
	for _, w := range files {
		syncFolder(filepath.Dir(w.path))
	}
	return nil
}

// resolve finds the file to write.
func (w *written) resolve() error {
	path, err := filepath.EvalSymlinks(w.patch.Name)
	if errors.Is(err, fs.ErrNotExist) && w.patch.Before == "" {
		if path, err = filepath.EvalSymlinks(filepath.Dir(w.patch.Name)); err == nil {
			path = filepath.Join(path, filepath.Base(w.patch.Name))
		}
	}
	if err != nil {
		return w.gone(err)
	}
	w.path = path
	return writable(w.patch.Name, path)
}

// gone explains an error of a file that was there when the patch was made.
func (w *written) gone(err error) error {
	if errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("%s: %w", text.PrintableLine(w.patch.Name), ErrFileChanged)
	}
	return writeError(w.patch.Name, err)
}

// read reads the file. It does not exist if data and info are nil.
func (w *written) read() (data []byte, info fs.FileInfo, err error) {
	info, err = os.Stat(w.path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil, nil
	}
	if err == nil {
		data, err = readFile(w.path, maxFileSize)
	}
	if err != nil {
		return nil, nil, writeError(w.patch.Name, err)
	}
	return data, info, nil
}

// prepare writes the new file beside the old one, and, with backup, a copy of the old one.
func (w *written) prepare(backup bool) (err error) {
	if w.before, w.info, err = w.read(); err != nil {
		return err
	}
	if w.after, err = w.patch.apply(w.before, w.info != nil); err != nil {
		return err
	}
	if w.patch.After != "" {
		if w.temp, err = w.beside(w.after); err != nil {
			return writeError(w.patch.Name, err)
		}
	}
	if backup && w.info != nil {
		if w.backup, err = w.beside(w.before); err != nil {
			return writeError(w.patch.Name, err)
		}
	}
	return nil
}

// newFileMode is the mode of a file that a patch creates.
const newFileMode = 0o644

// beside writes a file in the same folder, whose name begins with a dot so that it is not read
// as knowledge. It is on the disk when beside returns.
func (w *written) beside(data []byte) (name string, err error) {
	f, err := os.CreateTemp(filepath.Dir(w.path), "."+filepath.Base(w.path)+".*.tmp")
	if err != nil {
		return "", err
	}
	defer func() {
		if closing := f.Close(); err == nil {
			err = closing
		}
		if err != nil {
			_ = os.Remove(f.Name())
			name = ""
		}
	}()
	mode := fs.FileMode(newFileMode)
	if w.info != nil {
		mode = w.info.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky)
		giveTo(f, w.info)
	}
	if err := f.Chmod(mode); err != nil {
		return "", err
	}
	if _, err := f.Write(data); err != nil {
		return "", err
	}
	return f.Name(), f.Sync()
}

// check makes sure that the file is still the one that the patch was applied to.
func (w *written) check() error {
	data, info, err := w.read()
	if err != nil {
		return err
	}
	if (info != nil) != (w.info != nil) || !slices.Equal(data, w.before) {
		return fmt.Errorf("%s: %w", text.PrintableLine(w.patch.Name), ErrFileChanged)
	}
	return nil
}

// commit puts the new file in the place of the old one.
func (w *written) commit() (err error) {
	switch {
	case w.temp == "":
		err = os.Remove(w.path)
	case w.info == nil: // unlike a rename, a link replaces no file that somebody else has made meanwhile
		err = os.Link(w.temp, w.path)
	default:
		err = os.Rename(w.temp, w.path)
	}
	w.done = err == nil
	return err
}

// restore undoes what was committed.
func restore(files []*written) (err error) {
	for _, w := range files {
		if !w.done {
			continue
		}
		var failed error
		if w.backup == "" {
			failed = os.Remove(w.path)
		} else {
			failed = os.Rename(w.backup, w.path)
		}
		if failed != nil {
			err = errors.Join(err, fmt.Errorf("%s is changed and cannot be restored: %w",
				text.PrintableLine(w.patch.Name), systemError(failed)))
		}
	}
	return err
}

// lockFolders makes other calls of Write wait that change files of the same folders, until
// unlock is called. File systems that have no locks are used without.
func lockFolders(files []*written) (unlock func()) {
	var folders []string
	for _, w := range files {
		folders = append(folders, filepath.Dir(w.path))
	}
	slices.Sort(folders) // in the same order everywhere, so that no two wait for each other
	var locked []*os.File
	for _, name := range slices.Compact(folders) {
		dir, err := os.Open(name) // #nosec G304 -- the folder of a knowledge file
		if err != nil {
			continue
		}
		lock(dir)
		locked = append(locked, dir)
	}
	return func() {
		for _, dir := range locked {
			_ = dir.Close() // which unlocks it
		}
	}
}

// syncFolder makes renames in a folder outlast a power cut, where the file system can.
func syncFolder(name string) {
	if dir, err := os.Open(name); err == nil { // #nosec G304 -- the folder of a knowledge file
		_ = dir.Sync()
		_ = dir.Close()
	}
}

// systemError is an error of the system without the name of the file.
func systemError(err error) error {
	var path *fs.PathError
	var link *os.LinkError
	switch {
	case errors.As(err, &path):
		return path.Err
	case errors.As(err, &link):
		return link.Err
	}
	return err
}

// writeError explains why a file cannot be written.
func writeError(name string, err error) error {
	remedy := ""
	switch err = systemError(err); {
	case errors.Is(err, fs.ErrPermission):
		remedy = "; give the program's user the right to write the file and its folder, or apply the change by hand"
	case errors.Is(err, syscall.EROFS):
		remedy = "; the file system is read-only: apply the change where the file comes from"
	case errors.Is(err, syscall.EBUSY): // a file that a container has mounted alone cannot be replaced
		remedy = "; mount the folder of the file into the container, not the file alone"
	case errors.Is(err, syscall.ENOSPC), errors.Is(err, syscall.EDQUOT):
		remedy = "; make room on the disk"
	}
	return fmt.Errorf("write %s: %w%s", text.PrintableLine(name), err, remedy)
}
