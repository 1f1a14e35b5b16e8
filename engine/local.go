package engine

import (
	"context"
	"errors"
	"iter"
	"sync"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// LocalOptions are choices for Local. The zero value, or nil, chooses well.
type LocalOptions struct {
	// Capacity is the most positions that a prompt and its output may have together; 0: what the model is made for.
	Capacity int

	// Sequences is how many conversations are computed, and remembered, at the same time; 0: 4. Further ones wait. Each holds
	// the keys and values of the longest conversation it has had (decoder.Config.CacheBytes).
	Sequences int
}

const (
	defaultSequences = 4
	// defaultRoom is how much output a sequence is made for when a request sets no limit, and what capacities are rounded up to a
	// multiple of. A sequence that proves too short grows.
	defaultRoom = 1024
)

// A LocalEngine generates with a decoder in this process. It remembers conversations: of a prompt that begins like one before,
// only the rest is computed. What it generates does not depend on that. It is safe for concurrent use.
type LocalEngine struct {
	model    *decoder.Model
	capacity int
	room     int           // see defaultRoom
	tickets  chan struct{} // one for each generation that runs

	mu    sync.Mutex
	slots []*slot // at most cap(tickets)
	clock uint64  // counts uses
}

var _ Generator = (*LocalEngine)(nil)

// Local returns an engine over an open model, which stays the caller's: to be closed when no generation runs any more.
// A capacity above what the model is made for counts as that.
func Local(m *decoder.Model, opts *LocalOptions) *LocalEngine {
	e := &LocalEngine{model: m, capacity: m.Config().Context, room: defaultRoom}
	n := defaultSequences
	if opts != nil && opts.Capacity > 0 {
		e.capacity = min(e.capacity, opts.Capacity)
	}
	if opts != nil && opts.Sequences > 0 {
		n = opts.Sequences
	}
	e.tickets = make(chan struct{}, n)
	return e
}

// Capacity returns the most positions that a prompt and its output may have together.
func (e *LocalEngine) Capacity() int { return e.capacity }

// Generate implements Generator. Other errors than its own are the decoder's: *decoder.CapacityError for a prompt that is longer
// than the capacity, *decoder.TokenError, *decoder.MemoryError if there is none for the sequence even without those that rest,
// *decoder.FileError, *decoder.NumberError, decoder.ErrClosed.
//
// A prompt is computed in chunks; the whole chunks that a cancelled generation has computed are reused like any others.
func (e *LocalEngine) Generate(ctx context.Context, r Request) iter.Seq2[tokenizer.Token, error] {
	return func(yield func(tokenizer.Token, error) bool) {
		g := newGeneration(ctx, &r, e.model.Config().Vocabulary)
		if err := r.check(g.vocabulary, e.capacity); err != nil {
			g.fail(yield, err)
			return
		}
		s, err := e.acquire(&g)
		if err != nil {
			g.fail(yield, err)
			return
		}
		defer e.release(s)
		g.stats.Waited = g.lap()
		if err := s.prefill(&g); err != nil {
			g.fail(yield, err)
			return
		}
		g.stats.Prefill = g.lap()
		e.decode(s, &g, yield)
	}
}

// prefillChunk is how many tokens of a prompt are given to the decoder at once: what a cancellation loses at most.
const prefillChunk = 512

// prefill computes what the sequence does not hold of the prompt.
func (s *slot) prefill(g *generation) error {
	rest := g.r.Prompt[s.seq.Len():]
	g.stats.Cached = len(g.r.Prompt) - len(rest)
	if err := s.sampler.Reset(&g.r.Sampling, g.r.Prompt); err != nil {
		return err
	}
	total, done := len(rest), 0
	report := func(part int) {
		if g.r.Progress != nil {
			g.r.Progress(done+part, total)
		}
	}
	report(0)
	for len(rest) > 0 {
		chunk, logits := rest[:min(len(rest), prefillChunk)], []float32(nil)
		if len(chunk) == len(rest) {
			logits = s.logits
		}
		if err := s.seq.ForwardContext(g.ctx, chunk, logits, report); err != nil {
			return err
		}
		done, rest = done+len(chunk), rest[len(chunk):]
	}
	return nil
}

// decode chooses tokens and computes them, until one ends the output.
func (e *LocalEngine) decode(s *slot, g *generation, yield func(tokenizer.Token, error) bool) {
	for {
		t, err := s.choose(g)
		if err != nil {
			g.fail(yield, err)
			return
		}
		full := s.seq.Len() >= e.capacity // the token has no place
		if !g.emit(yield, t, full) {
			return
		}
		if s.seq.Len() == s.seq.Capacity() {
			if err = e.reserve(s, s.seq.Len()+1); err != nil {
				g.fail(yield, err)
				return
			}
		}
		s.step[0] = t
		if err = s.seq.ForwardContext(g.ctx, s.step[:], s.logits, nil); err != nil {
			g.fail(yield, err)
			return
		}
	}
}

// choose samples from the logits and tells whom it concerns.
func (s *slot) choose(g *generation) (tokenizer.Token, error) {
	if g.r.Logprobs > 0 {
		s.raw = append(s.raw[:0], s.logits...) // sampling changes them
	}
	t, err := s.sampler.Sample(s.logits, g.allowed())
	if errors.Is(err, ErrNoToken) {
		return 0, &MaskError{Offset: g.stats.Output, Err: err}
	}
	if err != nil {
		return 0, err
	}
	if err := g.accept(t); err != nil {
		return 0, err
	}
	if g.r.Logprobs > 0 {
		g.stats.Logprobs = append(g.stats.Logprobs, newLogprobs(s.raw, t, g.r.Logprobs))
	}
	return t, nil
}
