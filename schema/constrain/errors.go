package constrain

import (
	"errors"
	"fmt"

	"github.com/harmony-go/sdk/tokenizer"
)

// ErrNoInstance is what an UnsupportedError wraps when a schema contradicts itself: no JSON text satisfies it.
var ErrNoInstance = errors.New("no value satisfies it")

// An UnsupportedError names what a grammar cannot enforce exactly.
type UnsupportedError struct {
	Pointer string // JSON pointer of the schema or subschema
	Keyword string // the keyword, or ""
	Reason  string
	cause   error
}

// Error says what cannot be enforced, where, and why.
func (e *UnsupportedError) Error() string {
	where := "#" + e.Pointer
	if e.Keyword != "" {
		return fmt.Sprintf("constrain: cannot enforce %q at %s: %s", e.Keyword, where, e.Reason)
	}
	return fmt.Sprintf("constrain: cannot enforce the schema at %s: %s", where, e.Reason)
}

// Unwrap returns ErrNoInstance for a schema that contradicts itself, otherwise nil.
func (e *UnsupportedError) Unwrap() error { return e.cause }

// A TokenError says which token or byte a matcher does not allow.
type TokenError struct {
	Offset int             // bytes that had been accepted before
	Token  tokenizer.Token // the token, where it was one
	Text   string          // its bytes; "" for one that no text has
	isText bool
}

// Error says where the fault is and what was found.
func (e *TokenError) Error() string {
	what := fmt.Sprintf("token %d %q", e.Token, shorten(e.Text))
	if e.isText {
		what = fmt.Sprintf("text %q", shorten(e.Text))
	}
	return fmt.Sprintf("constrain: expected what the schema allows, found %s at byte %d", what, e.Offset)
}

func shorten(s string) string {
	if len(s) > 40 {
		return s[:40] + "..."
	}
	return s
}
