package kernel

import (
	"math"
	"math/rand/v2"
	"sort"
	"testing"

	"github.com/stretchr/testify/require"
)

const unit = 1.0 / (1 << 24) // the largest relative error of rounding to float32

// eachLength calls f for small lengths and some larger ones, with memory that is guarded behind it and before it.
func eachLength(f func(n int, front bool)) {
	for n := range 71 {
		f(n, false)
		f(n, true)
	}
	for _, n := range []int{127, 128, 255, 1000, 2880} {
		f(n, n%2 == 0)
	}
}

// nearest returns which of the numbers of 16 bits that from spells is nearest to x, of two equally near ones the even one.
// What lies beyond the largest is as near to infinity as to its successor, if exponents went on.
func nearest(from func(uint16) float32, x float32) uint16 {
	sign := uint16(0)
	if math.Signbit(float64(x)) {
		sign, x = 0x8000, -x
	}
	infinity := uint16(sort.Search(0x8000, func(i int) bool { return math.IsInf(float64(from(uint16(i))), 1) }))
	value := func(i uint16) float64 {
		if i == infinity {
			return 2*float64(from(i-1)) - float64(from(i-2))
		}
		return float64(from(i))
	}
	above := uint16(sort.Search(int(infinity), func(i int) bool { return float64(from(uint16(i))) >= float64(x) }))
	if above == 0 {
		return sign
	}
	down, up := float64(x)-value(above-1), value(above)-float64(x)
	if down < up || down == up && above%2 == 1 {
		above--
	}
	return sign | above
}

// edges returns the numbers of 16 bits, the middles between neighbours, what is next to the middles, and more.
func edges(from func(uint16) float32) []float32 {
	var x []float32
	for i := range 1 << 16 {
		a, b := from(uint16(i)), from(uint16(i+1))
		if math.IsNaN(float64(a)) || math.IsNaN(float64(b)) {
			continue
		}
		middle := float32((float64(a) + float64(b)) / 2)
		x = append(x, a, middle, math.Nextafter32(middle, a), math.Nextafter32(middle, b))
	}
	rng := rand.New(rand.NewPCG(20, 20))
	for range 1 << 16 {
		if v := math.Float32frombits(rng.Uint32()); v == v {
			x = append(x, v)
		}
	}
	for _, v := range []float32{65504, 65519.996, 65520, 65536, 1e5, math.MaxFloat32, inf, math.SmallestNonzeroFloat32} {
		x = append(x, v, -v)
	}
	return x
}

// TestRounding holds the portable rounding to a search among all results.
func TestRounding(t *testing.T) {
	for _, x := range edges(fromBF16) {
		if got := toBF16(x); got != nearest(fromBF16, x) {
			t.Fatalf("bfloat16 of %g: expected %#x, found %#x", x, nearest(fromBF16, x), got)
		}
	}
	for _, x := range edges(fromF16) {
		if got := toF16(x); got != nearest(fromF16, x) {
			t.Fatalf("binary16 of %g: expected %#x, found %#x", x, nearest(fromF16, x), got)
		}
	}
	for _, bits := range nans {
		x := math.Float32frombits(bits)
		require.True(t, math.IsNaN(float64(fromBF16(toBF16(x)))))
		require.True(t, math.IsNaN(float64(fromF16(toF16(x)))))
		require.Equal(t, math.Signbit(float64(x)), math.Signbit(float64(fromF16(toF16(x)))))
	}
}

// nans are quiet and signalling ones of both signs; adding to the bits of some would make a number of them.
var nans = []uint32{0x7fc00000, 0xffc00000, 0x7f800001, 0xff800001, 0x7fffffff, 0xffffffff, 0x7fbfffff, 0x7f80ffff}

// hardNumbers returns x and more, filled up to whole blocks.
func hardNumbers(x []float32) []float32 {
	for _, bits := range nans {
		x = append(x, math.Float32frombits(bits))
	}
	return append(x, make([]float32, -len(x)&(BlockCols-1))...)
}

// bits32 returns the bits, by which NaN equals itself and the zeros differ.
func bits32(x []float32) []uint32 {
	b := make([]uint32, len(x))
	for i, v := range x {
		b[i] = math.Float32bits(v)
	}
	return b
}

