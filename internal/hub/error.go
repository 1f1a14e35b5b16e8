package hub

import (
	"errors"
	"fmt"
	"strings"
)

// Errors that a caller may want to tell apart; all are wrapped in others, which say more.
var (
	ErrOffline  = errors.New("offline mode")
	ErrNotFound = errors.New("not found")                   // no such repository, revision or file, or none that may be seen
	ErrDenied   = errors.New("access denied")               // a token is missing, wrong, or its owner has no access
	ErrSpace    = errors.New("no room on the disk")         // asked before fetching
	ErrChecksum = errors.New("wrong checksum")              // of what was fetched, twice
	ErrHostile  = errors.New("refused")                     // what the hub says could do harm
	ErrName     = errors.New("no name of a repository")     // of what was asked for
	ErrChoice   = errors.New("no choice of files possible") // of a listing
)

// An Error says what could not be done, and with what.
type Error struct {
	What string // repository, revision or file
	Text string
	Kind error // one of the errors above, or nil
	Err  error // what caused it, or nil
}

// Error says what happened.
func (e *Error) Error() string {
	text := "hub: " + e.What + ": " + e.Text
	if e.Err != nil {
		text += ": " + e.Err.Error()
	}
	return text
}

// Unwrap returns kind and cause.
func (e *Error) Unwrap() []error {
	var list []error
	for _, err := range []error{e.Kind, e.Err} {
		if err != nil {
			list = append(list, err)
		}
	}
	return list
}

// A MissingError says that the cache does not hold a checkpoint.
type MissingError struct {
	Repo  Repo
	Cache string // the directory that was looked in
	What  string // what is missing
}

// Error says what is missing, and where.
func (e *MissingError) Error() string {
	return fmt.Sprintf("hub: %s: %s, in %s", e.Repo, e.What, e.Cache)
}

// quote shortens data for a message.
func quote(s string) string {
	const most = 80
	if len(s) > most {
		return fmt.Sprintf("%q…", strings.ToValidUTF8(s[:most], ""))
	}
	return fmt.Sprintf("%q", s)
}
