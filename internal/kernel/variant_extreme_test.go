package kernel

import (
	"encoding/binary"
	"fmt"
	"math"
	"math/rand/v2"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// TestTiles crosses the tiles of rows that kernels for many rows work in, and their ends.
func TestTiles(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(9, 9))
		for f := range panelStored {
			for use, kernel := range kernelsOf(v, f) {
				if kernel == nil {
					continue
				}
				for _, n := range []int{23, 24, 31, 32, 33, 63, 64, 65, 66, 67, 70, 128, 131, 200} {
					checkKernel(t, rng, kernel, f, use, 3, n)
				}
			}
		}
	})
}

// wholeCase is a panel of whole numbers, all scales being 1, and rows of activations: every sum is exact in float32, in any order.
type wholeCase struct {
	f       PanelFormat
	use     Use
	blocks  int
	n       int
	weights []int // [16][K]; twice the weight for Panel4
	x       []int // [n][K]
}

// values returns the numbers that weights of a format may be, the extremes first.
func (f PanelFormat) values() []int {
	if f == Panel4 {
		return []int{12, -12, 8, -8, 6, -6, 4, -4, 3, -3, 2, -2, 1, -1, 0}
	}
	all := []int{-128, 127}
	for i := -127; i < 127; i++ {
		all = append(all, i)
	}
	return all
}

// panel returns the case's panel: its scales and codes.
func (c *wholeCase) panel() (scales, codes []byte) {
	cols := c.blocks * BlockCols
	scales, codes = make([]byte, max(64, c.f.scaleBytes(c.blocks))), make([]byte, c.blocks*c.f.codeBytes())
	for i := range c.blocks * PanelRows {
		switch c.f {
		case Panel8:
			binary.LittleEndian.PutUint16(scales[2*i:], toF16(1))
		case Panel4:
			scales[i] = 128 // 2, half of which is 1
		}
	}
	for i, w := range c.weights {
		r, k := i/cols, i%cols
		b, j := k/BlockCols, k%BlockCols
		switch c.f {
		case Panel32:
			binary.LittleEndian.PutUint32(codes[(k*PanelRows+r)*4:], math.Float32bits(float32(w)))
		case Panel16:
			binary.LittleEndian.PutUint16(codes[at16(k, r):], toBF16(float32(w)))
		case Panel8:
			codes[at8(b, j, r)] = byte(w + 128)
		case Panel4:
			for code, value := range fp4 {
				if int(2*value) == w {
					codes[((4*b+j%16/4)*PanelRows+r)*4+j%4] |= byte(code) << (j / 16 * 4)
					break
				}
			}
		}
	}
	return scales, codes
}

// activations fills in the rows of a call.
func (c *wholeCase) activations(to *call) {
	cols := c.blocks * BlockCols
	switch c.use {
	case useFloat:
		x := make([]float32, len(c.x))
		for i, v := range c.x {
			x[i] = float32(v)
		}
		to.x, to.xStride = unsafe.Pointer(&x[0]), 4*uintptr(cols)
	case useBrain:
		x, brains := make([]float32, len(c.x)), make([]uint16, len(c.x))
		for i, v := range c.x {
			x[i] = float32(v)
		}
		portableBrain(brains, x)
		to.x, to.xStride = unsafe.Pointer(&brains[0]), 2*uintptr(cols)
	case useWhole:
		x, ones, offsets := make([]int8, len(c.x)), make([]float32, c.n*c.blocks), make([]int32, c.n*c.blocks)
		zero := int32(128)
		if c.f == Panel4 {
			zero = 12
		}
		for i, v := range c.x {
			x[i] = int8(v)
			ones[i/BlockCols] = 1
			offsets[i/BlockCols] -= zero * int32(v)
		}
		to.x, to.xStride = unsafe.Pointer(&x[0]), uintptr(cols)
		to.xScale, to.xOffset, to.xsStride = &ones[0], &offsets[0], 4*uintptr(c.blocks)
	}
}

