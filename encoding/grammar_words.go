package encoding

import (
	"sync"

	"github.com/harmony-go/sdk/schema/constrain"
	"github.com/harmony-go/sdk/tokenizer"
)

// A wordIndex is what a grammar needs to know about the tokens of text of o200k_harmony. It is made once in a process, in about 10 ms.
type wordIndex struct {
	tok     *tokenizer.Tokenizer
	slots   []uint32 // by hash: a token + 1, or 0
	longest int      // bytes of a token
	all     [constrain.MaskWords]uint64
	rest    [charStates][]Token // by the state within a character: the tokens that consist of bytes of its rest
}

// grammarWords returns the index.
var grammarWords = sync.OnceValue(func() *wordIndex {
	w := &wordIndex{tok: GPTOSS().tok, slots: make([]uint32, 1<<19)}
	n := min(w.tok.Size(), 64*constrain.MaskWords)
	for t := range Token(n) {
		s := w.text(t)
		if s == "" {
			continue
		}
		w.all[t/64] |= 1 << (t % 64)
		w.longest = max(w.longest, len(s))
		h := hashStart
		for i := range len(s) {
			h = hashByte(h, s[i])
		}
		i := h >> (64 - 19)
		for w.slots[i] != 0 {
			i = (i + 1) % uint64(len(w.slots))
		}
		w.slots[i] = uint32(t) + 1
		for state := charState(1); state < charStates && s[0] >= 0x80 && s[0] < 0xC0; state++ {
			if state.completes(s) {
				w.rest[state] = append(w.rest[state], t)
			}
		}
	}
	return w
})

// text returns the bytes of a token, or "" where it is none of text.
func (w *wordIndex) text(t Token) string {
	if w.tok.IsSpecial(t) {
		return ""
	}
	s, _ := w.tok.TokenString(t)
	return s
}

// find returns the token of text that has these bytes, of which it is told the hash.
func (w *wordIndex) find(hash uint64, text []byte) (Token, bool) {
	for i := hash >> (64 - 19); w.slots[i] != 0; i = (i + 1) % uint64(len(w.slots)) {
		if t := Token(w.slots[i] - 1); w.text(t) == string(text) {
			return t, true
		}
	}
	return 0, false
}

// hashStart and hashByte hash a text byte by byte; the high bits are the ones that are used.
// The constants: FNV-1a for the start; the multiplier is odd and close to 2^64 divided by the golden ratio.
const hashStart uint64 = 14695981039346656037

func hashByte(h uint64, b byte) uint64 { return (h ^ uint64(b)) * 0x9E3779B97F4A7C15 }

// A charState is what a text that ends within a character still needs.
type charState uint8

const (
	charWhole   charState = iota // nothing
	charOne                      // any byte that goes on
	charTwo                      // two of them
	charThree                    // three
	charAfterE0                  // of A0..BF, and another
	charAfterED                  // of 80..9F, and another
	charAfterF0                  // of 90..BF, and two more
	charAfterF4                  // of 80..8F, and two more
	charStates
)

// goOn reads a byte of the character that has begun, and reports whether it is one. Source: The Unicode Standard 16.0, table 3-7.
func (s charState) goOn(b byte) (charState, bool) {
	low, high, next := byte(0x80), byte(0xBF), charOne
	switch s {
	case charWhole:
		return charWhole, false
	case charOne, charTwo, charThree:
		next = s - 1
	case charAfterE0:
		low = 0xA0
	case charAfterED:
		high = 0x9F
	case charAfterF0:
		low, next = 0x90, charTwo
	case charAfterF4:
		high, next = 0x8F, charTwo
	}
	return next, b >= low && b <= high
}

// step reads a byte. One that does not go on ends what was begun: it was no character.
func (s charState) step(b byte) charState {
	if next, ok := s.goOn(b); ok {
		return next
	}
	return charBegun(b)
}

// charBegun reads the first byte of a character.
func charBegun(b byte) charState {
	switch {
	case b < 0xC2 || b > 0xF4:
		return charWhole
	case b < 0xE0:
		return charOne
	case b == 0xE0:
		return charAfterE0
	case b == 0xED:
		return charAfterED
	case b < 0xF0:
		return charTwo
	case b == 0xF0:
		return charAfterF0
	case b < 0xF4:
		return charThree
	}
	return charAfterF4
}

// text reads a text.
func (s charState) text(text string) charState {
	if text[len(text)-1] < 0x80 {
		return charWhole
	}
	for i := range len(text) {
		s = s.step(text[i])
	}
	return s
}

// completes reports whether all of a text belongs to the character that has begun.
func (s charState) completes(text string) bool {
	for i := range len(text) {
		next, ok := s.goOn(text[i])
		if !ok {
			return false
		}
		s = next
	}
	return true
}

// copyMask writes a mask into another that may be of any length.
func copyMask(dst, src []uint64) {
	clear(dst[copy(dst, src):])
}

// setToken sets the bit of a token, if there is one.
func setToken(dst []uint64, t Token) {
	if i := int(t / 64); i < len(dst) {
		dst[i] |= 1 << (t % 64)
	}
}
