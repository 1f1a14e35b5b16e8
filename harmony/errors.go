package harmony

import (
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// JSONError says where a document is not a conversation, or where a conversation cannot be written.
type JSONError struct {
	Path   string // JSON pointer (RFC 6901) to the value, "" for the whole document
	Offset int    // byte offset in the document; -1 when writing
	Msg    string // "expected …, found …"
}

// Error says where the fault is, what was expected and what was found.
func (e *JSONError) Error() string {
	var where string
	if e.Path != "" {
		where = " in " + e.Path
	}
	if e.Offset >= 0 {
		where += fmt.Sprintf(" at byte %d", e.Offset)
	}
	return "harmony: " + e.Msg + where
}

// pointerEscape escapes a key for a JSON pointer.
var pointerEscape = strings.NewReplacer("~", "~0", "/", "~1")

// under says that err happened inside the member or item called segment. It turns the reader's errors
// into ours. Paths are put together here, when something has gone wrong, and cost nothing before.
func under(err error, segment string) error {
	e := jsonError(err)
	e.Path = "/" + pointerEscape.Replace(segment) + e.Path
	return e
}

func underItem(err error, i int) error { return under(err, strconv.Itoa(i)) }

// jsonError returns err as a *JSONError.
func jsonError(err error) *JSONError {
	if e := (*JSONError)(nil); errors.As(err, &e) {
		return e
	}
	if e := (*ojson.SyntaxError)(nil); errors.As(err, &e) {
		return &JSONError{Offset: e.Offset, Msg: e.Msg}
	}
	return &JSONError{Offset: -1, Msg: err.Error()}
}

// mismatch is an error at an offset whose place nobody has named yet.
func mismatch(offset int, expected, found string) *JSONError {
	return &JSONError{Offset: offset, Msg: "expected " + expected + ", found " + found}
}

// quote returns s as an error shows it: quoted, and not longer than a line.
func quote(s string) string {
	const most = 60
	if len(s) > most {
		return strconv.Quote(s[:most]) + "..."
	}
	return strconv.Quote(s)
}
