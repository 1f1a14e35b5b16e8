package schema

//lint:file-ignore SA5008 some tags are wrong on purpose
//lint:file-ignore U1000 fields that encoding/json does not see

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math/big"
	"math/rand/v2"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// Types for the tests. What encoding/json does with them is what For has to describe.
type (
	unit string

	weather struct {
		City  string   `json:"city" jsonschema:"The city, e.g. Paris"`
		Unit  unit     `json:"unit,omitempty" jsonschema:"default=celsius"`
		Days  int      `json:"days" jsonschema:"minimum=1,maximum=7,default=3" description:"How many days, at most a week."`
		Tags  []string `json:"tags,omitempty" jsonschema:"minLength=1,uniqueItems,maxItems=4"`
		Limit *float64 `json:"limit" jsonschema:"exclusiveMinimum=0,example=1.5,example=2"`
	}

	treeNode struct {
		Value int        `json:"value"`
		Next  *treeNode  `json:"next,omitempty"`
		Kids  []treeNode `json:"kids"`
	}
	forest struct {
		Trees map[string]treeNode `json:"trees"`
		First *treeNode           `json:"first"`
	}
	pair[A, B any] struct {
		First  A              `json:"first"`
		Second *B             `json:"second,omitempty"`
		More   []pair[A, B]   `json:"more,omitempty"`
		ByName map[string][]B `json:"by_name,omitempty"`
	}

	baseFields struct {
		ID   int `json:"id"`
		Name string
		Kind string `json:"kind"`
	}
	Other struct {
		ID   string `json:"id"`
		Size uint8  `json:"size"`
	}
	embeds struct {
		baseFields
		*Other
		Kind bool `json:"kind"`
		Last time.Time
	}

	point struct{ X, Y int }
	all   struct {
		B    bool            `json:"b"`
		I8   int8            `json:"i8"`
		U16  uint16          `json:"u16"`
		U    uint            `json:"u"`
		I64  int64           `json:"i64"`
		F    float32         `json:"f"`
		Data []byte          `json:"data,omitempty"`
		Arr  [2]bool         `json:"arr"`
		Raw  json.RawMessage `json:"raw"`
		Any  any             `json:"any"`
		Num  json.Number     `json:"num"`
		Big  *big.Int        `json:"big"`
		When time.Time       `json:"when"`
		Dur  time.Duration   `json:"dur"`
		ByID map[int]string  `json:"by_id,omitempty"`
		Free map[string]any  `json:"free,omitempty"`
		QI   int             `json:"qi,string"`
		QF   float64         `json:"qf,string"`
		QB   bool            `json:"qb,string"`
		QS   string          `json:"qs,string"`
		P    *point          `json:"p"`
		PP   **string        `json:"pp"`
		PO   *point          `json:"po,omitzero"`
		Ptrs []*point        `json:"ptrs,omitempty"`
		Text code            `json:"text"`
		Skip chan int        `json:"-"`
		Dash int             `json:"-,"`
		Odd  string          `json:"odd \"name\""`
		priv int
	}
	code struct{ letters string }

	own      struct{ inner string }
	ownRefs  struct{}
	withOwns struct {
		A own     `json:"a" jsonschema:"How much."`
		B ownRefs `json:"b"`
		C ownRefs `json:"c"`
		D level   `json:"d,omitempty"`
		E *unit   `json:"e"`
	}
	level int
)

func (unit) JSONSchemaEnum() []any { return []any{unit("celsius"), unit("fahrenheit")} }

func (*level) JSONSchemaEnum() []any { return []any{1, 2, 3} }

func (c code) MarshalText() ([]byte, error)     { return []byte("c" + c.letters), nil }
func (c *code) UnmarshalText(text []byte) error { c.letters = string(text[1:]); return nil }

func (own) MarshalJSON() ([]byte, error) { return []byte(`"7"`), nil }
func (own) JSONSchema() *Schema          { return MustParse(`{"type": "string", "pattern": "^[0-9]+$"}`) }

func (ownRefs) JSONSchema() *Schema {
	return MustParse(`{"type":"object","properties":{"x":{"$ref":"#/$defs/y"},"self":{"$ref":"#"}},"$defs":{"y":{"type":"object"}}}`)
}

