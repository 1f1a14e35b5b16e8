package main

import (
	"encoding/binary"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// writeHuggingFace writes a directory as transformers reads it: config.json, and the tensors in one file, or in several
// with an index.
func writeHuggingFace(dir string, m *model, tensors []tensor, p *progress) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	shards := split(tensors, m.shard)
	if len(shards) == 1 {
		shards[0].name = "model.safetensors"
	} else if err := writeJSON(filepath.Join(dir, "model.safetensors.index.json"), index(shards)); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, "config.json"), m.huggingFaceConfig()); err != nil {
		return err
	}
	return writeSafetensors(dir, shards, p)
}

// writeOpenAI writes a directory as OpenAI's own code reads it: config.json and one file.
func writeOpenAI(dir string, m *model, tensors []tensor, p *progress) error {
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return err
	}
	if err := writeJSON(filepath.Join(dir, "config.json"), m.openAIConfig()); err != nil {
		return err
	}
	return writeSafetensors(dir, []shard{{"model.safetensors", tensors}}, p)
}

// A shard is one of the files of a checkpoint.
type shard struct {
	name    string
	tensors []tensor
}

// split begins a new file where a tensor would make the last one larger than limit.
func split(tensors []tensor, limit int64) []shard {
	var shards []shard
	size := int64(0)
	for _, t := range tensors {
		if len(shards) == 0 || size+t.bytes() > limit {
			shards, size = append(shards, shard{}), 0
		}
		last := &shards[len(shards)-1]
		last.tensors = append(last.tensors, t)
		size += t.bytes()
	}
	for i := range shards {
		shards[i].name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))
	}
	return shards
}

func index(shards []shard) any {
	total, files := int64(0), map[string]string{}
	for _, s := range shards {
		for i := range s.tensors {
			files[s.tensors[i].name] = s.name
			total += s.tensors[i].bytes()
		}
	}
	return map[string]any{"metadata": map[string]any{"total_size": total}, "weight_map": files}
}

func writeSafetensors(dir string, shards []shard, p *progress) error {
	headers := make([][]byte, len(shards))
	for i, s := range shards {
		header, data, err := safetensorsHeader(s.tensors)
		if err != nil {
			return err
		}
		headers[i] = header
		p.total += int64(len(header)) + data
	}
	for i, s := range shards {
		if err := writeFile(filepath.Join(dir, s.name), headers[i], s.tensors, 1, p); err != nil {
			return err
		}
	}
	return nil
}

// safetensorsHeader returns the head of a file, and the size of what follows it.
// Source: huggingface/safetensors, README, "Format".
func safetensorsHeader(tensors []tensor) (header []byte, data int64, err error) {
	type entry struct {
		Format  string   `json:"dtype"`
		Shape   []int    `json:"shape"`
		Offsets [2]int64 `json:"data_offsets"`
	}
	head := map[string]any{"__metadata__": map[string]string{"format": "pt"}}
	for i := range tensors {
		t := &tensors[i]
		head[t.name] = entry{t.format, t.shape, [2]int64{data, data + t.bytes()}}
		data += t.bytes()
	}
	text, err := json.Marshal(head)
	if err != nil {
		return nil, 0, err
	}
	for len(text)%8 != 0 {
		text = append(text, ' ')
	}
	return append(binary.LittleEndian.AppendUint64(nil, uint64(len(text))), text...), data, nil
}

func writeJSON(name string, value any) error {
	text, err := json.MarshalIndent(value, "", "  ")
	if err != nil {
		return err
	}
	return os.WriteFile(name, append(text, '\n'), 0o666)
}

// A float is written with a point, as Python's types insist.
type float float64

func (f float) MarshalJSON() ([]byte, error) {
	text := strconv.FormatFloat(float64(f), 'g', -1, 64)
	if !strings.ContainsAny(text, ".e") {
		text += ".0"
	}
	return []byte(text), nil
}

// huggingFaceConfig is config.json of transformers. Source of the names: openai/gpt-oss-20b, config.json.
func (m *model) huggingFaceConfig() any {
	kinds := make([]string, m.layers)
	for i := range kinds {
		kinds[i] = [2]string{"sliding_attention", "full_attention"}[i%2]
	}
	// Tokens that end a text; a small vocabulary has them too, as transformers insists.
	end, pad := min(200002, m.vocabulary-1), min(199999, m.vocabulary-1)
	return map[string]any{
		"architectures": []string{"GptOssForCausalLM"}, "model_type": "gpt_oss", "torch_dtype": "bfloat16",
		"num_hidden_layers": m.layers, "layer_types": kinds, "hidden_size": m.hidden, "vocab_size": m.vocabulary,
		"num_attention_heads": m.heads, "num_key_value_heads": m.kvHeads, "head_dim": m.headSize,
		"attention_bias": true, "attention_dropout": float(0), "sliding_window": m.window,
		"num_local_experts": m.experts, "num_experts_per_tok": m.activeExperts, "experts_per_token": m.activeExperts,
		"intermediate_size": m.expertSize, "hidden_act": "silu", "swiglu_limit": float(swigluLimit), "router_aux_loss_coef": 0.9,
		"rms_norm_eps": normEpsilon, "initializer_range": 0.02, "output_router_logits": false, "tie_word_embeddings": false,
		"initial_context_length": m.original, "max_position_embeddings": m.context(), "rope_theta": float(m.theta),
		"rope_scaling": map[string]any{"rope_type": "yarn", "factor": float(m.factor), "beta_fast": float(m.betaFast), "beta_slow": float(m.betaSlow),
			"original_max_position_embeddings": m.original, "truncate": false},
		"eos_token_id": end, "pad_token_id": pad, "use_cache": true,
		"quantization_config": map[string]any{"quant_method": "mxfp4", "modules_to_not_convert": []string{
			"model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"}},
	}
}

// openAIConfig is config.json of OpenAI's code. Source of the names: openai/gpt-oss, gpt_oss/torch/model.py, ModelConfig.
func (m *model) openAIConfig() any {
	return map[string]any{
		"num_hidden_layers": m.layers, "hidden_size": m.hidden, "vocab_size": m.vocabulary,
		"num_attention_heads": m.heads, "num_key_value_heads": m.kvHeads, "head_dim": m.headSize, "sliding_window": m.window,
		"num_experts": m.experts, "experts_per_token": m.activeExperts, "intermediate_size": m.expertSize, "swiglu_limit": float(swigluLimit),
		"initial_context_length": m.original, "rope_theta": float(m.theta), "rope_scaling_factor": float(m.factor),
		"rope_ntk_alpha": float(m.betaSlow), "rope_ntk_beta": float(m.betaFast),
	}
}
