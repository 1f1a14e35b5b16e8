package agent

import (
	"context"

	"github.com/harmony-go/sdk/schema"
)

// Answer is a turn whose answer is a Go value. The model is told of T's schema as a format (see FormatOf), and an answer that does not
// fit is sent back to it with what is wrong, Limits.Repairs times. Errors are those of Session.Run; an *AnswerError in a
// *RunError if no answer has fitted; *schema.TypeError if T has no schema.
func Answer[T any](ctx context.Context, s *Session, text string) (T, error) {
	var zero T
	f, err := FormatOf[T]()
	if err != nil {
		return zero, err
	}
	for _, err := range s.RunAs(ctx, f, text) {
		if err != nil {
			return zero, err
		}
	}
	return schema.DecodeArguments[T](f.Schema, []byte(unfence(s.turn.Answer)))
}
