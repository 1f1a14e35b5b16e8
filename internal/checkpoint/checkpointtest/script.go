package checkpointtest

import (
	"errors"
	"fmt"
	"math"
	"slices"

	"github.com/harmony-go/sdk/internal/kernel"
)

// A Script is a model that says one thing, whatever it is asked: a thought on the analysis channel, then an answer on the final
// one. It is a checkpoint like any other, of the architecture and the vocabulary of gpt-oss, for tests of what stands above a
// decoder. Greedy sampling follows it exactly; at temperature 1 it errs about once in a hundred thousand tokens.
//
// How it works: every token of the script has a dimension of its own, in its row of the embedding, and the row of the unembedding
// of the token that follows it. So each token may stand in the script once, but for those around the headers. That there has been a
// thought is known by attention: one head finds the thought's first token, and adds a dimension that makes "final" and the first
// token of the answer win where both may follow. So a prompt must not hold that token. The experts do nothing.
type Script struct {
	Thought, Answer []uint32 // tokens of o200k_harmony, at least one each
}

// Tokens of o200k_harmony. Source: openai-harmony 0.0.8, src/tiktoken_ext/public_encodings.rs, and the ranks of o200k_base.
const (
	tokenReturn, tokenChannel, tokenStart, tokenEnd, tokenMessage = 200002, 200005, 200006, 200007, 200008
	wordAssistant, wordAnalysis, wordFinal                        = 173781, 35644, 17196
)

// scriptShape is the shape of a script's model: room for 62 different tokens.
var scriptShape = Recipe{2, 1, 1, 201088, 64, 32, 32, 1, 1, 128, 4096, 32, 1}

// WriteOriginal writes the model into a directory, in OpenAI's layout. A script that has a token twice, or too many, is an error.
func (s *Script) WriteOriginal(dir string) error {
	r := &scriptShape
	if len(s.Thought) == 0 || len(s.Answer) == 0 {
		return errors.New("checkpointtest: a script needs a thought and an answer")
	}
	w := scriptWriter{first: s.Thought[0], dimension: map[uint32]int{}, next: map[[2]int]uint32{}}
	w.embedding, w.unembedding = make([]float32, r.Vocabulary*r.Hidden), make([]float32, r.Vocabulary*r.Hidden)
	for row := range r.Vocabulary {
		w.embedding[row*r.Hidden] = 1 // tokens that are in no script
	}
	w.chain(false, tokenMessage, slices.Concat(s.Thought, []uint32{tokenEnd, tokenStart, wordAssistant, tokenChannel, wordAnalysis, tokenMessage})...)
	w.chain(true, tokenMessage, slices.Concat(s.Answer, []uint32{tokenReturn})...)
	w.chain(true, tokenChannel, wordFinal, tokenMessage)
	if w.err != nil {
		return w.err
	}
	return writeOriginal(dir, r, w.tensors())
}

// scriptWriter makes the matrices of a script.
type scriptWriter struct {
	first                  uint32            // token of the thought
	dimension              map[uint32]int    // of a token
	next                   map[[2]int]uint32 // what follows a dimension, before and after the thought
	embedding, unembedding []float32         // [V,D]
	err                    error
}

const thoughtDimension = 1 // that there has been a thought

// of returns a token's dimension. The first two have other uses.
func (w *scriptWriter) of(t uint32) int {
	d, ok := w.dimension[t]
	if !ok {
		if d = len(w.dimension) + 2; d >= scriptShape.Hidden {
			w.err = fmt.Errorf("checkpointtest: a script has more than %d different tokens", scriptShape.Hidden-2)
			return 0
		}
		w.dimension[t] = d
		row := w.embedding[int(t)*scriptShape.Hidden:][:scriptShape.Hidden]
		row[0], row[d] = 0, 1
	}
	return d
}

