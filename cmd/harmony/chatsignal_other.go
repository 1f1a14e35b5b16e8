//go:build !unix

package main

// watchSize does nothing: the size is asked for before every prompt.
func watchSize(func()) (stop func()) { return func() {} }

// onTermination does nothing: the console restores itself.
func onTermination(func()) (stop func()) { return func() {} }
