package decoder

import (
	"fmt"
	"math"
)

// A Config describes a model of the gpt-oss architecture. Nothing in it is assumed: it comes from the checkpoint.
//
// The dimension letters are those used for shapes everywhere in this package; T counts tokens.
type Config struct {
	Layers        int // L
	Hidden        int // D: the residual stream
	Heads         int // H: query heads
	KVHeads       int // K: key and value heads; each serves H/K query heads
	HeadSize      int // E
	Vocabulary    int // V: rows of embedding and unembedding
	Experts       int // X: of each layer
	ActiveExperts int // A: of each token
	ExpertSize    int // I: the inner dimension of an expert

	Window  int    // how many positions a sliding layer sees: the token itself and Window-1 before it
	Sliding []bool // [L]: which layers are sliding; the others see all
	Context int    // the longest sequence the model is made for

	NormEpsilon float64 // in RMSNorm
	SwiGLULimit float64 // where the experts' activations are cut off

	Rope Rope
}

// Rope holds the parameters of the rotary embedding, with the frequencies stretched as YaRN does it.
type Rope struct {
	Theta     float64 // the base
	Factor    float64 // how much longer sequences are than Original
	Original  int     // positions before stretching
	BetaFast  float64 // rotations within Original above which a frequency stays as it is
	BetaSlow  float64 // rotations below which it is divided by Factor
	Truncate  bool    // round the range between the two to whole dimensions. gpt-oss does not
	Attention float64 // scale of cosine and sine: 0.1 ln(Factor) + 1 unless the checkpoint says another
}

// swigluAlpha is in no configuration. Source: openai/gpt-oss, gpt_oss/torch/model.py, swiglu.
const swigluAlpha = 1.702

// CacheBytes returns the bytes of keys and values that a sequence of a capacity holds in float32. In the other precisions it is
// half of that: Model.CacheBytes.
func (c *Config) CacheBytes(capacity int) int64 {
	return 4 * c.cacheNumbers(capacity, blockSize, ringSlack)
}

// cacheNumbers returns how many numbers the keys and values of a sequence are.
func (c *Config) cacheNumbers(capacity, block, slack int) int64 {
	positions := int64(0)
	for layer := range c.Layers {
		positions += int64(c.cacheRows(layer, capacity, block, slack))
	}
	return positions * int64(c.KVHeads) * int64(c.HeadSize+fill(c.HeadSize))
}

// cacheRows returns how many positions a layer's cache holds, in whole blocks: all of them, or in a sliding layer the window,
// the block that is being written, and some that may be taken back.
func (c *Config) cacheRows(layer, capacity, block, slack int) int {
	if c.Sliding[layer] {
		capacity = min(capacity, c.Window+block+slack)
	}
	return fill(capacity)
}

// slidingLayers returns the number of sliding layers and one more than the index of the last.
func (c *Config) slidingLayers() (n, end int) {
	for i, s := range c.Sliding {
		if s {
			n, end = n+1, i+1
		}
	}
	return n, end
}

// check returns what is wrong with a configuration: the name of a field and the text, or "".
func (c *Config) check() (field, problem string) {
	for _, d := range []struct {
		name         string
		value, limit int
	}{
		// The limits are far above any model and keep all products of two below 2^48, so that none overflows.
		{"layers", c.Layers, 1 << 12}, {"hidden size", c.Hidden, 1 << 20}, {"heads", c.Heads, 1 << 12},
		{"kv heads", c.KVHeads, 1 << 12}, {"head size", c.HeadSize, 1 << 12}, {"vocabulary size", c.Vocabulary, 1 << 24},
		{"experts", c.Experts, 1 << 14}, {"active experts", c.ActiveExperts, c.Experts}, {"expert size", c.ExpertSize, 1 << 20},
		{"window", c.Window, 1 << 24}, {"context length", c.Context, 1 << 24}, {"original context length", c.Rope.Original, 1 << 24},
	} {
		if d.value < 1 || d.value > d.limit {
			return d.name, fmt.Sprintf("expected 1 to %d, found %d", d.limit, d.value)
		}
	}
	switch {
	case c.Heads%c.KVHeads != 0:
		return "heads", fmt.Sprintf("expected a multiple of the %d kv heads, found %d", c.KVHeads, c.Heads)
	case c.HeadSize%2 != 0:
		return "head size", fmt.Sprintf("expected an even number, found %d", c.HeadSize)
	case len(c.Sliding) != c.Layers:
		return "layer types", fmt.Sprintf("expected %d, found %d", c.Layers, len(c.Sliding))
	}
	return c.checkNumbers()
}

func (c *Config) checkNumbers() (field, problem string) {
	r := &c.Rope
	for _, f := range []struct {
		name     string
		value    float64
		from, to float64
	}{
		{"norm epsilon", c.NormEpsilon, 1e-30, 1}, {"swiglu limit", c.SwiGLULimit, 1e-6, 1e6},
		{"rope theta", r.Theta, 1.001, 1e12}, {"rope factor", r.Factor, 1, 1e6}, {"rope attention factor", r.Attention, 1e-6, 1e6},
		{"rope beta fast", r.BetaFast, 1e-6, 1e6}, {"rope beta slow", r.BetaSlow, 1e-6, 1e6},
	} {
		if !(f.value >= f.from && f.value <= f.to) {
			return f.name, fmt.Sprintf("expected %g to %g, found %g", f.from, f.to, f.value)
		}
	}
	return "", ""
}

// frequencies returns the angle per position of each pair of a head, [E/2]: between BetaFast and BetaSlow rotations within
// Original positions, from the plain frequency to one divided by Factor. The roundings to float32 are those of the
// reference, whose logits at long positions depend on them: an angle is position times frequency.
// Sources: openai/gpt-oss, gpt_oss/torch/model.py, RotaryEmbedding; huggingface/transformers, modeling_rope_utils.py.
func (r *Rope) frequencies(headSize int) []float32 {
	low, high := r.pairOf(r.BetaFast, headSize), r.pairOf(r.BetaSlow, headSize)
	if r.Truncate {
		low, high = math.Floor(low), math.Ceil(high)
	}
	low, high = max(low, 0), min(high, float64(headSize-1))
	if low == high {
		high += 0.001
	}
	freqs := make([]float32, headSize/2)
	for j := range freqs {
		power := float32(math.Pow(r.Theta, float64(float32(2*j)/float32(headSize))))
		plain, stretched := 1/power, 1/float32(float32(r.Factor)*power)
		ramp := min(max((float32(j)-float32(low))/float32(high-low), 0), 1)
		keep := 1 - ramp
		freqs[j] = float32(stretched*(1-keep)) + float32(plain*keep)
	}
	return freqs
}

// pairOf returns which pair of a head, as a real number, turns so many times within Original positions.
func (r *Rope) pairOf(rotations float64, headSize int) float64 {
	return float64(headSize) * math.Log(float64(r.Original)/(rotations*2*math.Pi)) / (2 * math.Log(r.Theta))
}

// stretch returns the scale of cosine and sine that belongs to a factor.
func stretch(factor float64) float64 {
	if factor <= 1 {
		return 1
	}
	return 0.1*math.Log(factor) + 1
}
