package kernel

import (
	"math"
	"math/rand/v2"
	"testing"

	"github.com/stretchr/testify/require"
)

// TestProducts compares with sums in float64: all formats and precisions, ragged shapes, several threads, packed and not.
func TestProducts(t *testing.T) {
	eachVariant(t, func(t *testing.T, v *variant) {
		defer func(v *variant) { active = v }(active)
		active = v
		pool := NewPool(3)
		defer pool.Close()
		rng := rand.New(rand.NewPCG(4, 4))
		for _, f := range []Format{F32, F16, BF16, Q8_0, Q4_0, Q5_0, MXFP4, MXFP4Pairs} {
			cols := 96
			if elements, _ := f.Block(); elements == 1 && f != MXFP4Pairs {
				cols = 45
			}
			for p := Float; p <= Whole; p++ {
				checkProducts(t, rng, pool, f, p, cols)
			}
		}
	})
}

// checkProducts computes three products in one job.
func checkProducts(t *testing.T, rng *rand.Rand, pool *Pool, f Format, p Precision, cols int) {
	var results [2][3][]float32
	shapes := [3]int{1, 16, 50}
	var matrices [3]*Matrix
	var x, bias [3][]float32
	for i, rows := range shapes {
		matrices[i], x[i], bias[i] = randomMatrix(rng, f, rows, cols), random(rng, 70*cols), random(rng, rows)
	}
	for kind := range 2 { // packed, mapped
		list := NewProducts(3, cols, 3, p, kind == 1)
		list.Reset()
		require.Zero(t, list.Parts())
		for i, m := range matrices {
			var data []byte
			if kind == 0 {
				data = packed(m)
			}
			w := NewWeights(m, data)
			in := NewInputs(70, cols, p, w.Panel.Use(p))
			for j := range 70 {
				in.Set(j, x[i][j*cols:])
			}
			y := make([]float32, 71*m.Rows)
			list.Add(Product{W: &w, Bias: bias[i], X: in, Y: y, X0: 2, Y0: 1, N: 68})
			results[kind][i] = y
		}
		pool.NewGroup().Do(list.Parts(), list)
	}
	require.Equal(t, results[0], results[1], "%s: packed and mapped", f)
	for i, m := range matrices {
		weights, y := make([]float32, m.Rows*cols), results[0][i]
		m.DecodeRows(weights, 0, m.Rows)
		for j := range 71 * m.Rows {
			row, r := j/m.Rows, j%m.Rows
			if row < 1 || row > 68 {
				require.Zero(t, y[j])
				continue
			}
			want, magnitude, square := float64(bias[i][r]), 1.0, 0.0
			for k, w := range weights[r*cols:][:cols] {
				p := float64(w) * float64(x[i][(row+1)*cols+k])
				want, magnitude, square = want+p, magnitude+math.Abs(p), square+float64(w)*float64(w)
			}
			tolerance := magnitude * 1e-6
			switch p { // roundings of activations go up and down: eight standard deviations of their sum
			case Brain:
				tolerance += 8 * math.Sqrt(square) / 512 * 2
			case Whole:
				tolerance += 8 * math.Sqrt(square) * 4.5 / 127 / math.Sqrt(12)
			}
			require.InDelta(t, want, float64(y[j]), tolerance, "%s %v: %d rows, row %d", f, p, m.Rows, row)
		}
	}
}

// TestNaNScale: what a NaN scale of MXFP4 gives is NaN.
func TestNaNScale(t *testing.T) {
	m := randomMatrix(rand.New(rand.NewPCG(8, 8)), MXFP4, 33, 64)
	m.Data[20*m.Stride] = 255
	w := NewWeights(m, nil)
	for p := Float; p <= Whole; p++ {
		list, in, y := NewProducts(1, 64, 1, p, true), NewInputs(1, 64, p, w.Panel.Use(p)), make([]float32, 33)
		in.Set(0, make([]float32, 64))
		list.Add(Product{W: &w, X: in, Y: y, N: 1})
		for part := range list.Parts() {
			list.Part(0, part)
		}
		require.True(t, math.IsNaN(float64(y[20])))
	}
}
