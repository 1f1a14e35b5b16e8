package kernel

import (
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
