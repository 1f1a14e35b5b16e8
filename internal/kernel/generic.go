package kernel

import "math"

// Dot returns the sum of a[i]*b[i]; b must be at least as long as a. See the package comment for the order of the sum.
func Dot(a, b []float32) float32 {
	// Two passes of eight lanes each: sixteen would not fit into the registers of amd64.
	n := len(a)
	b = b[:n]
	var s0, s1, s2, s3, s4, s5, s6, s7 float32
	for i := 0; i+16 <= n; i += 16 {
		x, y := (*[8]float32)(a[i:]), (*[8]float32)(b[i:])
		s0 += float32(x[0] * y[0])
		s1 += float32(x[1] * y[1])
		s2 += float32(x[2] * y[2])
		s3 += float32(x[3] * y[3])
		s4 += float32(x[4] * y[4])
		s5 += float32(x[5] * y[5])
		s6 += float32(x[6] * y[6])
		s7 += float32(x[7] * y[7])
	}
	var t0, t1, t2, t3, t4, t5, t6, t7 float32
	for i := 8; i+8 <= n; i += 16 {
		x, y := (*[8]float32)(a[i:]), (*[8]float32)(b[i:])
		t0 += float32(x[0] * y[0])
		t1 += float32(x[1] * y[1])
		t2 += float32(x[2] * y[2])
		t3 += float32(x[3] * y[3])
		t4 += float32(x[4] * y[4])
		t5 += float32(x[5] * y[5])
		t6 += float32(x[6] * y[6])
		t7 += float32(x[7] * y[7])
	}
	if whole := n &^ 15; whole < n {
		return addTail([16]float32{s0, s1, s2, s3, s4, s5, s6, s7, t0, t1, t2, t3, t4, t5, t6, t7}, a[whole:], b[whole:])
	}
	s0, s1, s2, s3, s4, s5, s6, s7 = s0+t0, s1+t1, s2+t2, s3+t3, s4+t4, s5+t5, s6+t6, s7+t7
	return ((s0 + s4) + (s2 + s6)) + ((s1 + s5) + (s3 + s7))
}

// addTail adds the products of fewer than 16 last elements to their lanes, and returns the sum of the lanes.
func addTail(lanes [16]float32, a, b []float32) float32 {
	for i := range a {
		lanes[i] += float32(a[i] * b[i])
	}
	return fold(&lanes)
}

// fold returns the sum of the lanes.
func fold(lanes *[16]float32) float32 {
	for n := 8; n > 0; n /= 2 {
		for j := range n {
			lanes[j] += lanes[j+n]
		}
	}
	return lanes[0]
}

// AddScaled adds scale*x[i] to dst[i].
func AddScaled(dst, x []float32, scale float32) { active.vector.addScaled(dst, x, scale) }

func portableAddScaled(dst, x []float32, scale float32) {
	x = x[:len(dst)]
	i := 0
	for ; i+8 <= len(dst); i += 8 {
		y, v := (*[8]float32)(dst[i:]), (*[8]float32)(x[i:])
		y[0] += float32(scale * v[0])
		y[1] += float32(scale * v[1])
		y[2] += float32(scale * v[2])
		y[3] += float32(scale * v[3])
		y[4] += float32(scale * v[4])
		y[5] += float32(scale * v[5])
		y[6] += float32(scale * v[6])
		y[7] += float32(scale * v[7])
	}
	for ; i < len(dst); i++ {
		dst[i] += float32(scale * x[i])
	}
}

// RMSNorm writes x / sqrt(mean(x²)+eps) * scale to dst and returns mean(x²), which is not finite if an element of x is not.
// dst may be x.
func RMSNorm(dst, x, scale []float32, eps float32) float32 {
	return active.vector.norm(dst, x, scale, eps)
}

func portableNorm(dst, x, scale []float32, eps float32) float32 {
	mean := Dot(x, x) / float32(len(x))
	inv := 1 / Sqrt(mean+eps)
	for i, v := range x {
		dst[i] = float32(v*inv) * scale[i]
	}
	return mean
}

