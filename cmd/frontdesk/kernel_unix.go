//go:build unix

package main

import "syscall"

// openFiles is the limit on the process's open file descriptors. The Go runtime has
// raised it to the hard limit.
func openFiles() uint64 {
	var limit syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit); err != nil {
		return fewestFiles // so that the listeners start
	}
	return uint64(limit.Cur) // #nosec G115 -- signed on some systems, and never negative
}

// hasUnread reports whether a socket has unread data, or its end.
func hasUnread(fd uintptr) bool {
	var b [1]byte
	_, _, err := syscall.Recvfrom(int(fd), b[:], syscall.MSG_PEEK|syscall.MSG_DONTWAIT)
	return err == nil
}
