//go:build !purego

package kernel

//lint:file-ignore U1000 The assembly reads constants and tables through go_asm.h and by name.

// The operations in assembly. They trust their caller: n is at least 1, and every array has n elements.
//
//   - A result is computed by the same operations in the same order whatever else is in the call, so that its bits do not depend
//     on company; sums over elements run in sixteen lanes, as the package comment says, except squares: see there.
//   - Products and sums are fused, which the portable code does not do. round, brain, whole and halves give the portable bits.
//   - e^x is as Exp computes it, and as exact, subnormal results included.
type operations struct {
	round     func(x *float32, n int)
	brain     func(dst *uint16, x *float32, n int)
	whole     func(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int)
	squares   func(x *float32, n int) float32                  // sum of x², in four times as many lanes as a register has
	scaled    func(dst, x, scale *float32, n int, inv float32) // dst = x*inv*scale
	addScaled func(dst, x *float32, n int, scale float32)
	swiglu    func(dst, gate, up *float32, n int, alpha, limit float32)
	exps      func(x *float32, n int, top float32) float32
	max       func(x *float32, n int) float32
	halves    func(dst *uint16, x *float32, n int)

	scores32, scores16 func(*Scores)
	blend32, blend16   func(*Blend)
}

// vector returns the operations behind checks of lengths.
func (o operations) vector() vector {
	return vector{
		round: func(x []float32) {
			if len(x) > 0 {
				o.round(&x[0], len(x))
			}
		},
		brain: func(dst []uint16, x []float32) {
			if dst = dst[:len(x)]; len(x) > 0 {
				o.brain(&dst[0], &x[0], len(x))
			}
		},
		whole: func(q []int8, scale []float32, off8, off4 []int32, x []float32) {
			if b := len(x) / BlockCols; b > 0 {
				q, scale, off8, off4 = q[:b*BlockCols], scale[:b], off8[:b], off4[:b]
				o.whole(&q[0], &scale[0], &off8[0], &off4[0], &x[0], b)
			}
		},
		norm: o.norm,
		addScaled: func(dst, x []float32, scale float32) {
			if x = x[:len(dst)]; len(dst) > 0 {
				o.addScaled(&dst[0], &x[0], len(dst), scale)
			}
		},
		swiglu: func(dst, gate, up []float32, alpha, limit float32) {
			if dst, up = dst[:len(gate)], up[:len(gate)]; len(gate) > 0 {
				o.swiglu(&dst[0], &gate[0], &up[0], len(gate), alpha, limit)
			}
		},
		exps: func(x []float32, top float32) float32 {
			if len(x) == 0 {
				return 0
			}
			return o.exps(&x[0], len(x), top)
		},
		max: func(x []float32) float32 {
			if len(x) == 0 {
				return -inf
			}
			return o.max(&x[0], len(x))
		},
		halves: func(dst []uint16, x []float32) {
			if dst = dst[:len(x)]; len(x) > 0 {
				o.halves(&dst[0], &x[0], len(x))
			}
		},
		scores32: o.scores32, scores16: o.scores16, blend32: o.blend32, blend16: o.blend16,
	}
}

func (o operations) norm(dst, x, scale []float32, eps float32) float32 {
	n := len(x)
	if n == 0 {
		return portableNorm(dst, x, scale, eps)
	}
	dst, scale = dst[:n], scale[:n]
	mean := o.squares(&x[0], n) / float32(n)
	o.scaled(&dst[0], &x[0], &scale[0], n, 1/Sqrt(mean+eps))
	return mean
}

// expTable holds the constants of Exp for the assembly, each eight times. Its arguments are cut off at both ends: what is below low
// gives 0, what is above high infinity.
var expTable = func() (t [13][8]float32) {
	for i, x := range [len(t)]float32{
		expLow / 32: -104, expHigh / 32: 89, expLog2e / 32: log2e, expLn2Hi / 32: ln2Hi, expLn2Lo / 32: ln2Lo, expBias / 32: 2 * 127,
		exp7 / 32: 1. / 5040, exp6 / 32: 1. / 720, exp5 / 32: 1. / 120, exp4 / 32: 1. / 24, exp3 / 32: 1. / 6, exp2 / 32: 1. / 2, exp1 / 32: 1,
	} {
		for j := range t[i] {
			t[i][j] = x
		}
	}
	return t
}()

