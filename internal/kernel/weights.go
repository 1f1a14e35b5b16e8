package kernel

import "math"

// Weights are a matrix [N,K] as kernels read it: packed in panels, or packed a few panels at a time when they are used. They are
// immutable and safe for concurrent use.
type Weights struct {
	Matrix *Matrix
	Panel  PanelFormat
	Packed []byte // all panels, or nil
	size   int    // bytes of a panel
}

// NewWeights returns the weights of a matrix. packed holds its panels, one after the other, or is nil.
func NewWeights(m *Matrix, packed []byte) Weights {
	f := m.Format.Panel()
	return Weights{Matrix: m, Panel: f, Packed: packed, size: f.Size(m.Cols)}
}

// Bytes returns the memory of all panels of a matrix.
func (m *Matrix) PanelBytes() int { return m.Panels() * m.Format.Panel().Size(m.Cols) }

// partBytes is about how much of a matrix one part of a job reads: it stays in the second-level cache while all rows of
// activations meet it, and is large against the cost of handing out a part.
const partBytes = 96 << 10

// partPanels returns how many panels a part reads.
func (w *Weights) partPanels() int { return max(1, partBytes/w.size) }

// parts returns the number of parts.
func (w *Weights) parts() int {
	n := w.partPanels()
	return (w.Matrix.Panels() + n - 1) / n
}

// load returns n panels from panel first on. A NaN scale makes them count as NaN: bad is then true.
func (w *Weights) load(s *worker, first, n int) (panels []byte, bad bool) {
	if w.Packed != nil {
		return w.Packed[first*w.size:][:n*w.size], false
	}
	panels = s.panels[:n*w.size]
	for i := range n {
		bad = !w.Matrix.Pack(panels[i*w.size:][:w.size], first+i, s.rows) || bad
	}
	return panels, bad
}

var nan, inf = float32(math.NaN()), float32(math.Inf(1))
