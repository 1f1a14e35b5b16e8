package tokenizer

import (
	"math/bits"
	"unsafe"

	"github.com/harmony-go/sdk/tokenizer/internal/perfect"
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
	text   string   // the bytes of all tokens one after the other, in order of id, special tokens included
	padded []byte   // the same memory, and textPadding more bytes
	off    []uint32 // token t is text[off[t]:off[t+1]]; an id that is not in the vocabulary has an empty range

	ordinary Token // ids from here on are not ordinary tokens (special, or none)

	bytes        [256]Token      // the token of each single byte
	bytePair     *[1 << 16]Token // what two bytes merge into, by first<<8 | second: the first round of every merge
	edge         *[1 << 16]Token // the lowest id that a merge across two bytes gives, by last<<8 | first: see char
	pairs        []uint64        // perfect hash; see pair
	pilots       []uint16        // of the perfect hash
	inline       []inlineSlot    // the short ordinary tokens; perfect hash; see findKey
	inlinePilots []uint16
	long         []uint32 // the long ones; open addressing; see findLong
}

// tokenString returns the bytes of token t, or "" where there is none.
func (v *vocabulary) tokenString(t Token) string {
	if uint(t)+1 >= uint(len(v.off)) {
		return ""
	}
	return v.text[v.off[t]:v.off[t+1]]
}

// setText makes the bytes of the tokens those of the vocabulary, which owns them from then on.
func (v *vocabulary) setText(text []byte) {
	v.padded = append(text, make([]byte, textPadding)...)
	v.text = unsafe.String(&v.padded[0], len(text))
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

// The pair table. A slot is left<<42 | right<<21 | merged, or emptySlot, and a perfect hash says which slot is a pair's. So
// the table is nearly full, which matters because merging wanders all over it, and an answer takes one load and no
// branch: xor with the key leaves the merged token where the key agrees, and something larger than any token elsewhere.

const emptySlot = ^uint64(0)

// pairKey packs the two ids of a pair.
func pairKey(left, right Token) uint64 { return uint64(left)<<tokenBits | uint64(right) }

// pairPlace is the index of a pair's slot.
func (v *vocabulary) pairPlace(key uint64) int {
	h := perfect.Mix(key)
	return perfect.Place(h, v.pilots[perfect.Bucket(h, len(v.pilots))], len(v.pairs))
}

// addPair records that left and right merge into merged.
func (v *vocabulary) addPair(left, right, merged Token) {
	key := pairKey(left, right)
	v.pairs[v.pairPlace(key)] = key<<tokenBits | uint64(merged)
}

// addEdge records that parts of which one ends with the byte last and the other begins with the byte first merge into t.
func (v *vocabulary) addEdge(last, first byte, t Token) {
	e := &v.edge[int(last)<<8|int(first)]
	*e = min(*e, t)
}

// addBytePair records that two bytes merge into the token with the bytes s.
func (v *vocabulary) addBytePair(s string, merged Token) {
	v.bytePair[int(s[0])<<8|int(s[1])] = merged
}

// pairSlot loads the slot that a pair has if it is in the table.
func (v *vocabulary) pairSlot(key uint64) uint64 { return v.pairs[v.pairPlace(key)] }

// merged returns the token that a pair merges into according to its slot, or noToken.
func merged(slot, key uint64) Token { return Token(min(slot^key<<tokenBits, uint64(noToken))) }

// pair returns the token that left and right merge into, or noToken.
func (v *vocabulary) pair(left, right Token) Token {
	key := pairKey(left, right)
	return merged(v.pairSlot(key), key)
}

// The question "is this piece a token?" is answered by two tables, for it is asked of every piece that no cache knows. Tokens
// of at most inlineBytes bytes, nine of ten, lie in the inline table together with their bytes, at the place that a perfect
// hash gives them: an answer takes one load. For longer ones the long table has only the id, and the bytes are compared with
// the text.

// inlineBytes is the length of the longest token in the inline table.
const inlineBytes = 12

// An inlineSlot holds a token and its bytes. The zero value is a free slot: no token is of length 0.
type inlineSlot struct {
	lo   uint64 // the first eight bytes
	hi   uint32 // the next four
	meta uint32 // token | length<<21
}

// inlineSlotAt is the slot for a piece of at most inlineBytes bytes with that hash of its key.
func (v *vocabulary) inlineSlotAt(h uint64) *inlineSlot {
	return &v.inline[perfect.Place(h, v.inlinePilots[perfect.Bucket(h, len(v.inlinePilots))], len(v.inline))]
}

// addWhole records ordinary token t under its bytes.
func (v *vocabulary) addWhole(t Token, s string) {
	if len(s) > inlineBytes {
		v.addLong(t, hashString(s))
		return
	}
	lo, hi := keyOf(s)
	*v.inlineSlotAt(hashKey(lo, hi)) = inlineSlot{lo, uint32(hi), uint32(t) | uint32(hi>>56)<<tokenBits}
}

// findKey returns the ordinary token whose bytes are s, given the key of s and its hash, or noToken.
func (v *vocabulary) findKey(s string, lo, hi, h uint64) Token {
	if len(s) > inlineBytes {
		return v.findLong(s, h)
	}
	e := v.inlineSlotAt(h)
	if e.lo == lo && e.hi == uint32(hi) && e.meta>>tokenBits == uint32(hi>>56) {
		return Token(e.meta & (1<<tokenBits - 1))
	}
	return noToken
}

// touchKey loads what findKey will need, so that a later call does not wait for it.
func (v *vocabulary) touchKey(size int, h uint64) uint64 {
	if size > inlineBytes {
		return uint64(v.long[h>>32&uint64(len(v.long)-1)])
	}
	return v.inlineSlotAt(h).lo
}

// findWhole returns the ordinary token whose bytes are s, or noToken.
func (v *vocabulary) findWhole(s string) Token {
	if len(s) < keyBytes {
		lo, hi := keyOf(s)
		return v.findKey(s, lo, hi, hashKey(lo, hi))
	}
	return v.findLong(s, hashString(s))
}

// The long table. A slot is token | tag<<21, the tag being 11 more bits of the hash, or emptyLong. Only when the tag
// agrees are the bytes compared.

const emptyLong = ^uint32(0)

func longSlot(t Token, h uint64) uint32 { return uint32(t) | uint32(h>>21&(1<<11-1))<<tokenBits }

// addLong records a token that is too long for the inline table.
func (v *vocabulary) addLong(t Token, h uint64) {
	mask := uint64(len(v.long) - 1)
	for i := h >> 32; ; i++ {
		if v.long[i&mask] == emptyLong {
			v.long[i&mask] = longSlot(t, h)
			return
		}
	}
}

// findLong returns the ordinary token whose bytes are s, given hashString(s), or noToken.
func (v *vocabulary) findLong(s string, h uint64) Token {
	mask := uint64(len(v.long) - 1)
	tag := longSlot(0, h)
	for i := h >> 32; ; i++ {
		slot := v.long[i&mask]
		if slot == emptyLong {
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
