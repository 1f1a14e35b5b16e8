package schema

import (
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
)

// union returns the type of alternatives. Those of oneOf stand on lines of their own, as the reference has
// it; those of anyOf do if more than one has something to say.
func (w *richWriter) union(variants []ojson.Value, lines, bare bool, indent int) expr {
	list := make([]expr, len(variants))
	heavy := 0
	for i := range variants {
		list[i] = w.schema(&variants[i], indent+variantIndent)
		if len(list[i].notes) > 0 || len(annotations(&variants[i])) > 0 || strings.Contains(list[i].text, "\n") {
			heavy++
		}
	}
	switch {
	case len(variants) == 1 && !lines:
		return w.inner(&variants[0], indent)
	case lines || heavy > 1:
		return variantLines(variants, list, bare, indent)
	}
	for i := range variants {
		list[i] = w.inner(&variants[i], indent)
	}
	return join(list, " | ", indent)
}

// variantLines writes alternatives one a line, each with its comment.
func variantLines(variants []ojson.Value, list []expr, bare bool, indent int) expr {
	var dst []byte
	for i := range variants {
		v := &variants[i]
		dst = append(dst, '\n')
		dst = append(appendIndent(dst, indent), " | "...)
		dst = append(dst, parenthesized(list[i], indent+variantIndent, list[i].lines)...)
		dst = appendVariantNotes(dst, v, list[i].notes, bare)
	}
	return expr{text: string(dst), union: true, lines: true}
}

// richVariantDefault writes the default of an alternative: like a property's, but of other unions than a
// property's with quotes, as the reference has it.
func richVariantDefault(s, value *ojson.Value, bare bool) string {
	if bare {
		return richDefault(s, value)
	}
	return richJSON(value)
}

// appendVariantNotes appends the comment behind an alternative.
func appendVariantNotes(dst []byte, v *ojson.Value, notes []string, bare bool) []byte {
	description, described := text(v, "description")
	if value, ok := v.Get("default"); ok {
		notes = append(notes[:len(notes):len(notes)], "default: "+richVariantDefault(v, value, bare))
	}
	if !described && len(notes) == 0 {
		return dst
	}
	dst = append(append(dst, " // "...), oneLine(description)...)
	if described && len(notes) > 0 {
		dst = append(dst, ' ')
	}
	return append(dst, strings.Join(notes, ", ")...)
}
