package schema

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// One row for each kind of problem: the message says what a model needs to know.
func TestProblems(t *testing.T) {
	rows := []struct{ schema, instance, want string }{
		{`{"type":"string"}`, `3`, `type "" @0: expected a string, found the number 3, at the top level`},
		{`{"type":["string","null"]}`, `[1]`, `type "" @0: expected a string or null, found an array of 1 item, at the top level`},
		{`{"properties":{"a":{"type":"integer"}}}`, `{"a": 1.5}`, `type "/a" @6: expected an integer, found the number 1.5, at /a`},
		{`{"properties":{"a/b~c":{"type":"integer"}}}`, `{"a/b~c": "x"}`, `type "/a~1b~0c" @10: expected an integer, found the string "x", at /a~1b~0c`},
		{`{"enum":["a",1,null]}`, `"b"`, `enum "" @0: expected one of "a", 1, null, found the string "b", at the top level`},
		{`{"enum":[]}`, `"b"`, `enum "" @0: expected no value at all, found the string "b", at the top level`},
		{`{"const":{"a":1}}`, `{}`, `const "" @0: expected {"a":1}, found an object of 0 properties, at the top level`},
		{`{"required":["a","b"]}`, `{"a":1}`, `required "" @0: expected the property "b", found none of that name, at the top level`},
		{`{"properties":{"city":{}},"additionalProperties":false}`, `{"City":1}`, `additionalProperties "/City" @1: expected no property beyond those declared ("city" is meant?), found the property "City", at /City`},
		{`{"properties":{"a":{}},"patternProperties":{"^x":{}},"additionalProperties":false}`, `{"x":1,"zzz":1}`, `additionalProperties "/zzz" @7: expected no property but "a", found the property "zzz", at /zzz`},
		{`{"properties":{"a":{}},"unevaluatedProperties":false}`, `{"b":1}`, `unevaluatedProperties "/b" @5: expected no property beyond those declared, found the number 1, at /b`},
		{`{"minimum":3}`, `2`, `minimum "" @0: expected a number of at least 3, found the number 2, at the top level`},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","minimum":3,"exclusiveMinimum":true}`, `3`, `exclusiveMinimum "" @0: expected a number above 3, found the number 3, at the top level`},
		{`{"multipleOf":0.1}`, `0.25`, `multipleOf "" @0: expected a multiple of 0.1, found the number 0.25, at the top level`},
		{`{"minLength":3}`, `"éa"`, `minLength "" @0: expected a text of at least 3 characters, found 2 characters, "éa", at the top level`},
		{`{"pattern":"^\\s$"}`, `"x"`, `pattern "" @0: expected a text that matches /^\s$/, found the string "x", at the top level`},
		{`{"format":"date"}`, `"1.2.2024"`, `format "" @0: expected a date such as 2025-01-31, found the string "1.2.2024", at the top level`},
		{`{"minItems":2}`, `[1]`, `minItems "" @0: expected at least 2 items, found 1 item, at the top level`},
		{`{"uniqueItems":true}`, `[1,2,1.0]`, `uniqueItems "" @0: expected items that all differ, found equal items at 0 and 2, at the top level`},
		{`{"contains":{"type":"string"}}`, `[1]`, `contains "" @0: expected an item that is a string, found 1 item, at the top level`},
		{`{"prefixItems":[{}],"items":false}`, `[1,2]`, `items "/1" @3: expected no further item, found the number 2, at /1`},
		{`{"maxProperties":0}`, `{"a":1}`, `maxProperties "" @0: expected at most 0 properties, found 1 property, at the top level`},
		{`{"propertyNames":{"maxLength":2}}`, `{"abc":1}`, `maxLength "/abc" @1: expected a key that is a text of at most 2 characters, found the key "abc", at /abc`},
		{`{"patternProperties":{"\\s":{"type":"null"}}}`, `{"a b":1}`, `type "/a b" @7: expected null, found the number 1, at /a b`},
		{`{"not":{"type":"null"}}`, `null`, `not "" @0: expected anything but null, found null, at the top level`},
		{`false`, `1`, `false "" @0: expected no value at all, found the number 1, at the top level`},
		{`{"properties":{"a":false}}`, `{"a":1}`, `false "/a" @5: expected no value at all, found the number 1, at /a`},
		{`{"oneOf":[{"type":"integer"},{"minimum":2}]}`, `3`, `oneOf "" @0: expected exactly one alternative of oneOf to fit, not both 0 and 1, found the number 3, at the top level`},
		{`{"anyOf":[{"type":"string"},{"type":"null"}]}`, `3`, `anyOf "" @0: expected a string or null, found the number 3, at the top level`},
		{`{"anyOf":[{"type":"string","minLength":3},{"type":"null"}]}`, `"a"`, `minLength "" @0: expected a text of at least 3 characters, found 1 character, "a", at the top level`},
		{`{"oneOf":[{"properties":{"kind":{"const":"a"},"x":{"type":"string"}}},{"properties":{"kind":{"const":"b"},"x":{"type":"number"}}}]}`, `{"kind":"b","x":true}`,
			`type "/x" @16: expected a number, found true, at /x`},
		{`{"dependentRequired":{"a":["b"]}}`, `{"a":1}`, `dependentRequired "" @0: expected a further property, as others are present (property 'b' is required, if 'a' property exists), found an object of 1 property, at the top level`},
		{`{"if":{"minimum":2},"then":{"maximum":3}}`, `5`, `maximum "" @0: expected a number of at most 3, found the number 5, at the top level`},
		{`{"$ref":"#/$defs/a","$defs":{"a":{"type":"null"}}}`, `5`, `type "" @0: expected null, found the number 5, at the top level`},
	}
	for _, row := range rows {
		err := MustParse(row.schema).Validate([]byte(row.instance))
		var invalid *ValidationError
		require.Truef(t, errors.As(err, &invalid), "%s: %v", row.schema, err)
		require.Len(t, invalid.Problems, 1, row.schema)
		p := invalid.Problems[0]
		assert.Equal(t, row.want, fmt.Sprintf("%s %q @%d: %s", p.Keyword, p.InstancePointer, p.Offset, p.Message), row.schema)
		assert.Equal(t, "schema: "+p.Message, err.Error())
	}
}