// requireSame wants the same elements. Of long arrays it names the first that differs.
func requireSame[T comparable](t *testing.T, want, got []T, what ...any) {
	require.Len(t, got, len(want))
	for i := range want {
		if want[i] != got[i] {
			require.Equal(t, want[i], got[i], "element %d of %d %v", i, len(want), what)
		}
	}
}

// TestVectorRounding wants the portable bits of roundings.
func TestVectorRounding(t *testing.T) {
	brains, halves := hardNumbers(edges(fromBF16)), hardNumbers(edges(fromF16))
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(21, 21))
		checkRounding(t, &v.vector, brains)
		checkRounding(t, &v.vector, halves)
		eachLength(func(n int, front bool) {
			x := random(rng, n)
			for i := range x { // all exponents
				x[i] = float32(math.Ldexp(float64(x[i]), rng.IntN(60)-30))
			}
			checkRounding(t, &v.vector, copyGuarded(t, x, front))
			dst := guarded[uint16](t, n, front)
			v.vector.halves(dst, x)
			for i := range x {
				require.Equal(t, toF16(x[i]), dst[i])
			}
			if n%BlockCols == 0 {
				dst, want := guarded[uint16](t, n, front), make([]uint16, n)
				v.vector.brain(dst, x)
				portableBrain(want, x)
				requireSame(t, want, dst)
			}
		})
		require.Panics(t, func() { v.vector.halves(make([]uint16, 3), make([]float32, 4)) })
		require.Panics(t, func() { v.vector.brain(make([]uint16, 31), make([]float32, 32)) })
	})
}

// checkRounding compares whole arrays, and changes x.
func checkRounding(t *testing.T, v *vector, x []float32) {
	got, want := make([]uint16, len(x)), make([]uint16, len(x))
	v.halves(got, x)
	portableHalves(want, x)
	requireSame(t, want, got)
	if whole := len(x) &^ (BlockCols - 1); whole > 0 {
		clear(got)
		v.brain(got, x[:whole])
		portableBrain(want, x[:whole])
		requireSame(t, want[:whole], got[:whole])
	}
	rounded := append([]float32{}, x...)
	portableRound(rounded)
	v.round(x)
	requireSame(t, bits32(rounded), bits32(x))
}

// TestVectorWhole holds rounding to int8 to its description, and the variants to the portable bits.
func TestVectorWhole(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(22, 22))
		for _, blocks := range []int{0, 1, 2, 3, 7, 90} {
			for _, front := range []bool{false, true} {
				x := copyGuarded(t, random(rng, blocks*BlockCols), front)
				for i := range x {
					x[i] = float32(math.Ldexp(float64(x[i]), i/BlockCols%9*30-120))
				}
				checkWhole(t, v, x, front)
			}
		}
		for _, special := range wholeSpecials() {
			x := make([]float32, 3*BlockCols) // its neighbours stay what they are
			copy(x, random(rng, len(x)))
			clear(x[BlockCols:][:BlockCols])
			copy(x[BlockCols:], special)
			checkWhole(t, v, x, false)
		}
		require.Panics(t, func() {
			v.vector.whole(make([]int8, 31), make([]float32, 1), make([]int32, 1), make([]int32, 1), make([]float32, 32))
		})
		require.Panics(t, func() {
			v.vector.whole(make([]int8, 64), make([]float32, 2), make([]int32, 1), make([]int32, 2), make([]float32, 64))
		})
	})
}

// wholeSpecials returns beginnings of blocks: ties, what is near tiny, the ends of the range, what is no number.
func wholeSpecials() [][]float32 {
	ties := make([]float32, BlockCols)
	for i := range ties {
		ties[i] = float32(i) - 15.5
	}
	ties[0] = 127
	list := [][]float32{ties, make([]float32, BlockCols), {tiny}, {-tiny}, {math.Nextafter32(tiny, 0)}, {math.MaxFloat32, -math.MaxFloat32, 1e38},
		{math.SmallestNonzeroFloat32}, {1, -1, 0.5, -0.5, 0.00394}, {inf, 1}, {1, 2, -inf}, {inf, nan}}
	for i, bits := range nans {
		x := make([]float32, BlockCols)
		x[i], x[i*3+5] = math.Float32frombits(bits), float32(i)
		list = append(list, x)
	}
	return list
}

