package tokenizer

// Sizes of the caches: together a second-level cache of today.
const (
	shortEntries = 1 << shortBits
	shortBits    = 15
	wideEntries  = 1 << wideBits
	wideBits     = 12
	wideBytes    = 32
	longEntries  = 1 << longBits
	longBits     = 7
	longBytes    = 256
	longTokens   = 62
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
	long  [longEntries]longEntry
}

// A shortEntry is a piece of at most 15 bytes that has at most three tokens. The zero value is the empty piece, which
// nobody looks up.
type shortEntry struct {
	lo, hi uint64   // the key
	out    [4]Token // the tokens; the last one is their number
}

// outWide stands for the number of tokens in an entry whose piece has more than three; they may be in the wide cache.
const outWide = 1 << 16

// A wideEntry is a piece of at most 31 bytes that has at most seven tokens, for scripts that take two or three bytes a letter.
type wideEntry struct {
	key [4]uint64 // the bytes and zeros; the last byte is the length
	out [8]Token  // the tokens; the last one is their number
}

// A longEntry is a piece of at most 256 bytes that has at most 62 tokens: rules of dashes and the like, which are dear to merge.
type longEntry struct {
	size  uint32
	count uint32
	text  [longBytes]byte
	out   [longTokens]Token
}

// wideKey returns the key of a piece of at least keyBytes and less than wideBytes bytes.
func wideKey(s string) [4]uint64 {
	return [4]uint64{load64(s, 0), load64(s, 8), loadTail(s[16:min(24, len(s))]), loadTail(s[min(24, len(s)):]) | uint64(len(s))<<56}
}

// widenKey returns the wide key of a piece that has a short one.
func widenKey(lo, hi uint64) [4]uint64 {
	return [4]uint64{lo, hi & (1<<56 - 1), 0, hi &^ (1<<56 - 1)}
}

// findWide returns the entry of a wide key, or nil.
func (c *cache) findWide(key *[4]uint64) *wideEntry {
	if e := &c.wide[hashWide(key)>>(64-wideBits)]; e.key == *key {
		return e
	}
	return nil
}

// hashWide is the place of a wide key.
func hashWide(k *[4]uint64) uint64 {
	h := k[0]*hashMul0 ^ k[1]*hashMul1
	h ^= (k[2]+h>>32)*hashMul2 ^ k[3]*hashMul0
	h ^= h >> 32
	return h * hashMul1
}

// remember puts a piece that was put off and its tokens into the cache that fits.
func (c *cache) remember(m *miss, piece string, toks []Token) {
	switch {
	case len(piece) >= wideBytes:
		c.rememberLong(piece, m.h, toks)
		return
	case len(piece) < keyBytes:
		e := &c.short[hashShort(m.lo, m.hi)>>(64-shortBits)]
		e.lo, e.hi = m.lo, m.hi
		if len(toks) <= 3 {
			copy(e.out[:3], toks)
			e.out[3] = Token(len(toks))
			return
		}
		e.out[3] = outWide
	}
	if len(toks) <= 7 {
		key := widenKey(m.lo, m.hi)
		if len(piece) >= keyBytes {
			key = wideKey(piece)
		}
		e := &c.wide[hashWide(&key)>>(64-wideBits)]
		e.key = key
		copy(e.out[:7], toks)
		e.out[7] = Token(len(toks))
	}
}

// rememberLong puts a long piece and its tokens into the cache, if they fit.
func (c *cache) rememberLong(piece string, h uint64, toks []Token) {
	if len(piece) > longBytes || len(toks) > longTokens {
		return
	}
	e := &c.long[h>>(64-longBits)]
	copy(e.text[:], piece)
	copy(e.out[:], toks)
	e.size, e.count = uint32(len(piece)), uint32(len(toks))
}
