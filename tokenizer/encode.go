package tokenizer

import "math/bits"

// appendEncode appends the tokens of ordinary text.
func (t *Tokenizer) appendEncode(dst []Token, text string, sc *scratch) []Token {
	if t.pattern != nil {
		return t.appendPattern(dst, text, sc)
	}
	for i := 0; i < len(text); {
		if dst, i = t.encodeFast(dst, text, i, sc); i == len(text) {
			break
		}
		end := scan(text, i)
		dst = t.appendPiece(dst, text[i:end], sc)
		i = end
	}
	return dst
}

// fastMargin is how far from the end of the text the fast loop stops: it loads sixteen bytes and looks at up to three
// more.
const fastMargin = 24

// fastRoom is the room that the fast loop needs in the result: it writes all three tokens of a cache entry and its count.
const fastRoom = 4

// encodeFast encodes pieces from i on as long as they are simple and known, and returns where it stopped.
func (t *Tokenizer) encodeFast(dst []Token, text string, i int, sc *scratch) ([]Token, int) {
	out := dst[:cap(dst)]
	n := len(dst)
	cached := &sc.cache.short
	for i <= len(text)-fastMargin && n <= len(out)-fastRoom {
		s := text[i : i+fastMargin]
		w0, w1 := load64(s, 0), load64(s, 8)
		var end int
		b0 := s[0]
		kind := asciiKind[b0]
		up, low := letters(w0)
		// The letters begin at byte 0, or at byte 1 behind a lead.
		if (up|low)>>(kind&63)&uint64(kind)&0x80 != 0 {
			brk := ^(up | low) | up&(low<<8)
			brk &= 0x8080808080808000
			if brk != 0 {
				end = bits.TrailingZeros64(brk) >> 3
			} else {
				up1, low1 := letters(w1)
				brk = ^(up1 | low1) | up1&(low1<<8|low>>56)
				brk &= 0x8080808080808080
				if brk == 0 {
					break
				}
				end = 8 + bits.TrailingZeros64(brk)>>3
			}
			if after := s[end]; after >= 0x80 {
				break
			} else if after == '\'' {
				end = scanContraction(s, end)
				if end > 15 {
					break
				}
			}
		} else {
			break
		}
		lo, hi := w0&keyMaskLo[end&15], w1&keyMaskHi[end&15]|uint64(end)<<56
		h := hashKey(lo, hi)
		e := &cached[h>>(64-shortBits)]
		if e.lo != lo || e.hi != hi {
			if !t.fill(e, text[i:i+end], h, sc) {
				break
			}
		}
		*(*[4]Token)(out[n:]) = e.out
		n += int(e.out[3])
		i += end
	}
	return out[:n], i
}

func (t *Tokenizer) fill(e *shortEntry, piece string, h uint64, sc *scratch) bool {
	if tok := t.vocab.findWhole(piece, h); tok != noToken {
		e.lo, e.hi = keyOf(piece)
		e.out = [4]Token{tok, 0, 0, 1}
		return true
	}
	toks := sc.merger.append(&t.vocab, sc.buf[:0], piece)
	if len(toks) > 3 {
		return false
	}
	e.lo, e.hi = keyOf(piece)
	e.out = [4]Token{}
	copy(e.out[:], toks)
	e.out[3] = Token(len(toks))
	return true
}

// letters marks the bytes of w that are capital and small ASCII letters by their top bit.
func letters(w uint64) (up, low uint64) {
	const ones = 0x0101010101010101
	folded := w&(0x7F*ones) | 0x20*ones
	l := (folded + (0x80-'a')*ones) &^ (folded + (0x80-'z'-1)*ones) &^ w & (0x80 * ones)
	return l &^ (w << 2), l & (w << 2)
}

var asciiKind = func() (t [256]uint8) {
	for b := range 128 {
		c := classBlocks[b]
		switch {
		case c&classLetter != 0:
			t[b] = 0x80
		case c.isLead():
			t[b] = 0x80 | 8
		}
	}
	return
}()

var keyMaskLo, keyMaskHi = func() (lo, hi [16]uint64) {
	for n := range 16 {
		if n >= 8 {
			lo[n] = ^uint64(0)
			hi[n] = 1<<(8*(n-8)) - 1
		} else {
			lo[n] = 1<<(8*n) - 1
		}
	}
	return
}()

// appendPiece appends the tokens of one piece: one, if the piece is a token itself, otherwise those that the merge finds.
func (t *Tokenizer) appendPiece(dst []Token, piece string, sc *scratch) []Token {
	if tok := t.vocab.findWhole(piece, hashString(piece)); tok != noToken {
		return append(dst, tok)
	}
	return sc.merger.append(&t.vocab, dst, piece)
}
