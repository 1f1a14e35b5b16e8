package decoder

import (
	"fmt"
	"math"
	"slices"
	"strconv"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// open opens a model that the test closes.
func open(t *testing.T, path string, opts *Options) *Model {
	t.Helper()
	m, err := Open(path, opts)
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// sequence makes a sequence.
func sequence(t *testing.T, m *Model, capacity int) *Sequence {
	t.Helper()
	s, err := m.NewSequence(capacity)
	require.NoError(t, err)
	return s
}

// compute runs a prompt in one call, with hidden states and router logits. keep is of how many last tokens the logits are kept.
func compute(t *testing.T, m *Model, toks []tokenizer.Token, keep int) *result {
	t.Helper()
	c := m.cfg
	s := sequence(t, m, len(toks))
	r := &result{hidden: make([][]float64, c.Layers+1), router: make([][]float64, c.Layers)}
	m.trace = func(layer, _ int, x, router []float32) {
		r.hidden[layer+1], r.router[layer] = appendFloats(r.hidden[layer+1], x), appendFloats(r.router[layer], router)
		if layer == c.Layers-1 { // the last one is compared after the final norm
			r.hidden[layer+1] = r.hidden[layer+1][:len(r.hidden[layer+1])-len(x)]
			for ; len(x) > 0; x = x[c.Hidden:] {
				y := make([]float32, c.Hidden)
				kernel.RMSNorm(y, x[:c.Hidden], m.weights.norm, float32(c.NormEpsilon))
				r.hidden[layer+1] = appendFloats(r.hidden[layer+1], y)
			}
		}
	}
	defer func() { m.trace = nil }()
	for _, tok := range toks {
		row := make([]float32, c.Hidden)
		m.weights.embedding.DecodeRows(row, int(tok), 1)
		r.hidden[0] = appendFloats(r.hidden[0], row)
	}
	require.NoError(t, s.Forward(toks[:len(toks)-keep], nil))
	logits := make([]float32, keep*c.Vocabulary)
	require.NoError(t, s.Forward(toks[len(toks)-keep:], logits))
	for l := range slices.Chunk(logits, c.Vocabulary) {
		r.logits = append(r.logits, appendFloats(nil, l))
	}
	return r
}

func appendFloats(dst []float64, src []float32) []float64 {
	for _, v := range src {
		dst = append(dst, float64(v))
	}
	return dst
}

// split cuts an array into its first dimension.
func (a array) split() [][]float64 {
	var list [][]float64
	for row := range slices.Chunk(a.values, volume(a.shape[1:])) {
		list = append(list, appendFloats(nil, row))
	}
	return list
}

// TestFixtures compares with what transformers computes in float32, within an error that is derived for each prompt.
func TestFixtures(t *testing.T) {
	for _, name := range []string{"a", "i", "b", "c", "v"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			f, want := fixtures[name], loadExpected(t, name)
			m := open(t, forms[0].write(t, &f), nil)
			for j, angle := range want.arrays["inv_freq"].values { // torch's power is not always rounded to the nearest
				require.InEpsilon(t, angle, m.angles[j], 1./(1<<23), "rotation of pair %d", j)
			}
			o := &oracle{fixture: &f, weights: numbers(f.tensors()), freqs: m.angles}
			for length, toks := range want.Prompts {
				if len(toks) <= 400 {
					t.Run(length, func(t *testing.T) { compareFixture(t, o, m, want, "f32_p"+length, toks) })
				}
			}
		})
	}
}

func compareFixture(t *testing.T, o *oracle, m *Model, want *expected, prefix string, toks []tokenizer.Token) {
	keep, seeds := 4, 1
	if logits := want.arrays[prefix+"_logits"]; logits.shape != nil {
		keep = logits.shape[0]
	}
	if len(toks) < 100 {
		seeds = 4
	}
	exact := o.run(toks, keep)
	limit := o.budget(exact, toks, keep, seeds)
	require.Less(t, limit.logits, 0.002, "a budget that large could not tell right from wrong")
	got := compute(t, m, toks, keep)
	// Against the oracle every prompt can be compared in every number.
	within(t, "hidden states, oracle", distance(exact.hidden, got.hidden), limit.hidden)
	within(t, "router logits, oracle", distance(exact.router, got.router), limit.router)
	within(t, "logits, oracle", distance(exact.logits, got.logits), limit.logits)

	if a := want.arrays[prefix+"_hidden"]; a.shape != nil {
		within(t, "hidden states", distance(a.split(), got.hidden), limit.hidden)
		within(t, "router logits", distance(want.arrays[prefix+"_router"].split(), got.router), limit.router)
	}
	if a := want.arrays[prefix+"_logits"]; a.shape != nil {
		within(t, "logits", distance(a.split(), got.logits), limit.logits)
	} else {
		compareTop(t, want, prefix, got, limit.logits)
	}
	var greedy []tokenizer.Token
	want.seq(t, prefix+"_greedy24", &greedy)
	require.Equal(t, greedy, continueGreedy(t, m, toks, len(greedy)), "greedy continuation")
}

