package schema

import (
	"bufio"
	"encoding/json"
	"errors"
	"os"
	"strings"
	"sync"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// readLines returns the lines of a JSON Lines file, each read into a T.
func readLines[T any](t testing.TB, path string) []T {
	f, err := os.Open(path)
	require.NoError(t, err)
	defer f.Close()
	var out []T
	lines := bufio.NewScanner(f)
	lines.Buffer(nil, 1<<20)
	for lines.Scan() {
		var row T
		require.NoError(t, json.Unmarshal(lines.Bytes(), &row))
		out = append(out, row)
	}
	require.NoError(t, lines.Err())
	return out
}

func TestParseErrors(t *testing.T) {
	rows := []struct {
		doc  string
		want string
	}{
		{``, `schema: expected a value, found the end of the document at byte 0`},
		{`{"default":1e400}`, `schema: expected a number within float64, found 1e400 at byte 11`},
		{`{"a":"\ud800"}`, `schema: expected a surrogate pair, found the lone half \ud800 at byte 6`},
		{`{"a":1,}`, `schema: expected a value after the comma, found '}' at byte 7`},
		{`{} {}`, `schema: expected the end of the document, found '{' at byte 3`},
		{"{\"a\":\"\xff\"}", `schema: expected UTF-8, found byte 0xff at byte 6`},
		{strings.Repeat("[", 128), `schema: expected at most 127 nested arrays and objects, found one more at byte 127`},
	}
	for _, row := range rows {
		_, err := Parse([]byte(row.doc))
		var parse *ParseError
		if assert.Truef(t, errors.As(err, &parse), "%.40q: %v", row.doc, err) {
			assert.Equal(t, row.want, err.Error())
		}
	}
	assert.PanicsWithError(t, `schema: expected a value, found the end of the document at byte 0`, func() { MustParse(``) })
}

// The document comes back byte for byte, whatever its spelling, and does not change with the caller's.
func TestJSON(t *testing.T) {
	for _, doc := range []string{`{ "b" : 1.50,"a":1E2, "a":"\u0041" }`, `null`, `true`, `"x"`, `[1 , 2]`} {
		given := []byte(" \n" + doc + "\t")
		s, err := Parse(given)
		require.NoError(t, err)
		clear(given)
		assert.Equal(t, doc, string(s.JSON()))
		clear(s.JSON())
		marshaled, err := s.MarshalJSON()
		require.NoError(t, err)
		assert.Equal(t, doc, string(marshaled))
		var read Schema
		require.NoError(t, read.UnmarshalJSON(marshaled))
		assert.Equal(t, doc, string(read.AppendJSON(nil)))
	}
	assert.Equal(t, `{"b":1.50,"a":[1,"x \" y"]}`, string(MustParse("{ \"b\" : 1.50,\n\"a\":[1 , \"x \\\" y\"] }").AppendCompact(nil)))
}

func TestUnmarshalReplaces(t *testing.T) {
	s := MustParse(`{"type":"string"}`)
	assert.Equal(t, "string", s.TypeScript())
	require.Error(t, s.UnmarshalJSON([]byte(`{`)))
	assert.Equal(t, `{"type":"string"}`, string(s.JSON()))
	require.NoError(t, json.Unmarshal([]byte(`{"type":"number"}`), s))
	assert.Equal(t, "number", s.TypeScript())
}

func TestZero(t *testing.T) {
	var s Schema
	assert.Equal(t, "any", s.TypeScript())
	assert.Equal(t, "null", string(s.JSON()))
	assert.Equal(t, "null", string(s.AppendCompact(nil)))
}

func TestTypeScriptConcurrently(t *testing.T) {
	s := MustParse(`{"type":"object","properties":{"a":{"type":"string"}}}`)
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { assert.Equal(t, "{\na?: string,\n}", s.TypeScript()) })
	}
	wg.Wait()
	assert.Zero(t, testing.AllocsPerRun(10, func() { s.TypeScript() }))
}