// Sqrt returns the correctly rounded square root.
func Sqrt(x float32) float32 { return float32(math.Sqrt(float64(x))) }

// Finite reports whether x is neither infinite nor NaN.
func Finite(x float32) bool { return math.Float32bits(x)&0x7f800000 != 0x7f800000 }

const (
	log2e = 1 / math.Ln2
	// ln2Hi has 15 significant bits, so that n*ln2Hi is exact for every exponent n; ln2Lo is the rest.
	ln2Hi = 0.693145751953125
	ln2Lo = math.Ln2 - ln2Hi
	// rounder added and taken away rounds to the nearest integer, in the current precision of 24 bits.
	rounder = 3 << 22
)

// Exp returns e^x, with an error of at most two units in the last place (see its test): x = n ln 2 + r, |r| <= ln(2)/2, and the
// Taylor polynomial of degree 7, whose next term is below 2^-27. Results below 2^-126 are rounded once more, to a subnormal.
func Exp(x float32) float32 {
	switch {
	case x != x:
		return x
	case x > 88.72284: // just above ln of the largest float32
		return float32(math.Inf(1))
	case x < -104: // below ln of half of the smallest one
		return 0
	}
	n := float32(float32(x*log2e)+rounder) - rounder
	r := float32(x-float32(n*ln2Hi)) - float32(n*ln2Lo)
	p := float32(r*(1./5040)) + 1./720
	p = float32(p*r) + 1./120
	p = float32(p*r) + 1./24
	p = float32(p*r) + 1./6
	p = float32(p*r) + 1./2
	p = float32(p*float32(r*r)) + r
	// 2^n in two steps: n reaches from -150 to 128, which one exponent cannot hold.
	k := int32(n)
	h := k >> 1
	return float32((p+1)*pow2(h)) * pow2(k-h)
}

// pow2 returns 2^n for n from -126 to 127.
func pow2(n int32) float32 { return math.Float32frombits(uint32(n+127) << 23) }

// SwiGLU writes to dst the activation of gpt-oss: gate*sigmoid(alpha*gate)*(up+1), where gate is cut off above limit and up on
// both sides. dst may be gate or up. Source: openai/gpt-oss, gpt_oss/torch/model.py, swiglu.
func SwiGLU(dst, gate, up []float32, alpha, limit float32) {
	active.vector.swiglu(dst, gate, up, alpha, limit)
}

func portableSwiGLU(dst, gate, up []float32, alpha, limit float32) {
	up = up[:len(gate)]
	for i, g := range gate {
		g = min(g, limit)
		u := max(min(up[i], limit), -limit)
		dst[i] = float32(g*(1/(1+Exp(-float32(alpha*g))))) * (u + 1)
	}
}

// Rotate turns the pairs (x[i], x[i+E/2]) of a head [E] by the angles whose cosines and sines are given, [E/2] each.
func Rotate(x, cos, sin []float32) {
	half := len(x) / 2
	a, b := x[:half], x[half:]
	for i, c := range cos[:half] {
		s := sin[i]
		a[i], b[i] = float32(a[i]*c)-float32(b[i]*s), float32(b[i]*c)+float32(a[i]*s)
	}
}

// TopK writes the indices of the len(dst) largest elements of x to dst, the largest first; of equal ones the lower index first.
func TopK(dst []int32, x []float32) {
	n := 0
	for i, v := range x {
		j := min(n, len(dst)-1)
		if n == len(dst) {
			if !(v > x[dst[j]]) {
				continue
			}
		} else {
			n++
		}
		for ; j > 0 && v > x[dst[j-1]]; j-- {
			dst[j] = dst[j-1]
		}
		dst[j] = int32(i)
	}
}

// Softmax replaces x by its softmax.
func Softmax(x []float32) {
	top := x[0]
	for _, v := range x {
		top = max(top, v)
	}
	sum := float32(0)
	for i, v := range x {
		x[i] = Exp(v - top)
		sum += x[i]
	}
	for i := range x {
		x[i] /= sum
	}
}
