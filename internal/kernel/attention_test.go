package kernel

import (
	"fmt"
	"math"
	"math/rand/v2"
	"strings"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/require"
)

// asHalf returns numbers that binary16 holds, and their codes.
func asHalf(x []float32) (exact []float32, codes []uint16) {
	exact, codes = make([]float32, len(x)), make([]uint16, len(x))
	for i, v := range x {
		codes[i] = toF16(v)
		exact[i] = fromF16(codes[i])
	}
	return exact, codes
}

// cached returns numbers as a cache holds them, guarded, and their values.
func cached(t *testing.T, x []float32, half, front bool) (unsafe.Pointer, []float32) {
	if half {
		exact, codes := asHalf(x)
		return unsafe.Pointer(&copyGuarded(t, codes, front)[0]), exact
	}
	return unsafe.Pointer(&copyGuarded(t, x, front)[0]), x
}

// eachCache runs a test with caches of float32 and of binary16.
func eachCache(t *testing.T, f func(t *testing.T, v *vector, half bool)) {
	eachVariant(t, func(t *testing.T, v *variant) {
		for _, half := range []bool{false, true} {
			t.Run(map[bool]string{false: "float32", true: "binary16"}[half], func(t *testing.T) { f(t, &v.vector, half) })
		}
	})
}

func (v *vector) scores(half bool) func(*Scores) {
	if half {
		return v.scores16
	}
	return v.scores32
}

func (v *vector) blend(half bool) func(*Blend) {
	if half {
		return v.blend16
	}
	return v.blend32
}

// TestVectorScores: a sum of E products is at most E+1 roundings deep, and is scaled.
func TestVectorScores(t *testing.T) {
	eachCache(t, func(t *testing.T, v *vector, half bool) {
		rng := rand.New(rand.NewPCG(27, 27))
		for heads := range 18 {
			for _, blocks := range []int{0, 1, 2, 5} {
				for _, size := range []int{1, 2, 3, 16, 31, 64, 80} {
					t.Run("", func(t *testing.T) { checkScores(t, rng, v.scores(half), half, heads, blocks, size) })
				}
			}
		}
	})
}

func checkScores(t *testing.T, rng *rand.Rand, compute func(*Scores), half bool, heads, blocks, size int) {
	front, gap := rng.IntN(2) == 0, rng.IntN(3)
	positions := blocks * PanelRows
	keys, exact := cached(t, append(random(rng, positions*size), 0)[:max(positions*size, 1)], half, front)
	qStride, dstStride := size+gap, positions+gap
	q, dst := copyGuarded(t, random(rng, max(heads*qStride-gap, 1)), front), guarded[float32](t, max(heads*dstStride-gap, 1), front)
	for i := range dst {
		dst[i] = -99
	}
	s := &Scores{Dst: &dst[0], DstStride: dstStride, Q: &q[0], QStride: qStride, Heads: heads, Keys: keys, Blocks: blocks, Size: size, Scale: 0.3}
	compute(s)
	seen := 0
	for g := range heads {
		for p := range positions {
			want, magnitude := 0.0, 0.0
			for e := range size {
				x := float64(q[g*qStride+e]) * float64(exact[(p/PanelRows*size+e)*PanelRows+p%PanelRows])
				want, magnitude = want+x, magnitude+math.Abs(x)
			}
			scale := float64(s.Scale)
			require.InDelta(t, want*scale, float64(dst[g*dstStride+p]), float64(size+2)*unit*magnitude*scale, "head %d of %d, position %d of %d", g, heads, p, positions)
			seen++
		}
	}
	for i, v := range dst { // nothing else is written
		if i%max(dstStride, 1) >= positions || heads == 0 {
			require.Equal(t, float32(-99), v)
		}
	}
	for g := range heads { // a head and sixteen positions by themselves give the same bits
		for b := range blocks {
			var single [PanelRows]float32
			one := *s
			one.Dst, one.Q, one.Heads, one.Blocks = &single[0], &q[g*qStride], 1, 1
			one.Keys = unsafe.Add(keys, b*size*PanelRows*map[bool]int{false: 4, true: 2}[half])
			compute(&one)
			requireSame(t, bits32(single[:]), bits32(dst[g*dstStride+b*PanelRows:][:PanelRows]))
		}
	}
}

// TestVectorBlend: a sum of N products and what was there is at most N+1 roundings deep.
func TestVectorBlend(t *testing.T) {
	eachCache(t, func(t *testing.T, v *vector, half bool) {
		rng := rand.New(rand.NewPCG(28, 28))
		for heads := range 18 {
			for _, n := range []int{0, 1, 2, 3, 16, 77} {
				for _, size := range []int{16, 32, 48, 64, 80} {
					t.Run("", func(t *testing.T) { checkBlend(t, rng, v.blend(half), half, heads, n, size) })
				}
			}
		}
	})
}

