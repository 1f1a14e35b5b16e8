//go:build linux || darwin || freebsd

package disk

import (
	"math"

	"golang.org/x/sys/unix"
)

// free asks the file system for the blocks that a user without privileges may use.
func free(path string) (int64, bool) {
	var s unix.Statfs_t
	if err := unix.Statfs(path, &s); err != nil || s.Bsize <= 0 {
		return 0, false
	}
	blocks, size := int64(s.Bavail), int64(s.Bsize) // both are other types on other systems; FreeBSD's may be negative
	if blocks > math.MaxInt64/size {
		return math.MaxInt64, true
	}
	return max(blocks, 0) * size, true
}
