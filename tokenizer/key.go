package tokenizer

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

// hashKey mixes a key; its upper half is the better one.
func hashKey(lo, hi uint64) uint64 {
	h := lo*hashMul0 ^ hi*hashMul1
	h ^= h >> 32
	return h * hashMul2
}

// load64 reads eight bytes of s at i, the first in the lowest byte. The compiler makes one load of it.
func load64(s string, i int) uint64 {
	s = s[i : i+8]
	return uint64(s[0]) | uint64(s[1])<<8 | uint64(s[2])<<16 | uint64(s[3])<<24 |
		uint64(s[4])<<32 | uint64(s[5])<<40 | uint64(s[6])<<48 | uint64(s[7])<<56
}

// loadTail reads a string of at most eight bytes as load64 would if zeros followed it.
func loadTail(s string) uint64 {
	var w uint64
	for i := len(s) - 1; i >= 0; i-- {
		w = w<<8 | uint64(s[i])
	}
	return w
}