func checkWhole(t *testing.T, v *variant, x []float32, front bool) {
	b := len(x) / BlockCols
	q, scale, off8, off4 := guarded[int8](t, len(x), front), guarded[float32](t, b, front), guarded[int32](t, b, front), guarded[int32](t, b, front)
	v.vector.whole(q, scale, off8, off4, x)
	for b := range b {
		top, sum, good := 0.0, int32(0), true
		for i, v := range x[b*BlockCols:][:BlockCols] {
			top, good = max(top, math.Abs(float64(v))), good && Finite(v)
			sum += int32(q[b*BlockCols+i])
		}
		require.Equal(t, []int32{-128 * sum, -12 * sum}, []int32{off8[b], off4[b]})
		switch {
		case !good:
			require.True(t, math.IsNaN(float64(scale[b])))
		case top < tiny:
			require.Zero(t, scale[b])
		default:
			require.InEpsilon(t, top/127, float64(scale[b]), unit)
			for i, v := range x[b*BlockCols:][:BlockCols] {
				require.InDelta(t, float64(v), float64(q[b*BlockCols+i])*float64(scale[b]), float64(scale[b])*(0.5+127*3*unit))
			}
		}
	}
	want := make([]int8, len(q))
	wantScale, want8, want4 := make([]float32, b), make([]int32, b), make([]int32, b)
	portableWhole(want, wantScale, want8, want4, x)
	requireSame(t, want, q)
	requireSame(t, bits32(wantScale), bits32(scale))
	requireSame(t, want8, off8)
	requireSame(t, want4, off4)
}

// TestVectorNorm: the sum of n squares is at most n/16+6 roundings deep, and an element passes through five more.
func TestVectorNorm(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(23, 23))
		eachLength(func(n int, front bool) {
			if n == 0 {
				return
			}
			x, scale, dst := copyGuarded(t, random(rng, n), front), copyGuarded(t, random(rng, n), front), guarded[float32](t, n, front)
			exact := 0.0
			for _, v := range x {
				exact += float64(v) * float64(v) / float64(n)
			}
			const eps = float32(1e-5)
			mean, depth := v.vector.norm(dst, x, scale, eps), float64(n/16+6)
			require.InEpsilon(t, exact, float64(mean), depth*unit)
			for i := range x {
				want := float64(x[i]) / math.Sqrt(exact+float64(eps)) * float64(scale[i])
				require.InDelta(t, want, float64(dst[i]), (depth/2+5)*unit*math.Abs(want))
			}
			require.Equal(t, mean, v.vector.norm(x, x, scale, eps))
			requireSame(t, bits32(dst), bits32(x), "in place")
			for _, bad := range []float32{nan, inf, -inf, 3e38} {
				x[rng.IntN(n)] = bad
				require.False(t, Finite(v.vector.norm(dst, x, scale, eps)), "%g among %d", bad, n)
				clear(x)
			}
			require.Zero(t, v.vector.norm(dst, x, scale, eps))
			require.Equal(t, make([]float32, n), append([]float32{}, dst...))
		})
	})
}

// TestVectorAddScaled: a product and a sum are rounded, or the sum alone.
func TestVectorAddScaled(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(24, 24))
		eachLength(func(n int, front bool) {
			x, dst, s := copyGuarded(t, random(rng, n), front), copyGuarded(t, random(rng, n), front), float32(rng.NormFloat64())
			before := append([]float32{}, dst...)
			v.vector.addScaled(dst, x, s)
			for i := range x {
				product := float64(s) * float64(x[i])
				require.InDelta(t, float64(before[i])+product, float64(dst[i]), unit*(math.Abs(product)+math.Abs(float64(dst[i]))))
			}
			copy(dst, before)
			v.vector.addScaled(dst, x, 1)
			for i := range x {
				require.Equal(t, before[i]+x[i], dst[i], "one rounding")
			}
			for _, bad := range []float32{nan, inf, -inf} {
				if n > 0 {
					i := rng.IntN(n)
					x[i] = bad
					v.vector.addScaled(dst, x, 1)
					for j := range dst {
						require.Equal(t, i != j, Finite(dst[j]))
					}
					x[i], dst[i] = 0, 0
				}
			}
		})
		require.Panics(t, func() { v.vector.addScaled(make([]float32, 4), make([]float32, 3), 1) })
	})
}

