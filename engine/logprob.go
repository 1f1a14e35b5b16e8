package engine

import (
	"math"

	"github.com/harmony-go/sdk/tokenizer"
)

// A Logprob is a token and the natural logarithm of its probability.
type Logprob struct {
	Token   tokenizer.Token
	Logprob float64 // negative infinity for one that cannot come, such as a logit that is no number
}

// Logprobs are the probabilities at one place of the output: the model's own, before bias, penalty, mask and temperature, as
// OpenAI's API and vLLM tell them. A token that Sampling prefers may therefore be far from the best.
type Logprobs struct {
	Chosen Logprob
	Best   []Logprob // the best tokens, the best first, of equal ones the lower token; at most as many as were asked for
}

// newLogprobs returns the probabilities of the chosen token and the n best.
//
// The sum of all is made of the sampler's whole numbers: exact to 1.2e-8, whatever the order.
func newLogprobs(logits []float32, chosen tokenizer.Token, n int) Logprobs {
	l := Logprobs{Chosen: Logprob{chosen, math.Inf(-1)}}
	best, ok := argmax(logits, nil)
	if !ok {
		return l
	}
	top := finite(logits[best])
	sc, sum := newScale(1, len(logits)), uint64(0)
	for _, z := range logits {
		sum += sc.weight(finite(z), top)
	}
	logSum := top + math.Log(float64(sum)/float64(sc.one))
	l.Chosen = logprob(logits, chosen, logSum)
	for _, t := range bestTokens(logits, n) {
		l.Best = append(l.Best, logprob(logits, t, logSum))
	}
	return l
}

// finite returns a logit with positive infinity as the greatest number, as Sampling has it.
func finite(z float32) float64 { return float64(min(z, math.MaxFloat32)) }

func logprob(logits []float32, t tokenizer.Token, logSum float64) Logprob {
	p := finite(logits[t]) - logSum
	if math.IsNaN(p) {
		p = math.Inf(-1)
	}
	return Logprob{t, p}
}

// bestTokens returns the n best tokens, the best first. n is small: each of the few logits that are better than the worst of
// the list moves down it to its place.
func bestTokens(logits []float32, n int) []tokenizer.Token {
	list := make([]tokenizer.Token, 0, min(n, len(logits))+1)
	worst := float32(math.Inf(-1))
	for i, z := range logits {
		if !(z > worst) {
			continue
		}
		list = append(list, tokenizer.Token(i))
		at := len(list) - 1
		for ; at > 0 && z > logits[list[at-1]]; at-- {
			list[at] = list[at-1]
		}
		list[at] = tokenizer.Token(i)
		if len(list) > n {
			list = list[:n]
		}
		if len(list) == n {
			worst = logits[list[n-1]]
		}
	}
	return list
}
