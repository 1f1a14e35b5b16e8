package checkpoint

import (
	"fmt"
	"strings"
)

// An Error says what is wrong with a file.
type Error struct {
	File   string // path
	Tensor string // name, or ""
	Key    string // key of the configuration or metadata, or ""
	What   string // what is wrong: expected and found
	Err    error  // what the system said, or nil
}

// Error says where the fault is, what was expected and what was found.
func (e *Error) Error() string { return "checkpoint: " + e.Detail() }

// Detail returns the text without the package's name.
func (e *Error) Detail() string {
	var b strings.Builder
	b.WriteString(e.File)
	if e.Tensor != "" {
		fmt.Fprintf(&b, ": tensor %s", Quote(e.Tensor))
	}
	if e.Key != "" {
		fmt.Fprintf(&b, ": key %s", Quote(e.Key))
	}
	if e.What != "" {
		b.WriteString(": " + e.What)
	}
	if e.Err != nil {
		b.WriteString(": " + e.Err.Error())
	}
	return b.String()
}

// Unwrap returns the cause, if there is one.
func (e *Error) Unwrap() error { return e.Err }

// Quote quotes data for a message and cuts it to a length that can be read.
func Quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q and %d bytes more", s[:most], len(s)-most)
	}
	return fmt.Sprintf("%q", s)
}
