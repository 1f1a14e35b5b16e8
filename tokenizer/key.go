package tokenizer

import "github.com/harmony-go/sdk/tokenizer/internal/perfect"

// keyBytes is the size of a key: the bytes of a piece, padded with zeros, its length in the last byte. Pieces shorter than
// this have a key; the length tells "a" from "a\x00".
const keyBytes = 16

// keyOf returns the key of a piece as two little-endian words. Requires len(s) < keyBytes.
func keyOf(s string) (lo, hi uint64) {
	if len(s) <= 8 {
		return loadTail(s), uint64(len(s)) << 56
	}
	return load64(s, 0), loadTail(s[8:]) | uint64(len(s))<<56
}

// hashKey mixes a key.
func hashKey(lo, hi uint64) uint64 { return perfect.Mix2(lo, hi) }

// hashShort is a quick hash of a key, good enough for a cache of pieces; only its top bits are of use.
func hashShort(lo, hi uint64) uint64 { return lo*hashMul0 ^ hi*hashMul1 }

// load64 reads eight bytes of s at i, the first in the lowest byte. The compiler makes one load of it.
func load64(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// loadTail reads a string of at most eight bytes as load64 would if zeros followed it.
func loadTail(s string) uint64 {
	n := len(s)
	switch {
	case n == 8:
		return load64(s, 0)
	case n >= 4: // two halves that overlap
		first := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
		s = s[n-4:]
		last := uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24
		return first | last<<(8*(n-4)&63)
	case n > 0: // first, middle and last, which may be the same
		return uint64(s[0]) | uint64(s[n/2])<<(8*(n/2)) | uint64(s[n-1])<<(8*(n-1)&63)
	}
	return 0
}
