package decoder

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"unsafe"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/internal/memory"
)

// kernel returns the name that package kernel has for a precision.
func (p Precision) kernel() kernel.Precision {
	return [...]kernel.Precision{kernel.Float, kernel.Brain, kernel.Whole}[p]
}

// uses says in which forms each kind of activations is read.
type uses struct{ normed, heads, pair, inner kernel.Use }

func (w *weights) uses(p Precision) uses {
	var u uses
	add := func(use *kernel.Use, list ...kernel.Weights) {
		for i := range list {
			*use |= list[i].Panel.Use(p.kernel())
		}
	}
	for i := range w.layers {
		l := &w.layers[i]
		add(&u.normed, l.q, l.k, l.v, l.router)
		add(&u.heads, l.out)
		add(&u.pair, l.gate...)
		add(&u.pair, l.up...)
		add(&u.inner, l.down...)
	}
	add(&u.normed, w.unembedding)
	u.normed |= u.pair // single tokens go to the experts without a copy, and many are copied from there
	return u
}

// all returns the matrices that computing reads from end to end, in the order in which the file has them. The embedding is not
// among them, of which a token reads one row.
func (w *weights) all() []*kernel.Weights {
	list := []*kernel.Weights{&w.unembedding}
	for n := range w.layers {
		l := &w.layers[n]
		list = append(list, &l.q, &l.k, &l.v, &l.out, &l.router)
		for e := range l.gate {
			list = append(list, &l.gate[e], &l.up[e], &l.down[e])
		}
	}
	slices.SortStableFunc(list, func(a, b *kernel.Weights) int {
		return cmp.Compare(uintptr(unsafe.Pointer(&a.Matrix.Data[0])), uintptr(unsafe.Pointer(&b.Matrix.Data[0])))
	})
	return list
}

// packable reports whether a matrix can be packed without growing to more than about twice its size. The K formats cannot, whose
// weights only float32 holds.
func packable(w *kernel.Weights) bool {
	elements, size := w.Matrix.Format.Block()
	const some = 256 // elements: whole blocks of every format
	return some/elements*size*5/2 >= w.Panel.Size(some)/kernel.PanelRows
}

// spare is how much memory shall be left when weights are packed without being asked to.
const spare = 1 << 30

// place decides where the weights shall be, and packs them.
func (m *Model) place(opts *Options) error {
	if opts.Precision > Int8 || opts.Hold > Packed {
		return fmt.Errorf("decoder: options ask for %v and %v, which do not exist", opts.Precision, opts.Hold)
	}
	list, total := m.weights.all(), 0
	var packed []*kernel.Weights
	for _, w := range list {
		if packable(w) {
			packed, total = append(packed, w), total+w.Matrix.PanelBytes()
		}
	}
	free, known := memory.Available()
	m.hold, m.weights.mapped = Packed, len(packed) < len(list)
	switch {
	case opts.Hold == Mapped, opts.Hold == HoldAuto && known && m.HoldFor(free) == Mapped:
		m.hold, m.weights.mapped = Mapped, true
		return nil
	case known && int64(total) > free:
		return &MemoryError{What: "packing the weights", Wanted: int64(total), Available: free}
	}
	region, err := memory.Alloc(total)
	if err != nil {
		return &MemoryError{What: "packing the weights", Wanted: int64(total), Available: free}
	}
	m.region = region
	return m.pack(packed, region.Data, opts.Progress)
}

// packing is the job that packs one matrix after the other. A part is some panels.
type packing struct {
	file    *checkpoint.Checkpoint
	weights *kernel.Weights
	dst     []byte
	workers []packer // [threads]
}

// A packer is the scratch memory of one thread, and what went wrong in it.
type packer struct {
	stored, scales []byte
	rows           []float32
	err            error
	bad            bool // a scale was no number
}

// packPanels is how many panels a part packs: what it reads stays in the second-level cache.
const packPanels = 8

// Part implements kernel.Job. It reads the rows from the file, not through the mapping.
func (j *packing) Part(worker, part int) {
	w, m := &j.workers[worker], j.weights.Matrix
	size := j.weights.Panel.Size(m.Cols)
	w.rows = atLeast(w.rows, kernel.PanelRows*m.Cols)
	first := part * packPanels
	n := min(packPanels, m.Panels()-first)
	row := first * kernel.PanelRows
	rows := m.Part(row, min(n*kernel.PanelRows, m.Rows-row))
	if m.ColStride == 0 { // the rows of a transposed matrix are spread over all of it
		w.stored, w.scales = atLeast(w.stored, len(rows.Data)), atLeast(w.scales, len(rows.Scales))
		err := errors.Join(j.file.Read(w.stored[:len(rows.Data)], rows.Data), j.file.Read(w.scales[:len(rows.Scales)], rows.Scales))
		if err != nil {
			w.err = err
			return
		}
		rows.Data, rows.Scales = w.stored[:len(rows.Data)], w.scales[:len(rows.Scales)]
	}
	for p := range n {
		if !rows.Pack(j.dst[(first+p)*size:][:size], p, w.rows) {
			w.bad = true
		}
	}
}

// atLeast returns a slice of at least n elements.
func atLeast[T any](x []T, n int) []T {
	if len(x) < n {
		return make([]T, n)
	}
	return x
}

// pack packs weights into memory.
func (m *Model) pack(list []*kernel.Weights, dst []byte, progress func(done, total int64) error) (err error) {
	defer faults()()
	defer m.catch(&err)
	j, group, done := &packing{file: m.file, workers: make([]packer, m.pool.Threads())}, m.pool.NewGroup(), 0
	for _, w := range list {
		if progress != nil {
			if err := progress(int64(done), int64(len(dst))); err != nil {
				return err
			}
		}
		n := w.Matrix.PanelBytes()
		j.weights, j.dst = w, dst[done:done+n:done+n]
		group.Do((w.Matrix.Panels()+packPanels-1)/packPanels, j)
		for i := range j.workers {
			if j.workers[i].err != nil {
				return fileError(j.workers[i].err)
			}
			if j.workers[i].bad {
				return m.badScale()
			}
		}
		*w = kernel.NewWeights(w.Matrix, j.dst)
		done += n
	}
	if progress != nil {
		return progress(int64(done), int64(len(dst)))
	}
	return nil
}

// badScale returns the error for the tensor that holds a scale that is no number.
func (m *Model) badScale() error {
	for t := range m.file.Tensors() {
		if err := checkFinite(t); err != nil {
			return fileError(err)
		}
	}
	return errors.New("decoder: a scale was no number when it was packed, and is one now: the file changes")
}
