package decoder

import (
	"fmt"
	"slices"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
)

// A loader finds tensors. Its first error sticks; what it returns after one is of no use.
type loader struct {
	c    *checkpoint.Checkpoint
	cfg  *Config
	n    int             // the layer whose tensors are looked for
	used map[string]bool // names of tensors
	err  error
}

func (l *loader) has(name string) bool { return l.c.Tensor(layerName(name, l.n)) != nil }

// tensor returns a tensor of a shape and of one of some formats.
func (l *loader) tensor(name string, formats []kernel.Format, shape ...int) *checkpoint.Tensor {
	if l.err != nil {
		return nil
	}
	name = layerName(name, l.n)
	t := l.c.Tensor(name)
	switch {
	case t == nil:
		l.err = &checkpoint.Error{File: l.c.ConfigPath, Tensor: name, What: fmt.Sprintf("expected shape %v, found no such tensor", shape)}
	case !slices.Equal(t.Shape, shape):
		l.err = t.Fail("expected shape %v, found %v", shape, t.Shape)
	case !slices.Contains(formats, t.Format):
		l.err = t.Fail("expected a format of %v, found %s", formats, t.Format)
	}
	if l.err != nil {
		return nil
	}
	l.used[name] = true
	return t
}

// plainFormats have one number an element, matrixFormats all that a row can be decoded from.
var (
	bytesFormat   = []kernel.Format{kernel.U8}
	plainFormats  = []kernel.Format{kernel.F32, kernel.F16, kernel.BF16}
	matrixFormats = append(plainFormats[:3:3], kernel.Q8_0, kernel.MXFP4, kernel.Q4_0, kernel.Q5_0, kernel.Q4_K, kernel.Q5_K, kernel.Q6_K)
)

// vector returns the elements of a tensor [n].
func (l *loader) vector(name string, n int) []float32 { return l.floats(name, n) }

// floats returns the elements of a tensor, which must be finite.
func (l *loader) floats(name string, shape ...int) []float32 {
	t := l.tensor(name, plainFormats, shape...)
	if t == nil {
		return nil
	}
	values, err := t.Floats()
	if err != nil {
		l.err = err
		return nil
	}
	for i, v := range values {
		if !kernel.Finite(v) {
			l.err = t.Fail("element %d is %v, expected a finite number", i, v)
			return nil
		}
	}
	return values
}

// bytes returns the stored bytes of a tensor.
func (l *loader) bytes(t *checkpoint.Tensor) []byte {
	if t == nil {
		return nil
	}
	b, err := t.Bytes()
	if err != nil {
		l.err = err
	}
	return b
}

// matrix returns a tensor [n,k].
func (l *loader) matrix(name string, n, k int) kernel.Matrix {
	t := l.tensor(name, matrixFormats, n, k)
	data := l.bytes(t)
	if l.err != nil {
		return kernel.Matrix{}
	}
	elements, bytes := t.Format.Block()
	return l.checked(kernel.Matrix{Format: t.Format, Rows: n, Cols: k, Data: data, Stride: k / elements * bytes})
}

// checked holds a matrix against its bytes. What is wrong here is this package's fault, not the file's, whose shapes and sizes
// have been checked; but a wrong view must not be used.
func (l *loader) checked(m kernel.Matrix) kernel.Matrix {
	if err := m.Check(); err != nil && l.err == nil {
		l.err = err
	}
	return m
}

// weights returns the weights of a tensor [n,k].
func (l *loader) weights(name string, n, k int) kernel.Weights {
	m := l.matrix(name, n, k)
	if l.err != nil {
		return kernel.Weights{}
	}
	return weightsOf(m)
}

// experts returns the weights of the parts of a tensor [x,n,k], each [n,k].
func (l *loader) experts(name string, x, n, k int) []kernel.Weights {
	t := l.tensor(name, matrixFormats, x, n, k)
	data := l.bytes(t)
	if l.err != nil {
		return nil
	}
	elements, bytes := t.Format.Block()
	list := make([]kernel.Weights, x)
	for e := range list {
		stride := k / elements * bytes
		list[e] = weightsOf(l.checked(kernel.Matrix{Format: t.Format, Rows: n, Cols: k, Data: part(data, e, x), Stride: stride}))
	}
	return list
}

// packedExperts returns the parts of the tensors [x,n,k/32,16] of codes and [x,n,k/32] of scales, as x matrices [n,k].
func (l *loader) packedExperts(blocks, scales string, n, k int) []kernel.Matrix {
	x := l.cfg.Experts
	if k%32 != 0 && l.err == nil {
		l.err = &checkpoint.Error{File: l.c.ConfigPath, Tensor: layerName(blocks, l.n), What: fmt.Sprintf("expected rows of whole blocks of 32 elements, found %d elements", k)}
	}
	codes := l.bytes(l.tensor(blocks, bytesFormat, x, n, k/32, 16))
	exponents := l.bytes(l.tensor(scales, bytesFormat, x, n, k/32))
	if l.err != nil {
		return nil
	}
	list := make([]kernel.Matrix, x)
	for e := range list {
		list[e] = l.checked(kernel.Matrix{Format: kernel.MXFP4Pairs, Rows: n, Cols: k, Data: part(codes, e, x), Stride: k / 2,
			Scales: part(exponents, e, x), ScaleStride: k / 32})
	}
	return list
}

// denseExperts returns the parts of a tensor [x,k,n], as x matrices [n,k] that are stored transposed.
func (l *loader) denseExperts(name string, n, k int) []kernel.Matrix {
	x := l.cfg.Experts
	t := l.tensor(name, plainFormats, x, k, n)
	data := l.bytes(t)
	if l.err != nil {
		return nil
	}
	_, bytes := t.Format.Block()
	list := make([]kernel.Matrix, x)
	for e := range list {
		list[e] = l.checked(kernel.Matrix{Format: t.Format, Rows: n, Cols: k, Data: part(data, e, x), Stride: bytes, ColStride: n * bytes})
	}
	return list
}

// part returns the i-th of n equal parts.
func part(data []byte, i, n int) []byte { return data[i*(len(data)/n):][:len(data)/n] }

// checkUnused returns an error for a tensor that the model has no place for: leaving it out could change what it computes.
func (l *loader) checkUnused() {
	for t := range l.c.Tensors() {
		if !l.used[t.Name] {
			l.err = t.Fail("gpt-oss with %d layers has no such tensor", l.cfg.Layers)
			return
		}
	}
}
