package engine

import (
	"context"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

func TestReplay(t *testing.T) {
	turns := [][]tokenizer.Token{{10, 11, tokenizer.Call, 99}, {20, 21}, {30, 31, tokenizer.Return}}
	e := Replay(turns...)

	toks, s := generate(t, e, Request{Prompt: []tokenizer.Token{1, 2, 3}})
	require.Equal(t, turns[0][:3], toks, "a stop token ends a turn")
	require.Equal(t, encoding.StopToken, s.Stop)
	require.Equal(t, tokenizer.Call, s.StopToken)
	require.Zero(t, s.Cached)

	second := []tokenizer.Token{1, 2, 3, 10, 11, tokenizer.Call, 5, 6}
	toks, s = generate(t, e, Request{Prompt: second})
	require.Equal(t, turns[1], toks)
	require.Equal(t, encoding.StopLength, s.Stop, "cut off")
	require.Equal(t, 6, s.Cached)

	toks, s = generate(t, e, Request{Prompt: second[:4], MaxTokens: 2})
	require.Equal(t, turns[2][:2], toks)
	require.Equal(t, encoding.StopLength, s.Stop)
	require.Equal(t, 3, s.Cached, "the last token of a prompt is always computed")

	toks, err := collect(e.Generate(context.Background(), Request{Prompt: second}))
	require.Empty(t, toks)
	require.ErrorIs(t, err, ErrReplayOver)
	require.Equal(t, [][]tokenizer.Token{{1, 2, 3}, second, second[:4]}, e.Prompts())
}

// TestReplayKeepsTheRules: what ends a real generation ends a replay.
func TestReplayKeepsTheRules(t *testing.T) {
	prompt := []tokenizer.Token{1}
	turn := []tokenizer.Token{10, 11, tokenizer.Return}

	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var s Stats
	n := 0
	for _, err := range Replay(turn).Generate(ctx, Request{Prompt: prompt, Stats: &s}) {
		if n++; n == 1 {
			cancel()
			continue
		}
		require.ErrorIs(t, err, context.Canceled)
	}
	require.Equal(t, 2, n)
	require.Equal(t, encoding.StopCancelled, s.Stop)

	mask := &scripted{script: []tokenizer.Token{10, 12}}
	toks, err := collect(Replay(turn).Generate(context.Background(), Request{Prompt: prompt, Mask: mask}))
	require.Equal(t, turn[:1], toks)
	var e *MaskError
	require.ErrorAs(t, err, &e)
	require.Equal(t, tokenizer.Token(11), e.Token)
	require.EqualError(t, err, "engine: the mask refuses token 11, after 1 tokens of output: it forbids the token")

	mask = &scripted{script: turn}
	toks, err = collect(Replay(turn).Generate(context.Background(), Request{Prompt: prompt, Mask: mask}))
	require.NoError(t, err)
	require.Equal(t, turn, toks)
	require.Equal(t, turn, mask.accepted)

	_, err = collect(Replay(turn).Generate(context.Background(), Request{}))
	require.ErrorAs(t, err, new(*RequestError))

	toks, s = generate(t, Replay(nil), Request{Prompt: prompt})
	require.Empty(t, toks)
	require.Equal(t, encoding.StopLength, s.Stop)
}
