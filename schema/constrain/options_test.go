package constrain_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"math/rand/v2"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/harmony-go/sdk/schema"
	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// narrow are the options that narrow a grammar, one by one and all together.
var narrow = map[string]constrain.Options{
	"compact":   {Compact: true},
	"spaced":    {MaxSpace: 3},
	"order":     {SchemaOrder: true},
	"declared":  {DeclaredOnly: true},
	"short":     {MaxString: 12},
	"canonical": {CanonicalNumbers: true},
	"plain":     {PlainStrings: true},
	"all":       {Compact: true, SchemaOrder: true, DeclaredOnly: true, CanonicalNumbers: true, PlainStrings: true, MaxString: 20},
}

// scaled divides a number of rounds where time is short.
func scaled(n int) int {
	if raced {
		n /= 4
	}
	if testing.Short() {
		n /= 4
	}
	return max(n, 1)
}

// What a narrowed grammar accepts comes to an end, is an instance, is accepted by the grammar that is not narrowed, and is as the
// option says.
func TestNarrowedGrammars(t *testing.T) {
	for name, opts := range narrow {
		t.Run(name, func(t *testing.T) {
			walked := 0
			for i, doc := range documents(t) {
				s := schema.MustParse(doc)
				g, err := constrain.Compile(s, &opts)
				if err != nil {
					continue // counted below
				}
				wide := compile(t, doc, nil)
				for seed := range uint64(scaled(4)) {
					text := newSampler(t, g, doc, 100*seed+uint64(i)).run(5 + 10*int(seed))
					require.NoError(t, s.Validate([]byte(text)), "%s for %s", text, doc)
					m := wide.NewMatcher()
					require.NoError(t, m.AcceptBytes([]byte(text)), "%s for %s", text, doc)
					require.True(t, m.Accepting())
					checkNarrow(t, &opts, doc, text)
				}
				walked++
			}
			assert.GreaterOrEqual(t, walked, len(documents(t))-2, "few grammars are refused")
		})
	}
}

var (
	superfluous = regexp.MustCompile(`\\/|\\u(00[2-9a-fA-F]|00[01]|0[1-9a-fA-F]|[1-9a-fA-F])`)
	quoted      = regexp.MustCompile(`"(\\.|[^"\\])*"`)
	needed      = regexp.MustCompile(`\\u00(0[0-7bBeEfF]|1[0-9a-fA-F])`)
)

func checkNarrow(t *testing.T, opts *constrain.Options, doc, text string) {
	if opts.Compact {
		var b bytes.Buffer
		require.NoError(t, json.Compact(&b, []byte(text)))
		require.Equal(t, b.String(), text)
	}
	if opts.MaxSpace > 0 {
		require.NotRegexp(t, strings.Repeat(`\s`, opts.MaxSpace+1), quoted.ReplaceAllString(text, `""`))
	}
	if opts.PlainStrings {
		rest := needed.ReplaceAllString(strings.ReplaceAll(text, `\\`, ""), "")
		require.NotRegexp(t, superfluous, rest, "%q for %s", text, doc)
	}
	v, err := ojson.Parse([]byte(text), ojson.MaxDepth)
	require.NoError(t, err)
	eachValue(&v, func(v *ojson.Value) {
		if v.Kind == ojson.Number && opts.CanonicalNumbers {
			require.False(t, strings.ContainsAny(v.Str, "eE"), "%s for %s", text, doc)
		}
	})
	var top struct {
		Type       string
		Properties json.RawMessage
	}
	if opts.SchemaOrder && json.Unmarshal([]byte(doc), &top) == nil && top.Properties != nil && v.Kind == ojson.Object && !strings.Contains(doc, "Of") {
		names, err := ojson.Parse(top.Properties, ojson.MaxDepth)
		require.NoError(t, err)
		last := -1
		for _, m := range v.Members {
			at := slices.IndexFunc(names.Members, func(n ojson.Member) bool { return n.Key == m.Key })
			if at < 0 {
				at = len(names.Members)
			}
			require.GreaterOrEqual(t, at, last, "%s for %s", text, doc)
			last = at
		}
	}
}

func eachValue(v *ojson.Value, f func(*ojson.Value)) {
	f(v)
	for i := range v.Items {
		eachValue(&v.Items[i], f)
	}
	for i := range v.Members {
		eachValue(&v.Members[i].Value, f)
	}
}

// Masks of narrowed grammars hold exactly what is allowed.
func TestNarrowedMasks(t *testing.T) {
	docs := documents(t)
	for name, opts := range narrow {
		r := rand.New(rand.NewPCG(7, campaign()))
		for range scaled(24) {
			doc := docs[r.IntN(len(docs))]
			g, err := constrain.Compile(schema.MustParse(doc), &opts)
			if err != nil {
				continue
			}
			s := newSampler(t, g, doc, r.Uint64())
			for range r.IntN(14) {
				s.m.Mask(s.mask)
				if tok, ok := pick(s.rand, s.mask); ok {
					s.accept(tok)
				}
			}
			requireExact(t, s.m, name+" behind "+string(s.text)+" for "+doc)
		}
	}
}

