package engine

import (
	"context"
	"encoding/json"
	"iter"
	"math"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"testing"

	"github.com/stretchr/testify/require"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/harmony"
	"github.com/harmony-go/sdk/internal/checkpoint/checkpointtest"
	"github.com/harmony-go/sdk/tokenizer"
)

// expected is what transformers computes from a recipe in float32: prompts by length, and 24 greedy tokens behind each.
type expected struct {
	Prompts map[string][]tokenizer.Token
	Seq     map[string]json.RawMessage
}

func (e *expected) greedy(t *testing.T, length string) []tokenizer.Token {
	var toks []tokenizer.Token
	require.NoError(t, json.Unmarshal(e.Seq["f32_p"+length+"_greedy24"], &toks))
	require.Len(t, toks, 24)
	return toks
}

func loadExpected(t *testing.T, name string) *expected {
	t.Helper()
	text, err := os.ReadFile(filepath.Join("..", "decoder", "testdata", "fixtures", name, "expected.json"))
	require.NoError(t, err)
	e := &expected{}
	require.NoError(t, json.Unmarshal(text, e))
	return e
}

// openRecipe opens a model that the test closes.
func openRecipe(t testing.TB, name string) *decoder.Model {
	t.Helper()
	dir, r := t.TempDir(), checkpointtest.Recipes[name]
	require.NoError(t, r.WriteOriginal(dir))
	m, err := decoder.Open(dir, &decoder.Options{Threads: 1})
	require.NoError(t, err)
	t.Cleanup(func() { require.NoError(t, m.Close()) })
	return m
}

// collect ranges over a generation.
func collect(seq iter.Seq2[tokenizer.Token, error]) (toks []tokenizer.Token, err error) {
	for t, e := range seq {
		if e != nil {
			return toks, e
		}
		toks = append(toks, t)
	}
	return toks, nil
}

// generate runs a request that must succeed.
func generate(t *testing.T, g Generator, r Request) ([]tokenizer.Token, Stats) {
	t.Helper()
	var s Stats
	r.Stats = &s
	toks, err := collect(g.Generate(context.Background(), r))
	require.NoError(t, err)
	return toks, s
}

// none stops at no token, so that outputs have the length that a test expects.
var none = []tokenizer.Token{}

// TestGreedy: greedy outputs are those of the reference, whatever was computed before.
func TestGreedy(t *testing.T) {
	for _, name := range []string{"a", "b", "v"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			want := loadExpected(t, name)
			e := Local(openRecipe(t, name), &LocalOptions{Sequences: 1})
			for range 2 { // the second time after another conversation, from a shortened sequence
				for _, length := range []string{"24", "300", "320"} {
					prompt := want.Prompts[length]
					if prompt == nil {
						continue
					}
					toks, s := generate(t, e, Request{Prompt: prompt, MaxTokens: 24, Stop: none})
					require.Equal(t, want.greedy(t, length), toks, "prompt of %s", length)
					require.Equal(t, len(prompt), s.Prompt)
					require.Equal(t, 24, s.Output)
					require.Equal(t, encoding.StopLength, s.Stop)
					require.Positive(t, s.FirstToken)
					require.Positive(t, s.DecodeSpeed())
					require.Positive(t, s.PrefillSpeed())
				}
			}
		})
	}
}

