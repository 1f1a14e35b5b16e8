package checkpoint

import (
	"encoding/binary"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
)

var (
	goodMeta = []checkpointtest.KeyValue{{Key: "general.architecture", Value: "gpt-oss"}, {Key: "a.uint", Value: uint32(7)}, {Key: "a.int", Value: int32(-7)},
		{Key: "a.float", Value: float32(1.5)}, {Key: "a.bool", Value: true}, {Key: "a.long", Value: uint64(1) << 60}, {Key: "a.strings", Value: []string{"x", "", "yz"}},
		{Key: "a.ints", Value: []int32{1, 2, 3}}}
	goodTensors = []checkpointtest.Tensor{{Name: "w", Format: kernel.Q8_0, Shape: []int{3, 64}, Data: make([]byte, 3*2*34)},
		{Name: "b", Format: kernel.F32, Shape: []int{2}, Data: []byte{0, 0, 128, 63, 0, 0, 0, 64}}}
	goodGGUF = checkpointtest.GGUF(goodMeta, goodTensors)
)

// readGGUF reads the header of a file.
func readGGUF(data []byte) ([]*Tensor, map[string]Value, error) {
	g := newGGUFReader(memory(data))
	tensors, keys, err := g.counts()
	if err != nil {
		return nil, nil, err
	}
	meta, err := g.readMeta(keys)
	if err != nil {
		return nil, nil, err
	}
	list, err := g.readTensors(int(tensors), meta)
	return list, meta, err
}

func TestGGUF(t *testing.T) {
	list, meta, err := readGGUF(goodGGUF)
	require.NoError(t, err)
	require.Equal(t, "w Q8_0 [3 64], b F32 [2]", fmt.Sprintf("%s %s %v, %s %s %v", list[0].Name, list[0].Format, list[0].Shape, list[1].Name, list[1].Format, list[1].Shape))
	values, err := list[1].Floats()
	require.NoError(t, err)
	require.Equal(t, []float32{1, 2}, values)
	var texts []string
	for _, kv := range goodMeta {
		texts = append(texts, meta[kv.Key].String())
	}
	require.Equal(t, []string{`"gpt-oss"`, "7", "-7", "1.5", "true", "1152921504606846976", "an array of 3 values", "an array of 3 values"}, texts)
	require.Equal(t, "nothing", meta["other"].String())
	var words []string
	for s, err := range meta["a.strings"].Strings() {
		require.NoError(t, err)
		words = append(words, string(s))
	}
	require.Equal(t, []string{"x", "", "yz"}, words)
	for _, err := range meta["a.ints"].Strings() {
		require.EqualError(t, err, "expected an array of strings, found an array of 3 values")
	}
	for key, ok := range map[string]bool{"a.uint": true, "a.int": false, "a.float": false, "a.long": true, "a.bool": false, "other": false} {
		_, found := meta[key].Uint()
		require.Equal(t, ok, found, key)
	}
}

// header makes a GGUF file piece by piece: uint32, uint64 and strings, as they come.
func header(parts ...any) []byte {
	var b []byte
	for _, p := range parts {
		switch v := p.(type) {
		case int:
			b = binary.LittleEndian.AppendUint64(b, uint64(v))
		case uint64:
			b = binary.LittleEndian.AppendUint64(b, v)
		case uint32:
			b = binary.LittleEndian.AppendUint32(b, v)
		case string:
			b = append(binary.LittleEndian.AppendUint64(b, uint64(len(v))), v...)
			b = b[:len(b):len(b)]
		case []byte:
			b = append(b, v...)
		}
	}
	return b
}

var start = []byte("GGUF\x03\x00\x00\x00")