func within(t *testing.T, what string, got, limit float64) {
	t.Helper()
	t.Logf("%-24s differ by at most %.2g, budget %.2g", what, got, limit)
	require.LessOrEqual(t, got, limit, what)
}

// compareTop compares the logits of fixture v, of which only the 32 best are kept, and all of the last token of a short prompt.
func compareTop(t *testing.T, want *expected, prefix string, got *result, limit float64) {
	ids, values := want.arrays[prefix+"_top_ids"], want.arrays[prefix+"_top_logits"]
	worst := 0.0
	for i, id := range ids.ints {
		worst = max(worst, math.Abs(got.logits[i/ids.shape[1]][id]-float64(values.values[i])))
	}
	within(t, "best logits", worst, limit)
	if a := want.arrays[prefix+"_logits_last"]; a.shape != nil {
		last := [][]float64{appendFloats(nil, a.values)}
		within(t, "last logits", distance(last, got.logits[len(got.logits)-1:]), limit)
	}
}

// continueGreedy returns the n tokens that follow when the best one is always taken.
func continueGreedy(t *testing.T, m *Model, toks []tokenizer.Token, n int) []tokenizer.Token {
	t.Helper()
	s, logits := sequence(t, m, len(toks)+n), make([]float32, m.cfg.Vocabulary)
	var out []tokenizer.Token
	for range n {
		require.NoError(t, s.Forward(toks, logits))
		var best [1]int32
		kernel.TopK(best[:], logits)
		out = append(out, tokenizer.Token(best[0]))
		toks = out[len(out)-1:]
	}
	return out
}

// TestLongPrompt compares the logits after 4,200 tokens, past the original context of 4,096. The oracle would take minutes; the
// budget is that of 300 tokens doubled: sums are as deep, and twice as many keys can only average errors out.
func TestLongPrompt(t *testing.T) {
	if testing.Short() {
		t.Skip("computes 4,200 tokens")
	}
	f, want := fixtures["b"], loadExpected(t, "b")
	m := open(t, forms[0].write(t, &f), nil)
	o := &oracle{fixture: &f, weights: numbers(f.tensors()), freqs: m.angles}
	short := want.Prompts["300"]
	limit := o.budget(o.run(short, 4), short, 4, 1)
	got := compute(t, m, want.Prompts["4200"], 4)
	within(t, "logits", distance(want.arrays["f32_p4200_logits"].split(), got.logits), 2*limit.logits)
}

// TestForms writes each fixture in every form: the logits are the same, to the bit, where the weights are stored in the same
// formats. All are compared with the oracle, which computes with the numbers that they hold.
func TestForms(t *testing.T) {
	for _, name := range []string{"a", "i", "b", "c", "h"} {
		f, toks := fixtures[name], prompt(24, fixtures[name].vocabulary)
		t.Run(name, func(t *testing.T) {
			references := map[string]*result{}
			for _, form := range forms {
				m := open(t, form.write(t, &f), nil)
				config := f.config()
				if m.file.Meta != nil { // GGUF holds numbers in float32, to which the betas of fixture i must be rounded
					for _, x := range []*float64{&config.NormEpsilon, &config.Rope.BetaFast, &config.Rope.BetaSlow} {
						*x = float64(float32(*x))
					}
				}
				require.Equal(t, config, m.Config(), form.name)
				got := compute(t, m, toks, 24)
				if r := references[form.exact]; r != nil && (name != "i" || m.file.Meta == nil) {
					require.Zero(t, distance(r.logits, got.logits), form.name)
					continue
				}
				references[form.exact] = got
				o := &oracle{fixture: &f, weights: numbers(f.tensors()), freqs: m.angles}
				if form.exact == "" {
					o.weights, references[""] = ggufNumbers(t, &f, m), nil
				}
				exact := o.run(toks, 24)
				within(t, form.name, distance(exact.logits, got.logits), o.budget(exact, toks, 24, 2).logits)
			}
		})
	}
}

