package tokenizer

import "math/bits"

// appendEncode appends the tokens of ordinary text from i on.
func (t *Tokenizer) appendEncode(dst []Token, text string, i int, sc *scratch) []Token {
	for i < len(text) {
		if dst, i = t.encodeSome(dst, text, i, sc); i < len(text) {
			// There is hardly any room left: perhaps enough for what comes, so try before it grows.
			end := scan(text, i)
			dst = t.appendPiece(dst, text[i:end], sc)
			i = end
		}
	}
	return dst
}

// encodeSome appends the tokens of text from i on and returns where it stopped, at the end or near the end of dst's room. It
// makes progress if dst has room for runRoom tokens.
func (t *Tokenizer) encodeSome(dst []Token, text string, i int, sc *scratch) ([]Token, int) {
	if t.pattern != nil {
		return t.appendPattern(dst, text[i:], sc), len(text)
	}
	return t.encodeRun(dst, text, i, sc)
}

const (
	// runMargin is the number of bytes that the fast scanner needs before it: it looks that far ahead without asking.
	runMargin = 24
	// runRoom is the number of tokens that encodeRun needs room for: it copies a cache entry as a whole.
	runRoom = 8
)

// encodeRun encodes pieces from i on and returns where it stopped: at the end of the text, or where dst has less room than
// runRoom. It is appendPiece(scan(…)) again and again, made fast: a word of ASCII is cut without a branch for each letter,
// and looked up in the cache without a branch for its length or its number of tokens; what the cache does not know is put
// off and resolved several at a time. The loop is long because a call in it would cost as much as the rest.
//
// A word's letters begin at byte 0, or at byte 1 behind a lead. It ends before the first byte that is no letter, or a capital
// behind a small letter; byte 0 is never the end. If what follows may belong to it, a contraction or a character that
// is not ASCII, or if there is no end in sixteen bytes, scan decides.
func (t *Tokenizer) encodeRun(dst []Token, text string, i int, sc *scratch) ([]Token, int) {
	out := dst[:cap(dst)]
	n := len(dst)
	entries := &sc.cache.short
	for i <= len(text)-runMargin && n <= len(out)-runRoom {
		s := text[i : i+runMargin]
		w0, w1 := load64(s, 0), load64(s, 8)
		kind := asciiKinds[s[0]]
		up, low := letters(w0)
		var size int
		if (up|low)>>(kind&kindLead)&uint64(kind)&kindWord != 0 {
			if brk := (^(up | low) | up&(low<<8)) & (tops &^ 0x80); brk != 0 {
				size = bits.TrailingZeros64(brk) >> 3
			} else {
				up1, low1 := letters(w1)
				brk = (^(up1 | low1) | up1&(low1<<8|low>>56)) & tops
				size = 8 + bits.TrailingZeros64(brk)>>3 // 16 if there is none
			}
			if after := s[size]; after >= 0x80 || after == '\'' || size == keyBytes {
				size = scan(text, i) - i
			}
		} else if size = scanASCIIOther(s); size == 0 {
			size = scan(text, i) - i
		}
		if size < keyBytes {
			mask := &keyMasks[size]
			lo, hi := w0&mask.lo, w1&mask.hi|uint64(size)<<56
			if e := &entries[hashShort(lo, hi)>>(64-shortBits)]; e.lo == lo && e.hi == hi && e.out[3] != outWide {
				*(*[4]Token)(out[n:]) = e.out
				n += int(e.out[3])
				i += size
				continue
			}
		}
		out, n = t.encodeRare(out, n, text, i, size, sc)
		i += size
	}
	for i < len(text) && n <= len(out)-runRoom {
		size := scan(text, i) - i
		out, n = t.encodeRare(out, n, text, i, size, sc)
		i += size
	}
	out, n = t.resolve(out, n, text, sc)
	return out[:n], i
}

// keyMasks blank what is behind a piece of so many bytes.
var keyMasks = makeKeyMasks()

func makeKeyMasks() (t [keyBytes]struct{ lo, hi uint64 }) {
	for n := range t {
		t[n].lo = 1<<(8*min(n, 8)) - 1
		t[n].hi = 1<<(8*max(n-8, 0)) - 1
	}
	return t
}
