//go:build linux || darwin || freebsd || netbsd || openbsd

package knowledge

import (
	"io/fs"
	"os"
	"syscall"
)

// lock waits until no other program has locked a folder, and locks it until it is closed.
// Without locks, as on some network file systems, it does nothing.
func lock(dir *os.File) {
	for syscall.Flock(int(dir.Fd()), syscall.LOCK_EX) == syscall.EINTR {
		continue
	}
}

// giveTo gives a new file to the owner of another one, if the system allows it: only the
// administrator may give files away.
func giveTo(f *os.File, like fs.FileInfo) {
	if owner, ok := like.Sys().(*syscall.Stat_t); ok {
		_ = f.Chown(int(owner.Uid), int(owner.Gid))
	}
}

// mayWrite says why the program's user may not write a file, or files in a folder.
func mayWrite(path string, folder bool) error {
	const execute, write = 1, 2 // modes of access(2), which package syscall does not name
	if folder {
		return syscall.Access(path, write|execute)
	}
	return syscall.Access(path, write)
}
