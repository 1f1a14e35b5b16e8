package checkpointtest

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"

	"github.com/harmony-go/sdk/internal/kernel"
)

// A Recipe is the shape of a tiny model of the gpt-oss architecture whose every weight is a function of its name, so that no
// file needs to hold it. Package decoder's testdata has what the reference implementations compute from some of them.
type Recipe struct {
	Layers, Experts, Active, Vocabulary, Hidden, Inner, Head, Heads, KVHeads, Window, Original int
	BetaFast, BetaSlow                                                                         float64
}

// Recipes are the models by name: those of decoder/testdata/fixtures that other packages use. "v" has the vocabulary of gpt-oss.
var Recipes = map[string]Recipe{
	"a": {4, 8, 2, 512, 64, 96, 32, 4, 2, 8, 256, 32, 1},
	"b": {4, 8, 4, 1024, 128, 160, 64, 16, 2, 8, 4096, 32, 1},
	"v": {2, 4, 4, 201088, 32, 32, 32, 2, 1, 8, 4096, 32, 1},
}

// WriteOriginal writes the model into a directory, in OpenAI's layout.
func (r *Recipe) WriteOriginal(dir string) error { return writeOriginal(dir, r, r.tensors()) }

// writeOriginal writes tensors and the configuration of r in OpenAI's layout.
func writeOriginal(dir string, r *Recipe, tensors []Tensor) error {
	config, err := json.Marshal(map[string]any{"num_hidden_layers": r.Layers, "num_experts": r.Experts, "experts_per_token": r.Active,
		"vocab_size": r.Vocabulary, "hidden_size": r.Hidden, "intermediate_size": r.Inner, "head_dim": r.Head, "num_attention_heads": r.Heads,
		"num_key_value_heads": r.KVHeads, "sliding_window": r.Window, "initial_context_length": r.Original, "swiglu_limit": 7.0, "rope_theta": 150000,
		"rope_scaling_factor": 32.0, "rope_ntk_alpha": r.BetaSlow, "rope_ntk_beta": r.BetaFast})
	if err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), config, 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "model.safetensors"), Safetensors(tensors), 0o666)
}

// tensors makes all tensors, in OpenAI's layout.
func (r *Recipe) tensors() []Tensor {
	var list []Tensor
	wide, queries, keys := math.Sqrt(float64(r.Hidden)), r.Heads*r.Head, r.KVHeads*r.Head
	add := func(name string, deviation, offset float64, shape ...int) {
		list = append(list, reals(name, deviation, offset, shape...))
	}
	add("embedding.weight", math.Sqrt(3), 0, r.Vocabulary, r.Hidden)
	add("norm.scale", .3, 1, r.Hidden)
	add("unembedding.weight", math.Sqrt(3)*1.5/wide, 0, r.Vocabulary, r.Hidden)
	for n := range r.Layers {
		p := fmt.Sprintf("block.%d.", n)
		add(p+"attn.norm.scale", .3, 1, r.Hidden)
		add(p+"attn.qkv.weight", math.Sqrt(3)*1.5/wide, 0, queries+2*keys, r.Hidden)
		add(p+"attn.qkv.bias", .5, 0, queries+2*keys)
		add(p+"attn.sinks", 2, .5, r.Heads)
		add(p+"attn.out.weight", math.Sqrt(3)/math.Sqrt(float64(queries)), 0, r.Hidden, queries)
		add(p+"attn.out.bias", .2, 0, r.Hidden)
		add(p+"mlp.norm.scale", .3, 1, r.Hidden)
		add(p+"mlp.gate.weight", math.Sqrt(3)*1.5/wide, 0, r.Experts, r.Hidden)
		add(p+"mlp.gate.bias", .5, 0, r.Experts)
		add(p+"mlp.mlp1_bias", .5, 0, r.Experts, 2*r.Inner)
		add(p+"mlp.mlp2_bias", .3, 0, r.Experts, r.Hidden)
		list = append(list, packed(p+"mlp.mlp1_weight.", n == 0, 2.5, r.Experts, 2*r.Inner, r.Hidden)...)
		list = append(list, packed(p+"mlp.mlp2_weight.", n == 0, .25, r.Experts, r.Hidden, r.Inner)...)
	}
	return list
}

// stream returns the k-th number that belongs to a name: FNV-1a seeds splitmix64.
func stream(name string) func(k int) uint64 {
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

// reals returns numbers from offset-amplitude to offset+amplitude.
func reals(name string, amplitude, offset float64, shape ...int) Tensor {
	h, n := stream(name), volume(shape)
	t := Tensor{Name: name, Format: kernel.BF16, Shape: shape, Data: make([]byte, 0, 2*n)}
	for k := range n {
		u := float64(h(k)>>40) / (1 << 24)
		t.Data = appendBF16(t.Data, float32(offset+float64(amplitude*(2*u-1))))
	}
	return t
}

// appendBF16 rounds to the nearest, halves to even.
func appendBF16(b []byte, x float32) []byte {
	v := math.Float32bits(x)
	return binary.LittleEndian.AppendUint16(b, uint16((v+0x7fff+v>>16&1)>>16))
}

// packed returns blocks and scales [X,N,K/32,16] of MXFP4 whose product with K normal numbers deviates by about deviation. odd puts a
// block of zeros with the smallest scale and one of tiny numbers at the beginning.
func packed(name string, odd bool, deviation float64, x, n, k int) []Tensor {
	const rms = 2.93 // of the FP4 values
	base := 127 + int(math.RoundToEven(math.Log2(deviation/(rms*math.Sqrt(float64(k)))))) - 1
	blocks := codes(name+"blocks", func(b byte) byte { return b }, x, n, k/32, 16)
	scales := codes(name+"scales", func(b byte) byte { return byte(base + int(b)%3) }, x, n, k/32)
	if odd {
		clear(blocks.Data[:16])
		scales.Data[0] = 0
		scales.Data[k/32] = 100
	}
	return []Tensor{blocks, scales}
}

func codes(name string, f func(byte) byte, shape ...int) Tensor {
	h := stream(name)
	t := Tensor{Name: name, Format: kernel.U8, Shape: shape, Data: make([]byte, volume(shape))}
	for k := range t.Data {
		t.Data[k] = f(byte(h(k) >> 56))
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
