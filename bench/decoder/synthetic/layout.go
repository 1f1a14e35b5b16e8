package main

import "fmt"

// The names that the three layouts have for the tensors, and how they arrange them.
// Sources: ggml-org/llama.cpp, gguf-py/gguf/constants.py and conversion of gpt-oss; huggingface/transformers,
// models/gpt_oss/modeling_gpt_oss.py; openai/gpt-oss, gpt_oss/torch/weights.py and model.py.

// ggufTensors keeps gate and up apart, and codes and scales together.
func (m *model) ggufTensors() []tensor {
	p := &parts{m, upper(m.rest), "F32"}
	list := []tensor{p.embedding().as("token_embd.weight", m.vocabulary, m.hidden)}
	for n := range m.layers {
		own, layer := fmt.Sprintf("layer %d ", n), fmt.Sprintf("blk.%d.", n)
		list = append(list, p.norm(own+"attention norm").as(layer+"attn_norm.weight", m.hidden))
		for _, which := range []string{"q", "k", "v"} {
			w, b := p.attention(own, which)
			list = append(list, w.as(layer+"attn_"+which+".weight", w.rows, m.hidden), b.as(layer+"attn_"+which+".bias", w.rows))
		}
		out, outBias := p.out(own)
		router, routerBias := p.router(own)
		list = append(list,
			out.as(layer+"attn_output.weight", m.hidden, m.queries()), outBias.as(layer+"attn_output.bias", m.hidden),
			p.sinks(own).as(layer+"attn_sinks.weight", m.heads),
			p.norm(own+"mlp norm").as(layer+"post_attention_norm.weight", m.hidden),
			router.as(layer+"ffn_gate_inp.weight", m.experts, m.hidden), routerBias.as(layer+"ffn_gate_inp.bias", m.experts))
		for _, which := range []string{"gate", "up", "down"} {
			rows, columns := m.expertShape(which)
			list = append(list,
				p.expert(own, which, upper(m.expertFormat)).as(layer+"ffn_"+which+"_exps.weight", m.experts, rows, columns),
				p.expertBias(own, which).as(layer+"ffn_"+which+"_exps.bias", m.experts, rows))
		}
	}
	return append(list, p.norm("norm").as("output_norm.weight", m.hidden),
		p.unembedding().as("output.weight", m.vocabulary, m.hidden))
}

// huggingFaceTensors interleaves the rows of gate and up.
func (m *model) huggingFaceTensors() []tensor {
	p := &parts{m, "BF16", "BF16"}
	list := []tensor{p.embedding().as("model.embed_tokens.weight", m.vocabulary, m.hidden)}
	for n := range m.layers {
		own, layer := fmt.Sprintf("layer %d ", n), fmt.Sprintf("model.layers.%d.", n)
		list = append(list, p.norm(own+"attention norm").as(layer+"input_layernorm.weight", m.hidden))
		for _, which := range []string{"q", "k", "v"} {
			w, b := p.attention(own, which)
			attention := layer + "self_attn." + which + "_proj."
			list = append(list, w.as(attention+"weight", w.rows, m.hidden), b.as(attention+"bias", w.rows))
		}
		out, outBias := p.out(own)
		router, routerBias := p.router(own)
		list = append(list,
			out.as(layer+"self_attn.o_proj.weight", m.hidden, m.queries()), outBias.as(layer+"self_attn.o_proj.bias", m.hidden),
			p.sinks(own).as(layer+"self_attn.sinks", m.heads),
			p.norm(own+"mlp norm").as(layer+"post_attention_layernorm.weight", m.hidden),
			router.as(layer+"mlp.router.weight", m.experts, m.hidden), routerBias.as(layer+"mlp.router.bias", m.experts))
		experts := layer + "mlp.experts."
		list = append(list, p.pairedExperts(own,
			[3]string{experts + "gate_up_proj_blocks", experts + "gate_up_proj_scales", experts + "gate_up_proj_bias"},
			[3]string{experts + "down_proj_blocks", experts + "down_proj_scales", experts + "down_proj_bias"})...)
	}
	return append(list, p.norm("norm").as("model.norm.weight", m.hidden),
		p.unembedding().as("lm_head.weight", m.vocabulary, m.hidden))
}

// openAITensors is like Hugging Face's layout with q, k and v in one tensor.
func (m *model) openAITensors() []tensor {
	p := &parts{m, "BF16", "BF16"}
	list := []tensor{p.embedding().as("embedding.weight", m.vocabulary, m.hidden)}
	for n := range m.layers {
		own, layer := fmt.Sprintf("layer %d ", n), fmt.Sprintf("block.%d.", n)
		q, qBias := p.attention(own, "q")
		k, kBias := p.attention(own, "k")
		v, vBias := p.attention(own, "v")
		rows := m.queries() + 2*m.keys()
		out, outBias := p.out(own)
		router, routerBias := p.router(own)
		list = append(list,
			p.norm(own+"attention norm").as(layer+"attn.norm.scale", m.hidden),
			below(q, k, v).as(layer+"attn.qkv.weight", rows, m.hidden),
			sideBySide(qBias, kBias, vBias).as(layer+"attn.qkv.bias", rows),
			p.sinks(own).as(layer+"attn.sinks", m.heads),
			out.as(layer+"attn.out.weight", m.hidden, m.queries()), outBias.as(layer+"attn.out.bias", m.hidden),
			p.norm(own+"mlp norm").as(layer+"mlp.norm.scale", m.hidden),
			router.as(layer+"mlp.gate.weight", m.experts, m.hidden), routerBias.as(layer+"mlp.gate.bias", m.experts))
		mlp := layer + "mlp."
		list = append(list, p.pairedExperts(own,
			[3]string{mlp + "mlp1_weight.blocks", mlp + "mlp1_weight.scales", mlp + "mlp1_bias"},
			[3]string{mlp + "mlp2_weight.blocks", mlp + "mlp2_weight.scales", mlp + "mlp2_bias"})...)
	}
	return append(list, p.norm("norm").as("norm.scale", m.hidden),
		p.unembedding().as("unembedding.weight", m.vocabulary, m.hidden))
}

// pairedExperts are the six tensors of experts where row 2i is row i of gate and row 2i+1 row i of up, under their names:
// codes, scales and biases.
func (p *parts) pairedExperts(own string, first, second [3]string) []tensor {
	m := p.m
	pair := func(format string) tensor {
		return interleaved(p.expert(own, "gate", format), p.expert(own, "up", format))
	}
	const half = blockSize / 2 // bytes of the codes of a block
	in, inner := m.hidden/blockSize, m.expertSize/blockSize
	return []tensor{
		pair("codes").as(first[0], m.experts, 2*m.expertSize, in, half),
		pair("scales").as(first[1], m.experts, 2*m.expertSize, in),
		interleaved(p.expertBias(own, "gate"), p.expertBias(own, "up")).as(first[2], m.experts, 2*m.expertSize),
		p.expert(own, "down", "codes").as(second[0], m.experts, m.hidden, inner, half),
		p.expert(own, "down", "scales").as(second[1], m.experts, m.hidden, inner),
		p.expertBias(own, "down").as(second[2], m.experts, m.hidden),
	}
}