// check wants the very sums.
func (c *wholeCase) check(t *testing.T, kernel func(*call)) {
	cols := c.blocks * BlockCols
	scales, codes := c.panel()
	dst, bias := make([]float32, c.n*PanelRows), make([]float32, PanelRows)
	to := &call{dst: &dst[0], dstStride: 4 * PanelRows, bias: &bias[0], scales: &scales[0], codes: &codes[0], blocks: c.blocks, n: c.n}
	c.activations(to)
	kernel(to)
	for i := range c.n {
		for r := range PanelRows {
			want := 0
			for k, w := range c.weights[r*cols:][:cols] {
				want += w * c.x[i*cols+k]
			}
			require.Equal(t, float32(want), dst[i*PanelRows+r], "row %d of %d, lane %d", i, c.n, r)
		}
	}
}

// eachKernel runs a test with every kernel of every variant.
func eachKernel(t *testing.T, test func(t *testing.T, f PanelFormat, use Use, kernel func(*call))) {
	eachVariant(t, func(t *testing.T, v *variant) {
		for f, stored := range panelStored {
			for use, kernel := range kernelsOf(v, f) {
				if kernel != nil {
					t.Run(fmt.Sprintf("%s %s", stored, useNames[use]), func(t *testing.T) { test(t, f, use, kernel) })
				}
			}
		}
	})
}

// TestExtremes: the largest codes and activations, in all patterns of signs within four columns, overflow nothing on the way. Numbers
// near a multiple of 16 are extremes for kernels that split activations into halves of four bits.
func TestExtremes(t *testing.T) {
	eachKernel(t, func(t *testing.T, f PanelFormat, use Use, kernel func(*call)) {
		highest, lowest := f.values()[0], f.values()[1]
		for _, n := range []int{1, 2, 16, 64} {
			for _, x := range []int{127, 120, 119, 8, 7} {
				extremes(f, use, n, highest, lowest, x, -x).check(t, kernel)
				extremes(f, use, n, lowest, highest, x, -x).check(t, kernel)
				extremes(f, use, n, lowest, highest, x, 0).check(t, kernel)
			}
		}
	})
}

// extremes returns a case where bit k%4 of the number of a lane chooses one of two weights for column k, and bit k%4 of the number
// of a row one of two activations.
func extremes(f PanelFormat, use Use, n, w0, w1, x0, x1 int) *wholeCase {
	const blocks = 2
	choose := func(i, zero, one int) int {
		if i/(blocks*BlockCols)>>(i%4)&1 != 0 {
			return one
		}
		return zero
	}
	c := &wholeCase{f: f, use: use, blocks: blocks, n: n}
	for i := range PanelRows * blocks * BlockCols {
		c.weights = append(c.weights, choose(i, w0, w1))
	}
	for i := range n * blocks * BlockCols {
		c.x = append(c.x, choose(i, x0, x1))
	}
	return c
}

// TestAllCodes: each code meets each activation.
func TestAllCodes(t *testing.T) {
	eachKernel(t, func(t *testing.T, f PanelFormat, use Use, kernel func(*call)) {
		values := f.values()
		for _, n := range []int{1, 255} { // row by row, and all together
			for first := 0; first < 255; first += n {
				c := &wholeCase{f: f, use: use, blocks: 1, n: n}
				for i := range PanelRows * BlockCols {
					c.weights = append(c.weights, values[i%len(values)])
				}
				for i := range n * BlockCols { // one activation in all columns, but for the last which tells them apart
					x := (first+i/BlockCols)%255 - 127
					if i%BlockCols == BlockCols-1 {
						x = -x / 2
					}
					c.x = append(c.x, x)
				}
				c.check(t, kernel)
			}
		}
	})
}

