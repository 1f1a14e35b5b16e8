package schema

import (
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// object returns the type of an object, laid out as the reference does it.
func (w *richWriter) object(s *ojson.Value, indent int) expr {
	dst := []byte("{\n")
	required := requiredKeys(s)
	listed := map[string]bool{}
	if properties, ok := s.Get("properties"); ok && properties.Kind == ojson.Object {
		for _, m := range properties.Unique() {
			dst = w.appendProperty(dst, m.Key, &m.Value, required[m.Key], indent)
			listed[m.Key] = true
		}
	}
	names, _ := array(s, "required")
	for _, key := range texts(names) {
		if !listed[key] {
			listed[key] = true
			dst = w.appendProperty(dst, key, &ojson.Value{Kind: ojson.Bool, Bool: true}, true, indent)
		}
	}
	dst = w.appendMaps(dst, s, indent)
	return expr{text: string(append(appendIndent(dst, indent), '}'))}
}

// appendMaps appends what a schema says about further properties.
func (w *richWriter) appendMaps(dst []byte, s *ojson.Value, indent int) []byte {
	if patterns, ok := s.Get("patternProperties"); ok {
		for _, m := range patterns.Unique() {
			dst = w.appendMap(dst, &m.Value, "keys match "+richString(m.Key), indent)
		}
	}
	if rest, ok := s.Get("additionalProperties"); ok && (rest.Kind == ojson.Object || rest.Kind == ojson.Bool && rest.Bool) {
		dst = w.appendMap(dst, rest, "", indent)
	}
	return dst
}

// appendMap appends an index signature.
func (w *richWriter) appendMap(dst []byte, s *ojson.Value, keys string, indent int) []byte {
	e := w.schema(s, indent+4)
	if description, ok := text(s, "description"); ok {
		dst = appendRichComment(dst, indent, description)
	}
	if keys != "" {
		e.notes = append([]string{keys}, e.notes...)
	}
	return appendLine(append(appendIndent(dst, indent), "[key: string]:"...), e, indent)
}

// appendLine appends a type behind a key, a comma, and its notes.
func appendLine(dst []byte, e expr, indent int) []byte {
	if e.lines {
		dst = append(append(dst, e.text...), '\n')
		dst = appendIndent(dst, indent)
	} else {
		dst = append(append(dst, ' '), e.text...)
	}
	dst = append(dst, ',')
	if len(e.notes) > 0 {
		dst = append(append(dst, " // "...), strings.Join(e.notes, ", ")...)
	}
	return append(dst, '\n')
}

// appendProperty appends one property: comments, key, type, and behind it conditions and the default.
func (w *richWriter) appendProperty(dst []byte, key string, s *ojson.Value, required bool, indent int) []byte {
	inner := indent + 4
	_, choice := array(s, "oneOf")
	if choice { // the reference has alternatives at the indent of their property
		inner = indent
	}
	w.property = choice
	e := w.schema(s, inner)
	value, ok := s.Get("default")
	if choice {
		dst = appendRichTitle(dst, s, indent)
		dst = appendRichExamples(dst, s, indent)
		dst = appendRichDescription(dst, s, indent)
		if ok {
			dst = appendRichComment(dst, indent, "default: "+richDefault(s, value))
		}
	} else {
		dst = appendRichTitle(dst, s, indent)
		dst = appendRichDescription(dst, s, indent)
		dst = appendRichExamples(dst, s, indent)
		if ok {
			e.notes = append(e.notes, "default: "+richDefault(s, value))
		}
	}
	if e.lines && len(e.notes) > 0 {
		dst = appendRichComment(dst, indent, strings.Join(e.notes, ", "))
		e.notes = nil
	}
	return appendLine(appendKey(dst, richKey(key), required, indent), e, indent)
}

func appendRichTitle(dst []byte, s *ojson.Value, indent int) []byte {
	title, ok := text(s, "title")
	if !ok {
		return dst
	}
	dst = appendRichComment(dst, indent, title)
	return append(appendIndent(dst, indent), "//\n"...)
}

func appendRichDescription(dst []byte, s *ojson.Value, indent int) []byte {
	if description, ok := text(s, "description"); ok {
		return appendRichComment(dst, indent, description)
	}
	return dst
}

func appendRichExamples(dst []byte, s *ojson.Value, indent int) []byte {
	examples, _ := array(s, "examples")
	if len(examples) == 0 {
		return dst
	}
	dst = appendRichComment(dst, indent, "Examples:")
	for i := range examples {
		dst = appendRichComment(dst, indent, "- "+richJSON(&examples[i]))
	}
	return dst
}