// The one spelling that a narrowed grammar leaves is accepted wherever the value is an instance.
func TestNarrowedGrammarsAreComplete(t *testing.T) {
	opts := constrain.Options{Compact: true, CanonicalNumbers: true, PlainStrings: true}
	accepted := 0
	for i, doc := range documents(t) {
		g, err := constrain.Compile(schema.MustParse(doc), &opts)
		if err != nil {
			continue
		}
		wide := compile(t, doc, nil)
		for seed := range uint64(scaled(6)) {
			text := newSampler(t, wide, doc, 31*seed+uint64(i)).run(20)
			v, err := ojson.Parse([]byte(text), ojson.MaxDepth)
			require.NoError(t, err)
			odd := false
			eachValue(&v, func(v *ojson.Value) {
				odd = odd || v.Kind == ojson.Number && (strings.ContainsAny(v.Str, "eE") || strings.HasSuffix(v.Str, ".0") || strings.HasPrefix(v.Str, "-0") || strings.Contains(v.Str, ".00"))
			})
			if odd {
				continue
			}
			plain := string(appendExact(nil, &v))
			if !wholeFits(doc, plain) {
				continue
			}
			assert.True(t, walk(t, g, tokenizer.O200kHarmony().Encode(plain)), "%s for %s", plain, doc)
			accepted++
		}
	}
	assert.Greater(t, accepted, scaled(6)*len(documents(t))/4)
}

// appendExact writes a value without white space, numbers as they have been written.
func appendExact(b []byte, v *ojson.Value) []byte {
	switch v.Kind {
	case ojson.Number:
		return append(b, v.Str...)
	case ojson.Array:
		b = append(b, '[')
		for i := range v.Items {
			b = appendExact(append(b, ","[:min(i, 1)]...), &v.Items[i])
		}
		return append(b, ']')
	case ojson.Object:
		b = append(b, '{')
		for i := range v.Members {
			b = ojson.AppendString(append(b, ","[:min(i, 1)]...), v.Members[i].Key)
			b = appendExact(append(b, ':'), &v.Members[i].Value)
		}
		return append(b, '}')
	}
	return v.Append(b)
}

// wholeFits reports whether no whole number is written with a fraction.
func wholeFits(_, text string) bool {
	return !regexp.MustCompile(`\.0*[,}\]]|\.0*$|\.0+`).MatchString(text)
}

// With the order of the schema, names come in that order; required ones are never left out.
func TestSchemaOrder(t *testing.T) {
	doc := `{"type":"object","properties":{"z":{"type":"integer"},"a":{"type":"integer"},"m":{"type":"integer"}},"required":["a"],"additionalProperties":{"type":"null"}}`
	g := compile(t, doc, &constrain.Options{SchemaOrder: true})
	for text, want := range map[string]bool{
		`{"z":1,"a":2,"m":3,"x":null}`: true, `{"a":2}`: true, `{"a":1,"m":2}`: true, `{"a":1,"x":null,"y":null}`: true,
		`{"a":1,"z":2}`: false, `{"z":1,"m":2,"a":3}`: false, `{"x":null,"a":1}`: false, `{"a":1,"x":null,"m":2}`: false, `{"z":1}`: false,
	} {
		m := g.NewMatcher()
		assert.Equal(t, want, m.AcceptBytes([]byte(text)) == nil && m.Accepting(), text)
	}
	m := g.NewMatcher()
	require.NoError(t, m.AcceptBytes([]byte(`{"z":1,`)))
	assert.Error(t, m.AcceptBytes([]byte(`"m`)), "a would be left out")
	assert.Error(t, m.AcceptBytes([]byte(`"x`)), "a would be left out")
}

