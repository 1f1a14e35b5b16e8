package tokenizer

import (
	"fmt"
	"slices"
	"unsafe"
)

// A DecodeError says which token is not in the vocabulary.
type DecodeError struct {
	Offset int   // index of the token in what was given to decode
	Token  Token // the unknown id
	size   int
}

// Error says where the fault is, what was expected and what was found.
func (e *DecodeError) Error() string {
	return fmt.Sprintf("tokenizer: token %d at offset %d is not in the vocabulary of %d ids", e.Token, e.Offset, e.size)
}

// Decode returns the bytes of the tokens one after the other; a special token gives its spelling. The bytes are exactly
// those that were encoded, which need not be valid UTF-8. The error is a *DecodeError.
func (t *Tokenizer) Decode(toks []Token) (string, error) {
	n, err := t.decodedSize(toks)
	if n == 0 {
		return "", err
	}
	b := make([]byte, n)
	t.vocab.decode(b, toks)
	return unsafe.String(&b[0], n), nil // nobody else has it
}

// AppendDecode appends the bytes of the tokens to dst, like Decode. With an error dst is returned as it was. It allocates
// nothing if dst has room for the bytes.
func (t *Tokenizer) AppendDecode(dst []byte, toks []Token) ([]byte, error) {
	n, err := t.decodedSize(toks)
	if err != nil {
		return dst, err
	}
	at := len(dst)
	dst = slices.Grow(dst, n)[:at+n]
	t.vocab.decode(dst[at:], toks)
	return dst, nil
}

// decodedSize is the number of bytes of the tokens; it is 0 with an error.
func (t *Tokenizer) decodedSize(toks []Token) (int, error) {
	off := t.vocab.off
	n := 0
	for i, tok := range toks {
		if uint64(tok)+1 >= uint64(len(off)) || off[tok] == off[tok+1] {
			return 0, &DecodeError{Offset: i, Token: tok, size: t.Size()}
		}
		n += int(off[tok+1] - off[tok])
	}
	return n, nil
}

// textPadding is the number of bytes behind the last token's in vocabulary.text, for decode to copy without asking.
const textPadding = 16

// decode writes the bytes of the tokens, all of them known, into dst, which has just their size. Tokens are copied sixteen
// bytes at a time, whatever their length, as long as that stays inside dst.
func (v *vocabulary) decode(dst []byte, toks []Token) {
	at := 0
	for i, tok := range toks {
		from, to := int(v.off[tok]), int(v.off[tok+1])
		if at+textPadding > len(dst) {
			for _, tok := range toks[i:] {
				at += copy(dst[at:], v.tokenString(tok))
			}
			return
		}
		*(*[textPadding]byte)(dst[at:]) = *(*[textPadding]byte)(v.padded[from:])
		if to-from > textPadding {
			copy(dst[at:], v.text[from:to])
		}
		at += to - from
	}
}
