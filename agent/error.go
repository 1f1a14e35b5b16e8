package agent

import (
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/harmony-go/sdk/encoding"
)

// ErrRunning says that a session was used by the loop over its own events, or by two goroutines.
var ErrRunning = errors.New("agent: the session is in the middle of a turn")

// Why a call has no result of its tool. A *CallError wraps one of them, or another error.
var (
	ErrToolTime = errors.New("the tool took too long and was stopped")
	ErrCut      = errors.New("the call was cut off before its arguments were complete; it was not run")
	ErrStopped  = errors.New("the turn was stopped before the tool was done")
	errExited   = errors.New("the tool failed") // it has ended its goroutine
)

// An OptionError says what of the options cannot be used.
type OptionError struct {
	Field string // in words, such as tool "get_weather"
	What  string // what was expected and what was found; "" if Err says it
	Err   error  // the cause, or nil
}

// Error says what is wrong and what was expected.
func (e *OptionError) Error() string {
	if e.Err != nil {
		return fmt.Sprintf("agent: %s: %v", e.Field, e.Err)
	}
	return "agent: " + e.Field + ": " + e.What
}

// Unwrap returns the cause.
func (e *OptionError) Unwrap() error { return e.Err }

// A RunError says where a turn has ended without an answer. What was said until then is in the session.
type RunError struct {
	Step   int   // generation in which it happened, from 0; as many as there were if it was between two
	Output int   // tokens of output in that generation
	Err    error // *LimitError, *OutcomeError, *AnswerError, the error of ctx, or what the generator or a hook has returned
}

// Error says where and why.
func (e *RunError) Error() string {
	return fmt.Sprintf("agent: step %d, after %d tokens of output: %s", e.Step, e.Output, strings.TrimPrefix(e.Err.Error(), "agent: "))
}

// Unwrap returns the cause.
func (e *RunError) Unwrap() error { return e.Err }

// The limits that a LimitError names. The strings are stable.
const (
	LimitSteps   = "steps"
	LimitTokens  = "output tokens"
	LimitTime    = "time"
	LimitContext = "context"
)

// A LimitError says that a turn has come to one of its limits.
type LimitError struct {
	Limit string // one of the Limit constants
	Max   int    // the limit; of time in nanoseconds. 0 for a context that ended where the generator chose
	Found int    // tokens of the prompt, if that alone is too long for the context; else 0
}

// Error names the limit.
func (e *LimitError) Error() string {
	switch {
	case e.Limit == LimitTime:
		return fmt.Sprintf("agent: the turn has taken longer than %v", time.Duration(e.Max))
	case e.Found > 0:
		return fmt.Sprintf("agent: the prompt has %d tokens, and the context room for %d and an answer", e.Found, e.Max)
	case e.Limit == LimitContext && e.Max == 0:
		return "agent: the generator has no room for more output"
	case e.Limit == LimitContext:
		return fmt.Sprintf("agent: prompt and output have filled the context of %d tokens", e.Max)
	}
	return fmt.Sprintf("agent: the turn has reached its limit of %d %s", e.Max, e.Limit)
}

// An OutcomeError says that the model has repeatedly ended a generation with neither an answer nor a call, or that the generator has
// ended in the middle of a message and does not say why.
type OutcomeError struct {
	Verdict encoding.Verdict // on the last generation
}

// Error tells the verdict.
func (e *OutcomeError) Error() string {
	return fmt.Sprintf("agent: expected an answer or a call, found neither (verdict %s)", e.Verdict)
}

// An AnswerError says that an answer does not fit its format, even after it was sent back.
type AnswerError struct {
	Text string // the answer
	Err  error  // what is wrong with it: an error of schema.Schema.Validate or schema.DecodeArguments
}

// Error says what is wrong with the answer.
func (e *AnswerError) Error() string {
	return fmt.Sprintf("agent: the answer %s does not fit: %v", quote(e.Text), e.Err)
}

// Unwrap returns the cause.
func (e *AnswerError) Unwrap() error { return e.Err }

// A CallError says why a call failed. The model has heard of it as the result; it ends no turn.
type CallError struct {
	Name string // the recipient that was called
	Err  error  // *UnknownToolError, an error of schema.DecodeArguments, *PanicError, one of the Err variables, or the tool's own
}

// Error names the call and the cause.
func (e *CallError) Error() string { return fmt.Sprintf("agent: call of %s: %v", quote(e.Name), e.Err) }

// Unwrap returns the cause.
func (e *CallError) Unwrap() error { return e.Err }

// An UnknownToolError says that a tool was called that there is not.
type UnknownToolError struct {
	Name     string   // as it was called
	Nearest  string   // the tool that was meant, probably; or ""
	Declared []string // the tools there are, in order; not to be changed
}

// maxListed is how many tools an error lists.
const maxListed = 32

// Error names the tools there are.
func (e *UnknownToolError) Error() string {
	text := fmt.Sprintf("there is no tool %s", quote(e.Name))
	if e.Nearest != "" {
		text += ", perhaps " + e.Nearest + " is meant"
	}
	switch n := len(e.Declared); {
	case n == 0:
		return text + "; there are no tools"
	case n > maxListed:
		return text + fmt.Sprintf("; the tools are %s and %d more", strings.Join(e.Declared[:maxListed], ", "), n-maxListed)
	}
	return text + "; the tools are " + strings.Join(e.Declared, ", ")
}

// A PanicError says that a tool has panicked. The model only hears that it failed.
type PanicError struct {
	Value any
	Stack []byte // of the goroutine, as runtime/debug.Stack writes it
}

// Error tells the value.
func (e *PanicError) Error() string { return fmt.Sprintf("the tool panicked: %v", e.Value) }

// Unwrap returns the value if it is an error.
func (e *PanicError) Unwrap() error {
	err, _ := e.Value.(error)
	return err
}

// quote quotes text of a model or a caller for a message, shortened.
func quote(text string) string {
	const most = 60
	if len(text) <= most {
		return fmt.Sprintf("%q", text)
	}
	return fmt.Sprintf("%q… (%d bytes)", strings.ToValidUTF8(text[:most], ""), len(text))
}
