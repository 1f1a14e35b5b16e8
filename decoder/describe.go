package decoder

import (
	"iter"
	"slices"

	"github.com/harmony-go/sdk/internal/kernel"
)

// A Tensor describes one tensor of a checkpoint.
type Tensor struct {
	Name   string
	Format string // F32, F16, BF16, U8, Q8_0, MXFP4, …
	Shape  []int  // slowest dimension first
	Bytes  int64
	File   string // path
}

// Tensors returns the tensors of the checkpoint in the order of their names.
func (m *Model) Tensors() iter.Seq[Tensor] {
	return func(yield func(Tensor) bool) {
		for t := range m.file.Tensors() {
			if !yield(Tensor{Name: t.Name, Format: t.Format.String(), Shape: slices.Clone(t.Shape), Bytes: t.Size, File: t.File()}) {
				return
			}
		}
	}
}

// Layout returns how the checkpoint is arranged: "Hugging Face safetensors", "OpenAI safetensors" or "GGUF".
func (m *Model) Layout() string { return m.file.Layout.String() }

// FileBytes returns the size of the checkpoint's files.
func (m *Model) FileBytes() int64 { return m.file.Size() }

// WeightBytes returns the memory that the weights take: of a packed model what was copied and the embedding, of which rows are
// read from the file; of a mapped one the size of its tensors, all of which the system can take back.
func (m *Model) WeightBytes() int64 { return m.weightBytes(m.hold) }

// BytesPerToken returns how many bytes of weights, keys and values one decode step reads in a sequence of so many positions: all
// matrices but those of the experts that are not chosen. Vectors and one row of the embedding are left out.
func (m *Model) BytesPerToken(positions int) int64 {
	return m.bytesPerToken(m.hold, m.precision, positions)
}

// storedBytes returns the bytes of a matrix in the file.
func storedBytes(w *kernel.Weights) int64 {
	elements, size := w.Matrix.Format.Block()
	n := int64(w.Matrix.Rows) * int64(w.Matrix.Cols) / int64(elements) * int64(size)
	if w.Matrix.Format == kernel.MXFP4Pairs {
		n += int64(w.Matrix.Rows) * int64(w.Matrix.Cols) / 32
	}
	return n
}

// Check reads every weight from the file and returns a *FileError for the first that is no number, which no header shows.
// progress, if not nil, is told how many bytes are done; if it returns an error, Check stops and returns it.
func (m *Model) Check(progress func(done, total int64) error) (err error) {
	if m.closed.Load() {
		return ErrClosed
	}
	defer faults()()
	defer m.catch(&err)
	done, total := int64(0), int64(0)
	for t := range m.file.Tensors() {
		total += t.Size
	}
	for t := range m.file.Tensors() {
		if progress != nil {
			if err := progress(done, total); err != nil {
				return err
			}
		}
		if err := checkFinite(t); err != nil {
			return fileError(err)
		}
		done += t.Size
	}
	if progress != nil {
		return progress(done, total)
	}
	return nil
}
