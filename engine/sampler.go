package engine

import (
	"fmt"
	"math"
	"math/bits"
	"math/rand/v2"

	"github.com/harmony-go/sdk/tokenizer"
)

// A Sampler chooses tokens from logits as its Sampling says. Generators have samplers of their own: this one is for programs
// that drive a decoder.Sequence themselves. After the first call it allocates nothing. It belongs to one goroutine.
type Sampler struct {
	vocabulary int
	sampling   Sampling
	bias       []biased
	scale      scale
	random     rand.PCG

	seen     []uint64 // a bit for each token of the prompt and the output; nil until a penalty is wanted
	seenList []tokenizer.Token
	mass     []uint64    // [V]: of each token, in a draw
	cands    []candidate // those that may be left
	sums     buckets
}

type biased struct {
	token tokenizer.Token
	bias  float32
}

// NewSampler returns a sampler for logits of a vocabulary; see Reset.
func NewSampler(vocabulary int, sampling *Sampling, prompt []tokenizer.Token) (*Sampler, error) {
	s := &Sampler{vocabulary: vocabulary}
	if err := s.Reset(sampling, prompt); err != nil {
		return nil, err
	}
	return s, nil
}

// Reset makes s as NewSampler would, keeping its memory. The tokens of prompt are those that the repetition penalty counts
// before any output; it is not kept. The error is a *RequestError, after which s is as before.
func (s *Sampler) Reset(sampling *Sampling, prompt []tokenizer.Token) error {
	if err := sampling.check(s.vocabulary); err != nil {
		return err
	}
	s.sampling = *sampling
	s.sampling.LogitBias = nil // it is the caller's
	s.bias = s.bias[:0]
	for t, b := range sampling.LogitBias {
		s.bias = append(s.bias, biased{t, b})
	}
	s.random.Seed(sampling.Seed, 0)
	if sampling.Temperature > 0 {
		s.scale = newScale(sampling.Temperature, s.vocabulary)
		if s.mass == nil {
			s.mass = make([]uint64, s.vocabulary)
		}
	}
	clear(s.seen)
	s.seenList = s.seenList[:0]
	if s.penalises() {
		if s.seen == nil {
			s.seen = make([]uint64, (s.vocabulary+63)/64)
		}
		for _, t := range prompt {
			s.see(t)
		}
	}
	return nil
}

func (s *Sampler) penalises() bool {
	return s.sampling.RepetitionPenalty != 0 && s.sampling.RepetitionPenalty != 1
}

// see records a token for the penalty.
func (s *Sampler) see(t tokenizer.Token) {
	if int64(t) >= int64(s.vocabulary) {
		return
	}
	if bit := uint64(1) << (t % 64); s.seen[t/64]&bit == 0 {
		s.seen[t/64] |= bit
		s.seenList = append(s.seenList, t)
	}
}

// Sample chooses a token, which from then on counts as output. logits, [V], are changed: bias and penalty are applied in
// place. allowed, if not nil, has a bit for each token that may be chosen, as Mask fills it. ErrNoToken says that there is
// none: then nothing is drawn.
func (s *Sampler) Sample(logits []float32, allowed []uint64) (tokenizer.Token, error) {
	if len(logits) != s.vocabulary {
		return 0, fmt.Errorf("engine: expected %d logits, found %d", s.vocabulary, len(logits))
	}
	if allowed != nil && len(allowed) != (s.vocabulary+63)/64 {
		return 0, fmt.Errorf("engine: expected a mask of %d words, found %d", (s.vocabulary+63)/64, len(allowed))
	}
	s.adjust(logits)
	best, ok := argmax(logits, allowed)
	if !ok {
		return 0, ErrNoToken
	}
	if math.IsInf(float64(logits[best]), 1) {
		for i, z := range logits {
			logits[i] = min(z, math.MaxFloat32) // no number stays one
		}
		best, _ = argmax(logits, allowed)
	}
	if s.sampling.Temperature > 0 {
		best = s.draw(logits, allowed, logits[best])
	}
	if s.penalises() {
		s.see(best)
	}
	return best, nil
}

// adjust applies bias and penalty.
func (s *Sampler) adjust(logits []float32) {
	for _, b := range s.bias {
		logits[b.token] += b.bias
	}
	if !s.penalises() {
		return
	}
	penalty := float32(s.sampling.RepetitionPenalty)
	for _, t := range s.seenList {
		if logits[t] > 0 {
			logits[t] /= penalty
		} else {
			logits[t] *= penalty
		}
	}
}

// argmax returns the best token that is allowed, of equal ones the lowest; false if there is none.
func argmax(logits []float32, allowed []uint64) (tokenizer.Token, bool) {
	best, at := float32(math.Inf(-1)), -1
	if allowed == nil {
		for i, z := range logits {
			if z > best {
				best, at = z, i
			}
		}
		return tokenizer.Token(at), at >= 0
	}
	for w, word := range allowed {
		for ; word != 0; word &= word - 1 {
			i := w*64 + bits.TrailingZeros64(word)
			if i < len(logits) && logits[i] > best {
				best, at = logits[i], i
			}
		}
	}
	return tokenizer.Token(at), at >= 0
}