func TestFor(t *testing.T) {
	rows := []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[weather](), `{"type":"object","properties":{"city":{"type":"string","description":"The city, e.g. Paris"},` +
			`"unit":{"type":"string","enum":["celsius","fahrenheit"],"default":"celsius"},` +
			`"days":{"type":"integer","minimum":1,"maximum":7,"default":3,"description":"How many days, at most a week."},` +
			`"tags":{"type":"array","items":{"type":"string","minLength":1},"uniqueItems":true,"maxItems":4},` +
			`"limit":{"type":["number","null"],"exclusiveMinimum":0,"examples":[1.5,2]}},"required":["city","days"],"additionalProperties":false}`},
		{reflect.TypeFor[treeNode](), `{"type":"object","properties":{"value":{"type":"integer"},"next":{"$ref":"#"},"kids":{"type":"array","items":{"$ref":"#"}}},"required":["value","kids"],"additionalProperties":false}`},
		{reflect.TypeFor[forest](), `{"type":"object","properties":{"trees":{"type":"object","additionalProperties":{"$ref":"#/$defs/treeNode"}},"first":{"anyOf":[{"$ref":"#/$defs/treeNode"},{"type":"null"}]}},` +
			`"required":["trees"],"additionalProperties":false,"$defs":{"treeNode":{"type":"object","properties":{"value":{"type":"integer"},"next":{"$ref":"#/$defs/treeNode"},"kids":{"type":"array","items":{"$ref":"#/$defs/treeNode"}}},"required":["value","kids"],"additionalProperties":false}}}`},
		{reflect.TypeFor[[]pair[string, time.Time]](), `{"type":"array","items":{"$ref":"#/$defs/pair_string_Time"},"$defs":{"pair_string_Time":{"type":"object","properties":{"first":{"type":"string"},"second":{"type":"string","format":"date-time"},` +
			`"more":{"type":"array","items":{"$ref":"#/$defs/pair_string_Time"}},"by_name":{"type":"object","additionalProperties":{"type":"array","items":{"type":"string","format":"date-time"}}}},"required":["first"],"additionalProperties":false}}}`},
		{reflect.TypeFor[embeds](), `{"type":"object","properties":{"Name":{"type":"string"},"size":{"type":"integer","minimum":0,"maximum":255},"kind":{"type":"boolean"},"Last":{"type":"string","format":"date-time"}},"required":["Name","kind","Last"],"additionalProperties":false}`},
		{reflect.TypeFor[withOwns](), `{"type":"object","properties":{"a":{"type":"string","pattern":"^[0-9]+$","description":"How much."},"b":{"$ref":"#/$defs/ownRefs"},"c":{"$ref":"#/$defs/ownRefs"},"d":{"type":"integer","enum":[1,2,3]},` +
			`"e":{"type":["string","null"],"enum":["celsius","fahrenheit",null]}},"required":["a","b","c"],"additionalProperties":false,"$defs":{"ownRefs":{"type":"object","properties":{"x":{"$ref":"#/$defs/ownRefs/$defs/y"},"self":{"$ref":"#/$defs/ownRefs"}},"$defs":{"y":{"type":"object"}}}}}`},
		{reflect.TypeFor[ownRefs](), `{"type":"object","properties":{"x":{"$ref":"#/$defs/y"},"self":{"$ref":"#"}},"$defs":{"y":{"type":"object"}}}`},
		{reflect.TypeFor[struct {
			_ struct{} `jsonschema:"title=Empty" description:"Nothing, or so."`
			P *point   `json:"p" jsonschema:"A point, or null."`
		}](), `{"type":"object","title":"Empty","description":"Nothing, or so.","properties":{"p":{"oneOf":[{"type":"object","properties":{"X":{"type":"integer"},"Y":{"type":"integer"}},"required":["X","Y"],"additionalProperties":false},{"type":"null"}],"description":"A point, or null."}},"additionalProperties":false}`},
		{reflect.TypeFor[struct {
			A string `json:",omitempty" jsonschema:"required"`
			B string `jsonschema:"optional,pattern=^a{1\\,2}$"`
			C string `jsonschema:"-"`
			D string `jsonschema_description:"x=y, that is"`
		}](), `{"type":"object","properties":{"A":{"type":"string"},"B":{"type":"string","pattern":"^a{1,2}$"},"D":{"type":"string","description":"x=y, that is"}},"required":["A","D"],"additionalProperties":false}`},
		{reflect.TypeFor[any](), `{}`},
		{reflect.TypeFor[map[uint8]any](), `{"type":"object","propertyNames":{"pattern":"^(0|[1-9][0-9]*)$"},"additionalProperties":true}`},
		{reflect.TypeFor[*int32](), `{"type":"integer","minimum":-2147483648,"maximum":2147483647}`},
	}
	for _, row := range rows {
		s, err := ForType(row.typ)
		require.NoError(t, err, row.typ)
		assert.Equal(t, row.want, string(s.JSON()), row.typ)
		assert.NoError(t, s.Compile(), row.typ)
	}
}