// badGGUF are files whose header lies.
var badGGUF = []struct {
	name string
	data []byte
	err  string
}{
	{"empty", nil, `which begins with "GGUF", found ""`},
	{"three bytes", []byte("GGU"), `which begins with "GGUF", found "GGU"`},
	{"magic", []byte("GGJT\x03\x00\x00\x00"), `found "GGJT"`},
	{"version", []byte("GGUF\x02\x00\x00\x00"), "GGUF version 2, expected 3"},
	{"big-endian", []byte("GGUF\x00\x00\x00\x03"), "big-endian GGUF, expected little-endian"},
	{"cut", start, "header ends at offset 8: unexpected EOF"},
	{"many tensors", header(start, uint64(math.MaxUint64), 0), "18446744073709551615 tensors and 0 keys, expected at most 65536 and 65536"},
	{"many keys", header(start, 0, uint64(1)<<62), "expected at most 65536 and 65536"},
	{"tensors that are not there", header(start, 1000, 0), "header ends at offset 24: unexpected EOF"},
	{"long key", header(start, 0, 1, uint64(math.MaxUint64)), "string of 18446744073709551615 bytes, expected at most 1024"},
	{"key past the end", header(start, 0, 1, 100, []byte("abc")), "string of 100 bytes, expected at most 1024, there are 3 left"},
	{"key UTF-8", header(start, 0, 1, "\xff", uint32(4), uint32(1)), `string "\xff" is not valid UTF-8`},
	{"key twice", header(start, 0, 2, "k", uint32(4), uint32(1), "k", uint32(4), uint32(1)), `key "k": appears twice`},
	{"value type", header(start, 0, 1, "k", uint32(13)), `key "k": at offset 37: value of type 13, expected 0 to 12`},
	{"huge value type", header(start, 0, 1, "k", uint32(math.MaxUint32)), "value of type 4294967295"},
	{"truth", header(start, 0, 1, "k", uint32(7), []byte{2}), "truth value 2, expected 0 or 1"},
	{"long string", header(start, 0, 1, "k", uint32(8), uint64(1)<<40), "string of 1099511627776 bytes, expected at most 1048576"},
	{"array of arrays", header(start, 0, 1, "k", uint32(9), uint32(9), 1), "array of values of type 9, expected numbers or strings"},
	{"array type", header(start, 0, 1, "k", uint32(9), uint32(77), 1), "array of values of type 77"},
	{"long array", header(start, 0, 1, "k", uint32(9), uint32(4), uint64(1)<<62), "array of 4611686018427387904 values of 4 bytes, there are 0 left"},
	{"long array of strings", header(start, 0, 1, "k", uint32(9), uint32(8), uint64(1)<<61), "array of 2305843009213693952 strings, there are 0 bytes left"},
	{"string in array", header(start, 0, 1, "k", uint32(9), uint32(8), 1, uint64(math.MaxUint64)), "18446744073709551615 bytes are said to follow, there are 0 left"},
	{"alignment", header(start, 0, 1, "general.alignment", uint32(4), uint32(33)), `key "general.alignment": expected a power of two from 8 to 1048576, found 33`},
	{"alignment type", header(start, 0, 1, "general.alignment", uint32(8), "32"), `found "32"`},
	{"no dimensions", header(start, 1, 0, "t", uint32(0)), `tensor "t": 0 dimensions, expected 1 to 4`},
	{"dimensions", header(start, 1, 0, "t", uint32(math.MaxUint32)), "4294967295 dimensions, expected 1 to 4"},
	{"type", header(start, 1, 0, "t", uint32(1), 32, uint32(4), 0), `tensor "t": type 4, expected F32`},
	{"overflow", header(start, 1, 0, "t", uint32(2), uint64(1)<<32, uint64(1)<<32, uint32(0), 0), "shape [4294967296 4294967296] is too large"},
	{"overflow of bytes", header(start, 1, 0, "t", uint32(1), uint64(1)<<62, uint32(0), 0), "is too large"},
	{"block", header(start, 1, 0, "t", uint32(2), 33, 32, uint32(8), 0), "shape [32 33]: rows of Q8_0 need whole blocks of 32 elements"},
	{"K block", header(start, 1, 0, "t", uint32(1), 32, uint32(14), 0), "rows of Q6_K need whole blocks of 256 elements"},
	{"offset", header(start, 1, 0, "t", uint32(1), 1, uint32(0), 16, make([]byte, 64)), "offset 16 is not a multiple of the alignment, 32"},
	{"offset past the end", header(start, 1, 0, "t", uint32(1), 1, uint32(0), 1<<20), "offset 1048576, the file has 57 bytes"},
	{"offset that overflows", header(start, 1, 0, "t", uint32(1), 1, uint32(0), uint64(math.MaxUint64)&^31), "the file has 57 bytes"},
	{"tensor past the end", header(start, 1, 0, "t", uint32(1), 3, uint32(0), 0, make([]byte, 7+11)), "expected 12 bytes at offset 64, the file ends at 75"},
	{"no data at all", header(start, 1, 0, "t", uint32(1), 1, uint32(0), 0), "expected 4 bytes at offset 64, the file ends at 57"},
	{"overlap", header(start, 2, 0, "t", uint32(1), 9, uint32(0), 0, "u", uint32(1), 1, uint32(0), 32, make([]byte, 100)), `tensor "u": at offset 128 overlaps tensor "t", which ends at 132`},
	{"same place", header(start, 2, 0, "t", uint32(1), 1, uint32(0), 0, "u", uint32(1), 1, uint32(0), 0, make([]byte, 100)), "overlaps tensor"},
	{"name UTF-8", header(start, 1, 0, "\xc3", uint32(1)), "is not valid UTF-8"},
}

func TestBadGGUF(t *testing.T) {
	for _, c := range badGGUF {
		t.Run(c.name, func(t *testing.T) {
			_, _, err := readGGUF(c.data)
			require.ErrorAs(t, err, new(*Error))
			require.ErrorContains(t, err, c.err)
			require.Less(t, len(err.Error()), 400)
		})
	}
	// Cut anywhere, a file is an error: nothing is read past its end, and no tensor lies outside.
	for n := range goodGGUF {
		_, _, err := readGGUF(goodGGUF[:n])
		require.ErrorAs(t, err, new(*Error), "%d of %d bytes", n, len(goodGGUF))
	}
}

