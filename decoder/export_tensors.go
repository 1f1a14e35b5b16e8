package decoder

import (
	"github.com/harmony-go/sdk/internal/kernel"
)

// plan collects the tensors of the new checkpoint.
type plan struct {
	x       *exporter
	gguf    bool
	tensors []outTensor
	floats  map[kernel.Format]bool // formats of what are numbers by themselves
	widened map[kernel.Format]int  // matrices that become F32, by the format they had
}

func (p *plan) add(name string, format kernel.Format, shape []int, emit func(e *emitter)) {
	if format != kernel.U8 {
		p.floats[format] = true
	}
	p.tensors = append(p.tensors, outTensor{name, format, shape, func(e *emitter) error {
		emit(e)
		return e.err
	}})
}

// vector adds numbers: F32 in GGUF, as llama.cpp wants them, else BF16 if that holds them.
func (p *plan) vector(name string, values []float32, shape ...int) {
	format := kernel.F32
	if !p.gguf && fitsBF16(values) {
		format = kernel.BF16
	}
	p.add(name, format, shape, func(e *emitter) { e.floats(values, format) })
}

// matrix adds a matrix in the format it has, or in F32.
func (p *plan) matrix(name string, m *kernel.Matrix) {
	format := p.formatOf(m)
	p.add(name, format, []int{m.Rows, m.Cols}, func(e *emitter) { e.rows(m, format) })
}

// formatOf returns the format that the new checkpoint has for a matrix.
func (p *plan) formatOf(m *kernel.Matrix) kernel.Format {
	switch {
	case m.Format == kernel.MXFP4Pairs && p.gguf:
		return kernel.MXFP4
	case p.gguf || m.Format <= kernel.BF16:
		return m.Format
	}
	p.widened[m.Format]++
	return kernel.F32
}

// router adds a router, which is small: as vectors are. Only another format than those of plain numbers stays as it is.
func (p *plan) router(name string, w *kernel.Weights) {
	m := w.Matrix
	if m.Format > kernel.BF16 {
		p.matrix(name, m)
		return
	}
	values := make([]float32, m.Rows*m.Cols)
	m.DecodeRows(values, 0, m.Rows)
	p.vector(name, values, m.Rows, m.Cols)
}

// matrices returns the matrices of weights.
func matrices(list []kernel.Weights) []*kernel.Matrix {
	all := make([]*kernel.Matrix, len(list))
	for i := range list {
		all[i] = list[i].Matrix
	}
	return all
}

// ggufTensors returns the tensors of a GGUF file. Names: ggml-org/llama.cpp, gguf-py/gguf/constants.py, MODEL_ARCH.GPT_OSS.
func (x *exporter) ggufTensors() *plan {
	p := &plan{x: x, gguf: true, floats: map[kernel.Format]bool{}, widened: map[kernel.Format]int{}}
	c, w := &x.m.cfg, x.m.weights
	p.matrix("token_embd.weight", &w.embedding)
	p.vector("output_norm.weight", w.norm, c.Hidden)
	p.matrix("output.weight", w.unembedding.Matrix)
	for n := range w.layers {
		l, b := &w.layers[n], layerName("blk.%d.", n)
		p.vector(b+"attn_norm.weight", l.attentionNorm, c.Hidden)
		p.projections(b, l, "attn_q", "attn_k", "attn_v", "attn_output")
		p.vector(b+"attn_sinks.weight", l.sinks, c.Heads)
		p.vector(b+"post_attention_norm.weight", l.mlpNorm, c.Hidden)
		p.router(b+"ffn_gate_inp.weight", &l.router)
		p.vector(b+"ffn_gate_inp.bias", l.routerBias, c.Experts)
		for _, a := range []struct {
			name string
			w    []kernel.Weights
			bias []float32
		}{{"ffn_gate_exps", l.gate, l.gateBias}, {"ffn_up_exps", l.up, l.upBias}, {"ffn_down_exps", l.down, l.downBias}} {
			p.experts(b+a.name+".weight", matrices(a.w))
			p.vector(b+a.name+".bias", a.bias, c.Experts, len(a.bias)/c.Experts)
		}
	}
	return p
}

// projections adds the matrices of attention, which have names, and their biases.
func (p *plan) projections(b string, l *layer, q, k, v, out string) {
	for _, a := range []struct {
		name string
		w    *kernel.Weights
		bias []float32
	}{{q, &l.q, l.qBias}, {k, &l.k, l.kBias}, {v, &l.v, l.vBias}, {out, &l.out, l.outBias}} {
		p.matrix(b+a.name+".weight", a.w.Matrix)
		p.vector(b+a.name+".bias", a.bias, len(a.bias))
	}
}

