package engine

import (
	"math"
	"math/bits"
)

// A scale turns logits into weights: whole numbers, so that sums are exact in any order.
type scale struct {
	factor float64 // steps of log2 for each unit of a logit: steps * log2(e) / temperature
	least  float64 // below so many steps weights are 0
	one    uint64  // 2^shift: the weight of the best logit
	powers [steps]float64
}

// steps is into how many a power of two is divided: within half a step, a polynomial of degree 3 is exact to 4e-11.
const steps = 64

// newScale returns the scale for a temperature above 0. All weights of a vocabulary together are below 2^62.
func newScale(temperature float64, vocabulary int) scale {
	shift := 62 - bits.Len(uint(vocabulary))
	s := scale{
		factor: min(steps*math.Log2E/temperature, math.MaxFloat64), // the smallest temperatures have no finite inverse
		least:  -float64(steps * shift),
		one:    1 << shift,
	}
	for i, p := range powersOfTwo {
		s.powers[i] = p * float64(s.one)
	}
	return s
}

// weight returns 2^shift * exp((z-best) / temperature), rounded down, for a logit z that is at most best; 0 if z is no number.
//
// math.Exp is written in assembly for some architectures and need not round alike on all; and the compiler may fuse a product
// with a sum, which rounds once less, unless the product is converted. Both would let platforms choose different tokens.
func (s *scale) weight(z, best float64) uint64 {
	x := (z - best) * s.factor
	if !(x >= s.least) {
		return 0
	}
	n := int(x - 0.5) // to the nearest: x is not positive
	f := (x - float64(n)) * (math.Ln2 / steps)
	p := 1 + f + float64(float64(f*f)*(0.5+float64(f*(1./6))))
	return uint64(int64(p*s.powers[n&(steps-1)])) >> uint(-(n>>stepsLog)&63)
}

const stepsLog = 6

// powersOfTwo are 2^(i/steps), made of square roots, which are rounded alike everywhere.
var powersOfTwo = func() (p [steps]float64) {
	p[0] = 1
	root := math.Sqrt2
	for step := steps / 2; step > 0; step /= 2 {
		for i := 0; i < steps; i += 2 * step {
			p[i+step] = p[i] * root
		}
		root = math.Sqrt(root)
	}
	return p
}()
