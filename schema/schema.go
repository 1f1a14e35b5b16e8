package schema

import (
	"bytes"
	"errors"
	"fmt"
	"sync"

	"github.com/harmony-go/sdk/internal/ojson"
)

// Schema is one JSON Schema document. Parse makes one; the zero value stands for the document null.
//
// A Schema is immutable and safe for concurrent use, except that UnmarshalJSON replaces the document and
// must not run beside anything else. It must not be copied after first use.
type Schema struct {
	raw []byte // the document, byte for byte; nil stands for null

	typeScript     string // kept by TypeScript
	typeScriptOnce sync.Once

	typeScriptOSS     string // kept by TypeScriptOSS
	typeScriptOSSOnce sync.Once

	typeScriptRich     string // kept by TypeScriptRich
	typeScriptRichOnce sync.Once

	validators validators // kept by Validate
}

// ParseError says why a document is not a JSON Schema document.
type ParseError struct {
	Offset int    // byte offset in the document
	Msg    string // "expected …, found …"
}

// Error says where the fault is, what was expected and what was found.
func (e *ParseError) Error() string {
	return fmt.Sprintf("schema: %s at byte %d", e.Msg, e.Offset)
}

// Parse reads a JSON Schema document. Any JSON value is one here, as it is for openai-harmony: what a
// keyword may hold is not checked, and what TypeScript does not understand it writes as any. Refused with
// a *ParseError is what serde_json 1.0.140 refuses: bad syntax, bad UTF-8, lone surrogates, numbers beyond
// float64 (1e400), more than 127 nested containers, text behind the value.
//
// The document is copied. White space around it does not belong to it.
func Parse(doc []byte) (*Schema, error) {
	raw, err := document(doc)
	if err != nil {
		return nil, err
	}
	return &Schema{raw: raw}, nil
}

// MustParse is Parse for a document that stands in the program's text. It panics where Parse fails.
func MustParse(doc string) *Schema {
	s, err := Parse([]byte(doc))
	if err != nil {
		panic(err)
	}
	return s
}

// document checks doc and returns a copy of the value in it.
func document(doc []byte) ([]byte, error) {
	r, err := ojson.NewReader(doc, ojson.MaxDepth)
	if err != nil {
		return nil, parseError(err)
	}
	start := r.Offset()
	if err := r.Skip(); err != nil {
		return nil, parseError(err)
	}
	end := r.Last()
	if err := r.End(); err != nil {
		return nil, parseError(err)
	}
	return bytes.Clone(doc[start:end]), nil
}

func parseError(err error) error {
	var syntax *ojson.SyntaxError
	if errors.As(err, &syntax) {
		return &ParseError{syntax.Offset, syntax.Msg}
	}
	return err
}

// JSON returns a copy of the document, byte for byte as it was given.
func (s *Schema) JSON() []byte { return s.AppendJSON(nil) }

// AppendJSON appends the document, byte for byte as it was given.
func (s *Schema) AppendJSON(dst []byte) []byte {
	if s.raw == nil {
		return append(dst, "null"...)
	}
	return append(dst, s.raw...)
}

// MarshalJSON returns what JSON returns. It cannot fail. (json.Marshal compacts what it gets from here
// and escapes <, > and &; call JSON where bytes matter.)
func (s *Schema) MarshalJSON() ([]byte, error) { return s.JSON(), nil }

// UnmarshalJSON replaces the document. It fails where Parse fails, and then changes nothing.
func (s *Schema) UnmarshalJSON(doc []byte) error {
	raw, err := document(doc)
	if err != nil {
		return err
	}
	*s = Schema{raw: raw}
	return nil
}

// TypeScript returns the schema as a TypeScript type, exactly as openai-harmony 0.0.8 writes it into the
// developer message: the parameters of a tool f are announced as "type f = (_: TYPE) => any;". It is
// written once and kept; the first call costs about as much as reading the document.
func (s *Schema) TypeScript() string {
	s.typeScriptOnce.Do(func() { s.typeScript = typeScript(s.raw) })
	return s.typeScript
}

// AppendCompact appends the document without the white space between its tokens, so that it fits on a
// line; every string and number keeps its spelling.
func (s *Schema) AppendCompact(dst []byte) []byte {
	if s.raw == nil {
		return append(dst, "null"...)
	}
	return ojson.AppendCompact(dst, s.raw)
}
