package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"math"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/internal/kernel"
)

// checkpoints are what scripts can name as checkpoint/NAME: whole ones in each layout, and broken ones. Those in GGUF and in
// Hugging Face's layout hold zeros, "original" a model that computes.
var checkpoints = map[string]func(path string) error{
	"original": func(path string) error {
		r := checkpointtest.Recipes["a"]
		return errors.Join(os.Mkdir(path, 0o777), r.WriteOriginal(path))
	},
	"huggingface":       func(path string) error { return writeHuggingFace(path, nil) },
	"whole.gguf":        func(path string) error { return writeGGUF(path, nil, nil) },
	"long.gguf":         changedMeta("gpt-oss.context_length", uint32(131072)),
	"magic.gguf":        func(path string) error { return os.WriteFile(path, []byte("GGML and so on"), 0o666) },
	"architecture":      func(path string) error { return writeHuggingFace(path, map[string]any{"model_type": "llama"}) },
	"architecture.gguf": changedMeta("general.architecture", "qwen3moe"),
	"vocabulary.gguf":   changedMeta("tokenizer.ggml.tokens", []string{"a", "b"}),
	"experts.gguf":      changedMeta("gpt-oss.expert_used_count", uint32(9)),
	"missing.gguf": func(path string) error {
		return writeGGUF(path, nil, func(list []checkpointtest.Tensor) []checkpointtest.Tensor {
			return slices.DeleteFunc(list, func(t checkpointtest.Tensor) bool { return t.Name == "blk.1.attn_sinks.weight" })
		})
	},
	"misshapen.gguf": changedTensor("blk.0.ffn_up_exps.weight", func(t *checkpointtest.Tensor) { t.Shape = []int{4, 32, 64} }),
	"format.gguf": changedTensor("blk.0.attn_norm.weight", func(t *checkpointtest.Tensor) {
		t.Format, t.Data = kernel.Q8_0, make([]byte, 2*34)
	}),
	"overlap.gguf": changedTensor("blk.0.attn_norm.weight", func(t *checkpointtest.Tensor) { t.Data = t.Data[:128] }),
	"vector.gguf":  changedTensor("blk.0.attn_q.bias", func(t *checkpointtest.Tensor) { copy(t.Data[20:], "\x00\x00\xc0\x7f") }),
	"scale.gguf":   changedTensor("blk.1.ffn_down_exps.weight", func(t *checkpointtest.Tensor) { t.Data[5*17] = 255 }),
	"weight.gguf":  changedTensor("output.weight", func(t *checkpointtest.Tensor) { copy(t.Data[2*777:], "\x80\x7f") }),
	"truncated.gguf": func(path string) error {
		return cutOff(path, writeGGUF(path, nil, nil))
	},
	"truncated": func(path string) error {
		err := writeHuggingFace(path, nil)
		return cutOff(filepath.Join(path, "model.safetensors"), err)
	},
	"empty": func(path string) error { return os.Mkdir(path, 0o777) },
	"config": func(path string) error {
		return writeHuggingFace(path, map[string]any{"num_key_value_heads": 3})
	},
}

// writeCheckpoints writes the checkpoints that command lines of a script name.
func writeCheckpoints(t *testing.T, dir string, sections []*section) {
	for _, s := range sections {
		for word := range strings.FieldsSeq(s.body) {
			name, ok := strings.CutPrefix(word, "checkpoint/")
			if s.name != "run" || !ok || checkpoints[name] == nil {
				continue
			}
			path := filepath.Join(dir, "checkpoint", name)
			if _, err := os.Stat(path); err == nil {
				continue
			}
			if err := os.MkdirAll(filepath.Join(dir, "checkpoint"), 0o777); err != nil {
				t.Fatal(err)
			}
			if err := checkpoints[name](path); err != nil {
				t.Fatal(err)
			}
		}
	}
}

// cutOff takes the second half of a file away.
func cutOff(path string, err error) error {
	info, e := os.Stat(path)
	if err == nil {
		err = e
	}
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()/2)
}

// changedMeta returns what writes a GGUF file with other metadata.
func changedMeta(key string, value any) func(string) error {
	return func(path string) error { return writeGGUF(path, map[string]any{key: value}, nil) }
}

