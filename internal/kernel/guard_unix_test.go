//go:build unix

package kernel

import (
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
	"golang.org/x/sys/unix"
)

// guarded returns n elements that end right before memory that cannot be touched, or, with front, begin right behind it.
func guarded[T any](t testing.TB, n int, front bool) []T {
	var zero T
	page, bytes := unix.Getpagesize(), n*int(unsafe.Sizeof(zero))
	whole := (bytes + page - 1) / page * page
	b, err := unix.Mmap(-1, 0, whole+2*page, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	require.NoError(t, err)
	require.NoError(t, unix.Mprotect(b[:page], unix.PROT_NONE))
	require.NoError(t, unix.Mprotect(b[page+whole:], unix.PROT_NONE))
	t.Cleanup(func() { _ = unix.Munmap(b) })
	start := page + whole - bytes
	if front {
		start = page
	}
	return unsafe.Slice((*T)(unsafe.Pointer(&b[start:][:1][0])), n)
}
