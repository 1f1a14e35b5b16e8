package encoding

import (
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"

	"github.com/harmony-go/sdk/harmony"
)

// SchemaStyle says how tools become the TypeScript declarations of a system or developer message, and what
// happens to tools that could forge declarations: to a newline in the description of a parameter, say, behind
// which the model reads a function of somebody else's as the program's own.
type SchemaStyle uint8

const (
	// SchemaReference writes what openai-harmony 0.0.8 writes, which escapes nothing. It is for tools
	// that the program defines itself.
	SchemaReference SchemaStyle = iota

	// SchemaStrict writes the same text, and refuses tools of which any part would leave its place. It is for
	// tools that come from others, such as those of an MCP server. Every schema is looked through at each
	// rendering, which takes about as long as reading it.
	SchemaStrict

	// SchemaRich writes schemas with schema.Schema.TypeScriptRich, which loses and refuses nothing, and goes on
	// with a comment where the description of a tool has a line break of any kind. Names are checked as by
	// SchemaStrict. The model was not trained on this form.
	SchemaRich
)

// schemaStyleNames are in the order of the constants.
var schemaStyleNames = [...]string{"reference", "strict", "rich"}

// String returns "reference", "strict" or "rich".
func (s SchemaStyle) String() string {
	if int(s) < len(schemaStyleNames) {
		return schemaStyleNames[s]
	}
	return fmt.Sprintf("SchemaStyle(%d)", uint8(s))
}

// unsafeTool says which tool is refused and why. It wraps ErrUnsafeTool and the cause, if there is one.
type unsafeTool struct {
	detail string
	cause  error
}

// Error returns the reason alone; the detail goes into the RenderError.
func (e *unsafeTool) Error() string { return ErrUnsafeTool.Error() }

// Unwrap returns ErrUnsafeTool and, where a schema is at fault, its *schema.UnsafeError.
func (e *unsafeTool) Unwrap() []error {
	if e.cause == nil {
		return []error{ErrUnsafeTool}
	}
	return []error{ErrUnsafeTool, e.cause}
}

// checkTools refuses tools that could forge declarations, as the style has it: the first in the order in which they
// are written.
func (s SchemaStyle) checkTools(tools map[string]harmony.Namespace) error {
	if s == SchemaReference {
		return nil
	}
	for _, key := range slices.Sorted(maps.Keys(tools)) {
		ns := tools[key]
		place := "namespace " + quoteName(ns.Name)
		if !safeName(ns.Name) {
			return &unsafeTool{detail: place + ": " + wantName}
		}
		if s == SchemaStrict && len(ns.Tools) > 0 && endsComment(ns.Description) {
			return &unsafeTool{detail: place + ": " + wantDescription}
		}
		for i := range ns.Tools {
			if err := s.checkTool(&ns.Tools[i], place); err != nil {
				return err
			}
		}
	}
	return nil
}

// checkTool is checkTools for one tool of the namespace that place names.
func (s SchemaStyle) checkTool(t *harmony.Tool, place string) error {
	place = "tool " + quoteName(t.Name) + " of " + place
	switch {
	case !safeName(t.Name):
		return &unsafeTool{detail: place + ": " + wantName}
	case s != SchemaStrict:
		return nil
	case endsComment(t.Description):
		return &unsafeTool{detail: place + ": " + wantDescription}
	case t.Parameters == nil:
		return nil
	}
	if _, err := t.Parameters.TypeScriptStrict(); err != nil {
		return &unsafeTool{place + ": " + strings.TrimPrefix(err.Error(), "schema: "), err}
	}
	return nil
}

const (
	wantName        = "expected a name of letters, digits, _, -, . and $, found another"
	wantDescription = `expected a description whose lines end with "\n" or "\r\n", found another line break`
)

// safeName reports whether a name stays one word of a declaration.
func safeName(name string) bool {
	for _, r := range name {
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune("_-.$", r) {
			return false
		}
	}
	return name != ""
}

// endsComment reports whether a description, which prose writes line by line, has a line break that prose does not
// know and TypeScript does.
func endsComment(s string) bool {
	return strings.ContainsAny(strings.ReplaceAll(s, "\r\n", "\n"), "\r\u2028\u2029")
}

// lineBreaks makes every line break of TypeScript one that prose knows.
var lineBreaks = strings.NewReplacer("\r\n", "\n", "\r", "\n", "\u2028", "\n", "\u2029", "\n")

// unsafeDetail says what err has found, if it is about a tool that was refused.
func unsafeDetail(err error) (detail string, ok bool) {
	e, ok := errors.AsType[*unsafeTool](err)
	if !ok {
		return "", false
	}
	return e.detail, true
}
