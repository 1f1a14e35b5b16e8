package decoder

import (
	"context"
	"fmt"
	"math"
	"runtime/debug"

	"github.com/harmony-go/sdk/internal/memory"
	"github.com/harmony-go/sdk/tokenizer"
)

const (
	// blockSize is how many tokens of a prompt are computed together. More reads the weights less often and needs more scratch:
	// with 512 an expert of gpt-oss-20b meets 64 tokens on average.
	blockSize = 512
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
}

// NewSequence returns an empty sequence for at most capacity positions. It allocates the keys and values, Model.CacheBytes
// of the capacity; what a computation needs besides is shared by the sequences of a model. A capacity that is not positive or
// above Config.Context is a *CapacityError, one that needs more memory than is free a *MemoryError.
func (m *Model) NewSequence(capacity int) (*Sequence, error) {
	if capacity < 1 || capacity > m.cfg.Context {
		return nil, &CapacityError{Wanted: capacity, Capacity: m.cfg.Context}
	}
	if m.closed.Load() {
		return nil, ErrClosed
	}
	c := &m.cfg
	wanted := m.CacheBytes(capacity)
	if free, ok := memory.Available(); ok && wanted > free || wanted > min(1<<46, math.MaxInt) {
		return nil, &MemoryError{Wanted: wanted, Available: free, What: fmt.Sprintf("a sequence of %d positions", capacity)}
	}
	s := &Sequence{model: m, capacity: capacity, tokens: make([]tokenizer.Token, 0, capacity), cache: make([]cache, c.Layers), replay: -1}
	for n := range s.cache {
		s.cache[n] = newCache(c, c.cacheRows(n, capacity, m.block, m.slack), m.precision != Float32)
	}
	return s, nil
}

// Tokens returns the tokens of the positions that are filled. The slice belongs to the sequence and is good until its next call.
func (s *Sequence) Tokens() []tokenizer.Token { return s.tokens }

// Len returns the number of positions that are filled.
func (s *Sequence) Len() int { return len(s.tokens) }

// Capacity returns the number of positions there is room for.
func (s *Sequence) Capacity() int { return s.capacity }

// Forward appends tokens to the sequence: a whole prompt, or the token chosen last. logits, if not nil, receives the scores of
// what comes next: [V] after the last token, or [len(toks),V] after each. The result is the same, to the bit, whether tokens
// come in one call or in many. It does not keep toks or logits, and allocates nothing once the model has computed as many
// tokens, at such a capacity, before.
//
// Errors: *CapacityError, *TokenError, ErrClosed, an error for a wrong length of logits; *FileError if a file cannot be read any
// more or holds a weight that is no number; *NumberError. After an error the sequence is as it was before.
func (s *Sequence) Forward(toks []tokenizer.Token, logits []float32) error {
	return s.ForwardContext(context.Background(), toks, logits, nil)
}

// ForwardContext is Forward that ends when ctx does, within the work of one layer, with an error that wraps ctx.Err(). progress, if
// not nil, is told after each block of a long prompt how many tokens of it are done.
func (s *Sequence) ForwardContext(ctx context.Context, toks []tokenizer.Token, logits []float32, progress func(done int)) error {
	if err := s.check(toks, logits); err != nil {
		return err
	}
	start := len(s.tokens)
	if err := s.blocks(ctx, toks, logits, progress); err != nil {
		s.Truncate(start)
		return err
	}
	return nil
}

// blocks computes toks, block by block.
func (s *Sequence) blocks(ctx context.Context, toks []tokenizer.Token, logits []float32, progress func(done int)) error {
	m := s.model
	if s.replay >= 0 {
		if err := s.rebuild(ctx); err != nil {
			return err
		}
	}
	v := m.cfg.Vocabulary
	for done := 0; done < len(toks); {
		n := min(len(toks)-done, m.block)
		p := m.passes.take(m, n, s.capacity)
		p.ctx = ctx
		for i, t := range toks[done : done+n] {
			p.rows = append(p.rows, row{sequence: s, token: t, position: len(s.tokens) + i})
		}
		switch {
		case len(logits) > v: // all
			p.logits = logits[done*v : (done+n)*v]
		case len(logits) == v && done+n == len(toks):
			p.logits = logits
		}
		s.held = max(s.held, s.overwritten(len(s.tokens)+n))
		err := m.guarded(p)
		m.passes.put(p)
		if err != nil {
			return err
		}
		s.tokens = append(s.tokens, toks[done:done+n]...)
		done += n
		if progress != nil {
			progress(done)
		}
	}
	return fileError(m.file.Resized())
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

// guarded computes a pass. A fault while it reads a mapped file, which the system raises where the file has been cut off,
// becomes an error.
func (m *Model) guarded(p *pass) (err error) {
	defer faults()()
	defer m.catch(&err)
	return p.forward()
}

// faults makes faults of memory panics for this goroutine until the function that it returns is called.
func faults() func() {
	if debug.SetPanicOnFault(true) {
		return stay
	}
	return undoFaults
}

func stay()       {}
func undoFaults() { debug.SetPanicOnFault(false) }

// catch makes an error of a fault in a mapped file.
func (m *Model) catch(err *error) {
	if r := recover(); r != nil {
		fault, ok := r.(interface{ Addr() uintptr })
		if !ok {
			panic(r)
		}
		if *err = fileError(m.file.Fault(fault.Addr())); *err == nil {
			panic(r)
		}
	}
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
func (s *Sequence) rebuild(ctx context.Context) error {
	m, end, low := s.model, len(s.tokens), s.replay
	for from := low; from < end; from += m.block {
		to := min(from+m.block, end)
		p := m.passes.take(m, to-from, s.capacity)
		p.ctx, p.replay = ctx, true
		for i, t := range s.tokens[from:to] {
			p.rows = append(p.rows, row{sequence: s, token: t, position: from + i, low: low})
		}
		err := m.guarded(p)
		p.replay = false
		m.passes.put(p)
		if err != nil {
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

// Clone returns a copy of the sequence, which goes on by itself. It costs a new sequence and a copy of its keys and values.
func (s *Sequence) Clone() (*Sequence, error) {
	c, err := s.model.NewSequence(s.capacity)
	if err != nil {
		return nil, err
	}
	c.tokens, c.held, c.replay = append(c.tokens, s.tokens...), s.held, s.replay
	for n := range s.cache {
		c.cache[n].copyFrom(&s.cache[n])
	}
	return c, nil
}
