package kernel

// A Precision says what activations are rounded to before they meet weights.
type Precision uint8

// The precisions.
const (
	Float Precision = iota // float32: nothing
	Brain                  // bfloat16, which has the upper 16 bits of a float32
	Whole                  // int8, with a scale for each 32, where weights have codes of 8 bits or fewer; others meet bfloat16 or float32
)

// A Use is a set of forms of activations.
type Use uint8

const (
	useFloat Use = 1 << iota
	useBrain
	useWhole
)

// Use returns the form of activations that weights of this format meet.
func (f PanelFormat) Use(p Precision) Use {
	switch {
	case p == Whole && (f == Panel4 && active.whole4 != nil || f == Panel8 && active.whole8 != nil):
		return useWhole
	case p != Float && f != Panel32 && active.brain16 != nil:
		return useBrain
	}
	return useFloat
}

// Inputs are rows of activations in the forms that kernels read: [n,K], filled up with zeros to whole blocks. It belongs to one
// goroutine at a time, except that different rows may be set at the same time.
type Inputs struct {
	cols, blocks int
	precision    Precision
	floats       []float32 // [n][B*32]
	brains       []uint16  // [n][B*32], in the order of Panel16
	wholes       []int8    // [n][B*32]
	scales       []float32 // [n][B]
	offsets8     []int32   // [n][B]: -128 times the sum of the block
	offsets4     []int32   // [n][B]: -12 times
	rests        []float32 // [n][32]: what does not fill a block, if anything
}

// NewInputs returns memory for n rows of so many columns, in the forms of use.
func NewInputs(n, cols int, p Precision, use Use) *Inputs {
	b := Blocks(cols)
	in := &Inputs{cols: cols, blocks: b, precision: p}
	if cols%BlockCols != 0 {
		in.rests = make([]float32, n*BlockCols)
	}
	if use&useFloat != 0 {
		in.floats = make([]float32, n*b*BlockCols)
	}
	if use&useBrain != 0 {
		in.brains = make([]uint16, n*b*BlockCols)
	}
	if use&useWhole != 0 {
		in.wholes, in.scales = make([]int8, n*b*BlockCols), make([]float32, n*b)
		in.offsets8, in.offsets4 = make([]int32, n*b), make([]int32, n*b)
	}
	return in
}

// Set makes x [K] row i.
func (in *Inputs) Set(i int, x []float32) {
	v, b := &active.vector, in.blocks
	x, whole := x[:in.cols], x[:in.cols&^(BlockCols-1)]
	var rest []float32
	if len(whole) < len(x) {
		rest = in.rests[i*BlockCols:][:BlockCols] // beyond what is copied are zeros from the beginning on
		copy(rest, x[len(whole):])
	}
	if in.floats != nil {
		row := in.floats[i*b*BlockCols:][:b*BlockCols]
		copy(row, x)
		if in.precision == Brain {
			v.round(row)
		}
	}
	at, last := i*b, i*b+len(whole)/BlockCols
	if in.brains != nil {
		v.brain(in.brains[at*BlockCols:], whole)
		if rest != nil {
			v.brain(in.brains[last*BlockCols:], rest)
		}
	}
	if in.wholes != nil {
		v.whole(in.wholes[at*BlockCols:], in.scales[at:], in.offsets8[at:], in.offsets4[at:], whole)
		if rest != nil {
			v.whole(in.wholes[last*BlockCols:], in.scales[last:], in.offsets8[last:], in.offsets4[last:], rest)
		}
	}
}

// Copy makes row j of from, which has the same columns and forms, row i.
func (in *Inputs) Copy(i int, from *Inputs, j int) {
	n, b := in.blocks*BlockCols, in.blocks
	if in.floats != nil {
		copy(in.floats[i*n:][:n], from.floats[j*n:])
	}
	if in.brains != nil {
		copy(in.brains[i*n:][:n], from.brains[j*n:])
	}
	if in.wholes != nil {
		copy(in.wholes[i*n:][:n], from.wholes[j*n:])
		copy(in.scales[i*b:][:b], from.scales[j*b:])
		copy(in.offsets8[i*b:][:b], from.offsets8[j*b:])
		copy(in.offsets4[i*b:][:b], from.offsets4[j*b:])
	}
}