// changedTensor returns what writes a GGUF file with another tensor.
func changedTensor(name string, change func(*checkpointtest.Tensor)) func(string) error {
	return func(path string) error {
		found := false
		err := writeGGUF(path, nil, func(list []checkpointtest.Tensor) []checkpointtest.Tensor {
			for i := range list {
				if list[i].Name == name {
					change(&list[i])
					found = true
				}
			}
			return list
		})
		if err == nil && !found {
			err = fmt.Errorf("no tensor %s", name)
		}
		return err
	}
}

// writeGGUF writes a model with two layers of a hidden size of 64, two heads of 32 on one kv head, four experts of 64 and a
// vocabulary of 96.
func writeGGUF(path string, other map[string]any, change func([]checkpointtest.Tensor) []checkpointtest.Tensor) error {
	const p = "gpt-oss."
	values := map[string]any{"general.architecture": "gpt-oss", p + "block_count": uint32(2), p + "context_length": uint32(8192),
		p + "embedding_length": uint32(64), p + "expert_feed_forward_length": uint32(64), p + "expert_count": uint32(4), p + "expert_used_count": uint32(2),
		p + "attention.head_count": uint32(2), p + "attention.head_count_kv": uint32(1), p + "attention.key_length": uint32(32),
		p + "attention.value_length": uint32(32), p + "attention.sliding_window": uint32(16), p + "attention.layer_norm_rms_epsilon": float32(1e-5),
		p + "rope.freq_base": float32(150000), p + "rope.scaling.type": "yarn", p + "rope.scaling.factor": float32(32),
		p + "rope.scaling.original_context_length": uint32(256), p + "vocab_size": uint32(96)}
	maps.Copy(values, other)
	var meta []checkpointtest.KeyValue
	for _, key := range slices.Sorted(maps.Keys(values)) {
		meta = append(meta, checkpointtest.KeyValue{Key: key, Value: values[key]})
	}
	list := zeros(kernel.BF16, "token_embd.weight", 96, 64)
	list = append(list, zeros(kernel.F32, "output_norm.weight", 64)...)
	list = append(list, zeros(kernel.BF16, "output.weight", 96, 64)...)
	for n := range 2 {
		add := func(f kernel.Format, name string, shape ...int) {
			list = append(list, zeros(f, fmt.Sprintf("blk.%d.%s", n, name), shape...)...)
		}
		for name, rows := range map[string][2]int{"attn_q": {64, 64}, "attn_k": {32, 64}, "attn_v": {32, 64}, "attn_output": {64, 64}} {
			add(kernel.Q8_0, name+".weight", rows[0], rows[1])
			add(kernel.F32, name+".bias", rows[0])
		}
		for name, size := range map[string]int{"attn_norm.weight": 64, "post_attention_norm.weight": 64, "attn_sinks.weight": 2, "ffn_gate_inp.bias": 4} {
			add(kernel.F32, name, size)
		}
		add(kernel.F32, "ffn_gate_inp.weight", 4, 64)
		for _, name := range []string{"gate", "up", "down"} {
			add(kernel.MXFP4, "ffn_"+name+"_exps.weight", 4, 64, 64)
			add(kernel.F32, "ffn_"+name+"_exps.bias", 4, 64)
		}
	}
	slices.SortFunc(list, func(a, b checkpointtest.Tensor) int { return strings.Compare(a.Name, b.Name) })
	if change != nil {
		list = change(list)
	}
	return os.WriteFile(path, checkpointtest.GGUF(meta, list), 0o666)
}

// zeros returns a tensor of zeros, as a list of one.
func zeros(f kernel.Format, name string, shape ...int) []checkpointtest.Tensor {
	elements, bytes := f.Block()
	n := 1
	for _, d := range shape {
		n *= d
	}
	return []checkpointtest.Tensor{{Name: name, Format: f, Shape: shape, Data: make([]byte, n/elements*bytes)}}
}

