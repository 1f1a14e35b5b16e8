package decoder

import (
	"unsafe"

	"github.com/harmony-go/sdk/internal/kernel"
)

// sumBlock is how many positions are summed before the sum is added to the total: a float32 sum of 131,072 terms one after the
// other would lose digits.
const sumBlock = 256

// attention is the job that lets the tokens of a pass look at the keys of one layer. A part is one token and one kv head, with
// the H/K query heads that share it.
type attention struct {
	pass    *pass
	layer   int
	sinks   []float32
	workers []lookout
}

// A lookout is the scratch memory of one thread.
type lookout struct {
	scores      []float32 // [H/K,stride]
	sums, block []float32 // [H/K,E']
	totals      []float32 // [H/K]
	look        kernel.Scores
	blend       kernel.Blend
}

// reserve makes room for the scores of so many positions.
func (a *attention) reserve(c *Config, positions int) {
	per, stride := c.Heads/c.KVHeads, fill(positions)+lanes
	for i := range a.workers {
		w := &a.workers[i]
		if len(w.scores) < per*stride {
			w.scores = make([]float32, per*stride)
		}
	}
}

func newAttention(p *pass, threads int) attention {
	c := &p.model.cfg
	a := attention{pass: p, workers: make([]lookout, threads)}
	for i := range a.workers {
		per := c.Heads / c.KVHeads
		size := per * fill(c.HeadSize)
		a.workers[i].sums, a.workers[i].block, a.workers[i].totals = make([]float32, size), make([]float32, size), make([]float32, per)
	}
	return a
}

// Part implements kernel.Job.
func (a *attention) Part(worker, part int) {
	p, w := a.pass, &a.workers[worker]
	c := &p.model.cfg
	token, kv := part/c.KVHeads, part%c.KVHeads
	r := &p.rows[token]
	first := r.low
	if c.Sliding[a.layer] {
		first = max(first, r.position-c.Window+1)
	} else {
		first = 0
	}
	per := c.Heads / c.KVHeads
	from := (token*c.Heads + kv*per) * c.HeadSize
	s := span{cache: &r.sequence.cache[a.layer], kv: kv, first: first, n: r.position + 1 - first, per: per}
	s.stride = fill(s.first%lanes + s.n)
	s.score(w, p.q[from:])
	s.gather(w, a.sinks[kv*per:])
	for g := range per {
		copy(p.heads[from+g*c.HeadSize:][:c.HeadSize], w.sums[g*s.cache.padded:])
	}
}

// A span is the positions that one token sees, in the cache of one kv head.
type span struct {
	cache    *cache
	kv       int
	first, n int
	per      int // query heads
	stride   int // of scores: the first is that of position first &^ 15
}

// score computes the scores of whole blocks of sixteen positions; those before first and behind the last are of no use.
func (s *span) score(w *lookout, q []float32) {
	c, l := s.cache, &w.look
	blocks, ring, at := s.stride/lanes, c.rows/lanes, s.first%c.rows/lanes
	*l = kernel.Scores{DstStride: s.stride, Q: &q[0], QStride: c.size, Heads: s.per, Size: c.size, Scale: 1 / kernel.Sqrt(float32(c.size))}
	for done := 0; done < blocks; {
		l.Dst, l.Blocks = &w.scores[done*lanes], min(blocks-done, ring-at)
		from := (s.kv*ring + at) * c.size * lanes
		if c.half {
			l.Keys = unsafe.Pointer(&c.keys16[from])
		} else {
			l.Keys = unsafe.Pointer(&c.keys[from])
		}
		l.Run(c.half)
		done, at = done+l.Blocks, 0
	}
}

// gather makes w.sums the sums of the values, each weighted with the softmax of its score. The sink takes part in the softmax as
// one more score, whose share goes to nothing.
func (s *span) gather(w *lookout, sinks []float32) {
	padded := s.cache.padded
	sums, offset := w.sums[:s.per*padded], s.first%lanes
	clear(sums)
	for g := range s.per {
		scores := w.scores[g*s.stride+offset:][:s.n]
		top := max(sinks[g], kernel.Max(scores))
		total := kernel.Exp(sinks[g] - top)
		for i := 0; i < s.n; i += sumBlock {
			total += kernel.Exps(scores[i:min(i+sumBlock, s.n)], top)
		}
		w.totals[g] = total
	}
	for i := 0; i < s.n; i += sumBlock {
		block := w.block[:len(sums)]
		clear(block)
		s.mix(w, offset, i, min(sumBlock, s.n-i))
		kernel.AddScaled(sums, block, 1)
	}
	for g := range s.per {
		out := sums[g*padded:][:padded]
		for e := range out {
			out[e] /= w.totals[g]
		}
	}
}

// mix adds to w.block the values of n positions from the i-th on, each times its share.
func (s *span) mix(w *lookout, offset, i, n int) {
	c, b := s.cache, &w.blend
	*b = kernel.Blend{Dst: &w.block[0], DstStride: c.padded, ShareStride: s.stride, Heads: s.per, Size: c.padded}
	for end := i + n; i < end; i += b.N {
		row := (s.first + i) % c.rows
		b.N, b.Shares = min(end-i, c.rows-row), &w.scores[offset+i]
		from := (s.kv*c.rows + row) * c.padded
		if c.half {
			b.Values = unsafe.Pointer(&c.values16[from])
		} else {
			b.Values = unsafe.Pointer(&c.values[from])
		}
		b.Run(c.half)
	}
}
