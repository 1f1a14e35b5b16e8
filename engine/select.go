package engine

import (
	"math"

	"github.com/harmony-go/sdk/tokenizer"
)

// A candidate is a token that may be drawn. Candidates lie in the order of their tokens.
type candidate struct {
	token tokenizer.Token
	key   uint32 // grows with the logit
	mass  uint64 // what a selection counts: 1, or the weight
}

// orderKey maps a logit to a number that grows with it; zeros of both signs are equal.
func orderKey(z float32) uint32 {
	b := math.Float32bits(z)
	if b == 1<<31 {
		return b
	}
	return b ^ uint32(int32(b)>>31) | ^b&(1<<31)
}

// digits are the parts of a key that a selection looks at, the most significant first.
var digits = [...]struct{ shift, bits int }{{firstShift, 32 - firstShift}, {10, 11}, {0, 10}}

const firstShift = 21 // of the first digit

// buckets has room for the sum of each value of a digit.
type buckets [1 << 11]uint64

// reach returns the digit at which the sums, counted from the highest digit down and beginning with above, reach limit, and what
// lies above that digit; false if they do not.
func (b *buckets) reach(limit, above uint64) (digit int, over uint64, ok bool) {
	for digit = len(b) - 1; digit >= 0; digit-- {
		if above+b[digit] >= limit {
			return digit, above, true
		}
		above += b[digit]
	}
	return 0, above, false
}

// keepBest returns the fewest of the best candidates whose masses reach limit, or all if they do not; in cands' own memory and
// in the order of their tokens. Better is the greater key, of equal ones the lower token.
//
// It finds the key at which limit is reached digit by digit, as a radix sort would, without sorting: time is linear in the
// number of candidates, whatever they are.
func keepBest(cands []candidate, limit uint64, sums *buckets) []candidate {
	var above uint64      // mass above the key
	var key, known uint32 // the digits of the key that are known, and the bits that they cover
	for _, d := range digits {
		last := uint32(1)<<d.bits - 1
		clear(sums[:])
		for i := range cands {
			if k := cands[i].key; k&known == key {
				sums[k>>d.shift&last] += cands[i].mass
			}
		}
		digit, over, ok := sums.reach(limit, above)
		if !ok {
			return cands
		}
		above, key, known = over, key|uint32(digit)<<d.shift, known|last<<d.shift
	}
	kept := cands[:0]
	for _, c := range cands {
		switch {
		case c.key > key:
			kept = append(kept, c)
		case c.key == key && above < limit:
			above += c.mass
			kept = append(kept, c)
		}
	}
	return kept
}
