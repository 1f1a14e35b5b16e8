package tokenizer

// Sizes of the caches: together about half of a second-level cache.
const (
	shortEntries = 1 << shortBits
	shortBits    = 14
	wideEntries  = 1 << wideBits
	wideBits     = 12
	wideBytes    = 32
)

// A cache remembers the tokens of pieces. It is direct mapped: a piece has one place, and the last one that wants it gets
// it, so neither a look-up nor an insertion ever costs more than one line of memory, whatever the text. The whole piece is the
// key; a hash decides only where it lives.
//
// Most pieces are tokens themselves and could be looked up in the vocabulary; the cache is there because its entries lie
// beside their keys and close to the processor, and because it remembers merges too.
type cache struct {
	short [shortEntries]shortEntry
	wide  [wideEntries]wideEntry
}

// A shortEntry is a piece of at most 15 bytes that has at most three tokens. The zero value is the empty piece, which
// nobody looks up.
type shortEntry struct {
	lo, hi uint64   // the key
	out    [4]Token // the tokens; the last one is their number
}

// A wideEntry is a piece of at most 31 bytes that has at most seven tokens, for scripts that take two or three bytes a letter.
type wideEntry struct {
	key [4]uint64 // the bytes and zeros; the last byte is the length
	out [8]Token  // the tokens; the last one is their number
}

// wideKey returns the key of a piece. Requires len(s) < wideBytes.
func wideKey(s string) (key [4]uint64) {
	n := len(s)
	for i := 0; i < len(key) && s != ""; i++ {
		if len(s) >= 8 {
			key[i] = load64(s, 0)
			s = s[8:]
		} else {
			key[i] = loadTail(s)
			break
		}
	}
	key[3] |= uint64(n) << 56
	return key
}

// hashWide is the place of a wide key.
func hashWide(k *[4]uint64) uint64 {
	h := k[0]*hashMul0 ^ k[1]*hashMul1
	h ^= (k[2]+h>>32)*hashMul2 ^ k[3]*hashMul0
	h ^= h >> 32
	return h * hashMul1
}
