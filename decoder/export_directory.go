package decoder

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

const indexFile = "model.safetensors.index.json"

// exportDirectory writes a directory in Hugging Face's layout.
func (x *exporter) exportDirectory() (*Exported, error) {
	p := x.directoryTensors(x.allPacked())
	x.total = totalSize(p.tensors)
	for _, format := range slices.Sorted(maps.Keys(p.widened)) {
		x.say("%d tensors of %s are F32 now: safetensors has no such format", p.widened[format], format)
	}
	if err := x.checkRoom(x.total); err != nil {
		return nil, err
	}
	temporary := x.temporary()
	if err := os.Mkdir(temporary, 0o777); err != nil {
		return nil, x.fail(pathCause(err), "cannot be written")
	}
	defer os.RemoveAll(temporary) // it is gone by then if all went well
	out := &Exported{Path: x.path}
	if err := x.fillDirectory(temporary, p, out); err != nil {
		return nil, err
	}
	if err := x.putDirectory(temporary); err != nil {
		return nil, err
	}
	out.Notes = x.notes
	return out, nil
}

// fillDirectory writes the files.
func (x *exporter) fillDirectory(dir string, p *plan, out *Exported) error {
	put := func(name string, write func(w *bufio.Writer) error) error {
		n, err := x.writeFile(filepath.Join(dir, name), write)
		out.Files, out.Bytes = append(out.Files, name), out.Bytes+n
		return err
	}
	shards := x.shards(p.tensors)
	index := map[string]string{}
	for i, shard := range shards {
		name := "model.safetensors"
		if len(shards) > 1 {
			name = fmt.Sprintf("model-%05d-of-%05d.safetensors", i+1, len(shards))
		}
		for j := range shard {
			index[shard[j].name] = name
		}
		if err := put(name, func(w *bufio.Writer) error { return x.writeSafetensors(w, shard) }); err != nil {
			return err
		}
	}
	small := x.directoryTokenizer()
	small["config.json"] = x.configJSON(p)
	if len(shards) > 1 {
		small[indexFile] = indented(map[string]any{"metadata": map[string]any{"total_size": x.total}, "weight_map": index})
	}
	for _, name := range slices.Sorted(maps.Keys(small)) {
		if err := put(name, func(w *bufio.Writer) error { _, err := w.Write(small[name]); return err }); err != nil {
			return err
		}
	}
	return nil
}

// shards spreads tensors over files. Within a file those with the largest elements come first, so that each is aligned.
func (x *exporter) shards(tensors []outTensor) [][]outTensor {
	var list [][]outTensor
	size := int64(0)
	for _, t := range tensors {
		if n := t.size(); len(list) == 0 || size+n > x.opts.ShardBytes {
			list, size = append(list, nil), 0
		}
		last := &list[len(list)-1]
		*last, size = append(*last, t), size+t.size()
	}
	for _, shard := range list {
		slices.SortStableFunc(shard, func(a, b outTensor) int {
			_, n := a.format.Block()
			_, m := b.format.Block()
			return m - n
		})
	}
	return list
}

// writeSafetensors writes one file. Source of the format: huggingface/safetensors, README.md.
func (x *exporter) writeSafetensors(w *bufio.Writer, tensors []outTensor) error {
	header := bytes.NewBufferString(`{"__metadata__":{"format":"pt"}`)
	offset := int64(0)
	for i := range tensors {
		t := &tensors[i]
		shape, err := json.Marshal(t.shape)
		if err != nil {
			return err
		}
		end := offset + t.size()
		fmt.Fprintf(header, `,%q:{"dtype":%q,"shape":%s,"data_offsets":[%d,%d]}`, t.name, t.format.String(), shape, offset, end)
		offset = end
	}
	header.WriteByte('}')
	for header.Len()%8 != 0 {
		header.WriteByte(' ')
	}
	var length [8]byte
	binary.LittleEndian.PutUint64(length[:], uint64(header.Len()))
	for _, b := range [][]byte{length[:], header.Bytes()} {
		if _, err := w.Write(b); err != nil {
			return err
		}
	}
	return x.writeTensors(w, tensors, 1)
}

// A pyFloat is a number that Python reads as a float, never as an int, which the classes of transformers 5 refuse.
type pyFloat float64

// MarshalJSON implements json.Marshaler.
func (f pyFloat) MarshalJSON() ([]byte, error) {
	b := strconv.AppendFloat(nil, float64(f), 'g', -1, 64)
	if !bytes.ContainsAny(b, ".e") {
		b = append(b, ".0"...)
	}
	return b, nil
}

