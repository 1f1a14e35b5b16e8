package engine

import (
	"errors"
	"fmt"

	"github.com/harmony-go/sdk/tokenizer"
)

// ErrNoToken says that no token may come next: the mask forbids all, or no logit is a number. A generation wraps it in a
// *MaskError.
var ErrNoToken = errors.New("engine: no token may come next")

// errForbidden is for tokens that a replay wants and a mask forbids.
var errForbidden = errors.New("it forbids the token")

// ErrReplayOver says that a Replay has been asked for more turns than it has.
var ErrReplayOver = errors.New("engine: the replay has no turn left")

// A RequestError says what of a request cannot be met, before anything is computed.
type RequestError struct {
	Field string // in words, such as "top-p"
	What  string // what was expected and what was found
}

// Error says what is wrong and what was expected.
func (e *RequestError) Error() string { return "engine: " + e.Field + ": " + e.What }

// A MaskError says that a mask has failed in the middle of a generation.
type MaskError struct {
	Offset int             // tokens of output before it
	Token  tokenizer.Token // the token that Accept refused, if Err is not ErrNoToken
	Err    error           // what the mask said, or ErrNoToken
}

// Error says where the mask has failed and why.
func (e *MaskError) Error() string {
	if errors.Is(e.Err, ErrNoToken) {
		return fmt.Sprintf("engine: no token may come next, after %d tokens of output", e.Offset)
	}
	return fmt.Sprintf("engine: the mask refuses token %d, after %d tokens of output: %v", e.Token, e.Offset, e.Err)
}

// Unwrap returns the cause.
func (e *MaskError) Unwrap() error { return e.Err }
