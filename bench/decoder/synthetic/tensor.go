package main

import (
	"encoding/binary"
	"math"
	"strings"
)

// A tensor is what a file shall hold. Its bytes come row by row.
type tensor struct {
	name   string
	format string // F32, BF16, Q8_0, MXFP4, U8
	shape  []int  // slowest dimension first, in elements
	rows   int
	row    int // bytes of a row
	append func(dst []byte, row int) []byte
}

func (t *tensor) bytes() int64 { return int64(t.rows) * int64(t.row) }

// as gives a tensor the name and the shape that a file has for it.
func (t tensor) as(name string, shape ...int) tensor {
	t.name, t.shape = name, shape
	return t
}

// A model makes tensors. The weights of a matrix depend on the seed and on the name that the model has for it, so that they
// are the same in all layouts.
type model struct {
	shape
	options
	pools *pools
}

// blocks cuts a matrix out of a pool.
func (m *model) blocks(name, format string, p *pool, rows, columns int) tensor {
	first := int(newStream(m.seed, name).at(0) % poolBlocks)
	perRow := columns / blockSize
	return tensor{format: format, rows: rows, row: perRow * p.block, append: func(dst []byte, row int) []byte {
		return p.append(dst, first+row*perRow, perRow)
	}}
}

// normal is a matrix of bell-shaped weights.
func (m *model) normal(name, format string, deviation float64, rows, columns int) tensor {
	return m.blocks(name, format, m.pools.normal(deviation, format), rows, columns)
}

// uniform is a matrix or a vector of numbers from middle-amplitude to middle+amplitude, as bfloat16 holds them.
func (m *model) uniform(name, format string, middle, amplitude float32, rows, columns int) tensor {
	s := newStream(m.seed, name)
	size := map[string]int{"F32": 4, "BF16": 2}[format]
	return tensor{format: format, rows: rows, row: columns * size, append: func(dst []byte, row int) []byte {
		for i := row * columns; i < (row+1)*columns; i++ {
			b := bfloat16(middle + float32(amplitude*s.uniform(i))) // converted, so that no machine fuses the two
			if format == "F32" {
				dst = binary.LittleEndian.AppendUint32(dst, uint32(b)<<16)
			} else {
				dst = binary.LittleEndian.AppendUint16(dst, b)
			}
		}
		return dst
	}}
}

// expert is the matrix [X*rows, columns] of all experts of a layer, where what comes out has about size times the size of what
// goes in. format is one of pools.fp4.
func (m *model) expert(name, format string, size float64, rows, columns int) tensor {
	const codes = 2.93 // root of the mean square of the codes' values
	exponent := int(math.Floor(math.Log2(size / (codes * math.Sqrt(float64(columns))))))
	inFile := format
	if format == "codes" || format == "scales" {
		inFile = "U8"
	}
	return m.blocks(name, inFile, m.pools.fp4(exponent, format), m.experts*rows, columns)
}

// below puts matrices of equally long rows one below the other.
func below(all ...tensor) tensor {
	t := all[0]
	t.rows = 0
	for _, a := range all {
		t.rows += a.rows
	}
	t.append = func(dst []byte, row int) []byte {
		for _, a := range all {
			if row < a.rows {
				return a.append(dst, row)
			}
			row -= a.rows
		}
		panic("synthetic: row beyond the last")
	}
	return t
}

// sideBySide puts vectors into one.
func sideBySide(all ...tensor) tensor {
	t := all[0]
	t.row = 0
	for _, a := range all {
		t.row += a.row
	}
	t.append = func(dst []byte, row int) []byte {
		for _, a := range all {
			dst = a.append(dst, row)
		}
		return dst
	}
	return t
}

// interleaved takes rows in turn from two matrices of one shape.
func interleaved(even, odd tensor) tensor {
	t := even
	t.rows = 2 * even.rows
	t.append = func(dst []byte, row int) []byte {
		if row%2 == 0 {
			return even.append(dst, row/2)
		}
		return odd.append(dst, row/2)
	}
	return t
}

// parts are the tensors of a model before a layout arranges them: rest is the format of matrices, vector that of all else.
// Deviations go with the square root of a matrix' columns, which keeps the size of activations. A layer adds little to the
// stream and a router prefers clearly, as in a trained model: otherwise the smallest rounding would change experts, and
// what an engine computes could not be told from noise.
type parts struct {
	m            *model
	rest, vector string
}

func (p *parts) embedding() tensor {
	return p.m.normal("embedding", p.rest, 1, p.m.vocabulary, p.m.hidden)
}

func (p *parts) unembedding() tensor {
	return p.m.normal("unembedding", p.rest, round(1.5/math.Sqrt(float64(p.m.hidden))), p.m.vocabulary, p.m.hidden)
}

func (p *parts) norm(name string) tensor {
	return p.m.uniform(name, p.vector, 1, 0.3, 1, p.m.hidden)
}

func (p *parts) sinks(layer string) tensor {
	return p.m.uniform(layer+"sinks", p.vector, 0.5, 2, 1, p.m.heads)
}

// attention is one of "q", "k" and "v".
func (p *parts) attention(layer, which string) (weight, bias tensor) {
	rows := p.m.keys()
	if which == "q" {
		rows = p.m.queries()
	}
	return p.m.normal(layer+which, p.rest, round(1.25/math.Sqrt(float64(p.m.hidden))), rows, p.m.hidden),
		p.m.uniform(layer+which+" bias", p.vector, 0, 0.3, 1, rows)
}

func (p *parts) out(layer string) (weight, bias tensor) {
	return p.m.normal(layer+"out", p.rest, round(0.5/math.Sqrt(float64(p.m.queries()))), p.m.hidden, p.m.queries()),
		p.m.uniform(layer+"out bias", p.vector, 0, 0.1, 1, p.m.hidden)
}

func (p *parts) router(layer string) (weight, bias tensor) {
	amplitude := float32(round(5 / math.Sqrt(float64(p.m.hidden))))
	return p.m.uniform(layer+"router", p.vector, 0, amplitude, p.m.experts, p.m.hidden),
		p.m.uniform(layer+"router bias", p.vector, 0, 0.3, 1, p.m.experts)
}

// round keeps eight bits: what differs between machines in the last place is gone.
func round(x float64) float64 {
	fraction, exponent := math.Frexp(x)
	return math.Ldexp(math.Round(fraction*256)/256, exponent)
}

// expertShape returns the rows and columns of "gate", "up" or "down".
func (m *model) expertShape(which string) (rows, columns int) {
	if which == "down" {
		return m.hidden, m.expertSize
	}
	return m.expertSize, m.hidden
}

func (p *parts) expert(layer, which, format string) tensor {
	rows, columns := p.m.expertShape(which)
	size := 1.0
	if which == "down" {
		size = 0.25
	}
	return p.m.expert(layer+which, format, size, rows, columns)
}

// expertBias has a row for each number, so that two can be interleaved.
func (p *parts) expertBias(layer, which string) tensor {
	rows, _ := p.m.expertShape(which)
	return p.m.uniform(layer+which+" bias", p.vector, 0, 0.2, p.m.experts*rows, 1)
}

// upper is the name of a format that a flag gives in lower case.
func upper(flag string) string { return strings.ToUpper(flag) }
