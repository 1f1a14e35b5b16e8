package kernel

import "unsafe"

// call is what a kernel computes: for each of n rows t of activations and each row r of a panel
//
//	dst[t][r] = bias[t][r] + sum over blocks and columns of weight[r][k] * x[t][k]
//
// Strides are in bytes. The result of one t never depends on n.
type call struct {
	dst        *float32 // [n] of 16
	dstStride  uintptr
	bias       *float32 // [n] of 16; a stride of 0 is one bias for all. May be dst itself.
	biasStride uintptr
	scales     *byte // of the panel's first block
	codes      *byte
	blocks     int
	n          int // at least 1

	x       unsafe.Pointer // [n][blocks*32] float32, bfloat16 in the order of Panel16, or int8
	xStride uintptr

	// int8 only: the scale of each block, and what the sum of products with unsigned codes is too large: -128 times the sum of the
	// block's numbers for Panel8, -12 times for Panel4, whose unsigned codes are 2*fp4[code]+12.
	xScale   *float32 // [n][blocks]
	xOffset  *int32   // [n][blocks]
	xsStride uintptr
}

// A variant is a set of kernels for one kind of processor.
type variant struct {
	name string
	ok   bool // this processor can run it

	float func(*call) // Panel32, float32
	// The others may be nil. float* take float32: without them weights become float32 first, then float takes them. brain* take
	// bfloat16, whole* int8.
	float16, float8, float4 func(*call)
	brain16, brain8, brain4 func(*call)
	whole8, whole4          func(*call)

	// expand* write the weights of blocks [n] to dst [n*32][16].
	expand16 func(dst *float32, codes *byte, blocks int)
	expand8  func(dst *float32, scales, codes *byte, blocks int)
	expand4  func(dst *float32, scales, codes *byte, blocks int)

	// pack* pack sixteen rows from first on as Matrix.Pack does, or return false for a matrix that they cannot pack. They may be
	// nil.
	pack4, pack8 func(m *Matrix, scales, codes []byte, first int) bool
	pack16       func(m *Matrix, codes []byte, first int) bool

	vector vector
}

// variants are all that this build has, the best first; the last is the portable one, the specification of the others.
var variants = append(machineVariants(), portable)

// active is the best that this processor can run.
var active = func() *variant {
	for i := range variants {
		if variants[i].ok {
			return &variants[i]
		}
	}
	panic("unreachable: the portable kernels run everywhere")
}()

// Name returns the name of the kernels in use.
func Name() string { return active.name }
