package decoder

import (
	"context"
	"errors"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/internal/kernel"
	"github.com/harmony-go/sdk/tokenizer"
)

// rounded returns activations as a precision rounds them before a matrix.
func rounded(p Precision, x []float64, router bool) []float64 {
	y := slices.Clone(x)
	switch {
	case p == BFloat16:
		for i, v := range y {
			y[i] = float64(math.Float32frombits((math.Float32bits(float32(v)) + 0x8000) &^ 0xffff))
		}
	case p == Int8 && !router: // which is float32 in this file
		for block := range slices.Chunk(y, 32) {
			top := 0.0
			for _, v := range block {
				top = max(top, math.Abs(v))
			}
			for i, v := range block {
				block[i] = math.Round(v/top*127) * top / 127
			}
		}
	}
	return y
}

// spread returns the root mean square of the differences.
func spreadOf(a, b [][]float64) float64 {
	sum, n := 0.0, 0
	for i := range a {
		for j := range a[i] {
			sum += (a[i][j] - b[i][j]) * (a[i][j] - b[i][j])
			n++
		}
	}
	return math.Sqrt(sum / float64(n))
}

// TestPrecisions: the modes that round activations err as much as such roundings do, no more, by an oracle that rounds as they do
// and is exact otherwise. A single rounding that falls to the other side moves all that follows, so that the errors themselves
// cannot be compared.
func TestPrecisions(t *testing.T) {
	for _, name := range []string{"a", "b", "c"} {
		f := fixtures[name]
		path, toks := ggufForm(kernel.MXFP4, kernel.Q8_0)(t, &f), loadExpected(t, name).Prompts["24"]
		float := open(t, path, nil)
		o := &oracle{fixture: &f, weights: ggufNumbers(t, &f, float), freqs: float.angles}
		exact := o.run(toks, 24)
		for _, p := range []Precision{BFloat16, Int8} {
			rough := *o
			rough.precision, rough.chosen = p, exact.chosen
			want := spreadOf(exact.logits, rough.run(toks, 24).logits)
			for _, hold := range []Hold{Packed, Mapped} {
				m := open(t, path, &Options{Precision: p, Hold: hold})
				got := spreadOf(exact.logits, compute(t, m, toks, 24).logits)
				t.Logf("%s %v %v: logits err by %.3g, roundings make %.3g", name, p, hold, got, want)
				require.Less(t, got, 1.5*want)
				require.Greater(t, got, want/1.5, "it does not round as it says")
			}
		}
	}
}

// TestHolds: packed and mapped models give the same bits, in every precision and form.
func TestHolds(t *testing.T) {
	f := fixtures["c"]
	toks := prompt(40, f.vocabulary)
	for _, form := range forms {
		path := form.write(t, &f)
		for p := Float32; p <= Int8; p++ {
			var logits [2][]float32
			for i, hold := range []Hold{Packed, Mapped} {
				m := open(t, path, &Options{Precision: p, Hold: hold})
				require.Equal(t, hold, m.Hold())
				require.Equal(t, p, m.Precision())
				logits[i] = make([]float32, len(toks)*m.cfg.Vocabulary)
				require.NoError(t, sequence(t, m, 40).Forward(toks, logits[i]))
			}
			require.Equal(t, logits[0], logits[1], "%s, %v", form.name, p)
		}
	}
}

// TestPrecisionsInParts: in every precision a prompt gives the same bits in any parts, and on any number of threads.
func TestPrecisionsInParts(t *testing.T) {
	f := fixtures["x"]
	path := ggufForm(kernel.MXFP4, kernel.Q8_0)(t, &f)
	for p := Float32; p <= Int8; p++ {
		var want [][]float32
		for _, threads := range []int{1, 3} {
			m := open(t, path, &Options{Precision: p, Threads: threads})
			m.block, m.slack = 5, 1
			toks := prompt(40, m.cfg.Vocabulary)
			if want == nil {
				want = fresh(t, m, toks)
			}
			for _, size := range []int{1, 2, 7, 40} {
				s, logits := sequence(t, m, 40), make([]float32, m.cfg.Vocabulary)
				for i := 0; i < len(toks); i += size {
					require.NoError(t, s.Forward(toks[i:min(i+size, len(toks))], logits))
				}
				require.Equal(t, want[39], logits, "%v, parts of %d, %d threads", p, size, threads)
			}
		}
	}
}

// TestStep: sequences that go forward together give the bits that each gives alone, also after one was truncated.
func TestStep(t *testing.T) {
	m := small(t, 2)
	v := m.cfg.Vocabulary
	var seqs, alone []*Sequence
	for i := range 7 {
		s := sequence(t, m, 60)
		require.NoError(t, s.Forward(prompt(30+i, v), nil))
		if i%3 == 1 {
			s.Truncate(9)
		}
		c, err := s.Clone()
		require.NoError(t, err)
		seqs, alone = append(seqs, s), append(alone, c)
	}
	for step := range 10 {
		toks, logits := prompt(60, v)[step*5:][:7], make([]float32, 7*v)
		require.NoError(t, Step(t.Context(), seqs, toks, logits))
		for i, s := range alone {
			want := make([]float32, v)
			require.NoError(t, s.Forward(toks[i:i+1], want))
			require.Equal(t, want, logits[i*v:][:v], "step %d, sequence %d", step, i)
			require.Equal(t, s.Tokens(), seqs[i].Tokens())
		}
	}
}

