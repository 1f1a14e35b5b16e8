package constrain_test

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// hostile are schemas that would cost much if nobody counted: each must be refused, or compiled, at once.
func hostile() map[string]string {
	m := map[string]string{
		"repeats":          `{"type":"string","pattern":"^(a{1,1000}){1,1000}$"}`,
		"nested repeats":   `{"type":"string","pattern":"^((a?){30}){30}a{30}$"}`,
		"catastrophic":     `{"type":"string","pattern":"^(a|a?)+$"}`,
		"look-aheads":      `{"type":"string","pattern":"^(?=.*a.{12})(?=.*b.{12})(?=.*c.{12})x*$"}`,
		"distance":         `{"type":"string","pattern":"a.{20}b","maxLength":1000}`,
		"huge counts":      `{"type":"array","minItems":1000000000,"contains":{"const":1},"minContains":999999}`,
		"huge lengths":     `{"type":"string","minLength":1000000000,"pattern":"^[ab]+$"}`,
		"self":             `{"$ref":"#"}`,
		"circle":           `{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}`,
		"not itself":       `{"not":{"$ref":"#"}}`,
		"endless object":   `{"type":"object","required":["a"],"properties":{"a":{"$ref":"#"}}}`,
		"remote":           `{"properties":{"a":{"$ref":"https://example.com/schema.json"}}}`,
		"file":             `{"items":{"$ref":"file:///etc/passwd"}}`,
		"contradiction":    `{"allOf":[{"minimum":3},{"maximum":2},{"type":"number"}]}`,
		"numbers":          `{"multipleOf":1e-300,"maximum":1e300}`,
		"numbers 2":        `{"allOf":[{"multipleOf":0.7},{"multipleOf":0.11},{"multipleOf":1.3},{"not":{"multipleOf":17}},{"not":{"multipleOf":19}}]}`,
		"number out there": `{"minimum":1e308,"exclusiveMaximum":1.0000000000000000000000000000001e308}`,
		"unique":           `{"uniqueItems":true,"minItems":1000,"items":{"type":"integer","minimum":0,"maximum":1000}}`,
		"deep not":         strings.Repeat(`{"not":`, 100) + `{"type":"object","properties":{"a":{"type":"string"}}}` + strings.Repeat("}", 100),
	}
	var words, branches, required []string
	for i := range 20000 {
		words = append(words, fmt.Sprintf(`"word %d of many"`, i*7919%20011))
	}
	m["huge enum"] = `{"enum":[` + strings.Join(words, ",") + `]}`
	for i := range 24 {
		branches = append(branches, fmt.Sprintf(`{"properties":{"p%d":{"type":"string","pattern":"a{%d}"}},"minProperties":%d}`, i%5, i, i%3))
		required = append(required, fmt.Sprintf(`{"anyOf":[{"required":["a%d"]},{"required":["b%d"]}]}`, i, i))
	}
	m["one of many"] = `{"oneOf":[` + strings.Join(branches, ",") + `]}`
	m["all of any"] = `{"allOf":[` + strings.Join(required, ",") + `]}`
	m["doubling"] = doubling(25)
	return m
}

// doubling is a schema that is exponentially large if references are followed.
func doubling(n int) string {
	var b strings.Builder
	b.WriteString(`{"$ref":"#/$defs/s0","$defs":{`)
	for i := range n {
		fmt.Fprintf(&b, `"s%d":{"allOf":[{"$ref":"#/$defs/s%d"},{"anyOf":[{"$ref":"#/$defs/s%d"},{"type":"null"}]}]},`, i, i+1, i+1)
	}
	fmt.Fprintf(&b, `"s%d":{"type":"object","properties":{"a":{"type":"integer"}}}}}`, n)
	return b.String()
}

// The time that a schema can cost is bounded, and so is that of the first masks.
func TestHostileSchemas(t *testing.T) {
	constrain.Warm()
	limit := 2 * time.Second
	if raced {
		limit *= 10
	}
	for name, doc := range hostile() {
		t.Run(name, func(t *testing.T) {
			s, err := schema.Parse([]byte(doc))
			require.NoError(t, err)
			for _, opts := range []constrain.Options{{}, {Lenient: true}, {Compact: true, SchemaOrder: true, CanonicalNumbers: true, PlainStrings: true}} {
				start := cpuTime()
				g, err := constrain.Compile(s, &opts)
				if err == nil {
					requireAlive(t, g, doc)
				}
				var u *constrain.UnsupportedError
				if err != nil && !errors.As(err, &u) {
					t.Fatalf("%T %v", err, err)
				}
				assert.Less(t, cpuTime()-start, limit, "%v", err)
			}
		})
	}
}

