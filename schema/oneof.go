package schema

import "github.com/harmony-go/sdk/internal/ojson"

// variantIndent is how much deeper than its union a variant stands.
const variantIndent = 3

// appendVariants appends a union that is not the value of a property. Every variant, also the first,
// begins on a line of its own.
func appendVariants(dst []byte, variants []ojson.Value, indent int) []byte {
	for i := range variants {
		v := &variants[i]
		dst = append(dst, '\n')
		dst = append(appendIndent(dst, indent), " | "...)
		dst = appendNullable(dst, v, indent+variantIndent)
		description, described := text(v, "description")
		dst = appendVariantComment(dst, description, described, v, appendVariantDefault)
	}
	return dst
}

// appendOneOfProperty appends a property whose type is a union: its description and default above it, one
// variant a line, a comma on the last line. Of descriptions some are lost: the first variant's where the
// property's stands above, and any that equals the property's; a property's that equals the first
// variant's is not shown above, so then neither is shown at all.
func appendOneOfProperty(dst []byte, key string, s *ojson.Value, variants []ojson.Value, required bool, indent int) []byte {
	description, described := text(s, "description")
	above := described && !describesFirst(variants, description)
	if above {
		dst = appendComment(dst, indent, description)
	}
	if value, ok := s.Get("default"); ok {
		dst = append(appendIndent(dst, indent), "// "...)
		dst = append(appendDefault(dst, s, value), '\n')
	}
	dst = append(appendKey(dst, key, required, indent), '\n')
	for i := range variants {
		v := &variants[i]
		dst = append(appendIndent(dst, indent), " | "...)
		dst = appendNullable(dst, v, indent+variantIndent)
		own, shown := text(v, "description")
		shown = shown && !(i == 0 && above) && !(described && own == description)
		dst = appendVariantComment(dst, own, shown, v, appendDefault)
		dst = append(dst, '\n')
	}
	return append(appendIndent(dst, indent), ",\n"...)
}

// describesFirst reports whether the first variant has the given description.
func describesFirst(variants []ojson.Value, description string) bool {
	if len(variants) == 0 {
		return false
	}
	first, ok := text(&variants[0], "description")
	return ok && first == description
}

// appendVariantComment appends what stands behind a variant: its description and its default.
func appendVariantComment(dst []byte, description string, described bool, v *ojson.Value,
	appendDefault func(dst []byte, s, value *ojson.Value) []byte) []byte {
	value, ok := v.Get("default")
	if !described && !ok {
		return dst
	}
	dst = append(dst, " // "...)
	if described {
		dst = append(dst, description...)
	}
	if described && ok {
		dst = append(dst, ' ')
	}
	if ok {
		dst = appendDefault(dst, v, value)
	}
	return dst
}
