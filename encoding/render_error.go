package encoding

import (
	"errors"
	"fmt"
	"strconv"
)

// Reasons why a conversation cannot be rendered; a *RenderError wraps one of them.
var (
	ErrUnknownRole    = errors.New("unknown role")
	ErrUnknownEffort  = errors.New("unknown reasoning effort")
	ErrUnknownProfile = errors.New("unknown profile")
	ErrToolName       = errors.New("tool message without a name")
	ErrContentRole    = errors.New("content does not belong to this role")
	ErrNilContent     = errors.New("content is nil")

	ErrUnknownSchemaStyle = errors.New("unknown schema style")
	// ErrUnsafeTool: SchemaStrict or SchemaRich has refused a tool. Where its schema is at fault, the error
	// wraps a *schema.UnsafeError, too.
	ErrUnsafeTool = errors.New("unsafe tool")
)

// RenderError says why messages could not be rendered, and where.
type RenderError struct {
	Message int    // index of the message; -1 when the fault is in the options or in the next role
	Content int    // index of the content part; -1 when the fault is in the header
	Err     error  // one of the Err… values above, or what wraps it
	Detail  string // what was found and what was expected; may be empty
}

// Error gives position, reason and detail in one line.
func (e *RenderError) Error() string {
	where := ""
	switch {
	case e.Message >= 0 && e.Content >= 0:
		where = fmt.Sprintf(", message %d, content %d", e.Message, e.Content)
	case e.Message >= 0:
		where = fmt.Sprintf(", message %d", e.Message)
	}
	if e.Detail == "" {
		return fmt.Sprintf("encoding: %v%s", e.Err, where)
	}
	return fmt.Sprintf("encoding: %v%s: %s", e.Err, where, e.Detail)
}

// Unwrap returns the reason, for errors.Is.
func (e *RenderError) Unwrap() error { return e.Err }

// quoteName quotes a name for an error message and shortens it where it is long.
func quoteName(s string) string {
	const most = 40
	if len(s) > most {
		return strconv.Quote(s[:most]) + "…"
	}
	return strconv.Quote(s)
}
