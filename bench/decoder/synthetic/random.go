package main

import "math"

// A stream is a sequence of random numbers, one for each index: the finaliser of splitmix64 over a counter. So any part of it can be
// had without what comes before.
// Source: Steele, Lea and Flood, Fast splittable pseudorandom number generators, 2014.
type stream uint64

const golden = 0x9E3779B97F4A7C15

// newStream returns the stream of a name.
func newStream(seed uint64, name string) stream {
	h := uint64(0xcbf29ce484222325) // FNV-1a of 64 bits
	for i := range len(name) {
		h = (h ^ uint64(name[i])) * 0x100000001b3
	}
	return stream(mix(h ^ mix(seed*golden)))
}

func (s stream) at(i int) uint64 { return mix(uint64(s) + uint64(i+1)*golden) }

func mix(z uint64) uint64 {
	z = (z ^ z>>30) * 0xBF58476D1CE4E5B9
	z = (z ^ z>>27) * 0x94D049BB133111EB
	return z ^ z>>31
}

// normal returns number i of a bell curve of mean 0 and deviation 1: the sum of four uniform numbers, which ends at 3.46.
func (s stream) normal(i int) float32 {
	h := s.at(i)
	sum := h&0xffff + h>>16&0xffff + h>>32&0xffff + h>>48
	const mean, deviation = 2 * 65535, 65536 * 0.5773502691896258 // of four numbers below 65536; the square root of 4/12
	return float32((float64(sum) - mean) / deviation)
}

// uniform returns number i between -1 and 1.
func (s stream) uniform(i int) float32 {
	return float32(float64(s.at(i)>>40)/(1<<23) - 1)
}

// bfloat16 rounds to the nearest, ties to even.
func bfloat16(x float32) uint16 {
	b := math.Float32bits(x)
	return uint16((b + 0x7fff + b>>16&1) >> 16)
}

func fromBFloat16(b uint16) float32 { return math.Float32frombits(uint32(b) << 16) }
