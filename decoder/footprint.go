package decoder

import (
	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/internal/memory"
)

// A Footprint is the memory that a model takes and what it reads of it. Everything is in bytes.
type Footprint struct {
	Weights  int64 // Model.WeightBytes
	Cache    int64 // Model.CacheBytes
	PerToken int64 // Model.BytesPerToken
}

// Footprint returns what the model would take and read if it were opened with another hold and precision, for a sequence of so
// many positions. Nothing is read or allocated. HoldAuto stands for what it would choose now.
func (m *Model) Footprint(hold Hold, p Precision, positions int) Footprint {
	if hold == HoldAuto {
		if free, known := memory.Available(); known {
			hold = m.HoldFor(free)
		} else {
			hold = Packed
		}
	}
	return Footprint{m.weightBytes(hold), p.numberBytes() * m.cfg.cacheNumbers(positions, m.block, m.slack), m.bytesPerToken(hold, p, positions)}
}

// FreeMemory returns how many bytes of memory this process can still use, as HoldAuto counts them, and false if the system does
// not tell.
func FreeMemory() (bytes int64, known bool) { return memory.Available() }

// HoldFor returns what HoldAuto chooses where so many bytes of memory are free.
func (m *Model) HoldFor(free int64) Hold {
	if m.PackBytes() > free-spare {
		return Mapped
	}
	return Packed
}

// PackBytes returns how many bytes of memory packing takes: what it copies, which is all but the embedding and what cannot be packed.
func (m *Model) PackBytes() (n int64) {
	for _, w := range m.weights.all() {
		if packable(w) {
			n += int64(w.Matrix.PanelBytes())
		}
	}
	return n
}

// weightBytes is WeightBytes for a hold other than HoldAuto.
func (m *Model) weightBytes(hold Hold) (n int64) {
	if hold == Mapped {
		for t := range m.file.Tensors() {
			n += t.Size
		}
		return n
	}
	e := &m.weights.embedding
	n = int64(e.Rows) * int64(e.Stride)
	for _, w := range m.weights.all() {
		n += readBytes(w, hold)
	}
	return n
}

// bytesPerToken is BytesPerToken for a hold other than HoldAuto.
func (m *Model) bytesPerToken(hold Hold, p Precision, positions int) int64 {
	c := &m.cfg
	n := readBytes(&m.weights.unembedding, hold)
	for i := range m.weights.layers {
		l := &m.weights.layers[i]
		for _, w := range []*kernel.Weights{&l.q, &l.k, &l.v, &l.out, &l.router} {
			n += readBytes(w, hold)
		}
		for _, w := range []*kernel.Weights{&l.gate[0], &l.up[0], &l.down[0]} {
			n += int64(c.ActiveExperts) * readBytes(w, hold)
		}
		seen := positions
		if c.Sliding[i] {
			seen = min(seen, c.Window)
		}
		n += int64(seen) * int64(c.KVHeads) * int64(c.HeadSize+fill(c.HeadSize)) * p.numberBytes()
	}
	return n
}

// readBytes returns how many bytes a product reads of a matrix that is held in some way.
func readBytes(w *kernel.Weights, hold Hold) int64 {
	if hold == Packed && packable(w) {
		return int64(w.Matrix.PanelBytes())
	}
	return storedBytes(w)
}

// numberBytes returns the bytes of a number of keys and values.
func (p Precision) numberBytes() int64 {
	if p == Float32 {
		return 4
	}
	return 2
}

// Parameters returns the number of a model's weights, and of those that a token meets: without the embedding, of which it meets
// one row, and the experts that are not chosen. OpenAI counts in the same way.
// Source: OpenAI, gpt-oss-120b and gpt-oss-20b model card, table 1.
func (c *Config) Parameters() (total, active int64) {
	d, v, x := int64(c.Hidden), int64(c.Vocabulary), int64(c.Experts)
	queries, keys := int64(c.Heads*c.HeadSize), int64(c.KVHeads*c.HeadSize)
	attention := d + (queries+2*keys)*(d+1) + int64(c.Heads) + queries*d + d
	expert := 2*int64(c.ExpertSize)*(d+1) + d*int64(c.ExpertSize) + d
	layer := attention + d + x*(d+1)
	total = 2*v*d + d + int64(c.Layers)*(layer+x*expert)
	active = v*d + d + int64(c.Layers)*(layer+int64(c.ActiveExperts)*expert)
	return total, active
}
