package decoder

import (
	"fmt"
	"math"

	"github.com/harmony-go/sdk/internal/kernel"
)

// The forward pass of gpt-oss, in the order of the model. Sources: openai/gpt-oss, gpt_oss/torch/model.py;
// huggingface/transformers, models/gpt_oss/modeling_gpt_oss.py. Both agree with each other in float32 to 1e-5.

// forward takes the rows through the model: their keys and values go to the caches of their sequences, the logits of the last
// ones to p.logits. It does not move the ends of the sequences.
func (p *pass) forward() error {
	m, c, w := p.model, &p.model.cfg, p.model.weights
	_, slidingEnd := c.slidingLayers()
	for i := range p.rows {
		r := &p.rows[i]
		w.embedding.DecodeRows(p.x[i*c.Hidden:][:c.Hidden], int(r.token), 1)
		p.rotation(i, r.position)
	}
	for n := range w.layers {
		p.layer = n
		if err := p.cancelled(); err != nil {
			return err
		}
		if err := p.normalize(n, w.layers[n].attentionNorm); err != nil {
			return err
		}
		p.attend(&w.layers[n])
		if p.replay && n+1 == slidingEnd {
			return nil
		}
		if err := p.cancelled(); err != nil {
			return err
		}
		if err := p.normalize(n, w.layers[n].mlpNorm); err != nil {
			return err
		}
		p.experts(&w.layers[n])
		if m.trace != nil {
			t := len(p.rows)
			m.trace(n, p.rows[0].position, p.x[:t*c.Hidden], p.scores[:t*c.Experts])
		}
	}
	return p.unembed()
}

// cancelled returns the error of a computation that nobody waits for any more.
func (p *pass) cancelled() error {
	if err := p.ctx.Err(); err != nil {
		return fmt.Errorf("decoder: stopped before layer %d: %w", p.layer, err)
	}
	return nil
}

// rotation fills row i of cos and sin for a position. The angle is rounded to float32 as in the reference.
func (p *pass) rotation(i, position int) {
	half, scale := len(p.model.angles), p.model.cfg.Rope.Attention
	for j, f := range p.model.angles {
		sin, cos := math.Sincos(float64(float32(position) * f))
		p.cos[i*half+j], p.sin[i*half+j] = float32(cos)*float32(scale), float32(sin)*float32(scale)
	}
}

// normalize writes the normalised residual stream to p.normed and p.normedIn. What is not finite there comes from the layer
// before, or from this one's attention.
func (p *pass) normalize(n int, scale []float32) error {
	p.scale = scale
	p.do(len(p.rows), p.normJob)
	for i := range p.rows {
		if !p.finite[i] {
			return p.model.explain(p.rows[i].position, n)
		}
	}
	return nil
}

func (p *pass) normalizeRow(i int) {
	d := p.model.cfg.Hidden
	normed := p.normed[i*d:][:d]
	p.finite[i] = kernel.Finite(kernel.RMSNorm(normed, p.x[i*d:][:d], p.scale, float32(p.model.cfg.NormEpsilon)))
	p.normedIn.Set(i, normed)
}

// attend adds a layer's attention to the residual stream.
func (p *pass) attend(w *layer) {
	c, t := &p.model.cfg, len(p.rows)
	p.products.Reset()
	p.products.Add(kernel.Product{W: &w.q, Bias: w.qBias, X: p.normedIn, Y: p.q, N: t})
	p.products.Add(kernel.Product{W: &w.k, Bias: w.kBias, X: p.normedIn, Y: p.k, N: t})
	p.products.Add(kernel.Product{W: &w.v, Bias: w.vBias, X: p.normedIn, Y: p.v, N: t})
	p.group.Do(p.products.Parts(), p.products)

	p.do(t, p.rotateJob)
	p.attention.layer, p.attention.sinks = p.layer, w.sinks
	p.group.Do(t*c.KVHeads, &p.attention)
	p.do(t, p.headsJob)
	p.products.Reset()
	p.products.Add(kernel.Product{W: &w.out, Bias: w.outBias, X: p.headsIn, Y: p.delta, N: t})
	p.group.Do(p.products.Parts(), p.products)
	kernel.AddScaled(p.x[:t*c.Hidden], p.delta, 1)
}

// rotateRow turns each head of a token by the angles of its position, and stores its key and value.
func (p *pass) rotateRow(i int) {
	c, r := &p.model.cfg, &p.rows[i]
	size := c.HeadSize
	cos, sin := p.cos[i*size/2:][:size/2], p.sin[i*size/2:][:size/2]
	queries, width := p.q[i*c.Heads*size:][:c.Heads*size], c.KVHeads*size
	keys, values := p.k[i*width:][:width], p.v[i*width:][:width]
	for h := 0; h < len(queries); h += size {
		kernel.Rotate(queries[h:][:size], cos, sin)
	}
	for h := 0; h < width; h += size {
		kernel.Rotate(keys[h:][:size], cos, sin)
	}
	if c.Sliding[p.layer] || !p.replay {
		r.sequence.cache[p.layer].store(r.position, keys, values, p.half[i*size:][:size])
	}
}

