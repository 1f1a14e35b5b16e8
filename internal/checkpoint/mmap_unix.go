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

// sizeNow returns the size that the file has now.
func (f *file) sizeNow() (int64, error) {
	var stat unix.Stat_t
	err := unix.Fstat(int(f.f.Fd()), &stat)
	return stat.Size, err
}