// The places of the constants, in bytes. expN belongs to the power N of the polynomial.
const (
	expLow = 32 * iota
	expHigh
	expLog2e
	expLn2Hi
	expLn2Lo
	expBias // of the exponents of two factors
	exp7
	exp6
	exp5
	exp4
	exp3
	exp2
	exp1 // also of the power 0
)

// masks holds sixteen ones and sixteen zeros: from element 16-n on, the mask of the first n lanes of sixteen.
var masks = [32]int32{-1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1}

// vectorAVX512 needs AVX-512 F, BW, VL and DQ.
var vectorAVX512 = operations{
	round: roundAVX512, brain: brainAVX512, whole: wholeAVX512, squares: squaresAVX512, scaled: scaledAVX512, addScaled: addScaledAVX512,
	swiglu: swigluAVX512, exps: expsAVX512, max: maxAVX512, halves: halvesAVX512,
	scores32: scores32AVX512, scores16: scores16AVX512, blend32: blend32AVX512, blend16: blend16AVX512,
}.vector()

// vectorAVX2 needs AVX2, FMA and F16C.
var vectorAVX2 = operations{
	round: roundAVX2, brain: brainAVX2, whole: wholeAVX2, squares: squaresAVX2, scaled: scaledAVX2, addScaled: addScaledAVX2,
	swiglu: swigluAVX2, exps: expsAVX2, max: maxAVX2, halves: halvesAVX2,
	scores32: scores32AVX2, scores16: scores16AVX2, blend32: blend32AVX2, blend16: blend16AVX2,
}.vector()

//go:noescape
func roundAVX512(x *float32, n int)

//go:noescape
func brainAVX512(dst *uint16, x *float32, n int)

//go:noescape
func wholeAVX512(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int)

//go:noescape
func squaresAVX512(x *float32, n int) float32

//go:noescape
func scaledAVX512(dst, x, scale *float32, n int, inv float32)

//go:noescape
func addScaledAVX512(dst, x *float32, n int, scale float32)

//go:noescape
func swigluAVX512(dst, gate, up *float32, n int, alpha, limit float32)

//go:noescape
func expsAVX512(x *float32, n int, top float32) float32

//go:noescape
func maxAVX512(x *float32, n int) float32

//go:noescape
func halvesAVX512(dst *uint16, x *float32, n int)

//go:noescape
func scores32AVX512(s *Scores)

//go:noescape
func scores16AVX512(s *Scores)

//go:noescape
func blend32AVX512(b *Blend)

//go:noescape
func blend16AVX512(b *Blend)

//go:noescape
func roundAVX2(x *float32, n int)

//go:noescape
func brainAVX2(dst *uint16, x *float32, n int)

//go:noescape
func wholeAVX2(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int)

//go:noescape
func squaresAVX2(x *float32, n int) float32

//go:noescape
func scaledAVX2(dst, x, scale *float32, n int, inv float32)

//go:noescape
func addScaledAVX2(dst, x *float32, n int, scale float32)

//go:noescape
func swigluAVX2(dst, gate, up *float32, n int, alpha, limit float32)

//go:noescape
func expsAVX2(x *float32, n int, top float32) float32

//go:noescape
func maxAVX2(x *float32, n int) float32

//go:noescape
func halvesAVX2(dst *uint16, x *float32, n int)

//go:noescape
func scores32AVX2(s *Scores)

//go:noescape
func scores16AVX2(s *Scores)

//go:noescape
func blend32AVX2(b *Blend)

//go:noescape
func blend16AVX2(b *Blend)