// FuzzGGUF: whatever a file holds, reading it ends with an error or with tensors that lie in the file apart from each other.
func FuzzGGUF(f *testing.F) {
	f.Add(goodGGUF)
	for _, c := range badGGUF {
		f.Add(c.data)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		list, meta, err := readGGUF(data)
		if err != nil {
			require.ErrorAs(t, err, new(*Error))
			return
		}
		checkTensors(t, data, list)
		for _, v := range meta {
			n := uint64(0)
			for s, err := range v.Strings() {
				if err != nil {
					break
				}
				n += uint64(len(s)) + 8
			}
			require.LessOrEqual(t, n, uint64(len(data)))
		}
	})
}

func TestGGUFTwice(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gguf")
	require.NoError(t, os.WriteFile(path, checkpointtest.GGUF(goodMeta, append(goodTensors[:2:2], goodTensors[0])), 0o600))
	_, err := Open(path, "gpt-oss")
	require.ErrorContains(t, err, `tensor "w": appears twice`)
}

// TestSplit: the parts of a split file must be what they say.
func TestSplit(t *testing.T) {
	type meta = []checkpointtest.KeyValue
	part := func(no, count, tensors int, list ...checkpointtest.Tensor) []byte {
		m := meta{{Key: "split.no", Value: uint32(no)}, {Key: "split.count", Value: uint32(count)}, {Key: "split.tensors.count", Value: int32(tensors)}}
		if no == 0 {
			m = append(m, goodMeta...)
		}
		return checkpointtest.GGUF(m, list)
	}
	const one, two = "m-00001-of-00002.gguf", "m-00002-of-00002.gguf"
	good := map[string][]byte{one: part(0, 2, 2, goodTensors[0]), two: part(1, 2, 2, goodTensors[1])}
	for _, c := range []struct {
		name, open string
		change     map[string][]byte // nil: no such file
		err        string
	}{
		{"good", one, nil, ""},
		{"second", two, nil, "expected \"gpt-oss\", found nothing"},
		{"missing", one, map[string][]byte{two: nil}, "no such file"},
		{"wrong number", one, map[string][]byte{two: part(2, 2, 2, goodTensors[1])}, `key "split.no": expected part 1 (open the first file of a split model), found 2`},
		{"wrong count", one, map[string][]byte{two: part(1, 3, 2, goodTensors[1])}, `key "split.count": expected 2, at most 1000, found 3`},
		{"not split", one, map[string][]byte{two: goodGGUF}, `key "split.count": expected 2, at most 1000, found nothing`},
		{"twice", one, map[string][]byte{two: part(1, 2, 2, goodTensors[0])}, "appears twice"},
		{"tensors", one, map[string][]byte{two: part(1, 2, 2)}, `key "split.tensors.count": expected the number of tensors, 1, found 2`},
		{"many", one, map[string][]byte{one: part(0, 1<<30, 2)}, "expected a number of parts, at most 1000, found 1073741824"},
		{"name", one, map[string][]byte{one: part(0, 3, 2, goodTensors[0])}, "is the first of 3 parts: expected a name that ends in -00001-of-00003.gguf"},
		{"first is another", one, map[string][]byte{one: checkpointtest.GGUF(append(meta{{Key: "split.no", Value: uint32(1)}, {Key: "split.count", Value: uint32(2)}}, goodMeta...), nil)}, "expected part 0 (open the first file"},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			for name, data := range good {
				if other, ok := c.change[name]; ok {
					data = other
				}
				if data != nil {
					require.NoError(t, os.WriteFile(filepath.Join(dir, name), data, 0o600))
				}
			}
			ck, err := Open(filepath.Join(dir, c.open), "gpt-oss")
			if c.err != "" {
				require.ErrorAs(t, err, new(*Error))
				if !strings.Contains(c.err, "no such file") {
					require.ErrorContains(t, err, c.err)
				} else {
					require.ErrorIs(t, err, os.ErrNotExist)
				}
				return
			}
			require.NoError(t, err)
			var names []string
			for x := range ck.Tensors() {
				names = append(names, x.Name)
			}
			require.Equal(t, []string{"b", "w"}, names)
			require.NoError(t, ck.Close())
		})
	}
}

// TestChange: what happens to a file while it is open.
func TestChange(t *testing.T) {
	path := filepath.Join(t.TempDir(), "a.gguf")
	data := slices.Clone(goodGGUF)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	c, err := Open(path, "gpt-oss")
	require.NoError(t, err)
	require.NoError(t, c.Resized())
	require.NoError(t, c.Fault(0), "an address that is in no mapping")
	if c.files[0].data != nil {
		require.Zero(t, testing.AllocsPerRun(10, func() {
			if c.Resized() != nil {
				panic("resized")
			}
		}))
	}
	require.EqualValues(t, len(data), c.Size())
	b := c.Tensor("b")
	require.NoError(t, os.Truncate(path, 100))
	_, err = b.Floats()
	require.ErrorIs(t, err, io.ErrUnexpectedEOF)
	if c.files[0].data != nil {
		require.ErrorContains(t, c.Resized(), fmt.Sprintf("had %d bytes when it was opened, has 100", len(data)))
	}
	for _, err := range c.Meta["a.strings"].Strings() {
		require.Error(t, err)
	}
	require.NoError(t, c.Close())
}