// TestScales: every scale of MXFP4 and of binary16, but for what is no number, gives what the portable code gives.
func TestScales(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		const blocks = 16
		for _, f := range []PanelFormat{Panel4, Panel8} {
			rng := rand.New(rand.NewPCG(10, uint64(f)))
			codes, scales := make([]byte, blocks*f.codeBytes()), make([]byte, f.scaleBytes(blocks))
			for i := range codes {
				codes[i] = byte(rng.Uint32())
			}
			count := 255
			if f == Panel8 {
				count = 0x10000
			}
			for first := 0; first < count; first += blocks * PanelRows {
				for i := range blocks * PanelRows {
					if f == Panel4 {
						scales[i] = byte((first + i) % 255)
					} else if h := uint16(first + i); h>>10&31 != 31 {
						binary.LittleEndian.PutUint16(scales[2*i:], h)
					}
				}
				expanded, want := make([]float32, blocks*BlockCols*PanelRows), make([]float32, blocks*BlockCols*PanelRows)
				if f == Panel4 {
					v.expand4(&expanded[0], &scales[0], &codes[0], blocks)
					portableExpand4(&want[0], &scales[0], &codes[0], blocks)
				} else {
					v.expand8(&expanded[0], &scales[0], &codes[0], blocks)
					portableExpand8(&want[0], &scales[0], &codes[0], blocks)
				}
				require.Equal(t, want, expanded, "%s, scales from %#x on", panelStored[f], first)
				checkScales(t, v, f, scales, codes, blocks)
			}
		}
	})
}

// checkScales compares a product of int8 with each block by itself: only its scale can round.
func checkScales(t *testing.T, v *variant, f PanelFormat, scales, codes []byte, blocks int) {
	kernel, want, zero, perScale := v.whole8, portableWhole8, int32(-128), 2
	if f == Panel4 {
		kernel, want, zero, perScale = v.whole4, portableWhole4, -12, 1
	}
	if kernel == nil {
		return
	}
	var x [2 * BlockCols]int8
	var offsets [2]int32
	for i := range x {
		x[i] = int8(i*37%255 - 127)
		offsets[i/BlockCols] += zero * int32(x[i])
	}
	var got, expected [2 * PanelRows]float32
	bias, ones := make([]float32, PanelRows), [2]float32{1, 1}
	for b := range blocks {
		c := call{dst: &got[0], dstStride: 4 * PanelRows, bias: &bias[0], blocks: 1, n: 2}
		c.scales, c.codes = &scales[b*PanelRows*perScale], &codes[b*f.codeBytes()]
		c.x, c.xStride = unsafe.Pointer(&x[0]), BlockCols
		c.xScale, c.xOffset, c.xsStride = &ones[0], &offsets[0], 4
		kernel(&c)
		c.dst = &expected[0]
		want(&c)
		require.Equal(t, expected, got, "%s, block %d", panelStored[f], b)
	}
}

// TestExpandBits: all numbers of bfloat16, those that are none too.
func TestExpandBits(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		const blocks = 0x10000 / BlockCols / PanelRows
		codes, dst := make([]byte, 0x20000), make([]float32, 0x10000)
		for i := range 0x10000 {
			binary.LittleEndian.PutUint16(codes[at16(i/PanelRows, i%PanelRows):], uint16(i))
		}
		v.expand16(&dst[0], &codes[0], blocks)
		for i, x := range dst {
			require.Equal(t, uint32(i)<<16, math.Float32bits(x))
		}
	})
}

// TestNotFinite: a row of activations that holds what is no number, or whose scale is none, does not touch its neighbours.
func TestNotFinite(t *testing.T) {
	eachKernel(t, func(t *testing.T, f PanelFormat, use Use, kernel func(*call)) {
		for _, n := range []int{1, 2, 5, 9, 67} {
			for bad := range n {
				m := randomMatrix(rand.New(rand.NewPCG(11, uint64(f))), panelStored[f], PanelRows, 2*BlockCols)
				in, x := NewInputs(n, m.Cols, Float, use), make([]float32, m.Cols)
				for i := range n {
					for k := range x {
						x[k] = float32(i + k%3)
					}
					if i == bad {
						x[40] = nan
					}
					in.Set(i, x)
				}
				dst, bias, data := make([]float32, n*PanelRows), make([]float32, PanelRows), packed(m)
				c := &call{dst: &dst[0], dstStride: 4 * PanelRows, bias: &bias[0], blocks: 2, n: n}
				c.scales, c.codes = &data[0], &data[f.scaleBytes(2)]
				switch use {
				case useFloat:
					c.x, c.xStride = unsafe.Pointer(&in.floats[0]), 4*2*BlockCols
				case useBrain:
					c.x, c.xStride = unsafe.Pointer(&in.brains[0]), 2*2*BlockCols
				case useWhole:
					c.x, c.xStride, c.xScale, c.xOffset, c.xsStride = unsafe.Pointer(&in.wholes[0]), 2*BlockCols, &in.scales[0], &in.offsets8[0], 8
					if f == Panel4 {
						c.xOffset = &in.offsets4[0]
					}
				}
				kernel(c)
				for i, y := range dst {
					require.Equal(t, i/PanelRows == bad, math.IsNaN(float64(y)), "row %d of %d, %d is bad: %v", i/PanelRows, n, bad, y)
				}
			}
		}
	})
}

