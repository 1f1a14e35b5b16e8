//go:build !purego

package kernel

//lint:file-ignore U1000 The assembly reads tables by name.

import "math"

var vectorNEON = vector{
	round: neonRound, brain: neonToBrain, whole: neonToWhole, norm: neonNorm, addScaled: neonAddScaled,
	swiglu: neonSwiGLU, exps: neonExps, max: neonMax, halves: neonHalves,
	scores32: neonScores32, scores16: neonScores16, blend32: neonBlend32, blend16: neonBlend16,
}

// expTable holds the constants of Exp, with the same limits, for the macro EXP.
var expTable = [16]uint32{
	bits(log2e), bits(rounder), bits(ln2Hi), bits(ln2Lo),
	bits(1. / 5040), bits(1. / 720), bits(1. / 120), bits(1. / 24),
	bits(1. / 6), bits(1. / 2), bits(1), 0,
	bits(88.72284), bits(-104), bits(float32(math.Inf(1))), 127,
}

func bits(x float32) uint32 { return math.Float32bits(x) }

//go:noescape
func squaresNEON(lanes *[16]float32, x *float32, groups int)

//go:noescape
func scaleNEON(dst, x, scale *float32, factor float32, groups int)

//go:noescape
func addScaledNEON(dst, x *float32, scale float32, groups int)

//go:noescape
func expsNEON(lanes *[16]float32, x *float32, top float32, groups int)

//go:noescape
func maxNEON(x *float32, groups int) float32

//go:noescape
func swigluNEON(dst, gate, up *float32, alpha, limit float32, groups int)

//go:noescape
func roundNEON(x *float32, groups int)

//go:noescape
func brainNEON(dst *uint16, x *float32, groups int)

//go:noescape
func halvesNEON(dst *uint16, x *float32, groups int)

//go:noescape
func wholeNEON(q *int8, scale *float32, off8, off4 *int32, x *float32, blocks int)

// What follows does whole groups of elements with these, and what is left with the portable code.

func neonNorm(dst, x, scale []float32, eps float32) float32 {
	n := len(x) &^ 15
	dst, scale = dst[:len(x)], scale[:len(x)]
	var lanes [16]float32
	if n > 0 {
		squaresNEON(&lanes, &x[0], n/16)
	}
	mean := addTail(lanes, x[n:], x[n:]) / float32(len(x))
	inv := 1 / Sqrt(mean+eps)
	if n > 0 {
		scaleNEON(&dst[0], &x[0], &scale[0], inv, n/16)
	}
	for i := n; i < len(x); i++ {
		dst[i] = float32(x[i]*inv) * scale[i]
	}
	return mean
}

func neonAddScaled(dst, x []float32, scale float32) {
	n := len(dst) &^ 15
	x = x[:len(dst)]
	if n > 0 {
		addScaledNEON(&dst[0], &x[0], scale, n/16)
	}
	portableAddScaled(dst[n:], x[n:], scale)
}

func neonSwiGLU(dst, gate, up []float32, alpha, limit float32) {
	n := len(gate) &^ 7
	dst, up = dst[:len(gate)], up[:len(gate)]
	if n > 0 {
		swigluNEON(&dst[0], &gate[0], &up[0], alpha, limit, n/8)
	}
	portableSwiGLU(dst[n:], gate[n:], up[n:], alpha, limit)
}

func neonExps(x []float32, top float32) float32 {
	n := len(x) &^ 15
	var lanes [16]float32
	if n > 0 {
		expsNEON(&lanes, &x[0], top, n/16)
	}
	for i := n; i < len(x); i++ {
		x[i] = Exp(x[i] - top)
		lanes[i-n] += x[i]
	}
	return fold(&lanes)
}

func neonMax(x []float32) float32 {
	n := len(x) &^ 15
	top := portableMax(x[n:])
	if n > 0 {
		top = max(top, maxNEON(&x[0], n/16))
	}
	return top
}

func neonRound(x []float32) {
	n := len(x) &^ 7
	if n > 0 {
		roundNEON(&x[0], n/8)
	}
	portableRound(x[n:])
}

func neonToBrain(dst []uint16, x []float32) {
	dst = dst[:len(x)]
	if len(x) > 0 {
		brainNEON(&dst[0], &x[0], len(x)/8)
	}
}

func neonHalves(dst []uint16, x []float32) {
	n := len(x) &^ 7
	dst = dst[:len(x)]
	if n > 0 {
		halvesNEON(&dst[0], &x[0], n/8)
	}
	portableHalves(dst[n:], x[n:])
}

func neonToWhole(q []int8, scale []float32, off8, off4 []int32, x []float32) {
	b := len(x) / BlockCols
	q, scale, off8, off4 = q[:b*BlockCols], scale[:b], off8[:b], off4[:b]
	if b > 0 {
		wholeNEON(&q[0], &scale[0], &off8[0], &off4[0], &x[0], b)
	}
}
