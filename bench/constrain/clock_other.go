//go:build !linux

package main

import "time"

var began = time.Now()

// threadTime returns the time that has passed: this system has no clock of a thread that package syscall reaches.
func threadTime() int64 { return int64(time.Since(began)) }

func processTime() int64 { return threadTime() }