// Only the properties that a schema speaks of are allowed, in whatever words it does; free objects stay free.
func TestDeclaredOnly(t *testing.T) {
	for doc, texts := range map[string]string{
		`{"type":"object","properties":{"a":{"type":"integer"}}}`: `{} {"a":1} | {"b":1} {"a":1,"b":1} {"aa":1}`,
		`{"type":"object"}`: `{} {"b":1} |`,
		`{"type":"object","properties":{"a":{"type":"object"}},"additionalProperties":true}`:        `{"a":{"x":1}} {"b":1} |`,
		`{"type":"object","properties":{"a":{}},"additionalProperties":{"type":"null"}}`:            `{"a":1,"b":null} | {"b":1}`,
		`{"type":"object","properties":{"a":{}},"patternProperties":{"^x":{"type":"integer"}}}`:     `{"a":1,"x1":2} | {"y":1}`,
		`{"type":"object","properties":{"a":{}},"required":["b"]}`:                                  `{"a":1,"b":2} {"b":1} | {"b":1,"c":2}`,
		`{"type":"object","properties":{"a":true,"b":{}}}`:                                          `{"a":1,"b":1} | {"c":1}`,
		`{"type":"object","required":["b"]}`:                                                        `{"b":1,"c":2} | {"c":1}`,
		`{"type":"object","allOf":[{"properties":{"a":{}}},{"properties":{"b":{}}}]}`:               `{"a":1,"b":2} | {"c":1}`,
		`{"type":"object","propertyNames":{"pattern":"^a"}}`:                                        `{"ab":1} | {"b":1}`,
		`{"type":"object","properties":{"a":{}},"dependentRequired":{"a":["b"]}}`:                   `{"a":1,"b":2} | {"a":1} {"c":1}`,
		`{"type":"object","properties":{"a":{"properties":{"b":{"type":"null"}},"type":"object"}}}`: `{"a":{"b":null}} | {"a":{"c":1}}`,
	} {
		g := compile(t, doc, &constrain.Options{DeclaredOnly: true})
		good, bad, _ := strings.Cut(texts, "|")
		for _, text := range strings.Fields(good) {
			assert.True(t, walk(t, g, byByte(text)), "%s for %s", text, doc)
		}
		for _, text := range strings.Fields(bad) {
			assert.False(t, walk(t, g, byByte(text)), "%s for %s", text, doc)
		}
	}
}

// A bound of strings leaves those alone that the schema names, or wants longer.
func TestMaxString(t *testing.T) {
	for doc, texts := range map[string]string{
		`{"type":"string"}`:                       `"" "äöü" "a\u0062c" | "abcd" "äöüß" "a\u0062cd"`,
		`{"type":"string","maxLength":2}`:         `"ab" | "abc"`,
		`{"type":"string","minLength":5}`:         `"abcde" "abcdefgh" | "abc"`,
		`{"enum":["abcdefgh","x"]}`:               `"abcdefgh" "x" | "ab"`,
		`{"type":"string","pattern":"^a+b?$"}`:    `"aab" "a" | "aaab" "b"`,
		`{}`:                                      `{"abcde":"abc"} ["abc",1] | ["abcd"]`,
		`{"not":{"type":"string","maxLength":1}}`: `"ab" 1 | "a" "abcd"`,
		`{"type":"object","properties":{"abcd":{"type":"string"}}}`: `{"abcd":"abc"} | {"abcd":"abcd"}`,
	} {
		g := compile(t, doc, &constrain.Options{MaxString: 3})
		good, bad, _ := strings.Cut(texts, "|")
		for _, text := range strings.Fields(good) {
			assert.True(t, walk(t, g, byByte(text)), "%s for %s", text, doc)
		}
		for _, text := range strings.Fields(bad) {
			assert.False(t, walk(t, g, byByte(text)), "%s for %s", text, doc)
		}
	}
}

// White space is counted anew wherever it stands.
func TestMaxSpace(t *testing.T) {
	g := compile(t, `{"type":"object","properties":{"a":{"type":["string","number","null"]},"b":{"items":{}}},"additionalProperties":false}`, &constrain.Options{MaxSpace: 2})
	for _, text := range []string{
		`{"a":1}`, "  {  \"a\"  :  1  ,  \"b\"  :  [  ]  }  ", "\n {\t\n}\r\n", `{"a":"    ","b":[  null  ,  true  ,  "    "  ,  {  "    "  :  1  }  ]  }`, "{\n\t\"a\": null}",
	} {
		assert.True(t, walk(t, g, byByte(text)), "%q", text)
		assert.True(t, walk(t, g, tokenizer.O200kHarmony().Encode(text)), "%q", text)
	}
	for _, text := range []string{
		"   {}", "{   }", "{}   ", `{"a"   :1}`, `{"a":   1}`, `{"a":1   }`, `{"a":1   ,"b":[]}`, `{"a":1,   "b":[]}`, `{"b":[   ]}`, `{"b":[1   ]}`, `{"b":[1,   2]}`,
		"{\n\n\n}", "{}\r\n\t", `{"b":[{   }]}`, `{"b":[{"a":""   }]}`, `{"b":[[]   ]}`, `{"a":null   }`,
	} {
		assert.False(t, walk(t, g, byByte(text)), "%q", text)
		assert.False(t, walk(t, g, tokenizer.O200kHarmony().Encode(text)), "%q", text)
	}
}

