package decoder

import (
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
)

// A form is a way to store a model. write returns the path to open.
type form struct {
	name string
	// exact: every weight is stored without loss. Forms of the same word store them in the same formats, and give the same logits
	// to the bit
	exact string
	write func(t *testing.T, f *fixture) string
}

var forms = []form{
	{"hf mxfp4", "mxfp4 bf16", func(t *testing.T, f *fixture) string {
		return writeDirectory(t, f.hfConfig(true), files{"model.safetensors": f.huggingFace(true)})
	}},
	{"hf mxfp4 sharded", "mxfp4 bf16", writeSharded},
	{"hf bf16", "bf16", func(t *testing.T, f *fixture) string {
		return writeDirectory(t, f.hfConfig(false), files{"model.safetensors": f.huggingFace(false)})
	}},
	{"original", "mxfp4 bf16", func(t *testing.T, f *fixture) string {
		all := f.original()
		half := len(all) / 2
		return writeDirectory(t, f.originalConfig(), files{"b.safetensors": all[:half], "a.safetensors": all[half:]})
	}},
	{"gguf mxfp4 f32", "mxfp4 f32", ggufForm(kernel.MXFP4, kernel.F32)},
	{"gguf mxfp4 bf16", "mxfp4 bf16", ggufForm(kernel.MXFP4, kernel.BF16)},
	{"gguf f32 f32", "f32", ggufForm(kernel.F32, kernel.F32)},
	{"gguf split", "mxfp4 bf16", writeSplit},
	{"gguf mxfp4 f16", "", ggufForm(kernel.MXFP4, kernel.F16)},
	{"gguf mxfp4 q8_0", "", ggufForm(kernel.MXFP4, kernel.Q8_0)},
}

type files map[string][]checkpointtest.Tensor

func ggufForm(experts, rest kernel.Format) func(*testing.T, *fixture) string {
	return func(t *testing.T, f *fixture) string {
		return writeGGUF(t, f.ggufMeta(), f.gguf(experts, rest))
	}
}

func writeFile(t *testing.T, dir, name string, data []byte) string {
	t.Helper()
	path := filepath.Join(dir, name)
	require.NoError(t, os.WriteFile(path, data, 0o600))
	return path
}

func writeDirectory(t *testing.T, config map[string]any, list files) string {
	t.Helper()
	dir := t.TempDir()
	text, err := json.Marshal(config)
	require.NoError(t, err)
	writeFile(t, dir, "config.json", text)
	for name, tensors := range list {
		writeFile(t, dir, name, checkpointtest.Safetensors(tensors))
	}
	return dir
}

// writeSharded spreads the tensors over three files with an index.
func writeSharded(t *testing.T, f *fixture) string {
	list, weightMap := files{}, map[string]string{}
	for i, tensor := range f.huggingFace(true) {
		name := fmt.Sprintf("model-%05d-of-00003.safetensors", i%3+1)
		list[name] = append(list[name], tensor)
		weightMap[tensor.Name] = name
	}
	dir := writeDirectory(t, f.hfConfig(true), list)
	index, err := json.Marshal(map[string]any{"metadata": map[string]any{"total_size": 1}, "weight_map": weightMap})
	require.NoError(t, err)
	writeFile(t, dir, "model.safetensors.index.json", index)
	return dir
}

// writeSplit spreads a GGUF file over three, the metadata in the first.
func writeSplit(t *testing.T, f *fixture) string {
	all, dir := f.gguf(kernel.MXFP4, kernel.BF16), t.TempDir()
	for i := range 3 {
		meta := []checkpointtest.KeyValue{{Key: "split.no", Value: uint32(i)}, {Key: "split.count", Value: uint32(3)}, {Key: "split.tensors.count", Value: int32(len(all))}}
		if i == 0 {
			meta = append(f.ggufMeta(), meta...)
		}
		from, to := i*len(all)/3, (i+1)*len(all)/3
		writeFile(t, dir, fmt.Sprintf("model-%05d-of-00003.gguf", i+1), checkpointtest.GGUF(meta, all[from:to]))
	}
	return filepath.Join(dir, "model-00001-of-00003.gguf")
}

