package kernel

import (
	"bytes"
	"encoding/binary"
	"math"
)

// Panels returns the number of panels that hold a matrix.
func (m *Matrix) Panels() int { return (m.Rows + PanelRows - 1) / PanelRows }

// Pack writes panel p of a matrix to dst, which has Format.Panel().Size(Cols) bytes. rows is scratch, PanelRows*Cols, for formats
// that are decoded on the way. Pack returns false if a scale of MXFP4 is NaN, which a panel cannot hold.
func (m *Matrix) Pack(dst []byte, p int, rows []float32) bool {
	first := p * PanelRows
	n, format := min(PanelRows, m.Rows-first), m.Format.Panel()
	if n < PanelRows || m.Cols%BlockCols != 0 {
		clear(dst)
	}
	codes := dst[format.scaleBytes(Blocks(m.Cols)):]
	switch format {
	case Panel4:
		m.pack4(dst, codes, first, n)
		return bytes.IndexByte(dst[:Blocks(m.Cols)*PanelRows], 255) < 0
	case Panel8:
		m.pack8(dst, codes, first, n)
	case Panel16:
		m.pack16(codes, first, n)
	default:
		m.DecodeRows(rows, first, n)
		pack32(codes, rows, n, m.Cols)
	}
	return true
}

func (m *Matrix) pack4(scales, codes []byte, first, n int) {
	if n == PanelRows && active.pack4 != nil && active.pack4(m, scales, codes, first) {
		return
	}
	for r := range n {
		data := m.Data[(first+r)*m.Stride:]
		for b := range m.Cols / BlockCols {
			var q [16]byte
			if m.Format == MXFP4 {
				scales[b*PanelRows+r] = data[17*b]
				copy(q[:], data[17*b+1:])
			} else {
				scales[b*PanelRows+r] = m.Scales[(first+r)*m.ScaleStride+b]
				PairsToHalves(&q, data[16*b:])
			}
			for c := range 4 {
				copy(codes[((4*b+c)*PanelRows+r)*4:][:4], q[4*c:])
			}
		}
	}
}

// PairsToHalves arranges the codes of a block of MXFP4Pairs as MXFP4 does: of bytes that hold the elements 2j and 2j+1 it makes
// bytes that hold j and j+16.
func PairsToHalves(dst *[16]byte, src []byte) {
	low, high := binary.LittleEndian.Uint64(src), binary.LittleEndian.Uint64(src[8:])
	const even = 0x0f0f0f0f0f0f0f0f
	// Elements 2j and 2j+1 of the first half, with those of the second half in the upper four bits.
	e, o := low&even|(high&even)<<4, low>>4&even|high&^even
	binary.LittleEndian.PutUint64(dst[:], spread(uint32(e))|spread(uint32(o))<<8)
	binary.LittleEndian.PutUint64(dst[8:], spread(uint32(e>>32))|spread(uint32(o>>32))<<8)
}

// spread puts the four bytes of x into the even bytes of the result.
func spread(x uint32) uint64 {
	y := uint64(x)
	y = (y | y<<16) & 0x0000ffff0000ffff
	return (y | y<<8) & 0x00ff00ff00ff00ff
}

func (m *Matrix) pack8(scales, codes []byte, first, n int) {
	if n == PanelRows && active.pack8 != nil && active.pack8(m, scales, codes, first) {
		return
	}
	_, size := m.Format.Block()
	for r := range n {
		data := m.Data[(first+r)*m.Stride:]
		for b := range m.Cols / BlockCols {
			block := data[b*size:][:size]
			copy(scales[(b*PanelRows+r)*2:][:2], block)
			var q [BlockCols]byte
			m.Format.codes8(&q, block)
			for c := range BlockCols / 4 {
				copy(codes[((BlockCols/4*b+c)*PanelRows+r)*4:][:4], q[4*c:])
			}
		}
	}
}

// codes8 writes the whole numbers of a block, plus 128, to q.
func (f Format) codes8(q *[BlockCols]byte, block []byte) {
	switch f {
	case Q8_0:
		for i, c := range block[2:] {
			q[i] = c ^ 0x80
		}
	case Q4_0:
		for j, c := range block[2:] {
			q[j], q[j+16] = c&15+128-8, c>>4+128-8
		}
	case Q5_0:
		high := le32(block[2:])
		for j, c := range block[6:] {
			q[j] = (c&15 | byte(high>>j&1<<4)) + 128 - 16
			q[j+16] = (c>>4 | byte(high>>(j+16)&1<<4)) + 128 - 16
		}
	}
}

func (m *Matrix) pack16(codes []byte, first, n int) {
	if n == PanelRows && active.pack16 != nil && active.pack16(m, codes, first) {
		return
	}
	step := m.ColStride
	if step == 0 {
		step = 2
	}
	for r := range n {
		data := m.Data[(first+r)*m.Stride:]
		for k := range m.Cols {
			copy(codes[at16(k, r):][:2], data[k*step:])
		}
	}
}

// at16 returns where Panel16 has the weight of column k and row r.
func at16(k, r int) int { return ((k/4*2+k%2)*PanelRows+r)*4 + k%4/2*2 }

func pack32(codes []byte, rows []float32, n, cols int) {
	for r := range n {
		for k, v := range rows[r*cols:][:cols] {
			binary.LittleEndian.PutUint32(codes[(k*PanelRows+r)*4:], math.Float32bits(v))
		}
	}
}
