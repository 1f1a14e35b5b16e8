package tokenizer

import (
	"unicode/utf8"

	"github.com/harmony-go/sdk/internal/lossy"
)

// A StreamDecoder turns tokens that arrive one by one into text that is valid UTF-8 at every step. A character whose bytes
// are spread over tokens is held back until it is complete, and nothing else ever is: bytes that cannot become UTF-8 are
// replaced by U+FFFD at once, one for each maximal subpart of an ill-formed sequence (Unicode 16.0, section 3.9, the rule
// of Rust's String::from_utf8_lossy and of browsers). The pieces joined are the whole output decoded lossily.
//
// The zero value is not usable; see Tokenizer.NewStreamDecoder. One goroutine at a time may use it.
type StreamDecoder struct {
	t       *Tokenizer
	n       int // tokens so far
	pending [utf8.UTFMax]byte
	held    int // bytes in pending: the beginning of a character
}

// NewStreamDecoder returns a decoder at the beginning of a stream.
func (t *Tokenizer) NewStreamDecoder() *StreamDecoder { return &StreamDecoder{t: t} }

// Push takes the next token and returns the text that is now complete, which may be empty. A token that is not in the
// vocabulary gives a *DecodeError, its Offset counted from the beginning of the stream, and changes nothing: the stream can
// go on. No memory is allocated if the token's bytes are text by themselves and nothing is held back.
func (d *StreamDecoder) Push(tok Token) (string, error) {
	s := d.t.vocab.tokenString(tok)
	if s == "" {
		return "", d.unknown(tok)
	}
	d.n++
	if d.held == 0 && utf8.ValidString(s) {
		return s, nil
	}
	return string(d.appendText(nil, s)), nil
}

// AppendPush is Push that appends the text to dst. It allocates nothing if dst has room.
func (d *StreamDecoder) AppendPush(dst []byte, tok Token) ([]byte, error) {
	s := d.t.vocab.tokenString(tok)
	if s == "" {
		return dst, d.unknown(tok)
	}
	d.n++
	return d.appendText(dst, s), nil
}

// Close ends the stream and returns what is left: "", or one U+FFFD for the beginning of a character that was never
// completed. The decoder is then at the beginning of a new stream.
func (d *StreamDecoder) Close() string {
	held := d.held
	d.n, d.held = 0, 0
	if held > 0 {
		return string(utf8.RuneError)
	}
	return ""
}

// Pending is the number of bytes held back, at most 3.
func (d *StreamDecoder) Pending() int { return d.held }

func (d *StreamDecoder) unknown(tok Token) error {
	return &DecodeError{Offset: d.n, Token: tok, size: d.t.Size()}
}

// appendText appends the text that s completes and holds the rest back. First the held bytes are completed byte by byte,
// then the remainder of s is a string of its own.
func (d *StreamDecoder) appendText(dst []byte, s string) []byte {
	for d.held > 0 && s != "" {
		p := append(d.pending[:d.held:d.held], s[0])
		if utf8.FullRune(p) {
			d.held = 0
			if r, n := utf8.DecodeRune(p); r == utf8.RuneError && n == 1 {
				dst = utf8.AppendRune(dst, utf8.RuneError) // the held bytes are a maximal subpart; s[0] begins anew
				continue
			}
			dst = append(dst, p...)
		} else {
			d.pending[d.held] = s[0]
			d.held++
		}
		s = s[1:]
	}
	for s != "" {
		n := lossy.ValidPrefix(s)
		dst = append(dst, s[:n]...)
		if s = s[n:]; s == "" {
			break
		}
		if !utf8.FullRuneInString(s) {
			d.held = copy(d.pending[:], s)
			break
		}
		dst = utf8.AppendRune(dst, utf8.RuneError)
		s = s[lossy.Subpart(s):]
	}
	return dst
}
