package schema

import (
	"bytes"
	"encoding/json"
	"fmt"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/internal/ojson"
	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

func TestRepair(t *testing.T) {
	rows := []struct{ raw, fixed, changes string }{
		{`{"a":1}`, `{"a":1}`, ``},
		{` [ 1 , "x" ] `, ` [ 1 , "x" ] `, ``},
		{`"text"`, `"text"`, ``},
		{`"{not json"`, `"{not json"`, ``},
		{`{"a":1}]`, `{"a":1}`, `trailing bracket @7 "]" "";`},
		{`{"a":1}} ]`, `{"a":1} `, `trailing bracket @7 "}" "";trailing bracket @9 "]" "";`},
		{`{"a":1}{"a": 1}`, `{"a":1}`, `repeated value @7 "{\"a\": 1}" "";`},
		{`{'a': 'it\'s "x"', 'b': []}`, `{"a": "it's \"x\"", "b": []}`, `single quotes @1 "'a'" "\"a\"";single quotes @6 "'it\\'s \"x\"'" "\"it's \\\"x\\\"\"";single quotes @19 "'b'" "\"b\"";`},
		{`{"a":[1,2,],}`, `{"a":[1,2]}`, `trailing comma @9 "," "";trailing comma @11 "," "";`},
		{`{"a":{"b":["x"`, `{"a":{"b":["x"]}}`, `missing bracket @14 "" "]";missing bracket @14 "" "}";missing bracket @14 "" "}";`},
		{"```json\n{\"a\":1}\n```\n", "{\"a\":1}\n", "code fence @0 \"```json\\n\" \"\";code fence @16 \"```\\n\" \"\";"},
		{"```\n[True]", `[true]`, "code fence @0 \"```\\n\" \"\";python literal @5 \"True\" \"true\";"},
		{`"{\"a\":\"\u00e9\\n\"}"`, `{"a":"é\n"}`, `double encoding @0 "\"{\\\"a\\\":\\\"\\u00e9\\\\n\\\"}\"" "{\"a\":\"é\\n\"}";`},
		{`"{\"a\":[1,]}"`, `{"a":[1]}`, `double encoding @0 "\"{\\\"a\\\":[1,]}\"" "{\"a\":[1,]}";trailing comma @10 "," "";`},
		{`"\"{\\\"a\\\":1}\""`, `"\"{\\\"a\\\":1}\""`, ``}, // a string in a string is no object
		{`{a_1: None, $b: False}`, `{"a_1": null, "$b": false}`, `unquoted key @1 "a_1" "\"a_1\"";python literal @6 "None" "null";unquoted key @12 "$b" "\"$b\"";python literal @16 "False" "false";`},
		{"{\"a\":\"x\ny\tz\"}", `{"a":"x\ny\tz"}`, `control character @7 "\n" "\\n";control character @9 "\t" "\\t";`},
		{`{"a":"it\'s"}`, `{"a":"it's"}`, `escaped quote @8 "\\'" "'";`},
		{`['{"a":1}']`, `["{\"a\":1}"]`, `single quotes @1 "'{\"a\":1}'" "\"{\\\"a\\\":1}\"";`},
		{`'{"a":1}'`, `{"a":1}`, `single quotes @0 "'{\"a\":1}'" "\"{\\\"a\\\":1}\"";double encoding @0 "'{\"a\":1}'" "{\"a\":1}";`},
	}
	for _, row := range rows {
		fixed, changes, err := Repair([]byte(row.raw))
		require.NoError(t, err, row.raw)
		assert.Equal(t, row.fixed, string(fixed), row.raw)
		var text strings.Builder
		for _, c := range changes {
			fmt.Fprintf(&text, "%s @%d %q %q;", c.Kind, c.Offset, c.Old, c.New)
		}
		assert.Equal(t, row.changes, text.String(), row.raw)
	}
}

// What could mean more than one thing is refused, with the place.
func TestRepairRefuses(t *testing.T) {
	rows := []struct{ raw, want string }{
		{``, `expected a value, found the end of the text at byte 0`},
		{`{"a":1}{"a":2}`, `expected one value, found another one that differs at byte 7`},
		{`{}{"a":2}`, `expected one value, found another one that differs at byte 2`},
		{`{"a":"x`, `expected a closing quote, found the end of the text at byte 7`},
		{`{"a":1`, `expected more behind a number, which may have been cut off, found the end of the text at byte 5`},
		{`{"a":tru`, `expected a value, found "tru" at byte 5`},
		{`{"a":`, `expected a value, found the end of the text at byte 5`},
		{`{"a"`, `expected a colon, found the end of the text at byte 4`},
		{`{"a":true,`, `expected a key in quotes, found the end of the text at byte 10`},
		{`[`, `expected a value, found the end of the text at byte 1`},
		{`{"a":[1}`, `expected a comma or ']', found '}' at byte 7`},
		{`{"a":1 "b":2}`, `expected a comma or '}', found '"' at byte 7`},
		{`{"a" 1}`, `expected a colon, found '1' at byte 5`},
		{`[1,,2]`, `expected a value, found ',' at byte 3`},
		{`[,]`, `expected a value, found ',' at byte 1`},
		{`['it's']`, `expected a comma or ']', found 's' at byte 5`},
		{`{"a":"C:\dir"}`, `expected an escape of JSON, found 'd' at byte 9`},
		{`{"a":NaN}`, `expected a value, found "NaN" at byte 5`},
		{`{"a":01}`, `expected no digit after a leading zero, found '1' at byte 6`},
		{`{"a":1} and so on`, `expected the end of the text, found 'a' at byte 8`},
		{`Here: {"a":1}`, `expected a value, found "Here" at byte 0`},
		{"```json {\"a\":1}```", "expected a value, found '`' at byte 0"},
		{`{"a":"\ud800",}`, `expected a surrogate pair, found the lone half \ud800 at byte 0`},
		{`// x`, `expected a value, found '/' at byte 0`},
		{strings.Repeat("[", 200), `expected at most 127 nested arrays and objects, found '[' at byte 127`},
		{"{\"a\":\"\xff\"}", `expected UTF-8, found byte 0xff at byte 6`},
		{strings.Repeat(" ", MaxInstance+1), `expected at most 1048576 bytes, found 1048577 at byte 1048576`},
	}
	for _, row := range rows {
		_, _, err := Repair([]byte(row.raw))
		var refused *RepairError
		if assert.ErrorAs(t, err, &refused, row.raw) {
			assert.Equal(t, "schema: cannot repair: "+row.want, err.Error(), "%.40q", row.raw)
		}
	}
}

// FuzzRepair: the result is JSON, a repaired text needs no further repair, JSON is left alone, and every
// change names what stands at its place.
func FuzzRepair(f *testing.F) {
	for _, seed := range []string{
		`{"a":1}]`, `{'a': 'b',}`, `"{\"a\":[1,]}"`, "```json\n{\"a\":true\n```", `{"a":{"b":[`, `{a:None}`, `{"a":1}{"a":1}`, "{\"a\":\"\n\\'\"}",
		`"\"{\\\"a\\\":1}\""`, `"[\"\\ud83d\\ude00\", 'x']"`,
	} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, raw []byte) {
		fixed, changes, err := Repair(raw)
		if err != nil {
			return
		}
		if _, err := ojson.Parse(fixed, ojson.MaxDepth); err != nil || !json.Valid(fixed) {
			t.Fatalf("%q became %q: %v", raw, fixed, err)
		}
		if len(changes) == 0 && !bytes.Equal(fixed, raw) {
			t.Fatalf("%q became %q without a change", raw, fixed)
		}
		again, more, err := Repair(fixed)
		if err != nil || len(more) > 0 || !bytes.Equal(again, fixed) {
			t.Fatalf("%q became %q, and then %q: %v %v", raw, fixed, again, more, err)
		}
		inner := false
		for _, c := range changes {
			if !inner && !bytes.HasPrefix(raw[c.Offset:], []byte(c.Old)) {
				t.Fatalf("%q: nothing like %q at %d", raw, c.Old, c.Offset)
			}
			inner = inner || c.Kind == DoubleEncoding // offsets go on in the escaped text
		}
	})
}
