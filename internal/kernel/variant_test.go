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

// eachVariant runs a test with all kernels that this processor can run. The portable ones are held to the same oracles.
func eachVariant(t *testing.T, f func(t *testing.T, v *variant)) {
	for i := range variants {
		v := &variants[i]
		t.Run(v.name, func(t *testing.T) {
			if !v.ok {
				t.Skip("this processor cannot run it")
			}
			f(t, v)
		})
	}
}

// randomMatrix returns a matrix of random codes and scales.
func randomMatrix(rng *rand.Rand, f Format, rows, cols int) *Matrix {
	elements, size := f.Block()
	m := &Matrix{Format: f, Rows: rows, Cols: cols, Stride: cols / elements * size}
	m.Data = make([]byte, rows*m.Stride)
	for i := range m.Data {
		m.Data[i] = byte(rng.Uint32())
	}
	scale := func() float32 { return (0.5 + rng.Float32()) / 64 }
	for i := 0; i < len(m.Data); i += size {
		switch f {
		case F32:
			binary.LittleEndian.PutUint32(m.Data[i:], math.Float32bits(float32(rng.NormFloat64())))
		case BF16:
			binary.LittleEndian.PutUint16(m.Data[i:], toBF16(float32(rng.NormFloat64())))
		case F16, Q8_0, Q4_0, Q5_0:
			binary.LittleEndian.PutUint16(m.Data[i:], toF16(scale()))
		case MXFP4:
			m.Data[i] = byte(120 + rng.IntN(6))
		}
	}
	if f == MXFP4Pairs {
		m.ScaleStride = cols / 32
		m.Scales = make([]byte, rows*m.ScaleStride)
		for i := range m.Scales {
			m.Scales[i] = byte(120 + rng.IntN(6))
		}
	}
	return m
}

// packed returns the panels of a matrix, as the portable code packs them.
func packed(m *Matrix) []byte {
	defer func(v *variant) { active = v }(active)
	active = &portable
	size := m.Format.Panel().Size(m.Cols)
	data, rows := make([]byte, m.Panels()*size), make([]float32, PanelRows*m.Cols)
	for p := range m.Panels() {
		m.Pack(data[p*size:][:size], p, rows)
	}
	return data
}

// copyGuarded returns a copy in guarded memory.
func copyGuarded[T any](t testing.TB, x []T, front bool) []T {
	y := guarded[T](t, len(x), front)
	copy(y, x)
	return y
}

var panelStored = map[PanelFormat]Format{Panel32: F32, Panel16: BF16, Panel8: Q8_0, Panel4: MXFP4}

// kernelsOf returns the kernels of a variant for a format.
func kernelsOf(v *variant, f PanelFormat) map[Use]func(*call) {
	return map[PanelFormat]map[Use]func(*call){
		Panel32: {useFloat: v.float}, Panel16: {useFloat: v.float16, useBrain: v.brain16},
		Panel8: {useFloat: v.float8, useBrain: v.brain8, useWhole: v.whole8},
		Panel4: {useFloat: v.float4, useBrain: v.brain4, useWhole: v.whole4},
	}[f]
}

var useNames = map[Use]string{useFloat: "float32", useBrain: "bfloat16", useWhole: "int8"}

// TestKernels holds every kernel to sums in float64, for all small numbers of blocks and rows, between guards.
func TestKernels(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		for f, stored := range panelStored {
			for use, kernel := range kernelsOf(v, f) {
				if kernel == nil {
					continue
				}
				t.Run(fmt.Sprintf("%s %s", stored, useNames[use]), func(t *testing.T) {
					rng := rand.New(rand.NewPCG(uint64(f), uint64(use)))
					for _, blocks := range []int{1, 2, 3, 4, 5, 7, 8, 9, 16, 90} {
						for _, n := range []int{1, 2, 3, 4, 5, 6, 7, 8, 9, 11, 12, 13, 16, 17} {
							checkKernel(t, rng, kernel, f, use, blocks, n)
						}
					}
				})
			}
		}
	})
}