type (
	loop    struct{ *loop }
	Self    struct{ *Self }
	indir   *indir
	hidden  struct{ X int }
	custom  struct{}
	noNames struct {
		A int `json:"a"`
		hidden
	}
)

func (custom) UnmarshalJSON([]byte) error { return nil }

func TestForErrors(t *testing.T) {
	rows := []struct {
		typ  reflect.Type
		want string
	}{
		{reflect.TypeFor[chan int](), `schema: chan int (chan int): encoding/json cannot write a chan`},
		{reflect.TypeFor[struct{ A []map[string]func() }](), `schema: struct { A []map[string]func() }.A[][key] (func()): encoding/json cannot write a func`},
		{reflect.TypeFor[struct{ C complex128 }](), `schema: struct { C complex128 }.C (complex128): encoding/json cannot write a complex128`},
		{reflect.TypeFor[map[bool]int](), `schema: map[bool]int (bool): keys of a map must be strings, integers or have a text form (MarshalText)`},
		{reflect.TypeFor[fmt.Stringer](), `schema: fmt.Stringer (fmt.Stringer): an interface with methods: encoding/json cannot know what to read into it`},
		{reflect.TypeFor[Self](), `schema: schema.Self.Self (schema.Self): it embeds itself`},
		{reflect.TypeFor[struct{ *hidden }](), `schema: struct { *schema.hidden }.hidden (*schema.hidden): encoding/json cannot set an embedded pointer to an unexported struct`},
		{reflect.TypeFor[indir](), `schema: schema.indir (schema.indir): a pointer that points to nothing but pointers`},
		{reflect.TypeFor[custom](), `schema: schema.custom (schema.custom): it has a JSON form of its own (MarshalJSON or UnmarshalJSON); give it a method JSONSchema() *schema.Schema`},
		{reflect.TypeFor[struct {
			A int `jsonschema:"minimum=x"`
		}](), `A (int): minimum needs a number, not "x"`},
		{reflect.TypeFor[struct {
			A int `jsonschema:"minLength=1"`
		}](), `A (int): minLength is about a string, and this is a integer`},
		{reflect.TypeFor[struct {
			A string `jsonschema:"enum=a,enum=b,default=c"`
		}](), `A (string): the default "c" is not in the enum ["a","b"]`},
		{reflect.TypeFor[struct {
			A string `jsonschema:"descripton=x"`
		}](), `A (string): unknown key "descripton" in the tag; a description that begins with a word and = has to be written description=…`},
		{reflect.TypeFor[struct {
			A string `jsonschema:"description=x, y"`
		}](), `A (string): " y" in the tag is no flag and no key=value; write a comma within a value as \\,`},
		{reflect.TypeFor[struct {
			A []int `jsonschema:"enum=1.5"`
		}](), `A ([]int): enum needs a value of type integer, not "1.5"`},
		{reflect.TypeFor[struct {
			A bool `jsonschema:"default=yes"`
		}](), `A (bool): default needs a value in JSON, not "yes"`},
		{reflect.TypeFor[struct {
			A bool `jsonschema:"x" description:"y"`
		}](), `A (bool): two descriptions`},
	}
	for _, row := range rows {
		_, err := ForType(row.typ)
		var want *TypeError
		if assert.Truef(t, errors.As(err, &want), "%v: %v", row.typ, err) {
			assert.True(t, strings.HasSuffix(err.Error(), row.want), err.Error())
		}
	}
	assert.Panics(t, func() { MustFor[chan int]() })
	_, err := ForType(reflect.TypeFor[loop]())
	assert.Error(t, err)
}

