package kernel

import (
	"math"
	"unsafe"
)

// portable is the specification.
var portable = variant{
	name: "portable", ok: true,
	float: portableFloat, brain16: portableBrain16, brain8: portableBrain8, brain4: portableBrain4,
	whole8: portableWhole8, whole4: portableWhole4,
	expand16: portableExpand16, expand8: portableExpand8, expand4: portableExpand4,
	vector: portableVector,
}

// at returns the n elements at p plus so many bytes.
func at[T any](p *T, bytes uintptr, n int) []T {
	return unsafe.Slice((*T)(unsafe.Add(unsafe.Pointer(p), bytes)), n)
}

// row returns the activations of row t.
func row[T any](c *call, t int) []T {
	return at((*T)(c.x), uintptr(t)*c.xStride, c.blocks*BlockCols)
}

// finish writes the sixteen sums of row t.
func (c *call) finish(t int, sums *[PanelRows]float32) {
	dst, bias := at(c.dst, uintptr(t)*c.dstStride, PanelRows), at(c.bias, uintptr(t)*c.biasStride, PanelRows)
	for r, s := range sums {
		dst[r] = s + bias[r]
	}
}

// portableFloat adds the columns in four chains, column k to chain k mod 4.
func portableFloat(c *call) {
	codes := at((*float32)(unsafe.Pointer(c.codes)), 0, c.blocks*BlockCols*PanelRows)
	for t := range c.n {
		var chains [4][PanelRows]float32
		for k, x := range row[float32](c, t) {
			w, chain := (*[PanelRows]float32)(codes[k*PanelRows:]), &chains[k%4]
			for r, w := range w {
				chain[r] += float32(w * x)
			}
		}
		for r := range chains[0] {
			chains[0][r] = (chains[0][r] + chains[1][r]) + (chains[2][r] + chains[3][r])
		}
		c.finish(t, &chains[0])
	}
}

// pairs calls f with the two columns of each pair of a block, in the order of Panel16.
func pairs(f func(pair, even, odd int)) {
	for p := range BlockCols / 2 {
		k := p/2*4 + p%2
		f(p, k, k+2)
	}
}

// portableBrain16 adds the pairs in two chains, pair p to chain p mod 2.
func portableBrain16(c *call) {
	codes := at((*uint16)(unsafe.Pointer(c.codes)), 0, c.blocks*BlockCols*PanelRows)
	for t := range c.n {
		var chains [2][PanelRows]float32
		x := row[uint16](c, t)
		for p := range len(x) / 2 {
			w, a, b := codes[p*2*PanelRows:][:2*PanelRows], fromBF16(x[2*p]), fromBF16(x[2*p+1])
			for r := range PanelRows {
				chains[p%2][r] += float32(fromBF16(w[2*r])*a) + float32(fromBF16(w[2*r+1])*b)
			}
		}
		for r := range chains[0] {
			chains[0][r] += chains[1][r]
		}
		c.finish(t, &chains[0])
	}
}

// portableBrain8 adds up each block, scales the sum and adds it.
func portableBrain8(c *call) {
	scales, codes := at((*uint16)(unsafe.Pointer(c.scales)), 0, c.blocks*PanelRows), at(c.codes, 0, c.blocks*BlockCols*PanelRows)
	for t := range c.n {
		var sums [PanelRows]float32
		x := row[uint16](c, t)
		for b := range c.blocks {
			var block [PanelRows]float32
			pairs(func(p, even, odd int) {
				xe, xo := fromBF16(x[b*BlockCols+2*p]), fromBF16(x[b*BlockCols+2*p+1])
				for r := range block {
					we, wo := codes[at8(b, even, r)], codes[at8(b, odd, r)]
					block[r] += float32(float32(int(we)-128)*xe) + float32(float32(int(wo)-128)*xo)
				}
			})
			for r := range sums {
				sums[r] += float32(block[r] * fromF16(scales[b*PanelRows+r]))
			}
		}
		c.finish(t, &sums)
	}
}

