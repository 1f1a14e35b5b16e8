//go:build !purego

package kernel

import "unsafe"

// rows is a product of n vectors with a matrix that has sixteen numbers in a row:
//
//	dst[t][r] = bias[t][r] + scale * (start[t][r] + sum over i < k of w[i][r] * x[t][i])
//
// One term is added after the other, each product and its sum rounded once. All but w are float32. Strides are in bytes; a stride
// of 0 is one row for all.
type rows struct {
	dst         *float32 // [n] of 16
	dstStride   uintptr
	bias        *float32 // [n] of 16; may be dst
	biasStride  uintptr
	start       *float32 // [n] of 16; may be dst
	startStride uintptr
	w           unsafe.Pointer // [k] of 16
	wStep       uintptr        // from row to row
	x           *float32       // [n] of k
	xStride     uintptr
	k, n        int
	scale       float32
}

//go:noescape
func rows32(r *rows) // w is float32

//go:noescape
func rows16(r *rows) // w is binary16

// rowsPairs takes pairs of bfloat16 for the elements of w and x: a term is the sum of two products. It needs the instructions for them.
//
//go:noescape
func rowsPairs(r *rows)

var zeros [PanelRows]float32

// neonFloat adds the bias last. As panels come in chunks of few columns, this is a sum of short sums.
func neonFloat(c *call) {
	rows32(&rows{
		dst: c.dst, dstStride: c.dstStride, bias: c.bias, biasStride: c.biasStride, start: &zeros[0],
		w: unsafe.Pointer(c.codes), wStep: 4 * PanelRows, x: (*float32)(c.x), xStride: c.xStride,
		k: c.blocks * BlockCols, n: c.n, scale: 1,
	})
}

// rows returns the products of all queries with the keys of the first block, if a key has so many bytes in each of its elements.
func (s *Scores) rows(bytes int) rows {
	return rows{
		dst: s.Dst, dstStride: uintptr(s.DstStride) * 4, bias: &zeros[0], start: &zeros[0],
		w: s.Keys, wStep: uintptr(bytes) * PanelRows, x: s.Q, xStride: uintptr(s.QStride) * 4,
		k: s.Size, n: s.Heads, scale: s.Scale,
	}
}

func neonScores32(s *Scores) {
	r := s.rows(4)
	for b := range s.Blocks {
		r.dst, r.w = after(s.Dst, uintptr(b)*PanelRows*4), unsafe.Add(s.Keys, b*s.Size*PanelRows*4)
		rows32(&r)
	}
}

func neonScores16(s *Scores) {
	r := s.rows(2)
	for b := range s.Blocks {
		r.dst, r.w = after(s.Dst, uintptr(b)*PanelRows*4), unsafe.Add(s.Keys, b*s.Size*PanelRows*2)
		rows16(&r)
	}
}

// rows returns the sums of the first sixteen elements, which begin with what is there.
func (b *Blend) rows(bytes int) rows {
	stride := uintptr(b.DstStride) * 4
	return rows{
		dst: b.Dst, dstStride: stride, bias: &zeros[0], start: b.Dst, startStride: stride,
		w: b.Values, wStep: uintptr(bytes) * uintptr(b.Size), x: b.Shares, xStride: uintptr(b.ShareStride) * 4,
		k: b.N, n: b.Heads, scale: 1,
	}
}

func neonBlend32(b *Blend) {
	r := b.rows(4)
	for e := 0; e < b.Size; e += PanelRows {
		r.dst, r.w = after(b.Dst, uintptr(e)*4), unsafe.Add(b.Values, e*4)
		r.start = r.dst
		rows32(&r)
	}
}

func neonBlend16(b *Blend) {
	r := b.rows(2)
	for e := 0; e < b.Size; e += PanelRows {
		r.dst, r.w = after(b.Dst, uintptr(e)*4), unsafe.Add(b.Values, e*2)
		r.start = r.dst
		rows16(&r)
	}
}
