package decoder

import (
	"context"
	"sync"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// A pass takes some tokens through the model together: a block of one sequence, or one token of each of several. It owns the
// memory that this needs. T is the number of its tokens, at most size.
type pass struct {
	model *Model
	size  int

	rows   []row     // [T]
	logits []float32 // of the last tokens of rows, [.,V]
	ctx    context.Context
	// replay: only the rings of the sliding layers are computed again.
	replay bool

	x         []float32 // [T,D] the residual stream
	delta     []float32 // [T,D] what a layer's half adds
	normed    []float32 // [T,D]
	cos, sin  []float32 // [T,E/2]
	q         []float32 // [T,H*E]
	k, v      []float32 // [T,K*E]
	heads     []float32 // [T,H*E] what attention has gathered
	half      []uint16  // [T,E] a key on its way to the cache
	scores    []float32 // [T,X] of the router
	chosen    []int32   // [T,A] experts, the best first
	shares    []float32 // [T,A] their weights
	pairs     []int32   // [T*A] indices into chosen, sorted by expert
	places    []int32   // [T*A] where in pairs each of chosen is
	gate, up  []float32 // [T*A,I] in the order of pairs, as all that follows
	expertOut []float32 // [T*A,D]

	// Activations in the forms that the kernels read.
	normedIn, headsIn *kernel.Inputs // [T,D], [T,H*E]
	pairIn, innerIn   *kernel.Inputs // [T*A,D], [T*A,I] in the order of pairs

	layer     int       // the one that is computed
	scale     []float32 // of the norm that is computed
	finite    []bool    // [T]: the normalised rows are
	group     *kernel.Group
	products  *kernel.Products
	attention attention

	// The small jobs, each made once so that a step allocates nothing.
	normJob, headsJob, rotateJob, gatherJob, activateJob, combineJob kernel.Each
}

// A row is one token of a pass.
type row struct {
	sequence *Sequence
	token    tokenizer.Token
	position int
	low      int // in sliding layers positions below are not seen: the rings do not hold them
}

// newPass returns the memory for so many tokens.
func newPass(m *Model, size int) *pass {
	c, t := &m.cfg, size
	floats := func(n int) []float32 { return make([]float32, t*n) }
	a := c.ActiveExperts
	p := &pass{
		model: m, size: size, rows: make([]row, 0, t),
		x: floats(c.Hidden), delta: floats(c.Hidden), normed: floats(c.Hidden),
		cos: floats(c.HeadSize / 2), sin: floats(c.HeadSize / 2),
		q: floats(c.Heads * c.HeadSize), k: floats(c.KVHeads * c.HeadSize), v: floats(c.KVHeads * c.HeadSize), heads: floats(c.Heads * c.HeadSize),
		half: make([]uint16, t*c.HeadSize), scores: floats(c.Experts), chosen: make([]int32, t*a), shares: floats(a), pairs: make([]int32, t*a), places: make([]int32, t*a),
		gate: floats(a * c.ExpertSize), up: floats(a * c.ExpertSize), expertOut: floats(a * c.Hidden),
		finite: make([]bool, t), group: m.pool.NewGroup(),
	}
	u, precision := m.weights.uses(m.precision), m.precision.kernel()
	p.normedIn, p.headsIn = kernel.NewInputs(t, c.Hidden, precision, u.normed), kernel.NewInputs(t, c.Heads*c.HeadSize, precision, u.heads)
	p.pairIn, p.innerIn = kernel.NewInputs(t*a, c.Hidden, precision, u.pair), kernel.NewInputs(t*a, c.ExpertSize, precision, u.inner)
	longest := max(c.Hidden, c.ExpertSize, c.Heads*c.HeadSize)
	p.products = kernel.NewProducts(max(3, 2*min(c.Experts, t*a)), longest, m.pool.Threads(), precision, m.weights.mapped)
	p.attention = newAttention(p, m.pool.Threads())
	p.normJob, p.headsJob, p.rotateJob = p.normalizeRow, p.headsRow, p.rotateRow
	p.gatherJob, p.activateJob, p.combineJob = p.gatherPair, p.activatePair, p.combineRow
	return p
}

// do runs a small job on n rows: by itself if handing it out would take longer.
func (p *pass) do(n int, job kernel.Each) {
	if n == 1 {
		job(0)
		return
	}
	p.group.Do(n, job)
}

// passes keeps the passes of a model that nobody uses, so that sequences share them. It is safe for concurrent use.
type passes struct {
	mu   sync.Mutex
	free [2][]*pass // small, large
}

// stepSize is how many tokens a small pass has room for: those of a decode step, alone or in a batch.
const stepSize = 8

// take returns a pass for at least n tokens, at most one block, that can see so many positions.
func (ps *passes) take(m *Model, n, positions int) *pass {
	kind, size := 0, min(stepSize, m.block)
	if n > size {
		kind, size = 1, m.block
	}
	ps.mu.Lock()
	var p *pass
	if free := ps.free[kind]; len(free) > 0 {
		p, ps.free[kind] = free[len(free)-1], free[:len(free)-1]
	}
	ps.mu.Unlock()
	if p == nil {
		p = newPass(m, size)
	}
	p.attention.reserve(&m.cfg, positions)
	return p
}

// put takes a pass back.
func (ps *passes) put(p *pass) {
	p.rows, p.logits, p.ctx = p.rows[:0], nil, nil
	kind := 0
	if p.size > stepSize {
		kind = 1
	}
	ps.mu.Lock()
	ps.free[kind] = append(ps.free[kind], p)
	ps.mu.Unlock()
}
