package checkpoint

import (
	"fmt"
	"math"
	"math/bits"
	"slices"

	"github.com/harmony-go/sdk/internal/kernel"
)

// A Tensor is one tensor of a file. It is immutable.
type Tensor struct {
	Name   string
	Format kernel.Format
	Shape  []int // slowest dimension first
	Size   int64 // bytes

	file   *file
	offset int64
}

// Bytes returns the stored bytes: a part of the mapping, which is gone when the checkpoint is closed and faults where the file
// has been cut off (see Checkpoint.Fault), or a copy where files are not mapped. They must not be written to.
func (t *Tensor) Bytes() ([]byte, error) { return t.file.bytes(t.offset, t.Size) }

// Floats reads the tensor from the file, not through the mapping, and returns its elements.
func (t *Tensor) Floats() ([]float32, error) {
	raw := make([]byte, t.Size)
	if err := t.file.readAt(raw, t.offset); err != nil {
		return nil, err
	}
	n := 1
	for _, d := range t.Shape {
		n *= d
	}
	dst := make([]float32, n)
	t.Format.Decode(dst, raw)
	return dst, nil
}

// File returns the path of the file that holds the tensor.
func (t *Tensor) File() string { return t.file.path }

// Fail returns an error about this tensor.
func (t *Tensor) Fail(format string, args ...any) *Error {
	return &Error{File: t.file.path, Tensor: t.Name, What: fmt.Sprintf(format, args...)}
}

// setShape checks a shape as a file gives it, slowest dimension first, and sets Shape and Size.
func (t *Tensor) setShape(shape []uint64) *Error {
	elements, bytes := t.Format.Block()
	size := uint64(1)
	for _, d := range shape {
		hi, lo := bits.Mul64(size, d)
		if hi != 0 || lo > math.MaxInt64/32 || d > math.MaxInt {
			return t.Fail("shape %v is too large", shape)
		}
		size = lo
		t.Shape = append(t.Shape, int(d))
	}
	if elements > 1 && (len(shape) == 0 || shape[len(shape)-1]%uint64(elements) != 0) {
		return t.Fail("shape %v: rows of %s need whole blocks of %d elements", shape, t.Format, elements)
	}
	// A block has at most 256 elements and 4 bytes an element, so that the limit above keeps this below 1<<63.
	t.Size = int64(size / uint64(elements) * uint64(bytes))
	return nil
}

// place checks the offset of a tensor against its file.
func (t *Tensor) place(offset int64) *Error {
	if offset < 0 || offset > t.file.size || t.Size > t.file.size-offset {
		return t.Fail("expected %d bytes at offset %d, the file ends at %d", t.Size, offset, t.file.size)
	}
	t.offset = offset
	return nil
}

// checkOverlap returns an error if two tensors of one file share a byte. It sorts them by their place.
func checkOverlap(tensors []*Tensor) *Error {
	slices.SortStableFunc(tensors, func(a, b *Tensor) int {
		if c := a.offset - b.offset; c != 0 {
			return int(min(max(c, -1), 1))
		}
		return int(min(max(a.Size-b.Size, -1), 1))
	})
	for i, t := range tensors[min(1, len(tensors)):] {
		if before := tensors[i]; before.offset+before.Size > t.offset {
			return t.Fail("at offset %d overlaps tensor %s, which ends at %d", t.offset, Quote(before.Name), before.offset+before.Size)
		}
	}
	return nil
}