func TestCanonicalNumbers(t *testing.T) {
	for doc, texts := range map[string]string{
		`{"type":"integer"}`:                                              "0 1 -1 100 | 1.0 1e2 -0 0.0",
		`{"type":"number"}`:                                               "0 1 -1.5 0.25 | 1e2 1E2 1.5e1 -0",
		`{"type":"number","minimum":0.5,"maximum":2}`:                     "0.5 1 1.25 2 | 5e-1 0.4 3",
		`{"type":"integer","multipleOf":5,"minimum":-20}`:                 "0 5 -20 100 | 5.0 5e0 7 -25",
		`{"enum":[1,2.5,1e2]}`:                                            "1 2.5 100 | 1e2 25e-1 1.5",
		`{"type":"number","exclusiveMaximum":0,"not":{"type":"integer"}}`: "-0.5 -1.25 | -1 -5e-1",
	} {
		g := compile(t, doc, &constrain.Options{CanonicalNumbers: true})
		good, bad, _ := strings.Cut(texts, "|")
		for _, text := range strings.Fields(good) {
			assert.True(t, walk(t, g, byByte(text)), "%s for %s", text, doc)
		}
		for _, text := range strings.Fields(bad) {
			assert.False(t, walk(t, g, byByte(text)), "%s for %s", text, doc)
		}
	}
}

func TestIgnoreFormat(t *testing.T) {
	doc := `{"type":"string","format":"date"}`
	assert.False(t, walk(t, compile(t, doc, nil), byByte(`"today"`)))
	assert.True(t, walk(t, compile(t, doc, &constrain.Options{IgnoreFormat: true}), byByte(`"today"`)))
	unknown := schema.MustParse(`{"type":"string","format":"color"}`)
	_, err := constrain.Compile(unknown, nil)
	var u *constrain.UnsupportedError
	require.ErrorAs(t, err, &u)
	assert.Equal(t, "format", u.Keyword)
	g, err := constrain.Compile(unknown, &constrain.Options{IgnoreFormat: true})
	require.NoError(t, err)
	assert.Empty(t, g.Dropped(), "nothing that is ignored on request is dropped")
}

func TestIgnoreUnknown(t *testing.T) {
	doc := schema.MustParse(`{"type":"object","properties":{"a":{"type":"integer","mininum":3}},"preferredOrder":["a"],"$$target":1}`)
	_, err := constrain.Compile(doc, nil)
	var u *constrain.UnsupportedError
	require.ErrorAs(t, err, &u)
	g, err := constrain.Compile(doc, &constrain.Options{IgnoreUnknown: true})
	require.NoError(t, err)
	assert.True(t, walk(t, g, byByte(`{"a":1}`)))
	assert.False(t, walk(t, g, byByte(`{"a":"1"}`)))
	assert.Empty(t, g.Dropped())
}

// A lenient grammar goes without what cannot be enforced, says so, and is exact in all else.
func TestLenient(t *testing.T) {
	for _, c := range []struct{ doc, pointer, keyword, good, bad string }{
		{`{"type":"object","properties":{"a":{"type":"string","format":"color"}}}`, "/properties/a", "format", `{"a":"x"}`, `{"a":1}`},
		{`{"type":"object","properties":{"a":{"type":"string","pattern":"(?<=x)y"}}}`, "/properties/a", "pattern", `{"a":"x"}`, `{"a":1}`},
		{`{"type":"array","items":{"$ref":"https://example.com/item"}}`, "/items", "$ref", `[1,{}]`, `{}`},
		{`{"type":"integer","maximun":3}`, "", "maximun", `7`, `"7"`},
		{`{"type":"integer","minimum":"3","maximum":9}`, "", "minimum", `7`, `10`},
		{`{"type":"array","uniqueItems":true,"items":{"type":"array","maxItems":2}}`, "", "uniqueItems", `[[],[]]`, `[1]`},
		{`{"type":"array","items":{"$dynamicRef":"#x"},"maxItems":1}`, "/items", "$dynamicRef", `[1]`, `[1,2]`},
	} {
		_, err := constrain.Compile(schema.MustParse(c.doc), nil)
		var u *constrain.UnsupportedError
		require.True(t, errors.As(err, &u), "%s: %v", c.doc, err)
		assert.Equal(t, c.keyword, u.Keyword, c.doc)
		assert.Equal(t, c.pointer, u.Pointer, c.doc)
		g := compile(t, c.doc, &constrain.Options{Lenient: true})
		if assert.Len(t, g.Dropped(), 1, c.doc) {
			d := g.Dropped()[0]
			assert.Equal(t, [2]string{c.pointer, c.keyword}, [2]string{d.Pointer, d.Keyword})
			assert.NotEmpty(t, d.Reason)
		}
		assert.True(t, walk(t, g, byByte(c.good)), "%s for %s", c.good, c.doc)
		assert.False(t, walk(t, g, byByte(c.bad)), "%s for %s", c.bad, c.doc)
	}
}
