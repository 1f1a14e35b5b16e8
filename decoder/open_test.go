package decoder

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"path/filepath"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// TestOpenBadTensors: a tensor that is not as it must be is an error that names it, what was expected and what was found.
func TestOpenBadTensors(t *testing.T) {
	type tensor = checkpointtest.Tensor
	f := fixtures["a"]
	drop := func(list []tensor, i int) []tensor { return slices.Delete(list, i, i+1) }
	reshape := func(shape ...int) func([]tensor, int) []tensor {
		return func(list []tensor, i int) []tensor { list[i].Shape = shape; return list }
	}
	retype := func(format kernel.Format, size int) func([]tensor, int) []tensor {
		return func(list []tensor, i int) []tensor {
			list[i].Format, list[i].Data = format, make([]byte, size*volume(list[i].Shape))
			return list
		}
	}
	notANumber := func(list []tensor, i int) []tensor {
		list[i].Data[2], list[i].Data[3] = 0xc0, 0x7f // the second element in BF16, the first in F32
		return list
	}
	rename := func(name string) func([]tensor, int) []tensor {
		return func(list []tensor, i int) []tensor { list[i].Name = name; return list }
	}
	for _, c := range []struct {
		form, tensor string
		change       func(list []tensor, i int) []tensor
		err          string
	}{
		{"hf", "model.norm.weight", drop, "expected shape [64], found no such tensor"},
		{"hf", "model.layers.3.self_attn.sinks", drop, "expected shape [4], found no such tensor"},
		{"hf", "model.layers.1.mlp.experts.down_proj_scales", drop, "expected shape [8 64 3], found no such tensor"},
		{"hf", "model.layers.1.mlp.experts.down_proj_blocks", reshape(8, 64, 6, 8), "expected shape [8 64 3 16], found [8 64 6 8]"},
		{"hf", "model.layers.0.self_attn.q_proj.weight", reshape(64, 128), "expected shape [128 64], found [64 128]"},
		{"hf", "model.layers.0.self_attn.k_proj.bias", reshape(64, 1), "expected shape [64], found [64 1]"},
		{"hf", "model.layers.0.mlp.experts.gate_up_proj_blocks", retype(kernel.BF16, 2), "expected a format of [U8], found BF16"},
		{"hf", "lm_head.weight", retype(kernel.U8, 1), "expected a format of [F32 F16 BF16 Q8_0 MXFP4 Q4_0 Q5_0 Q4_K Q5_K Q6_K], found U8"},
		{"hf", "model.layers.2.input_layernorm.weight", notANumber, "element 1 is NaN, expected a finite number"},
		{"hf", "lm_head.weight", rename("model.layers.4.self_attn.sinks"), "expected shape [512 64], found no such tensor"},
		{"hf bf16", "model.layers.1.mlp.experts.gate_up_proj", reshape(8, 192, 64), "expected shape [8 64 192], found [8 192 64]"},
		{"hf bf16", "model.layers.1.mlp.experts.down_proj", drop, "expected shape [8 96 64], found no such tensor"},
		{"original", "block.0.attn.qkv.weight", reshape(64, 256), "expected shape [256 64], found [64 256]"},
		{"original", "block.3.mlp.mlp2_bias", drop, "expected shape [8 64], found no such tensor"},
		{"gguf", "blk.0.ffn_gate_exps.weight", reshape(8, 64, 96), "expected shape [8 96 64], found [8 64 96]"},
		{"gguf", "blk.2.attn_sinks.weight", rename("blk.2.attn_sinks"), "expected shape [4], found no such tensor"},
		{"gguf", "blk.0.post_attention_norm.weight", rename("blk.0.ffn_norm.weight"), "expected shape [64], found no such tensor"},
		{"gguf", "output_norm.weight", notANumber, "element 0 is NaN, expected a finite number"},
	} {
		t.Run(c.form+" "+c.tensor, func(t *testing.T) {
			list := map[string]func() []tensor{"hf": func() []tensor { return f.huggingFace(true) }, "hf bf16": func() []tensor { return f.huggingFace(false) },
				"original": f.original, "gguf": func() []tensor { return f.gguf(kernel.MXFP4, kernel.F32) }}[c.form]()
			i := slices.IndexFunc(list, func(x tensor) bool { return x.Name == c.tensor })
			require.GreaterOrEqual(t, i, 0)
			list[i].Data = slices.Clone(list[i].Data)
			list = c.change(list, i)
			var path string
			switch c.form {
			case "gguf":
				path = writeGGUF(t, f.ggufMeta(), list)
			case "original":
				path = writeDirectory(t, f.originalConfig(), files{"model.safetensors": list})
			default:
				path = writeDirectory(t, f.hfConfig(c.form == "hf"), files{"model.safetensors": list})
			}
			requireFileError(t, path, c.tensor, "", c.err)
		})
	}
	t.Run("unknown", func(t *testing.T) {
		list := append(f.huggingFace(true), tensor{Name: "model.layers.4.self_attn.sinks", Format: kernel.BF16, Shape: []int{4}, Data: make([]byte, 8)})
		path := writeDirectory(t, f.hfConfig(true), files{"model.safetensors": list})
		requireFileError(t, path, "model.layers.4.self_attn.sinks", "", "gpt-oss with 4 layers has no such tensor")
	})
}

