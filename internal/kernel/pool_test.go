package kernel

import (
	"encoding/binary"
	"math"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/stretchr/testify/require"
)

// counter counts how often each part is done, and whether two parts share a worker at the same time.
type counter struct {
	done  []atomic.Int32
	busy  []atomic.Int32
	clash atomic.Bool
	fail  int // the part that panics; -1: none
}

func (c *counter) Part(worker, part int) {
	if c.busy[worker].Add(1) != 1 {
		c.clash.Store(true)
	}
	if part == c.fail {
		panic("part failed")
	}
	c.done[part].Add(1)
	c.busy[worker].Add(-1)
}

func newCounter(parts, threads, fail int) *counter {
	return &counter{done: make([]atomic.Int32, parts), busy: make([]atomic.Int32, threads), fail: fail}
}

// TestPool does many jobs from several goroutines at once: every part once, no worker twice.
func TestPool(t *testing.T) {
	for _, threads := range []int{1, 2, 5} {
		p := NewPool(threads)
		var all sync.WaitGroup
		for range 4 {
			all.Go(func() {
				g := p.NewGroup()
				for parts := range 60 {
					c := newCounter(parts, threads, -1)
					g.Do(parts, c)
					for i := range c.done {
						if c.done[i].Load() != 1 || c.clash.Load() {
							panic("a part was not done once")
						}
					}
				}
			})
		}
		all.Wait()
		p.Close()
		p.Close()
	}
}

// TestPoolPanic: a panic in any thread comes out of Do, and the group goes on to work.
func TestPoolPanic(t *testing.T) {
	p := NewPool(3)
	defer p.Close()
	g := p.NewGroup()
	for fail := range 50 {
		require.PanicsWithValue(t, "part failed", func() { g.Do(50, newCounter(50, 3, fail)) })
		c := newCounter(50, 3, -1)
		g.Do(50, c)
		for i := range c.done {
			require.EqualValues(t, 1, c.done[i].Load())
		}
	}
}

// TestProducts compares with one dot product for each element, with rows picked and placed.
func TestProducts(t *testing.T) {
	rng := rand.New(rand.NewPCG(4, 4))
	p := NewPool(3)
	defer p.Close()
	const cols = 45
	list := NewProducts(3, cols, 3)
	list.Reset()
	require.Zero(t, list.Parts())
	type want struct{ y, expected []float32 }
	var wants []want
	for _, rows := range []int{1, 16, 50} {
		weights, x, bias := random(rng, rows*cols), random(rng, 6*cols), random(rng, rows)
		raw := make([]byte, 0, 4*len(weights))
		for _, v := range weights {
			raw = appendF32(raw, v)
		}
		w := want{slices.Repeat([]float32{7}, 8*rows), slices.Repeat([]float32{7}, 8*rows)}
		from, to := []int32{5, 0, 2}, []int32{1, 6, 3}
		for i := range from {
			for r := range rows {
				w.expected[int(to[i])*rows+r] = dotOracle(x[int(from[i])*cols:][:cols], weights[r*cols:]) + bias[r]
			}
		}
		list.Add(Product{W: &Matrix{Format: F32, Rows: rows, Cols: cols, Data: raw, Stride: 4 * cols}, Bias: bias, X: x, Y: w.y, N: 3, XRows: from, YRows: to})
		wants = append(wants, w)
	}
	p.NewGroup().Do(list.Parts(), list)
	for _, w := range wants {
		require.Equal(t, w.expected, w.y)
	}
}

func appendF32(b []byte, v float32) []byte {
	return binary.LittleEndian.AppendUint32(b, math.Float32bits(v))
}
