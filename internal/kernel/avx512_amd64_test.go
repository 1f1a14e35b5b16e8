//go:build !purego

package kernel

import (
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestBrainPairs holds the instruction that is encoded by hand to what it is for: with one activation that is not zero, the sums are the
// products of its column, which have at most sixteen significant bits and so are exact. Each place of an activation and each tile is
// an encoding of its own.
func TestBrainPairs(t *testing.T) {
	if !avx512Brain.ok {
		t.Skip("this processor cannot run it")
	}
	rng := rand.New(rand.NewPCG(10, 10))
	const cols = 2 * BlockCols
	m := randomMatrix(rng, BF16, PanelRows, cols)
	weights, codes, bias := make([]float32, PanelRows*cols), packed(m), make([]float32, PanelRows)
	m.DecodeRows(weights, 0, PanelRows)
	for n := 1; n <= 15; n++ {
		for k := range cols {
			in, x, dst := NewInputs(n, cols, Brain, useBrain), make([]float32, n*cols), make([]float32, n*PanelRows)
			for i := range n {
				x[i*cols+(k+i)%cols] = fromBF16(toBF16(float32(rng.NormFloat64())))
				in.Set(i, x[i*cols:])
			}
			avx512Brain.brain16(&call{
				dst: &dst[0], dstStride: 4 * PanelRows, bias: &bias[0], codes: &codes[0], blocks: Blocks(cols), n: n,
				x: unsafe.Pointer(&in.brains[0]), xStride: 2 * cols,
			})
			for i := range n {
				for r := range PanelRows {
					at := (k + i) % cols
					require.Equal(t, weights[r*cols+at]*x[i*cols+at], dst[i*PanelRows+r], "row %d of %d, column %d, lane %d", i, n, at, r)
				}
			}
		}
	}
}
