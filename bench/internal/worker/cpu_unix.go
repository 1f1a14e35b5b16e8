//go:build unix

package worker

import "syscall"

// CPUTime returns the CPU time this process has used so far, all threads together (so a garbage
// collector's work counts), in nanoseconds.
func CPUTime() int64 {
	var u syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &u); err != nil {
		panic(err) // cannot happen: both arguments are valid
	}
	return u.Utime.Nano() + u.Stime.Nano()
}
