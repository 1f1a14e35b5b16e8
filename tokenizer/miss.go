package tokenizer

import "slices"

// What the cache does not know. Looking such a piece up, and merging it, is a chain of loads from tables that are larger
// than the processor's caches, each of which waits for the one before. So encodeRun puts such pieces off, goes on, and
// when a few have come together they are resolved side by side: their loads overlap. Their tokens are then inserted where they
// belong, for which each token behind them moves once.

// missMax is the number of pieces that are resolved side by side.
const missMax = 16

// missSpan is the number of tokens after which pieces that were put off are resolved even if they are few: until then, the cache
// does not know them when they come again.
const missSpan = 1024

// A miss is a piece that was put off.
type miss struct {
	start, size int    // the piece in the text
	at          int    // how many tokens stand before it
	lo, hi, h   uint64 // its key, if it is short; the hash of its key or of its text
	count       int    // its tokens
}

// misses are the pieces put off, in order, and the means to resolve them.
type misses struct {
	n     int
	list  [missMax]miss
	lanes [missMax]smallMerge
	out   [missMax][smallMax]Token
	warm  uint64
}

// encodeRare encodes a piece of any length: from a cache, or by putting it off. n is the number of tokens in out.
func (t *Tokenizer) encodeRare(out []Token, n int, text string, i, size int, sc *scratch) ([]Token, int) {
	piece := text[i : i+size]
	m := miss{start: i, size: size, at: n}
	switch {
	case size < keyBytes:
		m.lo, m.hi = keyOf(piece)
		if e := &sc.cache.short[hashShort(m.lo, m.hi)>>(64-shortBits)]; e.lo == m.lo && e.hi == m.hi {
			if e.out[3] != outWide {
				*(*[4]Token)(out[n:]) = e.out
				return out, n + int(e.out[3])
			}
			key := widenKey(m.lo, m.hi)
			if e := sc.cache.findWide(&key); e != nil {
				*(*[8]Token)(out[n:]) = e.out
				return out, n + int(e.out[7])
			}
		}
		m.h = hashKey(m.lo, m.hi)
	case size < wideBytes:
		key := wideKey(piece)
		if e := sc.cache.findWide(&key); e != nil {
			*(*[8]Token)(out[n:]) = e.out
			return out, n + int(e.out[7])
		}
		m.h = hashString(piece)
	default:
		m.h = hashString(piece)
		if size <= longBytes && n <= len(out)-longTokens {
			if e := &sc.cache.long[m.h>>(64-longBits)]; int(e.size) == size && string(e.text[:size]) == piece {
				return out, n + copy(out[n:], e.out[:e.count])
			}
		}
		if size > smallMax {
			out, n = t.resolve(out, n, text, sc)
			out = t.mergeLong(out[:n], piece, m.h, sc)
			return out[:cap(out)], len(out)
		}
	}
	return t.putOff(out, n, text, m, sc)
}

// putOff notes a piece that no cache knows.
func (t *Tokenizer) putOff(out []Token, n int, text string, m miss, sc *scratch) ([]Token, int) {
	ms := &sc.misses
	ms.list[ms.n] = m
	ms.n++
	if ms.n == missMax || n-ms.list[0].at > missSpan {
		return t.resolve(out, n, text, sc)
	}
	return out, n
}

// resolve finds the tokens of the pieces that were put off and inserts them.
func (t *Tokenizer) resolve(out []Token, n int, text string, sc *scratch) ([]Token, int) {
	ms := &sc.misses
	if ms.n == 0 {
		return out, n
	}
	list := ms.list[:ms.n]
	for k := range list {
		ms.warm += t.vocab.touchKey(list[k].size, list[k].h)
	}
	t.mergeSideBySide(text, ms)
	total := 0
	for k := range list {
		total += list[k].count
	}
	out = slices.Grow(out[:n], total)
	out = out[:cap(out)]
	// From the last to the first: move what stands behind the piece, then put its tokens before that.
	end, room := n, n+total
	for k := len(list) - 1; k >= 0; k-- {
		m := &list[k]
		room -= end - m.at
		copy(out[room:], out[m.at:end])
		end = m.at
		room -= m.count
		copy(out[room:], ms.out[k][:m.count])
		sc.cache.remember(m, text[m.start:m.start+m.size], ms.out[k][:m.count])
	}
	ms.n = 0
	return out, n + total
}

// mergeSideBySide finds the tokens of the pieces that were put off.
func (t *Tokenizer) mergeSideBySide(text string, ms *misses) {
	v := &t.vocab
	var busy [missMax]uint8 // lanes in which a merge is going on
	n := 0
	for k := range ms.list[:ms.n] {
		m := &ms.list[k]
		piece := text[m.start : m.start+m.size]
		if tok := v.findKey(piece, m.lo, m.hi, m.h); tok != noToken {
			ms.out[k][0] = tok
			m.count = 1
			continue
		}
		ms.lanes[k].start(v, piece)
		busy[n] = uint8(k)
		n++
	}
	for n > 0 {
		going := 0
		for _, k := range busy[:n] {
			lane := &ms.lanes[k%missMax]
			if lane.choose(v) {
				busy[going] = k
				going++
			} else {
				ms.list[k%missMax].count = len(lane.collect(ms.out[k%missMax][:0]))
			}
		}
		n = going
		for _, k := range busy[:n] {
			ms.lanes[k%missMax].finish()
		}
	}
}

// appendPiece appends the tokens of one piece: one, if the piece is a token itself, otherwise those that the merge finds.
func (t *Tokenizer) appendPiece(dst []Token, piece string, sc *scratch) []Token {
	h := hashString(piece)
	if len(piece) > smallMax {
		return t.mergeLong(dst, piece, h, sc)
	}
	var tok Token
	if len(piece) < keyBytes {
		lo, hi := keyOf(piece)
		tok = t.vocab.findKey(piece, lo, hi, h)
	} else {
		tok = t.vocab.findLong(piece, h)
	}
	if tok != noToken {
		return append(dst, tok)
	}
	return sc.merger.append(&t.vocab, dst, piece)
}

// mergeLong appends the tokens of a piece of more than smallMax bytes.
func (t *Tokenizer) mergeLong(dst []Token, piece string, h uint64, sc *scratch) []Token {
	n := len(dst)
	if tok := t.vocab.findLong(piece, h); tok != noToken {
		dst = append(dst, tok)
	} else {
		dst = sc.merger.append(&t.vocab, dst, piece)
	}
	sc.cache.rememberLong(piece, h, dst[n:])
	return dst
}
