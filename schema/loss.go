package schema

import (
	"fmt"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// LossKind says what becomes of something in the reference's TypeScript.
type LossKind uint8

const (
	// Lost: the text does not say it, so the model is not told.
	Lost LossKind = iota
	// Distorted: the text says it, but so that it can be misread.
	Distorted
	// Unsafe: text of the document leaves the comment or the string it is written into and becomes part of
	// the declaration, or of the prompt around it.
	Unsafe
)

var lossKinds = [...]string{"lost", "distorted", "unsafe"}

// String returns "lost", "distorted" or "unsafe".
func (k LossKind) String() string {
	if int(k) < len(lossKinds) {
		return lossKinds[k]
	}
	return fmt.Sprintf("LossKind(%d)", uint8(k))
}

// MarshalText returns what String returns.
func (k LossKind) MarshalText() ([]byte, error) { return []byte(k.String()), nil }

// Loss is something that TypeScript, which writes what the reference writes, does not tell the model as the
// document has it. TypeScriptRich tells it.
type Loss struct {
	Pointer string   `json:"pointer"` // JSON pointer of the keyword in the document
	Keyword string   `json:"keyword"` // its name, or "" where a property's name is meant
	Kind    LossKind `json:"kind"`
	Message string   `json:"message"` // what the model is shown instead
}

// Losses returns what TypeScript loses, in the order of the document. If there is nothing, TypeScript and
// TypeScriptRich are equal. additionalProperties false is no loss: a type that lists its properties suggests
// no others.
func (s *Schema) Losses() []Loss {
	doc, err := ojson.Parse(s.raw, ojson.MaxDepth)
	if err != nil {
		return nil
	}
	w := lossWalker{}
	w.root(&doc)
	return w.losses
}

// UnsafeError says that the reference's TypeScript of a schema would let text of the document out of its
// comment or string.
type UnsafeError struct {
	Losses []Loss // all of the kind Unsafe, at least one
}

// Error names the first place and counts the others.
func (e *UnsafeError) Error() string {
	text := fmt.Sprintf("schema: expected text that stays in its comment or string, found at %s that %s", quotePointer(e.Losses[0].Pointer), e.Losses[0].Message)
	if n := len(e.Losses) - 1; n > 0 {
		text += fmt.Sprintf(", and %d more", n)
	}
	return text
}

// TypeScriptStrict returns TypeScript's text if the document cannot forge any of it, and an *UnsafeError if
// it can: a newline in a description ends its comment, and what follows reads like a declaration of the
// program. It is for schemas that come from others, such as those of an MCP server. TypeScriptRich writes
// any document safely.
func (s *Schema) TypeScriptStrict() (string, error) {
	var unsafe []Loss
	for _, loss := range s.Losses() {
		if loss.Kind == Unsafe {
			unsafe = append(unsafe, loss)
		}
	}
	if len(unsafe) > 0 {
		return "", &UnsafeError{unsafe}
	}
	return s.TypeScript(), nil
}

// A lossWalker goes the way that appendType and its neighbours go, and notes what they pass over.
type lossWalker struct{ losses []Loss }

func (w *lossWalker) add(kind LossKind, pointer, keyword, format string, args ...any) {
	if keyword != "" {
		pointer += "/" + keyword
	}
	w.losses = append(w.losses, Loss{pointer, keyword, kind, fmt.Sprintf(format, args...)})
}

// root is the schema of a tool's parameters.
func (w *lossWalker) root(s *ojson.Value) {
	if name, _ := text(s, "type"); name != "object" || isUnion(s) {
		w.unsaid(s, "", "description", "default")
	} else {
		w.comment(s, "", "description")
		w.unsaid(s, "", "default")
	}
	w.unsaidNull(s, "")
	w.schema(s, "", false)
}

// isUnion reports whether a schema is written as the alternatives of oneOf.
func isUnion(s *ojson.Value) bool {
	_, ok := array(s, "oneOf")
	return ok
}

// unsaid notes keywords that are not written where the schema stands.
func (w *lossWalker) unsaid(s *ojson.Value, at string, keys ...string) {
	for _, key := range keys {
		if v, ok := s.Get(key); ok && (key != "description" || v.Kind == ojson.String) {
			w.add(Lost, at, key, "it is not shown here")
		}
	}
}

func (w *lossWalker) unsaidNull(s *ojson.Value, at string) {
	if v, ok := s.Get("nullable"); ok && v.Bool && !allowsNull(s) {
		w.add(Lost, at, "nullable", "null is not shown here")
	}
}

// comment checks a text that is written into a comment.
func (w *lossWalker) comment(s *ojson.Value, at, key string) {
	value, ok := text(s, key)
	switch {
	case !ok:
	case endsLine(value):
		w.add(Unsafe, at, key, "a line break ends its comment")
	case !plainText(value):
		w.add(Distorted, at, key, "characters that do not show are written as they are")
	}
}

// endsLine reports whether a text has a character that ends a comment in TypeScript.
func endsLine(text string) bool { return strings.ContainsAny(text, "\n\r\u2028\u2029") }

// schema notes what appendType does not say of a schema; inUnion tells that it is an alternative.
func (w *lossWalker) schema(s *ojson.Value, at string, inUnion bool) {
	if s.Kind == ojson.Bool && !s.Bool {
		w.losses = append(w.losses, Loss{at, "", Lost, "false, which allows nothing, is shown as any"})
	}
	if variants, ok := array(s, "oneOf"); ok {
		w.rest(s, at, "oneOf")
		w.variants(variants, at, inUnion)
		return
	}
	if types, ok := array(s, "type"); ok && len(texts(types)) > 0 {
		w.rest(s, at, "type")
		w.typeNames(types, at)
		return
	}
	switch name, _ := text(s, "type"); name {
	case "object":
		w.rest(s, at, "type", "properties", "required")
		w.object(s, at)
	case "array":
		w.rest(s, at, "type", "items")
		w.items(s, at)
	case "string":
		w.rest(s, at, "type", "enum")
		w.stringEnum(s, at)
	case "integer":
		w.rest(s, at, "type")
		w.add(Lost, at, "type", "integer is shown as number")
	case "number", "boolean":
		w.rest(s, at, "type")
	default:
		w.rest(s, at)
	}
}

// rest notes the keywords that say what a value must be and are not among those understood.
func (w *lossWalker) rest(s *ojson.Value, at string, understood ...string) {
	for _, m := range s.Unique() {
		switch {
		case contains(understood, m.Key) || !asserts(m.Key, &m.Value):
		case len(understood) == 0:
			w.add(Lost, at, escapePointer(m.Key), "it is not shown, the type is any")
		default:
			w.add(Lost, at, escapePointer(m.Key), "it is not shown")
		}
	}
}

func contains(list []string, s string) bool {
	for _, item := range list {
		if item == s {
			return true
		}
	}
	return false
}

// typeKeys are the keywords besides conditionKeys that say what a value must be.
var typeKeys = []string{
	"type", "enum", "const", "oneOf", "anyOf", "allOf", "$ref", "$dynamicRef", "$recursiveRef",
	"properties", "required", "patternProperties", "additionalProperties", "items", "prefixItems", "additionalItems",
}

// asserts reports whether a keyword says what a value must be.
func asserts(key string, v *ojson.Value) bool {
	switch key {
	case "additionalProperties":
		return v.Kind == ojson.Object || v.Kind == ojson.Bool && v.Bool
	case "additionalItems":
		return false // it is about tuples, and items is noted for them
	}
	return contains(typeKeys, key) || contains(conditionKeys, key) && !saysNothing(key, v)
}

// typeNames checks the names of a list of types, which are written as they are.
func (w *lossWalker) typeNames(types []ojson.Value, at string) {
	for i := range types {
		name := types[i].Str
		place := fmt.Sprintf("%s/type/%d", at, i)
		switch {
		case types[i].Kind != ojson.String:
			w.losses = append(w.losses, Loss{place, "type", Lost, "it is not shown"})
		case name == "integer":
			w.losses = append(w.losses, Loss{place, "type", Lost, "integer is shown as number"})
		case contains([]string{"string", "number", "boolean", "null"}, name):
		case name == "object" || name == "array":
			w.losses = append(w.losses, Loss{place, "type", Lost, "it is shown without what it holds"})
		case isIdentifier(name):
			w.losses = append(w.losses, Loss{place, "type", Distorted, "it is no type"})
		default:
			w.losses = append(w.losses, Loss{place, "type", Unsafe, "a name that is none is written as it is"})
		}
	}
}

// stringEnum checks the values of an enum, which are written between quotes as they are.
func (w *lossWalker) stringEnum(s *ojson.Value, at string) {
	values, ok := array(s, "enum")
	if v, has := s.Get("enum"); has && (!ok || len(texts(values)) == 0) {
		if v.Kind == ojson.Array {
			w.add(Lost, at, "enum", "it has no strings, and the type is string")
		}
		return
	}
	for i := range values {
		place := fmt.Sprintf("%s/enum/%d", at, i)
		if values[i].Kind == ojson.String && !staysQuoted(values[i].Str) {
			w.losses = append(w.losses, Loss{place, "enum", Unsafe, "a quote, backslash or line break leaves its string"})
		}
	}
}

// staysQuoted reports whether a text between quotes is a string.
func staysQuoted(text string) bool { return plainText(text) && !strings.ContainsAny(text, "\"\\\t") }