func (p *pass) headsRow(i int) {
	n := p.model.cfg.Heads * p.model.cfg.HeadSize
	p.headsIn.Set(i, p.heads[i*n:][:n])
}

// experts adds a layer's experts to the residual stream: each token goes through the A experts that the router scores highest.
func (p *pass) experts(w *layer) {
	c, t := &p.model.cfg, len(p.rows)
	p.products.Reset()
	p.products.Add(kernel.Product{W: &w.router, Bias: w.routerBias, X: p.normedIn, Y: p.scores, N: t})
	p.group.Do(p.products.Parts(), p.products)
	p.choose()

	n, in := t*c.ActiveExperts, p.pairIn
	if t == 1 {
		in = p.normedIn // all experts read the one row
	} else {
		p.do(n, p.gatherJob)
	}
	p.products.Reset()
	for from := 0; from < n; {
		e, to := p.run(from, n)
		x0, bias := from, e*c.ExpertSize
		if t == 1 {
			x0 = 0
		}
		p.products.Add(kernel.Product{W: &w.gate[e], Bias: w.gateBias[bias:][:c.ExpertSize], X: in, X0: x0, Y: p.gate, Y0: from, N: to - from})
		p.products.Add(kernel.Product{W: &w.up[e], Bias: w.upBias[bias:][:c.ExpertSize], X: in, X0: x0, Y: p.up, Y0: from, N: to - from})
		from = to
	}
	p.group.Do(p.products.Parts(), p.products)
	p.do(n, p.activateJob)
	p.products.Reset()
	for from := 0; from < n; {
		e, to := p.run(from, n)
		p.products.Add(kernel.Product{W: &w.down[e], Bias: w.downBias[e*c.Hidden:][:c.Hidden], X: p.innerIn, X0: from, Y: p.expertOut, Y0: from, N: to - from})
		from = to
	}
	p.group.Do(p.products.Parts(), p.products)
	p.do(t, p.combineJob)
}

// choose picks each token's experts and their shares, and sorts the pairs of token and expert by expert.
func (p *pass) choose() {
	c := &p.model.cfg
	a, n := c.ActiveExperts, 0
	for i := range p.rows {
		scores, chosen, shares := p.scores[i*c.Experts:][:c.Experts], p.chosen[i*a:][:a], p.shares[i*a:][:a]
		kernel.TopK(chosen, scores)
		for j, e := range chosen {
			shares[j] = scores[e]
		}
		kernel.Softmax(shares)
	}
	all := p.chosen[:len(p.rows)*a]
	for e := range c.Experts {
		for i, chosen := range all {
			if int(chosen) == e {
				p.pairs[n], p.places[i] = int32(i), int32(n)
				n++
			}
		}
	}
}

// run returns the expert of the pair at an index, and where in the n pairs its last one ends.
func (p *pass) run(from, n int) (expert, end int) {
	e := p.chosen[p.pairs[from]]
	for end = from + 1; end < n && p.chosen[p.pairs[end]] == e; end++ {
	}
	return int(e), end
}

func (p *pass) gatherPair(i int) {
	p.pairIn.Copy(i, p.normedIn, int(p.pairs[i])/p.model.cfg.ActiveExperts)
}

func (p *pass) activatePair(i int) {
	c := &p.model.cfg
	gate := p.gate[i*c.ExpertSize:][:c.ExpertSize]
	kernel.SwiGLU(gate, gate, p.up[i*c.ExpertSize:][:c.ExpertSize], swigluAlpha, float32(c.SwiGLULimit))
	p.innerIn.Set(i, gate)
}

// combineRow adds a token's experts to the residual stream, each times its share.
func (p *pass) combineRow(i int) {
	c := &p.model.cfg
	d, a := c.Hidden, c.ActiveExperts
	delta := p.delta[i*d:][:d]
	clear(delta)
	for j, share := range p.shares[i*a:][:a] {
		kernel.AddScaled(delta, p.expertOut[int(p.places[i*a+j])*d:][:d], share)
	}
	kernel.AddScaled(p.x[i*d:][:d], delta, 1)
}

// unembed computes the logits that are asked for.
func (p *pass) unembed() error {
	c, w := &p.model.cfg, p.model.weights
	p.layer = c.Layers
	if err := p.normalize(c.Layers, w.norm); err != nil || len(p.logits) == 0 {
		return err
	}
	n := len(p.logits) / c.Vocabulary
	first := len(p.rows) - n
	p.products.Reset()
	p.products.Add(kernel.Product{W: &w.unembedding, X: p.normedIn, X0: first, Y: p.logits, N: n})
	p.group.Do(p.products.Parts(), p.products)
	for i, v := range p.logits {
		if !kernel.Finite(v) {
			return p.model.explain(p.rows[first+i/c.Vocabulary].position, c.Layers)
		}
	}
	return nil
}
