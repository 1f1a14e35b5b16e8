package decoder

import (
	"math"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// The forward pass of gpt-oss, in the order of the model. Sources: openai/gpt-oss, gpt_oss/torch/model.py;
// huggingface/transformers, models/gpt_oss/modeling_gpt_oss.py. Both agree with each other in float32 to 1e-5.

// A block is some tokens that go through the model together.
type block struct {
	tokens   []tokenizer.Token // T of them
	position int               // of the first
	logits   []float32         // nil, [V] after the last token, or [T,V]

	// replay: only the rings of the sliding layers are computed, from position low on, below which they hold nothing.
	replay bool
	low    int
}

// forward takes a block through the model: its keys and values go to the cache, its logits to the block. It does not move
// the end of the sequence.
func (s *Sequence) forward(b block) error {
	c, w, t := &s.model.cfg, s.model.weights, len(b.tokens)
	_, slidingEnd := c.slidingLayers()
	if !b.replay {
		s.held = max(s.held, s.overwritten(b.position+t))
	}
	for i, token := range b.tokens {
		w.embedding.DecodeRows(s.x[i*c.Hidden:][:c.Hidden], int(token), 1)
	}
	s.rotations(b)
	for n := range w.layers {
		// Here is the place to stop a computation that nobody waits for any more: an error leaves the sequence as it was.
		if err := s.normalize(b, n, w.layers[n].attentionNorm); err != nil {
			return err
		}
		s.attend(b, n)
		if b.replay && n+1 == slidingEnd {
			return nil
		}
		if err := s.normalize(b, n, w.layers[n].mlpNorm); err != nil {
			return err
		}
		s.experts(b, n)
		if s.trace != nil {
			s.trace(n, b.position, s.x[:t*c.Hidden], s.scores[:t*c.Experts])
		}
	}
	return s.unembed(b)
}

// rotations fills cos and sin for the block's positions. The angle is rounded to float32 as in the reference.
func (s *Sequence) rotations(b block) {
	half, scale := len(s.model.angles), s.model.cfg.Rope.Attention
	for i := range b.tokens {
		for j, f := range s.model.angles {
			sin, cos := math.Sincos(float64(float32(b.position+i) * f))
			s.cos[i*half+j], s.sin[i*half+j] = float32(cos)*float32(scale), float32(sin)*float32(scale)
		}
	}
}

// normalize writes the normalised residual stream to s.normed. What is not finite there comes from the layer before, or from
// this one's attention.
func (s *Sequence) normalize(b block, n int, scale []float32) error {
	c := &s.model.cfg
	for i := range b.tokens {
		x := s.x[i*c.Hidden:][:c.Hidden]
		if mean := kernel.RMSNorm(s.normed[i*c.Hidden:][:c.Hidden], x, scale, float32(c.NormEpsilon)); !kernel.Finite(mean) {
			return s.model.explain(b.position+i, n)
		}
	}
	return nil
}

// attend adds layer n's attention to the residual stream.
func (s *Sequence) attend(b block, n int) {
	c, w, t := &s.model.cfg, &s.model.weights.layers[n], len(b.tokens)
	s.products.Reset()
	s.products.Add(kernel.Product{W: &w.q, Bias: w.qBias, X: s.normed, Y: s.q, N: t})
	s.products.Add(kernel.Product{W: &w.k, Bias: w.kBias, X: s.normed, Y: s.k, N: t})
	s.products.Add(kernel.Product{W: &w.v, Bias: w.vBias, X: s.normed, Y: s.v, N: t})
	s.group.Do(s.products.Parts(), s.products)

	s.rotate(s.q, c.Heads, t)
	s.rotate(s.k, c.KVHeads, t)
	a := &s.attention
	*a = attention{cfg: c, cache: &s.cache[n], position: b.position, sinks: w.sinks, q: s.q, heads: s.heads, scores: a.scores, sums: a.sums}
	if c.Sliding[n] {
		a.window, a.low = c.Window, b.low
	}
	if c.Sliding[n] || !b.replay {
		width := c.KVHeads * c.HeadSize
		s.cache[n].store(c, b.position, s.k[:t*width], s.v[:t*width])
	}
	s.group.Do(t*c.KVHeads, a)
	s.add(b, kernel.Product{W: &w.out, Bias: w.outBias, X: s.heads, Y: s.delta, N: t})
}

// rotate turns each head of each token [T,heads*E] by the angles of its position.
func (s *Sequence) rotate(x []float32, heads, t int) {
	size := s.model.cfg.HeadSize
	half := size / 2
	for i := range t * heads {
		token := i / heads
		kernel.Rotate(x[i*size:][:size], s.cos[token*half:][:half], s.sin[token*half:][:half])
	}
}

// add computes a product into s.delta and adds it to the residual stream.
func (s *Sequence) add(b block, p kernel.Product) {
	s.products.Reset()
	s.products.Add(p)
	s.group.Do(s.products.Parts(), s.products)
	kernel.AddScaled(s.x[:len(b.tokens)*s.model.cfg.Hidden], s.delta, 1)
}

// experts adds layer n's experts to the residual stream: each token goes through the A experts that the router scores highest.
func (s *Sequence) experts(b block, n int) {
	c, w, t := &s.model.cfg, &s.model.weights.layers[n], len(b.tokens)
	s.products.Reset()
	s.products.Add(kernel.Product{W: &w.router, Bias: w.routerBias, X: s.normed, Y: s.scores, N: t})
	s.group.Do(s.products.Parts(), s.products)
	s.choose(t)

	s.products.Reset()
	s.eachExpert(t, func(e int, pairs, owners []int32) {
		bias := e * c.ExpertSize
		s.products.Add(kernel.Product{W: &w.gate[e], Bias: w.gateBias[bias:][:c.ExpertSize], X: s.normed, XRows: owners, Y: s.gate, YRows: pairs, N: len(pairs)})
		s.products.Add(kernel.Product{W: &w.up[e], Bias: w.upBias[bias:][:c.ExpertSize], X: s.normed, XRows: owners, Y: s.up, YRows: pairs, N: len(pairs)})
	})
	s.group.Do(s.products.Parts(), s.products)
	s.activation = activation{gate: s.gate, up: s.up, size: c.ExpertSize, limit: float32(c.SwiGLULimit)}
	s.group.Do(t*c.ActiveExperts, &s.activation)
	s.products.Reset()
	s.eachExpert(t, func(e int, pairs, _ []int32) {
		s.products.Add(kernel.Product{W: &w.down[e], Bias: w.downBias[e*c.Hidden:][:c.Hidden], X: s.gate, XRows: pairs, Y: s.expertOut, YRows: pairs, N: len(pairs)})
	})
	s.group.Do(s.products.Parts(), s.products)

	delta := s.delta[:t*c.Hidden]
	clear(delta)
	for i, share := range s.shares[:t*c.ActiveExperts] {
		kernel.AddScaled(delta[i/c.ActiveExperts*c.Hidden:][:c.Hidden], s.expertOut[i*c.Hidden:], share)
	}
	kernel.AddScaled(s.x[:t*c.Hidden], delta, 1)
}

// choose picks each token's experts and their shares, and sorts the pairs of token and expert by expert.
func (s *Sequence) choose(t int) {
	c := &s.model.cfg
	a := c.ActiveExperts
	for i := range t {
		scores, chosen, shares := s.scores[i*c.Experts:][:c.Experts], s.chosen[i*a:][:a], s.shares[i*a:][:a]
		kernel.TopK(chosen, scores)
		for j, e := range chosen {
			shares[j] = scores[e]
		}
		kernel.Softmax(shares)
	}
	n := 0
	for e := range c.Experts {
		for i, chosen := range s.chosen[:t*a] {
			if int(chosen) == e {
				s.pairs[n], s.owners[n] = int32(i), int32(i/a)
				n++
			}
		}
	}
}

// eachExpert calls f for each expert that was chosen, with the pairs that chose it and their tokens.
func (s *Sequence) eachExpert(t int, f func(e int, pairs, owners []int32)) {
	for i, n := 0, t*s.model.cfg.ActiveExperts; i < n; {
		e, end := s.chosen[s.pairs[i]], i+1
		for end < n && s.chosen[s.pairs[end]] == e {
			end++
		}
		f(int(e), s.pairs[i:end], s.owners[i:end])
		i = end
	}
}

// activation is the job between an expert's two matrices. A part is one pair of token and expert.
type activation struct {
	gate, up []float32 // [T*A,I]
	size     int
	limit    float32
}

// Part implements kernel.Job.
func (a *activation) Part(_, part int) {
	gate := a.gate[part*a.size:][:a.size]
	kernel.SwiGLU(gate, gate, a.up[part*a.size:][:a.size], swigluAlpha, a.limit)
}

// unembed computes the logits that the block asks for.
func (s *Sequence) unembed(b block) error {
	c, w := &s.model.cfg, s.model.weights
	if err := s.normalize(b, c.Layers, w.norm); err != nil || len(b.logits) == 0 {
		return err
	}
	n := len(b.logits) / c.Vocabulary
	first := len(b.tokens) - n
	s.products.Reset()
	s.products.Add(kernel.Product{W: &w.unembedding, X: s.normed[first*c.Hidden:], Y: b.logits, N: n})
	s.group.Do(s.products.Parts(), s.products)
	for i, v := range b.logits {
		if !kernel.Finite(v) {
			i = first + i/c.Vocabulary
			return s.model.explain(b.position+i, c.Layers)
		}
	}
	return nil
}