// TestVectorSwiGLU: with z = alpha*gate, rounding z changes e^-z by |z| units, computing that by four (two units in the last
// place); five roundings follow. e^-z is infinite from z = -88.7 on, where the sigmoid is below 2^-127.
func TestVectorSwiGLU(t *testing.T) {
	const alpha, limit = float32(1.702), float32(7)
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(25, 25))
		check := func(gate, up, dst []float32) {
			for i := range gate {
				g, u := min(float64(gate[i]), float64(limit)), max(min(float64(up[i]), float64(limit)), -float64(limit))
				z := float64(alpha) * g
				want := g / (1 + math.Exp(-z)) * (u + 1)
				require.InDelta(t, want, float64(dst[i]), (math.Abs(z)+9)*unit*math.Abs(want)+math.Abs(g*(u+1))*0x1p-126, "gate %g, up %g", gate[i], up[i])
			}
		}
		eachLength(func(n int, front bool) {
			gate, up, dst := copyGuarded(t, random(rng, n), front), copyGuarded(t, random(rng, n), front), guarded[float32](t, n, front)
			for i := range gate {
				gate[i] *= float32(rng.IntN(30))
				up[i] *= 5
			}
			v.vector.swiglu(dst, gate, up, alpha, limit)
			check(gate, up, dst)
			for _, same := range [][]float32{gate, up} {
				g, u := append([]float32{}, gate...), append([]float32{}, up...)
				v.vector.swiglu(same, gate, up, alpha, limit)
				requireSame(t, bits32(dst), bits32(same), "in place")
				copy(gate, g)
				copy(up, u)
			}
		})
		edge := []float32{0, 1e-30, -1e-30, 1e-40, 7, 7.5, -7, -7.5, 100, -40, -52.1, -52.2, -60, -100, -1e30, 1e30, math.MaxFloat32, -math.MaxFloat32}
		gate, up := make([]float32, 0), make([]float32, 0)
		for _, g := range edge {
			for _, u := range edge {
				gate, up = append(gate, g), append(up, u)
			}
		}
		dst := make([]float32, len(gate))
		v.vector.swiglu(dst, gate, up, alpha, limit)
		check(gate, up, dst)
		// What is no number stays visible; infinity is cut off, except below, where it is 0 times infinity.
		dst = make([]float32, 5)
		v.vector.swiglu(dst, []float32{nan, 1, -inf, inf, 1}, []float32{1, nan, 1, 1, -inf}, alpha, limit)
		require.Equal(t, []bool{false, false, false, true, true}, []bool{Finite(dst[0]), Finite(dst[1]), Finite(dst[2]), Finite(dst[3]), Finite(dst[4])})
		require.Panics(t, func() { v.vector.swiglu(make([]float32, 4), make([]float32, 4), make([]float32, 3), alpha, limit) })
	})
}

// requireExp wants got within two units in the last place of e^x, those of subnormal numbers included.
func requireExp(t *testing.T, x, got float32) {
	exact := math.Exp(float64(x))
	nearest := float32(exact)
	if math.IsInf(float64(nearest), 1) { // from the middle between the largest number and its successor on
		require.GreaterOrEqual(t, got, math.Nextafter32(math.MaxFloat32, 0), "e^%g", x)
		return
	}
	ulp := float64(nearest) - float64(math.Nextafter32(nearest, 0))
	if nearest == 0 {
		ulp = math.SmallestNonzeroFloat32
	}
	if !(math.Abs(float64(got)-exact) <= 2*ulp) {
		require.Failf(t, "exponential", "e^%g: expected %g, found %g", x, exact, got)
	}
}

