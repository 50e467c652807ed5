package journal

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"syscall"
	"testing"
)

// smallDisk mounts a file system of a megabyte, which only root may.
func smallDisk(t *testing.T) (folder string) {
	t.Helper()
	folder = t.TempDir()
	if os.Getuid() != 0 {
		t.Skip("only root may mount a file system")
	}
	if err := syscall.Mount("tmpfs", folder, "tmpfs", 0, "size=1m"); err != nil {
		t.Skip("a file system cannot be mounted here: ", err)
	}
	t.Cleanup(func() {
		if err := syscall.Unmount(folder, syscall.MNT_DETACH); err != nil {
			t.Error(err)
		}
	})
	return folder
}

func remount(t *testing.T, folder string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_REMOUNT|flags, "size=1m"); err != nil {
		t.Fatal(err)
	}
}

// TestDiskFull checks that a store is used again when there is space again, whether the disk
// was full at the start or later.
func TestDiskFull(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t)
	fill := func() {
		t.Helper()
		f, err := os.Create(filepath.Join(folder, "other"))
		if err != nil {
			t.Fatal(err)
		}
		defer f.Close()
		for err == nil {
			_, err = f.Write(make([]byte, 4096))
		}
		if !errors.Is(err, syscall.ENOSPC) {
			t.Fatal(err)
		}
	}
	free := func() {
		t.Helper()
		if err := os.Remove(filepath.Join(folder, "other")); err != nil {
			t.Fatal(err)
		}
	}
	fill()
	file := filepath.Join(folder, "store.db")
	s, _, err := OpenSQLite(t.Context(), file)
	if err == nil {
		t.Error("a store is opened on a full disk")
	}
	free()
	awaitTake(t, s, "a")
	fill()
	failed := false
	for i := 0; i < 1000 && !failed; i++ { // there is room in the log that was written before
		_, err := s.Take(t.Context(), event(fmt.Sprint(i)))
		failed = err != nil
	}
	if !failed {
		t.Error("a full disk takes a thousand events")
	}
	free()
	awaitTake(t, s, "b")
	closed(t, s)
	s, _, err = OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	defer closed(t, s)
	for _, key := range []string{"a", "b"} {
		if fresh, err := s.Take(t.Context(), event(key)); fresh || err != nil {
			t.Errorf("%s: %v, %v", key, fresh, err)
		}
	}
}

// TestReadOnly checks that a store is used again when its file system can be written again,
// whether it could not at the start or later.
func TestReadOnly(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t)
	file := filepath.Join(folder, "store.db")
	s, _, err := OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	awaitTake(t, s, "a")
	closed(t, s)
	remount(t, folder, syscall.MS_RDONLY)
	s, _, err = OpenSQLite(t.Context(), file)
	if !errors.Is(err, syscall.EROFS) {
		t.Error(err)
	}
	remount(t, folder, 0)
	awaitTake(t, s, "b")
	closed(t, s)
	if got := keysIn(t, file); got != "a b" {
		t.Errorf("the file has %q", got)
	}
}

// TestCovered checks that a store is not written to where nobody finds it when another file
// system is mounted over it, and that it is used again afterwards.
func TestCovered(t *testing.T) {
	t.Parallel()
	folder := smallDisk(t)
	file := filepath.Join(folder, "store.db")
	s, _, err := OpenSQLite(t.Context(), file)
	if err != nil {
		t.Fatal(err)
	}
	awaitTake(t, s, "a")
	if err := syscall.Mount("tmpfs", folder, "tmpfs", syscall.MS_RDONLY, "size=1m"); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Take(t.Context(), event("lost")); !errors.Is(err, ErrAway) || !errors.Is(err, syscall.EROFS) {
		t.Error(err)
	}
	if err := syscall.Unmount(folder, 0); err != nil {
		t.Fatal(err)
	}
	awaitTake(t, s, "b")
	closed(t, s)
	if got := keysIn(t, file); got != "a b" {
		t.Errorf("the file has %q", got)
	}
}
