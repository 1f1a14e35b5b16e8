package main

import (
	"syscall"
	"unsafe"
)

// Clocks of Linux, include/uapi/linux/time.h.
const (
	clockProcessCPU = 2
	clockThreadCPU  = 3
)

// threadTime returns the CPU time of the calling thread in nanoseconds.
func threadTime() int64 { return clock(clockThreadCPU) }

// processTime returns the CPU time of all threads in nanoseconds.
func processTime() int64 { return clock(clockProcessCPU) }

func clock(id uintptr) int64 {
	var t syscall.Timespec
	syscall.RawSyscall(syscall.SYS_CLOCK_GETTIME, id, uintptr(unsafe.Pointer(&t)), 0)
	return t.Nano()
}
