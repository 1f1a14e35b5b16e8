package engine

import (
	"context"
	"fmt"
	"iter"

	"github.com/harmony-go/sdk/decoder"
	"github.com/harmony-go/sdk/tokenizer"
)

// A Generator is where tokens come from: a decoder in this process, a server, or a script.
//
// Generate returns the tokens that follow a prompt, each as soon as it is chosen, the stop token included. An error comes once,
// with token 0, as the last pair; the tokens before it count. Breaking off the loop ends the generation. Nothing happens before
// the sequence is ranged over, and ranging over it again generates again.
//
// Errors: *RequestError for what cannot be met, *MaskError, the error of ctx, and what the generator itself adds. A Generator
// is safe for concurrent use.
type Generator interface {
	Generate(ctx context.Context, r Request) iter.Seq2[tokenizer.Token, error]
}

// A Request says what to generate. Only Prompt is needed. The generator reads it while it generates, changes nothing of it but
// Stats, and keeps nothing of it.
type Request struct {
	// Prompt is what the model reads, as encoding.RenderForCompletion returns it. It must not be empty.
	Prompt []tokenizer.Token

	// MaxTokens ends the output; 0: when there is no room for more.
	MaxTokens int

	// Stop holds the tokens that end the output. nil is DefaultStop; an empty slice is none.
	Stop []tokenizer.Token

	// Sampling says how tokens are chosen. The zero value always takes the best.
	Sampling Sampling

	// Mask, if not nil, says at each token which may come next.
	Mask Mask

	// Logprobs is for how many of the best tokens Stats.Logprobs tells the probability; 0: there are none.
	Logprobs int

	// Progress, if not nil, is called while the prompt is computed: done of total tokens, those that were computed before left
	// out. It is called on the goroutine that ranges, first with done 0 and last with done equal to total.
	Progress func(done, total int)

	// Stats, if not nil, is set to zero first and then kept up to date: at each token it covers that token.
	Stats *Stats
}

// A Mask restricts which tokens may come next, for output that follows a grammar. It belongs to one generation at a time.
type Mask interface {
	// Mask sets bit t%64 of allowed[t/64] for each token t that may come next, and clears all others. allowed has a bit for
	// each token of the vocabulary, rounded up to whole words. Bits beyond the vocabulary are ignored.
	Mask(allowed []uint64)
	// Accept advances by a token that was chosen: one that Mask allowed. An error ends the generation.
	Accept(t tokenizer.Token) error
}

// DefaultStop returns the tokens that end an assistant's turn: <|return|>, <|call|> and <|endoftext|>. The caller owns the slice.
// Source: openai/gpt-oss-20b, generation_config.json, eos_token_id.
func DefaultStop() []tokenizer.Token {
	return []tokenizer.Token{tokenizer.Return, tokenizer.Call, tokenizer.EndOfText}
}

// maxLogprobs is as many as a request may ask for. It bounds the memory of a Stats; OpenAI's API has a limit of 20.
const maxLogprobs = 1000

// check returns what is wrong with r for a vocabulary and a capacity.
func (r *Request) check(vocabulary, capacity int) error {
	switch {
	case len(r.Prompt) == 0:
		return &RequestError{Field: "prompt", What: "expected at least one token, found none"}
	case r.MaxTokens < 0:
		return &RequestError{Field: "max tokens", What: fmt.Sprintf("expected a number from 0 up, found %d", r.MaxTokens)}
	case r.Logprobs < 0 || r.Logprobs > maxLogprobs:
		return &RequestError{Field: "logprobs", What: fmt.Sprintf("expected a number from 0 to %d, found %d", maxLogprobs, r.Logprobs)}
	case len(r.Prompt) > capacity:
		return &decoder.CapacityError{Wanted: len(r.Prompt), Capacity: capacity}
	}
	for i, t := range r.Prompt {
		if int64(t) >= int64(vocabulary) {
			return &decoder.TokenError{Offset: i, Token: t, Vocabulary: vocabulary}
		}
	}
	return r.Sampling.check(vocabulary)
}

// stops reports whether t ends the output.
func (r *Request) stops(t tokenizer.Token) bool {
	if r.Stop == nil {
		return t == tokenizer.Return || t == tokenizer.Call || t == tokenizer.EndOfText
	}
	for _, s := range r.Stop {
		if t == s {
			return true
		}
	}
	return false
}
