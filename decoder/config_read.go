package decoder

import (
	"encoding/json"
	"fmt"
	"strconv"

	"github.com/harmony-go/sdk/internal/checkpoint"
)

// architecture is the name of the model's kind in GGUF metadata.
const architecture = "gpt-oss"

// readConfig reads the configuration of a checkpoint, in whichever of the three forms it has.
func readConfig(c *checkpoint.Checkpoint) (*Config, error) {
	var cfg *Config
	r := &configReader{file: c.ConfigPath, object: c.Config, meta: c.Meta}
	switch c.Layout {
	case checkpoint.HuggingFace:
		cfg = r.huggingFace()
	case checkpoint.Original:
		cfg = r.original()
	default:
		cfg = r.gguf()
	}
	if r.err != nil {
		return nil, r.err
	}
	if field, problem := cfg.check(); field != "" {
		return nil, &FileError{File: c.ConfigPath, What: field + ": " + problem}
	}
	return cfg, nil
}

// A configReader reads members of a config.json, or of GGUF metadata. Its first error sticks.
type configReader struct {
	file   string
	object map[string]json.RawMessage
	meta   map[string]checkpoint.Value
	err    error
}

// original reads OpenAI's form, which names neither the epsilon nor the kinds of layers.
// Source: openai/gpt-oss, gpt_oss/torch/model.py, ModelConfig and AttentionBlock.
func (r *configReader) original() *Config {
	factor, first := r.float("rope_scaling_factor"), r.int("initial_context_length")
	cfg := &Config{
		Layers: r.int("num_hidden_layers"), Hidden: r.int("hidden_size"), Heads: r.int("num_attention_heads"),
		KVHeads: r.int("num_key_value_heads"), HeadSize: r.int("head_dim"), Vocabulary: r.int("vocab_size"),
		Experts: r.int("num_experts"), ActiveExperts: r.int("experts_per_token"), ExpertSize: r.int("intermediate_size"),
		Window: r.int("sliding_window"), Context: contextOf(first, factor), NormEpsilon: 1e-5, SwiGLULimit: r.floatOr("swiglu_limit", 7),
		Rope: Rope{Theta: r.float("rope_theta"), Factor: factor, Original: first,
			BetaFast: r.float("rope_ntk_beta"), BetaSlow: r.float("rope_ntk_alpha"), Attention: stretch(factor)},
	}
	cfg.Sliding = alternating(cfg.Layers)
	return cfg
}

// huggingFace reads the form of transformers, where what may be missing has the value that GptOssConfig gives it.
// Source: huggingface/transformers, models/gpt_oss/configuration_gpt_oss.py.
func (r *configReader) huggingFace() *Config {
	r.expect("model_type", `"gpt_oss"`)
	r.expectIfThere("hidden_act", `"silu"`)
	r.expectIfThere("attention_bias", "true")
	r.expectIfThere("tie_word_embeddings", "false")
	if q := r.child("quantization_config"); q != nil {
		q.expect("quant_method", `"mxfp4"`)
		r.take(q)
	}
	cfg := &Config{
		Layers: r.int("num_hidden_layers"), Hidden: r.int("hidden_size"), Heads: r.int("num_attention_heads"),
		KVHeads: r.int("num_key_value_heads"), HeadSize: r.int("head_dim"), Vocabulary: r.int("vocab_size"),
		Experts: r.int("num_local_experts"), ActiveExperts: r.activeExperts(), ExpertSize: r.int("intermediate_size"),
		Window: r.int("sliding_window"), Context: r.int("max_position_embeddings"),
		NormEpsilon: r.floatOr("rms_norm_eps", 1e-5), SwiGLULimit: r.floatOr("swiglu_limit", 7),
		Rope: r.rope(),
	}
	cfg.Sliding = r.layerTypes(cfg.Layers)
	return cfg
}

