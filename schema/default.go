package schema

import "github.com/harmony-go/sdk/internal/ojson"

// appendDefault appends the default of a property, or of a variant of a property's union. A string stands
// between quotes, or without them where the schema has an enum; it is never escaped. Anything else is
// compact JSON as serde_json prints it, null included.
func appendDefault(dst []byte, s, value *ojson.Value) []byte {
	dst = append(dst, "default: "...)
	switch {
	case value.Kind != ojson.String:
		return value.Append(dst)
	case hasEnum(s):
		return append(dst, value.Str...)
	}
	return appendQuoted(dst, value.Str)
}

// appendVariantDefault appends the default of a variant of any other union, where a string of a schema
// with an enum is JSON, too.
func appendVariantDefault(dst []byte, s, value *ojson.Value) []byte {
	dst = append(dst, "default: "...)
	if value.Kind == ojson.String && !hasEnum(s) {
		return appendQuoted(dst, value.Str)
	}
	return value.Append(dst)
}

// hasEnum reports whether a schema has an enum that is not empty, of whatever values.
func hasEnum(s *ojson.Value) bool {
	values, _ := array(s, "enum")
	return len(values) > 0
}