func requireFileError(t *testing.T, path, tensor, key, what string) {
	t.Helper()
	m, err := Open(path, nil)
	if err == nil {
		m.Close()
	}
	e := (*FileError)(nil)
	require.ErrorAs(t, err, &e)
	require.Equal(t, tensor, e.Tensor, err)
	require.Equal(t, key, e.Key, err)
	require.Contains(t, e.What, what)
	require.Contains(t, e.Error(), "decoder: "+path)
}

// TestOpenBadConfig: a config.json or metadata that is not that of a gpt-oss is an error that names the key.
func TestOpenBadConfig(t *testing.T) {
	f := fixtures["a"]
	hf, original := f.hfConfig(true), f.originalConfig()
	for _, c := range []struct {
		base  map[string]any
		key   string
		value any // nil: without the key
		named string
		err   string
	}{
		{hf, "model_type", "llama", "model_type", `expected "gpt_oss", found "\"llama\""`},
		{hf, "quantization_config", map[string]any{"quant_method": "gptq"}, "quant_method", `expected "mxfp4", found "\"gptq\""`},
		{hf, "quantization_config", "mxfp4", "quantization_config", "expected an object"},
		{hf, "tie_word_embeddings", true, "tie_word_embeddings", "expected false, found \"true\""},
		{hf, "attention_bias", false, "attention_bias", "expected true"},
		{hf, "hidden_act", "gelu", "hidden_act", `expected "silu"`},
		{hf, "rope_scaling", nil, "rope_scaling", "expected the parameters of YaRN, found nothing"},
		{hf, "rope_scaling", map[string]any{"rope_type": "llama3"}, "rope_type", `expected "yarn"`},
		{hf, "rope_scaling", map[string]any{"rope_type": "yarn", "factor": 32, "original_max_position_embeddings": 256, "truncate": "no"}, "truncate", "expected true or false"},
		{hf, "rope_theta", nil, "rope_theta", "expected a number, found nothing"},
		{hf, "rope_theta", 0, "", "rope theta: expected 1.001 to 1e+12, found 0"},
		{hf, "hidden_size", nil, "hidden_size", "expected a whole number, found nothing"},
		{hf, "hidden_size", 64.5, "hidden_size", `expected a whole number, found "64.5"`},
		{hf, "hidden_size", "64", "hidden_size", "expected a whole number"},
		{hf, "hidden_size", -64, "", "hidden size: expected 1 to 1048576, found -64"},
		{hf, "hidden_size", 1e300, "hidden_size", "expected a whole number"},
		{hf, "num_hidden_layers", 2000000000, "", "layers: expected 1 to 4096, found 2000000000"},
		{hf, "num_hidden_layers", 5, "", "layer types: expected 5, found 4"},
		{hf, "num_key_value_heads", 3, "", "heads: expected a multiple of the 3 kv heads, found 4"},
		{hf, "head_dim", 33, "", "head size: expected an even number, found 33"},
		{hf, "num_experts_per_tok", 9, "experts_per_token", `expected 9 as num_experts_per_tok says, found 2`},
		{hf, "layer_types", []string{"chunked_attention"}, "layer_types", `found "chunked_attention"`},
		{hf, "layer_types", 4, "layer_types", "expected a list of names"},
		{hf, "rms_norm_eps", -1, "", "norm epsilon: expected 1e-30 to 1, found -1"},
		{original, "num_experts", nil, "num_experts", "expected a whole number, found nothing"},
		{original, "experts_per_token", 9, "", "active experts: expected 1 to 8, found 9"},
		{original, "rope_scaling_factor", 0.5, "", "rope factor: expected 1 to 1e+06, found 0.5"},
		{original, "initial_context_length", 1 << 30, "", "context length"},
	} {
		t.Run(fmt.Sprint(c.key, c.value), func(t *testing.T) {
			config := map[string]any{}
			for k, v := range c.base {
				config[k] = v
			}
			config[c.key] = c.value
			if c.value == nil {
				delete(config, c.key)
			}
			list := files{"model.safetensors": f.huggingFace(true)}
			path := filepath.Join(writeDirectory(t, config, list), "config.json")
			requireFileErrorAt(t, filepath.Dir(path), path, c.named, c.err)
		})
	}
}