func checkKernel(t *testing.T, rng *rand.Rand, kernel func(*call), f PanelFormat, use Use, blocks, n int) {
	front, cols := rng.IntN(2) == 0, blocks*BlockCols
	m := randomMatrix(rng, panelStored[f], PanelRows, cols)
	weights := make([]float32, PanelRows*cols)
	m.DecodeRows(weights, 0, PanelRows)
	data := packed(m)
	at := f.scaleBytes(blocks)
	scales := copyGuarded(t, data[:max(at, 64)], front)
	codes := copyGuarded(t, data[at:], front)

	x := random(rng, n*cols)
	in := NewInputs(n, cols, Float, use)
	for i := range n {
		in.Set(i, x[i*cols:])
	}
	bias := copyGuarded(t, random(rng, PanelRows), front)
	stride := PanelRows + rng.IntN(2)*16
	dst := guarded[float32](t, (n-1)*stride+PanelRows, front)
	c := &call{dst: &dst[0], dstStride: uintptr(stride) * 4, bias: &bias[0], scales: &scales[0], codes: &codes[0], blocks: blocks, n: n}
	exact := make([]float64, len(x)) // what the kernel is given
	switch use {
	case useFloat:
		in.floats = copyGuarded(t, in.floats, front)
		c.x, c.xStride = unsafe.Pointer(&in.floats[0]), uintptr(cols)*4
		for i := range x {
			exact[i] = float64(x[i])
		}
	case useBrain:
		in.brains = copyGuarded(t, in.brains, front)
		c.x, c.xStride = unsafe.Pointer(&in.brains[0]), uintptr(cols)*2
		for i := range x {
			exact[i] = float64(fromBF16(toBF16(x[i])))
		}
	case useWhole:
		in.wholes, in.scales = copyGuarded(t, in.wholes, front), copyGuarded(t, in.scales, front)
		offsets := in.offsets8
		if f == Panel4 {
			offsets = in.offsets4
		}
		offsets = copyGuarded(t, offsets, front)
		c.x, c.xStride = unsafe.Pointer(&in.wholes[0]), uintptr(cols)
		c.xScale, c.xOffset, c.xsStride = &in.scales[0], &offsets[0], uintptr(blocks)*4
		for i := range x {
			exact[i] = float64(in.wholes[i]) * float64(in.scales[i/BlockCols])
		}
	}
	kernel(c)
	for i := range n {
		for r := range PanelRows {
			want, magnitude := float64(bias[r]), math.Abs(float64(bias[r]))
			for k, w := range weights[r*cols:][:cols] {
				want += float64(w) * exact[i*cols+k]
				magnitude += (math.Abs(float64(w)) + slack(f, use)) * math.Abs(exact[i*cols+k])
			}
			depth := float64(cols/4 + 12)
			if use == useBrain && f != Panel16 {
				depth = float64(BlockCols + blocks + 12)
			} else if use == useWhole {
				depth = float64(blocks + 12)
			}
			require.InDelta(t, want, float64(dst[i*stride+r]), depth*magnitude/(1<<24), "%d blocks, row %d of %d, lane %d", blocks, i, n, r)
		}
	}
	// Each row by itself gives the same bits; and so does a bias that is the destination, with its stride.
	single := guarded[float32](t, PanelRows, front)
	for i := range n {
		copy(single, bias)
		one := *c
		one.n, one.dst, one.bias, one.biasStride = 1, &single[0], &single[0], 4*PanelRows
		one.x = unsafe.Add(c.x, uintptr(i)*c.xStride)
		if use == useWhole {
			one.xScale = (*float32)(unsafe.Add(unsafe.Pointer(c.xScale), uintptr(i)*c.xsStride))
			one.xOffset = (*int32)(unsafe.Add(unsafe.Pointer(c.xOffset), uintptr(i)*c.xsStride))
		}
		kernel(&one)
		require.Equal(t, dst[i*stride:][:PanelRows], single, "row %d of %d", i, n)
	}
}

// slack is how much larger than a weight the numbers may be whose sum a kernel rounds: one that splits a code of 8 bits into two
// halves adds up the halves.
func slack(f PanelFormat, use Use) float64 {
	if f == Panel8 && use == useBrain {
		return 32. * 1.5 / 64
	}
	return 0
}

// TestExpand wants the very numbers that the matrix stores.
func TestExpand(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(5, 5))
		for _, f := range []PanelFormat{Panel16, Panel8, Panel4} {
			for _, blocks := range []int{1, 2, 3, 8} {
				m := randomMatrix(rng, panelStored[f], PanelRows, blocks*BlockCols)
				weights := make([]float32, PanelRows*m.Cols)
				m.DecodeRows(weights, 0, PanelRows)
				data := packed(m)
				at, front := f.scaleBytes(blocks), blocks%2 == 0
				scales, codes := copyGuarded(t, data[:max(at, 64)], front), copyGuarded(t, data[at:], front)
				dst := guarded[float32](t, len(weights), front)
				switch f {
				case Panel16:
					v.expand16(&dst[0], &codes[0], blocks)
				case Panel8:
					v.expand8(&dst[0], &scales[0], &codes[0], blocks)
				case Panel4:
					v.expand4(&dst[0], &scales[0], &codes[0], blocks)
				}
				for r := range PanelRows {
					for k := range m.Cols {
						require.Equal(t, weights[r*m.Cols+k], dst[k*PanelRows+r], "%s, %d blocks, row %d, column %d", m.Format, blocks, r, k)
					}
				}
			}
		}
	})
}