// TestReuse plays a conversation whose prompts are each the one before, its output and something new, and compares with an engine
// that has computed nothing yet: the tokens are equal, the work is not.
func TestReuse(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, nil)
	prompt := someTokens(1, 40, 512)
	for turn := range 6 {
		r := Request{Prompt: slices.Clone(prompt), MaxTokens: 15, Stop: none, Sampling: Sampling{Temperature: 1, Seed: uint64(turn)}}
		toks, s := generate(t, e, r)
		fresh, cold := generate(t, Local(m, nil), r)
		require.Equal(t, fresh, toks, "turn %d", turn)
		require.Zero(t, cold.Cached)
		if turn > 0 {
			require.Equal(t, len(prompt)-10-1, s.Cached, "all but the last output token and the new ones")
		}
		prompt = append(append(prompt, toks...), someTokens(uint64(turn)+2, 10, 512)...)
	}

	t.Run("the same prompt again", func(t *testing.T) {
		toks, s := generate(t, e, Request{Prompt: prompt, MaxTokens: 3, Stop: none})
		again, warm := generate(t, e, Request{Prompt: prompt, MaxTokens: 3, Stop: none})
		require.Equal(t, toks, again)
		require.Less(t, s.Cached, len(prompt)-1)
		require.Equal(t, len(prompt)-1, warm.Cached, "the last token is computed for its logits")
	})
	t.Run("reasoning left out", func(t *testing.T) {
		shorter := slices.Delete(slices.Clone(prompt), 60, 75)
		r := Request{Prompt: shorter, MaxTokens: 8, Stop: none}
		toks, s := generate(t, e, r)
		fresh, _ := generate(t, Local(m, nil), r)
		require.Equal(t, fresh, toks)
		require.Equal(t, 60, s.Cached)
	})
}

// TestConversations: conversations that share only their beginning do not push each other out.
func TestConversations(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, &LocalOptions{Sequences: 2})
	system := someTokens(1, 50, 512)
	prompt := func(seed uint64, n int) []tokenizer.Token {
		return append(slices.Clone(system), someTokens(seed, n, 512)...)
	}
	cached := func(p []tokenizer.Token) int {
		_, s := generate(t, e, Request{Prompt: p, MaxTokens: 2, Stop: none})
		return s.Cached
	}
	first, second, third := prompt(2, 200), prompt(3, 200), prompt(4, 200)
	require.Equal(t, 0, cached(first))
	require.Equal(t, 50, cached(second), "a copy of what they share")
	require.Equal(t, 249, cached(first))
	require.Equal(t, 249, cached(second))
	require.Equal(t, 249, cached(first))
	require.Equal(t, 50, cached(third), "in the place of the second, which was used longest ago")
	require.Equal(t, 249, cached(first))
	require.Equal(t, 249, cached(third))
	require.Equal(t, 50, cached(second), "in the place of the first")
}

// TestConcurrent: generations at the same time give what they give alone; more than there are sequences wait.
func TestConcurrent(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, &LocalOptions{Sequences: 3})
	var wg sync.WaitGroup
	for i := range 12 {
		r := Request{Prompt: someTokens(uint64(i%5), 30+i, 512), MaxTokens: 12, Stop: none, Sampling: Sampling{Temperature: 1, Seed: uint64(i)}}
		want, _ := generate(t, Local(m, nil), r)
		wg.Go(func() {
			got, err := collect(e.Generate(context.Background(), r))
			if err != nil || !slices.Equal(want, got) {
				t.Errorf("generation %d: %v, %v, want %v", i, got, err, want)
			}
		})
	}
	wg.Wait()
	require.LessOrEqual(t, len(e.slots), 3)
	for _, s := range e.slots {
		require.False(t, s.busy)
	}
	require.Empty(t, e.tickets)
}

// TestInterleaved takes tokens of three generations in turn, on one goroutine: each has a sequence of its own.
func TestInterleaved(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, &LocalOptions{Sequences: 3})
	var want, got [3][]tokenizer.Token
	var next [3]func() (tokenizer.Token, error, bool)
	for i := range 3 {
		r := Request{Prompt: someTokens(1, 50, 512), MaxTokens: 10, Stop: none, Sampling: Sampling{Temperature: 1, Seed: uint64(i)}}
		want[i], _ = generate(t, Local(m, nil), r)
		var stop func()
		next[i], stop = iter.Pull2(e.Generate(context.Background(), r))
		defer stop()
	}
	for range 10 {
		for i := range 3 {
			tok, err, ok := next[i]()
			require.True(t, ok)
			require.NoError(t, err)
			got[i] = append(got[i], tok)
		}
	}
	require.Equal(t, want, got)
}