func TestSchemaPointers(t *testing.T) {
	s := MustParse(`{"$id":"http://example.com/tool","properties":{"a b%":{"patternProperties":{"^\\s":{"pattern":"\\u0061"}}},"r":{"$ref":"#/$defs/x"}},"required":["z"],"$defs":{"x":{"minimum":1}}}`)
	err := s.Validate([]byte(`{"a b%":{" k":"b"},"r":0}`))
	var invalid *ValidationError
	require.ErrorAs(t, err, &invalid)
	var pointers []string
	for _, p := range invalid.Problems {
		pointers = append(pointers, p.InstancePointer+" by "+p.SchemaPointer)
	}
	assert.Equal(t, []string{" by /required/0", "/a b%/ k by /properties/a b%/patternProperties/^\\s/pattern", "/r by /$defs/x/minimum"}, pointers)
	assert.Equal(t, "schema: expected the property \"z\", found none of that name, at the top level, and 2 more", err.Error())
	assert.Equal(t, "The JSON does not fit its schema. Mend this and send all of it again:\n- "+invalid.Problems[0].Message+"\n- "+invalid.Problems[1].Message+"\n- "+invalid.Problems[2].Message, Feedback(err))
}

func TestManyProblems(t *testing.T) {
	err := MustParse(`{"items":{"type":"string"}}`).Validate([]byte("[" + strings.Repeat("1,", 9999) + "1]"))
	var invalid *ValidationError
	require.ErrorAs(t, err, &invalid)
	assert.Len(t, invalid.Problems, maxProblems)
	assert.Equal(t, 10000-maxProblems, invalid.Omitted)
	assert.Equal(t, "/0", invalid.Problems[0].InstancePointer)
	assert.Contains(t, Feedback(err), "and 9968 more")
}