// doubled types are written out twice each: the limit ends it.
type (
	d0 struct{ A, B d1 }
	d1 struct{ A, B d2 }
	d2 struct{ A, B d3 }
	d3 struct{ A, B d4 }
	d4 struct{ A, B d5 }
	d5 struct{ A, B d6 }
	d6 struct{ A, B d7 }
	d7 struct{ A, B, C, D, E, F, G, H point }
)

func TestForIsBounded(t *testing.T) {
	_, err := For[[4]struct{ A, B, C, D d0 }]()
	assert.ErrorContains(t, err, "more than 10000 parts")
}

// randomValue fills v with random content. Slices and maps are not nil: encoding/json writes null for nil
// ones, which a schema does not allow.
func randomValue(r *rand.Rand, v reflect.Value, depth int) {
	switch t := v.Type(); {
	case t == timeType:
		v.Set(reflect.ValueOf(time.Unix(r.Int64N(4e9), r.Int64N(1e9)).UTC()))
		return
	case t == rawType:
		v.Set(reflect.ValueOf(json.RawMessage([]string{`{"a":[1]}`, `null`, `"x"`}[r.IntN(3)])))
		return
	case t == numberType:
		v.SetString([]string{"1", "-1.5e3", "0"}[r.IntN(3)])
		return
	case t == bigIntType:
		v.Addr().Interface().(*big.Int).SetString("123456789012345678901234567890", 10)
		return
	case t == reflect.TypeFor[unit]():
		v.SetString([]string{"celsius", "fahrenheit"}[r.IntN(2)])
		return
	case t == reflect.TypeFor[level]():
		v.SetInt(1 + r.Int64N(3))
		return
	}
	switch v.Kind() {
	case reflect.Bool:
		v.SetBool(r.IntN(2) == 0)
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(int64(r.Uint64()) >> r.IntN(64))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(r.Uint64() >> r.IntN(64))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(float64(float32(r.NormFloat64() * 1e6)))
	case reflect.String:
		v.SetString([]string{"", "a", "é日😀", "\"\\\n\u2028", "<&>", strings.Repeat("x", r.IntN(50))}[r.IntN(6)])
	case reflect.Interface:
		v.Set(reflect.ValueOf([]any{1.5, "x", true, []any{}, map[string]any{"k": nil}}[r.IntN(5)]))
	case reflect.Pointer:
		if depth > 0 && r.IntN(3) > 0 {
			v.Set(reflect.New(v.Type().Elem()))
			randomValue(r, v.Elem(), depth-1)
		}
	case reflect.Slice:
		v.Set(reflect.MakeSlice(v.Type(), r.IntN(3)*min(depth, 1), 3))
		for i := range v.Len() {
			randomValue(r, v.Index(i), depth-1)
		}
	case reflect.Array:
		for i := range v.Len() {
			randomValue(r, v.Index(i), depth-1)
		}
	case reflect.Map:
		v.Set(reflect.MakeMap(v.Type()))
		for range r.IntN(3) * min(depth, 1) {
			key, value := reflect.New(v.Type().Key()).Elem(), reflect.New(v.Type().Elem()).Elem()
			randomValue(r, key, depth-1)
			randomValue(r, value, depth-1)
			v.SetMapIndex(key, value)
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() || v.Type().Field(i).Anonymous && v.Field(i).Kind() == reflect.Struct {
				if v.Field(i).CanSet() || v.Field(i).Kind() == reflect.Struct {
					randomField(r, v.Field(i), depth-1)
				}
			}
		}
	}
}

func randomField(r *rand.Rand, v reflect.Value, depth int) {
	if v.CanSet() {
		randomValue(r, v, depth)
		return
	}
	for i := range v.NumField() { // of an embedded struct that is not exported
		if v.Field(i).CanSet() {
			randomValue(r, v.Field(i), depth)
		}
	}
}

