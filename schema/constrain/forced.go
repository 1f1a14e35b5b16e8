package constrain

import (
	"math/bits"

	"github.com/harmony-go/sdk/tokenizer"
)

// Limits of one call of Forced, in bytes: how much it looks ahead, and back.
const (
	maxForced = 1 << 10
	maxBehind = 1 << 10
)

// Forced appends to dst the tokens that come next whatever the model says, because only one text is possible: they can be
// accepted, one by one, without running the model. They are the tokens that the tokenizer gives for the whole text, so that the
// model sees what it was trained on; where what follows might change the last of them, or where the tokens so far are not the
// tokenizer's, they are left to the model. A text that may end is never forced to go on.
//
// Where white space is allowed everywhere and every character of a string may be escaped, little is forced: Options.Compact and
// Options.PlainStrings make the difference.
func (m *Matcher) Forced(dst []tokenizer.Token) []tokenizer.Token {
	f := &m.forced
	f.text = f.text[:0]
	next := m.forcedText()
	if len(f.text) == 0 {
		return dst
	}
	begin, ok := m.cutBehind()
	if !ok {
		return dst
	}
	behind := m.said[begin:m.offset]
	end := len(f.text)
	if !cutsBefore(f.text[end-1], next) {
		for end--; end > 0 && !cuts(f.text[end-1], f.text[end]); end-- {
		}
	}
	if end == 0 {
		return dst
	}
	f.toks = m.vocab.tokens.AppendEncode(f.toks[:0], string(behind)+string(f.text))
	at := 0
	for _, tok := range f.toks {
		if at >= len(behind)+end {
			break
		}
		switch n := len(m.vocab.text(tok)); {
		case at >= len(behind):
			dst = append(dst, tok)
			at += n
		case at+n > len(behind):
			return dst // the tokenizer would not have stopped here
		default:
			at += n
		}
	}
	return dst
}

// A forcedText is what Forced works with.
type forcedText struct {
	text []byte
	toks []tokenizer.Token
}

// forcedText finds the text that has to come, and then which bytes may follow.
func (m *Matcher) forcedText() (next byteSet) {
	k := m.save()
	for len(m.forced.text) < maxForced {
		b, n := m.onlyByte(&next)
		if n != 1 || m.Accepting() || m.advance(string([]byte{b})) == 0 {
			break
		}
		m.forced.text = append(m.forced.text, b)
		m.offset++
	}
	m.restore(&k)
	return next
}

// onlyByte puts into set the bytes that may come next, and perhaps others if there are more than one. It returns one of them, and
// whether there are none, one, or more.
func (m *Matcher) onlyByte(set *byteSet) (only byte, n int) {
	*set = m.allowed(m.threads)
	for i, word := range *set {
		for ; word != 0; word &= word - 1 {
			b := byte(i<<6 | bits.TrailingZeros64(word))
			k := m.walkMark()
			out := m.stepAll(m.threads, b, m.spareTh[:0])
			m.spareTh = out
			m.cutWalk(&k)
			if len(out) == 0 {
				set[i] &^= 1 << (b & 63)
				continue
			}
			if only, n = b, n+1; n > 1 && !isLetter(m.lastByte()) && !isDigit(m.lastByte()) {
				return only, n
			}
		}
	}
	return only, n
}

// lastByte is the last byte of what has been read and is forced.
func (m *Matcher) lastByte() byte {
	if n := len(m.forced.text); n > 0 {
		return m.forced.text[n-1]
	}
	return 0
}

func isDigit(c byte) bool { return c-'0' <= 9 }

// cuts reports whether the tokenizer is sure to cut a text between two bytes, whatever stands around them. Pieces of digits hold
// nothing else, and words end before what is neither letter nor apostrophe.
func cuts(a, b byte) bool {
	if a >= 0x80 || b >= 0x80 {
		return false
	}
	return isDigit(a) != isDigit(b) || isLetter(a) && !isLetter(b) && b != '\''
}

// cutsBefore reports whether the tokenizer is sure to cut between a byte and each of some others.
func cutsBefore(a byte, next byteSet) bool {
	for i, word := range next {
		for ; word != 0; word &= word - 1 {
			if !cuts(a, byte(i<<6|bits.TrailingZeros64(word))) {
				return false
			}
		}
	}
	return true
}

// cutBehind returns a place at which the tokenizer cuts what has been read, from which on the forced text can be encoded.
func (m *Matcher) cutBehind() (at int, ok bool) {
	first := m.forced.text[0]
	for at = m.offset; at > 0 && at > m.offset-maxBehind; at-- {
		b := first
		if at < m.offset {
			b = m.said[at]
		}
		if cuts(m.said[at-1], b) {
			return at, true
		}
	}
	return 0, at == 0
}