func TestInstanceErrors(t *testing.T) {
	rows := []struct{ instance, want string }{
		{``, `schema: expected a value, found the end of the document at byte 0 of the instance`},
		{`{"a":1,"b":2,"a":3}`, `schema: expected each key once, found "a" again at byte 13 of the instance`},
		{`{"a":1,"\u0061":3}`, `schema: expected each key once, found "a" again at byte 7 of the instance`},
		{`{"k0":0,"k1":1,"k2":2,"k3":3,"k4":4,"k5":5,"k6":6,"k7":7,"k8":8,"k5":9}`, `schema: expected each key once, found "k5" again at byte 64 of the instance`},
		{`[1e10000000]`, `schema: expected a number within float64, found 1e10000000 at byte 1 of the instance`},
		{`[1e-10000000]`, `schema: expected a number with at most 1000 digits and an exponent below that, found 1e-10000000 at byte 1 of the instance`},
		{`0.` + strings.Repeat("1", 1000), `schema: expected a number with at most 1000 digits and an exponent below that, found 0.11111111111111111111111111111111111111 at byte 0 of the instance`},
		{strings.Repeat("[", 10000), `schema: expected at most 127 nested arrays and objects, found one more at byte 127 of the instance`},
		{`"` + strings.Repeat("a", MaxInstance) + `"`, `schema: expected at most 1048576 bytes, found 1048578 at byte 1048576 of the instance`},
		{`{"` + strings.Repeat("a", 20000) + `":1}`, `schema: expected keys of at most 16384 bytes on the way to a value, found more at byte 1 of the instance`},
		{`"\ud800"`, `schema: expected a surrogate pair, found the lone half \ud800 at byte 1 of the instance`},
		{`NaN`, `schema: expected a value, found 'N' at byte 0 of the instance`},
		{"\"\xff\"", `schema: expected UTF-8, found byte 0xff at byte 1 of the instance`},
	}
	s := MustParse(`true`)
	for _, row := range rows {
		err := s.Validate([]byte(row.instance))
		var instance *InstanceError
		if assert.Truef(t, errors.As(err, &instance), "%.40q: %v", row.instance, err) {
			assert.Equal(t, row.want, err.Error())
			assert.Contains(t, Feedback(err), instance.Msg)
		}
	}
	assert.NoError(t, s.Validate([]byte(`1e-400`)))
}

func TestCompileErrors(t *testing.T) {
	dir := t.TempDir()
	file := filepath.Join(dir, "other.json")
	require.NoError(t, os.WriteFile(file, []byte(`{"type":"string"}`), 0o600))
	rows := []struct{ schema, want string }{
		{`null`, `schema: expected an object or a boolean, found null, at "" of the schema`},
		{`"object"`, `schema: expected an object or a boolean, found string, at "" of the schema`},
		{`{"properties":{"a":{"type":"strin"}}}`, `schema: expected what JSON Schema allows there, found: value must be one of "array", "boolean", "integer", "null", "number", "object", "string", at "/properties/a/type" of the schema`},
		{`{"minLength":-1}`, `schema: expected what JSON Schema allows there, found: must be >= 0 but found -1, at "/minLength" of the schema`},
		{`{"a":{"$ref":"#/nope"},"items":{"$ref":"#/$defs/nope"}}`, `schema: expected a schema that can be compiled, found: #/$defs/nope not found, at "/items/$ref" of the schema`},
		{`{"properties":{"a":{"$ref":"file://` + file + `"}}}`, `schema: expected references within the document, found "file://` + file + `", which is never loaded, at "/properties/a/$ref" of the schema`},
		{`{"$ref":"http://example.com/x.json"}`, `schema: expected references within the document, found "http://example.com/x.json", which is never loaded, at "/$ref" of the schema`},
		{`{"items":{"$ref":"other.json#/a"}}`, `schema: expected references within the document, found "schema://document/other.json", which is never loaded, at "/items/$ref" of the schema`},
		{`{"$schema":"http://example.com/dialect"}`, `schema: expected references within the document, found "http://example.com/dialect", which is never loaded, at "/$schema" of the schema`},
		{`{"$ref":"#"}`, `schema: expected references that end, found #/$ref, at "" of the schema`},
		{`{"items":{"pattern":"a(?=b)"}}`, `schema: expected a pattern of ECMA-262, found "a(?=b)": look-ahead is supported only behind a ^ at the beginning of a pattern at byte 4 of the pattern, at "/items/pattern" of the schema`},
		{`{"patternProperties":{"(":{}}}`, `schema: expected a pattern of ECMA-262, found "(": missing ) at byte 1 of the pattern, at "/patternProperties/(" of the schema`},
		{`{"patternProperties":{"^(?!a)":{}}}`, `schema: expected a pattern of keys without look-ahead, found "^(?!a)", at "/patternProperties/^(?!a)" of the schema`},
		{`{"minimum":1e-10000000}`, `schema: expected a number with at most 1000 digits and an exponent below that, found 1e-10000000, at "/minimum" of the schema`},
		{`{"properties":{"x":{}` + strings.Repeat(`,"y":{}`, 1) + manyProperties(maxSubschemas) + `}}`, `schema: expected at most 5000 schemas in a document, found more, at "/properties/k4997" of the schema`},
	}
	for _, row := range rows {
		s := MustParse(row.schema)
		err := s.Compile()
		var compile *CompileError
		if assert.Truef(t, errors.As(err, &compile), "%.80s: %v", row.schema, err) {
			assert.Equal(t, row.want, err.Error())
			assert.Same(t, err, s.Validate([]byte(`1`)))
			assert.Empty(t, Feedback(err))
		}
	}
}

