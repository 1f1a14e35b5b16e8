package decoder

import (
	"fmt"
	"math"
	"runtime/debug"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

const (
	// blockSize is how many tokens of a prompt are computed together. More reads the weights less often and needs more scratch.
	blockSize = 64
	// ringSlack is how many positions beyond the window and a block the rings of sliding layers hold: so many tokens can be
	// taken back without computing anything again.
	ringSlack = 512
)

// A Sequence is one conversation in the making: its tokens, and the keys and values that the model computed for them. It
// belongs to one goroutine at a time.
type Sequence struct {
	model    *Model
	capacity int
	tokens   []tokenizer.Token // one a position, with room for capacity
	cache    []cache           // [L]

	held   int // sliding layers: the lowest position that every ring holds, rightly computed
	replay int // the position from which rings must be computed again before more tokens; below 0: they are right

	scratch
}

// A cache holds the keys and values of one layer. Position p has row p mod rows.
type cache struct {
	rows         int
	keys, values []float32 // [K,rows,E]
}

// NewSequence returns an empty sequence for at most capacity positions. It allocates all that the sequence will ever need:
// Config.CacheBytes(capacity), some megabytes of scratch, and for every thread a score for each position and query head of a
// kv head. A capacity that is not positive or above Config.Context is a *CapacityError.
func (m *Model) NewSequence(capacity int) (*Sequence, error) {
	if capacity < 1 || capacity > m.cfg.Context {
		return nil, &CapacityError{Wanted: capacity, Capacity: m.cfg.Context}
	}
	if m.closed.Load() {
		return nil, ErrClosed
	}
	c := &m.cfg
	if b := c.CacheBytes(capacity); b > min(1<<46, math.MaxInt) {
		return nil, fmt.Errorf("decoder: a sequence of %d positions needs %d bytes, more than this system can address", capacity, b)
	}
	s := &Sequence{model: m, capacity: capacity, tokens: make([]tokenizer.Token, 0, capacity), cache: make([]cache, c.Layers), replay: -1}
	for n := range s.cache {
		rows := c.cacheRows(n, capacity, m.block, m.slack)
		size := c.KVHeads * rows * c.HeadSize
		s.cache[n] = cache{rows: rows, keys: make([]float32, size), values: make([]float32, size)}
	}
	s.scratch = newScratch(m, capacity)
	return s, nil
}

// Len returns the number of positions that are filled.
func (s *Sequence) Len() int { return len(s.tokens) }

// Capacity returns the number of positions there is room for.
func (s *Sequence) Capacity() int { return s.capacity }

// Forward appends tokens to the sequence: a whole prompt, or the token chosen last. logits, if not nil, receives the scores of
// what comes next: [V] after the last token, or [len(toks),V] after each. The result is the same, to the bit, whether tokens
// come in one call or in many. It does not keep toks or logits, and allocates nothing.
//
// Errors: *CapacityError, *TokenError, ErrClosed, an error for a wrong length of logits; *FileError if a file cannot be read any
// more or holds a weight that is no number; *NumberError. After an error the sequence is as it was before.
func (s *Sequence) Forward(toks []tokenizer.Token, logits []float32) error {
	if err := s.check(toks, logits); err != nil {
		return err
	}
	start := len(s.tokens)
	if err := s.guarded(toks, logits); err != nil {
		s.Truncate(start)
		return err
	}
	return nil
}

// check returns an error for arguments that Forward cannot take.
func (s *Sequence) check(toks []tokenizer.Token, logits []float32) error {
	if s.model.closed.Load() {
		return ErrClosed
	}
	if len(toks) > s.capacity-len(s.tokens) {
		return &CapacityError{Wanted: len(s.tokens) + len(toks), Capacity: s.capacity}
	}
	v := s.model.cfg.Vocabulary
	for i, t := range toks {
		if int64(t) >= int64(v) {
			return &TokenError{Offset: i, Token: t, Vocabulary: v}
		}
	}
	if n := len(logits); n != 0 && (len(toks) == 0 || n != v && n != v*len(toks)) {
		return fmt.Errorf("decoder: logits for %d tokens have length %d, expected 0, %d or %d", len(toks), n, v, v*len(toks))
	}
	return nil
}

// guarded computes toks. A fault while it reads a mapped file, which the system raises where the file has been cut off, becomes
// an error.
func (s *Sequence) guarded(toks []tokenizer.Token, logits []float32) (err error) {
	defer debug.SetPanicOnFault(debug.SetPanicOnFault(true))
	defer func() {
		if r := recover(); r != nil {
			fault, ok := r.(interface{ Addr() uintptr })
			if !ok {
				panic(r)
			}
			if err = fileError(s.model.file.Fault(fault.Addr())); err == nil {
				panic(r)
			}
		}
	}()
	if s.replay >= 0 {
		if err := s.rebuild(); err != nil {
			return err
		}
	}
	for v := s.model.cfg.Vocabulary; len(toks) > 0; {
		n := min(len(toks), s.model.block)
		b := block{tokens: toks[:n], position: len(s.tokens)}
		switch rest := len(toks) - n; {
		case len(logits) > v: // all
			b.logits, logits = logits[:n*v], logits[n*v:]
		case len(logits) == v && rest == 0:
			b.logits = logits
		}
		if err := s.forward(b); err != nil {
			return err
		}
		s.tokens = append(s.tokens, toks[:n]...)
		toks = toks[n:]
	}
	return fileError(s.model.file.Resized())
}

// Truncate keeps the first n positions and forgets the others; with n at or above Len it does nothing. It costs nothing by
// itself. Layers that see all positions keep what they have computed. A sliding layer has only its last Window positions and
// some hundreds more (ringSlack); if n lies further back, the next Forward first computes the last S*(Window-1) tokens before n
// once more, S being the number of sliding layers, without the unembedding: for gpt-oss-20b at most 1,524 tokens. What follows
// is the same, to the bit, as in a new sequence.
func (s *Sequence) Truncate(n int) {
	n = max(n, 0)
	if n >= len(s.tokens) && s.held <= s.needed(len(s.tokens)) {
		return
	}
	n = min(n, len(s.tokens))
	s.tokens = s.tokens[:n]
	s.replay = -1
	switch layers, _ := s.model.cfg.slidingLayers(); {
	case n == 0:
		s.held = 0
	case s.held > s.needed(n):
		s.replay = max(0, n-layers*(s.model.cfg.Window-1))
	}
}

// needed returns the lowest position that a sliding layer must hold for a token at position n.
func (s *Sequence) needed(n int) int { return max(0, n-s.model.cfg.Window+1) }

// rebuild computes the rings of the sliding layers again, from position s.replay up to the end of the sequence.
//
// Why that is enough: the keys of the first sliding layer depend on the tokens alone, so they are right from s.replay on, and
// its output is right W-1 positions later, when its window is whole. Full layers read keys that were right all along and are
// not written. So each further sliding layer is right W-1 positions after the one before, and the last one's keys are right
// from the position on that the next token needs.
func (s *Sequence) rebuild() error {
	end, low := len(s.tokens), s.replay
	for p := low; p < end; p += s.model.block {
		b := block{tokens: s.tokens[p:min(p+s.model.block, end)], position: p, replay: true, low: low}
		if err := s.forward(b); err != nil {
			return err
		}
	}
	s.held, s.replay = max(s.needed(end), s.overwritten(end)), -1
	return nil
}

// overwritten returns the lowest position that rings still hold when positions up to end have been written.
func (s *Sequence) overwritten(end int) int {
	low := 0
	for n := range s.cache {
		if s.model.cfg.Sliding[n] {
			low = max(low, end-s.cache[n].rows)
		}
	}
	return low
}

// Clone returns a copy of the sequence, which goes on by itself. It costs a new sequence and a copy of the filled positions.
func (s *Sequence) Clone() (*Sequence, error) {
	c, err := s.model.NewSequence(s.capacity)
	if err != nil {
		return nil, err
	}
	c.tokens, c.held, c.replay = append(c.tokens, s.tokens...), s.held, s.replay
	size := s.model.cfg.HeadSize
	for n := range s.cache {
		from, to := &s.cache[n], &c.cache[n]
		filled := min(len(s.tokens), from.rows) * size
		if s.model.cfg.Sliding[n] {
			filled = from.rows * size // a ring may hold positions in any of its rows
		}
		for k := range s.model.cfg.KVHeads {
			copy(to.keys[k*to.rows*size:][:filled], from.keys[k*from.rows*size:])
			copy(to.values[k*to.rows*size:][:filled], from.values[k*from.rows*size:])
		}
	}
	return c, nil
}

// scratch is the memory that a block of tokens needs on its way through the model. T is the size of a block.
type scratch struct {
	x          []float32 // [T,D] the residual stream
	normed     []float32 // [T,D]
	delta      []float32 // [T,D] what a layer's half adds
	cos, sin   []float32 // [T,E/2]
	q          []float32 // [T,H*E]
	k, v       []float32 // [T,K*E]
	heads      []float32 // [T,H*E] what attention has gathered
	scores     []float32 // [T,X] of the router
	chosen     []int32   // [T,A] experts, the best first
	shares     []float32 // [T,A] their weights
	pairs      []int32   // [T*A] indices into chosen, sorted by expert
	owners     []int32   // [T*A] the token of each of pairs
	gate, up   []float32 // [T*A,I]
	expertOut  []float32 // [T*A,D]
	group      *kernel.Group
	products   *kernel.Products
	attention  attention
	activation activation

	trace func(layer, position int, x, router []float32) // tests look at the residual stream after each layer
}

func newScratch(m *Model, capacity int) scratch {
	c, threads := &m.cfg, m.pool.Threads()
	t := min(m.block, capacity)
	floats := func(n int) []float32 { return make([]float32, t*n) }
	s := scratch{
		x: floats(c.Hidden), normed: floats(c.Hidden), delta: floats(c.Hidden),
		cos: floats(c.HeadSize / 2), sin: floats(c.HeadSize / 2),
		q: floats(c.Heads * c.HeadSize), k: floats(c.KVHeads * c.HeadSize), v: floats(c.KVHeads * c.HeadSize), heads: floats(c.Heads * c.HeadSize),
		scores: floats(c.Experts), chosen: make([]int32, t*c.ActiveExperts), shares: floats(c.ActiveExperts),
		pairs: make([]int32, t*c.ActiveExperts), owners: make([]int32, t*c.ActiveExperts),
		gate: floats(c.ActiveExperts * c.ExpertSize), up: floats(c.ActiveExperts * c.ExpertSize), expertOut: floats(c.ActiveExperts * c.Hidden),
		group:    m.pool.NewGroup(),
		products: kernel.NewProducts(max(3, 2*min(c.Experts, t*c.ActiveExperts)), max(c.Hidden, c.ExpertSize, c.Heads*c.HeadSize), threads),
	}
	s.attention = newAttention(c, capacity, threads)
	return s
}
