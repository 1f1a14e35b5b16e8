//go:build unix

package main

import (
	"os"
	"os/signal"
	"syscall"
)

// watchSize calls resized whenever the terminal has another size, until the function it returns is called.
func watchSize(resized func()) (stop func()) {
	changes := make(chan os.Signal, 1)
	signal.Notify(changes, syscall.SIGWINCH)
	go func() {
		for range changes {
			resized()
		}
	}()
	return func() {
		signal.Stop(changes)
		close(changes)
	}
}

// onTermination calls restore, and ends the program, if it is asked to end while a prompt is read. The function it returns ends that.
func onTermination(restore func()) (stop func()) {
	signals := make(chan os.Signal, 1)
	signal.Notify(signals, syscall.SIGTERM, syscall.SIGHUP)
	go func() {
		if s, ok := <-signals; ok {
			restore()
			os.Exit(128 + int(s.(syscall.Signal)))
		}
	}()
	return func() {
		signal.Stop(signals)
		close(signals)
	}
}
