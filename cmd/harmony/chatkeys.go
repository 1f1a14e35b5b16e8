package main

import (
	"bytes"
	"io"
	"unicode/utf8"
)

// lineBreak stands for a line break in the editor's line. It is what people see there.
const lineBreak = '⏎'

// keyFilter is between a terminal and the line editor, which knows lines only: it makes line breaks that do not send a prompt (those of
// pasted text, and Alt-Enter) characters of the line, spells keys as the editor knows them, and takes out what would drive the
// terminal when it is shown.
type keyFilter struct {
	in    io.Reader
	buf   [512]byte
	held  []byte // of a sequence that has not ended
	out   []byte
	err   error // comes when out is empty
	paste bool
	cr    bool // the last byte of pasted text was one
}

// maxSequence is how long the sequence of a key can be; no terminal sends longer ones.
const maxSequence = 32

// Read implements io.Reader. Ctrl-C is errInterrupted; what was typed behind it is lost.
func (k *keyFilter) Read(p []byte) (int, error) {
	for len(k.out) == 0 {
		if err := k.err; err != nil {
			k.err = nil
			return 0, err
		}
		n, err := k.in.Read(k.buf[:])
		k.held = append(k.held, k.buf[:n]...)
		k.err = err
		k.filter()
	}
	n := copy(p, k.out)
	k.out = k.out[n:]
	return n, nil
}

// filter moves what is complete from held to out.
func (k *keyFilter) filter() {
	for len(k.held) > 0 {
		n := 0
		if k.paste {
			n = k.pasted(k.held)
		} else {
			n = k.typed(k.held)
		}
		if n == 0 {
			break
		}
		k.held = k.held[min(n, len(k.held)):]
	}
	if len(k.held) == 0 {
		k.held = nil
	}
}

var (
	pasteBegin = []byte("\x1b[200~")
	pasteEnd   = []byte("\x1b[201~")
)

// pasted takes one character of pasted text, and returns its length; 0 if it is not complete.
func (k *keyFilter) pasted(b []byte) int {
	if bytes.HasPrefix(b, pasteEnd) {
		k.paste, k.cr = false, false
		k.out = append(k.out, pasteEnd...)
		return len(pasteEnd)
	}
	if b[0] == '\x1b' && len(b) < len(pasteEnd) && bytes.HasPrefix(pasteEnd, b) || !utf8.FullRune(b) {
		return 0
	}
	r, n := utf8.DecodeRune(b)
	after := k.cr
	k.cr = r == '\r'
	switch {
	case r == '\n' && after:
	case r == '\n' || r == '\r':
		k.out = utf8.AppendRune(k.out, lineBreak)
	case r == '\t':
		k.out = append(k.out, "    "...)
	case r == utf8.RuneError || hidden(r):
	default:
		k.out = append(k.out, b[:n]...)
	}
	return n
}

// typed takes one key, and returns the length of its sequence; 0 if it is not complete.
func (k *keyFilter) typed(b []byte) int {
	switch {
	case b[0] == 3: // Ctrl-C
		k.held, k.err = nil, errInterrupted
		return 0
	case b[0] != '\x1b':
		if !utf8.FullRune(b) {
			return 0
		}
		r, n := utf8.DecodeRune(b)
		if r != utf8.RuneError && (r < 0x80 || !hidden(r)) {
			k.out = append(k.out, b[:n]...)
		}
		return n
	case len(b) == 1:
		return 0
	case b[1] == '\r' || b[1] == '\n': // Alt-Enter
		k.out = utf8.AppendRune(k.out, lineBreak)
		return 2
	case b[1] == 'O': // what keys send in a mode that another program has left behind
		if len(b) < 3 {
			return 0
		}
		k.key("\x1b[" + string(b[2:3]))
		return 3
	case b[1] != '[':
		return 1 // Escape on its own, or with another key
	}
	for i := 2; i < len(b) && i < maxSequence; i++ {
		if b[i] >= 0x40 && b[i] <= 0x7e {
			k.key(string(b[:i+1]))
			return i + 1
		}
		if b[i] < 0x20 || b[i] > 0x7e {
			return i // no sequence at all
		}
	}
	if len(b) < maxSequence {
		return 0
	}
	return maxSequence
}

// key passes on a key that the editor knows, by the name it knows it by.
func (k *keyFilter) key(sequence string) {
	switch sequence {
	case "\x1b[A", "\x1b[B", "\x1b[C", "\x1b[D", "\x1b[H", "\x1b[F", "\x1b[3~", "\x1b[1;3C", "\x1b[1;3D":
		k.out = append(k.out, sequence...)
	case "\x1b[1~", "\x1b[7~":
		k.out = append(k.out, "\x1b[H"...)
	case "\x1b[4~", "\x1b[8~":
		k.out = append(k.out, "\x1b[F"...)
	case "\x1b[1;5C":
		k.out = append(k.out, "\x1b[1;3C"...)
	case "\x1b[1;5D":
		k.out = append(k.out, "\x1b[1;3D"...)
	case "\x1b[13;2u", "\x1b[13;3u", "\x1b[27;2;13~", "\x1b[27;3;13~": // Shift-Enter and Alt-Enter of terminals that tell them apart
		k.out = utf8.AppendRune(k.out, lineBreak)
	case string(pasteBegin):
		k.paste = true
		k.out = append(k.out, pasteBegin...)
	}
}