func requireFileErrorAt(t *testing.T, open, file, key, what string) {
	t.Helper()
	_, err := Open(open, nil)
	e := (*FileError)(nil)
	require.ErrorAs(t, err, &e)
	require.Equal(t, file, e.File)
	require.Equal(t, key, e.Key, err)
	require.Contains(t, e.What, what)
}

// TestConfigOfTransformers5 reads rope_parameters, which takes the place of rope_scaling and rope_theta, and the defaults.
func TestConfigOfTransformers5(t *testing.T) {
	f := fixtures["a"]
	config := f.hfConfig(true)
	rope := config["rope_scaling"].(map[string]any)
	rope["rope_theta"] = 150000.0
	config["rope_parameters"] = rope
	for _, key := range []string{"rope_scaling", "rope_theta", "layer_types", "experts_per_token", "swiglu_limit", "rms_norm_eps"} {
		delete(config, key)
	}
	m := open(t, writeDirectory(t, config, files{"model.safetensors": f.huggingFace(true)}), nil)
	require.Equal(t, f.config(), m.Config())
	rope["attention_factor"], rope["truncate"] = 1.25, true
	m = open(t, writeDirectory(t, config, files{"model.safetensors": f.huggingFace(true)}), nil)
	require.Equal(t, 1.25, m.Config().Rope.Attention)
	require.True(t, m.Config().Rope.Truncate)
	require.NotEqual(t, (&Rope{Theta: 150000, Factor: 32, Original: 256, BetaFast: 32, BetaSlow: 1}).frequencies(32), m.angles)
}

// TestOpenBadMetadata is the same for GGUF.
func TestOpenBadMetadata(t *testing.T) {
	f := fixtures["a"]
	for _, c := range []struct {
		key   string
		value any // nil: without the key
		err   string
	}{
		{"general.architecture", "llama", `expected "gpt-oss", found "llama"`},
		{"general.architecture", "gptoss", `expected "gpt-oss", found "gptoss": Ollama's own form of 2025`},
		{"general.architecture", nil, `expected "gpt-oss", found nothing`},
		{"general.architecture", uint32(1), `expected "gpt-oss", found 1`},
		{"gpt-oss.block_count", nil, "expected a whole number, found nothing"},
		{"gpt-oss.block_count", "4", `expected a whole number, found "4"`},
		{"gpt-oss.block_count", uint64(1) << 40, "expected a whole number, found 1099511627776"},
		{"gpt-oss.block_count", int32(-4), "expected a whole number, found -4"},
		{"gpt-oss.rope.freq_base", uint32(150000), "expected a number, found 150000"},
		{"gpt-oss.rope.scaling.type", "linear", `expected "yarn", found "linear"`},
		{"gpt-oss.attention.value_length", uint32(16), "expected 32 as the keys have, found 16"},
		{"tokenizer.ggml.tokens", []string{"a", "b"}, "expected the 201088 tokens of o200k_harmony, found an array of 2 values"},
		{"general.alignment", uint32(48), "expected a power of two from 8 to 1048576, found 48"},
		{"general.alignment", uint32(0), "expected a power of two from 8 to 1048576, found 0"},
	} {
		t.Run(fmt.Sprint(c.key, c.value), func(t *testing.T) {
			meta := slices.DeleteFunc(f.ggufMeta(), func(kv checkpointtest.KeyValue) bool { return kv.Key == c.key })
			if c.value != nil {
				meta = append(meta, checkpointtest.KeyValue{Key: c.key, Value: c.value})
			}
			requireFileError(t, writeGGUF(t, meta, f.gguf(kernel.MXFP4, kernel.F32)), "", c.key, c.err)
		})
	}
}