// One row for each rule of the reference's text, in the order of the rules.
func TestTypeScript(t *testing.T) {
	object := func(properties string) string { return `{"type":"object","properties":{` + properties + `}}` }
	rows := []struct{ name, schema, want string }{
		{"oneOf, first and nested", `{"oneOf":[{"type":"string"},{"oneOf":[{"type":"number"}]}]}`, "\n | string\n | \n    | number"},
		{"oneOf comments", `{"oneOf":[{"type":"string","description":"d","default":"x"},{"type":"number","default":1}]}`, "\n | string // d default: \"x\"\n | number // default: 1"},
		{"oneOf default with enum is JSON", `{"oneOf":[{"type":"string","enum":["x"],"default":"a\"b"}]}`, "\n | \"x\" // default: \"a\\\"b\""},
		{"oneOf default without enum is raw", `{"oneOf":[{"type":"string","default":"a\"b"}]}`, "\n | string // default: \"a\"b\""},
		{"oneOf before type", `{"type":"string","oneOf":[]}`, ""},
		{"oneOf that is no array", `{"type":"string","oneOf":{}}`, "string"},
		{"type list", `{"type":["integer","weird","null"],"enum":["a"]}`, "number | weird | null"},
		{"type list of an empty name", `{"type":[""]}`, ""},
		{"type list without names", `{"type":[1,null]}`, "any"},
		{"type names", object(`"a":{"type":"string"},"b":{"type":"integer"},"c":{"type":"boolean"},"d":{"type":"null"},"e":{"type":"weird"},"f":{}`),
			"{\na?: string,\nb?: number,\nc?: boolean,\nd?: any,\ne?: any,\nf?: any,\n}"},
		{"what is ignored", object(`"a":{"anyOf":[{"type":"string"}]},"b":{"$ref":"#/x"},"c":{"const":1},"d":{"enum":["x"]}`), "{\na?: any,\nb?: any,\nc?: any,\nd?: any,\n}"},
		{"string enum", `{"type":"string","enum":["a",1,"q\"uote"]}`, `"a" | "q"uote"`},
		{"string enum without strings", `{"type":"string","enum":[1]}`, "string"},
		{"number enum", `{"type":"number","enum":[1]}`, "number"},
		{"array of an enum", `{"type":"array","items":{"type":"string","enum":["a","b"]}}`, `"a" | "b"[]`},
		{"array", `{"type":"array"}`, "Array<any>"},
		{"array of nullable", `{"type":"array","items":{"type":"string","nullable":true}}`, "string[]"},
		{"nested object", object(`"a":{"type":"object","properties":{"x":{}}}`), "{\na?: {\n    x?: any,\n    },\n}"},
		{"object description, twice", `{"type":"object","description":"top","properties":{"p":{"type":"object","description":"inner"}}}`, "// top\n{\n// inner\np?:     // inner\n{\n    },\n}"},
		{"comments", object(`"a":{"title":"T","description":"D","examples":["ex",1],"type":"string"}`), "{\n// T\n//\n// D\n// Examples:\n// - \"ex\"\na?: string,\n}"},
		{"examples without strings", object(`"a":{"examples":[1]}`), "{\n// Examples:\na?: any,\n}"},
		{"oneOf null hides", object(`"a":{"oneOf":null,"description":"d","default":1,"type":"string"}`), "{\na?: string,\n}"},
		{"newlines are not handled", object(`"a":{"description":"one\ntwo"}`), "{\n// one\ntwo\na?: any,\n}"},
		{"required", `{"type":"object","properties":{"a":{},"b":{}},"required":["b",1,"c"]}`, "{\na?: any,\nb: any,\n}"},
		{"nullable", object(`"a":{"type":"string","nullable":true},"b":{"type":"string","nullable":1}`), "{\na?: string | null,\nb?: string,\n}"},
		{"nullable and the word null", object(`"a":{"type":"string","enum":["nullable"],"nullable":true}`), "{\na?: \"nullable\",\n}"},
		{"property oneOf", object(`"p":{"oneOf":[{"type":"string","description":"a"},{"type":"number","description":"b","default":2}],"description":"d","default":"x"}`),
			"{\n// d\n// default: \"x\"\np?:\n | string\n | number // b default: 2\n,\n}"},
		{"property oneOf, same description", object(`"p":{"oneOf":[{"type":"string","description":"d"},{"type":"number","description":"d"}],"description":"d"}`),
			"{\np?:\n | string\n | number\n,\n}"},
		{"property oneOf, enum defaults", object(`"p":{"oneOf":[{"type":"string","enum":["x"],"default":"x"}],"enum":["x"],"default":"x"}`),
			"{\n// default: x\np?:\n | \"x\" // default: x\n,\n}"},
		{"order and duplicate keys", object(`"b":{"type":"string"},"a":{},"b":{"type":"number"}`), "{\nb?: number,\na?: any,\n}"},
		{"keys are raw", object(`"a b\n\"":{}`), "{\na b\n\"?: any,\n}"},
		{"defaults", object(`"a":{"default":"q\"\n"},"b":{"default":null},"c":{"default":[1,"a",null,2.5,{"z":1,"a":"\u0001\u007f\u2028/é"}]},"d":{"enum":["x"],"default":"x"}`),
			"{\na?: any, // default: \"q\"\n\"\nb?: any, // default: null\nc?: any, // default: [1,\"a\",null,2.5,{\"z\":1,\"a\":\"\\u0001\x7f\u2028/é\"}]\nd?: any, // default: x\n}"},
		{"floats", object(`"a":{"default":123456789.12345679},"b":{"default":-0}`), "{\na?: any, // default: 123456789.1234568\nb?: any, // default: -0.0\n}"},
		{"no schema at all", `"object"`, "any"},
		{"properties of no object", `{"type":"object","properties":[1]}`, "{\n}"},
		{"property that is no schema", object(`"a":true`), "{\na?: any,\n}"},
	}
	for _, row := range rows {
		t.Run(row.name, func(t *testing.T) {
			s, err := Parse([]byte(row.schema))
			require.NoError(t, err)
			assert.Equal(t, row.want, s.TypeScript())
		})
	}
}

