package schema

import (
	"bytes"

	"github.com/harmony-go/sdk/internal/ojson"
)

// This file and its neighbours write a schema as openai-harmony 0.0.8 does (src/encoding.rs,
// json_schema_to_typescript), oddities included, because the model's prompt must not differ by a token.
// What is odd is said where it happens. All of them append to dst and take an indent in spaces.

// typeScript writes a document that has been checked.
func typeScript(raw []byte) string {
	doc, err := ojson.Parse(raw, ojson.MaxDepth)
	if err != nil {
		return "any" // the zero Schema: it stands for null
	}
	return string(appendType(nil, &doc, 0))
}

// appendType appends the type of one schema. The first of these that it holds decides, and nothing else
// is looked at: an array oneOf, an array type with a string in it, a string type. All the other keywords
// (anyOf, allOf, $ref, const, …) leave the type any.
func appendType(dst []byte, s *ojson.Value, indent int) []byte {
	if variants, ok := array(s, "oneOf"); ok {
		return appendVariants(dst, variants, indent)
	}
	if types, ok := array(s, "type"); ok {
		if names := texts(types); len(names) > 0 {
			return appendTypeNames(dst, names)
		}
	}
	name, _ := text(s, "type")
	switch name {
	case "object":
		return appendObject(dst, s, indent)
	case "array":
		return appendArray(dst, s, indent)
	case "string":
		return appendStringType(dst, s)
	case "number", "integer":
		return append(dst, "number"...)
	case "boolean":
		return append(dst, "boolean"...)
	}
	return append(dst, "any"...) // "null" and unknown names, too
}

// appendTypeNames appends a list of types; names that are none pass through.
func appendTypeNames(dst []byte, names []string) []byte {
	for i, name := range names {
		if i > 0 {
			dst = append(dst, " | "...)
		}
		if name == "integer" {
			name = "number"
		}
		dst = append(dst, name...)
	}
	return dst
}

// appendArray appends the type of an array. An item type of several alternatives gets no parentheses.
func appendArray(dst []byte, s *ojson.Value, indent int) []byte {
	items, ok := s.Get("items")
	if !ok {
		return append(dst, "Array<any>"...)
	}
	return append(appendType(dst, items, indent), "[]"...)
}

// appendStringType appends string, or the strings of an enum, in which nothing is escaped.
func appendStringType(dst []byte, s *ojson.Value) []byte {
	values, _ := array(s, "enum")
	names := texts(values)
	if len(names) == 0 {
		return append(dst, "string"...)
	}
	for i, name := range names {
		if i > 0 {
			dst = append(dst, " | "...)
		}
		dst = appendQuoted(dst, name)
	}
	return dst
}

// appendNullable appends the type of s and " | null" when s is nullable, unless the type's text contains
// "null" anywhere, be it in a property's name or in an enum's value.
func appendNullable(dst []byte, s *ojson.Value, indent int) []byte {
	start := len(dst)
	dst = appendType(dst, s, indent)
	nullable, ok := s.Get("nullable")
	if !ok || !nullable.Bool || bytes.Contains(dst[start:], []byte("null")) {
		return dst
	}
	return append(dst, " | null"...)
}

// appendQuoted appends text between quotes, as it is.
func appendQuoted(dst []byte, text string) []byte {
	return append(append(append(dst, '"'), text...), '"')
}

// appendIndent appends n spaces.
func appendIndent(dst []byte, n int) []byte {
	const spaces = "                                                                "
	for ; n > len(spaces); n -= len(spaces) {
		dst = append(dst, spaces...)
	}
	return append(dst, spaces[:n]...)
}

// appendComment appends a comment line. A newline in text is written as it is, and leaves the comment.
func appendComment(dst []byte, indent int, text string) []byte {
	dst = append(appendIndent(dst, indent), "// "...)
	return append(append(dst, text...), '\n')
}

// text returns the string that a schema holds under key.
func text(s *ojson.Value, key string) (string, bool) {
	v, ok := s.Get(key)
	if !ok || v.Kind != ojson.String {
		return "", false
	}
	return v.Str, true
}

// array returns the items of the array that a schema holds under key.
func array(s *ojson.Value, key string) ([]ojson.Value, bool) {
	v, ok := s.Get(key)
	if !ok || v.Kind != ojson.Array {
		return nil, false
	}
	return v.Items, true
}

// texts returns those items that are strings.
func texts(items []ojson.Value) []string {
	var out []string
	for i := range items {
		if items[i].Kind == ojson.String {
			out = append(out, items[i].Str)
		}
	}
	return out
}
