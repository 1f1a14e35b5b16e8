package kernel

import (
	"encoding/json"
	"math"
	"os"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestDecode compares with what gguf-py decodes from random blocks (testdata/decode.py writes them): the same numbers. Only zeros
// may differ in sign, as MXFP4 has a negative one.
func TestDecode(t *testing.T) {
	text, err := os.ReadFile("testdata/decode.json")
	require.NoError(t, err)
	var all map[string]struct{ Blocks, Values []byte }
	require.NoError(t, json.Unmarshal(text, &all))
	for f := F16; f <= MXFP4; f++ {
		if f == U8 {
			continue
		}
		t.Run(f.String(), func(t *testing.T) {
			c, ok := all[f.String()]
			require.True(t, ok)
			want := make([]float32, len(c.Values)/4)
			F32.Decode(want, c.Values)
			require.Equal(t, want, decodeGuarded(t, f, len(want), c.Blocks))
		})
	}
}

// decodeGuarded decodes n elements and checks that nothing beside them is written.
func decodeGuarded(t *testing.T, f Format, n int, blocks []byte) []float32 {
	t.Helper()
	const guard = -12345
	dst := slices.Repeat([]float32{guard}, n+2)
	f.Decode(dst[1:n+1], slices.Clip(blocks))
	require.Equal(t, []float32{guard, guard}, []float32{dst[0], dst[n+1]})
	return dst[1 : n+1]
}

// TestDecodePairs arranges MXFP4 blocks of ggml as OpenAI does: pairs instead of halves, scales apart.
func TestDecodePairs(t *testing.T) {
	ggml, pairs, scales := []byte{}, []byte{}, []byte{}
	for e := range 256 {
		var codes [32]byte
		for i := range codes {
			codes[i] = byte(i*7+e) & 15
		}
		ggml, scales = append(ggml, byte(e)), append(scales, byte(e))
		for j := range 16 {
			ggml = append(ggml, codes[j]|codes[j+16]<<4)
			pairs = append(pairs, codes[2*j]|codes[2*j+1]<<4)
		}
	}
	want, got := decodeGuarded(t, MXFP4, 256*32, ggml), make([]float32, 256*32)
	DecodePairs(got, pairs, scales)
	for i := range want[:255*32] {
		require.Equal(t, math.Float32bits(want[i]), math.Float32bits(got[i]))
	}
	for _, v := range slices.Concat(want[255*32:], got[255*32:]) {
		require.True(t, v != v, "scale 255 is NaN, also for codes of zero")
	}
	require.Equal(t, float32(math.Pow(2, -127)*6), slices.Max(got[:32]), "scale 0")
}

// TestMatrixViews: rows left out, and a transposed matrix.
func TestMatrixViews(t *testing.T) {
	for _, f := range []Format{F32, F16, BF16} {
		_, size := f.Block()
		const n, k = 37, 5
		raw := make([]byte, n*k*size)
		for i := range raw {
			raw[i] = byte(i*31) & 0x3f // small and finite in every format
		}
		plain := Matrix{Format: f, Rows: n, Cols: k, Data: raw, Stride: k * size}
		require.NoError(t, plain.Check())
		want := make([]float32, n*k)
		plain.DecodeRows(want, 0, n)

		odd := Matrix{Format: f, Rows: n / 2, Cols: k, Data: raw[k*size:], Stride: 2 * k * size}
		require.NoError(t, odd.Check())
		got := make([]float32, 3*k)
		odd.DecodeRows(got, 4, 3)
		require.Equal(t, slices.Concat(want[9*k:10*k], want[11*k:12*k], want[13*k:14*k]), got)

		transposed := Matrix{Format: f, Rows: k, Cols: n, Data: raw, Stride: size, ColStride: k * size}
		require.NoError(t, transposed.Check())
		got = make([]float32, 2*n)
		transposed.DecodeRows(got, 3, 2)
		for i := range n {
			require.Equal(t, []float32{want[i*k+3], want[i*k+4]}, []float32{got[i], got[n+i]})
		}
	}
}

func TestMatrixCheck(t *testing.T) {
	for _, m := range []Matrix{
		{Format: F32, Rows: 2, Cols: 4, Data: make([]byte, 31), Stride: 16},
		{Format: F32, Rows: 0, Cols: 4, Data: make([]byte, 32), Stride: 16},
		{Format: Q8_0, Rows: 1, Cols: 33, Data: make([]byte, 340), Stride: 34},
		{Format: BF16, Rows: 4, Cols: 4, Data: make([]byte, 31), Stride: 2, ColStride: 8},
		{Format: Q8_0, Rows: 1, Cols: 32, Data: make([]byte, 3400), Stride: 34, ColStride: 34},
		{Format: MXFP4Pairs, Rows: 2, Cols: 32, Data: make([]byte, 32), Stride: 16, Scales: make([]byte, 1), ScaleStride: 1},
	} {
		require.Error(t, m.Check())
	}
}
