package decoder

import (
	"encoding/binary"
	"math"
	"strings"

	"github.com/harmony-go/sdk/internal/kernel"
)

// The fixtures are tiny models whose every weight is a function of its name, so that no file holds them. testdata/fixtures
// has what transformers 5.23.0 computes from them in float32; OpenAI's torch reference differs from that by 1e-5 at most.

// A fixture is the shape of a tiny model. The fields are those of OpenAI's config.json.
type fixture struct {
	layers, experts, active, vocabulary, hidden, inner, head, heads, kvHeads, window, yarn int
	betaFast, betaSlow                                                                     float64
}

var fixtures = map[string]fixture{
	"a": {4, 8, 2, 512, 64, 96, 32, 4, 2, 8, 256, 32, 1},            // a short YaRN range, H and I apart
	"i": {4, 8, 2, 512, 64, 96, 32, 4, 2, 8, 256, fastOfI, slowOfI}, // a YaRN range of whole numbers: [2,9]
	"b": {4, 8, 4, 1024, 128, 160, 64, 16, 2, 8, 4096, 32, 1},       // attention and YaRN as in gpt-oss
	"c": {2, 32, 4, 512, 96, 64, 64, 8, 1, 128, 4096, 32, 1},        // window and experts as in gpt-oss
	"v": {2, 4, 4, 201088, 32, 32, 32, 2, 1, 8, 4096, 32, 1},        // the vocabulary of gpt-oss
	"h": {3, 4, 2, 320, 64, 64, 32, 2, 1, 8, 4096, 32, 1},           // H equals I: a missing transposition fits (no expected values)
	"k": {2, 4, 2, 300, 256, 64, 64, 4, 2, 8, 4096, 32, 1},          // rows of 256: K formats fit (no expected values)
	"x": {5, 4, 2, 64, 32, 32, 16, 2, 2, 4, 64, 32, 1},              // small: for tests of the cache (no expected values)
}

const (
	fastOfI = 9.184348741090737
	slowOfI = 0.049946963107378506
)

func (f *fixture) config() Config {
	return Config{Layers: f.layers, Hidden: f.hidden, Heads: f.heads, KVHeads: f.kvHeads, HeadSize: f.head, Vocabulary: f.vocabulary,
		Experts: f.experts, ActiveExperts: f.active, ExpertSize: f.inner, Window: f.window, Sliding: alternating(f.layers),
		Context: f.yarn * 32, NormEpsilon: 1e-5, SwiGLULimit: 7,
		Rope: Rope{Theta: 150000, Factor: 32, Original: f.yarn, BetaFast: f.betaFast, BetaSlow: f.betaSlow, Attention: stretch(32)}}
}

// A stored is one tensor: numbers that bfloat16 holds exactly, or bytes.
type stored struct {
	shape  []int
	values []float32
	raw    []byte
}

// hash returns the k-th number of the stream that belongs to a name: FNV-1a seeds splitmix64.
func hash(name string) func(k int) uint64 {
	seed := uint64(0xcbf29ce484222325)
	for _, b := range []byte(name) {
		seed = (seed ^ uint64(b)) * 0x100000001b3
	}
	return func(k int) uint64 {
		z := seed + uint64(k+1)*0x9E3779B97F4A7C15
		z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
		z = (z ^ z>>27) * 0x94D049BB133111EB
		return z ^ z>>31
	}
}

