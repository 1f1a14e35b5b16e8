package ojson

import (
	"encoding/json"
	"errors"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// accepted and refused are documents that serde_json 1.0.140 reads as a Value, and ones it does not read.
// An offset of -1 stands for any.
var (
	accepted = []string{
		`null`, `true`, `false`, `0`, `-0`, `1`, `-12`, `1.5`, `1e5`, `1E+5`, `1e-5`, `0e1`, `0.0`, `-0.0e-0`,
		`18446744073709551616`, `1e-400`, `0e999999999999`, `1e-999999999999`, strings.Repeat("1", 309),
		`""`, `"a"`, `"\"\\\/\b\f\n\r\t"`, `"\u0041\u00e9\uD83D\ude00"`, `"é日😀"`, `"\u0000"`, "\"\x7f\"",
		`[]`, `[ ]`, `[1]`, `[1,2]`, " [ 1 , 2 ] \n", `{}`, `{ }`, `{"a":1}`, `{"a":1,"a":2}`, "\t{ \"a\" : 1 , \"b\" : [ ] }\r\n",
		`[[[]]]`, strings.Repeat("[", 127) + strings.Repeat("]", 127), strings.Repeat(`{"k":`, 126) + "{}" + strings.Repeat("}", 126),
	}
	refused = []struct {
		doc    string
		offset int
	}{
		{``, 0}, {` `, 1}, {`nul`, 3}, {`nulL`, 3}, {`True`, 0}, {`tru`, 3}, {`truex`, 4}, {`fals`, 4}, {`NaN`, 0}, {`-`, 1}, {`+1`, 0},
		{`01`, 1}, {`-01`, 2}, {`00`, 1}, {`1.`, 2}, {`.5`, 0}, {`1.e5`, 2}, {`1e`, 2}, {`1e+`, 3}, {`0x1`, 1}, {`1_0`, 1}, {`-Infinity`, 1},
		{`1e400`, 0}, {`-1e400`, 0}, {`[1,1e309]`, 3}, {`1e999999999999`, 0}, {strings.Repeat("1", 310), 0},
		{`"`, 1}, {`"a`, 2}, {`"\`, 2}, {`"\x"`, 2}, {`"\u12"`, 5}, {`"\u12G4"`, 5}, {`'a'`, 0}, {"\"\n\"", 1}, {"\"a\x00\"", 2}, {"\"abcdefgh\x1f\"", 9},
		{`"\ud800"`, 1}, {`"\udc00"`, 1}, {`"\ud800\u0041"`, 1}, {`"\ud800\ud800"`, 1}, {`"\ud800x"`, 1}, {`"a\ud83d\n"`, 2}, {`{"\ud800":1}`, 2},
		{"\"\xff\"", 1}, {"\"\xc0\x80\"", 1}, {"\"\xed\xa0\x80\"", 1}, {"\"\xf4\x90\x80\x80\"", 1}, {"\"\xe2\x82", 1}, {"\xff", 0}, {"1 \xff", 2},
		{`[`, 1}, {`[1`, 2}, {`[1,`, 3}, {`[1,]`, 3}, {`[,1]`, 1}, {`[1 2]`, 3}, {`]`, 0}, {`[}`, 1}, {`[1}`, 2},
		{`{`, 1}, {`{"a"`, 4}, {`{"a":`, 5}, {`{"a":}`, 5}, {`{"a":1`, 6}, {`{"a":1,`, 7}, {`{"a":1,}`, 7}, {`{a:1}`, 1}, {`{1:1}`, 1}, {`{"a" 1}`, 5}, {`{"a":1 "b":2}`, 7}, {`{,}`, 1}, {`{"a"::1}`, 5},
		{`1 2`, 2}, {`null,`, 4}, {`{}{}`, 2}, {`[] x`, 3}, {"\ufeff1", 0}, {"\u00a01", 0}, {"1\v", 1}, {"// c\n1", 0}, {"1\x00", 1},
		{strings.Repeat("[", 128) + strings.Repeat("]", 128), 127}, {strings.Repeat(`{"k":`, 127) + "[]" + strings.Repeat("}", 127), 127 * 5},
		{strings.Repeat("[", 1_000_000), 127},
	}
)

func TestAccept(t *testing.T) {
	for _, doc := range accepted {
		_, err := Parse([]byte(doc), MaxDepth)
		assert.NoErrorf(t, err, "%.60q", doc)
		assert.NoErrorf(t, skips(doc, (*Reader).Skip), "%.60q", doc)
		assert.NoErrorf(t, skips(doc, (*Reader).SkipIgnored), "%.60q", doc)
	}
}

func TestRefuse(t *testing.T) {
	for _, row := range refused {
		for name, err := range map[string]error{"Parse": parses(row.doc), "Skip": skips(row.doc, (*Reader).Skip)} {
			var syntax *SyntaxError
			if assert.Truef(t, errors.As(err, &syntax), "%s of %.60q: %v", name, row.doc, err) {
				assert.Equalf(t, row.offset, syntax.Offset, "%s of %.60q: %v", name, row.doc, err)
				assert.Regexp(t, `^ojson: expected .+, found .+ at byte \d+$`, err.Error())
			}
		}
	}
}

func parses(doc string) error {
	_, err := Parse([]byte(doc), MaxDepth)
	return err
}

func skips(doc string, skip func(*Reader) error) error {
	r, err := NewReader([]byte(doc), MaxDepth)
	if err != nil {
		return err
	}
	if err := skip(&r); err != nil {
		return err
	}
	return r.End()
}

// What serde_json does not look at in the value of a field it ignores.
func TestSkipIgnored(t *testing.T) {
	for _, doc := range []string{`1e400`, `"\ud800"`, `{"\udc00":["\ud800\u0041"]}`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000)} {
		assert.NoErrorf(t, skips(doc, (*Reader).SkipIgnored), "%.40q", doc)
		assert.Errorf(t, skips(doc, (*Reader).Skip), "%.40q", doc)
	}
	for _, doc := range []string{`01`, `"\u12"`, `"\x"`, `"`, "\"\n\"", `[1,]`, `{"a"}`, `[[]`, `{"\`, "\"\xff\"", `1e`} {
		assert.Errorf(t, skips(doc, (*Reader).SkipIgnored), "%q", doc)
	}
}

func TestValue(t *testing.T) {
	v, err := Parse([]byte(` {"a": [1.50, "x\n", null, true], "b": {}, "a": -0} `), MaxDepth)
	require.NoError(t, err)
	want := Value{Kind: Object, Offset: 1, Members: []Member{
		{"a", 2, Value{Kind: Array, Offset: 7, Items: []Value{
			{Kind: Number, Offset: 8, Str: "1.50"}, {Kind: String, Offset: 14, Str: "x\n"}, {Kind: Null, Offset: 21}, {Kind: Bool, Offset: 27, Bool: true},
		}}},
		{"b", 34, Value{Kind: Object, Offset: 39}},
		{"a", 43, Value{Kind: Number, Offset: 48, Str: "-0"}},
	}}
	assert.Equal(t, want, v)
	last, ok := v.Get("a")
	assert.True(t, ok)
	assert.Equal(t, "-0", last.Str)
	_, ok = v.Get("c")
	assert.False(t, ok)
	_, ok = last.Get("a")
	assert.False(t, ok)
	assert.Equal(t, `{"a":-0.0,"b":{}}`, string(v.Append(nil)))
}

func TestUnique(t *testing.T) {
	for _, n := range []int{3, 30} { // both ways of finding repetitions
		var doc, want strings.Builder
		for i := range n {
			doc.WriteString(`,"k` + strconv.Itoa(i) + `":` + strconv.Itoa(i))
			want.WriteString(`,"k` + strconv.Itoa(i) + `":` + strconv.Itoa(i*10))
		}
		plain := `{` + doc.String()[1:] + `}`
		again := strings.ReplaceAll(want.String(), `"k0":0`, `"k0":"last"`)
		v, err := Parse([]byte(`{`+doc.String()[1:]+again+`}`), MaxDepth)
		require.NoError(t, err)
		assert.Equal(t, `{`+again[1:]+`}`, string(v.Append(nil)))
		v, err = Parse([]byte(plain), MaxDepth)
		require.NoError(t, err)
		assert.Equal(t, plain, string(v.Append(nil)))
		assert.Len(t, v.Unique(), n)
	}
}

func TestReaderPlaces(t *testing.T) {
	r, err := NewReader([]byte(`[{"a\n":1, "b":[2]}, 3]`), MaxDepth)
	require.NoError(t, err)
	require.NoError(t, r.Open())
	_, err = r.Item(true)
	require.NoError(t, err)
	mark := r.Mark()
	for range 2 { // the second round finds the same after Reset
		require.Equal(t, Object, r.Kind())
		require.NoError(t, r.Open())
		key, ok, err := r.Key(true)
		require.NoError(t, err)
		assert.True(t, ok)
		assert.Equal(t, "a\n", string(key))
		assert.Equal(t, 2, r.KeyOffset())
		assert.Equal(t, "a\n", r.KeyAt(2))
		r.Reset(mark)
	}
	require.NoError(t, r.Skip())
	assert.Equal(t, `{"a\n":1, "b":[2]}`, string(r.Since(mark)))
	assert.Equal(t, 19, r.Last())
	ok, err := r.Item(false)
	assert.True(t, ok)
	require.NoError(t, err)
	assert.Equal(t, 21, r.Offset())
	n, err := r.Number()
	require.NoError(t, err)
	assert.Equal(t, "3", n)
	ok, err = r.Item(false)
	assert.False(t, ok)
	require.NoError(t, err)
	require.NoError(t, r.End())
}

func TestAppendString(t *testing.T) {
	rows := map[string]string{
		"":                         `""`,
		"plain é日😀 \u2028\x7f/<>&": "\"plain é日😀 \u2028\x7f/<>&\"",
		"\"\\\b\f\n\r\t":           `"\"\\\b\f\n\r\t"`,
		"\x00\x01\x1f\v":           `"\u0000\u0001\u001f\u000b"`,
		"a\xff\xfeb\xe2\x82":       "\"a\ufffd\ufffdb\ufffd\ufffd\"",
		"\ufffd":                   "\"\ufffd\"",
	}
	for s, want := range rows {
		assert.Equal(t, want, string(AppendString(nil, s)))
	}
}

func TestAppendCompact(t *testing.T) {
	rows := map[string]string{
		" { \"a b\" : [ 1.0 , \"x \\\" y\\\\\" ] ,\n\t\"c\" : null } ": `{"a b":[1.0,"x \" y\\"],"c":null}`,
		`"\\"`: `"\\"`, ` 1 `: `1`, `[ ]`: `[]`,
	}
	for doc, want := range rows {
		assert.Equal(t, want, string(AppendCompact(nil, []byte(doc))))
	}
}

// Literals and what serde_json 1.0.140 prints for the value it makes of them (recorded from the wheel
// openai-harmony 0.0.8, as the default of a parameter).
func TestAppendNumber(t *testing.T) {
	rows := map[string]string{
		"0": "0", "-0": "-0.0", "1": "1", "-1": "-1", "1.0": "1.0", "-0.0": "-0.0", "0.0": "0.0", "1E5": "100000.0", "1e15": "1000000000000000.0",
		"1e16": "1e16", "0.00001": "0.00001", "0.000001": "1e-6", "1e-400": "0.0", "-1e-400": "-0.0", "123456789.12345679": "123456789.1234568",
		"1.2345678901234567e+25": "1.2345678901234568e25", "123456789012345680000": "1.2345678901234567e20", "18446744073709551615": "18446744073709551615",
		"18446744073709551616": "1.8446744073709552e19", "-9223372036854775808": "-9223372036854775808", "-9223372036854775809": "-9.223372036854776e18",
		"9223372036854775808": "9223372036854775808", "12345678901234567": "12345678901234567", "2.5": "2.5", "1234.5678": "1234.5678",
	}
	for literal, want := range rows {
		assert.Equal(t, want, string(AppendNumber(nil, literal)), literal)
	}
}

// Where both roundings are exact, the value has to be the nearest float64; elsewhere it is close.
func TestParseNumberNearStrconv(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 2))
	for range 20000 {
		literal := strconv.FormatUint(rng.Uint64()>>rng.IntN(64), 10)
		if rng.IntN(2) == 0 {
			literal += "." + strconv.FormatUint(rng.Uint64()>>rng.IntN(64), 10)
		}
		if rng.IntN(2) == 0 {
			literal += "e" + strconv.Itoa(rng.IntN(700)-350)
		}
		want, err := strconv.ParseFloat(literal, 64)
		got, _, ok := parseNumber([]byte(literal))
		// At the edge a rounding error may decide about infinity.
		if err != nil || !ok {
			assert.Truef(t, want > 1.797e308 && (err != nil || !ok), "%s: %v, %v %v", literal, want, got, ok)
			continue
		}
		assert.InDeltaf(t, want, got, math.Max(math.Abs(want)*1e-15, 1e-323), literal)
	}
}

func TestAppendFloatReadsBack(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 4))
	for range 20000 {
		f := math.Float64frombits(rng.Uint64())
		if math.IsNaN(f) || math.IsInf(f, 0) {
			continue
		}
		s := string(AppendFloat(nil, f))
		back, err := strconv.ParseFloat(s, 64)
		require.NoError(t, err)
		assert.Equal(t, f, back)
		assert.True(t, json.Valid([]byte(s)), s)
		assert.True(t, strings.ContainsAny(s, ".e"), s)
	}
}

// FuzzParse checks against encoding/json: the same documents are accepted, except in the listed classes
// where serde_json is stricter, and the values are the same.
func FuzzParse(f *testing.F) {
	for _, doc := range accepted {
		f.Add([]byte(doc))
	}
	for _, row := range refused[:len(refused)-1] {
		f.Add([]byte(row.doc))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		v, err := Parse(doc, MaxDepth)
		skipErr := skips(string(doc), (*Reader).Skip)
		if (err == nil) != (skipErr == nil) {
			t.Fatalf("Parse: %v, Skip: %v", err, skipErr)
		}
		if err != nil {
			if json.Valid(doc) && !strict(err) {
				t.Fatalf("encoding/json takes it: %v", err)
			}
			return
		}
		if !json.Valid(doc) {
			t.Fatal("encoding/json refuses it")
		}
		if err := skips(string(doc), (*Reader).SkipIgnored); err != nil {
			t.Fatal(err)
		}
		checkValue(t, doc, &v)
	})
}

// strict says that an error is of a class that encoding/json does not know: UTF-8, surrogates, range of
// numbers, depth.
func strict(err error) bool {
	for _, class := range []string{"expected UTF-8", "lone half", "within float64", "nested arrays"} {
		if strings.Contains(err.Error(), class) {
			return true
		}
	}
	return false
}

func checkValue(t *testing.T, doc []byte, v *Value) {
	printed := v.Append(nil)
	again, err := Parse(printed, MaxDepth)
	if err != nil {
		t.Fatalf("own output %q: %v", printed, err)
	}
	var want, got any
	if err := json.Unmarshal(doc, &want); err != nil {
		return // a float64 that only serde_json's rounding keeps finite
	}
	if err := json.Unmarshal(printed, &got); err != nil {
		t.Fatalf("own output %q: %v", printed, err)
	}
	if !alike(want, got) {
		t.Fatalf("%q became %q", doc, printed)
	}
	compact := AppendCompact(nil, doc)
	compacted, err := Parse(compact, MaxDepth)
	if err != nil || string(compacted.Append(nil)) != string(printed) {
		t.Fatalf("%q compacted to %q: %v", doc, compact, err)
	}
	if !sameShape(&again, v) {
		t.Fatalf("%q read back as %q", printed, again.Append(nil))
	}
}

// alike compares what encoding/json made of two documents; numbers may differ in their last digits.
func alike(a, b any) bool {
	switch a := a.(type) {
	case float64:
		b, ok := b.(float64)
		return ok && math.Abs(a-b) <= math.Max(math.Abs(a)*1e-14, 1e-322)
	case []any:
		b, ok := b.([]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for i := range a {
			if !alike(a[i], b[i]) {
				return false
			}
		}
		return true
	case map[string]any:
		b, ok := b.(map[string]any)
		if !ok || len(a) != len(b) {
			return false
		}
		for k := range a {
			if !alike(a[k], b[k]) {
				return false
			}
		}
		return true
	}
	return a == b
}

// sameShape compares the shape and the strings of two values.
func sameShape(a, b *Value) bool {
	am, bm := a.Unique(), b.Unique()
	if a.Kind != b.Kind || len(a.Items) != len(b.Items) || len(am) != len(bm) || (a.Kind == String && a.Str != b.Str) {
		return false
	}
	for i := range a.Items {
		if !sameShape(&a.Items[i], &b.Items[i]) {
			return false
		}
	}
	for i := range am {
		if am[i].Key != bm[i].Key || !sameShape(&am[i].Value, &bm[i].Value) {
			return false
		}
	}
	return true
}

func FuzzAppendString(f *testing.F) {
	for _, s := range []string{"", "a\"b\\", "\x00\x1f\x7f", "\xff\xe2\x82", "é日😀\u2028"} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, s string) {
		doc := AppendString(nil, s)
		v, err := Parse(doc, MaxDepth)
		if err != nil {
			t.Fatal(err)
		}
		var want string
		if err := json.Unmarshal(doc, &want); err != nil || want != v.Str {
			t.Fatalf("%q: %q, encoding/json %q, %v", s, v.Str, want, err)
		}
		if valid := string([]rune(s)); v.Str != valid {
			t.Fatalf("%q became %q", s, v.Str)
		}
	})
}

// benchDocument is a conversation-like document of about 100 kB.
func benchDocument() []byte {
	var b strings.Builder
	b.WriteString(`{"messages":[`)
	for i := range 200 {
		if i > 0 {
			b.WriteByte(',')
		}
		b.WriteString(`{"role":"assistant","channel":"final","content":[{"type":"text","text":"` +
			strings.Repeat("The quick brown fox jumps over the lazy dog. ", 10) + `\n"}]}`)
	}
	b.WriteString(`]}`)
	return []byte(b.String())
}

func BenchmarkParse(b *testing.B) {
	doc := benchDocument()
	b.SetBytes(int64(len(doc)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(doc, MaxDepth); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSkip(b *testing.B) {
	doc := string(benchDocument())
	b.SetBytes(int64(len(doc)))
	for b.Loop() {
		if err := skips(doc, (*Reader).Skip); err != nil {
			b.Fatal(err)
		}
	}
}