// TestStops: stop tokens, limits, and who gave up.
func TestStops(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, &LocalOptions{Capacity: 100})
	prompt := someTokens(1, 80, 512)
	all, s := generate(t, e, Request{Prompt: prompt, Stop: none})
	require.Len(t, all, 21, "20 tokens have a place, and the last needs none")
	require.Equal(t, encoding.StopLength, s.Stop)
	require.Zero(t, s.StopToken)

	stop := all[7]
	end := slices.Index(all, stop)
	toks, s := generate(t, e, Request{Prompt: prompt, Stop: []tokenizer.Token{511, stop}})
	require.Equal(t, all[:end+1], toks)
	require.Equal(t, encoding.StopToken, s.Stop)
	require.Equal(t, stop, s.StopToken)
	require.Equal(t, end+1, s.Output)

	toks, s = generate(t, e, Request{Prompt: prompt, MaxTokens: end + 1, Stop: []tokenizer.Token{stop}})
	require.Equal(t, all[:end+1], toks)
	require.Equal(t, encoding.StopToken, s.Stop, "a stop token at the limit has stopped it")

	toks, s = generate(t, e, Request{Prompt: prompt, MaxTokens: 1, Stop: none})
	require.Equal(t, all[:1], toks)
	require.Equal(t, encoding.StopLength, s.Stop)

	full := append(slices.Clone(prompt), all[:20]...)
	toks, s = generate(t, e, Request{Prompt: full, Stop: none})
	require.Equal(t, all[20:], toks, "a prompt that fills the capacity has one token behind it")

	var broken Stats
	for range e.Generate(context.Background(), Request{Prompt: prompt, Stop: none, Stats: &broken}) {
		if broken.Output == 3 {
			break
		}
	}
	require.Equal(t, encoding.StopCancelled, broken.Stop)
	require.Equal(t, 3, broken.Output)

	for tok := range e.Generate(context.Background(), Request{Prompt: prompt, Stop: []tokenizer.Token{stop}, Stats: &broken}) {
		if tok == stop {
			break
		}
	}
	require.Equal(t, encoding.StopToken, broken.Stop, "a loop that is left at the stop token was not left early")
}

// TestDefaultStop looks at the default with the vocabulary of gpt-oss: each of the three tokens, forced by a bias, stops.
func TestDefaultStop(t *testing.T) {
	e := Local(openRecipe(t, "v"), nil)
	require.ElementsMatch(t, []tokenizer.Token{200002, 200012, 199999}, DefaultStop())
	for _, stop := range append(DefaultStop(), tokenizer.End) {
		r := Request{Prompt: []tokenizer.Token{1, 2, 3}, MaxTokens: 4, Sampling: Sampling{LogitBias: map[tokenizer.Token]float32{stop: 100}}}
		toks, s := generate(t, e, r)
		if stop == tokenizer.End {
			require.Len(t, toks, 4, "<|end|> ends a message, not the turn")
			continue
		}
		require.Equal(t, []tokenizer.Token{stop}, toks)
		require.Equal(t, encoding.StopToken, s.Stop)
		require.Equal(t, stop, s.StopToken)
	}
}

// TestCancelPrefill cancels in the third chunk of a prompt: two chunks stay, and the next request uses them.
func TestCancelPrefill(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, nil)
	prompt := someTokens(1, 3*prefillChunk, 512)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var s Stats
	toks, err := collect(e.Generate(ctx, Request{Prompt: prompt, Stats: &s, Progress: func(done, total int) {
		require.Equal(t, len(prompt), total)
		if done >= 2*prefillChunk {
			cancel()
		}
	}}))
	require.Empty(t, toks)
	require.ErrorIs(t, err, context.Canceled)
	require.Equal(t, encoding.StopCancelled, s.Stop)
	require.Zero(t, s.Output)

	var progress []int
	r := Request{Prompt: prompt, MaxTokens: 5, Stop: none, Progress: func(done, total int) {
		require.Equal(t, prefillChunk, total)
		progress = append(progress, done)
	}}
	toks, s = generate(t, e, r)
	require.Equal(t, 2*prefillChunk, s.Cached)
	require.Zero(t, progress[0])
	require.Equal(t, prefillChunk, progress[len(progress)-1])
	require.IsNonDecreasing(t, progress)
	r.Progress = nil
	fresh, _ := generate(t, Local(m, nil), r)
	require.Equal(t, fresh, toks)
}