func portableBrain4(c *call) {
	scales, codes := at(c.scales, 0, c.blocks*PanelRows), at(c.codes, 0, c.blocks*BlockCols*PanelRows/2)
	for t := range c.n {
		var sums [PanelRows]float32
		x := row[uint16](c, t)
		for b := range c.blocks {
			var block [PanelRows]float32
			pairs(func(p, even, odd int) {
				xe, xo := fromBF16(x[b*BlockCols+2*p]), fromBF16(x[b*BlockCols+2*p+1])
				for r := range block {
					block[r] += float32(2*fp4[code4(codes, b, even, r)]*xe) + float32(2*fp4[code4(codes, b, odd, r)]*xo)
				}
			})
			for r := range sums {
				sums[r] += float32(block[r] * halfScale(scales[b*PanelRows+r]))
			}
		}
		c.finish(t, &sums)
	}
}

// portableWhole8 computes each block in whole numbers, scales the sum and adds it.
func portableWhole8(c *call) {
	scales, codes := at((*uint16)(unsafe.Pointer(c.scales)), 0, c.blocks*PanelRows), at(c.codes, 0, c.blocks*BlockCols*PanelRows)
	for t := range c.n {
		var sums [PanelRows]float32
		x, xScale, xOffset := c.whole(t)
		for b := range c.blocks {
			for r := range sums {
				sum := xOffset[b]
				for k := range BlockCols {
					sum += int32(codes[at8(b, k, r)]) * int32(x[b*BlockCols+k])
				}
				sums[r] += float32(float32(sum) * float32(fromF16(scales[b*PanelRows+r])*xScale[b]))
			}
		}
		c.finish(t, &sums)
	}
}

func portableWhole4(c *call) {
	scales, codes := at(c.scales, 0, c.blocks*PanelRows), at(c.codes, 0, c.blocks*BlockCols*PanelRows/2)
	for t := range c.n {
		var sums [PanelRows]float32
		x, xScale, xOffset := c.whole(t)
		for b := range c.blocks {
			for r := range sums {
				sum := xOffset[b]
				for k := range BlockCols {
					sum += int32(2*fp4[code4(codes, b, k, r)]+12) * int32(x[b*BlockCols+k])
				}
				sums[r] += float32(float32(sum) * float32(halfScale(scales[b*PanelRows+r])*xScale[b]))
			}
		}
		c.finish(t, &sums)
	}
}

// whole returns row t of int8 activations.
func (c *call) whole(t int) (x []int8, scale []float32, offset []int32) {
	s := uintptr(t) * c.xsStride
	return row[int8](c, t), at(c.xScale, s, c.blocks), at(c.xOffset, s, c.blocks)
}

// at8 returns where Panel8 has the code of column k of block b.
func at8(b, k, r int) int { return ((b*BlockCols+k)/4*PanelRows+r)*4 + k%4 }

// code4 returns the code that Panel4 has for column k of block b.
func code4(codes []byte, b, k, r int) byte {
	return codes[((4*b+k%16/4)*PanelRows+r)*4+k%4] >> (k / 16 * 4) & 15
}

// halfScale returns half of the scale 2^(e-127), or 0 if that is no normal number: codes count in halves.
func halfScale(e byte) float32 {
	if e == 0 {
		return 0
	}
	return math.Float32frombits(uint32(e-1) << 23)
}

func portableExpand16(dst *float32, codes *byte, blocks int) {
	out, in := at(dst, 0, blocks*BlockCols*PanelRows), at(codes, 0, blocks*BlockCols*PanelRows*2)
	for k := range blocks * BlockCols {
		for r := range PanelRows {
			out[k*PanelRows+r] = fromBF16(le16(in[at16(k, r):]))
		}
	}
}

func portableExpand8(dst *float32, scales, codes *byte, blocks int) {
	out, in := at(dst, 0, blocks*BlockCols*PanelRows), at(codes, 0, blocks*BlockCols*PanelRows)
	s := at((*uint16)(unsafe.Pointer(scales)), 0, blocks*PanelRows)
	for k := range blocks * BlockCols {
		for r := range PanelRows {
			out[k*PanelRows+r] = float32(int(in[at8(k/BlockCols, k%BlockCols, r)])-128) * fromF16(s[k/BlockCols*PanelRows+r])
		}
	}
}

func portableExpand4(dst *float32, scales, codes *byte, blocks int) {
	out, in, s := at(dst, 0, blocks*BlockCols*PanelRows), at(codes, 0, blocks*BlockCols*PanelRows/2), at(scales, 0, blocks*PanelRows)
	for k := range blocks * BlockCols {
		b := k / BlockCols
		for r := range PanelRows {
			out[k*PanelRows+r] = 2 * fp4[code4(in, b, k%BlockCols, r)] * halfScale(s[b*PanelRows+r])
		}
	}
}
