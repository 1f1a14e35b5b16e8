//go:build darwin || dragonfly || freebsd || linux || netbsd || openbsd

package memory

import (
	"fmt"

	"golang.org/x/sys/unix"
)

// hugePage is the size of a huge page on amd64 and of most on arm64. A region that begins at a multiple of it has no small
// pages at its ends.
const hugePage = 2 << 20

func alloc(n int) (*Region, error) {
	whole, err := unix.Mmap(-1, 0, n+hugePage, unix.PROT_READ|unix.PROT_WRITE, unix.MAP_ANON|unix.MAP_PRIVATE)
	if err != nil {
		return nil, fmt.Errorf("memory: %d bytes: %w", n, err)
	}
	start := int(-address(whole) & (hugePage - 1))
	adviseHuge(whole)
	return &Region{Data: whole[start : start+n : start+n], free: func([]byte) error { return unix.Munmap(whole) }}, nil
}
