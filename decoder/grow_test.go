package decoder

import (
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/tokenizer"
)

// TestGrow grows sequences of many lengths, after truncation too, and compares what follows with a new sequence, to the bit. Short
// ones have less than a whole ring, long ones have gone round it.
func TestGrow(t *testing.T) {
	for _, precision := range []Precision{Float32, BFloat16} {
		f := fixtures["x"]
		m := open(t, forms[0].write(t, &f), &Options{Precision: precision})
		m.block, m.slack = 3, 30
		toks := prompt(90, m.cfg.Vocabulary)
		want := fresh(t, m, toks)
		for _, from := range []int{1, 16, 17, 33, 70} {
			for n := from; n >= 0; n -= 1 + from/8 {
				s := sequence(t, m, from)
				require.NoError(t, s.Forward(toks[:from], nil))
				s.Truncate(n)
				require.NoError(t, s.Grow(from)) // nothing to do
				require.NoError(t, s.Grow(90))
				require.Equal(t, 90, s.Capacity())
				require.Equal(t, toks[:n], s.Tokens())
				requireFollows(t, s, toks, want)
				s.Truncate(n / 2)
				requireFollows(t, s, toks, want)
			}
		}
	}
}

// requireFollows computes the rest of toks and compares the logits of each.
func requireFollows(t *testing.T, s *Sequence, toks []tokenizer.Token, want [][]float32) {
	t.Helper()
	n := s.Len()
	logits := make([]float32, (len(toks)-n)*len(want[0]))
	require.NoError(t, s.Forward(toks[n:], logits))
	for i, w := range want[n:] {
		require.Equal(t, w, logits[i*len(w):][:len(w)], "position %d after %d", n+i, n)
	}
}

// TestGrowErrors: a sequence that cannot grow is as it was.
func TestGrowErrors(t *testing.T) {
	m := small(t, 1)
	toks := prompt(20, m.cfg.Vocabulary)
	want := fresh(t, m, toks)
	s := sequence(t, m, 20)
	require.NoError(t, s.Forward(toks[:10], nil))
	require.ErrorAs(t, s.Grow(m.cfg.Context+1), new(*CapacityError))
	require.Equal(t, 20, s.Capacity())
	requireFollows(t, s, toks, want)
}