// TestPack compares packing for a processor with the portable one, byte for byte, and that with the numbers of the matrix.
func TestPack(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		defer func(v *variant) { active = v }(active)
		rng := rand.New(rand.NewPCG(6, 6))
		for _, f := range []Format{F32, F16, BF16, Q8_0, Q5_0, Q4_0, MXFP4, MXFP4Pairs} {
			for _, blocks := range []int{1, 2, 3, 4, 5, 9} {
				for _, rows := range []int{1, 15, 16, 17, 33} {
					m := randomMatrix(rng, f, rows, blocks*BlockCols)
					m.Data = copyGuarded(t, m.Data, false)
					if m.Scales != nil {
						m.Scales = copyGuarded(t, m.Scales, false)
					}
					want, got := packed(m), guarded[byte](t, m.PanelBytes(), rows%2 == 0)
					active = v
					size, decoded := f.Panel().Size(m.Cols), make([]float32, PanelRows*m.Cols)
					for p := range m.Panels() {
						require.True(t, m.Pack(got[p*size:][:size], p, decoded))
					}
					require.Equal(t, want, got, "%s [%d, %d]", f, rows, m.Cols)
					checkPacked(t, v, m, got)
				}
			}
		}
	})
}

// checkPacked expands panels and compares them with the numbers of the matrix.
func checkPacked(t *testing.T, v *variant, m *Matrix, data []byte) {
	f, blocks := m.Format.Panel(), Blocks(m.Cols)
	weights, expanded := make([]float32, m.Rows*m.Cols), make([]float32, blocks*BlockCols*PanelRows)
	m.DecodeRows(weights, 0, m.Rows)
	for p := range m.Panels() {
		panel := data[p*f.Size(m.Cols):][:f.Size(m.Cols)]
		codes := &panel[f.scaleBytes(blocks)]
		switch f {
		case Panel4:
			v.expand4(&expanded[0], &panel[0], codes, blocks)
		case Panel8:
			v.expand8(&expanded[0], &panel[0], codes, blocks)
		case Panel16:
			v.expand16(&expanded[0], codes, blocks)
		default:
			copy(expanded, at((*float32)(unsafe.Pointer(codes)), 0, len(expanded)))
		}
		for r := range min(PanelRows, m.Rows-p*PanelRows) {
			for k := range m.Cols {
				require.Equal(t, weights[(p*PanelRows+r)*m.Cols+k], expanded[k*PanelRows+r], "%s row %d column %d", m.Format, r, k)
			}
		}
	}
}

// BenchmarkKernels reads panels that do not fit a cache, as decoding does, and panels that one block of a prompt shares.
func BenchmarkKernels(b *testing.B) {
	rng := rand.New(rand.NewPCG(7, 7))
	for i := range variants {
		v := &variants[i]
		if !v.ok {
			continue
		}
		for _, f := range []PanelFormat{Panel4, Panel8, Panel16, Panel32} {
			for use, kernel := range kernelsOf(v, f) {
				for _, n := range []int{1, 64} {
					if kernel != nil {
						b.Run(fmt.Sprintf("%s/%s/%s/%d", v.name, panelStored[f], useNames[use], n), func(b *testing.B) { benchmarkKernel(b, rng, kernel, f, use, n) })
					}
				}
			}
		}
	}
}

func benchmarkKernel(b *testing.B, rng *rand.Rand, kernel func(*call), f PanelFormat, use Use, n int) {
	const cols, panels = 2880, 2048
	size, count := f.Size(cols), panels
	if n > 1 {
		count = 4
	}
	data := make([]byte, count*size)
	one := packed(randomMatrix(rng, panelStored[f], PanelRows, cols))
	for p := range count {
		copy(data[p*size:], one)
	}
	in := NewInputs(n, cols, Float, use)
	for i := range n {
		in.Set(i, random(rng, cols))
	}
	dst, bias := make([]float32, n*PanelRows), make([]float32, PanelRows)
	c := &call{dst: &dst[0], dstStride: 4 * PanelRows, bias: &bias[0], blocks: Blocks(cols), n: n}
	switch use {
	case useFloat:
		c.x, c.xStride = unsafe.Pointer(&in.floats[0]), 4*cols
	case useBrain:
		c.x, c.xStride = unsafe.Pointer(&in.brains[0]), 2*cols
	case useWhole:
		c.x, c.xStride, c.xScale, c.xOffset, c.xsStride = unsafe.Pointer(&in.wholes[0]), cols, &in.scales[0], &in.offsets8[0], uintptr(in.blocks)*4
	}
	b.SetBytes(int64(size))
	i := 0
	for b.Loop() {
		panel := data[i%count*size:]
		c.scales, c.codes = &panel[0], &panel[f.scaleBytes(in.blocks)]
		kernel(c)
		i++
	}
	b.ReportMetric(float64(b.N)*float64(n)*cols*PanelRows*2/b.Elapsed().Seconds()/1e9, "GOP/s")
}
