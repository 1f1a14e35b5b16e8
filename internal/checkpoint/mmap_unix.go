//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd || solaris

package checkpoint

import (
	"os"

	"golang.org/x/sys/unix"
)

func mapFile(f *os.File, n int) ([]byte, error) {
	return unix.Mmap(int(f.Fd()), 0, n, unix.PROT_READ, unix.MAP_SHARED)
}

func unmapFile(data []byte) error { return unix.Munmap(data) }

// adviseSoon and adviseDone are hints: what the system answers does not matter.
func adviseSoon(pages []byte) { _ = unix.Madvise(pages, unix.MADV_WILLNEED) }
func adviseDone(pages []byte) { _ = unix.Madvise(pages, unix.MADV_DONTNEED) }

// sizeNow returns the size that the file has now.
func (f *file) sizeNow() (int64, error) {
	var stat unix.Stat_t
	err := unix.Fstat(int(f.f.Fd()), &stat)
	return stat.Size, err
}
