package decoder

import (
	"archive/zip"
	"encoding/binary"
	"encoding/json"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// expected holds what the reference computes from a fixture.
type expected struct {
	Prompts map[string][]tokenizer.Token
	Seq     map[string]json.RawMessage
	arrays  map[string]array
}

// An array is a numpy array of float32 or int32, as numbers.
type array struct {
	shape  []int
	values []float32
	ints   []int32
}

func loadExpected(t *testing.T, name string) *expected {
	t.Helper()
	dir := filepath.Join("testdata", "fixtures", name)
	text, err := os.ReadFile(filepath.Join(dir, "expected.json"))
	require.NoError(t, err)
	e := &expected{arrays: map[string]array{}}
	require.NoError(t, json.Unmarshal(text, e))
	z, err := zip.OpenReader(filepath.Join(dir, "expected.npz"))
	require.NoError(t, err)
	defer z.Close()
	for _, f := range z.File {
		if strings.HasPrefix(f.Name, "bf16_") {
			continue // for a mode that rounds where the reference in bfloat16 rounds
		}
		r, err := f.Open()
		require.NoError(t, err)
		data, err := io.ReadAll(r)
		require.NoError(t, err)
		e.arrays[strings.TrimSuffix(f.Name, ".npy")] = parseNPY(t, data)
	}
	return e
}

var npyHeader = regexp.MustCompile(`'descr': '<([fi])4', 'fortran_order': False, 'shape': \(([\d, ]*)\)`)

// parseNPY reads version 1.0 of numpy's array format: magic, version, length of the header, header, numbers.
func parseNPY(t *testing.T, data []byte) array {
	t.Helper()
	require.Equal(t, "\x93NUMPY\x01\x00", string(data[:8]))
	end := 10 + int(binary.LittleEndian.Uint16(data[8:]))
	m := npyHeader.FindStringSubmatch(string(data[10:end]))
	require.NotNil(t, m, "%s", data[10:end])
	var a array
	for _, d := range strings.FieldsFunc(m[2], func(r rune) bool { return r == ',' || r == ' ' }) {
		n, err := strconv.Atoi(d)
		require.NoError(t, err)
		a.shape = append(a.shape, n)
	}
	data = data[end:]
	require.Len(t, data, 4*volume(a.shape))
	if m[1] == "f" {
		a.values = make([]float32, volume(a.shape))
		kernel.F32.Decode(a.values, data)
		return a
	}
	for ; len(data) > 0; data = data[4:] {
		a.ints = append(a.ints, int32(binary.LittleEndian.Uint32(data)))
	}
	return a
}

// seq reads one of the values of expected.json.
func (e *expected) seq(t *testing.T, name string, v any) {
	t.Helper()
	require.NoError(t, json.Unmarshal(e.Seq[name], v), name)
}
