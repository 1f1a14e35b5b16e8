package decoder

import (
	"bytes"
	"encoding/binary"
	"io"
	"math"

	"github.com/harmony-go/sdk/internal/kernel"
)

// An emitter writes the bytes of tensors, read a few rows at a time from the model's file. Its first error sticks.
type emitter struct {
	x     *exporter
	w     io.Writer
	slots [2]stage // of the matrices that are read side by side
	out   []byte
	err   error
}

// A stage is room for rows on their way.
type stage struct {
	data, scales []byte
	rows         []float32
}

// chunkBytes is about how much is read at once.
const chunkBytes = 256 << 10

// write writes bytes of a tensor.
func (e *emitter) write(b []byte) {
	if e.err != nil {
		return
	}
	if _, err := e.w.Write(b); err != nil {
		e.err = err
		return
	}
	e.x.done += int64(len(b))
	if e.x.opts.Progress != nil {
		e.err = e.x.opts.Progress(e.x.done, e.x.total)
	}
}

// load reads rows of a matrix from the file. What it returns is valid until slot is used again.
func (e *emitter) load(slot int, m *kernel.Matrix, row, n int) kernel.Matrix {
	s, p := &e.slots[slot], m.Part(row, n)
	s.data, s.scales = atLeast(s.data, len(p.Data)), atLeast(s.scales, len(p.Scales))
	data, scales := s.data[:len(p.Data)], s.scales[:len(p.Scales)]
	for _, r := range []struct{ dst, src []byte }{{data, p.Data}, {scales, p.Scales}} {
		if err := e.x.m.file.Read(r.dst, r.src); err != nil && e.err == nil {
			e.err = fileError(err)
		}
	}
	p.Data = data
	if p.Scales != nil {
		p.Scales = scales
	}
	return p
}

// chunks calls f with the numbers of the rows that are read at once: all of a transposed matrix, whose rows are spread over it.
func (e *emitter) chunks(m *kernel.Matrix, f func(row, n int)) {
	step := max(1, chunkBytes/max(m.Stride, 1))
	if m.ColStride != 0 {
		step = m.Rows
	}
	for row := 0; row < m.Rows && e.err == nil; row += step {
		f(row, min(step, m.Rows-row))
	}
}

// checked writes whole blocks of a format, if all their numbers are finite.
func (e *emitter) checked(format kernel.Format, b []byte) {
	if e.err == nil && format.NotFinite(b) >= 0 {
		e.err = e.x.m.badScale()
	}
	e.write(b)
}

// rows writes a matrix row by row, in the format it has, with the codes of MXFP4 arranged as ggml does, or in F32.
func (e *emitter) rows(m *kernel.Matrix, format kernel.Format) {
	e.chunks(m, func(row, n int) {
		p := e.load(0, m, row, n)
		if e.err != nil {
			return
		}
		switch {
		case format != m.Format && format == kernel.MXFP4:
			e.checked(format, e.packBlocks(&p))
		case format != m.Format:
			e.checked(format, e.decoded(0, &p))
		default:
			e.checked(format, e.gather(&p))
		}
	})
}

// gather puts the elements of a matrix side by side, row by row.
func (e *emitter) gather(p *kernel.Matrix) []byte {
	elements, bytes := p.Format.Block()
	size := p.Cols / elements * bytes
	if p.ColStride == 0 && p.Stride == size {
		return p.Data[:p.Rows*size]
	}
	e.out = atLeast(e.out, p.Rows*size)
	out := e.out[:p.Rows*size]
	for r := range p.Rows {
		row := out[r*size:][:size]
		if p.ColStride == 0 {
			copy(row, p.Data[r*p.Stride:])
			continue
		}
		for k := range p.Cols {
			copy(row[k*bytes:(k+1)*bytes], p.Data[r*p.Stride+k*p.ColStride:])
		}
	}
	return out
}

// decoded returns the elements of a matrix in F32.
func (e *emitter) decoded(slot int, p *kernel.Matrix) []byte {
	s := &e.slots[slot]
	s.rows = atLeast(s.rows, p.Rows*p.Cols)
	p.DecodeRows(s.rows[:p.Rows*p.Cols], 0, p.Rows)
	e.out = appendFloats32(e.out[:0], s.rows[:p.Rows*p.Cols])
	return e.out
}

// packBlocks returns rows of MXFP4Pairs as blocks of MXFP4.
func (e *emitter) packBlocks(p *kernel.Matrix) []byte {
	e.out = e.out[:0]
	for r := range p.Rows {
		codes, scales := p.Data[r*p.Stride:][:p.Cols/2], p.Scales[r*p.ScaleStride:][:p.Cols/32]
		for i, scale := range scales {
			e.out = appendBlock(e.out, codes[16*i:16*i+16], scale)
		}
	}
	return e.out
}

