package knowledge

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"frontdesk/knowledge/text"
)

// writable says why a file, whose name may be a symbolic link to path, cannot be replaced. A
// file without any right to write counts as read-only for the administrator as well.
func writable(name, path string) error {
	const anyWrite = 0o222
	folder := filepath.Dir(path)
	shown := text.PrintableLine(name)
	for _, place := range []string{path, folder} {
		what := "the file"
		if place == folder {
			what = "its folder"
		}
		info, err := os.Stat(place)
		if errors.Is(err, fs.ErrNotExist) && place == path {
			continue
		}
		if err != nil {
			return writeError(name, err)
		}
		if place == path && !info.Mode().IsRegular() {
			return fmt.Errorf("%s: not a regular file", shown)
		}
		if info.Mode()&anyWrite == 0 {
			return fmt.Errorf("%s: %s is read-only; make it writable for the program's user (chmod u+w), "+
				"or apply the change by hand: %w", shown, what, fs.ErrPermission)
		}
		if err := mayWrite(place, place == folder); err != nil {
			return writeError(name, err)
		}
	}
	return nil
}

// Editable says in a sentence why the program should not edit the knowledge file or folder at
// path itself, but hand the change over, or returns nil. It does so for the shipped file
// (the empty path), and for files that are not writable, that come from a Kubernetes
// ConfigMap or Secret, or that are in a git work tree.
func Editable(path string) error {
	if path == "" {
		return errors.New("the knowledge file is the one that is part of the program; " +
			"copy it, name the copy in the settings, and change that")
	}
	names, err := files(path)
	if err != nil {
		return err
	}
	for _, name := range names {
		real, err := filepath.EvalSymlinks(name)
		if err != nil {
			return writeError(name, err)
		}
		if fromVolume(name) || fromVolume(real) {
			return fmt.Errorf("%s comes from a Kubernetes ConfigMap or Secret, which replaces what is written there; "+
				"change it where it is defined", text.PrintableLine(name))
		}
		for _, p := range []string{name, real} {
			if tree := workTree(p); tree != "" {
				return fmt.Errorf("%s is in the git work tree %s; commit the change there",
					text.PrintableLine(name), text.PrintableLine(tree))
			}
		}
		if err := writable(name, real); err != nil {
			return err
		}
	}
	return nil
}

// volumeLink is the link in a mounted ConfigMap or Secret that leads to its newest version.
const volumeLink = "..data"

// fromVolume reports whether a file is mounted from a ConfigMap or Secret: there each file
// leads through a link named ..data, or the file is in a folder with two leading dots.
func fromVolume(name string) bool {
	target, err := os.Readlink(name)
	if err == nil && slices.Contains(strings.Split(filepath.ToSlash(target), "/"), volumeLink) {
		return true
	}
	folder := filepath.Dir(name)
	for _, in := range []string{folder, filepath.Dir(folder)} {
		if info, err := os.Lstat(filepath.Join(in, volumeLink)); err == nil && info.Mode()&fs.ModeSymlink != 0 {
			return in == folder || strings.HasPrefix(filepath.Base(folder), "..")
		}
	}
	return false
}

// workTree is the folder with a .git above a file, or "".
func workTree(name string) string {
	folder, err := filepath.Abs(filepath.Dir(name))
	if err != nil {
		return ""
	}
	for {
		if _, err := os.Lstat(filepath.Join(folder, ".git")); err == nil {
			return folder
		}
		up := filepath.Dir(folder)
		if up == folder {
			return ""
		}
		folder = up
	}
}