// requireAlive takes some steps at random, none of which may lead to a dead end.
func requireAlive(t testing.TB, g *constrain.Grammar, doc string) {
	m := g.NewMatcher()
	mask := make([]uint64, constrain.MaskWords)
	r := rand.New(rand.NewPCG(1, 2))
	for range 8 {
		m.Mask(mask)
		tok, ok := pick(r, mask)
		if !ok {
			require.True(t, m.Accepting(), "dead end for %.300s", doc)
			return
		}
		require.NoError(t, m.Accept(tok), "%.300s", doc)
	}
}

func TestRemoteReferences(t *testing.T) {
	for doc, pointer := range map[string]string{
		`{"properties":{"a":{"$ref":"https://example.com/schema.json"}}}`: "/properties/a",
		`{"items":{"$ref":"file:///etc/passwd"}}`:                         "/items",
		`{"$ref":"other.json#/a"}`:                                        "",
		`{"anyOf":[{"$ref":"#/$defs/none"}]}`:                             "/anyOf/0",
	} {
		_, err := constrain.Compile(schema.MustParse(doc), nil)
		var u *constrain.UnsupportedError
		require.ErrorAs(t, err, &u)
		assert.Equal(t, pointer, u.Pointer)
		assert.Equal(t, "$ref", u.Keyword)
		assert.Contains(t, err.Error(), "#"+pointer)
	}
}

// options reads options from the bits of a number.
func options(bits uint8) *constrain.Options {
	return &constrain.Options{
		Lenient: bits&1 != 0, IgnoreFormat: bits&2 != 0, IgnoreUnknown: bits&4 != 0,
		Compact: bits&8 != 0, SchemaOrder: bits&16 != 0, CanonicalNumbers: bits&32 != 0, PlainStrings: bits&64 != 0, DeclaredOnly: bits&128 != 0,
	}
}

func FuzzCompile(f *testing.F) {
	for i, doc := range documents(f) {
		f.Add([]byte(doc), uint8(i))
	}
	for _, name := range []string{"self", "circle", "not itself", "remote", "contradiction", "catastrophic"} {
		f.Add([]byte(hostile()[name]), uint8(1))
	}
	f.Fuzz(func(t *testing.T, doc []byte, bits uint8) {
		s, err := schema.Parse(doc)
		if err != nil || len(doc) > 1<<12 {
			return
		}
		start := cpuTime()
		g, err := constrain.Compile(s, options(bits))
		if d := cpuTime() - start; d > 5*time.Second {
			t.Fatalf("%v for %s", d, doc)
		}
		if err != nil {
			var u *constrain.UnsupportedError
			require.ErrorAs(t, err, &u)
			return
		}
		requireAlive(t, g, string(doc))
	})
}

func FuzzMatcher(f *testing.F) {
	docs := documents(f)
	for i, text := range []string{`{"a":1,"b":[null,true]}`, `["x","\u00e9",-1.5e3]`, `{"name":"é","n":12}`, ` 12 `, `"2024-02-29"`, `{"x":1,"":2,"`} {
		f.Add(uint16(i*7), []byte(text), uint8(i), uint64(i))
	}
	f.Fuzz(func(t *testing.T, doc uint16, text []byte, bits uint8, seed uint64) {
		if len(text) > 1<<10 {
			return
		}
		d := docs[int(doc)%len(docs)]
		s := schema.MustParse(d)
		g, err := constrain.Compile(s, options(bits&^1)) // nothing is dropped
		if err != nil {
			return
		}
		r := rand.New(rand.NewPCG(seed, 0))
		whole, parts := g.NewMatcher(), g.NewMatcher()
		n := 0
		for n < len(text) {
			k := min(len(text)-n, 1+r.IntN(5))
			if parts.AcceptBytes(text[n:n+k]) != nil {
				break
			}
			n += k
		}
		err = whole.AcceptBytes(text)
		require.Equal(t, n == len(text), err == nil, "%q for %s: %v", text, d, err)
		require.Equal(t, n, parts.Offset())
		if err == nil && whole.Accepting() && bits&2 == 0 {
			require.NoError(t, s.Validate(text), "%q for %s", text, d)
		}
		if bits&0x7F == 0 && s.Validate(text) == nil {
			require.NoError(t, err, "%q for %s", text, d)
			require.True(t, whole.Accepting(), "%q for %s", text, d)
		}
		mask, said := masked(parts), text[:n]
		for range 100 {
			tok := tokenizer.Token(r.IntN(64 * constrain.MaskWords))
			if tok%2 == 0 { // tokens of few bytes are allowed more often
				tok %= 1000
			}
			require.Equal(t, mask[tok/64]>>(tok%64)&1 != 0, parts.Allowed(tok), "token %d behind %q for %s", tok, said, d)
		}
		for _, tok := range parts.Forced(nil) {
			require.NoError(t, parts.Accept(tok), "behind %q for %s", said, d)
			n += len(tokenText(tok))
		}
		require.Equal(t, n, parts.Offset())
		parts.Rollback(parts.Steps())
		require.Equal(t, 0, parts.Offset())
	})
}
