package decoder

import (
	"bufio"
	"encoding/binary"
	"fmt"
	"math"
	"path/filepath"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
)

// ggufFileTypes are the numbers of general.file_type, which says what most matrices are. Source: ggml-org/llama.cpp, include/llama.h,
// enum llama_ftype.
var ggufFileTypes = map[kernel.Format]uint32{kernel.F32: 0, kernel.F16: 1, kernel.Q4_0: 2, kernel.Q8_0: 7, kernel.Q5_0: 8,
	kernel.Q4_K: 15, kernel.Q5_K: 17, kernel.Q6_K: 18, kernel.BF16: 32, kernel.MXFP4: 38}

// ggufAlign is the alignment of tensors where general.alignment says nothing. Source: ggml-org/ggml, docs/gguf.md.
const ggufAlign = 32

// exportGGUF writes a GGUF file of version 3.
func (x *exporter) exportGGUF() (*Exported, error) {
	if err := x.checkGGUF(); err != nil {
		return nil, err
	}
	p := x.ggufTensors()
	x.total = totalSize(p.tensors)
	meta := x.ggufMeta()
	header, err := ggufHeader(meta, p.tensors)
	if err != nil {
		return nil, x.fail(err, "header")
	}
	if err := x.checkRoom(int64(len(header)) + x.total); err != nil {
		return nil, err
	}
	temporary := x.temporary()
	size, err := x.writeFile(temporary, func(w *bufio.Writer) error {
		if _, err := w.Write(header); err != nil {
			return err
		}
		return x.writeTensors(w, p.tensors, ggufAlign)
	})
	if err != nil {
		return nil, err
	}
	if err := x.putFile(temporary); err != nil {
		return nil, err
	}
	return &Exported{Path: x.path, Files: []string{filepath.Base(x.path)}, Bytes: size, Notes: x.notes}, nil
}

// writeTensors writes tensors one after the other, each from a multiple of align on.
func (x *exporter) writeTensors(w *bufio.Writer, tensors []outTensor, align int64) error {
	e := &emitter{x: x, w: w}
	for i := range tensors {
		t := &tensors[i]
		before, size := x.done, t.size()
		if err := t.emit(e); err != nil {
			return err
		}
		if x.done-before != size {
			return fmt.Errorf("decoder: %s: %d bytes written, expected %d", t.name, x.done-before, size)
		}
		if _, err := w.Write(make([]byte, -size&(align-1))); err != nil {
			return err
		}
	}
	return nil
}

// checkGGUF refuses configurations that a GGUF file of gpt-oss cannot tell: readers take what it has no keys for from the
// architecture. Source: ggml-org/llama.cpp, src/llama-model.cpp and src/models.
func (x *exporter) checkGGUF() error {
	c := &x.m.cfg
	for n, sliding := range c.Sliding {
		if sliding != (n%2 == 0) {
			return x.fail(nil, "GGUF cannot tell which layers are sliding: expected every other one, from the first on, found layer %d otherwise", n)
		}
	}
	switch {
	case c.SwiGLULimit != 7:
		return x.fail(nil, "GGUF has no key for the limit of SwiGLU: expected 7, found %g", c.SwiGLULimit)
	case c.Rope.Truncate:
		return x.fail(nil, "GGUF has no key for a rounded range of YaRN, which this model has and gpt-oss has not")
	case c.Rope.Attention != stretch(c.Rope.Factor):
		return x.fail(nil, "GGUF has no key for the scale of attention: expected %g, found %g", stretch(c.Rope.Factor), c.Rope.Attention)
	}
	return nil
}

// A ggufValue is a string, uint32, float32, []string or []int32.
type ggufValue struct {
	key   string
	value any
}

