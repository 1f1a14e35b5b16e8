package schema

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/harmony-go/sdk/internal/ojson"
)

// A Change is one thing that Repair has changed.
type Change struct {
	Kind   ChangeKind `json:"kind"`
	Offset int        `json:"offset"` // byte offset in the text that Repair was given
	Old    string     `json:"old"`    // what stood there; "" where something is inserted
	New    string     `json:"new"`    // what stands there now; "" where something is removed
}

// A ChangeKind is a defect that Repair mends.
type ChangeKind string

// The defects that models make and that have one reading only.
const (
	CodeFence        ChangeKind = "code fence"        // the JSON stands between lines of ```
	DoubleEncoding   ChangeKind = "double encoding"   // the object stands in a string as JSON
	TrailingBracket  ChangeKind = "trailing bracket"  // brackets behind the value that close nothing
	RepeatedValue    ChangeKind = "repeated value"    // the same value once more
	SingleQuotes     ChangeKind = "single quotes"     // 'text'
	UnquotedKey      ChangeKind = "unquoted key"      // {key: 1}
	PythonLiteral    ChangeKind = "python literal"    // True, False, None
	TrailingComma    ChangeKind = "trailing comma"    // [1,]
	ControlCharacter ChangeKind = "control character" // a line break or tab within a string
	EscapedQuote     ChangeKind = "escaped quote"     // \' within a string
	MissingBracket   ChangeKind = "missing bracket"   // the text ends behind a whole value, with brackets open
)

// RepairError says why a text is not repaired: it is beyond the defects that Repair knows, or it could mean
// more than one thing.
type RepairError struct {
	Offset int    // byte offset in the text
	Msg    string // "expected …, found …"
}

// Error says where the text cannot be read and why.
func (e *RepairError) Error() string {
	return fmt.Sprintf("schema: cannot repair: %s at byte %d", e.Msg, e.Offset)
}

// Repair makes JSON of arguments that are nearly JSON, and says what it changed. Text that is JSON comes back
// as it is, with no changes, unless it is a string with an object or array in it as JSON: arguments are
// objects, so that is one encoding too many.
//
// It never guesses: every change has one reading. Refused with a *RepairError is a text that
//
//   - holds two values that differ (which one is meant?),
//   - ends within a string, a number, a word or a key, behind a colon, a comma or an opening bracket (what
//     would have come?),
//   - lacks a comma, a colon or a quote, has brackets of the wrong kind, or escapes that JSON does not know,
//   - has other text around the value.
//
// The result shares nothing with raw, and has been checked to be JSON. That it is what the schema asks for,
// Validate and DecodeArguments say. Whoever shows calls to a user should show the changes, too.
func Repair(raw []byte) (fixed []byte, changes []Change, err error) {
	if len(raw) > MaxInstance {
		return nil, nil, &RepairError{MaxInstance, fmt.Sprintf("expected at most %d bytes, found %d", MaxInstance, len(raw))}
	}
	if _, err := ojson.NewReader(raw, 0); err != nil {
		var syntax *ojson.SyntaxError
		errors.As(err, &syntax)
		return nil, nil, &RepairError{syntax.Offset, syntax.Msg} // it is not UTF-8
	}
	return repair(raw, func(i int) int { return i }, 0)
}

// maxEncodings is how often a text may be encoded as a string.
const maxEncodings = 4

// repair repairs a text whose bytes stand in the original at at(i).
func repair(src []byte, at func(int) int, encodings int) (fixed []byte, changes []Change, err error) {
	if doc, err := ojson.Parse(src, ojson.MaxDepth); err == nil {
		return unwrap(bytes.Clone(src), &doc, src, at, nil, encodings)
	}
	r := repairer{src: src, at: at}
	defer func() {
		if p := recover(); p != nil {
			e, ok := p.(*RepairError)
			if !ok {
				panic(p)
			}
			fixed, changes, err = nil, nil, e
		}
	}()
	r.text()
	doc, parseErr := ojson.Parse(r.out, ojson.MaxDepth)
	if parseErr != nil { // a number, an escape or a depth that JSON does not have
		return nil, nil, r.unreadable(parseErr)
	}
	return unwrap(r.out, &doc, src, at, r.changes, encodings)
}

// unreadable says why repaired text is no JSON all the same.
func (r *repairer) unreadable(err error) error {
	e := &RepairError{r.at(0), "expected text that a repair makes JSON, found other faults: " + err.Error()}
	var syntax *ojson.SyntaxError
	if errors.As(err, &syntax) {
		e.Msg = syntax.Msg
		if len(r.changes) == 0 {
			e.Offset = r.at(min(syntax.Offset, len(r.src)))
		}
	}
	return e
}

// unwrap takes an object or array out of a string that holds it as JSON.
func unwrap(fixed []byte, doc *ojson.Value, src []byte, at func(int) int, changes []Change, encodings int) ([]byte, []Change, error) {
	inner := bytes.Trim([]byte(doc.Str), " \t\r\n")
	if doc.Kind != ojson.String || len(inner) == 0 || inner[0] != '{' && inner[0] != '[' || encodings == maxEncodings {
		return fixed, changes, nil
	}
	start := bytes.IndexAny(src, `"'`)
	text, offsets := decodeString(src[start:])
	if string(text) != doc.Str {
		return fixed, changes, nil // cannot happen: the string was mended within
	}
	below := func(i int) int { return at(start + offsets[min(i, len(text))]) }
	result, more, err := repair(text, below, encodings+1)
	var refused *RepairError
	if errors.As(err, &refused) {
		return fixed, changes, nil // text that only begins like an object
	}
	end := start + offsets[len(text)] + 1
	changes = append(changes, Change{DoubleEncoding, at(start), string(src[start:min(end, len(src))]), string(text)})
	return result, append(changes, more...), err
}

// decodeString decodes the string at the front of src, in single or double quotes, and returns for every
// byte, and for the end, where it comes from.
func decodeString(src []byte) (text []byte, offsets []int) {
	quote := src[0]
	i := 1
	for i < len(src) && src[i] != quote {
		n := 1
		piece := src[i : i+1]
		if src[i] == '\\' && i+1 < len(src) {
			n = escapeLength(src[i:])
			if decoded, err := ojson.Parse([]byte(`"`+string(src[i:i+n])+`"`), 1); err == nil {
				piece = []byte(decoded.Str)
			} else {
				piece = src[i+1 : i+n] // \'
			}
		}
		for range piece {
			offsets = append(offsets, i)
		}
		text = append(text, piece...)
		i += n
	}
	return text, append(offsets, min(i, len(src)-1))
}

// escapeLength returns the length of the escape at the front of src, a pair of surrogates being one.
func escapeLength(src []byte) int {
	if src[1] != 'u' {
		return 2
	}
	if len(src) >= 12 && (src[2] == 'd' || src[2] == 'D') && bytes.ContainsRune([]byte("89abAB"), rune(src[3])) && src[6] == '\\' && src[7] == 'u' {
		return 12
	}
	return min(6, len(src))
}
