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

const (
	// partBytes is about how much of a matrix one part of a job reads. The next part of the same thread lies elsewhere, so that
	// reading ahead begins anew: a part must be large against the 8 KiB for which that is too late.
	partBytes = 512 << 10
	// groupBytes is how much of it meets all rows of activations before the next does: it stays in the second-level cache.
	groupBytes = 96 << 10
)

// partPanels returns how many panels a part reads: fewer for a small matrix, so that there is work for all threads.
func (w *Weights) partPanels(threads int) int {
	return max(1, min(partBytes/w.size, w.Matrix.Panels()/(4*threads)))
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
