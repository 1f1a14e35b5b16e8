package memory

import "golang.org/x/sys/unix"

// available returns three quarters of the memory of the machine: what is free now says little there, as most of the rest can
// be given back.
func available() (int64, bool) {
	n, err := unix.SysctlUint64("hw.memsize")
	return int64(n / 4 * 3), err == nil
}