// ropeJSON and configJSON have the members of config.json in the order in which openai/gpt-oss-20b has them.
// Source: huggingface/transformers, models/gpt_oss/configuration_gpt_oss.py.
type ropeJSON struct {
	Attention *pyFloat `json:"attention_factor,omitempty"`
	BetaFast  pyFloat  `json:"beta_fast"`
	BetaSlow  pyFloat  `json:"beta_slow"`
	Factor    pyFloat  `json:"factor"`
	Original  int      `json:"original_max_position_embeddings"`
	Type      string   `json:"rope_type"`
	Truncate  bool     `json:"truncate"`
}

type configJSON struct {
	Architectures     []string       `json:"architectures"`
	AttentionBias     bool           `json:"attention_bias"`
	AttentionDropout  pyFloat        `json:"attention_dropout"`
	EOS               *int           `json:"eos_token_id,omitempty"`
	ActiveExperts     int            `json:"experts_per_token"`
	HeadSize          int            `json:"head_dim"`
	Act               string         `json:"hidden_act"`
	Hidden            int            `json:"hidden_size"`
	Original          int            `json:"initial_context_length"`
	InitializerRange  pyFloat        `json:"initializer_range"`
	ExpertSize        int            `json:"intermediate_size"`
	LayerTypes        []string       `json:"layer_types"`
	Context           int            `json:"max_position_embeddings"`
	ModelType         string         `json:"model_type"`
	Heads             int            `json:"num_attention_heads"`
	ActiveExpertsToo  int            `json:"num_experts_per_tok"`
	Layers            int            `json:"num_hidden_layers"`
	KVHeads           int            `json:"num_key_value_heads"`
	Experts           int            `json:"num_local_experts"`
	OutputRouter      bool           `json:"output_router_logits"`
	Pad               *int           `json:"pad_token_id,omitempty"`
	Quantization      map[string]any `json:"quantization_config,omitempty"`
	Epsilon           pyFloat        `json:"rms_norm_eps"`
	Rope              ropeJSON       `json:"rope_scaling"`
	Theta             pyFloat        `json:"rope_theta"`
	RouterCoefficient pyFloat        `json:"router_aux_loss_coef"`
	Window            int            `json:"sliding_window"`
	Limit             pyFloat        `json:"swiglu_limit"`
	Tie               bool           `json:"tie_word_embeddings"`
	DType             string         `json:"torch_dtype"`
	Cache             bool           `json:"use_cache"`
	Vocabulary        int            `json:"vocab_size"`
}

// configJSON returns config.json.
func (x *exporter) configJSON(p *plan) []byte {
	c := &x.m.cfg
	j := configJSON{
		Architectures: []string{"GptOssForCausalLM"}, AttentionBias: true, ActiveExperts: c.ActiveExperts, HeadSize: c.HeadSize, Act: "silu",
		Hidden: c.Hidden, Original: c.Rope.Original, InitializerRange: .02, ExpertSize: c.ExpertSize, Context: c.Context, ModelType: "gpt_oss",
		Heads: c.Heads, ActiveExpertsToo: c.ActiveExperts, Layers: c.Layers, KVHeads: c.KVHeads, Experts: c.Experts, Epsilon: pyFloat(c.NormEpsilon),
		Rope: ropeJSON{BetaFast: pyFloat(c.Rope.BetaFast), BetaSlow: pyFloat(c.Rope.BetaSlow), Factor: pyFloat(c.Rope.Factor), Original: c.Rope.Original, Type: "yarn",
			Truncate: c.Rope.Truncate},
		Theta: pyFloat(c.Rope.Theta), RouterCoefficient: .9, Window: c.Window, Limit: pyFloat(c.SwiGLULimit), DType: dtypeOf(p.floats), Cache: true,
		Vocabulary: c.Vocabulary,
	}
	for _, sliding := range c.Sliding {
		kind := "full_attention"
		if sliding {
			kind = "sliding_attention"
		}
		j.LayerTypes = append(j.LayerTypes, kind)
	}
	if c.Rope.Attention != stretch(c.Rope.Factor) {
		a := pyFloat(c.Rope.Attention)
		j.Rope.Attention = &a
	}
	if c.Vocabulary == harmonyTokens {
		eos, pad := int(tokenizer.Return), int(tokenizer.EndOfText)
		j.EOS, j.Pad = &eos, &pad
	}
	if x.allPacked() {
		j.Quantization = map[string]any{"quant_method": "mxfp4", "modules_to_not_convert": []string{
			"model.layers.*.self_attn", "model.layers.*.mlp.router", "model.embed_tokens", "lm_head"}}
	}
	return indented(j)
}

// dtypeOf returns the type in which all numbers keep their value: a program that loads the weights makes all of them that.
func dtypeOf(formats map[kernel.Format]bool) string {
	switch {
	case len(formats) > 1 || formats[kernel.F32]:
		return "float32"
	case formats[kernel.F16]:
		return "float16"
	}
	return "bfloat16"
}

// indented returns JSON for people.
func indented(v any) []byte {
	b, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		panic(err) // only maps, strings and finite numbers come here
	}
	return append(b, '\n')
}