func manyProperties(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `,"k%d":{}`, i)
	}
	return b.String()
}

// What the validator would take wrongly, and what it takes rightly.
func TestValidateAccepts(t *testing.T) {
	rows := []struct{ schema, instance string }{
		{`{"maxLength":1e19}`, `"abc"`},
		{`{"minimum":-1e300,"multipleOf":1e-300}`, `1e300`},
		{`{"type":"integer"}`, `1.0`},
		{`{"type":"integer"}`, `12e2`},
		{`{"$ref":"https://json-schema.org/draft/2020-12/schema"}`, `{"type":"string"}`},
		{`{"$schema":"http://json-schema.org/draft-07/schema#","items":[{"type":"string"}],"additionalItems":{"type":"number"}}`, `["a",1]`},
		{`{"properties":{"pattern":{"type":"string"}},"const":{"pattern":"\\d"}}`, `{"pattern":"\\d"}`},
		{`{"format":"unknown"}`, `"x"`},
		{`{"patternProperties":{"\\v":{"type":"string"},"[\\x0b]":true}}`, "{\"\\u000b\":\"x\"}"},
		{`{"pattern":"^(?=.*[0-9])(?!.* ).+$"}`, `"a1"`},
		{`{"type":"string","type":"number"}`, `1`},
	}
	for _, row := range rows {
		assert.NoError(t, MustParse(row.schema).Validate([]byte(row.instance)), row.schema)
	}
}

// Schemas and instances that would take exponential time or memory end soon, with an error.
func TestValidateIsBounded(t *testing.T) {
	var twice strings.Builder
	twice.WriteString(`{"$ref":"#/$defs/a0","$defs":{`)
	for i := range 60 {
		fmt.Fprintf(&twice, `"a%d":{"allOf":[{"$ref":"#/$defs/a%d"},{"$ref":"#/$defs/a%d"}]},`, i, i+1, i+1)
	}
	twice.WriteString(`"a60":{"minimum":0}}}`)
	rows := []struct{ name, schema, instance string }{
		{"references twice", twice.String(), `1`},
		{"references twice, failing", twice.String(), `-1`},
		{"properties twice", `{"properties":{"a":{"$ref":"#"}},"anyOf":[{"properties":{"a":{"$ref":"#"}}},{"type":"string"}]}`, strings.Repeat(`{"a":`, 100) + "1" + strings.Repeat("}", 100)},
		{"long pattern on long text", `{"pattern":"^(?:[a-z]{900}x?)+$"}`, `"` + strings.Repeat("a", 900_000) + `"`},
		{"long pattern on long keys", `{"patternProperties":{"^(?:[a-z]{900}x?)+$":{}}}`, "{" + longKeys(20) + `"z":1}`},
		{"large enum on many values", `{"items":{"enum":[` + strings.Repeat("1,", 9999) + `1]}}`, `[` + strings.Repeat("2,", 50_000) + `2]`},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			var instance *InstanceError
			assert.ErrorAs(t, MustParse(row.schema).Validate([]byte(row.instance)), &instance)
		})
	}
	s := MustParse(`{"$ref":"#/$defs/a0","$defs":{` + chain(2000) + `}}`)
	assert.Error(t, s.Validate([]byte(`1`)))
}

