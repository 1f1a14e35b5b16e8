package engine

import (
	"time"

	"github.com/harmony-go/sdk/encoding"
	"github.com/harmony-go/sdk/tokenizer"
)

// Stats tells how a generation went. It is plain data, written by the generator: to be read in the loop over the tokens, or after it.
type Stats struct {
	Prompt int // tokens of the prompt
	Cached int // of these, the ones that were not computed again
	Output int // tokens chosen, the stop token included

	Waited     time.Duration // until a sequence was free
	Prefill    time.Duration // computing the prompt
	FirstToken time.Duration // from the call to the first token, all of this included
	Decode     time.Duration // computing and choosing the tokens after the first, without the caller's time between them

	// Stop is why the output ended, known at the last token; encoding.Parser.Close takes it. StopToken is the token
	// that ended it, if one did.
	Stop      encoding.StopReason
	StopToken tokenizer.Token

	Logprobs []Logprobs // of each token of the output, if the request asked for them
}

// PrefillSpeed returns the tokens of the prompt that were computed in a second; 0 if none were.
func (s *Stats) PrefillSpeed() float64 { return perSecond(s.Prompt-s.Cached, s.Prefill) }

// DecodeSpeed returns the tokens after the first that were made in a second; 0 if none were.
func (s *Stats) DecodeSpeed() float64 { return perSecond(s.Output-1, s.Decode) }

func perSecond(n int, d time.Duration) float64 {
	if n <= 0 || d <= 0 {
		return 0
	}
	return float64(n) / d.Seconds()
}
