package tokenizer

import "fmt"

// A DecodeError says which token is not in the vocabulary.
type DecodeError struct {
	Offset int   // index of the token in what was given to decode
	Token  Token // the unknown id
	size   int
}

func (e *DecodeError) Error() string {
	return fmt.Sprintf("tokenizer: token %d at offset %d is not in the vocabulary of %d ids", e.Token, e.Offset, e.size)
}

// Decode returns the bytes of the tokens one after the other; a special token gives its spelling. The bytes are exactly
// those that were encoded, which need not be valid UTF-8. The error is a *DecodeError.
func (t *Tokenizer) Decode(toks []Token) (string, error) {
	b, err := t.AppendDecode(nil, toks)
	return string(b), err
}

// AppendDecode appends the bytes of the tokens to dst, like Decode. With an error dst is returned as it was. It allocates
// nothing if dst has room for the bytes.
func (t *Tokenizer) AppendDecode(dst []byte, toks []Token) ([]byte, error) {
	n := len(dst)
	for i, tok := range toks {
		s := t.vocab.tokenString(tok)
		if s == "" {
			return dst[:n], &DecodeError{Offset: i, Token: tok, size: t.Size()}
		}
		dst = append(dst, s...)
	}
	return dst, nil
}