// toBF16 rounds to the nearest, halves to even.
func toBF16(x float32) uint16 {
	b := math.Float32bits(x)
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func real(name string, amplitude, offset float64, shape ...int) *stored {
	h := hash(name)
	t := &stored{shape: shape, values: make([]float32, volume(shape))}
	for k := range t.values {
		u := float64(h(k)>>40) / (1 << 24)
		t.values[k] = math.Float32frombits(uint32(toBF16(float32(offset+float64(amplitude*(2*u-1))))) << 16)
	}
	return t
}

func codes(name string, shape ...int) *stored {
	h := hash(name)
	t := &stored{shape: shape, raw: make([]byte, volume(shape))}
	for k := range t.raw {
		t.raw[k] = byte(h(k) >> 56)
	}
	return t
}

func exponents(name string, base int, shape ...int) *stored {
	t := codes(name, shape...)
	for k, b := range t.raw {
		t.raw[k] = byte(base + int(b)%3)
	}
	return t
}

func volume(shape []int) int {
	n := 1
	for _, d := range shape {
		n *= d
	}
	return n
}

// tensors makes all tensors of a fixture under their names in OpenAI's layout.
func (f *fixture) tensors() map[string]*stored {
	h, i, e, queries, keys := f.hidden, f.inner, f.experts, f.heads*f.head, f.kvHeads*f.head
	t, r3 := map[string]*stored{}, math.Sqrt(3)
	add := func(name string, amplitude, offset float64, shape ...int) {
		t[name] = real(name, amplitude, offset, shape...)
	}
	add("embedding.weight", r3, 0, f.vocabulary, h)
	add("norm.scale", .3, 1, h)
	add("unembedding.weight", r3*1.5/math.Sqrt(float64(h)), 0, f.vocabulary, h)
	for n := range f.layers {
		p := layerName("block.%d.", n)
		add(p+"attn.norm.scale", .3, 1, h)
		add(p+"attn.qkv.weight", r3*1.5/math.Sqrt(float64(h)), 0, queries+2*keys, h)
		add(p+"attn.qkv.bias", .5, 0, queries+2*keys)
		add(p+"attn.sinks", 2, .5, f.heads)
		add(p+"attn.out.weight", r3/math.Sqrt(float64(queries)), 0, h, queries)
		add(p+"attn.out.bias", .2, 0, h)
		add(p+"mlp.norm.scale", .3, 1, h)
		add(p+"mlp.gate.weight", r3*1.5/math.Sqrt(float64(h)), 0, e, h)
		add(p+"mlp.gate.bias", .5, 0, e)
		add(p+"mlp.mlp1_bias", .5, 0, e, 2*i)
		add(p+"mlp.mlp2_bias", .3, 0, e, h)
		for _, w := range []struct {
			name      string
			n, k      int
			deviation float64
		}{{"mlp1", 2 * i, h, 2.5}, {"mlp2", h, i, .25}} {
			// 2.93 is the root mean square of the FP4 values.
			base := 127 + int(math.RoundToEven(math.Log2(w.deviation/(2.93*math.Sqrt(float64(w.k)))))) - 1
			name := p + "mlp." + w.name + "_weight."
			t[name+"blocks"] = codes(name+"blocks", e, w.n, w.k/32, 16)
			t[name+"scales"] = exponents(name+"scales", base, e, w.n, w.k/32)
			if n == 0 { // a block of zeros with the smallest scale, and a block of tiny numbers in the next row
				clear(t[name+"blocks"].raw[:16])
				t[name+"scales"].raw[0] = 0
				t[name+"scales"].raw[w.k/32] = 100
			}
		}
	}
	return t
}

// dequantize returns the numbers of a packed tensor, spelled out: code times two to the exponent.
func dequantize(blocks, scales *stored) *stored {
	values := [8]float64{0, .5, 1, 1.5, 2, 3, 4, 6}
	out := &stored{shape: append(blocks.shape[:2:2], blocks.shape[2]*32)}
	for i, b := range blocks.raw {
		for _, code := range []byte{b & 15, b >> 4} {
			v := values[code&7] * math.Pow(2, float64(scales.raw[i/16])-127)
			if code >= 8 {
				v = -v
			}
			out.values = append(out.values, float32(v))
		}
	}
	return out
}

// numbers returns the tensors with the experts dequantised: what the oracle computes with.
func numbers(t map[string]*stored) map[string]*stored {
	out := map[string]*stored{}
	for name, s := range t {
		if plain, ok := strings.CutSuffix(name, ".blocks"); ok {
			out[plain] = dequantize(s, t[plain+".scales"])
		} else if s.values != nil {
			out[name] = s
		}
	}
	return out
}

// bytesOf stores numbers in a format.
func bytesOf(format kernel.Format, values []float32) []byte {
	var b []byte
	le := binary.LittleEndian
	switch format {
	case kernel.F32:
		for _, v := range values {
			b = le.AppendUint32(b, math.Float32bits(v))
		}
	case kernel.BF16:
		for _, v := range values {
			b = le.AppendUint16(b, toBF16(v))
		}
	case kernel.F16:
		for _, v := range values {
			b = le.AppendUint16(b, toF16(v))
		}
	case kernel.Q8_0:
		for ; len(values) > 0; values = values[32:] {
			b = appendQ8(b, values[:32])
		}
	}
	return b
}

// appendQ8 stores 32 numbers as Q8_0, as ggml's reference does.
func appendQ8(b []byte, values []float32) []byte {
	top := float32(0)
	for _, v := range values {
		top = max(top, float32(math.Abs(float64(v))))
	}
	d, inverse := top/127, float32(0)
	if d != 0 {
		inverse = 1 / d
	}
	b = binary.LittleEndian.AppendUint16(b, toF16(d))
	for _, v := range values {
		b = append(b, byte(int8(math.Round(float64(float32(v*inverse))))))
	}
	return b
}

// toF16 rounds to the nearest binary16 that is not infinite, halves to even.
func toF16(x float32) uint16 {
	sign, v := uint16(0), math.Abs(float64(x))
	if math.Signbit(float64(x)) {
		sign = 0x8000
	}
	if v == 0 {
		return sign
	}
	_, exp := math.Frexp(v)
	exp = max(exp-1, -14)
	n := uint16(math.RoundToEven(math.Ldexp(v, 10-exp))) // 1024 to 2048, below it subnormal
	return sign | (uint16(exp+14)<<10 + n)
}
