package tokenizer

// newBytePair returns a table in which no two bytes merge.
func newBytePair() *[1 << 16]Token {
	t := new([1 << 16]Token)
	for i := range t {
		t[i] = noToken
	}
	return t
}

// newPairs returns an empty pair table for n tokens.
func newPairs(n int) []uint64 {
	s := make([]uint64, tableSize(n))
	for i := range s {
		s[i] = emptySlot
	}
	return s
}

// newWhole returns an empty whole table for n tokens.
func newWhole(n int) []uint32 {
	s := make([]uint32, tableSize(n))
	for i := range s {
		s[i] = emptyWhole
	}
	return s
}

// addMerge records that left and right merge into t; text holds the bytes of all three at v.off.
func (v *vocabulary) addMerge(left, right, t Token, text []byte) {
	if v.off[left+1]-v.off[left] == 1 && v.off[right+1]-v.off[right] == 1 {
		v.bytePair[int(text[v.off[left]])<<8|int(text[v.off[right]])] = t
	}
	v.addPair(left, right, t)
}
