package tokenizer

import "github.com/harmony-go/sdk/tokenizer/internal/perfect"

// newBytePair returns a table, by two bytes, in which none merge.
func newBytePair() *[1 << 16]Token {
	t := new([1 << 16]Token)
	for i := range t {
		t[i] = noToken
	}
	return t
}

// newPairs returns an empty pair table for n pairs.
func newPairs(n int) []uint64 {
	s := make([]uint64, perfect.Places(n))
	for i := range s {
		s[i] = emptySlot
	}
	return s
}

// newLong returns an empty long table for n tokens.
func newLong(n int) []uint32 {
	s := make([]uint32, tableSize(n))
	for i := range s {
		s[i] = emptyLong
	}
	return s
}
