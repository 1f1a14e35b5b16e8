package tokenizer

import (
	"math/bits"
)

// Limits of a vocabulary. An id fits in tokenBits bits because the pair table packs three of them into a word.
const (
	tokenBits = 21
	maxTokens = 1<<tokenBits - 1 // one id is kept as noToken
	noToken   = Token(1<<tokenBits - 1)
)

// A vocabulary is the immutable heart of a Tokenizer: the bytes of every token, and the two questions that encoding asks.
// Is this piece a token? (whole) And into what do these two tokens merge? (pairs)
type vocabulary struct {
	text string   // the bytes of all tokens one after the other, in order of id, special tokens included
	off  []uint32 // token t is text[off[t]:off[t+1]]; an id that is not in the vocabulary has an empty range

	ordinary Token // ids from here on are not ordinary tokens (special, or none)

	bytes    [256]Token      // the token of each single byte
	bytePair *[1 << 16]Token // what two bytes merge into, by first<<8 | second: the first round of every merge
	pairs    []uint64        // open addressing; see pairSlot
	whole    []uint32        // open addressing; see findWhole
}

// tokenString returns the bytes of token t, or "" where there is none.
func (v *vocabulary) tokenString(t Token) string {
	if uint(t)+1 >= uint(len(v.off)) {
		return ""
	}
	return v.text[v.off[t]:v.off[t+1]]
}

// size is one more than the highest id.
func (v *vocabulary) size() int { return len(v.off) - 1 }

// tableSize is the number of slots of a hash table for n entries: a power of two, at most half full, so that a look-up
// touches one cache line nearly always.
func tableSize(n int) int { return 1 << bits.Len(uint(2*n)) }

// Multipliers of the hash functions: odd, with well mixed bits (the fractional parts of the golden ratio, and of the square
// roots of 3 and 5).
const (
	hashMul0 = 0x9E3779B97F4A7C15
	hashMul1 = 0xBB67AE8584CAA73B
	hashMul2 = 0x3C6EF372FE94F82B | 1
)

// The pair table. A slot is left | right<<21 | merged<<42, or emptySlot. The index is the top of the product, so it
// depends on every bit of both ids.

const emptySlot = ^uint64(0)

// pairKey packs the two ids of a slot.
func pairKey(left, right Token) uint64 { return uint64(left) | uint64(right)<<tokenBits }

// addPair records that left and right merge into merged.
func (v *vocabulary) addPair(left, right, merged Token) {
	key := pairKey(left, right)
	mask := uint64(len(v.pairs) - 1)
	for i := hashPair(key); ; i++ {
		if v.pairs[i&mask] == emptySlot {
			v.pairs[i&mask] = key | uint64(merged)<<(2*tokenBits)
			return
		}
	}
}

// hashPair spreads a pair key; callers mask it.
func hashPair(key uint64) uint64 {
	h := key * hashMul0
	return h>>40 ^ h>>20
}

// pair returns the token that left and right merge into, or noToken.
func (v *vocabulary) pair(left, right Token) Token {
	const keyMask = 1<<(2*tokenBits) - 1
	key := pairKey(left, right)
	mask := uint64(len(v.pairs) - 1)
	for i := hashPair(key); ; i++ {
		slot := v.pairs[i&mask]
		if slot&keyMask == key {
			return Token(slot >> (2 * tokenBits))
		}
		if slot == emptySlot {
			return noToken
		}
	}
}

// The whole table. A slot is token | tag<<21, the tag being 11 more bits of the hash, or emptyWhole. Only when the tag
// agrees are the bytes compared.

const emptyWhole = ^uint32(0)

// addWhole records ordinary token t under its bytes.
func (v *vocabulary) addWhole(t Token) {
	h := hashString(v.tokenString(t))
	mask := uint64(len(v.whole) - 1)
	for i := h >> 32; ; i++ {
		if v.whole[i&mask] == emptyWhole {
			v.whole[i&mask] = wholeSlot(t, h)
			return
		}
	}
}

func wholeSlot(t Token, h uint64) uint32 { return uint32(t) | uint32(h>>21&(1<<11-1))<<tokenBits }

// findWhole returns the ordinary token whose bytes are s, given hashString(s), or noToken.
func (v *vocabulary) findWhole(s string, h uint64) Token {
	mask := uint64(len(v.whole) - 1)
	tag := wholeSlot(0, h)
	for i := h >> 32; ; i++ {
		slot := v.whole[i&mask]
		if slot == emptyWhole {
			return noToken
		}
		if slot&^(1<<tokenBits-1) == tag {
			if t := Token(slot & (1<<tokenBits - 1)); v.tokenString(t) == s {
				return t
			}
		}
	}
}

// hashString hashes a piece of any length.
func hashString(s string) uint64 {
	if len(s) < keyBytes {
		lo, hi := keyOf(s)
		return hashKey(lo, hi)
	}
	h := uint64(len(s))
	for len(s) > 8 {
		h = (h ^ load64(s, 0)) * hashMul0
		h ^= h >> 29
		s = s[8:]
	}
	h = (h ^ loadTail(s)) * hashMul1
	return h ^ h>>32
}