// TestStepErrors: what cannot be done changes no sequence.
func TestStepErrors(t *testing.T) {
	m, other := small(t, 1), small(t, 1)
	v := m.cfg.Vocabulary
	a, b, full, foreign := sequence(t, m, 5), sequence(t, m, 5), sequence(t, m, 1), sequence(t, other, 5)
	require.NoError(t, full.Forward([]tokenizer.Token{1}, nil))
	cancelled, cancel := context.WithCancel(t.Context())
	cancel()
	for _, c := range []struct {
		ctx    context.Context
		seqs   []*Sequence
		toks   []tokenizer.Token
		logits int
		err    string
	}{
		{t.Context(), []*Sequence{a, b}, []tokenizer.Token{1}, 2 * v, "decoder: a step of 2 sequences has 1 tokens and 128 logits, expected 2 and 128"},
		{t.Context(), []*Sequence{a}, []tokenizer.Token{1}, 3, "decoder: a step of 1 sequences has 1 tokens and 3 logits, expected 1 and 64"},
		{t.Context(), []*Sequence{a, b, a}, []tokenizer.Token{1, 2, 3}, 3 * v, "decoder: sequence 2 of a step is there twice"},
		{t.Context(), []*Sequence{a, foreign}, []tokenizer.Token{1, 2}, 2 * v, "decoder: sequence 1 of a step belongs to another model than the first"},
		{t.Context(), []*Sequence{a, b}, []tokenizer.Token{1, 64}, 2 * v, "decoder: token 64 at offset 1 is not in the vocabulary of 64"},
		{t.Context(), []*Sequence{a, full}, []tokenizer.Token{1, 2}, 2 * v, "decoder: 2 positions wanted, the capacity is 1"},
		{cancelled, []*Sequence{a, b}, []tokenizer.Token{1, 2}, 2 * v, "decoder: stopped before layer 0: context canceled"},
	} {
		require.EqualError(t, Step(c.ctx, c.seqs, c.toks, make([]float32, c.logits)), c.err)
		require.Zero(t, a.Len()+b.Len())
	}
	require.NoError(t, Step(t.Context(), nil, nil, nil))
}

// counting ends after some looks at it: a context whose end falls at every possible place.
type counting struct {
	context.Context
	looks int
}

func (c *counting) Err() error {
	c.looks--
	if c.looks < 0 {
		return context.Canceled
	}
	return nil
}

// TestCancel: wherever a computation is stopped, the sequence is as it was before, and goes on as if nothing had happened.
func TestCancel(t *testing.T) {
	m := small(t, 2)
	toks, v := prompt(20, m.cfg.Vocabulary), m.cfg.Vocabulary
	want := fresh(t, m, toks)
	s, stopped := sequence(t, m, 20), 0
	require.NoError(t, s.Forward(toks[:9], nil))
	for looks := 0; ; looks++ {
		var told []int
		err := s.ForwardContext(&counting{t.Context(), looks}, toks[9:], nil, func(done int) { told = append(told, done) })
		if err == nil {
			require.Equal(t, []int{3, 6, 9, 11}, told)
			break
		}
		stopped++
		require.ErrorIs(t, err, context.Canceled)
		require.Equal(t, 9, s.Len())
		c, err := s.Clone()
		require.NoError(t, err)
		logits := make([]float32, v)
		require.NoError(t, c.Forward(toks[9:10], logits))
		require.Equal(t, want[9], logits)
	}
	require.GreaterOrEqual(t, stopped, 4*m.cfg.Layers, "in each layer of each block")
}

// TestProgress: packing tells how far it is, and stops when it is told to.
func TestProgress(t *testing.T) {
	f := fixtures["a"]
	path := forms[0].write(t, &f)
	last, end := int64(-1), int64(0)
	m := open(t, path, &Options{Hold: Packed, Progress: func(done, total int64) error {
		require.Greater(t, done, last)
		last, end = done, total
		return nil
	}})
	require.Equal(t, end, last)
	require.Greater(t, m.WeightBytes(), end)
	stop := errors.New("enough")
	_, err := Open(path, &Options{Hold: Packed, Progress: func(done, _ int64) error {
		if done > 0 {
			return stop
		}
		return nil
	}})
	require.ErrorIs(t, err, stop)
	require.ErrorIs(t, m.Check(func(done, _ int64) error {
		if done > 0 {
			return stop
		}
		return nil
	}), stop)
}

// TestMemory: what needs more memory than there is is an error that says so, before anything is taken.
func TestMemory(t *testing.T) {
	f := fixtures["a"]
	m := open(t, forms[0].write(t, &f), nil)
	m.cfg.Context, m.cfg.KVHeads = 1<<24, 1<<12
	_, err := m.NewSequence(1 << 24)
	e := (*MemoryError)(nil)
	require.ErrorAs(t, err, &e)
	require.Equal(t, m.CacheBytes(1<<24), e.Wanted)
	require.True(t, strings.HasPrefix(err.Error(), "decoder: a sequence of 16777216 positions: "), err.Error())
}

// TestNames: what a flag or a configuration file may say.
func TestNames(t *testing.T) {
	for p := Float32; p <= Int8; p++ {
		text, err := p.MarshalText()
		require.NoError(t, err)
		var q Precision
		require.NoError(t, q.UnmarshalText(text))
		require.Equal(t, p, q)
	}
	for h := HoldAuto; h <= Packed; h++ {
		text, err := h.MarshalText()
		require.NoError(t, err)
		var g Hold
		require.NoError(t, g.UnmarshalText(text))
		require.Equal(t, h, g)
	}
	require.EqualError(t, new(Precision).UnmarshalText([]byte("fp4")), `decoder: precision "fp4", expected float32, bfloat16 or int8`)
	require.EqualError(t, new(Hold).UnmarshalText([]byte("")), `decoder: hold "", expected auto, mapped or packed`)
	f := fixtures["a"]
	_, err := Open(forms[0].write(t, &f), &Options{Precision: 9})
	require.EqualError(t, err, "decoder: options ask for Precision(9) and auto, which do not exist")
}