// prompt returns n tokens.
func prompt(n, vocabulary int) []tokenizer.Token {
	h, toks := hash("prompt"), make([]tokenizer.Token, n)
	for i := range toks {
		toks[i] = tokenizer.Token(h(i) % uint64(vocabulary))
	}
	return toks
}

// ggufNumbers reads the numbers of an open GGUF file back, under OpenAI's names.
func ggufNumbers(t *testing.T, f *fixture, m *Model) map[string]*stored {
	out := numbers(f.tensors())
	read := func(name string) []float32 {
		tensor := m.file.Tensor(name)
		require.NotNil(t, tensor, name)
		values, err := tensor.Floats()
		require.NoError(t, err)
		return values
	}
	set := func(name string, parts ...string) {
		var values []float32
		for _, p := range parts {
			values = append(values, read(p)...)
		}
		require.Len(t, values, len(out[name].values), name)
		out[name].values = values
	}
	set("embedding.weight", "token_embd.weight")
	set("unembedding.weight", "output.weight")
	for n := range f.layers {
		from, to := layerName("blk.%d.", n), layerName("block.%d.", n)
		set(to+"attn.qkv.weight", from+"attn_q.weight", from+"attn_k.weight", from+"attn_v.weight")
		set(to+"attn.out.weight", from+"attn_output.weight")
	}
	return out
}

// TestKFormats computes with weights in the formats that other converters use, K formats among them, against the oracle.
func TestKFormats(t *testing.T) {
	f := fixtures["k"]
	for i, formats := range [][4]kernel.Format{
		{kernel.Q6_K, kernel.Q4_K, kernel.Q5_K, kernel.Q5_0}, {kernel.Q4_0, kernel.Q6_K, kernel.Q4_K, kernel.Q5_K},
	} {
		t.Run(strconv.Itoa(i), func(t *testing.T) {
			tensors := f.gguf(kernel.MXFP4, kernel.F32)
			for j := range tensors {
				var format kernel.Format
				switch name := tensors[j].Name; {
				case name == "token_embd.weight" || name == "output.weight":
					format = formats[0]
				case layerOf(name) >= 0 && slices.Contains([]string{"attn_q.weight", "attn_k.weight", "attn_v.weight", "attn_output.weight"}, name[6:]):
					format = formats[1+j%3]
				default:
					continue
				}
				tensors[j].Format, tensors[j].Data = format, randomBlocks(format, tensors[j].Name, volume(tensors[j].Shape))
			}
			m := open(t, writeGGUF(t, f.ggufMeta(), tensors), nil)
			toks := prompt(24, f.vocabulary)
			o := &oracle{fixture: &f, weights: ggufNumbers(t, &f, m), freqs: m.angles}
			exact := o.run(toks, 24)
			within(t, fmt.Sprint(formats), distance(exact.logits, compute(t, m, toks, 24).logits), o.budget(exact, toks, 24, 2).logits)
		})
	}
}

// randomBlocks returns blocks of n elements whose codes are random and whose f16 scales are small.
func randomBlocks(format kernel.Format, name string, n int) []byte {
	elements, bytes := format.Block()
	raw := codes(name, n/elements*bytes).raw
	for i := 0; i < len(raw); i += bytes {
		at := map[kernel.Format][]int{kernel.Q6_K: {208}, kernel.Q4_K: {0, 2}, kernel.Q5_K: {0, 2}}[format]
		if at == nil {
			at = []int{0}
		}
		scale := map[kernel.Format]float32{kernel.Q4_0: 1. / 64, kernel.Q5_0: 1. / 128}[format]
		if scale == 0 {
			scale = 1. / 4096
		}
		for _, p := range at {
			h := toF16(scale * (1 + float32(raw[i+p])/512))
			raw[i+p], raw[i+p+1] = byte(h), byte(h>>8)
		}
	}
	return raw
}
