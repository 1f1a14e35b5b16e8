//go:build !purego

package kernel

// packing is what an assembly function packs: n blocks of sixteen rows.
type packing struct {
	dst    *byte
	data   *byte   // the first block of the first row
	stride uintptr // bytes from row to row; packColumnsAVX512: from column to column
	step   uintptr // bytes from block to block
	n      int     // at least 1
}

// newPacking returns a packing of all that n blocks of sixteen rows have, which must lie within data.
func newPacking(dst, data []byte, stride, step, n int) packing {
	_ = data[(PanelRows-1)*stride+n*step-1]
	return packing{dst: &dst[0], data: &data[0], stride: uintptr(stride), step: uintptr(step), n: n}
}

func pack4AVX512(m *Matrix, scales, codes []byte, first int) bool {
	n, data := m.Cols/BlockCols, m.Data[first*m.Stride:]
	if m.Format == MXFP4Pairs {
		s := newPacking(scales, m.Scales[first*m.ScaleStride:], m.ScaleStride, 1, n)
		packBytesAVX512(&s)
		p := newPacking(codes, data, m.Stride, BlockCols/2, n)
		packPairsAVX512(&p)
		return true
	}
	p := newPacking(scales, data, m.Stride, 1+BlockCols/2, n)
	packBytesAVX512(&p)
	p.dst, p.data = &codes[0], &data[1]
	packHalvesAVX512(&p)
	return true
}

func pack8AVX512(m *Matrix, scales, codes []byte, first int) bool {
	if m.Format != Q8_0 {
		return false
	}
	data := m.Data[first*m.Stride:]
	p := newPacking(scales, data, m.Stride, 2+BlockCols, m.Cols/BlockCols)
	packWordsAVX512(&p)
	p.dst, p.data = &codes[0], &data[2]
	packWholeAVX512(&p)
	return true
}

// pack16AVX512 packs whole blocks whose rows or columns are adjacent numbers.
func pack16AVX512(m *Matrix, codes []byte, first int) bool {
	data := m.Data[first*m.Stride:]
	switch {
	case m.Cols%BlockCols != 0:
		return false
	case m.ColStride == 0 || m.ColStride == 2:
		p := newPacking(codes, data, m.Stride, 16, m.Cols/8)
		packBrainsAVX512(&p)
	case m.Stride == 2:
		_ = data[(m.Cols-1)*m.ColStride+2*PanelRows-1]
		p := packing{dst: &codes[0], data: &data[0], stride: uintptr(m.ColStride), step: 4 * uintptr(m.ColStride), n: m.Cols / 4}
		packColumnsAVX512(&p)
	default:
		return false
	}
	return true
}

//go:noescape
func packBytesAVX512(p *packing)

//go:noescape
func packWordsAVX512(p *packing)

//go:noescape
func packHalvesAVX512(p *packing)

//go:noescape
func packPairsAVX512(p *packing)

//go:noescape
func packWholeAVX512(p *packing)

//go:noescape
func packBrainsAVX512(p *packing)

//go:noescape
func packColumnsAVX512(p *packing)
