package encoding

import (
	"strings"
	"unicode/utf8"
	"unsafe"

	"github.com/harmony-go/sdk/internal/lossy"
)

const replacement = "\uFFFD"

// whole reports whether s, not empty, is text by itself: valid UTF-8 that begins and ends with a
// character. It is false for the bytes of an unknown token, of which there are none.
func whole(s string) bool {
	for i := 0; i < len(s); i++ {
		if s[i] >= utf8.RuneSelf {
			return utf8.ValidString(s[i:])
		}
	}
	return s != ""
}

// content adds text to the current message and hands out what is whole characters. The rest, the beginning of
// a character, waits for its end. What cannot become a character is replaced at once: one U+FFFD for
// each maximal subpart (The Unicode Standard 16.0, section 3.9, table 3-8; also what Rust's
// String::from_utf8_lossy does).
func (p *Parser) content(s string, off int) {
	from, at := len(p.text), off
	total := len(s)
	place := func() int { // of the first byte of s
		if p.unit == unitByte {
			return off + total - len(s)
		}
		return off
	}
	if p.npending > 0 {
		at = p.pendingOff
		s = p.fill(s)
	}
	for s != "" {
		n := lossy.ValidPrefix(s)
		p.write(s[:n])
		if s = s[n:]; s == "" {
			break
		}
		if !utf8.FullRuneInString(s) {
			p.npending = copy(p.pending[:], s)
			p.pendingOff = place()
			break
		}
		p.replace(place())
		s = s[lossy.Subpart(s):]
	}
	p.deltaFrom(from, at)
}

// fill completes the pending character from s and returns what is left of s.
func (p *Parser) fill(s string) string {
	for p.npending > 0 && s != "" {
		var b [utf8.UTFMax]byte
		n := copy(b[:], p.pending[:p.npending])
		b[n] = s[0]
		if !utf8.FullRune(b[:n+1]) {
			p.pending[n] = s[0]
			p.npending++
			s = s[1:]
			continue
		}
		p.npending = 0
		if r, size := utf8.DecodeRune(b[:n+1]); r == utf8.RuneError && size == 1 {
			p.replace(p.pendingOff)
			return s
		}
		p.write(string(b[:n+1]))
		s = s[1:]
	}
	return s
}

// flush gives up on a pending character: something follows that cannot be its end.
func (p *Parser) flush() {
	if p.npending == 0 || p.err != nil {
		return
	}
	from := len(p.text)
	p.npending = 0
	p.replace(p.pendingOff)
	p.deltaFrom(from, p.pendingOff)
}

// replace writes U+FFFD for bytes that are not UTF-8. One diagnostic a message is enough.
func (p *Parser) replace(off int) {
	p.write(replacement)
	p.altered = true
	if !p.badUTF8 {
		p.badUTF8 = true
		p.diag(RuleUTF8, Warning, off, "", "content is not valid UTF-8 here: U+FFFD stands for the bytes")
	}
}

// badToken reads an id outside the vocabulary in a content.
func (p *Parser) badToken(t Token, off int) {
	p.altered = true
	p.flush()
	p.diag(RuleUTF8, Warning, off, "", "id %d is not in the vocabulary: U+FFFD stands for it", t)
	p.tally(off, p.count)
	from := len(p.text)
	p.write(replacement)
	p.deltaFrom(from, off)
}

// minText is the least room for text that is made at once. What one message leaves, the next one uses.
const minText = 4 << 10

// grow makes room for n more bytes of the current message. It leaves the bytes so far where they are, because
// strings that were handed out share them, and goes on in a copy.
func (p *Parser) grow(n int) {
	text := make([]byte, len(p.text), max(minText, 2*(len(p.text)+n)))
	copy(text, p.text)
	p.text = text
}

// write adds s to the current message.
func (p *Parser) write(s string) {
	if len(s) > cap(p.text)-len(p.text) {
		p.grow(len(s))
	}
	p.text = append(p.text, s...)
}

// since returns the current message's text from byte from on, without a copy: bytes once written are
// never written again.
func (p *Parser) since(from int) string {
	return unsafe.String(unsafe.SliceData(p.text[from:]), len(p.text)-from)
}

// deltaFrom hands out the text from byte from on.
func (p *Parser) deltaFrom(from, off int) {
	if len(p.text) == from || p.muted {
		return
	}
	p.emit(Event{Kind: KindDelta, Offset: off, Message: &p.cur.Message, Text: p.since(from)})
}

// replay reads held input from byte pos of item i on as content, control tokens as their spelling.
func (p *Parser) replay(h held, i, pos int) {
	p.altered = true
	for ; i < len(h.items) && p.err == nil; i++ {
		it := h.items[i]
		switch {
		case it.kind == itemSpecial:
			p.flush()
			p.spell(it.tok, it.off)
		case it.kind == itemBad:
			p.badToken(it.tok, it.off)
		case pos < it.end:
			a := max(pos, it.start)
			off := it.off
			if p.unit == unitByte {
				off += a - it.start
			}
			p.tally(it.off, p.count)
			p.content(string(h.buf[a:it.end]), off)
		}
	}
	p.held.recycle(h)
}

// lossyString returns s with U+FFFD for what is not UTF-8.
func lossyString(s string) string {
	if utf8.ValidString(s) {
		return s
	}
	var b strings.Builder
	for s != "" {
		n := lossy.ValidPrefix(s)
		b.WriteString(s[:n])
		if s = s[n:]; s == "" {
			break
		}
		b.WriteString(replacement)
		if !utf8.FullRuneInString(s) {
			break
		}
		s = s[lossy.Subpart(s):]
	}
	return b.String()
}
