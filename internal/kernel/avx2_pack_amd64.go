//go:build !purego

package kernel

// pack4AVX2 packs sixteen rows of MXFP4 and MXFP4Pairs.
func pack4AVX2(m *Matrix, scales, codes []byte, first int) bool {
	blocks := m.Cols / BlockCols
	_, size := m.Format.Block()
	data, codes := m.sixteen(first, blocks*size), codes[:blocks*Panel4.codeBytes()]
	scales = scales[:blocks*PanelRows]
	if m.Format == MXFP4 {
		packMXFP4AVX2(&scales[0], &codes[0], data, uintptr(m.Stride), blocks)
		return true
	}
	from := m.Scales[first*m.ScaleStride:][:(PanelRows-1)*m.ScaleStride+blocks]
	packScalesAVX2(&scales[0], &from[0], uintptr(m.ScaleStride), blocks)
	packPairsAVX2(&codes[0], data, uintptr(m.Stride), blocks)
	return true
}

// pack8AVX2 packs sixteen rows of Q8_0, Q5_0 and Q4_0.
func pack8AVX2(m *Matrix, scales, codes []byte, first int) bool {
	blocks := m.Cols / BlockCols
	_, size := m.Format.Block()
	data, codes := m.sixteen(first, blocks*size), codes[:blocks*Panel8.codeBytes()]
	scales = scales[:blocks*PanelRows*2]
	switch m.Format {
	case Q8_0:
		packQ8AVX2(&scales[0], &codes[0], data, uintptr(m.Stride), blocks)
	case Q5_0:
		packQ5AVX2(&scales[0], &codes[0], data, uintptr(m.Stride), blocks)
	case Q4_0:
		packQ4AVX2(&scales[0], &codes[0], data, uintptr(m.Stride), blocks)
	default:
		return false
	}
	return true
}

// pack16AVX2 packs sixteen rows of bfloat16: multiples of eight columns, or of four if rows are adjacent.
func pack16AVX2(m *Matrix, codes []byte, first int) bool {
	codes = codes[:m.Cols*PanelRows*2]
	switch {
	case m.ColStride == 0 && m.Cols%8 == 0:
		packBF16AVX2(&codes[0], m.sixteen(first, 2*m.Cols), uintptr(m.Stride), m.Cols/8)
		return true
	case m.ColStride != 0 && m.Stride == 2 && m.Cols%4 == 0:
		data := m.Data[2*first:][:(m.Cols-1)*m.ColStride+2*PanelRows]
		packColumnsAVX2(&codes[0], &data[0], uintptr(m.ColStride), m.Cols/4)
		return true
	}
	return false
}

// sixteen returns where sixteen rows of so many bytes begin, after a check that they are there.
func (m *Matrix) sixteen(first, bytes int) *byte {
	return &m.Data[first*m.Stride:][:(PanelRows-1)*m.Stride+bytes][0]
}

// The functions below read sixteen rows, row r at data + r*stride.

//go:noescape
func packScalesAVX2(scales, data *byte, stride uintptr, blocks int)

//go:noescape
func packMXFP4AVX2(scales, codes, data *byte, stride uintptr, blocks int)

//go:noescape
func packPairsAVX2(codes, data *byte, stride uintptr, blocks int)

//go:noescape
func packQ8AVX2(scales, codes, data *byte, stride uintptr, blocks int)

//go:noescape
func packQ5AVX2(scales, codes, data *byte, stride uintptr, blocks int)

//go:noescape
func packQ4AVX2(scales, codes, data *byte, stride uintptr, blocks int)

//go:noescape
func packBF16AVX2(codes, data *byte, stride uintptr, eights int)

// packColumnsAVX2 reads sixteen rows side by side, columns stride bytes apart.
//
//go:noescape
func packColumnsAVX2(codes, data *byte, stride uintptr, fours int)