// TestCancelDecode cancels between tokens, and while a request waits for its turn.
func TestCancelDecode(t *testing.T) {
	e := Local(openRecipe(t, "a"), &LocalOptions{Sequences: 1})
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	var s Stats
	n := 0
	var last error
	for _, err := range e.Generate(ctx, Request{Prompt: someTokens(1, 10, 512), Stop: none, Stats: &s}) {
		if last = err; err != nil {
			continue
		}
		if n++; n == 4 {
			waiting, stop := context.WithCancel(context.Background())
			stop()
			var w Stats
			toks, err := collect(e.Generate(waiting, Request{Prompt: someTokens(1, 10, 512), Stats: &w}))
			require.Empty(t, toks)
			require.ErrorIs(t, err, context.Canceled, "the only sequence is in use")
			require.Equal(t, encoding.StopCancelled, w.Stop)
			cancel()
		}
	}
	require.ErrorIs(t, last, context.Canceled)
	require.Equal(t, 4, n)
	require.Equal(t, 4, s.Output)
	require.Equal(t, encoding.StopCancelled, s.Stop)
}

// TestGrow lets an output grow beyond what the sequence was made for.
func TestGrow(t *testing.T) {
	m := openRecipe(t, "a")
	prompt := someTokens(1, 20, 512)
	r := Request{Prompt: prompt, MaxTokens: 100, Stop: none, Sampling: Sampling{Temperature: 1, Seed: 1}}
	want, _ := generate(t, Local(m, nil), r)
	require.Len(t, want, 100)
	e := Local(m, &LocalOptions{Capacity: len(prompt) + 99})
	e.room = 16
	r.MaxTokens = 0
	got, s := generate(t, e, r)
	require.Equal(t, want, got)
	require.Equal(t, encoding.StopLength, s.Stop)
	require.Equal(t, e.Capacity(), e.slots[0].seq.Capacity())

	r.Prompt = append(slices.Clone(prompt), want[:50]...)
	e = Local(m, nil)
	e.room = 16
	generate(t, e, Request{Prompt: prompt, MaxTokens: 1})
	small := e.slots[0].seq.Capacity()
	require.LessOrEqual(t, small, 32)
	r.MaxTokens = 10
	got, s = generate(t, e, r)
	require.Equal(t, len(prompt), s.Cached, "what it held goes along")
	require.Greater(t, e.slots[0].seq.Capacity(), small)
	fresh, _ := generate(t, Local(m, nil), r)
	require.Equal(t, fresh, got)
}

// TestErrors: what cannot be met is an error before anything is computed.
func TestErrors(t *testing.T) {
	m := openRecipe(t, "a")
	e := Local(m, &LocalOptions{Capacity: 50})
	require.Equal(t, 50, e.Capacity())
	require.Equal(t, m.Config().Context, Local(m, &LocalOptions{Capacity: math.MaxInt}).Capacity())
	run := func(r Request) (Stats, error) {
		var s Stats
		r.Stats = &s
		toks, err := collect(e.Generate(context.Background(), r))
		require.Empty(t, toks)
		require.Error(t, err)
		require.Equal(t, encoding.StopError, s.Stop)
		return s, err
	}
	var capacity *decoder.CapacityError
	_, err := run(Request{Prompt: someTokens(1, 51, 512)})
	require.ErrorAs(t, err, &capacity)
	require.Equal(t, decoder.CapacityError{Wanted: 51, Capacity: 50}, *capacity)

	var token *decoder.TokenError
	_, err = run(Request{Prompt: []tokenizer.Token{1, 512, 2}})
	require.ErrorAs(t, err, &token)
	require.Equal(t, 1, token.Offset)

	ok := []tokenizer.Token{1}
	for text, r := range map[string]Request{
		"engine: prompt: expected at least one token, found none":        {},
		"engine: max tokens: expected a number from 0 up, found -1":      {Prompt: ok, MaxTokens: -1},
		"engine: logprobs: expected a number from 0 to 1000, found 1001": {Prompt: ok, Logprobs: 1001},
		"engine: top-p: expected a number from 0 to 1, found 2":          {Prompt: ok, Sampling: Sampling{TopP: 2}},
		"engine: logit bias: expected tokens below 512, found 512":       {Prompt: ok, Sampling: Sampling{LogitBias: map[tokenizer.Token]float32{512: 1}}},
	} {
		_, err := run(r)
		require.EqualError(t, err, text)
		require.ErrorAs(t, err, new(*RequestError))
	}
	require.Empty(t, e.slots, "nothing was computed")
	require.Empty(t, e.tickets)

	closed := openRecipe(t, "a")
	e = Local(closed, nil)
	require.NoError(t, closed.Close())
	_, err = run(Request{Prompt: ok})
	require.ErrorIs(t, err, decoder.ErrClosed)
	require.Empty(t, e.tickets)
}