func checkBlend(t *testing.T, rng *rand.Rand, compute func(*Blend), half bool, heads, n, size int) {
	front, gap := rng.IntN(2) == 0, rng.IntN(3)
	values, exact := cached(t, random(rng, max(n*size, 1)), half, front)
	shareStride, dstStride := n+gap, size+gap
	shares := copyGuarded(t, random(rng, max(heads*shareStride-gap, 1)), front)
	before := random(rng, max(heads*dstStride-gap, 1))
	dst := copyGuarded(t, before, front)
	b := &Blend{Dst: &dst[0], DstStride: dstStride, Shares: &shares[0], ShareStride: shareStride, Heads: heads, Values: values, N: n, Size: size}
	compute(b)
	for i := range dst {
		g, e := i/dstStride, i%dstStride
		want, magnitude := float64(before[i]), math.Abs(float64(before[i]))
		if e < size && heads > 0 {
			for p := range n {
				x := float64(shares[g*shareStride+p]) * float64(exact[p*size+e])
				want, magnitude = want+x, magnitude+math.Abs(x)
			}
		} else {
			require.Equal(t, before[i], dst[i], "nothing else is written")
		}
		require.InDelta(t, want, float64(dst[i]), float64(n+1)*unit*magnitude, "head %d of %d, lane %d of %d", g, heads, e, size)
	}
	for g := range heads { // a head by itself, in two parts, gives the same bits
		cut := rng.IntN(n + 1)
		single := append([]float32{}, before[g*dstStride:][:size]...)
		one := *b
		one.Dst, one.Heads, one.N, one.Shares = &single[0], 1, cut, (*float32)(unsafe.Add(unsafe.Pointer(&shares[0]), 4*g*shareStride))
		compute(&one)
		one.N, one.Shares = n-cut, (*float32)(unsafe.Add(unsafe.Pointer(one.Shares), 4*cut))
		one.Values = unsafe.Add(values, cut*size*map[bool]int{false: 4, true: 2}[half])
		compute(&one)
		requireSame(t, bits32(single), bits32(dst[g*dstStride:][:size]))
	}
}

// TestVectorHalfValues: every number that binary16 can spell enters scores and blends as itself, subnormal ones too; infinity
// and NaN reach only their own position or lane.
func TestVectorHalfValues(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		all := make([]uint16, 1<<16)
		for i := range all {
			all[i] = uint16(i)
		}
		for heads := range 9 {
			if heads == 0 {
				continue
			}
			ones := make([]float32, heads)
			for i := range ones {
				ones[i] = 1
			}
			got := make([]float32, heads*len(all))
			v.vector.scores16(&Scores{Dst: &got[0], DstStride: len(all), Q: &ones[0], QStride: 1, Heads: heads, Keys: unsafe.Pointer(&all[0]), Blocks: len(all) / PanelRows, Size: 1, Scale: 1})
			checkHalfValues(t, got)
			clear(got)
			v.vector.blend16(&Blend{Dst: &got[0], DstStride: len(all), Shares: &ones[0], ShareStride: 1, Heads: heads, Values: unsafe.Pointer(&all[0]), N: 1, Size: len(all)})
			checkHalfValues(t, got)
		}
	})
}

func checkHalfValues(t *testing.T, got []float32) {
	for i, x := range got {
		want := fromF16(uint16(i))
		if x != want && !(x != x && want != want) {
			require.Failf(t, "binary16", "%#x: expected %g, found %g", uint16(i), want, x)
		}
	}
}

// BenchmarkVectorAttention measures what one kv head of gpt-oss costs at a depth: eight query heads look at all positions. cold:
// keys and values come from memory, as between one token and the next all other layers' pass through the caches.
func BenchmarkVectorAttention(b *testing.B) {
	for i := range variants {
		if !variants[i].ok {
			continue
		}
		for _, half := range []bool{true, false} {
			for _, step := range []string{"scores", "exps", "max", "blend", "all", "scores cold", "blend cold", "all cold"} {
				name := fmt.Sprintf("%s/%s/%s", variants[i].name, map[bool]string{false: "float32", true: "binary16"}[half], step)
				b.Run(name, func(b *testing.B) { benchmarkAttention(b, &variants[i].vector, half, step) })
			}
		}
	}
}

func benchmarkAttention(b *testing.B, v *vector, half bool, step string) {
	const heads, size, positions, part, stride = 8, 64, 16384, 256, 16384 + 16
	rng := rand.New(rand.NewPCG(31, 31))
	elements, copies := positions*size, 1
	step, cold := strings.CutSuffix(step, " cold")
	if cold {
		copies = 32
	}
	keys, bytes := make([]float32, 2*copies*elements), 4
	for i := range keys {
		keys[i] = rng.Float32()
	}
	base := unsafe.Pointer(&keys[0])
	if half {
		_, codes := asHalf(keys)
		base, bytes = unsafe.Pointer(&codes[0]), 2
	}
	q, scores, dst := random(rng, heads*size), make([]float32, heads*stride), make([]float32, heads*size)
	s := &Scores{Dst: &scores[0], DstStride: stride, Q: &q[0], QStride: size, Heads: heads, Blocks: positions / PanelRows, Size: size, Scale: 0.125}
	does := func(what string) bool { return step == what || step == "all" }
	b.SetBytes(int64(2 * elements * bytes))
	n := 0
	for b.Loop() {
		s.Keys = unsafe.Add(base, n%copies*2*elements*bytes)
		values := unsafe.Add(s.Keys, elements*bytes)
		n++
		if does("scores") {
			v.scores(half)(s)
		}
		for g := range heads {
			row, top := scores[g*stride:][:positions], float32(3)
			if does("max") {
				top = v.max(row)
			}
			if does("exps") {
				v.exps(row, top)
			}
		}
		for p := 0; p < positions && does("blend"); p += part {
			v.blend(half)(&Blend{Dst: &dst[0], DstStride: size, Shares: &scores[p], ShareStride: stride, Heads: heads, Values: unsafe.Add(values, p*size*bytes), N: part, Size: size})
		}
	}
	switch operations := float64(2 * heads * elements); step {
	case "exps", "max":
		b.ReportMetric(float64(b.N)*heads*positions/b.Elapsed().Seconds()/1e9, "Gelements/s")
	case "scores", "blend":
		b.ReportMetric(float64(b.N)*operations/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	default:
		b.ReportMetric(float64(b.N)*2*operations/b.Elapsed().Seconds()/1e9, "GFLOP/s")
	}
}