// TestPackTransposed packs matrices whose columns are adjacent, and rows with something between them.
func TestPackTransposed(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		defer func(v *variant) { active = v }(active)
		rng := rand.New(rand.NewPCG(12, 12))
		for _, cols := range []int{1, 3, 4, 7, 8, 12, 31, 32, 44, 64, 90, 96} {
			for _, rows := range []int{15, 16, 33, 48} {
				for _, apart := range []int{0, 2, 14} {
					columns := &Matrix{Format: BF16, Rows: rows, Cols: cols, Stride: 2, ColStride: 2*rows + apart}
					columns.Data = copyGuarded(t, make([]byte, (cols-1)*columns.ColStride+2*rows), false)
					lines := &Matrix{Format: BF16, Rows: rows, Cols: cols, Stride: 2*cols + apart}
					lines.Data = copyGuarded(t, make([]byte, (rows-1)*lines.Stride+2*cols), false)
					for _, m := range []*Matrix{columns, lines} {
						for i := range m.Data {
							m.Data[i] = byte(rng.Uint32())
						}
						require.NoError(t, m.Check())
						want, got := packed(m), guarded[byte](t, m.PanelBytes(), rows%2 == 0)
						active = v
						size := Panel16.Size(cols)
						for p := range m.Panels() {
							require.True(t, m.Pack(got[p*size:][:size], p, nil))
						}
						require.Equal(t, want, got, "[%d, %d], stride %d, %d", rows, cols, m.Stride, m.ColStride)
					}
				}
			}
		}
	})
}

// TestPackLong packs rows that are long and apart from each other, and whose scales are.
func TestPackLong(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		defer func(v *variant) { active = v }(active)
		rng := rand.New(rand.NewPCG(13, 13))
		for _, f := range []Format{BF16, Q8_0, Q5_0, Q4_0, MXFP4, MXFP4Pairs} {
			for _, blocks := range []int{15, 16, 17, 31, 32, 33, 90} {
				for _, apart := range []int{0, 1, 16} {
					whole := randomMatrix(rng, f, 32, blocks*BlockCols)
					m := *whole
					m.Stride, m.ScaleStride = whole.Stride+apart, whole.ScaleStride+apart
					m.Data = spreadRows(t, whole.Data, whole.Stride, m.Stride)
					if m.Scales != nil {
						m.Scales = spreadRows(t, whole.Scales, whole.ScaleStride, m.ScaleStride)
					}
					want, got := packed(whole), guarded[byte](t, whole.PanelBytes(), apart == 0)
					active = v
					size := f.Panel().Size(m.Cols)
					for p := range m.Panels() {
						require.True(t, m.Pack(got[p*size:][:size], p, nil))
					}
					require.Equal(t, want, got, "%s, %d blocks, %d bytes apart", f, blocks, apart)
				}
			}
		}
	})
}

// spreadRows copies rows to guarded memory where the next one begins stride bytes further on.
func spreadRows(t *testing.T, data []byte, size, stride int) []byte {
	rows := len(data) / size
	spread := guarded[byte](t, (rows-1)*stride+size, false)
	for r := range rows {
		copy(spread[r*stride:], data[r*size:][:size])
	}
	return spread
}