// writeHuggingFace writes the same model into a directory, in Hugging Face's layout.
func writeHuggingFace(dir string, other map[string]any) error {
	config := map[string]any{"model_type": "gpt_oss", "num_hidden_layers": 2, "hidden_size": 64, "num_attention_heads": 2, "num_key_value_heads": 1,
		"head_dim": 32, "vocab_size": 96, "num_local_experts": 4, "num_experts_per_tok": 2, "intermediate_size": 64, "sliding_window": 16,
		"max_position_embeddings": 8192, "rope_theta": 150000, "quantization_config": map[string]any{"quant_method": "mxfp4"},
		"rope_scaling": map[string]any{"rope_type": "yarn", "factor": 32, "beta_fast": 32, "beta_slow": 1, "original_max_position_embeddings": 256, "truncate": false}}
	maps.Copy(config, other)
	text, err := json.Marshal(config)
	if err != nil {
		return err
	}
	var list []checkpointtest.Tensor
	add := func(f kernel.Format, name string, shape ...int) { list = append(list, zeros(f, name, shape...)...) }
	add(kernel.BF16, "model.embed_tokens.weight", 96, 64)
	add(kernel.BF16, "model.norm.weight", 64)
	add(kernel.BF16, "lm_head.weight", 96, 64)
	for n := range 2 {
		p := fmt.Sprintf("model.layers.%d.", n)
		for name, rows := range map[string][2]int{"q": {64, 64}, "k": {32, 64}, "v": {32, 64}, "o": {64, 64}} {
			add(kernel.BF16, p+"self_attn."+name+"_proj.weight", rows[0], rows[1])
			add(kernel.BF16, p+"self_attn."+name+"_proj.bias", rows[0])
		}
		for name, shape := range map[string][]int{"input_layernorm.weight": {64}, "post_attention_layernorm.weight": {64}, "self_attn.sinks": {2},
			"mlp.router.weight": {4, 64}, "mlp.router.bias": {4}, "mlp.experts.gate_up_proj_bias": {4, 128}, "mlp.experts.down_proj_bias": {4, 64}} {
			add(kernel.BF16, p+name, shape...)
		}
		for name, rows := range map[string]int{"gate_up": 128, "down": 64} {
			add(kernel.U8, p+"mlp.experts."+name+"_proj_blocks", 4, rows, 2, 16)
			add(kernel.U8, p+"mlp.experts."+name+"_proj_scales", 4, rows, 2)
		}
	}
	slices.SortFunc(list, func(a, b checkpointtest.Tensor) int { return strings.Compare(a.Name, b.Name) })
	if err := os.Mkdir(dir, 0o777); err != nil {
		return err
	}
	if err := os.WriteFile(filepath.Join(dir, "config.json"), text, 0o666); err != nil {
		return err
	}
	return os.WriteFile(filepath.Join(dir, "model.safetensors"), checkpointtest.Safetensors(list), 0o666)
}

// TestBytesText: three digits, and never four.
func TestBytesText(t *testing.T) {
	for n, want := range map[int64]string{0: "0 bytes", 1: "1 byte", 999: "999 bytes", 1000: "1.00 kB", 1005: "1.00 kB", 1006: "1.01 kB", 9995: "9.99 kB",
		12345: "12.3 kB", 99949: "99.9 kB", 99951: "100 kB", 999499: "999 kB", 999500: "1.00 MB", 12109549696: "12.1 GB", 999_600_000_000: "1.00 TB", math.MaxInt64: "9223372 TB"} {
		if got := bytesText(n); got != want {
			t.Errorf("%d: %s, want %s", n, got, want)
		}
	}
}

// TestMeter: a line stands over the one before, and nothing stays.
func TestMeter(t *testing.T) {
	r, w, err := os.Pipe()
	if err != nil {
		t.Fatal(err)
	}
	m := &meter{to: w, what: "packing x"}
	m.bytes(0, 20000)
	m.bytes(10, 20000) // too soon after
	m.bytes(20000, 20000)
	m.begin("reading")
	m.clear()
	m.clear()
	w.Close()
	var got [1000]byte
	n, _ := r.Read(got[:])
	want := "\rpacking x:   0 %, 0 bytes of 20.0 kB" + "\rpacking x: 100 %, 20.0 kB of 20.0 kB" + "\rreading" + strings.Repeat(" ", 29) + "\r       \r"
	if string(got[:n]) != want {
		t.Errorf("%q\nwant\n%q", got[:n], want)
	}
	silent := (&session{stderr: w}).newMeter("x")
	silent.begin("y")
	silent.tokens(1, 2)
	silent.clear()
}