// golden is a line of testdata/typescript.jsonl, see record.py beside it.
type golden struct {
	Schema     string
	TypeScript *string
	Error      string
}

func TestTypeScriptGoldens(t *testing.T) {
	rows := readLines[golden](t, "testdata/typescript.jsonl")
	require.Greater(t, len(rows), 200)
	for _, row := range rows {
		s, err := Parse([]byte(row.Schema))
		if row.TypeScript == nil {
			assert.Errorf(t, err, "%s: openai-harmony says %s", row.Schema, row.Error)
		} else if assert.NoError(t, err, row.Schema) {
			assert.Equal(t, *row.TypeScript, s.TypeScript(), row.Schema)
		}
	}
}

// vector is a line of the conformance vectors, as far as schemas are concerned.
type vector struct {
	Kind         string
	Text         string
	Conversation struct {
		Messages []struct{ Content json.RawMessage }
	}
}

// Every schema in the vectors' conversations is written as it stands in the reference's rendering.
func TestTypeScriptVectors(t *testing.T) {
	found := 0
	for _, v := range readLines[json.RawMessage](t, "../conformance/testdata/vectors/render.jsonl") {
		var row vector
		if json.Unmarshal(v, &row) != nil || row.Text == "" {
			continue // a conversation that is refused
		}
		for _, tool := range toolsOf(row) {
			if string(tool.Parameters) == "null" || tool.Parameters == nil {
				continue
			}
			s, err := Parse(tool.Parameters)
			require.NoError(t, err)
			assert.Contains(t, row.Text, "\ntype "+tool.Name+" = (_: "+s.TypeScript()+") => any;\n\n", row.Kind)
			found++
		}
	}
	assert.Greater(t, found, 250)
}

type vectorTool struct {
	Name       string
	Parameters json.RawMessage
}

func toolsOf(row vector) (tools []vectorTool) {
	for _, m := range row.Conversation.Messages {
		var content []struct {
			Tools map[string]struct{ Tools []vectorTool }
		}
		if json.Unmarshal(m.Content, &content) != nil {
			continue // a string
		}
		for _, c := range content {
			for _, ns := range c.Tools {
				tools = append(tools, ns.Tools...)
			}
		}
	}
	return tools
}

// FuzzSchema: a document that is accepted comes back byte for byte, is written without a panic, and is
// written the same from its compact form.
func FuzzSchema(f *testing.F) {
	for _, row := range readLines[golden](f, "testdata/typescript.jsonl") {
		f.Add([]byte(row.Schema))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		s, err := Parse(doc)
		if err != nil {
			return
		}
		if got := string(s.JSON()); got != strings.Trim(string(doc), " \t\r\n") {
			t.Fatalf("%q came back as %q", doc, got)
		}
		text := s.TypeScript()
		again, err := Parse(s.AppendCompact(nil))
		if err != nil || again.TypeScript() != text {
			t.Fatalf("compact form: %v\n%s\n%s", err, text, again.TypeScript())
		}
	})
}

func BenchmarkTypeScript(b *testing.B) {
	doc := `{"type":"object","properties":{"location":{"type":"string","description":"The city and state, e.g. San Francisco, CA"},"format":{"type":"string","enum":["celsius","fahrenheit"],"default":"celsius"},"days":{"type":"array","items":{"type":"object","properties":{"n":{"type":"integer","default":3}}}}},"required":["location"]}`
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		MustParse(doc).TypeScript()
	}
}
