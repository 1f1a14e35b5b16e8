package encoding

import (
	"errors"
	"fmt"
)

// GrammarError says what of GrammarOptions no grammar can be made of.
type GrammarError struct {
	Where string // tool "functions.f", response, choice "…" or opening
	Tool  string // the full name of the tool, if it is one
	Token int    // of the opening, the index of the token that is not allowed; -1 otherwise
	Err   error  // *constrain.UnsupportedError, *GrammarTokenError, or what is wrong with a name
}

// Error says where the fault is and what it is.
func (e *GrammarError) Error() string { return "encoding: grammar, " + e.Where + ": " + e.Err.Error() }

// Unwrap returns the cause.
func (e *GrammarError) Unwrap() error { return e.Err }

// What is wrong with names and choices.
var (
	errNoTools    = errors.New("expected tools to call, found none")
	errUndeclared = errors.New("expected the full name of a declared tool, found another name")
	errTwice      = errors.New("expected the name once, found it twice")
	errNameEmpty  = errors.New("expected a name, found an empty one")
	errNameLong   = fmt.Errorf("expected a name of at most %d bytes, found a longer one", maxToolName)
	errNameRole   = errors.New("expected the name of a tool, found that of a participant")
	errNameWord   = errors.New("expected a name without white space, control characters and <|, found some")
)

// GrammarTokenError says that a token may not come next.
type GrammarTokenError struct {
	Offset int    // tokens that had been accepted before, the opening included
	Token  Token  // what came
	Text   string // its text, or spelling; "" for an id that is not in the vocabulary
	In     string // where: "header", "reasoning", "preamble", "answer", "arguments of …", "turn that has ended"
	Err    error  // *constrain.TokenError where a schema is followed; nil otherwise
}

// Error says where the fault is and what was found.
func (e *GrammarTokenError) Error() string {
	return fmt.Sprintf("encoding: expected a token that the %s may go on with, found %d %s at token %d", e.In, e.Token, quote(e.Text), e.Offset)
}

// Unwrap returns the cause.
func (e *GrammarTokenError) Unwrap() error { return e.Err }