// appendBlock appends a block of MXFP4: the scale, and in each byte elements j and j+16. codes has the elements in pairs, 2j in the
// lower half. Sources: ggml-org/llama.cpp, ggml/src/ggml-quants.c, dequantize_row_mxfp4; openai/gpt-oss, gpt_oss/torch/weights.py.
func appendBlock(dst, codes []byte, scale byte) []byte {
	var halves [16]byte
	kernel.PairsToHalves(&halves, codes)
	return append(append(dst, scale), halves[:]...)
}

// appendPairs is the inverse of appendBlock; block is without the scale.
func appendPairs(dst, block []byte) []byte {
	for j := 0; j < 16; j += 2 {
		dst = append(dst, block[j]&15|block[j+1]<<4)
	}
	for j := 0; j < 16; j += 2 {
		dst = append(dst, block[j]>>4|block[j+1]&0xf0)
	}
	return dst
}

// appendCodes appends the codes of a row of MXFP4, in pairs.
func appendCodes(dst []byte, p *kernel.Matrix, r int) []byte {
	if p.Format == kernel.MXFP4Pairs {
		return append(dst, p.Data[r*p.Stride:][:p.Cols/2]...)
	}
	for i := range p.Cols / 32 {
		dst = appendPairs(dst, p.Data[r*p.Stride+17*i+1:][:16])
	}
	return dst
}

// appendScales appends the scales of a row of MXFP4.
func appendScales(dst []byte, p *kernel.Matrix, r int) []byte {
	if p.Format == kernel.MXFP4Pairs {
		return append(dst, p.Scales[r*p.ScaleStride:][:p.Cols/32]...)
	}
	for i := range p.Cols / 32 {
		dst = append(dst, p.Data[r*p.Stride+17*i])
	}
	return dst
}

// interleaved writes the scales or the codes of matrices of MXFP4 of one shape: row 0 of each, row 1 of each, and so on.
func (e *emitter) interleaved(list []*kernel.Matrix, scales bool) {
	appendRow := appendCodes
	if scales {
		appendRow = appendScales
	}
	e.chunks(list[0], func(row, n int) {
		var parts [2]kernel.Matrix
		for i, m := range list {
			parts[i] = e.load(i, m, row, n)
		}
		if e.err != nil {
			return
		}
		e.out = e.out[:0]
		for r := range n {
			for i := range list {
				e.out = appendRow(e.out, &parts[i], r)
			}
		}
		if scales && bytes.IndexByte(e.out, 255) >= 0 {
			e.err = e.x.m.badScale()
		}
		e.write(e.out)
	})
}

// transposed writes matrices of one shape [N,K] as [K,N*len(list)]: column k of each, with the rows of the matrices in turn.
func (e *emitter) transposed(list []*kernel.Matrix, format kernel.Format) {
	var parts [2]kernel.Matrix
	for i, m := range list {
		parts[i] = e.load(i, m, 0, m.Rows)
		if e.err != nil {
			return
		}
		if p := &parts[i]; p.Format != format {
			data := append([]byte(nil), e.decoded(i, p)...)
			*p = kernel.Matrix{Format: kernel.F32, Rows: p.Rows, Cols: p.Cols, Data: data, Stride: 4 * p.Cols}
		}
	}
	_, size := format.Block()
	rows, cols := list[0].Rows, list[0].Cols
	line := make([]byte, rows*len(list)*size)
	for k := range cols {
		for i := range list {
			p, step := &parts[i], parts[i].ColStride
			if step == 0 {
				step = size
			}
			for r := range rows {
				copy(line[(r*len(list)+i)*size:][:size], p.Data[r*p.Stride+k*step:])
			}
		}
		e.checked(format, line)
	}
}

// floats writes numbers as F32, or as BF16, which must hold them exactly.
func (e *emitter) floats(values []float32, format kernel.Format) {
	const step = chunkBytes / 4
	for len(values) > 0 && e.err == nil {
		n := min(step, len(values))
		if format == kernel.BF16 {
			e.out = e.out[:0]
			for _, v := range values[:n] {
				e.out = binary.LittleEndian.AppendUint16(e.out, uint16(math.Float32bits(v)>>16))
			}
		} else {
			e.out = appendFloats32(e.out[:0], values[:n])
		}
		e.write(e.out)
		values = values[n:]
	}
}

func appendFloats32(dst []byte, values []float32) []byte {
	for _, v := range values {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(v))
	}
	return dst
}

// fitsBF16 reports whether bfloat16 holds numbers exactly.
func fitsBF16(values []float32) bool {
	for _, v := range values {
		if math.Float32bits(v)&0xffff != 0 {
			return false
		}
	}
	return true
}