// experts adds matrices one after the other.
func (p *plan) experts(name string, list []*kernel.Matrix) {
	format := p.formatOf(list[0])
	p.add(name, format, []int{len(list), list[0].Rows, list[0].Cols}, func(e *emitter) {
		for _, m := range list {
			e.rows(m, format)
		}
	})
}

// directoryTensors returns the tensors of Hugging Face's layout.
// Names: huggingface/transformers, models/gpt_oss/modeling_gpt_oss.py and integrations/mxfp4.py.
func (x *exporter) directoryTensors(packed bool) *plan {
	p := &plan{x: x, floats: map[kernel.Format]bool{}, widened: map[kernel.Format]int{}}
	c, w := &x.m.cfg, x.m.weights
	p.matrix("model.embed_tokens.weight", &w.embedding)
	for n := range w.layers {
		l, b := &w.layers[n], layerName("model.layers.%d.", n)
		p.vector(b+"input_layernorm.weight", l.attentionNorm, c.Hidden)
		p.projections(b+"self_attn.", l, "q_proj", "k_proj", "v_proj", "o_proj")
		p.vector(b+"self_attn.sinks", l.sinks, c.Heads)
		p.vector(b+"post_attention_layernorm.weight", l.mlpNorm, c.Hidden)
		p.router(b+"mlp.router.weight", &l.router)
		p.vector(b+"mlp.router.bias", l.routerBias, c.Experts)
		p.directoryExperts(b+"mlp.experts.", l, packed)
	}
	p.vector("model.norm.weight", w.norm, c.Hidden)
	p.matrix("lm_head.weight", w.unembedding.Matrix)
	return p
}

// directoryExperts adds the experts of a layer: rows of gate and up in turn; packed, or dense and transposed.
func (p *plan) directoryExperts(b string, l *layer, packed bool) {
	c := &p.x.m.cfg
	both := make([]float32, 2*len(l.gateBias))
	for i := range l.gateBias {
		both[2*i], both[2*i+1] = l.gateBias[i], l.upBias[i]
	}
	gate, up, down := matrices(l.gate), matrices(l.up), matrices(l.down)
	pairs, singles := make([][]*kernel.Matrix, len(gate)), make([][]*kernel.Matrix, len(down))
	for i := range gate {
		pairs[i], singles[i] = []*kernel.Matrix{gate[i], up[i]}, []*kernel.Matrix{down[i]}
	}
	for _, a := range []struct {
		name string
		list [][]*kernel.Matrix
		bias []float32
	}{{"gate_up_proj", pairs, both}, {"down_proj", singles, l.downBias}} {
		rows, cols := len(a.list[0])*a.list[0][0].Rows, a.list[0][0].Cols
		if packed {
			p.packed(b+a.name+"_blocks", []int{c.Experts, rows, cols / 32, 16}, a.list, false)
			p.packed(b+a.name+"_scales", []int{c.Experts, rows, cols / 32}, a.list, true)
		} else {
			p.dense(b+a.name, []int{c.Experts, cols, rows}, a.list)
		}
		p.vector(b+a.name+"_bias", a.bias, c.Experts, rows)
	}
}

// packed adds the codes or the scales of MXFP4 experts.
func (p *plan) packed(name string, shape []int, list [][]*kernel.Matrix, scales bool) {
	p.add(name, kernel.U8, shape, func(e *emitter) {
		for _, group := range list {
			e.interleaved(group, scales)
		}
	})
}

// dense adds experts as numbers. Those of one tensor have one format: F32 if not all of them have another.
func (p *plan) dense(name string, shape []int, list [][]*kernel.Matrix) {
	format := list[0][0].Format
	for _, group := range list {
		for _, m := range group {
			if m.Format != format || m.Format > kernel.BF16 {
				format = kernel.F32
			}
		}
	}
	if had := list[0][0].Format; had > kernel.BF16 {
		p.widened[had]++
	}
	p.add(name, format, shape, func(e *emitter) {
		for _, group := range list {
			e.transposed(group, format)
		}
	})
}

// allPacked reports whether all experts are MXFP4: a directory has all of them packed or none.
func (x *exporter) allPacked() bool {
	for i := range x.m.weights.layers {
		l := &x.m.weights.layers[i]
		for _, list := range [][]kernel.Weights{l.gate, l.up, l.down} {
			for j := range list {
				if f := list[j].Matrix.Format; f != kernel.MXFP4 && f != kernel.MXFP4Pairs {
					return false
				}
			}
		}
	}
	return true
}
