package checkpoint

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
)

// memory is a file that is not on a disk.
func memory(data []byte) *file {
	return &file{path: "test", r: bytes.NewReader(data), size: int64(len(data))}
}

// safetensors puts a header of the given text before n bytes of tensors.
func safetensors(header string, n int) []byte {
	return append(append(binary.LittleEndian.AppendUint64(nil, uint64(len(header))), header...), make([]byte, n)...)
}

var goodSafetensors = checkpointtest.Safetensors([]checkpointtest.Tensor{
	{Name: "b", Format: kernel.BF16, Shape: []int{2, 3}, Data: []byte("abcdefghijkl")},
	{Name: "a", Format: kernel.U8, Shape: []int{5}, Data: []byte("01234")},
	{Name: "scalar", Format: kernel.F32, Shape: nil, Data: []byte{0, 0, 128, 63}},
	{Name: "empty", Format: kernel.F16, Shape: []int{0, 7}, Data: nil},
})

func TestSafetensors(t *testing.T) {
	list, err := readSafetensors(memory(goodSafetensors), 4)
	require.NoError(t, err)
	found := map[string]string{}
	for _, x := range list {
		data, err := x.Bytes()
		require.NoError(t, err)
		found[x.Name] = fmt.Sprintf("%s %v %q", x.Format, x.Shape, data)
	}
	require.Equal(t, map[string]string{"a": `U8 [5] "01234"`, "b": `BF16 [2 3] "abcdefghijkl"`, "scalar": `F32 [] "\x00\x00\x80?"`, "empty": `F16 [0 7] ""`}, found)
}