// TestStepAllocations: a decode step allocates nothing, with all that sampling can do.
func TestStepAllocations(t *testing.T) {
	e := Local(openRecipe(t, "a"), nil)
	r := Request{Prompt: someTokens(1, 30, 512), Stop: none, Mask: &scripted{},
		Sampling: Sampling{Temperature: 1, TopK: 50, TopP: .9, MinP: .01, RepetitionPenalty: 1.01}}
	mask := r.Mask.(*scripted)
	mask.accepted = make([]tokenizer.Token, 0, 1<<16)
	next, stop := iter.Pull2(e.Generate(context.Background(), r))
	defer stop()
	for range 600 {
		next()
	}
	require.Zero(t, testing.AllocsPerRun(100, func() { next() }))
}

// TestTurns holds a conversation with a model that speaks Harmony, through encoding's transcript: rendered, generated and parsed,
// each turn from what the turn before has left.
func TestTurns(t *testing.T) {
	enc := encoding.GPTOSS()
	words := func(text string) (ids []uint32) {
		for _, tok := range enc.Tokenizer().Encode(text) {
			ids = append(ids, uint32(tok))
		}
		return ids
	}
	dir := t.TempDir()
	script := checkpointtest.Script{Thought: words("They say hello, so I do too."), Answer: words("Hi there! How can one help you today?")}
	require.NoError(t, script.WriteOriginal(dir))
	m, err := decoder.Open(dir, &decoder.Options{Threads: 1})
	require.NoError(t, err)
	defer m.Close()
	e := Local(m, nil)

	transcript := enc.NewTranscript(&encoding.RenderOptions{Retention: encoding.RetainCookbook})
	require.NoError(t, transcript.Append(harmony.NewSystem(harmony.NewSystemContent())))
	for turn, text := range []string{"Hi.", "Hi again, at some more length.", "Bye."} {
		require.NoError(t, transcript.Append(harmony.NewUser(text)))
		prompt, reuse, err := transcript.Prompt(harmony.RoleAssistant)
		require.NoError(t, err)
		for _, temperature := range []float64{0, 1} {
			var s Stats
			toks, err := collect(e.Generate(context.Background(), Request{Prompt: prompt, Stats: &s, Sampling: Sampling{Temperature: temperature}}))
			require.NoError(t, err)
			require.Equal(t, encoding.StopToken, s.Stop)
			require.GreaterOrEqual(t, s.Cached, reuse.Tokens-1, "turn %d", turn)
			result, err := enc.Parse(toks, harmony.RoleAssistant, &encoding.ParseOptions{Strict: true, Stop: s.Stop})
			require.NoError(t, err)
			text, _ := enc.Tokenizer().Decode(toks)
			require.Equal(t, encoding.VerdictFinal, result.Verdict, "%q", text)
			whole, _ := enc.Tokenizer().Decode(prompt)
			require.Len(t, result.Messages, 2, "%q", whole)
			require.Equal(t, "They say hello, so I do too.", result.Messages[0].Text())
			require.Equal(t, "Hi there! How can one help you today?", result.Messages[1].Text())
			if temperature == 1 {
				transcript.AppendSampled(toks, s.Stop)
			}
		}
	}
}

// someTokens returns n tokens below a vocabulary.
func someTokens(seed uint64, n, vocabulary int) []tokenizer.Token {
	toks := make([]tokenizer.Token, n)
	for i := range toks {
		seed = seed*6364136223846793005 + 1442695040888963407
		toks[i] = tokenizer.Token(seed >> 33 % uint64(vocabulary))
	}
	return toks
}