// chain makes each token follow the one before: always, or where after is set only if there has been a thought.
func (w *scriptWriter) chain(after bool, from uint32, toks ...uint32) {
	for _, t := range toks {
		d, place := w.of(from), 0
		row := w.unembedding[int(t)*scriptShape.Hidden:][:scriptShape.Hidden]
		switch {
		case after && (from == tokenMessage || from == tokenChannel): // two may follow
			// Before the thought 14 loses to 16. After it the norm makes both small, and 2 for the thought wins; but it is less
			// than any other token's 16 for its own dimension.
			row[d], row[thoughtDimension] = 14, 2
			place = 1
		default:
			row[d] = 16
		}
		if other, ok := w.next[[2]int{d, place}]; ok && other != t {
			w.err = fmt.Errorf("checkpointtest: a script has token %d twice", from)
		}
		w.next[[2]int{d, place}] = t
		from = t
	}
}

// tensors returns the checkpoint.
func (w *scriptWriter) tensors() []Tensor {
	r := &scriptShape
	queries := r.Heads * r.Head
	list := []Tensor{numbers("embedding.weight", w.embedding, r.Vocabulary, r.Hidden), numbers("unembedding.weight", w.unembedding, r.Vocabulary, r.Hidden),
		numbers("norm.scale", ones(r.Hidden), r.Hidden)}
	for n := range r.Layers {
		p := fmt.Sprintf("block.%d.", n)
		qkv, qkvBias, out := make([]float32, 3*queries*r.Hidden), make([]float32, 3*queries), make([]float32, r.Hidden*queries)
		if n == 1 { // the first layer that sees all positions
			slow := r.Head/2 - 1 // an element that the rotation of positions hardly moves
			norm := math.Sqrt(float64(r.Hidden))
			first := w.dimension[w.first]
			qkvBias[slow] = 4
			qkv[(queries+slow)*r.Hidden+first] = float32(45 / norm)
			qkv[2*queries*r.Hidden+first] = float32(1 / norm)
			out[thoughtDimension*queries] = 4
		}
		list = append(list, numbers(p+"attn.norm.scale", ones(r.Hidden), r.Hidden), numbers(p+"attn.qkv.weight", qkv, 3*queries, r.Hidden),
			numbers(p+"attn.qkv.bias", qkvBias, 3*queries), numbers(p+"attn.sinks", []float32{20}, 1), // between the found word and all others
			numbers(p+"attn.out.weight", out, r.Hidden, queries), numbers(p+"attn.out.bias", make([]float32, r.Hidden), r.Hidden),
			numbers(p+"mlp.norm.scale", ones(r.Hidden), r.Hidden), numbers(p+"mlp.gate.weight", make([]float32, r.Hidden), 1, r.Hidden),
			numbers(p+"mlp.gate.bias", make([]float32, 1), 1), numbers(p+"mlp.mlp1_bias", make([]float32, 2*r.Inner), 1, 2*r.Inner),
			numbers(p+"mlp.mlp2_bias", make([]float32, r.Hidden), 1, r.Hidden))
		for _, m := range []struct {
			name string
			n, k int
		}{{"mlp1", 2 * r.Inner, r.Hidden}, {"mlp2", r.Hidden, r.Inner}} {
			zero, one := func(byte) byte { return 0 }, func(byte) byte { return 127 }
			list = append(list, codes(p+"mlp."+m.name+"_weight.blocks", zero, 1, m.n, m.k/32, 16), codes(p+"mlp."+m.name+"_weight.scales", one, 1, m.n, m.k/32))
		}
	}
	return list
}

func ones(n int) []float32 {
	list := make([]float32, n)
	for i := range list {
		list[i] = 1
	}
	return list
}

// numbers stores values as bfloat16.
func numbers(name string, values []float32, shape ...int) Tensor {
	t := Tensor{Name: name, Format: kernel.BF16, Shape: shape, Data: make([]byte, 0, 2*len(values))}
	for _, v := range values {
		t.Data = appendBF16(t.Data, v)
	}
	return t
}
