package schema

import "github.com/harmony-go/sdk/internal/ojson"

// appendObject appends an object type. Its description stands before the brace, also where the property
// that holds the object has just shown it.
func appendObject(dst []byte, s *ojson.Value, indent int) []byte {
	if description, ok := text(s, "description"); ok {
		dst = appendComment(dst, indent, description)
	}
	dst = append(dst, "{\n"...)
	if properties, ok := s.Get("properties"); ok && properties.Kind == ojson.Object {
		required := requiredKeys(s)
		for _, m := range properties.Unique() {
			dst = appendProperty(dst, m.Key, &m.Value, required[m.Key], indent)
		}
	}
	return append(appendIndent(dst, indent), '}')
}

func requiredKeys(s *ojson.Value) map[string]bool {
	items, _ := array(s, "required")
	if len(items) == 0 {
		return nil
	}
	required := make(map[string]bool, len(items))
	for _, key := range texts(items) {
		required[key] = true
	}
	return required
}

// appendProperty appends one property, at the indent of the object that holds it.
func appendProperty(dst []byte, key string, s *ojson.Value, required bool, indent int) []byte {
	dst = appendPropertyComments(dst, s, indent)
	if variants, ok := array(s, "oneOf"); ok {
		return appendOneOfProperty(dst, key, s, variants, required, indent)
	}
	dst = append(appendKey(dst, key, required, indent), ' ')
	dst = append(appendNullable(dst, s, indent+4), ',')
	if value, ok := shownDefault(s); ok {
		dst = append(dst, " // "...)
		dst = appendDefault(dst, s, value)
	}
	return append(dst, '\n')
}

// shownDefault returns the default of a property without a key oneOf. Any oneOf hides it, even null.
func shownDefault(s *ojson.Value) (*ojson.Value, bool) {
	if _, hidden := s.Get("oneOf"); hidden {
		return nil, false
	}
	return s.Get("default")
}

// appendKey appends a property's name, which is neither quoted nor escaped, and its colon.
func appendKey(dst []byte, key string, required bool, indent int) []byte {
	dst = append(appendIndent(dst, indent), key...)
	if !required {
		dst = append(dst, '?')
	}
	return append(dst, ':')
}

// appendPropertyComments appends the lines above a property: title, description (which any oneOf hides,
// even null), examples.
func appendPropertyComments(dst []byte, s *ojson.Value, indent int) []byte {
	if title, ok := text(s, "title"); ok {
		dst = appendComment(dst, indent, title)
		dst = append(appendIndent(dst, indent), "//\n"...)
	}
	if _, hidden := s.Get("oneOf"); !hidden {
		if description, ok := text(s, "description"); ok {
			dst = appendComment(dst, indent, description)
		}
	}
	return appendExamples(dst, s, indent)
}

// appendExamples appends the examples that are strings. The heading stands above any list that is not
// empty.
func appendExamples(dst []byte, s *ojson.Value, indent int) []byte {
	examples, _ := array(s, "examples")
	if len(examples) == 0 {
		return dst
	}
	dst = appendComment(dst, indent, "Examples:")
	for _, example := range texts(examples) {
		dst = append(appendIndent(dst, indent), "// - "...)
		dst = append(appendQuoted(dst, example), '\n')
	}
	return dst
}
