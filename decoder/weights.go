package decoder

import (
	"fmt"

	"github.com/harmony-go/sdk/internal/checkpoint"
	"github.com/harmony-go/sdk/internal/kernel"
)

// weights are the parameters of a model. Matrices are views of the checkpoint's bytes, in whatever format it has, packed or not;
// vectors are copies in float32. All of it is immutable once the model is open.
type weights struct {
	embedding   kernel.Matrix  // [V,D]
	layers      []layer        // [L]
	norm        []float32      // [D]
	unembedding kernel.Weights // [V,D]

	mapped bool // some of it is not packed
}

// layer holds the parameters of one layer.
type layer struct {
	attentionNorm       []float32      // [D]
	q, k, v             kernel.Weights // [H*E,D], [K*E,D], [K*E,D]
	qBias, kBias, vBias []float32      // [H*E], [K*E], [K*E]
	sinks               []float32      // [H]
	out                 kernel.Weights // [D,H*E]
	outBias             []float32      // [D]

	mlpNorm          []float32        // [D]
	router           kernel.Weights   // [X,D]
	routerBias       []float32        // [X]
	gate, up         []kernel.Weights // [X] of [I,D]
	gateBias, upBias []float32        // [X,I]
	down             []kernel.Weights // [X] of [D,I]
	downBias         []float32        // [X,D]
}

// loadWeights finds all tensors of a model in a checkpoint. A tensor that is missing, has another shape or another format than
// it can have, or is not one of the model's, is an error.
func loadWeights(c *checkpoint.Checkpoint, cfg *Config) (*weights, error) {
	l := &loader{c: c, cfg: cfg, used: map[string]bool{}}
	w := &weights{layers: make([]layer, cfg.Layers)}
	names := tensorNames[c.Layout]
	w.embedding = l.matrix(names.embedding, cfg.Vocabulary, cfg.Hidden)
	w.norm = l.vector(names.norm, cfg.Hidden)
	w.unembedding = l.weights(names.unembedding, cfg.Vocabulary, cfg.Hidden)
	for n := range w.layers {
		if l.err == nil {
			l.layer(&w.layers[n], n)
		}
	}
	if l.err == nil {
		l.checkUnused()
	}
	if l.err != nil {
		return nil, fileError(l.err)
	}
	return w, nil
}

// names are the names of the tensors that all layouts arrange in the same way. %d is the layer.
type names struct {
	embedding, norm, unembedding                                    string
	attentionNorm, sinks, out, outBias, mlpNorm, router, routerBias string
}

var tensorNames = map[checkpoint.Layout]names{
	checkpoint.HuggingFace: {
		"model.embed_tokens.weight", "model.norm.weight", "lm_head.weight",
		"model.layers.%d.input_layernorm.weight", "model.layers.%d.self_attn.sinks",
		"model.layers.%d.self_attn.o_proj.weight", "model.layers.%d.self_attn.o_proj.bias",
		"model.layers.%d.post_attention_layernorm.weight", "model.layers.%d.mlp.router.weight", "model.layers.%d.mlp.router.bias",
	},
	checkpoint.Original: {
		"embedding.weight", "norm.scale", "unembedding.weight",
		"block.%d.attn.norm.scale", "block.%d.attn.sinks", "block.%d.attn.out.weight", "block.%d.attn.out.bias",
		"block.%d.mlp.norm.scale", "block.%d.mlp.gate.weight", "block.%d.mlp.gate.bias",
	},
	checkpoint.GGUF: {
		"token_embd.weight", "output_norm.weight", "output.weight",
		"blk.%d.attn_norm.weight", "blk.%d.attn_sinks.weight", "blk.%d.attn_output.weight", "blk.%d.attn_output.bias",
		"blk.%d.post_attention_norm.weight", "blk.%d.ffn_gate_inp.weight", "blk.%d.ffn_gate_inp.bias",
	},
}

// layer finds the tensors of layer n.
func (l *loader) layer(w *layer, n int) {
	c, names := l.cfg, tensorNames[l.c.Layout]
	l.n = n
	w.attentionNorm = l.vector(names.attentionNorm, c.Hidden)
	w.sinks = l.vector(names.sinks, c.Heads)
	w.out, w.outBias = l.weights(names.out, c.Hidden, c.Heads*c.HeadSize), l.vector(names.outBias, c.Hidden)
	w.mlpNorm = l.vector(names.mlpNorm, c.Hidden)
	w.router, w.routerBias = l.weights(names.router, c.Experts, c.Hidden), l.vector(names.routerBias, c.Experts)
	switch l.c.Layout {
	case checkpoint.HuggingFace:
		l.splitAttention(w, "model.layers.%d.self_attn.q_proj.", "model.layers.%d.self_attn.k_proj.", "model.layers.%d.self_attn.v_proj.")
		const experts = "model.layers.%d.mlp.experts."
		l.pairedExperts(w, expertNames{experts + "gate_up_proj_blocks", experts + "gate_up_proj_scales", experts + "gate_up_proj",
			experts + "gate_up_proj_bias", experts + "down_proj_blocks", experts + "down_proj_scales", experts + "down_proj", experts + "down_proj_bias"})
	case checkpoint.Original:
		l.fusedAttention(w)
		const mlp = "block.%d.mlp."
		l.pairedExperts(w, expertNames{mlp + "mlp1_weight.blocks", mlp + "mlp1_weight.scales", "", mlp + "mlp1_bias",
			mlp + "mlp2_weight.blocks", mlp + "mlp2_weight.scales", "", mlp + "mlp2_bias"})
	case checkpoint.GGUF:
		l.splitAttention(w, "blk.%d.attn_q.", "blk.%d.attn_k.", "blk.%d.attn_v.")
		l.splitExperts(w)
	}
}

