package kernel

import (
	"fmt"
	"math"
)

// A Matrix [N,K] is a view of stored weights: it owns nothing. It is immutable and safe for concurrent use as long as the
// bytes are there.
type Matrix struct {
	Format Format
	Rows   int    // N: outputs
	Cols   int    // K: inputs, whole blocks of the format
	Data   []byte // row r begins at r*Stride
	Stride int    // bytes from row to row

	// ColStride is the distance in bytes between the elements of one row: the matrix is stored transposed. 0: the elements of
	// a row are adjacent. Only F32, F16 and BF16 can be transposed.
	ColStride int

	Scales      []byte // MXFP4Pairs: K/32 bytes for each row, from r*ScaleStride on
	ScaleStride int
}

// Check returns an error unless all the matrix lies within its bytes.
func (m *Matrix) Check() error {
	elements, bytes := m.Format.Block()
	if m.Rows <= 0 || m.Cols <= 0 || m.Cols%elements != 0 {
		return fmt.Errorf("kernel: matrix of %s has shape [%d, %d], expected positive, columns a multiple of %d", m.Format, m.Rows, m.Cols, elements)
	}
	end := (m.Rows-1)*m.Stride + m.Cols/elements*bytes
	if m.ColStride != 0 {
		end = (m.Rows-1)*m.Stride + (m.Cols-1)*m.ColStride + bytes
	}
	if end > len(m.Data) || m.ColStride != 0 && m.Format > BF16 {
		return fmt.Errorf("kernel: matrix of %s [%d, %d] needs %d bytes, found %d", m.Format, m.Rows, m.Cols, end, len(m.Data))
	}
	if m.Format == MXFP4Pairs && (m.Rows-1)*m.ScaleStride+m.Cols/32 > len(m.Scales) {
		return fmt.Errorf("kernel: matrix of %s [%d, %d] has %d scales", m.Format, m.Rows, m.Cols, len(m.Scales))
	}
	return nil
}

// Part returns a view of n rows from row on.
func (m *Matrix) Part(row, n int) Matrix {
	p := *m
	p.Rows, p.Data = n, m.Data[row*m.Stride:]
	if m.Scales != nil {
		p.Scales = m.Scales[row*m.ScaleStride:]
	}
	if elements, bytes := m.Format.Block(); m.ColStride == 0 { // no more than the rows
		p.Data = p.Data[:(n-1)*m.Stride+m.Cols/elements*bytes]
		if m.Scales != nil {
			p.Scales = p.Scales[:(n-1)*m.ScaleStride+m.Cols/32]
		}
	}
	return p
}

// DecodeRows writes n rows from row on to dst, [n,K].
func (m *Matrix) DecodeRows(dst []float32, row, n int) {
	if m.ColStride != 0 {
		m.decodeTransposed(dst, row, n)
		return
	}
	elements, bytes := m.Format.Block()
	for i := range n {
		out := dst[i*m.Cols:][:m.Cols]
		data := m.Data[(row+i)*m.Stride:][:m.Cols/elements*bytes]
		if m.Format == MXFP4Pairs {
			DecodePairs(out, data, m.Scales[(row+i)*m.ScaleStride:][:m.Cols/32])
		} else {
			m.Format.Decode(out, data)
		}
	}
}

// decodeTransposed reads column by column, because the elements of a column are near each other, those of a row far apart.
func (m *Matrix) decodeTransposed(dst []float32, row, n int) {
	for k := range m.Cols {
		column, out := m.Data[row*m.Stride+k*m.ColStride:], dst[k:]
		switch m.Format {
		case BF16:
			for i := range n {
				out[i*m.Cols] = fromBF16(le16(column[i*m.Stride:]))
			}
		case F16:
			for i := range n {
				out[i*m.Cols] = fromF16(le16(column[i*m.Stride:]))
			}
		case F32:
			for i := range n {
				out[i*m.Cols] = math.Float32frombits(le32(column[i*m.Stride:]))
			}
		}
	}
}