// draw chooses by weight: steps 4 to 8 of Sampling. What is not kept in the end is never made a candidate if that can be seen from
// the logit's first digit or the weight.
func (s *Sampler) draw(logits []float32, allowed []uint64, best float32) tokenizer.Token {
	p := &s.sampling
	cut := p.TopP > 0 && p.TopP < 1
	if p.TopK > 0 && p.TopK < len(logits) {
		s.count(logits, allowed)
		cands := keepBest(s.gather(logits, s.firstDigit(uint64(p.TopK)), 1), uint64(p.TopK), &s.sums)
		for i := range cands {
			cands[i].mass = s.scale.weight(float64(logits[cands[i].token]), float64(best))
		}
		if cut {
			cands = keepBest(cands, share(p.TopP, total(cands)), &s.sums)
		}
		return s.pick(cands)
	}
	sum := s.weigh(logits, allowed, float64(best), cut)
	switch {
	case cut:
		limit := share(p.TopP, sum)
		return s.pick(keepBest(s.gather(logits, s.firstDigit(limit), 1), limit, &s.sums))
	case p.MinP > 0:
		return s.pick(s.gather(logits, 0, share(p.MinP, s.scale.one)))
	}
	return s.pickAny(sum)
}

// share returns the least whole number that is at least a share of sum.
func share(part float64, sum uint64) uint64 { return uint64(math.Ceil(part * float64(sum))) }

// count gives each token that may be drawn the mass 1, and sums them by their keys' first digit.
func (s *Sampler) count(logits []float32, allowed []uint64) {
	clear(s.sums[:])
	low := float32(math.Inf(-1))
	for i, z := range logits {
		s.mass[i] = 0
		if z > low && (allowed == nil || allowed[i/64]>>(i%64)&1 != 0) {
			s.mass[i] = 1
			s.sums[orderKey(z)>>firstShift]++
		}
	}
}

// weigh gives each token that may be drawn its weight, and returns their sum. byDigit also sums them by their keys' first
// digit.
func (s *Sampler) weigh(logits []float32, allowed []uint64, best float64, byDigit bool) uint64 {
	clear(s.sums[:])
	sum, sc, mass := uint64(0), &s.scale, s.mass[:len(logits)]
	for i, z := range logits {
		w := sc.weight(float64(z), best)
		if allowed != nil && allowed[i/64]>>(i%64)&1 == 0 {
			w = 0
		}
		mass[i] = w
		sum += w
		if byDigit && w > 0 {
			s.sums[orderKey(z)>>firstShift] += w
		}
	}
	return sum
}

// firstDigit returns the least first digit of a key with which a token may be among the best whose masses reach limit.
func (s *Sampler) firstDigit(limit uint64) uint32 {
	digit, _, _ := s.sums.reach(limit, 0) // 0 if they do not reach it: all may be
	return uint32(digit)
}

// gather returns the candidates: the tokens with a mass of least or more, and a key whose first digit is digit or greater.
func (s *Sampler) gather(logits []float32, digit uint32, least uint64) []candidate {
	cands := s.cands[:0]
	for i, m := range s.mass {
		if m < least {
			continue
		}
		if key := orderKey(logits[i]); key>>firstShift >= digit {
			cands = append(cands, candidate{tokenizer.Token(i), key, m})
		}
	}
	s.cands = cands
	return cands
}

// pick applies MinP and draws one of the candidates.
func (s *Sampler) pick(cands []candidate) tokenizer.Token {
	if least := share(s.sampling.MinP, s.scale.one); least > 0 {
		kept := cands[:0]
		for _, c := range cands {
			if c.mass >= least {
				kept = append(kept, c)
			}
		}
		cands = kept
	}
	r, _ := bits.Mul64(s.random.Uint64(), total(cands))
	for i := range cands {
		if r < cands[i].mass {
			return cands[i].token
		}
		r -= cands[i].mass
	}
	panic("engine: a draw beyond the sum of all weights") // r is below that sum, in which the best token has its share
}

// pickAny draws one of all tokens, whose weights sum up to sum.
func (s *Sampler) pickAny(sum uint64) tokenizer.Token {
	r, _ := bits.Mul64(s.random.Uint64(), sum)
	for i, m := range s.mass {
		if r < m {
			return tokenizer.Token(i)
		}
		r -= m
	}
	panic("engine: a draw beyond the sum of all weights") // as in pick
}

func total(cands []candidate) uint64 {
	sum := uint64(0)
	for i := range cands {
		sum += cands[i].mass
	}
	return sum
}
