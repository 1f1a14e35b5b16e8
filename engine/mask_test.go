package engine

import (
	"context"
	"errors"
	"math"
	"slices"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

// scripted is a mask that allows one token at each place, and then any.
type scripted struct {
	script   []tokenizer.Token
	accepted []tokenizer.Token
	refuse   int // the place at which Accept fails, if it is not 0
}

var errRefused = errors.New("refused")

func (m *scripted) Mask(allowed []uint64) {
	clear(allowed)
	if n := len(m.accepted); n < len(m.script) {
		allowed[m.script[n]/64] |= 1 << (m.script[n] % 64)
		return
	}
	for i := range allowed {
		allowed[i] = ^uint64(0)
	}
}

func (m *scripted) Accept(t tokenizer.Token) error {
	if m.refuse != 0 && m.refuse == len(m.accepted) {
		return errRefused
	}
	m.accepted = append(m.accepted, t)
	return nil
}

// TestMask forces tokens, and checks that what follows them is what follows them in a prompt.
func TestMask(t *testing.T) {
	e := Local(openRecipe(t, "a"), nil)
	prompt, script := someTokens(1, 30, 512), someTokens(9, 6, 512)
	for _, temperature := range []float64{0, 1} {
		mask := &scripted{script: script}
		r := Request{Prompt: prompt, MaxTokens: 12, Stop: none, Mask: mask, Sampling: Sampling{Temperature: temperature}}
		toks, _ := generate(t, e, r)
		require.Equal(t, script, toks[:6])
		require.Equal(t, toks, mask.accepted)
		if temperature == 0 {
			after, _ := generate(t, e, Request{Prompt: append(slices.Clone(prompt), script...), MaxTokens: 6, Stop: none})
			require.Equal(t, after, toks[6:])
		}
	}

	var s Stats
	toks, err := collect(e.Generate(context.Background(), Request{Prompt: prompt, Stop: none, Mask: &scripted{script: script, refuse: 2}, Stats: &s}))
	require.Equal(t, script[:2], toks)
	var mask *MaskError
	require.ErrorAs(t, err, &mask)
	require.ErrorIs(t, err, errRefused)
	require.Equal(t, MaskError{Offset: 2, Token: script[2], Err: errRefused}, *mask)
	require.Equal(t, encoding.StopError, s.Stop)

	toks, err = collect(e.Generate(context.Background(), Request{Prompt: prompt, Stop: none, Mask: closing{}}))
	require.Empty(t, toks)
	require.ErrorIs(t, err, ErrNoToken)
	require.EqualError(t, err, "engine: no token may come next, after 0 tokens of output")
}

// closing is a mask that allows nothing.
type closing struct{}

func (closing) Mask(allowed []uint64)        { clear(allowed) }
func (closing) Accept(tokenizer.Token) error { return nil }

// TestLogprobs compares with probabilities computed from the decoder's own logits, whatever Sampling makes of them.
func TestLogprobs(t *testing.T) {
	m := openRecipe(t, "a")
	e, prompt := Local(m, nil), someTokens(1, 30, 512)
	r := Request{Prompt: prompt, MaxTokens: 8, Stop: none, Logprobs: 5,
		Sampling: Sampling{Temperature: 1.5, Seed: 4, RepetitionPenalty: 1.3, LogitBias: map[tokenizer.Token]float32{7: 3}}}
	toks, s := generate(t, e, r)
	require.Len(t, s.Logprobs, len(toks))
	seq, err := m.NewSequence(100)
	require.NoError(t, err)
	logits, next := make([]float32, 512), prompt
	for i, l := range s.Logprobs {
		require.NoError(t, seq.Forward(next, logits))
		sum := 0.0
		order := make([]tokenizer.Token, 512)
		for j, z := range logits {
			sum += math.Exp(float64(z))
			order[j] = tokenizer.Token(j)
		}
		slices.SortStableFunc(order, func(a, b tokenizer.Token) int {
			switch {
			case logits[a] > logits[b]:
				return -1
			case logits[a] < logits[b]:
				return 1
			}
			return 0
		})
		require.Equal(t, toks[i], l.Chosen.Token)
		require.InDelta(t, float64(logits[toks[i]])-math.Log(sum), l.Chosen.Logprob, 1e-6)
		require.Len(t, l.Best, 5)
		for j, b := range l.Best {
			require.Equal(t, order[j], b.Token)
			require.InDelta(t, float64(logits[b.Token])-math.Log(sum), b.Logprob, 1e-6)
		}
		next = toks[i : i+1]
	}
}

// TestLeastProbabilities: logits that are none have no probability, and do not spoil the others'.
func TestLeastProbabilities(t *testing.T) {
	nan, inf := float32(math.NaN()), float32(math.Inf(1))
	l := newLogprobs([]float32{1, nan, 1, -inf}, 1, 5)
	require.Equal(t, Logprob{1, math.Inf(-1)}, l.Chosen)
	require.Len(t, l.Best, 2)
	require.InDelta(t, math.Log(.5), l.Best[0].Logprob, 1e-9)
	require.Equal(t, tokenizer.Token(2), l.Best[1].Token)
	l = newLogprobs([]float32{1, inf}, 0, 2)
	require.InDelta(t, 0, l.Best[0].Logprob, 1e-9)
	require.Empty(t, newLogprobs([]float32{nan, nan}, 0, 2).Best)
}