// ggufMeta returns the metadata that llama.cpp's converter writes for gpt-oss.
// Source: ggml-org/llama.cpp, convert_hf_to_gguf.py, class GptOssModel, and gguf-py/gguf/constants.py.
func (x *exporter) ggufMeta() []ggufValue {
	c := &x.m.cfg
	list := []ggufValue{
		{"general.architecture", architecture}, {"general.type", "model"}, {"general.name", x.modelName()},
		{"general.file_type", ggufFileTypes[x.mostFormat()]}, {"general.quantization_version", uint32(2)},
	}
	for _, v := range []struct {
		key   string
		value int
	}{
		{"block_count", c.Layers}, {"context_length", c.Context}, {"embedding_length", c.Hidden}, {"feed_forward_length", c.ExpertSize},
		{"expert_feed_forward_length", c.ExpertSize}, {"expert_count", c.Experts}, {"expert_used_count", c.ActiveExperts},
		{"attention.head_count", c.Heads}, {"attention.head_count_kv", c.KVHeads}, {"attention.key_length", c.HeadSize},
		{"attention.value_length", c.HeadSize}, {"attention.sliding_window", c.Window}, {"vocab_size", c.Vocabulary},
		{"rope.scaling.original_context_length", c.Rope.Original},
	} {
		list = append(list, ggufValue{architecture + "." + v.key, uint32(v.value)})
	}
	list = append(list, ggufValue{architecture + ".rope.scaling.type", "yarn"})
	for _, v := range []struct {
		key   string
		value float64
	}{
		{"attention.layer_norm_rms_epsilon", c.NormEpsilon}, {"rope.freq_base", c.Rope.Theta}, {"rope.scaling.factor", c.Rope.Factor},
		{"rope.scaling.yarn_beta_fast", c.Rope.BetaFast}, {"rope.scaling.yarn_beta_slow", c.Rope.BetaSlow},
	} {
		list = append(list, ggufValue{architecture + "." + v.key, float32(v.value)})
		if key := v.key; float64(float32(v.value)) != v.value && key != "attention.layer_norm_rms_epsilon" {
			x.say("%s is %g, which GGUF holds as %g", key, v.value, float32(v.value))
		}
	}
	return append(list, x.ggufTokenizer()...)
}

// mostFormat returns the format of the experts, which most weights are.
func (x *exporter) mostFormat() kernel.Format {
	format := x.m.weights.layers[0].down[0].Matrix.Format
	if format == kernel.MXFP4Pairs {
		format = kernel.MXFP4
	}
	return format
}

// ggufHeader returns all that stands before the first tensor.
func ggufHeader(meta []ggufValue, tensors []outTensor) ([]byte, error) {
	le := binary.LittleEndian
	b := le.AppendUint32([]byte("GGUF"), 3)
	b = le.AppendUint64(b, uint64(len(tensors)))
	b = le.AppendUint64(b, uint64(len(meta)))
	for _, v := range meta {
		b = appendGGUFString(b, v.key)
		switch value := v.value.(type) {
		case uint32:
			b = le.AppendUint32(le.AppendUint32(b, 4), value)
		case float32:
			b = le.AppendUint32(le.AppendUint32(b, 6), math.Float32bits(value))
		case string:
			b = appendGGUFString(le.AppendUint32(b, 8), value)
		case []string:
			b = le.AppendUint64(le.AppendUint32(le.AppendUint32(b, 9), 8), uint64(len(value)))
			for _, s := range value {
				b = appendGGUFString(b, s)
			}
		case []int32:
			b = le.AppendUint64(le.AppendUint32(le.AppendUint32(b, 9), 5), uint64(len(value)))
			for _, n := range value {
				b = le.AppendUint32(b, uint32(n))
			}
		default:
			return nil, fmt.Errorf("metadata %s of type %T", v.key, value)
		}
	}
	offset := int64(0)
	for i := range tensors {
		t := &tensors[i]
		kind, ok := checkpoint.GGUFType(t.format)
		if !ok {
			return nil, fmt.Errorf("tensor %s of format %s", t.name, t.format)
		}
		b = appendGGUFString(b, t.name)
		b = le.AppendUint32(b, uint32(len(t.shape)))
		for j := len(t.shape) - 1; j >= 0; j-- {
			b = le.AppendUint64(b, uint64(t.shape[j]))
		}
		b = le.AppendUint32(b, kind)
		b = le.AppendUint64(b, uint64(offset))
		offset += (t.size() + ggufAlign - 1) &^ (ggufAlign - 1)
	}
	return append(b, make([]byte, -len(b)&(ggufAlign-1))...), nil
}

func appendGGUFString(b []byte, s string) []byte {
	return append(binary.LittleEndian.AppendUint64(b, uint64(len(s))), s...)
}
