package schema

import "strings"

// A keywordKind says what a keyword of JSON Schema holds.
type keywordKind uint8

const (
	keywordOther    keywordKind = iota // a schema, a list of them, or none
	keywordData                        // values that are no schemas, whatever they look like
	keywordMap                         // an object of schemas
	keywordPatterns                    // an object of schemas whose keys are patterns
	keywordCount                       // a number of things
)

// keywords has those of all drafts that hold something else than a schema, a list of schemas or a scalar.
var keywords = map[string]keywordKind{
	"enum": keywordData, "const": keywordData, "default": keywordData, "examples": keywordData, "example": keywordData,
	"required": keywordData, "dependentRequired": keywordData, "$vocabulary": keywordData,
	"properties": keywordMap, "$defs": keywordMap, "definitions": keywordMap, "dependentSchemas": keywordMap, "dependencies": keywordMap,
	"patternProperties": keywordPatterns,
	"minLength":         keywordCount, "maxLength": keywordCount, "minItems": keywordCount, "maxItems": keywordCount,
	"minProperties": keywordCount, "maxProperties": keywordCount, "minContains": keywordCount, "maxContains": keywordCount,
}

// escapePointer writes a key as a token of a JSON pointer (RFC 6901).
func escapePointer(key string) string {
	if strings.IndexByte(key, '~') < 0 && strings.IndexByte(key, '/') < 0 {
		return key
	}
	return strings.NewReplacer("~", "~0", "/", "~1").Replace(key)
}

// unescapePointer reads a token of a JSON pointer.
func unescapePointer(token string) string {
	return strings.NewReplacer("~1", "/", "~0", "~").Replace(token)
}