// original returns the tensors in OpenAI's layout.
func (f *fixture) original() []checkpointtest.Tensor {
	var list []checkpointtest.Tensor
	all := f.tensors()
	for _, name := range sortedNames(all) {
		list = append(list, all[name].as(name, kernel.BF16))
	}
	return list
}

func sortedNames(m map[string]*stored) []string {
	var names []string
	for name := range m {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}

// as returns the tensor in a format; bytes stay bytes.
func (s *stored) as(name string, format kernel.Format) checkpointtest.Tensor {
	if s.raw != nil {
		return checkpointtest.Tensor{Name: name, Format: kernel.U8, Shape: s.shape, Data: s.raw}
	}
	return checkpointtest.Tensor{Name: name, Format: format, Shape: s.shape, Data: bytesOf(format, s.values)}
}

// rows returns some rows of a tensor's first dimension.
func (s *stored) rows(from, to int) *stored {
	per := volume(s.shape[1:])
	return &stored{shape: append([]int{to - from}, s.shape[1:]...), values: s.values[from*per : to*per]}
}

// attention returns the split tensors q, k and v.
func (f *fixture) attention(qkv *stored) (q, k, v *stored) {
	queries, keys := f.heads*f.head, f.kvHeads*f.head
	return qkv.rows(0, queries), qkv.rows(queries, queries+keys), qkv.rows(queries+keys, queries+2*keys)
}

// huggingFace returns the tensors in Hugging Face's layout, with the experts packed or dense.
func (f *fixture) huggingFace(packed bool) []checkpointtest.Tensor {
	var list []checkpointtest.Tensor
	add := func(name string, s *stored) { list = append(list, s.as(name, kernel.BF16)) }
	all := f.tensors()
	plain := numbers(all)
	add("model.embed_tokens.weight", all["embedding.weight"])
	add("model.norm.weight", all["norm.scale"])
	add("lm_head.weight", all["unembedding.weight"])
	for n := range f.layers {
		from, to := layerName("block.%d.", n), layerName("model.layers.%d.", n)
		add(to+"input_layernorm.weight", all[from+"attn.norm.scale"])
		add(to+"post_attention_layernorm.weight", all[from+"mlp.norm.scale"])
		add(to+"self_attn.sinks", all[from+"attn.sinks"])
		for _, s := range []string{"weight", "bias"} {
			q, k, v := f.attention(all[from+"attn.qkv."+s])
			add(to+"self_attn.q_proj."+s, q)
			add(to+"self_attn.k_proj."+s, k)
			add(to+"self_attn.v_proj."+s, v)
			add(to+"self_attn.o_proj."+s, all[from+"attn.out."+s])
			add(to+"mlp.router."+s, all[from+"mlp.gate."+s])
		}
		for one, other := range map[string]string{"mlp1": "gate_up_proj", "mlp2": "down_proj"} {
			add(to+"mlp.experts."+other+"_bias", all[from+"mlp."+one+"_bias"])
			if packed {
				add(to+"mlp.experts."+other+"_blocks", all[from+"mlp."+one+"_weight.blocks"])
				add(to+"mlp.experts."+other+"_scales", all[from+"mlp."+one+"_weight.scales"])
			} else {
				add(to+"mlp.experts."+other, transpose(plain[from+"mlp."+one+"_weight"]))
			}
		}
	}
	return list
}

// transpose swaps the last two of three dimensions.
func transpose(s *stored) *stored {
	x, n, k := s.shape[0], s.shape[1], s.shape[2]
	t := &stored{shape: []int{x, k, n}, values: make([]float32, len(s.values))}
	for e := range x {
		for i := range n {
			for j := range k {
				t.values[(e*k+j)*n+i] = s.values[(e*n+i)*k+j]
			}
		}
	}
	return t
}

// gguf returns the tensors in llama.cpp's layout: experts in one format, embeddings and attention in another, the rest F32.
func (f *fixture) gguf(experts, rest kernel.Format) []checkpointtest.Tensor {
	var list []checkpointtest.Tensor
	add := func(name string, s *stored, format kernel.Format) { list = append(list, s.as(name, format)) }
	all := f.tensors()
	plain := numbers(all)
	add("token_embd.weight", all["embedding.weight"], rest)
	add("output_norm.weight", all["norm.scale"], kernel.F32)
	add("output.weight", all["unembedding.weight"], rest)
	for n := range f.layers {
		from, to := layerName("block.%d.", n), layerName("blk.%d.", n)
		add(to+"attn_norm.weight", all[from+"attn.norm.scale"], kernel.F32)
		add(to+"post_attention_norm.weight", all[from+"mlp.norm.scale"], kernel.F32)
		add(to+"attn_sinks.weight", all[from+"attn.sinks"], kernel.F32)
		for s, format := range map[string]kernel.Format{"weight": rest, "bias": kernel.F32} {
			q, k, v := f.attention(all[from+"attn.qkv."+s])
			add(to+"attn_q."+s, q, format)
			add(to+"attn_k."+s, k, format)
			add(to+"attn_v."+s, v, format)
			add(to+"attn_output."+s, all[from+"attn.out."+s], format)
			add(to+"ffn_gate_inp."+s, all[from+"mlp.gate."+s], kernel.F32)
		}
		gateBias, upBias := alternate(all[from+"mlp.mlp1_bias"], 1)
		add(to+"ffn_gate_exps.bias", gateBias, kernel.F32)
		add(to+"ffn_up_exps.bias", upBias, kernel.F32)
		add(to+"ffn_down_exps.bias", all[from+"mlp.mlp2_bias"], kernel.F32)
		if experts == kernel.MXFP4 {
			list = append(list, packGGUF(to+"ffn_down_exps.weight", all[from+"mlp.mlp2_weight.blocks"], all[from+"mlp.mlp2_weight.scales"], 0, 1),
				packGGUF(to+"ffn_gate_exps.weight", all[from+"mlp.mlp1_weight.blocks"], all[from+"mlp.mlp1_weight.scales"], 0, 2),
				packGGUF(to+"ffn_up_exps.weight", all[from+"mlp.mlp1_weight.blocks"], all[from+"mlp.mlp1_weight.scales"], 1, 2))
			continue
		}
		gate, up := alternate(plain[from+"mlp.mlp1_weight"], f.hidden)
		add(to+"ffn_gate_exps.weight", gate, experts)
		add(to+"ffn_up_exps.weight", up, experts)
		add(to+"ffn_down_exps.weight", plain[from+"mlp.mlp2_weight"], experts)
	}
	return list
}

// alternate separates the even and the odd rows of width numbers.
func alternate(s *stored, width int) (even, odd *stored) {
	shape := slices.Clone(s.shape)
	shape[1] /= 2
	even, odd = &stored{shape: shape}, &stored{shape: shape}
	for i := 0; i < len(s.values); i += 2 * width {
		even.values = append(even.values, s.values[i:i+width]...)
		odd.values = append(odd.values, s.values[i+width:i+2*width]...)
	}
	return even, odd
}

// packGGUF stores every step-th row of packed experts, from row first on, as ggml's MXFP4.
func packGGUF(name string, blocks, scales *stored, first, step int) checkpointtest.Tensor {
	x, n, perRow := blocks.shape[0], blocks.shape[1], blocks.shape[2]
	t := checkpointtest.Tensor{Name: name, Format: kernel.MXFP4, Shape: []int{x, n / step, perRow * 32}}
	for row := range x * n {
		if row%step != first {
			continue
		}
		for i := row * perRow; i < (row+1)*perRow; i++ {
			var element [32]byte
			for j, b := range blocks.raw[i*16:][:16] {
				element[2*j], element[2*j+1] = b&15, b>>4
			}
			t.Data = append(t.Data, scales.raw[i])
			for j := range 16 {
				t.Data = append(t.Data, element[j]|element[j+16]<<4)
			}
		}
	}
	return t
}

// originalConfig returns OpenAI's config.json.
func (f *fixture) originalConfig() map[string]any {
	return map[string]any{"num_hidden_layers": f.layers, "num_experts": f.experts, "experts_per_token": f.active, "vocab_size": f.vocabulary,
		"hidden_size": f.hidden, "intermediate_size": f.inner, "head_dim": f.head, "num_attention_heads": f.heads, "num_key_value_heads": f.kvHeads,
		"sliding_window": f.window, "initial_context_length": f.yarn, "swiglu_limit": 7.0, "rope_theta": 150000, "rope_scaling_factor": 32.0,
		"rope_ntk_alpha": f.betaSlow, "rope_ntk_beta": f.betaFast}
}

// hfConfig returns Hugging Face's config.json.
func (f *fixture) hfConfig(packed bool) map[string]any {
	types := make([]string, f.layers)
	for i := range types {
		types[i] = []string{"sliding_attention", "full_attention"}[i%2]
	}
	config := map[string]any{"architectures": []string{"GptOssForCausalLM"}, "model_type": "gpt_oss", "attention_bias": true, "hidden_act": "silu",
		"num_hidden_layers": f.layers, "num_local_experts": f.experts, "experts_per_token": f.active, "num_experts_per_tok": f.active,
		"vocab_size": f.vocabulary, "hidden_size": f.hidden, "intermediate_size": f.inner, "head_dim": f.head, "num_attention_heads": f.heads,
		"num_key_value_heads": f.kvHeads, "sliding_window": f.window, "max_position_embeddings": f.yarn * 32, "rms_norm_eps": 1e-5,
		"layer_types": types, "swiglu_limit": 7.0, "tie_word_embeddings": false, "rope_theta": 150000,
		"rope_scaling": map[string]any{"rope_type": "yarn", "factor": 32.0, "beta_fast": f.betaFast, "beta_slow": f.betaSlow,
			"original_max_position_embeddings": f.yarn, "truncate": false}}
	if packed {
		config["quantization_config"] = map[string]any{"quant_method": "mxfp4"}
	}
	return config
}

// ggufMeta returns the metadata that llama.cpp's converter writes, without a vocabulary.
func (f *fixture) ggufMeta() []checkpointtest.KeyValue {
	meta := []checkpointtest.KeyValue{{Key: "general.architecture", Value: "gpt-oss"}, {Key: "tokenizer.ggml.model", Value: "none"}}
	for key, n := range map[string]int{"block_count": f.layers, "context_length": f.yarn * 32, "embedding_length": f.hidden, "feed_forward_length": f.inner,
		"expert_feed_forward_length": f.inner, "expert_count": f.experts, "expert_used_count": f.active, "attention.head_count": f.heads,
		"attention.head_count_kv": f.kvHeads, "attention.key_length": f.head, "attention.value_length": f.head, "attention.sliding_window": f.window,
		"rope.scaling.original_context_length": f.yarn, "vocab_size": f.vocabulary} {
		meta = append(meta, checkpointtest.KeyValue{Key: "gpt-oss." + key, Value: uint32(n)})
	}
	for key, x := range map[string]float64{"attention.layer_norm_rms_epsilon": 1e-5, "rope.freq_base": 150000, "rope.scaling.factor": 32,
		"rope.scaling.yarn_beta_fast": f.betaFast, "rope.scaling.yarn_beta_slow": f.betaSlow} {
		meta = append(meta, checkpointtest.KeyValue{Key: "gpt-oss." + key, Value: float32(x)})
	}
	meta = append(meta, checkpointtest.KeyValue{Key: "gpt-oss.rope.scaling.type", Value: "yarn"})
	slices.SortFunc(meta[1:], func(a, b checkpointtest.KeyValue) int { return strings.Compare(a.Key, b.Key) })
	return meta
}

func writeGGUF(t *testing.T, meta []checkpointtest.KeyValue, tensors []checkpointtest.Tensor) string {
	t.Helper()
	return writeFile(t, t.TempDir(), "model.gguf", checkpointtest.GGUF(meta, tensors))
}
