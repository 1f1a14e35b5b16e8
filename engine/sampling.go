package engine

import (
	"fmt"
	"math"

	"github.com/harmony-go/sdk/tokenizer"
)

// Sampling says how a token is chosen from logits. The zero value takes the best token every time. OpenAI recommends
// Temperature 1 and nothing else for gpt-oss (openai/gpt-oss, README.md).
//
// The steps are taken in this order, and in no other:
//
//  1. LogitBias is added.
//  2. RepetitionPenalty is applied to each token that the prompt or the output holds: a positive logit is divided by it, any
//     other multiplied.
//  3. What the mask forbids is out, and so is a logit that is no number or negative infinity.
//  4. With Temperature 0 the best logit is chosen, of equal ones the lowest token: nothing below applies. Otherwise each
//     token has the weight exp((logit - best logit) / Temperature).
//  5. TopK keeps the TopK best.
//  6. TopP keeps the fewest of the best whose weights reach TopP of what TopK has left.
//  7. MinP keeps those with at least MinP times the weight of the best.
//  8. One of the rest is drawn by weight.
//
// Better means a higher logit after step 2; of equal logits the lower token is the better one.
//
// The order is that of transformers (5.23.0, generation/utils.py, _get_logits_processor). vLLM (v1/sample/sampler.py) takes the
// mask first and MinP before TopK, which changes TopP's share where both are set; llama.cpp (common/common.h) applies
// Temperature last, so that TopP and MinP there look at the weights for temperature 1.
//
// Steps 5 to 8 are exact: weights are whole numbers of which the best has 2^(62-b), b being the bits of the vocabulary's size (18
// for gpt-oss), rounded down; so a token less likely than the best by more than 2^44 is never drawn. Their sums do not
// depend on an order, and the exponential is computed with plain float64 arithmetic that every platform rounds alike. The draw
// takes one value u of math/rand/v2's PCG, seeded with (Seed, 0), for each token: of the tokens in the order of their ids,
// the first at which the running sum of weights exceeds u*sum/2^64. Equal logits and an equal Seed therefore give equal tokens
// on every platform.
type Sampling struct {
	Temperature       float64                     // 0: the best token
	TopK              int                         // 0: all
	TopP              float64                     // 0 and 1: all
	MinP              float64                     // 0: all
	RepetitionPenalty float64                     // 0 and 1: none
	LogitBias         map[tokenizer.Token]float32 // negative infinity bans a token
	Seed              uint64                      // a seed like any other when it is 0: there is no chance in this package
}

// check returns what is wrong with s for a vocabulary, a *RequestError.
func (s *Sampling) check(vocabulary int) error {
	for _, f := range []struct {
		name     string
		value    float64
		min, max float64
	}{
		{"temperature", s.Temperature, 0, math.MaxFloat64},
		{"top-p", s.TopP, 0, 1},
		{"min-p", s.MinP, 0, 1},
		{"repetition penalty", s.RepetitionPenalty, 0, math.MaxFloat32},
	} {
		if !(f.value >= f.min && f.value <= f.max) { // no number is in no range
			return &RequestError{Field: f.name, What: fmt.Sprintf("expected %s, found %v", rangeWords(f.min, f.max), f.value)}
		}
	}
	if s.TopK < 0 {
		return &RequestError{Field: "top-k", What: fmt.Sprintf("expected a number from 0 up, found %d", s.TopK)}
	}
	for t, b := range s.LogitBias {
		if int64(t) >= int64(vocabulary) {
			return &RequestError{Field: "logit bias", What: fmt.Sprintf("expected tokens below %d, found %d", vocabulary, t)}
		}
		if b != b || b > math.MaxFloat32 {
			return &RequestError{Field: "logit bias", What: fmt.Sprintf("expected a number for token %d, found %v", t, b)}
		}
	}
	return nil
}

func rangeWords(low, high float64) string {
	if high > 1 {
		return fmt.Sprintf("a number from %v up", low)
	}
	return fmt.Sprintf("a number from %v to %v", low, high)
}
