package schema

import "github.com/harmony-go/sdk/internal/ojson"

// conditionKeys are the keywords whose values stand in comments, in this order.
var conditionKeys = []string{
	"minimum", "exclusiveMinimum", "maximum", "exclusiveMaximum", "multipleOf",
	"minLength", "maxLength", "pattern", "format", "contentEncoding", "contentMediaType", "contentSchema",
	"minItems", "maxItems", "uniqueItems", "contains", "minContains", "maxContains", "unevaluatedItems",
	"minProperties", "maxProperties", "propertyNames", "dependentRequired", "dependentSchemas", "dependencies", "unevaluatedProperties",
	"not", "if", "then", "else", "deprecated", "readOnly", "writeOnly",
}

// conditions returns what a schema asks for beyond its type.
func conditions(s *ojson.Value) (notes []string) {
	for _, key := range conditionKeys {
		v, ok := s.Get(key)
		switch {
		case !ok || saysNothing(key, v):
		case v.Kind == ojson.Bool && v.Bool:
			notes = append(notes, key)
		default:
			notes = append(notes, key+": "+richJSON(v))
		}
	}
	return notes
}

// saysNothing reports whether a keyword has a value that asks for nothing, or nothing that the type does
// not show.
func saysNothing(key string, v *ojson.Value) bool {
	switch key {
	case "uniqueItems", "deprecated", "readOnly", "writeOnly":
		return v.Kind != ojson.Bool || !v.Bool
	case "unevaluatedProperties":
		return v.Kind == ojson.Bool
	case "minLength", "minItems", "minProperties":
		return v.Kind == ojson.Number && !moreThan(v.Str, 0)
	}
	return false
}