func longKeys(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"%c%s":1,`, 'b'+i, strings.Repeat("a", 16000))
	}
	return b.String()
}

// chain defines schemas of which each refers to the next.
func chain(n int) string {
	var b strings.Builder
	for i := range n {
		fmt.Fprintf(&b, `"a%d":{"$ref":"#/$defs/a%d"},`, i, i+1)
	}
	return b.String() + fmt.Sprintf(`"a%d":{}`, n)
}

func TestValidateConcurrently(t *testing.T) {
	s := MustParse(`{"properties":{"a":{"pattern":"^x"}},"required":["b"]}`)
	want := s.Validate([]byte(`{"a":"y"}`)).Error()
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 50 {
				assert.EqualError(t, s.Validate([]byte(`{"a":"y"}`)), want)
				assert.NoError(t, s.Validate([]byte(`{"a":"x","b":1}`)))
			}
		})
	}
	wg.Wait()
	require.NoError(t, s.UnmarshalJSON([]byte(`false`)))
	assert.Error(t, s.Validate([]byte(`1`)))
}

// A ValidationError can be handed on as JSON.
func TestProblemJSON(t *testing.T) {
	var invalid *ValidationError
	require.ErrorAs(t, MustParse(`{"type":"string"}`).Validate([]byte(`3`)), &invalid)
	text, err := json.Marshal(invalid.Problems)
	require.NoError(t, err)
	assert.JSONEq(t, `[{"instance_pointer":"","offset":0,"keyword":"type","schema_pointer":"/type","expected":"a string","found":"the number 3","message":"expected a string, found the number 3, at the top level"}]`, string(text))
}

// FuzzValidate: no schema and no instance makes the validator panic, and a faulty instance is told why.
func FuzzValidate(f *testing.F) {
	for _, row := range [][2]string{
		{`{"type":"object","properties":{"a":{"type":"integer","minimum":1}},"required":["a"]}`, `{"a":0}`},
		{`{"anyOf":[{"$ref":"#/$defs/x"},{"type":"array","items":{"$ref":"#"},"uniqueItems":true}],"$defs":{"x":{"enum":[1,"a"]}}}`, `[[1],"b"]`},
		{`{"patternProperties":{"^\\s":{"pattern":"^(?!x)"}},"additionalProperties":false}`, `{" ":"x"}`},
		{`{"$schema":"http://json-schema.org/draft-04/schema#","maximum":1e30,"exclusiveMaximum":true,"format":"uri"}`, `1e30`},
		{`{"$dynamicRef":"#a","$defs":{"a":{"$dynamicAnchor":"a"}},"unevaluatedItems":false,"prefixItems":[{}]}`, `[1,2]`},
		{`{"if":{"const":1},"then":false,"dependentRequired":{"a":["b"]},"not":{},"contains":{}}`, `1`},
	} {
		f.Add([]byte(row[0]), []byte(row[1]))
	}
	f.Fuzz(func(t *testing.T, doc, instance []byte) {
		s, err := Parse(doc)
		if err != nil || len(doc) > 4096 {
			return
		}
		err = s.Validate(instance)
		var compile *CompileError
		if errors.As(err, &compile) {
			if strings.Contains(compile.Msg, "fails on it") {
				t.Fatalf("the validator panicked: %v", err)
			}
			return
		}
		if err != nil && (len(err.Error()) < 20 || Feedback(err) == "") {
			t.Fatalf("%q", err)
		}
		if again := s.Validate(instance); fmt.Sprint(again) != fmt.Sprint(err) {
			t.Fatalf("first %v, then %v", err, again)
		}
	})
}

func BenchmarkValidate(b *testing.B) {
	s := MustParse(`{"type":"object","properties":{"location":{"type":"string","minLength":1},"format":{"type":"string","enum":["celsius","fahrenheit"]},"days":{"type":"array","items":{"type":"integer","minimum":1}}},"required":["location"],"additionalProperties":false}`)
	instance := []byte(`{"location":"San Francisco, CA","format":"celsius","days":[1,2,3]}`)
	b.ReportAllocs()
	for b.Loop() {
		if err := s.Validate(instance); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCompile(b *testing.B) {
	doc := `{"type":"object","properties":{"location":{"type":"string","minLength":1},"format":{"type":"string","enum":["celsius","fahrenheit"]},"days":{"type":"array","items":{"type":"integer","minimum":1}}},"required":["location"],"additionalProperties":false}`
	for b.Loop() {
		if err := MustParse(doc).Compile(); err != nil {
			b.Fatal(err)
		}
	}
}
