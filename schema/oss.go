package schema

import (
	"bytes"

	"github.com/harmony-go/sdk/internal/ojson"
)

// TypeScriptOSS returns the schema as a TypeScript type as oss-harmony 0.0.11 writes it. That fork of
// openai-harmony was built with a later serde_json, which puts a plus sign before the exponent of a large
// number in a default: 1e+23 and not 1e23. Nothing else differs. Kept like TypeScript.
func (s *Schema) TypeScriptOSS() string {
	s.typeScriptOSSOnce.Do(func() {
		doc, err := ojson.Parse(s.raw, ojson.MaxDepth)
		if err != nil || !plusExponents(&doc) {
			s.typeScriptOSS = s.TypeScript()
			return
		}
		s.typeScriptOSS = string(appendType(nil, &doc, 0))
	})
	return s.typeScriptOSS
}

// plusExponents makes every number that prints with a positive exponent print a plus sign before it, and
// reports whether there was one.
func plusExponents(v *ojson.Value) bool {
	found := false
	switch v.Kind {
	case ojson.Number:
		printed := ojson.AppendNumber(nil, v.Str)
		e := bytes.IndexByte(printed, 'e')
		if e < 0 || printed[e+1] == '-' {
			return false
		}
		v.Kind, v.Str = ojson.Printed, string(printed[:e+1])+"+"+string(printed[e+1:])
		return true
	case ojson.Array:
		for i := range v.Items {
			found = plusExponents(&v.Items[i]) || found
		}
	case ojson.Object:
		for i := range v.Members {
			found = plusExponents(&v.Members[i].Value) || found
		}
	}
	return found
}
