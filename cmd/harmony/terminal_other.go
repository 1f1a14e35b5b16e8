//go:build !unix && !windows

package main

import "os"

// isTerminal reports false: this platform has no terminals that Go can ask.
func isTerminal(*os.File) bool { return false }

// columns returns 0: the width is not known.
func columns(*os.File) int { return 0 }

// enableColor reports false.
func enableColor(*os.File) bool { return false }
