package decoder

import "github.com/harmony-go/sdk/internal/kernel"

// attention is the job that lets the tokens of a block look at the keys of one layer. A part is one token and one kv head, with
// the H/K query heads that share it.
type attention struct {
	cfg      *Config
	cache    *cache
	window   int // how many positions are seen; 0: all
	position int // of the block's first token
	low      int // positions below are not seen
	sinks    []float32
	q, heads []float32 // [T,H*E]

	scores [][]float32 // [threads] of [H/K,capacity]
	sums   [][]float32 // [threads] of [E]
}

// sumBlock is how many positions are summed before the sum is added to the total: a float32 sum of 131,072 terms one after the
// other would lose digits.
const sumBlock = 256

func newAttention(c *Config, capacity, threads int) attention {
	a := attention{cfg: c, scores: make([][]float32, threads), sums: make([][]float32, threads)}
	for i := range threads {
		a.scores[i] = make([]float32, c.Heads/c.KVHeads*capacity)
		a.sums[i] = make([]float32, c.HeadSize)
	}
	return a
}

// Part implements kernel.Job.
func (a *attention) Part(worker, part int) {
	c := a.cfg
	token, kv := part/c.KVHeads, part%c.KVHeads
	last := a.position + token
	first := a.low
	if a.window > 0 {
		first = max(first, last-a.window+1)
	}
	n, per, size := last+1-first, c.Heads/c.KVHeads, c.HeadSize
	keys, values := a.cache.keys[kv*a.cache.rows*size:], a.cache.values[kv*a.cache.rows*size:]
	from := (token*c.Heads + kv*per) * size
	q, out, scores := a.q[from:][:per*size], a.heads[from:][:per*size], a.scores[worker]

	scale := 1 / kernel.Sqrt(float32(size))
	for i := range n {
		key := keys[(first+i)%a.cache.rows*size:][:size]
		for g := range per {
			scores[g*n+i] = kernel.Dot(q[g*size:][:size], key) * scale
		}
	}
	for g := range per {
		a.gather(out[g*size:][:size], scores[g*n:][:n], values, a.sums[worker], first, a.sinks[kv*per+g])
	}
}

// gather writes to out [E] the sum of the values, each weighted with the softmax of its score. The sink takes part in the
// softmax as one more score, whose share goes to nothing.
func (a *attention) gather(out, scores, values, sum []float32, first int, sink float32) {
	top := sink
	for _, s := range scores {
		top = max(top, s)
	}
	clear(out)
	clear(sum)
	total, part, size := kernel.Exp(sink-top), float32(0), len(out)
	for i, s := range scores {
		if i > 0 && i%sumBlock == 0 {
			kernel.AddScaled(out, sum, 1)
			clear(sum)
			total, part = total+part, 0
		}
		share := kernel.Exp(s - top)
		part += share
		kernel.AddScaled(sum, values[(first+i)%a.cache.rows*size:][:size], share)
	}
	kernel.AddScaled(out, sum, 1)
	total += part
	for i := range out {
		out[i] /= total
	}
}

// store writes the keys and values [T,K*E] of a block to the cache.
func (c *cache) store(cfg *Config, position int, k, v []float32) {
	size, width := cfg.HeadSize, cfg.KVHeads*cfg.HeadSize
	for t := 0; t*width < len(k); t++ {
		row := (position + t) % c.rows
		for kv := range cfg.KVHeads {
			at, from := (kv*c.rows+row)*size, t*width+kv*size
			copy(c.keys[at:][:size], k[from:])
			copy(c.values[at:][:size], v[from:])
		}
	}
}
