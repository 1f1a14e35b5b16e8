package kernel

import (
	"math"
	"unsafe"
)

// vector holds the operations on activations that a kernel may have for its processor.
type vector struct {
	round func(x []float32)               // to bfloat16, to nearest, ties to even; NaN stays NaN
	brain func(dst []uint16, x []float32) // rounded, in the order of Panel16; whole blocks

	// whole rounds whole blocks to int8: scale is the largest magnitude of a block divided by 127, q the nearest whole number to
	// x/scale, ties to even, off8 and off4 -128 and -12 times the sum of q. A block that holds what is no number or infinite has a
	// NaN for scale; one whose largest magnitude is below tiny has zeros.
	whole func(q []int8, scale []float32, off8, off4 []int32, x []float32)

	norm               func(dst, x, scale []float32, eps float32) float32  // RMSNorm
	addScaled          func(dst, x []float32, scale float32)               // AddScaled
	swiglu             func(dst, gate, up []float32, alpha, limit float32) // SwiGLU
	exps               func(x []float32, top float32) float32              // replaces x by e^(x-top), returns the sum
	max                func(x []float32) float32                           // Max
	halves             func(dst []uint16, x []float32)                     // to binary16, to nearest, ties to even
	scores32, scores16 func(*Scores)
	blend32, blend16   func(*Blend)
}

// Scores computes the products of G queries with the keys of 16*Blocks positions that lie next to each other:
//
//	Dst[g][p] = Scale * sum over e of Q[g][e] * Keys[p/16][e][p%16]
//
// Keys are float32 or binary16. Strides are in elements. A result has the same bits whatever G and Blocks are.
type Scores struct {
	Dst       *float32
	DstStride int
	Q         *float32
	QStride   int
	Heads     int // G
	Keys      unsafe.Pointer
	Blocks    int
	Size      int // E, at least 1
	Scale     float32
}

// Blend adds to each of G sums the values of N positions that lie next to each other:
//
//	Dst[g][e] += sum over p of Shares[g][p] * Values[p][e]
//
// Values are float32 or binary16, rows of Size elements, which is a multiple of 16. Strides are in elements. Positions are added one
// after the other, so that a result has the same bits whatever G is and in how many calls the positions come. Some hundreds in a call
// are the fastest: their values stay in the first caches while each group of lanes passes over them. Shares whose rows lie a multiple
// of 4 KiB apart compete for the same places of the first-level cache, which can halve the speed.
type Blend struct {
	Dst         *float32
	DstStride   int
	Shares      *float32
	ShareStride int
	Heads       int // G
	Values      unsafe.Pointer
	N           int
	Size        int // E, filled up to a multiple of 16
}

var portableVector = vector{
	round: portableRound, brain: portableBrain, whole: portableWhole, norm: portableNorm, addScaled: portableAddScaled,
	swiglu: portableSwiGLU, exps: portableExps, max: portableMax, halves: portableHalves,
	scores32: func(s *Scores) { portableScores(s, func(x float32) float32 { return x }) },
	scores16: func(s *Scores) { portableScores(s, fromF16) },
	blend32:  func(b *Blend) { portableBlend(b, func(x float32) float32 { return x }) },
	blend16:  func(b *Blend) { portableBlend(b, fromF16) },
}

// toBF16 rounds to nearest, ties to even.
func toBF16(x float32) uint16 {
	b := math.Float32bits(x)
	if x != x {
		return uint16(b>>16) | 0x40
	}
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

// toF16 rounds to nearest, ties to even; what is too large becomes infinite. NaN becomes quiet and keeps the upper bits of its
// payload, as processors do it.
func toF16(x float32) uint16 {
	b := math.Float32bits(x)
	sign, b := uint16(b>>16&0x8000), b&0x7fffffff
	switch {
	case b > 0x7f800000:
		return sign | 0x7e00 | uint16(b>>13&0x1ff)
	case b >= 0x47800000: // 2^16
		return sign | 0x7c00
	case b < 0x38800000: // 2^-14: a multiple of 2^-24, which adding 2^-1 rounds to
		return sign | uint16(math.Float32bits(math.Float32frombits(b)+0.5)-math.Float32bits(0.5))
	}
	return sign | uint16((b-(127-15)<<23+0xfff+b>>13&1)>>13)
}

func portableRound(x []float32) {
	for i, v := range x {
		x[i] = fromBF16(toBF16(v))
	}
}

func portableBrain(dst []uint16, x []float32) {
	for k, v := range x {
		dst[k&^3+k%2*2+k%4/2] = toBF16(v)
	}
}

// tiny is a number whose inverse is far from infinite.
const (
	tiny     = 0x1p-100
	tinyBits = (127 - 100) << 23
)

func portableWhole(q []int8, scale []float32, off8, off4 []int32, x []float32) {
	for b := range len(x) / BlockCols {
		block, top, bad := x[b*BlockCols:][:BlockCols], float32(0), false
		for _, v := range block {
			top = max(top, float32(math.Abs(float64(v))))
			bad = bad || !Finite(v)
		}
		s, inverse := top/127, float32(0)
		if top < tiny {
			s = 0
		} else {
			inverse = 127 / top
		}
		if bad {
			s, inverse = nan, 0
		}
		sum := int32(0)
		for i, v := range block {
			if bad {
				v = 0
			}
			n := int32(math.RoundToEven(float64(float32(v * inverse))))
			q[b*BlockCols+i] = int8(n)
			sum += n
		}
		scale[b], off8[b], off4[b] = s, -128*sum, -12*sum
	}
}

func portableHalves(dst []uint16, x []float32) {
	for i, v := range x {
		dst[i] = toF16(v)
	}
}

func portableExps(x []float32, top float32) float32 {
	var lanes [16]float32
	for i, v := range x {
		x[i] = Exp(v - top)
		lanes[i%len(lanes)] += x[i]
	}
	return fold(&lanes)
}

func portableMax(x []float32) float32 {
	// Four maxima at a time, as each comparison waits for the one before.
	a, b, c, d := -inf, -inf, -inf, -inf
	for ; len(x) >= 4; x = x[4:] {
		a, b, c, d = max(a, x[0]), max(b, x[1]), max(c, x[2]), max(d, x[3])
	}
	for _, v := range x {
		a = max(a, v)
	}
	return max(a, b, c, d)
}

func portableScores[T float32 | uint16](s *Scores, value func(T) float32) {
	keys := unsafe.Slice((*T)(s.Keys), s.Blocks*s.Size*PanelRows)
	for g := range s.Heads {
		q, dst := at(s.Q, uintptr(g*s.QStride)*4, s.Size), at(s.Dst, uintptr(g*s.DstStride)*4, s.Blocks*PanelRows)
		for p := range dst {
			sum := float32(0)
			for e, x := range q {
				sum += float32(x * value(keys[(p/PanelRows*s.Size+e)*PanelRows+p%PanelRows]))
			}
			dst[p] = sum * s.Scale
		}
	}
}

func portableBlend[T float32 | uint16](b *Blend, value func(T) float32) {
	values := unsafe.Slice((*T)(b.Values), b.N*b.Size)
	for g := range b.Heads {
		dst, shares := at(b.Dst, uintptr(g*b.DstStride)*4, b.Size), at(b.Shares, uintptr(g*b.ShareStride)*4, b.N)
		for p, share := range shares {
			for e := range dst {
				dst[e] += float32(share * value(values[p*b.Size+e]))
			}
		}
	}
}
