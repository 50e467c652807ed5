//go:build unix

package main

import "syscall"

// openFiles is how many descriptors the process may have. The Go runtime has
// raised that to the hard limit.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fewestFiles // the least that is of use
	}
	return uint64(limit.Cur) // #nosec G115 -- signed on some systems, and never negative
}

// pending reports whether a socket has something that has not been read, if
// only its end.
func pending(fd uintptr) bool {
	var b [1]byte
	_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return err == nil
}
