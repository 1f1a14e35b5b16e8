package kernel

import (
	"math"
	"math/rand/v2"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"
)

// dotOracle adds up in the order that the package comment says, one term after the other.
func dotOracle(a, b []float32) float32 {
	var lanes [16]float32
	for i := range a {
		p := a[i] * b[i]
		lanes[i%16] = lanes[i%16] + float32(p)
	}
	for j := range 8 {
		lanes[j] += lanes[j+8]
	}
	for j := range 4 {
		lanes[j] += lanes[j+4]
	}
	return (lanes[0] + lanes[2]) + (lanes[1] + lanes[3])
}

func random(rng *rand.Rand, n int) []float32 {
	x := make([]float32, n)
	for i := range x {
		x[i] = float32(rng.NormFloat64())
	}
	return x
}

func TestDot(t *testing.T) {
	rng := rand.New(rand.NewPCG(1, 1))
	for n := range 200 {
		a, b := random(rng, n), random(rng, n+3)
		require.Equal(t, dotOracle(a, b), Dot(a, b), "%d terms", n)
		exact, magnitude := 0.0, 0.0
		for i := range a {
			exact += float64(a[i]) * float64(b[i])
			magnitude += math.Abs(float64(a[i]) * float64(b[i]))
		}
		require.LessOrEqual(t, math.Abs(exact-float64(Dot(a, b))), float64(n/16+6)*magnitude/(1<<24))
	}
}

// TestExp compares with the exponential in float64, over all magnitudes.
func TestExp(t *testing.T) {
	worst := 0.0
	for x := float32(-87); x < 88.72; x += 0.0003 {
		want := math.Exp(float64(x))
		ulp := float64(math.Nextafter32(float32(want), math.MaxFloat32) - float32(want))
		worst = max(worst, math.Abs(float64(Exp(x))-want)/ulp)
	}
	t.Logf("at most %.2f units in the last place", worst)
	require.Less(t, worst, 2.0)
	for x := float32(-103.9); x < -87; x += 0.01 { // subnormal results
		require.InDelta(t, math.Exp(float64(x)), float64(Exp(x)), 1.5*math.SmallestNonzeroFloat32)
	}
	require.Equal(t, float32(1), Exp(0))
	require.Equal(t, []float32{0, 0, 0}, []float32{Exp(-104.1), Exp(-1e30), Exp(float32(math.Inf(-1)))})
	for _, x := range []float32{88.73, 1e30, float32(math.Inf(1))} {
		require.True(t, math.IsInf(float64(Exp(x)), 1))
	}
	require.True(t, math.IsNaN(float64(Exp(float32(math.NaN())))))
	require.False(t, math.IsInf(float64(Exp(88.7228)), 1))
}

func TestRMSNorm(t *testing.T) {
	rng := rand.New(rand.NewPCG(2, 2))
	for _, n := range []int{1, 2, 15, 16, 17, 64, 100} {
		x, scale, dst := random(rng, n), random(rng, n), make([]float32, n)
		mean := 0.0
		for _, v := range x {
			mean += float64(v) * float64(v) / float64(n)
		}
		require.InEpsilon(t, mean, float64(RMSNorm(dst, x, scale, 1e-5)), 1e-6)
		for i := range x {
			require.InDelta(t, float64(x[i])/math.Sqrt(mean+1e-5)*float64(scale[i]), float64(dst[i]), 3e-6)
		}
		RMSNorm(x, x, scale, 1e-5)
		require.Equal(t, dst, x, "in place")
	}
	for _, bad := range []float32{float32(math.NaN()), float32(math.Inf(-1)), 3e38} {
		require.False(t, Finite(RMSNorm(make([]float32, 3), []float32{1, bad, 2}, []float32{1, 1, 1}, 1e-5)))
	}
}

func TestSwiGLU(t *testing.T) {
	for gate := float32(-20); gate < 12; gate += 0.37 {
		for up := float32(-12); up < 12; up += 0.77 {
			g, u := min(float64(gate), 7), max(min(float64(up), 7), -7)
			want := g / (1 + math.Exp(-float64(float32(1.702))*g)) * (u + 1)
			dst := []float32{0}
			SwiGLU(dst, []float32{gate}, []float32{up}, 1.702, 7)
			require.InDelta(t, want, float64(dst[0]), 1e-6*(1+math.Abs(want)))
		}
	}
	dst := []float32{0, 0}
	SwiGLU(dst, []float32{-1e30, float32(math.NaN())}, []float32{1, 1}, 1.702, 7)
	require.Zero(t, dst[0])
	require.False(t, Finite(dst[1]), "what is no number must stay visible")
}

func TestRotate(t *testing.T) {
	x := []float32{1, 2, 3, 4, 5, 6}
	Rotate(x, []float32{0, 1, .6}, []float32{1, 0, .8})
	require.InDeltaSlice(t, []float32{-4, 2, 3*.6 - 6*.8, 1, 5, 6*.6 + 3*.8}, x, 1e-6)
}

// TestTopK compares with sorting, with many equal elements.
func TestTopK(t *testing.T) {
	rng := rand.New(rand.NewPCG(3, 3))
	for range 2000 {
		x := make([]float32, 1+rng.IntN(20))
		for i := range x {
			x[i] = float32(rng.IntN(6))
		}
		order := make([]int32, len(x))
		for i := range order {
			order[i] = int32(i)
		}
		slices.SortStableFunc(order, func(a, b int32) int { return int(x[b] - x[a]) })
		got := make([]int32, 1+rng.IntN(len(x)))
		TopK(got, x)
		require.Equal(t, order[:len(got)], got, "%v", x)
	}
	got := make([]int32, 2)
	TopK(got, []float32{float32(math.NaN()), 1, float32(math.NaN())})
	for _, i := range got {
		require.True(t, i >= 0 && i < 3)
	}
}

func TestSoftmax(t *testing.T) {
	x := []float32{1000, 999, -5}
	Softmax(x)
	require.InDeltaSlice(t, []float32{float32(math.E / (math.E + 1)), float32(1 / (math.E + 1)), 0}, x, 1e-7)
}
