package constrain

import (
	"bytes"
	"unicode/utf8"
)

// Strings are compared by their characters: an escape and the character it stands for are the same to the machines.

// stepString reads a byte of a string or a key.
func (m *Matcher) stepString(t *thread, b byte, out []thread) []thread {
	if t.part == partNone {
		switch {
		case b == '"':
			return m.endString(t, out)
		case b == '\\':
			return m.stepPart(t, out, partEscape, 0)
		case b < ' ':
			return out
		case b < utf8.RuneSelf:
			return m.stepRune(t, rune(b), out)
		}
		return m.beginRune(t, b, out)
	}
	switch {
	case t.part >= partTail1:
		return m.stepTail(t, b, out)
	case t.part == partEscape:
		return m.stepEscape(t, b, out)
	case t.part == partLowEsc:
		if b == '\\' {
			return m.stepPart(t, out, partLowU, t.char)
		}
		return out
	case t.part == partLowU:
		if b == 'u' {
			return m.stepPart(t, out, partLow4, t.char)
		}
		return out
	}
	return m.stepHex(t, b, out)
}

// beginRune reads the first byte of a character of several.
func (m *Matcher) beginRune(t *thread, b byte, out []thread) []thread {
	switch {
	case b >= 0xC2 && b < 0xE0:
		return m.stepPart(t, out, partTail1, uint32(b&0x1F))
	case b >= 0xE0 && b < 0xF0:
		return m.stepPart(t, out, partTail2, uint32(b&0x0F))
	case b >= 0xF0 && b < 0xF5:
		return m.stepPart(t, out, partTail3, uint32(b&0x07))
	}
	return out
}

// stepTail reads a further byte.
func (m *Matcher) stepTail(t *thread, b byte, out []thread) []thread {
	if b&0xC0 != 0x80 {
		return out
	}
	char := t.char<<6 | uint32(b&0x3F)
	switch {
	case t.part == partTail1:
		return m.stepRune(t, rune(char), out)
	case t.part == partTail2 && (char < 0x20 || char >= 0xD800>>6 && char < 0xE000>>6):
		return out // overlong, or a surrogate
	case t.part == partTail3 && (char < 0x10 || char > maxRune>>12):
		return out
	}
	return m.stepPart(t, out, t.part-1, char)
}

var escapes = [256]byte{'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t'}

func (m *Matcher) stepEscape(t *thread, b byte, out []thread) []thread {
	if b == 'u' {
		return m.stepPart(t, out, partHex4, 0)
	}
	c := escapes[b]
	if c == 0 || m.plain && c == '/' {
		return out
	}
	return m.stepRune(t, rune(c), out)
}

// stepHex reads a digit behind \u.
func (m *Matcher) stepHex(t *thread, b byte, out []thread) []thread {
	digit := hexDigit(b)
	if digit > 15 {
		return out
	}
	char := t.char<<4 | digit
	switch t.part {
	case partHex1:
		switch {
		case char>>10 == 0xD800>>10:
			return m.stepPart(t, out, partLowEsc, char&0x3FF)
		case char>>10 == 0xDC00>>10:
			return out
		}
		return m.stepRune(t, rune(char), out)
	case partLow1:
		char = t.char | digit
		return m.stepRune(t, rune(0x10000+(char>>16)<<10+char&0x3FF), out)
	case partLow4:
		char = t.char<<16 | digit<<12 // the bits of the high surrogate, and 16 for the low one
		if digit != 0xD {
			return out
		}
	case partLow3:
		char = t.char | digit<<8
		if digit < 0xC {
			return out
		}
	case partLow2:
		char = t.char | digit<<4
	}
	return m.stepPart(t, out, t.part-1, char)
}

// hexDigit is the value of a hexadecimal digit, or more than 15.
func hexDigit(b byte) uint32 {
	switch {
	case b >= '0' && b <= '9':
		return uint32(b - '0')
	case b|0x20 >= 'a' && b|0x20 <= 'f':
		return uint32(b|0x20-'a') + 10
	}
	return 16
}

// stepPart moves a thread inside a character, if one that begins so can come.
func (m *Matcher) stepPart(t *thread, out []thread, p part, char uint32) []thread {
	out = append(out, *t)
	next := &out[len(out)-1]
	next.part, next.char = p, char
	if t.text.all && t.mode == modeText && !t.text.m.counted && !m.plain {
		return out
	}
	if !m.mayBe(next) {
		return out[:len(out)-1]
	}
	return out
}

