package decoder

import (
	"strconv"
	"strings"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
)

// explain returns the error for a residual stream that is not finite where layer n begins its attention or its experts: the
// tensor that holds a weight that is no number, or else where the computation left the finite numbers. Weights are not looked
// through when a model is opened, which would read all of it.
func (m *Model) explain(position, n int) error {
	for t := range m.file.Tensors() {
		layer := layerOf(t.Name)
		if layer != n && layer != n-1 && !(layer < 0 && (n == 0 || n == m.cfg.Layers)) {
			continue
		}
		if err := checkFinite(t); err != nil {
			return fileError(err)
		}
	}
	return &NumberError{Position: position, Layer: n}
}

// layerOf returns the number in a tensor's name, or -1 if it belongs to no layer.
func layerOf(name string) int {
	for part := range strings.SplitSeq(name, ".") {
		if n, err := strconv.Atoi(part); err == nil {
			return n
		}
	}
	return -1
}

// checkFinite returns an error if a tensor holds a number that is not finite.
func checkFinite(t *checkpoint.Tensor) error {
	data, err := t.Bytes()
	if err != nil {
		return err
	}
	if t.Format == kernel.U8 {
		if !strings.HasSuffix(t.Name, "scales") {
			return nil // codes: every byte is two numbers
		}
		for i, e := range data {
			if e == 255 {
				return t.Fail("scale %d is 255, which is NaN, expected 0 to 254", i)
			}
		}
		return nil
	}
	elements, bytes := t.Format.Block()
	if i := t.Format.NotFinite(data); i >= 0 {
		if t.Format == kernel.MXFP4 {
			return t.Fail("scale %d is 255, which is NaN, expected 0 to 254", i)
		}
		values := make([]float32, elements)
		t.Format.Decode(values, data[i*bytes:])
		for j, v := range values {
			if !kernel.Finite(v) {
				return t.Fail("element %d is %v, expected a finite number", i*elements+j, v)
			}
		}
	}
	return nil
}