// rope reads rope_scaling, or rope_parameters, where transformers 5 has put it together with rope_theta.
func (r *configReader) rope() Rope {
	s, theta := r.child("rope_scaling"), r
	if p := r.child("rope_parameters"); p != nil {
		s, theta = p, p
	}
	if s == nil {
		r.fail("rope_scaling", "expected the parameters of YaRN, found nothing")
		return Rope{}
	}
	s.expect("rope_type", `"yarn"`)
	rope := Rope{Theta: theta.float("rope_theta"), Factor: s.float("factor"), Original: s.int("original_max_position_embeddings"),
		BetaFast: s.floatOr("beta_fast", 32), BetaSlow: s.floatOr("beta_slow", 1), Truncate: s.boolOr("truncate", true)}
	rope.Attention = s.floatOr("attention_factor", stretch(rope.Factor))
	r.take(s)
	return rope
}

// activeExperts reads the number of experts of a token, which goes by two names that must agree.
func (r *configReader) activeExperts() int {
	const one, other = "num_experts_per_tok", "experts_per_token"
	if !r.there(one) {
		return r.int(other)
	}
	n := r.int(one)
	if r.there(other) && r.int(other) != n {
		r.fail(other, fmt.Sprintf("expected %d as %s says, found %s", n, one, r.object[other]))
	}
	return n
}

func (r *configReader) layerTypes(layers int) []bool {
	if !r.there("layer_types") {
		return alternating(layers)
	}
	var types []string
	if err := json.Unmarshal(r.object["layer_types"], &types); err != nil {
		r.fail("layer_types", "expected a list of names")
	}
	sliding := make([]bool, len(types))
	for i, t := range types {
		sliding[i] = t == "sliding_attention"
		if !sliding[i] && t != "full_attention" {
			r.fail("layer_types", fmt.Sprintf(`expected "sliding_attention" or "full_attention", found %s`, checkpoint.Quote(t)))
		}
	}
	return sliding
}

// gguf reads the metadata of a GGUF file, which tells neither which layers are sliding nor where activations are cut off, nor
// that the range of YaRN is not rounded: all three belong to the architecture.
// Source: ggml-org/llama.cpp, gguf-py/gguf/constants.py and src/llama-model.cpp.
func (r *configReader) gguf() *Config {
	const p = architecture + "."
	if t, ok := r.meta[p+"rope.scaling.type"].Text(); !ok || t != "yarn" {
		r.fail(p+"rope.scaling.type", fmt.Sprintf(`expected "yarn", found %s`, r.meta[p+"rope.scaling.type"]))
	}
	factor, size := r.metaFloat(p+"rope.scaling.factor"), r.metaInt(p+"attention.key_length")
	if v := r.metaInt(p + "attention.value_length"); v != size {
		r.fail(p+"attention.value_length", fmt.Sprintf("expected %d as the keys have, found %d", size, v))
	}
	cfg := &Config{
		Layers: r.metaInt(p + "block_count"), Hidden: r.metaInt(p + "embedding_length"), Heads: r.metaInt(p + "attention.head_count"),
		KVHeads: r.metaInt(p + "attention.head_count_kv"), HeadSize: size, Vocabulary: r.vocabulary(),
		Experts: r.metaInt(p + "expert_count"), ActiveExperts: r.metaInt(p + "expert_used_count"),
		ExpertSize: r.metaInt(p + "expert_feed_forward_length"),
		Window:     r.metaInt(p + "attention.sliding_window"), Context: r.metaInt(p + "context_length"),
		NormEpsilon: r.metaFloat(p + "attention.layer_norm_rms_epsilon"), SwiGLULimit: 7,
		Rope: Rope{Theta: r.metaFloat(p + "rope.freq_base"), Factor: factor, Original: r.metaInt(p + "rope.scaling.original_context_length"),
			BetaFast: r.metaFloatOr(p+"rope.scaling.yarn_beta_fast", 32), BetaSlow: r.metaFloatOr(p+"rope.scaling.yarn_beta_slow", 1),
			Attention: stretch(factor)},
	}
	cfg.Sliding = alternating(cfg.Layers)
	return cfg
}

