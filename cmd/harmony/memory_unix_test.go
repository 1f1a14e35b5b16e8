//go:build linux || darwin

package main

import (
	"os"
	"runtime"
	"syscall"
)

// memory returns the most memory that a process had resident, in bytes.
func memory(s *os.ProcessState) int64 {
	u, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return 0
	}
	if runtime.GOOS == "darwin" {
		return int64(u.Maxrss) // bytes there, kilobytes on Linux
	}
	return int64(u.Maxrss) << 10
}