// TestVectorExps checks e^x over all magnitudes, and the sum, which has at least eight lanes and so is at most n/8+8 roundings deep.
func TestVectorExps(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(26, 26))
		eachLength(func(n int, front bool) {
			x, top := copyGuarded(t, random(rng, n), front), float32(rng.NormFloat64())
			before, exact := append([]float32{}, x...), 0.0
			sum := v.vector.exps(x, top)
			for i := range x {
				requireExp(t, before[i]-top, x[i])
				exact += float64(x[i])
			}
			require.InDelta(t, exact, float64(sum), float64(n/8+8)*unit*exact)
		})

		var x []float32
		for v := float32(-105); v < 90; v += 0.0003 {
			x = append(x, v)
		}
		for range 1 << 18 {
			if v := math.Float32frombits(rng.Uint32()); v == v {
				x = append(x, v)
			}
		}
		x = append(x, 0, float32(math.Copysign(0, -1)), 88.72283, 88.72284, 89, 1e30, math.MaxFloat32, inf, -103.97, -103.98, -104, -104.1, -1e30, -inf)
		before := append([]float32{}, x...)
		v.vector.exps(x, 0)
		for i := range x {
			requireExp(t, before[i], x[i])
		}
		n := len(x) - 14
		require.Equal(t, []float32{1, 1}, x[n:n+2])
		require.Equal(t, []float32{inf, inf, inf, inf}, x[n+4:n+8])
		require.Equal(t, []float32{0, 0, 0, 0}, x[n+10:])

		// What is no number shows where it is, and in the sum.
		for _, n := range []int{1, 5, 16, 17, 40} {
			for _, bits := range nans {
				x := make([]float32, n)
				x[n-1] = math.Float32frombits(bits)
				require.True(t, math.IsNaN(float64(v.vector.exps(x, 0))))
				for i := range x {
					require.Equal(t, i == n-1, math.IsNaN(float64(x[i])))
				}
			}
		}
	})
}

// TestVectorMax looks for the largest number and for NaN at every place.
func TestVectorMax(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		rng := rand.New(rand.NewPCG(29, 29))
		require.Equal(t, -inf, v.vector.max(nil))
		eachLength(func(n int, front bool) {
			x := copyGuarded(t, random(rng, n), front)
			for i := range x {
				before := x[i]
				x[i] = 50
				require.Equal(t, float32(50), v.vector.max(x), "at %d of %d", i, n)
				x[i] = before
			}
			for i := range x {
				x[i] = -inf
			}
			require.Equal(t, -inf, v.vector.max(x))
			for i := range x {
				x[i] = math.Float32frombits(nans[i%len(nans)])
				require.True(t, math.IsNaN(float64(v.vector.max(x))), "at %d of %d", i, n)
				x[i] = float32(i)
			}
		})
	})
}

// BenchmarkVector measures the operations with as many elements as gpt-oss-20b has in a row.
func BenchmarkVector(b *testing.B) {
	const n = 2880
	rng := rand.New(rand.NewPCG(30, 30))
	x, y, z := random(rng, n), random(rng, n), random(rng, n)
	words, q := make([]uint16, n), make([]int8, n)
	scale, off8, off4 := make([]float32, n/BlockCols), make([]int32, n/BlockCols), make([]int32, n/BlockCols)
	for i := range variants {
		if !variants[i].ok {
			continue
		}
		v := &variants[i].vector
		for _, op := range []struct {
			name string
			f    func()
		}{
			{"round", func() { v.round(z) }},
			{"brain", func() { v.brain(words, x) }},
			{"whole", func() { v.whole(q, scale, off8, off4, x) }},
			{"norm", func() { v.norm(z, x, y, 1e-5) }},
			{"addScaled", func() { v.addScaled(z, x, 1e-9) }},
			{"swiglu", func() { v.swiglu(z, x, y, 1.702, 7) }},
			{"exps", func() {
				copy(z, x)
				v.exps(z, 1)
			}},
			{"max", func() { v.max(x) }},
			{"halves", func() { v.halves(words, x) }},
		} {
			b.Run(variants[i].name+"/"+op.name, func(b *testing.B) {
				for b.Loop() {
					op.f()
				}
				b.ReportMetric(float64(b.N)*n/b.Elapsed().Seconds()/1e9, "Gelements/s")
			})
		}
	}
}
