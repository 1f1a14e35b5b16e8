package schema

import (
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/santhosh-tekuri/jsonschema/v5"
)

// A place is where an error of the validator happened.
type place struct {
	keyword  string
	pointer  string       // SchemaPointer
	value    *ojson.Value // what the keyword holds, nil if it is not in the document
	schema   *ojson.Value // the schema that the keyword stands in, likewise
	instance string       // InstancePointer
	found    *ojson.Value // the value there
	key      *ojson.Member
	offset   int
}

// place finds out where an error happened.
func (x *explainer) place(e *jsonschema.ValidationError) *place {
	at := &place{instance: x.v.pointer(e.InstanceLocation)}
	document, fragment, _ := strings.Cut(e.AbsoluteKeywordLocation, "#")
	at.pointer = x.v.pointer(fragment)
	tokens := pointerTokens(at.pointer)
	at.keyword = keywordOf(tokens)
	if document == base || x.v.isID(document) {
		at.value, _ = lookUp(&x.v.doc, tokens)
		if len(tokens) > 0 {
			at.schema, _ = lookUp(&x.v.doc, tokens[:len(tokens)-1])
		}
	} else {
		at.pointer = document + "#" + at.pointer
	}
	if at.keyword == "minContains" && at.value == nil && at.schema != nil { // it is 1 where it is not stated
		at.keyword, at.pointer = "contains", strings.TrimSuffix(at.pointer, "minContains")+"contains"
		at.value, _ = at.schema.Get("contains")
	}
	if at.value != nil && at.value.Kind == ojson.Bool && !at.value.Bool && e.Message == "not allowed" {
		at.keyword = falseKeyword(tokens)
	}
	at.found, at.key = lookUp(x.instance, pointerTokens(at.instance))
	if !inPropertyNames(pointerTokens(x.v.pointer(e.KeywordLocation))) {
		at.key = nil
	}
	at.setOffset(x.instance)
	return at
}

func (at *place) setOffset(instance *ojson.Value) {
	switch {
	case at.key != nil:
		at.offset = at.key.Offset
	case at.found != nil:
		at.offset = at.found.Offset
	default:
		at.offset = instance.Offset
	}
}

// isID reports whether the document calls itself by a URL: the validator then names it so.
func (v *validator) isID(document string) bool {
	return strings.HasPrefix(v.compiled.Location, document+"#")
}

// keywordOf returns the keyword that a pointer leads to: its last token, but for lists of names below one.
func keywordOf(tokens []string) string {
	n := len(tokens)
	if n == 0 {
		return "false"
	}
	if n > 2 && (tokens[n-3] == "dependentRequired" || tokens[n-3] == "dependencies") {
		return tokens[n-3]
	}
	return tokens[n-1]
}

// falseKeyword is what a schema false is reported as: the keyword that holds it where that says why it
// stands there.
func falseKeyword(tokens []string) string {
	if n := len(tokens); n > 0 {
		switch last := tokens[n-1]; last {
		case "unevaluatedProperties", "unevaluatedItems", "additionalItems", "items", "propertyNames", "not", "contains":
			if n < 2 || keywords[tokens[n-2]] != keywordMap {
				return last
			}
		}
	}
	return "false"
}

// inPropertyNames reports whether the tokens of a keyword's path lead through propertyNames.
func inPropertyNames(tokens []string) bool {
	for i := 0; i < len(tokens); i++ {
		switch kind := keywords[tokens[i]]; {
		case kind == keywordMap || kind == keywordPatterns:
			i++ // a name
		case tokens[i] == "propertyNames":
			return true
		}
	}
	return false
}

// pointer makes a JSON pointer of a location of the validator, which is percent-encoded and has the
// validator's form of patterns.
func (v *validator) pointer(location string) string {
	tokens := strings.Split(location, "/")
	for i, token := range tokens {
		token = percentDecoded(token)
		if token == patternKey {
			token = "pattern"
		}
		if i > 0 && tokens[i-1] == "patternProperties" {
			if key, ok := v.renamed[unescapePointer(token)]; ok {
				token = escapePointer(key)
			}
		}
		tokens[i] = token
	}
	return strings.Join(tokens, "/")
}

// percentDecoded undoes the percent-encoding of the validator's locations.
func percentDecoded(token string) string {
	if strings.IndexByte(token, '%') < 0 {
		return token
	}
	out := make([]byte, 0, len(token))
	for i := 0; i < len(token); i++ {
		if token[i] == '%' && i+2 < len(token) {
			if b, err := strconv.ParseUint(token[i+1:i+3], 16, 8); err == nil {
				out = append(out, byte(b))
				i += 2
				continue
			}
		}
		out = append(out, token[i])
	}
	return string(out)
}

// pointerTokens splits a JSON pointer.
func pointerTokens(pointer string) []string {
	if pointer == "" {
		return nil
	}
	tokens := strings.Split(pointer, "/")[1:]
	for i := range tokens {
		tokens[i] = unescapePointer(tokens[i])
	}
	return tokens
}

// lookUp follows tokens from v; member is the one that the last token names, if v's parent is an object.
func lookUp(v *ojson.Value, tokens []string) (found *ojson.Value, member *ojson.Member) {
	for _, token := range tokens {
		member = nil
		switch v.Kind {
		case ojson.Object:
			for i := len(v.Members) - 1; i >= 0 && member == nil; i-- {
				if v.Members[i].Key == token {
					member = &v.Members[i]
				}
			}
			if member == nil {
				return nil, nil
			}
			v = &member.Value
		case ojson.Array:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(v.Items) {
				return nil, nil
			}
			v = &v.Items[i]
		default:
			return nil, nil
		}
	}
	return v, member
}
