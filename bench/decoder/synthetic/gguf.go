package main

import (
	"encoding/binary"
	"fmt"
	"math"
	"slices"
)

// GGUF, version 3. Source: ggml-org/ggml, docs/gguf.md; numbers of the types: include/ggml.h, enum ggml_type.
const ggufAlign = 32

var ggufTypes = map[string]uint32{"F32": 0, "Q8_0": 8, "BF16": 30, "MXFP4": 39}

// A keyValue is an item of metadata. Its value is a string, uint32, float32, []string or []int32.
type keyValue struct {
	key   string
	value any
}

func writeGGUF(name string, meta []keyValue, tensors []tensor, p *progress) error {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("GGUF"), 3)
	b = le.AppendUint64(b, uint64(len(tensors)))
	b = le.AppendUint64(b, uint64(len(meta)))
	for _, kv := range meta {
		b = appendValue(appendString(b, kv.key), kv.value)
	}
	offset := int64(0)
	for i := range tensors {
		t := &tensors[i]
		b = appendString(b, t.name)
		b = le.AppendUint32(b, uint32(len(t.shape)))
		for _, d := range slices.Backward(t.shape) { // fastest first
			b = le.AppendUint64(b, uint64(d))
		}
		b = le.AppendUint32(b, ggufTypes[t.format])
		b = le.AppendUint64(b, uint64(offset))
		offset += t.bytes() + int64(padding(t.bytes(), ggufAlign))
	}
	b = append(b, make([]byte, padding(int64(len(b)), ggufAlign))...)
	p.total = int64(len(b)) + offset
	return writeFile(name, b, tensors, ggufAlign, p)
}

func appendString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}

// appendValue writes the number of a value's type, and the value.
func appendValue(b []byte, value any) []byte {
	const uint32Type, int32Type, float32Type, stringType, arrayType = 4, 5, 6, 8, 9
	le := binary.LittleEndian
	switch v := value.(type) {
	case uint32:
		return le.AppendUint32(le.AppendUint32(b, uint32Type), v)
	case float32:
		return le.AppendUint32(le.AppendUint32(b, float32Type), math.Float32bits(v))
	case string:
		return appendString(le.AppendUint32(b, stringType), v)
	case []string:
		b = le.AppendUint32(le.AppendUint32(b, arrayType), stringType)
		b = le.AppendUint64(b, uint64(len(v)))
		for _, s := range v {
			b = appendString(b, s)
		}
		return b
	case []int32:
		b = le.AppendUint32(le.AppendUint32(b, arrayType), int32Type)
		b = le.AppendUint64(b, uint64(len(v)))
		for _, n := range v {
			b = le.AppendUint32(b, uint32(n))
		}
		return b
	}
	panic(fmt.Sprintf("synthetic: metadata of type %T", value))
}

// metadata is what llama.cpp reads of gpt-oss. Source of the keys: ggml-org/llama.cpp, gguf-py/gguf/constants.py.
func (m *model) metadata() []keyValue {
	const p = "gpt-oss."
	u := func(n int) uint32 { return uint32(n) }
	meta := []keyValue{
		{"general.architecture", "gpt-oss"},
		{"general.type", "model"},
		{"general.name", fmt.Sprintf("random weights, seed %d", m.seed)},
		{"general.quantization_version", uint32(2)},
		{"general.file_type", m.fileType()},
		{p + "block_count", u(m.layers)},
		{p + "context_length", u(m.context())},
		{p + "embedding_length", u(m.hidden)},
		{p + "feed_forward_length", u(m.expertSize)},
		{p + "expert_feed_forward_length", u(m.expertSize)},
		{p + "expert_count", u(m.experts)},
		{p + "expert_used_count", u(m.activeExperts)},
		{p + "attention.head_count", u(m.heads)},
		{p + "attention.head_count_kv", u(m.kvHeads)},
		{p + "attention.key_length", u(m.headSize)},
		{p + "attention.value_length", u(m.headSize)},
		{p + "attention.layer_norm_rms_epsilon", float32(normEpsilon)},
		{p + "attention.sliding_window", u(m.window)},
		{p + "rope.freq_base", float32(m.theta)},
		{p + "rope.scaling.type", "yarn"},
		{p + "rope.scaling.factor", float32(m.factor)},
		{p + "rope.scaling.original_context_length", u(m.original)},
		{p + "rope.scaling.yarn_beta_fast", float32(m.betaFast)},
		{p + "rope.scaling.yarn_beta_slow", float32(m.betaSlow)},
	}
	if m.vocabulary != harmonyVocabulary {
		return append(meta, keyValue{"tokenizer.ggml.model", "none"}, keyValue{p + "vocab_size", u(m.vocabulary)})
	}
	return append(meta, tokenizerMetadata()...)
}

// fileType says what most tensors are. Source: ggml-org/llama.cpp, include/llama.h, enum llama_ftype.
func (m *model) fileType() uint32 {
	switch m.expertFormat {
	case "f32":
		return 0 // LLAMA_FTYPE_ALL_F32
	case "bf16":
		return 32 // LLAMA_FTYPE_MOSTLY_BF16
	}
	return 38 // LLAMA_FTYPE_MOSTLY_MXFP4_MOE
}