// splitAttention finds q, k and v where each has a tensor.
func (l *loader) splitAttention(w *layer, q, k, v string) {
	c := l.cfg
	queries, keys := c.Heads*c.HeadSize, c.KVHeads*c.HeadSize
	w.q, w.qBias = l.weights(q+"weight", queries, c.Hidden), l.vector(q+"bias", queries)
	w.k, w.kBias = l.weights(k+"weight", keys, c.Hidden), l.vector(k+"bias", keys)
	w.v, w.vBias = l.weights(v+"weight", keys, c.Hidden), l.vector(v+"bias", keys)
}

// fusedAttention finds q, k and v in one tensor: rows of q, then of k, then of v.
func (l *loader) fusedAttention(w *layer) {
	c := l.cfg
	queries, keys := c.Heads*c.HeadSize, c.KVHeads*c.HeadSize
	m, bias := l.matrix("block.%d.attn.qkv.weight", queries+2*keys, c.Hidden), l.vector("block.%d.attn.qkv.bias", queries+2*keys)
	if l.err != nil {
		return
	}
	w.q, w.k, w.v = weightsOf(rows(m, 0, queries)), weightsOf(rows(m, queries, keys)), weightsOf(rows(m, queries+keys, keys))
	w.qBias, w.kBias, w.vBias = bias[:queries], bias[queries:queries+keys], bias[queries+keys:]
}

// weightsOf returns the weights of a matrix that is not packed.
func weightsOf(m kernel.Matrix) kernel.Weights { return kernel.NewWeights(&m, nil) }

// weightsOfAll returns the weights of matrices that are not packed.
func weightsOfAll(list []kernel.Matrix) []kernel.Weights {
	all := make([]kernel.Weights, len(list))
	for i := range list {
		all[i] = kernel.NewWeights(&list[i], nil)
	}
	return all
}

// rows returns n rows of a matrix.
func rows(m kernel.Matrix, from, n int) kernel.Matrix {
	m.Data, m.Rows = m.Data[from*m.Stride:], n
	return m
}

// expertNames are the names of the experts' tensors in the layouts that interleave gate and up.
type expertNames struct {
	blocks, scales, dense, bias                 string
	downBlocks, downScales, downDense, downBias string
}

// pairedExperts finds the experts where row 2i of a matrix is row i of the gate and row 2i+1 row i of up: packed, in two tensors
// of codes and scales, or dense. A dense tensor is transposed, [X, inputs, outputs], which no shape tells when D is I.
// Sources: openai/gpt-oss, gpt_oss/torch/weights.py; huggingface/transformers, modeling_gpt_oss.py, GptOssExperts.
func (l *loader) pairedExperts(w *layer, n expertNames) {
	c := l.cfg
	x, d, i := c.Experts, c.Hidden, c.ExpertSize
	var both, down []kernel.Matrix
	if n.dense != "" && l.has(n.dense) {
		both, down = l.denseExperts(n.dense, 2*i, d), l.denseExperts(n.downDense, d, i)
	} else {
		both, down = l.packedExperts(n.blocks, n.scales, 2*i, d), l.packedExperts(n.downBlocks, n.downScales, d, i)
	}
	w.down = weightsOfAll(down)
	bias := l.floats(n.bias, x, 2*i)
	w.downBias = l.floats(n.downBias, x, d)
	if l.err != nil {
		return
	}
	w.gate, w.up = make([]kernel.Weights, x), make([]kernel.Weights, x)
	for e := range both {
		w.gate[e], w.up[e] = weightsOf(everySecond(both[e], 0)), weightsOf(everySecond(both[e], 1))
	}
	w.gateBias, w.upBias = make([]float32, x*i), make([]float32, x*i)
	for j := range w.gateBias {
		w.gateBias[j], w.upBias[j] = bias[2*j], bias[2*j+1]
	}
}

// everySecond returns the rows of m from first on, leaving out every other one.
func everySecond(m kernel.Matrix, first int) kernel.Matrix {
	m.Data = m.Data[first*m.Stride:]
	if m.Scales != nil {
		m.Scales = m.Scales[first*m.ScaleStride:]
	}
	m.Rows, m.Stride, m.ScaleStride = m.Rows/2, 2*m.Stride, 2*m.ScaleStride
	return m
}

// splitExperts finds the experts of GGUF, where gate and up have a tensor each.
func (l *loader) splitExperts(w *layer) {
	c := l.cfg
	x, d, i := c.Experts, c.Hidden, c.ExpertSize
	w.gate, w.gateBias = l.experts("blk.%d.ffn_gate_exps.weight", x, i, d), l.floats("blk.%d.ffn_gate_exps.bias", x, i)
	w.up, w.upBias = l.experts("blk.%d.ffn_up_exps.weight", x, i, d), l.floats("blk.%d.ffn_up_exps.bias", x, i)
	w.down, w.downBias = l.experts("blk.%d.ffn_down_exps.weight", x, d, i), l.floats("blk.%d.ffn_down_exps.bias", x, d)
}

// layerName puts the number of a layer into a name.
func layerName(format string, n int) string {
	for i := range len(format) - 1 {
		if format[i] == '%' {
			return fmt.Sprintf(format, n)
		}
	}
	return format
}