// What encoding/json writes for any value fits the type's schema, and comes back as the same value.
func testRoundTrip[T any](t *testing.T) {
	s := MustFor[T]()
	r := rand.New(rand.NewPCG(7, 8))
	for range 300 {
		value := new(T)
		randomValue(r, reflect.ValueOf(value).Elem(), 5)
		text, err := json.Marshal(value)
		require.NoError(t, err)
		require.NoError(t, s.Validate(text), "%s\n%s", text, s.JSON())
		back, err := DecodeArguments[T](s, text)
		require.NoError(t, err, "%s", text)
		again, err := json.Marshal(&back)
		require.NoError(t, err)
		require.JSONEq(t, string(text), string(again))
		testMutations[T](t, s, r, text)
	}
}

func TestForDescribesWhatJSONWrites(t *testing.T) {
	t.Run("all", testRoundTrip[all])
	t.Run("node", testRoundTrip[treeNode])
	t.Run("forest", testRoundTrip[forest])
	t.Run("pair", testRoundTrip[pair[int8, map[string]point]])
	t.Run("embedding", testRoundTrip[embeds])
	t.Run("hidden", testRoundTrip[noNames])
	t.Run("owns", testRoundTrip[struct{ D *level }])
	t.Run("map", testRoundTrip[map[int16][]*point])
	t.Run("scalars", testRoundTrip[[]any])
	t.Run("weather", testRoundTrip[struct {
		W []struct {
			U  unit
			At time.Time `json:",omitzero"`
		}
	}])
}

// testMutations puts values of other kinds into a text: what the schema calls a wrong type or an unknown
// property, encoding/json does not read either, and what encoding/json does not read is wrong by the schema.
func testMutations[T any](t *testing.T, s *Schema, r *rand.Rand, text []byte) {
	for range 10 {
		mutated := mutate(r, text)
		if mutated == nil || bytes.Contains(mutated, []byte("null")) { // encoding/json reads null into anything
			continue
		}
		valid := s.Validate(mutated)
		decoder := json.NewDecoder(bytes.NewReader(mutated))
		decoder.DisallowUnknownFields()
		readable := decoder.Decode(new(T))
		var wrong *ValidationError
		if errors.As(valid, &wrong) && (wrong.Problems[0].Keyword == "type" || wrong.Problems[0].Keyword == "additionalProperties") {
			require.Error(t, readable, "%s\n%v", mutated, valid)
		}
		if readable != nil {
			require.Error(t, valid, "%s\n%v", mutated, readable)
		}
	}
}

// mutate replaces a value somewhere in a text by one of another kind, or adds a property.
func mutate(r *rand.Rand, text []byte) []byte {
	var doc any
	decoder := json.NewDecoder(bytes.NewReader(text))
	decoder.UseNumber()
	if decoder.Decode(&doc) != nil {
		return nil
	}
	others := []any{"text that is none else", 12345, true, []any{"x"}, map[string]any{"unknown": 1}}
	doc = mutateValue(r, doc, others[r.IntN(len(others))])
	mutated, _ := json.Marshal(doc)
	return mutated
}

func mutateValue(r *rand.Rand, v, other any) any {
	switch v := v.(type) {
	case map[string]any:
		keys := make([]string, 0, len(v))
		for key := range v {
			keys = append(keys, key)
		}
		if len(keys) > 0 && r.IntN(5) > 0 {
			key := keys[r.IntN(len(keys))]
			v[key] = mutateValue(r, v[key], other)
			return v
		}
	case []any:
		if len(v) > 0 && r.IntN(5) > 0 {
			i := r.IntN(len(v))
			v[i] = mutateValue(r, v[i], other)
			return v
		}
	}
	return other
}

// FuzzTag: a tag that is accepted gives keywords that make a schema, or an error; never a panic.
func FuzzTag(f *testing.F) {
	for _, seed := range []string{"The city, e.g. Paris", "enum=a,enum=b,default=a", `pattern=^a{1\,2}$,required`, "minimum=1,example=2", "-", "x=y", ",", `\`, "uniqueItems"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		tag, err := parseTag(text)
		if err != nil {
			return
		}
		for _, name := range []string{"string", "integer", "array", "object", "boolean"} {
			n := typed(name)
			if tag.apply(n) != nil {
				continue
			}
			if _, err := Parse(n.append(nil)); err != nil && strings.ToValidUTF8(text, "") == text {
				t.Fatalf("%q made %s: %v", text, n.append(nil), err)
			}
		}
	})
}