// badSafetensors are headers that lie, each with the bytes of tensors behind it.
var badSafetensors = []struct {
	name   string
	header string
	data   int
	err    string
}{
	{"no object", `[]`, 0, `expected a JSON object, found "["`},
	{"no JSON", `{"a"`, 0, `unexpected EOF`},
	{"after", `{} {}`, 0, `expected the end after the JSON object, found "{"`},
	{"UTF-8", "{\"\xff\":1}", 0, "JSON is not valid UTF-8"},
	{"tensor no object", `{"a":1}`, 0, `tensor "a": expected a JSON object, found "1"`},
	{"twice", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"a":{"dtype":"U8","shape":[1],"data_offsets":[1,2]}}`, 2, `name "a" appears twice`},
	{"member twice", `{"a":{"dtype":"U8","dtype":"F32","shape":[1],"data_offsets":[0,1]}}`, 1, `tensor "a": name "dtype" appears twice`},
	{"other member", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"x":1}}`, 1, `unknown member "x"`},
	{"no shape", `{"a":{"dtype":"U8","data_offsets":[0,1]}}`, 1, "expected dtype, shape and two data_offsets"},
	{"one offset", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0]}}`, 1, "expected dtype, shape and two data_offsets"},
	{"three offsets", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1,1]}}`, 1, "expected at most 2 numbers"},
	{"dtype", `{"a":{"dtype":"I64","shape":[1],"data_offsets":[0,8]}}`, 8, `dtype "I64", expected F32, F16, BF16 or U8`},
	{"dtype type", `{"a":{"dtype":1,"shape":[1],"data_offsets":[0,8]}}`, 8, `cannot unmarshal number`},
	{"fraction", `{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}`, 1, `expected a whole number below 2^64, found "1.0"`},
	{"negative", `{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}`, 1, `expected a whole number below 2^64, found "-1"`},
	{"above", `{"a":{"dtype":"U8","shape":[18446744073709551616],"data_offsets":[0,1]}}`, 1, "expected a whole number below 2^64"},
	{"text", `{"a":{"dtype":"U8","shape":["1"],"data_offsets":[0,1]}}`, 1, `expected a whole number, found "1"`},
	{"overflow to 0", `{"a":{"dtype":"U8","shape":[4294967296,4294967296],"data_offsets":[0,0]}}`, 0, "shape [4294967296 4294967296] is too large"},
	{"overflow to 1", `{"a":{"dtype":"U8","shape":[18446744073709551615,18446744073709551615],"data_offsets":[0,1]}}`, 1, "is too large"},
	{"overflow of bytes", `{"a":{"dtype":"F32","shape":[4611686018427387904],"data_offsets":[0,0]}}`, 0, "is too large"},
	{"dimensions", `{"a":{"dtype":"U8","shape":[1,1,1,1,1,1,1,1,1],"data_offsets":[0,1]}}`, 1, "expected at most 8 numbers"},
	{"size", `{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,4]}}`, 4, `F32 [2] needs 8 bytes, found data_offsets [0 4]`},
	{"backwards", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[1,0]}}`, 1, "needs 1 bytes, found data_offsets [1 0]"},
	{"outside", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[5,6]}}`, 1, "data_offsets [5 6], the file has 1 bytes of data"},
	{"far outside", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[18446744073709551614,18446744073709551615]}}`, 1, "the file has 1 bytes of data"},
	{"past the end", `{"a":{"dtype":"U8","shape":[4],"data_offsets":[0,4]}}`, 3, "expected 4 bytes at offset"},
	{"overlap", `{"a":{"dtype":"U8","shape":[3],"data_offsets":[0,3]},"b":{"dtype":"U8","shape":[3],"data_offsets":[2,5]}}`, 5, `tensor "b": at offset 115 overlaps tensor "a", which ends at 116`},
	{"gap", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"U8","shape":[1],"data_offsets":[2,3]}}`, 3, "tensors have no gaps"},
	{"left over", `{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 2, "tensors end at 62, the file at 63"},
	{"deep", `{"a":` + strings.Repeat("[", 20000) + strings.Repeat("]", 20000) + `}`, 0, "exceeded max depth"},
	{"deep metadata", `{"__metadata__":` + strings.Repeat(`{"a":`, 20000) + "1" + strings.Repeat("}", 20000) + `}`, 0, "exceeded max depth"},
	{"long name", `{"` + strings.Repeat("n", 2000) + `":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}`, 1, "names of at most 1024 bytes"},
}

func TestBadSafetensors(t *testing.T) {
	for _, c := range badSafetensors {
		t.Run(c.name, func(t *testing.T) {
			_, err := readSafetensors(memory(safetensors(c.header, c.data)), 100)
			require.ErrorAs(t, err, new(*Error))
			require.ErrorContains(t, err, c.err)
			require.Less(t, len(err.Error()), 400)
		})
	}
	for _, c := range []struct {
		data []byte
		err  string
	}{
		{nil, "expected a safetensors header, found a file of 0 bytes"},
		{[]byte("1234567"), "found a file of 7 bytes"},
		{[]byte("\x02\x00\x00\x00\x00\x00\x00\x00{"), "header of 2 bytes, expected at most 100000000 in a file of 9 bytes"},
		{[]byte("\xff\xff\xff\xff\xff\xff\xff\xff{}"), "header of 18446744073709551615 bytes"},
		{[]byte("\xff\xff\xff\xff\xff\xff\xff\x7f{}"), "header of 9223372036854775807 bytes"},
	} {
		_, err := readSafetensors(memory(c.data), 100)
		require.ErrorContains(t, err, c.err)
	}
	_, err := readSafetensors(memory(goodSafetensors), 3)
	require.ErrorContains(t, err, "expected at most 65536 tensors")
}

// FuzzSafetensors: whatever a file holds, reading it ends with an error or with tensors that lie in the file, one after the other.
func FuzzSafetensors(f *testing.F) {
	f.Add(goodSafetensors)
	for _, c := range badSafetensors {
		if len(c.header) < 1000 {
			f.Add(safetensors(c.header, c.data))
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, err := readSafetensors(memory(data), 1000)
		if err != nil {
			require.ErrorAs(t, err, new(*Error))
			return
		}
		checkTensors(t, data, list)
	})
}

// checkTensors reads all tensors and holds their sizes against their shapes and the file.
func checkTensors(t *testing.T, data []byte, list []*Tensor) {
	total := int64(0)
	for _, x := range list {
		b, err := x.Bytes()
		require.NoError(t, err)
		elements, bytes := x.Format.Block()
		n := 1
		for _, d := range x.Shape {
			n *= d
		}
		require.Len(t, b, n/elements*bytes)
		total += x.Size
	}
	require.LessOrEqual(t, total, int64(len(data)), "tensors that do not overlap fit into the file")
}

// directory writes files into a new directory.
func directory(t *testing.T, list map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range list {
		require.NoError(t, os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600))
	}
	return dir
}

func TestDirectory(t *testing.T) {
	one := func(name string) string {
		return string(checkpointtest.Safetensors([]checkpointtest.Tensor{{Name: name, Format: kernel.U8, Shape: []int{1}, Data: []byte{1}}}))
	}
	const config, index = `{"model_type":"x"}`, "model.safetensors.index.json"
	weights := func(pairs string) string { return `{"metadata":{},"weight_map":{` + pairs + `}}` }
	for _, c := range []struct {
		name  string
		files map[string]string
		want  string // the tensors, or a part of the error
	}{
		{"single", map[string]string{"config.json": config, "model.safetensors": one("a"), "other.safetensors": one("b")}, "a "},
		{"shards", map[string]string{"config.json": config, index: weights(`"a":"1","b":"2"`), "1": one("a"), "2": one("b")}, "a b "},
		{"original", map[string]string{"config.json": `{}`, "1.safetensors": one("a"), "2.safetensors": one("b"), "readme": ""}, "a b "},
		{"twice", map[string]string{"config.json": `{}`, "1.safetensors": one("a"), "2.safetensors": one("a")}, `tensor "a": appears twice, before in`},
		{"none", map[string]string{"config.json": `{}`}, "expected *.safetensors, found none"},
		{"config twice", map[string]string{"config.json": `{"a":1,"a":2}`}, `name "a" appears twice`},
		{"config cut", map[string]string{"config.json": `{"a":`}, "unexpected EOF"},
		{"config empty", map[string]string{"config.json": ``}, "unexpected EOF"},
		{"config large", map[string]string{"config.json": strings.Repeat(" ", maxConfig+1)}, "1048577 bytes, expected at most 1048576"},
		{"shard missing", map[string]string{"config.json": config, index: weights(`"a":"1"`)}, fs.ErrNotExist.Error()},
		{"tensor missing", map[string]string{"config.json": config, index: weights(`"a":"1","b":"1"`), "1": one("a")}, `tensor "b": the index says it is in this file, but it is not`},
		{"outside", map[string]string{"config.json": config, index: weights(`"a":"../1"`)}, `expected the name of a file beside the index, found "../1"`},
		{"absolute", map[string]string{"config.json": config, index: weights(`"a":"/etc/passwd"`)}, "expected the name of a file beside the index"},
		{"backslash", map[string]string{"config.json": config, index: weights(`"a":"..\\1"`)}, "expected the name of a file beside the index"},
		{"dot", map[string]string{"config.json": config, index: weights(`"a":"."`)}, "expected a regular file, found d"},
		{"no map", map[string]string{"config.json": config, index: `{"metadata":{}}`}, "EOF"},
		{"empty map", map[string]string{"config.json": config, index: weights(``)}, "weight_map: expected tensors, found none"},
		{"map of numbers", map[string]string{"config.json": config, index: weights(`"a":1`)}, "cannot unmarshal number"},
	} {
		t.Run(c.name, func(t *testing.T) {
			ck, err := Open(directory(t, c.files), "gpt-oss")
			if err != nil {
				require.ErrorAs(t, err, new(*Error))
				if c.want == fs.ErrNotExist.Error() { // each system has its own words
					require.ErrorIs(t, err, fs.ErrNotExist)
				} else {
					require.ErrorContains(t, err, c.want)
				}
				return
			}
			found := ""
			for x := range ck.Tensors() {
				found += x.Name + " "
			}
			require.Equal(t, c.want, found)
			require.NoError(t, ck.Close())
		})
	}
}