// vocabulary returns the vocabulary size: the number of tokens the file lists, or of a file without a list what it says.
func (r *configReader) vocabulary() int {
	if t := r.meta["tokenizer.ggml.tokens"]; t.There() {
		return int(min(t.Len(), 1<<30))
	}
	return r.metaInt(architecture + ".vocab_size")
}

// alternating returns the kinds of layers of gpt-oss: sliding, full, sliding, … A negative or huge number is for check.
func alternating(layers int) []bool {
	sliding := make([]bool, min(max(layers, 0), 1<<12))
	for i := range sliding {
		sliding[i] = i%2 == 0
	}
	return sliding
}

// contextOf returns the product, or 0 where it is nonsense, which check refuses.
func contextOf(positions int, factor float64) int {
	n := float64(positions) * factor
	if !(n >= 1 && n < 1<<30) {
		return 0
	}
	return int(n)
}

func (r *configReader) fail(key, what string) {
	if r.err == nil {
		r.err = &FileError{File: r.file, Key: key, What: what}
	}
}

func (r *configReader) take(child *configReader) {
	if r.err == nil {
		r.err = child.err
	}
}

// there reports whether a member is there and not null.
func (r *configReader) there(key string) bool {
	raw, ok := r.object[key]
	return ok && string(raw) != "null"
}

func (r *configReader) found(key string) string {
	if !r.there(key) {
		return "nothing"
	}
	return checkpoint.Quote(string(r.object[key]))
}

func (r *configReader) expect(key, want string) {
	if string(r.object[key]) != want {
		r.fail(key, fmt.Sprintf("expected %s, found %s", want, r.found(key)))
	}
}

func (r *configReader) expectIfThere(key, want string) {
	if r.there(key) {
		r.expect(key, want)
	}
}

// child returns a reader of the object that a member is, or nil if there is none.
func (r *configReader) child(key string) *configReader {
	if !r.there(key) {
		return nil
	}
	c := &configReader{file: r.file}
	if err := json.Unmarshal(r.object[key], &c.object); err != nil {
		r.fail(key, "expected an object, found "+r.found(key))
	}
	return c
}

// int reads a whole number; Python may write it with a fraction of zero.
func (r *configReader) int(key string) int {
	f, err := strconv.ParseFloat(string(r.object[key]), 64)
	if err != nil || f != float64(int32(f)) {
		r.fail(key, "expected a whole number, found "+r.found(key))
		return 0
	}
	return int(f)
}

func (r *configReader) float(key string) float64 {
	f, err := strconv.ParseFloat(string(r.object[key]), 64)
	if err != nil {
		r.fail(key, "expected a number, found "+r.found(key))
	}
	return f
}

func (r *configReader) floatOr(key string, def float64) float64 {
	if !r.there(key) {
		return def
	}
	return r.float(key)
}

func (r *configReader) boolOr(key string, def bool) bool {
	switch {
	case !r.there(key):
		return def
	case string(r.object[key]) != "true" && string(r.object[key]) != "false":
		r.fail(key, "expected true or false, found "+r.found(key))
	}
	return string(r.object[key]) == "true"
}

func (r *configReader) metaInt(key string) int {
	n, ok := r.meta[key].Uint()
	if !ok || n > 1<<30 {
		r.fail(key, "expected a whole number, found "+r.meta[key].String())
		return 0
	}
	return int(n)
}

func (r *configReader) metaFloat(key string) float64 {
	f, ok := r.meta[key].Float()
	if !ok {
		r.fail(key, "expected a number, found "+r.meta[key].String())
	}
	return f
}

func (r *configReader) metaFloatOr(key string, def float64) float64 {
	if !r.meta[key].There() {
		return def
	}
	return r.metaFloat(key)
}