// mayBe reports whether a character that has begun can become one with which the string goes on.
func (m *Matcher) mayBe(t *thread) bool {
	switch t.part {
	case partEscape:
		for _, c := range `"\/bfnrt` {
			if !(m.plain && c == '/') && m.someFits(t, rune(escapes[c]), rune(escapes[c])) {
				return true
			}
		}
		return m.unitFits(t, 0, 0xFFFF)
	case partHex1, partHex2, partHex3, partHex4:
		bits := 4 * (t.part - partHex1 + 1)
		return m.unitFits(t, t.char<<bits, (t.char+1)<<bits-1)
	case partLowEsc, partLowU:
		return m.rangeFits(t, 0x10000+t.char<<10, 0x10000+t.char<<10+0x3FF)
	case partLow4:
		return m.rangeFits(t, 0x10000+t.char<<10, 0x10000+t.char<<10+0x3FF)
	case partLow1, partLow2, partLow3:
		high, low := 0x10000+(t.char>>16)<<10, t.char&0x3FF
		switch t.part {
		case partLow3:
			return m.rangeFits(t, high, high+0x3FF)
		case partLow2:
			return m.rangeFits(t, high+low, high+low+0xFF)
		}
		return m.rangeFits(t, high+low, high+low+0xF)
	}
	bits := 6 * (t.part - partTail1 + 1)
	lo, hi := t.char<<bits, (t.char+1)<<bits-1
	switch t.part { // shorter spellings, and what UTF-8 does not have
	case partTail2:
		lo = max(lo, 0x800)
	case partTail3:
		lo, hi = max(lo, 0x10000), min(hi, maxRune)
	}
	return m.rangeFits(t, lo, hi)
}

// unitFits is rangeFits for the 16 bits of \u, of which some are the first half of a character.
func (m *Matcher) unitFits(t *thread, lo, hi uint32) bool {
	if lo < 0xDC00 && hi >= 0xD800 {
		first, last := max(lo, 0xD800)-0xD800, min(hi, 0xDBFF)-0xD800
		if m.rangeFits(t, 0x10000+first<<10, 0x10000+last<<10+0x3FF) {
			return true
		}
	}
	return m.rangeFits(t, lo, hi)
}

// onlyEscaped are the characters for which \u is the one plain spelling.
var onlyEscaped = [...]runeRange{{0, 7}, {0x0B, 0x0B}, {0x0E, 0x1F}}

// rangeFits reports whether a string can go on with one of some characters, written as an escape or not.
func (m *Matcher) rangeFits(t *thread, lo, hi uint32) bool {
	if !m.plain || t.part >= partTail1 {
		return m.someFits(t, rune(lo), rune(hi))
	}
	for _, r := range onlyEscaped {
		if first, last := max(rune(lo), r.lo), min(rune(hi), r.hi); first <= last && m.someFits(t, first, last) {
			return true
		}
	}
	return false
}

// someFits reports whether one of the characters from lo to hi leads on.
func (m *Matcher) someFits(t *thread, lo, hi rune) bool {
	c := t.text.m.classes
	for i := c.find(lo); i < len(c.ranges) && c.ranges[i].lo <= hi; i++ {
		r := &c.ranges[i]
		if s := t.text.stepClass(r.class); s != nil && m.stateFits(t, s, max(lo, r.lo), min(hi, r.hi)) {
			return true
		}
	}
	return false
}

// stateFits reports whether a thread can move on to a state with one more character, one of those from lo to hi.
func (m *Matcher) stateFits(t *thread, s *textState, lo, hi rune) bool {
	if t.mode == modeText {
		return s.fits(t.nextSize()) && m.unusedText(t, s, lo, hi)
	}
	return m.keyFits(t, s, lo, hi)
}

// nextSize counts one more character. Where there is no end, what is beyond the least is not counted.
func (t *thread) nextSize() int { return int(nextSize(t.text.m, t.size)) }

func nextSize(m *textMachine, size int32) int32 {
	if !m.counted {
		return 0
	}
	if size++; m.max < 0 {
		size = min(size, int32(m.min))
	}
	return size
}

// stepRune reads a complete character.
func (m *Matcher) stepRune(t *thread, r rune, out []thread) []thread {
	if m.plain && t.part != partNone && t.part < partTail1 && !m.needsEscape(t, r) {
		return out
	}
	s := t.text.step(r)
	if s == nil {
		return out
	}
	size := 0
	if t.mode == modeText {
		if size = t.nextSize(); !s.fits(size) || !m.unusedText(t, s, r, r) {
			return out
		}
	} else {
		if !m.keyFits(t, s, r, r) {
			return out
		}
		if m.g.spareKeys && t.top != noFrame {
			m.keys = utf8.AppendRune(m.keys[:m.keyMark], r) // the same for all threads
			m.grown++
		}
	}
	out = append(out, *t)
	next := &out[len(out)-1]
	next.text, next.size, next.part, next.char = s, int32(size), partNone, 0
	return out
}

// needsEscape reports whether the escape that a thread is in is the one plain spelling of a character.
func (m *Matcher) needsEscape(t *thread, r rune) bool {
	if t.part == partEscape {
		return true // those that plain text does not need have been refused
	}
	return r < ' ' && !bytes.ContainsRune([]byte("\b\f\n\r\t"), r)
}

// endString reads the quote at the end.
func (m *Matcher) endString(t *thread, out []thread) []thread {
	if t.mode == modeKey {
		return m.endKey(t, out)
	}
	if !t.text.ends(int(t.size)) {
		return out
	}
	m.word = nil
	if t.text.m.keys == nil && t.text.m.set.op == textWords {
		m.word = t.text
	}
	end := *t
	if !m.endValue(&end, len(m.text)) {
		return out
	}
	return append(out, end)
}