// TestVocabulary accepts the list of tokens that llama.cpp's converter writes, and nothing else.
func TestVocabulary(t *testing.T) {
	tok := tokenizer.O200kHarmony()
	list := make([]string, 201088)
	for i := range list {
		text, _ := tok.TokenString(tokenizer.Token(i))
		list[i] = string(appendByteText(nil, text))
		if i > 200018 {
			list[i] = fmt.Sprintf("[PAD%d]", i)
		}
	}
	list[200018] = "<|endofprompt|>"
	require.Equal(t, "Ġworld", list[2375]) // o200k_base.tiktoken: " world" has rank 2375
	require.Equal(t, "<|start|>", list[tokenizer.Start])
	check := func() error {
		c, err := checkpoint.Open(writeGGUF(t, []checkpointtest.KeyValue{{Key: "general.architecture", Value: architecture},
			{Key: "tokenizer.ggml.tokens", Value: list}}, nil), architecture)
		require.NoError(t, err)
		defer c.Close()
		return checkVocabulary(c)
	}
	require.NoError(t, check())
	for i, other := range map[int]string{0: "x", 2375: "Ġworlds", 199997: "", 200006: "<|begin|>", 200012: "<|reserved_200012|>"} {
		was := list[i]
		list[i] = other
		require.ErrorContains(t, check(), fmt.Sprintf(`key "tokenizer.ggml.tokens": token %d: expected %q of o200k_harmony, found %q`, i, was, other))
		list[i] = was
	}
	list = list[:len(list)-1]
	require.ErrorContains(t, check(), "found an array of 201087 values")
}

// TestNotANumber: a scale of 255 is NaN, which no header shows. Packing, or the first token that meets it, is an error that names the
// tensor.
func TestNotANumber(t *testing.T) {
	f := fixtures["a"]
	for _, c := range []struct{ form, tensor string }{
		{"hf", "model.layers.2.mlp.experts.down_proj_scales"}, {"hf", "model.layers.3.mlp.experts.gate_up_proj_scales"},
		{"gguf", "blk.1.ffn_up_exps.weight"}, {"gguf", "blk.3.ffn_down_exps.weight"},
	} {
		list := f.huggingFace(true)
		if c.form == "gguf" {
			list = f.gguf(kernel.MXFP4, kernel.Q8_0)
		}
		i := slices.IndexFunc(list, func(x checkpointtest.Tensor) bool { return x.Name == c.tensor })
		list[i].Data = slices.Clone(list[i].Data)
		step := map[string]int{"hf": 1, "gguf": 17}[c.form]
		for at := 5 * step; at < len(list[i].Data); at += 40 * step { // some of every expert's scales
			list[i].Data[at] = 255
		}
		path := ""
		if c.form == "gguf" {
			path = writeGGUF(t, f.ggufMeta(), list)
		} else {
			path = writeDirectory(t, f.hfConfig(true), files{"model.safetensors": list})
		}
		_, packed := Open(path, &Options{Hold: Packed})
		for p := Float32; p <= Int8; p++ {
			m := open(t, path, &Options{Hold: Mapped, Precision: p})
			s := sequence(t, m, 100)
			for _, err := range []error{packed, s.Forward(prompt(5, 512), nil), m.Check(nil)} {
				e := (*FileError)(nil)
				require.ErrorAs(t, err, &e, c.tensor)
				require.Equal(t, c.tensor, e.Tensor)
				require.Equal(t, "scale 5 is 255, which is NaN, expected 0 to 254", e.What)
				require.Zero(t, s.Len())
			}
		}
	}
}

// TestNumberError: finite weights may still lead out of the finite numbers.
func TestNumberError(t *testing.T) {
	f := fixtures["x"]
	list := f.original()
	i := slices.IndexFunc(list, func(x checkpointtest.Tensor) bool { return x.Name == "block.1.attn.out.bias" })
	list[i].Data = slices.Repeat([]byte{0x7f, 0x7f}, volume(list[i].Shape)) // the largest of BF16, whose square is infinite
	m := open(t, writeDirectory(t, f.originalConfig(), files{"model.safetensors": list}), nil)
	s := sequence(t, m, 10)
	err := s.Forward([]tokenizer.Token{1, 2, 3}, nil)
	require.Equal(t, &NumberError{Position: 0, Layer: 1}, err)
	require.Zero(t, s.Len())
}

// TestOpenOther: what is not a checkpoint at all.
func TestOpenOther(t *testing.T) {
	dir := t.TempDir()
	for _, path := range []string{filepath.Join(dir, "missing"), dir} {
		_, err := Open(path, nil)
		require.ErrorAs(t, err, new(*FileError))
		require.ErrorIs(t, err, fs.ErrNotExist)
	}
	for name, data := range map[string]string{"a.gguf": "", "b.gguf": "GGML", "m.safetensors": "\x08\x00\x00\x00"} {
		_, err := Open(writeFile(t, t.TempDir(), name, []byte(data)), nil)
		require.ErrorAs(t, err, new(*FileError))
		require.ErrorContains(t, err, `expected a directory or a GGUF file, which begins with "GGUF", found`)
	}
	text, err := json.Marshal(map[string]any{"model_type": "gpt_oss"})
	require.NoError(t, err)
	writeFile(t, dir, "config.json", text)
	_, err = Open(dir, nil)
	require.ErrorContains(t, err, "expected model.safetensors or model.safetensors.index.json, found neither")
}
