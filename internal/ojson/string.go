package ojson

import (
	"encoding/binary"
	"fmt"
	"unicode/utf16"
	"unicode/utf8"
)

// String reads a string, whose quote Kind has just seen. The result shares nothing with the document.
func (r *Reader) String() (string, error) {
	b, err := r.Bytes()
	return string(b), err
}

// Bytes reads a string like String, without a copy: the result is valid until the next string is read.
func (r *Reader) Bytes() ([]byte, error) {
	r.pos++ // the quote
	start := r.pos
	r.pos = plain(r.doc, start)
	if r.pos < len(r.doc) && r.doc[r.pos] == '"' {
		r.pos++
		return r.doc[start : r.pos-1], nil
	}
	return r.escaped(start)
}

// escaped finishes a string that began at start and holds an escape at the reader's position.
func (r *Reader) escaped(start int) ([]byte, error) {
	out := append(r.scratch[:0], r.doc[start:r.pos]...)
	for {
		if r.pos == len(r.doc) {
			return nil, r.unexpected("a closing quote")
		}
		switch r.doc[r.pos] {
		case '"':
			r.pos++
			r.scratch = out
			return out, nil
		case '\\':
			var err error
			if out, err = r.escape(out); err != nil {
				return nil, err
			}
		default:
			return nil, r.unexpected("no control character in a string")
		}
		start = r.pos
		r.pos = plain(r.doc, start)
		out = append(out, r.doc[start:r.pos]...)
	}
}

// plain returns the offset of the first byte at or after i that ends a run of ordinary string bytes: a
// quote, a backslash, a control character, or the end of doc.
func plain(doc []byte, i int) int {
	const ones, highs = 0x0101010101010101, 0x8080808080808080
	for ; i+8 <= len(doc); i += 8 {
		x := binary.LittleEndian.Uint64(doc[i:])
		quote, slash := x^('"'*ones), x^('\\'*ones)
		if ((x-0x20*ones)&^x|(quote-ones)&^quote|(slash-ones)&^slash)&highs != 0 {
			break
		}
	}
	for i < len(doc) && doc[i] >= 0x20 && doc[i] != '"' && doc[i] != '\\' {
		i++
	}
	return i
}

// escape reads one escape and appends what it stands for.
func (r *Reader) escape(out []byte) ([]byte, error) {
	at := r.pos
	if r.pos++; r.pos == len(r.doc) {
		return nil, r.unexpected("an escape")
	}
	c := r.doc[r.pos]
	if c != 'u' {
		b := simpleEscapes[c]
		if b == 0 {
			return nil, r.unexpected(`one of "\/bfnrtu after a backslash`)
		}
		r.pos++
		return append(out, b), nil
	}
	r.pos++
	u, err := r.hex4()
	if err != nil {
		return nil, err
	}
	if !utf16.IsSurrogate(rune(u)) {
		return utf8.AppendRune(out, rune(u)), nil
	}
	return r.surrogates(out, at, u)
}

// simpleEscapes maps the letter of an escape to its byte.
var simpleEscapes = [256]byte{
	'"': '"', '\\': '\\', '/': '/', 'b': '\b', 'f': '\f', 'n': '\n', 'r': '\r', 't': '\t',
}

// surrogates reads the second half of a surrogate pair, whose first half u was escaped at offset at.
func (r *Reader) surrogates(out []byte, at int, u uint16) ([]byte, error) {
	if r.pos+2 > len(r.doc) || r.doc[r.pos] != '\\' || r.doc[r.pos+1] != 'u' {
		return nil, loneSurrogate(at, u)
	}
	r.pos += 2
	v, err := r.hex4()
	if err != nil {
		return nil, err
	}
	c := utf16.DecodeRune(rune(u), rune(v))
	if c == utf8.RuneError {
		return nil, loneSurrogate(at, u)
	}
	return utf8.AppendRune(out, c), nil
}

func loneSurrogate(at int, u uint16) error {
	return syntaxError(at, "a surrogate pair", fmt.Sprintf(`the lone half \u%04x`, u))
}

// hex4 reads the four digits of a \u escape.
func (r *Reader) hex4() (u uint16, err error) {
	for range 4 {
		if r.pos == len(r.doc) || hexDigit[r.doc[r.pos]] == 0 {
			return 0, r.unexpected("four hexadecimal digits")
		}
		u = u<<4 | uint16(hexDigit[r.doc[r.pos]]-1)
		r.pos++
	}
	return u, nil
}

// hexDigit maps a hexadecimal digit to its value plus one, and all else to 0.
var hexDigit = func() (t [256]byte) {
	for i, c := range []byte("0123456789abcdef") {
		t[c] = byte(i + 1)
	}
	for i, c := range []byte("ABCDEF") {
		t[c] = byte(i + 11)
	}
	return t
}()

// AppendString appends s as a JSON string with serde_json's escapes: the short ones where they exist,
// \u00xx in lower case for other control characters, everything else as it is. A byte that is not UTF-8
// becomes U+FFFD.
func AppendString(dst []byte, s string) []byte {
	dst = append(dst, '"')
	for {
		n := plainText(s)
		dst = append(dst, s[:n]...)
		if n == len(s) {
			return append(dst, '"')
		}
		dst, s = appendEscape(dst, s[n:])
	}
}

// plainText returns how many bytes at the front of s are written as they are.
func plainText(s string) int {
	for i := 0; i < len(s); {
		c := s[i]
		if c < utf8.RuneSelf {
			if c < 0x20 || c == '"' || c == '\\' {
				return i
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return len(s)
}

// appendEscape appends the escape for the first byte of s and returns the rest of s.
func appendEscape(dst []byte, s string) ([]byte, string) {
	const hex = "0123456789abcdef"
	switch c := s[0]; {
	case c >= utf8.RuneSelf:
		return append(dst, "\uFFFD"...), s[1:]
	case shortEscapes[c] != 0:
		return append(dst, '\\', shortEscapes[c]), s[1:]
	default:
		return append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&15]), s[1:]
	}
}

// shortEscapes maps a byte to the letter of its short escape.
var shortEscapes = [utf8.RuneSelf]byte{
	'"': '"', '\\': '\\', '\b': 'b', '\f': 'f', '\n': 'n', '\r': 'r', '\t': 't',
}
