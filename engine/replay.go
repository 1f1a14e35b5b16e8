package engine

import (
	"context"
	"iter"
	"slices"
	"sync"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

// A ReplayEngine generates what it was told to, for tests of what stands above an engine. It is safe for concurrent use.
type ReplayEngine struct {
	mu      sync.Mutex
	turns   [][]tokenizer.Token
	prompts [][]tokenizer.Token
}

var _ Generator = (*ReplayEngine)(nil)

// Replay returns a generator whose n-th generation is the n-th of turns, whatever the prompt. It keeps the rules of a real
// one: a stop token, MaxTokens, the mask and ctx end a turn early, and the stats are those of a prompt that was computed from
// the first token on that it does not share with the prompt and turn before. A turn that holds no stop token ends like one cut
// off for want of room. Sampling and Logprobs have no effect. After the last turn the error is ErrReplayOver.
//
// The engine keeps the slices, which the caller must not change.
func Replay(turns ...[]tokenizer.Token) *ReplayEngine { return &ReplayEngine{turns: turns} }

// Prompts returns the prompts of all generations so far, in order. The caller owns the outer slice, the inner ones are shared.
func (e *ReplayEngine) Prompts() [][]tokenizer.Token {
	e.mu.Lock()
	defer e.mu.Unlock()
	return slices.Clone(e.prompts)
}

// Generate implements Generator.
func (e *ReplayEngine) Generate(ctx context.Context, r Request) iter.Seq2[tokenizer.Token, error] {
	return func(yield func(tokenizer.Token, error) bool) {
		g := newGeneration(ctx, &r, replayVocabulary)
		toks, cached, err := e.next(&r)
		if err != nil {
			g.fail(yield, err)
			return
		}
		g.stats.Cached = cached
		if r.Progress != nil {
			total := len(r.Prompt) - cached
			r.Progress(0, total)
			r.Progress(total, total)
		}
		for i, t := range toks {
			if err := ctx.Err(); err != nil {
				g.fail(yield, err)
				return
			}
			if err := g.forced(t); err != nil {
				g.fail(yield, err)
				return
			}
			if !g.emit(yield, t, i == len(toks)-1) {
				return
			}
		}
		g.stats.Stop = encoding.StopLength // of a turn without a token
	}
}

// replayVocabulary is that of gpt-oss. Source: openai/gpt-oss-20b, config.json, vocab_size.
const replayVocabulary = 201088

// next takes the next turn.
func (e *ReplayEngine) next(r *Request) (toks []tokenizer.Token, cached int, err error) {
	if err := r.check(replayVocabulary, 1<<30); err != nil {
		return nil, 0, err
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	n := len(e.prompts)
	if n == len(e.turns) {
		return nil, 0, ErrReplayOver
	}
	if n > 0 {
		before := slices.Concat(e.prompts[n-1], e.turns[n-1])
		before = before[:len(before)-1]                         // an engine does not compute the last token of an output
		cached = min(shared(r.Prompt, before), len(r.Prompt)-1) // and does compute the last one of a prompt
	}
	e.prompts = append(e.prompts, slices.Clone(r.Prompt))
	return e.turns[n], cached, nil
}

// forced asks the mask for a token that is already chosen.
func (g *generation) forced(t tokenizer.Token) error {
	if g.r.Mask == nil {
		return nil
	}
	if allowed := g.allowed(); int64(t) >= int64(g.vocabulary) || allowed[t/64]>>(t%64)&1 == 0 {
		return &MaskError{Offset: g.stats.Output, Token: t, Err: errForbidden}
	}
	return g.accept(t)
}
